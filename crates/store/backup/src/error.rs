//! What can go wrong with a backup, in words for whoever must mend it.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;
use zhengtong_base::{Failure, Kind, Text};
use zhengtong_db::cluster::ClusterError;

/// The result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure of a backup, a restore or a drill.
#[derive(Debug, Error)]
pub enum Error {
    /// The file is not as it was written.
    #[error("{path} was altered or is incomplete: {place}")]
    Altered {
        /// The file.
        path: PathBuf,
        /// Which part: header, piece, manifest, signature, end.
        place: String,
    },
    /// The file is no backup of ours, or of a later program.
    #[error("{0} is no backup that this program reads")]
    NotABackup(PathBuf),
    /// A backup that it builds on is not there.
    #[error("{path} builds on the backup {id}, which does not lie beside it")]
    Base {
        /// The file.
        path: PathBuf,
        /// The id of the one that is missing.
        id: String,
    },
    /// The passphrase is another one.
    #[error("the passphrase does not open this backup")]
    Passphrase,
    /// A key signed it that is not the expected one.
    #[error("the backup was signed with {0}, which is not the expected key")]
    OtherKey(String),
    /// The folder has something in it.
    #[error("{0} is not empty")]
    NotEmpty(PathBuf),
    /// The copy does not hold what it should.
    #[error("the restored city is not sound: {0}")]
    Unsound(String),
    /// There is nothing to restore.
    #[error("there is no backup in {0}")]
    None(PathBuf),
    /// Another backup or drill runs.
    #[error("another backup or drill is running")]
    Busy,
    /// The cluster or its tools failed.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] zhengtong_db::Error),
    /// The record failed.
    #[error(transparent)]
    Ledger(#[from] zhengtong_ledger::Error),
    /// Reading or writing failed.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
}

impl Error {
    pub(crate) fn altered(path: &Path, place: impl Into<String>) -> Self {
        Self::Altered { path: path.to_owned(), place: place.into() }
    }

    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Busy => Kind::Conflict,
            Self::Db(error) => error.kind(),
            Self::Ledger(error) => error.kind(),
            Self::Cluster(_) | Self::Io { .. } => Kind::Unavailable,
            _ => Kind::Invalid,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Altered { path, place } => Text::new(
                format!("备份 {} 被改动或不完整，坏在：{place}。请用另一份备份", path.display()),
                format!(
                    "backup {} was altered or is incomplete, at: {place}; use another backup",
                    path.display()
                ),
            ),
            Self::NotABackup(path) => Text::new(
                format!("{} 不是本程序能读的备份", path.display()),
                format!("{} is no backup that this program reads", path.display()),
            ),
            Self::Base { path, id } => Text::new(
                format!(
                    "{} 里只有新增的附件，还要用到编号 {id} 的那份备份，它不在旁边或坏了；把它放回同一目录",
                    path.display()
                ),
                format!(
                    "{} holds only the files that were new; it builds on backup {id}, which is not beside it or is damaged: put it back into the same folder",
                    path.display()
                ),
            ),
            Self::Passphrase => Text::new(
                "口令打不开这份备份，请核对 backup.passphrase_file",
                "the passphrase does not open this backup; check backup.passphrase_file",
            ),
            Self::OtherKey(key) => Text::new(
                format!("备份由另一把密钥 {key} 签名，不是本市的"),
                format!("the backup was signed with another key, {key}"),
            ),
            Self::NotEmpty(path) => Text::new(
                format!("{} 不是空目录，恢复只写进空目录，以免盖掉数据", path.display()),
                format!(
                    "{} is not empty; restoring writes into an empty folder only",
                    path.display()
                ),
            ),
            Self::Unsound(what) => Text::new(
                format!("恢复出来的数据不完整：{what}"),
                format!("the restored city is not sound: {what}"),
            ),
            Self::None(path) => Text::new(
                format!("{} 里没有备份", path.display()),
                format!("there is no backup in {}", path.display()),
            ),
            Self::Busy => Text::new(
                "另一次备份或演练正在进行，请等它结束",
                "another backup or drill is running; wait for it to end",
            ),
            Self::Cluster(error) => error.text(),
            Self::Db(error) => error.text(),
            Self::Ledger(error) => error.text(),
            Self::Io { .. } => Text::same(self.to_string()),
        }
    }
}
