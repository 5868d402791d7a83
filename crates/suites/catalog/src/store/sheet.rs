//! Spreadsheets that were read, with what each would change.

use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use super::stored;
use crate::error::Result;
use crate::import::{Import, Plan};

#[derive(FromRow)]
struct ImportRow {
    id: Uuid,
    unit: Uuid,
    name: String,
    digest: String,
    read_by: String,
    at: OffsetDateTime,
    plan: Value,
    applied_at: Option<OffsetDateTime>,
}

pub(crate) async fn insert_import(conn: &mut PgConnection, import: &Import) -> Result<()> {
    let plan = serde_json::to_value(&import.plan).map_err(zhengtong_db::Error::from)?;
    sqlx::query(
        "INSERT INTO catalog.import (id, unit, name, digest, read_by, at, plan) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(import.id)
    .bind(import.unit)
    .bind(&import.name)
    .bind(&import.digest)
    .bind(&import.by)
    .bind(import.at)
    .bind(plan)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// A spreadsheet that was read, locked when it is to be applied.
pub(crate) async fn import(
    conn: &mut PgConnection,
    id: Uuid,
    change: bool,
) -> Result<Option<Import>> {
    if change {
        sqlx::query("SELECT FROM catalog.import WHERE id = $1 FOR UPDATE")
            .bind(id)
            .execute(&mut *conn)
            .await
            .map_err(stored)?;
    }
    let row: Option<ImportRow> = sqlx::query_as(
        "SELECT id, unit, name, digest, read_by, at, plan, applied_at FROM catalog.import WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(conn)
    .await
    .map_err(stored)?;
    let Some(row) = row else { return Ok(None) };
    let plan: Plan = serde_json::from_value(row.plan).map_err(zhengtong_db::Error::from)?;
    Ok(Some(Import {
        id: row.id,
        unit: row.unit,
        name: row.name,
        digest: row.digest,
        by: row.read_by,
        at: row.at,
        plan,
        applied: row.applied_at,
    }))
}

pub(crate) async fn import_applied(
    conn: &mut PgConnection,
    id: Uuid,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query("UPDATE catalog.import SET applied_at = $2 WHERE id = $1")
        .bind(id)
        .bind(now)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}
