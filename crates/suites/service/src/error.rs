//! What can go wrong with an application.

use thiserror::Error;
use zhengtong_base::{Failure, FieldError, Kind, Text};

/// The result of this suite.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure of a verb on items and applications.
#[derive(Debug, Error)]
pub enum Error {
    /// The store failed or refused.
    #[error(transparent)]
    Store(#[from] zhengtong_db::Error),
    /// The record failed.
    #[error(transparent)]
    Ledger(#[from] zhengtong_ledger::Error),
    /// The form failed or refused.
    #[error(transparent)]
    Form(#[from] zhengtong_form::Error),
    /// The registry failed or refused.
    #[error(transparent)]
    Registry(#[from] zhengtong_registry::Error),
    /// The people's engine failed or refused.
    #[error(transparent)]
    Party(#[from] zhengtong_party::Error),
    /// The case could not be opened.
    #[error(transparent)]
    Casework(#[from] zhengtong_casework::Error),
    /// Word could not be sent.
    #[error(transparent)]
    Notice(#[from] zhengtong_notice::Error),
    /// A file could not be kept.
    #[error(transparent)]
    Blob(#[from] zhengtong_blob::Error),
    /// What was sent breaks a rule.
    #[error("the input breaks {} rules", .0.len())]
    Invalid(Vec<FieldError>),
    /// It cannot be done now, or not by this person.
    #[error("{0}")]
    State(Text),
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Ledger(error) => error.kind(),
            Self::Form(error) => error.kind(),
            Self::Registry(error) => error.kind(),
            Self::Party(error) => error.kind(),
            Self::Casework(error) => error.kind(),
            Self::Notice(error) => error.kind(),
            Self::Blob(error) => error.kind(),
            Self::Invalid(_) => Kind::Invalid,
            Self::State(_) => Kind::Conflict,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Ledger(error) => error.text(),
            Self::Form(error) => error.text(),
            Self::Registry(error) => error.text(),
            Self::Party(error) => error.text(),
            Self::Casework(error) => error.text(),
            Self::Notice(error) => error.text(),
            Self::Blob(error) => error.text(),
            Self::Invalid(fields) => Text::new(
                format!("有 {} 处要改", fields.len()),
                format!("{} things need a change", fields.len()),
            ),
            Self::State(text) => text.clone(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.clone(),
            Self::Form(error) => error.fields(),
            Self::Registry(error) => error.fields(),
            Self::Casework(error) => error.fields(),
            _ => Vec::new(),
        }
    }
}
