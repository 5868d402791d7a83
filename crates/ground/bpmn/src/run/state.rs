//! The state of an instance, what may be done to it, and what comes of it. All of it is plain data to be stored.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{OUTCOME, OUTCOMES};
use crate::join::JOINT;
use crate::model::Trigger;

/// The scope of the process itself.
pub(crate) const ROOT: u64 = 0;
/// No scope any more.
const GONE: u64 = u64::MAX;

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
    /// The process and the sub-processes that are being gone through.
    pub scopes: Vec<Scope>,
    /// What is awaited.
    pub waits: Vec<Wait>,
    /// Activities that are done several times.
    pub repeats: Vec<Repeat>,
    /// What is being undone.
    pub undoings: Vec<Undoing>,
    /// Those who are asked beside a task.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub panels: Vec<Panel>,
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
    /// The scope it moves in.
    pub scope: u64,
    /// Where it goes straight when the task it rests at is done, the next one last: it is out of its way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<String>,
}

/// A process or sub-process that is being gone through.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scope {
    /// Its number; the process itself is 0.
    pub id: u64,
    /// The sub-process, the call, or the process itself.
    pub node: String,
    /// Whose steps are gone through: the sub-process or the called process.
    pub steps: String,
    /// The scope it lies in.
    pub parent: u64,
    /// The token that waits for it; none for the process itself and for what an event began.
    pub token: Option<u64>,
    /// What is visible in it only.
    pub locals: Map<String, Value>,
    /// What was done in it and can be undone, the latest last.
    pub done: Vec<Done>,
    /// Steps of an ad-hoc sub-process that are still to come.
    pub pending: Vec<String>,
}

/// Something that was done and can be undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The activity.
    pub node: String,
    /// What was done inside it.
    pub inside: Vec<Done>,
}

/// Something that is awaited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// Its number.
    pub id: u64,
    /// The event.
    pub node: String,
    /// What is awaited.
    pub trigger: Trigger,
    /// Who waits.
    pub host: Host,
    /// Times a cycle has still to come; none is without end.
    pub left: Option<u32>,
    /// Whether a condition was true when last looked at.
    pub held: bool,
}

/// Who waits for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "who", content = "number")]
pub enum Host {
    /// A token at an event or an event-based gateway.
    Token(u64),
    /// An event beside the activity at which this token rests.
    Activity(u64),
    /// An event sub-process of this scope.
    Scope(u64),
}

/// An activity that is done several times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeat {
    /// The token that waits for all of them.
    pub token: u64,
    /// How many there are; none while a condition decides.
    pub total: Option<u32>,
    /// How many were begun.
    pub begun: u32,
    /// How many were done.
    pub ended: u32,
    /// What each is about, in their order.
    pub elements: Vec<Value>,
}

/// What is being undone, one after another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undoing {
    /// The token that waits for it.
    pub token: u64,
    /// Activities still to run, the next one last, with what each may undo itself.
    pub left: Vec<Done>,
    /// The token or scope of the one that runs.
    pub running: Option<u64>,
    /// Whether the scope is given up afterwards.
    pub gives_up: bool,
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// What only this one of several sees: `loopCounter`, and its own element.
    pub locals: Map<String, Value>,
    /// Whose it is, in the words of the caller; none while nobody has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// Those who lent it on, the latest last; it comes back to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lent: Vec<Option<String>>,
    /// The panel it is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<Beside>,
}

/// What a task is to the panel it is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    /// The number of the panel.
    pub panel: u64,
    /// The task it was opened for.
    pub task: TaskId,
    /// Why it was opened.
    pub purpose: Purpose,
}

/// Why others are asked beside a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// They sign before it (前加签): it waits for them.
    Before,
    /// They sign after it (后加签): its token waits for them.
    After,
    /// They sign together, and a rule decides (会签, 或签, 并加签).
    Together,
    /// They are asked for an opinion (征求意见), which moves nothing.
    Opinion,
}

/// When those who sign together have decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "rule", content = "percent")]
pub enum Rule {
    /// All have signed (会签). They agree when each gave the same; one who does not decides against.
    All,
    /// The first who signs decides (或签).
    One,
    /// So many of a hundred gave the first outcome; or so many cannot be had any more.
    Ratio(u8),
}

/// Those who are asked beside a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panel {
    /// Its number.
    pub id: u64,
    /// The task it was asked for.
    pub task: TaskId,
    /// The token that rests there.
    pub token: u64,
    /// Why.
    pub purpose: Purpose,
    /// When it has decided.
    pub rule: Rule,
    /// Whether the task waits for it.
    pub waits: bool,
    /// Those who will be asked once the task is done.
    pub later: Vec<String>,
    /// What was given so far.
    pub given: Vec<Sign>,
}

