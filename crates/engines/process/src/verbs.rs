//! Starting an instance, moving it on, replaying it.

use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_bpmn::{Command, Model, State, TaskId, apply};
use zhengtong_db::{Ctx, Thing};

use crate::error::{Error, Result};
use crate::feel::Feel;
use crate::model::{Instance, News, Past, Vars};
use crate::part::Definition;
use crate::published::in_force;
use crate::store::{self, incident};
use crate::work::{self, Hand, Mode};

/// Starts an instance of a definition for a thing such as `case/SPJY-2026-000001`, in the version of the day.
pub async fn start(
    ctx: &mut Ctx,
    definition: &str,
    thing: &str,
    vars: Vars,
) -> Result<(Uuid, Vec<News>)> {
    ctx.allow("process.start", &Thing::new("instance", thing))?;
    let definition = in_force(ctx, definition)?;
    let hand = open(ctx, definition, None, thing, vars).await?;
    work::keep(ctx, &hand).await?;
    let act = ctx.act("process.start", "instance", hand.instance.id.to_string());
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok((hand.instance.id, hand.news))
}

/// Opens an instance at its plain start, or at the start event of an id; it is to be kept.
pub(crate) async fn open(
    ctx: &mut Ctx,
    definition: Arc<Definition>,
    event: Option<&str>,
    thing: &str,
    vars: Vars,
) -> Result<Hand> {
    let (digest, now) = (definition.digest.clone(), ctx.now);
    let feel = Feel { expressions: &definition.expressions, lenient: false };
    let (state, effects) = zhengtong_bpmn::start_at(&definition.model, event, vars.clone(), &feel)?;
    let (id, thing) = (ctx.id(), thing.to_owned());
    let instance = Instance { id, digest: digest.clone(), thing, state, held: false };
    work::keep_definition(ctx, &definition).await?;
    store::insert(ctx.conn(), &instance, now).await?;
    let mut command = json!({ "command": "start", "digest": digest, "vars": vars });
    if let (Some(event), Value::Object(command)) = (event, &mut command) {
        command.insert("event".to_owned(), event.into());
    }
    let mut hand = Hand::new(instance, definition);
    hand.past.push(Past { command, node: None });
    work::begun(ctx, &mut hand, effects).await?;
    Ok(hand)
}

