//! A database of one test, acts to record, and the two ways of looking at the result.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::{Act, Behalf};
use zhengtong_crypto::{Digest, SignedCheckpoint, SigningKey};
use zhengtong_db::testing::TestDb;
use zhengtong_ledger::{EntryId, Report, SCHEMA, Trust, append, seal, verify_db};

pub(crate) const NOW: OffsetDateTime = datetime!(2026-03-02 09:00:00.123456 +8);

pub(crate) struct Record {
    pub(crate) conn: PgConnection,
    pub(crate) url: String,
    _db: TestDb,
}

pub(crate) fn key() -> SigningKey {
    SigningKey::from_seed([5; 32])
}

/// An act with every field filled.
pub(crate) fn full(number: u128) -> Act {
    let seconds = i64::try_from(number % 1_000).unwrap();
    Act {
        at: NOW + Duration::seconds(seconds),
        account: Some(Uuid::from_u128(1)),
        person: Some(Uuid::from_u128(2)),
        name: "示例𠮷".to_owned(),
        organisation: Some(Uuid::from_u128(3)),
        post: Some(Uuid::from_u128(4)),
        behalf: Some(Behalf {
            organisation: Uuid::from_u128(0xabc),
            credit_code: "91330100MA00000001".to_owned(),
            name: "示例餐饮有限公司".to_owned(),
        }),
        verb: "casework.accept".to_owned(),
        thing_kind: "case".to_owned(),
        thing: format!("330100-{number}"),
        subject: Some(Uuid::from_u128(6)),
        before: Some(Digest::of(b"before").to_string()),
        after: Some(Digest::of(&number.to_be_bytes()).to_string()),
        reason: Some("材料齐全".to_owned()),
        request: format!("r-{number}"),
        veil: zhengtong_base::Veil::default(),
    }
}

/// An act with nothing but what every act has.
pub(crate) fn bare(number: u128) -> Act {
    Act {
        account: None,
        person: None,
        organisation: None,
        post: None,
        behalf: None,
        subject: None,
        before: None,
        after: None,
        reason: None,
        ..full(number)
    }
}

impl Record {
    pub(crate) async fn new() -> Self {
        let db = TestDb::new(&[SCHEMA]).await;
        let conn = PgConnection::connect(&db.url).await.unwrap();
        Self { conn, url: db.url.clone(), _db: db }
    }

    pub(crate) async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }

    /// Full and bare acts in turn, each in a transaction of its own.
    pub(crate) async fn append_many(&mut self, count: u128) -> Vec<EntryId> {
        let mut ids = Vec::new();
        for number in 0..count {
            let act = if number % 2 == 0 { full(number) } else { bare(number) };
            ids.push(append(&mut self.conn, &act).await.unwrap());
        }
        ids
    }

    /// Seals once. A transaction of another test in the same server may hold the sealer up for a moment.
    pub(crate) async fn seal_once(&mut self) -> SignedCheckpoint {
        for _ in 0..100_000 {
            if let Some(checkpoint) = seal(&mut self.conn, NOW, &key()).await.unwrap() {
                return checkpoint;
            }
        }
        panic!("nothing could be sealed");
    }

    /// Seals everything that was appended.
    pub(crate) async fn seal(&mut self) -> SignedCheckpoint {
        let mut last = self.seal_once().await;
        while self.count("leaf").await < self.count("entry").await {
            last = self.seal_once().await;
        }
        last
    }

    pub(crate) async fn verify(&mut self) -> Report {
        verify_db(&mut self.conn, &Trust::default()).await.unwrap()
    }

    pub(crate) async fn run(&mut self, statement: &str) {
        let done = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut self.conn).await;
        done.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    pub(crate) async fn count(&mut self, table: &str) -> i64 {
        let statement = format!("SELECT count(*) FROM ledger.{table}");
        sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(&mut self.conn).await.unwrap()
    }

    /// Lets the owner of the tables alter them until `ROLLBACK`.
    pub(crate) async fn open_up(&mut self) {
        self.run(
            "BEGIN;
             ALTER TABLE ledger.entry ALTER COLUMN id DROP IDENTITY;
             ALTER TABLE ledger.entry ALTER COLUMN id SET DEFAULT 1000;
             ALTER TABLE ledger.leaf DROP CONSTRAINT leaf_entry_fkey;
             ALTER TABLE ledger.checkpoint DROP CONSTRAINT checkpoint_key_fkey;
             ALTER TABLE ledger.entry DISABLE TRIGGER USER;
             ALTER TABLE ledger.leaf DISABLE TRIGGER USER;
             ALTER TABLE ledger.node DISABLE TRIGGER USER;
             ALTER TABLE ledger.key DISABLE TRIGGER USER;
             ALTER TABLE ledger.checkpoint DISABLE TRIGGER USER;",
        )
        .await;
    }

    /// What the verification says while `statement` is in force; the record is restored afterwards.
    pub(crate) async fn verify_altered(&mut self, statement: &str) -> Report {
        self.open_up().await;
        self.run(statement).await;
        let report = self.verify().await;
        self.run("ROLLBACK").await;
        report
    }
}
