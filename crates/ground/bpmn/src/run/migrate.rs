//! Moving a running instance to another version of its process, by a mapping of nodes that is checked before it is applied.

use std::collections::BTreeMap;

use serde_json::Value;

use super::OUTCOMES;
use super::command::Effect;
use super::sending::state_goes_on;
use super::state::{Done, Host, OpenTask, ROOT, State, Token, Wait};
use crate::error::{Finding, Level};
use crate::model::{Model, Node};

/// What stands against moving an instance, and what it would lose; the errors refuse it.
pub fn check_migration(
    old: &Model,
    new: &Model,
    state: &State,
    mapping: &BTreeMap<String, String>,
) -> Vec<Finding> {
    Move::new(old, new, state, mapping).done().2
}

/// Moves an instance. A node without a row in the mapping keeps its id. Timers that run go on; events beside an open step that
/// only the new version has are awaited from now on.
pub fn migrate(
    old: &Model,
    new: &Model,
    state: &State,
    mapping: &BTreeMap<String, String>,
) -> Result<(State, Vec<Effect>), Vec<Finding>> {
    let (state, effects, findings) = Move::new(old, new, state, mapping).done();
    if findings.iter().any(|finding| finding.level == Level::Error) {
        return Err(findings);
    }
    Ok((state, effects))
}

struct Move<'a> {
    old: &'a Model,
    new: &'a Model,
    mapping: &'a BTreeMap<String, String>,
    state: State,
    effects: Vec<Effect>,
    findings: Vec<Finding>,
}

impl<'a> Move<'a> {
    fn new(
        old: &'a Model,
        new: &'a Model,
        state: &State,
        mapping: &'a BTreeMap<String, String>,
    ) -> Self {
        let (effects, findings) = (Vec::new(), Vec::new());
        Self { old, new, mapping, state: state.clone(), effects, findings }
    }

    fn done(mut self) -> (State, Vec<Effect>, Vec<Finding>) {
        self.models();
        if self.state.ended.is_some() {
            let text = ("流程已经结束", "this process has ended");
            self.add(Level::Error, "ended", &self.old.id, text);
        }
        if !self.state.undoings.is_empty() {
            let text =
                ("正在撤销已办的环节，办完再迁移", "steps are being undone: wait until they are");
            self.add(Level::Error, "undoing", &self.old.id, text);
        }
        if self.findings.iter().all(|finding| finding.level != Level::Error) {
            self.scopes();
            self.tokens();
            self.waits();
            self.visits();
        }
        self.new.id.clone_into(&mut self.state.process);
        let sound = self.findings.iter().all(|finding| finding.level != Level::Error);
        if sound && !state_goes_on(self.new, &self.state) {
            let text = (
                "迁移后有的分支会永远等待，请换一个对应环节",
                "after the move a branch would wait for ever: choose another step",
            );
            self.add(Level::Error, "deadlock", &self.new.id, text);
        }
        (self.state, self.effects, self.findings)
    }

    fn models(&mut self) {
        for refusal in self.new.refusals() {
            self.findings.push(refusal.clone());
        }
        for (from, to) in self.mapping {
            if self.old.node(from).is_none() {
                let text = ("旧版本没有这个环节", "the old version has no such step");
                self.add(Level::Error, "mapping", from, text);
            }
            if self.new.node(to).is_none() {
                let text = ("新版本没有这个环节", "the new version has no such step");
                self.add(Level::Error, "mapping", to, text);
            }
        }
    }

    fn to(&self, node: &str) -> String {
        self.mapping.get(node).map_or(node, String::as_str).to_owned()
    }

    fn scopes(&mut self) {
        for mut scope in std::mem::take(&mut self.state.scopes) {
            if scope.id == ROOT {
                (scope.node, scope.steps) = (self.new.id.clone(), self.new.id.clone());
            } else if let Some(node) = self.step(&scope.node.clone()) {
                let own = scope.steps == scope.node;
                scope.node.clone_from(&node.id);
                scope.steps = match &node.called {
                    Some(called) if !own => called.clone(),
                    _ => node.id.clone(),
                };
            }
            scope.done = self.kept(std::mem::take(&mut scope.done));
            for pending in &mut scope.pending {
                let to = self.mapping.get(pending).unwrap_or(pending).clone();
                if self.new.node(&to).is_none() {
                    let text = (
                        "待办的环节在新版本里没有",
                        "a step still to come is not in the new version",
                    );
                    let finding = finding(Level::Error, "no-step", pending, (1, 1), text);
                    self.findings.push(finding);
                }
                *pending = to;
            }
            self.state.scopes.push(scope);
        }
    }

    /// What was done and could be undone, as far as the new version knows it.
    fn kept(&mut self, all: Vec<Done>) -> Vec<Done> {
        let mut kept = Vec::new();
        for done in all {
            let node = if done.node.starts_with('#') { done.node } else { self.to(&done.node) };
            let inside = self.kept(done.inside);
            if node.starts_with('#') || self.new.node(&node).is_some() {
                kept.push(Done { node, inside });
            } else {
                let text =
                    ("办过的这一步以后不能再撤销", "what was done here can not be undone any more");
                self.add(Level::Warning, "undo-lost", &node, text);
            }
        }
        kept
    }

    fn tokens(&mut self) {
        for mut token in std::mem::take(&mut self.state.tokens) {
            if let Some(flow) = token.flow.clone() {
                self.at_join(&mut token, &flow);
            } else {
                let out_of_its_way = !token.then.is_empty();
                if let Some(node) = self.step(&token.node.clone()) {
                    token.node.clone_from(&node.id);
                    if !out_of_its_way {
                        self.in_scope(&token, node);
                    }
                }
                for then in token.then.clone() {
                    self.step(&then);
                }
                token.then = token.then.iter().map(|node| self.to(node)).collect();
            }
            self.state.tokens.push(token);
        }
        for mut open in std::mem::take(&mut self.state.open) {
            open.node = self.to(&open.node);
            self.state.open.push(OpenTask { ..open });
        }
    }

