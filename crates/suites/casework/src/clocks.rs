//! The clocks of a case on a day, derived from its dates and its suspensions, never stored.

use time::{Date, OffsetDateTime};
use zhengtong_calendar::{Calendar, Cell, Clock, Reading, Suspension, Unit, china_date};

use crate::error::{Error, Result};
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

/// How urgent a task is: working days left, negative when late, or none when no day is set. On days off after the
/// due day it is 0: the day is past, and no working day has been lost yet.
pub fn days_left(todo: &Todo, now: OffsetDateTime) -> Option<i64> {
    let due = todo.due_day?;
    let today = china_date(now);
    let calendar = Calendar::china();
    // Past the years that are known, weekends alone are counted: this is a hint in a list, not a deadline.
    let between = |from: Date, to: Date| {
        let known = calendar.working_days_between(from, to);
        i64::from(known.unwrap_or_else(|_unknown| weekdays_between(from, to)))
    };
    Some(if due >= today { between(today, due) } else { -between(due, today) })
}

/// The due day of a task after its clock stood from `since` to the day before `until`: as many working days later
/// as it stood after the task came.
pub(crate) fn given_back(due: Date, opened: Date, since: Date, until: Date) -> Result<Date> {
    let calendar = Calendar::china();
    let before = |day: Date| day.previous_day().unwrap_or(day);
    let (from, to) = (before(since).max(opened), before(until));
    // Past the years that are known, weekends alone are counted, as in the estimate that made the due day.
    let stood = calendar
        .working_days_between(from, to)
        .or_else(|_unknown| Ok::<u32, Error>(weekdays_between(from, to)))?;
    Ok(calendar.estimate_working_days(due, stood)?.date)
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
    fn a_stop_gives_its_working_days_back() {
        let due = date!(2026 - 11 - 27);
        let rows = [
            // Opened before the stop, from Tuesday to the next Monday: four working days.
            (
                date!(2026 - 11 - 23),
                date!(2026 - 11 - 24),
                date!(2026 - 11 - 30),
                date!(2026 - 12 - 03),
            ),
            // The task came on Thursday, while the clock stood: Friday is given back.
            (
                date!(2026 - 11 - 26),
                date!(2026 - 11 - 24),
                date!(2026 - 11 - 30),
                date!(2026 - 11 - 30),
            ),
            // Stopped and resumed on one day, and over a weekend alone: nothing was lost.
            (date!(2026 - 11 - 23), date!(2026 - 11 - 24), date!(2026 - 11 - 24), due),
            (date!(2026 - 11 - 20), date!(2026 - 11 - 21), date!(2026 - 11 - 23), due),
        ];
        for (opened, since, until, later) in rows {
            assert_eq!(given_back(due, opened, since, until).unwrap(), later, "{opened} {since}");
        }
        let year_end = given_back(
            date!(2031 - 01 - 03),
            date!(2031 - 01 - 01),
            date!(2031 - 01 - 02),
            date!(2031 - 01 - 06),
        );
        assert_eq!(year_end.unwrap(), date!(2031 - 01 - 07));
    }

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
