//! Trying a model with sample data: the same pure run that moves real instances, with nothing kept and nothing carried out.

use serde::Serialize;
use serde_json::{Map, Value};
use zhengtong_base::Text;
use zhengtong_bpmn::{Command, Effect, ExecError, Finding, Level, State, TaskKind, apply};

use crate::feel::{Expressions, Feel};
use crate::part::examine;

/// One step of a trial.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trial {
    /// The state to give back with the next command.
    pub state: State,
    /// What came of the command.
    pub effects: Vec<Effect>,
    /// What can be done now.
    pub open: Vec<Open>,
    /// The nodes at which tokens rest.
    pub tokens: Vec<String>,
    /// Whether it is over.
    pub ended: bool,
}

/// A task or an event that waits for a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Open {
    /// The number of the task, or of what is awaited.
    pub number: u64,
    /// The node.
    pub node: String,
    /// Its name.
    pub name: String,
    /// `person`, `service` or `event`.
    pub kind: &'static str,
    /// Who does it.
    pub role: Option<String>,
    /// What may come of it.
    pub outcomes: Vec<String>,
}

/// Starts a trial, or carries out a command in the state it had. The error is for who tries: what speaks against the model, or
/// why the command does not fit.
pub fn trial(
    xml: &str,
    vars: Map<String, Value>,
    state: Option<State>,
    command: Option<Command>,
) -> Result<Trial, Text> {
    let examined = examine(xml);
    let refusal = examined.findings.iter().find(|one| one.level == Level::Error).map(words);
    let (Some(model), None) = (examined.model, &refusal) else {
        return Err(refusal.unwrap_or_default());
    };
    let expressions = Expressions::of(&model);
    let feel = Feel { expressions: &expressions, lenient: false };
    let moved = match (state, command) {
        (Some(state), Some(command)) => apply(&model, state, command, &feel),
        (Some(state), None) => Ok((state, Vec::new())),
        (None, _) => zhengtong_bpmn::start(&model, vars, &feel),
    };
    let (state, effects) = moved.map_err(|error| failure(&error))?;
    let named = |node: &str| model.node(node);
    let name = |node: &str| named(node).map_or_else(|| node.to_owned(), |one| one.name.clone());
    let tasks = state.open.iter().map(|open| Open {
        number: open.task.0,
        node: open.node.clone(),
        name: name(&open.node),
        kind: if open.kind == TaskKind::Service { "service" } else { "person" },
        role: named(&open.node).and_then(|node| node.role.clone()),
        outcomes: named(&open.node).map(|node| node.outcomes.clone()).unwrap_or_default(),
    });
    let waits = state.waits.iter().map(|wait| Open {
        number: wait.id,
        node: wait.node.clone(),
        name: name(&wait.node),
        kind: "event",
        role: None,
        outcomes: Vec::new(),
    });
    let open: Vec<Open> = tasks.chain(waits).collect();
    let tokens = state.tokens.iter().map(|token| token.node.clone()).collect();
    let ended = state.ended.is_some();
    Ok(Trial { state, effects, open, tokens, ended })
}

fn words(finding: &Finding) -> Text {
    Text::new(
        format!("{}：{}", finding.element, finding.zh),
        format!("{}: {}", finding.element, finding.en),
    )
}

fn failure(error: &ExecError) -> Text {
    Text::new(error.zh(), error.to_string())
}
