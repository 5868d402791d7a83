//! Dates, date-times and durations: reading, writing and reckoning. Everything is checked; what does not exist is `None`.

use std::cmp::Ordering;
use std::fmt;

use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset};

/// A date and time, with its distance from UTC where that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime {
    /// The wall clock.
    pub local: PrimitiveDateTime,
    /// Where the wall hangs.
    pub offset: Option<UtcOffset>,
}

/// A duration. The standard keeps months and seconds apart, because a month has no fixed length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Years and months, counted in months.
    Months(i64),
    /// Days and time, counted in seconds.
    Seconds(i64),
}

const DAY: i64 = 86_400;

impl DateTime {
    /// Reads `2026-01-31T08:30`, with seconds, fraction and `Z` or `+08:00` if wanted.
    pub fn parse(text: &str) -> Option<Self> {
        let (day, clock) = text.split_once('T')?;
        let date = date_from_text(day)?;
        let (clock, offset) = match clock.find(['Z', '+', '-']) {
            None => (clock, None),
            Some(at) => (clock.get(..at)?, Some(offset_from_text(clock.get(at..)?)?)),
        };
        Some(Self { local: PrimitiveDateTime::new(date, time_from_text(clock)?), offset })
    }

    /// Midnight of a day, at no known place.
    pub fn midnight(date: Date) -> Self {
        Self { local: PrimitiveDateTime::new(date, Time::MIDNIGHT), offset: None }
    }

    /// Seconds from this to the other; `None` when only one of the two knows its place.
    pub(crate) fn seconds_until(self, other: Self) -> Option<i64> {
        match (self.offset, other.offset) {
            (None, None) => Some((other.local - self.local).whole_seconds()),
            (Some(from), Some(to)) => {
                let shift = i64::from(to.whole_seconds()) - i64::from(from.whole_seconds());
                Some((other.local - self.local).whole_seconds() - shift)
            }
            _ => None,
        }
    }

    /// Which is earlier; `None` when only one of the two knows its place.
    pub(crate) fn compare(self, other: Self) -> Option<Ordering> {
        match (self.offset, other.offset) {
            (None, None) => Some(self.local.cmp(&other.local)),
            (Some(from), Some(to)) => {
                Some(self.local.assume_offset(from).cmp(&other.local.assume_offset(to)))
            }
            _ => None,
        }
    }

