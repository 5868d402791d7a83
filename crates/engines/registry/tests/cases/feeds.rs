//! Feeds: a folder, an address and another database bring files by themselves; what goes wrong is said and nothing is lost.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use zhengtong_base::Text;
use zhengtong_blob::Blobs;
use zhengtong_db::clock::Clock as _;
use zhengtong_db::testing::{PERMIT_ALL, TestDb};
use zhengtong_db::{Actor, Shelf, jobs};
use zhengtong_egress::{Egress, Settings};
use zhengtong_registry::{
    Feed, FeedView, Feeds, LoadMode, LoadState, attach, attach_feeds, feeds, fetch_soon,
    look_at_feed,
};

use crate::loads::code;
use crate::tables::database;

const ORGANISATION: &str = "base-legal:organisation";
const HEAD: &str =
    "统一社会信用代码,name,kind,legal_representative,address,established_on,status\n";
const ID: &str = "companies";

/// A city with one feed.
pub(crate) struct City {
    pub(crate) db: TestDb,
    folder: tempfile::TempDir,
}

pub(crate) fn feed(from: &str) -> Feed {
    Feed {
        id: ID.to_owned(),
        title: Text::new("市场监管局企业库", "Companies"),
        dataset: ORGANISATION.to_owned(),
        from: from.to_owned(),
        query: String::new(),
        secret_file: PathBuf::new(),
        schedule: "*/15 * * * *".to_owned(),
        mode: LoadMode::Upsert,
        watermark: String::new(),
    }
}

impl City {
    pub(crate) async fn new(make: impl FnOnce(&Path) -> Feed, private: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path().join("files")).await.unwrap();
        std::fs::create_dir(folder.path().join("in")).unwrap();
        let settings = Settings { private: private.to_vec(), attempts: 1, ..Settings::default() };
        let feed = make(folder.path());
        assert_eq!(feed.faults(), []);
        let feeds = Feeds::new(vec![feed], Egress::new(settings).unwrap());
        let shelf = Shelf::default().with(crate::catalog()).with(blobs).with(feeds);
        Self { db: database().await.with(PERMIT_ALL, shelf), folder }
    }

    /// A city whose feed is its folder `in`.
    async fn of_folder() -> Self {
        Self::new(|folder| feed(&format!("file://{}/in", folder.display())), &[]).await
    }

    /// Puts a file down that has rested.
    fn put(&self, name: &str, bytes: &[u8]) {
        self.put_at(name, bytes, Duration::from_mins(1));
    }

    /// Puts a file down that was written to some time ago.
    fn put_at(&self, name: &str, bytes: &[u8], ago: Duration) {
        let path = self.folder.path().join("in").join(name);
        std::fs::write(&path, bytes).unwrap();
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        let now = SystemTime::from(self.db.clock.now());
        file.set_modified(now - ago).unwrap();
    }

    fn there(&self, sub: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.folder.path().join("in").join(sub)) else {
            return Vec::new();
        };
        let entries = entries.map(|entry| entry.unwrap());
        let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
        let mut names: Vec<String> =
            files.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Looks once, and does the work that follows.
    pub(crate) async fn look(&self) -> FeedView {
        look_at_feed(&self.db.db, ID).await.unwrap();
        self.work().await
    }

    async fn work(&self) -> FeedView {
        let work = attach_feeds(attach(jobs::Work::default()));
        jobs::drain(&self.db.db, &work, 200).await.unwrap();
        self.view().await
    }

    async fn view(&self) -> FeedView {
        let mut ctx = self.db.ctx(Actor::system("test")).await;
        feeds(&mut ctx).await.unwrap().remove(0)
    }

    pub(crate) async fn rows(&self) -> i64 {
        let rows = sqlx::query_scalar("SELECT count(*) FROM registry.\"base-legal:organisation\"");
        rows.fetch_one(self.db.db.pool()).await.unwrap()
    }
}

fn line(number: u32, name: &str, day: &str) -> String {
    format!("{},{name},10,示例甲,某路{number}号,{day},1\n", code(number))
}

fn file(numbers: std::ops::RangeInclusive<u32>) -> Vec<u8> {
    let mut text = HEAD.to_owned();
    text.extend(numbers.map(|number| line(number, "示例一", "2020-01-02")));
    text.into_bytes()
}

