//! The tree of a file to a model. What is not understood becomes a finding with its place and the reason.

mod event;
mod flow;
mod node;
mod refuse;

use std::collections::BTreeMap;

use crate::diagram::Diagram;
use crate::error::{Finding, ModelError};
use crate::model::{Annotation, Lane, Model, NodeKind, Trigger};
use crate::read::refuse::Attributes;
use crate::xml::{Element, Space};

/// Nodes and flows of one process.
const PARTS_MAX: usize = 2_000;

/// Reads a definition.
pub(crate) fn model(root: &Element, wanted: Option<&str>) -> Result<Model, ModelError> {
    let processes: Vec<&Element> =
        root.children.iter().filter(|child| child.is(Space::Bpmn, "process")).collect();
    let chosen = match wanted {
        Some(id) => processes.iter().find(|process| process.attribute("id") == Some(id)),
        None => processes
            .iter()
            .find(|process| process.attribute("isExecutable") == Some("true"))
            .or(processes.first()),
    };
    let Some(process) = chosen else {
        return Err(ModelError {
            line: root.line,
            column: root.column,
            element: root.label(),
            zh: "文件中没有流程（process）".to_owned(),
            en: "there is no process in this file".to_owned(),
        });
    };
    let mut reading = Reading::new(process);
    reading.definitions(root);
    reading.process(process, true);
    for other in processes.iter().filter(|other| !std::ptr::eq(**other, *process)) {
        let id = other.attribute("id").unwrap_or_default().to_owned();
        let name = other.attribute("name").unwrap_or_default().to_owned();
        reading.model.others.push((id, name));
        reading.process(other, false);
    }
    Ok(reading.finish())
}

/// What has been read so far.
struct Reading {
    model: Model,
    /// Every id and the line where it was first given.
    ids: BTreeMap<String, u32>,
    /// Lane membership, inner lanes last.
    membership: BTreeMap<String, usize>,
    /// References to flows and nodes that must exist: from, kind, to.
    references: Vec<Reference>,
    /// Names of messages and signals, codes of errors and escalations, by their ids.
    names: BTreeMap<String, String>,
    /// Event definitions that stand beside the processes, by their ids.
    shared: BTreeMap<String, Vec<Trigger>>,
    /// What undoes what: the event and the activity.
    undoings: Vec<(String, String)>,
}

/// A name that must belong to something.
struct Reference {
    from: String,
    line: u32,
    column: u32,
    to: String,
    is_flow: bool,
}

impl Reading {
    fn new(process: &Element) -> Self {
        let model = Model {
            id: process.attribute("id").unwrap_or_default().to_owned(),
            name: process.attribute("name").unwrap_or_default().to_owned(),
            documentation: String::new(),
            others: Vec::new(),
            lanes: Vec::new(),
            nodes: Vec::new(),
            flows: Vec::new(),
            annotations: Vec::new(),
            diagram: Diagram::default(),
            findings: Vec::new(),
            node_index: BTreeMap::new(),
        };
        Self {
            model,
            ids: BTreeMap::new(),
            membership: BTreeMap::new(),
            references: Vec::new(),
            names: BTreeMap::new(),
            shared: BTreeMap::new(),
            undoings: Vec::new(),
        }
    }

    fn definitions(&mut self, root: &Element) {
        const KNOWN: &[&str] = &[
            "id",
            "name",
            "targetNamespace",
            "expressionLanguage",
            "typeLanguage",
            "exporter",
            "exporterVersion",
        ];
        self.identify(root);
        self.attributes(root, &Attributes { known: KNOWN, ..Attributes::default() });
        if let Some(language) = root.attribute("expressionLanguage")
            && !flow::is_feel(language)
        {
            self.warn(root, "language", "条件一律按 FEEL 计算", "conditions are read as FEEL");
        }
        for child in &root.children {
            let id = child.attribute("id").unwrap_or_default().to_owned();
            match (child.space, child.name.as_str()) {
                (Space::Bpmn, "message" | "signal") => {
                    self.identify(child);
                    let name = child.attribute("name").filter(|name| !name.is_empty());
                    self.names.insert(id.clone(), name.unwrap_or(&id).to_owned());
                }
                (Space::Bpmn, "error" | "escalation") => {
                    self.identify(child);
                    let code = child.attribute("errorCode").or(child.attribute("escalationCode"));
                    let code = code.or(child.attribute("name")).filter(|code| !code.is_empty());
                    self.names.insert(id.clone(), code.unwrap_or(&id).to_owned());
                }
                _ => {}
            }
        }
        for child in &root.children {
            match (child.space, child.name.as_str()) {
                (Space::Bpmn, "collaboration") => self.collaboration(child),
                // Read elsewhere, or about the data of messages and whom they go to, which the caller knows.
                (
                    Space::Bpmn,
                    "process" | "message" | "signal" | "error" | "escalation" | "category"
                    | "documentation" | "itemDefinition" | "interface" | "import" | "resource"
                    | "dataStore" | "relationship" | "partnerRole" | "partnerEntity" | "endPoint",
                ) => {}
                (Space::Bpmn, name) if name.ends_with("EventDefinition") => {
                    let triggers = self.triggers(child);
                    let id = child.attribute("id").unwrap_or_default().to_owned();
                    self.shared.insert(id, triggers);
                }
                (Space::BpmnDi, "BPMNDiagram") => self.diagram(child),
                (Space::Bpmn, "extensionElements") => self.extension(child),
                _ => self.not_understood(child),
            }
        }
    }

