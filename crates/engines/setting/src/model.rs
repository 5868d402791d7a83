//! Which settings there are, what values they take, and what is said about them.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use zhengtong_base::{Lang, Text};

use crate::error::{Error, Result};
use crate::{gate, identity};

/// Words in two languages that are known when the program is built.
pub type Pair = (&'static str, &'static str);

/// The words above every page, in both languages.
pub const NOTICE: &str = "portal.notice";
/// How much is logged.
pub const LOG_LEVEL: &str = "log.level";
/// How many days answers under idempotency keys are kept.
pub const ANSWER_DAYS: &str = "answer.keep_days";
/// After how many hours without a backup the administrators are warned.
pub const BACKUP_HOURS: &str = "backup.overdue_hours";

/// All settings that change at run time.
const GROUPS: &[&[Definition]] = &[GENERAL, gate::DEFINITIONS, identity::DEFINITIONS];

/// All settings that change at run time, in the order in which people see them.
pub fn definitions() -> impl Iterator<Item = &'static Definition> {
    GROUPS.iter().copied().flatten()
}

const GENERAL: &[Definition] = &[
    Definition {
        key: NOTICE,
        name: ("全站通知条", "Notice above every page"),
        meaning: (
            "写在每一页最上面的一句话，例如停机维护的时间。不写就没有",
            "One sentence at the top of every page, such as the time of maintenance; without it there is none",
        ),
        shape: Shape::Words { chars_max: 200 },
        default: Preset::Empty,
        office: Office::System,
    },
    Definition {
        key: LOG_LEVEL,
        name: ("运行日志的详细程度", "How much is logged"),
        meaning: (
            "查问题时临时调细，例如 info,zhengtong_db=debug；不写就按配置文件的 log.level",
            "More for a while, to find a fault, such as info,zhengtong_db=debug; without it log.level of the file holds",
        ),
        shape: Shape::Filter,
        default: Preset::Empty,
        office: Office::System,
    },
    Definition {
        key: ANSWER_DAYS,
        name: ("重复提交的应答保存天数", "Days that answers to repeated requests are kept"),
        meaning: (
            "同一张表在这么多天里重复提交，得到的还是第一次的结果",
            "The same form sent again within these days gets the first answer",
        ),
        shape: Shape::Number { least: 1, most: 90, unit: ("天", "days") },
        default: Preset::Number(7),
        office: Office::System,
    },
    Definition {
        key: BACKUP_HOURS,
        name: ("多久没有备份就告警", "Hours without a backup until a warning"),
        meaning: (
            "最近一次成功的备份早于这么多小时，健康页变红、指标告警",
            "When the last backup that succeeded is older, the page of health turns red and the alarm is raised",
        ),
        shape: Shape::Number { least: 1, most: 720, unit: ("小时", "hours") },
        default: Preset::Number(26),
        office: Office::System,
    },
];

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// Its key.
    pub key: &'static str,
    /// What people call it.
    pub name: Pair,
    /// What it does.
    pub meaning: Pair,
    /// Which values it takes.
    pub shape: Shape,
    /// The value as long as nobody changed it.
    pub default: Preset,
    /// Who may change it.
    pub office: Office,
}

/// Which values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A whole number with limits.
    Number {
        /// The least.
        least: i64,
        /// The most.
        most: i64,
        /// What is counted.
        unit: Pair,
    },
    /// A sentence in both languages.
    Words {
        /// The longest, in characters.
        chars_max: usize,
    },
    /// Levels of the log: `info` or `warn,zhengtong_db=debug`.
    Filter,
    /// Beginnings of paths: `/admin, /desk/emergency`.
    Paths,
}

/// The default of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// A number.
    Number(i64),
    /// Nothing: no words, or the value of the configuration file.
    Empty,
}

/// The administrator whose setting it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Office {
    /// The system administrator.
    System,
    /// The security administrator.
    Security,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A whole number.
    Number(i64),
    /// One line of text.
    Line(String),
    /// A sentence in both languages.
    Words(Text),
}

