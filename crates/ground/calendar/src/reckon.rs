//! Asking the calendar either strictly, where an unknown year is an error, or leniently, where it is
//! counted by weekends and remembered as a guess.

use time::Date;

use crate::calendar::Calendar;
use crate::error::CalendarError;

/// One count of days.
pub(crate) struct Reckoner<'a> {
    calendar: &'a Calendar,
    strict: bool,
    guessed: bool,
}

impl<'a> Reckoner<'a> {
    /// An unknown year is an error.
    pub(crate) fn strict(calendar: &'a Calendar) -> Self {
        Self { calendar, strict: true, guessed: false }
    }

    /// An unknown year is counted by weekends.
    pub(crate) fn lenient(calendar: &'a Calendar) -> Self {
        Self { calendar, strict: false, guessed: false }
    }

    /// Whether people work on that day.
    pub(crate) fn works(&mut self, date: Date) -> Result<bool, CalendarError> {
        if !self.calendar.knows(date.year()) {
            if self.strict {
                return Err(CalendarError::YearMissing(date.year()));
            }
            self.guessed = true;
        }
        Ok(self.calendar.works(date))
    }

    /// Whether any day so far was a guess.
    pub(crate) fn guessed(&self) -> bool {
        self.guessed
    }
}
