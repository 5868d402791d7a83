//! What waits: timers, messages, signals, conditions; what fails; and that each happens once.

use serde_json::{Map, Value, json};
use time::Duration;
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_db::testing::{PERMIT_ALL, TestDb};
use zhengtong_db::{Actor, Shelf};
use zhengtong_process::{
    Delivered, Error, IncidentKind, Moved, News, SCHEMA, complete, fire_next, incidents, learn,
    message, replay, retry, signal, skip, start, terminate,
};

use crate::world::{nodes, officer, read_files, task, vars};

const WAITING: &str = include_str!("../fixtures/waiting.bpmn");
const FEES: &str = include_str!("../fixtures/fees.dmn");
const NAME: &str = "city:waiting";

async fn city() -> TestDb {
    let (catalog, report) = read_files(&[("waiting.bpmn", WAITING), ("fees.dmn", FEES)]);
    assert!(report.usable(), "{:#?}", report.findings);
    let schemas = [zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA];
    TestDb::new(&schemas).await.with(PERMIT_ALL, Shelf::default().with(catalog))
}

async fn begun(test: &TestDb, thing: &str, given: &Value) -> (Uuid, Vec<News>) {
    let mut ctx = test.ctx(officer("示例甲")).await;
    let begun = start(&mut ctx, NAME, thing, vars(given)).await.unwrap();
    ctx.commit().await.unwrap();
    begun
}

/// What happens next by itself, committed.
async fn fired(test: &TestDb) -> Option<Moved> {
    let mut ctx = test.ctx(Actor::system("test")).await;
    let moved = fire_next(&mut ctx, "case/").await.unwrap();
    ctx.commit().await.unwrap();
    moved
}

async fn does(test: &TestDb, id: Uuid, task: &str) -> Vec<News> {
    let mut ctx = test.ctx(officer("示例乙")).await;
    let news = complete(&mut ctx, id, task, Map::new()).await.unwrap();
    ctx.commit().await.unwrap();
    news
}

async fn told(test: &TestDb, key: &str) -> Result<Delivered, Error> {
    let mut ctx = test.ctx(officer("财政")).await;
    let delivered =
        message(&mut ctx, "fee-paid", key, vars(&json!({"paid": 1})), Duration::days(1)).await?;
    ctx.commit().await.unwrap();
    Ok(delivered)
}

async fn replays(test: &TestDb, id: Uuid) {
    let mut ctx = test.ctx(officer("示例")).await;
    assert!(replay(&mut ctx, id).await.unwrap());
}

async fn count(test: &TestDb, table: &str) -> i64 {
    let mut ctx = test.ctx(officer("示例")).await;
    let counts = [
        ("wait", "SELECT count(*) FROM process.wait"),
        ("message", "SELECT count(*) FROM process.message"),
    ];
    let statement = counts.iter().find(|(name, _)| *name == table).unwrap().1;
    sqlx::query_scalar(statement).fetch_one(ctx.conn()).await.unwrap()
}

fn given() -> Value {
    json!({"area": 120, "days": "P3D", "account": "A-1", "share": 1})
}

#[tokio::test]
async fn an_instance_waits_for_everything_there_is() {
    let test = city().await;
    let (id, news) = begun(&test, "case/1", &given()).await;
    let work = task(&news, "work");
    {
        let mut ctx = test.ctx(officer("示例")).await;
        let total: Value =
            sqlx::query_scalar("SELECT state->'variables'->'total' FROM process.instance")
                .fetch_one(ctx.conn())
                .await
                .unwrap();
        assert_eq!(total, json!(240), "the table decided and the script computed");
    }
    assert_eq!(fired(&test).await, None, "nothing is due yet");
    // The cycle beside the task comes twice and no third time.
    for _ in 0..2 {
        test.clock.advance(Duration::hours(1));
        assert_eq!(nodes(&fired(&test).await.unwrap().news), ["urge"]);
        assert_eq!(fired(&test).await, None);
    }
    test.clock.advance(Duration::hours(5));
    assert_eq!(fired(&test).await, None);
    assert_eq!(nodes(&does(&test, id, &work).await), Vec::<String>::new());
    test.clock.advance(Duration::days(3) - Duration::seconds(1));
    assert_eq!(fired(&test).await, None);
    test.clock.advance(Duration::seconds(1));
    assert!(fired(&test).await.is_some(), "the time of publication is over");
    let Delivered::To(moved) = told(&test, "A-1").await.unwrap() else { panic!("somebody waits") };
    assert_eq!(moved.thing, "case/1");
    {
        let mut ctx = test.ctx(officer("气象")).await;
        assert_eq!(signal(&mut ctx, "storm-over", &vars(&json!({"wind": 3}))).await.unwrap(), 1);
        ctx.commit().await.unwrap();
    }
    assert!(fired(&test).await.is_some());
    assert_eq!(fired(&test).await, None);
    let mut ctx = test.ctx(officer("测绘")).await;
    learn(&mut ctx, id, vars(&json!({"surveyed": false}))).await.unwrap();
    let news = learn(&mut ctx, id, vars(&json!({"surveyed": true}))).await.unwrap();
    ctx.commit().await.unwrap();
    assert!(!news.contains(&News::Ended), "two reminders are still open: {news:?}");
    assert_eq!(count(&test, "wait").await, 0);
    replays(&test, id).await;
}

