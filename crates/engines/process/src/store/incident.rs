//! The rows of what stands still.

use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use super::stored;
use crate::error::Result;
use crate::model::{Incident, IncidentKind};

pub(crate) const INCIDENTS: &str = include_str!("../../sql/incidents.sql");

#[derive(FromRow)]
struct IncidentRow {
    id: Uuid,
    instance: Uuid,
    thing: String,
    definition: String,
    node: String,
    task: Option<i64>,
    kind: String,
    cause: String,
    opened: OffsetDateTime,
}

impl From<IncidentRow> for Incident {
    fn from(row: IncidentRow) -> Self {
        Self {
            id: row.id,
            instance: row.instance,
            thing: row.thing,
            definition: row.definition,
            node: row.node,
            task: row.task,
            kind: IncidentKind::of(&row.kind),
            cause: row.cause,
            opened: row.opened,
        }
    }
}

pub(crate) async fn open(
    conn: &mut PgConnection,
    incident: &Incident,
    command: Option<&Value>,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO process.incident (id, instance, node, task, kind, cause, command, opened)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(incident.id)
    .bind(incident.instance)
    .bind(&incident.node)
    .bind(incident.task)
    .bind(incident.kind.word())
    .bind(&incident.cause)
    .bind(command)
    .bind(incident.opened)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// What stands still: one of an id, or the oldest.
pub(crate) async fn list(
    conn: &mut PgConnection,
    id: Option<Uuid>,
    rows_max: i64,
) -> Result<Vec<Incident>> {
    let rows: Vec<IncidentRow> =
        sqlx::query_as(INCIDENTS).bind(id).bind(rows_max).fetch_all(conn).await.map_err(stored)?;
    Ok(rows.into_iter().map(Incident::from).collect())
}

/// The command that is held; the row is locked.
pub(crate) async fn held(conn: &mut PgConnection, id: Uuid) -> Result<Option<Value>> {
    let row: Option<(Option<Value>,)> = sqlx::query_as(
        "SELECT command FROM process.incident WHERE id = $1 AND ended IS NULL FOR UPDATE",
    )
    .bind(id)
    .fetch_optional(conn)
    .await
    .map_err(stored)?;
    Ok(row.and_then(|(command,)| command))
}

/// Whether a task of an instance stands still.
pub(crate) async fn holds(conn: &mut PgConnection, instance: Uuid, task: i64) -> Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM process.incident
         WHERE instance = $1 AND task = $2 AND kind = 'command' AND ended IS NULL)",
    )
    .bind(instance)
    .bind(task)
    .fetch_one(conn)
    .await
    .map_err(stored)
}

/// Ends an incident. Whether it was open.
pub(crate) async fn end(
    conn: &mut PgConnection,
    id: Uuid,
    (outcome, by, reason): (&str, &str, Option<&str>),
    now: OffsetDateTime,
) -> Result<bool> {
    let ended = sqlx::query(
        "UPDATE process.incident SET ended = $2, ended_by = $3, outcome = $4, reason = $5,
            command = NULL
         WHERE id = $1 AND ended IS NULL",
    )
    .bind(id)
    .bind(now)
    .bind(by)
    .bind(outcome)
    .bind(reason)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(ended.rows_affected() == 1)
}

/// Nothing of an instance that is over, or of a task that is gone, stands still any more.
pub(crate) async fn settle(
    conn: &mut PgConnection,
    instance: Uuid,
    tasks: Option<&[i64]>,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "UPDATE process.incident SET ended = $3, outcome = 'over', command = NULL
         WHERE instance = $1 AND ended IS NULL AND ($2::bigint[] IS NULL OR task = ANY($2))",
    )
    .bind(instance)
    .bind(tasks)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Empties what commands of an instance brought.
pub(crate) async fn forget(conn: &mut PgConnection, instance: Uuid) -> Result<()> {
    sqlx::query("UPDATE process.incident SET command = NULL WHERE instance = $1")
        .bind(instance)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}
