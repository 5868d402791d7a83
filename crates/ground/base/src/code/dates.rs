//! GB/T 7408: dates as people type them, kept as year-month-day.

use time::{Date, Month};

use super::error::{CodeError, CodeKind};

/// A date in the form 2026-11-21.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IsoDate {
    text: String,
    date: Date,
}

impl IsoDate {
    /// Reads a date.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let date = parse_date(text)?;
        let (year, month, day) = date.to_calendar_date();
        Ok(Self { text: format!("{year:04}-{:02}-{day:02}", u8::from(month)), date })
    }

    /// The date as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The date.
    pub fn date(&self) -> Date {
        self.date
    }
}

impl AsRef<str> for IsoDate {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// Reads a date in one of the forms 2026-11-21, 2026/11/21, 2026.11.21, 20261121 and 2026年11月21日;
/// month and day may have one digit where a mark stands between. The year has four digits.
pub fn parse_date(text: &str) -> Result<Date, CodeError> {
    let shape = CodeError::Shape(CodeKind::Date);
    let text = super::spelling::gentle(text).replace(' ', "");
    if text.is_empty() {
        return Err(CodeError::Empty(CodeKind::Date));
    }
    let parts: Vec<&str> = if text.len() == 8 && text.chars().all(|c| c.is_ascii_digit()) {
        [text.get(..4), text.get(4..6), text.get(6..)].into_iter().flatten().collect()
    } else {
        text.strip_suffix('日').unwrap_or(&text).split(['-', '/', '.', '年', '月']).collect()
    };
    let [year, month, day] = parts.as_slice() else {
        return Err(shape);
    };
    let plain = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.chars().all(|c| c.is_ascii_digit())
    };
    if year.len() != 4 || !plain(year, 4) || !plain(month, 2) || !plain(day, 2) {
        return Err(shape);
    }
    let numbers = (year.parse::<i32>(), month.parse::<u8>(), day.parse::<u8>());
    let (Ok(year), Ok(month), Ok(day)) = numbers else {
        return Err(shape);
    };
    let month = Month::try_from(month).ok();
    let date = month.and_then(|month| Date::from_calendar_date(year, month, day).ok());
    date.ok_or(CodeError::NoSuchDate)
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn forms() {
        for good in [
            "2026-11-21",
            "2026/11/21",
            "2026.11.21",
            "20261121",
            "2026年11月21日",
            "２０２６－１１－２１",
        ] {
            assert_eq!(parse_date(good), Ok(date!(2026 - 11 - 21)), "{good}");
        }
        assert_eq!(IsoDate::parse("2026年1月2日").unwrap().as_str(), "2026-01-02");
        assert_eq!(IsoDate::parse("2024-2-29").unwrap().date(), date!(2024 - 02 - 29));
        for bad in ["2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31"] {
            assert_eq!(parse_date(bad), Err(CodeError::NoSuchDate), "{bad}");
        }
        for bad in
            ["26-11-21", "2026-11", "2026-11-21-", "2026-+1-21", "昨天", "2026112", "20261121T"]
        {
            assert_eq!(parse_date(bad), Err(CodeError::Shape(CodeKind::Date)), "{bad}");
        }
        assert_eq!(parse_date(" "), Err(CodeError::Empty(CodeKind::Date)));
    }
}
