//! Where the nodes of a model lie that was written without a drawing: columns along the flow, rows for its branches.

use std::borrow::Cow;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use zhengtong_bpmn::{Bounds, Diagram, Edge, Model, Node, NodeKind, Point, Shape};

/// Room between two columns.
const GAP_X: f64 = 56.0;
/// Room between two rows.
const GAP_Y: f64 = 44.0;
/// Room around the steps of a sub-process.
const INSET: f64 = 30.0;
/// Sub-processes inside each other that are laid out.
const DEPTH_MAX: usize = 16;

/// The drawing of a model: its author's, or one made here where the author drew none.
pub(crate) fn diagram_of(model: &Model) -> Cow<'_, Diagram> {
    let drawn = |node: &Node| model.diagram.shapes.iter().any(|shape| shape.element == node.id);
    if model.nodes.iter().any(drawn) {
        return Cow::Borrowed(&model.diagram);
    }
    let mut plan = Plan { model, places: BTreeMap::new() };
    plan.scope(&model.id, Point { x: 0.0, y: 0.0 }, 0);
    Cow::Owned(plan.diagram())
}

struct Plan<'m> {
    model: &'m Model,
    places: BTreeMap<&'m str, Bounds>,
}

impl<'m> Plan<'m> {
    /// Lays out the steps of a process or sub-process from a corner on; the size it takes.
    fn scope(&mut self, scope: &str, corner: Point, depth: usize) -> (f64, f64) {
        let steps: Vec<&'m Node> = self
            .model
            .nodes
            .iter()
            .filter(|node| node.scope == scope && node.kind != NodeKind::Boundary)
            .collect();
        let columns = self.columns(&steps);
        let last = columns.values().copied().max().unwrap_or(0);
        let sizes: BTreeMap<&str, (f64, f64)> =
            steps.iter().map(|node| (node.id.as_str(), self.size(node, depth))).collect();
        let size = |node: &Node| sizes.get(node.id.as_str()).copied().unwrap_or((100.0, 80.0));
        let mut x = corner.x;
        let mut height = 0.0_f64;
        for column in 0..=last {
            let here: Vec<&&Node> = steps
                .iter()
                .filter(|node| columns.get(node.id.as_str()) == Some(&column))
                .collect();
            let width = here.iter().map(|node| size(node).0).fold(0.0, f64::max);
            let mut y = corner.y;
            for node in here {
                let (wide, high) = size(node);
                let row = high.max(80.0);
                // What is small stands in the middle of its row and column, so that lines run straight.
                let bounds = Bounds {
                    x: x + (width - wide) / 2.0,
                    y: y + (row - high) / 2.0,
                    width: wide,
                    height: high,
                };
                self.places.insert(&node.id, bounds);
                if node.kind.is_scope() && depth < DEPTH_MAX {
                    let inner = Point { x: bounds.x + INSET, y: bounds.y + INSET };
                    self.scope(&node.id, inner, depth + 1);
                }
                y += row + GAP_Y;
            }
            height = height.max(y - corner.y - GAP_Y);
            x += width + GAP_X;
        }
        self.beside(scope);
        (x - corner.x - GAP_X, height)
    }

    /// Events beside an activity stand on its lower edge.
    fn beside(&mut self, scope: &str) {
        let mut taken: BTreeMap<&str, f64> = BTreeMap::new();
        for node in self.model.nodes.iter().filter(|node| node.scope == scope) {
            let Some(host) = node.attached.as_deref() else { continue };
            let Some(at) = self.places.get(host).copied() else { continue };
            let left = taken.entry(host).or_insert(10.0);
            let (x, y) = (at.x + *left, at.y + at.height - 18.0);
            self.places.insert(&node.id, Bounds { x, y, width: 36.0, height: 36.0 });
            *left += 44.0;
        }
    }

