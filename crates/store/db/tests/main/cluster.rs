//! The managed cluster: made, found again, watched, refused.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use sqlx::Connection as _;
use zhengtong_db::cluster::{Cluster, ClusterError, Durability};

async fn number(url: &str) -> Option<i32> {
    let mut conn = sqlx::PgConnection::connect(url).await.ok()?;
    sqlx::query_scalar("SELECT n FROM kept").fetch_one(&mut conn).await.ok()
}

async fn until_number(url: &str) -> Option<i32> {
    for _ in 0..200 {
        if let Some(found) = number(url).await {
            return Some(found);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    None
}

pub(crate) fn kill(pid: u32) {
    let killed = Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    assert!(killed.success());
}

pub(crate) fn folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_survives_the_death_of_its_master_and_of_its_keeper() {
    let folder = folder();
    let cluster = Cluster::start(folder.path(), Durability::Full).await.unwrap();
    let url = cluster.url();
    let mut conn = sqlx::PgConnection::connect(&url).await.unwrap();
    sqlx::query("CREATE TABLE kept AS SELECT 7 AS n").execute(&mut conn).await.unwrap();
    let checksums: String =
        sqlx::query_scalar("SHOW data_checksums").fetch_one(&mut conn).await.unwrap();
    assert_eq!(checksums, "on");
    let listens: String =
        sqlx::query_scalar("SHOW listen_addresses").fetch_one(&mut conn).await.unwrap();
    assert_eq!(listens, "", "only the unix socket");
    drop(conn);

    // The master is killed: the watcher brings it back.
    let first = cluster.pid().unwrap();
    kill(first);
    let found = until_number(&url).await;
    let log = std::fs::read_to_string(folder.path().join("postgres.log")).unwrap_or_default();
    assert_eq!(found, Some(7), "{log}");
    assert_ne!(cluster.pid().unwrap(), first);

    // A second keeper is refused while the first lives.
    let second = Cluster::start(folder.path(), Durability::Full).await;
    assert!(matches!(second, Err(ClusterError::InUse(_))), "{second:?}");
    cluster.stop().await;
    assert_eq!(number(&url).await, None);

    // A master that a killed keeper left behind is taken over.
    let orphan = orphan(folder.path());
    let cluster = Cluster::start(folder.path(), Durability::Full).await.unwrap();
    assert_eq!(until_number(&cluster.url()).await, Some(7));
    assert_ne!(cluster.pid(), Some(orphan));
    cluster.stop().await;

    // A folder of another version is refused in plain words.
    std::fs::write(folder.path().join("postgres/PG_VERSION"), "9\n").unwrap();
    let other = Cluster::start(folder.path(), Durability::Full).await;
    let Err(error @ ClusterError::OtherVersion { .. }) = other else { panic!("{other:?}") };
    assert!(error.to_string().contains("made by PostgreSQL 9"));
}

/// Starts a master as a killed keeper would have left it: running, with nobody to watch it.
fn orphan(folder: &Path) -> u32 {
    use std::os::unix::fs::MetadataExt as _;
    use std::os::unix::process::CommandExt as _;
    let data = folder.join("postgres");
    let owner = std::fs::metadata(&data).unwrap();
    let bin = std::fs::read_dir("/usr/lib/postgresql").unwrap().flatten().last().unwrap().path();
    let mut start = Command::new(bin.join("bin/pg_ctl"));
    let mine = std::fs::metadata("/proc/self").unwrap().uid();
    if mine == 0 {
        start.uid(owner.uid()).gid(owner.gid());
    }
    let options = format!("-c listen_addresses= -k {}", folder.join("run").display());
    let started = start
        .current_dir("/")
        .args(["start", "--wait", "--silent", "-o", &options, "-l", "/dev/null", "-D"])
        .arg(&data)
        .status()
        .unwrap();
    assert!(started.success());
    let pid = std::fs::read_to_string(data.join("postmaster.pid")).unwrap();
    pid.lines().next().unwrap().parse().unwrap()
}
