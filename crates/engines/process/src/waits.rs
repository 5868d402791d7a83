//! The rows of what an instance waits for: timers, messages, signals, services that are tried again.

use std::collections::VecDeque;

use serde_json::json;
use time::Duration;
use zhengtong_bpmn::{Command, TaskId, Trigger};
use zhengtong_db::Ctx;
use zhengtong_db::jobs::NewJob;

use crate::beginning::{BEGIN, THINGS};
use crate::error::Result;
use crate::feel::scope_at;
use crate::model::{IncidentKind, Vars, Waiting};
use crate::store::wait;
use crate::work::{Hand, Mode, run, said, stand_still};

/// The job that fires what is due.
pub(crate) const DUE: &str = "process.due";
/// How often a service is tried before an operator is asked.
const FAILURES_MAX: u32 = 5;
/// How long a message that a process sends is kept for one who will wait for it.
const MESSAGE_DAYS: i64 = 30;
/// A timer that is due sooner gets a job of its own; the others are looked for every minute.
const SOON: Duration = Duration::seconds(120);

/// A receive task waits for its message.
pub(crate) async fn receive(
    ctx: &mut Ctx,
    hand: &mut Hand,
    task: TaskId,
    node: &str,
    queue: &mut VecDeque<Command>,
) -> Result<()> {
    let triggers = hand.definition.model.node(node).map(|node| node.triggers.clone());
    let name = triggers.into_iter().flatten().find_map(|trigger| match trigger {
        Trigger::Message { name } => Some(name),
        _ => None,
    });
    let (Some(name), Some(key)) = (name, key_at(ctx, hand, node, Some(task)).await?) else {
        return Ok(());
    };
    if let Some(vars) = early(ctx, &name, &key).await? {
        queue.push_back(Command::CompleteTask { task, vars });
        return Ok(());
    }
    let (number, node, kind) = (task.0, node.to_owned(), "receive");
    let waiting = Waiting { number, node, kind, name: Some(name), key: Some(key), due: None };
    wait::put(ctx.conn(), hand.instance.id, &waiting).await
}

pub(crate) async fn wait_opened(
    ctx: &mut Ctx,
    hand: &mut Hand,
    (number, node): (u64, &str),
    trigger: &Trigger,
    queue: &mut VecDeque<Command>,
) -> Result<()> {
    let blank = |kind, name: Option<String>| Waiting {
        number,
        node: node.to_owned(),
        kind,
        name,
        key: None,
        due: None,
    };
    let waiting = match trigger {
        Trigger::Timer { .. } => return timer(ctx, hand, (number, node), trigger).await,
        Trigger::Signal { name } => blank("signal", Some(name.clone())),
        Trigger::Message { name } => {
            let Some(key) = key_at(ctx, hand, node, None).await? else { return Ok(()) };
            if let Some(vars) = early(ctx, name, &key).await? {
                queue.push_back(Command::Happen { wait: number, vars });
            }
            Waiting { key: Some(key), ..blank("message", Some(name.clone())) }
        }
        // The state itself says what they wait for.
        _ => return Ok(()),
    };
    wait::put(ctx.conn(), hand.instance.id, &waiting).await
}

/// A timer is due at a moment; one that says none stands still.
async fn timer(
    ctx: &mut Ctx,
    hand: &mut Hand,
    (number, node): (u64, &str),
    trigger: &Trigger,
) -> Result<()> {
    let Trigger::Timer { form, text } = trigger else { return Ok(()) };
    let when = if let Some(when) = crate::timer::literal(*form, text) {
        Ok(when)
    } else {
        let scope = scope_at(&hand.instance.state.variables, ctx.now);
        let value = hand.definition.expressions.value(text, &scope);
        let value = value.map_err(|cause| said(&format!("“{text}”算不出来"), &cause));
        value.and_then(|value| {
            crate::timer::literal(*form, &value.to_string()).ok_or_else(|| {
                said(
                    &format!("“{text}”得出 {value}，不是时间"),
                    &format!("'{text}' gives {value}, which is no time"),
                )
            })
        })
    };
    let before = hand.fired.filter(|(fired, _)| *fired == number).map(|(_, due)| due);
    let due = when.and_then(|when| {
        when.due(ctx.now, before)
            .ok_or_else(|| said(&format!("“{text}”太远了"), &format!("'{text}' lies too far away")))
    });
    let due = match due {
        Ok(due) => due,
        Err(cause) => {
            let place = (node, Some(number));
            return stand_still(ctx, hand, place, IncidentKind::Timer, &cause, None).await;
        }
    };
    let node = node.to_owned();
    let waiting = Waiting { number, node, kind: "timer", name: None, key: None, due: Some(due) };
    wait::put(ctx.conn(), hand.instance.id, &waiting).await?;
    if due - ctx.now <= SOON {
        let job = if hand.instance.thing.starts_with(THINGS) { BEGIN } else { DUE };
        ctx.enqueue(NewJob::at(job, &json!({}), due)).await?;
    }
    Ok(())
}

