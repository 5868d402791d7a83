//! The rows of definitions, instances and their history. The only file of this engine that names sqlx.

use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Result;
use crate::model::{Instance, Past};

pub(crate) const INSTANCE: &str = include_str!("../sql/instance.sql");

fn stored(error: sqlx::Error) -> crate::error::Error {
    zhengtong_db::Error::from(error).into()
}

pub(crate) async fn keep_definition(
    conn: &mut PgConnection,
    digest: &str,
    name: &str,
    xml: &str,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO process.definition (digest, name, xml, first_used) VALUES ($1, $2, $3, $4)
         ON CONFLICT (digest) DO NOTHING",
    )
    .bind(digest)
    .bind(name)
    .bind(xml)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

pub(crate) async fn insert(
    conn: &mut PgConnection,
    instance: &Instance,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO process.instance (id, definition, thing, state, started_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(instance.id)
    .bind(&instance.digest)
    .bind(&instance.thing)
    .bind(&instance.state)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Empties the variables of an instance that has ended, and of the commands it was given.
pub(crate) async fn forget(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query(
        "UPDATE process.instance SET state = jsonb_set(state, '{variables}', '{}')
         WHERE id = $1 AND ended_at IS NOT NULL",
    )
    .bind(id)
    .execute(&mut *conn)
    .await
    .map_err(stored)?;
    sqlx::query(
        "UPDATE process.history SET command = command - 'vars'
         FROM process.instance WHERE instance.id = history.instance AND instance.id = $1
           AND instance.ended_at IS NOT NULL",
    )
    .bind(id)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

pub(crate) async fn update(
    conn: &mut PgConnection,
    id: Uuid,
    state: &Value,
    ended: Option<OffsetDateTime>,
) -> Result<()> {
    sqlx::query(
        "UPDATE process.instance SET state = $2, ended_at = coalesce(ended_at, $3) WHERE id = $1",
    )
    .bind(id)
    .bind(state)
    .bind(ended)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

#[derive(FromRow)]
struct InstanceRow {
    id: Uuid,
    digest: String,
    xml: String,
    thing: String,
    state: Value,
}

impl From<InstanceRow> for Instance {
    fn from(row: InstanceRow) -> Self {
        Self { id: row.id, digest: row.digest, xml: row.xml, thing: row.thing, state: row.state }
    }
}

pub(crate) async fn instance(conn: &mut PgConnection, id: Uuid) -> Result<Option<Instance>> {
    let row: Option<InstanceRow> =
        sqlx::query_as(INSTANCE).bind(id).fetch_optional(conn).await.map_err(stored)?;
    Ok(row.map(Instance::from))
}

/// The instance, locked until the transaction ends.
pub(crate) async fn instance_for_change(
    conn: &mut PgConnection,
    id: Uuid,
) -> Result<Option<Instance>> {
    sqlx::query("SELECT FROM process.instance WHERE id = $1 FOR UPDATE")
        .bind(id)
        .execute(&mut *conn)
        .await
        .map_err(stored)?;
    instance(conn, id).await
}

pub(crate) async fn append(conn: &mut PgConnection, id: Uuid, past: &Past) -> Result<()> {
    sqlx::query(
        "INSERT INTO process.history (instance, seq, command, node, at, actor)
         SELECT $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5
         FROM process.history WHERE instance = $1",
    )
    .bind(id)
    .bind(&past.command)
    .bind(&past.node)
    .bind(past.at)
    .bind(&past.actor)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

#[derive(FromRow)]
struct PastRow {
    command: Value,
    node: Option<String>,
    at: OffsetDateTime,
    actor: String,
}

pub(crate) async fn history(conn: &mut PgConnection, id: Uuid) -> Result<Vec<Past>> {
    let rows: Vec<PastRow> = sqlx::query_as(
        "SELECT command, node, at, actor FROM process.history WHERE instance = $1
         ORDER BY seq LIMIT 10000",
    )
    .bind(id)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows
        .into_iter()
        .map(|row| Past { command: row.command, node: row.node, at: row.at, actor: row.actor })
        .collect())
}
