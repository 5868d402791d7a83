//! Clocks start and end with the acts of a case. What is worked out of them is written down in the same transaction.

use std::collections::{BTreeMap, BTreeSet};

use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_calendar::{Act, CalendarError, LegalClock, Unit, What, china_date};
use zhengtong_db::Ctx;

use crate::error::{Error, Result};
use crate::law::{Law, law_for_act};
use crate::model::{Case, Side, Todo};
use crate::part::{
    CaseType, Catalog, ClockDecl, Effect, Limit, Milestone, PROMISED, STATUTORY, STEP, Whose,
};
use crate::store::{self, ClockRow, Derived, StopRow};

/// The act of a case that an effect is.
pub(crate) fn milestone(effect: Effect) -> Option<Milestone> {
    match effect {
        Effect::Accept => Some(Milestone::Accepted),
        Effect::Correct => Some(Milestone::CorrectionAsked),
        Effect::Supply => Some(Milestone::Supplied),
        Effect::Decline => Some(Milestone::Declined),
        Effect::Grant | Effect::Refuse => Some(Milestone::Decided),
        Effect::Uphold | Effect::Breach => Some(Milestone::Checked),
        Effect::Answer | Effect::Pass | Effect::Return | Effect::Deliver | Effect::Revoke => None,
    }
}

/// An act has happened: clocks that run to it end, those that run from it start. What is worked out of them
/// follows with [`settle`].
pub(crate) async fn reach(
    ctx: &mut Ctx,
    case: &Case,
    case_type: &CaseType,
    milestone: Milestone,
) -> Result<()> {
    let law = law_for_act(ctx).await?;
    let now = ctx.now;
    let mut starts = now;
    if milestone == Milestone::Accepted {
        starts = deemed(ctx, case, case_type).await?.unwrap_or(now);
    }
    let named = |decl: fn(&ClockDecl, Milestone) -> bool| -> Vec<String> {
        let of =
            |(name, clock): (&String, &ClockDecl)| decl(clock, milestone).then(|| name.clone());
        case_type.clock.iter().filter(|(name, _)| *name != STEP).filter_map(of).collect()
    };
    let ends = named(|clock, at| clock.to.contains(at));
    if !ends.is_empty() {
        store::end_clocks(ctx.conn(), &case.no, &ends, now).await?;
    }
    for name in named(|clock, at| clock.from.contains(at)) {
        let Some(decl) = case_type.clock.get(&name) else { continue };
        let limit = match name.as_str() {
            PROMISED => Some(Limit { days: case.promised_days, unit: decl.unit() }),
            STATUTORY => Some(Limit { days: case.statutory_days, unit: decl.unit() }),
            _ => decl.budget.as_deref().and_then(Limit::parse),
        };
        let Some(limit) = limit else { continue };
        start(ctx, case, (&name, decl), limit, (law.revision(), starts), None).await?;
    }
    Ok(())
}

/// A task has come: the office has the days of the step, the applicant those of the clock that runs for them, or of a
/// step that has days of its own. Time that
/// was used before a task went from hand to hand counts.
pub(crate) async fn step(
    ctx: &mut Ctx,
    case: &Case,
    case_type: &CaseType,
    todo: &Todo,
    days: Option<u32>,
) -> Result<()> {
    if todo.side == Side::Applicant {
        store::tie_clock(ctx.conn(), &case.no, todo.id).await?;
    }
    let (Some(days), Some(decl)) = (days.filter(|days| *days > 0), case_type.clock.get(STEP))
    else {
        return Ok(());
    };
    let mut decl = decl.clone();
    if todo.side == Side::Applicant {
        decl.side = Whose::Applicant;
    }
    let revision = law_for_act(ctx).await?.revision();
    let limit = Limit { days, unit: Unit::WorkingDay };
    let began = todo.place.begun_at.unwrap_or(ctx.now);
    start(ctx, case, (STEP, &decl), limit, (revision, began), Some(todo.id)).await
}

