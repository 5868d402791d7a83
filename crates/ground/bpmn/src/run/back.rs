//! Going back to an earlier task.

use super::moves::Machine;
use super::state::{Branch, Effect, OpenTask, State, TaskId, TaskKind};
use crate::error::ExecError;
use crate::model::{Model, Node, NodeKind};

/// The earlier user tasks an open task may be returned to, in the order they were done.
///
/// A step inside one branch of a finished or foreign split is not among them: going back there would leave its join waiting for
/// a sibling that is gone.
pub fn returns<'m>(model: &'m Model, state: &State, task: TaskId) -> Vec<&'m Node> {
    let Some(open) = state.task(task) else { return Vec::new() };
    let Some((path, scope)) = path_of(state, open) else { return Vec::new() };
    if !matches!(open.kind, TaskKind::User | TaskKind::Manual) {
        return Vec::new();
    }
    let mut earlier: Vec<(u64, &Node)> = state
        .visits
        .iter()
        .filter(|(id, visit)| {
            **id != open.node && visit.scope == scope && path.starts_with(&visit.path)
        })
        .filter_map(|(id, visit)| Some((visit.order, model.node(id)?)))
        .filter(|(_, node)| node.kind == NodeKind::UserTask)
        .collect();
    earlier.sort_by_key(|(order, _)| *order);
    earlier.into_iter().map(|(_, node)| node).collect()
}

impl Machine<'_> {
    /// Returns a task to an earlier one: everything that came from there is taken back, and the earlier task opens again.
    pub(super) fn back(&mut self, task: TaskId, node: &str) -> Result<(), ExecError> {
        let open = self.open(task)?;
        if !matches!(open.kind, TaskKind::User | TaskKind::Manual) {
            return Err(ExecError::WrongKind(task));
        }
        let allowed =
            returns(self.model, &self.state, task).iter().any(|earlier| earlier.id == node);
        let visit = self.state.visits.get(node).filter(|_| allowed).cloned();
        let Some(visit) = visit else {
            return Err(ExecError::ReturnNotPossible { node: node.to_owned() });
        };
        self.state.open.retain(|other| other.task != task);
        self.effects.push(Effect::TaskClosed { task, node: open.node.clone(), outcome: None });
        self.cancel_token(open.token);
        self.cancel_under(&visit.path, visit.scope);
        let at = self.position(node)?;
        self.begin(at, visit.path, visit.scope)
    }

    /// Takes away every token of the scope whose splits begin with these.
    fn cancel_under(&mut self, path: &[Branch], scope: u64) {
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

fn path_of<'s>(state: &'s State, open: &OpenTask) -> Option<(&'s [Branch], u64)> {
    let token = state.token(open.token)?;
    Some((&token.path, token.scope))
}
