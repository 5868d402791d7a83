//! The rows of definitions, instances and their history. Only this file and those below it name sqlx.

pub(crate) mod beginning;
pub(crate) mod design;
pub(crate) mod incident;
pub(crate) mod wait;

use serde_json::Value;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_bpmn::State;

use crate::error::Result;
use crate::model::{Instance, Past};
use crate::part::Definition;

pub(crate) const INSTANCE: &str = include_str!("../sql/instance.sql");
pub(crate) const SAVE: &str = include_str!("../sql/save.sql");

fn stored(error: sqlx::Error) -> crate::error::Error {
    zhengtong_db::Error::from(error).into()
}

pub(crate) async fn keep_definition(
    conn: &mut PgConnection,
    definition: &Definition,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO process.definition (digest, name, xml, source, first_used)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (digest) DO NOTHING",
    )
    .bind(&definition.digest)
    .bind(&definition.name)
    .bind(&definition.xml)
    .bind(&definition.source)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Name and XML of a kept definition.
pub(crate) async fn definition(
    conn: &mut PgConnection,
    digest: &str,
) -> Result<Option<(String, String)>> {
    sqlx::query_as("SELECT name, xml FROM process.definition WHERE digest = $1")
        .bind(digest)
        .fetch_optional(conn)
        .await
        .map_err(stored)
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
    .bind(Json(&instance.state))
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
    .execute(&mut *conn)
    .await
    .map_err(stored)?;
    incident::forget(conn, id).await
}

/// Keeps the state after some commands, and the commands.
pub(crate) async fn save(
    conn: &mut PgConnection,
    instance: &Instance,
    past: &[Past],
    now: OffsetDateTime,
    actor: &str,
) -> Result<()> {
    let commands: Vec<&Value> = past.iter().map(|past| &past.command).collect();
    let nodes: Vec<Option<&str>> = past.iter().map(|past| past.node.as_deref()).collect();
    sqlx::query(SAVE)
        .bind(instance.id)
        .bind(Json(&instance.state))
        .bind(&instance.digest)
        .bind(instance.state.ended.as_ref().map(|_| now))
        .bind(commands)
        .bind(nodes)
        .bind(now)
        .bind(actor)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

#[derive(FromRow)]
struct InstanceRow {
    id: Uuid,
    digest: String,
    thing: String,
    state: Json<State>,
    held: bool,
}

impl From<InstanceRow> for Instance {
    fn from(row: InstanceRow) -> Self {
        let InstanceRow { id, digest, thing, state: Json(state), held } = row;
        Self { id, digest, thing, state, held }
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
    // By itself, so that what is read afterwards is what the one before left.
    sqlx::query("SELECT FROM process.instance WHERE id = $1 FOR UPDATE")
        .bind(id)
        .execute(&mut *conn)
        .await
        .map_err(stored)?;
    instance(conn, id).await
}

/// How many instances of a thing there are, and how many of them have not ended.
pub(crate) async fn standing(conn: &mut PgConnection, thing: &str) -> Result<(i64, i64)> {
    sqlx::query_as(
        "SELECT count(*), count(*) FILTER (WHERE ended_at IS NULL)
         FROM process.instance WHERE thing = $1",
    )
    .bind(thing)
    .fetch_one(conn)
    .await
    .map_err(stored)
}

#[derive(FromRow)]
struct PastRow {
    command: Value,
    node: Option<String>,
    at: OffsetDateTime,
    actor: String,
}

pub(crate) async fn history(
    conn: &mut PgConnection,
    id: Uuid,
) -> Result<Vec<(Past, OffsetDateTime, String)>> {
    let rows: Vec<PastRow> = sqlx::query_as(
        "SELECT command, node, at, actor FROM process.history WHERE instance = $1
         ORDER BY seq LIMIT 10000",
    )
    .bind(id)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    let past = |row: PastRow| (Past { command: row.command, node: row.node }, row.at, row.actor);
    Ok(rows.into_iter().map(past).collect())
}

/// A place in the transaction to which it can be brought back.
pub(crate) async fn savepoint(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("SAVEPOINT process_attempt").execute(conn).await.map_err(stored)?;
    Ok(())
}

pub(crate) async fn release(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("RELEASE SAVEPOINT process_attempt").execute(conn).await.map_err(stored)?;
    Ok(())
}

pub(crate) async fn back_to_savepoint(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("ROLLBACK TO SAVEPOINT process_attempt")
        .execute(&mut *conn)
        .await
        .map_err(stored)?;
    release(conn).await
}
