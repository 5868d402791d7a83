//! The rows of acts on many tasks.

use sqlx::types::Json;
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use super::stored;
use crate::bulk::{Bulk, BulkAct, BulkState, Officer, Touched};
use crate::error::Result;

pub(crate) async fn insert_bulk(
    conn: &mut PgConnection,
    bulk: &Bulk,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO casework.bulk (id, account, act, officer, tasks, at, until, state, done, missed)
         VALUES ($1, ($4::jsonb ->> 'account')::uuid, $2, $4, $5, $3, $6, $7, $8, $9)",
    )
    .bind(bulk.id)
    .bind(bulk.act.word())
    .bind(now)
    .bind(Json(&bulk.officer))
    .bind(Json(&bulk.tasks))
    .bind(bulk.until)
    .bind(bulk.state.word())
    .bind(bulk.done)
    .bind(bulk.missed)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

#[derive(FromRow)]
struct BulkRow {
    id: Uuid,
    act: String,
    officer: Json<Officer>,
    tasks: Json<Vec<Touched>>,
    until: OffsetDateTime,
    state: String,
    done: i32,
    missed: i32,
}

impl From<BulkRow> for Bulk {
    fn from(row: BulkRow) -> Self {
        Self {
            id: row.id,
            act: BulkAct::parse(&row.act),
            count: row.tasks.0.len(),
            done: row.done,
            missed: row.missed,
            state: BulkState::parse(&row.state),
            until: row.until,
            officer: row.officer.0,
            tasks: row.tasks.0,
        }
    }
}

pub(crate) async fn bulk(conn: &mut PgConnection, id: Uuid) -> Result<Option<Bulk>> {
    let row: Option<BulkRow> = sqlx::query_as(
        "SELECT id, act, officer, tasks, until, state, done, missed FROM casework.bulk WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(conn)
    .await
    .map_err(stored)?;
    Ok(row.map(Bulk::from))
}

/// The same, locked until the transaction ends.
pub(crate) async fn bulk_for_change(conn: &mut PgConnection, id: Uuid) -> Result<Option<Bulk>> {
    let row: Option<BulkRow> = sqlx::query_as(
        "SELECT id, act, officer, tasks, until, state, done, missed FROM casework.bulk WHERE id = $1
         FOR UPDATE",
    )
    .bind(id)
    .fetch_optional(conn)
    .await
    .map_err(stored)?;
    Ok(row.map(Bulk::from))
}

pub(crate) async fn set_bulk(conn: &mut PgConnection, bulk: &Bulk) -> Result<()> {
    sqlx::query("UPDATE casework.bulk SET state = $2, done = $3, missed = $4 WHERE id = $1")
        .bind(bulk.id)
        .bind(bulk.state.word())
        .bind(bulk.done)
        .bind(bulk.missed)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

/// The department and the role of an open task.
pub(crate) async fn todo_post(
    conn: &mut PgConnection,
    todo: Uuid,
) -> Result<Option<(Uuid, String)>> {
    sqlx::query_as("SELECT department, role FROM casework.todo WHERE id = $1")
        .bind(todo)
        .fetch_optional(conn)
        .await
        .map_err(stored)
}