    /// The column of each step: one further than the furthest before it, flows that lead back left out.
    fn columns(&self, steps: &[&'m Node]) -> BTreeMap<&'m str, usize> {
        let mut columns: BTreeMap<&'m str, usize> =
            steps.iter().map(|node| (node.id.as_str(), 0)).collect();
        let ways: Vec<(&str, &str)> = self
            .model
            .flows
            .iter()
            .map(|flow| (self.from(&flow.source), flow.target.as_str()))
            .filter(|(from, to)| {
                columns.contains_key(from) && columns.contains_key(to) && from != to
            })
            .collect();
        let order = order(steps, &ways);
        let back =
            |from: &str, to: &str| order.get(to) <= order.get(from) && reaches(&ways, to, from);
        let forward: Vec<(&str, &str)> =
            ways.iter().copied().filter(|(from, to)| !back(from, to)).collect();
        for _round in 0..steps.len() {
            let mut settled = true;
            for (from, to) in &forward {
                let next = columns.get(from).copied().unwrap_or(0) + 1;
                if let Some(column) = columns.get_mut(to)
                    && *column < next
                    && next <= steps.len()
                {
                    *column = next;
                    settled = false;
                }
            }
            if settled {
                break;
            }
        }
        columns
    }

    /// A flow out of an event beside an activity leads on from the activity.
    fn from(&self, source: &'m str) -> &'m str {
        self.model.node(source).and_then(|node| node.attached.as_deref()).unwrap_or(source)
    }

    fn size(&mut self, node: &'m Node, depth: usize) -> (f64, f64) {
        if node.kind.is_scope() && node.kind != NodeKind::Call && depth < DEPTH_MAX {
            let (width, height) = self.scope(&node.id, Point { x: 0.0, y: 0.0 }, depth + 1);
            return (width.max(40.0) + 2.0 * INSET, height.max(20.0) + 2.0 * INSET);
        }
        if node.kind.is_activity() {
            (100.0, 80.0)
        } else if node.kind.is_gateway() {
            (50.0, 50.0)
        } else {
            (36.0, 36.0)
        }
    }

    fn diagram(&self) -> Diagram {
        let shapes = self.model.nodes.iter().filter_map(|node| {
            let bounds = *self.places.get(node.id.as_str())?;
            Some(Shape { element: node.id.clone(), bounds, label: None, horizontal: None })
        });
        let edges = self.model.flows.iter().filter_map(|flow| {
            let from = *self.places.get(flow.source.as_str())?;
            let to = *self.places.get(flow.target.as_str())?;
            Some(Edge { element: flow.id.clone(), points: bends(from, to), label: None })
        });
        Diagram { shapes: shapes.collect(), edges: edges.collect() }
    }
}

/// The order in which steps are first reached. A flow that leads back to an earlier one closes a circle.
fn order<'m>(steps: &[&'m Node], ways: &[(&'m str, &'m str)]) -> BTreeMap<&'m str, usize> {
    let mut order = BTreeMap::new();
    let entered: BTreeSet<&str> = ways.iter().map(|(_, to)| *to).collect();
    let ids = || steps.iter().map(|node| node.id.as_str());
    let mut open: VecDeque<&'m str> = ids().filter(|id| !entered.contains(id)).collect();
    // Where everything lies in one circle, the file says where it begins.
    open.extend(ids().next());
    while let Some(node) = open.pop_front() {
        let next = order.len();
        if let Entry::Vacant(place) = order.entry(node) {
            place.insert(next);
            open.extend(ways.iter().filter(|(from, _)| *from == node).map(|(_, to)| *to));
        }
    }
    order
}

/// Whether one step leads to another.
fn reaches(ways: &[(&str, &str)], start: &str, goal: &str) -> bool {
    let mut open = vec![start];
    let mut seen = BTreeSet::new();
    while let Some(node) = open.pop() {
        if node == goal {
            return true;
        }
        if seen.insert(node) {
            open.extend(ways.iter().filter(|(from, _)| *from == node).map(|(_, to)| *to));
        }
    }
    false
}

/// The corners of a flow: straight, around one corner, or below everything on its way back.
fn bends(from: Bounds, to: Bounds) -> Vec<Point> {
    let point = |x: f64, y: f64| Point { x, y };
    let (right, left) = (from.x + from.width, to.x);
    let (start, end) = (from.y + from.height / 2.0, to.y + to.height / 2.0);
    if left >= right {
        let middle = left - GAP_X / 2.0;
        if (start - end).abs() < 1.0 {
            return vec![point(right, start), point(left, end)];
        }
        return vec![
            point(right, start),
            point(middle, start),
            point(middle, end),
            point(left, end),
        ];
    }
    let below = (from.y + from.height).max(to.y + to.height) + GAP_Y / 2.0;
    let (out, into) = (from.x + from.width / 2.0, to.x + to.width / 2.0);
    vec![
        point(out, from.y + from.height),
        point(out, below),
        point(into, below),
        point(into, to.y + to.height),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: &str = include_str!("../tests/fixtures/bare.bpmn");

    #[test]
    fn a_model_without_a_drawing_gets_one_in_which_nothing_lies_on_anything() {
        let model = Model::parse(BARE).unwrap();
        assert!(model.diagram.shapes.is_empty());
        let diagram = diagram_of(&model);
        assert_eq!(diagram.shapes.len(), model.nodes.len());
        assert_eq!(diagram.edges.len(), model.flows.len());
        let place = |id: &str| diagram.shapes.iter().find(|one| one.element == id).unwrap().bounds;
        for one in &model.nodes {
            for other in &model.nodes {
                let (a, b) = (place(&one.id), place(&other.id));
                let apart = a.x + a.width <= b.x
                    || b.x + b.width <= a.x
                    || a.y + a.height <= b.y
                    || b.y + b.height <= a.y;
                let nested = one.scope == other.id || other.scope == one.id;
                let beside = one.attached.is_some() || other.attached.is_some();
                assert!(
                    one.id == other.id || apart || nested || beside,
                    "{} on {}",
                    one.id,
                    other.id
                );
            }
        }
        // Along the flow, and back again without a new column.
        assert!(place("start").x < place("accept").x && place("accept").x < place("gate").x);
        assert!(place("gate").x < place("issue").x && place("issue").x < place("done").x);
        assert!((place("correct").x - place("issue").x).abs() < 1.0);
    }

    #[test]
    fn a_drawing_of_the_author_is_left_alone() {
        let model = Model::parse(include_str!("../tests/fixtures/licence.bpmn")).unwrap();
        let drawn = diagram_of(&model);
        assert_eq!(model.diagram.shapes.is_empty(), matches!(drawn, Cow::Owned(_)));
    }
}
