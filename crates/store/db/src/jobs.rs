//! Work for later, on PostgreSQL: taken with SKIP LOCKED, retried with jitter, kept as a dead letter at last.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, TimeZone as _};
use croner::Cron;
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::postgres::PgListener;
use time::OffsetDateTime;
use tokio::sync::watch;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::outbox::{self, Subscription};
use crate::pool::Db;

pub(crate) const TAKE_JOB: &str = include_str!("../sql/take_job.sql");

/// How long a job may run before another worker takes it, in seconds.
const LOCK_SECONDS: f64 = 300.0;
/// The longest wait between two attempts, in seconds.
const RETRY_SECONDS_MAX: f64 = 3_600.0;
/// How long a worker sleeps when nothing wakes it, in milliseconds.
const IDLE_MS: u64 = 1_000;

/// A job to be queued.
#[derive(Clone, Copy, Debug)]
pub struct NewJob<'a> {
    kind: &'a str,
    payload: &'a Value,
    due: OffsetDateTime,
    unique: Option<&'a str>,
}

impl<'a> NewJob<'a> {
    /// A job that is due at once.
    pub fn now(kind: &'a str, payload: &'a Value, now: OffsetDateTime) -> Self {
        Self { kind, payload, due: now, unique: None }
    }

    /// A job that is due later.
    pub fn at(kind: &'a str, payload: &'a Value, due: OffsetDateTime) -> Self {
        Self { kind, payload, due, unique: None }
    }

    /// At most one waiting job of this kind has this key; a second one is dropped.
    #[must_use]
    pub fn unique(mut self, key: &'a str) -> Self {
        self.unique = Some(key);
        self
    }
}

/// A job that was taken.
#[derive(Clone, Debug)]
pub struct Job {
    /// The identifier.
    pub id: Uuid,
    /// The kind, such as `notice.send`.
    pub kind: String,
    /// What it is about.
    pub payload: Value,
    /// Which attempt this is, from 1.
    pub attempt: i32,
    attempts_max: i32,
    created: OffsetDateTime,
}

/// What runs a job.
pub type Handler =
    Arc<dyn Fn(Db, Job) -> Pin<Box<dyn Future<Output = Outcome> + Send>> + Send + Sync>;

/// The outcome of a handler; the text of a failure is for operators.
pub type Outcome = std::result::Result<(), String>;

/// What is run at set times, in China's civil time.
#[derive(Clone, Copy, Debug)]
pub struct CronEntry {
    /// A stable name; each entry runs once however many nodes there are.
    pub name: &'static str,
    /// Five or six fields, such as `0 3 * * *`.
    pub pattern: &'static str,
    /// The kind of job that is queued.
    pub job: &'static str,
}

/// All kinds of jobs, subscriptions and set times: the wiring gives one list.
#[derive(Clone, Default)]
pub struct Work {
    handlers: BTreeMap<&'static str, Handler>,
    subscriptions: Vec<Subscription>,
    cron: Vec<CronEntry>,
}

impl Work {
    /// Adds the handler of a kind of job.
    #[must_use]
    pub fn on<F, R>(mut self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(Db, Job) -> R + Send + Sync + 'static,
        R: Future<Output = Outcome> + Send + 'static,
    {
        self.handlers.insert(kind, Arc::new(move |db, job| Box::pin(handler(db, job))));
        self
    }

    /// Queues a job of a kind for each event of a topic.
    #[must_use]
    pub fn subscribe(mut self, topic: &'static str, job: &'static str) -> Self {
        self.subscriptions.push(Subscription { topic, job });
        self
    }

    /// Queues a job of a kind at set times.
    #[must_use]
    pub fn at(mut self, entry: CronEntry) -> Self {
        self.cron.push(entry);
        self
    }
}

pub(crate) async fn put(
    conn: &mut PgConnection,
    id: Uuid,
    job: NewJob<'_>,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO db.job (id, kind, payload, unique_key, due, created)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (kind, unique_key) WHERE unique_key IS NOT NULL DO NOTHING",
    )
    .bind(id)
    .bind(job.kind)
    .bind(job.payload)
    .bind(job.unique)
    .bind(job.due)
    .bind(now)
    .execute(&mut *conn)
    .await?;
    sqlx::query("SELECT pg_notify('zhengtong_job', '')").execute(conn).await?;
    Ok(())
}

