//! The clocks of a case as a page shows them, derived from its record, never stored.

use time::{Date, OffsetDateTime};
use zhengtong_base::Text;
use zhengtong_calendar::{Calendar, Cell, Clock, Reading, Unit, china_date};
use zhengtong_db::Ctx;

use crate::clockwork::Record;
use crate::error::Result;
use crate::law::{Law, law};
use crate::model::{Case, Todo};
use crate::part::{
    CHINA, CaseType, Catalog, ClockDecl, Extension, Limit, PROMISED, STATUTORY, Whose,
};
use crate::store::{self, ClockRow};

/// A clock as a page shows it.
#[derive(Clone, Debug)]
pub struct ClockView {
    /// Its name, such as `promised`.
    pub name: String,
    /// What people call it.
    pub title: Text,
    /// Whose time it is.
    pub side: Whose,
    /// What it counts.
    pub unit: Unit,
    /// The time there is, extensions included.
    pub budget: u32,
    /// By how much it was extended.
    pub extended: u32,
    /// When it started.
    pub started: OffsetDateTime,
    /// When it ended.
    pub ended: Option<OffsetDateTime>,
    /// The first moment that is late; none while it stands still in time.
    pub due: Option<OffsetDateTime>,
    /// What it does today, or did on the day it ended.
    pub reading: Reading,
    /// One cell for each day; none of a clock of hours.
    pub cells: Vec<Cell>,
}

/// Both clocks of a case that was accepted.
#[derive(Clone, Debug)]
pub struct Clocks {
    /// What was promised.
    pub promised: ClockView,
    /// What the law gives.
    pub statutory: ClockView,
}

/// What was done to the clocks of a case: a stop, or more time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockAct {
    /// When.
    pub at: OffsetDateTime,
    /// What people call it.
    pub title: Text,
    /// The names of the clocks it is about.
    pub clocks: Vec<String>,
    /// Until when a stop lasted; none while it lasts, and of an extension.
    pub until: Option<OffsetDateTime>,
    /// How much more time, with its unit; of an extension.
    pub more: Option<(u32, Unit)>,
    /// How many working days the applicant was told, and the day that gives; of a stop.
    pub told: Option<(u32, Option<Date>)>,
    /// Why.
    pub reason: String,
    /// Who approved it.
    pub by: String,
    /// The number of the written notice.
    pub notice: Option<String>,
}

/// The clocks of a case with their ledger.
#[derive(Clone, Debug)]
pub(crate) struct CaseClocks {
    pub(crate) main: Option<Clocks>,
    pub(crate) all: Vec<ClockView>,
    pub(crate) acts: Vec<ClockAct>,
    pub(crate) stopped: bool,
    pub(crate) law: Law,
}

/// Reads the clocks of a case.
pub(crate) async fn of_case(
    ctx: &mut Ctx,
    case: &Case,
    case_type: &CaseType,
) -> Result<CaseClocks> {
    let law = law(ctx).await?;
    let rows = store::clocks_of(ctx.conn(), &case.no).await?;
    let record = Record::of(ctx, &rows).await?;
    let now = ctx.now;
    let views = rows.iter().map(|row| view(&law, &record, case_type, row, now));
    let all = views.collect::<Result<Vec<_>>>()?;
    let last = |name: &str| all.iter().rev().find(|clock| clock.name == name).cloned();
    let main = last(PROMISED)
        .zip(last(STATUTORY))
        .map(|(promised, statutory)| Clocks { promised, statutory });
    let acts = acts(ctx, case, case_type).await?;
    let stopped = acts.iter().any(|act| act.more.is_none() && act.until.is_none());
    Ok(CaseClocks { main, all, acts, stopped, law })
}

fn view(
    law: &Law,
    record: &Record,
    case_type: &CaseType,
    row: &ClockRow,
    now: OffsetDateTime,
) -> Result<ClockView> {
    let clock = record.clock(law, row)?;
    let calendar = law.calendar(&row.calendar)?;
    let at = row.ended_at.unwrap_or(now);
    let decl = case_type.clock.get(&row.name);
    let cells = match clock.days() {
        Some(days) => days.cells(calendar, china_date(at))?,
        None => Vec::new(),
    };
    Ok(ClockView {
        name: row.name.clone(),
        title: decl.map_or_else(|| Text::same(&row.name), |decl| decl.title(&row.name)),
        side: decl.map(|decl| decl.side).unwrap_or_default(),
        unit: clock.unit,
        budget: clock.allowed(),
        extended: clock.allowed().saturating_sub(clock.budget),
        started: row.started_at,
        ended: row.ended_at,
        due: clock.deadline(calendar)?.map(|due| due.at),
        reading: clock.read(calendar, at)?,
        cells,
    })
}

/// The ledger in order of time.
async fn acts(ctx: &mut Ctx, case: &Case, case_type: &CaseType) -> Result<Vec<ClockAct>> {
    let mut acts = Vec::new();
    for stop in store::stops(ctx, &case.no).await? {
        let title = case_type.stops.get(&stop.kind).map(|decl| decl.title.clone());
        acts.push(ClockAct {
            at: stop.from_at,
            title: title.unwrap_or_else(|| Text::same(&stop.kind)),
            clocks: stop.clocks,
            until: stop.to_at,
            more: None,
            told: Some((u32::try_from(stop.told_days).unwrap_or(0), stop.told_until)),
            reason: stop.reason,
            by: stop.ordered_by,
            notice: stop.notice,
        });
    }
    for more in store::extensions(ctx, &case.no).await? {
        // One approval that moves several clocks is one act.
        let same = |last: &&mut ClockAct| last.more.is_some() && last.at == more.at;
        if let Some(last) = acts.last_mut().filter(same) {
            last.clocks.push(more.name);
            continue;
        }
        let unit = Unit::parse(&more.unit).unwrap_or(Unit::WorkingDay);
        acts.push(ClockAct {
            at: more.at,
            title: Text::new("延长期限", "Extension"),
            clocks: vec![more.name],
            until: None,
            more: Some((u32::try_from(more.amount).unwrap_or(0), unit)),
            told: None,
            reason: more.reason,
            by: more.ordered_by,
            notice: more.notice,
        });
    }
    acts.sort_by_key(|act| act.at);
    Ok(acts)
}

