//! Moving a field between its plain and its sealed column when a pack changes how carefully it is to be handled,
//! sealing again under newer keys, and taking records away when their time is over.

use std::collections::BTreeMap;

use serde_json::Value;
use sqlx::{PgConnection, Row as _};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_db::{Error as DbError, sql};

use super::geometry::shape_column;
use super::history::name_ended;
use super::tables::{LOCK, indexes, key_index};
use super::{COLUMNS, column_text, execute, run, sql_type, table, text};
use crate::error::Result;
use crate::model::{Catalog, Dataset, Field};
use crate::sealed::{Sealing, bytes_text, index_column, sealed_column};
use crate::value::raw;

/// Rows that one statement takes.
const ROWS_MAX: i64 = 2_000;

/// A field whose values stand in the column of another declaration.
pub(crate) struct Move {
    pub(crate) dataset: String,
    pub(crate) field: String,
    /// Whether it is to be sealed; otherwise it is to be opened.
    pub(crate) seal: bool,
}

/// The fields that stand in the wrong column: there is still the column of the other declaration.
pub(crate) async fn moves(conn: &mut PgConnection, catalog: &Catalog) -> Result<Vec<Move>> {
    let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in sqlx::query(COLUMNS).fetch_all(conn).await.map_err(DbError::from)? {
        columns.entry(text(&row, "dataset")?).or_default().push(text(&row, "name")?);
    }
    let mut moves = Vec::new();
    for dataset in catalog.datasets.values() {
        let Some(there) = columns.get(&dataset.id) else { continue };
        for field in &dataset.fields {
            let seal = catalog.is_sealed(field);
            let other = if seal { field.name.clone() } else { sealed_column(&field.name) };
            if there.contains(&other) {
                moves.push(Move { dataset: dataset.id.clone(), field: field.name.clone(), seal });
            }
        }
    }
    Ok(moves)
}

/// Moves a field into the column of its declaration, drops the other one and makes the indexes again.
pub(crate) async fn move_field(
    conn: &mut PgConnection,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    field: &Field,
) -> Result<u64> {
    run("SELECT pg_advisory_xact_lock($1)", LOCK, conn).await?;
    run("SELECT set_config('statement_timeout', $1, true)", "0", conn).await?;
    let seal = sealing.catalog.is_sealed(field);
    let (from, gone) = if seal {
        // What the database made of a geometry goes before the text it is made of.
        (field.name.clone(), vec![shape_column(&field.name), field.name.clone()])
    } else {
        let sealed = sealed_column(&field.name);
        (sealed.clone(), vec![sealed, index_column(&field.name)])
    };
    let in_key = dataset.key.contains(&field.name);
    for name in ["key", "subject"] {
        let index = sql::ident(&format!("{}#{name}", dataset.id));
        execute(conn, format!("DROP INDEX IF EXISTS registry.{index}")).await?;
    }
    if in_key {
        let column = sql::ident(&from);
        let statement =
            format!("ALTER TABLE {} ALTER COLUMN {column} DROP NOT NULL", table(dataset));
        execute(conn, statement).await?;
    }
    let count = move_rows(conn, sealing, dataset, field, &from).await?;
    past_rows(conn, sealing, dataset, field).await?;
    for column in gone {
        let column = sql::ident(&column);
        execute(conn, format!("ALTER TABLE {} DROP COLUMN IF EXISTS {column}", table(dataset)))
            .await?;
    }
    if in_key {
        name_ended(conn, sealing, dataset).await?;
    }
    execute(conn, key_index(sealing.catalog, dataset)).await?;
    indexes(conn, sealing.catalog, dataset).await?;
    Ok(count)
}

async fn move_rows(
    conn: &mut PgConnection,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    field: &Field,
    from: &str,
) -> Result<u64> {
    let column = sql::ident(from);
    let select = format!(
        "SELECT _id, to_jsonb({column}) AS value FROM {} WHERE {column} IS NOT NULL LIMIT {ROWS_MAX}",
        table(dataset)
    );
    let mut count = 0;
    loop {
        let rows = sqlx::query(sql::trusted(select.clone())).fetch_all(&mut *conn).await;
        let rows = rows.map_err(DbError::from)?;
        if rows.is_empty() {
            return Ok(count);
        }
        for row in &rows {
            let id: Uuid = row.try_get("_id").map_err(DbError::from)?;
            let value: Value = row.try_get("value").map_err(DbError::from)?;
            place_value(conn, sealing, (dataset, field), (id, value), Some(&column)).await?;
            count += 1;
        }
    }
}

