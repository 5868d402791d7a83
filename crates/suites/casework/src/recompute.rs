//! After a change of a calendar or of a limit every open clock is worked out again, in batches that go on after a
//! crash; rungs that have come are fired, each once; and an auditor looks whether what is kept is what the record gives.

use serde_json::{Value, json};
use uuid::Uuid;
use zhengtong_calendar::china_date;
use zhengtong_db::jobs::{CronEntry, NewJob, Work};
use zhengtong_db::{Ctx, Db, Thing};

use crate::clockwork::{self, Record};
use crate::error::Result;
use crate::law::{Law, law, law_for_act};
use crate::part::Catalog;
use crate::store::{self, ClockRow, Derived};

/// The job that works clocks out again after a change.
const RECOMPUTE: &str = "casework.recompute";
/// The job that fires rungs, and picks up what a change has left.
const CLOCKS: &str = "casework.clocks";
/// The job that audits.
const AUDIT: &str = "casework.audit";
/// Clocks that one transaction works out.
const ROWS_MAX: i64 = 10_000;
/// Clocks whose rungs one transaction fires.
const RUNGS_MAX: i64 = 500;
/// Transactions that one run of the job makes; the next run goes on.
const ROUNDS_MAX: usize = 1_000;

/// Asks for the work after a change; the change must be committed first, so it comes as a job.
pub(crate) async fn ask(ctx: &mut Ctx) -> Result<()> {
    let (payload, now) = (json!({}), ctx.now);
    ctx.enqueue(NewJob::now(RECOMPUTE, &payload, now).unique(RECOMPUTE)).await?;
    Ok(())
}

/// Works out again some clocks that the last change has not reached; gives how many, 0 when all are done.
pub async fn recompute(ctx: &mut Ctx) -> Result<usize> {
    ctx.allow("casework.recompute", &Thing::new("platform", "calendar"))?;
    let law = law_for_act(ctx).await?;
    let rows = store::stale_clocks(ctx.conn(), law.revision(), ROWS_MAX).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let catalog = ctx.defs::<Catalog>()?;
    let record = Record::of(ctx, &rows).await?;
    let derived = side_by_side(&record, &law, &catalog, &rows)?;
    store::write_derived(ctx.conn(), &derived, law.revision()).await?;
    Ok(rows.len())
}

/// Works clocks out on all processors: it is arithmetic alone.
fn side_by_side(
    record: &Record,
    law: &Law,
    catalog: &Catalog,
    rows: &[ClockRow],
) -> Result<Vec<Derived>> {
    let hands = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8);
    let share = rows.len().div_ceil(hands).max(1);
    let parts: Vec<Result<Vec<Derived>>> = std::thread::scope(|scope| {
        let work: Vec<_> = rows
            .chunks(share)
            .map(|part| {
                scope.spawn(move || -> Result<Vec<Derived>> {
                    part.iter().map(|row| record.derive(law, catalog, row)).collect()
                })
            })
            .collect();
        let lost = || crate::error::Error::Definition("a clock could not be worked out".to_owned());
        work.into_iter().map(|hand| hand.join().unwrap_or_else(|_panic| Err(lost()))).collect()
    });
    let mut all = Vec::with_capacity(rows.len());
    for part in parts {
        all.extend(part?);
    }
    Ok(all)
}

/// Fires some rungs that have come; gives how many clocks were looked at, 0 when none is due. A rung that a change
/// of the calendar has moved away is not fired: the clock is worked out before it is believed.
pub async fn fire(ctx: &mut Ctx) -> Result<usize> {
    ctx.allow("casework.fire", &Thing::new("platform", "calendar"))?;
    let law = law_for_act(ctx).await?;
    let now = ctx.now;
    let rows = store::due_clocks(ctx.conn(), now, RUNGS_MAX).await?;
    for derived in clockwork::derive(ctx, &law, &rows).await? {
        let Some(row) = rows.iter().find(|row| row.id == derived.id) else { continue };
        let due = derived.next_rung.as_deref().zip(derived.next_rung_at);
        if let Some((rung, _)) = due.filter(|(_, at)| *at <= now)
            && store::fire(ctx.conn(), row.id, rung, now).await?
        {
            let due_day = derived.due_day.map(|day| day.to_string());
            told(ctx, row, rung, due_day).await?;
        }
    }
    // Worked out once more, so that the next rung takes the place of the one that fired.
    let derived = clockwork::derive(ctx, &law, &rows).await?;
    store::write_derived(ctx.conn(), &derived, law.revision()).await?;
    Ok(rows.len())
}

