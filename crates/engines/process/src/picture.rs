//! The picture of an instance: its model with the tokens, and who did what. Only looked at, never moved.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_bpmn::{Conditions as _, Flow, Model, NodeKind, State};
use zhengtong_db::{Ctx, Thing};

use crate::error::Result;
use crate::feel::{Expressions, Feel};
use crate::layout::diagram_of;
use crate::model::{EdgePicture, NodePicture, Picture, Standing};
use crate::store;
use crate::verbs::title;

/// Who did a node, and when, the latest time.
type Done = BTreeMap<String, (String, OffsetDateTime)>;

/// The process of an instance as a picture with its tokens.
pub async fn picture(ctx: &mut Ctx, id: Uuid) -> Result<Picture> {
    ctx.allow("process.read", &Thing::new("instance", id.to_string()))?;
    let instance = store::instance(ctx.conn(), id)
        .await?
        .ok_or_else(|| zhengtong_db::Error::absent("instance", id.to_string()))?;
    let definition = crate::work::definition(ctx, &instance.digest).await?;
    let mut done = Done::new();
    for (past, at, actor) in store::history(ctx.conn(), id).await? {
        if let Some(node) = past.node {
            done.insert(node, (actor, at));
        }
    }
    for (name, _) in done.values_mut() {
        *name = crate::work::opened_name(ctx, id, std::mem::take(name));
    }
    Ok(draw(&definition.model, &instance.state, &done))
}

/// A definition as a picture without tokens.
pub fn preview(model: &Model) -> Picture {
    let diagram = diagram_of(model);
    let nodes = model.nodes.iter().filter_map(|node| {
        let shape = diagram.shapes.iter().find(|shape| shape.element == node.id)?;
        Some(NodePicture {
            id: node.id.clone(),
            name: title(model, &node.id),
            kind: node.kind,
            bounds: shape.bounds,
            standing: Standing::Future,
            done: None,
        })
    });
    let flows =
        |edge: &&zhengtong_bpmn::Edge| model.flows.iter().any(|flow| flow.id == edge.element);
    let edges = diagram.edges.iter().filter(flows);
    let edges = edges.map(|edge| EdgePicture { points: edge.points.clone(), taken: true });
    Picture { nodes: nodes.collect(), edges: edges.collect() }
}

fn draw(model: &Model, state: &State, done: &Done) -> Picture {
    let diagram = diagram_of(model);
    let standing = |node: &str| {
        if state.open.iter().any(|open| open.node == node) {
            Standing::Now
        } else if passed(model, state, done, node) {
            Standing::Done
        } else {
            Standing::Future
        }
    };
    let nodes = model
        .nodes
        .iter()
        .filter_map(|node| {
            let shape = diagram.shapes.iter().find(|shape| shape.element == node.id)?;
            Some(NodePicture {
                id: node.id.clone(),
                name: title(model, &node.id),
                kind: node.kind,
                bounds: shape.bounds,
                standing: standing(&node.id),
                done: done.get(&node.id).cloned(),
            })
        })
        .collect();
    let edges = diagram
        .edges
        .iter()
        .filter_map(|edge| {
            let flow = model.flows.iter().find(|flow| flow.id == edge.element)?;
            let taken = standing(&flow.target) != Standing::Future
                && walked(model, state, done, flow, &mut BTreeSet::new());
            Some(EdgePicture { points: edge.points.clone(), taken })
        })
        .collect();
    Picture { nodes, edges }
}

/// Tasks were passed when they were done; a gateway when a task before it was done and the instance went on
/// from it; an end when the way that leads to it was the one that was taken.
fn passed(model: &Model, state: &State, done: &Done, node: &str) -> bool {
    let Some(kind) = model.node(node).map(|node| node.kind) else { return false };
    match kind {
        NodeKind::Start => true,
        kind if kind.is_activity() && !kind.is_scope() => done.contains_key(node),
        _ => model
            .flows
            .iter()
            .filter(|flow| flow.target == node)
            .any(|flow| walked(model, state, done, flow, &mut BTreeSet::new())),
    }
}

/// Whether a token came along a flow: what it leaves was passed, and its condition held for the outcome of the
/// task before it.
fn walked(
    model: &Model,
    state: &State,
    done: &Done,
    flow: &Flow,
    seen: &mut BTreeSet<String>,
) -> bool {
    let Some(source) = model.node(&flow.source) else { return false };
    if source.kind == NodeKind::Start || done.contains_key(&flow.source) {
        return true;
    }
    if !source.kind.is_gateway() || !seen.insert(flow.id.clone()) {
        return false;
    }
    let came = model
        .flows
        .iter()
        .filter(|before| before.target == flow.source)
        .any(|before| walked(model, state, done, before, seen));
    came && chosen(model, state, done, flow)
}

/// Whether a gateway chose this flow.
fn chosen(model: &Model, state: &State, done: &Done, flow: &Flow) -> bool {
    if model.node(&flow.source).is_some_and(|node| node.kind == NodeKind::Parallel) {
        return true;
    }
    let holds = |flow: &Flow| {
        flow.condition.as_deref().is_some_and(|condition| {
            let feel = Feel { expressions: &Expressions::default(), lenient: true };
            feel.holds(condition, &vars_at(model, state, done, &flow.source)).unwrap_or(false)
        })
    };
    let default = model.node(&flow.source).and_then(|node| node.default.as_deref());
    if default == Some(flow.id.as_str()) {
        return !model.flows.iter().filter(|other| other.source == flow.source).any(holds);
    }
    flow.condition.is_none() || holds(flow)
}

/// The variables as they were at a gateway: the outcome is that of the task before it.
fn vars_at(
    model: &Model,
    state: &State,
    done: &Done,
    gateway: &str,
) -> serde_json::Map<String, Value> {
    let mut vars = state.variables.clone();
    let before = model
        .flows
        .iter()
        .find(|flow| flow.target == gateway && done.contains_key(&flow.source))
        .map(|flow| flow.source.as_str());
    let outcome = before
        .and_then(|task| vars.get("outcomes").and_then(|outcomes| outcomes.get(task)))
        .cloned();
    if let Some(outcome) = outcome {
        vars.insert("outcome".to_owned(), outcome);
    }
    vars
}
