//! Tests of the legal clock: the table counted by hand, refusals, and laws that hold for every clock.

use proptest::prelude::*;
use time::macros::{date, datetime, offset, time};
use time::{Duration, Time, UtcOffset};

use super::*;
use crate::calendar::{Day, DayKind};
use crate::hours::{Hours, Period};

fn rules() -> Rules {
    let stop = StopRule { told_days_max: 60, written: false };
    let written = StopRule { told_days_max: 20, written: true };
    Rules {
        stops: [("hearing".to_owned(), stop), ("tests".to_owned(), written)].into(),
        extension: Some(ExtensionRule { times: 1, amount_max: 15, written: false }),
    }
}

fn act(at: OffsetDateTime, what: What) -> Act {
    Act { at, what, reason: "听证".to_owned(), approver: "示例局长".to_owned(), notice: None }
}

fn stop(at: OffsetDateTime) -> Act {
    act(at, What::Suspended { kind: "hearing".to_owned(), told_days: 20 })
}

fn when(text: &str) -> OffsetDateTime {
    let (day, clock) = text.split_once(' ').unwrap();
    let part = |text: &str, at: usize| text[at..at + 2].parse::<u8>().unwrap();
    let month = time::Month::try_from(part(day, 5)).unwrap();
    let date = Date::from_calendar_date(day[..4].parse().unwrap(), month, part(day, 8)).unwrap();
    moment(date, Time::from_hms(part(clock, 0), part(clock, 3), 0).unwrap())
}

fn acts(text: &str) -> Vec<Act> {
    let parts = text.split("; ").filter(|part| *part != "-");
    parts
        .map(|part| match part.split_once(' ').unwrap() {
            ("stop", at) => stop(when(at)),
            ("resume", at) => Act::plain(when(at), What::Resumed),
            (_, more) => {
                let (amount, at) = more.split_once(' ').unwrap();
                act(when(at), What::Extended { amount: amount.parse().unwrap() })
            }
        })
        .collect()
}

#[test]
fn the_table_counted_by_hand() {
    let china = Calendar::china();
    let mut seen = 0;
    for row in include_str!("../../data/golden.tsv").lines().filter(|row| row.starts_with("20")) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [name, unit, budget, started, given, expected] = columns[..] else { panic!("{row}") };
        let unit = Unit::parse(unit).unwrap();
        let (budget, started) = (budget.parse().unwrap(), when(started));
        let law = (&rules(), china);
        let clock = LegalClock::replay(budget, unit, started, acts(given), law).unwrap();
        let end = clock.deadline_in_law(china).unwrap().unwrap();
        match expected.split_once(' ') {
            Some(_) => assert_eq!(end.at, when(expected), "{name}"),
            None => assert_eq!(end.day.to_string(), expected, "{name}"),
        }
        assert_eq!(clock.deadline(china).unwrap().unwrap().provisional, end.provisional, "{name}");
        seen += 1;
    }
    assert_eq!(seen, 19);
}

