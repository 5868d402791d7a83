//! The level of disaster recovery that measured figures reach, by effective-dated data. What a program cannot
//! see, such as where the copies are kept and whether there is a second site, is said with the level.

use serde::{Deserialize, Serialize};
use time::Date;
use zhengtong_base::Text;

const DATA: &str = include_str!("../data/gbt20988.toml");

/// What was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measured {
    /// Hours since the last backup that succeeded.
    pub backup_hours: Option<f64>,
    /// What would be lost at most, in hours.
    pub rpo_hours: Option<f64>,
    /// How long the last proven restore took, in hours.
    pub rto_hours: Option<f64>,
    /// Whether the log is archived as it fills.
    pub archive: bool,
    /// Whether commits wait for a standby.
    pub standby: bool,
}

/// A level, with what it stands on.
#[derive(Clone, Debug, Serialize)]
pub struct Level {
    /// 0 to 5; 0 when no restore was ever proved. 6 needs a second site and is never claimed.
    pub level: u8,
    /// Its name.
    pub name: Text,
    /// The edition by which it was judged.
    pub standard: String,
    /// Where its figures are from, and how far they were checked.
    pub note: Text,
    /// The edition that is in force today.
    pub in_force: String,
    /// What is known of it, when it is another one.
    pub in_force_note: Option<Text>,
    /// What the next level asks for that was not measured.
    pub missing: Vec<Text>,
    /// What the level asks for that no program can see.
    pub unseen: Text,
}

#[derive(Debug, Deserialize)]
struct Table {
    edition: Vec<Edition>,
}

#[derive(Debug, Deserialize)]
struct Edition {
    standard: String,
    valid_from: String,
    #[serde(default)]
    valid_to: Option<String>,
    note: Text,
    #[serde(default)]
    level: Vec<Row>,
}

#[derive(Debug, Deserialize)]
struct Row {
    level: u8,
    name: Text,
    backup_hours: f64,
    rpo_hours: f64,
    rto_hours: f64,
    needs: Vec<String>,
}

/// The level of what was measured, as judged on a day.
pub fn reached(measured: Measured, today: Date) -> Level {
    // The table is part of the program and a test reads it; an unreadable one gives level 0.
    let table: Table = toml::from_str(DATA).unwrap_or(Table { edition: Vec::new() });
    let day = today.to_string();
    let in_force = table.edition.iter().rev().find(|edition| {
        edition.valid_from <= day && edition.valid_to.as_ref().is_none_or(|end| day <= *end)
    });
    let judged = table
        .edition
        .iter()
        .rev()
        .find(|edition| edition.valid_from <= day && !edition.level.is_empty());
    let rows = judged.map_or(&[][..], |edition| &edition.level);
    let held = rows.iter().take_while(|row| lacks(row, measured).is_empty()).last();
    let next = rows.iter().find(|row| row.level > held.map_or(0, |row| row.level));
    let standard = judged.map_or_else(String::new, |edition| edition.standard.clone());
    let other = in_force.filter(|edition| edition.standard != standard);
    Level {
        level: held.map_or(0, |row| row.level),
        name: held.map_or_else(|| Text::new("未达级", "none"), |row| row.name.clone()),
        note: judged.map_or_else(|| Text::same(""), |edition| edition.note.clone()),
        in_force: in_force.map_or_else(|| standard.clone(), |edition| edition.standard.clone()),
        in_force_note: other.map(|edition| edition.note.clone()),
        standard,
        missing: next.map(|row| lacks(row, measured)).unwrap_or_default(),
        unseen: Text::new(
            "场外存放、备用场地、人员和预案不由程序判断，须由管理者确认",
            "copies off site, the second site, people and plans cannot be seen by a program and must be confirmed",
        ),
    }
}

fn lacks(row: &Row, measured: Measured) -> Vec<Text> {
    let mut missing = Vec::new();
    let within = |value: Option<f64>, limit: f64| value.is_some_and(|value| value <= limit);
    let hours = |zh: &str, en: &str, limit: f64| {
        Text::new(format!("{zh}不超过 {limit} 小时"), format!("{en} of at most {limit} hours"))
    };
    if !within(measured.backup_hours, row.backup_hours) {
        missing.push(hours("最近一次备份距今", "a last backup", row.backup_hours));
    }
    if !within(measured.rpo_hours, row.rpo_hours) {
        missing.push(hours("可能丢失的数据（RPO）", "a loss (RPO)", row.rpo_hours));
    }
    if !within(measured.rto_hours, row.rto_hours) {
        missing.push(hours("演练证明的恢复时间（RTO）", "a proven recovery (RTO)", row.rto_hours));
    }
    for need in &row.needs {
        match need.as_str() {
            "archive" if !measured.archive && !measured.standby => missing.push(Text::new(
                "持续归档日志（backup.pgbackrest_stanza）或同步备库",
                "an archive of the log (backup.pgbackrest_stanza) or a synchronous standby",
            )),
            "standby" if !measured.standby => missing
                .push(Text::new("同步备库（standby add）", "a synchronous standby (standby add)")),
            _ => {}
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    fn check(measured: Measured, day: Date, expected: (u8, &str, &str)) {
        let level = reached(measured, day);
        let found = (level.level, level.standard.as_str(), level.in_force.as_str());
        assert_eq!(found, expected, "{measured:?}");
    }

    #[test]
    fn the_level_follows_from_what_was_proved() {
        let (old, new) = ("GB/T 20988-2007", "GB/T 20988-2025");
        let day = date!(2026 - 11 - 22);
        let weekly = Measured {
            backup_hours: Some(100.0),
            rpo_hours: Some(100.0),
            rto_hours: Some(1.0),
            ..Measured::default()
        };
        let daily = Measured { backup_hours: Some(5.0), rpo_hours: Some(5.0), ..weekly };
        check(Measured::default(), day, (0, old, new));
        check(Measured { rto_hours: None, ..daily }, day, (0, old, new));
        check(weekly, day, (2, old, new));
        check(daily, day, (3, old, new));
        check(Measured { archive: true, ..daily }, day, (4, old, new));
        let standby = Measured { standby: true, rpo_hours: Some(0.0), ..daily };
        check(standby, day, (5, old, new));
        check(standby, date!(2025 - 12 - 31), (5, old, old));
        assert_eq!(reached(daily, day).missing.len(), 1);
        assert!(reached(daily, day).in_force_note.is_some());
    }
}
