//! The tables behind resources.

use serde_json::{Map, Value, json};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{ROWS, TALLY, stored};
use crate::error::Result;

/// What is asked of a table.
pub(crate) struct Asked<'a> {
    /// Fields and the values one of which they must hold.
    pub(crate) filters: Vec<(String, Vec<Value>)>,
    /// Patterns that the whole row must meet.
    pub(crate) patterns: Vec<String>,
    /// Fields and the pattern that each must meet.
    pub(crate) parts: Vec<(&'a str, String)>,
    pub(crate) order: Option<(&'a str, bool)>,
    pub(crate) start: i64,
    pub(crate) rows: i64,
}

pub(crate) async fn rows(
    conn: &mut PgConnection,
    resource: Uuid,
    asked: &Asked<'_>,
) -> Result<(Vec<(i64, Map<String, Value>)>, i64)> {
    let (column, down) = asked.order.unwrap_or(("", false));
    let found: Vec<(i64, Value, i64)> = sqlx::query_as(ROWS)
        .bind(resource)
        .bind(wanted(&asked.filters))
        .bind(&asked.patterns)
        .bind(parts(&asked.parts))
        .bind(column)
        .bind(down)
        .bind(asked.start)
        .bind(asked.rows.max(1))
        .fetch_all(conn)
        .await
        .map_err(stored)?;
    let total = found.first().map_or(0, |found| found.2);
    let rows = found.into_iter().take(usize::try_from(asked.rows).unwrap_or(0));
    let rows = rows.map(|(id, record, _)| match record {
        Value::Object(record) => (id, record),
        _ => (id, Map::new()),
    });
    Ok((rows.collect(), total))
}

/// Values of a column with how many rows have each and what a number of theirs adds up to, the most first.
pub(crate) async fn tally(
    conn: &mut PgConnection,
    resource: Uuid,
    asked: &Asked<'_>,
    (by, of): (&str, &str),
    most: i64,
) -> Result<Vec<(Option<String>, i64, Option<String>)>> {
    sqlx::query_as(TALLY)
        .bind(resource)
        .bind(wanted(&asked.filters))
        .bind(&asked.patterns)
        .bind(parts(&asked.parts))
        .bind(by)
        .bind(of)
        .bind(most)
        .fetch_all(conn)
        .await
        .map_err(stored)
}

fn wanted(filters: &[(String, Vec<Value>)]) -> Value {
    filters.iter().map(|(field, any)| json!({ "field": field, "any": any })).collect()
}

fn parts(parts: &[(&str, String)]) -> Value {
    parts.iter().map(|(field, pattern)| json!({ "field": field, "pattern": pattern })).collect()
}

/// Rows of a table changed: so did its resource and its dataset.
pub(crate) async fn touch(
    conn: &mut PgConnection,
    resource: Uuid,
    now: OffsetDateTime,
) -> Result<()> {
    let touched = sqlx::query(
        "WITH touched AS (UPDATE portal.resource SET modified = $2 WHERE id = $1 RETURNING package)
         UPDATE portal.package SET modified = $2 FROM touched WHERE id = touched.package",
    );
    touched.bind(resource).bind(now).execute(conn).await.map_err(stored)?;
    Ok(())
}

/// How many rows a table has, and the number of the last one.
pub(crate) async fn extent(conn: &mut PgConnection, resource: Uuid) -> Result<(i64, i64)> {
    sqlx::query_as("SELECT count(*), coalesce(max(id), 0) FROM portal.row WHERE resource = $1")
        .bind(resource)
        .fetch_one(conn)
        .await
        .map_err(stored)
}

/// Adds rows, or puts them in the place of those with the same key; gives how many were written.
pub(crate) async fn put_rows(
    conn: &mut PgConnection,
    resource: Uuid,
    rows: &[(i64, Option<String>, Value)],
    replace: bool,
) -> Result<u64> {
    let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let keys: Vec<Option<String>> = rows.iter().map(|row| row.1.clone()).collect();
    let records: Vec<Value> = rows.iter().map(|row| row.2.clone()).collect();
    let statement = if replace {
        "INSERT INTO portal.row (resource, id, key, record)
         SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::jsonb[])
         ON CONFLICT (resource, key) WHERE key IS NOT NULL DO UPDATE SET record = portal.row.record || excluded.record"
    } else {
        "INSERT INTO portal.row (resource, id, key, record)
         SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::jsonb[])
         ON CONFLICT (resource, key) WHERE key IS NOT NULL DO NOTHING"
    };
    let done = sqlx::query(statement)
        .bind(resource)
        .bind(&ids)
        .bind(&keys)
        .bind(&records)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(done.rows_affected())
}

/// Changes rows by their keys; gives how many there were.
pub(crate) async fn change_rows(
    conn: &mut PgConnection,
    resource: Uuid,
    rows: &[(i64, Option<String>, Value)],
) -> Result<u64> {
    let keys: Vec<Option<String>> = rows.iter().map(|row| row.1.clone()).collect();
    let records: Vec<Value> = rows.iter().map(|row| row.2.clone()).collect();
    let done = sqlx::query(
        "UPDATE portal.row SET record = row.record || new.record
         FROM unnest($2::text[], $3::jsonb[]) AS new(key, record)
         WHERE row.resource = $1 AND row.key = new.key",
    )
    .bind(resource)
    .bind(&keys)
    .bind(&records)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(done.rows_affected())
}

/// Takes away the rows that hold something; without filters all.
pub(crate) async fn delete_rows(
    conn: &mut PgConnection,
    resource: Uuid,
    filters: &[(String, Vec<Value>)],
) -> Result<u64> {
    let done = sqlx::query(
        "DELETE FROM portal.row WHERE resource = $1 AND portal.holds(record, $2, ARRAY[]::text[], '[]')",
    )
    .bind(resource)
    .bind(wanted(filters))
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(done.rows_affected())
}