#[test]
fn what_is_not_allowed_is_refused_and_changes_nothing() {
    let (china, rules) = (Calendar::china(), rules());
    let at = datetime!(2026-11-16 09:00 +8);
    let mut clock = LegalClock::new(5, Unit::WorkingDay, at).unwrap();
    let before = clock.clone();
    let later = at + Duration::hours(1);
    let suspended = |kind: &str, told_days| What::Suspended { kind: kind.to_owned(), told_days };
    let rows = [
        (Act { reason: " ".to_owned(), ..stop(later) }, Refusal::NoReason),
        (Act { approver: String::new(), ..stop(later) }, Refusal::NoApprover),
        (act(later, suspended("holiday", 5)), Refusal::Kind("holiday".to_owned())),
        (act(later, suspended("hearing", 61)), Refusal::Told(60)),
        (act(later, suspended("hearing", 0)), Refusal::Told(60)),
        (act(later, suspended("tests", 5)), Refusal::NoNotice),
        (stop(at - Duration::seconds(1)), Refusal::BackDated(at)),
        (Act::plain(later, What::Resumed), Refusal::Runs),
        (act(later, What::Extended { amount: 0 }), Refusal::Extension(15)),
        (act(later, What::Extended { amount: 16 }), Refusal::Extension(15)),
        (act(datetime!(2026-11-24 00:00 +8), What::Extended { amount: 5 }), Refusal::TooLate),
    ];
    for (act, refusal) in rows {
        let said = clock.apply(act, &rules, china).unwrap_err();
        assert!(!said.zh().is_empty() && !said.to_string().is_empty());
        assert_eq!(said, refusal);
        assert_eq!(clock, before);
    }
    clock.apply(act(later, What::Extended { amount: 5 }), &rules, china).unwrap();
    assert_eq!(
        clock.apply(act(later, What::Extended { amount: 5 }), &rules, china),
        Err(Refusal::Times(1))
    );
    clock.apply(stop(later), &rules, china).unwrap();
    assert_eq!(clock.apply(stop(later), &rules, china), Err(Refusal::Stopped));
    clock.apply(Act::plain(later, What::Ended), &rules, china).unwrap();
    assert_eq!(clock.apply(Act::plain(later, What::Resumed), &rules, china), Err(Refusal::Ended));
    let fixed = Rules::default();
    let mut clock = before;
    let extended = act(later, What::Extended { amount: 5 });
    assert_eq!(clock.apply(extended, &fixed, china), Err(Refusal::Fixed));
    for amount in [0, 10_000] {
        let refused = LegalClock::new(amount, Unit::WorkingDay, at);
        assert!(matches!(refused, Err(Refusal::Calendar(CalendarError::Budget { .. }))));
    }
}

#[test]
fn a_year_that_is_missing_is_an_error_in_law_and_marked_elsewhere() {
    let china = Calendar::china();
    let clock = LegalClock::new(20, Unit::WorkingDay, datetime!(2026-12-10 09:00 +8)).unwrap();
    assert_eq!(clock.deadline_in_law(china), Err(CalendarError::YearMissing(2027)));
    let marked = clock.deadline(china).unwrap().unwrap();
    assert_eq!((marked.day, marked.provisional), (date!(2027 - 01 - 07), true));
    let hours = LegalClock::new(40, Unit::WorkingHour, datetime!(2026-12-30 09:00 +8)).unwrap();
    assert_eq!(hours.deadline_in_law(china), Err(CalendarError::YearMissing(2027)));
    assert!(hours.deadline(china).unwrap().unwrap().provisional);
}

#[test]
fn rungs_come_in_their_order_and_each_once() {
    let china = Calendar::china();
    let mut clock = LegalClock::new(5, Unit::WorkingDay, datetime!(2026-11-13 10:00 +8)).unwrap();
    let rungs = [("soon", Rung::Before(1)), ("over", Rung::Over), ("worse", Rung::After(3))];
    let next = |clock: &LegalClock, fired: &[&str]| {
        let next = clock.next_rung(china, rungs, |name| fired.contains(&name)).unwrap();
        next.map(|next| (next.name, next.at))
    };
    let due = |name: &str, at| Some((name.to_owned(), at));
    // Due on Friday the 20th: told on Thursday morning, over at midnight, worse after Wednesday.
    assert_eq!(next(&clock, &[]), due("soon", datetime!(2026-11-19 08:30 +8)));
    assert_eq!(next(&clock, &["soon"]), due("over", datetime!(2026-11-21 00:00 +8)));
    assert_eq!(next(&clock, &["soon", "over"]), due("worse", datetime!(2026-11-26 00:00 +8)));
    assert_eq!(next(&clock, &["soon", "over", "worse"]), None);
    clock.apply(stop(datetime!(2026-11-17 10:00 +8)), &rules(), china).unwrap();
    assert_eq!(next(&clock, &[]), None);
    let resumed = Act::plain(datetime!(2026-11-24 10:00 +8), What::Resumed);
    clock.apply(resumed, &rules(), china).unwrap();
    assert_eq!(next(&clock, &[]), due("soon", datetime!(2026-11-26 08:30 +8)));
    clock.apply(Act::plain(datetime!(2026-11-25 10:00 +8), What::Ended), &rules(), china).unwrap();
    assert_eq!(next(&clock, &[]), None);
    let hours = LegalClock::new(4, Unit::WorkingHour, datetime!(2026-11-16 09:00 +8)).unwrap();
    let at = hours.rung_at(china, Rung::Before(1)).unwrap();
    assert_eq!(at, Some(datetime!(2026-11-16 12:00 +8)));
    assert_eq!(hours.rung_at(china, Rung::Over).unwrap(), Some(datetime!(2026-11-16 14:30 +8)));
}

