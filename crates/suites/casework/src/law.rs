//! Calendars and limits in force: what packs declare, and the changes of administrators over them.

use std::sync::Arc;

use time::{Date, Duration};
use zhengtong_base::{FieldError, Text};
use zhengtong_calendar::{Calendar, CalendarError, Unit, china_date, read_days};
use zhengtong_db::{Ctx, Thing};

use crate::error::{Error, Result};
use crate::part::{CHINA, Calendars, Catalog, Limit, STEP};
use crate::recompute;
use crate::store::{self, ChangeRow};

/// How many days before a year begins its days off must be known.
const YEAR_AHEAD_DAYS: i64 = 45;
/// How far back and how far ahead a changed limit may begin to hold.
const FROM_BACK: Duration = Duration::days(366);
const FROM_AHEAD: Duration = Duration::days(731);

/// Calendars and limits, as they are at one revision.
#[derive(Clone, Debug)]
pub struct Law {
    calendars: Calendars,
    limits: Vec<LimitChange>,
    revision: i64,
}

/// A limit of a clock of a case type that an administrator has changed.
#[derive(Clone, Debug)]
struct LimitChange {
    revision: i64,
    kind: String,
    name: String,
    unit: Unit,
    budget: u32,
    /// The first day of the clocks for which it holds; none of changes from before there were such days.
    from: Option<Date>,
}

impl LimitChange {
    /// Whether it holds for a clock of this name that started on a day and was born at a revision.
    fn holds(&self, (kind, name): (&str, &str), born: i64, started: Date) -> bool {
        self.kind == kind
            && self.name == name
            && self.from.map_or(self.revision > born, |from| from <= started)
    }
}

impl Law {
    /// A calendar.
    pub fn calendar(&self, id: &str) -> Result<&Arc<Calendar>> {
        Ok(self.calendars.get(id)?)
    }

    /// The calendar of the State Council, with what administrators have added.
    pub fn china(&self) -> &Calendar {
        self.calendars.get(CHINA).map_or(Calendar::china(), |calendar| calendar.as_ref())
    }

    /// All calendars.
    pub fn calendars(&self) -> &Calendars {
        &self.calendars
    }

    /// The number of the last change.
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// The years that are wanted by a day and are known to no calendar: an alarm.
    pub fn missing_years(&self, today: Date) -> Vec<(String, i32)> {
        let soon = (today + Duration::days(YEAR_AHEAD_DAYS)).year();
        let mut missing = Vec::new();
        for (id, _, calendar) in self.calendars.iter() {
            for year in today.year()..=soon {
                if !calendar.years().any(|known| known == year) {
                    missing.push((id.to_owned(), year));
                }
            }
        }
        missing
    }

    /// The limit of a clock that was born at a revision and started on a day, where administrators have set one: that
    /// of the latest day, and of one day the last that was written down.
    pub(crate) fn limit(
        &self,
        (kind, name): (&str, &str),
        born: i64,
        started: Date,
    ) -> Option<(u32, Unit)> {
        let known = self.limits.iter().filter(|change| change.holds((kind, name), born, started));
        let last = known.max_by_key(|change| (change.from, change.revision))?;
        Some((last.budget, last.unit))
    }

    /// The limit for a clock that starts on a day from now on; none where the pack's own holds.
    pub fn limit_on(&self, kind: &str, clock: &str, day: Date) -> Option<Limit> {
        let (days, unit) = self.limit((kind, clock), self.revision, day)?;
        Some(Limit { days, unit })
    }
}

/// The law as this transaction has read it.
struct Seen(Law);

/// The same, read while calendars are held.
struct Held(Law);

/// What is in force now; read once in a transaction.
pub async fn law(ctx: &mut Ctx) -> Result<Law> {
    if let Some(held) = ctx.known::<Held>() {
        return Ok(held.0.clone());
    }
    if let Some(seen) = ctx.known::<Seen>() {
        return Ok(seen.0.clone());
    }
    let law = read(ctx).await?;
    Ok(ctx.know(Seen(law)).0.clone())
}

