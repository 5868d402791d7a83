//! What an instance tells the suite that runs it, and its picture.

use serde_json::{Map, Value};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_bpmn::{Bounds, NodeKind, Point};

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
        /// The word of the action.
        action: String,
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

/// An instance as stored.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Instance {
    pub(crate) id: Uuid,
    pub(crate) digest: String,
    pub(crate) xml: String,
    pub(crate) thing: String,
    pub(crate) state: Value,
}

/// A command as stored.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Past {
    pub(crate) command: Value,
    pub(crate) node: Option<String>,
    pub(crate) at: OffsetDateTime,
    pub(crate) actor: String,
}

/// The variables of an instance.
pub(crate) type Vars = Map<String, Value>;
