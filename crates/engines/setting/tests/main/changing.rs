//! Who may change what, what is kept of it, and that every node sees it.

use std::time::Duration;

use tokio::sync::{mpsc, watch};
use zhengtong_base::{Failure as _, Kind, Paging};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Shelf};
use zhengtong_setting::{
    ANSWER_DAYS, Error, LOG_LEVEL, Live, NOTICE, SCHEMA, Typed, Value, change, follow, list, open,
    revert,
};

const POLICY: &str = r#"
permit(principal, action == Action::"setting.read", resource)
when { principal.roles.containsAny(["system-admin", "audit-admin"]) };
permit(principal, action == Action::"setting.change", resource)
when { principal.roles.contains("system-admin") && resource has office && resource.office == "system" };
permit(principal, action, resource) when { principal.kind == "system" };
"#;

pub(crate) async fn city() -> TestDb {
    let test = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA]).await;
    test.with(POLICY, Shelf::default())
}

fn admin(role: &str) -> Actor {
    Actor {
        kind: ActorKind::Staff,
        name: format!("测{role}"),
        roles: vec![role.to_owned()],
        ..Actor::visitor()
    }
}

fn typed(value: &str) -> Typed {
    Typed { value: value.to_owned(), english: String::new() }
}

async fn set(test: &TestDb, key: &str, value: &str, seen: i64) -> Result<i64, Error> {
    let mut ctx = test.ctx(admin("system-admin")).await;
    let done = change(&mut ctx, key, &typed(value), seen, "查一个故障").await?;
    ctx.commit().await?;
    Ok(done)
}

async fn days(test: &TestDb) -> Option<Value> {
    let mut ctx = test.ctx(admin("audit-admin")).await;
    let all = list(&mut ctx).await.unwrap();
    all.iter().find(|one| one.definition.key == ANSWER_DAYS).unwrap().value()
}

#[tokio::test]
async fn a_change_has_a_reason_and_can_be_taken_back() {
    let test = city().await;
    assert_eq!(days(&test).await, Some(Value::Number(7)));
    let first = set(&test, ANSWER_DAYS, "30", 0).await.unwrap();
    let second = set(&test, ANSWER_DAYS, "60", first).await.unwrap();
    assert_eq!(days(&test).await, Some(Value::Number(60)));
    let mut ctx = test.ctx(admin("system-admin")).await;
    let third = revert(&mut ctx, ANSWER_DAYS, second, "改错了，退回").await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(days(&test).await, Some(Value::Number(30)));
    let mut ctx = test.ctx(admin("system-admin")).await;
    revert(&mut ctx, ANSWER_DAYS, first, "再退回最初").await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(days(&test).await, Some(Value::Number(7)), "before the first one the default held");
    let mut ctx = test.ctx(admin("audit-admin")).await;
    let (_, history) = open(&mut ctx, ANSWER_DAYS, Paging::new(1, 10)).await.unwrap();
    assert_eq!(history.total, 4);
    assert_eq!((history.rows[1].number, history.rows[1].reverts), (third, Some(second)));
    assert_eq!(history.rows[3].reason, "查一个故障");
    let acts: Vec<(String, Option<String>)> =
        sqlx::query_as("SELECT thing, reason FROM ledger.entry WHERE verb = 'setting.change'")
            .fetch_all(test.db.pool())
            .await
            .unwrap();
    assert_eq!(acts.len(), 4);
    assert!(acts.iter().all(|(thing, reason)| thing == ANSWER_DAYS && reason.is_some()));
}