/// For whom a message of a node is: what its expression gives, otherwise the thing of the instance.
async fn key_at(
    ctx: &mut Ctx,
    hand: &mut Hand,
    node: &str,
    task: Option<TaskId>,
) -> Result<Option<String>> {
    let source = hand.definition.model.node(node).and_then(|node| node.key.clone());
    let Some(source) = source else { return Ok(Some(hand.instance.thing.clone())) };
    let mut vars = hand.instance.state.variables.clone();
    if let Some(open) = task.and_then(|task| hand.instance.state.task(task)) {
        vars.extend(open.locals.clone());
    }
    let value = hand.definition.expressions.value(&source, &scope_at(&vars, ctx.now));
    let cause = match value {
        Ok(zhengtong_feel::Value::Null) => {
            said(&format!("“{source}”没有得出值"), &format!("'{source}' gives nothing"))
        }
        Ok(value) => return Ok(Some(value.to_string())),
        Err(cause) => said(&format!("“{source}”算不出来"), &cause),
    };
    let place = (node, task.map(|task| task.0));
    stand_still(ctx, hand, place, IncidentKind::Timer, &cause, None).await?;
    Ok(None)
}

/// A message that came before somebody waited for it.
async fn early(ctx: &mut Ctx, name: &str, key: &str) -> Result<Option<Vars>> {
    let now = ctx.now;
    let found = wait::take_message(ctx.conn(), name, key, now).await?;
    Ok(found.map(|vars| vars.as_object().cloned().unwrap_or_default()))
}

/// A message goes out to whoever in this city waits for it.
pub(crate) async fn sent(ctx: &mut Ctx, hand: &mut Hand, node: &str, name: &str) -> Result<()> {
    let Some(key) = key_at(ctx, hand, node, None).await? else { return Ok(()) };
    let (id, now) = (ctx.id(), ctx.now);
    let expires = now + Duration::days(MESSAGE_DAYS);
    wait::keep_message(ctx.conn(), (id, name, &key), &Vars::new(), (now, expires)).await?;
    wake(ctx).await
}

/// Lets what is due be looked for as soon as this is committed.
pub(crate) async fn wake(ctx: &mut Ctx) -> Result<()> {
    let now = ctx.now;
    ctx.enqueue(NewJob::now(BEGIN, &json!({}), now)).await?;
    Ok(ctx.enqueue(NewJob::now(DUE, &json!({}), now)).await?)
}

/// A service failed: it is tried again after a while that doubles, and at last an operator is asked.
pub(crate) async fn failed(
    ctx: &mut Ctx,
    hand: &mut Hand,
    (node, task): (&str, TaskId),
    reason: &str,
    failures: u32,
) -> Result<()> {
    tracing::warn!(instance = %hand.instance.id, node, failures, reason, "a service failed");
    if failures >= FAILURES_MAX {
        let place = (node, Some(task.0));
        return stand_still(ctx, hand, place, IncidentKind::Service, reason, None).await;
    }
    let due = ctx.now + Duration::minutes(1_i64 << failures.min(10));
    let (node, kind) = (node.to_owned(), "service");
    let waiting = Waiting { number: task.0, node, kind, name: None, key: None, due: Some(due) };
    wait::put(ctx.conn(), hand.instance.id, &waiting).await
}

/// Opens the row of something that is awaited once more.
pub(crate) async fn await_again(
    ctx: &mut Ctx,
    hand: &mut Hand,
    number: u64,
    node: &str,
) -> Result<()> {
    let mut queue = VecDeque::new();
    let awaited = hand.instance.state.waits.iter().find(|one| one.id == number);
    let trigger = awaited.map(|one| one.trigger.clone());
    match trigger {
        Some(trigger) => wait_opened(ctx, hand, (number, node), &trigger, &mut queue).await?,
        None => receive(ctx, hand, TaskId(number), node, &mut queue).await?,
    }
    while let Some(command) = queue.pop_front() {
        run(ctx, hand, command, Mode::Keep).await?;
    }
    Ok(())
}
