//! Pure execution: a definition, a state and a command to the next state and its effects.
//!
//! A token rests at an open task or waits at a join, nowhere else; every command moves tokens until all rest again. A token
//! carries the splits it came through, so that a return to an earlier step knows which siblings it takes back.

mod activity;
mod back;
mod compensation;
mod happen;
mod joins;
mod moves;
mod scopes;
mod state;
mod throw;
mod ways;

use serde_json::Map;

use crate::error::ExecError;
use crate::model::{Model, Node};

pub use self::back::returns;
pub use self::state::{
    Branch, Command, Done, Effect, Ending, Host, OpenTask, Repeat, Scope, State, TaskId, TaskKind,
    Token, Undoing, Visit, Wait,
};
use moves::Machine;
use state::ROOT;

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
    let mut machine = Machine::new(model, state, conditions);
    match command {
        Command::CompleteTask { task, vars } => complete(&mut machine, task, vars, false)?,
        Command::CompleteService { task, vars } => complete(&mut machine, task, vars, true)?,
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
        Command::ReturnTo { task, node } => machine.back(task, &node)?,
        Command::Withdraw => machine.end(Ending::Withdrawn),
        Command::Terminate { reason } => machine.end(Ending::Terminated { reason }),
    }
    machine.settle()?;
    Ok(machine.finish())
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
    let at = machine.position(&open.node)?;
    let node = machine.node(at)?;
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