/// What was typed in a form: one line, or a line for each language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Typed {
    /// The value; the Chinese one where there are two.
    pub value: String,
    /// The English one.
    pub english: String,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its number.
    pub number: i64,
    /// The value; none for the default.
    pub value: Option<Value>,
    /// Why.
    pub reason: String,
    /// Who.
    pub name: String,
    /// When.
    pub at: OffsetDateTime,
    /// The change that this one takes back.
    pub reverts: Option<i64>,
}

/// A setting and the change that is in force.
#[derive(Clone, Debug)]
pub struct Present {
    /// The setting.
    pub definition: &'static Definition,
    /// The last change; none if there never was one.
    pub change: Option<Change>,
}

impl Office {
    /// The word for it in policies.
    pub fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Security => "security",
        }
    }
}

impl Definition {
    /// The setting of a key.
    pub fn find(key: &str) -> Result<&'static Self> {
        definitions()
            .find(|definition| definition.key == key)
            .ok_or_else(|| Error::Unknown(key.to_owned()))
    }

    /// The default as a value; none for nothing.
    pub fn preset(&self) -> Option<Value> {
        match self.default {
            Preset::Number(number) => Some(Value::Number(number)),
            Preset::Empty => None,
        }
    }

    /// Reads what was typed; nothing typed is the default.
    pub fn read(&self, typed: &Typed) -> Result<Option<Value>> {
        let (value, english) = (typed.value.trim(), typed.english.trim());
        if value.is_empty() && english.is_empty() {
            return Ok(None);
        }
        let value = match self.shape {
            Shape::Number { least, most, .. } => number(value, least, most)?,
            Shape::Words { chars_max } => words(value, english, chars_max)?,
            Shape::Filter => filter(value)?,
            Shape::Paths => paths(value)?,
        };
        Ok(Some(value))
    }

    /// Whether a stored value is one that the setting takes today.
    pub(crate) fn takes(&self, value: &Value) -> bool {
        match (self.shape, value) {
            (Shape::Number { least, most, .. }, Value::Number(number)) => {
                (least..=most).contains(number)
            }
            (Shape::Words { .. }, Value::Words(_)) => true,
            (Shape::Filter, Value::Line(line)) => filter(line).is_ok(),
            (Shape::Paths, Value::Line(line)) => paths(line).is_ok(),
            _ => false,
        }
    }
}

impl Value {
    /// The value in words.
    pub fn show(&self, lang: Lang) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Line(line) => line.clone(),
            Self::Words(text) => text.get(lang).to_owned(),
        }
    }
}

impl Present {
    /// The value in force; none for nothing.
    pub fn value(&self) -> Option<Value> {
        self.changed().cloned().or_else(|| self.definition.preset())
    }

    /// The value that a change put in force; none while the default holds.
    pub fn changed(&self) -> Option<&Value> {
        self.change.as_ref().and_then(|change| change.value.as_ref())
    }

    /// The number of the last change, to name what was seen; 0 if there never was one.
    pub fn number(&self) -> i64 {
        self.change.as_ref().map_or(0, |change| change.number)
    }
}

fn invalid(field: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Error {
    Error::Invalid { field, text: Text::new(zh, en) }
}

fn number(typed: &str, least: i64, most: i64) -> Result<Value> {
    let number = typed.parse::<i64>().ok().filter(|number| (least..=most).contains(number));
    number.map(Value::Number).ok_or_else(|| {
        invalid(
            "value",
            format!("填 {least} 到 {most} 之间的整数"),
            format!("enter a whole number from {least} to {most}"),
        )
    })
}

fn words(zh: &str, en: &str, chars_max: usize) -> Result<Value> {
    for (field, text) in [("value", zh), ("english", en)] {
        if text.is_empty() {
            return Err(invalid(field, "中英文都要写", "write it in both languages"));
        }
        if text.chars().count() > chars_max || text.chars().any(char::is_control) {
            return Err(invalid(
                field,
                format!("写成一行，不超过 {chars_max} 个字"),
                format!("write one line of at most {chars_max} characters"),
            ));
        }
    }
    Ok(Value::Words(Text::new(zh, en)))
}

/// Levels of the log: a level, or parts of the program with theirs, with commas between.
fn filter(typed: &str) -> Result<Value> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let part = |part: &str| match part.split_once('=') {
        None => LEVELS.contains(&part),
        Some((target, level)) => {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_:".contains(&byte);
            !target.is_empty() && target.bytes().all(plain) && LEVELS.contains(&level)
        }
    };
    let sound = typed.len() <= 500 && typed.split(',').map(str::trim).all(part);
    if sound {
        return Ok(Value::Line(typed.to_owned()));
    }
    Err(invalid(
        "value",
        "写成 info 或 warn,zhengtong_db=debug 这样；级别有 off、error、warn、info、debug、trace",
        "write it like info or warn,zhengtong_db=debug; levels are off, error, warn, info, debug, trace",
    ))
}

