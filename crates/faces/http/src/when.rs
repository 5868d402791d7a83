//! Days and moments as people read them, in China's civil time.

use time::{Date, Month, OffsetDateTime, UtcOffset};
use zhengtong_base::Lang;

/// `11 月 23 日` or `23 November`; with the year when it is not the year of `now`.
pub fn day(lang: Lang, date: Date, now: OffsetDateTime) -> String {
    let this_year = date.year() == china(now).year();
    match (lang, this_year) {
        (Lang::Zh, true) => format!("{} 月 {} 日", u8::from(date.month()), date.day()),
        (Lang::Zh, false) => {
            format!("{} 年 {} 月 {} 日", date.year(), u8::from(date.month()), date.day())
        }
        (Lang::En, true) => format!("{} {}", date.day(), month(date.month())),
        (Lang::En, false) => format!("{} {} {}", date.day(), month(date.month()), date.year()),
    }
}

/// `11-23`, for tables.
pub fn short(date: Date) -> String {
    format!("{:02}-{:02}", u8::from(date.month()), date.day())
}

/// `11-23 09:40`, for tables and timelines.
pub fn clock_time(moment: OffsetDateTime) -> String {
    let at = china(moment);
    format!("{} {:02}:{:02}", short(at.date()), at.hour(), at.minute())
}

/// The civil date of a moment as [`day`] writes it.
pub fn month_day(lang: Lang, moment: OffsetDateTime, now: OffsetDateTime) -> String {
    day(lang, china(moment).date(), now)
}

fn china(moment: OffsetDateTime) -> OffsetDateTime {
    moment.to_offset(UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC))
}

fn month(month: Month) -> &'static str {
    match month {
        Month::January => "January",
        Month::February => "February",
        Month::March => "March",
        Month::April => "April",
        Month::May => "May",
        Month::June => "June",
        Month::July => "July",
        Month::August => "August",
        Month::September => "September",
        Month::October => "October",
        Month::November => "November",
        Month::December => "December",
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn days_read_as_people_write_them() {
        let now = datetime!(2026-11-23 01:00 UTC);
        assert_eq!(day(Lang::Zh, date!(2026 - 11 - 30), now), "11 月 30 日");
        assert_eq!(day(Lang::Zh, date!(2027 - 01 - 05), now), "2027 年 1 月 5 日");
        assert_eq!(day(Lang::En, date!(2027 - 01 - 05), now), "5 January 2027");
        assert_eq!(clock_time(datetime!(2026-11-22 16:05 UTC)), "11-23 00:05");
    }
}
