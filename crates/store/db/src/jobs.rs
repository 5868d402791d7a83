//! Work for later, on PostgreSQL: taken with SKIP LOCKED, retried with jitter, kept as a dead letter at last.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, TimeZone as _};
use croner::Cron;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::numbers;
use crate::outbox::{self, Subscription};
use crate::pool::Db;

pub(crate) const TAKE_JOBS: &str = include_str!("../sql/take_jobs.sql");

/// How long a job may run before another worker takes it, in seconds.
const LOCK_SECONDS: f64 = 300.0;
/// How many jobs a worker takes at once, well within the time that it may have them.
const TAKEN_MAX: i64 = 32;
/// How many of them it works on at the same time.
const SIDE_BY_SIDE: usize = 4;
/// The longest wait between two attempts, in seconds.
const RETRY_SECONDS_MAX: f64 = 3_600.0;
/// How long a worker sleeps when nothing wakes it: what another node left behind waits no longer than this.
const IDLE: Duration = Duration::from_secs(1);
/// How long a worker lets news gather before it looks: one look then serves many.
const GATHER: Duration = Duration::from_millis(10);
/// How often a node looks at set times.
const SET_TIMES: Duration = Duration::from_secs(1);

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

impl Job {
    /// Jobs of one line are done one after the other: those about the same thing, or those that say the same.
    fn line(&self) -> String {
        let thing = self.payload.get("thing").and_then(Value::as_str);
        thing.map_or_else(|| format!("{} {}", self.kind, self.payload), str::to_owned)
    }
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
    /// Kinds of which one job does what several wait for.
    gathered: BTreeSet<&'static str>,
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
        self.subscriptions.push(Subscription { topic, payload: None, job });
        self
    }

    /// Queues a job of a kind for each event of a topic whose payload is this word.
    #[must_use]
    pub fn subscribe_to(
        mut self,
        topic: &'static str,
        payload: &'static str,
        job: &'static str,
    ) -> Self {
        self.subscriptions.push(Subscription { topic, payload: Some(payload), job });
        self
    }

    /// Jobs of this kind look at how a thing stands, whatever made them: of those that were taken together for one
    /// thing, the last is run for all.
    #[must_use]
    pub fn gather(mut self, kind: &'static str) -> Self {
        self.gathered.insert(kind);
        self
    }

    /// Who hears of what.
    pub fn subscriptions(&self) -> &[Subscription] {
        &self.subscriptions
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
    .execute(conn)
    .await?;
    Ok(())
}

/// Queues many jobs that are due at once: kind, payload, unique key of each.
pub(crate) async fn put_all(
    conn: &mut PgConnection,
    jobs: &[(&str, Value, String)],
    now: OffsetDateTime,
) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = jobs.iter().map(|_| Uuid::now_v7()).collect();
    let kinds: Vec<&str> = jobs.iter().map(|(kind, ..)| *kind).collect();
    let payloads: Vec<&Value> = jobs.iter().map(|(_, payload, _)| payload).collect();
    let keys: Vec<&str> = jobs.iter().map(|(.., key)| key.as_str()).collect();
    sqlx::query(
        "INSERT INTO db.job (id, kind, payload, unique_key, due, created)
         SELECT job.id, job.kind, job.payload, job.key, $5, $5
         FROM unnest($1::uuid[], $2::text[], $3::jsonb[], $4::text[]) AS job (id, kind, payload, key)
         ON CONFLICT (kind, unique_key) WHERE unique_key IS NOT NULL DO NOTHING",
    )
    .bind(ids)
    .bind(kinds)
    .bind(payloads)
    .bind(keys)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

type TakenRow = (Uuid, String, Value, i32, i32, OffsetDateTime);

/// Takes and runs jobs that are due, at most `limit`: several at a time, but those about one thing one after the other.
/// Returns how many there were.
pub async fn run(db: &Db, work: &Work, limit: i64) -> Result<usize> {
    let now = db.clock().now();
    let rows: Vec<TakenRow> = sqlx::query_as(TAKE_JOBS)
        .bind(now)
        .bind(LOCK_SECONDS)
        .bind(limit)
        .fetch_all(db.pool())
        .await?;
    let mut jobs: Vec<Job> = rows
        .into_iter()
        .map(|(id, kind, payload, attempt, attempts_max, created)| Job {
            id,
            kind,
            payload,
            attempt,
            attempts_max,
            created,
        })
        .collect();
    let count = jobs.len();
    jobs.sort_by_key(|job| (job.created, job.id));
    let mut lines: BTreeMap<String, Vec<Job>> = BTreeMap::new();
    for job in jobs {
        lines.entry(job.line()).or_default().push(job);
    }
    let done: Vec<Uuid> = stream::iter(lines.into_values())
        .map(|line| one_by_one(db, work, line))
        .buffer_unordered(SIDE_BY_SIDE)
        .try_concat()
        .await?;
    if !done.is_empty() {
        sqlx::query("DELETE FROM db.job WHERE id = ANY ($1)").bind(done).execute(db.pool()).await?;
    }
    Ok(count)
}

