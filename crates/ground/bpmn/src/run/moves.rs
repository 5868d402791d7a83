//! The machine that moves tokens until all rest.

use std::collections::VecDeque;

use super::Conditions;
use super::state::{Branch, Effect, Ending, OpenTask, State, TaskId, TaskKind, Token, Visit};
use crate::error::ExecError;
use crate::graph::must_wait;
use crate::model::{Flow, Model, Node, NodeKind};

/// Moves one command may cause.
const MOVES_MAX: u32 = 1_000;
/// Tokens at rest.
const TOKENS_MAX: usize = 200;
/// Splits inside each other.
const PATH_MAX: usize = 50;

/// One command at work.
pub(super) struct Machine<'a> {
    pub(super) model: &'a Model,
    pub(super) state: State,
    pub(super) effects: Vec<Effect>,
    conditions: &'a dyn Conditions,
    /// Tokens on their way: the flow, and the splits they came through.
    moving: VecDeque<(usize, Vec<Branch>)>,
    moves: u32,
    /// The outcome of the task being completed, for its effect.
    outcome: Option<String>,
}

impl<'a> Machine<'a> {
    pub(super) fn new(model: &'a Model, state: State, conditions: &'a dyn Conditions) -> Self {
        Self {
            model,
            state,
            effects: Vec::new(),
            conditions,
            moving: VecDeque::new(),
            moves: 0,
            outcome: None,
        }
    }

    pub(super) fn finish(self) -> (State, Vec<Effect>) {
        (self.state, self.effects)
    }

    /// Moves tokens until all rest, and sees to it that somebody is asked or the instance has ended.
    pub(super) fn settle(&mut self) -> Result<(), ExecError> {
        loop {
            while let Some((flow, path)) = self.moving.pop_front() {
                self.moves += 1;
                self.state.steps += 1;
                if self.moves > MOVES_MAX || self.state.tokens.len() > TOKENS_MAX {
                    return Err(ExecError::TooManySteps);
                }
                self.arrive(flow, path)?;
                if self.state.ended.is_some() {
                    return Ok(());
                }
            }
            if !self.release_inclusive()? {
                break;
            }
        }
        if self.state.ended.is_some() {
            return Ok(());
        }
        if self.state.tokens.is_empty() {
            self.end(Ending::Completed);
        } else if self.state.open.is_empty() {
            let nodes = self.state.tokens.iter().map(|token| token.node.clone()).collect();
            return Err(ExecError::Stuck { nodes });
        }
        Ok(())
    }

    /// Sends a token on from a node.
    pub(super) fn leave(&mut self, at: usize, path: Vec<Branch>) -> Result<(), ExecError> {
        let node = self.node(at)?;
        let ways = match node.kind {
            NodeKind::Exclusive => vec![self.one_way(node)?],
            NodeKind::Inclusive => self.some_ways(node)?,
            _ => node.outgoing.clone(),
        };
        if ways.is_empty() {
            return Err(ExecError::NoWay { node: node.id.clone() });
        }
        if let [way] = ways.as_slice() {
            self.moving.push_back((*way, path));
            return Ok(());
        }
        if path.len() >= PATH_MAX {
            return Err(ExecError::TooManySteps);
        }
        let split = self.state.number();
        for (branch, way) in (0..).zip(ways) {
            let mut path = path.clone();
            path.push(Branch { split, branch });
            self.moving.push_back((way, path));
        }
        Ok(())
    }

    /// Ends the instance: everything open is cancelled.
    pub(super) fn end(&mut self, ending: Ending) {
        for open in std::mem::take(&mut self.state.open) {
            self.effects.push(Effect::TaskCancelled { task: open.task, node: open.node });
        }
        self.state.tokens.clear();
        self.moving.clear();
        self.state.ended = Some(ending.clone());
        self.effects.push(Effect::Ended { ending });
    }

