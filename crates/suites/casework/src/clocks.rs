//! The clocks of a case on a day, derived from its dates and its suspensions, never stored.

use time::{Date, OffsetDateTime};
use zhengtong_calendar::{Calendar, Cell, Clock, Reading, Suspension, Unit, china_date};

use crate::error::Result;
use crate::model::{Case, Todo};

/// A clock as a page shows it.
#[derive(Clone, Debug)]
pub struct ClockView {
    /// The days there are.
    pub budget: u32,
    /// What it does today.
    pub reading: Reading,
    /// One cell for each day.
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

/// The clocks of a case; none before it is accepted. A decided case is read on the day of its decision.
pub fn clocks(case: &Case, stops: &[Suspension], now: OffsetDateTime) -> Result<Option<Clocks>> {
    let Some(accepted) = case.accepted_at else { return Ok(None) };
    let on = china_date(case.decided_at.unwrap_or(now));
    let view = |budget: u32| -> Result<ClockView> {
        let mut clock = Clock::new(budget, Unit::WorkingDay, china_date(accepted));
        clock.suspensions = stops.to_vec();
        let calendar = Calendar::china();
        Ok(ClockView {
            budget,
            reading: clock.read(calendar, on)?,
            cells: clock.cells(calendar, on)?,
        })
    };
    Ok(Some(Clocks { promised: view(case.promised_days)?, statutory: view(case.statutory_days)? }))
}

/// The promised day of a case if it were accepted on `day`, and whether that rests on a year not known yet.
pub fn promised_day(promised_days: u32, day: Date) -> Result<zhengtong_calendar::Estimate> {
    Ok(Clock::new(promised_days, Unit::WorkingDay, day).deadline_or_alarm(Calendar::china())?)
}

/// How urgent a task is: working days left (negative when late), or none when no day is set.
pub fn days_left(todo: &Todo, now: OffsetDateTime) -> Option<i64> {
    let due = todo.due_day?;
    let today = china_date(now);
    let calendar = Calendar::china();
    // Past the years that are known, weekends alone are counted: this is a hint in a list, not a deadline.
    let between = |from: Date, to: Date| {
        calendar
            .working_days_between(from, to)
            .map_or_else(|_unknown| (to - from).whole_days() * 5 / 7, i64::from)
    };
    Some(if due >= today { between(today, due) } else { -between(due, today) })
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
        for (days, from, expected) in rows {
            assert_eq!(promised_day(days, from).unwrap().date, expected);
        }
        assert!(promised_day(60, date!(2026 - 11 - 23)).unwrap().provisional);
    }
}
