//! Which days are working days, and counting them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use time::format_description::BorrowedFormatItem;
use time::macros::{format_description, offset};
use time::{Date, Month, OffsetDateTime, Weekday};

use crate::error::CalendarError;
use crate::hours::{Hours, Period};
use crate::reckon::Reckoner;

static CHINA: LazyLock<Calendar> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the table is compiled in and a test reads it")]
    Calendar::from_tsv(include_str!("../data/cn.tsv")).expect("the table of China can be read")
});

const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// What a day of the table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayKind {
    /// A day off.
    Holiday,
    /// A Saturday or Sunday on which people work, to make up for a holiday.
    Workday,
    /// People work in the morning only. It is a working day.
    Morning,
    /// People work in the afternoon only. It is a working day.
    Afternoon,
    /// A day like any other of the week: takes away what a table below said of it.
    Ordinary,
}

impl DayKind {
    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Holiday => "holiday",
            Self::Workday => "workday",
            Self::Morning => "morning",
            Self::Afternoon => "afternoon",
            Self::Ordinary => "ordinary",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Holiday, Self::Workday, Self::Morning, Self::Afternoon, Self::Ordinary]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// A day that differs from the week, or a day of a festival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The day.
    pub date: Date,
    /// What it is.
    pub kind: DayKind,
    /// The festival in Chinese.
    pub zh: String,
    /// The festival in English.
    pub en: String,
}

/// Days off and make-up days of whole years.
///
/// A year is known when its New Year's Day is in the table, which every notice lists; so one stray
/// make-up day at the end of a year cannot pass for the table of that year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    days: BTreeMap<Date, Day>,
    years: BTreeSet<i32>,
    hours: Vec<Hours>,
}

/// A date that may rest on years whose days off are not known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// The date.
    pub date: Date,
    /// Whether days of an unknown year were counted by weekends alone. A page says 预计 then.
    pub provisional: bool,
}

impl Calendar {
    /// The calendar of China that is compiled in. An administrator's newer table replaces it.
    pub fn china() -> &'static Self {
        &CHINA
    }

    /// A calendar of rows.
    pub fn from_days(days: impl IntoIterator<Item = Day>) -> Result<Self, CalendarError> {
        let mut calendar = Self::default();
        for day in days {
            calendar.add(day)?;
        }
        Ok(calendar)
    }

    /// A calendar of tab-separated rows: date, `holiday` or `workday`, Chinese name, English name.
    /// Half-days are `morning` or `afternoon`: the part in which people work.
    /// Empty lines, lines that begin with `#` and a heading that begins with `date` are passed over.
    pub fn from_tsv(text: &str) -> Result<Self, CalendarError> {
        Self::from_days(read_days(text)?)
    }

    /// The same calendar with other rows: each takes the place of what stood for its day. An ordinary day takes
    /// the row away.
    pub fn with_days(&self, days: impl IntoIterator<Item = Day>) -> Result<Self, CalendarError> {
        let mut rows = self.days.clone();
        for day in days {
            rows.insert(day.date, day);
        }
        let mut calendar = Self::from_days(rows.into_values())?;
        calendar.hours.clone_from(&self.hours);
        Ok(calendar)
    }

    /// The same calendar with more office hours; the latest that has begun is in force.
    #[must_use]
    pub fn with_hours(&self, hours: impl IntoIterator<Item = Hours>) -> Self {
        let mut calendar = self.clone();
        calendar.hours.extend(hours);
        calendar.hours.sort_by_key(|hours| hours.from);
        calendar
    }

    /// The office hours in force on a day, whether people work on it or not.
    pub fn hours_on(&self, date: Date) -> Hours {
        let begun = self.hours.iter().rev().find(|hours| hours.from <= date);
        begun.copied().unwrap_or_default()
    }

    /// When the office is open on a day of this calendar; a half-day has one period, a day off none.
    pub(crate) fn periods(&self, date: Date) -> [Option<Period>; 2] {
        let hours = self.hours_on(date);
        let kind = self.days.get(&date).map(|day| day.kind);
        match kind {
            _ if !self.works(date) => [None, None],
            Some(DayKind::Morning) => [Some(hours.morning), None],
            Some(DayKind::Afternoon) => [None, Some(hours.afternoon)],
            _ => [Some(hours.morning), Some(hours.afternoon)],
        }
    }

    /// All rows in order, to be shown or put together with those of another year.
    pub fn days(&self) -> impl Iterator<Item = &Day> {
        self.days.values()
    }

    /// The row of a day, such as for the name of the festival.
    pub fn day(&self, date: Date) -> Option<&Day> {
        self.days.get(&date)
    }

    /// The years that are known.
    pub fn years(&self) -> impl Iterator<Item = i32> {
        self.years.iter().copied()
    }

    /// Whether people work on that day.
    pub fn is_working_day(&self, date: Date) -> Result<bool, CalendarError> {
        if self.years.contains(&date.year()) {
            Ok(self.works(date))
        } else {
            Err(CalendarError::YearMissing(date.year()))
        }
    }

    /// The `count`-th working day after `from`, which itself does not count; `from` for none.
    pub fn add_working_days(&self, from: Date, count: u32) -> Result<Date, CalendarError> {
        Ok(add(&mut Reckoner::strict(self), from, count)?.date)
    }

    /// As [`Self::add_working_days`], but counts an unknown year by weekends alone and says so.
    pub fn estimate_working_days(&self, from: Date, count: u32) -> Result<Estimate, CalendarError> {
        add(&mut Reckoner::lenient(self), from, count)
    }

    /// How many working days lie after `from`, up to and with `to`; none when `to` is not later.
    pub fn working_days_between(&self, from: Date, to: Date) -> Result<u32, CalendarError> {
        let mut count = 0;
        let mut date = from;
        while date < to {
            date = date.next_day().ok_or(CalendarError::OutOfRange)?;
            count += u32::from(self.is_working_day(date)?);
        }
        Ok(count)
    }

    /// The day itself when people work on it, else the next day on which they do.
    pub fn working_day_from(&self, date: Date) -> Result<Date, CalendarError> {
        let mut date = date;
        while !self.is_working_day(date)? {
            date = date.next_day().ok_or(CalendarError::OutOfRange)?;
        }
        Ok(date)
    }

    /// By the rows of the table and the week, whether the year is known or not.
    pub(crate) fn works(&self, date: Date) -> bool {
        match self.days.get(&date) {
            Some(day) => day.kind != DayKind::Holiday,
            None => !is_weekend(date),
        }
    }

    pub(crate) fn knows(&self, year: i32) -> bool {
        self.years.contains(&year)
    }

    fn add(&mut self, day: Day) -> Result<(), CalendarError> {
        let date = day.date;
        if day.kind == DayKind::Workday && !is_weekend(date) {
            return Err(CalendarError::NotAWeekend(date));
        }
        let new_year =
            day.kind == DayKind::Holiday && (date.month(), date.day()) == (Month::January, 1);
        if day.kind == DayKind::Ordinary {
            return Ok(());
        }
        if self.days.insert(date, day).is_some() {
            return Err(CalendarError::Twice(date));
        }
        if new_year {
            self.years.insert(date.year());
        }
        Ok(())
    }
}

