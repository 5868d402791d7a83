//! 首问负责: who had to do with a case first answers for it until somebody else has taken it over, and each who did stands
//! in the trail.

use zhengtong_db::{ActorKind, Ctx};

use crate::error::Result;
use crate::model::{Case, Responsible, Todo};
use crate::store;

/// The word of the first contact.
const FIRST: &str = "first";

/// Notes that the actor has a case in hand; the first one ever is the one who answers for it.
pub(crate) async fn at(ctx: &mut Ctx, case: &Case, task: &Todo, how: &str) -> Result<()> {
    if ctx.actor.kind != ActorKind::Staff {
        return Ok(());
    }
    let Some(account) = ctx.actor.account else { return Ok(()) };
    let name = ctx.actor.name.clone();
    note(ctx, case, task, (account, &name), how).await
}

/// Notes who has a case in hand from now on.
pub(crate) async fn note(
    ctx: &mut Ctx,
    case: &Case,
    task: &Todo,
    (account, name): (uuid::Uuid, &str),
    how: &str,
) -> Result<()> {
    let last = store::last_responsible(ctx.conn(), &case.no).await?;
    let how = match &last {
        None => FIRST,
        // Who has it already goes on with it.
        Some(last) if *last == account && how == "took" => return Ok(()),
        Some(_) => how,
    };
    let row = Responsible {
        account,
        name: name.to_owned(),
        department: task.place.department,
        how: how.to_owned(),
        node: Some(task.node.clone()),
        at: ctx.now,
    };
    store::add_responsible(ctx.conn(), &case.no, &row).await
}

/// Who has had a case in hand, the first one first. For who may read the case from inside.
pub async fn responsible(ctx: &mut Ctx, no: &str) -> Result<Vec<Responsible>> {
    crate::act::known(ctx, "casework.note", no).await?;
    store::responsible(ctx.conn(), no).await
}
