//! The legal clock with its record: what started it, each stop and extension with who approved it and how the
//! applicant was told. All else is worked out.

use std::collections::BTreeMap;

use time::{Date, OffsetDateTime};

use crate::calendar::{Calendar, Estimate, china_date};
use crate::clock::{Clock, ClockState, Reading, Suspension};
use crate::error::CalendarError;
use crate::reckon::Reckoner;
use crate::refusal::Refusal;
use crate::rung::{Next, Rung};
use crate::unit::Unit;
use crate::wall::{Run, Wall, after, moment};

const HOUR_SECONDS: i64 = 3_600;

/// What is done to a clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It stops for a special procedure.
    Suspended {
        /// Which, as the case type names it.
        kind: String,
        /// How many days the applicant was told it takes.
        told_days: u32,
    },
    /// It runs again.
    Resumed,
    /// It has more time, in its unit.
    Extended {
        /// How much more.
        amount: u32,
    },
    /// It is done.
    Ended,
}

/// One act on a clock, as it stands in the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// When.
    pub at: OffsetDateTime,
    /// What.
    pub what: What,
    /// Why.
    pub reason: String,
    /// Who approved it.
    pub approver: String,
    /// The number of the written notice.
    pub notice: Option<String>,
}

impl Act {
    /// An act that needs no reason: to run again, to end.
    pub fn plain(at: OffsetDateTime, what: What) -> Self {
        Self { at, what, reason: String::new(), approver: String::new(), notice: None }
    }
}

/// What a case type allows for one kind of special procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopRule {
    /// The longest time an applicant may be told, in days.
    pub told_days_max: u32,
    /// Whether a written notice must be named.
    pub written: bool,
}

/// What a case type allows for extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtensionRule {
    /// How often.
    pub times: u32,
    /// How much at most each time, in the unit of the clock.
    pub amount_max: u32,
    /// Whether a written notice must be named.
    pub written: bool,
}

/// What may be done to a clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// The special procedures that stop it.
    pub stops: BTreeMap<String, StopRule>,
    /// How it is extended; without it, never.
    pub extension: Option<ExtensionRule>,
}

/// A clock with its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalClock {
    /// How much time there was at first.
    pub budget: u32,
    /// What is counted.
    pub unit: Unit,
    /// When it started; of a clock of days, that day does not count.
    pub started: OffsetDateTime,
    /// What was done to it, in order.
    pub acts: Vec<Act>,
}

/// Where a clock stood after its last act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The budget with its extensions.
    pub allowed: u32,
    /// What was used then: days, or minutes of a clock of hours.
    pub consumed: u32,
    /// Since when it runs; none while it stands and when it has ended.
    pub running_since: Option<OffsetDateTime>,
    /// Whether any figure rests on a year that is not known yet.
    pub provisional: bool,
}

/// The end of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// The last day in time.
    pub day: Date,
    /// The first moment that is late.
    pub at: OffsetDateTime,
    /// Whether it rests on a year that is not known yet.
    pub provisional: bool,
}

impl LegalClock {
    /// A clock that starts.
    pub fn new(budget: u32, unit: Unit, started: OffsetDateTime) -> Result<Self, Refusal> {
        unit.check(budget)?;
        Ok(Self { budget, unit, started, acts: Vec::new() })
    }

    /// The clock that a record gives, checked act by act.
    pub fn replay(
        budget: u32,
        unit: Unit,
        started: OffsetDateTime,
        acts: impl IntoIterator<Item = Act>,
        law: (&Rules, &Calendar),
    ) -> Result<Self, Refusal> {
        let mut clock = Self::new(budget, unit, started)?;
        for act in acts {
            clock.apply(act, law.0, law.1)?;
        }
        Ok(clock)
    }

    /// Takes an act, or says why not and changes nothing.
    pub fn apply(&mut self, act: Act, rules: &Rules, calendar: &Calendar) -> Result<(), Refusal> {
        let last = self.acts.last().map_or(self.started, |last| last.at);
        if act.at < last {
            return Err(Refusal::BackDated(last));
        }
        if self.ended().is_some() {
            return Err(Refusal::Ended);
        }
        match &act.what {
            What::Suspended { kind, told_days } => {
                if self.stop().is_some() {
                    return Err(Refusal::Stopped);
                }
                let rule = rules.stops.get(kind).ok_or_else(|| Refusal::Kind(kind.clone()))?;
                grounded(&act, rule.written)?;
                if !(1..=rule.told_days_max).contains(told_days) {
                    return Err(Refusal::Told(rule.told_days_max));
                }
            }
            What::Resumed if self.stop().is_none() => return Err(Refusal::Runs),
            What::Extended { amount } => {
                let rule = rules.extension.ok_or(Refusal::Fixed)?;
                let done = self.extensions().count();
                if u32::try_from(done).unwrap_or(u32::MAX) >= rule.times {
                    return Err(Refusal::Times(rule.times));
                }
                if !(1..=rule.amount_max).contains(amount) {
                    return Err(Refusal::Extension(rule.amount_max));
                }
                grounded(&act, rule.written)?;
                if self.deadline(calendar)?.is_some_and(|end| act.at >= end.at) {
                    return Err(Refusal::TooLate);
                }
            }
            What::Resumed | What::Ended => {}
        }
        self.acts.push(act);
        Ok(())
    }

