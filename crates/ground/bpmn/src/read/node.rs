//! Events, tasks and gateways, and what each must have.

use super::event::local;
use super::refuse::Attributes;
use super::{Reading, text_of};
use crate::error::Finding;
use crate::model::{Node, NodeKind, Trigger};
use crate::xml::{Element, Space};

/// The largest budget of working days.
const DAYS_MAX: u32 = 3_650;
/// Most tokens an activity takes or gives.
const QUANTITY_MAX: u32 = 100;
/// Characters of one outcome.
const OUTCOME_MAX: usize = 40;

const PLAIN: &[&str] = &["id", "name"];
const GATEWAY: &[&str] = &["id", "name", "gatewayDirection", "instantiate", "eventGatewayType"];
const DECIDING: &[&str] = &["id", "name", "gatewayDirection", "default"];
const ACTIVITY: &[&str] = &[
    "id",
    "name",
    "default",
    "isForCompensation",
    "startQuantity",
    "completionQuantity",
    "calledElement",
    "triggeredByEvent",
    "ordering",
    "cancelRemainingInstances",
    "method",
    "scriptFormat",
    "messageRef",
    "operationRef",
];
const WORK: &[(&str, &[&str])] = &[
    ("implementation", &["##unspecified", "##WebService", "##unspecified ", "##decisionService"]),
    ("instantiate", &["false", "true"]),
];
const EVENT: &[&str] =
    &["id", "name", "isInterrupting", "parallelMultiple", "attachedToRef", "cancelActivity"];
const PERSON: &[&str] = &["role", "form", "days", "notice", "outcomes", "department", "default"];
const MACHINE: &[&str] = &["action", "notice", "days", "result"];
const RULES: &[&str] = &["action", "decision", "result"];
const SENDING: &[&str] = &["action", "notice", "days", "key"];
const RECEIVING: &[&str] = &["role", "form", "days", "notice", "outcomes", "key"];
const CALLING: &[&str] = &["calls"];
const MESSAGE: &[&str] = &["key"];

impl Reading {
    pub(super) fn node(&mut self, element: &Element, scope: &str) {
        let Some(kind) = kind_of(element) else {
            self.not_understood(element);
            return;
        };
        self.identify(element);
        if element.attribute("id").is_none() {
            self.refuse(element, "no-id", "缺少编号（id）", "it has no id");
            return;
        }
        let known = match kind {
            NodeKind::Parallel | NodeKind::EventBased => GATEWAY,
            NodeKind::Exclusive | NodeKind::Inclusive | NodeKind::Complex => DECIDING,
            kind if kind.is_activity() => ACTIVITY,
            NodeKind::Start | NodeKind::Boundary | NodeKind::Catch => EVENT,
            _ => PLAIN,
        };
        let (fixed, zt) = match kind {
            NodeKind::UserTask | NodeKind::ManualTask => (WORK, PERSON),
            NodeKind::ReceiveTask => (WORK, RECEIVING),
            NodeKind::ServiceTask => (WORK, MACHINE),
            NodeKind::RuleTask => (WORK, RULES),
            NodeKind::SendTask => (WORK, SENDING),
            NodeKind::Call => (&[] as &[(&str, &[&str])], CALLING),
            kind if kind.is_event() => (&[] as &[(&str, &[&str])], MESSAGE),
            _ => (&[] as &[(&str, &[&str])], &[] as &[&str]),
        };
        self.attributes(element, &Attributes { known, fixed, zt });
        let mut node = self.blank(element, kind, scope);
        if matches!(kind, NodeKind::ReceiveTask | NodeKind::SendTask)
            && let Some(message) = element.attribute("messageRef").map(local)
        {
            let name = self.names.get(message).cloned().unwrap_or_else(|| message.to_owned());
            node.triggers.push(Trigger::Message { name });
        }
        for child in &element.children {
            self.part(child, &mut node);
        }
        let (id, holds_steps) = (node.id.clone(), kind.is_scope() && kind != NodeKind::Call);
        self.model.nodes.push(node);
        if holds_steps {
            self.steps(element, &id);
        }
    }

