//! The state of an instance, what may be done to it, and what comes of it. All of it is plain data to be stored.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{OUTCOME, OUTCOMES};

/// The number of a task within its instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(pub u64);

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// An instance between two commands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Id of the process.
    pub process: String,
    /// Where the tokens rest.
    pub tokens: Vec<Token>,
    /// Work that is due, one for each token at a task.
    pub open: Vec<OpenTask>,
    /// The latest completed visit of each task, for returns.
    pub visits: BTreeMap<String, Visit>,
    /// How it ended, once it has.
    pub ended: Option<Ending>,
    /// What the conditions see. `outcome` is the latest outcome, `outcomes` the latest of each task by its id.
    pub variables: Map<String, Value>,
    /// Moves so far.
    pub steps: u64,
    /// The next number for a token, task, split or visit.
    pub next: u64,
}

/// A token at rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its number.
    pub id: u64,
    /// The task it rests at, or the join it waits at.
    pub node: String,
    /// At a join, the flow it came by.
    pub flow: Option<String>,
    /// The splits it came through, outermost first.
    pub path: Vec<Branch>,
}

/// One branch of one split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    /// The number of the split.
    pub split: u64,
    /// Which of its branches.
    pub branch: u32,
}

/// Work that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenTask {
    /// Its number.
    pub task: TaskId,
    /// The token that rests there.
    pub token: u64,
    /// The node.
    pub node: String,
    /// Whose work it is.
    pub kind: TaskKind,
    /// How often a service has failed.
    pub failures: u32,
}

/// Whose work a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// A person's, at the desk.
    User,
    /// A person's, away from the desk.
    Manual,
    /// Nobody's: a message from outside is awaited.
    Receive,
    /// The machine's.
    Service,
}

/// A completed visit of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The task.
    pub task: TaskId,
    /// When the task was opened, in the numbers of this instance.
    pub order: u64,
    /// The splits its token had come through.
    pub path: Vec<Branch>,
}

/// How an instance ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "how")]
pub enum Ending {
    /// The last token reached an end.
    Completed,
    /// A terminate event was reached.
    Stopped {
        /// The event.
        node: String,
    },
    /// The applicant withdrew.
    Withdrawn,
    /// An official ended it.
    Terminated {
        /// Why.
        reason: String,
    },
}

/// What may be done to an instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "command")]
pub enum Command {
    /// A person's task, or an awaited message, is done. `vars` join the variables; a task with outcomes needs `outcome`.
    CompleteTask {
        /// The task.
        task: TaskId,
        /// What was found.
        vars: Map<String, Value>,
    },
    /// A service is done.
    CompleteService {
        /// The task.
        task: TaskId,
        /// What was found.
        vars: Map<String, Value>,
    },
    /// A service failed. It stays due.
    FailService {
        /// The task.
        task: TaskId,
        /// Why.
        reason: String,
    },
    /// A person's task goes back to an earlier one; open siblings that came from there are cancelled.
    ReturnTo {
        /// The task.
        task: TaskId,
        /// The earlier node.
        node: String,
    },
    /// The applicant withdraws.
    Withdraw,
    /// An official ends the instance.
    Terminate {
        /// Why.
        reason: String,
    },
}

/// What comes of a command, for the caller to carry out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "effect")]
pub enum Effect {
    /// Somebody has work.
    TaskOpened {
        /// The task.
        task: TaskId,
        /// The node.
        node: String,
        /// Its name.
        name: String,
        /// Whose work it is.
        kind: TaskKind,
        /// Who does it.
        role: Option<String>,
        /// The form shown with it.
        form: Option<String>,
        /// Budget in working days.
        days: Option<u32>,
        /// The notice sent with it.
        notice: Option<String>,
        /// What may come of it.
        outcomes: Vec<String>,
    },
    /// A task is done.
    TaskClosed {
        /// The task.
        task: TaskId,
        /// The node.
        node: String,
        /// What came of it.
        outcome: Option<String>,
    },
    /// A task is no longer wanted.
    TaskCancelled {
        /// The task.
        task: TaskId,
        /// The node.
        node: String,
    },
    /// The machine has work.
    ServiceDue {
        /// The task.
        task: TaskId,
        /// The node.
        node: String,
        /// Its name.
        name: String,
        /// The verb to carry out; absent for a plain message.
        action: Option<String>,
        /// The notice to send.
        notice: Option<String>,
    },
    /// A service failed and stays due.
    ServiceFailed {
        /// The task.
        task: TaskId,
        /// The node.
        node: String,
        /// Why.
        reason: String,
        /// How often by now.
        failures: u32,
    },
    /// The instance is over.
    Ended {
        /// How.
        ending: Ending,
    },
}

impl State {
    pub(super) fn new(process: &str, variables: Map<String, Value>) -> Self {
        Self {
            process: process.to_owned(),
            tokens: Vec::new(),
            open: Vec::new(),
            visits: BTreeMap::new(),
            ended: None,
            variables,
            steps: 0,
            next: 1,
        }
    }

    /// An open task.
    pub fn task(&self, task: TaskId) -> Option<&OpenTask> {
        self.open.iter().find(|open| open.task == task)
    }

    /// Takes what a task found into the variables.
    pub(super) fn keep(&mut self, node: &str, vars: Map<String, Value>, outcome: Option<String>) {
        for (name, value) in vars {
            // The record of outcomes is kept here and nowhere else.
            if name != OUTCOMES {
                self.variables.insert(name, value);
            }
        }
        let Some(outcome) = outcome else { return };
        self.variables.insert(OUTCOME.to_owned(), Value::String(outcome.clone()));
        let kept = self.variables.entry(OUTCOMES).or_insert_with(|| Value::Object(Map::new()));
        if !kept.is_object() {
            *kept = Value::Object(Map::new());
        }
        if let Value::Object(kept) = kept {
            kept.insert(node.to_owned(), Value::String(outcome));
        }
    }

    /// A number nothing else in this instance has.
    pub(super) fn number(&mut self) -> u64 {
        let number = self.next;
        self.next += 1;
        number
    }
}