    fn diagram(&mut self, element: &Element) {
        let mut broken = Vec::new();
        let mut diagram = std::mem::take(&mut self.model.diagram);
        diagram.read(element, &mut |part| broken.push((part.label(), part.line, part.column)));
        self.model.diagram = diagram;
        for (label, line, column) in broken {
            let finding = refuse::warning(
                "diagram",
                "图形缺少有效的坐标，将不显示",
                "this shape has no usable place and will not be drawn",
            );
            self.model.findings.push(Finding { element: label, line, column, ..finding });
        }
    }

    /// Pools: one around the process is a frame; messages between pools are not run.
    fn collaboration(&mut self, element: &Element) {
        const KNOWN: &[&str] = &["id", "name"];
        self.identify(element);
        self.attributes(
            element,
            &Attributes {
                known: KNOWN,
                fixed: &[("isClosed", &["false"])],
                ..Attributes::default()
            },
        );
        for child in &element.children {
            match (child.space, child.name.as_str()) {
                (Space::Bpmn, "participant" | "messageFlow") => self.identify(child),
                (Space::Bpmn, "documentation" | "textAnnotation" | "association" | "group") => {}
                _ => self.not_understood(child),
            }
        }
    }

    /// A process; the first must be executable, the others may be called.
    fn process(&mut self, process: &Element, first: bool) {
        self.identify(process);
        self.attributes(
            process,
            &Attributes {
                known: &[
                    "id",
                    "name",
                    "isExecutable",
                    "processType",
                    "definitionalCollaborationRef",
                ],
                fixed: &[("isClosed", &["false", "true"])],
                ..Attributes::default()
            },
        );
        if first && process.attribute("isExecutable") != Some("true") {
            self.refuse(
                process,
                "not-executable",
                "流程未标为可执行：请设 isExecutable=\"true\"",
                "the process is not marked executable: set isExecutable=\"true\"",
            );
        }
        if first {
            let documentation =
                process.children.iter().find(|child| child.is(Space::Bpmn, "documentation"));
            self.model.documentation = documentation.map(text_of).unwrap_or_default();
        }
        let id = process.attribute("id").unwrap_or_default().to_owned();
        self.steps(process, &id);
    }

    /// The steps of a process or sub-process.
    fn steps(&mut self, holder: &Element, scope: &str) {
        for child in &holder.children {
            if self.model.nodes.len() + self.model.flows.len() > PARTS_MAX {
                self.refuse(holder, "too-large", "流程过大", "the process is too large");
                return;
            }
            match (child.space, child.name.as_str()) {
                (Space::Bpmn, "laneSet") => self.lanes(child, None),
                (Space::Bpmn, "sequenceFlow") => self.flow(child),
                (Space::Bpmn, "textAnnotation") => self.annotation(child),
                (Space::Bpmn, "association") => {
                    self.identify(child);
                    let ends = child.attribute("sourceRef").zip(child.attribute("targetRef"));
                    self.undoings.extend(ends.map(|(from, to)| (from.to_owned(), to.to_owned())));
                }
                (
                    Space::Bpmn,
                    "group"
                    | "dataObject"
                    | "dataObjectReference"
                    | "dataStoreReference"
                    | "property",
                ) => {
                    self.identify(child);
                }
                (Space::Bpmn, name) if Self::belongs_to_holder(name) => {}
                (Space::Bpmn, "extensionElements") => self.extension(child),
                _ => self.node(child, scope),
            }
        }
    }

    fn annotation(&mut self, element: &Element) {
        self.identify(element);
        let text = element.children.iter().filter(|child| child.is(Space::Bpmn, "text"));
        let text = text.map(text_of).collect::<Vec<_>>().join("\n");
        self.model.annotations.push(Annotation { id: element.label(), text });
    }

