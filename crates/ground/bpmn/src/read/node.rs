//! Events, tasks and gateways, and what each must have.

use super::refuse::Attributes;
use super::{Reading, text_of};
use crate::error::Finding;
use crate::model::{Node, NodeKind};
use crate::xml::{Element, Space};

/// The largest budget of working days.
const DAYS_MAX: u32 = 3_650;
/// Characters of one outcome.
const OUTCOME_MAX: usize = 40;

const PLAIN: &[&str] = &["id", "name"];
const GATEWAY: &[&str] = &["id", "name", "gatewayDirection"];
const DECIDING: &[&str] = &["id", "name", "gatewayDirection", "default"];
const ACTIVITY: &[(&str, &[&str])] = &[
    ("isForCompensation", &["false"]),
    ("startQuantity", &["1"]),
    ("completionQuantity", &["1"]),
    ("implementation", &["##unspecified", "##WebService"]),
    ("instantiate", &["false"]),
];
const EVENT: &[(&str, &[&str])] =
    &[("isInterrupting", &["true"]), ("parallelMultiple", &["false"])];
const PERSON: &[&str] = &["role", "form", "days", "notice", "outcomes"];
const MACHINE: &[&str] = &["action", "notice", "days"];

impl Reading {
    pub(super) fn node(&mut self, element: &Element) {
        let Some(kind) = kind_of(element) else {
            self.not_understood(element);
            return;
        };
        self.identify(element);
        if element.attribute("id").is_none() {
            self.refuse(element, "no-id", "缺少编号（id）", "it has no id");
            return;
        }
        let mut known = match kind {
            NodeKind::Parallel => GATEWAY.to_vec(),
            NodeKind::Exclusive | NodeKind::Inclusive => DECIDING.to_vec(),
            _ => PLAIN.to_vec(),
        };
        if element.name == "scriptTask" {
            known.push("scriptFormat");
        }
        let (fixed, zt) = match kind {
            NodeKind::UserTask | NodeKind::ManualTask | NodeKind::ReceiveTask => (ACTIVITY, PERSON),
            NodeKind::ServiceTask | NodeKind::SendTask => (ACTIVITY, MACHINE),
            _ => (EVENT, &[] as &[&str]),
        };
        self.attributes(element, &Attributes { known: &known, fixed, zt });
        let mut node = self.blank(element, kind);
        for child in &element.children {
            match (child.space, child.name.as_str()) {
                (Space::Bpmn, "documentation") => node.documentation = text_of(child),
                (Space::Bpmn, "incoming" | "outgoing") => {
                    self.refer(child, &node.id, child.text.trim(), true);
                }
                (Space::Bpmn, "terminateEventDefinition") if kind == NodeKind::End => {
                    node.kind = NodeKind::Terminate;
                }
                (Space::Bpmn, "extensionElements") => self.extension(child),
                _ => self.not_understood(child),
            }
        }
        self.model.nodes.push(node);
    }

    fn blank(&mut self, element: &Element, kind: NodeKind) -> Node {
        let ours = |name| {
            let value = element.attribute_in(Space::Zt, name).map(str::trim);
            value.filter(|value| !value.is_empty()).map(ToOwned::to_owned)
        };
        Node {
            id: element.label(),
            name: element.attribute("name").unwrap_or_default().trim().to_owned(),
            kind,
            role: ours("role"),
            form: ours("form"),
            action: ours("action"),
            days: self.days(element),
            notice: ours("notice"),
            outcomes: self.outcomes(element),
            default: element.attribute("default").map(ToOwned::to_owned),
            documentation: String::new(),
            line: element.line,
            column: element.column,
            incoming: Vec::new(),
            outgoing: Vec::new(),
        }
    }

