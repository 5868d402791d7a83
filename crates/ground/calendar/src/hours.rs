//! Office hours: when a day of work counts, by the table in force on that day.

use time::macros::time;
use time::{Date, Time};

use crate::error::CalendarError;

/// From one time of day to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// When it opens.
    pub from: Time,
    /// When it closes.
    pub to: Time,
}

impl Period {
    /// Reads `08:30-12:00`.
    pub fn parse(text: &str) -> Result<Self, CalendarError> {
        let wrong = || CalendarError::Hours(text.to_owned());
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let clock = |text: &str| -> Option<Time> {
            let (hour, minute) = text.trim().split_once(':')?;
            Time::from_hms(hour.parse().ok()?, minute.parse().ok()?, 0).ok()
        };
        let period =
            Self { from: clock(from).ok_or_else(wrong)?, to: clock(to).ok_or_else(wrong)? };
        if period.from < period.to { Ok(period) } else { Err(wrong()) }
    }
}

/// Office hours from a day on, until later ones begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// The first day on which they are in force.
    pub from: Date,
    /// The morning.
    pub morning: Period,
    /// The afternoon.
    pub afternoon: Period,
}

impl Default for Hours {
    /// 8:30 to 12:00 and 13:30 to 17:30, where no table says otherwise.
    fn default() -> Self {
        Self {
            from: Date::MIN,
            morning: Period { from: time!(8:30), to: time!(12:00) },
            afternoon: Period { from: time!(13:30), to: time!(17:30) },
        }
    }
}

impl Hours {
    /// Hours of a morning and an afternoon that do not overlap.
    pub fn new(from: Date, morning: Period, afternoon: Period) -> Result<Self, CalendarError> {
        if morning.to > afternoon.from {
            return Err(CalendarError::Hours(format!("{}-{}", morning.to, afternoon.from)));
        }
        Ok(Self { from, morning, afternoon })
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn hours_are_read_strictly() {
        let morning = Period::parse("08:00-12:00").unwrap();
        let afternoon = Period::parse("14:00-18:00").unwrap();
        assert!(Hours::new(date!(2026 - 01 - 01), morning, afternoon).is_ok());
        assert!(Hours::new(date!(2026 - 01 - 01), afternoon, morning).is_err());
        for wrong in ["", "8-12", "12:00-08:00", "08:00-08:00", "25:00-26:00", "08:00"] {
            assert!(matches!(Period::parse(wrong), Err(CalendarError::Hours(_))), "{wrong}");
        }
    }
}
