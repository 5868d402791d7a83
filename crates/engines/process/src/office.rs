//! The free acts of an office on a task: 退回, 撤回, 转办, 委派, 加签, 减签, 会签, 或签, 征求意见, 特送. Who may do them, and to whom, is
//! the business of the suite above.

use uuid::Uuid;
use zhengtong_bpmn::{
    Command, Looping, Model, Node, OpenTask, Panel, Rule, SignPlace, State, TaskId, TaskKind,
};
use zhengtong_db::{Ctx, Thing};

use crate::error::{Error, Result};
use crate::model::{Moves, News, Resting, Rests, Step};
use crate::store;
use crate::verbs::{step, task_id, title};
use crate::work;

/// Returns a task to an earlier one. What came from there is taken back.
pub async fn return_to(ctx: &mut Ctx, instance: Uuid, task: &str, node: &str) -> Result<Vec<News>> {
    let (task, node) = (task_id(task)?, node.to_owned());
    step(ctx, instance, Command::ReturnTo { task, node, straight: false }).await
}

/// Returns a task to an earlier one, whose answer comes straight back.
pub async fn return_straight(
    ctx: &mut Ctx,
    instance: Uuid,
    task: &str,
    node: &str,
) -> Result<Vec<News>> {
    let (task, node) = (task_id(task)?, node.to_owned());
    step(ctx, instance, Command::ReturnTo { task, node, straight: true }).await
}

/// Takes back a task that was done, as long as nobody has begun what came of it.
pub async fn take_back_task(ctx: &mut Ctx, instance: Uuid, task: &str) -> Result<Vec<News>> {
    let task = task_id(task)?;
    step(ctx, instance, Command::TakeBack { task }).await
}

/// Gives a task to somebody, or to nobody.
pub async fn assign(
    ctx: &mut Ctx,
    instance: Uuid,
    task: &str,
    to: Option<&str>,
) -> Result<Vec<News>> {
    let task = task_id(task)?;
    step(ctx, instance, Command::Assign { task, to: to.map(str::to_owned) }).await
}

/// Lends a task to somebody; it comes back.
pub async fn delegate(ctx: &mut Ctx, instance: Uuid, task: &str, to: &str) -> Result<Vec<News>> {
    let task = task_id(task)?;
    step(ctx, instance, Command::Delegate { task, to: to.to_owned() }).await
}

/// Gives a task back that was lent.
pub async fn give_back(ctx: &mut Ctx, instance: Uuid, task: &str) -> Result<Vec<News>> {
    let task = task_id(task)?;
    step(ctx, instance, Command::GiveBack { task }).await
}

/// Lets others sign before, after or together with a task.
pub async fn add_sign(
    ctx: &mut Ctx,
    instance: Uuid,
    task: &str,
    who: Vec<String>,
    place: SignPlace,
) -> Result<Vec<News>> {
    let task = task_id(task)?;
    step(ctx, instance, Command::AddSign { task, who, place }).await
}

/// Takes one of several away who sign.
pub async fn remove_sign(ctx: &mut Ctx, instance: Uuid, task: &str) -> Result<Vec<News>> {
    let task = task_id(task)?;
    step(ctx, instance, Command::RemoveSign { task }).await
}

/// Lets several sign in place of one.
pub async fn countersign(
    ctx: &mut Ctx,
    instance: Uuid,
    task: &str,
    who: Vec<String>,
    rule: Rule,
) -> Result<Vec<News>> {
    let task = task_id(task)?;
    step(ctx, instance, Command::Countersign { task, who, rule }).await
}

/// Asks several for an opinion; the task waits for them, or not.
pub async fn ask_opinions(
    ctx: &mut Ctx,
    instance: Uuid,
    task: &str,
    who: Vec<String>,
    waits: bool,
) -> Result<Vec<News>> {
    let task = task_id(task)?;
    step(ctx, instance, Command::AskOpinions { task, who, waits }).await
}

