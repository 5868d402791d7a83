//! Feeds from a MariaDB: a real server of this test's own, on loopback, with a table in a character set of the last century.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sqlx::mysql::MySqlConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, MySqlConnection};
use zhengtong_registry::{Feed, FeedView, LoadMode};

use crate::feeds::{City, feed};
use crate::loads::code;

/// How long a server may take until it answers.
const START_TRIES: u32 = 300;

/// A server that ends with its test.
struct Maria {
    child: Child,
    folder: tempfile::TempDir,
    port: u16,
}

impl Drop for Maria {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn program(name: &str, elsewhere: &str) -> Command {
    let there = [format!("/usr/sbin/{name}"), format!("/usr/bin/{name}"), elsewhere.to_owned()];
    let found = there.iter().find(|path| Path::new(path).exists());
    let path = found.unwrap_or_else(|| panic!("{name} is missing; run scripts/setup --test"));
    Command::new(path)
}

/// The account that runs the tests; a server refuses to run as root unless it is told to.
fn account() -> String {
    let said = Command::new("id").arg("-un").output().unwrap();
    format!("--user={}", String::from_utf8(said.stdout).unwrap().trim())
}

impl Maria {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = format!("--datadir={}", folder.path().join("data").display());
        // Servers that start at the same time would take each other's temporary tables.
        let temporary = format!("--tmpdir={}", folder.path().display());
        let made = program("mariadb-install-db", "/usr/libexec/mariadb-install-db")
            .args(["--no-defaults", "--auth-root-authentication-method=normal"])
            .args(["--skip-test-db", &data, &temporary, &account()])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = program("mariadbd", "/usr/libexec/mariadbd")
            .args(["--no-defaults", "--bind-address=127.0.0.1", &data, &temporary, &account()])
            .args([format!("--port={port}"), "--innodb-flush-log-at-trx-commit=0".to_owned()])
            .arg(format!("--socket={}", folder.path().join("socket").display()))
            .arg(format!("--pid-file={}", folder.path().join("pid").display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { child, folder, port };
        for _try in 0..START_TRIES {
            if server.options("root").connect().await.is_ok() {
                return server;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("mariadbd did not answer in time");
    }

    fn options(&self, user: &str) -> MySqlConnectOptions {
        let socket = self.folder.path().join("socket");
        MySqlConnectOptions::new().socket(socket).username(user).timezone("+08:00".to_owned())
    }

    async fn root(&self) -> MySqlConnection {
        self.options("root").connect().await.unwrap()
    }

    async fn run(&self, statement: impl Into<String>) {
        let statement = AssertSqlSafe(statement.into());
        sqlx::raw_sql(statement).execute(&mut self.root().await).await.unwrap();
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// A feed that asks as the reader of the department, whose password stands in a file.
    fn feed(&self, folder: &Path, query: &str) -> Feed {
        let secret = folder.join("secret");
        std::fs::write(&secret, "only-here-1\n").unwrap();
        let from = format!("mysql://reader@{}/trade", self.address());
        Feed { query: query.to_owned(), secret_file: secret, ..feed(&from) }
    }

    async fn add(&self, number: u32, name: &str) {
        let name = name.replace('\'', "''");
        let row = format!("('{}', '{name}', '2020-01-0{number} 23:30:00', b'1')", code(number));
        self.run(format!("INSERT INTO trade.company VALUES {row}")).await;
    }
}

/// A department whose table is kept in GBK.
async fn department() -> Maria {
    let server = Maria::start().await;
    server
        .run(
            "CREATE DATABASE trade CHARACTER SET gbk;
             CREATE TABLE trade.company
               (code varchar(18), name varchar(60), changed timestamp NULL, active bit(1));
             CREATE USER reader IDENTIFIED BY 'only-here-1';
             GRANT SELECT, INSERT, DELETE, CREATE ON trade.* TO reader;
             SET GLOBAL time_zone = '+08:00'",
        )
        .await;
    server
}

const QUERY: &str = "SELECT code AS credit_code, name, 10 AS kind, '示例甲' AS legal_representative,
    '某路1号' AS address, date(changed) AS established_on, active AS status
    FROM company WHERE {since} IS NULL OR changed >= date_add({since}, INTERVAL 1 DAY) ORDER BY changed";

async fn names(city: &City) -> Vec<String> {
    let names = "SELECT name FROM registry.\"base-legal:organisation\" ORDER BY credit_code";
    sqlx::query_scalar(names).fetch_all(city.db.db.pool()).await.unwrap()
}

fn error(view: FeedView) -> String {
    let error = view.state.unwrap().error.unwrap();
    format!("{} {}", error.zh, error.en)
}

#[tokio::test]
async fn another_kind_of_database_is_asked_for_what_is_new_and_cannot_be_written() {
    let far = department().await;
    let odd = ["示例'甲,公司", "示例\\乙\"公司", "=1+1 公司"];
    for (number, name) in (1..).zip(odd) {
        far.run("SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES'").await;
        far.add(number, name).await;
    }
    let make = |folder: &Path| Feed {
        mode: LoadMode::Incremental,
        watermark: "established_on".to_owned(),
        ..far.feed(folder, QUERY)
    };
    let city = City::new(make, &[far.address()]).await;
    let view = city.look().await;
    assert_eq!(view.state.as_ref().unwrap().error, None);
    assert_eq!(view.load.unwrap().counts().created, 3);
    // The names as they are, also the one that a spreadsheet would run.
    let mut expected: Vec<(String, &str)> = (1..).map(code).zip(odd).collect();
    expected.sort();
    let expected: Vec<&str> = expected.into_iter().map(|(_, name)| name).collect();
    assert_eq!(names(&city).await, expected);
    // Half past eleven at night is that day, in China's civil time.
    let last = "SELECT max(established_on)::text FROM registry.\"base-legal:organisation\"";
    let last: String = sqlx::query_scalar(last).fetch_one(city.db.db.pool()).await.unwrap();
    assert_eq!(last, "2020-01-03");
    // Nothing new is no failure and no load.
    let view = city.look().await;
    assert_eq!((view.load.unwrap().number, view.state.unwrap().error), (1, None));
    far.add(5, "示例戊").await;
    let load = city.look().await.load.unwrap();
    assert_eq!((load.number, load.counts().read, load.counts().created), (2, 1, 1));

    // A question that would write is refused by the database itself: it begins as a question does, and a function of theirs
    // would add a row.
    far.run(
        "SET GLOBAL log_bin_trust_function_creators = 1;
         CREATE FUNCTION trade.sneak() RETURNS int
         BEGIN INSERT INTO trade.company VALUES ('x', 'x', NULL, b'0'); RETURN 1; END",
    )
    .await;
    far.run("GRANT EXECUTE ON trade.* TO reader").await;
    let make = |folder: &Path| far.feed(folder, "SELECT trade.sneak() AS credit_code");
    let said = error(City::new(make, &[far.address()]).await.look().await);
    assert!(said.contains("READ ONLY"), "{said}");
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM trade.company")
        .fetch_one(&mut far.root().await)
        .await
        .unwrap();
    assert_eq!(left, 4);
}

#[tokio::test]
async fn what_such_a_database_cannot_give_is_said() {
    let far = department().await;
    far.add(1, "示例甲").await;
    let listed = [far.address()];
    let look = async |query: &str, password: &str, private: &[String]| {
        let make = |folder: &Path| {
            let feed = far.feed(folder, query);
            std::fs::write(&feed.secret_file, password).unwrap();
            feed
        };
        error(City::new(make, private).await.look().await)
    };
    let said = look(QUERY, "only-here-1", &[]).await;
    assert!(said.contains("egress.private") && said.contains("VERIFY_IDENTITY"), "{said}");
    let said = look(QUERY, "wrong", &listed).await;
    assert!(said.contains("Access denied"), "{said}");
    let said = look("SELECT * FROM nothing", "only-here-1", &listed).await;
    assert!(said.contains("nothing"), "{said}");
    let binary = "SELECT code AS credit_code, x'ff00fe' AS name FROM company";
    let said = look(binary, "only-here-1", &listed).await;
    assert!(said.contains("name 是二进制") && said.contains("HEX()"), "{said}");
}

#[tokio::test]
async fn such_a_database_without_a_row_ends_no_record() {
    let far = department().await;
    far.add(1, "示例甲").await;
    let query = QUERY.replace("{since}", "NULL");
    let make = |folder: &Path| Feed { mode: LoadMode::Full, ..far.feed(folder, &query) };
    let city = City::new(make, &[far.address()]).await;
    city.look().await;
    assert_eq!(city.rows().await, 1);
    far.run("DELETE FROM trade.company").await;
    let said = error(city.look().await);
    assert!(said.contains("没有结束任何记录"), "{said}");
    assert_eq!(city.rows().await, 1);
}
