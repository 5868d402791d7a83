//! Activities: tasks and sub-processes, done once, in a loop, or for each of several.

use serde_json::{Map, Value};

use super::moves::Machine;
use super::state::{Branch, Done, Host, OpenTask, Repeat};
use crate::error::ExecError;
use crate::model::{Behavior, Looping, Node, NodeKind, Trigger};

/// Most times an activity is done for each of several.
const TIMES_MAX: u32 = 10_000;

impl Machine<'_> {
    /// A token comes to an activity.
    pub(super) fn begin(
        &mut self,
        at: usize,
        path: Vec<Branch>,
        scope: u64,
    ) -> Result<(), ExecError> {
        let node = self.node(at)?;
        let on_its_way = self.then.is_empty();
        if on_its_way {
            self.forget_later(node, &path, scope);
        }
        if let Some(Looping::While { condition, before: true, .. }) = &node.looping
            && !self.goes_on(node, condition.as_deref(), scope, 0)?
        {
            return match self.then.pop() {
                Some(back) => self.begin(self.position(&back)?, path, scope),
                None => self.leave(at, path, scope),
            };
        }
        let token = self.rest(at, path, scope)?;
        if on_its_way {
            self.stand_beside(at, token)?;
        }
        match &node.looping {
            None => self.once(at, token, scope, Map::new()),
            Some(Looping::While { .. }) => {
                self.repeat(token, None, Vec::new());
                self.next_of(at, token, scope)
            }
            Some(Looping::Each { sequential, .. }) => {
                let (total, elements) = self.times(node, scope)?;
                self.repeat(token, Some(total), elements);
                if total == 0 {
                    return self.activity_done(at, token);
                }
                for _ in 0..if *sequential { 1 } else { total } {
                    // Enough may be done before all were begun.
                    if self.state.token(token).is_some() {
                        self.step()?;
                        self.next_of(at, token, scope)?;
                    }
                }
                Ok(())
            }
        }
    }

    /// Begins the work of an activity one time.
    fn once(
        &mut self,
        at: usize,
        token: u64,
        scope: u64,
        locals: Map<String, Value>,
    ) -> Result<(), ExecError> {
        let node = self.node(at)?;
        match node.kind {
            NodeKind::Task => self.one_done(at, token),
            kind if kind.is_scope() => self.open_scope(at, token, scope, locals),
            _ => {
                if node.kind == NodeKind::SendTask {
                    self.send(node);
                }
                self.open_task(at, token, locals)
            }
        }
    }

    /// A task is done.
    pub(super) fn task_done(&mut self, open: &OpenTask, at: usize) -> Result<(), ExecError> {
        self.close(open);
        self.no_more_opinions(open.task);
        if self.ask_after(open, at)? { Ok(()) } else { self.one_done(at, open.token) }
    }

    /// An activity was done one time.
    pub(super) fn one_done(&mut self, at: usize, token: u64) -> Result<(), ExecError> {
        let node = self.node(at)?;
        let Some(looping) = &node.looping else { return self.activity_done(at, token) };
        let Some(scope) = self.state.token(token).map(|token| token.scope) else { return Ok(()) };
        let Some(repeat) = self.state.repeats.iter_mut().find(|one| one.token == token) else {
            return Ok(());
        };
        repeat.ended += 1;
        let (begun, ended, total) = (repeat.begun, repeat.ended, repeat.total);
        match looping {
            Looping::While { condition, most, .. } => {
                let more = most.is_none_or(|most| ended < most)
                    && self.goes_on(node, condition.as_deref(), scope, ended)?;
                if more { self.next_of(at, token, scope) } else { self.activity_done(at, token) }
            }
            Looping::Each { sequential, enough, behavior, .. } => {
                let set_off = match behavior {
                    Behavior::One { trigger } if ended == 1 => trigger.clone(),
                    Behavior::Each { trigger } => trigger.clone(),
                    _ => None,
                };
                if let Some(trigger) = set_off {
                    self.set_off_beside(token, &trigger)?;
                }
                let total = total.unwrap_or(begun);
                let done = ended >= total
                    || self.is_enough(node, enough.as_deref(), scope, (total, begun, ended))?;
                if done {
                    return self.activity_done(at, token);
                }
                if *sequential && begun < total { self.next_of(at, token, scope) } else { Ok(()) }
            }
        }
    }

    /// An activity is done: what stood beside it is gone, and its token goes on.
    pub(super) fn activity_done(&mut self, at: usize, token: u64) -> Result<(), ExecError> {
        let node = self.node(at)?;
        let Some(place) = self.state.tokens.iter().position(|one| one.id == token) else {
            return Ok(());
        };
        let inside = self.take_done(token);
        self.cancel_work(token);
        self.close_waits(Host::Activity(token));
        self.state.repeats.retain(|repeat| repeat.token != token);
        let gone = self.state.tokens.remove(place);
        if node.undoes {
            return self.undone(token);
        }
        self.note_done(node, gone.scope, inside);
        let mut then = gone.then;
        if let Some(back) = then.pop() {
            self.then = then;
            return self.begin(self.position(&back)?, gone.path, gone.scope);
        }
        for _ in 0..node.completion_quantity {
            self.leave(at, gone.path.clone(), gone.scope)?;
        }
        Ok(())
    }

    /// Keeps what can be undone later.
    fn note_done(&mut self, node: &Node, scope: u64, inside: Vec<Done>) {
        let undone_beside = node
            .boundary
            .iter()
            .filter_map(|at| self.model.nodes.get(*at))
            .any(|event| event.undone_by.is_some());
        let undone_inside = node
            .inside
            .iter()
            .filter_map(|at| self.model.nodes.get(*at))
            .any(|inner| inner.kind == NodeKind::EventSubProcess && self.is_undoing(inner));
        if !(undone_beside || undone_inside || !inside.is_empty()) {
            return;
        }
        if let Some(scope) = self.state.scope_mut(scope) {
            scope.done.push(Done { node: node.id.clone(), inside });
        }
    }

    fn repeat(&mut self, token: u64, total: Option<u32>, elements: Vec<Value>) {
        self.state.repeats.push(Repeat { token, total, begun: 0, ended: 0, elements });
    }

    /// Begins the next one of several.
    fn next_of(&mut self, at: usize, token: u64, scope: u64) -> Result<(), ExecError> {
        let node = self.node(at)?;
        let Some(repeat) = self.state.repeats.iter_mut().find(|one| one.token == token) else {
            return Ok(());
        };
        let index = repeat.begun;
        repeat.begun += 1;
        let mut locals = Map::new();
        locals.insert("loopCounter".to_owned(), repeat.begun.into());
        if let Some(Looping::Each { element: Some(name), .. }) = &node.looping {
            let own = usize::try_from(index).ok().and_then(|index| repeat.elements.get(index));
            locals.insert(name.clone(), own.cloned().unwrap_or_default());
        }
        self.once(at, token, scope, locals)
    }

    /// How many times an activity is done, and what each is about.
    fn times(&self, node: &Node, scope: u64) -> Result<(u32, Vec<Value>), ExecError> {
        let Some(Looping::Each { count, list, .. }) = &node.looping else {
            return Ok((1, Vec::new()));
        };
        let seen = self.state.seen(scope);
        let wrong = |found: String| ExecError::Count { node: node.id.clone(), found };
        if let Some(list) = list {
            let Some(Value::Array(elements)) = seen.get(list) else {
                return Err(wrong(format!("{list} is no list")));
            };
            let total = u32::try_from(elements.len()).ok().filter(|total| *total <= TIMES_MAX);
            return Ok((total.ok_or_else(|| wrong(elements.len().to_string()))?, elements.clone()));
        }
        let source = count.as_deref().unwrap_or("1").trim();
        let number = if let Ok(number) = source.parse::<i64>() {
            number
        } else {
            let found = self.conditions.number(source, &seen);
            found.map_err(|message| ExecError::Condition { flow: node.id.clone(), message })?
        };
        let total = u32::try_from(number).ok().filter(|total| *total <= TIMES_MAX);
        Ok((total.ok_or_else(|| wrong(number.to_string()))?, Vec::new()))
    }

    fn goes_on(
        &self,
        node: &Node,
        condition: Option<&str>,
        scope: u64,
        ended: u32,
    ) -> Result<bool, ExecError> {
        let Some(condition) = condition else { return Ok(true) };
        let mut seen = self.state.seen(scope);
        seen.insert("loopCounter".to_owned(), ended.into());
        self.holds(&node.id, condition, &seen)
    }

    fn is_enough(
        &self,
        node: &Node,
        enough: Option<&str>,
        scope: u64,
        (total, begun, ended): (u32, u32, u32),
    ) -> Result<bool, ExecError> {
        let Some(enough) = enough else { return Ok(false) };
        let mut seen = self.state.seen(scope);
        for (name, count) in [
            ("numberOfInstances", total),
            ("numberOfCompletedInstances", ended),
            ("numberOfActiveInstances", begun - ended),
        ] {
            seen.insert(name.to_owned(), count.into());
        }
        self.holds(&node.id, enough, &seen)
    }

    /// Opens what waits beside an activity.
    fn stand_beside(&mut self, at: usize, token: u64) -> Result<(), ExecError> {
        for event in &self.node(at)?.boundary {
            let event = self.node(*event)?;
            for trigger in &event.triggers {
                if is_awaited(trigger) {
                    self.await_it(event, trigger, Host::Activity(token));
                }
            }
        }
        Ok(())
    }
}

/// Whether something comes from outside or with time; the rest is only set off inside.
pub(super) fn is_awaited(trigger: &Trigger) -> bool {
    matches!(
        trigger,
        Trigger::Timer { .. }
            | Trigger::Message { .. }
            | Trigger::Signal { .. }
            | Trigger::Conditional { .. }
    )
}
