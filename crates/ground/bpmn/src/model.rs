//! A process as data: nodes, flows, lanes, and the drawing that goes with them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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
    /// Ids and names of the other processes of the file, which may be called.
    pub others: Vec<(String, String)>,
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
#[expect(clippy::struct_excessive_bools, reason = "the standard has as many yes-or-no attributes")]
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
    /// The expression whose value says for whom a message is: `zt:key`.
    pub key: Option<String>,
    /// The decision a rule task makes: `zt:decision`.
    pub decision: Option<String>,
    /// The name under which what was decided or computed is kept: `zt:result`.
    pub result: Option<String>,
    /// Budget in working days.
    pub days: Option<u32>,
    /// The notice sent with it.
    pub notice: Option<String>,
    /// What may come of it; empty if there is nothing to choose.
    pub outcomes: Vec<String>,
    /// The department whose officers do it: `zt:department`, a word, or an expression after `=`.
    pub department: Option<String>,
    /// What counts as its outcome when its days are over: `zt:default`.
    pub by_default: Option<String>,
    /// The flow taken when no condition holds.
    pub default: Option<String>,
    /// What the officer should know.
    pub documentation: String,
    /// What sets it off, or what it sets off; none for a plain event.
    pub triggers: Vec<Trigger>,
    /// Whether all its triggers are wanted, and not the first of them.
    pub all_triggers: bool,
    /// Whether it stops the activity or scope it is attached to.
    pub interrupting: bool,
    /// Id of the activity it is attached to.
    pub attached: Option<String>,
    /// How often it is done.
    pub looping: Option<Looping>,
    /// Whether it is only done to undo another.
    pub undoes: bool,
    /// Tokens it takes to begin.
    pub start_quantity: u32,
    /// Tokens it gives when it is done.
    pub completion_quantity: u32,
    /// Id of the process that is called.
    pub called: Option<String>,
    /// The definition of another file that is called: `zt:calls`.
    pub calls: Option<String>,
    /// The text of a script, which only the caller may give a meaning.
    pub script: Option<String>,
    /// The condition of a complex gateway over `activationCount`, or of an ad-hoc sub-process to be complete.
    pub condition: Option<String>,
    /// Whether the steps of an ad-hoc sub-process are done one after another.
    pub sequential: bool,
    /// Id of the process or sub-process it lies in.
    pub scope: String,
    /// Line in the file, counted from 1.
    pub line: u32,
    /// Column in characters, counted from 1.
    pub column: u32,
    /// Position of the activity it is attached to.
    #[serde(skip)]
    pub(crate) host: Option<usize>,
    /// Position of the activity that undoes what it is attached to.
    #[serde(skip)]
    pub(crate) undone_by: Option<usize>,
    /// Positions of the nodes inside.
    #[serde(skip)]
    pub(crate) inside: Vec<usize>,
    /// Positions of the events attached.
    #[serde(skip)]
    pub(crate) boundary: Vec<usize>,
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
    /// Where an instance or a sub-process begins.
    Start,
    /// Where a token ends.
    End,
    /// Ends the whole scope at once.
    Terminate,
    /// Waits for something to happen.
    Catch,
    /// Lets something happen.
    Throw,
    /// Waits beside an activity.
    Boundary,
    /// Work nobody is named for.
    Task,
    /// A person's work at the desk.
    UserTask,
    /// A person's work away from the desk, confirmed afterwards.
    ManualTask,
    /// Work of the machine: a service, or a script named as an action.
    ServiceTask,
    /// A decision of the machine by rules.
    RuleTask,
    /// A message sent by the machine.
    SendTask,
    /// Waits for a message from outside.
    ReceiveTask,
    /// Steps of their own.
    SubProcess,
    /// Steps of their own that can be undone as a whole.
    Transaction,
    /// Steps of their own in no given order.
    AdHoc,
    /// Steps that begin when something happens.
    EventSubProcess,
    /// Another process.
    Call,
    /// One way out.
    Exclusive,
    /// All ways out, and waits for all ways in.
    Parallel,
    /// Every way whose condition holds, and waits for those that will still come.
    Inclusive,
    /// Every way whose condition holds, and waits until its own condition holds.
    Complex,
    /// The way of what happens first.
    EventBased,
}

impl Node {
    /// Whether it is done for each of several.
    pub fn is_repeated(&self) -> bool {
        matches!(self.looping, Some(Looping::Each { .. }))
    }
}

