//! A private PostgreSQL cluster under the data folder, made and watched by this program.
//!
//! It listens on a unix socket only, has page checksums, never runs as root, and is started again when it
//! dies. A cluster that a killed predecessor left running is stopped first: two masters on one folder
//! would wreck it, and PostgreSQL itself refuses to start while orphans hold its shared memory.

mod archive;
mod copy;
mod error;
mod facts;
mod guard;
mod install;
mod link;
mod role;
mod standby;

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::sync::watch;

pub use archive::Archive;
pub use copy::{Attached, Dump, Load, hand_over, strip_setting};
pub use error::ClusterError;
use error::Result;
pub use facts::Facts;
pub use install::installed;
pub use link::{Given, Invite, Opening, Remote, join, open};
pub use role::{Peer, Role, RoleFile, Seen};
pub use standby::{Added, Ended, Standby, StandbyState, add, drop_standby, promote, states};

/// The oldest PostgreSQL that serves.
const MAJOR_MIN: u32 = 15;
/// How often a start is tried before it is given up; orphans of a killed master need a few seconds.
const START_TRIES: u32 = 60;
/// How often a master is asked that lives and replays its log: a restored city may have much of it.
const REPLAY_TRIES: u32 = 3_600;
/// The wait between two tries, in milliseconds.
const START_WAIT_MS: u64 = 500;
/// The name of the database and of its owner.
const NAME: &str = "zhengtong";

/// A running cluster. Dropping it does not stop PostgreSQL; call [`Cluster::stop`].
#[derive(Debug)]
pub struct Cluster {
    paths: Paths,
    stop: watch::Sender<bool>,
    watcher: tokio::task::JoinHandle<()>,
    guard: tokio::task::JoinHandle<()>,
    _lock: fs::File,
}

/// How a cluster is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether commits reach the disk.
    pub durability: Durability,
    /// Where WAL is archived to, for restoring to any moment.
    pub archive: Option<Archive>,
    /// After how many seconds without its standby the primary goes on alone; none: writes wait.
    pub degrade_seconds: Option<u64>,
}

impl Options {
    /// The usual options: no archive, and writes wait for the standby if there is one.
    pub fn new(durability: Durability) -> Self {
        Self { durability, archive: None, degrade_seconds: None }
    }
}

/// Settings of a cluster that differ between a city and a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Commits reach the disk before they are acknowledged.
    Full,
    /// For tests only: a crash of the machine may lose the database.
    None,
}

#[derive(Clone, Debug)]
struct Paths {
    bin: PathBuf,
    folder: PathBuf,
    data: PathBuf,
    socket: PathBuf,
    log: PathBuf,
    user: Option<User>,
    durability: Durability,
    archive: Option<Archive>,
}

#[derive(Clone, Debug)]
struct User {
    name: String,
    uid: u32,
    gid: u32,
}

impl Cluster {
    /// Starts the cluster under `folder`, making it when it is new. Blocks the thread while it does.
    pub async fn start(folder: &Path, durability: Durability) -> Result<Self> {
        Self::start_with(folder, Options::new(durability)).await
    }

    /// Starts the cluster with options. A folder that was replaced by its standby, and a standby that
    /// was not promoted, are refused.
    pub async fn start_with(folder: &Path, options: Options) -> Result<Self> {
        make_folder(folder)?;
        role::admit(folder).await?;
        let degrade = options.degrade_seconds;
        let (paths, lock) = prepared(folder, options).await?;
        let child = started(&paths).await?;
        recovered(&paths).await?;
        ensure_database(&paths).await?;
        let (stop, stopped) = watch::channel(false);
        let watcher = tokio::spawn(watch_over(paths.clone(), child, stopped.clone()));
        let guard = tokio::spawn(guard::watch(paths.clone(), degrade, stopped));
        Ok(Self { paths, stop, watcher, guard, _lock: lock })
    }

    /// The URL of the database.
    pub fn url(&self) -> String {
        url(&self.paths, NAME)
    }

