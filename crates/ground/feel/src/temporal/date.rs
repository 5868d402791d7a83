//! A day of the Gregorian calendar, also before its time and far from ours.

use std::fmt;

use super::{DAY, SECOND, Span, digits};

/// Years run from minus this to this.
const YEAR_MAX: i32 = 999_999_999;
/// Digits of the largest year.
const YEAR_DIGITS: usize = 9;

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

impl Date {
    /// The day of a year, a month (1 to 12) and a day of it, if there is one.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let exists = (-YEAR_MAX..=YEAR_MAX).contains(&year)
            && (1..=12).contains(&month)
            && (1..=month_days(year, month)).contains(&day);
        exists.then_some(Self { year, month, day })
    }

    /// Reads `2026-01-31`; the year has four digits or more, and may be negative.
    pub fn parse(text: &str) -> Option<Self> {
        let (sign, unsigned) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let mut parts = unsigned.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let padded = year.len() > 4 && year.starts_with('0');
        if parts.next().is_some() || year.len() < 4 || padded || month.len() != 2 || day.len() != 2
        {
            return None;
        }
        let year = i32::try_from(digits(year, YEAR_DIGITS)?).ok()?;
        let part = |text| u8::try_from(digits(text, 2)?).ok();
        Self::new(sign * year, part(month)?, part(day)?)
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.year
    }

    /// The month, from 1.
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    pub fn day(self) -> u8 {
        self.day
    }

    /// The day of the week, Monday being 1.
    pub fn weekday(self) -> i64 {
        (self.number() + 3).rem_euclid(7) + 1
    }

    /// The day of the year, from 1.
    pub(crate) fn day_of_year(self) -> i64 {
        self.number() - Self { month: 1, day: 1, ..self }.number() + 1
    }

    /// The week of the year as ISO 8601 counts it.
    pub(crate) fn week_of_year(self) -> i64 {
        let thursday = self.number() - self.weekday() + 4;
        Self::from_number(thursday).map_or(1, |date| (date.day_of_year() - 1) / 7 + 1)
    }

    /// Days since 1970-01-01.
    pub(crate) fn number(self) -> i64 {
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let month = (i64::from(self.month) + 9) % 12;
        let of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }

    /// The day of a number of days since 1970-01-01.
    pub(crate) fn from_number(number: i64) -> Option<Self> {
        let shifted = number.checked_add(719_468)?;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year + era * 400 + i64::from(month <= 2);
        Self::new(i32::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
    }

    /// Later by a duration. A day that the target month does not have becomes its last day; of a time only whole days count.
    pub(crate) fn plus(self, span: Span) -> Option<Self> {
        match span {
            Span::Nanos(nanos) => {
                let days = nanos.div_euclid(i128::from(DAY) * SECOND);
                Self::from_number(self.number().checked_add(i64::try_from(days).ok()?)?)
            }
            Span::Months(months) => {
                let target = self.month_number().checked_add(months)?;
                let year = i32::try_from(target.div_euclid(12)).ok()?;
                let month = u8::try_from(target.rem_euclid(12) + 1).ok()?;
                if !(-YEAR_MAX..=YEAR_MAX).contains(&year) {
                    return None;
                }
                Self::new(year, month, self.day.min(month_days(year, month)))
            }
        }
    }

    /// Whole months to another day, towards zero: from the 31st to the 30th is not a month.
    pub(crate) fn months_until(self, to: Self) -> i64 {
        let raw = to.month_number() - self.month_number();
        if raw > 0 && to.day < self.day {
            raw - 1
        } else if raw < 0 && to.day > self.day {
            raw + 1
        } else {
            raw
        }
    }

    fn month_number(self) -> i64 {
        i64::from(self.year) * 12 + i64::from(self.month) - 1
    }
}

fn month_days(year: i32, month: u8) -> u8 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.year < 0 { "-" } else { "" };
        write!(f, "{sign}{:04}-{:02}-{:02}", self.year.unsigned_abs(), self.month, self.day)
    }
}

impl From<time::Date> for Date {
    fn from(date: time::Date) -> Self {
        Self { year: date.year(), month: u8::from(date.month()), day: date.day() }
    }
}
