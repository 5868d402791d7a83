//! The rows of keys. The only file that names sqlx.

use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;

use crate::error::Result;

/// A connection with its transaction.
pub(crate) type Connection = PgConnection;
/// What a statement may fail with.
pub(crate) type SqlError = sqlx::Error;

/// Only one node changes keys at a time.
const LOCK: i64 = 0x5a54_5641;

#[derive(FromRow, Debug)]
pub(crate) struct KeyRow {
    pub(crate) field: String,
    pub(crate) kind: String,
    pub(crate) version: i32,
    pub(crate) wrapped: Option<Vec<u8>>,
    pub(crate) created: OffsetDateTime,
    pub(crate) active_at: OffsetDateTime,
    pub(crate) erased_at: Option<OffsetDateTime>,
}

/// Waits until nobody else changes keys; until the transaction ends.
pub(crate) async fn lock(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(conn).await?;
    Ok(())
}

pub(crate) async fn all(conn: &mut PgConnection) -> Result<Vec<KeyRow>> {
    Ok(sqlx::query_as("SELECT * FROM vault.key ORDER BY field, kind, version LIMIT 100000")
        .fetch_all(conn)
        .await?)
}

pub(crate) async fn serial(conn: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT serial FROM vault.state").fetch_one(conn).await?)
}

pub(crate) async fn bump(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("UPDATE vault.state SET serial = serial + 1").execute(conn).await?;
    Ok(())
}

pub(crate) async fn insert(conn: &mut PgConnection, row: &KeyRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO vault.key (field, kind, version, wrapped, created, active_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&row.field)
    .bind(&row.kind)
    .bind(row.version)
    .bind(&row.wrapped)
    .bind(row.created)
    .bind(row.active_at)
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn rewrap(conn: &mut PgConnection, row: &KeyRow, wrapped: &[u8]) -> Result<()> {
    sqlx::query(
        "UPDATE vault.key SET wrapped = $4 WHERE field = $1 AND kind = $2 AND version = $3",
    )
    .bind(&row.field)
    .bind(&row.kind)
    .bind(row.version)
    .bind(wrapped)
    .execute(conn)
    .await?;
    Ok(())
}

/// Destroys the keys of a field below a version; without one, all of them and the index.
pub(crate) async fn erase(
    conn: &mut PgConnection,
    field: &str,
    below: Option<i32>,
    now: OffsetDateTime,
) -> Result<u64> {
    let done = sqlx::query(
        "UPDATE vault.key SET wrapped = NULL, erased_at = $3
         WHERE field = $1 AND wrapped IS NOT NULL AND kind <> 'secret'
           AND ($2::integer IS NULL OR (kind = 'data' AND version < $2))",
    )
    .bind(field)
    .bind(below)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
