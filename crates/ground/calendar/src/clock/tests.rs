//! Tests of the clock: examples by hand, and laws that hold for every clock.

use proptest::prelude::*;
use time::Duration;
use time::macros::date;

use super::*;
use crate::calendar::{Day, DayKind};

fn stop(from: Date, to: Option<Date>) -> Suspension {
    Suspension { kind: "hearing".to_owned(), from, to, reason: "听证".to_owned() }
}

fn with(clock: &Clock, suspensions: impl IntoIterator<Item = Suspension>) -> Clock {
    let mut clock = clock.clone();
    clock.suspensions.extend(suspensions);
    clock
}

#[test]
fn deadlines() {
    let china = Calendar::china();
    let of = |budget, unit, started| Clock::new(budget, unit, started).deadline(china);
    let working = Unit::WorkingDay;
    assert_eq!(of(20, working, date!(2025 - 09 - 15)), Ok(date!(2025 - 10 - 17)));
    assert_eq!(of(5, working, date!(2025 - 09 - 26)), Ok(date!(2025 - 10 - 10)));
    assert_eq!(of(0, working, date!(2025 - 09 - 26)), Ok(date!(2025 - 09 - 26)));
    assert_eq!(of(5, Unit::NaturalDay, date!(2026 - 11 - 16)), Ok(date!(2026 - 11 - 21)));
    assert_eq!(of(5, Unit::StatutoryDay, date!(2026 - 11 - 16)), Ok(date!(2026 - 11 - 23)));
    assert_eq!(of(30, Unit::NaturalDay, date!(2026 - 12 - 21)), Ok(date!(2027 - 01 - 20)));
    let missing = Err(CalendarError::YearMissing(2027));
    assert_eq!(of(30, Unit::StatutoryDay, date!(2026 - 12 - 21)), missing);
    assert_eq!(of(30, working, date!(2026 - 11 - 21)), missing);
    assert!(matches!(
        of(u32::MAX, Unit::NaturalDay, date!(2026 - 11 - 21)),
        Err(CalendarError::OutOfRange)
    ));
}

#[test]
fn a_day_in_the_life_of_a_clock() {
    let china = Calendar::china();
    let clock = Clock::new(5, Unit::WorkingDay, date!(2026 - 11 - 13));
    for (on, consumed, remaining, overdue, state) in [
        (date!(2026 - 11 - 12), 0, 5, 0, ClockState::NotStarted),
        (date!(2026 - 11 - 13), 0, 5, 0, ClockState::Running),
        (date!(2026 - 11 - 15), 0, 5, 0, ClockState::Running),
        (date!(2026 - 11 - 16), 1, 4, 0, ClockState::Running),
        (date!(2026 - 11 - 20), 5, 0, 0, ClockState::Running),
        (date!(2026 - 11 - 22), 5, 0, 0, ClockState::Running),
        (date!(2026 - 11 - 24), 7, 0, 2, ClockState::Overdue { days: 2 }),
    ] {
        assert_eq!(clock.consumed(china, on), Ok(consumed), "{on}");
        assert_eq!(clock.remaining(china, on), Ok(remaining), "{on}");
        assert_eq!(clock.overdue_by(china, on), Ok(overdue), "{on}");
        assert_eq!(clock.state(china, on), Ok(state), "{on}");
    }
}

#[test]
fn a_statutory_period_that_ends_on_a_day_off_is_not_over() {
    let china = Calendar::china();
    let clock = Clock::new(5, Unit::StatutoryDay, date!(2026 - 11 - 16));
    for (on, remaining, overdue) in [
        (date!(2026 - 11 - 20), 3, 0),
        (date!(2026 - 11 - 21), 2, 0),
        (date!(2026 - 11 - 23), 0, 0),
        (date!(2026 - 11 - 24), 0, 1),
    ] {
        assert_eq!(clock.remaining(china, on), Ok(remaining), "{on}");
        assert_eq!(clock.overdue_by(china, on), Ok(overdue), "{on}");
    }
}

