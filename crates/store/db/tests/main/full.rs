//! A full disk: writes are refused with a clear word, reads go on, and with room again everything does.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use zhengtong_base::{Failure as _, Kind};
use zhengtong_db::cluster::{Cluster, Durability};
use zhengtong_db::{Db, Error, Settings};

use crate::cluster::folder;

/// A disk of a few hundred megabytes, on machines where this user may mount one.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: &Path, megabytes: u32) -> Option<Self> {
        let size = format!("size={megabytes}m,mode=755");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "none"]).arg(at).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self(at.to_owned()))
    }

    /// Leaves so much free.
    fn fill(&self, leave: u64) {
        let mut file = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.0.join("ballast"))
            .unwrap();
        let chunk = vec![7_u8; 1 << 20];
        loop {
            let found = rustix::fs::statvfs(&self.0).unwrap();
            if found.f_bavail * found.f_frsize <= leave || file.write_all(&chunk).is_err() {
                return;
            }
        }
    }

    fn empty(&self) {
        std::fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).output());
    }
}

async fn write(db: &Db) -> Result<(), Error> {
    let mut tx = db.begin_raw().await?;
    sqlx::query("INSERT INTO act (what) SELECT repeat('x', 1000) FROM generate_series(1, 100)")
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

async fn count(db: &Db) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM act").fetch_one(db.pool()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_and_nothing_else_and_heals_by_itself() {
    let at = folder();
    let Some(disk) = Disk::mount(at.path(), 400) else {
        println!("not looked at: this user may not mount a disk");
        return;
    };
    let data = at.path().join("city");
    let cluster = Cluster::start(&data, Durability::Full).await.unwrap();
    let db = Db::open(&cluster.url(), Settings::default()).unwrap();
    sqlx::query("CREATE TABLE act (what text)").execute(db.pool()).await.unwrap();
    write(&db).await.unwrap();
    let mut kept = 100;
    // Before the disk is full, writes are refused, so that there is room for the log.
    disk.fill(40 << 20);
    let start = Instant::now();
    while write(&db).await.is_ok() {
        kept += 100;
        assert!(start.elapsed() < Duration::from_secs(10), "it was written until the end");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // Somebody else takes the rest. The master stays up, and each refusal says what it is.
    disk.fill(0);
    let start = Instant::now();
    let mut refused = 0;
    while start.elapsed() < Duration::from_secs(5) {
        match write(&db).await {
            Ok(()) => kept += 100,
            Err(error) => {
                assert_eq!(error.kind(), Kind::Unavailable, "{error:?}");
                assert!(matches!(error, Error::Full(_)), "{error:?}");
                assert!(error.text().en.contains("short of storage"));
                refused += 1;
            }
        }
        assert_eq!(count(&db).await.unwrap(), kept, "reads go on, and say what was acknowledged");
    }
    assert!(refused > 10, "{refused}");
    println!("{refused} writes refused, {kept} rows kept");

    disk.empty();
    let start = Instant::now();
    while write(&db).await.is_err() {
        assert!(start.elapsed() < Duration::from_secs(20), "it did not heal");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("writes again after {:?}", start.elapsed());
    assert_eq!(count(&db).await.unwrap(), kept + 100);
    db.close().await;
    cluster.stop().await;
    drop(disk);
}