    /// Something inside a node that is not one of its steps.
    fn part(&mut self, child: &Element, node: &mut Node) {
        let steps = node.kind.is_scope() && node.kind != NodeKind::Call;
        match (child.space, child.name.as_str()) {
            (Space::Bpmn, "documentation") => node.documentation = text_of(child),
            (Space::Bpmn, "incoming" | "outgoing") => {
                self.refer(child, &node.id, child.text.trim(), true);
            }
            (Space::Bpmn, "terminateEventDefinition") if node.kind == NodeKind::End => {
                node.kind = NodeKind::Terminate;
            }
            (Space::Bpmn, "eventDefinitionRef") if node.kind.is_event() => {
                let triggers = self.triggers(child);
                node.triggers.extend(triggers);
            }
            (Space::Bpmn, name) if node.kind.is_event() && name.ends_with("EventDefinition") => {
                let triggers = self.triggers(child);
                node.triggers.extend(triggers);
            }
            (Space::Bpmn, "standardLoopCharacteristics" | "multiInstanceLoopCharacteristics")
                if node.kind.is_activity() =>
            {
                node.looping = Some(self.looping(child));
            }
            (Space::Bpmn, "script") if node.kind == NodeKind::ServiceTask => {
                node.script = Some(text_of(child)).filter(|script| !script.is_empty());
            }
            (Space::Bpmn, "activationCondition" | "completionCondition") => {
                node.condition = Some(text_of(child)).filter(|text| !text.is_empty());
            }
            (Space::Bpmn, "extensionElements") => self.extension(child),
            // What goes in and out is the business of variables.
            (
                Space::Bpmn,
                "ioSpecification"
                | "property"
                | "dataInputAssociation"
                | "dataOutputAssociation"
                | "dataInput"
                | "dataOutput"
                | "inputSet"
                | "outputSet"
                | "potentialOwner"
                | "performer"
                | "humanPerformer"
                | "resourceRole",
            ) => {}
            _ if steps => {}
            _ => self.not_understood(child),
        }
    }

    /// Whether a part of a sub-process was read with the sub-process itself.
    pub(super) fn belongs_to_holder(name: &str) -> bool {
        matches!(
            name,
            "documentation"
                | "incoming"
                | "outgoing"
                | "standardLoopCharacteristics"
                | "multiInstanceLoopCharacteristics"
                | "completionCondition"
                | "ioSpecification"
                | "dataInputAssociation"
                | "dataOutputAssociation"
                | "resourceRole"
                | "ioBinding"
                | "supportedInterfaceRef"
        )
    }

    fn blank(&mut self, element: &Element, kind: NodeKind, scope: &str) -> Node {
        let ours = |name| {
            let value = element.attribute_in(Space::Zt, name).map(str::trim);
            value.filter(|value| !value.is_empty()).map(ToOwned::to_owned)
        };
        let stops = if kind == NodeKind::Boundary { "cancelActivity" } else { "isInterrupting" };
        Node {
            id: element.label(),
            name: element.attribute("name").unwrap_or_default().trim().to_owned(),
            kind,
            role: ours("role"),
            form: ours("form"),
            action: ours("action"),
            key: ours("key"),
            decision: ours("decision"),
            result: ours("result"),
            days: self.days(element),
            notice: ours("notice"),
            outcomes: self.outcomes(element),
            department: ours("department"),
            by_default: ours("default"),
            default: element.attribute("default").map(ToOwned::to_owned),
            documentation: String::new(),
            triggers: Vec::new(),
            all_triggers: element.attribute("parallelMultiple") == Some("true"),
            interrupting: element.attribute(stops) != Some("false"),
            attached: element.attribute("attachedToRef").map(local).map(ToOwned::to_owned),
            looping: None,
            undoes: element.attribute("isForCompensation") == Some("true"),
            start_quantity: self.quantity(element, "startQuantity"),
            completion_quantity: self.quantity(element, "completionQuantity"),
            called: element.attribute("calledElement").map(local).map(ToOwned::to_owned),
            calls: ours("calls"),
            script: None,
            condition: None,
            sequential: element.attribute("ordering") == Some("Sequential"),
            scope: scope.to_owned(),
            line: element.line,
            column: element.column,
            host: None,
            undone_by: None,
            inside: Vec::new(),
            boundary: Vec::new(),
            incoming: Vec::new(),
            outgoing: Vec::new(),
        }
    }

