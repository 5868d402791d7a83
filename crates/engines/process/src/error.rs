//! What can go wrong with an instance.

use thiserror::Error;
use zhengtong_base::{Failure, FieldError, Kind, Text};
use zhengtong_bpmn::{ExecError, Finding, Level, ModelError};

use crate::design::DesignError;

/// The result of this engine.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure of a verb on an instance.
#[derive(Debug, Error)]
pub enum Error {
    /// The store failed or refused.
    #[error(transparent)]
    Store(#[from] zhengtong_db::Error),
    /// The record failed.
    #[error(transparent)]
    Ledger(#[from] zhengtong_ledger::Error),
    /// The command cannot be carried out in this state.
    #[error("the command does not fit the state")]
    Command(#[from] ExecError),
    /// A kept definition cannot be read any more.
    #[error("a kept definition cannot be read")]
    Model(#[from] ModelError),
    /// There is no such definition.
    #[error("there is no process {0}")]
    NoDefinition(String),
    /// A design cannot be drawn, submitted or decided about like this.
    #[error(transparent)]
    Design(#[from] DesignError),
    /// A field does not fit.
    #[error("{field} does not fit: {}", text.en)]
    Field {
        /// The field.
        field: &'static str,
        /// What to do.
        text: Text,
    },
    /// What a message is for has ended.
    #[error("the process of {0} has ended and takes no message any more")]
    Over(String),
    /// A step waits for the operators, who decide about an earlier act.
    #[error("an act on this step is already with the operators")]
    Held,
    /// A reason is missing, or too long.
    #[error("a reason of 2 to 500 characters is wanted")]
    Reason,
    /// An instance cannot be moved to another version.
    #[error("the instance cannot be moved: {}", first(.0))]
    Migration(Vec<Finding>),
}

/// The first thing that stands against a move.
fn first(findings: &[Finding]) -> String {
    refusal(findings).map_or_else(String::new, ToString::to_string)
}

fn refusal(findings: &[Finding]) -> Option<&Finding> {
    findings.iter().find(|finding| finding.level == Level::Error)
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Ledger(error) => error.kind(),
            Self::Command(
                ExecError::Ended
                | ExecError::TaskNotOpen(_)
                | ExecError::WrongKind(_)
                | ExecError::NotAwaited(_)
                | ExecError::NotPossible { .. }
                | ExecError::ReturnNotPossible { .. },
            )
            | Self::Over(_)
            | Self::Held
            | Self::Design(DesignError::NotADraft | DesignError::Changed) => Kind::Conflict,
            Self::Command(ExecError::OutcomeNotAllowed { .. })
            | Self::Reason
            | Self::Migration(_)
            | Self::Field { .. }
            | Self::Design(DesignError::Same | DesignError::Faulty) => Kind::Invalid,
            Self::Design(DesignError::Alone) => Kind::Denied,
            Self::Command(_) | Self::Model(_) | Self::NoDefinition(_) => Kind::Internal,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Ledger(error) => error.text(),
            Self::Command(
                error @ (ExecError::Ended
                | ExecError::NotPossible { .. }
                | ExecError::ReturnNotPossible { .. }
                | ExecError::OutcomeNotAllowed { .. }),
            ) => Text::new(error.zh(), error.to_string()),
            Self::Over(_) => Text::new(
                "流程已经结束，不再接收这个消息",
                "the process has ended and takes no message any more",
            ),
            Self::Design(error) => error.text(),
            Self::Field { text, .. } => text.clone(),
            Self::Held => Text::new(
                "这一步已经提交，正由平台管理员处理，请稍候",
                "this step was handed in and is with the platform's operators; please wait",
            ),
            Self::Reason => {
                Text::new("请写明理由，2 到 500 个字", "say why, in 2 to 500 characters")
            }
            Self::Migration(findings) => {
                let found = refusal(findings);
                let zh = found.map(|one| format!("{}：{}", one.element, one.zh));
                let en = found.map(|one| format!("{}: {}", one.element, one.en));
                Text::new(
                    format!("不能迁移到这个版本：{}", zh.unwrap_or_default()),
                    format!("it cannot be moved to this version: {}", en.unwrap_or_default()),
                )
            }
            _ if self.kind() == Kind::Internal => Text::new(
                "流程走不下去了，已经记下，请联系平台管理员",
                "the process cannot go on; it was recorded, please tell the platform team",
            ),
            _ => Text::new(
                "这一步已经办过了，请看最新进展",
                "this step is done already; look at the latest state",
            ),
        }
    }
    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Field { field, text } => {
                vec![FieldError { field: (*field).to_owned(), text: text.clone() }]
            }
            _ => Vec::new(),
        }
    }
}
