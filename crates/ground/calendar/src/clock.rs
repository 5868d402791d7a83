//! The legal clock. It keeps what happened (when it started, when it was stopped and resumed, how much
//! time the law gives) and works out everything else.
//!
//! The day on which the clock starts does not count; the next counting day is day 1. A stop counts
//! from its first day up to the day before it is resumed, so that stopping and resuming on one day
//! changes nothing and two stops that meet are one.

use serde::{Deserialize, Serialize};
use time::Date;

use crate::calendar::{Calendar, Estimate};
use crate::error::CalendarError;
use crate::reckon::Reckoner;
use crate::unit::Unit;

time::serde::format_description!(day, Date, "[year]-[month]-[day]");

/// A time in which the clock stood still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Why, as the case type names it: `hearing`, `inspection`, `expert_review`.
    pub kind: String,
    /// The first day that does not count.
    #[serde(with = "day")]
    pub from: Date,
    /// The day it was resumed, which counts again; none while it lasts.
    #[serde(with = "day::option", default)]
    pub to: Option<Date>,
    /// The grounds, in the officer's words.
    pub reason: String,
}

/// A clock: what happened to it. Its deadline is worked out, never kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// How many days there are.
    pub budget: u32,
    /// Which days count.
    pub unit: Unit,
    /// The day of the act that starts it, which does not count.
    #[serde(with = "day")]
    pub started: Date,
    /// The suspensions, in the order in which they were ordered.
    pub suspensions: Vec<Suspension>,
}

/// What can happen to a clock after it has started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ClockEvent {
    /// It stops.
    Suspended {
        /// Why, as the case type names it.
        kind: String,
        /// The first day that does not count.
        #[serde(with = "day")]
        from: Date,
        /// The grounds.
        reason: String,
    },
    /// It runs again.
    Resumed {
        /// The first day that counts again.
        #[serde(with = "day")]
        to: Date,
    },
}

/// What a clock does on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ClockState {
    /// Its day has not come yet.
    NotStarted,
    /// It runs, in time.
    Running,
    /// It stands still, in time.
    Suspended {
        /// Why, as the case type names it.
        kind: String,
        /// For how many days of its unit without a break, this one included.
        days: u32,
    },
    /// Its time is over; standing still does not change that.
    Overdue {
        /// By how many days of its unit.
        days: u32,
    },
}

/// Everything that a page says of a clock on a day. Where a year is not known yet it still has
/// figures, but says that they are provisional.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What the clock does.
    pub state: ClockState,
    /// Days used.
    pub consumed: u32,
    /// Days left after this one.
    pub remaining: u32,
    /// Days too many.
    pub overdue: u32,
    /// The deadline; none while the clock stands still in time.
    pub deadline: Option<Estimate>,
    /// Whether any figure rests on a year that is not known yet.
    pub provisional: bool,
}

/// The end of the budget.
pub(crate) struct Due {
    /// The last day in time.
    pub(crate) date: Date,
    /// The budget, with the days by which a last day moved.
    pub(crate) allowed: u32,
}

impl Clock {
    /// A clock that starts on a day.
    pub fn new(budget: u32, unit: Unit, started: Date) -> Self {
        Self { budget, unit, started, suspensions: Vec::new() }
    }

    /// The clock that a record of events gives.
    pub fn replay(
        budget: u32,
        unit: Unit,
        started: Date,
        events: impl IntoIterator<Item = ClockEvent>,
    ) -> Result<Self, CalendarError> {
        let mut clock = Self::new(budget, unit, started);
        for event in events {
            clock.apply(event)?;
        }
        Ok(clock)
    }

    /// Lets an event happen, or says why it cannot and changes nothing.
    pub fn apply(&mut self, event: ClockEvent) -> Result<(), CalendarError> {
        let open = self.suspensions.iter_mut().find(|suspension| suspension.to.is_none());
        match (event, open) {
            (ClockEvent::Suspended { .. }, Some(open)) => {
                Err(CalendarError::StoppedAlready(open.from))
            }
            (ClockEvent::Suspended { kind, from, reason }, None) => {
                let ends = self.suspensions.iter().filter_map(|suspension| suspension.to);
                let earliest = ends.max().map_or(self.started, |end| end.max(self.started));
                if from < earliest {
                    return Err(CalendarError::Before(earliest));
                }
                self.suspensions.push(Suspension { kind, from, to: None, reason });
                Ok(())
            }
            (ClockEvent::Resumed { .. }, None) => Err(CalendarError::NotStopped),
            (ClockEvent::Resumed { to }, Some(open)) if to < open.from => {
                Err(CalendarError::Before(open.from))
            }
            (ClockEvent::Resumed { to }, Some(open)) => {
                open.to = Some(to);
                Ok(())
            }
        }
    }

