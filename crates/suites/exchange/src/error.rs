//! What can go wrong with the exchange, apart from calls: those fail in the words of their protocol.

use thiserror::Error;
use zhengtong_base::{Failure, FieldError, Kind, Text};

/// The result of this suite.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure of a verb of the exchange.
#[derive(Debug, Error)]
pub enum Error {
    /// The store failed or refused.
    #[error(transparent)]
    Store(#[from] zhengtong_db::Error),
    /// The record failed.
    #[error(transparent)]
    Ledger(#[from] zhengtong_ledger::Error),
    /// An organisation could not be read.
    #[error(transparent)]
    Party(#[from] zhengtong_party::Error),
    /// What was sent breaks a rule.
    #[error("the input breaks {} rules", .0.len())]
    Invalid(Vec<FieldError>),
    /// It is not in a state in which this can be done.
    #[error("{}", .0.en)]
    State(Text),
}

impl Error {
    pub(crate) fn field(name: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(name, zh, en)])
    }

    pub(crate) fn state(zh: &str, en: &str) -> Self {
        Self::State(Text::new(zh, en))
    }

    pub(crate) fn absent(kind: &str, id: impl Into<String>) -> Self {
        Self::Store(zhengtong_db::Error::absent(kind, id))
    }
}

impl From<zhengtong_crypto::SealError> for Error {
    fn from(error: zhengtong_crypto::SealError) -> Self {
        Self::Store(error.into())
    }
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Ledger(error) => error.kind(),
            Self::Party(error) => error.kind(),
            Self::Invalid(_) => Kind::Invalid,
            Self::State(_) => Kind::Conflict,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Ledger(error) => error.text(),
            Self::Party(error) => error.text(),
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
            _ => Vec::new(),
        }
    }
}
