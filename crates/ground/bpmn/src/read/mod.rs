//! The tree of a file to a model. What is not understood becomes a finding with its place and the reason.

mod flow;
mod node;
mod refuse;

use std::collections::BTreeMap;

use crate::diagram::Diagram;
use crate::error::{Finding, ModelError};
use crate::model::{Annotation, Lane, Model};
use crate::read::refuse::Attributes;
use crate::xml::{Element, Space};

/// Nodes and flows of one process.
const PARTS_MAX: usize = 2_000;

/// Reads a definition.
pub(crate) fn model(root: &Element) -> Result<Model, ModelError> {
    let processes: Vec<&Element> =
        root.children.iter().filter(|child| child.is(Space::Bpmn, "process")).collect();
    let chosen = processes
        .iter()
        .find(|process| process.attribute("isExecutable") == Some("true"))
        .or(processes.first());
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
    reading.definitions(root, process);
    reading.process(process);
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
            lanes: Vec::new(),
            nodes: Vec::new(),
            flows: Vec::new(),
            annotations: Vec::new(),
            diagram: Diagram::default(),
            findings: Vec::new(),
            node_index: BTreeMap::new(),
        };
        Self { model, ids: BTreeMap::new(), membership: BTreeMap::new(), references: Vec::new() }
    }

    fn definitions(&mut self, root: &Element, chosen: &Element) {
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
            match (child.space, child.name.as_str()) {
                (Space::Bpmn, "process") if std::ptr::eq(child, chosen) => {}
                (Space::Bpmn, "process") => self.refuse(
                    child,
                    "several-processes",
                    "一个文件只能有一个流程",
                    "a file may hold only one process",
                ),
                (Space::Bpmn, "collaboration") => self.collaboration(child),
                (Space::Bpmn, "category" | "documentation") => {}
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
        let mut pools = 0;
        for child in &element.children {
            match (child.space, child.name.as_str()) {
                (Space::Bpmn, "participant") => {
                    pools += 1;
                    self.identify(child);
                    if pools > 1 {
                        self.refuse(
                            child,
                            "several-pools",
                            "只能有一个泳池",
                            "only one pool can be run",
                        );
                    }
                    if child.attribute("processRef").is_some_and(|id| id != self.model.id) {
                        let (zh, en) = (
                            "泳池引用的流程不存在",
                            "the pool refers to a process that is not there",
                        );
                        self.refuse(child, "dangling", zh, en);
                    }
                }
                (Space::Bpmn, "documentation" | "textAnnotation" | "association" | "group") => {}
                _ => self.not_understood(child),
            }
        }
    }

    fn process(&mut self, process: &Element) {
        self.identify(process);
        self.attributes(
            process,
            &Attributes {
                known: &["id", "name", "isExecutable", "processType"],
                fixed: &[("isClosed", &["false"])],
                ..Attributes::default()
            },
        );
        if process.attribute("isExecutable") != Some("true") {
            self.refuse(
                process,
                "not-executable",
                "流程未标为可执行：请设 isExecutable=\"true\"",
                "the process is not marked executable: set isExecutable=\"true\"",
            );
        }
        for child in &process.children {
            if self.model.nodes.len() + self.model.flows.len() > PARTS_MAX {
                self.refuse(process, "too-large", "流程过大", "the process is too large");
                return;
            }
            match (child.space, child.name.as_str()) {
                (Space::Bpmn, "documentation") => self.model.documentation = text_of(child),
                (Space::Bpmn, "laneSet") => self.lanes(child, None),
                (Space::Bpmn, "sequenceFlow") => self.flow(child),
                (Space::Bpmn, "textAnnotation") => self.annotation(child),
                (Space::Bpmn, "association" | "group") => self.identify(child),
                (Space::Bpmn, "extensionElements") => self.extension(child),
                _ => self.node(child),
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
}

fn text_of(element: &Element) -> String {
    element.text.trim().to_owned()
}