type TakenRow = (Uuid, String, Value, i32, i32, OffsetDateTime);

/// Takes and runs one job that is due. Returns whether there was one.
pub async fn run_one(db: &Db, work: &Work) -> Result<bool> {
    let now = db.clock().now();
    let row: Option<TakenRow> =
        sqlx::query_as(TAKE_JOB).bind(now).bind(LOCK_SECONDS).fetch_optional(db.pool()).await?;
    let Some((id, kind, payload, attempt, attempts_max, created)) = row else { return Ok(false) };
    let job = Job { id, kind, payload, attempt, attempts_max, created };
    let outcome = match work.handlers.get(job.kind.as_str()) {
        // Nobody reported about any attempt: it ends its worker each time, and must not do so for ever.
        _ if job.attempt > job.attempts_max => {
            Err("every attempt ended together with its worker".to_owned())
        }
        Some(handler) => {
            // A task of its own, so that a panic in a handler is an error of the job and not of the worker.
            let span = tracing::info_span!(target: "zhengtong::job", "job", kind = %job.kind, attempt = job.attempt);
            let run = tokio::spawn(handler(db.clone(), job.clone()).instrument(span));
            run.await.unwrap_or_else(|error| Err(format!("the handler stopped: {error}")))
        }
        None => Err(format!("no handler for jobs of kind {}", job.kind)),
    };
    match outcome {
        Ok(()) => {
            sqlx::query("DELETE FROM db.job WHERE id = $1").bind(id).execute(db.pool()).await?;
        }
        Err(error) => failed(db, &job, &error).await?,
    }
    Ok(true)
}

