//! Taking the cards of a time away as a table with the fields of GB/T 39046-2020 table 11: with a reason, bounded, on
//! record. No cell is a formula.

use std::collections::BTreeMap;

use time::OffsetDateTime;
use time::macros::{format_description, offset};
use zhengtong_base::{FieldError, Limits};
use zhengtong_db::Ctx;
use zhengtong_tabular::guard;

use crate::error::{Error, Result};
use crate::follow::platform;
use crate::model::{Level, Period, State};
use crate::store;

/// Cards of one file.
const ROWS_MAX: i64 = 20_000;
/// The shortest reason, in characters.
const REASON_CHARS_MIN: usize = 4;

/// The kinds of power of items, by `pack:name`, as the list of items has them.
#[derive(Clone, Debug, Default)]
pub struct ItemKinds(pub BTreeMap<String, String>);

/// A table that was taken away.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The table.
    pub csv: String,
    /// The entry of the record that says who took it.
    pub entry: i64,
}

/// Writes the cards of a time as a table.
pub async fn export(ctx: &mut Ctx, period: Period, reason: &str) -> Result<Taken> {
    ctx.allow("supervision.export", &platform())?;
    let (reason, most) = (reason.trim(), Limits::default().line_chars);
    if !(REASON_CHARS_MIN..=most).contains(&reason.chars().count()) {
        return Err(Error::Invalid(vec![FieldError::new(
            "reason",
            "写明为什么导出，至少四个字",
            "say why it is exported, in four characters or more",
        )]));
    }
    let (from, to) = period.moments();
    let rows = store::exported(ctx.conn(), from, to, ROWS_MAX + 1).await?;
    if i64::try_from(rows.len()).unwrap_or(i64::MAX) > ROWS_MAX {
        return Err(Error::field(
            "from",
            "一次最多导出两万条，请缩短时间",
            "at most twenty thousand rows at once; choose a shorter time",
        ));
    }
    let act = ctx
        .act("supervision.export", "card", format!("{} rows", rows.len()))
        .because(format!("{reason} ({} – {})", period.from, period.to));
    let entry = zhengtong_ledger::append(ctx.conn(), &act).await?;
    let kinds = ctx.defs::<ItemKinds>().map(|kinds| kinds.0.clone()).unwrap_or_default();
    // The mark of UTF-8, without which common spreadsheets take Chinese for something else.
    let mut csv = "\u{feff}".to_owned();
    line(
        &mut csv,
        &[
            "监察编号",
            "办件编号",
            "监察规则编号",
            "监察预警类型代码",
            "事项类型代码",
            "机构名称",
            "责任部门",
            "督办内容",
            "状态产生时间",
            "督办发出时间",
            "监察结果描述",
        ]
        .map(str::to_owned),
    );
    for row in rows {
        let state = State::parse(&row.state).map(|state| state.title().zh).unwrap_or_default();
        let level = Level::parse(&row.level);
        let rule = row.rule.split_once(':').map_or(row.rule.as_str(), |(_, id)| id).to_owned();
        line(
            &mut csv,
            &[
                row.no,
                row.case,
                rule,
                level.map(Level::code).unwrap_or_default().to_owned(),
                kinds.get(&row.item).cloned().unwrap_or_default(),
                row.department_name.clone(),
                row.department_name,
                format!("{}：{}", row.rule_title_zh, row.why_zh),
                stamp(Some(row.occurred_at)),
                stamp(row.issued_at),
                state,
            ],
        );
    }
    let mark =
        format!("导出 {} {} {reason}（记录 {}）", ctx.actor.name, stamp(Some(ctx.now)), entry.0);
    line(&mut csv, &[mark]);
    Ok(Taken { csv, entry: entry.0 })
}

/// A moment as the standard writes it.
fn stamp(at: Option<OffsetDateTime>) -> String {
    let format = format_description!("[year][month][day][hour][minute][second]");
    at.and_then(|at| at.to_offset(offset!(+8)).format(format).ok()).unwrap_or_default()
}

/// One line as RFC 4180 writes it. What a spreadsheet would take for a formula gets an apostrophe.
fn line(out: &mut String, cells: &[String]) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push('"');
        out.push_str(&guard(cell).replace('"', "\"\""));
        out.push('"');
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        let mut out = String::new();
        line(&mut out, &["=1+1".to_owned(), "＝1".to_owned(), "a \"b\"".to_owned()]);
        assert_eq!(out, "\"'=1+1\",\"'＝1\",\"a \"\"b\"\"\"\r\n");
    }
}