    /// Later by a duration.
    pub(crate) fn plus(self, span: Span) -> Option<Self> {
        let local = match span {
            Span::Months(months) => {
                self.local.replace_date(date_plus(self.local.date(), Span::Months(months))?)
            }
            Span::Seconds(seconds) => self.local.checked_add(time::Duration::seconds(seconds))?,
        };
        Some(Self { local, ..self })
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second, nano) = self.local.as_hms_nano();
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}", date_text(self.local.date()))?;
        if nano > 0 {
            write!(f, ".{}", format!("{nano:09}").trim_end_matches('0'))?;
        }
        match self.offset {
            None => Ok(()),
            Some(offset) if offset.is_utc() => f.write_str("Z"),
            Some(offset) => {
                let sign = if offset.is_negative() { '-' } else { '+' };
                let minutes = offset.whole_minutes().unsigned_abs();
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

impl Span {
    /// Reads `P1Y2M`, `P20D`, `PT36H` or `-P1D`; months and days do not mix.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (days, clock) = match text.strip_prefix('P')?.split_once('T') {
            Some((_, "")) => return None,
            Some((days, clock)) => (days, clock),
            None => (text.strip_prefix('P')?, ""),
        };
        let [years, months, day_count] = parts(days, ['Y', 'M', 'D'])?;
        let [hours, minutes, seconds] = parts(clock, ['H', 'M', 'S'])?;
        let given = |part: Option<i64>| part.unwrap_or(0);
        let sign = if negative { -1 } else { 1 };
        let long = years.is_some() || months.is_some();
        let short = [day_count, hours, minutes, seconds].iter().any(Option::is_some);
        if long == short {
            return None;
        }
        if long {
            let total = given(years).checked_mul(12)?.checked_add(given(months))?;
            return Some(Self::Months(sign * total));
        }
        let total = given(day_count)
            .checked_mul(DAY)?
            .checked_add(given(hours).checked_mul(3_600)?)?
            .checked_add(given(minutes).checked_mul(60)?)?
            .checked_add(given(seconds))?;
        Some(Self::Seconds(sign * total))
    }

    /// The same duration in the other direction.
    pub(crate) fn negated(self) -> Option<Self> {
        Some(match self {
            Self::Months(months) => Self::Months(months.checked_neg()?),
            Self::Seconds(seconds) => Self::Seconds(seconds.checked_neg()?),
        })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit_is_months) = match self {
            Self::Months(months) => (*months, true),
            Self::Seconds(seconds) => (*seconds, false),
        };
        if count < 0 {
            f.write_str("-")?;
        }
        f.write_str("P")?;
        let count = count.unsigned_abs();
        if unit_is_months {
            write_parts(f, &[(count / 12, 'Y'), (count % 12, 'M')])?;
            return if count == 0 { f.write_str("0M") } else { Ok(()) };
        }
        let (days, rest) = (count / 86_400, count % 86_400);
        write_parts(f, &[(days, 'D')])?;
        if rest > 0 {
            f.write_str("T")?;
            write_parts(f, &[(rest / 3_600, 'H'), (rest % 3_600 / 60, 'M'), (rest % 60, 'S')])?;
        }
        if count == 0 { f.write_str("T0S") } else { Ok(()) }
    }
}

/// Reads `2026-01-31`.
pub(crate) fn date_from_text(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || month.len() != 2 || day.len() != 2 {
        return None;
    }
    date_from_parts(
        i32::try_from(digits(year)?).ok()?,
        u8::try_from(digits(month)?).ok()?,
        u8::try_from(digits(day)?).ok()?,
    )
}

/// A day of the years 1 to 9999.
pub(crate) fn date_from_parts(year: i32, month: u8, day: u8) -> Option<Date> {
    if !(1..=9_999).contains(&year) {
        return None;
    }
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}

/// `2026-01-31`.
pub(crate) fn date_text(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

/// Later by a duration. A day the target month does not have becomes its last day; of a time only whole days count.
pub(crate) fn date_plus(date: Date, span: Span) -> Option<Date> {
    match span {
        Span::Seconds(seconds) => {
            let moved = date.checked_add(time::Duration::days(seconds.div_euclid(DAY)))?;
            (1..=9_999).contains(&moved.year()).then_some(moved)
        }
        Span::Months(months) => {
            let count = i64::from(date.year()) * 12 + i64::from(u8::from(date.month())) - 1;
            let target = count.checked_add(months)?;
            let year = i32::try_from(target.div_euclid(12)).ok()?;
            let month = Month::try_from(u8::try_from(target.rem_euclid(12) + 1).ok()?).ok()?;
            let day = date.day().min(month.length(year));
            date_from_parts(year, u8::from(month), day)
        }
    }
}

/// Whole months from one day to another, towards zero: from the 31st to the 30th is not a month.
pub(crate) fn months_between(from: Date, to: Date) -> i64 {
    let index = |d: Date| i64::from(d.year()) * 12 + i64::from(u8::from(d.month()));
    let raw = index(to) - index(from);
    if raw > 0 && to.day() < from.day() {
        raw - 1
    } else if raw < 0 && to.day() > from.day() {
        raw + 1
    } else {
        raw
    }
}

fn digits(text: &str) -> Option<i64> {
    if text.is_empty() || text.len() > 12 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

fn time_from_text(text: &str) -> Option<Time> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = clock.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next().unwrap_or("00"));
    if parts.next().is_some() || [hour, minute, second].iter().any(|part| part.len() != 2) {
        return None;
    }
    let nano = if fraction.is_empty() {
        0
    } else {
        digits(fraction.get(..fraction.len().min(9))?)?;
        digits(&format!("{fraction:0<9}").chars().take(9).collect::<String>())?
    };
    Time::from_hms_nano(
        u8::try_from(digits(hour)?).ok()?,
        u8::try_from(digits(minute)?).ok()?,
        u8::try_from(digits(second)?).ok()?,
        u32::try_from(nano).ok()?,
    )
    .ok()
}

