//! Loads: a file becomes records as a whole or not at all, whatever happens on the way; every bad row is kept.

use std::io::{Cursor, Write as _};

use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;
use zhengtong_base::{Failure as _, Kind, Paging};
use zhengtong_blob::Blobs;
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, Ctx};
use zhengtong_registry::{
    Confirmed, Error, Load, LoadMode, LoadState, Loader, NewLoad, Origin, Purpose, Step,
    begin_load, cancel_load, confirm_load, history, load_faults, load_of, loads, lookup,
    preview_load, put, step,
};

use crate::tables::database;

const ORGANISATION: &str = "base-legal:organisation";
const RESIDENT: &str = "base-population:resident";
const LICENCE: &str = "base-legal:business_licence";
const HEAD: &str =
    "统一社会信用代码,name,kind,legal_representative,address,established_on,status\n";

/// A city with a folder of files.
pub(crate) struct City {
    pub(crate) db: TestDb,
    blobs: Blobs,
    _folder: tempfile::TempDir,
}

async fn city() -> City {
    city_of(database().await).await
}

/// A city with a database of its own.
pub(crate) async fn city_of(db: TestDb) -> City {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    City { db, blobs, _folder: folder }
}

/// Credit codes that pass their check digit.
pub(crate) fn code(number: u32) -> String {
    let body = format!("91330106MA{number:07}");
    let check = zhengtong_base::code::CreditCode::check_char(&body).unwrap();
    format!("{body}{check}")
}

fn line(number: u32, name: &str) -> String {
    format!("{},{name},10,示例甲,某路{number}号,2020-01-02,1\n", code(number))
}

impl City {
    pub(crate) async fn ctx(&self) -> Ctx {
        self.db.ctx(Actor::system("test")).await
    }

    /// Brings a file and confirms the guessed mapping.
    async fn bring(&self, dataset: &str, bytes: &[u8], mode: LoadMode) -> Load {
        self.bring_by(dataset, bytes, mode, None).await
    }

    async fn bring_by(
        &self,
        dataset: &str,
        bytes: &[u8],
        mode: LoadMode,
        watermark: Option<&str>,
    ) -> Load {
        let load = self.draft(dataset, bytes).await;
        let mut ctx = self.ctx().await;
        let confirmed = Confirmed {
            mapping: load.mapping.clone(),
            mode,
            watermark: watermark.map(str::to_owned),
        };
        let load = confirm_load(&mut ctx, load.number, &confirmed).await.unwrap();
        ctx.commit().await.unwrap();
        load
    }

    async fn draft(&self, dataset: &str, bytes: &[u8]) -> Load {
        let stored = self.blobs.put(Cursor::new(bytes), u64::MAX).await.unwrap();
        let new = NewLoad {
            file: stored.digest.to_string(),
            file_name: "名单.csv".to_owned(),
            source: "市场监管局".to_owned(),
        };
        let mut ctx = self.ctx().await;
        let load = begin_load(&mut ctx, &self.blobs, dataset, &new).await.unwrap();
        ctx.commit().await.unwrap();
        load
    }

    /// One step by a worker.
    async fn step(&self, loader: &mut Loader, load: &Load) -> Step {
        let mut ctx = self.ctx().await;
        let done = step(&mut ctx, &self.blobs, loader, load.id).await.unwrap();
        ctx.commit().await.unwrap();
        done
    }

    async fn finish(&self, load: &Load) -> Load {
        let mut loader = Loader::default();
        for _ in 0..200 {
            if self.step(&mut loader, load).await == Step::Over {
                break;
            }
        }
        let mut ctx = self.ctx().await;
        load_of(&mut ctx, load.number).await.unwrap()
    }

    pub(crate) async fn load(&self, dataset: &str, bytes: &[u8], mode: LoadMode) -> Load {
        let load = self.bring(dataset, bytes, mode).await;
        self.finish(&load).await
    }

