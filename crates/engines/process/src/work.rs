//! One instance in hand: commands are carried out, and what follows by rule from them, until it rests. Nothing is kept before
//! [`keep`], and all of it in the transaction of the verb.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_bpmn::{
    Command, Effect, ExecError, Model, Node, NodeKind, State, TaskId, TaskKind, apply,
};
use zhengtong_db::{Ctx, RECORD_WORDS};

use crate::error::{Error, Result};
use crate::feel::{Feel, scope_at};
use crate::known::Known;
use crate::model::{Incident, IncidentKind, Instance, News, Opened, Past, Vars};
use crate::own::{is_own, own_work};
use crate::part::{Catalog, Definition};
use crate::store::{self, beginning, incident, wait};
use crate::verbs::title;
use crate::waits::{failed, receive, sent, wait_opened, wake};

/// Commands that follow from one another in one act.
const FOLLOWING_MAX: usize = 200;
/// Characters of a cause that are kept.
const CAUSE_CHARS_MAX: usize = 500;

/// What becomes of a command that cannot be carried out because the model or its data are wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It is kept for the operators.
    Keep,
    /// What cannot be evaluated counts as not true; what then still does not go is refused.
    Lenient,
}

/// An instance in hand, locked.
pub(crate) struct Hand {
    pub(crate) instance: Instance,
    pub(crate) definition: Arc<Definition>,
    pub(crate) past: Vec<Past>,
    pub(crate) news: Vec<News>,
    /// By which version of its decisions each rule task was decided.
    pub(crate) decided: BTreeMap<TaskId, String>,
    /// The timer that fires, and when it was due: a cycle comes again after that.
    pub(crate) fired: Option<(u64, OffsetDateTime)>,
}

impl Hand {
    pub(crate) fn new(instance: Instance, definition: Arc<Definition>) -> Self {
        let (past, news, decided) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { instance, definition, past, news, decided, fired: None }
    }
}

/// The definition of a digest: from the packs, or one that was kept.
pub(crate) async fn definition(ctx: &mut Ctx, digest: &str) -> Result<Arc<Definition>> {
    let catalog = ctx.defs::<Catalog>()?;
    if let Some(found) = catalog.by_digest(digest) {
        return Ok(found);
    }
    let kept = store::definition(ctx.conn(), digest).await?;
    let (name, xml) = kept.ok_or_else(|| Error::NoDefinition(digest.to_owned()))?;
    let model = Model::parse(&xml)?;
    Ok(catalog.keep(&name, &xml, model))
}

/// Keeps a definition that an instance begins with; one that holds what it calls also as it was written.
pub(crate) async fn keep_definition(ctx: &mut Ctx, definition: &Definition) -> Result<()> {
    let now = ctx.now;
    if let Some(source) = &definition.source {
        let own = Known::of(ctx)?.definition(&definition.name);
        if let Some(own) = own.filter(|own| own.digest == *source) {
            store::keep_definition(ctx.conn(), &own, now).await?;
        }
    }
    store::keep_definition(ctx.conn(), definition, now).await
}

/// Takes an instance in hand.
pub(crate) async fn take(ctx: &mut Ctx, id: Uuid) -> Result<Hand> {
    let instance = store::instance_for_change(ctx.conn(), id)
        .await?
        .ok_or_else(|| zhengtong_db::Error::absent("instance", id.to_string()))?;
    let definition = definition(ctx, &instance.digest).await?;
    Ok(Hand::new(instance, definition))
}

/// Keeps what was done with an instance.
pub(crate) async fn keep(ctx: &mut Ctx, hand: &Hand) -> Result<()> {
    if hand.past.is_empty() {
        return Ok(());
    }
    let (now, actor) = (ctx.now, sealed_name(ctx, hand.instance.id)?);
    store::save(ctx.conn(), &hand.instance, &hand.past, now, &actor).await
}

/// The name of who acts as it stands in the history: applicants are people.
fn sealed_name(ctx: &Ctx, instance: Uuid) -> Result<String> {
    let Ok(ring) = ctx.keyring() else { return Ok(ctx.actor.name.clone()) };
    let sealed = ring.seal_text(RECORD_WORDS, &place(instance), &ctx.actor.name);
    Ok(sealed.map_err(zhengtong_db::Error::from)?)
}

