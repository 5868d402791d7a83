//! What can go wrong with the portal.

use thiserror::Error;
use zhengtong_base::{Failure, FieldError, Kind, Text};

/// The result of this suite.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure of a verb on the portal.
#[derive(Debug, Error)]
pub enum Error {
    /// The store failed or refused.
    #[error(transparent)]
    Store(#[from] zhengtong_db::Error),
    /// The record failed.
    #[error(transparent)]
    Ledger(#[from] zhengtong_ledger::Error),
    /// An account or a post could not be read.
    #[error(transparent)]
    Party(#[from] zhengtong_party::Error),
    /// A dataset could not be read.
    #[error(transparent)]
    Registry(#[from] zhengtong_registry::Error),
    /// A file could not be kept or read.
    #[error(transparent)]
    Blob(#[from] zhengtong_blob::Error),
    /// What was sent breaks a rule.
    #[error("the input breaks {} rules", .0.len())]
    Invalid(Vec<FieldError>),
    /// A filter or an order cannot be read.
    #[error("the search cannot be read: {0}")]
    Query(String),
    /// It is not there.
    #[error("{0} `{1}` is not there")]
    Absent(&'static str, String),
    /// A key that opens nothing.
    #[error("the key opens nothing")]
    Key,
    /// The key was used as often as it may be in a day.
    #[error("the key was used {0} times today, which is all it may")]
    Quota(i32),
    /// Chance failed.
    #[error("no random numbers: {0}")]
    Secret(String),
}

impl Error {
    /// One field is wrong.
    pub(crate) fn field(name: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(name, zh, en)])
    }
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Ledger(error) => error.kind(),
            Self::Party(error) => error.kind(),
            Self::Registry(error) => error.kind(),
            Self::Blob(error) => error.kind(),
            Self::Invalid(_) | Self::Query(_) => Kind::Invalid,
            Self::Absent(..) => Kind::NotFound,
            Self::Key => Kind::Denied,
            Self::Quota(_) => Kind::TooMany,
            Self::Secret(_) => Kind::Internal,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Ledger(error) => error.text(),
            Self::Party(error) => error.text(),
            Self::Registry(error) => error.text(),
            Self::Blob(error) => error.text(),
            Self::Invalid(fields) => Text::new(
                format!("有 {} 处要改", fields.len()),
                format!("{} things need a change", fields.len()),
            ),
            Self::Query(what) => Text::new(
                format!("检索条件看不懂：{what}"),
                format!("the search cannot be read: {what}"),
            ),
            Self::Absent(..) => Text::new("没有找到", "Not found"),
            Self::Key => Text::new(
                "密钥无效、已停用或已过期",
                "the key is unknown, was revoked or has expired",
            ),
            Self::Quota(daily) => Text::new(
                format!("这个密钥今天已用满 {daily} 次，明天再用"),
                format!(
                    "the key was used {daily} times today, which is all it may; use it again tomorrow"
                ),
            ),
            Self::Secret(_) => {
                Text::new("平台出错了，请稍后再试", "the platform failed; try again")
            }
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.clone(),
            Self::Registry(error) => error.fields(),
            _ => Vec::new(),
        }
    }
}