async fn failed(db: &Db, job: &Job, error: &str) -> Result<()> {
    let now = db.clock().now();
    tracing::warn!(job = %job.id, kind = %job.kind, attempt = job.attempt, error, "a job failed");
    if job.attempt >= job.attempts_max {
        let mut tx = db.begin_raw().await?;
        let buried = sqlx::query("DELETE FROM db.job WHERE id = $1 AND attempts = $2")
            .bind(job.id)
            .bind(job.attempt)
            .execute(&mut *tx)
            .await?;
        if buried.rows_affected() == 0 {
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO db.dead_letter (id, kind, payload, attempts, error, created, died)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(job.id)
        .bind(&job.kind)
        .bind(&job.payload)
        .bind(job.attempt)
        .bind(error)
        .bind(job.created)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        return Ok(());
    }
    let due = now + time::Duration::seconds_f64(retry_seconds(job.attempt, job.id));
    // Who lost the lease has nothing to say any more: another worker has the job.
    sqlx::query(
        "UPDATE db.job SET locked_until = NULL, due = $2, error = $3 WHERE id = $1 AND attempts = $4",
    )
    .bind(job.id)
    .bind(due)
    .bind(error)
    .bind(job.attempt)
    .execute(db.pool())
    .await?;
    Ok(())
}

/// Doubles from one second, with up to a quarter more, so that a crowd of failures does not come back at once.
fn retry_seconds(attempt: i32, id: Uuid) -> f64 {
    let jitter = f64::from(u8::try_from(id.as_u128() & 0xff).unwrap_or(0)) / 255.0 / 4.0;
    (2f64.powi(attempt - 1) * (1.0 + jitter)).min(RETRY_SECONDS_MAX)
}

/// Runs events and jobs that are due until none is left, at most `rounds`; for tests and for draining.
pub async fn drain(db: &Db, work: &Work, rounds: usize) -> Result<usize> {
    let mut done = 0;
    for _ in 0..rounds {
        let events = outbox::dispatch(db, &work.subscriptions).await?;
        if !run_one(db, work).await? && events == 0 {
            break;
        }
        done += 1;
    }
    Ok(done)
}

/// Queues the jobs of all set times that have come since they last ran. Several nodes may call it at once.
pub async fn cron(db: &Db, work: &Work) -> Result<()> {
    let now = db.clock().now();
    for entry in &work.cron {
        let mut tx = db.begin_raw().await?;
        sqlx::query("INSERT INTO db.cron (name, last) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(entry.name)
            .bind(now)
            .execute(&mut *tx)
            .await?;
        let last: OffsetDateTime =
            sqlx::query_scalar("SELECT last FROM db.cron WHERE name = $1 FOR UPDATE")
                .bind(entry.name)
                .fetch_one(&mut *tx)
                .await?;
        // The clock was ahead when it last ran and has come back: it must not sleep until then.
        let ahead = last > now;
        if ahead {
            sqlx::query("UPDATE db.cron SET last = $2 WHERE name = $1")
                .bind(entry.name)
                .bind(now)
                .execute(&mut *tx)
                .await?;
        }
        if !ahead && next_after(entry.pattern, last)? <= now {
            let payload = Value::Object(serde_json::Map::new());
            let job = NewJob::now(entry.job, &payload, now).unique(entry.name);
            put(&mut tx, Uuid::now_v7(), job, now).await?;
            sqlx::query("UPDATE db.cron SET last = $2 WHERE name = $1")
                .bind(entry.name)
                .bind(now)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Whether a pattern of set times can be read, such as `0 3 * * *`.
pub fn check_pattern(pattern: &str) -> Result<()> {
    next_after(pattern, OffsetDateTime::UNIX_EPOCH).map(|_| ())
}

fn next_after(pattern: &str, last: OffsetDateTime) -> Result<OffsetDateTime> {
    let broken = |what: String| Error::Broken(format!("cron pattern {pattern}: {what}"));
    let cron: Cron = pattern.parse().map_err(|error| broken(format!("{error}")))?;
    let china = FixedOffset::east_opt(8 * 3_600).ok_or_else(|| broken("no zone".to_owned()))?;
    let last: DateTime<FixedOffset> = china
        .timestamp_opt(last.unix_timestamp(), last.nanosecond())
        .single()
        .ok_or_else(|| broken("no such moment".to_owned()))?;
    let next =
        cron.find_next_occurrence(&last, false).map_err(|error| broken(format!("{error}")))?;
    OffsetDateTime::from_unix_timestamp(next.timestamp())
        .map_err(|error| broken(format!("{error}")))
}

/// Works until `stop` turns true: takes jobs as they come, woken by NOTIFY, and looks at set times.
pub async fn work(db: Db, work: Work, mut stop: watch::Receiver<bool>) {
    let mut listener = listen(&db).await;
    while !*stop.borrow() {
        match round(&db, &work).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "the worker waits for the database"),
        }
        if listener.is_none() {
            listener = listen(&db).await;
        }
        let sleep = tokio::time::sleep(Duration::from_millis(IDLE_MS));
        let woken = async {
            match &mut listener {
                Some(listener) => listener.recv().await.is_ok(),
                None => std::future::pending().await,
            }
        };
        let lost = tokio::select! {
            () = sleep => false,
            woken = woken => !woken,
            _ = stop.changed() => false,
        };
        if lost {
            listener = None;
        }
    }
}

async fn round(db: &Db, work: &Work) -> Result<bool> {
    cron(db, work).await?;
    let events = outbox::dispatch(db, &work.subscriptions).await?;
    Ok(run_one(db, work).await? || events > 0)
}

async fn listen(db: &Db) -> Option<PgListener> {
    let mut listener = PgListener::connect_with(db.pool()).await.ok()?;
    listener.listen_all(["zhengtong_job", "zhengtong_outbox"]).await.ok()?;
    Some(listener)
}

/// A waiting or dead job, as an operator sees it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct JobRow {
    /// The identifier.
    pub id: Uuid,
    /// The kind.
    pub kind: String,
    /// Attempts so far.
    pub attempts: i32,
    /// The last error.
    pub error: Option<String>,
    /// When it was queued.
    pub created: OffsetDateTime,
    /// When it is due, or when it died.
    pub at: OffsetDateTime,
}

/// Waiting jobs, the next due first, at most `limit`.
pub async fn waiting(conn: &mut PgConnection, limit: i64) -> Result<Vec<JobRow>> {
    Ok(sqlx::query_as(
        "SELECT id, kind, attempts, error, created, due AS at FROM db.job ORDER BY due LIMIT $1",
    )
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// Dead letters, the latest first, at most `limit`.
pub async fn dead(conn: &mut PgConnection, limit: i64) -> Result<Vec<JobRow>> {
    Ok(sqlx::query_as(
        "SELECT id, kind, attempts, error, created, died AS at FROM db.dead_letter
         ORDER BY died DESC LIMIT $1",
    )
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// Puts a dead letter back in the queue. Returns whether it was there.
pub async fn revive(conn: &mut PgConnection, id: Uuid, now: OffsetDateTime) -> Result<bool> {
    let revived = sqlx::query(
        "WITH gone AS (DELETE FROM db.dead_letter WHERE id = $1 RETURNING id, kind, payload, created)
         INSERT INTO db.job (id, kind, payload, due, created)
         SELECT id, kind, payload, $2, created FROM gone",
    )
    .bind(id)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(revived.rows_affected() == 1)
}

/// How many jobs of a kind wait, and how many died.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct KindRow {
    /// The kind.
    pub kind: String,
    /// Those in the queue.
    pub waiting: i64,
    /// Those that failed on every attempt.
    pub dead: i64,
}

/// All kinds of which a job waits or died, at most two hundred.
pub async fn kinds(conn: &mut PgConnection) -> Result<Vec<KindRow>> {
    Ok(sqlx::query_as(
        "SELECT kind, sum(waiting)::bigint AS waiting, sum(dead)::bigint AS dead FROM (
            SELECT kind, count(*) AS waiting, 0 AS dead FROM db.job GROUP BY kind
            UNION ALL SELECT kind, 0, count(*) FROM db.dead_letter GROUP BY kind) AS queue
         GROUP BY kind ORDER BY kind LIMIT 200",
    )
    .fetch_all(conn)
    .await?)
}

/// Waiting jobs of a kind, the next due first, at most `limit`.
pub async fn waiting_of(conn: &mut PgConnection, kind: &str, limit: i64) -> Result<Vec<JobRow>> {
    Ok(sqlx::query_as(
        "SELECT id, kind, attempts, error, created, due AS at FROM db.job
         WHERE kind = $1 ORDER BY due LIMIT $2",
    )
    .bind(kind)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// Dead letters of a kind, the latest first, at most `limit`.
pub async fn dead_of(conn: &mut PgConnection, kind: &str, limit: i64) -> Result<Vec<JobRow>> {
    Ok(sqlx::query_as(
        "SELECT id, kind, attempts, error, created, died AS at FROM db.dead_letter
         WHERE kind = $1 ORDER BY died DESC LIMIT $2",
    )
    .bind(kind)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// One dead letter with what it was about, for the one who decides on it.
pub async fn dead_letter(conn: &mut PgConnection, id: Uuid) -> Result<Option<(JobRow, Value)>> {
    let row: Option<JobRow> = sqlx::query_as(
        "SELECT id, kind, attempts, error, created, died AS at FROM db.dead_letter WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let payload = sqlx::query_scalar("SELECT payload FROM db.dead_letter WHERE id = $1")
        .bind(id)
        .fetch_one(conn)
        .await?;
    Ok(Some((row, payload)))
}

/// Ends a dead letter for good. Returns whether it was there.
pub async fn discard(conn: &mut PgConnection, id: Uuid) -> Result<bool> {
    let gone =
        sqlx::query("DELETE FROM db.dead_letter WHERE id = $1").bind(id).execute(conn).await?;
    Ok(gone.rows_affected() == 1)
}
