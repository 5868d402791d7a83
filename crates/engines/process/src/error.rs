//! What can go wrong with an instance.

use thiserror::Error;
use zhengtong_base::{Failure, Kind, Text};
use zhengtong_bpmn::{ExecError, ModelError};

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
                | ExecError::ReturnNotPossible { .. },
            ) => Kind::Conflict,
            Self::Command(ExecError::OutcomeNotAllowed { .. }) => Kind::Invalid,
            Self::Command(_) | Self::Model(_) | Self::NoDefinition(_) => Kind::Internal,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Ledger(error) => error.text(),
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
}