    fn quantity(&mut self, element: &Element, name: &str) -> u32 {
        let Some(text) = element.attribute(name) else { return 1 };
        let number = text.trim().parse().ok().filter(|number| (1..=QUANTITY_MAX).contains(number));
        number.unwrap_or_else(|| {
            let zh = format!("{name} 应为 1 到 {QUANTITY_MAX} 的整数");
            let en = format!("{name} must be a number from 1 to {QUANTITY_MAX}");
            self.refuse(element, "count", zh, en);
            1
        })
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
        let starts: Vec<&Node> = self
            .model
            .within(&self.model.id)
            .map(|(_, node)| node)
            .filter(|node| node.kind == NodeKind::Start && node.triggers.is_empty())
            .collect();
        for extra in starts.iter().skip(1) {
            let zh = "只能有一个无触发的开始事件";
            refuse(extra, "several-starts", zh, "there may be only one plain start event");
        }
        for node in &self.model.nodes {
            if node.kind == NodeKind::Start && !node.incoming.is_empty() {
                refuse(node, "split", "开始事件不能有流入", "nothing may flow into a start event");
            }
            if node.kind.is_end() && !node.outgoing.is_empty() {
                refuse(node, "split", "结束事件不能有流出", "nothing may flow out of an end event");
            }
            if node.kind == NodeKind::Boundary && node.host.is_none() {
                let zh = "边界事件没有附着在任何活动上";
                refuse(node, "dangling", zh, "it is attached to no activity");
            }
            if let Some(word) = &node.by_default {
                if !node.outcomes.contains(word) {
                    let zh = "zt:default 应是 zt:outcomes 里的一个词";
                    refuse(node, "attribute", zh, "zt:default must be one of its zt:outcomes");
                } else if node.days.is_none() {
                    let zh = "写了 zt:default 就要写 zt:days：到期才有默认";
                    refuse(
                        node,
                        "attribute",
                        zh,
                        "zt:default needs zt:days: it counts when they are over",
                    );
                }
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

impl NodeKind {
    fn is_event(self) -> bool {
        matches!(
            self,
            Self::Start | Self::End | Self::Terminate | Self::Catch | Self::Throw | Self::Boundary
        )
    }
}

fn kind_of(element: &Element) -> Option<NodeKind> {
    if element.space != Space::Bpmn {
        return None;
    }
    Some(match element.name.as_str() {
        "startEvent" => NodeKind::Start,
        "endEvent" => NodeKind::End,
        "intermediateCatchEvent" => NodeKind::Catch,
        "intermediateThrowEvent" => NodeKind::Throw,
        "boundaryEvent" => NodeKind::Boundary,
        "task" => NodeKind::Task,
        "userTask" => NodeKind::UserTask,
        "manualTask" => NodeKind::ManualTask,
        "serviceTask" | "scriptTask" => NodeKind::ServiceTask,
        "businessRuleTask" => NodeKind::RuleTask,
        "sendTask" => NodeKind::SendTask,
        "receiveTask" => NodeKind::ReceiveTask,
        "subProcess" if element.attribute("triggeredByEvent") == Some("true") => {
            NodeKind::EventSubProcess
        }
        "subProcess" => NodeKind::SubProcess,
        "transaction" => NodeKind::Transaction,
        "adHocSubProcess" => NodeKind::AdHoc,
        "callActivity" => NodeKind::Call,
        "exclusiveGateway" => NodeKind::Exclusive,
        "parallelGateway" => NodeKind::Parallel,
        "inclusiveGateway" => NodeKind::Inclusive,
        "complexGateway" => NodeKind::Complex,
        "eventBasedGateway" => NodeKind::EventBased,
        _ => return None,
    })
}