async fn read(ctx: &mut Ctx) -> Result<Law> {
    let catalog = ctx.defs::<Catalog>()?;
    let changes = store::changes(ctx.conn()).await?;
    let mut rows = Vec::new();
    let mut limits = Vec::new();
    for change in &changes {
        if let (Some(calendar), Some(days)) = (&change.calendar, &change.days) {
            rows.extend(read_days(days)?.into_iter().map(|day| (calendar.clone(), day)));
        }
        let limit = limit_of(change);
        limits.extend(limit);
    }
    let calendars = if rows.is_empty() {
        catalog.calendars().clone()
    } else {
        catalog.calendars().with_days(&rows)?
    };
    let revision = changes.last().map_or(0, |change| change.id);
    Ok(Law { calendars, limits, revision })
}

/// The same for an act on a clock: calendars stay as they are until it is committed.
pub(crate) async fn law_for_act(ctx: &mut Ctx) -> Result<Law> {
    if let Some(held) = ctx.known::<Held>() {
        return Ok(held.0.clone());
    }
    store::hold_calendars(ctx.conn()).await?;
    let law = read(ctx).await?;
    Ok(ctx.know(Held(law)).0.clone())
}

fn limit_of(change: &ChangeRow) -> Option<LimitChange> {
    Some(LimitChange {
        revision: change.id,
        kind: change.kind.clone()?,
        name: change.name.clone()?,
        unit: Unit::parse(change.unit.as_deref()?)?,
        budget: u32::try_from(change.budget?).ok()?,
        from: change.from_day,
    })
}

/// A change of a calendar or of a limit, as an administrator sees it.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its number.
    pub revision: i64,
    /// When.
    pub at: time::OffsetDateTime,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// The calendar, or the case type and its clock.
    pub what: String,
    /// The rows, or the limit.
    pub rows: String,
    /// The limit; none of a change of days.
    pub limit: Option<Limit>,
    /// From which day on a limit holds.
    pub from: Option<Date>,
}

/// A clock of a case type with its limits, as an administrator sees them.
#[derive(Clone, Debug)]
pub struct ClockLimit {
    /// The case type.
    pub kind: String,
    /// What people call it.
    pub title: Text,
    /// The clock.
    pub clock: String,
    /// What people call that.
    pub clock_title: Text,
    /// What it counts.
    pub unit: Unit,
    /// What the pack says; none where the item says it.
    pub declared: Option<Limit>,
    /// What an administrator has put in force for clocks that start today.
    pub set: Option<Limit>,
}

/// What an administrator sees of calendars.
#[derive(Clone, Debug)]
pub struct CalendarsView {
    /// Everything in force.
    pub law: Law,
    /// The years that are missing, by calendar.
    pub missing: Vec<(String, i32)>,
    /// Open clocks that end in a year that is missing.
    pub provisional: i64,
    /// Open clocks that the last change has not reached yet.
    pub stale: i64,
    /// The changes, the latest first.
    pub changes: Vec<Change>,
    /// The clocks of all case types whose limits can be changed.
    pub limits: Vec<ClockLimit>,
}

/// Opens the calendars for an administrator.
pub async fn calendars(ctx: &mut Ctx) -> Result<CalendarsView> {
    ctx.allow("casework.calendars", &Thing::new("platform", "calendar"))?;
    let law = law(ctx).await?;
    let limits = clock_limits(&*ctx.defs::<Catalog>()?, &law, china_date(ctx.now));
    let changes =
        store::changes(ctx.conn()).await?.into_iter().rev().take(100).map(|change| Change {
            limit: limit_of(&change).map(|one| Limit { days: one.budget, unit: one.unit }),
            revision: change.id,
            at: change.at,
            by: change.ordered_by,
            from: change.from_day,
            reason: change.reason,
            what: change.calendar.clone().unwrap_or_else(|| {
                format!("{} · {}", change.kind.unwrap_or_default(), change.name.unwrap_or_default())
            }),
            rows: change.days.unwrap_or_else(|| {
                format!("{} {}", change.budget.unwrap_or_default(), change.unit.unwrap_or_default())
            }),
        });
    Ok(CalendarsView {
        changes: changes.collect(),
        missing: law.missing_years(china_date(ctx.now)),
        provisional: store::provisional_count(ctx.conn()).await?,
        stale: store::stale_count(ctx.conn(), law.revision).await?,
        law,
        limits,
    })
}

