//! What the platform above says is wrong with rows: a file in the shape of `dn_audit_abnormal`, read back and tied to the
//! case or item of each row.

use std::collections::BTreeMap;

use zhengtong_base::Limits;
use zhengtong_db::{Ctx, Thing};

use crate::error::{Error, Result};
use crate::model::Feedback;
use crate::store::{self, NewFeedback};
use crate::table::table;

/// Rows of one file.
const ROWS_MAX: usize = 5_000;
/// Rows on the page.
const SHOWN: i64 = 500;
/// The columns that must be there.
const NEEDED: [&str; 4] = ["row_guid", "err_type", "table_sql_name", "table_row_guid"];

/// What the platform above has said, the latest first.
pub async fn feedbacks(ctx: &mut Ctx) -> Result<Vec<Feedback>> {
    ctx.allow("reporting.read", &Thing::new("report", "feedback"))?;
    store::feedbacks(ctx.conn(), SHOWN).await
}

/// Reads a file of feedback. The same file read twice is read once; gives how many rows are new.
pub async fn feedback(ctx: &mut Ctx, text: &str) -> Result<usize> {
    ctx.allow("reporting.feedback", &Thing::new("report", "feedback"))?;
    let rows = parse(text)?;
    let mut new = 0;
    let now = ctx.now;
    for row in &rows {
        new += store::insert_feedback(ctx.conn(), row, now).await?;
    }
    let why = format!("{} rows, {new} new", rows.len());
    let act = ctx.act("reporting.feedback", "report", "feedback").because(why);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(new)
}

fn parse(text: &str) -> Result<Vec<NewFeedback>> {
    let mut lines = records(text.trim_start_matches('\u{feff}'))?.into_iter();
    let head = lines.next().unwrap_or_default();
    let missing: Vec<&str> =
        NEEDED.into_iter().filter(|name| !head.iter().any(|cell| cell == name)).collect();
    if !missing.is_empty() {
        return Err(bad(
            format!("第一行缺少这些列：{}", missing.join("、")),
            format!("the first line lacks: {}", missing.join(", ")),
        ));
    }
    let mut rows = Vec::new();
    for (number, cells) in (2_usize..).zip(lines) {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if rows.len() >= ROWS_MAX {
            return Err(bad(
                format!("一次最多 {ROWS_MAX} 行，请分开"),
                format!("at most {ROWS_MAX} rows at once"),
            ));
        }
        let named: BTreeMap<&str, &str> =
            head.iter().map(String::as_str).zip(cells.iter().map(String::as_str)).collect();
        let cell = |name: &str| -> String {
            let most = Limits::default().text_chars;
            named.get(name).map_or("", |cell| cell.trim()).chars().take(most).collect()
        };
        let name = cell("table_sql_name");
        let empty = NEEDED.into_iter().find(|needed| cell(needed).is_empty());
        if let Some(needed) = empty {
            return Err(bad(
                format!("第 {number} 行的 {needed} 是空的"),
                format!("{needed} is empty in line {number}"),
            ));
        }
        if table(&name).is_none() {
            return Err(bad(
                format!("第 {number} 行的表 {name} 不是本平台报送的"),
                format!("the table {name} of line {number} is not one that is sent from here"),
            ));
        }
        rows.push(NewFeedback {
            guid: cell("row_guid"),
            table: name,
            row: cell("table_row_guid"),
            kind: cell("err_type"),
            remark: cell("remark"),
            batch: cell("table_cd_batch"),
        });
    }
    Ok(rows)
}

fn bad(zh: String, en: String) -> Error {
    Error::field("file", zh, en)
}

/// Records of a text as RFC 4180 writes them.
fn records(text: &str) -> Result<Vec<Vec<String>>> {
    let mut records = vec![vec![String::new()]];
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    let push = |records: &mut Vec<Vec<String>>, letter: Option<char>| {
        let Some(record) = records.last_mut() else { return };
        match (letter, record.last_mut()) {
            (Some(letter), Some(cell)) => cell.push(letter),
            _ => record.push(String::new()),
        }
    };
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                push(&mut records, Some('"'));
            }
            '"' => quoted = !quoted,
            ',' if !quoted => push(&mut records, None),
            '\r' if !quoted => {}
            '\n' if !quoted => records.push(vec![String::new()]),
            letter => push(&mut records, Some(letter)),
        }
    }
    if quoted {
        return Err(bad(
            "文件里有引号没有配对".to_owned(),
            "a quotation mark is not closed".to_owned(),
        ));
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_with_its_quotes() {
        let text = "\u{feff}row_guid,err_type,table_sql_name,table_row_guid,remark\r\n\
                    g1,格式错误,up_pro_accept,r1,\"证件号码, \"\"空\"\"\n第二行\"\r\n\r\n";
        let rows = parse(text).unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].remark, "证件号码, \"空\"\n第二行");
        assert_eq!((rows[0].table.as_str(), rows[0].row.as_str()), ("up_pro_accept", "r1"));
    }

    #[test]
    fn what_is_no_feedback_is_refused_with_its_line() {
        for (text, word) in [
            ("", "缺少"),
            ("row_guid,err_type\na,b", "table_sql_name"),
            ("row_guid,err_type,table_sql_name,table_row_guid\ng,,up_pro_accept,r", "第 2 行"),
            ("row_guid,err_type,table_sql_name,table_row_guid\ng,e,users,r", "users"),
            ("row_guid,\"err_type", "引号"),
        ] {
            let Err(Error::Invalid(fields)) = parse(text) else { panic!("{text}") };
            assert!(fields[0].text.zh.contains(word), "{text}: {}", fields[0].text.zh);
        }
    }
}