    /// When the newest record came, and when something arrived last.
    async fn arrived(&self, dataset: &str) -> (OffsetDateTime, OffsetDateTime) {
        let all = zhengtong_registry::count(&mut self.ctx().await).await.unwrap();
        let one = all.into_iter().find(|one| one.dataset == dataset).unwrap();
        (one.updated.unwrap(), one.arrived.unwrap())
    }

    async fn rows(&self, dataset: &str) -> i64 {
        count(self.ctx().await.conn(), dataset).await
    }
}

async fn count(conn: &mut PgConnection, dataset: &str) -> i64 {
    let statement = format!("SELECT count(*) FROM registry.\"{dataset}\"");
    sqlx::query_scalar(zhengtong_db::sql::trusted(statement)).fetch_one(conn).await.unwrap()
}

fn file(rows: impl IntoIterator<Item = String>) -> Vec<u8> {
    let mut text = HEAD.to_owned();
    text.extend(rows);
    text.into_bytes()
}

/// New, changed, the same, ended, faulty.
fn counts(load: &Load) -> (i64, i64, i64, i64, i64) {
    let counts = load.counts();
    (counts.created, counts.changed, counts.same, counts.ended, counts.faulty)
}

#[tokio::test]
async fn a_file_becomes_records_and_the_same_file_changes_nothing() {
    let city = city().await;
    let bytes = file((1..=30).map(|n| line(n, "示例一")));
    let load = city.load(ORGANISATION, &bytes, LoadMode::Upsert).await;
    assert_eq!((load.state, counts(&load)), (LoadState::Done, (30, 0, 0, 0, 0)));
    assert_eq!(city.rows(ORGANISATION).await, 30);
    let first = city.arrived(ORGANISATION).await;
    city.db.clock.advance(time::Duration::days(3));
    let again = city.load(ORGANISATION, &bytes, LoadMode::Upsert).await;
    assert_eq!((again.repeats, counts(&again)), (Some(load.number), (0, 0, 30, 0, 0)));
    // A file that says what is known already has arrived all the same.
    let last = city.arrived(ORGANISATION).await;
    assert_eq!((last.0, last.1 - first.1), (first.0, time::Duration::days(3)));
    assert!(again.changed_nothing());

    let mut ctx = city.ctx().await;
    let key = code(7);
    let key = [("credit_code", key.as_str())];
    let found = lookup(&mut ctx, ORGANISATION, &key, &Purpose::new("x")).await.unwrap().unwrap();
    assert_eq!((found.source.as_str(), &found.values["name"]), ("市场监管局", &json!("示例一")));
    assert!(history(&mut ctx, ORGANISATION, &key, &Purpose::new("x")).await.unwrap().is_empty());
    let left: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'registry' AND tablename LIKE '\\_load%'",
    )
    .fetch_one(ctx.conn())
    .await
    .unwrap();
    assert_eq!(left, 0);
    let events: i64 =
        sqlx::query_scalar("SELECT count(*) FROM db.outbox WHERE topic = 'registry.load'")
            .fetch_one(ctx.conn())
            .await
            .unwrap();
    assert_eq!(events, 2);
    let page = loads(&mut ctx, Some(ORGANISATION), Paging::new(1, 10)).await.unwrap();
    assert_eq!(page.total, 2);
}

#[tokio::test]
async fn what_changed_keeps_its_past_and_fields_outside_the_file_stay() {
    let city = city().await;
    let mut ctx = city.ctx().await;
    let mut record = std::collections::BTreeMap::new();
    for (name, value) in [
        ("credit_code", code(1)),
        ("name", "旧名".into()),
        ("kind", "10".into()),
        ("legal_representative", "示例乙".into()),
        ("address", "旧址".into()),
        ("established_on", "2019-01-01".into()),
        ("status", "1".into()),
        ("registered_capital", "120.50".into()),
    ] {
        record.insert(name.to_owned(), json!(value));
    }
    put(&mut ctx, ORGANISATION, &record, &Origin::new("登记")).await.unwrap();
    ctx.commit().await.unwrap();
    city.db.clock.advance(time::Duration::hours(1));
    let load = city
        .load(ORGANISATION, &file([line(1, "新名"), line(2, "另一家")]), LoadMode::Upsert)
        .await;
    assert_eq!(counts(&load), (1, 1, 0, 0, 0));
    let mut ctx = city.ctx().await;
    let (key, why) = (code(1), Purpose::new("x"));
    let key = [("credit_code", key.as_str())];
    let now = lookup(&mut ctx, ORGANISATION, &key, &why).await.unwrap().unwrap();
    assert_eq!(now.values["name"], json!("新名"));
    assert_eq!(now.values["registered_capital"], json!(120.5));
    let past = history(&mut ctx, ORGANISATION, &key, &why).await.unwrap();
    assert_eq!((past.len(), &past[0].values["name"]), (1, &json!("旧名")));
    assert_eq!(past[0].values["legal_representative"], json!("示例乙"));
}