/// Opens a name of the history; one whose key was destroyed is gone.
pub(crate) fn opened_name(ctx: &Ctx, instance: Uuid, name: String) -> String {
    match ctx.keyring() {
        Ok(ring) => ring.read_text(RECORD_WORDS, &place(instance), name).unwrap_or_default(),
        Err(_no_keys) => name,
    }
}

fn place(instance: Uuid) -> String {
    format!("process/{instance}")
}

/// Carries out a command and what follows from it.
pub(crate) async fn run(
    ctx: &mut Ctx,
    hand: &mut Hand,
    command: Command,
    mode: Mode,
) -> Result<()> {
    let mut queue = VecDeque::from([command]);
    let mut first = true;
    let mut done = 0;
    while let Some(command) = queue.pop_front() {
        done += 1;
        if done > FOLLOWING_MAX {
            let error = ExecError::TooManySteps;
            hold(ctx, hand, &command, &error).await?;
            continue;
        }
        let definition = Arc::clone(&hand.definition);
        let lenient = mode == Mode::Lenient;
        let feel = Feel { expressions: &definition.expressions, lenient };
        let before = hand.instance.state.clone();
        match apply(&definition.model, before, command.clone(), &feel) {
            Ok((state, effects)) => {
                let node = node_of(&hand.instance.state, &command);
                let mut kept = serde_json::to_value(&command).map_err(zhengtong_db::Error::from)?;
                if let Value::Object(kept) = &mut kept {
                    if lenient {
                        kept.insert("lenient".to_owned(), true.into());
                    }
                    let by = task_of(&command).and_then(|task| hand.decided.remove(&task));
                    kept.extend(by.map(|digest| ("decided_by".to_owned(), digest.into())));
                }
                hand.past.push(Past { command: kept, node });
                hand.instance.state = state;
                follow(ctx, hand, effects, &mut queue).await?;
            }
            Err(error) if mode == Mode::Keep && can_be_mended(&error) => {
                hold(ctx, hand, &command, &error).await?;
            }
            // What followed by rule may have been overtaken by what followed before it.
            Err(ExecError::TaskNotOpen(_) | ExecError::NotAwaited(_) | ExecError::Ended)
                if !first => {}
            Err(error) => return Err(error.into()),
        }
        first = false;
    }
    Ok(())
}

/// Whether an operator can do something about it, so that the act of an officer must not be lost.
fn can_be_mended(error: &ExecError) -> bool {
    matches!(
        error,
        ExecError::Condition { .. }
            | ExecError::NoWay { .. }
            | ExecError::Count { .. }
            | ExecError::NoProcess { .. }
            | ExecError::Stuck { .. }
            | ExecError::TooManySteps
    )
}

/// Keeps a command for the operators.
async fn hold(ctx: &mut Ctx, hand: &mut Hand, command: &Command, error: &ExecError) -> Result<()> {
    let cause = said(&error.zh(), &error.to_string());
    let node = node_of(&hand.instance.state, command).unwrap_or_default();
    let kept = serde_json::to_value(command).map_err(zhengtong_db::Error::from)?;
    let task = task_of(command).map(|task| task.0);
    stand_still(ctx, hand, (&node, task), IncidentKind::Command, &cause, Some(&kept)).await
}

/// A cause as operators read it, in either language.
pub(crate) fn said(zh: &str, en: &str) -> String {
    format!("{zh}（{en}）")
}

/// Opens an incident.
pub(crate) async fn stand_still(
    ctx: &mut Ctx,
    hand: &mut Hand,
    (node, task): (&str, Option<u64>),
    kind: IncidentKind,
    cause: &str,
    command: Option<&Value>,
) -> Result<()> {
    let incident = Incident {
        id: ctx.id(),
        instance: hand.instance.id,
        thing: hand.instance.thing.clone(),
        definition: hand.definition.name.clone(),
        node: node.to_owned(),
        task: task.and_then(|task| i64::try_from(task).ok()),
        kind,
        cause: cause.chars().take(CAUSE_CHARS_MAX).collect(),
        opened: ctx.now,
    };
    incident::open(ctx.conn(), &incident, command).await?;
    hand.instance.held = true;
    tracing::warn!(instance = %incident.instance, node, kind = kind.word(), cause, "a process stands still");
    hand.news.push(News::Held { incident: incident.id, node: node.to_owned() });
    Ok(())
}

