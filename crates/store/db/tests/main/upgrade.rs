//! Upgrades: a program that dies in the middle of a step goes on there, old statements work while tables
//! grow, and a database of a newer program is refused.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use zhengtong_base::{Migration, Schema};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Db, Error, Settings, migrate, plan_migration};

/// The child of the test reads the URL from here.
const CHILD: &str = "ZHENGTONG_TEST_MIGRATE";

const fn step(version: i64, sql: &'static str) -> Migration {
    Migration { version, name: "step", sql }
}

const OLD: Schema = Schema {
    name: "grow",
    migrations: &[step(
        1,
        "CREATE TABLE grow.act (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, who text NOT NULL);
         CREATE TABLE grow.pace (seconds double precision); INSERT INTO grow.pace VALUES (30);
         INSERT INTO grow.act (who) SELECT 'first' FROM generate_series(1, 20000)",
    )],
    statements: &[],
};

/// As slow as the table says, so that it can be killed in the middle.
const SLOW: Schema = Schema {
    name: "grow",
    migrations: &[
        OLD.migrations[0],
        step(
            2,
            "CREATE TABLE grow.half (n bigint); INSERT INTO grow.half SELECT n FROM grow.act;
             SELECT pg_sleep(seconds) FROM grow.pace; INSERT INTO grow.half VALUES (-1)",
        ),
    ],
    statements: &[],
};

/// What an upgrade does to a table that is in use: it only adds.
const EXPAND: Schema = Schema {
    name: "grow",
    migrations: &[
        OLD.migrations[0],
        step(
            2,
            "ALTER TABLE grow.act ADD COLUMN note text; ALTER TABLE grow.act ADD COLUMN day date DEFAULT '2026-01-01';
             CREATE INDEX act_who ON grow.act (who) WHERE note IS NOT NULL",
        ),
    ],
    statements: &[],
};

/// Does nothing by itself: [`a_program_that_dies_in_a_step_goes_on_there`] starts it, and kills it.
#[tokio::test]
async fn migrating_child() {
    #[expect(clippy::disallowed_methods, reason = "how the test above tells its child")]
    let Ok(url) = std::env::var(CHILD) else { return };
    let db = Db::open(&url, Settings::default()).unwrap();
    migrate(db.pool(), &[SLOW]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_dies_in_a_step_goes_on_there() {
    let city = TestDb::new(&[]).await;
    let pool = city.db.pool();
    migrate(pool, &[OLD]).await.unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "upgrade::migrating_child", "--nocapture"])
        .env(CHILD, &city.url)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let asleep = "SELECT count(*) FROM pg_stat_activity
                  WHERE datname = current_database() AND wait_event = 'PgSleep'";
    let start = Instant::now();
    while sqlx::query_scalar::<_, i64>(asleep).fetch_one(pool).await.unwrap() == 0 {
        assert!(start.elapsed() < Duration::from_mins(1), "the child did not come to its step");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // kill -9, in the middle of the step.
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(plan_migration(pool, &[SLOW]).await.unwrap().missing.len(), 1);
    let half: Option<String> =
        sqlx::query_scalar("SELECT to_regclass('grow.half')::text").fetch_one(pool).await.unwrap();
    assert_eq!(half, None, "half a step was left behind");

    sqlx::query("UPDATE grow.pace SET seconds = 0").execute(pool).await.unwrap();
    let start = Instant::now();
    let report = migrate(pool, &[SLOW]).await.unwrap();
    assert_eq!(report.applied, [("grow".to_owned(), 2)]);
    assert!(start.elapsed() < Duration::from_secs(10), "the dead program kept its lock");
    let rows: i64 =
        sqlx::query_scalar("SELECT count(*) FROM grow.half").fetch_one(pool).await.unwrap();
    assert_eq!(rows, 20_001, "the step was done once");
    assert_eq!(migrate(pool, &[SLOW]).await.unwrap().applied, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn old_programs_write_while_tables_grow() {
    let city = TestDb::new(&[]).await;
    let pool = city.db.pool().clone();
    migrate(&pool, &[OLD]).await.unwrap();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let writers: Vec<_> = (0..3)
        .map(|_| {
            let (pool, stopped) = (pool.clone(), stopped.clone());
            tokio::spawn(async move {
                let (mut done, mut slowest) = (0_u32, Duration::ZERO);
                while !*stopped.borrow() {
                    let start = Instant::now();
                    sqlx::query("INSERT INTO grow.act (who) VALUES ('old')")
                        .execute(&pool)
                        .await
                        .unwrap();
                    let _: (i64, String) =
                        sqlx::query_as("SELECT n, who FROM grow.act ORDER BY n DESC LIMIT 1")
                            .fetch_one(&pool)
                            .await
                            .unwrap();
                    slowest = slowest.max(start.elapsed());
                    done += 1;
                }
                (done, slowest)
            })
        })
        .collect();
    // Somebody reads for a while in one transaction: the step needs the table and must not block the rest.
    let mut reader = pool.begin().await.unwrap();
    sqlx::query("SELECT count(*) FROM grow.act").execute(&mut *reader).await.unwrap();
    let start = Instant::now();
    let reading = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(5)).await;
        reader.commit().await
    });
    let grown = migrate(&pool, &[EXPAND]).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(5), "the step did not need the table");
    assert_eq!(grown.applied, [("grow".to_owned(), 2)]);
    reading.await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    stop.send_replace(true);
    let (mut written, mut slowest) = (0, Duration::ZERO);
    for writer in writers {
        let (done, slow) = writer.await.unwrap();
        written += done;
        slowest = slowest.max(slow);
    }
    println!("{written} written by the old program, the slowest in {slowest:?}, none failed");
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM grow.act WHERE who = 'old'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(kept, i64::from(written));
    assert!(written > 50);
    assert!(slowest < Duration::from_secs(4), "{slowest:?}");
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_in_plain_words() {
    use zhengtong_base::Failure as _;
    let city = TestDb::new(&[]).await;
    migrate(city.db.pool(), &[EXPAND]).await.unwrap();
    let older = migrate(city.db.pool(), &[OLD]).await;
    let Err(error @ Error::Newer { version: 2, .. }) = older else { panic!("{older:?}") };
    assert!(error.text().en.contains("restore the backup from before the upgrade"));
    let plan = plan_migration(city.db.pool(), &[OLD]).await.unwrap();
    assert_eq!(plan.unknown, [("grow".to_owned(), 2)]);
}
