//! Gateways that wait for several ways in, and activities that take several tokens.

use serde_json::Value;

use super::moves::{Machine, Moving};
use super::state::{Branch, Token};
use crate::error::ExecError;
use crate::graph::must_wait;
use crate::model::{Node, NodeKind};

/// What a complex gateway counts in its condition.
const COUNT: &str = "activationCount";

impl Machine<'_> {
    /// A token waits at a join.
    pub(super) fn arrive_at_join(&mut self, at: usize, moving: Moving) -> Result<(), ExecError> {
        let node = self.node(at)?;
        let scope = moving.scope;
        self.wait_at(node, moving)?;
        match node.kind {
            NodeKind::Parallel => self.release_parallel(at, node, scope),
            NodeKind::Complex => self.release_complex(at, node, scope),
            _ => Ok(()),
        }
    }

    fn wait_at(&mut self, node: &Node, moving: Moving) -> Result<(), ExecError> {
        let flow = Some(self.flow(moving.flow)?.id.clone());
        let id = self.state.number();
        let Moving { path, scope, .. } = moving;
        let then = Vec::new();
        self.state.tokens.push(Token { id, node: node.id.clone(), flow, path, scope, then });
        Ok(())
    }

    /// For an activity that takes several tokens: the last one, once all are there.
    pub(super) fn gathered(
        &mut self,
        at: usize,
        moving: Moving,
    ) -> Result<Option<Moving>, ExecError> {
        let node = self.node(at)?;
        let wanted = usize::try_from(node.start_quantity).unwrap_or(usize::MAX).saturating_sub(1);
        let scope = moving.scope;
        let waiting =
            |token: &Token| token.node == node.id && token.scope == scope && token.flow.is_some();
        let there: Vec<u64> = self
            .state
            .tokens
            .iter()
            .filter(|token| waiting(token))
            .map(|token| token.id)
            .take(wanted)
            .collect();
        if there.len() < wanted {
            self.wait_at(node, moving)?;
            return Ok(None);
        }
        self.state.tokens.retain(|token| !there.contains(&token.id));
        Ok(Some(moving))
    }

    /// Fires a parallel join once every way in holds a token; one of each is taken.
    fn release_parallel(&mut self, at: usize, node: &Node, scope: u64) -> Result<(), ExecError> {
        if node.incoming.iter().all(|flow| self.waiting(node, *flow, scope).is_some()) {
            let path = self.take(node, &node.incoming, scope);
            self.leave(at, path, scope)?;
        }
        Ok(())
    }

    /// Fires a complex gateway when its condition over the tokens that came holds. Until all ways in have come it lets
    /// those that are late end there (the discriminator).
    fn release_complex(&mut self, at: usize, node: &Node, scope: u64) -> Result<(), ExecError> {
        let filled = self.filled(node, scope);
        let fired = format!("#{}", node.id);
        let before = self
            .state
            .scope(scope)
            .and_then(|scope| scope.locals.get(&fired))
            .and_then(Value::as_u64);
        let come = u64::try_from(filled.len()).unwrap_or(u64::MAX);
        if let Some(before) = before {
            self.take(node, &filled, scope);
            let all = u64::try_from(node.incoming.len()).unwrap_or(u64::MAX);
            let seen = before.saturating_add(come);
            if let Some(scope) = self.state.scope_mut(scope) {
                if seen >= all {
                    scope.locals.remove(&fired);
                } else {
                    scope.locals.insert(fired, seen.into());
                }
            }
            return Ok(());
        }
        let ready = match &node.condition {
            Some(source) => {
                let mut seen = self.state.seen(scope);
                seen.insert(COUNT.to_owned(), come.into());
                self.holds(&node.id, source, &seen)?
            }
            None => filled.len() == node.incoming.len(),
        };
        if ready {
            let path = self.take(node, &filled, scope);
            if filled.len() < node.incoming.len()
                && let Some(scope) = self.state.scope_mut(scope)
            {
                scope.locals.insert(fired, come.into());
            }
            self.leave(at, path, scope)?;
        }
        Ok(())
    }

    /// Fires the first inclusive join that need not wait; whether one fired.
    pub(super) fn release_joins(&mut self) -> Result<bool, ExecError> {
        let scopes: Vec<u64> = self.state.scopes.iter().map(|scope| scope.id).collect();
        for (at, node) in self.model.nodes.iter().enumerate() {
            if node.kind != NodeKind::Inclusive || node.incoming.len() < 2 {
                continue;
            }
            for scope in &scopes {
                let filled = self.filled(node, *scope);
                if filled.is_empty() {
                    continue;
                }
                let elsewhere = self.state.tokens.iter();
                let elsewhere =
                    elsewhere.filter(|token| token.place() != node.id && token.scope == *scope);
                let elsewhere: Vec<usize> = elsewhere
                    .filter_map(|token| self.model.node_index.get(token.place()).copied())
                    .collect();
                if !must_wait(self.model, at, |flow| filled.contains(&flow), elsewhere) {
                    let path = self.take(node, &filled, *scope);
                    self.leave(at, path, *scope)?;
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn filled(&self, node: &Node, scope: u64) -> Vec<usize> {
        let ways = node.incoming.iter().copied();
        ways.filter(|flow| self.waiting(node, *flow, scope).is_some()).collect()
    }

    fn waiting(&self, node: &Node, flow: usize, scope: u64) -> Option<usize> {
        let flow = &self.model.flows.get(flow)?.id;
        self.state.tokens.iter().position(|token| {
            token.node == node.id && token.scope == scope && token.flow.as_ref() == Some(flow)
        })
    }

    /// Takes the oldest token of each flow and gives the splits they have in common.
    fn take(&mut self, node: &Node, flows: &[usize], scope: u64) -> Vec<Branch> {
        let mut common: Option<Vec<Branch>> = None;
        for flow in flows {
            let Some(place) = self.waiting(node, *flow, scope) else { continue };
            let path = self.state.tokens.remove(place).path;
            common = Some(match common {
                None => path,
                Some(common) => {
                    let shared = common.iter().zip(&path).take_while(|(left, right)| left == right);
                    shared.map(|(branch, _)| *branch).collect()
                }
            });
        }
        common.unwrap_or_default()
    }
}
