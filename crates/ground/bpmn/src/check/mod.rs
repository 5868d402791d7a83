//! Checks on a whole model, before it is published: what reading found, what the graph shows, what the reachable markings show.

mod soundness;

use crate::error::{Finding, Level};
use crate::graph::{leading_to, reachable};
use crate::model::{Flow, Model, Node, NodeKind, Trigger};

pub(crate) use soundness::{Marking, goes_on};

/// All findings, in the order of the lines.
pub fn check(model: &Model) -> Vec<Finding> {
    let mut findings = Findings { all: model.findings().to_vec() };
    ends(model, &mut findings);
    connections(model, &mut findings);
    for node in &model.nodes {
        gateway(model, node, &mut findings);
        events(model, node, &mut findings);
        duties(node, &mut findings);
    }
    circles(model, &mut findings);
    // The search needs a graph without holes; those are reported already.
    if findings.all.iter().all(|finding| finding.level == Level::Warning) {
        soundness::search(model, &mut findings);
    }
    findings.all.sort_by_key(|finding| (finding.line, finding.column, finding.level));
    findings.all
}

/// The findings so far.
struct Findings {
    all: Vec<Finding>,
}

impl Findings {
    fn node(&mut self, level: Level, code: &'static str, node: &Node, text: (&str, &str)) {
        self.add(level, code, &node.id, (node.line, node.column), text);
    }

    fn flow(&mut self, level: Level, code: &'static str, flow: &Flow, text: (&str, &str)) {
        self.add(level, code, &flow.id, (flow.line, flow.column), text);
    }

    fn add(
        &mut self,
        level: Level,
        code: &'static str,
        element: &str,
        (line, column): (u32, u32),
        (zh, en): (&str, &str),
    ) {
        self.all.push(Finding {
            level,
            code,
            element: element.to_owned(),
            line,
            column,
            zh: zh.to_owned(),
            en: en.to_owned(),
        });
    }
}

fn ends(model: &Model, findings: &mut Findings) {
    if !model.nodes.iter().any(|node| node.kind == NodeKind::Start) {
        let text = ("缺少开始事件", "there is no start event");
        findings.add(Level::Error, "no-start", &model.id, (1, 1), text);
    }
    if !model.nodes.iter().any(|node| node.kind.is_end()) {
        let text = ("缺少结束事件", "there is no end event");
        findings.add(Level::Error, "no-end", &model.id, (1, 1), text);
    }
}

fn connections(model: &Model, findings: &mut Findings) {
    let positions = |wanted: &dyn Fn(&Node) -> bool| {
        let all = model.nodes.iter().enumerate().filter(|(_, node)| wanted(node));
        all.map(|(at, _)| at).collect::<Vec<_>>()
    };
    let from_start = reachable(model, positions(&|node| begins(model, node)), |_| false);
    let to_end =
        leading_to(model, positions(&|node| node.kind.is_end() || ends_alone(model, node)));
    for ((node, reached), ends) in model.nodes.iter().zip(from_start).zip(to_end) {
        if ends_alone(model, node) {
            continue;
        }
        if !reached {
            let text = ("从开始事件无法到达", "it cannot be reached from the start");
            findings.node(Level::Error, "unreachable", node, text);
        } else if node.outgoing.is_empty() && !node.kind.is_end() {
            let text = (
                "之后没有流出：请连到下一步或结束事件",
                "nothing leads on: join it to a next step or an end",
            );
            findings.node(Level::Error, "dead-end", node, text);
        } else if !ends {
            let text = ("从这里无法到达结束事件", "no end can be reached from here");
            findings.node(Level::Error, "dead-end", node, text);
        }
    }
}

/// Whether tokens appear at a node without a flow leading there.
fn begins(model: &Model, node: &Node) -> bool {
    let lands = node.kind == NodeKind::Catch
        && node.triggers.iter().any(|one| matches!(one, Trigger::Link { .. }));
    matches!(node.kind, NodeKind::Start | NodeKind::Boundary | NodeKind::EventSubProcess)
        || lands
        || node.undoes
        || (in_ad_hoc(model, node) && node.incoming.is_empty())
}

/// Whether a token may end at a node that is no end event.
fn ends_alone(model: &Model, node: &Node) -> bool {
    let triggered = |wanted: fn(&Trigger) -> bool| node.triggers.iter().any(wanted);
    let jumps =
        node.kind == NodeKind::Throw && triggered(|one| matches!(one, Trigger::Link { .. }));
    let undoes = node.kind == NodeKind::Boundary
        && triggered(|one| matches!(one, Trigger::Compensation { .. }));
    jumps
        || undoes
        || node.undoes
        || node.kind == NodeKind::EventSubProcess
        || (in_ad_hoc(model, node) && node.outgoing.is_empty())
}

fn in_ad_hoc(model: &Model, node: &Node) -> bool {
    model.node(&node.scope).is_some_and(|outer| outer.kind == NodeKind::AdHoc)
}

