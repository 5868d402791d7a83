//! What can go wrong with messages.

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
    /// No pack declares the message.
    #[error("no pack declares the message {0}")]
    NoTemplate(String),
    /// A variable of the message has no value.
    #[error("message {template} needs a value for {name}")]
    Missing {
        /// The template.
        template: String,
        /// The variable.
        name: String,
    },
    /// What was typed breaks a rule.
    #[error("{}: {}", .0.field, .0.text)]
    Invalid(FieldError),
    /// The machine has no chance to give.
    #[error("no random numbers: {0}")]
    Chance(String),
    /// The link leads out of the platform.
    #[error("{0} is no page of this platform; begin with a single slash")]
    Link(String),
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Ledger(error) => error.kind(),
            Self::NoTemplate(_) => Kind::NotFound,
            Self::Missing { .. } | Self::Link(_) | Self::Invalid(_) => Kind::Invalid,
            Self::Chance(_) => Kind::Internal,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Ledger(error) => error.text(),
            Self::NoTemplate(_) => Text::new(
                "没有这种消息，请核对消息模板的名称",
                "there is no such message; check the name of its template",
            ),
            Self::Missing { name, .. } => Text::new(
                format!("消息缺少 {name} 的内容，请补上再发"),
                format!("the message lacks {name}; add it and send again"),
            ),
            Self::Invalid(error) => error.text.clone(),
            Self::Chance(_) => Text::new(
                "系统暂时不能生成验证码，请稍后再试",
                "no code can be made at the moment; try again later",
            ),
            Self::Link(_) => Text::new(
                "消息里的链接只能是本平台的页面，以一个斜杠开头",
                "a message leads only to pages of this platform; begin the link with a single slash",
            ),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        let field = match self {
            Self::Missing { name, .. } => name.as_str(),
            Self::Link(_) => "link",
            Self::Invalid(error) => error.field.as_str(),
            _ => return Vec::new(),
        };
        vec![FieldError { field: field.to_owned(), text: self.text() }]
    }
}
