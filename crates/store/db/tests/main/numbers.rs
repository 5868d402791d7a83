//! Running numbers: each once, none lost, however many take them and give them back at the same time.

use std::collections::BTreeSet;

use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, SCHEMA};

/// Takes a number; keeps it or gives it back.
async fn take(test: &TestDb, series: &str, keep: bool) -> Option<i64> {
    let mut ctx = test.ctx(Actor::system("x")).await;
    let number = ctx.number(series).await.unwrap();
    tokio::task::yield_now().await;
    if keep {
        ctx.commit().await.unwrap();
    }
    keep.then_some(number)
}

/// What is dropped is undone when its line is next used, a moment later: waits until nothing that lies ready is held.
async fn settled(test: &TestDb, series: &str) {
    let held = "SELECT (SELECT count(*) FROM db.number WHERE series = $1)
        - (SELECT count(*) FROM (SELECT FROM db.number WHERE series = $1 FOR UPDATE SKIP LOCKED) AS free)";
    for _ in 0..100 {
        let held: i64 =
            sqlx::query_scalar(held).bind(series).fetch_one(test.db.pool()).await.unwrap();
        if held == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_little_series_counts_one_by_one_and_what_is_undone_comes_again() {
    let test = TestDb::new(&[SCHEMA]).await;
    for (keep, given) in [(true, Some(1)), (false, None), (true, Some(2)), (true, Some(3))] {
        assert_eq!(take(&test, "a", keep).await, given);
        settled(&test, "a").await;
    }
    assert_eq!(take(&test, "b", true).await, Some(1), "each series counts for itself");
}

#[tokio::test]
async fn every_number_up_to_the_last_is_taken_once_or_lies_ready() {
    let test = TestDb::new(&[SCHEMA]).await;
    let mut taken = BTreeSet::new();
    for round in 0..9_u32 {
        let takers =
            (0..8_u32).map(|taker| take(&test, "s", !(round * 7 + taker * 3).is_multiple_of(5)));
        for number in futures_util::future::join_all(takers).await.into_iter().flatten() {
            assert!(taken.insert(number), "{number} was given twice");
        }
    }
    let ready: Vec<i64> = sqlx::query_scalar("SELECT number FROM db.number WHERE series = 's'")
        .fetch_all(test.db.pool())
        .await
        .unwrap();
    assert!(!ready.is_empty(), "a series that is much used is laid ready");
    let last: i64 = sqlx::query_scalar("SELECT last FROM db.series WHERE name = 's'")
        .fetch_one(test.db.pool())
        .await
        .unwrap();
    let mut all = taken.clone();
    for number in ready {
        assert!(all.insert(number), "{number} lies ready and was given");
    }
    assert_eq!(all, (1..=last).collect());
    // Before more is taken, what was given back comes first.
    settled(&test, "s").await;
    let lowest = (1..=last).find(|number| !taken.contains(number));
    assert_eq!(take(&test, "s", true).await, lowest);
}

#[tokio::test]
async fn a_crowd_that_commits_late_waits_for_nobody() {
    let test = TestDb::new(&[SCHEMA]).await;
    take(&test, "s", true).await;
    let mut open = Vec::new();
    // All of them hold their numbers open at the same time.
    for expected in 2..=5 {
        let mut ctx = test.ctx(Actor::system("x")).await;
        assert_eq!(ctx.number("s").await.unwrap(), expected);
        open.push(ctx);
    }
    for ctx in open.into_iter().rev() {
        ctx.commit().await.unwrap();
    }
    assert_eq!(take(&test, "s", true).await, Some(6));
}

#[tokio::test]
async fn whoever_takes_from_what_lies_ready_waits_for_nobody() {
    let test = TestDb::new(&[SCHEMA]).await;
    for _ in 0..32 {
        take(&test, "s", true).await;
    }
    let mut first = test.ctx(Actor::system("x")).await;
    let mut second = test.ctx(Actor::system("y")).await;
    assert_eq!(first.number("s").await.unwrap(), 33);
    assert_eq!(second.number("s").await.unwrap(), 34, "the first has not committed yet");
    second.commit().await.unwrap();
    drop(first);
    // What is dropped is undone when its line is next used, a moment later.
    for _ in 0..100 {
        let free = "SELECT number FROM db.number WHERE series = 's' AND number = 33 FOR UPDATE SKIP LOCKED";
        let free: Option<i64> =
            sqlx::query_scalar(free).fetch_optional(test.db.pool()).await.unwrap();
        if free.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(take(&test, "s", true).await, Some(33));
}
