//! The record of the officer on duty: calls, handovers, what was done about a card. Lines are added and never changed.

use serde_json::json;
use zhengtong_base::Text;
use zhengtong_db::Ctx;

use crate::card::written;
use crate::error::{Error, Result};
use crate::follow::platform;
use crate::model::Duty;
use crate::store;

/// Lines that the page shows.
const ROWS_MAX: i64 = 200;
/// The kinds of lines.
pub const DUTY_KINDS: [&str; 4] = ["call", "handled", "handover", "other"];

/// What people call a kind of line.
pub fn duty_title(kind: &str) -> Text {
    match kind {
        "call" => Text::new("电话核实", "Call"),
        "handled" => Text::new("现场处置", "Handled"),
        "handover" => Text::new("交接班", "Handover"),
        "other" => Text::new("其他", "Other"),
        unknown => Text::same(unknown),
    }
}

/// Adds a line.
pub async fn record_duty(ctx: &mut Ctx, kind: &str, card: &str, words: &str) -> Result<()> {
    ctx.allow("supervision.duty", &platform())?;
    if ctx.once("supervision.duty", &json!([kind, card, words])).await?.is_some() {
        return Ok(());
    }
    if !DUTY_KINDS.contains(&kind) {
        return Err(Error::field("kind", "请选择是哪一类", "choose a kind"));
    }
    let words = written(words)?;
    let card = card.trim();
    if !card.is_empty() && store::card(ctx.conn(), card).await?.is_none() {
        return Err(Error::field("card", "没有这个监察编号", "there is no such card"));
    }
    let about = (!card.is_empty()).then_some(card);
    store::add_duty(ctx, kind, about, words).await?;
    let act = ctx.act("supervision.duty", "card", card).because(words);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

/// The latest lines.
pub async fn duties(ctx: &mut Ctx) -> Result<Vec<Duty>> {
    ctx.allow("supervision.duty", &platform())?;
    store::duties(ctx, ROWS_MAX).await
}