#[test]
fn a_clock_that_stands_still_has_no_deadline() {
    let china = Calendar::china();
    let mut clock = Clock::new(5, Unit::WorkingDay, date!(2026 - 11 - 13));
    let from = date!(2026 - 11 - 18);
    let stopped =
        ClockEvent::Suspended { kind: "hearing".to_owned(), from, reason: "听证".to_owned() };
    clock.apply(stopped.clone()).unwrap();
    let error = CalendarError::Stopped { kind: "hearing".to_owned(), since: from };
    assert_eq!(clock.deadline(china), Err(error.clone()));
    assert_eq!(clock.deadline_or_alarm(china), Err(error));
    let state = |days| Ok(ClockState::Suspended { kind: "hearing".to_owned(), days });
    assert_eq!(clock.state(china, date!(2026 - 11 - 23)), state(4));
    assert_eq!(clock.consumed(china, date!(2026 - 11 - 23)), Ok(2));
    let estimate = Estimate { date: date!(2026 - 11 - 26), provisional: true };
    assert_eq!(clock.deadline_if_resumed(china, date!(2026 - 11 - 24)), Ok(estimate));
    assert_eq!(clock.apply(stopped.clone()), Err(CalendarError::StoppedAlready(from)));
    let resumed = |to| ClockEvent::Resumed { to };
    assert_eq!(clock.apply(resumed(date!(2026 - 11 - 17))), Err(CalendarError::Before(from)));
    clock.apply(resumed(date!(2026 - 11 - 24))).unwrap();
    assert_eq!(clock.deadline(china), Ok(date!(2026 - 11 - 26)));
    assert_eq!(clock.apply(resumed(from)), Err(CalendarError::NotStopped));
    assert_eq!(clock.apply(stopped), Err(CalendarError::Before(date!(2026 - 11 - 24))));
}

#[test]
fn a_stop_after_the_end_changes_nothing() {
    let china = Calendar::china();
    let clock = Clock::new(2, Unit::WorkingDay, date!(2026 - 11 - 16));
    let late = with(&clock, [stop(date!(2026 - 11 - 20), None)]);
    assert_eq!(late.deadline(china), Ok(date!(2026 - 11 - 18)));
    assert_eq!(late.state(china, date!(2026 - 11 - 24)), Ok(ClockState::Overdue { days: 1 }));
}

#[test]
fn an_unknown_year_is_an_alarm_and_never_silent() {
    let china = Calendar::china();
    let clock = Clock::new(20, Unit::WorkingDay, date!(2026 - 12 - 10));
    assert_eq!(clock.deadline(china), Err(CalendarError::YearMissing(2027)));
    let guess = Estimate { date: date!(2027 - 01 - 07), provisional: true };
    assert_eq!(clock.deadline_or_alarm(china), Ok(guess));
    let reading = clock.read(china, date!(2026 - 12 - 11)).unwrap();
    assert_eq!((reading.consumed, reading.remaining, reading.overdue), (1, 19, 0));
    assert_eq!((reading.deadline, reading.provisional), (Some(guess), true));
    let later = clock.read(china, date!(2027 - 01 - 08)).unwrap();
    assert_eq!((later.state, later.provisional), (ClockState::Overdue { days: 1 }, true));
    assert!(clock.state(china, date!(2027 - 01 - 08)).is_err());
    let sure = Clock::new(20, Unit::WorkingDay, date!(2026 - 11 - 21));
    let estimate = Estimate { date: date!(2026 - 12 - 18), provisional: false };
    assert_eq!(sure.deadline_or_alarm(china), Ok(estimate));
    assert!(!sure.read(china, date!(2026 - 11 - 23)).unwrap().provisional);
    let known = Day {
        date: date!(2027 - 01 - 01),
        kind: DayKind::Holiday,
        zh: "元旦".to_owned(),
        en: "New Year's Day".to_owned(),
    };
    let next = Calendar::from_days(china.days().cloned().chain([known])).unwrap();
    assert_eq!(clock.deadline(&next), Ok(date!(2027 - 01 - 08)));
}

