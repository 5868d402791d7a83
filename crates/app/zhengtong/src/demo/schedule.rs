//! Which cases the demonstration has and when each of their steps took place: in time, due today, late, decided either
//! way, stopped, taken back. Days are working days before today, so that a demonstration is never out of date.

use time::macros::offset;
use time::{Date, Duration, OffsetDateTime, Time, Weekday};
use zhengtong_calendar::{Calendar, china_date};

use super::dice::{Dice, Purpose};

/// One step of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// The applicant hands in.
    Apply,
    /// The window accepts.
    Accept,
    /// The window asks for papers.
    Correct,
    /// The applicant supplies them.
    Supply,
    /// The window does not accept.
    Decline,
    /// The reviewer takes the case in hand.
    Take,
    /// The review is passed.
    Review,
    /// The site visit is passed.
    Inspect,
    /// The reviewer stops the clock.
    Stop,
    /// The reviewer lets it run again.
    Resume,
    /// The head grants.
    Grant,
    /// The head refuses.
    Refuse,
    /// The applicant takes the case back.
    Withdraw,
}

/// A step with its time and the company whose case it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) at: OffsetDateTime,
    /// The place of the company among those that apply.
    pub(crate) company: usize,
    pub(crate) step: Step,
}

use Step::{
    Accept, Apply, Correct, Decline, Grant, Inspect, Refuse, Resume, Review, Stop, Supply, Take,
    Withdraw,
};

/// Courses of cases: steps with how many working days ago.
const COURSES: [&[(u32, Step)]; 19] = [
    &[(0, Apply)],
    &[(1, Apply)],
    &[(3, Apply)],
    &[(4, Apply), (3, Correct)],
    &[(6, Apply), (5, Correct), (1, Supply)],
    &[(1, Apply), (0, Accept)],
    &[(2, Apply), (1, Accept), (0, Take)],
    &[(4, Apply), (3, Accept)],
    &[(4, Apply), (3, Accept), (2, Review)],
    &[(2, Apply), (1, Accept), (0, Inspect)],
    &[(5, Apply), (4, Accept), (3, Review), (2, Inspect)],
    &[(4, Apply), (3, Accept), (2, Review), (1, Inspect)],
    &[(6, Apply), (5, Accept), (4, Stop)],
    &[(9, Apply), (8, Accept), (7, Review), (6, Inspect), (5, Grant)],
    &[
        (20, Apply),
        (19, Accept),
        (18, Stop),
        (12, Resume),
        (11, Review),
        (11, Inspect),
        (10, Grant),
    ],
    &[(16, Apply), (15, Accept), (12, Review), (10, Inspect), (7, Grant)],
    &[(12, Apply), (11, Accept), (10, Review), (9, Inspect), (8, Refuse)],
    &[(7, Apply), (6, Decline)],
    &[(8, Apply), (7, Accept), (6, Withdraw)],
];
/// From this one on courses are over; each time one is used again it lies this many days further back.
const FIRST_OVER: usize = 13;
const FURTHER_DAYS: u32 = 3;

/// All steps of all cases up to now, in the order of their times.
pub(crate) fn plan(seed: u64, companies: usize, now: OffsetDateTime) -> Vec<Planned> {
    let today = china_date(now);
    let mut steps = Vec::new();
    for (company, (place, course)) in COURSES.iter().enumerate().cycle().take(companies).enumerate()
    {
        let turn = u32::try_from(company / COURSES.len()).unwrap_or(0);
        let further = if place >= FIRST_OVER { turn * FURTHER_DAYS } else { 0 };
        let mut dice = Dice::new(seed, Purpose::Case, u64::try_from(company).unwrap_or(u64::MAX));
        let start = 9 * 60 + i64::try_from(dice.below(150)).unwrap_or(0);
        for (order, (days_ago, step)) in (0_i64..).zip(*course) {
            let day = working_day_before(today, days_ago + further);
            let at = OffsetDateTime::new_in_offset(day, Time::MIDNIGHT, offset!(+8))
                + Duration::minutes(start + 25 * order);
            // Before office hours nothing has happened today yet: it happened a moment ago.
            let latest = now - Duration::minutes(10 - order);
            let at = at.to_offset(offset!(UTC)).min(latest);
            steps.push(Planned { at, company, step: *step });
        }
    }
    steps.sort_by_key(|planned| planned.at);
    steps
}

/// The working day so many working days before a day; zero gives the day itself or the last working day before it.
/// In years whose holidays are not known yet, weekends alone are free.
fn working_day_before(day: Date, count: u32) -> Date {
    let works = |day: Date| {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        Calendar::china().is_working_day(day).unwrap_or(!weekend)
    };
    let mut found = day;
    let mut left = count;
    loop {
        if works(found) {
            if left == 0 {
                return found;
            }
            left -= 1;
        }
        let Some(before) = found.previous_day() else { return found };
        found = before;
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn working_days_know_holidays() {
        let rows = [
            (date!(2026 - 03 - 04), 0, date!(2026 - 03 - 04)),
            (date!(2026 - 03 - 08), 0, date!(2026 - 03 - 06)),
            (date!(2026 - 03 - 09), 1, date!(2026 - 03 - 06)),
            (date!(2025 - 10 - 09), 1, date!(2025 - 09 - 30)),
            (date!(2091 - 01 - 01), 1, date!(2090 - 12 - 29)),
        ];
        for (day, count, expected) in rows {
            assert_eq!(working_day_before(day, count), expected, "{day} {count}");
        }
    }

    #[test]
    fn steps_lie_in_the_past_in_order_and_every_case_begins_with_an_application() {
        for now in [datetime!(2026-03-04 03:00 UTC), datetime!(2026-03-03 17:00 UTC)] {
            let steps = plan(1, 44, now);
            assert_eq!(steps, plan(1, 44, now));
            assert!(steps.is_sorted_by_key(|planned| planned.at));
            assert!(steps.iter().all(|planned| planned.at < now));
            for company in 0..44 {
                let own: Vec<&Planned> =
                    steps.iter().filter(|planned| planned.company == company).collect();
                assert_eq!(own[0].step, Apply);
                assert!(own.windows(2).all(|pair| pair[0].at < pair[1].at), "{own:?}");
                assert!(own.iter().skip(1).all(|planned| planned.step != Apply));
            }
            let oldest = steps[0].at;
            assert!(now - oldest < Duration::days(super::super::AGE_DAYS));
        }
    }
}
