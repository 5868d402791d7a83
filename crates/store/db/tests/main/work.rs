//! Jobs, events and set times.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use time::Duration;
use zhengtong_db::jobs::{self, CronEntry, NewJob, Work};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, SCHEMA};

fn counting(work: Work, kind: &'static str, counter: &Arc<AtomicUsize>) -> Work {
    let counter = Arc::clone(counter);
    work.on(kind, move |_db, _job| {
        let counter = Arc::clone(&counter);
        async move {
            counter.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }
    })
}

#[tokio::test]
async fn an_event_reaches_each_subscriber_once() {
    let test = TestDb::new(&[SCHEMA]).await;
    let (a, b) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let work = counting(counting(Work::default(), "a", &a), "b", &b)
        .subscribe("case.decided", "a")
        .subscribe("case.decided", "b")
        .subscribe("case.other", "b");
    let mut ctx = test.ctx(Actor::system("x")).await;
    ctx.emit("case.decided", "1", &json!({"n": 1})).await.unwrap();
    ctx.commit().await.unwrap();
    jobs::drain(&test.db, &work, 20).await.unwrap();
    assert_eq!((a.load(Ordering::SeqCst), b.load(Ordering::SeqCst)), (1, 1));
}

#[tokio::test]
async fn two_workers_share_jobs_and_none_runs_twice() {
    let test = TestDb::new(&[SCHEMA]).await;
    let counter = Arc::new(AtomicUsize::new(0));
    let work = counting(Work::default(), "n", &counter);
    let mut ctx = test.ctx(Actor::system("x")).await;
    let now = ctx.now;
    for number in 0..40 {
        ctx.enqueue(NewJob::now("n", &json!(number), now)).await.unwrap();
    }
    ctx.commit().await.unwrap();
    let (left, right) =
        tokio::join!(jobs::drain(&test.db, &work, 100), jobs::drain(&test.db, &work, 100));
    left.unwrap();
    right.unwrap();
    assert_eq!(counter.load(Ordering::SeqCst), 40);
}

#[tokio::test]
async fn a_failing_job_is_retried_later_and_later_and_then_a_dead_letter() {
    let test = TestDb::new(&[SCHEMA]).await;
    let work = Work::default()
        .on("bad", |_db, _job| async { Err("no".to_owned()) })
        .on("worse", |_db, _job| async { panic!("handlers may not stop the worker") });
    let mut ctx = test.ctx(Actor::system("x")).await;
    let now = ctx.now;
    ctx.enqueue(NewJob::now("bad", &json!({}), now)).await.unwrap();
    ctx.enqueue(NewJob::now("worse", &json!({}), now)).await.unwrap();
    ctx.commit().await.unwrap();
    let mut tries = 0;
    for _ in 0..40 {
        while jobs::run_one(&test.db, &work).await.unwrap() {
            tries += 1;
        }
        test.clock.advance(Duration::hours(1));
    }
    assert_eq!(tries, 24);
    let mut ctx = test.ctx(Actor::system("x")).await;
    let dead = jobs::dead(ctx.conn(), 10).await.unwrap();
    assert_eq!(dead.len(), 2);
    let now = ctx.now;
    assert!(jobs::revive(ctx.conn(), dead[0].id, now).await.unwrap());
    assert!(!jobs::revive(ctx.conn(), dead[0].id, now).await.unwrap());
    assert_eq!(jobs::waiting(ctx.conn(), 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_worker_that_dies_leaves_its_job_to_another() {
    let test = TestDb::new(&[SCHEMA]).await;
    let counter = Arc::new(AtomicUsize::new(0));
    let work = counting(Work::default(), "n", &counter);
    let mut ctx = test.ctx(Actor::system("x")).await;
    let now = ctx.now;
    ctx.enqueue(NewJob::now("n", &json!({}), now)).await.unwrap();
    ctx.commit().await.unwrap();
    // Another worker took the job and was killed: the lock stands, nobody works.
    sqlx::query("UPDATE db.job SET locked_until = $1, attempts = 1")
        .bind(now + Duration::seconds(300))
        .execute(test.db.pool())
        .await
        .unwrap();
    assert!(!jobs::run_one(&test.db, &work).await.unwrap());
    test.clock.advance(Duration::seconds(301));
    assert!(jobs::run_one(&test.db, &work).await.unwrap());
    assert_eq!(counter.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn set_times_fire_once_on_two_nodes() {
    let test = TestDb::new(&[SCHEMA]).await;
    let counter = Arc::new(AtomicUsize::new(0));
    let work = counting(Work::default(), "nightly", &counter).at(CronEntry {
        name: "nightly",
        pattern: "0 3 * * *",
        job: "nightly",
    });
    for _ in 0..48 {
        let (left, right) = tokio::join!(jobs::cron(&test.db, &work), jobs::cron(&test.db, &work));
        left.unwrap();
        right.unwrap();
        jobs::drain(&test.db, &work, 10).await.unwrap();
        test.clock.advance(Duration::hours(1));
    }
    assert_eq!(counter.load(Ordering::SeqCst), 2);
}
