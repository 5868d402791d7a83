//! A process as data: nodes, flows, lanes, and the drawing that goes with them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::diagram::Diagram;
use crate::error::{Finding, Level, ModelError};
use crate::{read, xml};

/// The namespace of our attributes; its usual prefix is `zt`.
pub const NAMESPACE: &str = "https://zhengtong.dev/bpmn";

/// One process of a definition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Model {
    /// Id of the process.
    pub id: String,
    /// Name of the process.
    pub name: String,
    /// What it is for.
    pub documentation: String,
    /// Lanes, inner ones after the outer.
    pub lanes: Vec<Lane>,
    /// Events, tasks and gateways in the order of the file.
    pub nodes: Vec<Node>,
    /// Flows in the order of the file.
    pub flows: Vec<Flow>,
    /// Notes that do not affect execution.
    pub annotations: Vec<Annotation>,
    /// How it is drawn.
    pub diagram: Diagram,
    /// What reading found.
    pub(crate) findings: Vec<Finding>,
    #[serde(skip)]
    pub(crate) node_index: BTreeMap<String, usize>,
}

/// A lane, which stands for a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lane {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// The role: `zt:role`, otherwise the name.
    pub role: String,
    /// Ids of the nodes in it.
    pub nodes: Vec<String>,
}

/// An event, task or gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
    /// Who does it: `zt:role`, otherwise the role of its lane.
    pub role: Option<String>,
    /// The form shown with it.
    pub form: Option<String>,
    /// The verb a service carries out.
    pub action: Option<String>,
    /// Budget in working days.
    pub days: Option<u32>,
    /// The notice sent with it.
    pub notice: Option<String>,
    /// What may come of it; empty if there is nothing to choose.
    pub outcomes: Vec<String>,
    /// The flow taken when no condition holds.
    pub default: Option<String>,
    /// What the officer should know.
    pub documentation: String,
    /// Line in the file, counted from 1.
    pub line: u32,
    /// Column in characters, counted from 1.
    pub column: u32,
    /// Positions of the flows that end here.
    #[serde(skip)]
    pub(crate) incoming: Vec<usize>,
    /// Positions of the flows that begin here.
    #[serde(skip)]
    pub(crate) outgoing: Vec<usize>,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// Where an instance begins.
    Start,
    /// Where a token ends.
    End,
    /// Ends the whole instance at once.
    Terminate,
    /// A person's work at the desk.
    UserTask,
    /// A person's work away from the desk, confirmed afterwards.
    ManualTask,
    /// Work of the machine: a service, or a script named as an action.
    ServiceTask,
    /// A message sent by the machine.
    SendTask,
    /// Waits for a message from outside.
    ReceiveTask,
    /// One way out.
    Exclusive,
    /// All ways out, and waits for all ways in.
    Parallel,
    /// Every way whose condition holds, and waits for those that will still come.
    Inclusive,
}

impl NodeKind {
    /// Whether a person or the outside world is asked here.
    pub fn waits(self) -> bool {
        matches!(self, Self::UserTask | Self::ManualTask | Self::ReceiveTask)
    }

    /// Whether the machine has work here.
    pub fn is_service(self) -> bool {
        matches!(self, Self::ServiceTask | Self::SendTask)
    }

    /// Whether it is a gateway.
    pub fn is_gateway(self) -> bool {
        matches!(self, Self::Exclusive | Self::Parallel | Self::Inclusive)
    }

    /// Whether a token ends here.
    pub fn is_end(self) -> bool {
        matches!(self, Self::End | Self::Terminate)
    }
}

/// A sequence flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Id of the node it leaves.
    pub source: String,
    /// Id of the node it reaches.
    pub target: String,
    /// The condition, as FEEL.
    pub condition: Option<String>,
    /// Line in the file, counted from 1.
    pub line: u32,
    /// Column in characters, counted from 1.
    pub column: u32,
    /// Position of the node it leaves.
    #[serde(skip)]
    pub(crate) from: usize,
    /// Position of the node it reaches.
    #[serde(skip)]
    pub(crate) to: usize,
}

/// A note on the drawing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Annotation {
    /// Id.
    pub id: String,
    /// Text.
    pub text: String,
}

impl Model {
    /// Reads a definition. The error is only for a file that is no BPMN; everything else that is wrong with it is a finding.
    pub fn parse(source: &str) -> Result<Self, ModelError> {
        read::model(&xml::read(source)?)
    }

    /// What reading found: elements and attributes not understood, broken references, duplicate ids.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The findings that refuse execution.
    pub fn refusals(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.level == Level::Error)
    }

    /// The node of an id.
    pub fn node(&self, id: &str) -> Option<&Node> {
        self.nodes.get(*self.node_index.get(id)?)
    }

    /// The conditions of all flows, with the flow, for a check of their syntax.
    pub fn conditions(&self) -> impl Iterator<Item = (&Flow, &str)> {
        self.flows.iter().filter_map(|flow| flow.condition.as_deref().map(|source| (flow, source)))
    }

    /// Flows that leave a node.
    pub(crate) fn out<'m>(&'m self, node: &'m Node) -> impl Iterator<Item = (usize, &'m Flow)> {
        node.outgoing.iter().filter_map(|at| self.flows.get(*at).map(|flow| (*at, flow)))
    }
}
