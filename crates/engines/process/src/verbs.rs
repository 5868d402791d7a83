//! Starting an instance, moving it on, replaying it.

use serde_json::{Value, json};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_bpmn::{Command, Effect, Model, State, TaskId, apply};
use zhengtong_db::{Ctx, Thing};

use crate::error::{Error, Result};
use crate::model::{Instance, News, Opened, Past, Vars};
use crate::part::{Catalog, Feel};
use crate::store;

/// Starts an instance of a definition for a thing such as `case/SPJY-2026-000001`.
pub async fn start(
    ctx: &mut Ctx,
    definition: &str,
    thing: &str,
    vars: Vars,
) -> Result<(Uuid, Vec<News>)> {
    ctx.allow("process.start", &Thing::new("instance", thing))?;
    let definition = ctx
        .defs::<Catalog>()?
        .get(definition)
        .ok_or_else(|| Error::NoDefinition(definition.to_owned()))?;
    let (state, effects) = zhengtong_bpmn::start(&definition.model, vars.clone(), &Feel)?;
    let instance = Instance {
        id: ctx.id(),
        digest: definition.digest.clone(),
        xml: definition.xml.clone(),
        thing: thing.to_owned(),
        state: serde_json::to_value(&state).map_err(zhengtong_db::Error::from)?,
    };
    let now = ctx.now;
    let (digest, name) = (definition.digest.as_str(), definition.name.as_str());
    store::keep_definition(ctx.conn(), digest, name, &definition.xml, now).await?;
    store::insert(ctx.conn(), &instance, now).await?;
    let first = past(ctx, json!({ "command": "start", "vars": vars }), None);
    store::append(ctx.conn(), instance.id, &first).await?;
    let act = ctx.act("process.start", "instance", instance.id.to_string());
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok((instance.id, news(&definition.model, effects)))
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

/// Returns a task to an earlier one.
pub async fn return_to(ctx: &mut Ctx, instance: Uuid, task: &str, node: &str) -> Result<Vec<News>> {
    let task = task_id(task)?;
    step(ctx, instance, Command::ReturnTo { task, node: node.to_owned() }).await
}

/// Ends an instance from outside, such as when the applicant takes the case back.
pub async fn terminate(ctx: &mut Ctx, instance: Uuid, reason: &str) -> Result<Vec<News>> {
    step(ctx, instance, Command::Terminate { reason: reason.to_owned() }).await
}

async fn step(ctx: &mut Ctx, id: Uuid, command: Command) -> Result<Vec<News>> {
    ctx.allow("process.move", &Thing::new("instance", id.to_string()))?;
    let instance = store::instance_for_change(ctx.conn(), id)
        .await?
        .ok_or_else(|| zhengtong_db::Error::absent("instance", id.to_string()))?;
    let model = Model::parse(&instance.xml)?;
    let state: State = read_state(&instance.state)?;
    let node = node_of(&state, &command);
    let kept = serde_json::to_value(&command).map_err(zhengtong_db::Error::from)?;
    let (state, effects) = apply(&model, state, command, &Feel)?;
    let ended = state.ended.as_ref().map(|_| ctx.now);
    let state = serde_json::to_value(&state).map_err(zhengtong_db::Error::from)?;
    store::update(ctx.conn(), id, &state, ended).await?;
    let past = past(ctx, kept, node);
    store::append(ctx.conn(), id, &past).await?;
    let act = ctx.act("process.move", "instance", id.to_string());
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(news(&model, effects))
}

fn past(ctx: &Ctx, command: Value, node: Option<String>) -> Past {
    Past { command, node, at: ctx.now, actor: ctx.actor.name.clone() }
}

pub(crate) fn read_state(value: &Value) -> Result<State> {
    serde_json::from_value(value.clone()).map_err(|error| zhengtong_db::Error::from(error).into())
}

fn node_of(state: &State, command: &Command) -> Option<String> {
    let task = match command {
        Command::CompleteTask { task, .. }
        | Command::CompleteService { task, .. }
        | Command::FailService { task, .. }
        | Command::Raise { task, .. }
        | Command::ReturnTo { task, .. } => *task,
        Command::Happen { wait, .. } => {
            let awaited = state.waits.iter().find(|one| one.id == *wait);
            return awaited.map(|one| one.node.clone());
        }
        Command::Signal { .. }
        | Command::Learn { .. }
        | Command::Withdraw
        | Command::Terminate { .. } => {
            return None;
        }
    };
    state.task(task).map(|open| open.node.clone())
}

fn task_id(task: &str) -> Result<TaskId> {
    task.parse()
        .map(TaskId)
        .map_err(|_not_a_number| zhengtong_db::Error::absent("task", task).into())
}

fn news(model: &Model, effects: Vec<Effect>) -> Vec<News> {
    effects
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::TaskOpened { task, node, role, days, outcomes, .. } => {
                let title = title(model, &node);
                Some(News::Opened(Opened {
                    task: task.to_string(),
                    node,
                    title,
                    role: role.unwrap_or_default(),
                    outcomes,
                    days,
                }))
            }
            Effect::TaskClosed { task, .. } => Some(News::Closed { task: task.to_string() }),
            Effect::TaskCancelled { task, .. } => Some(News::Cancelled { task: task.to_string() }),
            Effect::ServiceDue { task, node, action, .. } => Some(News::Service {
                task: task.to_string(),
                node,
                action: action.unwrap_or_default(),
            }),
            Effect::Ended { .. } => Some(News::Ended),
            // Models whose events wait or send are refused when packs are read.
            Effect::ServiceFailed { .. }
            | Effect::WaitOpened { .. }
            | Effect::WaitClosed { .. }
            | Effect::MessageSent { .. }
            | Effect::SignalSent { .. }
            | Effect::Escalated { .. } => None,
        })
        .collect()
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
    let model = Model::parse(&instance.xml)?;
    let mut state: Option<State> = None;
    for past in store::history(ctx.conn(), id).await? {
        state = Some(match state {
            None => {
                let vars = past.command.get("vars").and_then(Value::as_object).cloned();
                zhengtong_bpmn::start(&model, vars.unwrap_or_default(), &Feel)?.0
            }
            Some(state) => {
                let command: Command =
                    serde_json::from_value(past.command).map_err(zhengtong_db::Error::from)?;
                apply(&model, state, command, &Feel)?.0
            }
        });
    }
    let Some(state) = state else { return Ok(false) };
    Ok(serde_json::to_value(&state).map_err(zhengtong_db::Error::from)? == instance.state)
}