#[tokio::test]
async fn every_bad_row_is_kept_with_its_reason() {
    let city = city().await;
    let bad = |changes: &str| format!("{},{changes}\n", code(50));
    let rows = [
        line(1, "好"),
        line(1, "重复"),
        "91330106MA0000001X,校验错,10,甲,某路,2020-01-02,1\n".to_owned(),
        bad("类型错,99,甲,某路,2020-01-02,1"),
        bad("日期错,10,甲,某路,2020-02-30,1"),
        format!("{},,10,甲,某路,2020-01-02,1\n", code(51)),
        bad("将来,10,甲,某路,2999-01-02,1"),
        bad("少一列,10,甲"),
        ",没有主键,10,甲,某路,2020-01-02,1\n".to_owned(),
        "\"引号,10\n".to_owned(),
        line(2, "好"),
    ];
    let load = city.load(ORGANISATION, &file(rows), LoadMode::Upsert).await;
    assert_eq!(counts(&load), (2, 0, 0, 0, 9));
    let mut ctx = city.ctx().await;
    let faults = load_faults(&mut ctx, load.number, 0, 100).await.unwrap();
    let found: Vec<(i64, Option<&str>)> =
        faults.iter().map(|fault| (fault.line, fault.field.as_deref())).collect();
    assert_eq!(
        found,
        [
            (3, None),
            (4, Some("credit_code")),
            (5, Some("kind")),
            (6, Some("established_on")),
            (7, Some("name")),
            (8, Some("established_on")),
            (9, None),
            (10, Some("credit_code")),
            (11, None),
        ]
    );
    assert!(faults.iter().all(|fault| !fault.reason.zh.is_empty() && !fault.reason.en.is_empty()));
    assert!(faults[0].raw.contains("重复") && faults[8].raw.contains("引号"));
    let plain: i64 =
        sqlx::query_scalar("SELECT count(*) FROM registry.load_fault WHERE raw LIKE '%重复%'")
            .fetch_one(ctx.conn())
            .await
            .unwrap();
    assert_eq!(plain, 0);
}

#[tokio::test]
async fn a_reference_must_be_there() {
    let city = city().await;
    city.load(ORGANISATION, &file([line(1, "有")]), LoadMode::Upsert).await;
    let head = "credit_code,holder,issued_on,valid_from,valid_to,status\n";
    let row = |number: u32, to: &str| format!("{},某,2020-01-02,2020-01-02,{to},1\n", code(number));
    let text = [head.to_owned(), row(1, "2030-01-01"), row(2, "2030-01-01")].concat();
    let load = city.load(LICENCE, text.as_bytes(), LoadMode::Upsert).await;
    assert_eq!(counts(&load), (1, 0, 0, 0, 1));
    let faults = load_faults(&mut city.ctx().await, load.number, 0, 10).await.unwrap();
    assert!(faults[0].reason.zh.contains("没有这条记录"));
}

