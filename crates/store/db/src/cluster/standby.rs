//! A standby: made from the running primary, kept beside it, promoted when the primary is lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::Serialize;
use sqlx::{Connection as _, PgConnection};
use tokio::sync::watch;

use super::link::{self, Remote};
use super::role::{ANSWER_MS_MAX, Peer, Role, RoleFile, Seen, reach, takes_writes};
use super::{
    Attached, ClusterError, Durability, NAME, Options, Paths, Result, command, copy, guard,
    io_error, own, paths_of, prepared, spawn, started, stop_master, url,
};
use crate::clock::{Clock as _, SystemClock};

mod mirror;

pub(super) use mirror::Mirror;

/// Whoever keeps a standby looks for this file; it asks for the promotion.
const REQUEST: &str = "promote.request";
/// Between two looks of the keeper, in milliseconds.
const LOOK_MS: u64 = 200;
/// How many looks lie between two copies of files.
const MIRROR_LOOKS: u32 = 5;
/// How long a promotion may take, in milliseconds.
const PROMOTE_MS_MAX: u64 = 60_000;

/// What was made.
#[derive(Clone, Debug)]
pub struct Added {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
}

/// A standby as its primary sees it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct StandbyState {
    /// Its name.
    pub name: String,
    /// `streaming` when it has caught up.
    pub state: String,
    /// `sync` when commits wait for it.
    pub sync: String,
    /// Bytes of log that it has not written yet.
    pub lag_bytes: i64,
}

/// How the keeping of a standby ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was told to stop.
    Stopped,
    /// It was promoted; its folder can serve now.
    Promoted,
}

/// The standbys that stream from this database now.
pub async fn states(conn: &mut PgConnection) -> crate::Result<Vec<StandbyState>> {
    Ok(sqlx::query_as(include_str!("../../sql/standbys.sql")).fetch_all(conn).await?)
}

pub(super) fn refused<T>(zh: impl Into<String>, en: impl Into<String>) -> Result<T> {
    Err(ClusterError::Standby { zh: zh.into(), en: en.into() })
}

pub(super) fn sql_fault(error: &sqlx::Error) -> ClusterError {
    ClusterError::Tool { tool: "replication", output: error.to_string() }
}

/// Makes a standby of the running primary of `primary` in the empty folder `to`.
pub async fn add(primary: &Path, to: &Path, name: &str) -> Result<Added> {
    check_name(name)?;
    let Some(attached) = Attached::find(primary).await? else {
        return refused(
            format!("{} 没有在运行，先启动主库", primary.display()),
            format!("nothing runs on {}; start the primary first", primary.display()),
        );
    };
    empty(to)?;
    let system = attached.system().await?;
    let mut role = RoleFile::read(&attached.paths.folder)?
        .unwrap_or_else(|| RoleFile::primary(system.clone()));
    if role.role != Role::Primary || role.peers.iter().any(|peer| peer.name == name) {
        return refused(
            format!("这里不是主库，或已有名叫 {name} 的备库"),
            format!("this is no primary, or it has a standby named {name} already"),
        );
    }
    slot(&attached, name).await?;
    super::make_folder(to)?;
    let (paths, _) = paths_of(to, Options::new(Durability::Full))?;
    own(&paths, &paths.data)?;
    base_backup(&attached.paths, &paths, name).await?;
    let folder = paths.folder.clone();
    Mirror::new(&attached.paths.folder, &folder).run()?;
    let epoch = role.epoch;
    let primary = attached.paths.folder.clone();
    let own = RoleFile {
        epoch,
        role: Role::Standby,
        name: name.to_owned(),
        system,
        peers: Vec::new(),
        other: Some(primary.clone()),
        remote: None,
        seen: None,
    };
    own.write(&folder)?;
    role.peers.push(Peer {
        name: name.to_owned(),
        folder: folder.clone(),
        armed: false,
        away: false,
        remote: None,
    });
    role.write(&primary)?;
    Ok(Added { name: name.to_owned(), folder })
}

/// A name that is a slot, a name of an application and a word for people at once.
pub(super) fn check_name(name: &str) -> Result<()> {
    let fits = (1..=40).contains(&name.len())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    if fits {
        return Ok(());
    }
    refused(
        format!("备库的名字只能用小写字母、数字、下划线：{name}"),
        format!(
            "the name of a standby has lower-case letters, digits and underscores only: {name}"
        ),
    )
}

