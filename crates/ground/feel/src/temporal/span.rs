//! Lengths of time. The standard keeps months and time apart, because a month has no fixed length.

use std::cmp::Ordering;
use std::fmt;

use super::{DAY, SECOND, digits, fraction};

/// A duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Span {
    /// Years and months, counted in months.
    Months(i64),
    /// Days and time, counted in nanoseconds.
    Nanos(i128),
}

/// Digits of one number of a duration.
const DIGITS: usize = 18;

impl Span {
    /// So many seconds.
    pub fn seconds(seconds: i64) -> Self {
        Self::Nanos(i128::from(seconds) * SECOND)
    }

    /// Reads `P1Y2M`, `P20D`, `PT36H` or `-P1D`; months and days do not mix.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let text = text.strip_prefix('P')?;
        let (date, clock) = match text.split_once('T') {
            Some((_, "")) => return None,
            Some((date, clock)) => (date, clock),
            None => (text, ""),
        };
        let [years, months, days] = parts(date, ['Y', 'M', 'D'])?;
        let span = if years.is_some() || months.is_some() {
            if days.is_some() || !clock.is_empty() {
                return None;
            }
            Self::Months(years.unwrap_or(0).checked_mul(12)?.checked_add(months.unwrap_or(0))?)
        } else {
            let (clock, nanos) = split_fraction(clock)?;
            let [hours, minutes, seconds] = parts(&clock, ['H', 'M', 'S'])?;
            if days.is_none() && hours.is_none() && minutes.is_none() && seconds.is_none() {
                return None;
            }
            let total = [(days, DAY), (hours, 3_600), (minutes, 60), (seconds, 1)];
            let whole: i128 = total
                .iter()
                .map(|(count, unit)| i128::from(count.unwrap_or(0)) * i128::from(*unit))
                .sum();
            Self::Nanos(whole * SECOND + i128::from(nanos))
        };
        if negative { span.negated() } else { Some(span) }
    }

    /// The same length the other way.
    pub(crate) fn negated(self) -> Option<Self> {
        match self {
            Self::Months(months) => months.checked_neg().map(Self::Months),
            Self::Nanos(nanos) => nanos.checked_neg().map(Self::Nanos),
        }
    }

    /// Which is shorter; `None` when one counts months and the other time.
    pub(crate) fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Months(left), Self::Months(right)) => Some(left.cmp(&right)),
            (Self::Nanos(left), Self::Nanos(right)) => Some(left.cmp(&right)),
            _ => None,
        }
    }
}

/// Takes the digits behind the point of the seconds out: `1H2.5S` becomes `1H2S` and half a second.
fn split_fraction(clock: &str) -> Option<(String, u32)> {
    match clock.split_once('.') {
        None => Some((clock.to_owned(), 0)),
        Some((whole, rest)) => {
            let rest = rest.strip_suffix('S')?;
            let nanos = if rest.is_empty() { 0 } else { fraction(rest)? };
            Some((format!("{whole}S"), nanos))
        }
    }
}

/// Splits `1Y2M` into its three numbers, which must come in the order of the units.
fn parts(text: &str, units: [char; 3]) -> Option<[Option<i64>; 3]> {
    let mut found = [None; 3];
    let mut rest = text;
    for (slot, unit) in found.iter_mut().zip(units) {
        if let Some((number, after)) = rest.split_once(unit)
            && number.bytes().all(|byte| byte.is_ascii_digit())
        {
            *slot = Some(digits(number, DIGITS)?);
            rest = after;
        }
    }
    rest.is_empty().then_some(found)
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let negative = matches!(self, Self::Months(..0)) || matches!(self, Self::Nanos(..0));
        f.write_str(if negative { "-P" } else { "P" })?;
        match self {
            Self::Months(0) => f.write_str("0M"),
            Self::Months(months) => {
                let months = u128::from(months.unsigned_abs());
                write_parts(f, &[(months / 12, 'Y'), (months % 12, 'M')])
            }
            Self::Nanos(0) => f.write_str("T0S"),
            Self::Nanos(nanos) => {
                let nanos = nanos.unsigned_abs();
                let (seconds, rest) =
                    (nanos / SECOND.unsigned_abs(), nanos % SECOND.unsigned_abs());
                let day = u128::from(DAY.unsigned_abs());
                write_parts(f, &[(seconds / day, 'D')])?;
                let clock = seconds % day;
                if clock == 0 && rest == 0 {
                    return Ok(());
                }
                f.write_str("T")?;
                write_parts(f, &[(clock / 3_600, 'H'), (clock % 3_600 / 60, 'M')])?;
                match (clock % 60, rest) {
                    (0, 0) => Ok(()),
                    (whole, 0) => write!(f, "{whole}S"),
                    (whole, rest) => {
                        write!(f, "{whole}.{}S", format!("{rest:09}").trim_end_matches('0'))
                    }
                }
            }
        }
    }
}

fn write_parts(f: &mut fmt::Formatter<'_>, parts: &[(u128, char)]) -> fmt::Result {
    for (count, unit) in parts {
        if *count > 0 {
            write!(f, "{count}{unit}")?;
        }
    }
    Ok(())
}