/// Events must say what they wait for, and waiting gateways must be followed by what can be waited for.
fn events(model: &Model, node: &Node, findings: &mut Findings) {
    let waits = matches!(node.kind, NodeKind::Catch | NodeKind::Boundary);
    let begins_event = node.kind == NodeKind::Start
        && model.node(&node.scope).is_some_and(|outer| outer.kind == NodeKind::EventSubProcess);
    if (waits || begins_event) && node.triggers.is_empty() {
        let text = ("没有写明等什么", "it does not say what it waits for");
        findings.node(Level::Error, "no-trigger", node, text);
    }
    if node.kind == NodeKind::EventBased {
        for (_, flow) in model.out(node) {
            let next = model.nodes.get(flow.to);
            let can_wait = next.is_some_and(|next| {
                matches!(next.kind, NodeKind::Catch | NodeKind::ReceiveTask)
                    && !next.triggers.is_empty()
            });
            if !can_wait {
                let text = (
                    "事件网关之后只能是等待事件或有消息的接收任务",
                    "behind an event-based gateway only waiting events and receive tasks with a message may stand",
                );
                findings.flow(Level::Error, "event-gateway", flow, text);
            }
        }
    }
    if node.kind == NodeKind::Call {
        let known = node.called.as_ref().is_some_and(|called| {
            *called == model.id || model.others.iter().any(|(id, _)| id == called)
        });
        if !known && node.calls.is_none() {
            let text = (
                "调用的流程不在这个文件里；调用别的文件请写 zt:calls，例如 包:流程",
                "the process it calls is not in this file; for one of another file give zt:calls, such as pack:process",
            );
            findings.node(Level::Error, "no-process", node, text);
        }
    }
    if node.kind.is_activity() && node.outgoing.len() > 1 {
        let text = (
            "有多条流出：没有条件的都会走，建议用网关画明",
            "it has several ways out, and all without a condition are taken: a gateway would show it",
        );
        findings.node(Level::Warning, "split", node, text);
    }
    let deciding = node.kind.is_activity()
        || matches!(node.kind, NodeKind::Exclusive | NodeKind::Inclusive | NodeKind::Complex);
    for (_, flow) in model.out(node).filter(|(_, flow)| !deciding && flow.condition.is_some()) {
        let text = (
            "条件只能写在活动、排他、相容或复杂网关的流出上",
            "a condition may stand only on a way out of an activity or of a deciding gateway",
        );
        findings.flow(Level::Error, "condition", flow, text);
    }
}

fn gateway(model: &Model, node: &Node, findings: &mut Findings) {
    if !matches!(node.kind, NodeKind::Exclusive | NodeKind::Inclusive) || node.outgoing.len() < 2 {
        return;
    }
    if node.default.is_none() {
        let text = (
            "分支网关须指定默认流，以免无路可走",
            "a deciding gateway needs a default flow, so that there is always a way",
        );
        findings.node(Level::Error, "no-default", node, text);
    }
    for (_, flow) in model.out(node) {
        let is_default = node.default.as_deref() == Some(flow.id.as_str());
        if is_default && flow.condition.is_some() {
            let text = ("默认流上的条件不起作用", "a condition on the default flow has no effect");
            findings.flow(Level::Warning, "condition", flow, text);
        }
        if !is_default && flow.condition.is_none() {
            let text = (
                "除默认流外，每条流出都须有条件",
                "every way out but the default needs a condition",
            );
            findings.flow(Level::Error, "no-condition", flow, text);
        }
    }
}

/// What a task must say for somebody or something to do it.
fn duties(node: &Node, findings: &mut Findings) {
    let person = matches!(node.kind, NodeKind::UserTask | NodeKind::ManualTask);
    if person && node.role.is_none() {
        let text = (
            "缺少办理角色：请放入泳道或写 zt:role",
            "nobody is named to do it: put it in a lane or give zt:role",
        );
        findings.node(Level::Error, "no-role", node, text);
    }
    if person && node.name.is_empty() {
        let text = ("缺少名称", "it has no name to show");
        findings.node(Level::Error, "no-name", node, text);
    }
    let decides = node.kind == NodeKind::RuleTask && node.decision.is_some();
    let computes = node.kind == NodeKind::ServiceTask && node.script.is_some();
    if matches!(node.kind, NodeKind::ServiceTask | NodeKind::RuleTask)
        && node.action.is_none()
        && !(decides || computes)
    {
        let text = (
            "缺少动作：请写 zt:action、zt:decision 或脚本",
            "it does not say what to do: give zt:action, zt:decision or a script",
        );
        findings.node(Level::Error, "no-action", node, text);
    }
    if node.kind == NodeKind::SendTask && node.action.is_none() && node.notice.is_none() {
        let text = ("缺少通知：请写 zt:notice", "it does not say what to send: give zt:notice");
        findings.node(Level::Error, "no-action", node, text);
    }
}

/// Circles in which nobody is asked would turn for ever.
fn circles(model: &Model, findings: &mut Findings) {
    // What goes on inside a scope or another process is looked at there.
    let waits = |at: usize| {
        model.nodes.get(at).is_some_and(|node| node.kind.waits() || node.kind.is_scope())
    };
    for (at, node) in model.nodes.iter().enumerate() {
        if waits(at) {
            continue;
        }
        let next: Vec<usize> = model.out(node).map(|(_, flow)| flow.to).collect();
        if reachable(model, next, waits).get(at) == Some(&true) {
            let text = (
                "循环中没有用户任务，流程会空转",
                "it lies in a circle without a person's task, which would turn for ever",
            );
            findings.node(Level::Error, "circle", node, text);
        }
    }
}
