//! The only file here that names SQL.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{Connection as _, PgConnection, Row as _};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::{Page, Paging};
use zhengtong_crypto::VerifyingKey;
use zhengtong_db::cluster::{Facts, states};
use zhengtong_db::sql;
use zhengtong_ledger::{Report, Trust};

use crate::error::{Error, Result};
use crate::manifest::Manifest;
use crate::model::Run;
use crate::restore::Named;

pub(crate) const STATE: &str = include_str!("../sql/state.sql");
pub(crate) const HISTORY: &str = include_str!("../sql/history.sql");
pub(crate) const END_RUN: &str = include_str!("../sql/end_run.sql");

/// A connection with its transaction.
pub(crate) type Connection = PgConnection;
/// How a row becomes a value.
pub(crate) use sqlx::FromRow;

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}

/// Only one backup or drill runs on a database at a time.
const LOCK: i64 = 0x5a54_424b;

/// What a database is when a backup of it begins.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) system: String,
    pub(crate) postgres: String,
    pub(crate) epoch: u64,
    pub(crate) schemas: BTreeMap<String, i64>,
    pub(crate) checkpoint: Option<String>,
    pub(crate) entries: i64,
}

pub(crate) async fn state(url: &str) -> Result<State> {
    let mut conn = PgConnection::connect(url).await?;
    let row = sqlx::query(STATE).fetch_one(&mut conn).await?;
    let mut state = State {
        system: row.try_get("system")?,
        postgres: row.try_get("postgres")?,
        epoch: u64::try_from(row.try_get::<i64, _>("epoch")?).unwrap_or(0),
        entries: row.try_get("entries")?,
        ..State::default()
    };
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT schemaname::text FROM pg_tables WHERE tablename = '_migrations' ORDER BY 1 LIMIT 200",
    )
    .fetch_all(&mut conn)
    .await?;
    for schema in tables {
        let statement =
            format!("SELECT max(version) FROM {}._migrations WHERE success", sql::ident(&schema));
        let version: Option<i64> =
            sqlx::query_scalar(sql::trusted(statement)).fetch_one(&mut conn).await?;
        state.schemas.insert(schema, version.unwrap_or(0));
    }
    let checkpoint = zhengtong_ledger::last_checkpoint(&mut conn).await?;
    state.checkpoint = checkpoint.map(|signed| signed.to_string());
    conn.close().await?;
    Ok(state)
}

/// The whole restored record, and that it goes on from where it stood when the backup began.
pub(crate) async fn verify(url: &str, manifest: &Manifest, key: &VerifyingKey) -> Result<Report> {
    let witnessed = manifest.checkpoint.iter().map(|text| {
        text.parse().map_err(|error| Error::Unsound(format!("the checkpoint: {error}")))
    });
    let witnessed = witnessed.collect::<Result<Vec<_>>>()?;
    let mut conn = PgConnection::connect(url).await?;
    let trust = Trust { keys: Vec::new(), witnessed };
    let report = zhengtong_ledger::verify_db(&mut conn, &trust).await?;
    let entries: i64 =
        sqlx::query_scalar("SELECT count(*) FROM ledger.entry").fetch_one(&mut conn).await?;
    let known: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM ledger.key WHERE public = $1)")
            .bind(&key.as_bytes()[..])
            .fetch_one(&mut conn)
            .await?;
    conn.close().await?;
    if manifest.checkpoint.is_some() && !known {
        return Err(Error::Unsound(format!(
            "the record knows no key {key}, which signed the backup"
        )));
    }
    if let Some(fault) = &report.fault {
        return Err(Error::Unsound(fault.to_string()));
    }
    if entries < manifest.entries {
        let what =
            format!("{entries} entries of the record, the backup began with {}", manifest.entries);
        return Err(Error::Unsound(what));
    }
    Ok(report)
}

/// The files that the database names, each once, and what names them.
pub(crate) async fn named(url: &str, named: &[Named]) -> Result<BTreeMap<String, &'static str>> {
    let mut conn = PgConnection::connect(url).await?;
    let mut found = BTreeMap::new();
    for named in named {
        let digests: Vec<String> = sqlx::query_scalar(named.statement).fetch_all(&mut conn).await?;
        found.extend(digests.into_iter().map(|digest| (digest, named.what)));
    }
    conn.close().await?;
    Ok(found)
}

