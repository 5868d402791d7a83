//! What can go wrong with the record: a refused act, an absent entry, a database that is away, a record
//! that no longer agrees with its own checkpoints.

use std::error::Error as StdError;

use zhengtong_base::{Failure, FieldError, Kind, Text};
use zhengtong_crypto::CheckpointError;

use crate::model::EntryId;

/// The result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// A source that another crate's error stands behind.
pub(crate) type Source = Box<dyn StdError + Send + Sync>;

/// A failure of the record.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A field of the act cannot be recorded as it is.
    #[error("the act cannot be recorded: {field} {problem}")]
    Invalid {
        /// The field of the act.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// There is no such entry.
    #[error("entry {0} is not there")]
    NotFound(EntryId),
    /// The entry is recorded but stands under no checkpoint yet.
    #[error("entry {0} is not sealed yet")]
    Unsealed(EntryId),
    /// There is no tree of that many leaves, or the older one is the larger.
    #[error("there is no proof from size {old} to size {new}")]
    NoSuchSize {
        /// The older size.
        old: u64,
        /// The newer size.
        new: u64,
    },
    /// The stored tree disagrees with its last checkpoint: nothing is sealed on top of that.
    #[error("the record disagrees with itself: {0}")]
    Broken(String),
    /// The words of an act could not be hidden, and are not written as they are.
    #[error("the words of the act could not be sealed: {0}")]
    Veil(String),
    /// The checkpoint could not be signed.
    #[error("the checkpoint could not be signed")]
    Checkpoint(#[from] CheckpointError),
    /// The export could not be written or read.
    #[error("the export could not be written or read")]
    File(#[from] std::io::Error),
    /// A value could not be written as JSON.
    #[error("an entry could not be written as text")]
    Json(#[from] serde_json::Error),
    /// The database does not answer.
    #[error("the database of the record is away")]
    Away(#[source] Source),
    /// A statement failed.
    #[error("a statement of the record failed")]
    Database(#[source] Source),
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Invalid { .. } => Kind::Invalid,
            Self::NotFound(_) | Self::NoSuchSize { .. } => Kind::NotFound,
            Self::Unsealed(_) => Kind::Conflict,
            Self::Away(_) => Kind::Unavailable,
            Self::Broken(_)
            | Self::Veil(_)
            | Self::Checkpoint(_)
            | Self::File(_)
            | Self::Json(_)
            | Self::Database(_) => Kind::Internal,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Invalid { .. } => Text::new(
                "这一步无法记入台账，请修改后再试",
                "this step cannot be recorded as it is; change it and try again",
            ),
            Self::NotFound(_) | Self::NoSuchSize { .. } => {
                Text::new("台账里没有这条记录", "the record has no such entry")
            }
            Self::Unsealed(_) => Text::new(
                "这条记录已入账，正在等待封存，请稍后再取证明",
                "the entry is recorded and waits to be sealed; ask for its proof in a moment",
            ),
            Self::Away(_) => Text::new(
                "数据库正在恢复，请过一会儿再试",
                "the database is recovering; try again in a moment",
            ),
            Self::Broken(_) => Text::new(
                "台账与封存记录不一致，已停止封存，请审计管理员立即核查",
                "the record disagrees with its checkpoints; sealing has stopped, the audit administrator must look at once",
            ),
            Self::Veil(_)
            | Self::Checkpoint(_)
            | Self::File(_)
            | Self::Json(_)
            | Self::Database(_) => Text::new(
                "系统出了问题，我们已记录，请稍后再试",
                "something went wrong on our side and was noted; try again later",
            ),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid { field, problem } => {
                let chinese = match *problem {
                    TOO_LONG => "太长了，请缩短",
                    NUL => "含有不能保存的字符，请删去",
                    NOT_A_DIGEST => "不是摘要",
                    _ => "不符合要求",
                };
                vec![FieldError::new(*field, chinese, *problem)]
            }
            _ => Vec::new(),
        }
    }
}

/// Why a text of an act is refused: longer than the record takes.
pub(crate) const TOO_LONG: &str = "is too long";
/// Why a text of an act is refused: no database text holds this character.
pub(crate) const NUL: &str = "holds a NUL character";
/// Why `before` and `after` are refused: the record must never hold the data itself.
pub(crate) const NOT_A_DIGEST: &str = "is not a digest in lower-case hexadecimal";
/// Why a moment is refused.
pub(crate) const OUT_OF_RANGE: &str = "is out of range";
