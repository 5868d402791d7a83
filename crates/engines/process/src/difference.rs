//! What one version of a definition changes against another, element by element.

use serde_json::Value;
use zhengtong_base::Text;
use zhengtong_bpmn::{Flow, Lane, Model, Node};

use crate::sheet::{Sheet, sheets};

/// How an element changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Changed {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It means something else.
    Altered,
    /// It means the same and is drawn elsewhere.
    Moved,
}

impl Changed {
    /// The word for scripts and styles.
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Altered => "altered",
            Self::Moved => "moved",
        }
    }
}

/// One property that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// The property.
    pub what: Text,
    /// What it was; empty for nothing.
    pub before: String,
    /// What it is; empty for nothing.
    pub after: String,
}

/// One element that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its id.
    pub element: String,
    /// Its name, the new one where it has one.
    pub name: String,
    /// What it is.
    pub kind: Text,
    /// How it changed.
    pub changed: Changed,
    /// The properties that changed.
    pub details: Vec<Detail>,
}

/// The differences from one model to another: first what is new, then what is gone, altered and moved.
pub fn difference(before: &Model, after: &Model) -> Vec<Change> {
    let mut changes = Vec::new();
    compare(&nodes(before), &nodes(after), &mut changes);
    compare(&flows(before), &flows(after), &mut changes);
    compare(&lanes(before), &lanes(after), &mut changes);
    if before.name != after.name {
        changes.push(Change {
            element: after.id.clone(),
            name: after.name.clone(),
            kind: Text::new("流程", "Process"),
            changed: Changed::Altered,
            details: vec![detail(&NAME, &before.name, &after.name)],
        });
    }
    moved(before, after, &mut changes);
    changes.sort_by_key(|one| one.changed);
    changes
}

/// An element reduced to what is compared.
struct Part<'a> {
    id: &'a str,
    name: &'a str,
    kind: (&'static str, &'static str),
    values: Vec<(Words, String)>,
}

type Words = (&'static str, &'static str);

const NAME: Words = ("名称", "Name");

fn compare(before: &[Part<'_>], after: &[Part<'_>], changes: &mut Vec<Change>) {
    let change = |part: &Part<'_>, changed, details| Change {
        element: part.id.to_owned(),
        name: part.name.to_owned(),
        kind: Text::new(part.kind.0, part.kind.1),
        changed,
        details,
    };
    for part in after {
        match before.iter().find(|old| old.id == part.id) {
            None => changes.push(change(part, Changed::Added, Vec::new())),
            Some(old) => {
                let pairs = old.values.iter().zip(&part.values);
                let details: Vec<Detail> = pairs
                    .filter(|((_, old), (_, new))| old != new)
                    .map(|((what, old), (_, new))| detail(what, old, new))
                    .collect();
                if !details.is_empty() {
                    changes.push(change(part, Changed::Altered, details));
                }
            }
        }
    }
    for part in before.iter().filter(|part| after.iter().all(|new| new.id != part.id)) {
        changes.push(change(part, Changed::Removed, Vec::new()));
    }
}

fn detail(what: &Words, before: &str, after: &str) -> Detail {
    Detail { what: Text::new(what.0, what.1), before: before.to_owned(), after: after.to_owned() }
}

fn nodes(model: &Model) -> Vec<Part<'_>> {
    model.nodes.iter().map(node).collect()
}

fn node(node: &Node) -> Part<'_> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let values = vec![
        (("种类", "Kind"), plain(&node.kind)),
        (NAME, node.name.clone()),
        (("说明", "Documentation"), node.documentation.clone()),
        (("办理角色", "Role"), text(&node.role)),
        (
            ("办理时限（工作日）", "Working days"),
            node.days.map(|days| days.to_string()).unwrap_or_default(),
        ),
        (("办理结果", "Outcomes"), node.outcomes.join(",")),
        (("动作", "Action"), text(&node.action)),
        (("通知", "Notice"), text(&node.notice)),
        (("表单", "Form"), text(&node.form)),
        (("默认流", "Default flow"), text(&node.default)),
        (("事件", "Event"), plain_list(&node.triggers)),
        (("依附于", "Attached to"), text(&node.attached)),
        (("打断", "Interrupts"), node.interrupting.to_string()),
        (("重复", "Repeated"), node.looping.as_ref().map(plain).unwrap_or_default()),
        (("条件", "Condition"), text(&node.condition)),
        (("调用", "Calls"), text(if node.calls.is_some() { &node.calls } else { &node.called })),
        (("脚本", "Script"), text(&node.script)),
        (("所在", "Inside"), node.scope.clone()),
    ];
    Part { id: &node.id, name: &node.name, kind: kind_words(node), values }
}