#[tokio::test]
async fn what_does_not_fit_changes_nothing() {
    let test = city().await;
    let kind = |done: Result<i64, Error>| done.unwrap_err().kind();
    assert_eq!(kind(set(&test, ANSWER_DAYS, "0", 0).await), Kind::Invalid);
    assert_eq!(kind(set(&test, "no.such", "1", 0).await), Kind::NotFound);
    assert_eq!(kind(set(&test, ANSWER_DAYS, "7", 1).await), Kind::Conflict);
    assert_eq!(kind(set(&test, ANSWER_DAYS, "", 0).await), Kind::Invalid, "the default holds");
    let first = set(&test, ANSWER_DAYS, "30", 0).await.unwrap();
    assert_eq!(kind(set(&test, ANSWER_DAYS, "31", 0).await), Kind::Conflict);
    assert_eq!(kind(set(&test, ANSWER_DAYS, "30", first).await), Kind::Invalid);
    let mut ctx = test.ctx(admin("system-admin")).await;
    let short = change(&mut ctx, ANSWER_DAYS, &typed("31"), first, " 改 ").await.unwrap_err();
    assert_eq!(short.fields()[0].field, "reason");
    let other = revert(&mut ctx, LOG_LEVEL, first, "不是这项的改动").await.unwrap_err();
    assert_eq!(other.kind(), Kind::NotFound);
    drop(ctx);
    let mut ctx = test.ctx(admin("audit-admin")).await;
    let refused = change(&mut ctx, ANSWER_DAYS, &typed("31"), first, "审计不改设置").await;
    assert_eq!(refused.unwrap_err().kind(), Kind::Denied);
    assert_eq!(days(&test).await, Some(Value::Number(30)));
}

#[tokio::test]
async fn the_same_form_sent_twice_is_one_change() {
    let test = city().await;
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let mut ctx = test.ctx(admin("system-admin")).await;
        ctx.key = Some("form-1".to_owned());
        numbers.push(change(&mut ctx, ANSWER_DAYS, &typed("9"), 0, "试一试看").await.unwrap());
        ctx.commit().await.unwrap();
    }
    assert_eq!(numbers[0], numbers[1]);
    let mut ctx = test.ctx(admin("audit-admin")).await;
    let (_, history) = open(&mut ctx, ANSWER_DAYS, Paging::new(1, 10)).await.unwrap();
    assert_eq!(history.total, 1);
}

#[tokio::test]
async fn every_node_hears_of_a_change() {
    let test = city().await;
    let (stop, stopped) = watch::channel(false);
    let nodes: Vec<_> = (0..2)
        .map(|_| {
            let live = Live::default();
            let (tell, told) = mpsc::unbounded_channel();
            let apply = move |live: &Live| tell.send(live.words(NOTICE)).unwrap_or(());
            let task = follow(test.db.clone(), live.clone(), apply, stopped.clone());
            (live, told, tokio::spawn(task))
        })
        .collect();
    let mut nodes = nodes;
    for (_, told, _) in &mut nodes {
        assert_eq!(told.recv().await, Some(None), "each node has read the table once");
    }
    let mut ctx = test.ctx(admin("system-admin")).await;
    let words = Typed { value: "今晚维护".to_owned(), english: "Maintenance".to_owned() };
    change(&mut ctx, NOTICE, &words, 0, "机房停电").await.unwrap();
    ctx.commit().await.unwrap();
    for (live, told, _) in &mut nodes {
        let seen = tokio::time::timeout(Duration::from_secs(10), told.recv()).await;
        let seen = seen.expect("told within ten seconds, not after half a minute");
        assert_eq!(seen.flatten().unwrap().zh, "今晚维护");
        assert_eq!(live.number(ANSWER_DAYS), 7);
        assert_eq!(live.line(LOG_LEVEL), None);
    }
    stop.send(true).unwrap();
    for (_, _, task) in nodes {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn a_stored_value_outside_its_limits_is_not_used() {
    let test = city().await;
    sqlx::query(
        "INSERT INTO setting.change (key, value, reason, name, at)
         VALUES ('answer.keep_days', '100000', 'older limits', 'x', now()),
                ('gone.setting', '1', 'older program', 'x', now())",
    )
    .execute(test.db.pool())
    .await
    .unwrap();
    let live = Live::default();
    live.read(&test.db).await.unwrap();
    assert_eq!(live.number(ANSWER_DAYS), 7);
}
