//! The process strip: the diagram of a process as its author drew it, with what is done, now, stopped and to come, and
//! the same as a list beside it.

use std::fmt::Write as _;

use maud::{Markup, html};
use zhengtong_base::Lang;

use crate::panel::reveal;
use crate::step::{Node, Step, line};
use crate::words::Words;

/// What kind of node it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// A task, a call, a sub-process.
    #[default]
    Task,
    /// Where it starts.
    Start,
    /// Where it ends.
    End,
    /// An event on the way: a message, a timer.
    Event,
    /// One way of several.
    Exclusive,
    /// All ways at once.
    Parallel,
    /// Some of the ways.
    Inclusive,
}

/// A rectangle of the diagram.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bounds {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// One node of the diagram.
#[derive(Clone, Debug, Default)]
pub struct StripNode<'a> {
    /// What kind it is.
    pub shape: Shape,
    /// Its name; may be empty.
    pub name: Words<'a>,
    /// Who and when.
    pub note: Words<'a>,
    /// Where the author drew it.
    pub bounds: Bounds,
    /// How far it is.
    pub state: Node,
}

/// One arrow of the diagram.
#[derive(Clone, Debug, Default)]
pub struct StripEdge<'a> {
    /// Its points from start to end.
    pub points: Vec<(f64, f64)>,
    /// Whether it was walked.
    pub state: Node,
    /// Words beside it; may be empty.
    pub label: Words<'a>,
}

/// A diagram.
#[derive(Clone, Debug, Default)]
pub struct Strip<'a> {
    /// Where things stand, in one sentence.
    pub label: Words<'a>,
    /// The nodes, in the order of the list.
    pub nodes: Vec<StripNode<'a>>,
    /// The arrows.
    pub edges: Vec<StripEdge<'a>>,
}

/// Room around the diagram for notes below nodes.
const MARGIN: f64 = 22.0;
/// Width of one Chinese character in the diagram.
const CHARACTER: f64 = 13.0;

/// Draws the diagram in a region that scrolls, and the list that says the same.
pub fn strip(lang: Lang, strip: &Strip<'_>) -> Markup {
    html! {
        div.strip {
            div.scroll tabindex="0" role="region" aria-label=(lang.pick("流程图，可横向滚动", "Process diagram, scrolls sideways")) {
                (drawing(strip))
            }
            (reveal(lang.pick("看成清单", "As a list"), line(lang, &listed(strip))))
        }
    }
}

fn listed<'a>(strip: &Strip<'a>) -> Vec<Step<'a>> {
    strip
        .nodes
        .iter()
        .filter(|node| !node.name.is_empty() && node.shape == Shape::Task)
        .map(|node| Step::new(node.state, node.name.clone()).note(node.note.clone()))
        .collect()
}

fn drawing(strip: &Strip<'_>) -> Markup {
    let area = area(strip);
    html! {
        svg class=(size(area.width)) width=(area.width) height=(area.height)
            viewBox={ (area.x) " " (area.y) " " (area.width) " " (area.height) } role="img" aria-label=(strip.label) {
            @for edge in &strip.edges { (edge_of(edge)) }
            @for node in &strip.nodes { (node_of(node)) }
        }
    }
}

fn edge_of(edge: &StripEdge<'_>) -> Markup {
    let (class, head) = match edge.state {
        Node::Future => ("strip-edge strip-edge-future", "strip-head-future"),
        _ => ("strip-edge", "strip-head"),
    };
    let middle = edge.points.get(edge.points.len().saturating_sub(1) / 2).copied();
    html! {
        path class=(class) d=(path(&edge.points)) {}
        path class=(head) d=(arrow_head(&edge.points)) {}
        @if !edge.label.is_empty() && let Some((x, y)) = middle {
            text.strip-note x=(x + 8.0) y=(y - 7.0) { (edge.label) }
        }
    }
}

/// Diagrams somewhat wider than the page are drawn smaller, very wide ones scroll.
fn size(width: f64) -> &'static str {
    if (900.0..1300.0).contains(&width) { "strip-drawing strip-fitted" } else { "strip-drawing" }
}

