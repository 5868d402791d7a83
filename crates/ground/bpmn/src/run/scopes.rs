//! Sub-processes, called processes and event sub-processes: scopes in which tokens move.

use serde_json::{Map, Value};

use super::activity::is_awaited;
use super::command::Effect;
use super::moves::Machine;
use super::state::{Branch, Done, Host, ROOT, Scope};
use crate::error::ExecError;
use crate::model::{Node, NodeKind, Trigger};

/// Scopes inside each other.
const DEPTH_MAX: usize = 20;

impl Machine<'_> {
    /// Opens the scope of a sub-process or call at which a token rests.
    pub(super) fn open_scope(
        &mut self,
        at: usize,
        token: u64,
        parent: u64,
        locals: Map<String, Value>,
    ) -> Result<(), ExecError> {
        let node = self.node(at)?;
        let steps = match (&node.kind, &node.called) {
            (NodeKind::Call, Some(called)) => called.clone(),
            (NodeKind::Call, None) => String::new(),
            _ => node.id.clone(),
        };
        if self.model.within(&steps).next().is_none() && node.kind == NodeKind::Call {
            return Err(ExecError::NoProcess { node: node.id.clone(), process: steps });
        }
        self.not_too_deep(parent)?;
        let id = self.new_scope(node, steps, parent, Some(token), locals);
        if node.kind == NodeKind::AdHoc {
            return self.start_ad_hoc(id, node);
        }
        self.start_steps(id, None)?;
        Ok(())
    }

    fn not_too_deep(&self, scope: u64) -> Result<(), ExecError> {
        let (mut at, mut depth) = (scope, 0);
        while at != ROOT {
            depth += 1;
            if depth > DEPTH_MAX {
                return Err(ExecError::TooManySteps);
            }
            at = self.state.scope(at).map_or(ROOT, |scope| scope.parent);
        }
        Ok(())
    }

    fn new_scope(
        &mut self,
        node: &Node,
        steps: String,
        parent: u64,
        token: Option<u64>,
        locals: Map<String, Value>,
    ) -> u64 {
        let id = self.state.number();
        let (done, pending) = (Vec::new(), Vec::new());
        self.state.scopes.push(Scope {
            id,
            node: node.id.clone(),
            steps,
            parent,
            token,
            locals,
            done,
            pending,
        });
        id
    }

    /// Puts tokens where the steps of a scope begin, and opens what its event sub-processes wait for. Gives how many
    /// places there were.
    pub(super) fn start_steps(
        &mut self,
        scope: u64,
        event: Option<&str>,
    ) -> Result<usize, ExecError> {
        let steps = self.state.scope(scope).map(|scope| scope.steps.clone()).unwrap_or_default();
        for (_, inner) in
            self.model.within(&steps).filter(|(_, node)| node.kind == NodeKind::EventSubProcess)
        {
            self.stand_by(scope, inner);
        }
        let starts: Vec<usize> = self
            .model
            .within(&steps)
            .filter(|(_, node)| match event {
                Some(event) => node.id == event,
                None => node.kind == NodeKind::Start && node.triggers.is_empty(),
            })
            .map(|(at, _)| at)
            .collect();
        if starts.is_empty() && event.is_none() && scope != ROOT {
            let first: Vec<usize> = self
                .model
                .within(&steps)
                .filter(|(_, node)| begins(node))
                .map(|(at, _)| at)
                .collect();
            for at in &first {
                self.enter(*at, Vec::new(), scope)?;
            }
            return Ok(first.len());
        }
        for at in &starts {
            self.leave(*at, Vec::new(), scope)?;
        }
        Ok(starts.len())
    }

    fn start_ad_hoc(&mut self, scope: u64, node: &Node) -> Result<(), ExecError> {
        let mut first: Vec<String> = node
            .inside
            .iter()
            .filter_map(|at| self.model.nodes.get(*at))
            .filter(|inner| begins(inner))
            .map(|inner| inner.id.clone())
            .collect();
        if node.sequential && first.len() > 1 {
            let later = first.split_off(1);
            if let Some(scope) = self.state.scope_mut(scope) {
                scope.pending = later;
            }
        }
        for id in first {
            let at = self.position(&id)?;
            self.enter(at, Vec::new(), scope)?;
        }
        Ok(())
    }

    /// Opens what an event sub-process waits for.
    fn stand_by(&mut self, scope: u64, node: &Node) {
        let starts = node.inside.iter().filter_map(|at| self.model.nodes.get(*at));
        for start in starts.filter(|start| start.kind == NodeKind::Start) {
            for trigger in start.triggers.iter().filter(|trigger| is_awaited(trigger)) {
                self.await_it(start, trigger, Host::Scope(scope));
            }
        }
    }

    /// Begins an event sub-process of a scope; an interrupting one ends everything else there.
    pub(super) fn begin_event(&mut self, start: &Node, scope: u64) -> Result<u64, ExecError> {
        if start.interrupting {
            self.empty(scope);
            self.close_waits(Host::Scope(scope));
        }
        self.begin_beside(start, scope)
    }

    /// Begins an event sub-process beside everything else in its scope.
    pub(super) fn begin_beside(&mut self, start: &Node, scope: u64) -> Result<u64, ExecError> {
        let node = self.node(self.position(&start.scope)?)?;
        self.not_too_deep(scope)?;
        let id = self.new_scope(node, node.id.clone(), scope, None, Map::new());
        for (_, inner) in
            self.model.within(&node.id).filter(|(_, node)| node.kind == NodeKind::EventSubProcess)
        {
            self.stand_by(id, inner);
        }
        let start = self.position(&start.id)?;
        self.leave(start, Vec::new(), id)?;
        Ok(id)
    }

    /// Closes the scopes in which nothing moves any more; whether there was one.
    pub(super) fn scopes_done(&mut self) -> Result<bool, ExecError> {
        let empty = self.state.scopes.iter().rev().map(|scope| scope.id).find(|id| {
            *id != ROOT
                && !self.state.tokens.iter().any(|token| token.scope == *id)
                && !self.moving.iter().any(|moving| moving.scope == *id)
                && !self.state.scopes.iter().any(|inner| inner.id != *id && inner.parent == *id)
        });
        let Some(id) = empty else { return Ok(false) };
        let Some(scope) = self.state.scope(id).cloned() else { return Ok(false) };
        let at = self.position(&scope.node)?;
        let node = self.node(at)?;
        if let Some((next, later)) = scope.pending.split_first() {
            let complete = match &node.condition {
                Some(source) => self.holds(&node.id, source, &self.state.seen(id))?,
                None => false,
            };
            if let Some(scope) = self.state.scope_mut(id) {
                scope.pending = if complete { Vec::new() } else { later.to_vec() };
            }
            if !complete {
                let next = self.position(next)?;
                self.enter(next, Vec::new(), id)?;
            }
            return Ok(true);
        }
        self.close_waits(Host::Scope(id));
        self.state.scopes.retain(|other| other.id != id);
        self.state.forget_scope(id);
        let Some(token) = scope.token else {
            self.undone(id)?;
            return Ok(true);
        };
        // What was done inside is kept until the activity as a whole is done.
        self.keep_done(token, scope.done);
        self.one_done(at, token)?;
        Ok(true)
    }

    /// Keeps what was done in a scope with the repeat of its token, or nowhere when the activity is done once: then it is
    /// taken at once.
    fn keep_done(&mut self, token: u64, done: Vec<Done>) {
        let scope = self.state.token(token).map(|token| token.scope);
        if let Some(scope) = scope.and_then(|scope| self.state.scope_mut(scope))
            && !done.is_empty()
        {
            scope.done.push(Done { node: format!("#{token}"), inside: done });
        }
    }

    /// Takes what was kept for a token.
    pub(super) fn take_done(&mut self, token: u64) -> Vec<Done> {
        let mark = format!("#{token}");
        let scope = self.state.token(token).map(|token| token.scope);
        let Some(scope) = scope.and_then(|scope| self.state.scope_mut(scope)) else {
            return Vec::new();
        };
        let (own, other) =
            std::mem::take(&mut scope.done).into_iter().partition(|done| done.node == mark);
        scope.done = other;
        let own: Vec<Done> = own;
        own.into_iter().flat_map(|done| done.inside).collect()
    }

    /// Ends everything that moves in a scope; the scope itself stays.
    pub(super) fn empty(&mut self, scope: u64) {
        let tokens: Vec<u64> = self
            .state
            .tokens
            .iter()
            .filter(|token| token.scope == scope)
            .map(|token| token.id)
            .collect();
        for token in tokens {
            self.cancel_token(token);
        }
        self.moving.retain(|moving| moving.scope != scope);
        let inner: Vec<u64> = self
            .state
            .scopes
            .iter()
            .filter(|inner| inner.parent == scope && inner.id != scope)
            .map(|inner| inner.id)
            .collect();
        for inner in inner {
            self.cancel_scope(inner);
        }
        if let Some(scope) = self.state.scope_mut(scope) {
            scope.pending.clear();
        }
    }

    /// Takes a scope away with everything in it.
    fn cancel_scope(&mut self, scope: u64) {
        self.empty(scope);
        self.close_waits(Host::Scope(scope));
        self.state.scopes.retain(|one| one.id != scope);
        self.state.forget_scope(scope);
    }

    /// Takes a token away with its work and what it waits for.
    pub(super) fn cancel_token(&mut self, token: u64) {
        self.take_done(token);
        self.cancel_work(token);
        self.close_waits(Host::Activity(token));
        self.close_waits(Host::Token(token));
        self.state.repeats.retain(|repeat| repeat.token != token);
        self.state.undoings.retain(|undoing| undoing.token != token);
        self.state.tokens.retain(|one| one.id != token);
    }

    /// Cancels the tasks, panels and scopes of a token.
    pub(super) fn cancel_work(&mut self, token: u64) {
        self.state.panels.retain(|panel| panel.token != token);
        for open in std::mem::take(&mut self.state.open) {
            if open.token == token {
                self.effects.push(Effect::TaskCancelled { task: open.task, node: open.node });
            } else {
                self.state.open.push(open);
            }
        }
        let inner: Vec<u64> = self
            .state
            .scopes
            .iter()
            .filter(|scope| scope.token == Some(token))
            .map(|scope| scope.id)
            .collect();
        for scope in inner {
            self.cancel_scope(scope);
        }
    }

    /// The splits of a token.
    pub(super) fn path(&self, token: u64) -> Vec<Branch> {
        self.state.token(token).map(|token| token.path.clone()).unwrap_or_default()
    }

    /// Whether an event sub-process undoes what its scope did.
    pub(super) fn is_undoing(&self, node: &Node) -> bool {
        let starts = node.inside.iter().filter_map(|at| self.model.nodes.get(*at));
        starts
            .flat_map(|start| &start.triggers)
            .any(|trigger| matches!(trigger, Trigger::Compensation { .. }))
    }
}

/// Whether the steps of a scope without a start event begin at a node.
fn begins(node: &Node) -> bool {
    let lands = node.kind == NodeKind::Catch
        && node.triggers.iter().any(|one| matches!(one, Trigger::Link { .. }));
    let by_event =
        matches!(node.kind, NodeKind::Boundary | NodeKind::EventSubProcess | NodeKind::Start);
    node.incoming.is_empty() && !(node.undoes || by_event || lands)
}
