//! A clock as countable days, one cell for each, for a page to draw.

use time::Date;

use crate::calendar::Calendar;
use crate::clock::Clock;
use crate::error::CalendarError;
use crate::reckon::Reckoner;
use crate::unit::Unit;

/// No page draws more cells than this; a clock that is years overdue says so in words.
const CELLS_MAX: usize = 400;

/// What a day of a clock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CellKind {
    /// Used in time.
    Used,
    /// Today, in time.
    Today,
    /// The clock stood still.
    Stopped,
    /// Still to come.
    Left,
    /// After the deadline.
    Over,
}

/// One day of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The day.
    pub date: Date,
    /// What it is.
    pub kind: CellKind,
    /// Whether the day may still move: its year is not known yet, or the clock stands still and the
    /// day it will run again is not known.
    pub provisional: bool,
}

impl Clock {
    /// One cell for each day of the unit, from day 1 to the deadline or to `on`, whichever is later;
    /// at most the first 400. While the clock stands still, the days left are drawn as if it ran
    /// again on the day after `on`.
    pub fn cells(&self, calendar: &Calendar, on: Date) -> Result<Vec<Cell>, CalendarError> {
        let tomorrow = on.next_day().ok_or(CalendarError::OutOfRange)?;
        let stands = self.suspensions.iter().any(|suspension| suspension.to.is_none());
        let clock = self.resumed(tomorrow);
        let mut reckoner = Reckoner::lenient(calendar);
        let due = clock.due(&mut reckoner)?;
        let mut cells = Vec::new();
        let mut used = 0;
        let mut date = clock.started;
        while date < due.date.max(on) && cells.len() < CELLS_MAX {
            date = date.next_day().ok_or(CalendarError::OutOfRange)?;
            if !clock.counts(&mut reckoner, date)? {
                continue;
            }
            let stopped = clock.stop_on(date).is_some();
            used += u32::from(!stopped);
            let kind = match date.cmp(&on) {
                _ if stopped => CellKind::Stopped,
                _ if used > due.allowed => CellKind::Over,
                std::cmp::Ordering::Less => CellKind::Used,
                std::cmp::Ordering::Equal => CellKind::Today,
                std::cmp::Ordering::Greater => CellKind::Left,
            };
            let unknown = clock.unit != Unit::NaturalDay && !calendar.knows(date.year());
            let provisional = unknown || (stands && kind == CellKind::Left);
            cells.push(Cell { date, kind, provisional });
        }
        Ok(cells)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;
    use crate::clock::Suspension;

    fn check(clock: &Clock, on: Date, expected: &str) {
        let cells = clock.cells(Calendar::china(), on).unwrap();
        let drawn: String = cells
            .iter()
            .map(|cell| match (cell.kind, cell.provisional) {
                (CellKind::Used, false) => 'u',
                (CellKind::Used, true) => 'U',
                (CellKind::Today, _) => 't',
                (CellKind::Stopped, _) => 's',
                (CellKind::Left, false) => 'l',
                (CellKind::Left, true) => 'L',
                (CellKind::Over, _) => 'o',
            })
            .collect();
        assert_eq!(drawn, expected, "{on}");
    }

    fn stop(from: Date, to: Option<Date>) -> Suspension {
        Suspension { kind: "hearing".to_owned(), from, to, reason: "听证".to_owned() }
    }

    #[test]
    fn days_are_countable() {
        let mut clock = Clock::new(5, Unit::WorkingDay, date!(2026 - 11 - 13));
        check(&clock, date!(2026 - 11 - 12), "lllll");
        check(&clock, date!(2026 - 11 - 13), "lllll");
        check(&clock, date!(2026 - 11 - 16), "tllll");
        check(&clock, date!(2026 - 11 - 20), "uuuut");
        check(&clock, date!(2026 - 11 - 21), "uuuuu");
        check(&clock, date!(2026 - 11 - 24), "uuuuuoo");
        clock.suspensions.push(stop(date!(2026 - 11 - 17), Some(date!(2026 - 11 - 19))));
        check(&clock, date!(2026 - 11 - 19), "usstlll");
        check(&clock, date!(2026 - 11 - 18), "ussllll");
        clock.suspensions.push(stop(date!(2026 - 11 - 20), None));
        check(&clock, date!(2026 - 11 - 20), "ussusLLL");
        check(&clock, date!(2026 - 11 - 22), "ussusLLL");
    }

    #[test]
    fn the_next_year_is_drawn_as_provisional() {
        let clock = Clock::new(5, Unit::WorkingDay, date!(2026 - 12 - 29));
        check(&clock, date!(2026 - 12 - 30), "tlLLL");
        check(&clock, date!(2027 - 01 - 04), "uuUtL");
        let natural = Clock::new(5, Unit::NaturalDay, date!(2026 - 12 - 29));
        check(&natural, date!(2026 - 12 - 30), "tllll");
    }

    #[test]
    fn nobody_draws_without_end() {
        let clock = Clock::new(1, Unit::NaturalDay, date!(2024 - 01 - 01));
        assert_eq!(clock.cells(Calendar::china(), date!(2026 - 11 - 21)).unwrap().len(), CELLS_MAX);
        assert!(clock.cells(Calendar::china(), Date::MAX).is_err());
    }
}