/// The head of an arrow: a triangle at its last point, in the direction of its last piece. Markers would need ids, and
/// ids would clash where a page shows two diagrams.
fn arrow_head(points: &[(f64, f64)]) -> String {
    let [.., (from_x, from_y), (x, y)] = points else { return String::new() };
    let length = (x - from_x).hypot(y - from_y).max(0.01);
    let (along_x, along_y) = ((x - from_x) / length * 9.0, (y - from_y) / length * 9.0);
    let (side_x, side_y) = (-along_y * 0.45, along_x * 0.45);
    format!(
        "M{x:.1} {y:.1}L{:.1} {:.1}L{:.1} {:.1}z",
        x - along_x + side_x,
        y - along_y + side_y,
        x - along_x - side_x,
        y - along_y - side_y
    )
}

fn node_of(node: &StripNode<'_>) -> Markup {
    let Bounds { x, y, width, height } = node.bounds;
    let class = match node.state {
        Node::Done => "strip-node strip-done",
        Node::Now => "strip-node strip-now",
        Node::Stopped => "strip-node strip-stopped",
        Node::Future => "strip-node",
    };
    let (middle, centre) = (x + width / 2.0, y + height / 2.0);
    html! {
        @match node.shape {
            Shape::Task => {
                rect class=(class) x=(x) y=(y) width=(width) height=(height) rx="6" {}
                (name_inside(node, middle, centre))
            }
            Shape::Start | Shape::End | Shape::Event => {
                circle class={ (class) @if node.shape == Shape::End { " strip-end" } } cx=(middle) cy=(centre) r=(width.min(height) / 2.0) {}
                (name_below(node, middle, y + height + 15.0))
            }
            Shape::Exclusive | Shape::Parallel | Shape::Inclusive => {
                path class=(class) d={ "M" (middle) " " (y) "L" (x + width) " " (centre) "L" (middle) " " (y + height) "L" (x) " " (centre) "z" } {}
                (gate_sign(node.shape, middle, centre, width.min(height) / 6.0, node.state))
                (name_below(node, middle, y - 8.0))
            }
        }
        @if !node.note.is_empty() && node.shape == Shape::Task {
            text.strip-note.strip-middle x=(middle) y=(y + height + 16.0) { (node.note) }
        }
    }
}

fn name_inside(node: &StripNode<'_>, middle: f64, centre: f64) -> Markup {
    let lines = wrap(&node.name, node.bounds.width - 12.0);
    let first = centre + 4.5 - (count(lines.len()) - 1.0) * 8.0;
    let class = match node.state {
        Node::Now => "strip-name strip-middle strip-on",
        _ => "strip-name strip-middle",
    };
    html! {
        @for (index, words) in lines.iter().enumerate() {
            text class=(class) x=(middle) y=(first + count(index) * 16.0) { (words) }
        }
        @if node.state == Node::Stopped {
            path.strip-pause d={ "M" (node.bounds.x + 9.0) " " (node.bounds.y + 7.0) "v10m5-10v10" } {}
        }
    }
}

fn name_below(node: &StripNode<'_>, x: f64, y: f64) -> Markup {
    html! { @if !node.name.is_empty() { text.strip-note.strip-middle x=(x) y=(y) { (node.name) } } }
}

fn gate_sign(shape: Shape, x: f64, y: f64, arm: f64, state: Node) -> Markup {
    let class = if state == Node::Now { "strip-sign strip-sign-on" } else { "strip-sign" };
    let two = arm * 2.0;
    html! {
        @match shape {
            Shape::Parallel => path class=(class) d={ "M" (x - arm) " " (y) "h" (two) "M" (x) " " (y - arm) "v" (two) } {},
            Shape::Exclusive => path class=(class) d={ "M" (x - arm) " " (y - arm) "l" (two) " " (two) "m0 -" (two) "l-" (two) " " (two) } {},
            _ => circle class=(class) cx=(x) cy=(y) r=(arm) {},
        }
    }
}