    /// A token that waits at a join has come by the same way of the new version, or by the one that leads from the same step.
    fn at_join(&mut self, token: &mut Token, flow: &str) {
        let node = self.to(&token.node);
        let from = self.old.flows.iter().find(|one| one.id == flow).map(|one| self.to(&one.source));
        let mut ways = self.new.flows.iter().filter(|one| one.target == node);
        let same = ways.clone().find(|one| one.id == flow);
        let way = same.or_else(|| ways.find(|one| Some(&one.source) == from.as_ref()));
        if let Some(way) = way {
            token.flow = Some(way.id.clone());
            if let Some(joined) = self.step(&token.node.clone()) {
                self.in_scope(token, joined);
            }
            token.node = node;
        } else {
            let text = (
                "有分支在这里等待汇合，新版本没有它来的那条线",
                "a branch waits to be joined here, and the new version has no such way in",
            );
            self.add(Level::Error, "no-way", flow, text);
        }
    }

    fn in_scope(&mut self, token: &Token, node: &Node) {
        let inside = self.state.scopes.iter().find(|scope| scope.id == token.scope);
        if inside.is_none_or(|scope| scope.steps != node.scope) {
            let text = (
                "这个环节在新版本里属于另一个子流程",
                "in the new version this step lies in another sub-process",
            );
            self.add(Level::Error, "scope", &node.id, text);
        }
    }

    /// The step of the new version at which something goes on; it must be of the same kind, done as often.
    fn step(&mut self, old: &str) -> Option<&'a Node> {
        let to = self.to(old);
        let Some(node) = self.new.node(&to) else {
            let text = (
                "新版本没有这个环节，请写明对应到哪里",
                "the new version has no such step: map it",
            );
            self.add(Level::Error, "no-step", old, text);
            return None;
        };
        let was = self.old.node(old);
        if was.is_some_and(|was| was.kind != node.kind) {
            let text = ("对应的环节不是同一种", "the step it is mapped to is of another kind");
            self.add(Level::Error, "kind", &to, text);
        } else if was.is_some_and(|was| was.looping.is_some() != node.looping.is_some()) {
            let text = (
                "一个要办多次，另一个只办一次",
                "one of them is done several times, the other once",
            );
            self.add(Level::Error, "kind", &to, text);
        }
        Some(node)
    }

    fn waits(&mut self) {
        for mut wait in std::mem::take(&mut self.state.waits) {
            let to = self.to(&wait.node);
            if self.new.node(&to).is_some() {
                wait.node = to;
                self.state.waits.push(wait);
            } else if matches!(wait.host, Host::Token(_)) {
                let text = (
                    "新版本没有正在等待的这个事件",
                    "the event that is awaited is not in the new version",
                );
                self.add(Level::Error, "no-step", &wait.node, text);
            } else {
                let text =
                    ("新版本不再等待这个事件", "the new version does not wait for this any more");
                self.add(Level::Warning, "wait-lost", &wait.node, text);
                self.effects.push(Effect::WaitClosed { wait: wait.id, node: wait.node });
            }
        }
        let resting: Vec<(u64, String)> = self
            .state
            .tokens
            .iter()
            .filter(|token| token.flow.is_none() && token.then.is_empty())
            .map(|token| (token.id, token.node.clone()))
            .collect();
        for (token, node) in resting {
            self.beside(token, &node);
        }
    }

    /// Awaits what stands beside an open step in the new version only.
    fn beside(&mut self, token: u64, node: &str) {
        let Some(node) = self.new.node(node) else { return };
        let host = Host::Activity(token);
        for event in node.boundary.iter().filter_map(|at| self.new.nodes.get(*at)) {
            let known = |wait: &Wait| wait.host == host && wait.node == event.id;
            if self.state.waits.iter().any(known) {
                continue;
            }
            for trigger in event.triggers.iter().filter(|one| super::activity::is_awaited(one)) {
                let id = self.state.number();
                let wait = super::happen::awaited(id, event, trigger, host);
                let (node, trigger) = (wait.node.clone(), wait.trigger.clone());
                self.effects.push(Effect::WaitOpened { wait: id, node, trigger });
                self.state.waits.push(wait);
            }
        }
    }

    fn visits(&mut self) {
        for (key, visit) in std::mem::take(&mut self.state.visits) {
            let old = State::visited(&key);
            let to = self.to(old);
            if self.new.node(&to).is_some() {
                let rest = key.get(old.len()..).unwrap_or_default();
                self.state.visits.insert(format!("{to}{rest}"), visit);
            }
        }
        let renamed = |name: &String| self.mapping.get(name).unwrap_or(name).clone();
        if let Some(Value::Object(outcomes)) = self.state.variables.get_mut(OUTCOMES) {
            *outcomes =
                outcomes.iter().map(|(name, value)| (renamed(name), value.clone())).collect();
        }
    }

    fn add(&mut self, level: Level, code: &'static str, element: &str, text: (&str, &str)) {
        let place = self.new.node(element).map_or((1, 1), |node| (node.line, node.column));
        self.findings.push(finding(level, code, element, place, text));
    }
}

fn finding(
    level: Level,
    code: &'static str,
    element: &str,
    (line, column): (u32, u32),
    (zh, en): (&str, &str),
) -> Finding {
    let (element, zh, en) = (element.to_owned(), zh.to_owned(), en.to_owned());
    Finding { level, code, element, line, column, zh, en }
}
