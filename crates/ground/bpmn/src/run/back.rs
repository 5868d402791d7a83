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
    let Some(path) = path_of(state, open) else { return Vec::new() };
    if !matches!(open.kind, TaskKind::User | TaskKind::Manual) {
        return Vec::new();
    }
    let mut earlier: Vec<(u64, &Node)> = state
        .visits
        .iter()
        .filter(|(id, visit)| **id != open.node && path.starts_with(&visit.path))
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
        self.remove(&open);
        self.effects.push(Effect::TaskClosed { task, node: open.node.clone(), outcome: None });
        self.cancel_under(&visit.path);
        let at = self.position(node)?;
        self.open_task(at, visit.path)
    }

    /// Takes away every token whose splits begin with these.
    fn cancel_under(&mut self, path: &[Branch]) {
        let gone: Vec<u64> = self
            .state
            .tokens
            .iter()
            .filter(|token| token.path.starts_with(path))
            .map(|token| token.id)
            .collect();
        self.state.tokens.retain(|token| !gone.contains(&token.id));
        for open in std::mem::take(&mut self.state.open) {
            if gone.contains(&open.token) {
                self.effects.push(Effect::TaskCancelled { task: open.task, node: open.node });
            } else {
                self.state.open.push(open);
            }
        }
    }
}

fn path_of<'s>(state: &'s State, open: &OpenTask) -> Option<&'s [Branch]> {
    let token = state.tokens.iter().find(|token| token.id == open.token)?;
    Some(&token.path)
}
