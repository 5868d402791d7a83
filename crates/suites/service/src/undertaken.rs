//! What an applicant undertakes on the form itself: the words on the page are the words of the case type.

use serde_json::Value;
use zhengtong_casework::{UNDERTAKE_DEFERRAL, UNDERTAKE_PROMISE};
use zhengtong_db::Ctx;
use zhengtong_form::Finished;

use crate::error::Result;
use crate::part::Listed;

/// Records what was undertaken with the application. Words that differ from those of the case type are no undertaking:
/// the pack is refused then.
pub(crate) async fn record(
    ctx: &mut Ctx,
    listed: &Listed,
    finished: &Finished,
    no: &str,
) -> Result<()> {
    let Some(rule) = &listed.item.undertake else { return Ok(()) };
    let kinds = [(UNDERTAKE_DEFERRAL, &rule.deferral), (UNDERTAKE_PROMISE, &rule.promise)];
    for (kind, key) in kinds {
        let Some(key) = key else { continue };
        if finished.answers.values.get(key) != Some(&Value::Bool(true)) {
            continue;
        }
        let forms = ctx.defs::<zhengtong_form::Catalog>()?;
        let types = ctx.defs::<zhengtong_casework::Catalog>()?;
        let shown = forms.form(&finished.form).and_then(|form| {
            let (_, field) = form.fields().find(|(_, field)| field.key == *key)?;
            field.hint.clone()
        });
        let case_type = types.get(&listed.case());
        let words = case_type
            .as_ref()
            .and_then(|case_type| zhengtong_casework::undertaking_words(case_type, kind).cloned());
        if words.is_none() || words != shown {
            let text = format!("'{key}' of {} does not show what is undertaken", listed.id);
            return Err(zhengtong_db::Error::Broken(text).into());
        }
        // The key of the request is that of handing in; what is undertaken with it is a part of the same act.
        let key = ctx.key.take();
        let undertaken = zhengtong_casework::undertake(ctx, no, kind, None).await;
        ctx.key = key;
        undertaken?;
    }
    Ok(())
}