#[tokio::test]
async fn files_of_a_folder_are_taken_in_the_order_of_their_names_and_put_aside() {
    let city = City::of_folder().await;
    city.put("2-b.csv", &file(5..=9));
    city.put("1-a.csv", &file(1..=6));
    city.put("3.csv.part", &file(20..=29));
    // Somebody still writes this one.
    city.put_at("0.csv", &file(30..=39), Duration::from_secs(1));
    std::os::unix::fs::symlink("/etc/hostname", city.folder.path().join("in/00.csv")).unwrap();
    // The second follows the first without waiting for its time.
    let view = city.look().await;
    assert_eq!(city.rows().await, 9);
    assert_eq!(city.there("taken"), ["1-1-a.csv", "2-2-b.csv"]);
    assert_eq!(city.there(""), ["0.csv", "3.csv.part"]);
    let load = view.load.unwrap();
    assert_eq!(
        (load.number, load.state, load.source.as_str()),
        (2, LoadState::Done, "市场监管局企业库")
    );
    assert_eq!(view.state.unwrap().error, None);
}

#[tokio::test]
async fn the_same_file_once_more_makes_no_load() {
    let city = City::of_folder().await;
    city.put("a.csv", &file(1..=3));
    assert_eq!(city.look().await.load.unwrap().number, 1);
    city.put("again.csv", &file(1..=3));
    let view = city.look().await;
    assert_eq!(view.load.unwrap().number, 1);
    assert_eq!(city.there("taken"), ["1-a.csv", "1-again.csv"]);
}

#[tokio::test]
async fn a_file_that_is_no_table_is_put_aside_with_the_reason_and_the_next_is_taken() {
    let city = City::of_folder().await;
    city.put("1.csv", b"PK\x03\x04 no workbook");
    city.put("2.csv", &file(1..=3));
    let view = city.look().await;
    let state = view.state.unwrap();
    let error = state.error.unwrap();
    assert!(!error.zh.is_empty() && !error.en.is_empty());
    assert_eq!(city.there("refused"), ["1.csv", "1.csv.txt"]);
    let reason = std::fs::read_to_string(city.folder.path().join("in/refused/1.csv.txt")).unwrap();
    assert!(reason.contains(&error.zh), "{reason}");
    assert!(state.failing_since.is_some());
    let view = city.look().await;
    assert_eq!((city.rows().await, view.state.unwrap().error), (3, None));
}

