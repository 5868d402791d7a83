//! Figures of the store, for those who watch over the platform: the pool, jobs, the outbox, standbys.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;

use crate::error::Result;
use crate::pool::Db;

pub(crate) const WORK: &str = include_str!("../sql/figures.sql");

/// How long transactions waited for a connection since the start.
#[derive(Debug, Default)]
pub(crate) struct Waits {
    waiting: AtomicI64,
    count: AtomicU64,
    micros: AtomicU64,
    failed: AtomicU64,
}

/// One wait that is going on; it counts when it is dropped.
pub(crate) struct Wait<'a> {
    waits: &'a Waits,
    since: std::time::Instant,
    got: bool,
}

/// The pool of connections of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Connections at most.
    pub most: u32,
    /// Connections that are open.
    pub open: u32,
    /// Open connections that nobody uses.
    pub idle: u32,
    /// Transactions that wait for a connection now.
    pub waiting: i64,
    /// Transactions begun since the start.
    pub begun: u64,
    /// Microseconds they waited for their connections.
    pub waited_micros: u64,
    /// Waits that ended without a connection.
    pub failed: u64,
}

/// Work for later, as the database holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromRow)]
pub struct Work {
    /// Jobs in the queue.
    pub queued: i64,
    /// Those of them that failed at least once.
    pub failing: i64,
    /// Those of them that are at work now.
    pub running: i64,
    /// Jobs that failed on every attempt.
    pub dead: i64,
    /// Since when the job that is due longest is due.
    pub due_since: Option<OffsetDateTime>,
    /// Events that wait to be handed on.
    pub outbox: i64,
    /// When the oldest of them was written.
    pub outbox_since: Option<OffsetDateTime>,
    /// Bytes of the database.
    pub bytes: i64,
}

/// A server that follows this one.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromRow)]
pub struct Standby {
    /// Its name.
    pub name: String,
    /// Whether commits wait for it: `sync`, `quorum`, `potential` or `async`.
    pub sync: String,
    /// Bytes it is behind; none where this account may not see it.
    pub behind: Option<i64>,
}

impl Waits {
    pub(crate) fn begin(&self) -> Wait<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Wait { waits: self, since: std::time::Instant::now(), got: false }
    }
}

impl Wait<'_> {
    /// The wait ended with a connection.
    pub(crate) fn got(mut self) {
        self.got = true;
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        let micros = u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.waits.waiting.fetch_sub(1, Ordering::Relaxed);
        self.waits.micros.fetch_add(micros, Ordering::Relaxed);
        let counter = if self.got { &self.waits.count } else { &self.waits.failed };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// The pool, without asking the database.
pub fn pool(db: &Db) -> Pool {
    let (pool, waits) = (db.pool(), db.waits());
    Pool {
        most: pool.options().get_max_connections(),
        open: pool.size(),
        idle: u32::try_from(pool.num_idle()).unwrap_or(u32::MAX),
        waiting: waits.waiting.load(Ordering::Relaxed),
        begun: waits.count.load(Ordering::Relaxed),
        waited_micros: waits.micros.load(Ordering::Relaxed),
        failed: waits.failed.load(Ordering::Relaxed),
    }
}

/// Jobs and events that wait.
pub async fn work(conn: &mut PgConnection, now: OffsetDateTime) -> Result<Work> {
    Ok(sqlx::query_as(WORK).bind(now).fetch_one(conn).await?)
}

/// The servers that follow this one, at most sixteen.
pub async fn standbys(conn: &mut PgConnection) -> Result<Vec<Standby>> {
    Ok(sqlx::query_as(
        "SELECT application_name AS name, coalesce(sync_state, 'async') AS sync,
                CASE WHEN pg_is_in_recovery() THEN NULL
                ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint END AS behind
         FROM pg_stat_replication WHERE application_name !~ '^pg_(basebackup|receivewal)'
         ORDER BY application_name LIMIT 16",
    )
    .fetch_all(conn)
    .await?)
}

/// Whether the settings of the server say that commits wait for a standby.
pub async fn waits_for_standby(conn: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar("SELECT current_setting('synchronous_standby_names') <> ''")
        .fetch_one(conn)
        .await?)
}