    /// The URL by which a running platform works on it, see [`crate::allow_worker`].
    pub fn worker_url(&self) -> String {
        url_as(crate::WORKER, &self.paths.socket, NAME)
    }

    /// The process id of the running master, for tests that kill it.
    pub fn pid(&self) -> Option<u32> {
        postmaster_pid(&self.paths.data)
    }

    /// Stops PostgreSQL, rolling back what is open, and waits for it.
    pub async fn stop(self) {
        self.guard.abort();
        if self.stop.send(true).is_ok() && self.watcher.await.is_err() {
            tracing::warn!("the watcher of the database ended early");
        }
    }
}

fn url(paths: &Paths, database: &str) -> String {
    url_of(&paths.socket, database)
}

fn url_of(socket: &Path, database: &str) -> String {
    url_as(NAME, socket, database)
}

fn url_as(role: &str, socket: &Path, database: &str) -> String {
    let host: String = socket.to_string_lossy().replace('/', "%2F").replace(' ', "%20");
    format!("postgres://{role}@{host}/{database}")
}

async fn prepared(folder: &Path, options: Options) -> Result<(Paths, fs::File)> {
    let folder = folder.to_owned();
    tokio::task::spawn_blocking(move || prepare(&folder, options))
        .await
        .map_err(|error| ClusterError::Tool { tool: "prepare", output: error.to_string() })?
}

/// Starts the master and waits until it answers.
async fn started(paths: &Paths) -> Result<tokio::process::Child> {
    let mut child = spawn(paths)?;
    let mut tries = 0;
    while !ready(paths).await {
        if let Ok(Some(_)) = child.try_wait() {
            child = spawn(paths)?;
        }
        tries += 1;
        // A master that lives and does not answer is replaying its log.
        let replays = matches!(child.try_wait(), Ok(None));
        if tries >= if replays { REPLAY_TRIES } else { START_TRIES } {
            return Err(ClusterError::Tool { tool: "postgres", output: tail(&paths.log) });
        }
        tokio::time::sleep(Duration::from_millis(START_WAIT_MS.min(50 * u64::from(tries)))).await;
    }
    Ok(child)
}

/// Where everything of a cluster is; the folder must be there.
fn paths_of(folder: &Path, options: Options) -> Result<(Paths, u32)> {
    let folder =
        folder.canonicalize().map_err(|source| io_error("find the data folder", source))?;
    let (bin, installed) = installed()?;
    let paths = Paths {
        bin,
        data: folder.join("postgres"),
        socket: socket_folder(&folder),
        log: folder.join("postgres.log"),
        folder,
        user: other_user(),
        durability: options.durability,
        archive: options.archive,
    };
    Ok((paths, installed))
}

fn prepare(folder: &Path, options: Options) -> Result<(Paths, fs::File)> {
    make_folder(folder)?;
    let lock = lock(folder)?;
    let (paths, installed) = paths_of(folder, options)?;
    let stamp = paths.data.join("PG_VERSION");
    if stamp.exists() {
        let made = fs::read_to_string(&stamp)
            .map_err(|source| io_error("read PG_VERSION", source))?
            .trim()
            .to_owned();
        if made != installed.to_string() {
            let folder = paths.folder.clone();
            return Err(ClusterError::OtherVersion { folder, made, installed });
        }
        stop_orphan(&paths);
    } else {
        init(&paths, &paths.folder)?;
    }
    own(&paths, &paths.socket)?;
    Ok((paths, lock))
}

fn make_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|source| io_error("make the data folder", source))
}

fn lock(folder: &Path) -> Result<fs::File> {
    let file = fs::File::create(folder.join("lock"))
        .map_err(|source| io_error("write the lock file", source))?;
    file.try_lock().map_err(|_held| ClusterError::InUse(folder.to_owned()))?;
    Ok(file)
}

