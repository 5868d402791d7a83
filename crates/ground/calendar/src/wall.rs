//! Counting seconds: of the office being open, or of the clock on the wall.

use time::macros::offset;
use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, Time};

use crate::calendar::{Calendar, china_date};
use crate::error::CalendarError;
use crate::reckon::Reckoner;
use crate::unit::Unit;

/// A time in which a clock runs; without an end it runs on.
pub(crate) type Run = (OffsetDateTime, Option<OffsetDateTime>);

/// A moment of a day in China.
pub(crate) fn moment(date: Date, time: Time) -> OffsetDateTime {
    PrimitiveDateTime::new(date, time).assume_offset(offset!(+8))
}

/// The moment at which a day begins in China.
pub fn china_midnight(date: Date) -> OffsetDateTime {
    moment(date, Time::MIDNIGHT)
}

/// The first moment after a day in China.
pub(crate) fn after(date: Date) -> Result<OffsetDateTime, CalendarError> {
    Ok(china_midnight(date.next_day().ok_or(CalendarError::OutOfRange)?))
}

/// A count of seconds over the times in which a clock runs.
pub(crate) struct Wall<'a> {
    /// Whose office hours they are.
    pub(crate) calendar: &'a Calendar,
    /// Hours of the office, or of the wall.
    pub(crate) unit: Unit,
    /// When the clock runs, in order.
    pub(crate) runs: Vec<Run>,
}

impl Wall<'_> {
    /// Seconds that count up to a moment.
    pub(crate) fn spent(
        &self,
        reckoner: &mut Reckoner<'_>,
        until: OffsetDateTime,
    ) -> Result<i64, CalendarError> {
        let mut spent = 0;
        for &(from, to) in &self.runs {
            let end = to.map_or(until, |to| to.min(until));
            let mut at = from;
            while let Some((open, close)) = self.window(reckoner, at, end)? {
                spent += (close - open).whole_seconds();
                at = close;
            }
        }
        Ok(spent)
    }

    /// The moment at which so many seconds have counted; none when the clock stands before that.
    pub(crate) fn reach(
        &self,
        reckoner: &mut Reckoner<'_>,
        seconds: i64,
    ) -> Result<Option<OffsetDateTime>, CalendarError> {
        let mut left = seconds.max(0);
        for &(from, to) in &self.runs {
            if left == 0 {
                return Ok(Some(from));
            }
            let end = to.unwrap_or(china_midnight(Date::MAX));
            let mut at = from;
            while let Some((open, close)) = self.window(reckoner, at, end)? {
                let seconds = (close - open).whole_seconds();
                if seconds >= left {
                    return Ok(Some(open + Duration::seconds(left)));
                }
                left -= seconds;
                at = close;
            }
        }
        Ok(None)
    }

    /// The next time that counts, from a moment on and before an end.
    fn window(
        &self,
        reckoner: &mut Reckoner<'_>,
        at: OffsetDateTime,
        end: OffsetDateTime,
    ) -> Result<Option<(OffsetDateTime, OffsetDateTime)>, CalendarError> {
        if at >= end {
            return Ok(None);
        }
        if self.unit == Unit::UrgentHour {
            return Ok(Some((at, end)));
        }
        let mut date = china_date(at);
        while china_midnight(date) < end {
            if reckoner.works(date)? {
                for period in self.calendar.periods(date).into_iter().flatten() {
                    let open = moment(date, period.from).max(at);
                    let close = moment(date, period.to).min(end);
                    if open < close {
                        return Ok(Some((open, close)));
                    }
                }
            }
            date = date.next_day().ok_or(CalendarError::OutOfRange)?;
        }
        Ok(None)
    }
}