/// Forgets what an instance that is over was told: its variables and the commands that brought them. Where it
/// went stays; it can no longer be replayed.
pub async fn forget(ctx: &mut Ctx, instance: Uuid) -> Result<()> {
    ctx.allow("process.forget", &Thing::new("instance", instance.to_string()))?;
    store::forget(ctx.conn(), instance).await?;
    let act = ctx.act("process.forget", "instance", instance.to_string());
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

/// Completes a person's task; its outcome stands in `vars` under `outcome`.
pub async fn complete(ctx: &mut Ctx, instance: Uuid, task: &str, vars: Vars) -> Result<Vec<News>> {
    let task = task_id(task)?;
    step(ctx, instance, Command::CompleteTask { task, vars }).await
}

/// Completes a task of the platform.
pub async fn serve(ctx: &mut Ctx, instance: Uuid, task: &str, vars: Vars) -> Result<Vec<News>> {
    let task = task_id(task)?;
    step(ctx, instance, Command::CompleteService { task, vars }).await
}

/// A task of the platform failed: it comes again after a while, and stands still when it failed too often.
pub async fn fail(ctx: &mut Ctx, instance: Uuid, task: &str, reason: &str) -> Result<Vec<News>> {
    let task = task_id(task)?;
    step(ctx, instance, Command::FailService { task, reason: reason.to_owned() }).await
}

/// What an instance knows: what it was told, and what its rules and scripts gave.
pub async fn variables(ctx: &mut Ctx, instance: Uuid) -> Result<Vars> {
    ctx.allow("process.read", &Thing::new("instance", instance.to_string()))?;
    let found = store::instance(ctx.conn(), instance).await?;
    let found =
        found.ok_or_else(|| zhengtong_db::Error::absent("instance", instance.to_string()))?;
    Ok(found.state.variables)
}

/// Something changed that a process may wait for.
pub async fn learn(ctx: &mut Ctx, instance: Uuid, vars: Vars) -> Result<Vec<News>> {
    step(ctx, instance, Command::Learn { vars }).await
}

/// Ends an instance from outside, such as when the applicant takes the case back.
pub async fn terminate(ctx: &mut Ctx, instance: Uuid, reason: &str) -> Result<Vec<News>> {
    step(ctx, instance, Command::Terminate { reason: reason.to_owned() }).await
}

pub(crate) async fn step(ctx: &mut Ctx, id: Uuid, command: Command) -> Result<Vec<News>> {
    ctx.allow("process.move", &Thing::new("instance", id.to_string()))?;
    let mut hand = work::take(ctx, id).await?;
    let task = work::task_of(&command).and_then(|task| i64::try_from(task.0).ok());
    if let Some(task) = task.filter(|_| hand.instance.held)
        && incident::holds(ctx.conn(), id, task).await?
    {
        return Err(Error::Held);
    }
    work::run(ctx, &mut hand, command, Mode::Keep).await?;
    work::keep(ctx, &hand).await?;
    let act = ctx.act("process.move", "instance", id.to_string());
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(hand.news)
}

/// Tries something that may fail: on an error everything it did is undone, and the transaction goes on.
pub async fn attempt<T, E: From<Error>>(
    ctx: &mut Ctx,
    work: impl AsyncFnOnce(&mut Ctx) -> std::result::Result<T, E>,
) -> Result<std::result::Result<T, E>> {
    store::savepoint(ctx.conn()).await?;
    let outcome = work(ctx).await;
    match &outcome {
        Ok(_) => store::release(ctx.conn()).await?,
        Err(_) => store::back_to_savepoint(ctx.conn()).await?,
    }
    Ok(outcome)
}

pub(crate) fn task_id(task: &str) -> Result<TaskId> {
    task.parse()
        .map(TaskId)
        .map_err(|_not_a_number| zhengtong_db::Error::absent("task", task).into())
}

/// The name in both languages: the model's name is Chinese, its documentation holds the English one.
pub(crate) fn title(model: &Model, node: &str) -> Text {
    let Some(node) = model.node(node) else { return Text::same(node) };
    let en = node.documentation.lines().next().unwrap_or_default().trim();
    Text::new(node.name.clone(), if en.is_empty() { node.name.as_str() } else { en })
}

/// Replays the history of an instance from its first command; whether it gives the stored state again.
pub async fn replay(ctx: &mut Ctx, id: Uuid) -> Result<bool> {
    ctx.allow("process.read", &Thing::new("instance", id.to_string()))?;
    let instance = store::instance(ctx.conn(), id)
        .await?
        .ok_or_else(|| zhengtong_db::Error::absent("instance", id.to_string()))?;
    let mut state: Option<State> = None;
    let mut definition = work::definition(ctx, &instance.digest).await?;
    for (past, _, _) in store::history(ctx.conn(), id).await? {
        let command = past.command;
        let digest = command.get("digest").and_then(Value::as_str);
        let lenient = command.get("lenient").and_then(Value::as_bool) == Some(true);
        let word = command.get("command").and_then(Value::as_str).unwrap_or_default();
        state = Some(match (word, state) {
            ("start", _) => {
                if let Some(digest) = digest {
                    definition = work::definition(ctx, digest).await?;
                }
                let feel = Feel { expressions: &definition.expressions, lenient };
                let vars = command.get("vars").and_then(Value::as_object).cloned();
                let (vars, event) = (vars.unwrap_or_default(), command.get("event"));
                let event = event.and_then(Value::as_str);
                zhengtong_bpmn::start_at(&definition.model, event, vars, &feel)?.0
            }
            ("migrate", Some(state)) => {
                let mapping = command.get("mapping").cloned().unwrap_or_default();
                let mapping = serde_json::from_value(mapping).map_err(zhengtong_db::Error::from)?;
                let new = work::definition(ctx, digest.unwrap_or_default()).await?;
                let moved =
                    zhengtong_bpmn::migrate(&definition.model, &new.model, &state, &mapping);
                definition = new;
                moved.map_err(Error::Migration)?.0
            }
            (_, Some(state)) => {
                let feel = Feel { expressions: &definition.expressions, lenient };
                let command: Command =
                    serde_json::from_value(command).map_err(zhengtong_db::Error::from)?;
                apply(&definition.model, state, command, &feel)?.0
            }
            (_, None) => return Ok(false),
        });
    }
    Ok(state.is_some_and(|state| state == instance.state))
}