/// PostgreSQL refuses to run as root: then it runs as `postgres`, or else as `nobody`.
fn other_user() -> Option<User> {
    if fs::metadata("/proc/self").map_or(1, |me| me.uid()) != 0 {
        return None;
    }
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    ["postgres", "nobody"].iter().find_map(|name| {
        let line = passwd.lines().find(|line| line.starts_with(&format!("{name}:")))?;
        let mut parts = line.split(':').skip(2);
        let uid = parts.next()?.parse().ok()?;
        let gid = parts.next()?.parse().ok()?;
        Some(User { name: (*name).to_owned(), uid, gid })
    })
}

/// A unix socket path may have at most 107 bytes, so a deep data folder gets a short one in /tmp.
fn socket_folder(folder: &Path) -> PathBuf {
    let beside = folder.join("run");
    if beside.as_os_str().len() <= 80 {
        return beside;
    }
    let digest = folder.to_string_lossy().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    PathBuf::from(format!("/tmp/zhengtong-{digest:016x}"))
}

fn init(paths: &Paths, folder: &Path) -> Result<()> {
    own(paths, &paths.data)?;
    if let Some(user) = &paths.user {
        let reachable = command(paths, "/usr/bin/test".as_ref())
            .arg("-w")
            .arg(&paths.data)
            .status()
            .is_ok_and(|status| status.success());
        if !reachable {
            let (folder, user) = (folder.to_owned(), user.name.clone());
            return Err(ClusterError::Unreachable { folder, user });
        }
    }
    let mut initdb = command(paths, &paths.bin.join("initdb"));
    initdb.args(["--data-checksums", "--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust"]);
    initdb.arg(format!("--username={NAME}"));
    if paths.durability == Durability::None {
        initdb.arg("--no-sync");
    }
    let output = initdb
        .arg("-D")
        .arg(&paths.data)
        .output()
        .map_err(|source| io_error("run initdb", source))?;
    if output.status.success() {
        return Ok(());
    }
    let output = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(ClusterError::Tool { tool: "initdb", output })
}

/// Makes a folder that only the user of PostgreSQL may enter.
fn own(paths: &Paths, folder: &Path) -> Result<()> {
    make_folder(folder)?;
    if let Some(user) = &paths.user {
        chown(folder, Some(user.uid), Some(user.gid))
            .map_err(|source| io_error("hand over a folder", source))?;
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
        .map_err(|source| io_error("protect a folder", source))
}

fn command(paths: &Paths, program: &Path) -> Command {
    let mut command = Command::new(program);
    // A folder that every user may enter: the user of PostgreSQL may not see ours.
    command.current_dir("/");
    if let Some(user) = &paths.user {
        command.uid(user.uid).gid(user.gid);
    }
    // Not in our group: an interrupt from the terminal is for us, and we stop PostgreSQL in order.
    command.process_group(0);
    command
}

fn spawn(paths: &Paths) -> Result<tokio::process::Child> {
    let log = fs::File::options()
        .create(true)
        .append(true)
        .open(&paths.log)
        .map_err(|source| io_error("open the database log", source))?;
    let mut postgres = command(paths, &paths.bin.join("postgres"));
    postgres.arg("-D").arg(&paths.data).arg("-k").arg(&paths.socket);
    let mut settings = vec![
        "listen_addresses=",
        "unix_socket_permissions=0700",
        "max_connections=100",
        "shared_buffers=128MB",
        // On disks without heads; and plans made while a table is small stay good when it has grown.
        "random_page_cost=1.1",
        // Tables that grow from nothing in a minute are looked at more than once in it.
        "autovacuum_naptime=15s",
        "timezone=UTC",
        "log_timezone=UTC",
        "log_line_prefix=%m [%p] ",
        // After a crash one call for the whole disk, and not one for each of a thousand files: seconds less to wait.
        "recovery_init_sync_method=syncfs",
    ];
    if paths.durability == Durability::None {
        settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"]);
    }
    for setting in settings {
        postgres.arg("-c").arg(setting);
    }
    for setting in link::settings(&paths.folder)? {
        postgres.arg("-c").arg(setting);
    }
    link::usual_socket(paths)?;
    if let Some(archive) = &paths.archive {
        for setting in archive.settings() {
            postgres.arg("-c").arg(setting);
        }
    }
    postgres.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    tokio::process::Command::from(postgres)
        .spawn()
        .map_err(|source| io_error("run postgres", source))
}

/// A cluster that was put back to a moment answers before it has come there.
async fn recovered(paths: &Paths) -> Result<()> {
    let fault =
        |error: sqlx::Error| ClusterError::Tool { tool: "recovery", output: error.to_string() };
    let mut conn = connect(paths, "postgres").await.map_err(fault)?;
    loop {
        let recovers = sqlx::query_scalar("SELECT pg_is_in_recovery()").fetch_one(&mut conn).await;
        if !recovers.map_err(fault)? {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(START_WAIT_MS)).await;
    }
}

async fn connect(paths: &Paths, database: &str) -> sqlx::Result<sqlx::PgConnection> {
    use sqlx::Connection as _;
    sqlx::PgConnection::connect(&url(paths, database)).await
}

async fn ready(paths: &Paths) -> bool {
    connect(paths, "postgres").await.is_ok()
}

async fn ensure_database(paths: &Paths) -> Result<()> {
    let fault =
        |error: sqlx::Error| ClusterError::Tool { tool: "createdb", output: error.to_string() };
    let mut conn = connect(paths, "postgres").await.map_err(fault)?;
    let there: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'zhengtong')")
            .fetch_one(&mut conn)
            .await
            .map_err(fault)?;
    if !there {
        sqlx::query("CREATE DATABASE zhengtong").execute(&mut conn).await.map_err(fault)?;
    }
    Ok(())
}