    /// How many days have been used up to and with `on`; it goes on counting after the budget.
    pub fn consumed(&self, calendar: &Calendar, on: Date) -> Result<u32, CalendarError> {
        self.count_to(&mut Reckoner::strict(calendar), on)
    }

    /// How many days are left after `on`.
    pub fn remaining(&self, calendar: &Calendar, on: Date) -> Result<u32, CalendarError> {
        let mut reckoner = Reckoner::strict(calendar);
        let consumed = self.count_to(&mut reckoner, on)?;
        Ok(self.allowed(&mut reckoner)?.saturating_sub(consumed))
    }

    /// By how many days the budget is exceeded on `on`.
    pub fn overdue_by(&self, calendar: &Calendar, on: Date) -> Result<u32, CalendarError> {
        self.count_over(&mut Reckoner::strict(calendar), on)
    }

    /// The last day in time.
    pub fn deadline(&self, calendar: &Calendar) -> Result<Date, CalendarError> {
        Ok(self.due(&mut Reckoner::strict(calendar))?.date)
    }

    /// The last day in time, or the best date known with a mark that it is provisional: the days of a
    /// year that has no notice yet are counted by weekends alone. Never stored, never relied on in
    /// law: a page shows it as 预计 and an administrator sees the alarm.
    pub fn deadline_or_alarm(&self, calendar: &Calendar) -> Result<Estimate, CalendarError> {
        let mut reckoner = Reckoner::lenient(calendar);
        let date = self.due(&mut reckoner)?.date;
        Ok(Estimate { date, provisional: reckoner.guessed() })
    }

    /// The deadline there would be if a clock that stands still were resumed on a day: always
    /// provisional when it stands still.
    pub fn deadline_if_resumed(
        &self,
        calendar: &Calendar,
        on: Date,
    ) -> Result<Estimate, CalendarError> {
        let estimate = self.resumed(on).deadline_or_alarm(calendar)?;
        let stands = self.suspensions.iter().any(|suspension| suspension.to.is_none());
        Ok(Estimate { provisional: estimate.provisional || stands, ..estimate })
    }

    /// What the clock does on a day. For a case that is closed, ask for the day it was closed.
    pub fn state(&self, calendar: &Calendar, on: Date) -> Result<ClockState, CalendarError> {
        self.state_by(&mut Reckoner::strict(calendar), on)
    }

    /// Everything at once, for a page; it does not fail for a year that is not known yet.
    pub fn read(&self, calendar: &Calendar, on: Date) -> Result<Reading, CalendarError> {
        let mut reckoner = Reckoner::lenient(calendar);
        let deadline = match self.deadline_or_alarm(calendar) {
            Ok(estimate) => Some(estimate),
            Err(CalendarError::Stopped { .. }) => None,
            Err(error) => return Err(error),
        };
        let consumed = self.count_to(&mut reckoner, on)?;
        let remaining = self.allowed(&mut reckoner)?.saturating_sub(consumed);
        let overdue = self.count_over(&mut reckoner, on)?;
        let state = self.state_by(&mut reckoner, on)?;
        let guessed = reckoner.guessed() || deadline.is_some_and(|date| date.provisional);
        Ok(Reading { state, consumed, remaining, overdue, deadline, provisional: guessed })
    }

    /// The same clock, its open suspension ended on a day.
    pub(crate) fn resumed(&self, on: Date) -> Self {
        let mut clock = self.clone();
        for open in clock.suspensions.iter_mut().filter(|suspension| suspension.to.is_none()) {
            open.to = Some(on.max(open.from));
        }
        clock
    }

