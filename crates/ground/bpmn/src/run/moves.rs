//! The machine that moves tokens until all rest.

use std::collections::VecDeque;

use serde_json::Map;

use super::Conditions;
use super::command::Effect;
use super::state::{
    Beside, Branch, Ending, OpenTask, Purpose, ROOT, State, TaskId, TaskKind, Token, Visit,
};
use crate::error::ExecError;
use crate::model::{Flow, Model, Node, NodeKind};

/// Moves one command may cause.
const MOVES_MAX: u32 = 2_000;
/// Tokens at rest.
const TOKENS_MAX: usize = 400;
/// Splits inside each other.
const PATH_MAX: usize = 50;

/// A token on its way.
pub(super) struct Moving {
    pub(super) flow: usize,
    pub(super) path: Vec<Branch>,
    pub(super) scope: u64,
}

/// One command at work.
pub(super) struct Machine<'a> {
    pub(super) model: &'a Model,
    pub(super) state: State,
    pub(super) effects: Vec<Effect>,
    pub(super) conditions: &'a dyn Conditions,
    pub(super) moving: VecDeque<Moving>,
    /// Signals that were given and are still to be heard.
    pub(super) signals: VecDeque<String>,
    /// Where the token that comes to the next activity goes straight afterwards.
    pub(super) then: Vec<String>,
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
            signals: VecDeque::new(),
            then: Vec::new(),
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
            while let Some(moving) = self.moving.pop_front() {
                self.step()?;
                // Its scope may have been given up while it was on its way.
                if self.state.scope(moving.scope).is_some() {
                    self.arrive(moving)?;
                }
                if self.state.ended.is_some() {
                    return Ok(());
                }
            }
            if let Some(signal) = self.signals.pop_front() {
                self.signal(&signal)?;
                continue;
            }
            if self.release_joins()? || self.conditions_met()? || self.scopes_done()? {
                self.step()?;
                continue;
            }
            break;
        }
        if self.state.ended.is_some() {
            return Ok(());
        }
        if self.state.tokens.is_empty() && self.state.scopes.len() == 1 {
            self.end(Ending::Completed);
        } else if self.state.open.is_empty() && !self.somebody_waits() {
            let nodes = self.state.tokens.iter().map(|token| token.node.clone()).collect();
            return Err(ExecError::Stuck { nodes });
        }
        Ok(())
    }

    /// Counts a move, so that no command goes on for ever.
    pub(super) fn step(&mut self) -> Result<(), ExecError> {
        self.moves += 1;
        self.state.steps += 1;
        let crowded = self.state.tokens.len() + self.moving.len() > TOKENS_MAX;
        if self.moves > MOVES_MAX || crowded || self.state.open.len() > TOKENS_MAX {
            return Err(ExecError::TooManySteps);
        }
        Ok(())
    }

    /// Whether something may still happen to a token; what stands beside an activity alone does not move it.
    fn somebody_waits(&self) -> bool {
        !self.state.waits.is_empty()
    }

    /// Sends a token on from a node.
    pub(super) fn leave(
        &mut self,
        at: usize,
        path: Vec<Branch>,
        scope: u64,
    ) -> Result<(), ExecError> {
        let node = self.node(at)?;
        let ways = self.ways(node, scope)?;
        if let [way] = ways.as_slice() {
            self.moving.push_back(Moving { flow: *way, path, scope });
            return Ok(());
        }
        if ways.is_empty() {
            return Ok(());
        }
        if path.len() >= PATH_MAX {
            return Err(ExecError::TooManySteps);
        }
        let split = self.state.number();
        for (branch, flow) in (0..).zip(ways) {
            let mut path = path.clone();
            path.push(Branch { split, branch });
            self.moving.push_back(Moving { flow, path, scope });
        }
        Ok(())
    }

    /// Ends the instance: everything open is cancelled.
    pub(super) fn end(&mut self, ending: Ending) {
        for open in std::mem::take(&mut self.state.open) {
            self.effects.push(Effect::TaskCancelled { task: open.task, node: open.node });
        }
        for wait in std::mem::take(&mut self.state.waits) {
            self.effects.push(Effect::WaitClosed { wait: wait.id, node: wait.node });
        }
        self.state.tokens.clear();
        self.state.repeats.clear();
        self.state.undoings.clear();
        self.state.panels.clear();
        self.state.scopes.retain(|scope| scope.id == ROOT);
        self.moving.clear();
        self.signals.clear();
        self.state.ended = Some(ending.clone());
        self.effects.push(Effect::Ended { ending });
    }

    /// Puts a token to rest at a node.
    pub(super) fn rest(
        &mut self,
        at: usize,
        path: Vec<Branch>,
        scope: u64,
    ) -> Result<u64, ExecError> {
        let node = self.node(at)?;
        let id = self.state.number();
        let then = std::mem::take(&mut self.then);
        self.state.tokens.push(Token { id, node: node.id.clone(), flow: None, path, scope, then });
        Ok(id)
    }

    /// Opens the work of a task at which a token rests.
    pub(super) fn open_task(
        &mut self,
        at: usize,
        token: u64,
        locals: Map<String, serde_json::Value>,
    ) -> Result<(), ExecError> {
        self.open_for(at, token, locals, None, None).map(|_| ())
    }

    /// Opens the work of a task for somebody, perhaps as part of a panel.
    pub(super) fn open_for(
        &mut self,
        at: usize,
        token: u64,
        locals: Map<String, serde_json::Value>,
        assignee: Option<String>,
        beside: Option<Beside>,
    ) -> Result<TaskId, ExecError> {
        let node = self.node(at)?;
        let kind = match node.kind {
            NodeKind::UserTask => TaskKind::User,
            NodeKind::ManualTask => TaskKind::Manual,
            NodeKind::ReceiveTask => TaskKind::Receive,
            _ => TaskKind::Service,
        };
        let task = TaskId(self.state.number());
        self.state.open.push(OpenTask {
            task,
            token,
            node: node.id.clone(),
            kind,
            failures: 0,
            locals,
            assignee: assignee.clone(),
            lent: Vec::new(),
            beside,
        });
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
                assignee,
                beside,
            }
        });
        Ok(task)
    }

    /// Coming to a task again undoes what was done since: nobody may be returned forward.
    pub(super) fn forget_later(&mut self, node: &Node, path: &[Branch], scope: u64) {
        if let Some(visit) = self.state.visits.get(&State::visit_key(&node.id, scope)) {
            let since = visit.order;
            self.state
                .visits
                .retain(|_, later| later.order < since || !later.path.starts_with(path));
        }
    }

    /// Closes a task as done.
    pub(super) fn close(&mut self, open: &OpenTask) {
        self.state.open.retain(|other| other.task != open.task);
        let asked = open
            .beside
            .is_some_and(|beside| matches!(beside.purpose, Purpose::Before | Purpose::Opinion));
        // Out of its way it keeps the place of its first visit.
        let token = self.state.token(open.token).filter(|token| token.then.is_empty() && !asked);
        if let Some(token) = token {
            let (path, scope) = (token.path.clone(), token.scope);
            let visit = Visit { task: open.task, order: open.task.0, path, scope, came: None };
            self.state.visits.insert(State::visit_key(&open.node, scope), visit);
        }
        let outcome = self.outcome.take();
        let (task, node) = (open.task, open.node.clone());
        self.effects.push(Effect::TaskClosed { task, node, outcome });
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

    pub(super) fn flow(&self, at: usize) -> Result<&'a Flow, ExecError> {
        let found = self.model.flows.get(at);
        found.ok_or_else(|| ExecError::ModelChanged { node: at.to_string() })
    }

    /// A token comes to the node a flow leads to.
    fn arrive(&mut self, moving: Moving) -> Result<(), ExecError> {
        let at = self.flow(moving.flow)?.to;
        let node = self.node(at)?;
        if node.kind.is_gateway()
            && node.kind != NodeKind::Exclusive
            && node.incoming.len() > 1
            && node.kind != NodeKind::EventBased
        {
            return self.arrive_at_join(at, moving);
        }
        let moving =
            if node.start_quantity > 1 { self.gathered(at, moving)? } else { Some(moving) };
        match moving {
            Some(moving) => self.enter(at, moving.path, moving.scope),
            None => Ok(()),
        }
    }

    /// What happens at a node that needs no other token.
    pub(super) fn enter(
        &mut self,
        at: usize,
        path: Vec<Branch>,
        scope: u64,
    ) -> Result<(), ExecError> {
        let node = self.node(at)?;
        match node.kind {
            NodeKind::End | NodeKind::Throw => self.throw(at, path, scope),
            NodeKind::Terminate => {
                self.terminate(scope, &node.id);
                Ok(())
            }
            NodeKind::Catch => self.catch(at, path, scope),
            NodeKind::EventBased => self.race(at, path, scope),
            kind if kind.is_activity() => self.begin(at, path, scope),
            _ => self.leave(at, path, scope),
        }
    }

    /// A terminate event: everything in its scope is over.
    fn terminate(&mut self, scope: u64, node: &str) {
        if scope == ROOT {
            self.end(Ending::Stopped { node: node.to_owned() });
            return;
        }
        self.empty(scope);
    }
}