    fn lanes(&mut self, set: &Element, outer_role: Option<&str>) {
        for lane in &set.children {
            if !lane.is(Space::Bpmn, "lane") {
                self.not_understood(lane);
                continue;
            }
            self.identify(lane);
            let rules =
                Attributes { known: &["id", "name"], zt: &["role"], ..Attributes::default() };
            self.attributes(lane, &rules);
            let name = lane.attribute("name").unwrap_or_default().trim().to_owned();
            let own = lane.attribute_in(Space::Zt, "role").map(str::trim);
            let role = [own, Some(name.as_str()), outer_role]
                .into_iter()
                .flatten()
                .find(|role| !role.is_empty())
                .unwrap_or_default()
                .to_owned();
            let place = self.model.lanes.len();
            self.model.lanes.push(Lane {
                id: lane.label(),
                name,
                role: role.clone(),
                nodes: Vec::new(),
            });
            for child in &lane.children {
                match (child.space, child.name.as_str()) {
                    (Space::Bpmn, "flowNodeRef") => {
                        let id = child.text.trim().to_owned();
                        self.refer(child, &lane.label(), &id, false);
                        self.membership.insert(id, place);
                    }
                    (Space::Bpmn, "childLaneSet") => self.lanes(child, Some(&role)),
                    (Space::Bpmn, "documentation") => {}
                    (Space::Bpmn, "extensionElements") => self.extension(child),
                    _ => self.not_understood(child),
                }
            }
        }
    }

    /// Notes an id, and finds it given twice.
    fn identify(&mut self, element: &Element) {
        let Some(id) = element.attribute("id") else { return };
        if let Some(first) = self.ids.get(id) {
            let zh = format!("编号“{id}”重复：第 {first} 行已使用");
            let en = format!("the id '{id}' is used twice: first in line {first}");
            self.refuse(element, "duplicate-id", zh, en);
            return;
        }
        self.ids.insert(id.to_owned(), element.line);
    }

    fn refer(&mut self, at: &Element, from: &str, to: &str, is_flow: bool) {
        self.references.push(Reference {
            from: from.to_owned(),
            line: at.line,
            column: at.column,
            to: to.to_owned(),
            is_flow,
        });
    }

    /// Joins nodes, flows and lanes, and finds references to nothing.
    fn finish(mut self) -> Model {
        let index: BTreeMap<String, usize> = self
            .model
            .nodes
            .iter()
            .enumerate()
            .rev()
            .map(|(at, node)| (node.id.clone(), at))
            .collect();
        for reference in std::mem::take(&mut self.references) {
            let found = if reference.is_flow {
                self.model.flows.iter().any(|flow| flow.id == reference.to)
            } else {
                index.contains_key(&reference.to)
            };
            if !found {
                let zh = format!("引用的“{}”不存在", reference.to);
                let en = format!("it refers to '{}', which is not there", reference.to);
                let Reference { from: element, line, column, .. } = reference;
                let finding = refuse::error("dangling", zh, en);
                self.model.findings.push(Finding { element, line, column, ..finding });
            }
        }
        self.model
            .flows
            .retain(|flow| index.contains_key(&flow.source) && index.contains_key(&flow.target));
        for (at, flow) in self.model.flows.iter_mut().enumerate() {
            flow.from = index.get(&flow.source).copied().unwrap_or_default();
            flow.to = index.get(&flow.target).copied().unwrap_or_default();
            if let Some(node) = self.model.nodes.get_mut(flow.from) {
                node.outgoing.push(at);
            }
            if let Some(node) = self.model.nodes.get_mut(flow.to) {
                node.incoming.push(at);
            }
        }
        for (at, id) in
            self.model.nodes.iter().map(|node| node.id.clone()).enumerate().collect::<Vec<_>>()
        {
            self.join_scope(at, &id, &index);
        }
        for (id, place) in &self.membership {
            let Some(lane) = self.model.lanes.get_mut(*place) else { continue };
            lane.nodes.push(id.clone());
            let node = index.get(id).and_then(|at| self.model.nodes.get_mut(*at));
            if let Some(node) = node
                && node.role.is_none()
                && !lane.role.is_empty()
            {
                node.role = Some(lane.role.clone());
            }
        }
        self.model.node_index = index;
        self.structure();
        self.model
    }

    /// Joins a node to what it lies in, is attached to, and is undone by.
    fn join_scope(&mut self, at: usize, id: &str, index: &BTreeMap<String, usize>) {
        let Some(node) = self.model.nodes.get(at) else { return };
        let (scope, attached) = (node.scope.clone(), node.attached.clone());
        if let Some(outer) = index.get(&scope).and_then(|outer| self.model.nodes.get_mut(*outer)) {
            outer.inside.push(at);
        }
        let host = attached.as_ref().and_then(|host| index.get(host)).copied();
        if let Some(host) = host.and_then(|host| self.model.nodes.get_mut(host)) {
            host.boundary.push(at);
        }
        let undone_by = self
            .undoings
            .iter()
            .filter(|(from, _)| from == id)
            .find_map(|(_, to)| index.get(to).copied());
        if let Some(node) = self.model.nodes.get_mut(at) {
            node.host = host;
            node.undone_by = undone_by.filter(|_| node.kind == NodeKind::Boundary);
        }
    }
}

fn text_of(element: &Element) -> String {
    element.text.trim().to_owned()
}
