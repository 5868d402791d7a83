//! What can go wrong with a case, in words for the one who reads it.

use thiserror::Error;
use zhengtong_base::{Failure, FieldError, Kind, Text};

/// The result of this suite.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure of a verb on a case.
#[derive(Debug, Error)]
pub enum Error {
    /// The store failed or refused.
    #[error(transparent)]
    Store(#[from] zhengtong_db::Error),
    /// The record failed.
    #[error(transparent)]
    Ledger(#[from] zhengtong_ledger::Error),
    /// The process failed or refused.
    #[error(transparent)]
    Process(#[from] zhengtong_process::Error),
    /// A post or an account refused.
    #[error(transparent)]
    Party(#[from] zhengtong_party::Error),
    /// A document could not be made.
    #[error(transparent)]
    Document(#[from] zhengtong_document::Error),
    /// A message could not be sent.
    #[error(transparent)]
    Notice(#[from] zhengtong_notice::Error),
    /// A file could not be kept or read.
    #[error(transparent)]
    Blob(#[from] zhengtong_blob::Error),
    /// A registry could not be written.
    #[error(transparent)]
    Registry(#[from] zhengtong_registry::Error),
    /// The clock cannot be read.
    #[error(transparent)]
    Calendar(#[from] zhengtong_calendar::CalendarError),
    /// What was sent breaks a rule.
    #[error("the input breaks {} rules", .0.len())]
    Invalid(Vec<FieldError>),
    /// The case is not in a state for this, or somebody was faster.
    #[error("{0}")]
    State(Text),
    /// A definition of a pack is missing or does not fit.
    #[error("{0}")]
    Definition(String),
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Ledger(error) => error.kind(),
            Self::Process(error) => error.kind(),
            Self::Party(error) => error.kind(),
            Self::Document(error) => error.kind(),
            Self::Notice(error) => error.kind(),
            Self::Registry(error) => error.kind(),
            Self::Blob(error) => error.kind(),
            Self::Invalid(_) => Kind::Invalid,
            Self::State(_) => Kind::Conflict,
            Self::Calendar(_) | Self::Definition(_) => Kind::Internal,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Ledger(error) => error.text(),
            Self::Process(error) => error.text(),
            Self::Party(error) => error.text(),
            Self::Document(error) => error.text(),
            Self::Notice(error) => error.text(),
            Self::Registry(error) => error.text(),
            Self::Blob(error) => error.text(),
            Self::Calendar(error) => Text::new(error.zh(), error.to_string()),
            Self::Invalid(fields) => Text::new(
                format!("有 {} 处要改", fields.len()),
                format!("{} things need a change", fields.len()),
            ),
            Self::State(text) => text.clone(),
            Self::Definition(_) => Text::new(
                "这件事的办理规则有缺，已经记下，请拨 12345",
                "the rules of this kind of case are incomplete; it was recorded, please call 12345",
            ),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.clone(),
            Self::Party(error) => error.fields(),
            Self::Document(error) => error.fields(),
            Self::Registry(error) => error.fields(),
            Self::Notice(error) => error.fields(),
            _ => Vec::new(),
        }
    }
}
