//! Pure execution: a definition, a state and a command to the next state and its effects.
//!
//! A token rests at an open task or waits at a join, nowhere else; every command moves tokens until all rest again. A token
//! carries the splits it came through, so that a return to an earlier step knows which siblings it takes back.

mod back;
mod moves;
mod state;

use serde_json::Map;

use crate::error::ExecError;
use crate::model::{Model, Node, NodeKind};

pub use self::back::returns;
pub use self::state::{
    Branch, Command, Effect, Ending, OpenTask, State, TaskId, TaskKind, Token, Visit,
};
use moves::Machine;

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
}

/// Starts an instance.
pub fn start(
    model: &Model,
    variables: Map<String, serde_json::Value>,
    conditions: &dyn Conditions,
) -> Result<(State, Vec<Effect>), ExecError> {
    if let Some(refusal) = model.refusals().next() {
        let (zh, en) = (refusal.zh.clone(), refusal.to_string());
        return Err(ExecError::NotExecutable { zh, en });
    }
    let first = model.nodes.iter().position(|node| node.kind == NodeKind::Start);
    let Some(first) = first else {
        let (zh, en) = ("缺少开始事件", "there is no start event");
        return Err(ExecError::NotExecutable { zh: zh.to_owned(), en: en.to_owned() });
    };
    let mut machine = Machine::new(model, State::new(&model.id, variables), conditions);
    machine.leave(first, Vec::new())?;
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
    let path = machine.close(&open);
    machine.leave(at, path)
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
