//! What comes from outside or with time: messages, signals, and everything that is due.

use serde_json::Value;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use zhengtong_bpmn::{Command, TaskId};
use zhengtong_db::{Attr, Ctx, Thing};

use crate::error::{Error, Result};
use crate::model::{Delivered, Moved, News, Vars, Waiting};
use crate::store::beginning;
use crate::store::wait::{self, WaitRow};
use crate::work::{self, Hand, Mode};
use crate::{store, waits};

/// Instances that were taken in hand without anything to do, before giving up for this time.
const ROUNDS_MAX: usize = 50;

fn platform() -> Thing {
    Thing::new("platform", "")
}

/// A message as policies see it: its name, and the scope that another system needs to send this one alone.
pub fn message_thing(name: &str) -> Thing {
    Thing::new("message", name).with("scope", Attr::Text(format!("scope:process.message:{name}")))
}

/// Gives a message to the instance that waits for it, or keeps it for as long as is said. What it is for is a key: the thing of
/// the instance, unless the process names another. When that thing has run its course, the message is refused.
pub async fn message(
    ctx: &mut Ctx,
    name: &str,
    key: &str,
    vars: Vars,
    keep_for: Duration,
) -> Result<Delivered> {
    ctx.allow("process.message", &message_thing(name))?;
    for _ in 0..ROUNDS_MAX {
        let Some((id, number)) = wait::waiting_for(ctx.conn(), name, key).await? else { break };
        let mut hand = work::take(ctx, id).await?;
        // Somebody else may have come before the lock.
        let Some(row) = wait::one(ctx.conn(), id, number).await? else { continue };
        work::run(ctx, &mut hand, arrived(&row, number, vars), Mode::Keep).await?;
        return Ok(Delivered::To(moved(ctx, hand, "process.message").await?));
    }
    let (all, running) = store::standing(ctx.conn(), key).await?;
    if all > 0 && running == 0 {
        return Err(Error::Over(key.to_owned()));
    }
    let (id, now) = (ctx.id(), ctx.now);
    let expires = now + keep_for;
    wait::keep_message(ctx.conn(), (id, name, key), &vars, (now, expires)).await?;
    let act = ctx.act("process.message", "message", format!("{name} {key}"));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    // One who began to wait at the same time is found with what is due.
    waits::wake(ctx).await?;
    Ok(Delivered::Kept(expires))
}

/// Gives a signal to all who wait for it now, and to all definitions that begin with it; how many they are. Each goes on in a transaction of its own.
pub async fn signal(ctx: &mut Ctx, name: &str, vars: &Vars) -> Result<u64> {
    ctx.allow("process.signal", &Thing::new("signal", name))?;
    let now = ctx.now;
    let told = wait::give_signal(ctx.conn(), name, vars, (None, now)).await?
        + beginning::signal(ctx.conn(), name, vars, now).await?;
    if told > 0 {
        waits::wake(ctx).await?;
    }
    let act = ctx.act("process.signal", "signal", name);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(told)
}

/// Lets the next thing happen that is due for one of these things, such as `case/`: a timer, a signal that was given, a message
/// that came early, a service that is tried again. The suite of the thing carries the news out in the same transaction, so it
/// happens once.
pub async fn fire_next(ctx: &mut Ctx, things: &str) -> Result<Option<Moved>> {
    ctx.allow("process.fire", &platform())?;
    let now = ctx.now;
    for _ in 0..ROUNDS_MAX {
        let next = match wait::next_due(ctx.conn(), now, things).await? {
            Some(next) => Some(next),
            None => wait::next_message(ctx.conn(), now, things).await?,
        };
        let Some((id, number)) = next else { return Ok(None) };
        let mut hand = work::take(ctx, id).await?;
        // It was read before the lock: it may have been overtaken, and what repeats stands there for its next time.
        let Some(row) = wait::one(ctx.conn(), id, number).await? else { continue };
        if row.due.is_some_and(|due| due > now) {
            continue;
        }
        if fire(ctx, &mut hand, &row, number).await? {
            return moved(ctx, hand, "process.fire").await.map(Some);
        }
    }
    Ok(None)
}

/// Lets one thing happen; whether it did.
async fn fire(ctx: &mut Ctx, hand: &mut Hand, row: &WaitRow, number: i64) -> Result<bool> {
    let id = hand.instance.id;
    let wait = u64::try_from(number).unwrap_or(0);
    let vars = object(row.vars.as_ref());
    match (row.kind.as_str(), row.due) {
        ("timer", Some(due)) => {
            wait::delete(ctx.conn(), id, &[wait]).await?;
            hand.fired = Some((wait, due));
            let vars = Vars::new();
            work::run(ctx, hand, Command::Happen { wait, vars }, Mode::Keep).await?;
        }
        ("service", _) => {
            wait::delete(ctx.conn(), id, &[wait]).await?;
            hand.news.extend(service(hand, TaskId(wait)));
        }
        ("signal", Some(_)) => {
            let (node, name) = (row.node.clone(), row.name.clone());
            let again = Waiting { number: wait, node, kind: "signal", name, key: None, due: None };
            wait::put(ctx.conn(), id, &again).await?;
            work::run(ctx, hand, Command::Happen { wait, vars }, Mode::Keep).await?;
        }
        _ => {
            let (Some(name), Some(key)) = (&row.name, &row.key) else { return Ok(false) };
            let now = ctx.now;
            let Some(came) = wait::take_message(ctx.conn(), name, key, now).await? else {
                return Ok(false);
            };
            let command = arrived(row, number, object(Some(&came)));
            work::run(ctx, hand, command, Mode::Keep).await?;
        }
    }
    Ok(true)
}

/// The work of a service that is due once more.
pub(crate) fn service(hand: &Hand, task: TaskId) -> Option<News> {
    let open = hand.instance.state.task(task)?;
    let node = hand.definition.model.node(&open.node)?;
    Some(News::Service {
        task: task.to_string(),
        node: open.node.clone(),
        action: node.action.clone().unwrap_or_default(),
        notice: node.notice.clone(),
    })
}

/// Takes away messages nobody came to wait for in time; how many.
pub async fn expire(ctx: &mut Ctx) -> Result<u64> {
    ctx.allow("process.fire", &platform())?;
    let now: OffsetDateTime = ctx.now;
    wait::expire_messages(ctx.conn(), now).await
}

fn arrived(row: &WaitRow, number: i64, vars: Vars) -> Command {
    let number = u64::try_from(number).unwrap_or(0);
    if row.kind == "receive" {
        Command::CompleteTask { task: TaskId(number), vars }
    } else {
        Command::Happen { wait: number, vars }
    }
}

fn object(value: Option<&Value>) -> Vars {
    value.and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Keeps what moved, and says so in the record.
pub(crate) async fn moved(ctx: &mut Ctx, hand: Hand, verb: &str) -> Result<Moved> {
    work::keep(ctx, &hand).await?;
    let instance: Uuid = hand.instance.id;
    let act = ctx.act(verb, "instance", instance.to_string());
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(Moved { instance, thing: hand.instance.thing, news: hand.news })
}