async fn start(
    ctx: &mut Ctx,
    case: &Case,
    (name, decl): (&str, &ClockDecl),
    limit: Limit,
    (born, started_at): (i64, OffsetDateTime),
    todo: Option<Uuid>,
) -> Result<()> {
    limit.unit.check(limit.days)?;
    let row = ClockRow {
        id: ctx.id(),
        case: case.no.clone(),
        kind: case.kind.clone(),
        name: name.to_owned(),
        seq: 0,
        side: if decl.side == Whose::Applicant { "applicant" } else { "office" }.to_owned(),
        todo,
        calendar: decl.calendar().to_owned(),
        unit: limit.unit.word().to_owned(),
        budget: i32::try_from(limit.days).unwrap_or(i32::MAX),
        born,
        started_at,
        ended_at: None,
        consumed: 0,
        running_since: None,
        due_at: None,
        due_day: None,
        provisional: false,
        next_rung: None,
        next_rung_at: None,
    };
    store::start_clock(ctx.conn(), &row).await
}

/// When a case that is accepted now counts as accepted: on the day it was handed in, if nobody said in time what
/// is missing.
async fn deemed(
    ctx: &mut Ctx,
    case: &Case,
    case_type: &CaseType,
) -> Result<Option<OffsetDateTime>> {
    let rows = store::clocks_of(ctx.conn(), &case.no).await?;
    let let_run_out = rows.into_iter().find(|row| {
        row.ended_at.is_none()
            && case_type.clock.get(&row.name).is_some_and(|decl| decl.deemed)
            && row.due_at.is_some_and(|due| due <= ctx.now)
    });
    Ok(let_run_out.map(|row| row.started_at))
}

/// After the acts of a transaction: clocks of closed tasks end, all end with the case, and what is open is worked
/// out again.
pub(crate) async fn settle(ctx: &mut Ctx, case: &Case) -> Result<()> {
    let now = ctx.now;
    store::end_step_clocks(ctx.conn(), &case.no, now).await?;
    if case.state.over() {
        return store::end_clocks(ctx.conn(), &case.no, &[], now).await;
    }
    let law = law_for_act(ctx).await?;
    let mut rows = store::clocks_of(ctx.conn(), &case.no).await?;
    rows.retain(|row| row.ended_at.is_none());
    let derived = derive(ctx, &law, &rows).await?;
    store::write_derived(ctx.conn(), &derived, law.revision()).await
}

/// Works clocks out from their record.
pub(crate) async fn derive(ctx: &mut Ctx, law: &Law, rows: &[ClockRow]) -> Result<Vec<Derived>> {
    let catalog = ctx.defs::<Catalog>()?;
    let record = Record::of(ctx, rows).await?;
    rows.iter().map(|row| record.derive(law, &catalog, row)).collect()
}

/// What was done to clocks.
#[derive(Debug, Default)]
pub(crate) struct Record {
    stops: BTreeMap<String, Vec<StopRow>>,
    extensions: BTreeMap<Uuid, Vec<(i32, OffsetDateTime)>>,
    fired: BTreeMap<Uuid, BTreeSet<String>>,
}

impl Record {
    /// Reads what was done to these clocks.
    pub(crate) async fn of(ctx: &mut Ctx, rows: &[ClockRow]) -> Result<Self> {
        let mut cases: Vec<String> = rows.iter().map(|row| row.case.clone()).collect();
        cases.sort_unstable();
        cases.dedup();
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let mut record = Self::default();
        for stop in store::stops_of(ctx.conn(), &cases).await? {
            record.stops.entry(stop.case.clone()).or_default().push(stop);
        }
        for (clock, amount, at) in store::extensions_of(ctx.conn(), &ids).await? {
            record.extensions.entry(clock).or_default().push((amount, at));
        }
        for (clock, rung) in store::fired_of(ctx.conn(), &ids).await? {
            record.fired.entry(clock).or_default().insert(rung);
        }
        Ok(record)
    }