/// The rectangle that holds everything, with room for names and notes.
fn area(strip: &Strip<'_>) -> Bounds {
    let mut corners: Vec<(f64, f64)> =
        strip.edges.iter().flat_map(|edge| edge.points.clone()).collect();
    for node in &strip.nodes {
        let Bounds { x, y, width, height } = node.bounds;
        let words = width_of(&node.note).max(if node.shape == Shape::Task {
            0.0
        } else {
            width_of(&node.name)
        });
        let half = (words / 2.0).max(width / 2.0);
        corners.push((x + width / 2.0 - half, y));
        corners.push((x + width / 2.0 + half, y + height));
    }
    let left = corners.iter().map(|corner| corner.0).fold(f64::INFINITY, f64::min);
    let right = corners.iter().map(|corner| corner.0).fold(f64::NEG_INFINITY, f64::max);
    let top = corners.iter().map(|corner| corner.1).fold(f64::INFINITY, f64::min);
    let bottom = corners.iter().map(|corner| corner.1).fold(f64::NEG_INFINITY, f64::max);
    if !left.is_finite() || !top.is_finite() {
        return Bounds { x: 0.0, y: 0.0, width: 1.0, height: 1.0 };
    }
    Bounds {
        x: left - MARGIN / 2.0,
        y: top - MARGIN,
        width: right - left + MARGIN,
        height: bottom - top + MARGIN * 2.0,
    }
}

fn path(points: &[(f64, f64)]) -> String {
    let mut out = String::new();
    for (index, (x, y)) in points.iter().enumerate() {
        let verb = if index == 0 { 'M' } else { 'L' };
        // Writing to a string cannot fail.
        let _unused = write!(out, "{verb}{x} {y}");
    }
    out
}

/// Breaks a name into at most three lines of the given width.
fn wrap(name: &str, width: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0.0;
    for character in name.chars() {
        let step = width_of_char(character);
        if used + step > width && used > 0.0 && lines.len() < 3 {
            lines.push(String::new());
            used = 0.0;
        }
        used += step;
        if let Some(last) = lines.last_mut() {
            last.push(character);
        }
    }
    lines
}

fn width_of(words: &str) -> f64 {
    words.chars().map(width_of_char).sum()
}

fn width_of_char(character: char) -> f64 {
    if character.is_ascii() { CHARACTER * 0.55 } else { CHARACTER }
}

/// A small count as a length.
fn count(value: usize) -> f64 {
    f64::from(u32::try_from(value).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Strip<'static> {
        let bounds = |x, y, width, height| Bounds { x, y, width, height };
        Strip {
            label: "受理已完成，书面审查正在进行".into(),
            nodes: vec![
                StripNode {
                    shape: Shape::Start,
                    bounds: bounds(0.0, 27.0, 36.0, 36.0),
                    ..StripNode::default()
                },
                StripNode {
                    name: "受理".into(),
                    note: "11-16 周办员".into(),
                    bounds: bounds(86.0, 5.0, 100.0, 80.0),
                    ..StripNode::default()
                },
                StripNode {
                    name: "书面审查".into(),
                    state: Node::Now,
                    bounds: bounds(236.0, 5.0, 100.0, 80.0),
                    ..StripNode::default()
                },
            ],
            edges: vec![StripEdge {
                points: vec![(36.0, 45.0), (86.0, 45.0)],
                ..StripEdge::default()
            }],
        }
    }

    #[test]
    fn draws_what_the_author_drew() {
        insta::assert_snapshot!(strip(Lang::Zh, &sample()).into_string());
    }

    #[test]
    fn an_empty_process_is_no_picture_of_infinity() {
        let html = strip(Lang::Zh, &Strip::default()).into_string();
        assert!(html.contains("viewBox=\"0 0 1 1\""));
    }

    #[test]
    fn long_names_break() {
        assert_eq!(wrap("现场核查和检验检测", 65.0), ["现场核查和", "检验检测"]);
        assert_eq!(wrap("", 65.0), [""]);
    }
}