/// The clocks whose time is said in days by the pack, by the item or by law; steps have theirs in the diagram.
fn clock_limits(catalog: &Catalog, law: &Law, today: Date) -> Vec<ClockLimit> {
    let mut limits = Vec::new();
    for (kind, case_type) in catalog.iter() {
        for (clock, decl) in case_type.clock.iter().filter(|(clock, _)| *clock != STEP) {
            limits.push(ClockLimit {
                kind: kind.to_owned(),
                title: case_type.title.clone(),
                clock: clock.clone(),
                clock_title: decl.title(clock),
                unit: decl.unit(),
                declared: decl.budget.as_deref().and_then(Limit::parse),
                set: law.limit_on(kind, clock, today),
            });
        }
    }
    limits
}

/// Puts rows of a calendar in force, such as the notice of the next year. Every open clock is worked out again.
pub async fn set_days(ctx: &mut Ctx, calendar: &str, rows: &str, reason: &str) -> Result<i64> {
    ctx.allow("casework.set_days", &Thing::new("platform", "calendar"))?;
    let reason = grounds(reason)?;
    let wrong = |error: &CalendarError| {
        Error::Invalid(vec![FieldError::new("rows", error.zh(), error.to_string())])
    };
    let days = read_days(rows).map_err(|error| wrong(&error))?;
    if days.is_empty() {
        return Err(Error::Invalid(vec![FieldError::new(
            "rows",
            "请填写至少一天：日期、类别、中文名、英文名，中间用制表符分开",
            "give at least one day: date, kind, Chinese name, English name with tabs between",
        )]));
    }
    store::seize_calendars(ctx.conn()).await?;
    let law = read(ctx).await?;
    law.calendars.get(calendar).map_err(|error| {
        Error::Invalid(vec![FieldError::new("calendar", error.zh(), error.to_string())])
    })?;
    let rows: Vec<_> = days.iter().map(|day| (calendar.to_owned(), day.clone())).collect();
    law.calendars.with_days(&rows).map_err(|error| wrong(&error))?;
    let written: Vec<String> = days
        .iter()
        .map(|day| format!("{}\t{}\t{}\t{}", day.date, day.kind.word(), day.zh, day.en))
        .collect();
    let mut change = change(ctx, reason);
    change.calendar = Some(calendar.to_owned());
    change.days = Some(written.join("\n"));
    changed(ctx, "casework.set_days", calendar, &change).await
}

/// Changes how much time a clock of a case type has: for clocks that start on a day or later, also those that have
/// started since, and until another change holds from a later day. Every open clock is worked out again.
pub async fn set_limit(
    ctx: &mut Ctx,
    (kind, clock): (&str, &str),
    limit: Limit,
    from: Date,
    reason: &str,
) -> Result<i64> {
    ctx.allow("casework.set_limit", &Thing::new("platform", "calendar"))?;
    let reason = grounds(reason)?;
    limit.unit.check(limit.days).map_err(|error| {
        Error::Invalid(vec![FieldError::new("limit", error.zh(), error.to_string())])
    })?;
    let today = china_date(ctx.now);
    if from < today - FROM_BACK || from > today + FROM_AHEAD {
        return Err(Error::Invalid(vec![FieldError::new(
            "from",
            "起始日不能早于一年前，也不能晚于两年后",
            "the first day lies neither more than a year back nor more than two years ahead",
        )]));
    }
    let case_type = ctx.defs::<Catalog>()?.get(kind);
    if clock == STEP || case_type.is_none_or(|case_type| !case_type.clock.contains_key(clock)) {
        return Err(Error::Invalid(vec![FieldError::new(
            "clock",
            "没有这类事项或这个时钟",
            "there is no such kind of case or no such clock",
        )]));
    }
    store::seize_calendars(ctx.conn()).await?;
    let mut change = change(ctx, reason);
    change.kind = Some(kind.to_owned());
    change.name = Some(clock.to_owned());
    change.unit = Some(limit.unit.word().to_owned());
    change.budget = i32::try_from(limit.days).ok();
    change.from_day = Some(from);
    changed(ctx, "casework.set_limit", &format!("{kind}/{clock}"), &change).await
}

