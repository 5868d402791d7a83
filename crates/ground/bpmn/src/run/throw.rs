//! What events let happen: messages, signals, errors, escalations, and jumps.

use super::command::Effect;
use super::moves::Machine;
use super::state::{Branch, Ending, Host, OpenTask, ROOT};
use crate::error::ExecError;
use crate::model::{Node, NodeKind, Trigger};

impl Machine<'_> {
    /// A token comes to an event that lets something happen, or to an end.
    pub(super) fn throw(
        &mut self,
        at: usize,
        path: Vec<Branch>,
        scope: u64,
    ) -> Result<(), ExecError> {
        let node = self.node(at)?;
        let is_end = node.kind.is_end();
        for trigger in &node.triggers {
            match trigger {
                Trigger::Message { .. } => self.send(node),
                Trigger::Signal { name } => {
                    let (node, name) = (node.id.clone(), name.clone());
                    self.effects.push(Effect::SignalSent { node, name: name.clone() });
                    // Heard once all tokens rest, so that nobody misses it who is just about to listen.
                    self.signals.push_back(name);
                }
                Trigger::Error { code } => return self.raise(code.clone(), scope),
                Trigger::Escalation { code } => {
                    if self.escalate(node, code.as_ref(), scope)? {
                        return Ok(());
                    }
                }
                Trigger::Compensation { activity } => {
                    return self.undo(at, path, scope, activity.as_deref());
                }
                Trigger::Cancel => return self.give_up(at, path, scope),
                Trigger::Link { name } => return self.jump(node, name, path, scope),
                Trigger::Timer { .. } | Trigger::Conditional { .. } => {}
            }
        }
        // The scope may have been ended by what happened.
        if is_end || self.state.scope(scope).is_none() || self.state.ended.is_some() {
            return Ok(());
        }
        self.leave(at, path, scope)
    }

    /// Sends the messages of an event or task.
    pub(super) fn send(&mut self, node: &Node) {
        for trigger in &node.triggers {
            if let Trigger::Message { name } = trigger {
                let (node, name) = (node.id.clone(), name.clone());
                self.effects.push(Effect::MessageSent { node, name });
            }
        }
    }

    fn jump(
        &mut self,
        from: &Node,
        name: &str,
        path: Vec<Branch>,
        scope: u64,
    ) -> Result<(), ExecError> {
        let here = self.model.within(&from.scope);
        let mut landing = here.filter(|(_, node)| {
            node.kind == NodeKind::Catch
                && node
                    .triggers
                    .iter()
                    .any(|one| matches!(one, Trigger::Link { name: other } if other == name))
        });
        let Some((at, _)) = landing.next() else {
            return Err(ExecError::NoWay { node: from.id.clone() });
        };
        self.leave(at, path, scope)
    }

    /// A task ends with an error: beside the task it may be caught first.
    pub(super) fn raise_from_task(
        &mut self,
        open: &OpenTask,
        code: Option<String>,
    ) -> Result<(), ExecError> {
        let Some(scope) = self.state.token(open.token).map(|token| token.scope) else {
            return Ok(());
        };
        if self.caught_beside(open.token, |trigger| catches(trigger, code.as_ref()))? {
            return Ok(());
        }
        self.raise(code, scope)
    }

    /// An error goes outward until something catches it; if nothing does, the instance has failed.
    fn raise(&mut self, code: Option<String>, scope: u64) -> Result<(), ExecError> {
        let mut at = scope;
        loop {
            if let Some(start) = self.event_start(at, |trigger| catches(trigger, code.as_ref()))? {
                // It ends everything else in the scope, whatever it says.
                self.empty(at);
                let start = self.node(start)?;
                return self.begin_event(start, at).map(|_| ());
            }
            let Some(known) = self.state.scope(at) else { return Ok(()) };
            let (token, parent) = (known.token, known.parent);
            if let Some(token) = token
                && self.caught_beside(token, |trigger| catches(trigger, code.as_ref()))?
            {
                return Ok(());
            }
            if at == ROOT {
                self.end(Ending::Failed { code });
                return Ok(());
            }
            at = parent;
        }
    }

    /// An escalation goes outward; if nothing catches it, it is told and everything goes on. Gives whether what threw it
    /// was ended.
    fn escalate(
        &mut self,
        node: &Node,
        code: Option<&String>,
        scope: u64,
    ) -> Result<bool, ExecError> {
        let fits = |trigger: &Trigger| match trigger {
            Trigger::Escalation { code: wanted } => wanted.is_none() || wanted.as_ref() == code,
            _ => false,
        };
        let mut at = scope;
        loop {
            if let Some(start) = self.event_start(at, fits)? {
                let start = self.node(start)?;
                self.begin_event(start, at)?;
                return Ok(start.interrupting);
            }
            let Some(known) = self.state.scope(at) else { return Ok(true) };
            let (token, parent) = (known.token, known.parent);
            if let Some(token) = token
                && self.caught_beside(token, fits)?
            {
                return Ok(self.state.scope(scope).is_none());
            }
            if at == ROOT {
                let (node, code) = (node.id.clone(), code.cloned());
                self.effects.push(Effect::Escalated { node, code });
                return Ok(false);
            }
            at = parent;
        }
    }

    /// The start of the event sub-process of a scope that catches something.
    fn event_start(
        &self,
        scope: u64,
        fits: impl Fn(&Trigger) -> bool,
    ) -> Result<Option<usize>, ExecError> {
        let Some(known) = self.state.scope(scope) else { return Ok(None) };
        // What happens inside an event sub-process is not caught by itself.
        let all = self
            .model
            .within(&known.steps)
            .filter(|(_, node)| node.kind == NodeKind::EventSubProcess);
        for (_, inner) in all {
            for at in &inner.inside {
                let start = self.node(*at)?;
                if start.kind == NodeKind::Start && start.triggers.iter().any(&fits) {
                    return Ok(Some(*at));
                }
            }
        }
        Ok(None)
    }

    /// Lets the event beside an activity catch something; whether one did.
    pub(super) fn caught_beside(
        &mut self,
        token: u64,
        fits: impl Fn(&Trigger) -> bool,
    ) -> Result<bool, ExecError> {
        // Beside a task that is done out of the way nothing stands.
        let rests = self.state.token(token).filter(|token| token.then.is_empty());
        let Some(rests) = rests else { return Ok(false) };
        let (scope, path) = (rests.scope, rests.path.clone());
        let at = self.position(&rests.node)?;
        for event in &self.node(at)?.boundary {
            let node = self.node(*event)?;
            let errors = node
                .triggers
                .iter()
                .any(|one| matches!(one, Trigger::Error { .. } | Trigger::Cancel));
            if node.triggers.iter().any(&fits) {
                if node.interrupting || errors {
                    self.cancel_token(token);
                }
                self.leave(*event, path, scope)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What a repeated activity sets off is heard by the events beside it, and ends nothing.
    pub(super) fn set_off_beside(
        &mut self,
        token: u64,
        trigger: &Trigger,
    ) -> Result<(), ExecError> {
        let rests = self.state.token(token).filter(|token| token.then.is_empty());
        let Some(rests) = rests else { return Ok(()) };
        let (scope, path) = (rests.scope, rests.path.clone());
        let at = self.position(&rests.node)?;
        for event in &self.node(at)?.boundary {
            if self.node(*event)?.triggers.contains(trigger) {
                self.leave(*event, path.clone(), scope)?;
            }
        }
        if let Trigger::Signal { name } = trigger {
            let elsewhere: Vec<u64> = self
                .state
                .waits
                .iter()
                .filter(|wait| wait.host != Host::Activity(token) && wait.trigger == *trigger)
                .map(|wait| wait.id)
                .collect();
            let node = self.node(at)?.id.clone();
            self.effects.push(Effect::SignalSent { node, name: name.clone() });
            for wait in elsewhere {
                self.happen(wait)?;
            }
        }
        Ok(())
    }
}

fn catches(trigger: &Trigger, code: Option<&String>) -> bool {
    match trigger {
        Trigger::Error { code: wanted } => wanted.is_none() || wanted.as_ref() == code,
        _ => false,
    }
}