fn flows(model: &Model) -> Vec<Part<'_>> {
    model.flows.iter().map(flow).collect()
}

fn flow(flow: &Flow) -> Part<'_> {
    let values = vec![
        (NAME, flow.name.clone()),
        (("从", "From"), flow.source.clone()),
        (("到", "To"), flow.target.clone()),
        (("条件", "Condition"), flow.condition.clone().unwrap_or_default()),
    ];
    Part { id: &flow.id, name: &flow.name, kind: ("顺序流", "Flow"), values }
}

fn lanes(model: &Model) -> Vec<Part<'_>> {
    model.lanes.iter().map(lane).collect()
}

fn lane(lane: &Lane) -> Part<'_> {
    let values = vec![
        (NAME, lane.name.clone()),
        (("办理角色", "Role"), lane.role.clone()),
        (("包含", "Holds"), lane.nodes.join(",")),
    ];
    Part { id: &lane.id, name: &lane.name, kind: ("泳道", "Lane"), values }
}

/// Elements that are drawn elsewhere and changed in nothing else.
fn moved(before: &Model, after: &Model, changes: &mut Vec<Change>) {
    for shape in &after.diagram.shapes {
        let old = before.diagram.shapes.iter().find(|old| old.element == shape.element);
        let Some(node) = after.node(&shape.element) else { continue };
        let known = changes.iter().any(|change| change.element == shape.element);
        if !known && old.is_some_and(|old| old.bounds != shape.bounds) {
            let kind = kind_words(node);
            changes.push(Change {
                element: node.id.clone(),
                name: node.name.clone(),
                kind: Text::new(kind.0, kind.1),
                changed: Changed::Moved,
                details: Vec::new(),
            });
        }
    }
}

/// The kind of a node in words.
fn kind_words(node: &Node) -> Words {
    use zhengtong_bpmn::NodeKind as Kind;
    match node.kind {
        Kind::Start => ("开始", "Start"),
        Kind::End | Kind::Terminate => ("结束", "End"),
        Kind::Catch | Kind::Throw | Kind::Boundary => ("事件", "Event"),
        Kind::Task => ("任务", "Task"),
        Kind::UserTask => ("人员任务", "User task"),
        Kind::ManualTask => ("线下任务", "Manual task"),
        Kind::ServiceTask => ("平台任务", "Service task"),
        Kind::RuleTask => ("规则任务", "Rule task"),
        Kind::SendTask => ("发送任务", "Send task"),
        Kind::ReceiveTask => ("接收任务", "Receive task"),
        Kind::SubProcess | Kind::Transaction | Kind::AdHoc | Kind::EventSubProcess => {
            ("子流程", "Sub-process")
        }
        Kind::Call => ("调用", "Call"),
        Kind::Exclusive => ("排他网关", "Exclusive gateway"),
        Kind::Parallel => ("并行网关", "Parallel gateway"),
        Kind::Inclusive => ("相容网关", "Inclusive gateway"),
        Kind::Complex => ("复杂网关", "Complex gateway"),
        Kind::EventBased => ("事件网关", "Event-based gateway"),
    }
}

fn plain_list(values: &[impl serde::Serialize]) -> String {
    values.iter().map(plain).collect::<Vec<_>>().join("; ")
}

/// A value in a short and stable spelling.
fn plain(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        Ok(Value::Object(parts)) => {
            let parts = parts.iter().filter(|(_, value)| !value.is_null());
            let shown = parts.map(|(_, value)| match value {
                Value::String(word) => word.clone(),
                other => other.to_string(),
            });
            shown.collect::<Vec<_>>().join(" ")
        }
        Ok(other) => other.to_string(),
        Err(_not_json) => String::new(),
    }
}