#[tokio::test]
async fn a_full_file_ends_what_it_does_not_hold() {
    let city = city().await;
    city.load(ORGANISATION, &file((1..=4).map(|n| line(n, "甲"))), LoadMode::Full).await;
    city.db.clock.advance(time::Duration::hours(1));
    // A row that names a record and is wrong is no end of it.
    let wrong = format!("{},甲,99,甲,某路,2020-01-02,1\n", code(3));
    let load =
        city.load(ORGANISATION, &file([line(1, "甲"), line(2, "乙"), wrong]), LoadMode::Full).await;
    assert_eq!(counts(&load), (0, 1, 1, 1, 1));
    assert_eq!(city.rows(ORGANISATION).await, 3);
    let mut ctx = city.ctx().await;
    let past: (i64, i64) = sqlx::query_as("SELECT count(*), count(ended_key) FROM registry.past")
        .fetch_one(ctx.conn())
        .await
        .unwrap();
    // Two versions of before, and that one record ended.
    assert_eq!(past, (3, 1));
    drop(ctx);
    // A row that nobody can read might be any record: then nothing ends.
    let load =
        city.load(ORGANISATION, &file([line(1, "甲"), "坏\n".to_owned()]), LoadMode::Full).await;
    assert_eq!(counts(&load), (0, 0, 1, 0, 1));
    assert!(load.ended_nobody());
    assert_eq!(city.rows(ORGANISATION).await, 3);
}

#[tokio::test]
async fn an_incremental_file_passes_over_what_came_before() {
    let city = city().await;
    let row = |number: u32, day: &str| format!("{},甲,10,甲,某路,{day},1\n", code(number));
    let first = file([row(1, "2020-01-01"), row(2, "2020-03-01")]);
    let mark = Some("established_on");
    let load = city.bring_by(ORGANISATION, &first, LoadMode::Incremental, mark).await;
    assert_eq!(counts(&city.finish(&load).await), (2, 0, 0, 0, 0));
    let second = file([row(2, "2020-03-01"), row(3, "2020-02-01"), row(4, "2020-04-01")]);
    let load = city.bring_by(ORGANISATION, &second, LoadMode::Incremental, mark).await;
    assert_eq!(load.since.as_deref(), Some("2020-03-01"));
    let load = city.finish(&load).await;
    assert_eq!((counts(&load), load.counts().skipped), ((1, 0, 0, 0, 0), 2));
}

/// Enough rows for several steps.
fn long(rows: u32) -> Vec<u8> {
    let filler = "长".repeat(60);
    file((1..=rows).map(|n| {
        if n % 1_000 == 0 { "坏的一行\n".to_owned() } else { line(n, &format!("{filler}{n}")) }
    }))
}

#[tokio::test]
async fn a_load_that_was_killed_goes_on_and_nothing_is_seen_before_the_end() {
    let city = city().await;
    let bytes = long(24_000);
    let load = city.bring(ORGANISATION, &bytes, LoadMode::Upsert).await;
    let mut steps = 0;
    loop {
        // A new worker for each step: whoever had the load before was killed, and once in the middle of a step.
        let mut ctx = city.ctx().await;
        step(&mut ctx, &city.blobs, &mut Loader::default(), load.id).await.unwrap();
        drop(ctx);
        assert_eq!(city.rows(ORGANISATION).await, 0);
        if city.step(&mut Loader::default(), &load).await == Step::Over {
            break;
        }
        steps += 1;
    }
    assert!(steps >= 3, "{steps}");
    let load = load_of(&mut city.ctx().await, load.number).await.unwrap();
    assert_eq!(counts(&load), (23_976, 0, 0, 0, 24));
    assert_eq!(city.rows(ORGANISATION).await, 23_976);
    let faults = load_faults(&mut city.ctx().await, load.number, 20, 100).await.unwrap();
    assert_eq!(
        faults.iter().map(|fault| fault.line).collect::<Vec<_>>(),
        [21_001, 22_001, 23_001, 24_001]
    );
}

