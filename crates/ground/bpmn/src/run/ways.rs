//! Which ways lead on from a node.

use serde_json::{Map, Value};

use super::moves::Machine;
use crate::error::ExecError;
use crate::model::{Flow, Node, NodeKind};

impl Machine<'_> {
    /// The ways out of a node; none when the token ends there.
    pub(super) fn ways(&self, node: &Node, scope: u64) -> Result<Vec<usize>, ExecError> {
        let ways = match node.kind {
            NodeKind::Exclusive => vec![self.one_way(node, scope)?],
            NodeKind::Inclusive | NodeKind::Complex => self.some_ways(node, scope)?,
            // Conditions stand on gateways and on activities only.
            kind if kind.is_activity() => return self.ways_of_activity(node, scope),
            _ => node.outgoing.clone(),
        };
        if ways.is_empty() && (node.kind.is_gateway() || node.kind == NodeKind::Start) {
            return Err(ExecError::NoWay { node: node.id.clone() });
        }
        Ok(ways)
    }

    /// All ways without a condition, those whose condition holds, and the default when no condition held.
    fn ways_of_activity(&self, node: &Node, scope: u64) -> Result<Vec<usize>, ExecError> {
        let (mut ways, mut asked, mut held) = (Vec::new(), false, false);
        for (at, flow) in self.model.out(node) {
            if node.default.as_deref() == Some(flow.id.as_str()) {
                continue;
            }
            if flow.condition.is_none() {
                ways.push(at);
                continue;
            }
            asked = true;
            if self.condition(node, flow, scope)? {
                held = true;
                ways.push(at);
            }
        }
        if !held && let Ok(default) = self.default_way(node) {
            ways.push(default);
        }
        if ways.is_empty() && asked {
            return Err(ExecError::NoWay { node: node.id.clone() });
        }
        Ok(ways)
    }

    /// The one way out of an exclusive gateway: the first whose condition holds, otherwise the default.
    fn one_way(&self, node: &Node, scope: u64) -> Result<usize, ExecError> {
        if let [only] = node.outgoing.as_slice()
            && self.flow(*only)?.condition.is_none()
        {
            return Ok(*only);
        }
        for (at, flow) in self.model.out(node) {
            if self.condition(node, flow, scope)? {
                return Ok(at);
            }
        }
        self.default_way(node)
    }

    /// The ways out of an inclusive gateway: all whose conditions hold, otherwise the default.
    fn some_ways(&self, node: &Node, scope: u64) -> Result<Vec<usize>, ExecError> {
        if let [only] = node.outgoing.as_slice()
            && self.flow(*only)?.condition.is_none()
        {
            return Ok(vec![*only]);
        }
        let mut ways = Vec::new();
        for (at, flow) in self.model.out(node) {
            if self.condition(node, flow, scope)? {
                ways.push(at);
            }
        }
        if ways.is_empty() { self.default_way(node).map(|way| vec![way]) } else { Ok(ways) }
    }

    fn default_way(&self, node: &Node) -> Result<usize, ExecError> {
        let mut ways = self.model.out(node);
        let default = ways.find(|(_, flow)| node.default.as_deref() == Some(flow.id.as_str()));
        default.map(|(at, _)| at).ok_or_else(|| ExecError::NoWay { node: node.id.clone() })
    }

    fn condition(&self, node: &Node, flow: &Flow, scope: u64) -> Result<bool, ExecError> {
        let Some(source) = &flow.condition else { return Ok(false) };
        if node.default.as_deref() == Some(flow.id.as_str()) {
            return Ok(false);
        }
        self.holds(&flow.id, source, &self.state.seen(scope))
    }

    /// Whether a condition holds for what is seen.
    pub(super) fn holds(
        &self,
        place: &str,
        source: &str,
        seen: &Map<String, Value>,
    ) -> Result<bool, ExecError> {
        let held = self.conditions.holds(source, seen);
        held.map_err(|message| ExecError::Condition { flow: place.to_owned(), message })
    }
}