async fn follow(
    ctx: &mut Ctx,
    hand: &mut Hand,
    effects: Vec<Effect>,
    queue: &mut VecDeque<Command>,
) -> Result<()> {
    let (mut gone, mut rows) = (Vec::new(), Vec::new());
    for effect in effects {
        match effect {
            Effect::TaskOpened { task, ref node, kind: TaskKind::Receive, .. } => {
                receive(ctx, hand, task, node, queue).await?;
            }
            Effect::TaskClosed { task, ref node, .. }
            | Effect::TaskCancelled { task, ref node } => {
                gone.push(task.0);
                if may_wait(&hand.definition.model, node) {
                    rows.push(task.0);
                }
            }
            Effect::ServiceDue { task, ref node, .. }
                if hand.definition.model.node(node).is_some_and(is_own) =>
            {
                own_work(ctx, hand, task, node, queue).await?;
                continue;
            }
            Effect::ServiceFailed { task, ref node, ref reason, failures } => {
                failed(ctx, hand, (node, task), reason, failures).await?;
            }
            Effect::WaitOpened { wait, ref node, ref trigger } => {
                wait_opened(ctx, hand, (wait, node), trigger, queue).await?;
            }
            Effect::WaitClosed { wait, .. } => {
                gone.push(wait);
                rows.push(wait);
            }
            Effect::MessageSent { ref node, ref name } => sent(ctx, hand, node, name).await?,
            Effect::SignalSent { ref name, .. } => {
                let (id, now) = (hand.instance.id, ctx.now);
                let none = Vars::new();
                let told = wait::give_signal(ctx.conn(), name, &none, (Some(id), now)).await?;
                if told + beginning::signal(ctx.conn(), name, &none, now).await? > 0 {
                    wake(ctx).await?;
                }
            }
            _ => {}
        }
        let piece = news(hand, ctx.now, &effect);
        hand.news.extend(piece);
    }
    sweep(ctx, hand, &gone, &rows).await
}

/// Whether a task may have a row of what is awaited: one that receives a message, or one of the platform that is tried again.
fn may_wait(model: &Model, node: &str) -> bool {
    let waits = |node: &Node| node.kind == NodeKind::ReceiveTask || node.kind.is_service();
    model.node(node).is_some_and(waits)
}

/// What is not awaited any more has no row, and what stood still with it is over.
async fn sweep(ctx: &mut Ctx, hand: &mut Hand, gone: &[u64], rows: &[u64]) -> Result<()> {
    let (id, now) = (hand.instance.id, ctx.now);
    let over = hand.instance.state.ended.is_some();
    if !rows.is_empty() {
        wait::delete(ctx.conn(), id, rows).await?;
    }
    if hand.instance.held && (over || !gone.is_empty()) {
        let numbers: Vec<i64> =
            gone.iter().filter_map(|number| i64::try_from(*number).ok()).collect();
        let tasks = (!over).then_some(numbers.as_slice());
        incident::settle(ctx.conn(), id, tasks, now).await?;
    }
    Ok(())
}

/// The task, or the number of what is awaited, that a command is about.
pub(crate) fn task_of(command: &Command) -> Option<TaskId> {
    match command {
        Command::CompleteTask { task, .. }
        | Command::CompleteService { task, .. }
        | Command::FailService { task, .. }
        | Command::Raise { task, .. }
        | Command::ReturnTo { task, .. }
        | Command::TakeBack { task }
        | Command::Assign { task, .. }
        | Command::Delegate { task, .. }
        | Command::GiveBack { task }
        | Command::AddSign { task, .. }
        | Command::RemoveSign { task }
        | Command::Countersign { task, .. }
        | Command::AskOpinions { task, .. }
        | Command::SendTo { task, .. } => Some(*task),
        Command::Happen { wait, .. } => Some(TaskId(*wait)),
        Command::Signal { .. }
        | Command::Learn { .. }
        | Command::Withdraw
        | Command::Terminate { .. } => None,
    }
}