/// A clock that the reader may give more time now.
#[derive(Clone, Debug)]
pub struct Extendable {
    /// The clock.
    pub clock: String,
    /// What people call it.
    pub title: Text,
    /// What it counts.
    pub unit: Unit,
    /// How it may be extended.
    pub rule: Extension,
}

/// The open clocks that these roles may give more time.
pub(crate) fn extendable(
    all: &[ClockView],
    case_type: &CaseType,
    roles: &[String],
) -> Vec<Extendable> {
    let open = all.iter().filter(|clock| clock.ended.is_none() && clock.reading.overdue == 0);
    open.filter_map(|clock| {
        let rule =
            case_type.clock.get(&clock.name).and_then(|decl: &ClockDecl| decl.extension.clone())?;
        let free = clock.extended == 0 || rule.times > 1;
        (free && roles.contains(&rule.approver)).then(|| Extendable {
            clock: clock.name.clone(),
            title: clock.title.clone(),
            unit: clock.unit,
            rule,
        })
    })
    .collect()
}

/// What is promised to a case that is accepted on some day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promised {
    /// How much time.
    pub limit: Limit,
    /// The last day of it; none of a clock of hours.
    pub day: Option<Date>,
    /// Whether that rests on a year whose days off are not known yet.
    pub provisional: bool,
}

/// What is promised to a case of a type if it were accepted today: by the limit and the calendar in force, where
/// administrators have changed what the item says.
pub async fn promised(ctx: &mut Ctx, kind: &str, item: Limit) -> Result<Promised> {
    let today = china_date(ctx.now);
    let law = law(ctx).await?;
    let limit = law.limit_on(kind, PROMISED, today).unwrap_or(item);
    let case_type = ctx.defs::<Catalog>()?.get(kind);
    let decl = case_type.as_ref().and_then(|case_type| case_type.clock.get(PROMISED));
    let calendar = decl.map_or(CHINA, |decl| decl.calendar());
    promised_by(law.calendar(calendar)?, limit, today)
}

/// What is promised and what the law gives to a case of a type that is accepted today: what administrators have put in
/// force, otherwise what the item says.
pub async fn limits_today(
    ctx: &mut Ctx,
    kind: &str,
    (promised, statutory): (Limit, Limit),
) -> Result<(Limit, Limit)> {
    let (today, law) = (china_date(ctx.now), law(ctx).await?);
    let set = |clock: &str, item: Limit| law.limit_on(kind, clock, today).unwrap_or(item);
    Ok((set(PROMISED, promised), set(STATUTORY, statutory)))
}

fn promised_by(calendar: &Calendar, limit: Limit, day: Date) -> Result<Promised> {
    if !matches!(limit.unit, Unit::WorkingDay | Unit::NaturalDay) {
        return Ok(Promised { limit, day: None, provisional: false });
    }
    let due = Clock::new(limit.days, limit.unit, day).deadline_or_alarm(calendar)?;
    Ok(Promised { limit, day: Some(due.date), provisional: due.provisional })
}

/// How urgent a task is: working days left, negative when late, or none when no day is set. On days off after the
/// due day it is 0: the day is past, and no working day has been lost yet.
pub(crate) fn days_left(calendar: &Calendar, todo: &Todo, now: OffsetDateTime) -> Option<i64> {
    let due = todo.due_day?;
    let today = china_date(now);
    // Past the years that are known, weekends alone are counted: this is a hint in a list, not a deadline.
    let between = |from: Date, to: Date| {
        let known = calendar.working_days_between(from, to);
        i64::from(known.unwrap_or_else(|_unknown| weekdays_between(from, to)))
    };
    Some(if due >= today { between(today, due) } else { -between(due, today) })
}

fn weekdays_between(from: Date, to: Date) -> u32 {
    let days = std::iter::successors(from.next_day(), |day| day.next_day());
    let weekdays = days
        .take_while(|day| *day <= to)
        .filter(|day| !matches!(day.weekday(), time::Weekday::Saturday | time::Weekday::Sunday));
    u32::try_from(weekdays.count()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn the_promised_day_knows_make_up_days() {
        let rows = [
            (20, date!(2025 - 09 - 15), date!(2025 - 10 - 17)),
            (5, date!(2025 - 09 - 26), date!(2025 - 10 - 10)),
            (5, date!(2026 - 11 - 23), date!(2026 - 11 - 30)),
        ];
        let promised = |days, from| {
            let limit = Limit { days, unit: Unit::WorkingDay };
            promised_by(Calendar::china(), limit, from).unwrap()
        };
        for (days, from, expected) in rows {
            assert_eq!(promised(days, from).day, Some(expected));
        }
        assert!(promised(60, date!(2026 - 11 - 23)).provisional);
    }
}