#[test]
fn is_written_and_read_as_plain_dates() {
    let clock = with(
        &Clock::new(5, Unit::WorkingDay, date!(2026 - 11 - 13)),
        [
            stop(date!(2026 - 11 - 17), Some(date!(2026 - 11 - 19))),
            stop(date!(2026 - 11 - 20), None),
        ],
    );
    let json = serde_json::to_string(&clock).unwrap();
    assert!(json.contains(r#""unit":"working_day","started":"2026-11-13""#), "{json}");
    assert_eq!(serde_json::from_str::<Clock>(&json).unwrap(), clock);
}

fn days_after(start: Date, days: u16) -> Date {
    start + Duration::days(i64::from(days))
}

prop_compose! {
    /// A clock of 2024 or 2025 with up to three suspensions one after another.
    fn clocks()(
        started in 0_u16..300, budget in 0_u32..40, statutory in 0_u8..3,
        gaps in proptest::collection::vec((0_u16..20, 0_u16..20), 0..4),
    ) -> Clock {
        let unit = [Unit::WorkingDay, Unit::NaturalDay, Unit::StatutoryDay][usize::from(statutory)];
        let mut clock = Clock::new(budget, unit, days_after(date!(2024 - 01 - 01), started));
        let mut at = clock.started;
        for (gap, length) in gaps {
            let from = days_after(at, gap);
            at = days_after(from, length);
            clock.suspensions.push(stop(from, Some(at)));
        }
        clock
    }
}

/// All that can be asked of two clocks is the same, on every third day of a range.
fn same(one: &Clock, other: &Clock, calendars: (&Calendar, &Calendar), days: std::ops::Range<u16>) {
    assert_eq!(one.deadline(calendars.0), other.deadline(calendars.1));
    for day in days.step_by(3) {
        let on = days_after(one.started, day);
        assert_eq!(one.consumed(calendars.0, on), other.consumed(calendars.1, on), "{on}");
        assert_eq!(one.overdue_by(calendars.0, on), other.overdue_by(calendars.1, on), "{on}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn consumed_never_falls_and_meets_the_deadline(clock in clocks()) {
        let china = Calendar::china();
        let mut before = 0;
        for day in 0..200 {
            let consumed = clock.consumed(china, days_after(clock.started, day)).unwrap();
            prop_assert!(consumed == before || consumed == before + 1);
            before = consumed;
        }
        let deadline = clock.deadline(china).unwrap();
        prop_assert_eq!(clock.remaining(china, deadline), Ok(0));
        prop_assert_eq!(clock.overdue_by(china, deadline), Ok(0));
        if deadline > clock.started {
            let eve = deadline.previous_day().unwrap();
            prop_assert!(clock.remaining(china, eve).unwrap() > 0);
        }
        prop_assert_eq!(clock.deadline_or_alarm(china), Ok(Estimate { date: deadline, provisional: false }));
    }

    #[test]
    fn stopping_and_resuming_on_one_day_is_nothing(clock in clocks(), day in 0_u16..150) {
        let at = days_after(clock.started, day);
        let china = Calendar::china();
        same(&clock, &with(&clock, [stop(at, Some(at))]), (china, china), 0..200);
    }

    #[test]
    fn two_stops_that_meet_are_one(clock in clocks(), day in 0_u16..60, a in 0_u16..20, b in 0_u16..20) {
        let from = days_after(clock.started, day);
        let (middle, to) = (days_after(from, a), days_after(from, a + b));
        let whole = with(&clock, [stop(from, Some(to))]);
        let parts = with(&clock, [stop(from, Some(middle)), stop(middle, Some(to))]);
        let china = Calendar::china();
        same(&whole, &parts, (china, china), 0..200);
        for day in 0..100 {
            let on = days_after(clock.started, day);
            prop_assert_eq!(whole.state(china, on), parts.state(china, on));
            prop_assert_eq!(whole.cells(china, on), parts.cells(china, on));
        }
    }

    #[test]
    fn a_holiday_moved_inside_a_stop_is_nothing(clock in clocks(), day in 0_u16..60, length in 1_u16..20, at in 0_u16..20) {
        let from = days_after(clock.started, day);
        let to = days_after(from, length);
        let moved = days_after(from, at % length);
        prop_assume!((moved.month(), moved.day()) != (time::Month::January, 1));
        let china = Calendar::china();
        let clock = with(&clock, [stop(from, Some(to))]);
        let free = Day { date: moved, kind: DayKind::Holiday, zh: "假".to_owned(), en: "off".to_owned() };
        let others = china.days().filter(|day| day.date != moved).cloned();
        let other = match china.day(moved) {
            Some(_) => Calendar::from_days(others).unwrap(),
            None => Calendar::from_days(others.chain([free])).unwrap(),
        };
        same(&clock, &clock, (china, &other), 0..200);
    }

    #[test]
    fn replaying_the_record_gives_the_same_clock(clock in clocks()) {
        let events = clock.suspensions.iter().flat_map(|stop| {
            let Suspension { kind, from, to, reason } = stop.clone();
            let resumed = to.map(|to| ClockEvent::Resumed { to });
            [Some(ClockEvent::Suspended { kind, from, reason }), resumed].into_iter().flatten()
        });
        let again = Clock::replay(clock.budget, clock.unit, clock.started, events).unwrap();
        prop_assert_eq!(&again, &clock);
        let json = serde_json::to_string(&clock).unwrap();
        prop_assert_eq!(serde_json::from_str::<Clock>(&json).unwrap(), clock);
    }

    #[test]
    fn cells_agree_with_the_figures(clock in clocks(), day in 0_u16..150) {
        use crate::cells::CellKind;
        let china = Calendar::china();
        let on = days_after(clock.started, day);
        let cells = clock.cells(china, on).unwrap();
        let count = |kinds: &[CellKind]| u32::try_from(cells.iter().filter(|c| kinds.contains(&c.kind)).count()).unwrap();
        prop_assert_eq!(count(&[CellKind::Left]), clock.remaining(china, on).unwrap());
        prop_assert_eq!(count(&[CellKind::Over]), clock.overdue_by(china, on).unwrap());
        let used = [CellKind::Used, CellKind::Today, CellKind::Over];
        prop_assert_eq!(count(&used), clock.consumed(china, on).unwrap());
    }
}