#[tokio::test]
async fn a_load_begins_anew_when_its_rows_are_lost_or_overtaken() {
    let city = city().await;
    let load = city.bring(ORGANISATION, &long(12_000), LoadMode::Upsert).await;
    let mut loader = Loader::default();
    city.step(&mut loader, &load).await;
    city.step(&mut loader, &load).await;
    // What a fall of the database does to a table without a log.
    let mut ctx = city.ctx().await;
    let statement = format!("TRUNCATE registry.\"_load_{}\"", load.number);
    sqlx::query(zhengtong_db::sql::trusted(statement)).execute(ctx.conn()).await.unwrap();
    ctx.commit().await.unwrap();
    let load = city.finish(&load).await;
    assert_eq!(counts(&load), (11_988, 0, 0, 0, 12));

    let load = city
        .bring(ORGANISATION, &file([line(3, "新名"), line(99_999, "新的")]), LoadMode::Upsert)
        .await;
    let mut loader = Loader::default();
    city.step(&mut loader, &load).await;
    city.step(&mut loader, &load).await;
    city.db.clock.advance(time::Duration::minutes(1));
    let mut ctx = city.ctx().await;
    let change =
        [("credit_code".to_owned(), json!(code(3))), ("name".to_owned(), json!("别人改的"))];
    put(&mut ctx, ORGANISATION, &change.into_iter().collect(), &Origin::new("x")).await.unwrap();
    ctx.commit().await.unwrap();
    let load = city.finish(&load).await;
    assert_eq!((load.state, counts(&load)), (LoadState::Done, (1, 1, 0, 0, 0)));
    let (key, mut ctx) = (code(3), city.ctx().await);
    let key = [("credit_code", key.as_str())];
    let past = history(&mut ctx, ORGANISATION, &key, &Purpose::new("x")).await.unwrap();
    assert_eq!(past[0].values["name"], json!("别人改的"));
}

/// The indexes of a table with their constraints, and whether each can be used.
async fn indexes(city: &City) -> Vec<(String, Option<String>, bool)> {
    sqlx::query_as(
        "SELECT pg_get_indexdef(i.indexrelid), pg_get_constraintdef(c.oid), i.indisvalid
         FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid
         WHERE i.indrelid = 'registry.\"base-legal:organisation\"'::regclass ORDER BY 1",
    )
    .fetch_all(city.db.db.pool())
    .await
    .unwrap()
}

#[tokio::test]
async fn the_first_load_of_many_rows_leaves_every_index_as_it_was_also_beside_a_reader() {
    let bytes = long(21_000);
    for read in [false, true] {
        let city = city().await;
        let before = indexes(&city).await;
        assert!(before.len() > 2 && before.iter().any(|(_, of, _)| of.is_some()), "{before:?}");
        let mut reader = city.ctx().await;
        if read {
            // Somebody who has looked at the empty table and is not done yet is not waited for.
            assert_eq!(count(reader.conn(), ORGANISATION).await, 0);
        }
        let load = city.load(ORGANISATION, &bytes, LoadMode::Upsert).await;
        assert_eq!((load.state, counts(&load)), (LoadState::Done, (20_979, 0, 0, 0, 21)));
        assert_eq!(indexes(&city).await, before, "{read}");
        assert_eq!(city.rows(ORGANISATION).await, 20_979);
    }
}

#[tokio::test]
async fn sealed_fields_are_compared_and_stay_sealed() {
    let city = city().await;
    let text = "公民身份号码,姓名,sex,birth_date,household_address\n11010519491231002X,示例甲,女性,19491231,某路1号\n";
    let load = city.load(RESIDENT, text.as_bytes(), LoadMode::Upsert).await;
    assert_eq!(counts(&load), (1, 0, 0, 0, 0), "{load:?}");
    let again = city.load(RESIDENT, text.as_bytes(), LoadMode::Upsert).await;
    assert_eq!(counts(&again), (0, 0, 1, 0, 0));
    let other = text.replace("示例甲", "示例乙");
    let changed = city.load(RESIDENT, other.as_bytes(), LoadMode::Upsert).await;
    assert_eq!(counts(&changed), (0, 1, 0, 0, 0));
    let mut ctx = city.ctx().await;
    let key = [("id_number", "11010519491231002X")];
    let now = lookup(&mut ctx, RESIDENT, &key, &Purpose::new("x")).await.unwrap().unwrap();
    assert_eq!((&now.values["name"], &now.values["sex"]), (&json!("示例乙"), &json!("2")));
    let past = history(&mut ctx, RESIDENT, &key, &Purpose::new("x")).await.unwrap();
    assert_eq!(past[0].values["name"], json!("示例甲"));
}

