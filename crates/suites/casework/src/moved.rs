//! What moves without an officer: timers, messages, services that are tried again, and what an operator let go on.

use zhengtong_db::jobs::{CronEntry, Work};
use zhengtong_db::{Ctx, Db, Thing};
use zhengtong_process::Moved;

use crate::act::{absent, case_type};
use crate::error::Result;
use crate::{clockwork, decide, deferral, flow, store};

/// Things of processes that are cases.
pub(crate) const CASES: &str = "case/";
/// Transactions that one run of the job makes; the next run goes on.
const ROUNDS_MAX: usize = 2_000;

/// Carries out what a process did on its own, in the transaction in which it did.
pub async fn follow(ctx: &mut Ctx, moved: Moved) -> Result<()> {
    let Some(no) = moved.thing.strip_prefix(CASES) else { return Ok(()) };
    let mut case = absent(store::case_for_change(ctx, no).await?, no)?;
    let case_type = case_type(ctx, &case)?;
    flow::settle(ctx, &mut case, &case_type, moved.news).await?;
    store::update_case(ctx.conn(), &case).await
}

/// Lets the next thing happen that is due for a case; whether there was one.
pub async fn fire_due(ctx: &mut Ctx) -> Result<bool> {
    let Some(moved) = zhengtong_process::fire_next(ctx, CASES).await? else { return Ok(false) };
    follow(ctx, moved).await?;
    Ok(true)
}

/// The next task whose days are over and which has an outcome for that: it counts; whether there was one. A change of the
/// calendar may have moved the day, so the clock is worked out before it is believed.
pub async fn lapse_next(ctx: &mut Ctx) -> Result<bool> {
    ctx.allow("casework.lapse", &Thing::new("platform", "default"))?;
    let now = ctx.now;
    let Some((todo, no)) = store::next_lapsed(ctx.conn(), now).await? else {
        return deferral::next_late(ctx).await;
    };
    let mut case = absent(store::case_for_change(ctx, &no).await?, &no)?;
    clockwork::settle(ctx, &case).await?;
    let Some(task) = store::todo(ctx.conn(), todo).await? else { return Ok(true) };
    if store::still_lapsed(ctx.conn(), todo, now).await?
        && !decide::by_rule(ctx, &mut case, &task).await?
    {
        // It is not tried again and again: an officer decides it.
        store::no_default(ctx.conn(), todo).await?;
    }
    Ok(true)
}

/// Lets happen what is due, as soon as somebody says so and every minute.
#[must_use]
pub fn attach_due(work: Work) -> Work {
    let name = zhengtong_process::DUE;
    work.on(name, |db, _job| async move { run(&db).await }).at(CronEntry {
        name,
        pattern: "* * * * *",
        job: name,
    })
}

async fn run(db: &Db) -> std::result::Result<(), String> {
    let said = |error: &dyn std::fmt::Display| error.to_string();
    for _ in 0..ROUNDS_MAX {
        let mut ctx = db.begin_system(zhengtong_process::DUE).await.map_err(|e| said(&e))?;
        let mut fired = fire_due(&mut ctx).await.map_err(|error| said(&error))?;
        if !fired {
            fired = lapse_next(&mut ctx).await.map_err(|error| said(&error))?;
        }
        if !fired {
            zhengtong_process::expire(&mut ctx).await.map_err(|error| said(&error))?;
        }
        ctx.commit().await.map_err(|error| said(&error))?;
        if !fired {
            break;
        }
    }
    Ok(())
}