/// Runs jobs in their order; gives those that are done.
async fn one_by_one(db: &Db, work: &Work, jobs: Vec<Job>) -> Result<Vec<Uuid>> {
    let mut done = Vec::with_capacity(jobs.len());
    for (place, job) in jobs.iter().enumerate() {
        let mut later = jobs.iter().skip(place + 1);
        // What a later one of its kind sees, it would see: that one has the outcome of both.
        if work.gathered.contains(job.kind.as_str()) && later.any(|other| other.kind == job.kind) {
            done.push(job.id);
            continue;
        }
        match outcome(db, work, job).await {
            Ok(()) => done.push(job.id),
            Err(error) => failed(db, job, &error).await?,
        }
    }
    Ok(done)
}

async fn outcome(db: &Db, work: &Work, job: &Job) -> Outcome {
    // Nobody reported about any attempt: it ends its worker each time, and must not do so for ever.
    if job.attempt > job.attempts_max {
        return Err("every attempt ended together with its worker".to_owned());
    }
    match work.handlers.get(job.kind.as_str()) {
        Some(handler) => {
            // A task of its own, so that a panic in a handler is an error of the job and not of the worker.
            let span = tracing::info_span!(target: "zhengtong::job", "job", kind = %job.kind, attempt = job.attempt);
            let run = tokio::spawn(handler(db.clone(), job.clone()).instrument(span));
            run.await.unwrap_or_else(|error| Err(format!("the handler stopped: {error}")))
        }
        None if job.kind == numbers::FORMER_JOB => Ok(()),
        None => Err(format!("no handler for jobs of kind {}", job.kind)),
    }
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
        if run(db, work, 1).await? == 0 && events == 0 {
            break;
        }
        done += 1;
    }
    Ok(done)
}

/// Queues the jobs of all set times that have come since they last ran. Several nodes may call it at once.
pub async fn cron(db: &Db, work: &Work) -> Result<()> {
    let now = db.clock().now();
    let known: Vec<(String, OffsetDateTime)> =
        sqlx::query_as("SELECT name, last FROM db.cron").fetch_all(db.pool()).await?;
    let known: BTreeMap<String, OffsetDateTime> = known.into_iter().collect();
    for entry in &work.cron {
        // Most looks find nothing to do, and then nothing is locked.
        match known.get(entry.name) {
            Some(last) if *last <= now && next_after(entry.pattern, *last)? > now => {}
            _ => cron_entry(db, entry, now).await?,
        }
    }
    Ok(())
}

async fn cron_entry(db: &Db, entry: &CronEntry, now: OffsetDateTime) -> Result<()> {
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
    Ok(())
}

/// Whether a pattern of set times can be read, such as `0 3 * * *`.
pub fn check_pattern(pattern: &str) -> Result<()> {
    next_after(pattern, OffsetDateTime::UNIX_EPOCH).map(|_| ())
}

/// The first time after a moment that a pattern names, in the civil time of China.
pub fn next_after(pattern: &str, last: OffsetDateTime) -> Result<OffsetDateTime> {
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

/// Works until `stop` turns true: takes jobs as they come, woken by each commit of this process that left some, and
/// looks at set times. Nothing is told through the database: its NOTIFY makes commits wait for each other, and another
/// node looks every second anyway.
pub async fn work(db: Db, work: Work, mut stop: watch::Receiver<bool>) {
    let mut looked: Option<Instant> = None;
    while !*stop.borrow() {
        let times = looked.is_none_or(|looked| looked.elapsed() >= SET_TIMES);
        if times {
            looked = Some(Instant::now());
        }
        match round(&db, &work, times).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "the worker waits for the database"),
        }
        let woken = async {
            db.woken().await;
            tokio::time::sleep(GATHER).await;
        };
        tokio::select! {
            () = tokio::time::sleep(IDLE) => {}
            () = woken => {}
            _ = stop.changed() => {}
        }
    }
}

async fn round(db: &Db, work: &Work, times: bool) -> Result<bool> {
    if times {
        cron(db, work).await?;
    }
    let events = outbox::dispatch(db, &work.subscriptions).await?;
    Ok(run(db, work, TAKEN_MAX).await? > 0 || events > 0)
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
