//! Words and small parts that several pages of the designer share.

use maud::{Markup, html};
use zhengtong_base::Lang;
use zhengtong_bpmn::{Finding, Level, Model};
use zhengtong_process::{NodeKind, Picture, Stage, Version, preview};
use zhengtong_ui::lamp::{Light, Tone, bare_lamp, tag};
use zhengtong_ui::panel::{Panel, boxed, flush};
use zhengtong_ui::step::Node;
use zhengtong_ui::strip::{Bounds, Shape, Strip, StripEdge, StripNode, strip};
use zhengtong_ui::table::{Column, Row, Table, code, table};

pub(super) fn waiting(lang: Lang, count: usize) -> String {
    match lang {
        Lang::Zh => format!("{count} 份等批准"),
        Lang::En => format!("{count} to approve"),
    }
}

pub(super) fn stage(lang: Lang, stage: Stage) -> Markup {
    match stage {
        Stage::Draft => tag(Tone::Plain, lang.pick("草稿", "Draft")),
        Stage::Submitted => tag(Tone::Warn, lang.pick("等批准", "Waits for approval")),
        Stage::Published => tag(Tone::Good, lang.pick("已批准", "Approved")),
        Stage::Dropped => tag(Tone::Line, lang.pick("已放弃", "Given up")),
    }
}

/// The beginning of a digest: enough to tell versions apart.
pub(super) fn short(digest: &str) -> String {
    digest.chars().take(8).collect()
}

pub(super) fn source(lang: Lang, version: &Version) -> String {
    use zhengtong_process::Source;
    match (version.source, lang) {
        (Source::File, _) => lang.pick("包里的文件", "File of the pack").to_owned(),
        (Source::Earlier, _) => lang.pick("从前的文件", "An earlier file").to_owned(),
        (Source::Design(number), Lang::Zh) => format!("设计第 {number} 号"),
        (Source::Design(number), Lang::En) => format!("Design {number}"),
    }
}

/// The drawing as the server makes it, with the list that says the same.
pub(super) fn drawing(lang: Lang, model: &Model) -> Markup {
    let picture = preview(model);
    strip(lang, &strip_of(lang, model, &picture))
}

fn strip_of<'a>(lang: Lang, model: &'a Model, picture: &'a Picture) -> Strip<'a> {
    let nodes = picture.nodes.iter().map(|node| StripNode {
        shape: shape(node.kind),
        name: node.name.get(lang).into(),
        note: "".into(),
        bounds: Bounds {
            x: node.bounds.x,
            y: node.bounds.y,
            width: node.bounds.width,
            height: node.bounds.height,
        },
        state: Node::Future,
    });
    let edges = picture.edges.iter().map(|edge| StripEdge {
        points: edge.points.iter().map(|point| (point.x, point.y)).collect(),
        state: Node::Done,
        label: "".into(),
    });
    Strip { label: model.name.as_str().into(), nodes: nodes.collect(), edges: edges.collect() }
}

fn shape(kind: NodeKind) -> Shape {
    match kind {
        NodeKind::Start => Shape::Start,
        NodeKind::End | NodeKind::Terminate => Shape::End,
        NodeKind::Catch | NodeKind::Throw | NodeKind::Boundary => Shape::Event,
        NodeKind::Exclusive | NodeKind::EventBased => Shape::Exclusive,
        NodeKind::Parallel => Shape::Parallel,
        NodeKind::Inclusive | NodeKind::Complex => Shape::Inclusive,
        _ => Shape::Task,
    }
}

/// Every step in a table: who does it, in how many days, what may come of it.
pub(super) fn steps(lang: Lang, model: &Model) -> Markup {
    let rows = model.nodes.iter().map(|node| {
        let name = if node.name.is_empty() { node.id.as_str() } else { node.name.as_str() };
        let does = node.role.as_deref().or(node.action.as_deref()).unwrap_or("—");
        let days = node.days.map_or_else(|| "—".to_owned(), |days| days.to_string());
        let outcomes = if node.outcomes.is_empty() { "—".to_owned() } else { node.outcomes.join(", ") };
        let form = node.form.as_deref();
        Row::new(vec![
            html! { strong { (name) } p.meta { (code(&node.id)) } },
            html! { (kind(lang, node.kind)) },
            html! { (does) },
            html! { (days) },
            html! { (outcomes) },
            html! { @if let Some(form) = form { a href={ "/admin/process/form?id=" (zhengtong_ui::words::encode(form)) } { (form) } } @else { "—" } },
        ])
    });
    let list = Table {
        caption: lang.pick("步骤", "Steps").into(),
        columns: vec![
            Column::head(lang.pick("步骤", "Step")),
            Column::new(lang.pick("种类", "Kind")).tight(),
            Column::new(lang.pick("角色或动作", "Role or action")),
            Column::number(lang.pick("工作日", "Days")).tight(),
            Column::new(lang.pick("结果", "Outcomes")),
            Column::new(lang.pick("表单", "Form")),
        ],
        rows: rows.collect(),
        ..Table::default()
    };
    table(lang, &list)
}

fn kind(lang: Lang, kind: NodeKind) -> &'static str {
    let (zh, en) = match shape(kind) {
        Shape::Start => ("开始", "Start"),
        Shape::End => ("结束", "End"),
        Shape::Event => ("事件", "Event"),
        Shape::Exclusive | Shape::Parallel | Shape::Inclusive => ("网关", "Gateway"),
        Shape::Task if kind == NodeKind::UserTask => ("人员任务", "User task"),
        Shape::Task if kind == NodeKind::ServiceTask => ("平台任务", "Service task"),
        Shape::Task => ("任务", "Task"),
    };
    lang.pick(zh, en)
}

/// What the check found, in its panel.
pub(super) fn found(lang: Lang, heading: &str, found: &[Finding]) -> Markup {
    let panel = Panel::new(heading);
    if found.is_empty() {
        let words = lang.pick("没有发现问题，可以运行。", "Nothing was found; it can run.");
        return boxed(&panel, html! { p { (words) } });
    }
    flush(&panel, findings(lang, found))
}

/// What the check found, as a table with lines.
fn findings(lang: Lang, findings: &[Finding]) -> Markup {
    let rows = findings.iter().map(|one| {
        let level = match one.level {
            Level::Error => bare_lamp(Light::Over, lang.pick("错误", "Error")),
            Level::Warning => bare_lamp(Light::Near, lang.pick("提醒", "Notice")),
        };
        Row::new(vec![
            level,
            code(&one.element),
            html! { (lang.pick(one.zh.as_str(), one.en.as_str())) },
            html! { (one.line) },
        ])
    });
    let list = Table {
        caption: lang.pick("检查发现", "Findings").into(),
        columns: vec![
            Column::new(lang.pick("轻重", "Level")).tight(),
            Column::head(lang.pick("元素", "Element")).tight(),
            Column::new(lang.pick("问题和办法", "What and how to mend")),
            Column::number(lang.pick("行", "Line")).tight(),
        ],
        rows: rows.collect(),
        ..Table::default()
    };
    table(lang, &list)
}
