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
async fn what_is_about_one_thing_is_done_in_its_order() {
    let test = TestDb::new(&[SCHEMA]).await;
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let work = Work::default().on("note", move |_db, job| {
        let told = Arc::clone(&told);
        async move {
            let (thing, step) = (job.payload["thing"].clone(), job.payload["step"].clone());
            // The earlier ones take longer: side by side they would come in last.
            let wait = 40_u64.saturating_sub(8 * step.as_u64().unwrap());
            tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
            told.lock().unwrap().push((thing, step));
            Ok(())
        }
    });
    for step in 0..5 {
        test.clock.advance(Duration::milliseconds(1));
        let mut ctx = test.ctx(Actor::system("x")).await;
        for thing in ["a", "b", "c", "d", "e", "f"] {
            let payload = json!({ "thing": thing, "step": step });
            ctx.enqueue(NewJob::now("note", &payload, ctx.now)).await.unwrap();
        }
        ctx.commit().await.unwrap();
    }
    assert_eq!(jobs::run(&test.db, &work, 100).await.unwrap(), 30);
    let seen = seen.lock().unwrap();
    for thing in ["a", "f"] {
        let steps: Vec<u64> = seen
            .iter()
            .filter(|(of, _)| of == thing)
            .map(|(_, step)| step.as_u64().unwrap())
            .collect();
        assert_eq!(steps, [0, 1, 2, 3, 4], "{thing}");
    }
    assert_ne!(seen[0].0, seen[1].0, "and different things side by side");
}

#[tokio::test]
async fn one_look_serves_all_news_of_a_thing_and_only_wanted_news_is_a_job() {
    let test = TestDb::new(&[SCHEMA]).await;
    let looks = Arc::new(AtomicUsize::new(0));
    let work = counting(Work::default(), "look", &looks).gather("look").subscribe_to(
        "case.recorded",
        "supply",
        "look",
    );
    for word in ["supply", "note", "supply", "supply"] {
        for thing in ["1", "2"] {
            let mut ctx = test.ctx(Actor::system("x")).await;
            ctx.emit("case.recorded", thing, &json!(word)).await.unwrap();
            ctx.commit().await.unwrap();
        }
    }
    zhengtong_db::outbox::dispatch(&test.db, work.subscriptions()).await.unwrap();
    assert_eq!(jobs::run(&test.db, &work, 100).await.unwrap(), 6, "notes are nobody's business");
    assert_eq!(looks.load(Ordering::SeqCst), 2);
    assert_eq!(jobs::run(&test.db, &work, 100).await.unwrap(), 0);
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
        while jobs::run(&test.db, &work, 1).await.unwrap() == 1 {
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
    assert_eq!(jobs::run(&test.db, &work, 8).await.unwrap(), 0);
    test.clock.advance(Duration::seconds(301));
    assert_eq!(jobs::run(&test.db, &work, 8).await.unwrap(), 1);
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
