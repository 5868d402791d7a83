//! What can go wrong with keys, in words for whoever starts the server.

use crate::store::SqlError;
use std::path::PathBuf;

use thiserror::Error;
use zhengtong_base::{Failure, Kind, Text};
use zhengtong_crypto::SealError;

/// The result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure of the vault.
#[derive(Debug, Error)]
pub enum Error {
    /// The database holds keys, and there is no master key to unwrap them.
    #[error("there is no master key at {0}, and the database was sealed under one")]
    NoMaster(PathBuf),
    /// The master key is not the one that wrapped the keys of the database.
    #[error("the master key at {0} is not the one of this database")]
    WrongMaster(PathBuf),
    /// The file of the master key cannot be read or written.
    #[error("the master key at {path} cannot be used: {what}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The master key is wrapped under a passphrase, and there is none or another one.
    #[error("the passphrase does not open the master key at {0}")]
    Passphrase(PathBuf),
    /// The master key comes from a place where it cannot be replaced.
    #[error("the master key at {0} is not in the data folder and cannot be changed from here")]
    NotOurs(PathBuf),
    /// There is no such key.
    #[error("there is no key for {0}")]
    NoField(String),
    /// A key could not be used.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The operating system gives no random bytes.
    #[error("no random bytes")]
    Chance,
    /// The database failed.
    #[error("a statement failed")]
    Sql(#[from] SqlError),
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NoField(_) => Kind::NotFound,
            Self::NotOurs(_) => Kind::Conflict,
            Self::Sql(_) => Kind::Unavailable,
            _ => Kind::Internal,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::NoMaster(path) => Text::new(
                format!(
                    "找不到主密钥 {0}。数据库里的个人信息是用它加密的：请从备份或另一个节点把 master.key 放回 {0}，再启动。没有改动任何数据",
                    path.display()
                ),
                format!(
                    "there is no master key at {0}, and the personal data of this database is sealed under one: put master.key back to {0} from a backup or another node, then start again; nothing was changed",
                    path.display()
                ),
            ),
            Self::WrongMaster(path) => Text::new(
                format!(
                    "主密钥 {} 不是这个数据库的那一把。请换回原来的 master.key，再启动。没有改动任何数据",
                    path.display()
                ),
                format!(
                    "the master key at {} is not the one of this database: put the right master.key back, then start again; nothing was changed",
                    path.display()
                ),
            ),
            Self::File { path, what } => Text::new(
                format!("主密钥文件 {} 用不了：{what}", path.display()),
                format!("the master key at {} cannot be used: {what}", path.display()),
            ),
            Self::Passphrase(path) => Text::new(
                format!(
                    "打开主密钥 {} 的口令不对或没有给。请检查 keys.passphrase_file",
                    path.display()
                ),
                format!(
                    "the passphrase that opens the master key at {} is wrong or missing; check keys.passphrase_file",
                    path.display()
                ),
            ),
            Self::NotOurs(path) => Text::new(
                format!("主密钥来自 {}，请在那里更换", path.display()),
                format!("the master key comes from {}; change it there", path.display()),
            ),
            Self::NoField(field) => Text::new(
                format!("没有字段 {field} 的密钥"),
                format!("there is no key for {field}"),
            ),
            Self::Seal(_) | Self::Chance | Self::Sql(_) => Text::new(
                "密钥库出错了，已经记下。请再试一次",
                "the store of keys failed, which was recorded; try again",
            ),
        }
    }
}