fn offset_from_text(text: &str) -> Option<UtcOffset> {
    if text == "Z" {
        return Some(UtcOffset::UTC);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    UtcOffset::from_whole_seconds(sign * i32::try_from(hours * 3_600 + minutes * 60).ok()?).ok()
}

/// Splits `1Y2M` into its three numbers, which must come in the order of the units.
fn parts(text: &str, units: [char; 3]) -> Option<[Option<i64>; 3]> {
    let mut found = [None; 3];
    let mut rest = text;
    for (slot, unit) in found.iter_mut().zip(units) {
        if let Some((number, after)) = rest.split_once(unit)
            && number.bytes().all(|b| b.is_ascii_digit())
        {
            *slot = Some(digits(number)?);
            rest = after;
        }
    }
    rest.is_empty().then_some(found)
}

fn write_parts(f: &mut fmt::Formatter<'_>, parts: &[(u64, char)]) -> fmt::Result {
    for (count, unit) in parts {
        if *count > 0 {
            write!(f, "{count}{unit}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{DateTime, Span, date_from_text, date_plus, date_text, months_between};

    #[test]
    fn reads_and_writes() {
        for text in ["P1Y2M", "P14M", "-P1Y", "P20D", "PT36H", "P1DT1S", "P0D", "P0M", "PT90M"] {
            let span = Span::parse(text).unwrap();
            assert_eq!(Span::parse(&span.to_string()), Some(span), "{text}");
        }
        for text in
            ["", "P", "PT", "1D", "P1", "P1YT1H", "P1M1D", "P-1D", "P1D1Y", "P99999999999999D"]
        {
            assert_eq!(Span::parse(text), None, "{text}");
        }
        for text in ["2026-02-28T08:30:00", "2026-02-28T08:30:00.25+08:00", "2026-02-28T00:00:00Z"]
        {
            assert_eq!(DateTime::parse(text).unwrap().to_string(), text);
        }
        for text in ["2026-02-29", "2026-2-1", "0000-01-01", "２０２６-01-01", "2026-01-01-01"]
        {
            assert_eq!(date_from_text(text), None, "{text}");
        }
        for text in ["2026-02-28T25:00", "2026-02-28T08:30+99:00", "2026-02-28T8:30", "T08:30"] {
            assert_eq!(DateTime::parse(text), None, "{text}");
        }
    }

    #[test]
    fn reckons() {
        let day = |text: &str| date_from_text(text).unwrap();
        let plus = |text: &str, span: &str| {
            date_plus(day(text), Span::parse(span).unwrap()).map(date_text).unwrap_or_default()
        };
        assert_eq!(plus("2026-01-31", "P1M"), "2026-02-28");
        assert_eq!(plus("2024-02-29", "-P4Y"), "2020-02-29");
        assert_eq!(plus("2026-03-01", "-P1D"), "2026-02-28");
        assert_eq!(plus("9999-12-31", "P1D"), "");
        assert_eq!(plus("0001-01-01", "-P1M"), "");
        assert_eq!(months_between(day("2026-01-31"), day("2026-02-28")), 0);
        assert_eq!(months_between(day("2026-02-28"), day("2026-01-31")), 0);
        assert_eq!(months_between(day("2025-03-15"), day("2026-03-15")), 12);
        assert_eq!(months_between(day("2026-03-15"), day("2025-03-14")), -12);
    }
}