#[tokio::test]
async fn columns_that_nobody_knows_wait_for_a_steward_and_nothing_passes_them() {
    let city = City::of_folder().await;
    city.put("1.csv", "甲,乙\n1,2\n".as_bytes());
    city.put("2.csv", &file(1..=3));
    let view = city.look().await;
    assert_eq!(view.load.unwrap().state, LoadState::Draft);
    let view = city.look().await;
    let load = view.load.unwrap();
    assert_eq!((load.number, load.state), (1, LoadState::Draft));
    assert_eq!((city.rows().await, city.there("")), (0, vec!["2.csv".to_owned()]));
    // The steward sets it aside; the next file comes.
    let mut ctx = city.db.ctx(Actor::system("test")).await;
    zhengtong_registry::cancel_load(&mut ctx, 1).await.unwrap();
    ctx.commit().await.unwrap();
    city.look().await;
    assert_eq!(city.rows().await, 3);
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_said_and_tried_again() {
    let city = City::of_folder().await;
    std::fs::remove_dir(city.folder.path().join("in")).unwrap();
    let first = city.look().await.state.unwrap();
    assert!(first.error.as_ref().unwrap().zh.contains("读不了"), "{first:?}");
    city.db.clock.advance(time::Duration::hours(1));
    let later = city.look().await.state.unwrap();
    assert_eq!(later.failing_since, first.failing_since);
    assert!(later.looked > first.looked);
    std::fs::create_dir(city.folder.path().join("in")).unwrap();
    let sound = city.look().await.state.unwrap();
    assert_eq!((sound.error, sound.failing_since), (None, None));
}

#[tokio::test]
async fn a_feed_is_looked_at_when_its_time_comes_or_when_somebody_says_so() {
    let city = City::of_folder().await;
    let work = attach_feeds(attach(jobs::Work::default()));
    city.put("a.csv", &file(1..=3));
    // It was never looked at, so the first look is at once; then every quarter of an hour.
    let mut looks = Vec::new();
    for _ in 0..40 {
        jobs::cron(&city.db.db, &work).await.unwrap();
        looks.push(city.work().await.state.map(|state| state.looked));
        city.db.clock.advance(time::Duration::minutes(1));
    }
    looks.dedup();
    let times = looks.iter().flatten().count();
    assert!((3..=4).contains(&times), "{looks:?}");
    assert_eq!(city.rows().await, 3);

    city.put("b.csv", &file(4..=5));
    let mut ctx = city.db.ctx(Actor::system("test")).await;
    fetch_soon(&mut ctx, ID).await.unwrap();
    let absent = fetch_soon(&mut ctx, "nothing").await.unwrap_err();
    assert!(zhengtong_base::Failure::text(&absent).zh.contains("nothing"));
    ctx.commit().await.unwrap();
    city.work().await;
    assert_eq!(city.rows().await, 5);
}

/// What a system of a department answers: status, version, body.
type Said = (u16, &'static str, Vec<u8>);

/// A system that answers what it is told to, and keeps what it was asked.
#[derive(Clone, Default)]
struct Far {
    say: Arc<Mutex<Said>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Far {
    async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let far = self.clone();
        tokio::spawn(async move {
            while let Ok((mut line, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                    if line.read_buf(&mut head).await.unwrap() == 0 {
                        break;
                    }
                }
                far.asked.lock().unwrap().push(String::from_utf8(head).unwrap());
                let (status, tag, body) = far.say.lock().unwrap().clone();
                let answer = format!(
                    "HTTP/1.1 {status} X\r\ncontent-length: {}\r\netag: {tag}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                line.write_all(answer.as_bytes()).await.unwrap();
                line.write_all(&body).await.unwrap();
            }
        });
        address
    }

    fn say(&self, status: u16, tag: &'static str, body: Vec<u8>) {
        *self.say.lock().unwrap() = (status, tag, body);
    }

    fn last(&self) -> String {
        self.asked.lock().unwrap().last().cloned().unwrap()
    }
}

#[tokio::test]
async fn an_address_is_asked_for_what_is_new_with_the_secret_and_the_version() {
    let far = Far::default();
    let address = far.start().await;
    let from = format!("http://{address}/out/companies.csv?after={{since}}");
    let make = |folder: &Path| {
        let secret = folder.join("secret");
        std::fs::write(&secret, "Bearer one-two\n").unwrap();
        Feed {
            secret_file: secret,
            mode: LoadMode::Incremental,
            watermark: "established_on".to_owned(),
            ..feed(&from)
        }
    };
    let city = City::new(make, &[address]).await;
    far.say(200, "\"v1\"", file(1..=3));
    let view = city.look().await;
    assert_eq!(city.rows().await, 3);
    assert_eq!(view.load.unwrap().file_name, "companies.csv");
    assert!(far.last().starts_with("GET /out/companies.csv?after= "), "{}", far.last());
    assert!(far.last().to_lowercase().contains("authorization: bearer one-two"));

    far.say(304, "\"v1\"", Vec::new());
    let view = city.look().await;
    assert_eq!((view.load.unwrap().number, view.state.unwrap().error), (1, None));
    assert!(
        far.last().starts_with("GET /out/companies.csv?after=2020%2D01%2D02 "),
        "{}",
        far.last()
    );
    assert!(far.last().to_lowercase().contains("if-none-match: \"v1\""));

    far.say(404, "", b"none".to_vec());
    let error = city.look().await.state.unwrap().error.unwrap();
    assert!(error.zh.contains("404") && error.en.contains("404"), "{error:?}");
    far.say(302, "", Vec::new());
    assert!(city.look().await.state.unwrap().error.unwrap().zh.contains("302"));
    // A page of words where a table was meant.
    far.say(200, "\"v2\"", b"<html><body>log in first</body></html>".to_vec());
    let view = city.look().await;
    let draft = view.load.as_ref().is_some_and(|load| load.state == LoadState::Draft);
    assert!(draft || view.state.unwrap().error.is_some());
    assert_eq!(city.rows().await, 3);
}

#[tokio::test]
async fn an_address_that_is_not_on_the_list_is_never_called() {
    let far = Far::default();
    let address = far.start().await;
    far.say(200, "", file(1..=3));
    let from = format!("http://{address}/a.csv");
    let city = City::new(|_| feed(&from), &[]).await;
    let error = city.look().await.state.unwrap().error.unwrap();
    assert!(error.zh.contains("允许名单"), "{error:?}");
    assert!(far.asked.lock().unwrap().is_empty());
}

/// A database of a department, with a table of companies.
async fn department(rows: std::ops::RangeInclusive<u32>) -> (TestDb, String) {
    let far = TestDb::new(&[zhengtong_db::SCHEMA]).await;
    let pool = far.db.pool();
    sqlx::raw_sql("CREATE TABLE public.company (code text, name text, changed date)")
        .execute(pool)
        .await
        .unwrap();
    for number in rows {
        add(&far, number).await;
    }
    let url = far.url.clone();
    (far, url)
}

async fn add(far: &TestDb, number: u32) {
    sqlx::query("INSERT INTO public.company VALUES ($1, $2, '2020-01-01'::date + $3)")
        .bind(code(number))
        .bind(format!("示例'{number},公司"))
        .bind(i32::try_from(number).unwrap())
        .execute(far.db.pool())
        .await
        .unwrap();
}

const QUERY: &str = "SELECT code AS credit_code, name, '10' AS kind, '示例甲' AS legal_representative, '某路1号' AS address,
    changed AS established_on, '1' AS status
    FROM public.company WHERE {since} IS NULL OR changed > {since} ORDER BY changed";

#[tokio::test]
async fn another_database_is_asked_for_what_is_new_and_cannot_be_written() {
    let (far, url) = department(1..=4).await;
    let make = |_: &Path| Feed {
        query: QUERY.to_owned(),
        mode: LoadMode::Incremental,
        watermark: "established_on".to_owned(),
        ..feed(&url)
    };
    let city = City::new(make, &[]).await;
    let view = city.look().await;
    assert_eq!(view.state.as_ref().unwrap().error, None);
    assert_eq!(city.rows().await, 4);
    // Nothing new is no failure and no load.
    assert_eq!(city.look().await.load.unwrap().number, 1);
    add(&far, 5).await;
    add(&far, 6).await;
    let load = city.look().await.load.unwrap();
    assert_eq!((load.number, load.counts().read, load.counts().created), (2, 2, 2));
    assert_eq!(city.rows().await, 6);

    // A question that would write is refused by the database itself.
    let query = "WITH gone AS (DELETE FROM public.company RETURNING *) SELECT code FROM gone";
    let make = |_: &Path| Feed { query: query.to_owned(), ..feed(&url) };
    let error = City::new(make, &[]).await.look().await.state.unwrap().error.unwrap();
    assert!(error.en.contains("read-only"), "{error:?}");
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM public.company")
        .fetch_one(far.db.pool())
        .await
        .unwrap();
    assert_eq!(left, 6);
}

#[tokio::test]
async fn a_database_without_a_row_ends_no_record() {
    let (far, url) = department(1..=2).await;
    let make = |_: &Path| Feed {
        query: QUERY.replace("{since}", "NULL"),
        mode: LoadMode::Full,
        ..feed(&url)
    };
    let city = City::new(make, &[]).await;
    city.look().await;
    assert_eq!(city.rows().await, 2);
    sqlx::raw_sql("DELETE FROM public.company").execute(far.db.pool()).await.unwrap();
    let error = city.look().await.state.unwrap().error.unwrap();
    assert!(error.zh.contains("没有结束任何记录"), "{error:?}");
    assert_eq!(city.rows().await, 2);
}

#[tokio::test]
async fn a_database_that_is_not_on_the_list_is_never_called() {
    let make = |_: &Path| Feed {
        query: "SELECT 1".to_owned(),
        ..feed("postgresql://reader@127.0.0.1:1/far")
    };
    let error = City::new(make, &[]).await.look().await.state.unwrap().error.unwrap();
    assert!(error.zh.contains("egress.private"), "{error:?}");
    let listed = City::new(make, &["127.0.0.1:1".to_owned()]).await;
    let error = listed.look().await.state.unwrap().error.unwrap();
    assert!(error.zh.contains("数据库没有答"), "{error:?}");
}