    fn days(&mut self, element: &Element) -> Option<u32> {
        let text = element.attribute_in(Space::Zt, "days")?;
        let days = text.trim().parse().ok().filter(|days| (1..=DAYS_MAX).contains(days));
        if days.is_none() {
            let zh = format!("zt:days 应为 1 到 {DAYS_MAX} 的工作日数");
            let en = format!("zt:days must be a number of working days from 1 to {DAYS_MAX}");
            self.refuse(element, "attribute", zh, en);
        }
        days
    }

    fn outcomes(&mut self, element: &Element) -> Vec<String> {
        let Some(text) = element.attribute_in(Space::Zt, "outcomes") else { return Vec::new() };
        let outcomes: Vec<String> = text.split(',').map(|one| one.trim().to_owned()).collect();
        let wrong = outcomes.iter().enumerate().any(|(at, one)| {
            one.is_empty()
                || one.chars().count() > OUTCOME_MAX
                || !one.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
                || outcomes.iter().take(at).any(|earlier| earlier == one)
        });
        if wrong {
            let zh = "zt:outcomes 应为以逗号分隔、互不相同的词，例如 pass,return";
            let en = "zt:outcomes must be different words with commas between, such as pass,return";
            self.refuse(element, "attribute", zh, en);
            return Vec::new();
        }
        outcomes
    }

    /// What only shows once flows are joined to nodes.
    pub(super) fn structure(&mut self) {
        let mut findings = Vec::new();
        let mut refuse = |node: &Node, code, zh: &str, en: &str| {
            let (line, column) = (node.line, node.column);
            let element = node.id.clone();
            findings.push(Finding { element, line, column, ..super::refuse::error(code, zh, en) });
        };
        let starts: Vec<&Node> =
            self.model.nodes.iter().filter(|node| node.kind == NodeKind::Start).collect();
        for extra in starts.iter().skip(1) {
            refuse(
                extra,
                "several-starts",
                "只能有一个开始事件",
                "there may be only one start event",
            );
        }
        for node in &self.model.nodes {
            if !node.kind.is_gateway() && node.outgoing.len() > 1 {
                let zh = "只有网关可以有多条流出：请加一个网关";
                refuse(node, "split", zh, "only a gateway may have several ways out: add one");
            }
            if node.kind == NodeKind::Start && !node.incoming.is_empty() {
                refuse(node, "split", "开始事件不能有流入", "nothing may flow into a start event");
            }
            if node.kind.is_end() && !node.outgoing.is_empty() {
                refuse(node, "split", "结束事件不能有流出", "nothing may flow out of an end event");
            }
            let conditional = matches!(node.kind, NodeKind::Exclusive | NodeKind::Inclusive);
            if !conditional && self.model.out(node).any(|(_, flow)| flow.condition.is_some()) {
                let zh = "条件只能写在排他或相容网关的流出上";
                let en =
                    "a condition may stand only on a way out of an exclusive or inclusive gateway";
                refuse(node, "condition", zh, en);
            }
            if let Some(default) = &node.default
                && !self.model.out(node).any(|(_, flow)| flow.id == *default)
            {
                let zh = "默认流不是它的流出";
                refuse(node, "dangling", zh, "its default is not one of its ways out");
            }
        }
        self.model.findings.append(&mut findings);
    }
}

fn kind_of(element: &Element) -> Option<NodeKind> {
    if element.space != Space::Bpmn {
        return None;
    }
    Some(match element.name.as_str() {
        "startEvent" => NodeKind::Start,
        "endEvent" => NodeKind::End,
        "userTask" => NodeKind::UserTask,
        "manualTask" => NodeKind::ManualTask,
        "serviceTask" | "scriptTask" => NodeKind::ServiceTask,
        "sendTask" => NodeKind::SendTask,
        "receiveTask" => NodeKind::ReceiveTask,
        "exclusiveGateway" => NodeKind::Exclusive,
        "parallelGateway" => NodeKind::Parallel,
        "inclusiveGateway" => NodeKind::Inclusive,
        _ => return None,
    })
}