#[test]
fn half_days_and_other_hours_count() {
    let day = |date, kind| Day { date, kind, zh: "半天".to_owned(), en: "half".to_owned() };
    let summer = Hours::new(
        date!(2026 - 07 - 01),
        Period { from: time!(8:00), to: time!(12:00) },
        Period { from: time!(15:00), to: time!(18:00) },
    );
    let office = Calendar::china()
        .with_days([day(date!(2026 - 07 - 07), DayKind::Morning)])
        .unwrap()
        .with_hours([summer.unwrap()]);
    let clock = LegalClock::new(8, Unit::WorkingHour, datetime!(2026-07-06 16:00 +8)).unwrap();
    // Two hours on Monday, four on the morning of Tuesday, two on Wednesday.
    let end = clock.deadline_in_law(&office).unwrap().unwrap();
    assert_eq!(end.at, datetime!(2026-07-08 10:00 +8));
    assert_eq!(clock.consumed(&office, datetime!(2026-07-07 20:00 +8)), Ok(360));
    let reading = clock.read(&office, datetime!(2026-07-08 10:30 +8)).unwrap();
    assert_eq!((reading.consumed, reading.remaining, reading.overdue), (8, 0, 1));
    assert_eq!(office.is_working_day(date!(2026 - 07 - 07)), Ok(true));
    let gone = office.with_days([day(date!(2026 - 07 - 07), DayKind::Ordinary)]).unwrap();
    assert_eq!(gone.day(date!(2026 - 07 - 07)), None);
    assert_eq!(gone.hours_on(date!(2026 - 07 - 07)).morning.from, time!(8:00));
}

prop_compose! {
    /// A clock of any unit with up to three stops and perhaps an extension, by its record.
    fn records()(
        unit in 0_usize..5, budget in 1_u32..40, started in 0_i64..300 * 1_440,
        stops in proptest::collection::vec((0_i64..12_000, 0_i64..20_000), 0..4),
        more in 0_u32..10,
    ) -> (u32, Unit, OffsetDateTime, Vec<Act>) {
        let started = datetime!(2024-01-01 00:00 +8) + Duration::minutes(started);
        let mut at = started;
        let mut acts = Vec::new();
        if more > 0 {
            acts.push(act(at, What::Extended { amount: more }));
        }
        for (gap, length) in stops {
            at += Duration::minutes(gap);
            acts.push(stop(at));
            at += Duration::minutes(length);
            acts.push(Act::plain(at, What::Resumed));
        }
        (budget, Unit::ALL[unit], started, acts)
    }
}

type Record = (u32, Unit, OffsetDateTime, Vec<Act>);

fn replayed((budget, unit, started, acts): &Record) -> LegalClock {
    let law = (&rules(), Calendar::china());
    LegalClock::replay(*budget, *unit, *started, acts.iter().cloned(), law).unwrap()
}

/// All that can be asked of two clocks is the same.
fn same(one: &LegalClock, other: &LegalClock, calendars: (&Calendar, &Calendar)) {
    assert_eq!(one.deadline(calendars.0), other.deadline(calendars.1));
    for rung in [Rung::Before(1), Rung::Over, Rung::After(2)] {
        assert_eq!(one.rung_at(calendars.0, rung), other.rung_at(calendars.1, rung));
    }
    for step in 0..60 {
        let at = one.started + Duration::hours(step * 37);
        assert_eq!(one.consumed(calendars.0, at), other.consumed(calendars.1, at), "{at}");
    }
}

