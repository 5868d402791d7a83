//! Reachability over the nodes of a model.

use crate::model::Model;

/// Which nodes can be reached from some nodes, themselves included, without entering those that are `barred`.
pub(crate) fn reachable(
    model: &Model,
    from: impl IntoIterator<Item = usize>,
    barred: impl Fn(usize) -> bool,
) -> Vec<bool> {
    walk(model, from, barred, |model, node| {
        model
            .nodes
            .get(node)
            .map_or_else(Vec::new, |node| model.out(node).map(|(_, flow)| flow.to).collect())
    })
}

/// Which nodes lead to some nodes, themselves included.
pub(crate) fn leading_to(model: &Model, to: impl IntoIterator<Item = usize>) -> Vec<bool> {
    walk(
        model,
        to,
        |_| false,
        |model, node| {
            let flows = model.nodes.get(node).map(|node| node.incoming.iter());
            flows
                .into_iter()
                .flatten()
                .filter_map(|at| model.flows.get(*at).map(|flow| flow.from))
                .collect()
        },
    )
}

fn walk(
    model: &Model,
    from: impl IntoIterator<Item = usize>,
    barred: impl Fn(usize) -> bool,
    next: impl Fn(&Model, usize) -> Vec<usize>,
) -> Vec<bool> {
    let mut seen = vec![false; model.nodes.len()];
    let mut open: Vec<usize> = from.into_iter().collect();
    while let Some(at) = open.pop() {
        if let Some(mark) = seen.get_mut(at)
            && !*mark
            && !barred(at)
        {
            *mark = true;
            open.extend(next(model, at));
        }
    }
    seen
}

/// Whether the inclusive join `gate` must still wait: some token elsewhere can reach a way in that is empty and none that is
/// filled, without passing the gateway itself (BPMN 2.0, 13.4.3).
///
/// `filled` says which flows into the gateway hold a token; `elsewhere` are the nodes where other tokens stand or arrive.
pub(crate) fn must_wait(
    model: &Model,
    gate: usize,
    filled: impl Fn(usize) -> bool,
    elsewhere: impl IntoIterator<Item = usize>,
) -> bool {
    let Some(node) = model.nodes.get(gate) else { return false };
    elsewhere.into_iter().any(|start| {
        let seen = reachable(model, [start], |at| at == gate);
        let (mut empty_ahead, mut filled_ahead) = (false, false);
        for flow in &node.incoming {
            let source = model.flows.get(*flow).map_or(usize::MAX, |flow| flow.from);
            if seen.get(source).copied().unwrap_or(false) {
                if filled(*flow) {
                    filled_ahead = true;
                } else {
                    empty_ahead = true;
                }
            }
        }
        empty_ahead && !filled_ahead
    })
}
