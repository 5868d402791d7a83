//! The jobs: cases are followed as soon as their record grows, answers are urged every hour, and at night every open
//! case is looked at and the board is compared with the record.

use serde_json::Value;
use zhengtong_db::jobs::{CronEntry, Job, Work};
use zhengtong_db::{Ctx, Db};

use crate::error::Result;
use crate::follow::{self, News};
use crate::part::NEWS;
use crate::{card, store};

/// Follows a case.
pub(crate) const FOLLOW: &str = "supervision.follow";
/// Takes news of other suites.
const HEAR: &str = "supervision.hear";
/// Urges late answers.
const URGE: &str = "supervision.urge";
/// Looks at everything at night.
const NIGHT: &str = "supervision.night";
/// Looks at all open cases again after a change of a calendar.
const RECKON: &str = "supervision.reckon";
/// The news of cases.
const CASES: [&str; 2] = ["casework.recorded", "casework.rung"];
/// The news of calendars.
const CALENDAR: &str = "casework.calendar_changed";
/// Cases that are read at once.
const BATCH: i64 = 500;
/// Transactions that one run of the job makes; the next run goes on.
const ROUNDS_MAX: usize = 1_000;

type Outcome = std::result::Result<(), String>;

/// Adds the jobs of supervision.
#[must_use]
pub fn attach(work: Work) -> Work {
    let work = work
        .on(FOLLOW, |db, job| async move { one(&db, word(&job, "thing")).await })
        .gather(FOLLOW)
        .on(HEAR, |db, job| async move { hear(&db, &job).await })
        .on(URGE, |db, _job| async move { urge(&db).await })
        .on(RECKON, |db, _job| async move { reckon(&db).await })
        .on(NIGHT, |db, _job| async move { night(&db).await })
        .subscribe(CALENDAR, RECKON)
        .at(CronEntry { name: URGE, pattern: "5 * * * *", job: URGE })
        .at(CronEntry { name: NIGHT, pattern: "40 4 * * *", job: NIGHT });
    let work = CASES.into_iter().fold(work, |work, topic| work.subscribe(topic, FOLLOW));
    NEWS.into_iter().fold(work, |work, topic| work.subscribe(topic, HEAR))
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn word<'a>(job: &'a Job, key: &str) -> &'a str {
    job.payload.get(key).and_then(Value::as_str).unwrap_or_default()
}

async fn one(db: &Db, no: &str) -> Outcome {
    let mut ctx = db.begin_system(FOLLOW).await.map_err(said)?;
    follow::follow(&mut ctx, no).await.map_err(said)?;
    ctx.commit().await.map_err(said)
}

async fn hear(db: &Db, job: &Job) -> Outcome {
    let nothing = Value::Null;
    let payload = job.payload.get("payload").unwrap_or(&nothing);
    let news = News { topic: word(job, "topic"), id: word(job, "event"), payload };
    let mut ctx = db.begin_system(HEAR).await.map_err(said)?;
    follow::hear(&mut ctx, news).await.map_err(said)?;
    ctx.commit().await.map_err(said)
}

async fn urge(db: &Db) -> Outcome {
    for _ in 0..ROUNDS_MAX {
        let mut ctx = db.begin_system(URGE).await.map_err(said)?;
        let done = card::urge_late(&mut ctx).await.map_err(said)?;
        ctx.commit().await.map_err(said)?;
        if done == 0 {
            break;
        }
    }
    Ok(())
}

/// Follows every open case again: a change of a calendar has moved its last day.
async fn reckon(db: &Db) -> Outcome {
    each_open(db, async |ctx, no| follow::follow(ctx, no).await).await
}

async fn each_open(db: &Db, work: impl AsyncFn(&mut Ctx, &str) -> Result<usize>) -> Outcome {
    let mut after = String::new();
    loop {
        let mut ctx = db.begin_system(NIGHT).await.map_err(said)?;
        let numbers = store::open_after(ctx.conn(), &after, BATCH).await.map_err(said)?;
        drop(ctx);
        let Some(last) = numbers.last() else { return Ok(()) };
        after.clone_from(last);
        for no in &numbers {
            let mut ctx = db.begin_system(NIGHT).await.map_err(said)?;
            work(&mut ctx, no).await.map_err(said)?;
            ctx.commit().await.map_err(said)?;
        }
    }
}

/// Looks at every case that is not known yet, judges open ones by the rules of every night, and compares the board with
/// the record. A difference fails the job, so that an operator sees it.
async fn night(db: &Db) -> Outcome {
    let mut after = String::new();
    loop {
        let mut ctx = db.begin_system(NIGHT).await.map_err(said)?;
        let numbers =
            zhengtong_casework::watch_after(&mut ctx, &after, BATCH).await.map_err(said)?;
        drop(ctx);
        let Some(last) = numbers.last() else { break };
        after.clone_from(last);
        for no in &numbers {
            one(db, no).await?;
        }
    }
    each_open(db, async |ctx, no| follow::look_daily(ctx, no).await).await?;
    let mut ctx = db.begin_system(NIGHT).await.map_err(said)?;
    let found = crate::audit(&mut ctx).await.map_err(said)?;
    ctx.commit().await.map_err(said)?;
    match found.differences.first() {
        None => Ok(()),
        Some(first) => Err(format!(
            "{} differences from the record, the first: {} {}",
            found.differences.len(),
            first.of,
            first.what
        )),
    }
}
