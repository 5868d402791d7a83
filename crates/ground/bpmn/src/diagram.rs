//! The drawing of a process: where each node and flow lies, kept as data so that pages can draw it.

use serde::Serialize;

use crate::xml::{Element, Space};

/// Shapes and edges of the drawing.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Diagram {
    /// Nodes, lanes, pools and notes.
    pub shapes: Vec<Shape>,
    /// Flows and associations.
    pub edges: Vec<Edge>,
}

/// Where an element lies.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shape {
    /// Id of the element drawn.
    pub element: String,
    /// Its place.
    pub bounds: Bounds,
    /// The place of its label, if that is not its own.
    pub label: Option<Bounds>,
    /// Whether a lane or pool lies flat.
    pub horizontal: Option<bool>,
}

/// How a flow runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Edge {
    /// Id of the flow drawn.
    pub element: String,
    /// The corners, at least two.
    pub points: Vec<Point>,
    /// The place of its label.
    pub label: Option<Bounds>,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bounds {
    /// Left.
    pub x: f64,
    /// Top.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// A point.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

impl Diagram {
    /// The outermost rectangle, for the view box of a picture.
    pub fn extent(&self) -> Option<Bounds> {
        let corners = self.shapes.iter().flat_map(|shape| {
            let all = [Some(shape.bounds), shape.label];
            all.into_iter().flatten().flat_map(|at| {
                [Point { x: at.x, y: at.y }, Point { x: at.x + at.width, y: at.y + at.height }]
            })
        });
        let points: Vec<Point> =
            corners.chain(self.edges.iter().flat_map(|edge| edge.points.iter().copied())).collect();
        let first = points.first()?;
        let (mut low, mut high) = (*first, *first);
        for point in &points {
            low = Point { x: low.x.min(point.x), y: low.y.min(point.y) };
            high = Point { x: high.x.max(point.x), y: high.y.max(point.y) };
        }
        Some(Bounds { x: low.x, y: low.y, width: high.x - low.x, height: high.y - low.y })
    }

    /// Reads a `BPMNDiagram`; calls `broken` for each part without a usable place.
    pub(crate) fn read(&mut self, diagram: &Element, broken: &mut dyn FnMut(&Element)) {
        let planes = diagram.children.iter().filter(|child| child.is(Space::BpmnDi, "BPMNPlane"));
        for part in planes.flat_map(|plane| &plane.children) {
            let Some(element) = part.attribute("bpmnElement").map(ToOwned::to_owned) else {
                continue;
            };
            if part.is(Space::BpmnDi, "BPMNShape") {
                match bounds_in(part) {
                    Some(bounds) => self.shapes.push(Shape {
                        element,
                        bounds,
                        label: label_of(part),
                        horizontal: part.attribute("isHorizontal").map(|text| text == "true"),
                    }),
                    None => broken(part),
                }
            } else if part.is(Space::BpmnDi, "BPMNEdge") {
                let waypoints =
                    part.children.iter().filter(|child| child.is(Space::Di, "waypoint"));
                let points: Option<Vec<Point>> = waypoints.map(point_of).collect();
                match points.filter(|points| points.len() >= 2) {
                    Some(points) => {
                        self.edges.push(Edge { element, points, label: label_of(part) });
                    }
                    None => broken(part),
                }
            }
        }
    }
}

fn label_of(part: &Element) -> Option<Bounds> {
    part.children.iter().find(|child| child.is(Space::BpmnDi, "BPMNLabel")).and_then(bounds_in)
}

fn bounds_in(part: &Element) -> Option<Bounds> {
    let bounds = part.children.iter().find(|child| child.is(Space::Dc, "Bounds"))?;
    Some(Bounds {
        x: number(bounds, "x")?,
        y: number(bounds, "y")?,
        width: number(bounds, "width").filter(|width| *width >= 0.0)?,
        height: number(bounds, "height").filter(|height| *height >= 0.0)?,
    })
}

fn point_of(waypoint: &Element) -> Option<Point> {
    Some(Point { x: number(waypoint, "x")?, y: number(waypoint, "y")? })
}

fn number(element: &Element, name: &str) -> Option<f64> {
    let number: f64 = element.attribute(name)?.trim().parse().ok()?;
    (number.is_finite() && number.abs() < 1e6).then_some(number)
}