fn change(ctx: &Ctx, reason: &str) -> ChangeRow {
    ChangeRow {
        id: 0,
        at: ctx.now,
        ordered_by: ctx.actor.name.clone(),
        reason: reason.to_owned(),
        calendar: None,
        days: None,
        kind: None,
        name: None,
        unit: None,
        budget: None,
        from_day: None,
    }
}

async fn changed(ctx: &mut Ctx, verb: &str, thing: &str, change: &ChangeRow) -> Result<i64> {
    let revision = store::add_change(ctx.conn(), change).await?;
    ctx.unknow::<Seen>();
    ctx.unknow::<Held>();
    let after = zhengtong_crypto::Digest::of(format!("{revision} {change:?}").as_bytes());
    let act = ctx.act(verb, "calendar", thing).change(None, Some(after.to_string()));
    zhengtong_ledger::append(ctx.conn(), &act.because(change.reason.clone())).await?;
    ctx.emit("casework.calendar_changed", thing, &revision).await?;
    recompute::ask(ctx).await?;
    Ok(revision)
}

fn grounds(reason: &str) -> Result<&str> {
    let (reason, limit) = (reason.trim(), zhengtong_base::Limits::default().text_chars);
    if reason.is_empty() || reason.chars().count() > limit {
        let text = Text::new(
            "请写明依据，例如通知的文号",
            "write the grounds, such as the number of the notice",
        );
        return Err(Error::Invalid(vec![FieldError::new("reason", text.zh, text.en)]));
    }
    Ok(reason)
}

/// What clocks tell of themselves, for metrics and for the doctor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockFigures {
    /// Years that are wanted soon and have no table of days off.
    pub years_missing: i64,
    /// Open clocks that rest on such a year.
    pub provisional: i64,
    /// Open clocks that the last change has not reached.
    pub stale: i64,
}

/// The same from a database by its address, for the doctor.
pub async fn clock_figures_at(url: &str, today: Date) -> Result<ClockFigures> {
    let mut conn = store::connect(url).await?;
    clock_figures(&mut conn, today).await
}

/// Looks at the national calendar and at all open clocks, without a context.
pub async fn clock_figures(conn: &mut store::Connection, today: Date) -> Result<ClockFigures> {
    let changes = store::changes(&mut *conn).await?;
    let mut rows = Vec::new();
    for change in changes.iter().filter(|change| change.calendar.as_deref() == Some(CHINA)) {
        rows.extend(read_days(change.days.as_deref().unwrap_or_default())?);
    }
    let china = Calendar::china().with_days(rows)?;
    let soon = (today + Duration::days(YEAR_AHEAD_DAYS)).year();
    let known = |year: &i32| china.years().any(|known| known == *year);
    let missing = (today.year()..=soon).filter(|year| !known(year)).count();
    let revision = changes.last().map_or(0, |change| change.id);
    Ok(ClockFigures {
        years_missing: i64::try_from(missing).unwrap_or(i64::MAX),
        provisional: store::provisional_count(&mut *conn).await?,
        stale: store::stale_count(&mut *conn, revision).await?,
    })
}
