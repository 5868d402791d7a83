//! Undoing what was done: the latest first, one after another.

use super::moves::Machine;
use super::state::{Branch, Done, Undoing};
use crate::error::ExecError;
use crate::model::{NodeKind, Trigger};

impl Machine<'_> {
    /// An event asks that what was done in its scope, or one activity of it, is undone; the token goes on afterwards.
    pub(super) fn undo(
        &mut self,
        at: usize,
        path: Vec<Branch>,
        scope: u64,
        activity: Option<&str>,
    ) -> Result<(), ExecError> {
        let left = self.undoers(scope, activity);
        let token = self.rest(at, path, scope)?;
        self.state.undoings.push(Undoing { token, left, running: None, gives_up: false });
        self.next_undoing(token)
    }

    /// A transaction is given up: everything done in it is undone, then the event beside it is taken.
    pub(super) fn give_up(
        &mut self,
        at: usize,
        path: Vec<Branch>,
        scope: u64,
    ) -> Result<(), ExecError> {
        let token = self.rest(at, path, scope)?;
        let others: Vec<u64> = self
            .state
            .tokens
            .iter()
            .filter(|other| other.scope == scope && other.id != token)
            .map(|other| other.id)
            .collect();
        for other in others {
            self.cancel_token(other);
        }
        self.moving.retain(|moving| moving.scope != scope);
        let left = self.undoers(scope, None);
        self.state.undoings.push(Undoing { token, left, running: None, gives_up: true });
        self.next_undoing(token)
    }

    /// What undoes the things done in a scope, the latest last; they count as undone from now on.
    fn undoers(&mut self, scope: u64, activity: Option<&str>) -> Vec<Done> {
        let Some(known) = self.state.scope_mut(scope) else { return Vec::new() };
        let (wanted, kept): (Vec<Done>, Vec<Done>) = std::mem::take(&mut known.done)
            .into_iter()
            .partition(|done| activity.is_none_or(|activity| done.node == activity));
        known.done = kept;
        let mut all = Vec::new();
        for done in &wanted {
            self.undoers_of(done, &mut all);
        }
        all
    }

    fn undoers_of(&self, done: &Done, all: &mut Vec<Done>) {
        let node = self.model.node(&done.node);
        let inside = node.into_iter().flat_map(|node| &node.inside);
        let own = inside.filter_map(|at| self.model.nodes.get(*at));
        let own =
            own.filter(|inner| inner.kind == NodeKind::EventSubProcess && self.is_undoing(inner));
        let before = all.len();
        // It may undo what was done beside it, in its own order.
        all.extend(own.map(|inner| Done { node: inner.id.clone(), inside: done.inside.clone() }));
        let beside = node.into_iter().flat_map(|node| &node.boundary);
        let beside = beside.filter_map(|at| self.model.nodes.get(*at)?.undone_by);
        let handlers = beside.filter_map(|at| self.model.nodes.get(at));
        all.extend(handlers.map(|handler| Done { node: handler.id.clone(), inside: Vec::new() }));
        if all.len() == before {
            for inner in &done.inside {
                self.undoers_of(inner, all);
            }
        }
    }

    /// Begins the next thing that undoes, or goes on when there is none left.
    fn next_undoing(&mut self, token: u64) -> Result<(), ExecError> {
        self.step()?;
        let Some(place) = self.state.undoings.iter().position(|one| one.token == token) else {
            return Ok(());
        };
        let Some(undoing) = self.state.undoings.get_mut(place) else { return Ok(()) };
        let Some(next) = undoing.left.pop() else {
            let undoing = self.state.undoings.remove(place);
            return self.all_undone(&undoing);
        };
        let Some(scope) = self.state.token(token).map(|token| token.scope) else { return Ok(()) };
        let at = self.position(&next.node)?;
        let node = self.node(at)?;
        let number = self.state.next;
        if let Some(undoing) = self.state.undoings.get_mut(place) {
            undoing.running = Some(number);
        }
        if node.kind == NodeKind::EventSubProcess {
            let starts = node.inside.iter().filter_map(|at| self.model.nodes.get(*at));
            let start = starts.into_iter().find(|start| start.kind == NodeKind::Start);
            let Some(start) = start else { return self.undone(number) };
            let begun = self.begin_beside(start, scope)?;
            if let Some(scope) = self.state.scope_mut(begun) {
                scope.done = next.inside;
            }
            return Ok(());
        }
        self.begin(at, Vec::new(), scope)
    }

    /// Something that undoes is done: the next one begins.
    pub(super) fn undone(&mut self, number: u64) -> Result<(), ExecError> {
        let waiting = self.state.undoings.iter_mut().find(|one| one.running == Some(number));
        let Some(undoing) = waiting else { return Ok(()) };
        undoing.running = None;
        let token = undoing.token;
        self.next_undoing(token)
    }

    fn all_undone(&mut self, undoing: &Undoing) -> Result<(), ExecError> {
        let Some(rests) = self.state.token(undoing.token).cloned() else { return Ok(()) };
        self.state.tokens.retain(|token| token.id != undoing.token);
        let at = self.position(&rests.node)?;
        if undoing.gives_up {
            let host = self.state.scope(rests.scope).and_then(|scope| scope.token);
            if let Some(host) = host
                && !self.caught_beside(host, |trigger| *trigger == Trigger::Cancel)?
            {
                self.cancel_token(host);
            }
            return Ok(());
        }
        if self.node(at)?.kind.is_end() {
            return Ok(());
        }
        self.leave(at, rests.path, rests.scope)
    }
}