/// Waits for the master; when it dies by itself, starts it again, as often as it takes.
async fn watch_over(
    paths: Paths,
    mut child: tokio::process::Child,
    mut stopped: watch::Receiver<bool>,
) {
    let (mut since, mut tries) = (tokio::time::Instant::now(), 0_u32);
    loop {
        tokio::select! {
            ended = child.wait() => {
                tracing::error!(?ended, "the database ended; starting it again");
            }
            _ = stopped.changed() => {
                stop_master(&paths, "fast");
                if let Err(error) = child.wait().await {
                    tracing::warn!(%error, "waiting for the database failed");
                }
                return;
            }
        }
        // One that ran for a while is started again at once; one that cannot start is not hammered at.
        tries =
            if since.elapsed() > Duration::from_millis(START_WAIT_MS * 4) { 1 } else { tries + 1 };
        loop {
            let wait = START_WAIT_MS.min(50 * u64::from(tries));
            tokio::time::sleep(Duration::from_millis(wait)).await;
            if *stopped.borrow() {
                return;
            }
            since = tokio::time::Instant::now();
            match spawn(&paths) {
                Ok(again) => {
                    child = again;
                    break;
                }
                Err(error) => tracing::error!(%error, "the database cannot be started"),
            }
        }
    }
}

fn stop_master(paths: &Paths, mode: &str) {
    let stopped = command(paths, &paths.bin.join("pg_ctl"))
        .args(["stop", "--wait", "--timeout=30", "--silent", "-m", mode, "-D"])
        .arg(&paths.data)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !stopped.is_ok_and(|status| status.success()) {
        tracing::warn!("pg_ctl could not stop the database");
    }
}

/// Stops a master that a killed predecessor left behind. We hold the lock, so nobody else uses it.
fn stop_orphan(paths: &Paths) {
    let Some(pid) = postmaster_pid(&paths.data) else { return };
    let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    if String::from_utf8_lossy(&command).contains("postgres") {
        tracing::info!(pid, "stopping the database of a run that was killed");
        stop_master(paths, "fast");
    }
}

fn postmaster_pid(data: &Path) -> Option<u32> {
    fs::read_to_string(data.join("postmaster.pid")).ok()?.lines().next()?.trim().parse().ok()
}

fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().take(5).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}

fn io_error(what: &str, source: io::Error) -> ClusterError {
    ClusterError::Io { what: format!("could not {what}: {source}"), source }
}
