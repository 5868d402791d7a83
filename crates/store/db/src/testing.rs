//! Databases for tests: one cluster per user, one migrated template per set of schemas, one copy per test.
//!
//! Copies are cheap (`CREATE DATABASE … TEMPLATE`), so each test has its own and needs no cleaning.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use sqlx::{Connection as _, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_access::{Policies, Source};
use zhengtong_base::Schema;
use zhengtong_crypto::Keyring;

use crate::clock::SetClock;
use crate::cluster::{Cluster, Durability};
use crate::pool::{Db, Settings};
use crate::shelf::Shelf;
use crate::{ctx::Actor, error::Result};
use crate::{ctx::Ctx, migrate, sql};

/// How the names of databases of tests begin; the process that made one follows.
const TEST: &str = "zt_test_";
/// Between two sweeps, in seconds.
const SWEEP_SECONDS: u64 = 120;
/// Databases of tests that are removed in one sweep: the test that sweeps waits for all of them.
const SWEEP_MAX: usize = 100;

/// A database of one test, with a clock that stands still until it is moved.
#[derive(Debug)]
pub struct TestDb {
    /// The database.
    pub db: Db,
    /// Its clock; it starts at 2026-03-02 09:00 in China, a Monday.
    pub clock: Arc<SetClock>,
    /// The URL.
    pub url: String,
}

/// Permits everything: for tests of what comes after authorization.
pub const PERMIT_ALL: &str = "permit(principal, action, resource);";

impl TestDb {
    /// A new database with the tables of `schemas`.
    pub async fn new(schemas: &[Schema]) -> Self {
        Self::try_new(schemas).await.unwrap_or_else(|error| {
            #[expect(clippy::panic, reason = "a test without a database cannot go on")]
            {
                panic!("no test database: {error}")
            }
        })
    }

    /// Puts policies and definitions in force, and the keyring for tests unless there is another.
    #[must_use]
    pub fn with(self, policies: &str, shelf: Shelf) -> Self {
        let shelf = match shelf.get::<Keyring>() {
            Ok(_) => shelf,
            Err(_) => shelf.with(Keyring::for_tests()),
        };
        let parsed = Policies::parse(&[Source { name: "test.cedar", text: policies }]);
        self.db.load(parsed.unwrap_or_default(), shelf);
        self
    }

    /// A context of an actor.
    pub async fn ctx(&self, actor: Actor) -> Ctx {
        match self.db.begin(actor, "test").await {
            Ok(ctx) => ctx,
            #[expect(clippy::panic, reason = "a test without a context cannot go on")]
            Err(error) => panic!("no context: {error}"),
        }
    }

    async fn try_new(schemas: &[Schema]) -> std::result::Result<Self, Box<dyn std::error::Error>> {
        let admin_url = cluster_url().await?;
        let mut admin = PgConnection::connect(&admin_url).await?;
        let template = template(&mut admin, &admin_url, schemas).await?;
        let name = format!("{TEST}{}_{}", std::process::id(), Uuid::new_v4().simple());
        let statement =
            format!("CREATE DATABASE {} TEMPLATE {}", sql::ident(&name), sql::ident(&template));
        sqlx::query(sql::trusted(statement)).execute(&mut admin).await?;
        admin.close().await?;
        let url = with_database(&admin_url, &name);
        let clock = Arc::new(SetClock::new(
            OffsetDateTime::from_unix_timestamp(1_772_413_200)
                .unwrap_or(OffsetDateTime::UNIX_EPOCH),
        ));
        let settings = Settings { connections_max: 8, ..Settings::default() };
        let db = Db::open(&url, settings)?.with_clock(Arc::<SetClock>::clone(&clock) as _);
        Ok(Self { db, clock, url })
    }
}

fn with_database(url: &str, name: &str) -> String {
    url.rsplit_once('/').map_or_else(|| url.to_owned(), |(server, _)| format!("{server}/{name}"))
}

/// The cluster of this user's tests. Whoever comes first starts it; it goes on until it is stopped by
/// `scripts/test`, so that the next run is quick.
async fn cluster_url() -> std::result::Result<String, Box<dyn std::error::Error>> {
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration file")]
    if let Ok(url) = std::env::var("ZHENGTONG_TEST_DATABASE") {
        return Ok(url);
    }
    let user = fs::metadata("/proc/self").map(|me| std::os::unix::fs::MetadataExt::uid(&me))?;
    let folder = PathBuf::from(format!("/tmp/zhengtong-test-{user}"));
    fs::create_dir_all(&folder)?;
    let url = format!(
        "postgres://zhengtong@{}/zhengtong",
        folder.join("run").to_string_lossy().replace('/', "%2F")
    );
    let gate = fs::File::create(folder.join("gate"))?;
    tokio::task::spawn_blocking({
        let gate = gate.try_clone()?;
        move || gate.lock()
    })
    .await??;
    if PgConnection::connect(&url).await.is_err() {
        let cluster = Cluster::start(&folder, Durability::None).await?;
        // It must outlive this process: only the watcher ends with it.
        std::mem::forget(cluster);
    }
    gate.unlock()?;
    sweep(&folder, &url).await?;
    Ok(url)
}