#[tokio::test]
async fn a_message_may_come_early_late_or_never_fit() {
    let test = city().await;
    assert!(matches!(told(&test, "A-1").await.unwrap(), Delivered::Kept(_)));
    assert!(matches!(told(&test, "A-2").await.unwrap(), Delivered::Kept(_)));
    let (id, news) = begun(&test, "case/1", &given()).await;
    does(&test, id, &task(&news, "work")).await;
    test.clock.advance(Duration::days(3));
    // Kept for one day only, it is not taken any more.
    assert!(fired(&test).await.is_some());
    assert_eq!(count(&test, "wait").await, 1, "the receive task waits");
    let mut ctx = test.ctx(Actor::system("test")).await;
    assert_eq!(zhengtong_process::expire(&mut ctx).await.unwrap(), 2);
    ctx.commit().await.unwrap();
    assert!(matches!(told(&test, "A-1").await.unwrap(), Delivered::To(_)));
    assert!(matches!(told(&test, "A-1").await.unwrap(), Delivered::Kept(_)), "nobody waits twice");
    // What is over takes no message.
    let mut ctx = test.ctx(officer("示例")).await;
    terminate(&mut ctx, id, "withdrawn").await.unwrap();
    ctx.commit().await.unwrap();
    let error = told(&test, "case/1").await.unwrap_err();
    assert!(matches!(&error, Error::Over(thing) if thing == "case/1"));
    assert_eq!(error.kind(), Kind::Conflict);
    assert!(error.text().zh.contains("已经结束"));
    replays(&test, id).await;
}

#[tokio::test]
async fn an_early_message_is_there_when_somebody_waits() {
    let test = city().await;
    let (id, news) =
        begun(&test, "case/1", &json!({"area": 1, "days": "PT1M", "account": "A-1", "share": 1}))
            .await;
    assert!(matches!(told(&test, "A-1").await.unwrap(), Delivered::Kept(_)));
    does(&test, id, &task(&news, "work")).await;
    test.clock.advance(Duration::minutes(1));
    assert!(fired(&test).await.is_some());
    assert_eq!(count(&test, "message").await, 0);
    assert_eq!(count(&test, "wait").await, 1, "it waits for the signal already");
    replays(&test, id).await;
}

#[tokio::test]
async fn what_is_due_happens_once_however_many_look() {
    let test = city().await;
    for number in 0..20 {
        begun(&test, &format!("case/{number}"), &given()).await;
    }
    test.clock.advance(Duration::hours(1));
    let hands: Vec<_> = (0..6)
        .map(|hand| {
            let db = test.db.clone();
            tokio::spawn(async move {
                let mut things = Vec::new();
                for round in 0.. {
                    let mut ctx = db.begin(Actor::system("test"), "test").await.unwrap();
                    let Some(moved) = fire_next(&mut ctx, "case/").await.unwrap() else { break };
                    if (hand + round) % 5 == 4 {
                        // As if the machine had lost its power before the commit.
                        continue;
                    }
                    ctx.commit().await.unwrap();
                    things.push(moved.thing);
                }
                things
            })
        })
        .collect();
    let mut things = Vec::new();
    for hand in hands {
        things.extend(hand.await.unwrap());
    }
    while let Some(moved) = fired(&test).await {
        things.push(moved.thing);
    }
    things.sort();
    let mut wanted: Vec<String> = (0..20).map(|number| format!("case/{number}")).collect();
    wanted.sort();
    assert_eq!(things, wanted);
}