/// A stop of an hour or more somewhere after the last act, and its parts.
fn with(clock: &LegalClock, acts: impl IntoIterator<Item = Act>) -> LegalClock {
    let mut clock = clock.clone();
    for act in acts {
        clock.apply(act, &rules(), Calendar::china()).unwrap();
    }
    clock
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn consumed_never_falls_and_reaches_the_budget_at_the_deadline(record in records()) {
        let (china, clock) = (Calendar::china(), replayed(&record));
        let mut before = 0;
        for step in 0..100 {
            let consumed = clock.consumed(china, clock.started + Duration::hours(step * 11)).unwrap();
            prop_assert!(consumed >= before);
            before = consumed;
        }
        let end = clock.deadline(china).unwrap().unwrap();
        let grain = if clock.unit.is_hours() { 60 } else { 1 };
        let used = clock.consumed(china, end.at - Duration::seconds(1)).unwrap();
        let at_end = clock.consumed(china, if grain == 60 { end.at } else { end.at - Duration::seconds(1) });
        prop_assert!(used <= at_end.clone().unwrap());
        prop_assert!(at_end.unwrap() >= clock.allowed() * grain);
    }

    #[test]
    fn stopping_and_resuming_at_one_instant_is_nothing(record in records(), later in 0_i64..9_000) {
        let (china, clock) = (Calendar::china(), replayed(&record));
        let at = clock.acts.last().map_or(clock.started, |act| act.at) + Duration::minutes(later);
        let again = with(&clock, [stop(at), Act::plain(at, What::Resumed)]);
        same(&clock, &again, (china, china));
    }

    #[test]
    fn a_stop_in_two_parts_is_one(record in records(), a in 0_i64..9_000, b in 0_i64..9_000, c in 0_i64..9_000) {
        let (china, clock) = (Calendar::china(), replayed(&record));
        let from = clock.acts.last().map_or(clock.started, |act| act.at) + Duration::minutes(a);
        let (middle, to) = (from + Duration::minutes(b), from + Duration::minutes(b + c));
        let resumed = |at| Act::plain(at, What::Resumed);
        let whole = with(&clock, [stop(from), resumed(to)]);
        let parts = with(&clock, [stop(from), resumed(middle), stop(middle), resumed(to)]);
        same(&whole, &parts, (china, china));
    }

    #[test]
    fn a_holiday_moved_inside_a_stop_is_nothing(record in records(), days in 2_i64..20, at in 0_i64..20) {
        let (china, clock) = (Calendar::china(), replayed(&record));
        let from = clock.acts.last().map_or(clock.started, |act| act.at);
        let clock = with(&clock, [stop(from), Act::plain(from + Duration::days(days), What::Resumed)]);
        // A whole day inside: the day of the stop and that of the resumption count in part for hours.
        let moved = china_date(from) + Duration::days(1 + at % (days - 1));
        prop_assume!((moved.month(), moved.day()) != (time::Month::January, 1));
        let kind = if china.is_working_day(moved).unwrap() { DayKind::Holiday } else { DayKind::Ordinary };
        let changed = Day { date: moved, kind, zh: "假".to_owned(), en: "off".to_owned() };
        let other = china.with_days([changed]).unwrap();
        same(&clock, &clock, (china, &other));
    }

    #[test]
    fn the_record_replayed_gives_the_same_standing(record in records(), cut in 0_usize..8) {
        let (china, clock) = (Calendar::china(), replayed(&record));
        // As after a restart: from the part that was kept, and the acts that came later.
        let (budget, unit, started, acts) = &record;
        let cut = cut.min(acts.len());
        let kept = replayed(&(*budget, *unit, *started, acts[..cut].to_vec()));
        let again = with(&kept, acts[cut..].to_vec());
        prop_assert_eq!(&again, &clock);
        prop_assert_eq!(again.standing(china), clock.standing(china));
    }

    #[test]
    fn where_the_server_stands_is_nothing(record in records(), hours in -12_i8..13) {
        let (budget, unit, started, acts) = &record;
        let zone = UtcOffset::from_hms(hours, 0, 0).unwrap();
        let elsewhere = acts.iter().cloned().map(|act| Act { at: act.at.to_offset(zone), ..act });
        let there = (*budget, *unit, started.to_offset(zone), elsewhere.collect());
        let china = Calendar::china();
        same(&replayed(&record), &replayed(&there), (china, china));
        prop_assert_eq!(started.to_offset(offset!(+8)), *started);
    }
}
