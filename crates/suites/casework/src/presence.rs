//! Who looks at a case now, so that two officers do not do the same work unknown to each other.
//!
//! A look is worth nothing a minute later and decides nothing: it leaves no line in the record. Opening the case does.

use time::{Duration, OffsetDateTime};
use zhengtong_db::Ctx;

use crate::act::known;
use crate::error::Result;
use crate::store;

/// How long a look counts.
pub(crate) const FRESH: Duration = Duration::seconds(60);

/// A colleague who looks at a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looking {
    /// Their name.
    pub name: String,
    /// Since when.
    pub since: OffsetDateTime,
    /// Whether they are writing a decision.
    pub writing: bool,
}

/// Notes that the actor looks at a case, and tells who else does.
pub async fn look(ctx: &mut Ctx, no: &str, writing: bool) -> Result<Vec<Looking>> {
    known(ctx, "casework.note", no).await?;
    let Some(account) = ctx.actor.account else { return Ok(Vec::new()) };
    let now = ctx.now;
    store::sweep_presences(ctx.conn(), now - FRESH).await?;
    looks(ctx, no, account, writing).await
}

/// The same for whoever may look at the case.
pub(crate) async fn looks(
    ctx: &mut Ctx,
    no: &str,
    account: uuid::Uuid,
    writing: bool,
) -> Result<Vec<Looking>> {
    let (now, name) = (ctx.now, ctx.actor.name.clone());
    store::presences(ctx.conn(), no, (account, &name), (now, writing), now - FRESH).await
}