/// Sends a task straight to any step, with a reason.
pub async fn send_to(
    ctx: &mut Ctx,
    instance: Uuid,
    task: &str,
    node: &str,
    reason: &str,
) -> Result<Vec<News>> {
    let (task, node, reason) = (task_id(task)?, node.to_owned(), bounded(reason)?);
    step(ctx, instance, Command::SendTo { task, node, reason }).await
}

/// Where a task may go beside its own way: back, straight back, and to any step. Asked before a page offers it.
pub async fn moves(ctx: &mut Ctx, instance: Uuid, task: &str) -> Result<Moves> {
    ctx.allow("process.read", &Thing::new("instance", instance.to_string()))?;
    let task = task_id(task)?;
    let found = store::instance(ctx.conn(), instance)
        .await?
        .ok_or_else(|| zhengtong_db::Error::absent("instance", instance.to_string()))?;
    let definition = work::definition(ctx, &found.digest).await?;
    let named = |nodes: Vec<&Node>| -> Vec<Step> {
        let step = |node: &Node| Step {
            node: node.id.clone(),
            title: title(&definition.model, &node.id),
            kind: node.kind,
            role: node.role.clone(),
            outcomes: node.outcomes.clone(),
        };
        nodes.into_iter().map(step).collect()
    };
    let (model, state): (_, &State) = (&definition.model, &found.state);
    Ok(Moves {
        back: named(zhengtong_bpmn::returns(model, state, task)),
        straight: named(zhengtong_bpmn::returns_straight(model, state, task)),
        anywhere: named(zhengtong_bpmn::targets(model, state, task)),
    })
}

/// At what an instance rests now.
pub async fn rests(ctx: &mut Ctx, instance: Uuid) -> Result<Rests> {
    ctx.allow("process.read", &Thing::new("instance", instance.to_string()))?;
    let found = store::instance(ctx.conn(), instance)
        .await?
        .ok_or_else(|| zhengtong_db::Error::absent("instance", instance.to_string()))?;
    let definition = work::definition(ctx, &found.digest).await?;
    let (model, state): (_, &State) = (&definition.model, &found.state);
    let persons = |open: &&OpenTask| matches!(open.kind, TaskKind::User | TaskKind::Manual);
    let services = |open: &&OpenTask| open.kind == TaskKind::Service;
    let received = state.open.iter().filter(|open| open.kind == TaskKind::Receive).count();
    Ok(Rests {
        tasks: state.open.iter().filter(persons).map(|open| resting(model, state, open)).collect(),
        services: state.open.iter().filter(services).map(|open| open.task.to_string()).collect(),
        waits: state.waits.len() + received,
        ended: state.ended.is_some(),
    })
}

fn resting(model: &Model, state: &State, open: &OpenTask) -> Resting {
    let asked = |panel: u64| {
        state.open.iter().any(|one| one.beside.is_some_and(|beside| beside.panel == panel))
    };
    let of = |panel: &&Panel| panel.task == open.task;
    let looping = model.node(&open.node).and_then(|node| node.looping.as_ref());
    Resting {
        task: open.task.to_string(),
        node: open.node.clone(),
        assignee: open.assignee.clone(),
        lent: !open.lent.is_empty(),
        waits: state.panels.iter().filter(of).any(|panel| panel.waits && asked(panel.id)),
        after: state.panels.iter().filter(of).any(|panel| !panel.later.is_empty()),
        several: matches!(looping, Some(Looping::Each { .. })),
        beside: open.beside.map(|beside| (beside.purpose, beside.task.to_string())),
    }
}

/// Whether a task that was done may still be taken back.
pub async fn may_take_back(ctx: &mut Ctx, instance: Uuid, task: &str) -> Result<bool> {
    ctx.allow("process.read", &Thing::new("instance", instance.to_string()))?;
    let task: TaskId = task_id(task)?;
    let found = store::instance(ctx.conn(), instance).await?;
    Ok(found.is_some_and(|found| zhengtong_bpmn::may_take_back(&found.state, task)))
}

/// A reason that says something.
pub(crate) fn bounded(reason: &str) -> Result<String> {
    let reason = reason.trim();
    if (2..=500).contains(&reason.chars().count()) {
        Ok(reason.to_owned())
    } else {
        Err(Error::Reason)
    }
}
