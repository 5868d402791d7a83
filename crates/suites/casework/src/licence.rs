//! A licence that was given before and now ends: a newer one takes its place under the same number, or nothing does.

use serde_json::Value;
use time::Date;
use zhengtong_base::code::parse_date;
use zhengtong_db::Ctx;
use zhengtong_document::How;

use crate::error::{Error, Result};
use crate::flow::as_platform;
use crate::model::Case;
use crate::part::{Action, LicenceChange};
use crate::sealed;

/// What the document that takes its place keeps of it.
pub(crate) struct Kept {
    pub(crate) number: String,
    pub(crate) valid_to: Option<Date>,
}

/// Ends the paper of the licence that a case is about, and says what the new one keeps. A licence from before the
/// platform has no paper here: its number and its last day hold all the same.
pub(crate) async fn end(
    ctx: &mut Ctx,
    case: &Case,
    action: &Action,
    change: &LicenceChange,
) -> Result<Option<Kept>> {
    let answers = sealed::opened(ctx, case)?;
    let said = |key: &str| answers.get(key).and_then(Value::as_str).filter(|said| !said.is_empty());
    let Some(number) = said(&change.number).map(str::to_owned) else {
        let text = format!("case {} names no licence in '{}'", case.no, change.number);
        return Err(Error::Definition(text));
    };
    let valid_to = match &change.valid_to {
        Some(key) => Some(last_day(case, key, said(key))?),
        None => None,
    };
    let (pack, _) = case.kind.split_once(':').unwrap_or_default();
    let template = format!("{pack}:{}", change.template);
    let how = if action.document.is_some() { How::Replaced } else { How::Cancelled };
    let reason = change.reason.zh.as_str();
    as_platform(ctx, async |ctx| {
        zhengtong_document::end(ctx, (&template, &number), how, reason).await
    })
    .await?;
    Ok(Some(Kept { number, valid_to }))
}

fn last_day(case: &Case, key: &str, said: Option<&str>) -> Result<Date> {
    let unread = || Error::Definition(format!("case {} names no last day in '{key}'", case.no));
    said.and_then(|said| parse_date(said).ok()).ok_or_else(unread)
}
