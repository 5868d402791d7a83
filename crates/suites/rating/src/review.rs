//! Words are read by a named official who is not of the department before anybody else reads them: what is personal
//! is taken out, and then they are shown with the reply, whatever they say of the department.

use uuid::Uuid;
use zhengtong_base::Limits;
use zhengtong_calendar::china_date;
use zhengtong_crypto::Digest;
use zhengtong_db::{Attr, Ctx, Thing};

use crate::error::{Error, Result};
use crate::matter::written;
use crate::model::Unread;
use crate::store;

/// Words on one page.
const UNREAD_ROWS: i64 = 50;

/// Words that nobody has read yet, with long numbers covered as a first draft of what may be shown.
pub async fn unread(ctx: &mut Ctx) -> Result<Vec<Unread>> {
    ctx.allow("rating.review", &Thing::new("rating", "all"))?;
    store::unread(ctx, UNREAD_ROWS).await
}

/// Shows words without what is personal in them, or holds them back with a reason.
pub async fn review(
    ctx: &mut Ctx,
    rating: Uuid,
    shown: Option<&str>,
    reply: &str,
    reason: &str,
) -> Result<()> {
    let thing = Thing::new("rating", rating.to_string());
    ctx.allow("rating.review", &thing)?;
    let absent = || zhengtong_db::Error::absent("rating", rating.to_string());
    let found = store::rating(ctx, rating).await?.ok_or_else(absent)?;
    let rated = Attr::Text(found.department.to_string());
    ctx.allow_or_absent("rating.review", &thing.with("rated", rated))?;
    let most = Limits::default().text_chars;
    if [shown.unwrap_or_default(), reply].iter().any(|words| words.chars().count() > most) {
        return Err(Error::field(
            "shown",
            format!("最多 {most} 字，请缩短"),
            format!("at most {most} characters; please shorten it"),
        ));
    }
    if shown.map(str::trim) == Some("") {
        return Err(Error::field(
            "shown",
            "公开的内容是空的；不公开请选“不公开”并写明理由",
            "nothing would be shown; choose to hold it back and say why",
        ));
    }
    let reason =
        if shown.is_none() { written("reason", reason)? } else { reason.trim().to_owned() };
    let today = china_date(ctx.now);
    let shown = shown.map(str::trim);
    if !store::review(ctx.conn(), rating, shown, today).await? {
        return Err(Error::state("这一条已经有人审过", "these words were read already"));
    }
    if shown.is_some() && !reply.trim().is_empty() {
        store::publish_reply(ctx.conn(), rating, reply.trim(), today).await?;
    }
    let digest = shown.map(str::as_bytes).map(Digest::of).map(|digest| digest.to_string());
    let mut act = ctx.act("rating.review", "rating", rating.to_string()).change(None, digest);
    act.reason = (!reason.is_empty()).then_some(reason);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}