fn node_of(state: &State, command: &Command) -> Option<String> {
    // A picture shows who did a step: what only passes it on does it not.
    let task = task_of(command)?;
    match command {
        Command::Happen { wait, .. } => {
            state.waits.iter().find(|one| one.id == *wait).map(|one| one.node.clone())
        }
        Command::CompleteTask { .. }
        | Command::CompleteService { .. }
        | Command::FailService { .. }
        | Command::Raise { .. }
        | Command::ReturnTo { .. }
        | Command::SendTo { .. } => state.task(task).map(|open| open.node.clone()),
        _ => None,
    }
}

/// What an effect means to the suite above.
fn news(hand: &Hand, now: OffsetDateTime, effect: &Effect) -> Option<News> {
    if matches!(effect, Effect::TaskOpened { kind: TaskKind::Receive, .. }) {
        return None;
    }
    Some(match effect {
        Effect::TaskOpened { .. } => News::Opened(opened(hand, now, effect)?),
        Effect::TaskClosed { task, .. } => News::Closed { task: task.to_string() },
        Effect::Decided { task, node, outcome } => {
            News::Decided { task: task.to_string(), node: node.clone(), outcome: outcome.clone() }
        }
        Effect::TaskCancelled { task, .. } => News::Cancelled { task: task.to_string() },
        Effect::TaskAssigned { task, to, .. } => {
            News::Assigned { task: task.to_string(), to: to.clone() }
        }
        Effect::TaskReady { task, .. } => News::Ready { task: task.to_string() },
        Effect::ServiceDue { task, node, action, notice, .. } => News::Service {
            task: task.to_string(),
            node: node.clone(),
            action: action.clone().unwrap_or_default(),
            notice: notice.clone(),
        },
        Effect::Escalated { node, code } => {
            News::Escalated { node: node.clone(), code: code.clone() }
        }
        Effect::Ended { .. } => News::Ended,
        Effect::ServiceFailed { .. }
        | Effect::WaitOpened { .. }
        | Effect::WaitClosed { .. }
        | Effect::MessageSent { .. }
        | Effect::SignalSent { .. } => return None,
    })
}

/// A task that opened, as the suite above needs it.
fn opened(hand: &Hand, now: OffsetDateTime, effect: &Effect) -> Option<Opened> {
    let Effect::TaskOpened { task, node, role, days, outcomes, assignee, beside, .. } = effect
    else {
        return None;
    };
    let (department, astray) = department(hand, now, *task, node);
    let open = hand.instance.state.task(*task);
    Some(Opened {
        task: task.to_string(),
        node: node.clone(),
        title: title(&hand.definition.model, node),
        role: role.clone().unwrap_or_default(),
        outcomes: outcomes.clone(),
        days: *days,
        department,
        astray,
        by_default: hand.definition.model.node(node).and_then(|node| node.by_default.clone()),
        visit: open.map_or(task.0, |open| open.token),
        several: hand.definition.model.node(node).is_some_and(Node::is_repeated),
        assignee: assignee.clone(),
        beside: beside.map(|beside| (beside.purpose, beside.task.to_string())),
    })
}

/// The department that a node names, or that its expression gives; and whether the expression gave nothing.
fn department(
    hand: &Hand,
    now: OffsetDateTime,
    task: TaskId,
    node: &str,
) -> (Option<String>, bool) {
    let named = hand.definition.model.node(node).and_then(|node| node.department.as_deref());
    let Some(named) = named else { return (None, false) };
    let Some(source) = named.strip_prefix('=') else { return (Some(named.to_owned()), false) };
    let mut vars = hand.instance.state.variables.clone();
    if let Some(open) = hand.instance.state.task(task) {
        vars.extend(open.locals.clone());
    }
    let value = hand.definition.expressions.value(source.trim(), &scope_at(&vars, now));
    let word = value.ok().and_then(|value| match value.to_json() {
        Value::String(word) if !word.trim().is_empty() => Some(word.trim().to_owned()),
        _ => None,
    });
    let astray = word.is_none();
    if astray {
        let instance = hand.instance.id;
        tracing::warn!(%instance, node, source, "an expression names no department");
    }
    (word, astray)
}

/// What follows from the start of an instance.
pub(crate) async fn begun(ctx: &mut Ctx, hand: &mut Hand, effects: Vec<Effect>) -> Result<()> {
    let mut queue = VecDeque::new();
    follow(ctx, hand, effects, &mut queue).await?;
    while let Some(command) = queue.pop_front() {
        run(ctx, hand, command, Mode::Keep).await?;
    }
    Ok(())
}
