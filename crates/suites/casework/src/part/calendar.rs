//! `casework/calendars.toml`: calendars of a city or of a department — days off, half-days and office hours, each
//! with the day from which they are in force.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhengtong_base::Text;
use zhengtong_base::code::parse_date;
use zhengtong_calendar::{Calendar, CalendarError, Day, DayKind, Hours, Period};
use zhengtong_pack::{File, Packs, Report, read_toml};

use super::clock::CHINA;
use super::{CALENDARS, CaseType};

/// `casework/calendars.toml`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalendarsFile {
    /// Calendars by name.
    pub calendar: BTreeMap<String, CalendarDecl>,
}

/// A calendar over that of the State Council.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalendarDecl {
    /// What people call it.
    pub title: Text,
    /// Office hours, each from a day on.
    #[serde(default)]
    pub hours: Vec<HoursDecl>,
    /// Days that differ from the calendar of the State Council.
    #[serde(default)]
    pub day: Vec<DayDecl>,
}

/// Office hours from a day on.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoursDecl {
    /// The first day on which they are in force.
    pub from: String,
    /// The morning, such as `08:30-12:00`.
    pub morning: String,
    /// The afternoon, such as `13:30-17:30`.
    pub afternoon: String,
}

/// A day that differs.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DayDecl {
    /// The day, such as `2026-07-01`.
    pub date: String,
    /// `holiday`, `workday`, `morning`, `afternoon` or `ordinary`.
    pub kind: String,
    /// What it is called.
    pub title: Text,
}

/// All calendars by identifier: `cn`, and `pack:name` of each that a pack declares.
#[derive(Clone, Debug)]
pub struct Calendars {
    all: BTreeMap<String, (Text, Arc<Calendar>)>,
}

impl Default for Calendars {
    fn default() -> Self {
        let china = (Text::new("国家法定", "National"), Arc::new(Calendar::china().clone()));
        Self { all: BTreeMap::from([(CHINA.to_owned(), china)]) }
    }
}

impl Calendars {
    /// A calendar.
    pub fn get(&self, id: &str) -> Result<&Arc<Calendar>, CalendarError> {
        let found = self.all.get(id).map(|(_, calendar)| calendar);
        found.ok_or_else(|| CalendarError::Unknown(id.to_owned()))
    }

    /// All in order of identifier, with what people call them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Text, &Arc<Calendar>)> {
        self.all.iter().map(|(id, (title, calendar))| (id.as_str(), title, calendar))
    }

    /// The same with rows of administrators over them. Rows of `cn` reach every calendar, unless it says otherwise
    /// itself for the day.
    pub(crate) fn with_days(&self, rows: &[(String, Day)]) -> Result<Self, CalendarError> {
        let mut all = self.clone();
        for (id, (_, calendar)) in &mut all.all {
            let own = |date| self.own(id, date);
            let national = rows.iter().filter(|(of, day)| of == CHINA && !own(day.date));
            let more = rows.iter().filter(|(of, _)| of == id && id != CHINA);
            let days: Vec<Day> = national.chain(more).map(|(_, day)| day.clone()).collect();
            *calendar = Arc::new(calendar.with_days(days)?);
        }
        Ok(all)
    }

    /// Whether a calendar of a pack says of a day something else than that of the State Council.
    fn own(&self, id: &str, date: time::Date) -> bool {
        let day = |id: &str| self.all.get(id).and_then(|(_, calendar)| calendar.day(date));
        id != CHINA && day(id) != day(CHINA)
    }
}

/// Reads the calendars of all packs.
pub(super) fn read(packs: &Packs, report: &mut Report) -> Calendars {
    let mut calendars = Calendars::default();
    for pack in packs.iter() {
        let files = pack.folder("casework", "toml");
        for file in files.iter().filter(|file| file.stem() == CALENDARS) {
            let Some(read) = read_toml::<CalendarsFile>(file, report) else { continue };
            for (name, decl) in read.calendar {
                match made(&decl) {
                    Ok(calendar) => {
                        let id = format!("{}:{name}", pack.id());
                        calendars.all.insert(id, (decl.title, Arc::new(calendar)));
                    }
                    Err(error) => {
                        let text = Text::new(error.zh(), error.to_string());
                        report.push(file.error_at(&format!("[calendar.{name}]"), text));
                    }
                }
            }
        }
    }
    calendars
}

fn made(decl: &CalendarDecl) -> Result<Calendar, CalendarError> {
    let date = |text: &str| {
        parse_date(text)
            .ok()
            .ok_or_else(|| CalendarError::Row { row: 0, reason: format!("{text} is no date") })
    };
    let mut days = Vec::new();
    for day in &decl.day {
        let kind = DayKind::parse(&day.kind).ok_or_else(|| CalendarError::Row {
            row: 0,
            reason: format!("{}: holiday, workday, morning, afternoon or ordinary", day.kind),
        })?;
        let (zh, en) = (day.title.zh.clone(), day.title.en.clone());
        days.push(Day { date: date(&day.date)?, kind, zh, en });
    }
    let mut hours = Vec::new();
    for one in &decl.hours {
        let (morning, afternoon) = (Period::parse(&one.morning)?, Period::parse(&one.afternoon)?);
        hours.push(Hours::new(date(&one.from)?, morning, afternoon)?);
    }
    Ok(Calendar::china().with_days(days)?.with_hours(hours))
}

/// Reports clocks on calendars that nobody declares.
pub(super) fn check(
    file: &File<'_>,
    case_type: &CaseType,
    calendars: &Calendars,
    report: &mut Report,
) {
    for clock in case_type.clock.values() {
        if let Err(error) = calendars.get(clock.calendar()) {
            let name = clock.calendar().rsplit(':').next().unwrap_or_default();
            report.push(
                file.error_at(&format!("\"{name}\""), Text::new(error.zh(), error.to_string())),
            );
        }
    }
}
