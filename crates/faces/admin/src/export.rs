//! Taking entries of the record away as a file: with a reason, bounded, recorded, and marked with who took it.

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::routing::post;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use zhengtong_base::{Kind, Limits};
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time};
use zhengtong_ledger::{Entry, EntryId};
use zhengtong_tabular::guard;

use crate::bench::{acting, ledger};
use crate::record::Wanted;

/// Entries of one file; who needs more narrows the time.
const ROWS_MAX: usize = 20_000;
/// Entries that are read at once.
const BATCH: u32 = 1_000;
/// The shortest reason, in characters.
const REASON_CHARS_MIN: usize = 4;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/admin/record/export", post(export))
}

async fn export(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let file = written(&mut ctx, &Wanted::of(&fields), fields.get("reason").trim()).await?;
    let name = format!("record-{}.csv", clock_time(ctx.now).replace([' ', ':'], "-"));
    ctx.commit().await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, file).into_response())
}

/// Reads what was looked for and writes it down; that it was taken, and why, stands in the record.
async fn written(ctx: &mut Ctx, wanted: &Wanted, reason: &str) -> Result<String, Fault> {
    ctx.allow("ledger.export", &ledger())?;
    let most = Limits::default().line_chars;
    if !(REASON_CHARS_MIN..=most).contains(&reason.chars().count()) {
        return Err(Fault::new(
            Kind::Invalid,
            "写明为什么导出，至少四个字",
            "say why it is exported, in four characters or more",
        ));
    }
    if !wanted.errors().is_empty() {
        return Err(Fault::new(
            Kind::Invalid,
            "查找的条件有错，请回到上一页改正",
            "what was looked for cannot be read; go back and correct it",
        ));
    }
    let rows = read(ctx, wanted).await?;
    let act = ctx
        .act("ledger.export", "ledger", format!("{} rows", rows.len()))
        .because(format!("{reason} ({})", wanted.words()));
    let id = zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(zhengtong_http::mark(&csv(ctx, &rows, reason, id), id.0))
}

async fn read(ctx: &mut Ctx, wanted: &Wanted) -> Result<Vec<Entry>, Fault> {
    let (search, mut rows, mut before) = (wanted.search(), Vec::new(), None::<EntryId>);
    loop {
        let mut batch = zhengtong_ledger::search_before(ctx.conn(), &search, before, BATCH).await?;
        let Some(last) = batch.last() else { return Ok(rows) };
        before = Some(last.id);
        for entry in &mut batch {
            ctx.unveil(&mut entry.act)?;
        }
        rows.extend(batch);
        if rows.len() > ROWS_MAX {
            return Err(Fault::new(
                Kind::TooLarge,
                "一次最多导出两万条，请把时间缩短一些，分几次导出",
                "at most twenty thousand entries at once; choose a shorter time and export in parts",
            ));
        }
    }
}

fn csv(ctx: &Ctx, rows: &[Entry], reason: &str, id: EntryId) -> String {
    // The mark of UTF-8, without which common spreadsheets take Chinese for something else.
    let mut out = "\u{feff}".to_owned();
    line(
        &mut out,
        &[
            "number",
            "time",
            "name",
            "account",
            "organisation",
            "post",
            "behalf",
            "verb",
            "kind",
            "thing",
            "subject",
            "reason",
            "before",
            "after",
            "request",
        ]
        .map(str::to_owned),
    );
    let text = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    for entry in rows {
        let act = entry.act.clone();
        line(
            &mut out,
            &[
                entry.id.0.to_string(),
                moment(act.at),
                act.name,
                text(act.account),
                text(act.organisation),
                text(act.post),
                act.behalf.map(|behalf| behalf.name).unwrap_or_default(),
                act.verb,
                act.thing_kind,
                act.thing,
                text(act.subject),
                act.reason.unwrap_or_default(),
                act.before.unwrap_or_default(),
                act.after.unwrap_or_default(),
                act.request,
            ],
        );
    }
    let mark = format!(
        "导出 exported by {} {} request {} entry {}: {reason}",
        ctx.actor.name,
        moment(ctx.now),
        ctx.request,
        id.0
    );
    line(&mut out, &[mark]);
    out
}

fn moment(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
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
        line(
            &mut out,
            &["=1+1".to_owned(), "＝1".to_owned(), "a \"b\", c".to_owned(), String::new()],
        );
        assert_eq!(out, "\"'=1+1\",\"'＝1\",\"a \"\"b\"\", c\",\"\"\r\n");
    }
}