    /// The suspension on a day; the open one first, because it does not end.
    pub(crate) fn stop_on(&self, date: Date) -> Option<&Suspension> {
        let covers = |stop: &&Suspension| stop.from <= date && stop.to.is_none_or(|to| date < to);
        let mut covering = self.suspensions.iter().filter(covers);
        let first = covering.next()?;
        Some(if first.to.is_none() {
            first
        } else {
            covering.find(|stop| stop.to.is_none()).unwrap_or(first)
        })
    }

    /// Whether a day is of the unit, standing still or not.
    pub(crate) fn counts(
        &self,
        reckoner: &mut Reckoner<'_>,
        date: Date,
    ) -> Result<bool, CalendarError> {
        match self.unit {
            Unit::WorkingDay => reckoner.works(date),
            Unit::NaturalDay | Unit::StatutoryDay => Ok(true),
            Unit::WorkingHour | Unit::UrgentHour => Err(CalendarError::HourUnit),
        }
    }

    /// Walks from the start to the last day in time.
    pub(crate) fn due(&self, reckoner: &mut Reckoner<'_>) -> Result<Due, CalendarError> {
        let mut date = self.started;
        let mut count = 0;
        while count < self.budget || !self.may_end(reckoner, date)? {
            date = date.next_day().ok_or(CalendarError::OutOfRange)?;
            match self.stop_on(date) {
                Some(Suspension { kind, from, to: None, .. }) => {
                    return Err(CalendarError::Stopped { kind: kind.clone(), since: *from });
                }
                Some(_) => {}
                None => count += u32::from(self.counts(reckoner, date)?),
            }
        }
        Ok(Due { date, allowed: count })
    }

    /// Whether the time may end on a day: a statutory one not on a day off, and not while the clock
    /// stands still after a day off.
    fn may_end(&self, reckoner: &mut Reckoner<'_>, date: Date) -> Result<bool, CalendarError> {
        match self.unit {
            Unit::WorkingDay | Unit::NaturalDay => Ok(true),
            Unit::WorkingHour | Unit::UrgentHour => Err(CalendarError::HourUnit),
            Unit::StatutoryDay => Ok(self.stop_on(date).is_none() && reckoner.works(date)?),
        }
    }

    /// Days that count after the start, up to and with `on`.
    pub(crate) fn count_to(
        &self,
        reckoner: &mut Reckoner<'_>,
        on: Date,
    ) -> Result<u32, CalendarError> {
        let mut count = 0;
        let mut date = self.started;
        while date < on {
            date = date.next_day().ok_or(CalendarError::OutOfRange)?;
            if self.stop_on(date).is_none() {
                count += u32::from(self.counts(reckoner, date)?);
            }
        }
        Ok(count)
    }

    fn count_over(&self, reckoner: &mut Reckoner<'_>, on: Date) -> Result<u32, CalendarError> {
        let consumed = self.count_to(reckoner, on)?;
        if consumed <= self.budget {
            return Ok(0);
        }
        Ok(consumed.saturating_sub(self.allowed(reckoner)?))
    }

    /// The budget, with the days by which a last day moves where that is known.
    fn allowed(&self, reckoner: &mut Reckoner<'_>) -> Result<u32, CalendarError> {
        if self.unit != Unit::StatutoryDay {
            return Ok(self.budget);
        }
        match self.due(reckoner) {
            Ok(due) => Ok(due.allowed),
            Err(CalendarError::Stopped { .. }) => Ok(self.budget),
            Err(error) => Err(error),
        }
    }

    fn state_by(&self, reckoner: &mut Reckoner<'_>, on: Date) -> Result<ClockState, CalendarError> {
        if on < self.started {
            return Ok(ClockState::NotStarted);
        }
        let days = self.count_over(reckoner, on)?;
        if days > 0 {
            return Ok(ClockState::Overdue { days });
        }
        let Some(stop) = self.stop_on(on) else {
            return Ok(ClockState::Running);
        };
        let mut days = 0;
        let mut date = on;
        while date > self.started && self.stop_on(date).is_some() {
            days += u32::from(self.counts(reckoner, date)?);
            date = date.previous_day().ok_or(CalendarError::OutOfRange)?;
        }
        Ok(ClockState::Suspended { kind: stop.kind.clone(), days })
    }
}

#[cfg(test)]
mod tests;