/// Drops the databases of tests whose process is gone: a test that ends does not drop its own, and one that is killed
/// cannot. One process sweeps, now and then.
async fn sweep(
    folder: &std::path::Path,
    url: &str,
) -> std::result::Result<(), Box<dyn std::error::Error>> {
    let stamp =
        fs::File::options().create(true).write(true).truncate(false).open(folder.join("swept"))?;
    let about = stamp.metadata()?;
    let fresh = about.modified()?.elapsed().is_ok_and(|age| age.as_secs() < SWEEP_SECONDS);
    if (fresh && about.len() > 0) || stamp.try_lock().is_err() {
        return Ok(());
    }
    let mut admin = PgConnection::connect(url).await?;
    for name in left_behind(&mut admin).await?.iter().take(SWEEP_MAX) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", sql::ident(name));
        sqlx::query(sql::trusted(statement)).execute(&mut admin).await?;
    }
    admin.close().await?;
    stamp.set_len(0)?;
    (&stamp).write_all(b"swept")?;
    Ok(stamp.unlock()?)
}

/// Databases of tests whose process is gone; those of names without a process by their age.
async fn left_behind(admin: &mut PgConnection) -> Result<Vec<String>> {
    let rows: Vec<(String, bool)> = sqlx::query_as(
        "SELECT datname, coalesce((pg_stat_file('base/' || oid || '/PG_VERSION', true)).modification
             < now() - interval '3 hours', true)
         FROM pg_database WHERE starts_with(datname, $1) ORDER BY oid",
    )
    .bind(TEST)
    .fetch_all(admin)
    .await?;
    Ok(rows.into_iter().filter(|(name, old)| is_left(name, *old)).map(|(name, _)| name).collect())
}

fn is_left(name: &str, old: bool) -> bool {
    let rest = name.strip_prefix(TEST).unwrap_or_default();
    match rest.split_once('_').and_then(|(pid, _)| pid.parse::<u32>().ok()) {
        Some(pid) => !std::path::Path::new("/proc").join(pid.to_string()).exists(),
        None => old,
    }
}

/// Whether the machine has PostGIS.
async fn has_postgis(pool: &sqlx::PgPool) -> Result<bool> {
    let found = "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'postgis')";
    Ok(sqlx::query_scalar(found).fetch_one(pool).await?)
}

/// A database with the tables of `schemas`, made once for each state of their steps.
async fn template(admin: &mut PgConnection, admin_url: &str, schemas: &[Schema]) -> Result<String> {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for schema in schemas {
        for step in schema.migrations {
            for byte in schema.name.bytes().chain(step.sql.bytes()) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
    let name = format!("zt_template_2_{hash:016x}");
    sqlx::query("SELECT pg_advisory_lock(hashtext($1))").bind(&name).execute(&mut *admin).await?;
    let there: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datistemplate)",
    )
    .bind(&name)
    .fetch_one(&mut *admin)
    .await?;
    if !there {
        let ident = sql::ident(&name);
        for statement in
            [format!("DROP DATABASE IF EXISTS {ident}"), format!("CREATE DATABASE {ident}")]
        {
            sqlx::query(sql::trusted(statement)).execute(&mut *admin).await?;
        }
        let db = Db::open(&with_database(admin_url, &name), Settings::default())?;
        migrate(db.pool(), schemas).await?;
        // Made once here, since it would take each copy most of a second; `registry` makes it where it is missing.
        if schemas.iter().any(|schema| schema.name == "registry") && has_postgis(db.pool()).await? {
            sqlx::query("CREATE EXTENSION postgis SCHEMA public").execute(db.pool()).await?;
        }
        db.close().await;
        let statement = format!("ALTER DATABASE {ident} IS_TEMPLATE true");
        sqlx::query(sql::trusted(statement)).execute(&mut *admin).await?;
    }
    sqlx::query("SELECT pg_advisory_unlock(hashtext($1))").bind(&name).execute(admin).await?;
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_databases_of_processes_that_are_gone_are_left() {
        let mine = format!("{TEST}{}_abc", std::process::id());
        let rows = [
            (mine.as_str(), true, false),
            // No process has this number: it is above the largest of Linux.
            ("zt_test_4194999_abc", false, true),
            ("zt_test_0123456789abcdef", true, true),
            ("zt_test_0123456789abcdef", false, false),
        ];
        for (name, old, left) in rows {
            assert_eq!(is_left(name, old), left, "{name}");
        }
    }
}
