//! 终止: an official ends a case before there is a decision, with a reason that the applicant reads.

use serde_json::json;
use zhengtong_base::Text;
use zhengtong_db::Ctx;

use crate::act::{bounded, case_type, for_change, reason_missing, repeated};
use crate::error::{Error, Result};
use crate::hold::{approved, fresh};
use crate::model::{Case, Event, State};
use crate::{flow, linked, store};

/// Ends a case.
pub async fn end(ctx: &mut Ctx, (no, seen): (&str, i64), reason: &str) -> Result<Case> {
    let case = for_change(ctx, "casework.end", no).await?;
    if repeated(ctx, "casework.end", &json!([no, reason, seen])).await? {
        return Ok(case);
    }
    fresh(&case, Some(seen))?;
    let reason = bounded("reason", reason)?.to_owned();
    carry_out(ctx, case, &reason).await
}

/// The same for who was asked for the right before.
pub(crate) async fn carry_out(ctx: &mut Ctx, mut case: Case, reason: &str) -> Result<Case> {
    let case_type = case_type(ctx, &case)?;
    let Some(decl) = &case_type.ending else {
        return Err(Error::State(Text::new(
            "这类事项不能终止",
            "a matter of this kind cannot be ended before it is decided",
        )));
    };
    approved(ctx, decl.approver.as_deref())?;
    if reason.is_empty() {
        return Err(Error::Invalid(vec![reason_missing()]));
    }
    let waits = !store::withheld(ctx.conn(), &case.no).await?.is_empty();
    if case.state.over() || (case.state == State::Decided && !waits) {
        return Err(Error::State(Text::new(
            "已经办完或已有决定，不能再终止",
            "the case is over or decided and cannot be ended",
        )));
    }
    // A case that follows another has no course of its own any more.
    let news = if linked::is_follower(ctx, &case.no).await? {
        vec![zhengtong_process::News::Ended]
    } else {
        zhengtong_process::terminate(ctx, case.instance, "ended").await?
    };
    case.state = State::Ended;
    let event = Event::public(ctx, "end", decl.event.clone()).because(Some(reason.to_owned()));
    flow::record(ctx, &case, event).await?;
    flow::settle(ctx, &mut case, &case_type, news).await?;
    store::take_withheld(ctx.conn(), &case.no).await?;
    store::update_case(ctx.conn(), &case).await?;
    case.version += 1;
    if let Some(message) = &decl.message {
        flow::tell(ctx, &case, message, Some(reason)).await?;
    }
    flow::seal(ctx, "casework.end", &case, Some(reason)).await?;
    ctx.emit("casework.ended", &case.no, &case.no).await?;
    Ok(case)
}
