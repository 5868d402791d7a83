//! Figures of a case: what officers find out, and what rules work out of it, while a case goes on. Declared once by
//! name, asked for at a decision, seen by everybody who reads the case, and at hand for papers and registries.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhengtong_base::Text;
use zhengtong_pack::{File, Report};

use super::CaseType;

/// What kind of value a figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FigureKind {
    /// A whole number.
    Integer,
    /// A number with up to six decimal places.
    Decimal,
    /// An amount in yuan with two decimal places.
    Money,
    /// A day.
    Date,
    /// One of several options.
    Choice,
    /// Words, such as an answer to a letter. A process never sees them.
    Words,
}

/// A figure of a case. One with the name of a `zt:result` of the process takes what the rule gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// What people call it.
    pub title: Text,
    /// What kind of value it is.
    #[serde(rename = "type")]
    pub kind: FigureKind,
    /// What helps the officer to fill it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
    /// The unit of a number; money is in yuan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Text>,
    /// The options of a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<FigureOption>,
    /// The smallest number, or the fewest characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// The largest number, or the most characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// Whether it may be left out where it is asked for.
    #[serde(default)]
    pub optional: bool,
}

/// One option of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FigureOption {
    /// What is kept, and what conditions see.
    pub value: String,
    /// What people read.
    pub label: Text,
}

/// Reports figures that cannot be filled in, and outcomes that ask for what is not declared.
pub(super) fn check(file: &File<'_>, case_type: &CaseType, report: &mut Report) {
    for (name, figure) in &case_type.figure {
        let choice = figure.kind == FigureKind::Choice;
        if choice == figure.options.is_empty() {
            report.push(file.error_at(
                &format!("[figure.{name}]"),
                Text::new(
                    "choice 要写 options，其他类型不写",
                    "a choice has options, and nothing else has",
                ),
            ));
        }
        if figure.min.zip(figure.max).is_some_and(|(min, max)| min > max) {
            report.push(file.error_at(
                &format!("[figure.{name}]"),
                Text::new("min 不能大于 max", "min is not more than max"),
            ));
        }
    }
    for (word, outcome) in &case_type.outcome {
        for name in outcome.ask.iter().filter(|name| !case_type.figure.contains_key(*name)) {
            report.push(
                file.error_at(
                    &format!("[outcome.{word}]"),
                    Text::new(
                        format!("ask 里的 {name} 没有在 [figure] 里声明"),
                        format!("{name} is asked for and not declared under [figure]"),
                    ),
                )
                .suggest(name, case_type.figure.keys().map(String::as_str)),
            );
        }
    }
}
