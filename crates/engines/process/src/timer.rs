//! When a timer is due: dates, lengths of time and cycles as ISO 8601 writes them, or an expression that gives one.

use time::format_description::well_known::Rfc3339;
use time::{Date, Duration, Month, OffsetDateTime, Time, UtcOffset};
use zhengtong_bpmn::TimerForm;

/// The civil time of China.
const CHINA_HOURS: i8 = 8;
/// The longest time a timer may wait, in days.
const DAYS_MAX: i64 = 40_000;

/// A length of time: months count by the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    months: i32,
    rest: Duration,
}

/// When something comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// At a moment.
    At(OffsetDateTime),
    /// After a while.
    After(Span),
    /// Again and again: from a moment if one is named.
    Every(Option<OffsetDateTime>, Span),
}

impl When {
    /// The moment it is due, seen from now; a cycle that came before comes again after that.
    pub(crate) fn due(
        self,
        now: OffsetDateTime,
        before: Option<OffsetDateTime>,
    ) -> Option<OffsetDateTime> {
        match (self, before) {
            (Self::At(at), _) => Some(at),
            (Self::After(span), _) | (Self::Every(None, span), None) => later(now, span),
            (Self::Every(_, span), Some(before)) => later(before, span),
            (Self::Every(Some(start), _), None) => Some(start),
        }
    }
}

/// A timer that is written out; none if it must be an expression.
pub(crate) fn literal(form: TimerForm, text: &str) -> Option<When> {
    let text = text.trim();
    match form {
        TimerForm::Date => moment(text).map(When::At),
        TimerForm::Duration => span(text).map(When::After),
        TimerForm::Cycle => cycle(text),
    }
}

fn cycle(text: &str) -> Option<When> {
    let (count, rest) = text.strip_prefix('R')?.split_once('/')?;
    if !count.is_empty() && count.parse::<u32>().is_err() {
        return None;
    }
    match rest.split_once('/') {
        Some((start, length)) => Some(When::Every(Some(moment(start)?), span(length)?)),
        None => span(rest).map(|span| When::Every(None, span)),
    }
}

/// How often a cycle comes; none for no end.
pub(crate) fn times(text: &str) -> Option<u32> {
    text.trim().strip_prefix('R')?.split_once('/')?.0.parse().ok()
}

fn moment(text: &str) -> Option<OffsetDateTime> {
    if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
        return Some(moment);
    }
    let china = UtcOffset::from_hms(CHINA_HOURS, 0, 0).ok()?;
    let (day, clock) = text.split_once('T').unwrap_or((text, "00:00:00"));
    let mut parts = day.splitn(3, '-');
    let year: i32 = parts.next()?.parse().ok()?;
    let month = Month::try_from(parts.next()?.parse::<u8>().ok()?).ok()?;
    let date = Date::from_calendar_date(year, month, parts.next()?.parse().ok()?).ok()?;
    let mut parts = clock.splitn(3, ':');
    let hour = parts.next()?.parse().ok()?;
    let minute = parts.next()?.parse().ok()?;
    let second = parts.next().unwrap_or("0").parse().ok()?;
    Some(date.with_time(Time::from_hms(hour, minute, second).ok()?).assume_offset(china))
}

fn span(text: &str) -> Option<Span> {
    let rest = text.strip_prefix('P')?;
    let (days, clock) = rest.split_once('T').unwrap_or((rest, ""));
    if days.is_empty() && clock.is_empty() {
        return None;
    }
    let (mut months, mut total) = (0_i32, Duration::ZERO);
    for (number, unit) in pieces(days)? {
        match unit {
            'Y' => months = months.checked_add(i32::try_from(number).ok()?.checked_mul(12)?)?,
            'M' => months = months.checked_add(i32::try_from(number).ok()?)?,
            'W' => total = total.checked_add(Duration::days(number.checked_mul(7)?))?,
            'D' => total = total.checked_add(Duration::days(number))?,
            _ => return None,
        }
    }
    for (number, unit) in pieces(clock)? {
        let seconds = match unit {
            'H' => number.checked_mul(3_600)?,
            'M' => number.checked_mul(60)?,
            'S' => number,
            _ => return None,
        };
        total = total.checked_add(Duration::seconds(seconds))?;
    }
    (total.whole_days() <= DAYS_MAX && months <= 1_200).then_some(Span { months, rest: total })
}

/// Whole numbers with the letter behind each.
fn pieces(text: &str) -> Option<Vec<(i64, char)>> {
    let mut all = Vec::new();
    let mut digits = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() && digits.len() < 9 {
            digits.push(c);
        } else {
            all.push((digits.parse().ok()?, c));
            digits.clear();
        }
    }
    digits.is_empty().then_some(all)
}

/// A moment and a length of time; the last day of a short month stands for one it does not have.
fn later(from: OffsetDateTime, span: Span) -> Option<OffsetDateTime> {
    let china = from.to_offset(UtcOffset::from_hms(CHINA_HOURS, 0, 0).ok()?);
    let date = china.date();
    let count = date.year() * 12 + i32::from(u8::from(date.month())) - 1 + span.months;
    let month = Month::try_from(u8::try_from(count.rem_euclid(12) + 1).ok()?).ok()?;
    let year = count.div_euclid(12);
    let day = date.day().min(month.length(year));
    let moved = china.replace_date(Date::from_calendar_date(year, month, day).ok()?);
    moved.checked_add(span.rest)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;
    use zhengtong_bpmn::TimerForm::{Cycle, Date, Duration};

    use super::literal;

    #[test]
    fn times_are_read_and_counted() {
        let now = datetime!(2026-01-31 09:00 +8);
        let rows = [
            (Date, "2026-03-01", datetime!(2026-03-01 00:00 +8)),
            (Date, "2026-03-01T08:30:00", datetime!(2026-03-01 08:30 +8)),
            (Date, "2026-03-01T00:30:00Z", datetime!(2026-03-01 08:30 +8)),
            (Duration, "P1M", datetime!(2026-02-28 09:00 +8)),
            (Duration, "P1Y2M", datetime!(2027-03-31 09:00 +8)),
            (Duration, "P1W", datetime!(2026-02-07 09:00 +8)),
            (Duration, "P1DT2H3M4S", datetime!(2026-02-01 11:03:04 +8)),
            (Duration, "PT0S", datetime!(2026-01-31 09:00 +8)),
            (Cycle, "R3/PT10M", datetime!(2026-01-31 09:10 +8)),
            (Cycle, "R/2026-02-01T00:00:00Z/P1D", datetime!(2026-02-01 08:00 +8)),
        ];
        for (form, text, due) in rows {
            assert_eq!(literal(form, text).unwrap().due(now, None), Some(due), "{text}");
        }
        let daily = literal(Cycle, "R/2026-02-01T00:00:00Z/P1D").unwrap();
        let first = datetime!(2026-02-01 08:00 +8);
        assert_eq!(daily.due(now, Some(first)), Some(datetime!(2026-02-02 08:00 +8)));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for (form, text) in [
            (Duration, ""),
            (Duration, "P"),
            (Duration, "PT"),
            (Duration, "P1"),
            (Duration, "1D"),
            (Duration, "P-1D"),
            (Duration, "P999999999D"),
            (Duration, "P99999999999999999999D"),
            (Duration, "P9999Y"),
            (Date, "2026-02-30"),
            (Date, "soon"),
            (Cycle, "PT10M"),
            (Cycle, "Rx/PT10M"),
            (Cycle, "R3"),
        ] {
            assert_eq!(literal(form, text), None, "{text}");
        }
    }
}