    /// The clock with its record. A stop that began before the clock holds it from its start.
    pub(crate) fn clock(&self, law: &Law, row: &ClockRow) -> Result<LegalClock> {
        let broken = || Error::Definition(format!("clock {} of {} is broken", row.name, row.case));
        let unit = Unit::parse(&row.unit).ok_or_else(broken)?;
        let budget = u32::try_from(row.budget).map_err(|_error| broken())?;
        let started = china_date(row.started_at);
        let (budget, unit) =
            law.limit((&row.kind, &row.name), row.born, started).unwrap_or((budget, unit));
        let mut clock = LegalClock { budget, unit, started: row.started_at, acts: Vec::new() };
        for stop in self.stops.get(&row.case).into_iter().flatten() {
            let before = stop.to_at.is_some_and(|to| to <= row.started_at);
            let after = row.ended_at.is_some_and(|ended| stop.from_at >= ended);
            if before || after || !stop.clocks.contains(&row.name) {
                continue;
            }
            let told_days = u32::try_from(stop.told_days).unwrap_or(0);
            let what = What::Suspended { kind: stop.kind.clone(), told_days };
            clock.acts.push(Act::plain(stop.from_at.max(row.started_at), what));
            if let Some(to) = stop.to_at {
                clock.acts.push(Act::plain(to, What::Resumed));
            }
        }
        for (amount, at) in self.extensions.get(&row.id).into_iter().flatten() {
            let amount = u32::try_from(*amount).unwrap_or(0);
            clock.acts.push(Act::plain(*at, What::Extended { amount }));
        }
        clock.acts.sort_by_key(|act| act.at);
        if let Some(ended) = row.ended_at {
            clock.acts.push(Act::plain(ended, What::Ended));
        }
        Ok(clock)
    }

    /// What stands in the derived columns of a clock.
    pub(crate) fn derive(&self, law: &Law, catalog: &Catalog, row: &ClockRow) -> Result<Derived> {
        let clock = self.clock(law, row)?;
        let calendar = law.calendar(&row.calendar)?;
        let standing = clock.standing(calendar)?;
        let due = clock.deadline(calendar)?;
        let case_type = catalog.get(&row.kind);
        let decl = case_type.as_ref().and_then(|case_type| case_type.clock.get(&row.name));
        let fired = self.fired.get(&row.id);
        let has_fired = |rung: &str| fired.is_some_and(|fired| fired.contains(rung));
        let rungs = decl.into_iter().flat_map(ClockDecl::rungs);
        let next = clock.next_rung(calendar, rungs, has_fired)?;
        Ok(Derived {
            id: row.id,
            consumed: i32::try_from(standing.consumed).unwrap_or(i32::MAX),
            running_since: standing.running_since,
            due_at: due.map(|due| due.at),
            due_day: due.map(|due| due.day),
            provisional: standing.provisional || due.is_some_and(|due| due.provisional),
            next_rung: next.as_ref().map(|next| next.name.clone()),
            next_rung_at: next.map(|next| next.at),
        })
    }
}

/// A calendar that fails is a broken definition, and says what is missing.
impl From<zhengtong_calendar::Refusal> for Error {
    fn from(refusal: zhengtong_calendar::Refusal) -> Self {
        use zhengtong_calendar::Refusal;
        let field = match &refusal {
            Refusal::Calendar(error) => return Self::Calendar(CalendarError::clone(error)),
            Refusal::Kind(_) => "kind",
            Refusal::NoReason => "reason",
            Refusal::NoApprover => "approver",
            Refusal::NoNotice => "notice",
            Refusal::Told(_) => "told",
            Refusal::Extension(_) => "days",
            Refusal::BackDated(_) => "from",
            Refusal::Ended
            | Refusal::Stopped
            | Refusal::Runs
            | Refusal::Fixed
            | Refusal::Times(_)
            | Refusal::TooLate => {
                return Self::State(zhengtong_base::Text::new(refusal.zh(), refusal.to_string()));
            }
        };
        Self::Invalid(vec![zhengtong_base::FieldError::new(
            field,
            refusal.zh(),
            refusal.to_string(),
        )])
    }
}
