//! What can go wrong with supervision.

use thiserror::Error;
use zhengtong_base::{Failure, FieldError, Kind, Text};

/// The result of this suite.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure of a verb on cards, findings, samples and the board.
#[derive(Debug, Error)]
pub enum Error {
    /// The store failed or refused.
    #[error(transparent)]
    Store(#[from] zhengtong_db::Error),
    /// The record failed.
    #[error(transparent)]
    Ledger(#[from] zhengtong_ledger::Error),
    /// The record of cases could not be read.
    #[error(transparent)]
    Casework(#[from] zhengtong_casework::Error),
    /// A message could not be sent.
    #[error(transparent)]
    Notice(#[from] zhengtong_notice::Error),
    /// A paper could not be issued.
    #[error(transparent)]
    Document(#[from] zhengtong_document::Error),
    /// A file could not be kept or read.
    #[error(transparent)]
    Blob(#[from] zhengtong_blob::Error),
    /// The people's engine failed or refused.
    #[error(transparent)]
    Party(#[from] zhengtong_party::Error),
    /// A day could not be reckoned.
    #[error(transparent)]
    Calendar(#[from] zhengtong_calendar::CalendarError),
    /// A rule cannot be judged.
    #[error("the rule {0} cannot be judged: {1}")]
    Rule(String, String),
    /// What was sent breaks a rule.
    #[error("the input breaks {} rules", .0.len())]
    Invalid(Vec<FieldError>),
    /// It cannot be done now, or not by this person.
    #[error("{0}")]
    State(Text),
}

impl Error {
    /// One field that is wrong.
    pub(crate) fn field(name: &str, zh: &str, en: &str) -> Self {
        Self::Invalid(vec![FieldError::new(name, zh.to_owned(), en.to_owned())])
    }
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Ledger(error) => error.kind(),
            Self::Casework(error) => error.kind(),
            Self::Notice(error) => error.kind(),
            Self::Document(error) => error.kind(),
            Self::Blob(error) => error.kind(),
            Self::Party(error) => error.kind(),
            Self::Calendar(_) | Self::Rule(..) => Kind::Internal,
            Self::Invalid(_) => Kind::Invalid,
            Self::State(_) => Kind::Conflict,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Ledger(error) => error.text(),
            Self::Casework(error) => error.text(),
            Self::Notice(error) => error.text(),
            Self::Document(error) => error.text(),
            Self::Blob(error) => error.text(),
            Self::Party(error) => error.text(),
            Self::Calendar(error) => Text::new(error.zh(), error.to_string()),
            Self::Rule(rule, why) => {
                Text::new(format!("监察规则 {rule} 判不了：{why}"), self.to_string())
            }
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