/// What one of several gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sign {
    /// The task.
    pub task: TaskId,
    /// Who.
    pub who: Option<String>,
    /// What.
    pub outcome: Option<String>,
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
    /// The scope it was in.
    pub scope: u64,
    /// What came of it, as long as it may be taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came: Option<Came>,
}

/// What came of a task that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Came {
    /// The tokens; none when its own goes on resting there.
    pub tokens: Vec<u64>,
    /// The tasks that opened.
    pub tasks: Vec<TaskId>,
    /// The token of a task that is done several times.
    pub host: Option<u64>,
    /// Who did it.
    pub assignee: Option<String>,
    /// What it saw alone.
    pub locals: Map<String, Value>,
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
    /// An error that nothing caught.
    Failed {
        /// Its code.
        code: Option<String>,
    },
    /// The applicant withdrew.
    Withdrawn,
    /// An official ended it.
    Terminated {
        /// Why.
        reason: String,
    },
}

impl Token {
    /// The node that is its place in the process, also while it is out of its way.
    pub(super) fn place(&self) -> &str {
        self.then.first().unwrap_or(&self.node)
    }
}

impl State {
    pub(super) fn new(process: &str, variables: Map<String, Value>) -> Self {
        Self {
            process: process.to_owned(),
            tokens: Vec::new(),
            open: Vec::new(),
            scopes: vec![Scope {
                id: ROOT,
                node: process.to_owned(),
                steps: process.to_owned(),
                parent: ROOT,
                token: None,
                locals: Map::new(),
                done: Vec::new(),
                pending: Vec::new(),
            }],
            waits: Vec::new(),
            repeats: Vec::new(),
            undoings: Vec::new(),
            panels: Vec::new(),
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

    /// A scope that is being gone through.
    pub(super) fn scope(&self, id: u64) -> Option<&Scope> {
        self.scopes.iter().find(|scope| scope.id == id)
    }

    pub(super) fn scope_mut(&mut self, id: u64) -> Option<&mut Scope> {
        self.scopes.iter_mut().find(|scope| scope.id == id)
    }

    pub(super) fn token(&self, id: u64) -> Option<&Token> {
        self.tokens.iter().find(|token| token.id == id)
    }

    /// What conditions see in a scope: its own names before those around it.
    pub(super) fn seen(&self, scope: u64) -> Map<String, Value> {
        let mut chain = Vec::new();
        let mut at = self.scope(scope);
        while let Some(scope) = at.filter(|_| chain.len() < self.scopes.len()) {
            chain.push(scope);
            at = if scope.id == ROOT { None } else { self.scope(scope.parent) };
        }
        let mut seen = self.variables.clone();
        for scope in chain.into_iter().rev() {
            seen.extend(scope.locals.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        seen
    }

    /// Where the latest visit of a node in a scope is kept.
    pub(super) fn visit_key(node: &str, scope: u64) -> String {
        if scope == ROOT { node.to_owned() } else { format!("{node}@{scope}") }
    }

    /// The node of the key of a visit.
    pub(super) fn visited(key: &str) -> &str {
        key.split_once('@').map_or(key, |(node, _)| node)
    }

    /// Visits inside a scope that is gone are kept for answers that come straight back, and for nothing else.
    pub(super) fn forget_scope(&mut self, scope: u64) {
        let gone: Vec<String> = self
            .visits
            .iter()
            .filter(|(_, visit)| visit.scope == scope)
            .map(|(key, _)| key.clone())
            .collect();
        for key in gone {
            if let Some(mut visit) = self.visits.remove(&key) {
                visit.scope = GONE;
                visit.came = None;
                self.visits.insert(format!("{}@", Self::visited(&key)), visit);
            }
        }
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
            // A called process reads its own outcomes by the ids of its own file.
            if let Some((_, own)) = node.rsplit_once(JOINT) {
                kept.insert(own.to_owned(), Value::String(outcome.clone()));
            }
            kept.insert(node.to_owned(), Value::String(outcome));
        }
    }

    /// The latest outcome of a node.
    pub(super) fn last_outcome(&self, node: &str) -> Option<String> {
        let kept = self.variables.get(OUTCOMES)?.get(node)?;
        kept.as_str().map(ToOwned::to_owned)
    }

    /// A number nothing else in this instance has.
    pub(super) fn number(&mut self) -> u64 {
        let number = self.next;
        self.next += 1;
        number
    }
}
