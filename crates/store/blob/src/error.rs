//! What can go wrong with files: absent, altered, too large, of a kind that is not accepted, a full disk.

use std::io;

use zhengtong_base::{Failure, Kind, Text};
use zhengtong_crypto::{Digest, SealError};

use crate::kind::Refusal;

/// The result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure with a file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such file.
    #[error("file {0} is not there")]
    NotFound(Digest),
    /// There is no such upload.
    #[error("the upload is not there")]
    NoUpload,
    /// The bytes on the disk are no longer those that were stored.
    #[error("file {0} is altered on the disk")]
    Altered(Digest),
    /// The file is whole and its key does not open it: it is another one, or was destroyed.
    #[error("the key of file {digest} does not open it: {error}")]
    NoKey {
        /// The file.
        digest: Digest,
        /// What the keys say.
        error: SealError,
    },
    /// The file could not be sealed, and is not written as it is.
    #[error("the file could not be sealed")]
    Seal(#[source] SealError),
    /// Larger than the limit.
    #[error("larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// The name of an upload has other characters than it may have.
    #[error("not a name of an upload")]
    Name,
    /// An upload of this name has another size.
    #[error("an upload of this name has {size} bytes")]
    OtherSize {
        /// Its size.
        size: u64,
    },
    /// The bytes do not go on where the upload stands.
    #[error("the upload stands at {expected}")]
    Offset {
        /// Where it stands.
        expected: u64,
    },
    /// Not all bytes have come yet.
    #[error("{have} of {size} bytes have come")]
    Incomplete {
        /// How many have come.
        have: u64,
        /// How many were announced.
        size: u64,
    },
    /// Somebody else is writing the same upload at this moment.
    #[error("the upload is being written")]
    Busy,
    /// The kind of file is not accepted.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The scanner is away, and without it no file is taken.
    #[error("the virus scanner is away")]
    NoScanner,
    /// The scanner has not looked at it yet.
    #[error("the file waits for the virus scanner")]
    Held,
    /// The scanner found something, and it was put aside.
    #[error("the file was put aside: something was found in it")]
    PutAside,
    /// The disk is full.
    #[error("the disk is full")]
    Full(#[source] io::Error),
    /// The disk did not do what was asked.
    #[error("a file could not be read or written")]
    Disk(#[source] io::Error),
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(error),
            _ => Self::Disk(error),
        }
    }
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound(_) | Self::NoUpload => Kind::NotFound,
            Self::Altered(_) | Self::Disk(_) | Self::NoKey { .. } | Self::Seal(_) => Kind::Internal,
            Self::TooLarge { .. } => Kind::TooLarge,
            Self::Name => Kind::Invalid,
            Self::OtherSize { .. } | Self::Offset { .. } | Self::Incomplete { .. } | Self::Busy => {
                Kind::Conflict
            }
            Self::Refused(_) => Kind::Unsupported,
            Self::Full(_) | Self::NoScanner | Self::Held => Kind::Unavailable,
            Self::PutAside => Kind::Denied,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::NotFound(_) => Text::new("没有找到这个文件", "the file was not found"),
            Self::NoUpload | Self::Name => Text::new(
                "上传已过期，请重新选择文件",
                "the upload has expired; choose the file again",
            ),
            Self::TooLarge { limit_bytes } => Text::new(
                format!("文件太大，最多 {}", size_text(*limit_bytes)),
                format!("the file is too large; at most {}", size_text(*limit_bytes)),
            ),
            Self::OtherSize { .. } | Self::Offset { .. } | Self::Incomplete { .. } | Self::Busy => {
                Text::new(
                    "文件还没有传完，请继续上传",
                    "the file has not come completely; go on uploading",
                )
            }
            Self::Refused(refusal) => refusal.text(),
            Self::Held => Text::new(
                "文件正在查毒，请过几分钟再打开",
                "the file is being checked for viruses; open it in a few minutes",
            ),
            Self::PutAside => Text::new(
                "文件里查出病毒，已经隔离，请当事人重新提交",
                "a virus was found in the file and it was put aside; ask for another",
            ),
            Self::Full(_) | Self::NoScanner => Text::new(
                "暂时不能上传文件，请过一会儿再试，您填的不会丢",
                "files cannot be taken at the moment; try again later, nothing you typed is lost",
            ),
            Self::NoKey { .. } => Text::new(
                "文件的密钥对不上，或已按规定销毁，打不开；请系统管理员检查密钥",
                "the key of the file is another one or was destroyed, so it cannot be opened; the system administrator should check the keys",
            ),
            Self::Altered(_) | Self::Disk(_) | Self::Seal(_) => Text::new(
                "文件暂时读不出来，我们已记录，请稍后再试",
                "the file cannot be read at the moment; this was noted, try again later",
            ),
        }
    }
}

/// A size as people say it.
fn size_text(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    match bytes {
        bytes if bytes >= MIB => format!("{} MB", bytes / MIB),
        bytes if bytes >= 1024 => format!("{} KB", bytes / 1024),
        bytes => format!("{bytes} B"),
    }
}
