//! 撤回: the one who did a task takes it back, as long as nobody has begun what came of it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::OUTCOMES;
use super::command::Effect;
use super::moves::Machine;
use super::state::{Beside, Came, Host, OpenTask, State, TaskId, Token, Visit};
use crate::error::ExecError;
use crate::model::Model;

/// What there was before a task was done.
pub(super) struct Before {
    open: OpenTask,
    token: Token,
    looped: bool,
    tokens: BTreeSet<u64>,
    scopes: BTreeSet<u64>,
    waits: BTreeSet<u64>,
    tasks: BTreeSet<TaskId>,
    done: usize,
    undoings: usize,
}

impl Before {
    /// Of a task that may perhaps be taken back later; a part of a panel is taken back from its panel.
    pub(super) fn of(model: &Model, state: &State, task: TaskId) -> Option<Self> {
        let open = state.task(task).filter(|open| open.beside.is_none())?.clone();
        let token = state.token(open.token).filter(|token| token.then.is_empty())?.clone();
        let host = Host::Activity(token.id);
        Some(Self {
            looped: model.node(&open.node)?.looping.is_some(),
            tokens: others(&state.tokens, token.id),
            scopes: state.scopes.iter().map(|scope| scope.id).collect(),
            waits: state.waits.iter().filter(|one| one.host != host).map(|one| one.id).collect(),
            tasks: state.open.iter().map(|open| open.task).collect(),
            done: done(state),
            undoings: state.undoings.len(),
            open,
            token,
        })
    }
}

/// Whether a task that was done may still be taken back.
pub fn may_take_back(state: &State, task: TaskId) -> bool {
    signed(state, task).is_some() || visit(state, task).is_some()
}

impl Machine<'_> {
    /// Notes with a task that was done what came of it, if that can be undone: nothing went out, nothing met, nothing ended.
    pub(super) fn note_what_came(&mut self, before: &Before) {
        let Some(came) = self.came(before) else { return };
        let key = State::visit_key(&before.open.node, before.token.scope);
        if let Some(visit) = self.state.visits.get_mut(&key)
            && visit.task == before.open.task
        {
            visit.came = Some(came);
        }
    }

    fn came(&self, before: &Before) -> Option<Came> {
        let state = &self.state;
        let quiet = self.effects.iter().all(|effect| {
            matches!(
                effect,
                Effect::TaskClosed { .. }
                    | Effect::TaskOpened { .. }
                    | Effect::WaitOpened { .. }
                    | Effect::WaitClosed { .. }
            )
        });
        let waits: BTreeSet<u64> = state.waits.iter().map(|one| one.id).collect();
        let scopes: BTreeSet<u64> = state.scopes.iter().map(|one| one.id).collect();
        let now = others(&state.tokens, before.token.id);
        let kept = before.tokens.is_subset(&now)
            && before.scopes.is_subset(&scopes)
            && before.waits.is_subset(&waits)
            && before.done == done(state)
            && before.undoings == state.undoings.len();
        if !quiet || !kept || state.ended.is_some() {
            return None;
        }
        let tokens: Vec<u64> = now.difference(&before.tokens).copied().collect();
        let tasks: Vec<TaskId> = state
            .open
            .iter()
            .map(|one| one.task)
            .filter(|one| !before.tasks.contains(one))
            .collect();
        let rests = state.token(before.token.id).is_some();
        // One of several is taken back alone; the last of them has let the whole go on.
        if rests != before.looped || (rests && !(tokens.is_empty() && tasks.is_empty())) {
            return None;
        }
        let host = rests.then_some(before.token.id);
        let (assignee, locals) = (before.open.assignee.clone(), before.open.locals.clone());
        Some(Came { tokens, tasks, host, assignee, locals })
    }

    /// Takes a task back.
    pub(super) fn take_back(&mut self, task: TaskId) -> Result<(), ExecError> {
        if let Some((panel, place)) = signed(&self.state, task) {
            return self.take_back_sign(panel, place);
        }
        let Some((key, visit)) = visit(&self.state, task) else {
            return Err(ExecError::NotPossible {
                zh: "后面的环节已经开始办理，不能撤回",
                en: "what came of it was begun already: it cannot be taken back",
            });
        };
        let (key, visit) = (key.to_owned(), visit.clone());
        let at = self.position(State::visited(&key))?;
        self.state.visits.remove(&key);
        if let Some(Value::Object(outcomes)) = self.state.variables.get_mut(OUTCOMES) {
            outcomes.remove(State::visited(&key));
        }
        let Visit { path, scope, came: Some(came), .. } = visit else { return Ok(()) };
        if let Some(host) = came.host {
            if let Some(repeat) = self.state.repeats.iter_mut().find(|one| one.token == host) {
                repeat.ended = repeat.ended.saturating_sub(1);
            }
            return self.open_for(at, host, came.locals, came.assignee, None).map(|_| ());
        }
        for token in came.tokens {
            self.cancel_token(token);
        }
        let first = TaskId(self.state.next);
        self.begin(at, path, scope)?;
        let again = self.state.open.iter().map(|open| open.task).find(|task| *task >= first);
        match (again, came.assignee) {
            (Some(again), Some(who)) => self.assign(again, Some(who)),
            _ => Ok(()),
        }
    }

    /// Takes back what one of a panel gave.
    fn take_back_sign(&mut self, panel: usize, place: usize) -> Result<(), ExecError> {
        let Some(panel) = self.state.panels.get_mut(panel) else { return Ok(()) };
        let sign = panel.given.remove(place);
        let beside = Beside { panel: panel.id, task: panel.task, purpose: panel.purpose };
        let token = panel.token;
        let member = self.state.open.iter().find(|open| open.token == token);
        let locals = member.map_or_else(Map::new, |open| open.locals.clone());
        let Some(node) = self.state.token(token).map(|token| token.node.clone()) else {
            return Ok(());
        };
        let at = self.position(&node)?;
        self.open_for(at, token, locals, sign.who, Some(beside)).map(|_| ())
    }
}