/// The rows of a table, which may take rows of another away; read as [`Calendar::from_tsv`] reads them.
pub fn read_days(text: &str) -> Result<Vec<Day>, CalendarError> {
    let mut days: Vec<Day> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim_end_matches('\r');
        if line.trim().is_empty() || line.starts_with('#') || line.starts_with("date\t") {
            continue;
        }
        let day = read_row(at + 1, line)?;
        if days.iter().any(|other| other.date == day.date) {
            return Err(CalendarError::Twice(day.date));
        }
        days.push(day);
    }
    Ok(days)
}

/// The civil date in China at a moment. Legal deadlines are days there, wherever a server stands.
pub fn china_date(moment: OffsetDateTime) -> Date {
    moment.checked_to_offset(offset!(+8)).unwrap_or(moment).date()
}

fn add(reckoner: &mut Reckoner<'_>, from: Date, count: u32) -> Result<Estimate, CalendarError> {
    let mut date = from;
    let mut left = count;
    while left > 0 {
        date = date.next_day().ok_or(CalendarError::OutOfRange)?;
        left -= u32::from(reckoner.works(date)?);
    }
    Ok(Estimate { date, provisional: reckoner.guessed() })
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn read_row(row: usize, line: &str) -> Result<Day, CalendarError> {
    let wrong = |reason: &str| CalendarError::Row { row, reason: reason.to_owned() };
    let columns: Vec<&str> = line.split('\t').map(str::trim).collect();
    let [date, kind, zh, en] = columns.as_slice() else {
        return Err(wrong("give date, kind, Chinese name and English name with tabs between"));
    };
    let date = Date::parse(date, DATE).ok();
    let date = date.ok_or_else(|| wrong("write the date as 2026-01-01"))?;
    let kind = DayKind::parse(kind);
    let kind =
        kind.ok_or_else(|| wrong("the kind is holiday, workday, morning, afternoon or ordinary"))?;
    Ok(Day { date, kind, zh: (*zh).to_owned(), en: (*en).to_owned() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn china_knows_three_years() {
        let china = Calendar::china();
        assert_eq!(china.years().collect::<Vec<_>>(), [2024, 2025, 2026]);
        // Days off and make-up days that the notices list for each year.
        for (year, off, made_up) in [(2024, 28, 8), (2025, 28, 5), (2026, 33, 6)] {
            let count =
                |kind| china.days().filter(|d| d.date.year() == year && d.kind == kind).count();
            assert_eq!(
                (count(DayKind::Holiday), count(DayKind::Workday)),
                (off, made_up),
                "{year}"
            );
        }
        // Counted by hand: weekdays, less those off, and make-up days: 262 − 19 + 8 and so on.
        for (year, working) in [(2024, 251), (2025, 248), (2026, 248)] {
            let day = |month, day| Date::from_calendar_date(year, month, day).unwrap();
            let (first, last) = (day(Month::January, 1), day(Month::December, 31));
            assert_eq!(china.working_days_between(first, last), Ok(working), "{year}");
        }
        assert_eq!(china.day(date!(2026 - 10 - 01)).unwrap().en, "National Day");
    }

    #[test]
    fn working_days() {
        let china = Calendar::china();
        for (date, expected) in [
            (date!(2025 - 09 - 28), true),
            (date!(2026 - 02 - 14), true),
            (date!(2025 - 10 - 01), false),
            (date!(2025 - 10 - 09), true),
            (date!(2026 - 11 - 21), false),
            (date!(2026 - 11 - 23), true),
            (date!(2024 - 02 - 09), true),
        ] {
            assert_eq!(china.is_working_day(date), Ok(expected), "{date}");
        }
        assert_eq!(china.working_day_from(date!(2026 - 10 - 01)), Ok(date!(2026 - 10 - 08)));
    }

    #[test]
    fn adding() {
        let china = Calendar::china();
        for (from, count, expected) in [
            (date!(2025 - 09 - 15), 20, date!(2025 - 10 - 17)),
            (date!(2025 - 09 - 26), 5, date!(2025 - 10 - 10)),
            (date!(2026 - 11 - 21), 0, date!(2026 - 11 - 21)),
            (date!(2026 - 11 - 21), 1, date!(2026 - 11 - 23)),
            (date!(2026 - 11 - 20), 5, date!(2026 - 11 - 27)),
        ] {
            assert_eq!(china.add_working_days(from, count), Ok(expected), "{from} + {count}");
        }
    }

    #[test]
    fn an_unknown_year_is_an_error_and_a_marked_guess() {
        let china = Calendar::china();
        let from = date!(2026 - 12 - 24);
        assert_eq!(china.add_working_days(from, 5), Ok(date!(2026 - 12 - 31)));
        assert_eq!(china.add_working_days(from, 6), Err(CalendarError::YearMissing(2027)));
        let known = Estimate { date: date!(2026 - 12 - 31), provisional: false };
        assert_eq!(china.estimate_working_days(from, 5), Ok(known));
        let guess = Estimate { date: date!(2027 - 01 - 01), provisional: true };
        assert_eq!(china.estimate_working_days(from, 6), Ok(guess));
        assert_eq!(
            china.working_days_between(from, date!(2027 - 01 - 01)),
            Err(CalendarError::YearMissing(2027))
        );
        assert_eq!(
            china.is_working_day(date!(2023 - 12 - 31)),
            Err(CalendarError::YearMissing(2023))
        );
        assert!(CalendarError::YearMissing(2027).zh().contains("2027年"));
        assert!(china.estimate_working_days(from, u32::MAX).is_err());
    }

    #[test]
    fn tables_are_read_strictly() {
        let stray = Calendar::from_tsv("2027-01-03\tworkday\t元旦\tNew Year's Day\n").unwrap();
        let monday = date!(2027 - 01 - 04);
        assert_eq!(stray.is_working_day(monday), Err(CalendarError::YearMissing(2027)));
        let row = |text| Calendar::from_tsv(text).unwrap_err();
        let good =
            "# note\r\n\ndate\tkind\tname_zh\tname_en\n2027-01-01\tholiday\t元旦\tNew Year\r\n";
        assert_eq!(Calendar::from_tsv(good).unwrap().is_working_day(monday), Ok(true));
        assert!(matches!(row("x\tholiday\ta\tb"), CalendarError::Row { row: 1, .. }));
        assert!(matches!(row("#\n2027-01-01\tfree\ta\tb"), CalendarError::Row { row: 2, .. }));
        assert!(matches!(row("2027-01-01 holiday"), CalendarError::Row { row: 1, .. }));
        assert!(matches!(row("2027-02-29\tholiday\ta\tb"), CalendarError::Row { row: 1, .. }));
        let twice = good.repeat(2);
        assert_eq!(row(&twice), CalendarError::Twice(date!(2027 - 01 - 01)));
        assert_eq!(row("2027-01-04\tworkday\ta\tb"), CalendarError::NotAWeekend(monday));
        let china = Calendar::china();
        assert_eq!(&Calendar::from_days(china.days().cloned()).unwrap(), china);
    }

    #[test]
    fn a_day_in_china_begins_at_sixteen_hours_utc() {
        assert_eq!(china_date(datetime!(2026-11-21 15:59:59 UTC)), date!(2026 - 11 - 21));
        assert_eq!(china_date(datetime!(2026-11-21 16:00 UTC)), date!(2026 - 11 - 22));
        assert_eq!(china_date(datetime!(2026-11-21 12:00 -8)), date!(2026 - 11 - 22));
        assert_eq!(china_date(datetime!(9999-12-31 23:00 UTC)), date!(9999 - 12 - 31));
    }

    proptest! {
        #[test]
        fn counting_undoes_adding(day in 0_i64..900, count in 0_u32..100) {
            let china = Calendar::china();
            let from = date!(2024 - 01 - 01) + time::Duration::days(day);
            let to = china.add_working_days(from, count).unwrap();
            prop_assert_eq!(china.working_days_between(from, to), Ok(count));
            prop_assert!(count == 0 || china.is_working_day(to).unwrap());
        }
    }
}