    /// Opens the work of a task at a node.
    pub(super) fn open_task(&mut self, at: usize, path: Vec<Branch>) -> Result<(), ExecError> {
        let node = self.node(at)?;
        let kind = match node.kind {
            NodeKind::UserTask => TaskKind::User,
            NodeKind::ManualTask => TaskKind::Manual,
            NodeKind::ReceiveTask => TaskKind::Receive,
            _ => TaskKind::Service,
        };
        // Coming to a task again undoes what was done since: nobody may be returned forward.
        if let Some(visit) = self.state.visits.get(&node.id) {
            let since = visit.order;
            self.state
                .visits
                .retain(|_, later| later.order < since || !later.path.starts_with(&path));
        }
        let token = self.state.number();
        let task = TaskId(self.state.number());
        self.state.tokens.push(Token { id: token, node: node.id.clone(), flow: None, path });
        let open = OpenTask { task, token, node: node.id.clone(), kind, failures: 0 };
        self.state.open.push(open);
        let (name, notice) = (node.name.clone(), node.notice.clone());
        let id = node.id.clone();
        self.effects.push(if kind == TaskKind::Service {
            Effect::ServiceDue { task, node: id, name, action: node.action.clone(), notice }
        } else {
            Effect::TaskOpened {
                task,
                node: id,
                name,
                kind,
                role: node.role.clone(),
                form: node.form.clone(),
                days: node.days,
                notice,
                outcomes: node.outcomes.clone(),
            }
        });
        Ok(())
    }

    /// Closes a task as done and gives the splits its token came through.
    pub(super) fn close(&mut self, open: &OpenTask) -> Vec<Branch> {
        let path = self.remove(open);
        let visit = Visit { task: open.task, order: open.task.0, path: path.clone() };
        self.state.visits.insert(open.node.clone(), visit);
        let outcome = self.outcome.take();
        let (task, node) = (open.task, open.node.clone());
        self.effects.push(Effect::TaskClosed { task, node, outcome });
        path
    }

    /// Takes a task and its token away.
    pub(super) fn remove(&mut self, open: &OpenTask) -> Vec<Branch> {
        self.state.open.retain(|other| other.task != open.task);
        let place = self.state.tokens.iter().position(|token| token.id == open.token);
        place.map_or_else(Vec::new, |place| self.state.tokens.remove(place).path)
    }

    pub(super) fn failed(&mut self, task: TaskId, reason: String) {
        if let Some(open) = self.state.open.iter_mut().find(|open| open.task == task) {
            open.failures = open.failures.saturating_add(1);
            let (node, failures) = (open.node.clone(), open.failures);
            self.effects.push(Effect::ServiceFailed { task, node, reason, failures });
        }
    }

    pub(super) fn came_out(&mut self, outcome: Option<String>) {
        self.outcome = outcome;
    }

    pub(super) fn open(&self, task: TaskId) -> Result<OpenTask, ExecError> {
        self.state.task(task).cloned().ok_or(ExecError::TaskNotOpen(task))
    }

    pub(super) fn position(&self, id: &str) -> Result<usize, ExecError> {
        let found = self.model.node_index.get(id).copied();
        found.ok_or_else(|| ExecError::ModelChanged { node: id.to_owned() })
    }

