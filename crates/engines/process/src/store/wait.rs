//! The rows of what is awaited and of messages that came early.

use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use super::stored;
use crate::error::Result;
use crate::model::{Vars, Waiting};

pub(crate) const NEXT_DUE: &str = include_str!("../../sql/next_due.sql");
pub(crate) const NEXT_MESSAGE: &str = include_str!("../../sql/next_message.sql");

/// Numbers of an instance are counted from 1 and fit.
fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) async fn put(conn: &mut PgConnection, id: Uuid, waiting: &Waiting) -> Result<()> {
    sqlx::query(
        "INSERT INTO process.wait (instance, number, node, kind, name, key, due)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (instance, number) DO UPDATE SET due = excluded.due, vars = NULL",
    )
    .bind(id)
    .bind(column(waiting.number))
    .bind(&waiting.node)
    .bind(waiting.kind)
    .bind(&waiting.name)
    .bind(&waiting.key)
    .bind(waiting.due)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

pub(crate) async fn delete(conn: &mut PgConnection, id: Uuid, numbers: &[u64]) -> Result<()> {
    let numbers: Vec<i64> = numbers.iter().map(|number| column(*number)).collect();
    sqlx::query("DELETE FROM process.wait WHERE instance = $1 AND number = ANY($2)")
        .bind(id)
        .bind(numbers)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

/// Instance and number of what is due next; the instance is locked.
pub(crate) async fn next_due(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    things: &str,
) -> Result<Option<(Uuid, i64)>> {
    sqlx::query_as(NEXT_DUE).bind(now).bind(things).fetch_optional(conn).await.map_err(stored)
}

/// Instance and number of one who waits for a message that is there; the instance is locked.
pub(crate) async fn next_message(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    things: &str,
) -> Result<Option<(Uuid, i64)>> {
    sqlx::query_as(NEXT_MESSAGE).bind(now).bind(things).fetch_optional(conn).await.map_err(stored)
}

/// A row of what is awaited.
#[derive(FromRow)]
pub(crate) struct WaitRow {
    pub(crate) node: String,
    pub(crate) kind: String,
    pub(crate) name: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) due: Option<OffsetDateTime>,
    pub(crate) vars: Option<Value>,
}

pub(crate) async fn one(conn: &mut PgConnection, id: Uuid, number: i64) -> Result<Option<WaitRow>> {
    sqlx::query_as(
        "SELECT node, kind, name, key, due, vars FROM process.wait
         WHERE instance = $1 AND number = $2",
    )
    .bind(id)
    .bind(number)
    .fetch_optional(conn)
    .await
    .map_err(stored)
}

/// Who waits for a message, the one who waits longest first.
pub(crate) async fn waiting_for(
    conn: &mut PgConnection,
    name: &str,
    key: &str,
) -> Result<Option<(Uuid, i64)>> {
    sqlx::query_as(
        "SELECT instance, number FROM process.wait
         WHERE name = $1 AND key = $2 AND kind IN ('message', 'receive')
         ORDER BY instance, number LIMIT 1",
    )
    .bind(name)
    .bind(key)
    .fetch_optional(conn)
    .await
    .map_err(stored)
}

pub(crate) async fn keep_message(
    conn: &mut PgConnection,
    (id, name, key): (Uuid, &str, &str),
    vars: &Vars,
    (now, expires): (OffsetDateTime, OffsetDateTime),
) -> Result<()> {
    sqlx::query(
        "INSERT INTO process.message (id, name, key, vars, arrived, expires)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id)
    .bind(name)
    .bind(key)
    .bind(Value::Object(vars.clone()))
    .bind(now)
    .bind(expires)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Takes the oldest message of a name and key that is still good, and gives what came with it.
pub(crate) async fn take_message(
    conn: &mut PgConnection,
    name: &str,
    key: &str,
    now: OffsetDateTime,
) -> Result<Option<Value>> {
    sqlx::query_scalar(
        "DELETE FROM process.message WHERE id =
            (SELECT id FROM process.message WHERE name = $1 AND key = $2 AND expires > $3
             ORDER BY arrived, id LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING vars",
    )
    .bind(name)
    .bind(key)
    .bind(now)
    .fetch_optional(conn)
    .await
    .map_err(stored)
}

/// Messages nobody came to wait for in time are gone; how many were.
pub(crate) async fn expire_messages(conn: &mut PgConnection, now: OffsetDateTime) -> Result<u64> {
    let gone = sqlx::query("DELETE FROM process.message WHERE expires <= $1")
        .bind(now)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(gone.rows_affected())
}

/// Everybody else who waits for a signal is due now; how many are.
pub(crate) async fn give_signal(
    conn: &mut PgConnection,
    name: &str,
    vars: &Vars,
    (but, now): (Option<Uuid>, OffsetDateTime),
) -> Result<u64> {
    let told = sqlx::query(
        "UPDATE process.wait SET due = $3, vars = $2
         WHERE kind = 'signal' AND name = $1 AND instance IS DISTINCT FROM $4 AND due IS NULL",
    )
    .bind(name)
    .bind(Value::Object(vars.clone()))
    .bind(now)
    .bind(but)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(told.rows_affected())
}