/// The panel, still open, to which a task gave something, and the place of what it gave.
fn signed(state: &State, task: TaskId) -> Option<(usize, usize)> {
    let place = |given: &[super::state::Sign]| given.iter().position(|sign| sign.task == task);
    state.panels.iter().enumerate().find_map(|(at, panel)| Some((at, place(&panel.given)?)))
}

/// The visit of a task of which nothing was begun yet.
fn visit(state: &State, task: TaskId) -> Option<(&str, &Visit)> {
    let (key, visit) = state.visits.iter().find(|(_, visit)| visit.task == task)?;
    let came = visit.came.as_ref()?;
    let there = |token: &u64| state.token(*token).is_some();
    if let Some(host) = came.host {
        return (there(&host) && state.repeats.iter().any(|one| one.token == host))
            .then_some((key.as_str(), visit));
    }
    let of_them = |open: &&OpenTask| came.tokens.contains(&open.token);
    let untouched = |open: &OpenTask| {
        open.assignee.is_none()
            && open.beside.is_none()
            && came.tasks.contains(&open.task)
            && !state.panels.iter().any(|panel| panel.task == open.task)
    };
    let open: Vec<&OpenTask> = state.open.iter().filter(of_them).collect();
    let fits = state.scope(visit.scope).is_some()
        && came.tokens.iter().all(there)
        && open.len() == came.tasks.len()
        && open.into_iter().all(untouched);
    fits.then_some((key.as_str(), visit))
}

fn others(tokens: &[Token], own: u64) -> BTreeSet<u64> {
    tokens.iter().map(|token| token.id).filter(|id| *id != own).collect()
}

fn done(state: &State) -> usize {
    state.scopes.iter().map(|scope| scope.done.len()).sum()
}
