//! The process of a case as a strip: what is done, now, stopped and to come.

use zhengtong_base::Lang;
use zhengtong_calendar::china_date;
use zhengtong_http::short;
use zhengtong_process::{NodeKind, NodePicture, Picture, Standing};
use zhengtong_ui::step::Node;
use zhengtong_ui::strip::{Bounds, Shape, Strip, StripEdge, StripNode};

/// The strip of a picture; where the clock stands still, the present node is drawn as stopped.
pub(crate) fn strip_of(lang: Lang, picture: &Picture, stopped: bool) -> Strip<'_> {
    Strip {
        label: label(lang, picture, stopped).into(),
        nodes: picture.nodes.iter().map(|node| strip_node(lang, node, stopped)).collect(),
        edges: picture
            .edges
            .iter()
            .map(|edge| StripEdge {
                points: edge.points.iter().map(|point| (point.x, point.y)).collect(),
                state: if edge.taken { Node::Done } else { Node::Future },
                label: "".into(),
            })
            .collect(),
    }
}

fn strip_node(lang: Lang, node: &NodePicture, stopped: bool) -> StripNode<'_> {
    let note = node
        .done
        .as_ref()
        .map_or_else(String::new, |(who, at)| format!("{} {who}", short(china_date(*at))));
    StripNode {
        shape: shape(node.kind),
        name: node.name.get(lang).into(),
        note: note.into(),
        bounds: Bounds {
            x: node.bounds.x,
            y: node.bounds.y,
            width: node.bounds.width,
            height: node.bounds.height,
        },
        state: match node.standing {
            Standing::Done => Node::Done,
            Standing::Now if stopped => Node::Stopped,
            Standing::Now => Node::Now,
            Standing::Future => Node::Future,
        },
    }
}

fn shape(kind: NodeKind) -> Shape {
    match kind {
        NodeKind::Start | NodeKind::Catch | NodeKind::Throw | NodeKind::Boundary => Shape::Start,
        NodeKind::End | NodeKind::Terminate => Shape::End,
        NodeKind::Exclusive | NodeKind::EventBased => Shape::Exclusive,
        NodeKind::Parallel => Shape::Parallel,
        NodeKind::Inclusive | NodeKind::Complex => Shape::Inclusive,
        NodeKind::Task
        | NodeKind::UserTask
        | NodeKind::ManualTask
        | NodeKind::ServiceTask
        | NodeKind::RuleTask
        | NodeKind::SendTask
        | NodeKind::ReceiveTask
        | NodeKind::SubProcess
        | NodeKind::Transaction
        | NodeKind::AdHoc
        | NodeKind::EventSubProcess
        | NodeKind::Call => Shape::Task,
    }
}

/// Where things stand, in one sentence.
fn label(lang: Lang, picture: &Picture, stopped: bool) -> String {
    let names = |standing: Standing| -> Vec<&str> {
        picture
            .nodes
            .iter()
            .filter(|node| node.standing == standing && shape(node.kind) == Shape::Task)
            .map(|node| node.name.get(lang))
            .filter(|name| !name.is_empty())
            .collect()
    };
    let now = if stopped {
        lang.pick("停钟", "stopped")
    } else {
        lang.pick("正在进行", "under way")
    };
    let comma = lang.pick("、", ", ");
    let parts: Vec<String> = [
        (Standing::Done, lang.pick("已完成", "done")),
        (Standing::Now, now),
        (Standing::Future, lang.pick("还没到", "to come")),
    ]
    .into_iter()
    .map(|(standing, words)| (names(standing), words))
    .filter(|(names, _)| !names.is_empty())
    .map(|(names, words)| match lang {
        Lang::Zh => format!("{}{words}", names.join(comma)),
        Lang::En => format!("{} {words}", names.join(comma)),
    })
    .collect();
    format!("{}{}", lang.pick("流程：", "Process: "), parts.join(lang.pick("；", "; ")))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;
    use zhengtong_base::Text;

    use super::*;

    fn node(id: &str, zh: &str, kind: NodeKind, standing: Standing) -> NodePicture {
        NodePicture {
            id: id.to_owned(),
            name: Text::new(zh, id),
            kind,
            bounds: zhengtong_process::Bounds { x: 0.0, y: 0.0, width: 96.0, height: 48.0 },
            standing,
            done: (standing == Standing::Done)
                .then(|| ("周办员".to_owned(), datetime!(2026-11-16 17:00 UTC))),
        }
    }

    fn picture() -> Picture {
        Picture {
            nodes: vec![
                node("start", "", NodeKind::Start, Standing::Done),
                node("accept", "受理", NodeKind::UserTask, Standing::Done),
                node("review", "书面审查", NodeKind::UserTask, Standing::Now),
                node("decide", "决定", NodeKind::UserTask, Standing::Future),
            ],
            edges: Vec::new(),
        }
    }

    #[test]
    fn the_strip_says_who_did_what_on_which_day_in_china() {
        let picture = picture();
        let strip = strip_of(Lang::Zh, &picture, false);
        assert_eq!(strip.label, "流程：受理已完成；书面审查正在进行；决定还没到");
        assert_eq!(strip.nodes[1].note, "11-17 周办员");
        assert_eq!(strip.nodes[2].state, Node::Now);
        assert_eq!(strip.nodes[0].shape, Shape::Start);
    }

    #[test]
    fn a_stopped_clock_shows_on_the_present_node_only() {
        let picture = picture();
        let strip = strip_of(Lang::En, &picture, true);
        let states: Vec<Node> = strip.nodes.iter().map(|node| node.state).collect();
        assert_eq!(states, [Node::Done, Node::Done, Node::Stopped, Node::Future]);
        assert_eq!(strip.label, "Process: accept done; review stopped; decide to come");
    }
}
