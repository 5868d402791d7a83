//! What can go wrong with the directory, in words for the one who reads it.

use thiserror::Error;
use zhengtong_base::{Failure, FieldError, Kind, Text};

/// The result of this suite.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure of a verb on the directory.
#[derive(Debug, Error)]
pub enum Error {
    /// The store failed or refused.
    #[error(transparent)]
    Store(#[from] zhengtong_db::Error),
    /// The record failed.
    #[error(transparent)]
    Ledger(#[from] zhengtong_ledger::Error),
    /// The calendar could not be read.
    #[error(transparent)]
    Casework(#[from] zhengtong_casework::Error),
    /// A dataset could not be read.
    #[error(transparent)]
    Registry(#[from] zhengtong_registry::Error),
    /// A unit could not be read.
    #[error(transparent)]
    Party(#[from] zhengtong_party::Error),
    /// The last day of a review cannot be worked out.
    #[error(transparent)]
    Calendar(#[from] zhengtong_calendar::CalendarError),
    /// What was sent breaks a rule.
    #[error("the input breaks {} rules", .0.len())]
    Invalid(Vec<FieldError>),
    /// It cannot be done now.
    #[error("{0}")]
    State(Text),
    /// A definition is missing.
    #[error("{0}")]
    Definition(String),
}

impl Error {
    /// One field is wrong.
    pub(crate) fn field(name: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(name, zh, en)])
    }

    /// Not now.
    pub(crate) fn state(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::State(Text::new(zh, en))
    }
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Ledger(error) => error.kind(),
            Self::Casework(error) => error.kind(),
            Self::Registry(error) => error.kind(),
            Self::Party(error) => error.kind(),
            Self::Invalid(_) => Kind::Invalid,
            Self::State(_) => Kind::Conflict,
            Self::Calendar(_) | Self::Definition(_) => Kind::Internal,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Ledger(error) => error.text(),
            Self::Casework(error) => error.text(),
            Self::Registry(error) => error.text(),
            Self::Party(error) => error.text(),
            Self::Invalid(fields) => Text::new(
                format!("有 {} 处要改", fields.len()),
                format!("{} things need a change", fields.len()),
            ),
            Self::State(text) => text.clone(),
            Self::Calendar(error) => Text::new(error.zh(), error.to_string()),
            Self::Definition(_) => Text::new(
                "平台的目录规则有误，请告诉管理员",
                "the rules of the directory are at fault",
            ),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.clone(),
            _ => Vec::new(),
        }
    }
}