#[tokio::test]
async fn a_preview_is_masked_and_a_mapping_is_checked() {
    let city = city().await;
    let text = "公民身份号码,姓名,别的\n11010519491231002X,示例甲,私事\n";
    let load = city.draft(RESIDENT, text.as_bytes()).await;
    let mut ctx = city.ctx().await;
    let preview = preview_load(&mut ctx, &city.blobs, load.number).await.unwrap();
    assert_eq!(preview.rows, [["1101**********002X", "示**", "私*"]]);
    assert_eq!(preview.load.mapping, [Some("id_number".to_owned()), Some("name".to_owned()), None]);
    let confirm = |mapping: [Option<&str>; 3], mode| Confirmed {
        mapping: mapping.iter().map(|name| name.map(str::to_owned)).collect(),
        mode,
        watermark: None,
    };
    for (mapping, mode, field) in [
        ([Some("id_number"), Some("name"), Some("name")], LoadMode::Upsert, "name"),
        ([None, Some("name"), None], LoadMode::Upsert, "id_number"),
        ([Some("nothing"), None, None], LoadMode::Upsert, "nothing"),
        ([Some("id_number"), None, None], LoadMode::Incremental, "watermark"),
    ] {
        let error = confirm_load(&mut ctx, load.number, &confirm(mapping, mode)).await.unwrap_err();
        assert_eq!(error.fields()[0].field, field);
    }
    cancel_load(&mut ctx, load.number).await.unwrap();
    let mapping = confirm([Some("id_number"), None, None], LoadMode::Upsert);
    let error = confirm_load(&mut ctx, load.number, &mapping).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    assert!(matches!(load_of(&mut ctx, 99).await.unwrap_err(), Error::NoLoad(99)));
}

#[tokio::test]
async fn workbooks_and_json_are_loaded_too() {
    let city = city().await;
    let names = [
        "credit_code",
        "name",
        "kind",
        "legal_representative",
        "address",
        "established_on",
        "status",
    ];
    let header: Vec<String> = names.map(str::to_owned).to_vec();
    let cells = |number: u32| -> Vec<zhengtong_tabular::Cell> {
        line(number, "甲")
            .trim()
            .split(',')
            .map(|f| zhengtong_tabular::Cell::Text(f.to_owned()))
            .collect()
    };
    let rows: Vec<Vec<zhengtong_tabular::Cell>> = (1..=5).map(cells).collect();
    let book = zhengtong_tabular::write_xlsx("名单", &header, &rows).unwrap();
    let load = city.load(ORGANISATION, &book, LoadMode::Upsert).await;
    assert_eq!((load.state, counts(&load)), (LoadState::Done, (5, 0, 0, 0, 0)));
    let text = zhengtong_tabular::write_json(&header, &rows);
    let load = city.load(ORGANISATION, &text, LoadMode::Upsert).await;
    assert_eq!(counts(&load), (0, 0, 5, 0, 0));
}

#[tokio::test]
async fn a_file_of_mixed_encodings_with_a_mark_and_a_nul_loses_its_bad_rows_and_no_others() {
    let city = city().await;
    let mut bytes = "\u{feff}".as_bytes().to_vec();
    bytes.extend(file([line(1, "好")]));
    // Words in GB 18030 among rows in UTF-8.
    let words = b"\xca\xbe\xc0\xfd";
    for part in [code(2).as_bytes(), b",", words, b",10,", words, b",Road 2,2020-01-02,1\n"] {
        bytes.extend_from_slice(part);
    }
    bytes.extend(line(3, "空\0字符").into_bytes());
    bytes.extend(line(4, "\"引号没有关\n").into_bytes());
    bytes.extend(line(5, "好").into_bytes());
    let load = city.load(ORGANISATION, &bytes, LoadMode::Upsert).await;
    assert_eq!((load.state, counts(&load)), (LoadState::Done, (2, 0, 0, 0, 4)));
    let mut ctx = city.ctx().await;
    let faults = load_faults(&mut ctx, load.number, 0, 100).await.unwrap();
    let said: Vec<(i64, &str)> =
        faults.iter().map(|fault| (fault.line, fault.reason.en.as_str())).collect();
    let expected = [(3, "GB 18030"), (4, "NUL"), (5, "not closed"), (6, "fields")];
    for ((line, said), (place, words)) in said.iter().zip(expected) {
        assert!(*line == place && said.contains(words), "{line} {said}");
    }
    assert!(faults.iter().all(|fault| !fault.reason.zh.is_empty()));
    assert_eq!(city.rows(ORGANISATION).await, 2);
}

