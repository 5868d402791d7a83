//! The check of one row against its table. Pure: what breaks a rule is named with the field, the rule and what to mend.

use std::collections::BTreeMap;

use time::PrimitiveDateTime;
use time::macros::format_description;
use zhengtong_base::Text;

use crate::table::{Column, Kind, Table, codes};

/// A row before it is checked: values by the names of columns.
pub(crate) type Values = BTreeMap<&'static str, String>;

/// The rule that is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It may not be empty.
    Required,
    /// It is too long.
    Length,
    /// It is no number or no moment.
    Type,
    /// It is no code of the list.
    Code,
    /// The table has no such column.
    Unknown,
}

impl Rule {
    /// The word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Length => "length",
            Self::Type => "type",
            Self::Code => "code",
            Self::Unknown => "unknown",
        }
    }
}

/// One thing that is wrong with one field. The value is not repeated: it may be personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The column.
    pub field: String,
    /// What people call the column.
    pub title: String,
    /// The rule.
    pub rule: Rule,
    /// What to mend.
    pub mend: Text,
}

/// What is wrong with a row; nothing when it may go.
pub(crate) fn check(table: &Table, values: &Values) -> Vec<Broken> {
    let mut broken: Vec<Broken> = table
        .columns
        .iter()
        .filter_map(|column| {
            let value = values.get(column.name).map_or("", String::as_str);
            let (rule, mend) = fault(column, value)?;
            let (field, title) = (column.name.to_owned(), column.title.to_owned());
            Some(Broken { field, title, rule, mend })
        })
        .collect();
    let unknown = values.keys().filter(|name| !table.columns.iter().any(|c| c.name == **name));
    broken.extend(unknown.map(|name| Broken {
        field: (*name).to_owned(),
        title: String::new(),
        rule: Rule::Unknown,
        mend: Text::new(
            format!("{} 没有这一列，请核对表结构", table.name),
            format!("{} has no such column; compare the definition of the table", table.name),
        ),
    }));
    broken
}

fn fault(column: &Column, value: &str) -> Option<(Rule, Text)> {
    if value.trim().is_empty() {
        let mend = Text::new(
            format!("“{}”必填，请在事项或办件里补上", column.title),
            format!("{} may not be empty; add it to the item or the case", column.name),
        );
        return column.required.then_some((Rule::Required, mend));
    }
    match column.kind {
        Kind::Text(most) if value.chars().count() > most => {
            let many = value.chars().count();
            return Some((
                Rule::Length,
                Text::new(
                    format!("“{}”最多 {most} 字，现有 {many} 字，请缩短", column.title),
                    format!("{} has {many} characters, at most {most}; shorten it", column.name),
                ),
            ));
        }
        Kind::Number(most) if !number(value, most) => {
            return Some((
                Rule::Type,
                Text::new(
                    format!("“{}”要写整数，最多 {most} 位", column.title),
                    format!("{} must be a whole number of at most {most} digits", column.name),
                ),
            ));
        }
        Kind::Moment if !moment(value) => {
            return Some((
                Rule::Type,
                Text::new(
                    format!("“{}”要写成 2026-11-22 10:00:00", column.title),
                    format!("{} must read like 2026-11-22 10:00:00", column.name),
                ),
            ));
        }
        _ => {}
    }
    let (list, many) = column.codes?;
    let known = codes(list)?;
    let fits = |code: &str| known.codes.contains_key(code);
    let sound = if many { value.split(',').all(fits) } else { fits(value) };
    (!sound).then(|| {
        let all: Vec<String> =
            known.codes.iter().map(|(code, meaning)| format!("{code} {meaning}")).collect();
        let mend = Text::new(
            format!("“{}”只能是：{}", column.title, all.join("、")),
            format!("{} must be a code of the list {list}", column.name),
        );
        (Rule::Code, mend)
    })
}

fn number(value: &str, most: usize) -> bool {
    !value.is_empty() && value.len() <= most && value.bytes().all(|byte| byte.is_ascii_digit())
}

fn moment(value: &str) -> bool {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    PrimitiveDateTime::parse(value, format).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::table;

    fn row() -> Values {
        [
            ("row_guid", "a1"),
            ("cd_operation", "I"),
            ("cd_time", "2026-11-22 10:00:00"),
            ("cd_batch", "ZT1"),
            ("data_source", "ZT"),
            ("project_no", "SPJY-1"),
            ("result_date", "2026-11-22 10:00:00"),
            ("result_type", "1"),
            ("is_delivery_results", "0"),
            ("satisfaction", "1"),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .into()
    }

    fn check_one(name: &'static str, value: &str, expected: &[(&str, Rule)]) {
        let mut values = row();
        values.insert(name, value.to_owned());
        let broken = check(table("up_pro_result").unwrap(), &values);
        let found: Vec<_> = broken.iter().map(|one| (one.field.as_str(), one.rule)).collect();
        assert_eq!(found, expected, "{name}={value}");
    }

    #[test]
    fn each_rule_is_found_at_its_edge() {
        check_one("remark", "", &[]);
        check_one("project_no", "", &[("project_no", Rule::Required)]);
        check_one("project_no", "   ", &[("project_no", Rule::Required)]);
        check_one("project_no", &"a".repeat(50), &[]);
        check_one("project_no", &"a".repeat(51), &[("project_no", Rule::Length)]);
        check_one("remark", &"字".repeat(256), &[]);
        check_one("remark", &"字".repeat(257), &[("remark", Rule::Length)]);
        check_one("result_date", "2026-11-31 10:00:00", &[("result_date", Rule::Type)]);
        check_one("result_date", "22.11.2026", &[("result_date", Rule::Type)]);
        check_one("satisfaction", "", &[]);
        check_one("satisfaction", "6", &[("satisfaction", Rule::Code)]);
        check_one("is_delivery_results", "Y", &[("is_delivery_results", Rule::Code)]);
        check_one("telephone", "1", &[("telephone", Rule::Unknown)]);
    }

    #[test]
    fn numbers_and_lists_of_codes() {
        let basic = table("up_task_general_basic").unwrap();
        let column = |name: &str| basic.columns.iter().find(|c| c.name == name).unwrap();
        for (name, value, sound) in [
            ("promise_day", "5", true),
            ("promise_day", "-5", false),
            ("promise_day", "5.0", false),
            ("server_type", "1,2", true),
            ("server_type", "1,8", false),
            ("server_type", "1;2", false),
        ] {
            assert_eq!(fault(column(name), value).is_none(), sound, "{name} {value}");
        }
    }
}