    pub(super) fn node(&self, at: usize) -> Result<&'a Node, ExecError> {
        let found = self.model.nodes.get(at);
        found.ok_or_else(|| ExecError::ModelChanged { node: at.to_string() })
    }

    fn flow(&self, at: usize) -> Result<&'a Flow, ExecError> {
        let found = self.model.flows.get(at);
        found.ok_or_else(|| ExecError::ModelChanged { node: at.to_string() })
    }

    /// A token comes to the node a flow leads to.
    fn arrive(&mut self, flow: usize, path: Vec<Branch>) -> Result<(), ExecError> {
        let at = self.flow(flow)?.to;
        let node = self.node(at)?;
        match node.kind {
            NodeKind::End => Ok(()),
            NodeKind::Terminate => {
                self.end(Ending::Stopped { node: node.id.clone() });
                Ok(())
            }
            NodeKind::Start | NodeKind::Exclusive => self.leave(at, path),
            NodeKind::Parallel | NodeKind::Inclusive if node.incoming.len() < 2 => {
                self.leave(at, path)
            }
            NodeKind::Parallel => {
                self.wait(node, flow, path)?;
                self.release_parallel(at, node)
            }
            NodeKind::Inclusive => self.wait(node, flow, path),
            _ => self.open_task(at, path),
        }
    }

    fn wait(&mut self, node: &Node, flow: usize, path: Vec<Branch>) -> Result<(), ExecError> {
        let flow = Some(self.flow(flow)?.id.clone());
        let id = self.state.number();
        self.state.tokens.push(Token { id, node: node.id.clone(), flow, path });
        Ok(())
    }

    /// Fires a parallel join once every way in holds a token; one of each is taken.
    fn release_parallel(&mut self, at: usize, node: &Node) -> Result<(), ExecError> {
        if node.incoming.iter().all(|flow| self.holds_token(node, *flow)) {
            let path = self.take(node, &node.incoming);
            self.leave(at, path)?;
        }
        Ok(())
    }

    /// Fires the first inclusive join that need not wait; whether one fired.
    fn release_inclusive(&mut self) -> Result<bool, ExecError> {
        for (at, node) in self.model.nodes.iter().enumerate() {
            if node.kind != NodeKind::Inclusive || node.incoming.len() < 2 {
                continue;
            }
            let filled: Vec<usize> = node
                .incoming
                .iter()
                .copied()
                .filter(|flow| self.holds_token(node, *flow))
                .collect();
            if filled.is_empty() {
                continue;
            }
            let elsewhere = self.state.tokens.iter().filter(|token| token.node != node.id);
            let elsewhere: Vec<usize> = elsewhere
                .filter_map(|token| self.model.node_index.get(&token.node).copied())
                .collect();
            if !must_wait(self.model, at, |flow| filled.contains(&flow), elsewhere) {
                let path = self.take(node, &filled);
                self.leave(at, path)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn holds_token(&self, node: &Node, flow: usize) -> bool {
        self.waiting(node, flow).is_some()
    }

    fn waiting(&self, node: &Node, flow: usize) -> Option<usize> {
        let flow = &self.model.flows.get(flow)?.id;
        self.state
            .tokens
            .iter()
            .position(|token| token.node == node.id && token.flow.as_ref() == Some(flow))
    }

    /// Takes the oldest token of each flow and gives the splits they have in common.
    fn take(&mut self, node: &Node, flows: &[usize]) -> Vec<Branch> {
        let mut common: Option<Vec<Branch>> = None;
        for flow in flows {
            let Some(place) = self.waiting(node, *flow) else { continue };
            let path = self.state.tokens.remove(place).path;
            common = Some(match common {
                None => path,
                Some(common) => {
                    let shared = common.iter().zip(&path).take_while(|(left, right)| left == right);
                    shared.map(|(branch, _)| *branch).collect()
                }
            });
        }
        common.unwrap_or_default()
    }

    /// The one way out of an exclusive gateway: the first whose condition holds, otherwise the default.
    fn one_way(&self, node: &Node) -> Result<usize, ExecError> {
        if let [only] = node.outgoing.as_slice()
            && self.flow(*only)?.condition.is_none()
        {
            return Ok(*only);
        }
        for (at, flow) in self.model.out(node) {
            if self.condition(node, flow)? {
                return Ok(at);
            }
        }
        self.default_way(node)
    }

    /// The ways out of an inclusive gateway: all whose conditions hold, otherwise the default.
    fn some_ways(&self, node: &Node) -> Result<Vec<usize>, ExecError> {
        if let [only] = node.outgoing.as_slice()
            && self.flow(*only)?.condition.is_none()
        {
            return Ok(vec![*only]);
        }
        let mut ways = Vec::new();
        for (at, flow) in self.model.out(node) {
            if self.condition(node, flow)? {
                ways.push(at);
            }
        }
        if ways.is_empty() { self.default_way(node).map(|way| vec![way]) } else { Ok(ways) }
    }

    fn default_way(&self, node: &Node) -> Result<usize, ExecError> {
        let mut ways = self.model.out(node);
        let default = ways.find(|(_, flow)| node.default.as_deref() == Some(flow.id.as_str()));
        default.map(|(at, _)| at).ok_or_else(|| ExecError::NoWay { node: node.id.clone() })
    }

    fn condition(&self, node: &Node, flow: &Flow) -> Result<bool, ExecError> {
        let Some(source) = &flow.condition else { return Ok(false) };
        if node.default.as_deref() == Some(flow.id.as_str()) {
            return Ok(false);
        }
        self.conditions
            .holds(source, &self.state.variables)
            .map_err(|message| ExecError::Condition { flow: flow.id.clone(), message })
    }
}