#[tokio::test]
async fn numbers_that_fail_their_check_and_days_that_are_none_are_kept_out_with_the_reason() {
    let city = city().await;
    let head = "公民身份号码,姓名,sex,birth_date,household_address\n";
    let rows = [
        "11010519491231002X,好,女性,1949-12-31,某路1号\n",
        "110105194912310021,校验错,女性,1949-12-31,某路1号\n",
        "11010519490230002X,没有这一天,女性,1949-12-31,某路1号\n",
        "440524188001010014,日期错,女性,1880-02-30,某路1号\n",
        "44052418800101001,短,女性,1880-01-01,某路1号\n",
    ];
    let text = [head.to_owned(), rows.concat()].concat();
    let load = city.load(RESIDENT, text.as_bytes(), LoadMode::Upsert).await;
    assert_eq!(counts(&load), (1, 0, 0, 0, 4));
    let mut ctx = city.ctx().await;
    let faults = load_faults(&mut ctx, load.number, 0, 100).await.unwrap();
    let fields: Vec<&str> =
        faults.iter().map(|fault| fault.field.as_deref().unwrap_or_default()).collect();
    assert_eq!(fields, ["id_number", "id_number", "birth_date", "id_number"]);
    assert!(faults[0].reason.zh.contains("校验码不对，请逐位核对"), "{}", faults[0].reason.zh);
    assert!(faults[0].reason.en.contains("Check each character"), "{}", faults[0].reason.en);
    assert_eq!(city.rows(RESIDENT).await, 1);
}

/// The most memory that this process has held, in bytes.
fn most_held() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[tokio::test]
async fn a_very_large_file_is_read_piece_by_piece_in_bounded_memory() {
    const MIB: u64 = 1 << 20;
    let city = city().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.csv");
    let mut large = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    let filler = "长".repeat(200_000);
    writeln!(large, "{},备注", HEAD.trim_end()).unwrap();
    for number in 1..=400 {
        // A quote that is never closed stands in the middle; it costs its row.
        let quote = if number == 100 { "\"" } else { "" };
        let row = line(number, "甲");
        writeln!(large, "{},{quote}{filler}", row.trim_end()).unwrap();
    }
    let bytes = large.into_inner().unwrap().metadata().unwrap().len();
    assert!(bytes > 220 * MIB, "{bytes}");
    let stored = city.blobs.put(tokio::fs::File::open(&path).await.unwrap(), u64::MAX).await;
    let new = NewLoad {
        file: stored.unwrap().digest.to_string(),
        file_name: "large.csv".to_owned(),
        source: "市场监管局".to_owned(),
    };
    let before = most_held();
    let mut ctx = city.ctx().await;
    let load = begin_load(&mut ctx, &city.blobs, ORGANISATION, &new).await.unwrap();
    let (mapping, mode) = (load.mapping.clone(), LoadMode::Upsert);
    let confirmed = Confirmed { mapping, mode, watermark: None };
    let load = confirm_load(&mut ctx, load.number, &confirmed).await.unwrap();
    ctx.commit().await.unwrap();
    let load = city.finish(&load).await;
    assert_eq!((load.state, counts(&load)), (LoadState::Done, (399, 0, 0, 0, 1)));
    let grown = most_held() - before;
    assert!(grown < 96 * MIB, "{} MiB more for a file of {} MiB", grown / MIB, bytes / MIB);
}
