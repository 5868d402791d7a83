//! Going back to an earlier task (退回).

use super::command::Effect;
use super::moves::Machine;
use super::state::{Branch, OpenTask, Purpose, ROOT, State, TaskId, TaskKind, Visit};
use crate::error::ExecError;
use crate::model::{Looping, Model, Node, NodeKind};

/// Tasks done out of the way inside each other.
const STRAIGHT_MAX: usize = 20;

/// The earlier user tasks an open task may be returned to, in the order they were done.
///
/// A step inside one branch of a finished or foreign split is not among them: going back there would leave its join waiting for
/// a sibling that is gone. [`returns_straight`] gives those too. From inside a sub-process the steps before it are among them,
/// but not from what an event began: that is a course of its own.
pub fn returns<'m>(model: &'m Model, state: &State, task: TaskId) -> Vec<&'m Node> {
    let Some(open) = returnable(state, task) else { return Vec::new() };
    let levels = levels(state, open);
    let fits = |visit: &Visit| {
        let level = levels.iter().find(|(scope, _)| *scope == visit.scope);
        level.is_some_and(|(_, path)| path.starts_with(&visit.path))
    };
    earlier(model, state, open, fits)
}

/// The earlier user tasks that may be done once more beside the way, wherever they lie: their answer comes straight back to the
/// open task, so that no join is touched.
pub fn returns_straight<'m>(model: &'m Model, state: &State, task: TaskId) -> Vec<&'m Node> {
    let Some(open) = returnable(state, task) else { return Vec::new() };
    let deep = state.token(open.token).is_none_or(|token| token.then.len() >= STRAIGHT_MAX);
    // What is one of several is not done again alone.
    if deep || model.node(&open.node).is_none_or(|node| node.looping.is_some()) {
        return Vec::new();
    }
    let mut all = earlier(model, state, open, |_| true);
    all.retain(|node| !matches!(node.looping, Some(Looping::While { .. })));
    all
}

fn earlier<'m>(
    model: &'m Model,
    state: &State,
    open: &OpenTask,
    fits: impl Fn(&Visit) -> bool,
) -> Vec<&'m Node> {
    let mut earlier: Vec<(u64, &Node)> = state
        .visits
        .iter()
        .filter(|(key, visit)| State::visited(key) != open.node && fits(visit))
        .filter_map(|(key, visit)| Some((visit.order, model.node(State::visited(key))?)))
        .filter(|(_, node)| node.kind == NodeKind::UserTask)
        .collect();
    earlier.sort_by_key(|(order, _)| *order);
    let mut nodes: Vec<&Node> = Vec::new();
    for (_, node) in earlier {
        nodes.retain(|other| other.id != node.id);
        nodes.push(node);
    }
    nodes
}

impl Machine<'_> {
    /// Returns a task to an earlier one: everything that came from there is taken back, and the earlier task opens again.
    pub(super) fn back(&mut self, task: TaskId, node: &str) -> Result<(), ExecError> {
        let open = self.persons(task)?.clone();
        let allowed =
            returns(self.model, &self.state, task).iter().any(|earlier| earlier.id == node);
        let levels = levels(&self.state, &open);
        let visit = levels
            .iter()
            .filter_map(|(scope, path)| {
                let visit = self.state.visits.get(&State::visit_key(node, *scope))?;
                path.starts_with(&visit.path).then_some(visit)
            })
            .max_by_key(|visit| visit.order);
        let Some(visit) = visit.filter(|_| allowed).cloned() else {
            return Err(ExecError::ReturnNotPossible { node: node.to_owned() });
        };
        self.hand_in(&open);
        self.cancel_token(open.token);
        self.cancel_under(&visit.path, visit.scope);
        let at = self.position(node)?;
        self.begin(at, visit.path, visit.scope)
    }

    /// Lets an earlier task be done once more beside the way; its answer comes straight back.
    pub(super) fn back_straight(&mut self, task: TaskId, node: &str) -> Result<(), ExecError> {
        let open = self.persons(task)?.clone();
        let allowed = returns_straight(self.model, &self.state, task);
        let token = self.state.token(open.token).cloned();
        let Some(token) = token.filter(|_| allowed.iter().any(|earlier| earlier.id == node)) else {
            return Err(ExecError::ReturnNotPossible { node: node.to_owned() });
        };
        self.hand_in(&open);
        self.cancel_token(token.id);
        let at = self.position(node)?;
        self.then = token.then;
        self.then.push(token.node);
        self.begin(at, token.path, token.scope)
    }

    /// A task ends without an answer.
    pub(super) fn hand_in(&mut self, open: &OpenTask) {
        self.state.open.retain(|other| other.task != open.task);
        let (task, node) = (open.task, open.node.clone());
        self.effects.push(Effect::TaskClosed { task, node, outcome: None });
    }

    /// Takes away every token of the scope whose splits begin with these.
    pub(super) fn cancel_under(&mut self, path: &[Branch], scope: u64) {
        let gone = self
            .state
            .tokens
            .iter()
            .filter(|token| token.scope == scope && token.path.starts_with(path));
        for token in gone.map(|token| token.id).collect::<Vec<_>>() {
            self.cancel_token(token);
        }
    }
}

/// An open task whose token may be moved by the one who does it; who is only asked beside it moves nothing.
pub(super) fn returnable(state: &State, task: TaskId) -> Option<&OpenTask> {
    let open = state.task(task)?;
    let asked = open
        .beside
        .is_some_and(|beside| matches!(beside.purpose, Purpose::Before | Purpose::Opinion));
    (matches!(open.kind, TaskKind::User | TaskKind::Manual) && !asked).then_some(open)
}

/// The scopes around a task with the splits its token, or the token of the inner scope, came through; innermost first.
pub(super) fn levels(state: &State, open: &OpenTask) -> Vec<(u64, Vec<Branch>)> {
    let mut levels = Vec::new();
    let mut at = state.token(open.token);
    while let Some(token) = at.filter(|_| levels.len() <= state.scopes.len()) {
        levels.push((token.scope, token.path.clone()));
        let host = state.scope(token.scope).filter(|scope| scope.id != ROOT);
        at = host.and_then(|scope| state.token(scope.token?));
    }
    levels
}
