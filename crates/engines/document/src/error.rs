//! What can go wrong with papers, in words for officers, holders and authors of templates.

use std::fmt;

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
    /// The folder of files failed.
    #[error("the PDF could not be kept or read")]
    Blob(#[from] zhengtong_blob::Error),
    /// No pack declares the paper.
    #[error("no pack declares the paper {0}")]
    NoTemplate(String),
    /// What was asked for breaks rules.
    #[error("{} fields of the paper are wrong", .0.len())]
    Invalid(Vec<FieldError>),
    /// The paper was revoked before.
    #[error("paper {0} is revoked already")]
    Revoked(String),
    /// The template has faults.
    #[error("{}", all(.0))]
    Template(Vec<Fault>),
    /// No font has these characters.
    #[error("no installed font has {}", points(.0))]
    Glyphs(Vec<char>),
    /// No fonts were found.
    #[error("no fonts were found in {0}")]
    NoFonts(String),
    /// The paper took too long to make, or too many are being made.
    #[error("making the paper took longer than {0} s")]
    TooSlow(u64),
    /// The paper has too many pages.
    #[error("the paper has {0} pages")]
    TooLong(usize),
    /// The machine gave no random bytes.
    #[error("the machine gave no random bytes")]
    Random,
    /// The work stopped without a result.
    #[error("making the paper stopped: {0}")]
    Stopped(String),
}

/// One fault of a template, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file from the folder of packs, such as `food-business/document/licence.typ`.
    pub file: String,
    /// The line, from 1; 0 when the whole file is meant.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, and hints.
    pub message: String,
}

impl Error {
    /// One wrong field.
    pub(crate) fn field(name: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(name, zh, en)])
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Ledger(error) => error.kind(),
            Self::NoTemplate(_) => Kind::NotFound,
            Self::Invalid(_) => Kind::Invalid,
            Self::Revoked(_) => Kind::Conflict,
            Self::Glyphs(_)
            | Self::NoFonts(_)
            | Self::TooSlow(_)
            | Self::Blob(zhengtong_blob::Error::Full(_)) => Kind::Unavailable,
            Self::Blob(_)
            | Self::Template(_)
            | Self::TooLong(_)
            | Self::Random
            | Self::Stopped(_) => Kind::Internal,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Ledger(error) => error.text(),
            Self::NoTemplate(_) => Text::new(
                "没有这种文书，请核对文书模板的名称",
                "there is no such paper; check the name of its template",
            ),
            Self::Invalid(_) => Text::new(
                "文书有几项内容不符合要求，请按提示修改",
                "some contents of the paper break a rule; correct them as told",
            ),
            Self::Revoked(number) => Text::new(
                format!("{number} 已经撤销，不必再撤"),
                format!("{number} is revoked already; nothing is left to do"),
            ),
            Self::Glyphs(missing) => Text::new(
                format!(
                    "字库里没有 {}，暂时印不出来。文书已经有效，请联系管理员安装字库",
                    points(missing)
                ),
                format!(
                    "no installed font has {}; the paper is valid but cannot be printed until an administrator installs one",
                    points(missing)
                ),
            ),
            Self::NoFonts(_) => Text::new(
                "服务器没有安装中文字库，请联系管理员",
                "no fonts are installed on the server; ask an administrator",
            ),
            Self::TooSlow(_) => Text::new(
                "文书正在制作，请过一会儿再来下载",
                "the paper is being made; come back in a moment to download it",
            ),
            Self::Blob(_)
            | Self::Template(_)
            | Self::TooLong(_)
            | Self::Random
            | Self::Stopped(_) => Text::new(
                "文书没有做出来，我们已经记下。请过一会儿再试，或拨 12345 并报本页编号",
                "the paper could not be made and this was recorded; try again later or call 12345 with the page number",
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

fn all(faults: &[Fault]) -> String {
    faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("; ")
}

fn points(missing: &[char]) -> String {
    let named = |letter: &char| format!("{letter} (U+{:04X})", u32::from(*letter));
    missing.iter().map(named).collect::<Vec<_>>().join(", ")
}