#[tokio::test]
async fn a_condition_that_cannot_be_evaluated_loses_no_act() {
    let test = city().await;
    let (id, _) = begun(
        &test,
        "case/1",
        &json!({"area": 1, "days": "PT0S", "account": "A", "share": 900, "surveyed": false}),
    )
    .await;
    // Up to the gateway: its condition is more work than an expression may do.
    let mut ctx = test.ctx(officer("示例")).await;
    let open: Vec<String> = sqlx::query_scalar(
        "SELECT jsonb_path_query(state, '$.open[*].task')::text FROM process.instance",
    )
    .fetch_all(ctx.conn())
    .await
    .unwrap();
    ctx.commit().await.unwrap();
    does(&test, id, &open[0]).await;
    assert!(fired(&test).await.is_some());
    told(&test, "A").await.unwrap();
    let mut ctx = test.ctx(officer("示例")).await;
    signal(&mut ctx, "storm-over", &Map::new()).await.unwrap();
    ctx.commit().await.unwrap();
    assert!(fired(&test).await.is_some());
    let mut ctx = test.ctx(officer("测绘")).await;
    let news = learn(&mut ctx, id, vars(&json!({"surveyed": true}))).await.unwrap();
    ctx.commit().await.unwrap();
    assert!(matches!(&news[..], [News::Held { .. }]), "{news:?}");

    let mut ctx = test.ctx(officer("管理员")).await;
    let open = incidents(&mut ctx).await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].kind, open[0].thing.as_str()), (IncidentKind::Command, "case/1"));
    assert!(open[0].cause.contains("cannot be evaluated"), "{}", open[0].cause);
    // Again it does not go: a new incident with the cause of now.
    let moved = retry(&mut ctx, open[0].id).await.unwrap();
    assert!(matches!(&moved.news[..], [News::Held { .. }]));
    let again = incidents(&mut ctx).await.unwrap();
    assert_eq!(again.len(), 1);
    assert_ne!(again[0].id, open[0].id);
    assert_eq!(retry(&mut ctx, open[0].id).await.unwrap_err().kind(), Kind::NotFound);
    assert!(matches!(skip(&mut ctx, again[0].id, " ").await, Err(Error::Reason)));
    // Without it: the condition counts as not true.
    let moved = skip(&mut ctx, again[0].id, "条件写错，按一般情形办").await.unwrap();
    assert!(moved.news.contains(&News::Ended), "{:?}", moved.news);
    assert!(incidents(&mut ctx).await.unwrap().is_empty());
    let ended: Vec<(String, Option<String>)> =
        sqlx::query_as("SELECT outcome, reason FROM process.incident ORDER BY opened, outcome")
            .fetch_all(ctx.conn())
            .await
            .unwrap();
    let reason = Some("条件写错，按一般情形办".to_owned());
    assert_eq!(ended, [("retried".to_owned(), None), ("skipped".to_owned(), reason)]);
    ctx.commit().await.unwrap();
    replays(&test, id).await;
}

#[tokio::test]
async fn a_table_without_an_answer_and_a_time_that_is_none_stand_still() {
    let test = city().await;
    let (id, news) =
        begun(&test, "case/1", &json!({"days": "soon", "account": "A", "share": 1})).await;
    assert!(matches!(&news[..], [.., News::Held { .. }]), "{news:?}");
    let mut ctx = test.ctx(officer("管理员")).await;
    let open = incidents(&mut ctx).await.unwrap();
    assert_eq!((open[0].kind, open[0].node.as_str()), (IncidentKind::Service, "fee"));
    // The missing fact comes, and it goes on where it stood.
    learn(&mut ctx, id, vars(&json!({"area": 30}))).await.unwrap();
    let moved = retry(&mut ctx, open[0].id).await.unwrap();
    assert_eq!(nodes(&moved.news), ["work"]);
    let news = complete(&mut ctx, id, &task(&moved.news, "work"), Map::new()).await.unwrap();
    assert!(matches!(&news[..], [.., News::Held { .. }]), "{news:?}");
    let open = incidents(&mut ctx).await.unwrap();
    assert_eq!((open[0].kind, open[0].node.as_str()), (IncidentKind::Timer, "rest"));
    skip(&mut ctx, open[0].id, "公示已经在报纸上做过").await.unwrap();
    assert!(incidents(&mut ctx).await.unwrap().is_empty());
    ctx.commit().await.unwrap();
    replays(&test, id).await;
}

#[tokio::test]
async fn what_stands_still_is_over_with_its_instance() {
    let test = city().await;
    let (id, _) = begun(&test, "case/1", &json!({"days": "P1D", "account": "A", "share": 1})).await;
    let mut ctx = test.ctx(officer("管理员")).await;
    assert_eq!(incidents(&mut ctx).await.unwrap().len(), 1);
    terminate(&mut ctx, id, "withdrawn").await.unwrap();
    assert!(incidents(&mut ctx).await.unwrap().is_empty());
    ctx.commit().await.unwrap();
    assert_eq!(count(&test, "wait").await, 0);
    replays(&test, id).await;
}