async fn told(ctx: &mut Ctx, row: &ClockRow, rung: &str, due_day: Option<String>) -> Result<()> {
    let news = json!({
        "case": row.case, "kind": row.kind, "clock": row.name, "clock_id": row.id, "rung": rung,
        "side": row.side, "todo": row.todo, "due": due_day,
    });
    ctx.emit("casework.rung", &row.case, &news).await?;
    let act = ctx.act("casework.fire", "case", &row.case).because(format!("{}/{rung}", row.name));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

/// Says of stops that they last longer than the applicant was told, of each once.
pub async fn overlong(ctx: &mut Ctx) -> Result<usize> {
    ctx.allow("casework.fire", &Thing::new("platform", "calendar"))?;
    let (today, now) = (china_date(ctx.now), ctx.now);
    let late = store::mark_overlong(ctx.conn(), today, now, RUNGS_MAX).await?;
    for stop in &late {
        let news = json!({
            "case": stop.case, "clock": "suspension", "rung": "overlong", "seq": stop.seq,
            "procedure": stop.kind, "due": stop.told_until.to_string(), "department": stop.department,
        });
        ctx.emit("casework.rung", &stop.case, &news).await?;
        let act = ctx.act("casework.fire", "case", &stop.case).because("suspension/overlong");
        zhengtong_ledger::append(ctx.conn(), &act).await?;
    }
    Ok(late.len())
}

/// A clock whose kept figures are not those that its record gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The case.
    pub case: String,
    /// The clock.
    pub clock: String,
    /// What is kept.
    pub kept: Option<time::Date>,
    /// What the record gives.
    pub given: Option<time::Date>,
}

/// Compares some open clocks with their record, from one identifier on; gives those that differ and the identifier
/// to go on from, none at the end. Clocks that a change has not reached yet differ.
pub async fn audit(ctx: &mut Ctx, after: Uuid) -> Result<(Vec<Mismatch>, Option<Uuid>)> {
    ctx.allow("casework.audit", &Thing::new("platform", "calendar"))?;
    let law = law(ctx).await?;
    let rows = store::open_clocks_after(ctx.conn(), after, ROWS_MAX).await?;
    let derived = clockwork::derive(ctx, &law, &rows).await?;
    let differ = rows.iter().zip(&derived).filter(|(row, derived)| !derived.stands_in(row));
    let found = differ.map(|(row, derived)| Mismatch {
        case: row.case.clone(),
        clock: row.name.clone(),
        kept: row.due_day,
        given: derived.due_day,
    });
    Ok((found.collect(), rows.last().map(|row| row.id)))
}

/// The jobs of clocks: every minute rungs, at night the audit, and the work after a change.
#[must_use]
pub fn attach_clocks(work: Work) -> Work {
    work.on(RECOMPUTE, |db, _job| async move { run_recompute(&db).await })
        .on(CLOCKS, |db, _job| async move {
            run_recompute(&db).await?;
            run_rungs(&db).await
        })
        .on(AUDIT, |db, _job| async move { run_audit(&db).await })
        .at(CronEntry { name: CLOCKS, pattern: "* * * * *", job: CLOCKS })
        .at(CronEntry { name: AUDIT, pattern: "20 4 * * *", job: AUDIT })
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

async fn run_recompute(db: &Db) -> std::result::Result<(), String> {
    for _ in 0..ROUNDS_MAX {
        let mut ctx = db.begin_system(RECOMPUTE).await.map_err(said)?;
        let done = recompute(&mut ctx).await.map_err(said)?;
        ctx.commit().await.map_err(said)?;
        if done == 0 {
            break;
        }
    }
    Ok(())
}

async fn run_rungs(db: &Db) -> std::result::Result<(), String> {
    for _ in 0..ROUNDS_MAX {
        let mut ctx = db.begin_system(CLOCKS).await.map_err(said)?;
        let fired = fire(&mut ctx).await.map_err(said)? + overlong(&mut ctx).await.map_err(said)?;
        ctx.commit().await.map_err(said)?;
        if fired == 0 {
            break;
        }
    }
    Ok(())
}

/// A difference fails the job, so that an operator sees it; the next act on the case or the next change mends it.
async fn run_audit(db: &Db) -> std::result::Result<(), String> {
    let mut after = Uuid::nil();
    let mut found = Vec::new();
    loop {
        let mut ctx = db.begin_system(AUDIT).await.map_err(said)?;
        let (more, next) = audit(&mut ctx, after).await.map_err(said)?;
        ctx.commit().await.map_err(said)?;
        found.extend(more);
        let Some(next) = next else { break };
        after = next;
    }
    match found.first() {
        None => Ok(()),
        Some(first) => Err(format!(
            "{} clocks differ from their record, the first is {} of {}: {:?} kept, {:?} given",
            found.len(),
            first.clock,
            first.case,
            first.kept,
            first.given
        )),
    }
}

/// The news of a rung, for who subscribes to `casework.rung`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RungNews {
    /// The case.
    pub case: String,
    /// The clock, or `suspension`.
    pub clock: String,
    /// The rung.
    pub rung: String,
}

impl RungNews {
    /// Reads the payload of the event.
    pub fn read(payload: &Value) -> Option<Self> {
        let word = |key: &str| payload.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(Self { case: word("case")?, clock: word("clock")?, rung: word("rung")? })
    }
}
