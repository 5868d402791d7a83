//! The applicant urges: once a day, on record, with a mark in the inbox of whoever has the case.

use serde_json::json;
use time::{Date, OffsetDateTime};
use zhengtong_base::Text;
use zhengtong_calendar::china_date;
use zhengtong_db::Ctx;

use crate::act::{for_change, known, repeated};
use crate::error::{Error, Result};
use crate::flow;
use crate::model::{Event, Side};
use crate::store;

/// What an applicant sees before urging.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Urging {
    /// Whether it can be urged now.
    pub open: bool,
    /// Whether it was urged today.
    pub today: bool,
    /// How often it was urged.
    pub times: i64,
    /// When last.
    pub last: Option<Date>,
}

/// Whether and how often a case was urged, and whether its applicant may do so now.
pub async fn urging(ctx: &mut Ctx, no: &str) -> Result<Urging> {
    let case = known(ctx, "casework.read", no).await?;
    let (times, last) = store::urges(ctx.conn(), no).await?;
    let today = last == Some(china_date(ctx.now));
    let open = !case.state.over()
        && ctx.may("casework.urge", &flow::thing(&case))
        && waits_for_office(ctx, no).await?;
    Ok(Urging { open, today, times, last })
}

/// Urges the office, at most once a day and only where it is the office's turn.
pub async fn urge(ctx: &mut Ctx, no: &str) -> Result<()> {
    let case = for_change(ctx, "casework.urge", no).await?;
    if repeated(ctx, "casework.urge", &json!([no])).await? {
        return Ok(());
    }
    if case.state.over() || !waits_for_office(ctx, no).await? {
        return Err(Error::State(Text::new(
            "现在不用催：这件没有等着单位办的事",
            "there is nothing to urge: no step waits for the office",
        )));
    }
    let now: OffsetDateTime = ctx.now;
    if !store::add_urge(ctx.conn(), no, china_date(now), now).await? {
        return Err(Error::State(Text::new(
            "今天已经催过一次，经办人看得到；明天还可以再催",
            "you have urged today already and the officer sees it; you can urge again tomorrow",
        )));
    }
    let text = Text::new("申请人催办", "The applicant urges");
    flow::record(ctx, &case, Event::public(ctx, "urge", text)).await?;
    flow::seal(ctx, "casework.urge", &case, None).await?;
    ctx.emit("casework.urged", no, &json!({ "case": no, "department": case.department })).await?;
    Ok(())
}

async fn waits_for_office(ctx: &mut Ctx, no: &str) -> Result<bool> {
    let todos = store::open_todos(ctx.conn(), no).await?;
    Ok(todos.iter().any(|todo| todo.side == Side::Office))
}
