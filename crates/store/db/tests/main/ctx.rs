//! The context: authorization first, one transaction, one answer per idempotency key.

use serde_json::json;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_db::testing::{PERMIT_ALL, TestDb};
use zhengtong_db::{Actor, Error, SCHEMA, Shelf, Thing};

#[tokio::test]
async fn nothing_is_allowed_without_a_policy() {
    let test = TestDb::new(&[SCHEMA]).await;
    let ctx = test.ctx(Actor::visitor()).await;
    let refused = ctx.allow("case.read", &Thing::new("case", "1")).unwrap_err();
    assert_eq!(refused.kind(), Kind::Unauthenticated);
    let mut staff = Actor::system("x");
    staff.kind = zhengtong_db::ActorKind::Staff;
    let ctx = test.ctx(staff).await;
    let thing = Thing::new("case", "1");
    assert_eq!(ctx.allow("case.read", &thing).unwrap_err().kind(), Kind::Denied);
    assert_eq!(ctx.allow_or_absent("case.read", &thing).unwrap_err().kind(), Kind::NotFound);
    let test = test.with(PERMIT_ALL, Shelf::default());
    assert!(test.ctx(Actor::visitor()).await.allow("case.read", &thing).is_ok());
}

#[tokio::test]
async fn a_key_gives_one_answer() {
    let test = TestDb::new(&[SCHEMA]).await;
    let mut first = test.ctx(Actor::system("a")).await;
    first.key = Some("k1".to_owned());
    assert_eq!(first.once("v", &json!({"n": 1})).await.unwrap(), None);
    first.answered(&json!("SPJY-1")).await.unwrap();
    first.commit().await.unwrap();

    let mut again = test.ctx(Actor::system("a")).await;
    again.key = Some("k1".to_owned());
    assert_eq!(again.once("v", &json!({"n": 1})).await.unwrap(), Some(json!("SPJY-1")));

    let mut other = test.ctx(Actor::system("a")).await;
    other.key = Some("k1".to_owned());
    let refused = other.once("v", &json!({"n": 2})).await.unwrap_err();
    assert!(matches!(refused, Error::KeyReused), "{refused:?}");
    drop(other);

    let mut someone = test.ctx(Actor::system("b")).await;
    someone.key = Some("k1".to_owned());
    assert_eq!(someone.once("v", &json!({"n": 2})).await.unwrap(), None);
}

#[tokio::test]
async fn a_second_request_waits_for_the_first_and_gets_its_answer() {
    let test = TestDb::new(&[SCHEMA]).await;
    let mut first = test.ctx(Actor::system("a")).await;
    first.key = Some("double".to_owned());
    assert_eq!(first.once("v", &1).await.unwrap(), None);
    let mut second = test.ctx(Actor::system("a")).await;
    second.key = Some("double".to_owned());
    let waiting = tokio::spawn(async move { second.once("v", &1).await });
    first.answered(&42).await.unwrap();
    first.commit().await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), Some(json!(42)));
}

#[tokio::test]
async fn what_is_not_committed_never_was() {
    let test = TestDb::new(&[SCHEMA]).await;
    let mut ctx = test.ctx(Actor::system("a")).await;
    ctx.emit("a.b", "1", &json!({})).await.unwrap();
    drop(ctx);
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM db.outbox")
        .fetch_one(test.db.pool())
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn every_kept_statement_prepares_and_migrations_run_once() {
    let test = TestDb::new(&[SCHEMA]).await;
    for (name, text) in SCHEMA.statements {
        let statement = zhengtong_db::sql::trusted((*text).to_owned());
        let prepared =
            sqlx::Executor::prepare(test.db.pool(), sqlx::SqlSafeStr::into_sql_str(statement))
                .await;
        assert!(prepared.is_ok(), "{name}: {prepared:?}");
    }
    let report = zhengtong_db::migrate(test.db.pool(), &[SCHEMA]).await.unwrap();
    assert!(report.applied.is_empty());
}

#[tokio::test]
async fn a_database_that_is_away_is_unavailable() {
    let settings = zhengtong_db::Settings { acquire_wait_ms_max: 300, ..Default::default() };
    let db = zhengtong_db::Db::open("postgres://nobody@127.0.0.1:1/none", settings).unwrap();
    let error = db.begin(Actor::visitor(), "r").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
}
