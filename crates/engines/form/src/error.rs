//! What can go wrong with forms and drafts, in words that say what to do.

use thiserror::Error;
use zhengtong_base::{Failure, FieldError, Kind, Text};

use crate::answers::PageRef;

/// The result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure of a verb of this engine.
#[derive(Debug, Error)]
pub enum Error {
    /// Refused, absent, or the store failed.
    #[error(transparent)]
    Store(#[from] zhengtong_db::Error),
    /// The act could not be recorded.
    #[error(transparent)]
    Ledger(#[from] zhengtong_ledger::Error),
    /// No pack in force has this form.
    #[error("form {0} is not there")]
    NoForm(String),
    /// The form has no such page, or the page no such entry or field.
    #[error("form {form} has no place {place}")]
    NoPlace {
        /// The form.
        form: String,
        /// The page, entry or field that was asked for.
        place: String,
    },
    /// Only a person can fill a form.
    #[error("the actor is no person")]
    NoPerson,
    /// The person has too many drafts.
    #[error("the person has {0} drafts, and cannot begin another")]
    TooManyDrafts(i64),
    /// The draft holds more than a draft may.
    #[error("the draft would be larger than {0} bytes")]
    TooLarge(usize),
    /// A repeated page has as many entries as it may.
    #[error("page {page} has {max} entries and can have no more")]
    Full {
        /// The page.
        page: String,
        /// Most entries.
        max: usize,
    },
    /// A file cannot be attached.
    #[error("the file cannot be attached to {}", error.field)]
    File {
        /// What kind of failure.
        kind: Kind,
        /// What to do.
        error: FieldError,
    },
    /// Something is missing or wrong.
    #[error("{} answers are missing or wrong", faults.len())]
    Incomplete {
        /// What, and on which page.
        faults: Vec<(PageRef, FieldError)>,
    },
    /// The draft has become a case.
    #[error("the draft was submitted as case {case}")]
    Submitted {
        /// The number of the case.
        case: String,
    },
    /// The first request with the same idempotency key has not ended.
    #[error("the same request is still being answered")]
    Unanswered,
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Ledger(error) => error.kind(),
            Self::NoForm(_) | Self::NoPlace { .. } => Kind::NotFound,
            Self::NoPerson => Kind::Denied,
            Self::TooManyDrafts(_) => Kind::TooMany,
            Self::TooLarge(_) => Kind::TooLarge,
            Self::Full { .. } | Self::Submitted { .. } | Self::Unanswered => Kind::Conflict,
            Self::File { kind, .. } => *kind,
            Self::Incomplete { .. } => Kind::Invalid,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Ledger(error) => error.text(),
            Self::NoForm(_) => Text::new(
                "这张表单现在不能填。请回到事项页重新进入",
                "this form cannot be filled now; go back to the page of the service and start again",
            ),
            Self::NoPlace { .. } => Text::new(
                "表单里没有这一页，可能它已被删除。请回到任务列表",
                "the form has no such page, it may have been removed; go back to the task list",
            ),
            Self::NoPerson => Text::new(
                "请用个人账号登录，再填表",
                "log in with a personal account to fill the form",
            ),
            Self::TooManyDrafts(count) => Text::new(
                format!("您已有 {count} 份未提交的草稿，请先提交或删除几份"),
                format!("you have {count} drafts; submit or delete some first"),
            ),
            Self::TooLarge(_) => Text::new(
                "填写的内容太多，这一页没有保存。请缩短，或改为上传附件",
                "this is too much text, and the page was not saved; shorten it, or attach a file",
            ),
            Self::Full { max, .. } => Text::new(
                format!("最多只能填 {max} 项"),
                format!("there can be at most {max} entries"),
            ),
            Self::File { error, .. } => error.text.clone(),
            Self::Incomplete { .. } => Text::new(
                "还有内容没有填好，请按提示补全",
                "some answers are missing or wrong; put them right as shown",
            ),
            Self::Submitted { case } => Text::new(
                format!("这份表单已经提交，受理号为 {case}"),
                format!("this form was submitted already, as case {case}"),
            ),
            Self::Unanswered => Text::new(
                "上一次提交还在处理，请稍等片刻再看",
                "the submission before this one is still being handled; look again in a moment",
            ),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Ledger(error) => error.fields(),
            Self::File { error, .. } => vec![error.clone()],
            Self::Incomplete { faults } => faults.iter().map(|(_, error)| error.clone()).collect(),
            _ => Vec::new(),
        }
    }
}