/// Beginnings of paths of this site, with commas between.
fn paths(typed: &str) -> Result<Value> {
    const PATHS_MAX: usize = 20;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte);
    let part = |path: &str| path.starts_with('/') && path.len() > 1 && path.bytes().all(plain);
    let parts: Vec<&str> = typed.split(',').map(str::trim).collect();
    if typed.len() <= 500 && parts.len() <= PATHS_MAX && parts.iter().copied().all(part) {
        return Ok(Value::Line(parts.join(", ")));
    }
    Err(invalid(
        "value",
        format!("写成 /admin, /desk/emergency 这样，最多 {PATHS_MAX} 个，不能是整个网站"),
        format!(
            "write them like /admin, /desk/emergency; at most {PATHS_MAX}, and not the whole site"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::option_option, reason = "a refusal, nothing, or a value")]
    #[expect(clippy::needless_pass_by_value, reason = "the tables read better")]
    fn check(key: &str, value: &str, english: &str, expected: Option<Option<Value>>) {
        let typed = Typed { value: value.to_owned(), english: english.to_owned() };
        assert_eq!(Definition::find(key).unwrap().read(&typed).ok(), expected, "{key} {value}");
    }

    #[test]
    fn values_are_read_within_their_limits() {
        check(ANSWER_DAYS, " 30 ", "", Some(Some(Value::Number(30))));
        check(ANSWER_DAYS, "", "", Some(None));
        for wrong in ["0", "91", "-1", "1.5", "一", "99999999999999999999"] {
            check(ANSWER_DAYS, wrong, "", None);
        }
        check(LOG_LEVEL, "info", "", Some(Some(Value::Line("info".to_owned()))));
        check(LOG_LEVEL, "warn, zhengtong_db::jobs=debug", "", {
            Some(Some(Value::Line("warn, zhengtong_db::jobs=debug".to_owned())))
        });
        for wrong in ["loud", "info;debug", "=info", "a b=info", "info,,"] {
            check(LOG_LEVEL, wrong, "", None);
        }
        let both = "/admin, /desk/emergency".to_owned();
        check(gate::EMERGENCY, " /admin ,/desk/emergency", "", Some(Some(Value::Line(both))));
        check(gate::EMERGENCY, "", "", Some(None));
        for wrong in ["/", "admin", "/a,", "/a b", "https://x", "/a,/"] {
            check(gate::EMERGENCY, wrong, "", None);
        }
        check(gate::ANONYMOUS_WRITES, "10", "", Some(Some(Value::Number(10))));
        check(gate::ANONYMOUS_WRITES, "9", "", None);
        check(NOTICE, "今晚维护", "Maintenance tonight", {
            Some(Some(Value::Words(Text::new("今晚维护", "Maintenance tonight"))))
        });
        check(NOTICE, "今晚维护", "", None);
        check(NOTICE, &"长".repeat(201), "long", None);
        check(NOTICE, "两\n行", "two", None);
    }

    #[test]
    fn every_setting_is_named_and_explained_once() {
        let mut keys: Vec<&str> = definitions().map(|one| one.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), definitions().count());
        for one in definitions() {
            for text in [one.name.0, one.name.1, one.meaning.0, one.meaning.1] {
                assert!(!text.is_empty(), "{}", one.key);
            }
            if let Some(preset) = one.preset() {
                assert!(one.takes(&preset), "{}", one.key);
            }
        }
    }
}
