//! 特送: a task is sent straight to any step, without leaving anything that could never meet.

use super::back::{levels, returnable};
use super::moves::Machine;
use super::state::{Branch, State, TaskId, Token};
use crate::check::{Marking, goes_on};
use crate::error::ExecError;
use crate::graph::reachable;
use crate::model::{Model, Node, NodeKind};

/// What becomes of the other tokens of the scope.
enum Others {
    /// They go on.
    Stay,
    /// They are cancelled.
    Go,
    /// They are cancelled, and count as done where they would have been waited for: joins, the outermost first, and the ways in
    /// that are filled.
    Done(Vec<(usize, Vec<usize>)>),
}

struct Plan {
    token: u64,
    scope: u64,
    at: usize,
    others: Others,
}

/// The steps a task may be sent straight to, in the order of the file.
pub fn targets<'m>(model: &'m Model, state: &State, task: TaskId) -> Vec<&'m Node> {
    let fits = |node: &&Node| plan(model, state, task, &node.id).is_ok();
    model.nodes.iter().filter(fits).collect()
}

impl Machine<'_> {
    /// Sends a task straight to a step.
    pub(super) fn send_to(&mut self, task: TaskId, node: &str) -> Result<(), ExecError> {
        let open = self.persons(task)?.clone();
        let plan = plan(self.model, &self.state, task, node)?;
        let rests = self.state.token(plan.token).map(|token| token.path.clone());
        let mut path = rests.unwrap_or_default();
        self.hand_in(&open);
        self.cancel_token(plan.token);
        if !matches!(plan.others, Others::Stay) {
            self.cancel_under(&[], plan.scope);
            path.clear();
        }
        if let Others::Done(filled) = &plan.others {
            for (join, flows) in filled {
                // As if a split had led here, so that nobody is returned into it once its branches have met.
                let split = self.state.number();
                for (branch, flow) in (1..).zip(flows) {
                    let mut beside = path.clone();
                    beside.push(Branch { split, branch });
                    let id = self.state.number();
                    self.state.tokens.push(Token {
                        id,
                        node: self.node(*join)?.id.clone(),
                        flow: Some(self.flow(*flow)?.id.clone()),
                        path: beside,
                        scope: plan.scope,
                        then: Vec::new(),
                    });
                }
                path.push(Branch { split, branch: 0 });
            }
        }
        self.begin(plan.at, path, plan.scope)
    }
}

/// How a task can be sent to a step: the first way from which the process can always be brought to an end.
fn plan(model: &Model, state: &State, task: TaskId, node: &str) -> Result<Plan, ExecError> {
    let refused = || ExecError::NotPossible {
        zh: "不能直接送到这个环节：流程会走不到结束，或它在另一个子流程里",
        en: "it cannot be sent straight to this step: the process could not end from there, or it lies in another sub-process",
    };
    let open = returnable(state, task).ok_or(ExecError::TaskNotOpen(task))?;
    let at = model.node_index.get(node).copied().ok_or_else(refused)?;
    let step = model.nodes.get(at).filter(|step| may_be_sent_to(model, step));
    let step = step.filter(|step| step.id != open.node).ok_or_else(refused)?;
    let (scope, token) =
        place(state, open.token, levels(state, open).len(), &step.scope).ok_or_else(refused)?;
    let others: Vec<&Token> =
        state.tokens.iter().filter(|other| other.scope == scope && other.id != token).collect();
    let entry = step.incoming.first().copied().ok_or_else(refused)?;
    let stay = others.iter().map(|token| flow_of(model, token)).collect::<Option<Vec<usize>>>();
    if stay.is_some_and(|stay| sound(model, entry, &stay)) {
        return Ok(Plan { token, scope, at, others: Others::Stay });
    }
    if sound(model, entry, &[]) {
        return Ok(Plan { token, scope, at, others: Others::Go });
    }
    let filled = missing(model, at, &step.scope);
    let flows: Vec<usize> = filled.iter().flat_map(|(_, flows)| flows).copied().collect();
    if sound(model, entry, &flows) {
        return Ok(Plan { token, scope, at, others: Others::Done(filled) });
    }
    Err(refused())
}

/// Work, in a scope whose steps have an order, which nothing but a flow begins.
fn may_be_sent_to(model: &Model, step: &Node) -> bool {
    let in_order = model.node(&step.scope).is_none_or(|outer| outer.kind != NodeKind::AdHoc);
    step.kind.is_activity()
        && step.kind != NodeKind::EventSubProcess
        && !step.undoes
        && step.start_quantity == 1
        && in_order
}

/// The scope around a token in which steps of this name are, and the token that moves there.
fn place(state: &State, token: u64, levels: usize, steps: &str) -> Option<(u64, u64)> {
    let mut at = token;
    for _ in 0..levels {
        let scope = state.scope(state.token(at)?.scope)?;
        if scope.steps == steps {
            return Some((scope.id, at));
        }
        at = scope.token?;
    }
    None
}

/// The flow on which a token counts as resting.
fn flow_of(model: &Model, token: &Token) -> Option<usize> {
    if let Some(flow) = &token.flow {
        return model.flows.iter().position(|one| one.id == *flow);
    }
    model.node(token.place())?.incoming.first().copied()
}

fn sound(model: &Model, entry: usize, others: &[usize]) -> bool {
    let mut first = Marking::from([(entry, 1)]);
    for flow in others {
        if first.insert(*flow, 1).is_some() {
            return false;
        }
    }
    goes_on(model, first)
}

/// Parallel joins that a step reaches but alone cannot fill, the farthest first, and the ways in that stay empty.
fn missing(model: &Model, at: usize, scope: &str) -> Vec<(usize, Vec<usize>)> {
    let mut missing = Vec::new();
    for (distance, join) in nearest_first(model, at).into_iter().enumerate() {
        let Some(node) = model.nodes.get(join).filter(|node| node.scope == scope) else { continue };
        if node.kind != NodeKind::Parallel || node.incoming.len() < 2 {
            continue;
        }
        let seen = reachable(model, [at], |node| node == join);
        let real = |flow: &usize| {
            let source = model.flows.get(*flow).map_or(usize::MAX, |flow| flow.from);
            seen.get(source).copied().unwrap_or(false)
        };
        let empty: Vec<usize> = node.incoming.iter().filter(|flow| !real(flow)).copied().collect();
        if node.incoming.iter().any(real) && !empty.is_empty() {
            missing.push((distance, join, empty));
        }
    }
    missing.sort_by_key(|(distance, ..)| std::cmp::Reverse(*distance));
    missing.into_iter().map(|(_, join, empty)| (join, empty)).collect()
}

/// The nodes a node leads to, in the order of the steps they are away.
fn nearest_first(model: &Model, at: usize) -> Vec<usize> {
    let mut found = vec![at];
    let mut next = 0;
    while let Some(node) = found.get(next).and_then(|at| model.nodes.get(*at)) {
        for (_, flow) in model.out(node) {
            if !found.contains(&flow.to) {
                found.push(flow.to);
            }
        }
        next += 1;
    }
    found
}

/// Whether the tokens of every scope of a state can go on to an end.
pub(super) fn state_goes_on(model: &Model, state: &State) -> bool {
    state.scopes.iter().all(|scope| {
        let tokens: Vec<&Token> =
            state.tokens.iter().filter(|token| token.scope == scope.id).collect();
        let known = tokens.iter().filter_map(|token| flow_of(model, token));
        let mut first = Marking::new();
        known.for_each(|flow| *first.entry(flow).or_insert(0) += 1);
        first.values().all(|count| *count == 1) && goes_on(model, first)
    })
}
