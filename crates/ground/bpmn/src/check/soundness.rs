//! A search through the reachable markings: which flows can hold tokens together, whatever the conditions say.
//!
//! It finds joins that would wait for ever and steps that could run twice at once. It is bounded: a process too large to be
//! searched wholly is reported as such, never as sound.

use std::collections::{BTreeMap, BTreeSet};

use super::Findings;
use crate::error::Level;
use crate::graph::must_wait;
use crate::model::{Model, Node, NodeKind};

/// Markings looked at.
const MARKINGS_MAX: usize = 20_000;
/// Work of one search: nodes looked at.
const WORK_MAX: usize = 20_000_000;
/// Ways out of an inclusive gateway whose combinations are tried.
const WAYS_MAX: usize = 6;

/// Tokens on flows, by the position of the flow.
pub(crate) type Marking = BTreeMap<usize, u8>;

/// Whether the process comes to an end from a marking, whatever is decided on the way: nothing waits for ever, and no step runs
/// twice at once. What cannot be searched wholly does not count as sound.
pub(crate) fn goes_on(model: &Model, first: Marking) -> bool {
    let mut search = Search { model, stuck: BTreeSet::new(), twice: BTreeSet::new(), whole: true };
    search.run(first);
    search.whole && search.stuck.is_empty() && search.twice.is_empty()
}

pub(super) fn search(model: &Model, findings: &mut Findings) {
    let mut search = Search { model, stuck: BTreeSet::new(), twice: BTreeSet::new(), whole: true };
    // Flows do not cross scopes, so each scope is searched from its own start.
    for start in model.nodes.iter().filter(|node| node.kind == NodeKind::Start) {
        let mut first = Marking::new();
        for flow in &start.outgoing {
            first.insert(*flow, 1);
        }
        search.run(first);
    }
    for at in &search.stuck {
        let Some(node) = model.nodes.get(*at) else { continue };
        let text = (
            "可能永远等待：并非每条流入都会到达，汇合网关应与分支网关相配",
            "it may wait for ever: not every way in will be used; a join must match its split",
        );
        findings.node(Level::Error, "deadlock", node, text);
    }
    for at in &search.twice {
        let Some(flow) = model.flows.get(*at) else { continue };
        let text = (
            "这条线上可能同时有两个分支：并行之后请先用并行网关汇合",
            "two branches may arrive here at once: join them with a parallel gateway first",
        );
        findings.flow(Level::Warning, "twice", flow, text);
    }
    if !search.whole {
        let text =
            ("流程过于复杂，未能逐一检查", "the process is too complex to be searched wholly");
        findings.add(Level::Warning, "unsearched", &model.id, (1, 1), text);
    }
}

struct Search<'m> {
    model: &'m Model,
    /// Nodes that hold tokens in a marking from which nothing moves.
    stuck: BTreeSet<usize>,
    /// Flows that may hold two tokens.
    twice: BTreeSet<usize>,
    whole: bool,
}

impl Search<'_> {
    fn run(&mut self, first: Marking) {
        let mut seen = BTreeSet::from([first.clone()]);
        let mut open = vec![first];
        let nodes = self.model.nodes.len();
        let gates = self.model.nodes.iter().filter(|node| node.kind == NodeKind::Inclusive).count();
        let mut work: usize = 0;
        while let Some(marking) = open.pop() {
            let next = self.next(&marking);
            work += next.len() + nodes * (1 + gates * marking.len());
            if next.is_empty() && !marking.is_empty() {
                let held = marking.keys().filter_map(|at| self.model.flows.get(*at));
                self.stuck.extend(held.map(|flow| flow.to));
            }
            for marking in next {
                let doubled: Vec<usize> =
                    marking.iter().filter(|(_, count)| **count > 1).map(|(at, _)| *at).collect();
                if !doubled.is_empty() {
                    // Such a marking is reported and not followed: it could grow without end.
                    self.twice.extend(doubled);
                } else if seen.insert(marking.clone()) {
                    open.push(marking);
                }
            }
            if seen.len() > MARKINGS_MAX || work > WORK_MAX {
                self.whole = false;
                return;
            }
        }
    }

    /// Every marking one step further.
    fn next(&self, marking: &Marking) -> Vec<Marking> {
        let mut next = Vec::new();
        for (at, node) in self.model.nodes.iter().enumerate() {
            let filled: Vec<usize> =
                node.incoming.iter().copied().filter(|flow| marking.contains_key(flow)).collect();
            if filled.is_empty() {
                continue;
            }
            match node.kind {
                NodeKind::Terminate => next.push(Marking::new()),
                NodeKind::Parallel => {
                    if filled.len() == node.incoming.len() {
                        next.push(moved(marking, &filled, &node.outgoing));
                    }
                }
                NodeKind::Inclusive => {
                    if !self.waits(at, marking) {
                        for chosen in choices(node) {
                            next.push(moved(marking, &filled, &chosen));
                        }
                    }
                }
                // What a complex gateway waits for only its condition knows.
                NodeKind::Complex => {
                    for chosen in choices(node) {
                        next.push(moved(marking, &filled, &chosen));
                    }
                }
                kind if kind.is_activity() => {
                    for taken in filled {
                        self.activity(marking, taken, node, &mut next);
                    }
                }
                _ => {
                    for taken in filled {
                        if node.outgoing.is_empty() {
                            next.push(moved(marking, &[taken], &[]));
                        }
                        for way in &node.outgoing {
                            next.push(moved(marking, &[taken], &[*way]));
                        }
                    }
                }
            }
        }
        next
    }

    /// An activity goes on, or an event beside it takes over; one that does not stop it comes in addition.
    fn activity(&self, marking: &Marking, taken: usize, node: &Node, next: &mut Vec<Marking>) {
        let decides = self.model.out(node).any(|(_, flow)| flow.condition.is_some());
        let onward = if decides { choices(node) } else { vec![node.outgoing.clone()] };
        for ways in &onward {
            next.push(moved(marking, &[taken], ways));
        }
        for event in node.boundary.iter().filter_map(|at| self.model.nodes.get(*at)) {
            if event.interrupting {
                next.push(moved(marking, &[taken], &event.outgoing));
            } else {
                for ways in &onward {
                    let both: Vec<usize> = ways.iter().chain(&event.outgoing).copied().collect();
                    next.push(moved(marking, &[taken], &both));
                }
            }
        }
    }

    fn waits(&self, gate: usize, marking: &Marking) -> bool {
        let targets = marking.keys().filter_map(|at| self.model.flows.get(*at).map(|flow| flow.to));
        let elsewhere = targets.filter(|to| *to != gate);
        must_wait(self.model, gate, |flow| marking.contains_key(&flow), elsewhere)
    }
}

fn moved(marking: &Marking, taken: &[usize], given: &[usize]) -> Marking {
    let mut next = marking.clone();
    for at in taken {
        match next.get_mut(at) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                next.remove(at);
            }
        }
    }
    for at in given {
        *next.entry(*at).or_insert(0) += 1;
    }
    next
}

/// Every combination of ways out, at least one; of very many ways only each alone and all together.
fn choices(node: &Node) -> Vec<Vec<usize>> {
    let ways = &node.outgoing;
    if ways.len() > WAYS_MAX {
        let mut some: Vec<Vec<usize>> = ways.iter().map(|way| vec![*way]).collect();
        some.push(ways.clone());
        return some;
    }
    (1..1_usize << ways.len())
        .map(|mask| {
            let picked = ways.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1);
            picked.map(|(_, way)| *way).collect()
        })
        .collect()
}
