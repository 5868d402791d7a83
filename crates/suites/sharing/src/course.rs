//! What the steps of a request or an objection come to. Pure: the same steps, limits and calendar give the same.

use time::{Date, OffsetDateTime};
use zhengtong_calendar::{Calendar, LegalClock, china_date};
use zhengtong_casework::Limit;

use crate::error::Result;
use crate::model::{ObjectionState, State, StepKind};
use crate::part::InForce;

/// A step as far as it moves anything: what, and when.
pub(crate) type Mark = (StepKind, OffsetDateTime);

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Course {
    pub(crate) state: State,
    /// The last day of whoever has it in hand.
    pub(crate) due: Option<Date>,
    /// Whether somebody who had it in hand acted after their last day.
    pub(crate) late: bool,
}

fn last_day(limit: Limit, from: OffsetDateTime, calendar: &Calendar) -> Result<Option<Date>> {
    let clock =
        LegalClock { budget: limit.days, unit: limit.unit, started: from, acts: Vec::new() };
    Ok(clock.deadline(calendar)?.map(|deadline| deadline.day))
}

/// Works out where a request stands.
pub(crate) fn request(marks: &[Mark], limits: &InForce, calendar: &Calendar) -> Result<Course> {
    let mut now = Course { state: State::Asked, due: None, late: false };
    let mut begun = None;
    for (kind, at) in marks {
        if now.due.is_some_and(|due| due < china_date(*at)) && *kind != StepKind::Withdrawn {
            now.late = true;
        }
        let (state, limit) = match kind {
            StepKind::Asked => (State::Asked, Some((limits.check, *at))),
            StepKind::Passed | StepKind::Negotiated => {
                begun = Some(*at);
                (State::Sent, Some((limits.reply, *at)))
            }
            // What must be made ready first counts from when it was sent, not from now.
            StepKind::Prepared => (State::Sent, Some((limits.prepare, begun.unwrap_or(*at)))),
            StepKind::Returned => (State::Returned, None),
            StepKind::Granted | StepKind::Ordered => (State::Granted, None),
            StepKind::Refused => (State::Refused, None),
            StepKind::Appealed => (State::Arbitration, Some((limits.check, *at))),
            StepKind::Upheld => (State::Upheld, None),
            StepKind::Withdrawn => (State::Withdrawn, None),
            _ => continue,
        };
        now.state = state;
        now.due = match limit {
            Some((limit, from)) => last_day(limit, from, calendar)?,
            None => None,
        };
    }
    Ok(now)
}

/// Works out where an objection stands.
pub(crate) fn objection(
    marks: &[Mark],
    limits: &InForce,
    calendar: &Calendar,
) -> Result<(ObjectionState, Option<Date>, bool)> {
    let (mut state, mut due, mut late) = (ObjectionState::Open, None, false);
    let mut raised = None;
    for (kind, at) in marks {
        if due.is_some_and(|due| due < china_date(*at)) {
            late = true;
        }
        match kind {
            StepKind::Raised => {
                raised = Some(*at);
                due = last_day(limits.objection, *at, calendar)?;
            }
            StepKind::Extended => {
                due = last_day(limits.objection_extended, raised.unwrap_or(*at), calendar)?;
            }
            StepKind::Corrected => (state, due) = (ObjectionState::Corrected, None),
            StepKind::Kept => (state, due) = (ObjectionState::Kept, None),
            _ => {}
        }
    }
    Ok((state, due, late))
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};
    use zhengtong_calendar::Unit;

    use super::*;
    use crate::part::LimitsFile;

    fn limits() -> InForce {
        let limit = |days| Limit { days, unit: Unit::WorkingDay };
        InForce {
            valid_from: date!(2024 - 03 - 01),
            file: LimitsFile {
                valid_from: String::new(),
                basis: Vec::new(),
                verified: false,
                check: String::new(),
                reply: String::new(),
                prepare: String::new(),
                objection: String::new(),
                objection_extended: String::new(),
                period_days_max: 1,
                quota_max: 1,
            },
            check: limit(2),
            reply: limit(5),
            prepare: limit(10),
            objection: limit(5),
            objection_extended: limit(10),
        }
    }

    fn check(marks: &[Mark], state: State, due: Option<Date>, late: bool) {
        let course = request(marks, &limits(), Calendar::china()).unwrap();
        assert_eq!(course, Course { state, due, late });
    }

    #[test]
    fn days_of_a_request_know_the_holidays() {
        // 30 September 2026 is a Wednesday; 1 to 7 October are off, 10 October is worked.
        let asked = (StepKind::Asked, datetime!(2026-09-30 10:00 +8));
        check(&[asked], State::Asked, Some(date!(2026 - 10 - 09)), false);
        let passed = (StepKind::Passed, datetime!(2026-10-09 17:00 +8));
        check(&[asked, passed], State::Sent, Some(date!(2026 - 10 - 15)), false);
        let prepared = (StepKind::Prepared, datetime!(2026-10-12 09:00 +8));
        check(&[asked, passed, prepared], State::Sent, Some(date!(2026 - 10 - 22)), false);
        let refused = (StepKind::Refused, datetime!(2026-10-23 09:00 +8));
        check(&[asked, passed, prepared, refused], State::Refused, None, true);
    }

    #[test]
    fn a_talk_gives_the_provider_new_time_and_the_ruling_has_its_own() {
        let marks = [
            (StepKind::Asked, datetime!(2026-11-02 10:00 +8)),
            (StepKind::Passed, datetime!(2026-11-02 11:00 +8)),
            (StepKind::Refused, datetime!(2026-11-03 11:00 +8)),
            (StepKind::Negotiated, datetime!(2026-11-04 11:00 +8)),
            (StepKind::Refused, datetime!(2026-11-05 11:00 +8)),
            (StepKind::Appealed, datetime!(2026-11-06 11:00 +8)),
            (StepKind::Ordered, datetime!(2026-11-10 11:00 +8)),
        ];
        check(&marks[..4], State::Sent, Some(date!(2026 - 11 - 11)), false);
        check(&marks[..6], State::Arbitration, Some(date!(2026 - 11 - 10)), false);
        check(&marks, State::Granted, None, false);
    }

    #[test]
    fn an_objection_has_five_days_and_ten_when_extended() {
        let raised = (StepKind::Raised, datetime!(2026-11-02 10:00 +8));
        let extended = (StepKind::Extended, datetime!(2026-11-06 10:00 +8));
        let kept = (StepKind::Kept, datetime!(2026-11-17 10:00 +8));
        let of = |marks: &[Mark]| objection(marks, &limits(), Calendar::china()).unwrap();
        assert_eq!(of(&[raised]), (ObjectionState::Open, Some(date!(2026 - 11 - 09)), false));
        let due = Some(date!(2026 - 11 - 16));
        assert_eq!(of(&[raised, extended]), (ObjectionState::Open, due, false));
        assert_eq!(of(&[raised, extended, kept]), (ObjectionState::Kept, None, true));
    }
}