/// Writes the value of a field where its declaration says, and empties the column it came from.
async fn place_value(
    conn: &mut PgConnection,
    sealing: &Sealing<'_>,
    (dataset, field): (&Dataset, &Field),
    (id, value): (Uuid, Value),
    empty: Option<&str>,
) -> Result<()> {
    let mut sets: Vec<String> =
        empty.map(|column| format!("{column} = NULL")).into_iter().collect();
    let mut values = Vec::new();
    let mut set = |column: &str, kind: &str, value: Option<String>| {
        values.push(value);
        let place = values.len() + 1;
        sets.push(format!("{} = CAST(${place}::text AS {kind})", sql::ident(column)));
    };
    if sealing.catalog.is_sealed(field) {
        if let Some(text) = raw(&value) {
            let sealed = sealing.seal(dataset, field, id, &text)?;
            set(&sealed_column(&field.name), "bytea", Some(bytes_text(&sealed)));
            if sealing.catalog.is_indexed(dataset, field) {
                let index = sealing.index(dataset, field, &text)?;
                set(&index_column(&field.name), "bytea", Some(bytes_text(&index)));
            }
        }
    } else if let Some(element) = sealing.catalog.element(&field.element) {
        let plain = sealing.open(dataset, field, id, value)?;
        set(&field.name, sql_type(element.kind), column_text(element.kind, &plain));
    }
    let statement = format!("UPDATE {} SET {} WHERE _id = $1", table(dataset), sets.join(", "));
    let mut query = sqlx::query(sql::trusted(statement)).bind(id);
    for value in values {
        query = query.bind(value);
    }
    query.execute(conn).await.map_err(DbError::from)?;
    Ok(())
}

/// Seals or opens the field in the earlier states of records.
async fn past_rows(
    conn: &mut PgConnection,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    field: &Field,
) -> Result<()> {
    let rows: Vec<(Uuid, Uuid, Value)> = sqlx::query_as(
        "SELECT id, record, content -> $2 FROM registry.past WHERE dataset = $1 AND content ? $2
         LIMIT 10000000",
    )
    .bind(&dataset.id)
    .bind(&field.name)
    .fetch_all(&mut *conn)
    .await
    .map_err(DbError::from)?;
    for (id, record, value) in rows {
        let plain = sealing.open(dataset, field, record, value)?;
        let value = match raw(&plain) {
            Some(text) if sealing.catalog.is_sealed(field) => {
                Value::String(bytes_text(&sealing.seal(dataset, field, record, &text)?))
            }
            _ => plain,
        };
        sqlx::query("UPDATE registry.past SET content = content || jsonb_build_object($2::text, $3::jsonb) WHERE id = $1")
            .bind(id)
            .bind(&field.name)
            .bind(value)
            .execute(&mut *conn)
            .await
            .map_err(DbError::from)?;
    }
    Ok(())
}

/// Seals a field again under its newest key, one page of records after one; gives the last of them.
pub(crate) async fn reseal_page(
    conn: &mut PgConnection,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    field: &Field,
    after: Uuid,
) -> Result<Option<Uuid>> {
    if after.is_nil() {
        past_rows(conn, sealing, dataset, field).await?;
    }
    let column = sql::ident(&sealed_column(&field.name));
    let statement = format!(
        "SELECT _id, to_jsonb({column}) AS value FROM {} WHERE _id > $1 ORDER BY _id LIMIT {ROWS_MAX}",
        table(dataset)
    );
    let rows = sqlx::query(sql::trusted(statement)).bind(after).fetch_all(&mut *conn).await;
    let mut last = None;
    for row in rows.map_err(DbError::from)? {
        let id: Uuid = row.try_get("_id").map_err(DbError::from)?;
        let value: Option<Value> = row.try_get("value").map_err(DbError::from)?;
        if let Some(value) = value.filter(|value| !value.is_null()) {
            let plain = sealing.open(dataset, field, id, value)?;
            place_value(conn, sealing, (dataset, field), (id, plain), None).await?;
        }
        last = Some(id);
    }
    Ok(last)
}

/// Takes away records that were last changed before a moment, with all their earlier states.
pub(crate) async fn take_down(
    conn: &mut PgConnection,
    dataset: &Dataset,
    before: OffsetDateTime,
    rows_max: i64,
) -> Result<u64> {
    let statement = format!(
        "WITH gone AS (DELETE FROM {0} WHERE _id IN
             (SELECT _id FROM {0} WHERE _updated < $1 ORDER BY _updated LIMIT $2) RETURNING _id),
         past AS (DELETE FROM registry.past WHERE dataset = $3 AND record IN (SELECT _id FROM gone))
         SELECT count(*) FROM gone",
        table(dataset)
    );
    let count: i64 = sqlx::query_scalar(sql::trusted(statement))
        .bind(before)
        .bind(rows_max)
        .bind(&dataset.id)
        .fetch_one(conn)
        .await
        .map_err(DbError::from)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Takes away earlier states of records that ended before a moment, and what came late and was put down before it.
pub(crate) async fn erase_older(
    conn: &mut PgConnection,
    dataset: &Dataset,
    before: OffsetDateTime,
    rows_max: i64,
) -> Result<u64> {
    let gone = sqlx::query(
        "DELETE FROM registry.past WHERE id IN
            (SELECT id FROM registry.past WHERE dataset = $1 AND coalesce(until, since) < $2 LIMIT $3)",
    )
    .bind(&dataset.id)
    .bind(before)
    .bind(rows_max)
    .execute(conn)
    .await
    .map_err(DbError::from)?;
    Ok(gone.rows_affected())
}
