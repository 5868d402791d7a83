//! Why a cluster cannot serve, in words for whoever must mend it.

use std::io;
use std::path::PathBuf;

use thiserror::Error;
use zhengtong_base::{Failure, Kind, Text};

use super::MAJOR_MIN;

/// The result of what is done with a cluster.
pub(super) type Result<T> = std::result::Result<T, ClusterError>;

/// Why the cluster cannot serve.
#[derive(Debug, Error)]
pub enum ClusterError {
    /// No PostgreSQL of a fitting version is installed.
    #[error("no PostgreSQL {MAJOR_MIN} or newer found; install it or set database.url")]
    NotInstalled,
    /// The data folder was made by another major version.
    #[error("the data folder {folder} was made by PostgreSQL {made}, but {installed} is installed")]
    OtherVersion {
        /// The folder.
        folder: PathBuf,
        /// The version that made it.
        made: String,
        /// The version that is installed.
        installed: u32,
    },
    /// Another process of this program uses the folder.
    #[error("the data folder {0} is in use by another zhengtong")]
    InUse(PathBuf),
    /// The user that runs PostgreSQL cannot reach the folder.
    #[error("the user {user} cannot reach {folder}; choose a data folder that it can enter")]
    Unreachable {
        /// The folder.
        folder: PathBuf,
        /// The operating system user.
        user: String,
    },
    /// Another machine or folder took over: this one must not write again.
    #[error("{folder} was replaced by {successor} in epoch {epoch} and must not serve again")]
    Fenced {
        /// This folder.
        folder: PathBuf,
        /// The epoch of the successor.
        epoch: u64,
        /// Where the successor is.
        successor: String,
    },
    /// The folder is a standby that was not promoted.
    #[error("{0} is a standby; it serves after `zhengtong standby promote`")]
    IsStandby(PathBuf),
    /// A standby or a promotion was refused.
    #[error("{en}")]
    Standby {
        /// Why, in Chinese.
        zh: String,
        /// Why, in English.
        en: String,
    },
    /// The archive holds no full copy that ended before a moment.
    #[error("no full copy in the archive ended before {moment}")]
    TooEarly {
        /// The moment that was asked for.
        moment: String,
    },
    /// A tool failed.
    #[error("{tool} failed: {output}")]
    Tool {
        /// Which tool.
        tool: &'static str,
        /// The end of what it printed.
        output: String,
    },
    /// Reading or writing failed.
    #[error("{what}")]
    Io {
        /// What was tried.
        what: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
}

impl Failure for ClusterError {
    fn kind(&self) -> Kind {
        Kind::Unavailable
    }

    fn text(&self) -> Text {
        match self {
            Self::NotInstalled => Text::new(
                "没有找到 PostgreSQL 15 或更新版本。请运行 scripts/setup，或在配置里写 database.url",
                "PostgreSQL 15 or newer was not found; run scripts/setup or set database.url",
            ),
            Self::OtherVersion { folder, made, installed } => Text::new(
                format!(
                    "数据目录 {} 是 PostgreSQL {made} 建的，现在装的是 {installed}。请装回 {made}，或用 pg_upgrade 升级后再启动",
                    folder.display()
                ),
                format!(
                    "data folder {} was made by PostgreSQL {made}, version {installed} is installed; install {made} again or run pg_upgrade",
                    folder.display()
                ),
            ),
            Self::InUse(folder) => Text::new(
                format!("数据目录 {} 正被另一个 zhengtong 使用，请先停掉它", folder.display()),
                format!(
                    "data folder {} is used by another zhengtong; stop it first",
                    folder.display()
                ),
            ),
            Self::Fenced { folder, epoch, successor } => Text::new(
                format!(
                    "{} 已被 {successor} 接替（第 {epoch} 届），不能再启动，否则会有两份不同的数据。请在 {successor} 上运行；要把这台机器再用起来，清空目录后在新主库上重新 standby add",
                    folder.display()
                ),
                format!(
                    "{} was replaced by {successor} (epoch {epoch}) and must not start: there would be two truths. Serve from {successor}; to use this machine again, empty the folder and run `standby add` on the new primary",
                    folder.display()
                ),
            ),
            Self::IsStandby(folder) => Text::new(
                format!(
                    "{} 是备库。先运行 zhengtong standby promote 再启动，平时用 zhengtong standby run",
                    folder.display()
                ),
                format!(
                    "{} is a standby: keep it with `zhengtong standby run`, and serve only after `zhengtong standby promote`",
                    folder.display()
                ),
            ),
            Self::Standby { zh, en } => Text::new(zh.clone(), en.clone()),
            Self::TooEarly { moment } => Text::new(
                format!(
                    "归档里没有在 {moment} 之前做完的整库备份，回不到这一刻。备份做完的时间只精确到秒：请选第一次 zhengtong backup archive 做完一秒以后的时刻，更早的用当时的 .ztb 备份恢复"
                ),
                format!(
                    "the archive has no full copy that ended before {moment}. Ends are kept in whole seconds: choose a moment later than one second after the first `zhengtong backup archive`, or restore an older .ztb backup without --to"
                ),
            ),
            other => Text::same(other.to_string()),
        }
    }
}
