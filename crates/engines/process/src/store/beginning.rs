//! The rows of start events that something outside sets off, and of signals that came for them.

use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use super::stored;
use crate::error::Result;
use crate::model::Vars;

pub(crate) const MESSAGE: &str = include_str!("../../sql/begin_message.sql");

/// A start event of a definition in force.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct BeginningRow {
    pub(crate) name: String,
    pub(crate) node: String,
    pub(crate) digest: String,
    pub(crate) kind: String,
    pub(crate) event: String,
    pub(crate) form: Option<String>,
    pub(crate) due: Option<OffsetDateTime>,
    pub(crate) still: Option<i32>,
    pub(crate) fault: Option<String>,
}

/// One node at a time brings the rows in line with the definitions; whether it is this one.
pub(crate) async fn lock(conn: &mut PgConnection) -> Result<bool> {
    sqlx::query_scalar("SELECT pg_try_advisory_xact_lock(hashtext('process.beginning'))")
        .fetch_one(conn)
        .await
        .map_err(stored)
}

/// The rows of a name, or all of them.
pub(crate) async fn list(conn: &mut PgConnection, name: Option<&str>) -> Result<Vec<BeginningRow>> {
    sqlx::query_as(
        "SELECT name, node, digest, kind, event, form, due, still, fault FROM process.beginning
         WHERE $1::text IS NULL OR name = $1 ORDER BY name, node LIMIT 10000",
    )
    .bind(name)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// Puts a start event in place of what stood there; what could not begin is tried again.
pub(crate) async fn put(conn: &mut PgConnection, row: &BeginningRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO process.beginning (name, node, digest, kind, event, form, due, still)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (name, node) DO UPDATE SET digest = excluded.digest, kind = excluded.kind,
            event = excluded.event, form = excluded.form, due = excluded.due,
            still = excluded.still, fault = NULL, faulted = NULL",
    )
    .bind(&row.name)
    .bind(&row.node)
    .bind(&row.digest)
    .bind(&row.kind)
    .bind(&row.event)
    .bind(&row.form)
    .bind(row.due)
    .bind(row.still)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Takes a start event away that no definition in force has any more, and the signals that came for it.
pub(crate) async fn delete(conn: &mut PgConnection, name: &str, node: &str) -> Result<()> {
    for statement in [
        "DELETE FROM process.signalled WHERE name = $1 AND node = $2",
        "DELETE FROM process.beginning WHERE name = $1 AND node = $2",
    ] {
        let query = sqlx::query(statement).bind(name).bind(node);
        query.execute(&mut *conn).await.map_err(stored)?;
    }
    Ok(())
}

/// Keeps why a start event could not begin.
pub(crate) async fn fault(
    conn: &mut PgConnection,
    (name, node): (&str, &str),
    cause: &str,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "UPDATE process.beginning SET fault = $3, faulted = $4 WHERE name = $1 AND node = $2",
    )
    .bind(name)
    .bind(node)
    .bind(cause)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// The timer that is due next, locked. `tried` is the moment before which one that failed is tried again.
pub(crate) async fn next_timer(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    tried: OffsetDateTime,
) -> Result<Option<BeginningRow>> {
    sqlx::query_as(
        "SELECT name, node, digest, kind, event, form, due, still, fault FROM process.beginning
         WHERE due <= $1 AND (faulted IS NULL OR faulted < $2)
         ORDER BY due, name, node LIMIT 1 FOR UPDATE SKIP LOCKED",
    )
    .bind(now)
    .bind(tried)
    .fetch_optional(conn)
    .await
    .map_err(stored)
}

/// Sets when a timer comes next; it began now, so nothing is wrong with it.
pub(crate) async fn set_due(
    conn: &mut PgConnection,
    (name, node): (&str, &str),
    due: Option<OffsetDateTime>,
    still: Option<i32>,
) -> Result<()> {
    sqlx::query(
        "UPDATE process.beginning SET due = $3, still = $4, fault = NULL, faulted = NULL
         WHERE name = $1 AND node = $2",
    )
    .bind(name)
    .bind(node)
    .bind(due)
    .bind(still)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// A signal comes to all start events that wait for it; how many they are.
pub(crate) async fn signal(
    conn: &mut PgConnection,
    name: &str,
    vars: &Vars,
    now: OffsetDateTime,
) -> Result<u64> {
    let told = sqlx::query(
        "INSERT INTO process.signalled (name, node, signal, vars, at)
         SELECT name, node, event, $2, $3 FROM process.beginning
         WHERE kind = 'signal' AND event = $1 ORDER BY name, node",
    )
    .bind(name)
    .bind(Value::Object(vars.clone()))
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(told.rows_affected())
}

/// A signal that came for a start event.
#[derive(FromRow)]
pub(crate) struct SignalledRow {
    pub(crate) number: i64,
    pub(crate) name: String,
    pub(crate) node: String,
    pub(crate) signal: String,
    pub(crate) vars: Value,
    pub(crate) at: OffsetDateTime,
}

/// The signal that came first, locked.
pub(crate) async fn next_signal(
    conn: &mut PgConnection,
    tried: OffsetDateTime,
) -> Result<Option<SignalledRow>> {
    sqlx::query_as(
        "SELECT s.number, s.name, s.node, s.signal, s.vars, s.at FROM process.signalled s
         JOIN process.beginning b ON b.name = s.name AND b.node = s.node
         WHERE b.faulted IS NULL OR b.faulted < $1
         ORDER BY s.number LIMIT 1 FOR UPDATE OF s SKIP LOCKED",
    )
    .bind(tried)
    .fetch_optional(conn)
    .await
    .map_err(stored)
}

pub(crate) async fn signal_taken(conn: &mut PgConnection, number: i64) -> Result<()> {
    sqlx::query("DELETE FROM process.signalled WHERE number = $1")
        .bind(number)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

/// A message that begins something.
#[derive(FromRow)]
pub(crate) struct MessageRow {
    pub(crate) name: String,
    pub(crate) node: String,
    pub(crate) id: Uuid,
    pub(crate) event: String,
    pub(crate) key: String,
    pub(crate) vars: Value,
    pub(crate) arrived: OffsetDateTime,
}

/// The message that came first, locked together with the start event it begins at.
pub(crate) async fn next_message(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    tried: OffsetDateTime,
) -> Result<Option<MessageRow>> {
    sqlx::query_as(MESSAGE).bind(now).bind(tried).fetch_optional(conn).await.map_err(stored)
}

pub(crate) async fn message_taken(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query("DELETE FROM process.message WHERE id = $1")
        .bind(id)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}
