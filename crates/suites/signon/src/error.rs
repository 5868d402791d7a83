//! What can go wrong here, apart from the refusals of the protocol, which are answers.

use thiserror::Error;
use zhengtong_base::{Failure, FieldError, Kind, Text};

/// The result of this suite.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure of a verb.
#[derive(Debug, Error)]
pub enum Error {
    /// The store failed or refused.
    #[error(transparent)]
    Store(#[from] zhengtong_db::Error),
    /// The record failed.
    #[error(transparent)]
    Ledger(#[from] zhengtong_ledger::Error),
    /// The people's engine failed or refused.
    #[error(transparent)]
    Party(#[from] zhengtong_party::Error),
    /// What was sent breaks rules.
    #[error("{} fields are wrong", .0.len())]
    Invalid(Vec<FieldError>),
    /// It cannot be done now, or not in this way.
    #[error("{0}")]
    State(Text),
    /// A key could not be made, opened or used.
    #[error("a key failed: {0}")]
    Key(String),
    /// Another system did not answer as it should.
    #[error("another system failed: {0}")]
    Outside(String),
}

impl Error {
    /// One field that is wrong.
    pub(crate) fn field(name: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(name, zh, en)])
    }

    /// An absent thing.
    pub(crate) fn absent(kind: &str, id: impl std::fmt::Display) -> Self {
        Self::Store(zhengtong_db::Error::absent(kind, id.to_string()))
    }

    /// Something that cannot be done now.
    pub(crate) fn state(zh: &str, en: &str) -> Self {
        Self::State(Text::new(zh, en))
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
            Self::Key(_) => Kind::Internal,
            Self::Outside(_) => Kind::Unavailable,
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
            Self::Key(_) => Text::new(
                "签名密钥出了问题，已经记下，请联系运行单位",
                "a signing key failed and this was recorded; please tell who runs the site",
            ),
            Self::Outside(_) => Text::new(
                "对方系统没有按约定回应，请稍后再试，或换一种方式登录",
                "the other system did not answer as agreed; try later or sign in another way",
            ),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.clone(),
            Self::Party(error) => error.fields(),
            _ => Vec::new(),
        }
    }
}
