//! A day and a time of it.

use std::cmp::Ordering;
use std::fmt;

use super::{DAY, Date, SECOND, Span, Time, Zone};

/// A date and time, with the place of the clock where it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTime {
    /// The day on the calendar.
    pub date: Date,
    /// The time on the wall.
    pub time: Time,
}

impl DateTime {
    /// Reads `2026-01-31T08:30:00`, with fraction and zone if wanted. Seconds may be left out, as the web's own
    /// fields for a time do.
    pub fn parse(text: &str) -> Option<Self> {
        let (day, clock) = text.split_once('T')?;
        let time = match clock.len() {
            5 => Time::parse(&format!("{clock}:00")),
            _ => Time::parse(clock),
        };
        let date = Date::parse(day)?;
        // The end of a day is the beginning of the next.
        if let Some(zone) = clock.strip_prefix("24:00:00") {
            let time = Time { zone: Zone::parse(zone)?, ..Time::MIDNIGHT };
            return Some(Self { date: Date::from_number(date.number() + 1)?, time });
        }
        Some(Self { date, time: time? })
    }

    /// Midnight of a day, at no known place.
    pub fn midnight(date: Date) -> Self {
        Self { date, time: Time::MIDNIGHT }
    }

    /// Midnight of a day in UTC.
    pub(crate) fn universal_midnight(date: Date) -> Self {
        Self { date, time: Time::UNIVERSAL_MIDNIGHT }
    }

    /// Later by a duration.
    pub(crate) fn plus(self, span: Span) -> Option<Self> {
        match span {
            Span::Months(_) => Some(Self { date: self.date.plus(span)?, ..self }),
            Span::Nanos(nanos) => {
                let sum = self.time.nanos().checked_add(nanos)?;
                let days = i64::try_from(sum.div_euclid(i128::from(DAY) * SECOND)).ok()?;
                let date = Date::from_number(self.date.number().checked_add(days)?)?;
                Some(Self { date, time: Time::at(sum, self.time.zone) })
            }
        }
    }

    /// From this to the other; `None` when only one of the two knows its place.
    pub(crate) fn until(self, other: Self) -> Option<Span> {
        match (self.instant(), other.instant()) {
            (Some(from), Some(to)) => Some(Span::Nanos(to - from)),
            (None, None) => Some(Span::Nanos(other.wall() - self.wall())),
            _ => None,
        }
    }

    /// Which is earlier; `None` when only one of the two knows its place.
    pub(crate) fn compare(self, other: Self) -> Option<Ordering> {
        self.until(other).and_then(|span| Span::Nanos(0).compare(span))
    }

    /// The distance from UTC, in seconds, if it is known.
    pub(crate) fn offset(self) -> Option<i32> {
        let wall = i64::try_from(self.wall().div_euclid(SECOND)).ok()?;
        self.time.zone.offset_at(wall)
    }

    /// Nanoseconds since 1970 by the clock on the wall.
    fn wall(self) -> i128 {
        i128::from(self.date.number()) * i128::from(DAY) * SECOND + self.time.nanos()
    }

    /// Nanoseconds since 1970 in UTC, if the place is known.
    fn instant(self) -> Option<i128> {
        Some(self.wall() - i128::from(self.offset()?) * SECOND)
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{}", self.date, self.time)
    }
}

impl From<time::OffsetDateTime> for DateTime {
    fn from(moment: time::OffsetDateTime) -> Self {
        let (hour, minute, second) = moment.to_hms();
        let zone = Zone::Offset(moment.offset().whole_seconds());
        let nanos = i128::from(hour) * 3_600 + i128::from(minute) * 60 + i128::from(second);
        let time = Time::at(nanos * SECOND + i128::from(moment.nanosecond()), zone);
        Self { date: moment.date().into(), time }
    }
}
