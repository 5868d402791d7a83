//! Taking back the licence that came of a case: a named official, a written reason, a word to the holder.

use zhengtong_base::Text;
use zhengtong_db::Ctx;

use crate::act::{case_type, for_change};
use crate::error::{Error, Result};
use crate::flow;
use crate::model::{Case, Event};
use crate::store;

/// Revokes the licence of a case. The verification page says so from this moment.
pub async fn revoke(ctx: &mut Ctx, no: &str, reason: &str) -> Result<Case> {
    let mut case = for_change(ctx, "casework.read", no).await?;
    let case_type = case_type(ctx, &case)?;
    let (Some(document), Some(rule)) = (case.document, &case_type.revocation) else {
        return Err(Error::State(Text::new(
            "这件没有可以撤销的证照",
            "there is no licence of this case that can be revoked",
        )));
    };
    // The right is that of the paper: the document engine asks for it, and makes the entry in the record.
    let paper = zhengtong_document::revoke(ctx, document, reason).await?;
    let reason = reason.trim();
    let event = Event::public(ctx, "revoke", rule.event.clone()).because(Some(reason.to_owned()));
    flow::record(ctx, &case, event).await?;
    if let Some(back) = &rule.registry {
        flow::write_back(ctx, &case, back, Some(&paper)).await?;
    }
    store::update_case(ctx.conn(), &case).await?;
    case.version += 1;
    flow::tell_with(ctx, &case, &rule.notice, Some(reason), Some(&paper.number)).await?;
    Ok(case)
}

/// The licence of a case is revoked by a decision of its course.
pub(crate) async fn paper_of(ctx: &mut Ctx, case: &Case, reason: &str) -> Result<()> {
    if let Some(document) = case.document {
        let paper = zhengtong_document::revoke(ctx, document, reason).await?;
        let back = case_type(ctx, case)?.revocation.as_ref().and_then(|rule| rule.registry.clone());
        if let Some(back) = back {
            flow::write_back(ctx, case, &back, Some(&paper)).await?;
        }
    }
    Ok(())
}