pub(super) fn empty(folder: &Path) -> Result<()> {
    let mut entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(io_error("look into the folder", source)),
    };
    if entries.next().is_none() {
        return Ok(());
    }
    refused(
        format!("{} 不是空的，请换一个空目录", folder.display()),
        format!("{} is not empty; choose an empty folder", folder.display()),
    )
}

/// The slot keeps the log that the standby has not received yet.
pub(super) async fn slot(attached: &Attached, name: &str) -> Result<()> {
    let mut conn =
        PgConnection::connect(&attached.url()).await.map_err(|error| sql_fault(&error))?;
    sqlx::query(
        "SELECT pg_create_physical_replication_slot($1, true)
         WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)",
    )
    .bind(format!("zt_{name}"))
    .execute(&mut conn)
    .await
    .map_err(|error| sql_fault(&error))?;
    conn.close().await.map_err(|error| sql_fault(&error))
}

async fn base_backup(primary: &Paths, standby: &Paths, name: &str) -> Result<()> {
    let mut tool = command(standby, &standby.bin.join("pg_basebackup"));
    tool.arg("-D").arg(&standby.data);
    tool.args(["-R", "-X", "stream", "--checkpoint=fast", "--no-password", "-S"]);
    tool.arg(format!("zt_{name}"));
    tool.arg("-d").arg(copy::conninfo(&primary.socket, name));
    tool.stdin(Stdio::null());
    let output = tokio::process::Command::from(tool)
        .output()
        .await
        .map_err(|source| io_error("run pg_basebackup", source))?;
    if output.status.success() {
        return Ok(());
    }
    let output = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(ClusterError::Tool { tool: "pg_basebackup", output })
}

