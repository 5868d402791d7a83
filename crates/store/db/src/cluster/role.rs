//! Who a data folder is: primary, standby or replaced. The epoch grows with every promotion, and a folder
//! that learns of a later epoch never serves again, so that there cannot be two truths.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::link::{self, Remote};
use super::{ClusterError, NAME, Result, io_error, socket_folder};

/// The file that says it, beside the database.
pub(super) const FILE: &str = "cluster.json";
/// How long another master may take to answer before it counts as silent.
pub(super) const ANSWER_MS_MAX: u64 = 3_000;

/// What a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It takes writes.
    Primary,
    /// It follows a primary.
    Standby,
    /// Its standby took over.
    Fenced,
}

/// Another folder of the same city.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// The name under which it streams.
    pub name: String,
    /// Its data folder.
    pub folder: PathBuf,
    /// Whether commits wait for it.
    #[serde(default)]
    pub armed: bool,
    /// Whether it lies on another machine, so that its folder cannot be read from here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub away: bool,
    /// Where it listens, if it lies on another machine and listens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<Remote>,
}

/// What a standby last heard from its primary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// `sync` when the primary waited for it; `async`, `potential`, `dropped` or `absent` when not.
    pub sync: String,
    /// Bytes of log that it had not written yet.
    pub lag_bytes: i64,
}

/// The contents of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleFile {
    /// Grows by one with every promotion.
    pub epoch: u64,
    /// What this folder is.
    pub role: Role,
    /// Its name.
    pub name: String,
    /// The system identifier of the cluster: all folders of a city share it.
    pub system: String,
    /// The standbys of a primary.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<Peer>,
    /// The primary of a standby, or the successor of a folder that was replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<PathBuf>,
    /// Where the primary of a standby is, if it lies on another machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<Remote>,
    /// What a standby last heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

impl RoleFile {
    /// A primary that has no standby yet.
    pub(super) fn primary(system: String) -> Self {
        Self {
            epoch: 1,
            role: Role::Primary,
            name: "primary".to_owned(),
            system,
            peers: Vec::new(),
            other: None,
            remote: None,
            seen: None,
        }
    }

    /// What a folder says of itself; none for one that never had a standby.
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(io_error("read cluster.json", source)),
        };
        let read = serde_json::from_slice(&bytes);
        read.map(Some).map_err(|error| ClusterError::Standby {
            zh: format!("{} 读不懂：{error}", path.display()),
            en: format!("{} cannot be read: {error}", path.display()),
        })
    }

    /// Writes it, whole or not at all.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let failed = |source| io_error("write cluster.json", source);
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| failed(std::io::Error::other(error)))?;
        let partial = folder.join(format!("{FILE}.partial-{}", std::process::id()));
        let mut file = fs::File::create(&partial).map_err(failed)?;
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(failed)?;
        fs::rename(&partial, folder.join(FILE)).map_err(failed)?;
        fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
    }

    /// Marks the folder as replaced.
    pub(super) fn fence(mut self, folder: &Path, epoch: u64, successor: &Path) -> Result<()> {
        self.epoch = epoch;
        self.role = Role::Fenced;
        self.other = Some(successor.to_owned());
        self.write(folder)
    }
}

/// Whether a folder may serve as the primary.
pub(super) async fn admit(folder: &Path) -> Result<()> {
    let Some(own) = RoleFile::read(folder)? else { return Ok(()) };
    match own.role {
        Role::Standby => return Err(ClusterError::IsStandby(folder.to_owned())),
        Role::Fenced => return Err(fenced(folder, own.epoch, own.other.as_deref())),
        Role::Primary => {}
    }
    for peer in own.peers.iter().filter(|peer| peer.away) {
        if link::took_over(folder, peer, super::standby::timeline(folder)?).await {
            let place = peer.remote.as_ref().map_or_else(String::new, |at| at.host.clone());
            own.clone().fence(folder, own.epoch + 1, Path::new(&place))?;
            return Err(fenced(folder, own.epoch + 1, Some(Path::new(&place))));
        }
    }
    for peer in own.peers.iter().filter(|peer| !peer.away) {
        let epoch = match RoleFile::read(&peer.folder) {
            Ok(Some(other)) if other.role == Role::Primary && other.epoch > own.epoch => {
                Some(other.epoch)
            }
            // The files may lie on a disk that is away while its master runs.
            _ if takes_writes(&peer.folder).await => Some(own.epoch + 1),
            _ => None,
        };
        if let Some(epoch) = epoch {
            own.clone().fence(folder, epoch, &peer.folder)?;
            return Err(fenced(folder, epoch, Some(&peer.folder)));
        }
    }
    Ok(())
}

fn fenced(folder: &Path, epoch: u64, successor: Option<&Path>) -> ClusterError {
    let successor = successor.map_or_else(String::new, |path| path.display().to_string());
    ClusterError::Fenced { folder: folder.to_owned(), epoch, successor }
}

/// Whether a master of that folder answers and is no standby.
pub(super) async fn takes_writes(folder: &Path) -> bool {
    let asked = async {
        let mut conn = reach(folder).await?;
        sqlx::query_scalar::<_, bool>("SELECT NOT pg_is_in_recovery()")
            .fetch_one(&mut conn)
            .await
            .ok()
    };
    let wait = Duration::from_millis(ANSWER_MS_MAX);
    tokio::time::timeout(wait, asked).await.ok().flatten().unwrap_or(false)
}

/// A connection to the master of another folder, if it runs.
pub(super) async fn reach(folder: &Path) -> Option<sqlx::PgConnection> {
    use sqlx::Connection as _;
    let folder = folder.canonicalize().unwrap_or_else(|_absent| folder.to_owned());
    let socket = socket_folder(&folder);
    let url = super::url_of(&socket, NAME);
    sqlx::PgConnection::connect(&url).await.ok()
}