impl NodeKind {
    /// Whether a person or the outside world is asked here.
    pub fn waits(self) -> bool {
        matches!(
            self,
            Self::UserTask | Self::ManualTask | Self::ReceiveTask | Self::Catch | Self::EventBased
        )
    }

    /// Whether the machine has work here.
    pub fn is_service(self) -> bool {
        matches!(self, Self::ServiceTask | Self::SendTask | Self::RuleTask)
    }

    /// Whether it is a gateway.
    pub fn is_gateway(self) -> bool {
        matches!(
            self,
            Self::Exclusive | Self::Parallel | Self::Inclusive | Self::Complex | Self::EventBased
        )
    }

    /// Whether it has steps of its own.
    pub fn is_scope(self) -> bool {
        matches!(
            self,
            Self::SubProcess | Self::Transaction | Self::AdHoc | Self::EventSubProcess | Self::Call
        )
    }

    /// Whether it is work, with or without steps of its own.
    pub fn is_activity(self) -> bool {
        !self.is_gateway()
            && !matches!(
                self,
                Self::Start
                    | Self::End
                    | Self::Terminate
                    | Self::Catch
                    | Self::Throw
                    | Self::Boundary
            )
    }

    /// Whether a token ends here.
    pub fn is_end(self) -> bool {
        matches!(self, Self::End | Self::Terminate)
    }
}

/// What sets an event off, or what it sets off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Trigger {
    /// A moment, a length of time or a cycle as ISO 8601 writes them, or an expression that gives one.
    Timer {
        /// Which of the three.
        form: TimerForm,
        /// The text.
        text: String,
    },
    /// A message by its name.
    Message {
        /// The name.
        name: String,
    },
    /// A signal by its name.
    Signal {
        /// The name.
        name: String,
    },
    /// An error by its code; none stands for any.
    Error {
        /// The code.
        code: Option<String>,
    },
    /// An escalation by its code; none stands for any.
    Escalation {
        /// The code.
        code: Option<String>,
    },
    /// A condition that comes true.
    Conditional {
        /// The condition.
        source: String,
    },
    /// What was done is undone: of one activity, or of all in the scope.
    Compensation {
        /// Id of the activity.
        activity: Option<String>,
    },
    /// A transaction is given up.
    Cancel,
    /// A jump to the place of the same name.
    Link {
        /// The name.
        name: String,
    },
}

/// How a timer says its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerForm {
    /// A moment.
    Date,
    /// A length of time.
    Duration,
    /// A length of time, a number of times.
    Cycle,
}

/// How often an activity is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Looping {
    /// Again as long as a condition holds.
    While {
        /// The condition; none stands for always.
        condition: Option<String>,
        /// Whether it is asked before the first time.
        before: bool,
        /// At most so often.
        most: Option<u32>,
    },
    /// For each of several.
    Each {
        /// How many: a number, or an expression.
        count: Option<String>,
        /// Name of the variable with the list of them.
        list: Option<String>,
        /// Name by which each sees its own.
        element: Option<String>,
        /// One after another.
        sequential: bool,
        /// When enough are done.
        enough: Option<String>,
        /// What is set off: as each is done, or as the first is.
        behavior: Behavior,
    },
}

/// What is set off as instances of a repeated activity are done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "when")]
pub enum Behavior {
    /// Nothing: the activity is done when all are.
    All,
    /// This, as the first is done.
    One {
        /// What.
        trigger: Option<Trigger>,
    },
    /// This, as each is done.
    Each {
        /// What.
        trigger: Option<Trigger>,
    },
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
        read::model(&xml::read(source)?, None)
    }

    /// Reads a definition for the process of an id; the others of the file may be called by it.
    pub fn parse_process(source: &str, id: &str) -> Result<Self, ModelError> {
        read::model(&xml::read(source)?, Some(id))
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

    /// The nodes of a process or sub-process.
    pub(crate) fn within<'m>(&'m self, scope: &'m str) -> impl Iterator<Item = (usize, &'m Node)> {
        self.nodes.iter().enumerate().filter(move |(_, node)| node.scope == scope)
    }

    /// Flows that leave a node.
    pub(crate) fn out<'m>(&'m self, node: &'m Node) -> impl Iterator<Item = (usize, &'m Flow)> {
        node.outgoing.iter().filter_map(|at| self.flows.get(*at).map(|flow| (*at, flow)))
    }
}