    /// The budget with its extensions.
    pub fn allowed(&self) -> u32 {
        self.extensions().fold(self.budget, u32::saturating_add)
    }

    /// When it ended.
    pub fn ended(&self) -> Option<OffsetDateTime> {
        self.acts.iter().find(|act| act.what == What::Ended).map(|act| act.at)
    }

    /// The stop that lasts: its kind, and since when.
    pub fn stop(&self) -> Option<(&str, OffsetDateTime)> {
        self.acts.iter().rev().find_map(|act| match &act.what {
            What::Suspended { kind, .. } => Some(Some((kind.as_str(), act.at))),
            What::Resumed => Some(None),
            What::Extended { .. } | What::Ended => None,
        })?
    }

    /// What has been used at a moment: days, or minutes of a clock of hours.
    pub fn consumed(&self, calendar: &Calendar, at: OffsetDateTime) -> Result<u32, CalendarError> {
        self.spent(calendar, &mut Reckoner::strict(calendar), at)
    }

    /// Where it stood after its last act.
    pub fn standing(&self, calendar: &Calendar) -> Result<Standing, CalendarError> {
        let last = self.acts.last().map_or(self.started, |last| last.at);
        let mut reckoner = Reckoner::lenient(calendar);
        let consumed = self.spent(calendar, &mut reckoner, last)?;
        let resumed = self.acts.iter().rev().find(|act| act.what == What::Resumed);
        let since = resumed.map_or(self.started, |act| act.at);
        let stands = self.stop().is_some() || self.ended().is_some();
        Ok(Standing {
            allowed: self.allowed(),
            consumed,
            running_since: (!stands).then_some(since),
            provisional: reckoner.guessed(),
        })
    }

    /// The end of the time, marked where it rests on a year that is not known; none while it stands in time.
    pub fn deadline(&self, calendar: &Calendar) -> Result<Option<Deadline>, CalendarError> {
        self.due(calendar, &mut Reckoner::lenient(calendar), self.allowed())
    }

    /// The end of the time as the law has it: a year that is not known is an error.
    pub fn deadline_in_law(&self, calendar: &Calendar) -> Result<Option<Deadline>, CalendarError> {
        self.due(calendar, &mut Reckoner::strict(calendar), self.allowed())
    }

    /// When a rung is due; none while the clock stands before it.
    pub fn rung_at(
        &self,
        calendar: &Calendar,
        rung: Rung,
    ) -> Result<Option<OffsetDateTime>, CalendarError> {
        let (allowed, reckoner) = (self.allowed(), &mut Reckoner::lenient(calendar));
        match rung {
            Rung::Before(left) if self.unit.is_hours() => {
                let due = self.due(calendar, reckoner, allowed.saturating_sub(left))?;
                Ok(due.map(|due| due.at))
            }
            Rung::Before(left) => {
                let due = self.due(calendar, reckoner, allowed.saturating_sub(left))?;
                let opens = |day| moment(day, calendar.hours_on(day).morning.from);
                Ok(due.map(|due| opens(due.day).max(self.started)))
            }
            Rung::Over => Ok(self.due(calendar, reckoner, allowed)?.map(|due| due.at)),
            Rung::After(more) => {
                let due = self.due(calendar, reckoner, allowed.saturating_add(more))?;
                Ok(due.map(|due| due.at))
            }
        }
    }

    /// The first rung that has not fired, by its moment; rungs at one moment come in the order given.
    pub fn next_rung<'a>(
        &self,
        calendar: &Calendar,
        rungs: impl IntoIterator<Item = (&'a str, Rung)>,
        fired: impl Fn(&str) -> bool,
    ) -> Result<Option<Next>, CalendarError> {
        let mut next: Option<Next> = None;
        if self.ended().is_some() {
            return Ok(None);
        }
        for (name, rung) in rungs {
            if fired(name) {
                continue;
            }
            let Some(at) = self.rung_at(calendar, rung)? else { continue };
            if next.as_ref().is_none_or(|other| at < other.at) {
                next = Some(Next { name: name.to_owned(), at });
            }
        }
        Ok(next)
    }

