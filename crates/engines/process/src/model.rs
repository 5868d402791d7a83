//! What an instance tells the suite that runs it, and its picture.

use serde_json::{Map, Value};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_bpmn::{Bounds, NodeKind, Point, Purpose, State};

/// A task that opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The task, unique in its instance.
    pub task: String,
    /// The node of the process.
    pub node: String,
    /// What it is called; the English name is the node's documentation when there is one.
    pub title: Text,
    /// The role that does it.
    pub role: String,
    /// What may come of it.
    pub outcomes: Vec<String>,
    /// Working days it should take.
    pub days: Option<u32>,
    /// The department whose officers do it, as the model says or as its expression gives; none where it says nothing.
    pub department: Option<String>,
    /// Whether the model names a department by an expression that gave nothing.
    pub astray: bool,
    /// What counts as its outcome when its days are over.
    pub by_default: Option<String>,
    /// The visit of the node it belongs to: several tasks of one visit are done for one and the same step.
    pub visit: u64,
    /// Whether it is one of several of an activity that is done several times.
    pub several: bool,
    /// Whose it is from the beginning.
    pub assignee: Option<String>,
    /// Why it was opened beside another task, and which.
    pub beside: Option<(Purpose, String)>,
}

/// One piece of news after a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// A task opened.
    Opened(Opened),
    /// A task was done.
    Closed {
        /// The task.
        task: String,
    },
    /// Those who sign together, or after a task, have decided.
    Decided {
        /// The task they were asked for.
        task: String,
        /// The node.
        node: String,
        /// What they decided.
        outcome: Option<String>,
    },
    /// A task is no longer needed.
    Cancelled {
        /// The task.
        task: String,
    },
    /// The platform has something to do.
    Service {
        /// The task.
        task: String,
        /// The node.
        node: String,
        /// The word of the action; empty when only a notice is to be sent.
        action: String,
        /// The notice to send.
        notice: Option<String>,
    },
    /// A task is somebody else's.
    Assigned {
        /// The task.
        task: String,
        /// Whose.
        to: Option<String>,
    },
    /// A task has all it waited for.
    Ready {
        /// The task.
        task: String,
    },
    /// A command is kept until an operator has mended what keeps it from being carried out; nothing moved.
    Held {
        /// The incident.
        incident: Uuid,
        /// The node.
        node: String,
    },
    /// An escalation that nothing in the process caught.
    Escalated {
        /// The event.
        node: String,
        /// Its code.
        code: Option<String>,
    },
    /// Nothing more will happen.
    Ended,
}

/// Where a node stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was done.
    Done,
    /// It is being done.
    Now,
    /// Still to come.
    Future,
}

/// A node as drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct NodePicture {
    /// The id.
    pub id: String,
    /// The name.
    pub name: Text,
    /// What it is.
    pub kind: NodeKind,
    /// Where it lies.
    pub bounds: Bounds,
    /// Where it stands.
    pub standing: Standing,
    /// Who did it and when, the latest time.
    pub done: Option<(String, OffsetDateTime)>,
}

/// A flow as drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgePicture {
    /// The bends, first to last.
    pub points: Vec<Point>,
    /// Whether a token came along it.
    pub taken: bool,
}

/// The process with its tokens.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Picture {
    /// The nodes in the order of the file.
    pub nodes: Vec<NodePicture>,
    /// The flows.
    pub edges: Vec<EdgePicture>,
}

/// What moved without a suite asking: the suite of the thing carries it out in the same transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The instance.
    pub instance: Uuid,
    /// What it is for, such as `case/SPJY-2026-000001`.
    pub thing: String,
    /// What came of it.
    pub news: Vec<News>,
}

/// A step that a task may go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The node.
    pub node: String,
    /// What it is called.
    pub title: Text,
    /// What it is.
    pub kind: NodeKind,
    /// The role that does it.
    pub role: Option<String>,
    /// What may come of it.
    pub outcomes: Vec<String>,
}

/// Where a task may go beside its own way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// Back to an earlier step.
    pub back: Vec<Step>,
    /// To an earlier step, whose answer comes straight back.
    pub straight: Vec<Step>,
    /// To any step.
    pub anywhere: Vec<Step>,
}

/// A task of a person at which an instance rests.
#[expect(clippy::struct_excessive_bools, reason = "each answers a question of its own")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resting {
    /// The task.
    pub task: String,
    /// The node.
    pub node: String,
    /// Whose it is, in the words of the suite.
    pub assignee: Option<String>,
    /// Whether it was lent and has not come back.
    pub lent: bool,
    /// Whether it waits for those who were asked before it.
    pub waits: bool,
    /// Whether others sign after it.
    pub after: bool,
    /// Whether it is one of several of an activity that is done several times.
    pub several: bool,
    /// Why it was opened beside another task, and which.
    pub beside: Option<(Purpose, String)>,
}

/// At what an instance rests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rests {
    /// Tasks of people.
    pub tasks: Vec<Resting>,
    /// Services that are still due.
    pub services: Vec<String>,
    /// How many events and messages are awaited.
    pub waits: usize,
    /// Whether it is over.
    pub ended: bool,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// Somebody waited for it.
    To(Moved),
    /// Nobody waits yet; it is kept until this moment.
    Kept(OffsetDateTime),
}

/// What kind of thing stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncidentKind {
    /// A command could not be carried out; it is kept.
    Command,
    /// A service failed too often.
    Service,
    /// A timer says no time that can be read.
    Timer,
}

impl IncidentKind {
    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Service => "service",
            Self::Timer => "timer",
        }
    }

    pub(crate) fn of(word: &str) -> Self {
        match word {
            "service" => Self::Service,
            "timer" => Self::Timer,
            _ => Self::Command,
        }
    }
}

/// Something that stands still until an operator decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// The identifier.
    pub id: Uuid,
    /// The instance.
    pub instance: Uuid,
    /// What the instance is for.
    pub thing: String,
    /// The process, `pack:name`.
    pub definition: String,
    /// The node.
    pub node: String,
    /// The task, or what is awaited.
    pub task: Option<i64>,
    /// What kind.
    pub kind: IncidentKind,
    /// Why, for operators.
    pub cause: String,
    /// Since when.
    pub opened: OffsetDateTime,
}

/// Something that is awaited, as stored.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Waiting {
    pub(crate) number: u64,
    pub(crate) node: String,
    pub(crate) kind: &'static str,
    pub(crate) name: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) due: Option<OffsetDateTime>,
}

/// An instance as stored.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Instance {
    pub(crate) id: Uuid,
    pub(crate) digest: String,
    pub(crate) thing: String,
    pub(crate) state: State,
    /// Whether something in it stands still.
    pub(crate) held: bool,
}

/// A command as stored.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Past {
    pub(crate) command: Value,
    pub(crate) node: Option<String>,
}

/// The variables of an instance.
pub(crate) type Vars = Map<String, Value>;
