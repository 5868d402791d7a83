//! Days, times of day, moments and lengths of time: reading, writing and reckoning as chapter 10.3.2.3 of DMN 1.5 has them.
//! Everything is checked; what does not exist is `None`.

mod date;
mod moment;
mod span;
mod time_of_day;
mod zone;

pub use date::Date;
pub use moment::DateTime;
pub use span::Span;
pub use time_of_day::Time;
pub use zone::Zone;

/// Nanoseconds of a second.
pub(crate) const SECOND: i128 = 1_000_000_000;
/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// A number of one to `most` ASCII digits.
fn digits(text: &str, most: usize) -> Option<i64> {
    if text.is_empty() || text.len() > most || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// The digits behind a decimal point as nanoseconds; more than nine are cut off.
fn fraction(text: &str) -> Option<u32> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nine: String = text.chars().chain(std::iter::repeat('0')).take(9).collect();
    nine.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Date, DateTime, Span, Time};

    #[test]
    fn reads_and_writes_lengths() {
        for text in
            ["P1Y2M", "P14M", "-P1Y", "P20D", "PT36H", "P1DT1S", "P0D", "P0M", "PT90M", "PT0.25S"]
        {
            let span = Span::parse(text).unwrap();
            assert_eq!(Span::parse(&span.to_string()), Some(span), "{text}");
        }
        for text in ["", "P", "PT", "1D", "P1", "P1YT1H", "P1M1D", "P-1D", "P1D1Y", "P1YT", "PT.5S"]
        {
            assert_eq!(Span::parse(text), None, "{text}");
        }
    }

    #[test]
    fn reads_and_writes_moments() {
        for text in [
            "2026-02-28T08:30:00",
            "2026-02-28T08:30:00.25+08:00",
            "2026-02-28T00:00:00Z",
            "2026-02-28T00:00:00@Asia/Shanghai",
            "-2021-01-01T10:10:10",
            "999999999-12-31T23:59:59",
        ] {
            assert_eq!(DateTime::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "2026-02-29",
            "2026-2-1",
            "02026-01-01",
            "２０２６-01-01",
            "2026-01-01-01",
            "+2026-01-01",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
        for text in
            ["25:00:00", "08:30:00+99:00", "8:30:00", "08:30:00@Nowhere/Land", "08:30:60", ""]
        {
            assert_eq!(Time::parse(text), None, "{text}");
        }
    }

    #[test]
    fn reckons() {
        let day = |text: &str| Date::parse(text).unwrap();
        let plus = |text: &str, span: &str| {
            let moved = day(text).plus(Span::parse(span).unwrap());
            moved.map(|date| date.to_string()).unwrap_or_default()
        };
        assert_eq!(plus("2026-01-31", "P1M"), "2026-02-28");
        assert_eq!(plus("2024-02-29", "-P4Y"), "2020-02-29");
        assert_eq!(plus("2026-03-01", "-P1D"), "2026-02-28");
        assert_eq!(plus("999999999-12-31", "P1D"), "");
        assert_eq!(day("2026-01-31").months_until(day("2026-02-28")), 0);
        assert_eq!(day("2026-02-28").months_until(day("2026-01-31")), 0);
        assert_eq!(day("2025-03-15").months_until(day("2026-03-15")), 12);
        assert_eq!(day("2026-03-15").months_until(day("2025-03-14")), -12);
    }

    #[test]
    fn every_day_has_its_number() {
        let mut last = None;
        for number in (-1_000_000..1_000_000).step_by(97) {
            let date = Date::from_number(number).unwrap();
            assert_eq!(date.number(), number);
            assert!(Some(date) > last);
            last = Some(date);
        }
        assert_eq!(Date::parse("1970-01-01").unwrap().number(), 0);
        assert_eq!(Date::parse("2026-11-22").unwrap().weekday(), 7);
    }
}
