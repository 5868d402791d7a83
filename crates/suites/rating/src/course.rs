//! What the steps of a bad rating come to. Pure: the same steps, rules and calendar give the same standing, so all
//! that is kept of it can be worked out again.

use time::OffsetDateTime;
use zhengtong_calendar::{Act, Calendar, Deadline, LegalClock, What, china_date};
use zhengtong_casework::Limit;

use crate::error::Result;
use crate::model::{Course, Standing, StepKind};
use crate::part::InForce;

/// A step as far as it moves anything: what, and when.
pub(crate) type Mark = (StepKind, OffsetDateTime);

/// The clock that runs, and what stops it.
struct Running {
    clock: Option<LegalClock>,
}

impl Running {
    fn start(limit: Limit, at: OffsetDateTime) -> Self {
        let clock =
            LegalClock { budget: limit.days, unit: limit.unit, started: at, acts: Vec::new() };
        Self { clock: Some(clock) }
    }

    fn none() -> Self {
        Self { clock: None }
    }

    /// An appeal is with the office: until it is decided, the department cannot go on.
    fn act(&mut self, at: OffsetDateTime, what: What) {
        if let Some(clock) = &mut self.clock {
            clock.acts.push(Act::plain(at, what));
        }
    }

    fn due(&self, calendar: &Calendar) -> Result<Option<Deadline>> {
        Ok(self.clock.as_ref().map(|clock| clock.deadline(calendar)).transpose()?.flatten())
    }
}

/// Works out where a matter stands.
pub(crate) fn course(marks: &[Mark], rules: &InForce, calendar: &Calendar) -> Result<Course> {
    let mut now = Course {
        standing: Standing::Received,
        round: 1,
        due: None,
        in_time: None,
        answered: false,
        called_back: false,
        settled: None,
    };
    let mut running = Running::none();
    let mut before_appeal = Standing::Dispatched;
    for (kind, at) in marks {
        match kind {
            StepKind::Received => running = Running::start(rules.dispatch, *at),
            StepKind::Dispatched | StepKind::Ordered => {
                now.standing = Standing::Dispatched;
                running = Running::start(rules.rectify, *at);
            }
            StepKind::Replied => {
                if !now.answered {
                    let due = running.due(calendar)?;
                    now.in_time = due.map(|due| china_date(*at) <= due.day);
                }
                now.answered = true;
                now.standing = Standing::Replied;
                running = Running::none();
            }
            StepKind::Settled => {
                (now.called_back, now.settled) = (true, Some(true));
                now.standing = Standing::Closed;
            }
            StepKind::Unsettled => {
                (now.called_back, now.settled) = (true, Some(false));
                now.standing = Standing::Dispatched;
                now.round += 1;
                running = Running::start(rules.rectify, *at);
            }
            StepKind::Escalated => {
                now.standing = Standing::Escalated;
                running = Running::none();
            }
            StepKind::Appealed => {
                before_appeal = now.standing;
                now.standing = Standing::Appealed;
                running.act(*at, What::Suspended { kind: "appeal".to_owned(), told_days: 0 });
            }
            StepKind::Kept => {
                now.standing = before_appeal;
                running.act(*at, What::Resumed);
            }
            StepKind::Excluded => now.standing = Standing::Excluded,
            StepKind::Concluded => now.standing = Standing::Closed,
            StepKind::Overdue => {
                if !now.answered {
                    now.in_time = Some(false);
                }
            }
            StepKind::Asked | StepKind::Told | StepKind::Disclosed => {}
        }
    }
    now.due = match now.standing {
        Standing::Received | Standing::Dispatched => running.due(calendar)?,
        _ => None,
    };
    Ok(now)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;
    use zhengtong_calendar::Unit;

    use super::*;
    use crate::part::Rules;

    fn rules() -> InForce {
        let limit = |days| Limit { days, unit: Unit::WorkingDay };
        InForce {
            version: "test".to_owned(),
            valid_from: time::macros::date!(2021 - 01 - 01),
            rules: Rules {
                valid_from: "2021-01-01".to_owned(),
                basis: Vec::new(),
                dispatch: String::new(),
                rectify: String::new(),
                replies_max: 2,
                shown_min: 5,
                level: Vec::new(),
                online: Vec::new(),
                offline: Vec::new(),
            },
            dispatch: limit(1),
            rectify: limit(15),
        }
    }

    fn check(marks: &[Mark], standing: Standing, due: Option<&str>, in_time: Option<bool>) {
        let course = course(marks, &rules(), Calendar::china()).unwrap();
        let day = course.due.map(|due| due.day.to_string());
        assert_eq!((course.standing, day.as_deref(), course.in_time), (standing, due, in_time));
    }

    #[test]
    fn deadlines_know_the_holidays_of_2026() {
        // 30 September 2026 is a Wednesday; 1 to 7 October are off, 10 October is worked.
        let received = (StepKind::Received, datetime!(2026-09-30 10:00 +8));
        check(&[received], Standing::Received, Some("2026-10-08"), None);
        let dispatched = (StepKind::Dispatched, datetime!(2026-09-30 15:00 +8));
        check(&[received, dispatched], Standing::Dispatched, Some("2026-10-27"), None);
        let replied = (StepKind::Replied, datetime!(2026-10-27 17:59 +8));
        check(&[received, dispatched, replied], Standing::Replied, None, Some(true));
        let late = (StepKind::Replied, datetime!(2026-10-28 08:00 +8));
        check(&[received, dispatched, late], Standing::Replied, None, Some(false));
    }

    #[test]
    fn an_appeal_stops_the_clock_and_a_second_reply_has_its_own() {
        let begun = [
            (StepKind::Received, datetime!(2026-11-02 10:00 +8)),
            (StepKind::Dispatched, datetime!(2026-11-02 11:00 +8)),
        ];
        check(&begun, Standing::Dispatched, Some("2026-11-23"), None);
        let appealed = (StepKind::Appealed, datetime!(2026-11-04 09:00 +8));
        check(&[begun[0], begun[1], appealed], Standing::Appealed, None, None);
        let kept = (StepKind::Kept, datetime!(2026-11-11 09:00 +8));
        let after = [begun[0], begun[1], appealed, kept];
        let course_after = course(&after, &rules(), Calendar::china()).unwrap();
        assert!(course_after.due.unwrap().day > time::macros::date!(2026 - 11 - 23));
        let replied = (StepKind::Replied, datetime!(2026-11-16 09:00 +8));
        let unsettled = (StepKind::Unsettled, datetime!(2026-11-17 00:00 +8));
        let marks = [begun[0], begun[1], replied, unsettled];
        let again = course(&marks, &rules(), Calendar::china()).unwrap();
        assert_eq!((again.round, again.settled, again.in_time), (2, Some(false), Some(true)));
        assert_eq!(again.due.unwrap().day, time::macros::date!(2026 - 12 - 08));
    }
}
