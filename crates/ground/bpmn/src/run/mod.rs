//! Pure execution: a definition, a state and a command to the next state and its effects.
//!
//! A token rests at an open task or waits at a join, nowhere else; every command moves tokens until all rest again. A token
//! carries the splits it came through, so that a return to an earlier step knows which siblings it takes back.

mod activity;
mod back;
mod command;
mod compensation;
mod hands;
mod happen;
mod joins;
mod migrate;
mod moves;
mod scopes;
mod sending;
mod signs;
mod state;
mod take_back;
mod throw;
mod ways;

use serde_json::Map;

use crate::error::ExecError;
use crate::model::{Model, Node};

pub use self::back::{returns, returns_straight};
pub use self::command::{Command, Effect, SignPlace};
pub use self::migrate::{check_migration, migrate};
pub use self::sending::targets;
pub use self::state::{
    Beside, Branch, Came, Done, Ending, Host, OpenTask, Panel, Purpose, Repeat, Rule, Scope, Sign,
    State, TaskId, TaskKind, Token, Undoing, Visit, Wait,
};
pub use self::take_back::may_take_back;
use moves::Machine;
use state::ROOT;
use take_back::Before;

/// The name under which a task's outcome is given and kept.
const OUTCOME: &str = "outcome";
/// The name under which the latest outcome of every node is kept.
const OUTCOMES: &str = "outcomes";

/// Answers whether a condition holds, so that the expression language stays outside.
pub trait Conditions {
    /// Whether the condition holds for these variables; the error is a text for the operator.
    fn holds(
        &self,
        source: &str,
        variables: &Map<String, serde_json::Value>,
    ) -> Result<bool, String>;

    /// The whole number an expression gives; the error is a text for the operator.
    fn number(
        &self,
        source: &str,
        variables: &Map<String, serde_json::Value>,
    ) -> Result<i64, String> {
        let found = variables.get(source).and_then(serde_json::Value::as_i64);
        found.ok_or_else(|| format!("'{source}' is no whole number"))
    }
}

/// Starts an instance at its plain start event.
pub fn start(
    model: &Model,
    variables: Map<String, serde_json::Value>,
    conditions: &dyn Conditions,
) -> Result<(State, Vec<Effect>), ExecError> {
    start_at(model, None, variables, conditions)
}

/// Starts an instance: at the start event of an id, which something set off, or at the plain one.
pub fn start_at(
    model: &Model,
    event: Option<&str>,
    variables: Map<String, serde_json::Value>,
    conditions: &dyn Conditions,
) -> Result<(State, Vec<Effect>), ExecError> {
    if let Some(refusal) = model.refusals().next() {
        let (zh, en) = (refusal.zh.clone(), refusal.to_string());
        return Err(ExecError::NotExecutable { zh, en });
    }
    let mut machine = Machine::new(model, State::new(&model.id, variables), conditions);
    if machine.start_steps(ROOT, event)? == 0 {
        let (zh, en) = ("缺少开始事件", "there is no start event");
        return Err(ExecError::NotExecutable { zh: zh.to_owned(), en: en.to_owned() });
    }
    machine.settle()?;
    Ok(machine.finish())
}

/// Carries out a command. On an error nothing has happened: the caller keeps the state it had.
pub fn apply(
    model: &Model,
    state: State,
    command: Command,
    conditions: &dyn Conditions,
) -> Result<(State, Vec<Effect>), ExecError> {
    if state.ended.is_some() {
        return Err(ExecError::Ended);
    }
    let before = match &command {
        Command::CompleteTask { task, .. } => Before::of(model, &state, *task),
        _ => None,
    };
    let mut machine = Machine::new(model, state, conditions);
    carry_out(&mut machine, command)?;
    machine.settle()?;
    if let Some(before) = &before {
        machine.note_what_came(before);
    }
    Ok(machine.finish())
}

fn carry_out(machine: &mut Machine<'_>, command: Command) -> Result<(), ExecError> {
    match command {
        Command::CompleteTask { task, vars } => complete(machine, task, vars, false)?,
        Command::CompleteService { task, vars } => complete(machine, task, vars, true)?,
        Command::FailService { task, reason } => {
            let open = machine.open(task)?;
            if open.kind != TaskKind::Service {
                return Err(ExecError::WrongKind(task));
            }
            machine.failed(task, reason);
        }
        Command::Raise { task, code, vars } => {
            let open = machine.open(task)?;
            machine.state.keep(&open.node, vars, None);
            machine.raise_from_task(&open, Some(code))?;
        }
        Command::Happen { wait, vars } => {
            let known = machine.state.waits.iter().any(|one| one.id == wait);
            if !known {
                return Err(ExecError::NotAwaited(wait));
            }
            machine.state.keep("", vars, None);
            machine.happen(wait)?;
        }
        Command::Signal { name, vars } => {
            machine.state.keep("", vars, None);
            machine.signal(&name)?;
        }
        Command::Learn { vars } => machine.state.keep("", vars, None),
        Command::ReturnTo { task, node, straight: false } => machine.back(task, &node)?,
        Command::ReturnTo { task, node, straight: true } => machine.back_straight(task, &node)?,
        Command::Withdraw => machine.end(Ending::Withdrawn),
        Command::Terminate { reason } => machine.end(Ending::Terminated { reason }),
        other => carry_out_act(machine, other)?,
    }
    Ok(())
}

/// The acts of an office that no diagram shows.
fn carry_out_act(machine: &mut Machine<'_>, command: Command) -> Result<(), ExecError> {
    match command {
        Command::TakeBack { task } => machine.take_back(task),
        Command::Assign { task, to } => machine.assign(task, to),
        Command::Delegate { task, to } => machine.delegate(task, to),
        Command::GiveBack { task } => machine.give_back(task),
        Command::AddSign { task, who, place } => machine.add_sign(task, who, place),
        Command::RemoveSign { task } => machine.remove_sign(task),
        Command::Countersign { task, who, rule } => machine.countersign(task, who, rule),
        Command::AskOpinions { task, who, waits } => machine.ask_opinions(task, who, waits),
        Command::SendTo { task, node, .. } => machine.send_to(task, &node),
        _ => Ok(()),
    }
}

fn complete(
    machine: &mut Machine<'_>,
    task: TaskId,
    vars: Map<String, serde_json::Value>,
    service: bool,
) -> Result<(), ExecError> {
    let open = machine.open(task)?;
    if (open.kind == TaskKind::Service) != service {
        return Err(ExecError::WrongKind(task));
    }
    machine.is_ready(&open)?;
    let at = machine.position(&open.node)?;
    let node = machine.node(at)?;
    if let Some(beside) = open.beside {
        return machine.sign(&open, beside, at, vars);
    }
    let outcome = outcome_of(node, &vars)?;
    machine.came_out(outcome.clone());
    machine.state.keep(&node.id, vars, outcome);
    machine.task_done(&open, at)
}

/// The outcome a task was given, if it declares any.
fn outcome_of(
    node: &Node,
    vars: &Map<String, serde_json::Value>,
) -> Result<Option<String>, ExecError> {
    if node.outcomes.is_empty() {
        return Ok(None);
    }
    let given = vars.get(OUTCOME).and_then(serde_json::Value::as_str);
    match given.filter(|given| node.outcomes.iter().any(|allowed| allowed == given)) {
        Some(outcome) => Ok(Some(outcome.to_owned())),
        None => Err(ExecError::OutcomeNotAllowed { allowed: node.outcomes.clone() }),
    }
}