/// Takes the place of a backup until the transaction ends; `false` while one runs.
pub async fn quiet(conn: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar("SELECT pg_try_advisory_xact_lock($1)")
        .bind(LOCK)
        .fetch_one(conn)
        .await?)
}

/// Those of some digests that something names.
pub async fn in_use(
    conn: &mut PgConnection,
    named: &[Named],
    digests: &[String],
) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for named in named {
        let statement = format!(
            "SELECT named.digest FROM ({}) AS named (digest) WHERE named.digest = ANY ($1)",
            named.statement
        );
        let digests: Vec<String> =
            sqlx::query_scalar(sql::trusted(statement)).bind(digests).fetch_all(&mut *conn).await?;
        found.extend(digests);
    }
    Ok(found)
}

/// The columns of the database that may name files: a test asks whether each is known.
pub async fn digest_columns(conn: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(
        "SELECT table_schema || '.' || table_name || '.' || column_name
         FROM information_schema.columns
         WHERE column_name IN ('digest', 'blob', 'file') AND data_type = 'text'
           AND table_schema NOT IN ('pg_catalog', 'information_schema')
         ORDER BY 1 LIMIT 1000",
    )
    .fetch_all(conn)
    .await?)
}

/// Held while a backup or a drill runs; the server lets go of it when the holder dies.
#[derive(Debug)]
pub(crate) struct Hold(#[expect(dead_code, reason = "held, never asked")] PgConnection);

pub(crate) async fn hold(url: &str) -> Result<Hold> {
    let mut conn = PgConnection::connect(url).await?;
    let held: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
        .bind(LOCK)
        .fetch_one(&mut conn)
        .await?;
    if held { Ok(Hold(conn)) } else { Err(Error::Busy) }
}

pub(crate) async fn begin_run(
    conn: &mut PgConnection,
    id: Uuid,
    kind: &str,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query("INSERT INTO backup.run (id, kind, started) VALUES ($1, $2, $3)")
        .bind(id)
        .bind(kind)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn end_run(conn: &mut PgConnection, run: &Run) -> Result<()> {
    sqlx::query(END_RUN)
        .bind(run.id)
        .bind(run.finished)
        .bind(run.ok)
        .bind(&run.error)
        .bind(&run.path)
        .bind(&run.backup)
        .bind(run.instant)
        .bind(run.bytes)
        .bind(run.plain_bytes)
        .bind(run.files)
        .bind(run.entries)
        .bind(run.rpo_seconds)
        .bind(run.rto_seconds)
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn history(conn: &mut PgConnection, paging: Paging) -> Result<Page<Run>> {
    let total = sqlx::query_scalar("SELECT count(*) FROM backup.run").fetch_one(&mut *conn).await?;
    let rows =
        sqlx::query_as(HISTORY).bind(paging.limit()).bind(paging.offset()).fetch_all(conn).await?;
    Ok(Page::new(rows, total, paging))
}

/// The last run of a kind that succeeded.
pub(crate) async fn last(conn: &mut PgConnection, kind: &str) -> Result<Option<Run>> {
    let run = sqlx::query_as(
        "SELECT * FROM backup.run WHERE kind = $1 AND ok ORDER BY started DESC LIMIT 1",
    );
    Ok(run.bind(kind).fetch_optional(conn).await?)
}

pub(crate) async fn last_by_url(url: &str, kind: &str) -> Result<Option<Run>> {
    let mut conn = PgConnection::connect(url).await?;
    let run = last(&mut conn, kind).await?;
    conn.close().await?;
    Ok(run)
}

/// The latest run of each kind if it failed, the later one first.
pub(crate) async fn failing(conn: &mut PgConnection) -> Result<Option<Run>> {
    let run = sqlx::query_as(
        "SELECT * FROM (SELECT DISTINCT ON (kind) * FROM backup.run WHERE ok IS NOT NULL
                        ORDER BY kind, started DESC) AS latest
         WHERE NOT ok ORDER BY started DESC LIMIT 1",
    );
    Ok(run.fetch_optional(conn).await?)
}

/// A standby for which commits wait, and whether the log is archived.
pub(crate) async fn means(conn: &mut PgConnection) -> Result<(Option<String>, bool)> {
    let facts = Facts::read(&mut *conn).await?;
    let states = states(conn).await?;
    let standby = states.into_iter().find(|state| matches!(state.sync.as_str(), "sync" | "quorum"));
    Ok((standby.map(|state| state.name), facts.archive_mode == "on"))
}
