//! What can be wrong: a file that is no model, a finding in a model, a command that cannot be carried out.

use std::fmt;

use serde::Serialize;

use crate::run::TaskId;

/// The file is not a BPMN definition at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("line {line}, column {column}: {en}")]
pub struct ModelError {
    /// Line, counted from 1.
    pub line: u32,
    /// Column in characters, counted from 1.
    pub column: u32,
    /// The id or name of the element at hand, or nothing.
    pub element: String,
    /// What is wrong, in Chinese.
    pub zh: String,
    /// What is wrong, in English.
    pub en: String,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The process must not be published.
    Error,
    /// Somebody should look at it.
    Warning,
}

/// Something wrong in a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How grave it is.
    pub level: Level,
    /// A stable word for the kind of finding, such as `dead-end`.
    pub code: &'static str,
    /// The id of the element, or its name if it has none.
    pub element: String,
    /// Line, counted from 1.
    pub line: u32,
    /// Column in characters, counted from 1.
    pub column: u32,
    /// What is wrong and what to do, in Chinese.
    pub zh: String,
    /// What is wrong and what to do, in English.
    pub en: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}: {}", self.line, self.column, self.element, self.en)
    }
}

/// A command that cannot be carried out. The state stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExecError {
    /// The model holds something that is not understood, or its one start is missing.
    #[error("this process cannot be run: {en}")]
    NotExecutable {
        /// The first reason, in Chinese.
        zh: String,
        /// The first reason, in English.
        en: String,
    },
    /// The instance is over.
    #[error("this process has ended")]
    Ended,
    /// The task is closed, cancelled, or never was.
    #[error("task {0} is not open")]
    TaskNotOpen(TaskId),
    /// A person's task was answered as a service, or the other way round.
    #[error("task {0} is of another kind")]
    WrongKind(TaskId),
    /// The outcome is missing or not one of those the task declares.
    #[error("the outcome must be one of: {}", allowed.join(", "))]
    OutcomeNotAllowed {
        /// What the task declares.
        allowed: Vec<String>,
    },
    /// A condition could not be evaluated.
    #[error("the condition of flow '{flow}' cannot be evaluated: {message}")]
    Condition {
        /// The flow.
        flow: String,
        /// Why.
        message: String,
    },
    /// What happened is not awaited any more, or never was.
    #[error("nothing waits under the number {0}")]
    NotAwaited(u64),
    /// The process that is called is not in the model.
    #[error("'{node}' calls the process '{process}', which is not there")]
    NoProcess {
        /// The node.
        node: String,
        /// The process.
        process: String,
    },
    /// A number of times is no whole number from 0 to 10,000.
    #[error("'{node}' cannot be done so many times: {found}")]
    Count {
        /// The node.
        node: String,
        /// What was found instead.
        found: String,
    },
    /// No condition holds and there is no default, or nothing leads on.
    #[error("no way leads on from '{node}'")]
    NoWay {
        /// The node.
        node: String,
    },
    /// The node is not an earlier user task that this task may go back to.
    #[error("this task cannot be returned to '{node}'")]
    ReturnNotPossible {
        /// The node.
        node: String,
    },
    /// An act of an office that does not fit here, with the reason.
    #[error("{en}")]
    NotPossible {
        /// Why not, in Chinese.
        zh: &'static str,
        /// Why not, in English.
        en: &'static str,
    },
    /// Everything waits and nobody is asked: the model is unsound.
    #[error("the process would wait for ever at: {}", nodes.join(", "))]
    Stuck {
        /// The joins that wait.
        nodes: Vec<String>,
    },
    /// More moves or tokens than one command may cause.
    #[error("one command may not cause so many steps: the process runs in a circle")]
    TooManySteps,
    /// The state speaks of a node this model does not have.
    #[error("this state belongs to another version of the process: it has no '{node}'")]
    ModelChanged {
        /// The node.
        node: String,
    },
}

impl ExecError {
    /// The text in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::NotExecutable { zh, .. } => format!("流程不能运行：{zh}"),
            Self::Ended => "流程已经结束".to_owned(),
            Self::TaskNotOpen(task) => format!("任务 {task} 已不在办理中"),
            Self::WrongKind(task) => format!("任务 {task} 不是这一类任务"),
            Self::OutcomeNotAllowed { allowed } => format!("办理结果应为：{}", allowed.join("、")),
            Self::Condition { flow, message } => format!("连线“{flow}”的条件无法计算：{message}"),
            Self::NotAwaited(_) => "流程已不再等待这件事".to_owned(),
            Self::NoProcess { node, process } => format!("“{node}”调用的流程“{process}”不存在"),
            Self::Count { node, found } => {
                format!("“{node}”的次数应为 0 到 10000 的整数，现为 {found}")
            }
            Self::NoWay { node } => format!("“{node}”之后没有可走的路径"),
            Self::ReturnNotPossible { node } => format!("不能退回到“{node}”"),
            Self::NotPossible { zh, .. } => (*zh).to_owned(),
            Self::Stuck { nodes } => format!("流程将永远等待：{}", nodes.join("、")),
            Self::TooManySteps => "一次操作引起的步骤过多：流程出现空转循环".to_owned(),
            Self::ModelChanged { node } => format!("该实例属于流程的另一版本：缺少“{node}”"),
        }
    }
}