/// The differences from one file of decisions to another, rule by rule; none where one of them is no XML.
pub fn decision_difference(before: &str, after: &str) -> Option<Vec<Change>> {
    let (before, after) = (sheets(before)?, sheets(after)?);
    let mut changes = Vec::new();
    let (old, new) = (decisions(&before), decisions(&after));
    compare(&parts(&old), &parts(&new), &mut changes);
    for sheet in &after {
        let known = before.iter().find(|one| one.id == sheet.id);
        let (old, new) = (known.map(rules).unwrap_or_default(), rules(sheet));
        rule_changes(sheet, &old, &new, &mut changes);
    }
    Some(changes)
}

/// A decision by its id and name, with what makes it.
type Made = (String, String, Vec<(Words, String)>);

fn decisions(sheets: &[Sheet]) -> Vec<Made> {
    let made = |sheet: &Sheet| {
        let inputs: Vec<String> =
            sheet.inputs.iter().map(|(asked, label)| format!("{label}（{asked}）")).collect();
        let values = vec![
            (NAME, sheet.name.clone()),
            (("命中策略", "Hit policy"), sheet.policy.clone().unwrap_or_default()),
            (("条件列", "Conditions"), inputs.join("; ")),
            (("结果列", "Results"), sheet.outputs.join("; ")),
            (("表达式", "Expression"), sheet.expression.clone()),
        ];
        (sheet.id.clone(), sheet.name.clone(), values)
    };
    sheets.iter().map(made).collect()
}

fn parts(made: &[Made]) -> Vec<Part<'_>> {
    made.iter()
        .map(|(id, name, values)| Part {
            id,
            name,
            kind: ("决策", "Decision"),
            values: values.clone(),
        })
        .collect()
}

/// The rules of a decision by their ids, in their order, with the name of each column at its cell.
fn rules(sheet: &Sheet) -> Vec<(String, Vec<(String, String)>)> {
    let columns: Vec<&str> = sheet
        .inputs
        .iter()
        .map(|(_, label)| label.as_str())
        .chain(sheet.outputs.iter().map(String::as_str))
        .collect();
    let named = |cells: &[String]| {
        let cells = cells.iter().enumerate();
        cells
            .map(|(at, cell)| {
                (columns.get(at).copied().unwrap_or_default().to_owned(), cell.clone())
            })
            .collect()
    };
    sheet.rules.iter().map(|(id, cells)| (id.clone(), named(cells))).collect()
}

fn rule_changes(
    sheet: &Sheet,
    old: &[(String, Vec<(String, String)>)],
    new: &[(String, Vec<(String, String)>)],
    changes: &mut Vec<Change>,
) {
    let change = |at: usize, id: &str, changed, details| Change {
        element: id.to_owned(),
        name: format!("{} {}", sheet.name, at + 1),
        kind: Text::new("规则", "Rule"),
        changed,
        details,
    };
    let cell = |(column, value): &(String, String), before: bool| Detail {
        what: Text::same(column.clone()),
        before: if before { value.clone() } else { String::new() },
        after: if before { String::new() } else { value.clone() },
    };
    let mut last = 0;
    for (at, (id, cells)) in new.iter().enumerate() {
        let Some(place) = old.iter().position(|(known, _)| known == id) else {
            let details = cells.iter().map(|one| cell(one, false)).collect();
            changes.push(change(at, id, Changed::Added, details));
            continue;
        };
        let before = old.get(place).map(|(_, cells)| cells.as_slice()).unwrap_or_default();
        let pairs = before.iter().zip(cells).filter(|(old, new)| old.1 != new.1);
        let details: Vec<Detail> = pairs
            .map(|(old, new)| Detail {
                what: Text::same(new.0.clone()),
                before: old.1.clone(),
                after: new.1.clone(),
            })
            .collect();
        if !details.is_empty() {
            changes.push(change(at, id, Changed::Altered, details));
        } else if place < last {
            // The order of the rules is part of what they say.
            changes.push(change(at, id, Changed::Moved, Vec::new()));
        }
        last = last.max(place);
    }
    for (at, (id, cells)) in old.iter().enumerate() {
        if new.iter().all(|(known, _)| known != id) {
            let details = cells.iter().map(|one| cell(one, true)).collect();
            changes.push(change(at, id, Changed::Removed, details));
        }
    }
}
