//! `[fee.NAME]`: what may be charged for a case, as the published list of fees says it. A case type without fees is free.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::Date;
use time::macros::format_description;
use zhengtong_base::Text;
use zhengtong_pack::{File, Report};

use super::{CaseType, FigureKind};

/// The largest amount, in fen.
pub(crate) const AMOUNT_MAX: i64 = 100_000_000_000;

/// A fee of the published list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeeDecl {
    /// What the list calls it.
    pub title: Text,
    /// The standard in the words of the list, such as 每平方米1.4元.
    pub standard: Text,
    /// The law or order behind it.
    pub basis: Text,
    /// The whole fee for a case, in fen; or `figure`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// The figure of the case, an amount of money, that the standard gives for it; or `amount`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figure: Option<String>,
    /// The first day on which it stands on the list, such as `2026-01-01`.
    pub valid_from: String,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
}

impl FeeDecl {
    /// Whether it stands on the list on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        let from = read_day(&self.valid_from).is_some_and(|from| from <= day);
        from && self.valid_to.as_deref().and_then(read_day).is_none_or(|to| day <= to)
    }
}

fn read_day(text: &str) -> Option<Date> {
    Date::parse(text.trim(), format_description!("[year]-[month]-[day]")).ok()
}

/// An amount in fen as people write it, in yuan.
pub fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// Reads an amount in yuan, such as `120` or `99.50`, as fen.
pub fn fen(typed: &str) -> Option<i64> {
    let (whole, part) = typed.trim().split_once('.').unwrap_or((typed.trim(), ""));
    let digits = |text: &str| text.chars().all(|letter| letter.is_ascii_digit());
    if whole.is_empty() || part.len() > 2 || !digits(whole) || !digits(part) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    whole.checked_mul(100)?.checked_add(part).filter(|fen| *fen <= AMOUNT_MAX)
}

/// Reports fees that say no amount, or whose days are none.
pub(super) fn check(file: &File<'_>, case_type: &CaseType, report: &mut Report) {
    for (name, fee) in &case_type.fee {
        let place = format!("[fee.{name}]");
        if fee.amount.is_some() == fee.figure.is_some()
            || fee.amount.is_some_and(|amount| !(1..=AMOUNT_MAX).contains(&amount))
        {
            report.push(file.error_at(
                &place,
                Text::new(
                    "收费写 amount（整件多少分，大于0），或者写 figure（认定出来的金额），只写一个",
                    "a fee has an amount in fen, more than 0, or the figure that gives it: one of the two",
                ),
            ));
        }
        let money = |figure: &String| {
            case_type.figure.get(figure).is_some_and(|one| one.kind == FigureKind::Money)
        };
        if let Some(figure) = fee.figure.as_ref().filter(|figure| !money(figure)) {
            let known = case_type.figure.iter().filter(|(_, one)| one.kind == FigureKind::Money);
            report.push(
                file.error_at(
                    &place,
                    Text::new(
                        format!("figure 写的 {figure} 不是 [figure] 里的金额（type = \"money\"）"),
                        format!("{figure} is no amount (type = \"money\") under [figure]"),
                    ),
                )
                .suggest(figure, known.map(|(name, _)| name.as_str())),
            );
        }
        let (from, to) = (read_day(&fee.valid_from), fee.valid_to.as_deref().map(read_day));
        if from.is_none() || to == Some(None) || to.is_some_and(|to| to < from) {
            report.push(file.error_at(
                &place,
                Text::new(
                    "日期写成 2026-01-01 这样，valid_to 不早于 valid_from",
                    "write days like 2026-01-01, valid_to not before valid_from",
                ),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_to_the_fen() {
        for (typed, expected) in [
            ("120", Some(12_000)),
            ("99.5", Some(9_950)),
            ("0.01", Some(1)),
            ("1.234", None),
            ("-1", None),
            ("", None),
            ("１２", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(fen(typed), expected, "{typed}");
        }
        assert_eq!(yuan(9_905), "99.05");
    }
}
