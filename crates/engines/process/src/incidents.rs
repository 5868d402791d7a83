//! What stands still, and what an operator may do about it: try again, or go on without it and say why.

use uuid::Uuid;
use zhengtong_bpmn::{Command, TaskId};
use zhengtong_db::{Ctx, Thing};

use crate::error::{Error, Result};
use crate::events::{moved, service};
use crate::model::{Incident, IncidentKind, Moved, Vars};
use crate::office::bounded;
use crate::store::incident;
use crate::work::{self, Hand, Mode};
use crate::{own, waits};

/// Most incidents shown.
const ROWS_MAX: i64 = 200;

fn platform() -> Thing {
    Thing::new("platform", "")
}

/// What stands still, the oldest first.
pub async fn incidents(ctx: &mut Ctx) -> Result<Vec<Incident>> {
    ctx.allow("process.incidents", &platform())?;
    incident::list(ctx.conn(), None, ROWS_MAX).await
}

/// One incident that is open.
pub async fn incident(ctx: &mut Ctx, id: Uuid) -> Result<Incident> {
    ctx.allow("process.incidents", &platform())?;
    known(ctx, id).await
}

async fn known(ctx: &mut Ctx, id: Uuid) -> Result<Incident> {
    let found = incident::list(ctx.conn(), Some(id), 1).await?;
    let found = found.into_iter().next();
    found.ok_or_else(|| zhengtong_db::Error::absent("incident", id.to_string()).into())
}

/// Tries again what stood still. When it does not go once more, there is a new incident with the new cause.
pub async fn retry(ctx: &mut Ctx, id: Uuid) -> Result<Moved> {
    ctx.allow("process.retry", &platform())?;
    let (found, mut hand, command) = taken(ctx, id).await?;
    close(ctx, id, "retried", None).await?;
    match (found.kind, command) {
        (IncidentKind::Command, Some(command)) => {
            work::run(ctx, &mut hand, command, Mode::Keep).await?;
        }
        (IncidentKind::Service, _) => again(ctx, &mut hand, &found).await?,
        _ => again_awaited(ctx, &mut hand, &found).await?,
    }
    moved(ctx, hand, "process.retry").await
}

/// Goes on without what stood still: a service counts as done, a time as come, a condition that cannot be evaluated as not true.
pub async fn skip(ctx: &mut Ctx, id: Uuid, reason: &str) -> Result<Moved> {
    ctx.allow("process.skip", &platform())?;
    let reason = bounded(reason)?;
    let (found, mut hand, command) = taken(ctx, id).await?;
    close(ctx, id, "skipped", Some(&reason)).await?;
    let number = found.task.and_then(|task| u64::try_from(task).ok()).unwrap_or(0);
    let vars = Vars::new();
    let command = match (found.kind, command) {
        (IncidentKind::Command, Some(command)) => command,
        (IncidentKind::Service, _) => Command::CompleteService { task: TaskId(number), vars },
        _ if hand.instance.state.task(TaskId(number)).is_some() => {
            Command::CompleteTask { task: TaskId(number), vars }
        }
        _ => Command::Happen { wait: number, vars },
    };
    work::run(ctx, &mut hand, command, Mode::Lenient).await?;
    work::keep(ctx, &hand).await?;
    let instance = hand.instance.id;
    let act = ctx.act("process.skip", "instance", instance.to_string()).because(&reason);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(Moved { instance, thing: hand.instance.thing, news: hand.news })
}

/// The incident and its instance, both locked, and the command that is held.
async fn taken(ctx: &mut Ctx, id: Uuid) -> Result<(Incident, Hand, Option<Command>)> {
    let found = known(ctx, id).await?;
    let hand = work::take(ctx, found.instance).await?;
    let held = incident::held(ctx.conn(), id).await?;
    let command = match held {
        Some(kept) => Some(serde_json::from_value(kept).map_err(zhengtong_db::Error::from)?),
        None => None,
    };
    Ok((found, hand, command))
}

async fn close(ctx: &mut Ctx, id: Uuid, outcome: &str, reason: Option<&str>) -> Result<()> {
    let (by, now) = (ctx.actor.name.clone(), ctx.now);
    if incident::end(ctx.conn(), id, (outcome, &by, reason), now).await? {
        return Ok(());
    }
    Err(Error::Command(zhengtong_bpmn::ExecError::NotPossible {
        zh: "这个问题已经处理过了，请看现在的列表",
        en: "this was dealt with already; look at the list",
    }))
}

/// A service is due once more: the engine's own work at once, that of a suite as news.
async fn again(ctx: &mut Ctx, hand: &mut Hand, found: &Incident) -> Result<()> {
    let number = found.task.and_then(|task| u64::try_from(task).ok()).unwrap_or(0);
    let task = TaskId(number);
    if own::is_own_at(hand, &found.node) {
        return own::own_work_again(ctx, hand, task, &found.node).await;
    }
    hand.news.extend(service(hand, task));
    Ok(())
}

/// A time, or the key of a message, is looked at once more.
async fn again_awaited(ctx: &mut Ctx, hand: &mut Hand, found: &Incident) -> Result<()> {
    let number = found.task.and_then(|task| u64::try_from(task).ok()).unwrap_or(0);
    waits::await_again(ctx, hand, number, &found.node).await
}
