//! What is awaited, and what follows when it happens.

use super::command::Effect;
use super::moves::Machine;
use super::state::{Branch, Host, Wait};
use crate::error::ExecError;
use crate::model::{Node, NodeKind, TimerForm, Trigger};

impl Machine<'_> {
    /// A token waits at an event.
    pub(super) fn catch(
        &mut self,
        at: usize,
        path: Vec<Branch>,
        scope: u64,
    ) -> Result<(), ExecError> {
        let node = self.node(at)?;
        if node.triggers.iter().any(|trigger| matches!(trigger, Trigger::Link { .. }))
            || node.triggers.is_empty()
        {
            return self.leave(at, path, scope);
        }
        let token = self.rest(at, path, scope)?;
        for trigger in &node.triggers {
            self.await_it(node, trigger, Host::Token(token));
        }
        Ok(())
    }

    /// A token waits at an event-based gateway for the first of what follows.
    pub(super) fn race(
        &mut self,
        at: usize,
        path: Vec<Branch>,
        scope: u64,
    ) -> Result<(), ExecError> {
        let node = self.node(at)?;
        let token = self.rest(at, path, scope)?;
        for (_, flow) in self.model.out(node) {
            let event = self.node(flow.to)?;
            for trigger in &event.triggers {
                self.await_it(event, trigger, Host::Token(token));
            }
        }
        Ok(())
    }

    /// Notes that something is awaited.
    pub(super) fn await_it(&mut self, node: &Node, trigger: &Trigger, host: Host) {
        let wait = awaited(self.state.number(), node, trigger, host);
        let (id, node, trigger) = (wait.id, wait.node.clone(), wait.trigger.clone());
        self.effects.push(Effect::WaitOpened { wait: id, node, trigger });
        self.state.waits.push(wait);
    }

    /// Nothing of this host is awaited any more.
    pub(super) fn close_waits(&mut self, host: Host) {
        for wait in std::mem::take(&mut self.state.waits) {
            if wait.host == host {
                self.effects.push(Effect::WaitClosed { wait: wait.id, node: wait.node });
            } else {
                self.state.waits.push(wait);
            }
        }
    }

    /// All of this instance who wait for a signal go on.
    pub(super) fn signal(&mut self, name: &str) -> Result<(), ExecError> {
        let heard = |wait: &&Wait| matches!(&wait.trigger, Trigger::Signal { name: awaited } if awaited == name);
        let waits: Vec<u64> = self.state.waits.iter().filter(heard).map(|wait| wait.id).collect();
        for wait in waits {
            self.happen(wait)?;
        }
        Ok(())
    }

    /// Conditions that have come true; whether there was one.
    pub(super) fn conditions_met(&mut self) -> Result<bool, ExecError> {
        let conditional: Vec<(u64, String, u64, bool)> = self
            .state
            .waits
            .iter()
            .filter_map(|wait| match &wait.trigger {
                Trigger::Conditional { source } => {
                    Some((wait.id, source.clone(), self.scope_of(wait.host), wait.held))
                }
                _ => None,
            })
            .collect();
        for (id, source, scope, held) in conditional {
            let now = self.holds(&source, &source, &self.state.seen(scope))?;
            if let Some(wait) = self.state.waits.iter_mut().find(|wait| wait.id == id) {
                wait.held = now;
            }
            if now && !held {
                self.happen(id)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn scope_of(&self, host: Host) -> u64 {
        match host {
            Host::Token(token) | Host::Activity(token) => {
                self.state.token(token).map_or(super::state::ROOT, |token| token.scope)
            }
            Host::Scope(scope) => scope,
        }
    }

    /// Something that is awaited has happened.
    pub(super) fn happen(&mut self, id: u64) -> Result<(), ExecError> {
        let Some(wait) = self.state.waits.iter().find(|wait| wait.id == id).cloned() else {
            return Ok(());
        };
        let at = self.position(&wait.node)?;
        match wait.host {
            Host::Token(token) => self.token_goes_on(at, token, &wait),
            Host::Activity(token) => {
                let node = self.node(at)?;
                let (path, scope) = (self.path(token), self.scope_of(wait.host));
                if node.interrupting {
                    self.cancel_token(token);
                } else {
                    self.once_less(&wait);
                }
                self.leave(at, path, scope)
            }
            Host::Scope(scope) => {
                let node = self.node(at)?;
                if !node.interrupting {
                    self.once_less(&wait);
                }
                self.begin_event(node, scope).map(|_| ())
            }
        }
    }

    fn token_goes_on(&mut self, at: usize, token: u64, wait: &Wait) -> Result<(), ExecError> {
        let node = self.node(at)?;
        let (path, scope) = (self.path(token), self.scope_of(wait.host));
        let cycle = matches!(wait.trigger, Trigger::Timer { form: TimerForm::Cycle, .. });
        if cycle && wait.left != Some(1) && node.kind == NodeKind::Catch {
            self.once_less(wait);
            return self.leave(at, path, scope);
        }
        let others = self.state.waits.iter().any(|one| one.host == wait.host && one.id != wait.id);
        if node.all_triggers && others {
            self.close_wait(wait.id);
            return Ok(());
        }
        self.close_waits(wait.host);
        self.state.tokens.retain(|one| one.id != token);
        // Behind an event-based gateway a receive task has what it waits for.
        self.leave(at, path, scope)
    }

    /// A time passed once; a cycle may come again, and so may a message or signal that ends nothing.
    fn once_less(&mut self, wait: &Wait) {
        let again = match wait.trigger {
            Trigger::Timer { .. } => wait.left.is_none_or(|left| left > 1),
            _ => true,
        };
        if !again {
            self.close_wait(wait.id);
            return;
        }
        if let Some(wait) = self.state.waits.iter_mut().find(|one| one.id == wait.id)
            && matches!(wait.trigger, Trigger::Timer { .. })
        {
            wait.left = wait.left.map(|left| left.saturating_sub(1));
            let (wait, node, trigger) = (wait.id, wait.node.clone(), wait.trigger.clone());
            self.effects.push(Effect::WaitOpened { wait, node, trigger });
        }
    }

    fn close_wait(&mut self, id: u64) {
        if let Some(place) = self.state.waits.iter().position(|wait| wait.id == id) {
            let wait = self.state.waits.remove(place);
            self.effects.push(Effect::WaitClosed { wait: wait.id, node: wait.node });
        }
    }
}

/// Something that is awaited from now on.
pub(super) fn awaited(id: u64, node: &Node, trigger: &Trigger, host: Host) -> Wait {
    let left = match trigger {
        Trigger::Timer { form: TimerForm::Cycle, text } => repetitions(text),
        _ => Some(1),
    };
    Wait { id, node: node.id.clone(), trigger: trigger.clone(), host, left, held: false }
}

/// How often a cycle comes: `R4/PT10S` four times, `R/PT10S` without end.
fn repetitions(text: &str) -> Option<u32> {
    let Some(rest) = text.trim().strip_prefix('R') else { return Some(1) };
    let count = rest.split('/').next().unwrap_or_default();
    if count.is_empty() { None } else { Some(count.parse().unwrap_or(1)) }
}
