//! Where a wall clock hangs: nowhere known, at a distance from UTC, or in a place of the IANA time zone database.

use std::fmt;

/// Where a wall clock hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Zone {
    /// Not said.
    Unknown,
    /// So many seconds before UTC.
    Offset(i32),
    /// A place, such as `Asia/Shanghai`.
    Place(&'static str),
}

/// The largest distance from UTC, in seconds: 18 hours.
const OFFSET_MAX: i32 = 18 * 3_600;

impl Zone {
    /// Reads `Z`, `+08:00`, `+08:00:30` or `@Asia/Shanghai`; nothing is an unknown place.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::Unknown);
        }
        if text == "Z" {
            return Some(Self::Offset(0));
        }
        if let Some(name) = text.strip_prefix('@') {
            return Self::place(name);
        }
        let (sign, rest) = match text.split_at_checked(1)? {
            ("+", rest) => (1, rest),
            ("-", rest) => (-1, rest),
            _ => return None,
        };
        let mut parts = rest.split(':');
        let mut next = || {
            let part = parts.next().filter(|part| part.len() == 2)?;
            super::digits(part, 2).and_then(|number| i32::try_from(number).ok())
        };
        let (hours, minutes) = (next()?, next()?);
        let seconds = if rest.len() > 5 { next()? } else { 0 };
        if parts.next().is_some() || minutes > 59 || seconds > 59 {
            return None;
        }
        let offset = sign * (hours * 3_600 + minutes * 60 + seconds);
        (offset.abs() <= OFFSET_MAX).then_some(Self::Offset(offset))
    }

    fn place(name: &str) -> Option<Self> {
        tzdb::tz_by_name(name)?;
        let known = tzdb::TZ_NAMES.iter().find(|known| known.eq_ignore_ascii_case(name))?;
        Some(Self::Place(known))
    }

    /// The distance from UTC, in seconds, at a wall-clock time given in seconds since 1970 as if it were UTC.
    pub(crate) fn offset_at(self, wall: i64) -> Option<i32> {
        match self {
            Self::Unknown => None,
            Self::Offset(seconds) => Some(seconds),
            Self::Place(name) => {
                let place = tzdb::tz_by_name(name)?;
                let at = |moment| {
                    place.find_local_time_type(moment).ok().map(tz::LocalTimeType::ut_offset)
                };
                let first = at(wall)?;
                at(wall.checked_sub(i64::from(first))?)
            }
        }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => Ok(()),
            Self::Offset(0) => f.write_str("Z"),
            Self::Offset(seconds) => {
                let sign = if *seconds < 0 { '-' } else { '+' };
                let total = seconds.unsigned_abs();
                write!(f, "{sign}{:02}:{:02}", total / 3_600, total % 3_600 / 60)?;
                if total % 60 > 0 { write!(f, ":{:02}", total % 60) } else { Ok(()) }
            }
            Self::Place(name) => write!(f, "@{name}"),
        }
    }
}
