//! A standby: nothing acknowledged is lost with the primary, the old primary is fenced, and a standby that
//! lags, lies or was given up is refused.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection};
use tokio::sync::watch;
use zhengtong_db::cluster::{
    self, Cluster, ClusterError, Durability, Ended, Options, Role, RoleFile, Standby,
};

use crate::cluster::{folder, kill};

const NAME: &str = "s1";

/// A primary with a keeper of its own, so that both can die at once.
pub(crate) struct Primary {
    runtime: tokio::runtime::Runtime,
    cluster: Cluster,
}

impl Primary {
    pub(crate) async fn start(folder: &Path, options: Options) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(1).build();
        let runtime = runtime.unwrap();
        let folder = folder.to_owned();
        let started = runtime.spawn(async move { Cluster::start_with(&folder, options).await });
        let cluster = started.await.unwrap().unwrap();
        Self { runtime, cluster }
    }

    pub(crate) fn url(&self) -> String {
        self.cluster.url()
    }

    /// As a machine that loses its power: keeper first, so that it cannot start the master again.
    pub(crate) fn die(self) {
        let pid = self.cluster.pid().unwrap();
        self.runtime.shutdown_background();
        drop(self.cluster);
        kill(pid);
    }
}

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

async fn run(url: &str, statement: &'static str) {
    sqlx::query(statement).execute(&mut connect(url).await).await.unwrap();
}

pub(crate) async fn text(url: &str, statement: &'static str) -> String {
    sqlx::query_scalar(statement).fetch_one(&mut connect(url).await).await.unwrap()
}