/// Gives a standby up: commits no longer wait for it, and it can no longer be promoted by mistake.
pub async fn drop_standby(primary: &Path, name: &str) -> Result<()> {
    let Some(mut role) = RoleFile::read(primary)? else {
        return refused("这里没有备库", "there is no standby here");
    };
    let before = role.peers.len();
    for peer in role.peers.iter().filter(|peer| peer.name == name && !peer.away) {
        mark_dropped(&peer.folder, "dropped");
    }
    role.peers.retain(|peer| peer.name != name);
    if role.peers.len() == before {
        return refused(
            format!("没有名叫 {name} 的备库"),
            format!("there is no standby named {name}"),
        );
    }
    role.write(primary)?;
    let Some(attached) = Attached::find(primary).await? else { return Ok(()) };
    let mut conn =
        PgConnection::connect(&attached.url()).await.map_err(|error| sql_fault(&error))?;
    guard::arm(&mut conn, &role).await?;
    // A slot that nobody reads would keep the log for ever.
    sqlx::query(
        "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots
         WHERE slot_name = $1 AND active",
    )
    .bind(format!("zt_{name}"))
    .execute(&mut conn)
    .await
    .map_err(|error| sql_fault(&error))?;
    for _ in 0..50 {
        let gone = sqlx::query(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
             WHERE slot_name = $1",
        )
        .bind(format!("zt_{name}"))
        .execute(&mut conn)
        .await;
        if gone.is_ok() {
            return link::close(primary, name, &mut conn).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    refused(
        format!("备库 {name} 还连着，先停掉它再 drop 一次"),
        format!("the standby {name} keeps its connection; stop it and drop it again"),
    )
}

/// Tells a standby, if its folder can be reached, that the primary goes on without it.
pub(super) fn mark_dropped(folder: &Path, word: &str) {
    let marked = RoleFile::read(folder).and_then(|file| match file {
        Some(mut file) if file.role == Role::Standby => {
            let lag_bytes = file.seen.as_ref().map_or(0, |seen| seen.lag_bytes);
            file.seen = Some(Seen { at: SystemClock.now(), sync: word.to_owned(), lag_bytes });
            file.write(folder)
        }
        _ => Ok(()),
    });
    if let Err(error) = marked {
        tracing::warn!(%error, "the standby could not be told that it is behind; do not promote it");
    }
}

/// A standby that is kept.
#[derive(Debug)]
pub struct Standby {
    paths: Paths,
    child: tokio::process::Child,
    primary: Primary,
    name: String,
    _lock: fs::File,
}

/// How the primary is reached.
#[derive(Clone, Debug)]
enum Primary {
    /// Its folder can be read from here.
    Here(PathBuf, Mirror),
    /// It lies on another machine.
    There(Remote),
}

impl Primary {
    fn of(file: &RoleFile, folder: &Path) -> Self {
        if let Some(remote) = &file.remote {
            return Self::There(remote.clone());
        }
        let primary = file.other.clone().unwrap_or_default();
        let mirror = Mirror::new(&primary, folder);
        Self::Here(primary, mirror)
    }

    /// The identifier of its cluster, if it answers.
    async fn system(&self, folder: &Path, name: &str) -> Option<String> {
        match self {
            Self::Here(primary, _) => {
                let mut conn = reach(primary).await?;
                let asked = "SELECT system_identifier::text FROM pg_control_system()";
                sqlx::query_scalar(asked).fetch_one(&mut conn).await.ok()
            }
            Self::There(remote) => match link::identify(folder, remote, name).await {
                Ok(identity) => Some(identity.system),
                Err(error) => {
                    tracing::warn!(%error, "the primary does not answer");
                    None
                }
            },
        }
    }

    /// Whether it still works.
    async fn works(&self, folder: &Path, name: &str) -> bool {
        match self {
            Self::Here(primary, _) => takes_writes(primary).await,
            Self::There(remote) => link::identify(folder, remote, name).await.is_ok(),
        }
    }

    fn place(&self) -> String {
        match self {
            Self::Here(primary, _) => primary.display().to_string(),
            Self::There(remote) => format!("{}:{}", remote.host, remote.port),
        }
    }
}

impl Standby {
    /// Starts the standby of a folder. One that belongs to another city is refused.
    pub async fn start(folder: &Path) -> Result<Self> {
        let role = standby_file(folder)?;
        let folder = &folder.canonicalize().unwrap_or_else(|_absent| folder.to_owned());
        let primary = Primary::of(&role, folder);
        check_system(folder, &role, &primary).await?;
        let (paths, lock) = prepared(folder, Options::new(Durability::Full)).await?;
        drop(fs::remove_file(paths.folder.join(REQUEST)));
        let child = started(&paths).await?;
        Ok(Self { paths, child, primary, name: role.name, _lock: lock })
    }

    /// The URL for reading.
    pub fn url(&self) -> String {
        url(&self.paths, NAME)
    }

    /// The process id of the master, for tests that kill it.
    pub fn pid(&self) -> Option<u32> {
        super::postmaster_pid(&self.paths.data)
    }

    /// Follows the primary until it is told to stop or is promoted.
    pub async fn keep(mut self, mut stopped: watch::Receiver<bool>) -> Result<Ended> {
        let mut looks = 0_u32;
        while !*stopped.borrow() {
            if let Ok(Some(status)) = self.child.try_wait() {
                tracing::error!(?status, "the standby ended; starting it again");
                self.child = spawn(&self.paths)?;
            }
            if self.paths.folder.join(REQUEST).exists() {
                let promoted = self.promote().await;
                drop(fs::remove_file(self.paths.folder.join(REQUEST)));
                promoted?;
                self.stop().await;
                return Ok(Ended::Promoted);
            }
            if looks.is_multiple_of(MIRROR_LOOKS) {
                self.look().await;
            }
            looks = looks.wrapping_add(1);
            let sleep = tokio::time::sleep(Duration::from_millis(LOOK_MS));
            tokio::select! {
                () = sleep => {}
                changed = stopped.changed() => if changed.is_err() { break },
            }
        }
        self.stop().await;
        Ok(Ended::Stopped)
    }

    /// Writes down whether commits wait for us, and copies the files that are new.
    async fn look(&mut self) {
        if let Primary::Here(_, mirror) = &mut self.primary {
            let mut next = mirror.clone();
            let copied = tokio::task::spawn_blocking(move || next.run().map(|()| next)).await;
            match copied {
                Ok(Ok(next)) => *mirror = next,
                Ok(Err(error)) => tracing::warn!(%error, "files of the primary cannot be copied"),
                Err(error) => tracing::warn!(%error, "the copying of files ended"),
            }
        }
        let wait = Duration::from_millis(ANSWER_MS_MAX);
        let asked = async {
            match &self.primary {
                Primary::Here(primary, _) => seen_by(primary, &self.name).await,
                Primary::There(remote) => seen_from(&self.paths, remote, &self.name).await,
            }
        };
        let Ok(Some(seen)) = tokio::time::timeout(wait, asked).await else { return };
        let written = standby_file(&self.paths.folder).and_then(|mut file| {
            file.seen = Some(seen);
            file.write(&self.paths.folder)
        });
        if let Err(error) = written {
            tracing::warn!(%error, "the state of the standby cannot be written");
        }
    }

    async fn promote(&mut self) -> Result<()> {
        let file = standby_file(&self.paths.folder)?;
        promote_running(&self.paths, file, &mut self.primary).await
    }

    async fn stop(mut self) {
        stop_master(&self.paths, "fast");
        if let Err(error) = self.child.wait().await {
            tracing::warn!(%error, "waiting for the standby failed");
        }
    }
}

fn standby_file(folder: &Path) -> Result<RoleFile> {
    match RoleFile::read(folder)? {
        Some(file) if file.role == Role::Standby => Ok(file),
        _ => refused(
            format!("{} 不是备库", folder.display()),
            format!("{} is no standby", folder.display()),
        ),
    }
}

/// What the primary says about a standby now; none when it does not answer.
async fn seen_by(primary: &Path, name: &str) -> Option<Seen> {
    let mut conn = reach(primary).await?;
    let states = states(&mut conn).await.ok()?;
    let at = SystemClock.now();
    let state = states.into_iter().find(|state| state.name == name);
    Some(match state {
        Some(state) => Seen { at, sync: state.sync, lag_bytes: state.lag_bytes },
        None => Seen { at, sync: "absent".to_owned(), lag_bytes: -1 },
    })
}

/// What can be known of a primary on another machine: whether it waits for us stands in the database that we follow,
/// how far its log is it says itself.
async fn seen_from(paths: &Paths, remote: &Remote, name: &str) -> Option<Seen> {
    let there = link::identify(&paths.folder, remote, name).await.ok()?;
    let mut conn = PgConnection::connect(&url(paths, NAME)).await.ok()?;
    let (sync, lag_bytes): (String, i64) = sqlx::query_as(include_str!("../../sql/followed.sql"))
        .bind(name)
        .bind(there.place)
        .fetch_one(&mut conn)
        .await
        .ok()?;
    Some(Seen { at: SystemClock.now(), sync, lag_bytes })
}

/// The folder must hold a copy of the very cluster that it claims to follow.
async fn check_system(folder: &Path, role: &RoleFile, primary: &Primary) -> Result<()> {
    let (paths, _) = paths_of(folder, Options::new(Durability::Full))?;
    let own = system_of(&paths)?;
    let theirs = primary.system(&paths.folder, &role.name).await;
    let theirs = theirs.unwrap_or_else(|| role.system.clone());
    if own == theirs && own == role.system {
        return Ok(());
    }
    refused(
        format!("{} 里是另一个库的数据（{own}，主库是 {theirs}），不能当备库", folder.display()),
        format!(
            "{} holds another cluster ({own}, the primary is {theirs}) and cannot be its standby",
            folder.display()
        ),
    )
}

fn system_of(paths: &Paths) -> Result<String> {
    control(paths, "Database system identifier:")
}

/// The line of time on which the cluster of a folder is.
pub(super) fn timeline(folder: &Path) -> Result<u32> {
    let (paths, _) = paths_of(folder, Options::new(Durability::Full))?;
    Ok(control(&paths, "Latest checkpoint's TimeLineID:")?.parse().unwrap_or(u32::MAX))
}

fn control(paths: &Paths, name: &str) -> Result<String> {
    let output = command(paths, &paths.bin.join("pg_controldata"))
        .arg("-D")
        .arg(&paths.data)
        .env("LC_ALL", "C")
        .output()
        .map_err(|source| io_error("run pg_controldata", source))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.map(|value| value.trim().to_owned()).ok_or_else(|| ClusterError::Tool {
        tool: "pg_controldata",
        output: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Makes the standby of a folder the primary. Refused while the old primary answers, for another city's
/// folder, and for a standby for which commits did not wait, unless the loss is accepted.
pub async fn promote(folder: &Path, accept_loss: bool) -> Result<()> {
    let file = standby_file(folder)?;
    let folder = &folder.canonicalize().unwrap_or_else(|_absent| folder.to_owned());
    let primary = Primary::of(&file, folder);
    check_system(folder, &file, &primary).await?;
    if primary.works(folder, &file.name).await {
        return refused(
            format!("主库 {} 还在工作，先停掉它再提升备库", primary.place()),
            format!("the primary {} still works; stop it before promoting", primary.place()),
        );
    }
    let sync = file.seen.as_ref().map_or("absent", |seen| seen.sync.as_str());
    if !matches!(sync, "sync" | "quorum") && !accept_loss {
        let at = file.seen.as_ref().map_or_else(String::new, |seen| seen.at.to_string());
        return refused(
            format!(
                "备库最后一次状态是 {sync}（{at}），主库没有等它，提升会丢掉已确认的业务。确实要丢，请加 --accept-loss"
            ),
            format!(
                "the standby was last {sync} ({at}): the primary did not wait for it, and acknowledged acts would be lost; add --accept-loss if that is decided"
            ),
        );
    }
    if super::lock(folder).is_err() {
        return ask_keeper(folder).await;
    }
    let mut standby = Standby::start(folder).await?;
    standby.promote().await?;
    standby.stop().await;
    Ok(())
}

/// Whoever keeps the standby promotes it, and serves afterwards.
async fn ask_keeper(folder: &Path) -> Result<()> {
    fs::write(folder.join(REQUEST), "")
        .map_err(|source| io_error("ask for the promotion", source))?;
    for _ in 0..(PROMOTE_MS_MAX / LOOK_MS) {
        tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
        if RoleFile::read(folder)?.is_some_and(|file| file.role == Role::Primary) {
            return Ok(());
        }
    }
    refused("备库没有在一分钟内提升", "the standby was not promoted within a minute")
}

/// The order matters: the old primary is fenced before the new one takes a write.
async fn promote_running(paths: &Paths, file: RoleFile, primary: &mut Primary) -> Result<()> {
    let epoch = file.epoch + 1;
    match primary {
        Primary::Here(primary, mirror) => {
            match RoleFile::read(primary) {
                Ok(Some(old)) => old.fence(primary, epoch, &paths.folder)?,
                Ok(None) => tracing::warn!("the old primary cannot be reached to be fenced"),
                Err(error) => tracing::warn!(%error, "the old primary cannot be fenced"),
            }
            if let Err(error) = mirror.run() {
                tracing::warn!(%error, "the last files of the old primary cannot be copied");
            }
        }
        // Its commits wait for us, who no longer follow; and where we listen it sees that we went on.
        Primary::There(_) => tracing::info!("the old primary is on another machine"),
    }
    copy::strip_setting(&paths.folder, "synchronous_standby_names")?;
    let mut conn =
        PgConnection::connect(&url(paths, NAME)).await.map_err(|error| sql_fault(&error))?;
    for statement in ["SELECT pg_reload_conf()", "SELECT pg_promote(true, 60)"] {
        sqlx::query(statement).execute(&mut conn).await.map_err(|error| sql_fault(&error))?;
    }
    let promoted: bool = sqlx::query_scalar("SELECT NOT pg_is_in_recovery()")
        .fetch_one(&mut conn)
        .await
        .map_err(|error| sql_fault(&error))?;
    if !promoted {
        return refused("数据库没有完成提升", "the database did not finish its promotion");
    }
    note_epoch(&mut conn, epoch).await?;
    RoleFile { epoch, role: Role::Primary, other: None, remote: None, seen: None, ..file }
        .write(&paths.folder)
}

/// The epoch stands in the database as well, where backups and readers find it.
async fn note_epoch(conn: &mut PgConnection, epoch: u64) -> Result<()> {
    let there: bool = sqlx::query_scalar("SELECT to_regclass('db.setting') IS NOT NULL")
        .fetch_one(&mut *conn)
        .await
        .map_err(|error| sql_fault(&error))?;
    if !there {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO db.setting (name, value, reason, at)
         VALUES ('cluster.epoch', to_jsonb($1::bigint), 'promotion', clock_timestamp())
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at",
    )
    .bind(i64::try_from(epoch).unwrap_or(i64::MAX))
    .execute(conn)
    .await
    .map_err(|error| sql_fault(&error))?;
    Ok(())
}
