//! What can go wrong with settings.

use thiserror::Error;
use zhengtong_base::{Failure, FieldError, Kind, Text};

/// The result of this engine.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure of this engine.
#[derive(Debug, Error)]
pub enum Error {
    /// The store failed or policy refused.
    #[error(transparent)]
    Store(#[from] zhengtong_db::Error),
    /// The record of acts failed.
    #[error(transparent)]
    Ledger(#[from] zhengtong_ledger::Error),
    /// There is no such setting.
    #[error("there is no setting {0}")]
    Unknown(String),
    /// There is no such change of the setting.
    #[error("there is no change {0} to take back")]
    NoChange(i64),
    /// The value or the reason does not fit.
    #[error("{field} does not fit: {}", text.en)]
    Invalid {
        /// The field.
        field: &'static str,
        /// What to do.
        text: Text,
    },
    /// Someone else changed it since the page was opened.
    #[error("{0} was changed meanwhile")]
    Changed(&'static str),
    /// This very pack is in force already, or there is none to take out.
    #[error("nothing changes at the pack {0}")]
    SamePack(String),
    /// The value is in force already.
    #[error("{0} has this value already")]
    Same(&'static str),
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Ledger(error) => error.kind(),
            Self::Unknown(_) | Self::NoChange(_) => Kind::NotFound,
            Self::Invalid { .. } | Self::Same(_) | Self::SamePack(_) => Kind::Invalid,
            Self::Changed(_) => Kind::Conflict,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Ledger(error) => error.text(),
            Self::Unknown(_) => Text::new(
                "没有这项设置，请从设置列表里选",
                "there is no such setting; choose one from the list",
            ),
            Self::NoChange(_) => Text::new(
                "没有这次改动，请从这项设置的历史里选",
                "there is no such change; choose one from the history of the setting",
            ),
            Self::Invalid { text, .. } => text.clone(),
            Self::Changed(_) => Text::new(
                "您打开这一页之后，别人已经改过这项设置，请刷新看过再改",
                "someone changed this setting after you opened the page; reload, look and try again",
            ),
            Self::SamePack(_) => Text::new(
                "这个包装着的就是这一版，或者没有装过",
                "this very version of the pack is in force, or none was put in",
            ),
            Self::Same(_) => Text::new(
                "现在就是这个值，没有要改的",
                "this value is in force already; there is nothing to change",
            ),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid { field, text } => {
                vec![FieldError { field: (*field).to_owned(), text: text.clone() }]
            }
            Self::Same(_) => vec![FieldError { field: "value".to_owned(), text: self.text() }],
            _ => Vec::new(),
        }
    }
}