    /// The clock of days behind it; none for a clock of hours.
    pub fn days(&self) -> Option<Clock> {
        (!self.unit.is_hours()).then(|| self.of_days(self.allowed()))
    }

    /// Everything that a page says at a moment; a clock of hours is told in whole hours. It does not fail for a
    /// year that is not known yet.
    pub fn read(&self, calendar: &Calendar, at: OffsetDateTime) -> Result<Reading, CalendarError> {
        if let Some(clock) = self.days() {
            return clock.read(calendar, china_date(at));
        }
        let mut reckoner = Reckoner::lenient(calendar);
        let (allowed, due) = (self.allowed(), self.due(calendar, &mut reckoner, self.allowed())?);
        let minutes = self.spent(calendar, &mut reckoner, at)?;
        let over = minutes.saturating_sub(allowed.saturating_mul(60));
        let late = due.is_some_and(|due| at >= due.at);
        let state = match self.stop() {
            _ if at < self.started => ClockState::NotStarted,
            _ if late => ClockState::Overdue { days: over.div_ceil(60) },
            Some((kind, _)) => ClockState::Suspended { kind: kind.to_owned(), days: 0 },
            None => ClockState::Running,
        };
        let deadline = due.map(|due| Estimate { date: due.day, provisional: due.provisional });
        Ok(Reading {
            state,
            consumed: minutes / 60,
            remaining: allowed.saturating_mul(60).saturating_sub(minutes).div_ceil(60),
            overdue: if late { over.div_ceil(60) } else { 0 },
            deadline,
            provisional: reckoner.guessed(),
        })
    }

    fn extensions(&self) -> impl Iterator<Item = u32> {
        self.acts.iter().filter_map(|act| match act.what {
            What::Extended { amount } => Some(amount),
            _ => None,
        })
    }

    fn of_days(&self, budget: u32) -> Clock {
        let mut clock = Clock::new(budget, self.unit, china_date(self.started));
        for act in &self.acts {
            let day = china_date(act.at);
            match &act.what {
                What::Suspended { kind, .. } => clock.suspensions.push(Suspension {
                    kind: kind.clone(),
                    from: day,
                    to: None,
                    reason: act.reason.clone(),
                }),
                What::Resumed => {
                    if let Some(open) = clock.suspensions.last_mut() {
                        open.to = Some(day);
                    }
                }
                What::Extended { .. } | What::Ended => {}
            }
        }
        clock
    }

    fn wall<'a>(&self, calendar: &'a Calendar) -> Wall<'a> {
        let mut runs: Vec<Run> = vec![(self.started, None)];
        for act in &self.acts {
            match act.what {
                What::Suspended { .. } => {
                    if let Some(run) = runs.last_mut() {
                        run.1 = Some(act.at);
                    }
                }
                What::Resumed => runs.push((act.at, None)),
                What::Extended { .. } | What::Ended => {}
            }
        }
        Wall { calendar, unit: self.unit, runs }
    }

    fn spent(
        &self,
        calendar: &Calendar,
        reckoner: &mut Reckoner<'_>,
        at: OffsetDateTime,
    ) -> Result<u32, CalendarError> {
        if self.unit.is_hours() {
            let seconds = self.wall(calendar).spent(reckoner, at)?;
            return Ok(u32::try_from(seconds / 60).unwrap_or(u32::MAX));
        }
        self.of_days(self.allowed()).count_to(reckoner, china_date(at))
    }

    fn due(
        &self,
        calendar: &Calendar,
        reckoner: &mut Reckoner<'_>,
        amount: u32,
    ) -> Result<Option<Deadline>, CalendarError> {
        if self.unit.is_hours() {
            let seconds = i64::from(amount) * HOUR_SECONDS;
            let at = self.wall(calendar).reach(reckoner, seconds)?;
            let provisional = reckoner.guessed();
            return Ok(at.map(|at| Deadline { day: china_date(at), at, provisional }));
        }
        match self.of_days(amount).due(reckoner) {
            Ok(due) => Ok(Some(Deadline {
                day: due.date,
                at: after(due.date)?,
                provisional: reckoner.guessed(),
            })),
            Err(CalendarError::Stopped { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Refuses an act without a reason, an approver or the notice it needs.
fn grounded(act: &Act, written: bool) -> Result<(), Refusal> {
    if act.reason.trim().is_empty() {
        return Err(Refusal::NoReason);
    }
    if act.approver.trim().is_empty() {
        return Err(Refusal::NoApprover);
    }
    if written && act.notice.as_deref().is_none_or(|notice| notice.trim().is_empty()) {
        return Err(Refusal::NoNotice);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