pub(crate) async fn until(what: &str, mut is: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !is().await {
        assert!(start.elapsed() < Duration::from_mins(1), "{what} did not happen");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn armed(url: &str, standby: &Path) {
    until("commits wait for the standby", async || {
        let names = text(url, "SHOW synchronous_standby_names").await;
        let seen = RoleFile::read(standby).unwrap().unwrap().seen;
        names.contains(NAME) && seen.is_some_and(|seen| seen.sync == "sync")
    })
    .await;
}

pub(crate) type Kept = tokio::task::JoinHandle<Result<Ended, ClusterError>>;

pub(crate) async fn keep(folder: &Path) -> (watch::Sender<bool>, Kept) {
    let (stop, stopped) = watch::channel(false);
    let standby = Standby::start(folder).await.unwrap();
    (stop, tokio::spawn(standby.keep(stopped)))
}

struct Two {
    _keep: [tempfile::TempDir; 2],
    first: PathBuf,
    second: PathBuf,
    primary: Primary,
    url: String,
}

/// A primary with a table and a standby beside it that nobody keeps yet.
async fn two(options: Options) -> Two {
    let (one, other) = (folder(), folder());
    let first = one.path().canonicalize().unwrap();
    let second = other.path().canonicalize().unwrap();
    let primary = Primary::start(&first, options).await;
    let url = primary.cluster.url();
    run(&url, "CREATE TABLE act (n bigint PRIMARY KEY)").await;
    std::fs::create_dir_all(first.join("files/objects/ab/cd")).unwrap();
    std::fs::write(first.join("files/objects/ab/cd/abcd"), "a file").unwrap();
    std::fs::write(first.join("master.key"), "key").unwrap();
    cluster::add(&first, &second, NAME).await.unwrap();
    Two { _keep: [one, other], first, second, primary, url }
}

/// Writes until the primary is gone; returns what was acknowledged.
async fn write(url: String, writer: i64, go_on: Arc<AtomicBool>) -> Vec<i64> {
    let mut acknowledged = Vec::new();
    let Ok(mut conn) = PgConnection::connect(&url).await else { return acknowledged };
    let mut n = writer * 1_000_000;
    while go_on.load(Ordering::Relaxed) {
        n += 1;
        let done = sqlx::query("INSERT INTO act VALUES ($1)").bind(n).execute(&mut conn);
        match tokio::time::timeout(Duration::from_secs(20), done).await {
            Ok(Ok(_)) => acknowledged.push(n),
            _ => break,
        }
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_acknowledged_is_lost_with_the_primary_and_it_never_serves_again() {
    let two = two(Options::new(Durability::Full)).await;
    let (_stop, kept) = keep(&two.second).await;
    armed(&two.url, &two.second).await;

    let go_on = Arc::new(AtomicBool::new(true));
    let writers: Vec<_> = (1..=4)
        .map(|writer| tokio::spawn(write(two.url.clone(), writer, Arc::clone(&go_on))))
        .collect();
    tokio::time::sleep(Duration::from_secs(2)).await;

    // While the primary works, a promotion is refused.
    let early = cluster::promote(&two.second, false).await;
    assert!(matches!(&early, Err(ClusterError::Standby { en, .. }) if en.contains("still works")));

    std::fs::write(two.first.join("files/objects/ab/cd/later"), "the last file").unwrap();
    two.primary.die();
    let lost_at = Instant::now();
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.extend(writer.await.unwrap());
    }
    assert!(acknowledged.len() > 100, "{}", acknowledged.len());

    cluster::promote(&two.second, false).await.unwrap();
    assert_eq!(kept.await.unwrap().unwrap(), Ended::Promoted);
    let second = Cluster::start(&two.second, Durability::Full).await.unwrap();
    run(&second.url(), "INSERT INTO act VALUES (1)").await;
    let recovery = lost_at.elapsed();
    let found: Vec<i64> = sqlx::query_scalar("SELECT n FROM act")
        .fetch_all(&mut connect(&second.url()).await)
        .await
        .unwrap();
    let lost = acknowledged.iter().filter(|n| !found.contains(n)).count();
    println!("{} acknowledged, {lost} lost, {recovery:?} to the next write", acknowledged.len());
    assert_eq!(lost, 0);
    assert!(recovery < Duration::from_secs(30), "{recovery:?}");
    for name in ["abcd", "later"] {
        assert!(two.second.join("files/objects/ab/cd").join(name).exists(), "{name}");
    }
    assert!(two.second.join("master.key").exists());
    let role = RoleFile::read(&two.second).unwrap().unwrap();
    assert_eq!((role.role, role.epoch), (Role::Primary, 2));

    // The old primary finds the fence …
    let old = Cluster::start(&two.first, Durability::Full).await;
    let Err(error @ ClusterError::Fenced { epoch: 2, .. }) = old else { panic!("{old:?}") };
    assert!(error.to_string().contains("must not serve"), "{error}");
    // … and without it, as when its disk was away, learns of its successor from the folder it knows,
    let mut forgot = RoleFile::read(&two.first).unwrap().unwrap();
    (forgot.role, forgot.epoch) = (Role::Primary, 1);
    let text = serde_json::to_vec(&forgot).unwrap();
    std::fs::write(two.first.join("cluster.json"), &text).unwrap();
    let old = Cluster::start(&two.first, Durability::Full).await;
    assert!(matches!(old, Err(ClusterError::Fenced { epoch: 2, .. })), "{old:?}");
    // or, when that cannot be read, from the master that answers there.
    std::fs::write(two.first.join("cluster.json"), &text).unwrap();
    std::fs::rename(two.second.join("cluster.json"), two.second.join("hidden")).unwrap();
    let old = Cluster::start(&two.first, Durability::Full).await;
    assert!(matches!(old, Err(ClusterError::Fenced { .. })), "{old:?}");
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_wait_for_a_standby_that_is_away_until_it_is_given_up() {
    let two = two(Options::new(Durability::Full)).await;
    let (stop, kept) = keep(&two.second).await;
    armed(&two.url, &two.second).await;
    stop.send_replace(true);
    assert_eq!(kept.await.unwrap().unwrap(), Ended::Stopped);

    let mut conn = connect(&two.url).await;
    let waiting = tokio::spawn(async move {
        sqlx::query("INSERT INTO act VALUES (7)").execute(&mut conn).await.map(|_| ())
    });
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!waiting.is_finished(), "a write was acknowledged without its standby");
    // Reads go on.
    assert_eq!(text(&two.url, "SELECT 'read'").await, "read");

    // The standby comes back: the write is acknowledged.
    let (stop, kept) = keep(&two.second).await;
    waiting.await.unwrap().unwrap();
    stop.send_replace(true);
    kept.await.unwrap().unwrap();

    // It is given up: writes go on at once, and it can no longer be promoted by mistake.
    cluster::drop_standby(&two.first, NAME).await.unwrap();
    run(&two.url, "INSERT INTO act VALUES (8)").await;
    two.primary.die();
    let behind = cluster::promote(&two.second, false).await;
    assert!(
        matches!(&behind, Err(ClusterError::Standby { en, .. }) if en.contains("would be lost")),
        "{behind:?}"
    );
    // Unless the loss is accepted.
    cluster::promote(&two.second, true).await.unwrap();
    let second = Cluster::start(&two.second, Durability::Full).await.unwrap();
    assert_eq!(text(&second.url(), "SELECT string_agg(n::text, ' ') FROM act").await, "7");
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_that_lags_or_lies_is_refused() {
    let mut options = Options::new(Durability::Full);
    options.degrade_seconds = Some(2);
    let two = two(options).await;

    // An unpromoted standby does not serve, and one that never caught up is not promoted.
    let served = Cluster::start(&two.second, Durability::Full).await;
    assert!(matches!(served, Err(ClusterError::IsStandby(_))), "{served:?}");

    // With the setting, the primary goes on alone after a while and says so to the standby.
    let (stop, kept) = keep(&two.second).await;
    armed(&two.url, &two.second).await;
    stop.send_replace(true);
    kept.await.unwrap().unwrap();
    run(&two.url, "INSERT INTO act VALUES (9)").await;
    let seen = RoleFile::read(&two.second).unwrap().unwrap().seen.unwrap();
    assert_eq!(seen.sync, "degraded");
    // It comes back, catches up, and is waited for again.
    let (stop, kept) = keep(&two.second).await;
    armed(&two.url, &two.second).await;
    stop.send_replace(true);
    kept.await.unwrap().unwrap();

    // Another city's data under the name of the standby.
    let third = folder();
    let other = Cluster::start(third.path(), Durability::Full).await.unwrap();
    other.stop().await;
    std::fs::rename(two.second.join("postgres"), two.second.join("true")).unwrap();
    let copied = std::process::Command::new("cp")
        .arg("-a")
        .arg(third.path().join("postgres"))
        .arg(two.second.join("postgres"))
        .status();
    assert!(copied.unwrap().success());
    let lies = Standby::start(&two.second).await;
    let Err(ClusterError::Standby { en, .. }) = lies else { panic!("{lies:?}") };
    assert!(en.contains("another cluster"), "{en}");
    let lies = cluster::promote(&two.second, true).await;
    assert!(
        matches!(&lies, Err(ClusterError::Standby { en, .. }) if en.contains("another cluster"))
    );

    // Names that would break a statement or a slot, a folder in use, a second of the same name.
    for name in ["", "S1", "a b", "a';--"] {
        let refused = cluster::add(&two.first, &third.path().join("new"), name).await;
        assert!(matches!(refused, Err(ClusterError::Standby { .. })), "{name}");
    }
    let refused = cluster::add(&two.first, third.path(), "s2").await;
    assert!(matches!(&refused, Err(ClusterError::Standby { en, .. }) if en.contains("not empty")));
    let refused = cluster::add(&two.first, &third.path().join("new"), NAME).await;
    assert!(matches!(&refused, Err(ClusterError::Standby { en, .. }) if en.contains("already")));
    two.primary.die();
}
