//! What may be done to an instance, and what comes of it for the caller to carry out.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::state::{Beside, Ending, Rule, TaskId, TaskKind};
use crate::model::Trigger;

/// When somebody signs who was added to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignPlace {
    /// Before it (前加签).
    Before,
    /// After it (后加签).
    After,
    /// Together with it, all of them (并加签).
    Together,
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
    /// A task ends with an error of the process, which the model may catch.
    Raise {
        /// The task.
        task: TaskId,
        /// The code.
        code: String,
        /// What was found.
        vars: Map<String, Value>,
    },
    /// What was awaited has happened: a time came, a message arrived.
    Happen {
        /// What was awaited.
        wait: u64,
        /// What came with it.
        vars: Map<String, Value>,
    },
    /// A signal was given somewhere; all who wait for it go on.
    Signal {
        /// Its name.
        name: String,
        /// What came with it.
        vars: Map<String, Value>,
    },
    /// Something changed that conditions may wait for.
    Learn {
        /// What is known now.
        vars: Map<String, Value>,
    },
    /// A person's task goes back to an earlier one (退回). Open siblings that came from there are cancelled; or, `straight`, the
    /// earlier one is done once more beside the way, and its answer comes straight back to this one.
    ReturnTo {
        /// The task.
        task: TaskId,
        /// The earlier node.
        node: String,
        /// Whether the answer comes straight back.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        straight: bool,
    },
    /// The one who did a task takes it back (撤回), as long as nobody has begun what came of it.
    TakeBack {
        /// The task that was done.
        task: TaskId,
    },
    /// A task is somebody else's, or nobody's (认领, 放回, 转办).
    Assign {
        /// The task.
        task: TaskId,
        /// Whose.
        to: Option<String>,
    },
    /// A task is lent to somebody and comes back (委派).
    Delegate {
        /// The task.
        task: TaskId,
        /// To whom.
        to: String,
    },
    /// A task that was lent comes back.
    GiveBack {
        /// The task.
        task: TaskId,
    },
    /// Others sign before or after a task, or together with it (加签).
    AddSign {
        /// The task.
        task: TaskId,
        /// Who.
        who: Vec<String>,
        /// When.
        place: SignPlace,
    },
    /// One of several who sign is not wanted any more (减签).
    RemoveSign {
        /// The task of the one.
        task: TaskId,
    },
    /// Several sign in place of one, and a rule decides (会签, 或签).
    Countersign {
        /// The task.
        task: TaskId,
        /// Who.
        who: Vec<String>,
        /// When it is decided.
        rule: Rule,
    },
    /// Several are asked for an opinion (征求意见); the token stays.
    AskOpinions {
        /// The task.
        task: TaskId,
        /// Who.
        who: Vec<String>,
        /// Whether the task waits for them.
        waits: bool,
    },
    /// A person's task is sent straight to any step (特送). What could then never meet counts as done or is cancelled.
    SendTo {
        /// The task.
        task: TaskId,
        /// The step.
        node: String,
        /// Why.
        reason: String,
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
        /// Whose it is from the beginning.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assignee: Option<String>,
        /// The panel it is part of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        beside: Option<Beside>,
    },
    /// A task is somebody else's.
    TaskAssigned {
        /// The task.
        task: TaskId,
        /// The node.
        node: String,
        /// Whose it was.
        from: Option<String>,
        /// Whose it is.
        to: Option<String>,
    },
    /// A task has all it waited for: those who sign before it did, or gave their opinions.
    TaskReady {
        /// The task.
        task: TaskId,
        /// The node.
        node: String,
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
    /// Those who sign together, or after a task, have decided.
    Decided {
        /// The task they were asked for.
        task: TaskId,
        /// The node.
        node: String,
        /// What they decided.
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
    /// Something is awaited.
    WaitOpened {
        /// Its number.
        wait: u64,
        /// The event.
        node: String,
        /// What is awaited.
        trigger: Trigger,
    },
    /// Something is no longer awaited.
    WaitClosed {
        /// Its number.
        wait: u64,
        /// The event.
        node: String,
    },
    /// A message goes out.
    MessageSent {
        /// The event.
        node: String,
        /// Its name.
        name: String,
    },
    /// A signal goes out; those of this instance who wait for it have heard it.
    SignalSent {
        /// The event.
        node: String,
        /// Its name.
        name: String,
    },
    /// An escalation that nothing in the model caught.
    Escalated {
        /// The event.
        node: String,
        /// Its code.
        code: Option<String>,
    },
    /// The instance is over.
    Ended {
        /// How.
        ending: Ending,
    },
}
