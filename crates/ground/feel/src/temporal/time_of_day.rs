//! A time of day, with the place of the clock where it is known.

use std::cmp::Ordering;
use std::fmt;

use super::{DAY, SECOND, Span, Zone, digits, fraction};

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Time {
    /// Seconds since midnight.
    pub(super) seconds: u32,
    pub(super) nanos: u32,
    /// Where the clock hangs.
    pub zone: Zone,
}

impl Time {
    /// Midnight, at no known place.
    pub const MIDNIGHT: Self = Self { seconds: 0, nanos: 0, zone: Zone::Unknown };

    /// Midnight in UTC.
    pub(crate) const UNIVERSAL_MIDNIGHT: Self =
        Self { seconds: 0, nanos: 0, zone: Zone::Offset(0) };

    /// A time of its parts, if there is one.
    pub(crate) fn new(hour: i64, minute: i64, second: i64, nanos: u32, zone: Zone) -> Option<Self> {
        let exists =
            (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
        let seconds = u32::try_from(hour * 3_600 + minute * 60 + second).ok()?;
        exists.then_some(Self { seconds, nanos, zone })
    }

    /// Reads `08:30:00`, with a fraction and a zone if wanted.
    pub fn parse(text: &str) -> Option<Self> {
        let end = text.find(['Z', '+', '-', '@']).unwrap_or(text.len());
        let (clock, zone) = text.split_at_checked(end)?;
        let (clock, nanos) = match clock.split_once('.') {
            Some((clock, rest)) => (clock, fraction(rest)?),
            None => (clock, 0),
        };
        let mut parts = clock.split(':');
        let mut next =
            || parts.next().filter(|part| part.len() == 2).and_then(|part| digits(part, 2));
        let (hour, minute, second) = (next()?, next()?, next()?);
        if parts.next().is_some() {
            return None;
        }
        Self::new(hour, minute, second, nanos, Zone::parse(zone)?)
    }

    /// The hour.
    pub fn hour(self) -> u32 {
        self.seconds / 3_600
    }

    /// The minute.
    pub fn minute(self) -> u32 {
        self.seconds % 3_600 / 60
    }

    /// The second.
    pub fn second(self) -> u32 {
        self.seconds % 60
    }

    /// Nanoseconds since midnight, by the clock.
    pub(crate) fn nanos(self) -> i128 {
        i128::from(self.seconds) * SECOND + i128::from(self.nanos)
    }

    /// The clock at so many nanoseconds since midnight, which may be of another day.
    pub(crate) fn at(nanos: i128, zone: Zone) -> Self {
        let within = nanos.rem_euclid(i128::from(DAY) * SECOND);
        Self {
            seconds: u32::try_from(within / SECOND).unwrap_or(0),
            nanos: u32::try_from(within % SECOND).unwrap_or(0),
            zone,
        }
    }

    pub(crate) fn plus(self, span: Span) -> Option<Self> {
        match span {
            Span::Nanos(nanos) => Some(Self::at(self.nanos().checked_add(nanos)?, self.zone)),
            Span::Months(_) => None,
        }
    }

    /// From this to the other; `None` when only one of the two knows its place.
    pub(crate) fn until(self, other: Self) -> Option<Span> {
        let (from, to) = (self.universal(), other.universal());
        match (from, to) {
            (Some(from), Some(to)) => Some(Span::Nanos(to - from)),
            (None, None) => Some(Span::Nanos(other.nanos() - self.nanos())),
            _ => None,
        }
    }

    /// Which is earlier; `None` when only one of the two knows its place.
    pub(crate) fn compare(self, other: Self) -> Option<Ordering> {
        self.until(other).map(|span| Span::Nanos(0).compare(span).unwrap_or(Ordering::Equal))
    }

    /// The clock in UTC, if it can be known without a day.
    fn universal(self) -> Option<i128> {
        let offset = self.zone.offset_at(i64::from(self.seconds))?;
        Some(self.nanos() - i128::from(offset) * SECOND)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}:{:02}", self.hour(), self.minute(), self.second())?;
        if self.nanos > 0 {
            write!(f, ".{}", format!("{:09}", self.nanos).trim_end_matches('0'))?;
        }
        write!(f, "{}", self.zone)
    }
}
