//! Records in two times: from which day a version holds, and since when it is known.

use std::collections::HashMap;

use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_db::{Error as DbError, sql};

use super::striking::stands;
use super::tables::field_columns;
use super::{Condition, Stored, open, sealed_fields, table};
use crate::error::Result;
use crate::history::Past;
use crate::model::{Catalog, Dataset};
use crate::sealed::{Sealing, compared_column, sealed_column};

pub(crate) const KEEP: &str = include_str!("../../sql/keep.sql");
pub(crate) const PAST: &str = include_str!("../../sql/past.sql");
pub(crate) const PAST_ON: &str = include_str!("../../sql/past_on.sql");
pub(crate) const PAST_CORRECTED: &str = include_str!("../../sql/past_corrected.sql");
pub(crate) const PAST_ENDED: &str = include_str!("../../sql/past_ended.sql");

/// What stands between the parts of a key that is kept as one text.
const KEY_MARK: char = '\u{1f}';

/// Keeps a version that does not stand in the table: as it was until now, or, without an end, one that came late and
/// takes the place of an earlier one for the same day.
pub(crate) async fn keep(
    conn: &mut PgConnection,
    id: Uuid,
    (sealing, dataset): (&Sealing<'_>, &Dataset),
    record: &Stored,
    (from, until): (Date, Option<OffsetDateTime>),
) -> Result<()> {
    if until.is_none() {
        sqlx::query(PAST_CORRECTED)
            .bind(&dataset.id)
            .bind(record.id)
            .bind(from)
            .bind(record.updated)
            .execute(&mut *conn)
            .await
            .map_err(DbError::from)?;
    }
    let values = sealing.kept(dataset, record.id, &record.values)?;
    sqlx::query(KEEP)
        .bind(id)
        .bind(&dataset.id)
        .bind(record.id)
        .bind(sqlx::types::Json(&values))
        .bind(&record.source)
        .bind(&record.by_case)
        .bind(record.updated)
        .bind(until)
        .bind(from)
        .execute(conn)
        .await
        .map_err(DbError::from)?;
    Ok(())
}

/// What a record said before or was told late, what holds from the latest day first.
pub(crate) async fn past(
    conn: &mut PgConnection,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    record: Uuid,
    rows_max: i64,
) -> Result<Vec<Past>> {
    let query = sqlx::query(PAST)
        .bind(&dataset.id)
        .bind(record)
        .bind(dataset.valid_from.as_deref())
        .bind(rows_max);
    let rows = query.fetch_all(conn).await.map_err(DbError::from)?;
    rows.iter().map(|row| version(sealing, dataset, row).map(|(_, past)| past)).collect()
}

/// Of some records, each with a day, the version beside the current one that held on it as was known at a moment.
pub(crate) async fn past_on(
    conn: &mut PgConnection,
    (sealing, dataset): (&Sealing<'_>, &Dataset),
    wanted: &[(Uuid, Date)],
    known_at: OffsetDateTime,
) -> Result<HashMap<Uuid, Past>> {
    let (records, days): (Vec<Uuid>, Vec<Date>) = wanted.iter().copied().unzip();
    let query = sqlx::query(PAST_ON)
        .bind(&dataset.id)
        .bind(records)
        .bind(days)
        .bind(dataset.valid_from.as_deref())
        .bind(known_at);
    let rows = query.fetch_all(conn).await.map_err(DbError::from)?;
    rows.iter().map(|row| version(sealing, dataset, row)).collect()
}

fn version(sealing: &Sealing<'_>, dataset: &Dataset, row: &PgRow) -> Result<(Uuid, Past)> {
    let read = || -> std::result::Result<(Uuid, Past), sqlx::Error> {
        let past = Past {
            id: row.try_get("id")?,
            values: row.try_get::<sqlx::types::Json<_>, _>("content")?.0,
            source: row.try_get("source")?,
            by_case: row.try_get("by_case")?,
            valid_from: row.try_get("holds_from")?,
            since: row.try_get("since")?,
            until: row.try_get("until")?,
            ended: row.try_get("ended")?,
            struck: row.try_get("struck_at")?,
            why_struck: row.try_get("struck_why")?,
        };
        Ok((row.try_get("record")?, past))
    };
    let (record, mut past) = read().map_err(DbError::from)?;
    let sealed = sealed_fields(sealing, dataset);
    open(sealing, (dataset, &sealed), record, &mut past.values)?;
    Ok((record, past))
}

/// The records that ended, by their keys, each as one text of what is compared.
pub(crate) async fn ended(
    conn: &mut PgConnection,
    dataset: &Dataset,
    keys: &[String],
) -> Result<HashMap<String, Uuid>> {
    let query = sqlx::query_as(PAST_ENDED).bind(&dataset.id).bind(keys);
    let rows: Vec<(String, Uuid)> = query.fetch_all(conn).await.map_err(DbError::from)?;
    Ok(rows.into_iter().collect())
}

/// A key as one text, from the texts that are compared, in the order of the declaration.
pub(crate) fn key_text(parts: &[String]) -> String {
    parts.join(&KEY_MARK.to_string())
}

/// The same from the conditions that name a record.
pub(crate) fn key_of_conditions(
    catalog: &Catalog,
    dataset: &Dataset,
    conditions: &[Condition],
) -> String {
    let of = |name: &String| {
        let column = compared_column(catalog, dataset.field(name)?);
        conditions.iter().find(|one| one.column == column).map(|one| one.value.clone())
    };
    key_text(&dataset.key.iter().filter_map(of).collect::<Vec<_>>())
}

/// The same of a row, as an expression.
pub(super) fn key_expression(catalog: &Catalog, dataset: &Dataset, row: &str) -> String {
    let fields = dataset.key.iter().filter_map(|name| dataset.field(name));
    let parts: Vec<String> = fields
        .map(|field| format!("{row}.{}::text", sql::ident(&compared_column(catalog, field))))
        .collect();
    format!("concat_ws({}, {})", sql::literal(&KEY_MARK.to_string()), parts.join(", "))
}

/// The day in China on which a moment fell, as an expression.
fn day_of(moment: &str) -> String {
    format!("({moment} AT TIME ZONE 'Asia/Shanghai')::date")
}

/// The day from which a version holds, as an expression over its content and the moment since which it is known.
pub(super) fn from_content(dataset: &Dataset, content: &str, since: &str) -> String {
    let recorded = day_of(since);
    match &dataset.valid_from {
        Some(field) => {
            format!("coalesce(({content} ->> {})::date, {recorded})", sql::literal(field))
        }
        None => recorded,
    }
}

/// The day from which a row of the table holds.
fn row_from(dataset: &Dataset, row: &str) -> String {
    let recorded = day_of(&format!("{row}._updated"));
    match &dataset.valid_from {
        Some(field) => format!("coalesce({row}.{}, {recorded})", sql::ident(field)),
        None => recorded,
    }
}

/// The day from which a version of the past holds.
fn past_from(dataset: &Dataset, past: &str) -> String {
    let kept = format!("{past}.valid_from, {}", day_of(&format!("{past}.since")));
    match &dataset.valid_from {
        Some(field) => {
            format!("coalesce(({past}.content ->> {})::date, {kept})", sql::literal(field))
        }
        None => format!("coalesce({kept})"),
    }
}

/// The columns of a version of the past, in the order of the table: its content as a row of the table, with what stands sealed
/// as bytes. There are no blind indexes of the past.
fn kept_columns(catalog: &Catalog, dataset: &Dataset) -> Vec<String> {
    let mut columns = Vec::new();
    for field in &dataset.fields {
        let (sealed, is_sealed) = (sealed_column(&field.name), catalog.is_sealed(field));
        for (column, _) in field_columns(catalog, dataset, field) {
            columns.push(match (is_sealed, column == sealed) {
                (false, _) => format!("kept_.{}", sql::ident(&column)),
                (true, true) => {
                    format!("CAST(past_.content ->> {} AS bytea)", sql::literal(&field.name))
                }
                (true, false) => "NULL::bytea".to_owned(),
            });
        }
    }
    columns
}

/// The rows of a dataset as they held on a day, as was known at a moment, in place of its table: for the places of
/// the parameters `day` and `known`. What stands in the table is looked at first, so that its indexes serve; a
/// version of the past counts where neither the table nor a better version of the past answers.
pub(super) fn held(catalog: &Catalog, dataset: &Dataset, day: usize, known: usize) -> String {
    let (day, known) = (format!("${day}::date"), format!("${known}::timestamptz"));
    let columns = dataset
        .fields
        .iter()
        .flat_map(|field| field_columns(catalog, dataset, field))
        .map(|(column, _)| column);
    let now: Vec<String> = columns.map(|column| format!("row_.{}", sql::ident(&column))).collect();
    let then = kept_columns(catalog, dataset);
    let to = dataset.valid_to.as_ref();
    let not_over = |row: &str| {
        to.map_or_else(String::new, |field| {
            let column = format!("{row}.{}", sql::ident(field));
            format!("AND ({column} IS NULL OR {column} >= {day})")
        })
    };
    let table = table(dataset);
    let id = sql::literal(&dataset.id);
    let (row_from, current_from) = (row_from(dataset, "row_"), row_from(dataset, "current_"));
    let (past_from, other_from) = (past_from(dataset, "past_"), past_from(dataset, "other_"));
    // What was known before a record ended holds only up to that day.
    let alive = |past: &str| {
        format!(
            "NOT EXISTS (SELECT FROM registry.past AS end_
                         WHERE end_.dataset = {id} AND end_.record = {past}.record AND end_.ended_key IS NOT NULL
                           AND end_.since <= {known} AND end_.valid_from <= {day} AND end_.since >= {past}.since)"
        )
    };
    format!(
        "(SELECT row_._id, row_._source, row_._by_case, row_._updated, {row_from} AS _valid_from, {now}
          FROM {table} AS row_
          WHERE row_._updated <= {known} AND {row_from} <= {day} {row_not_over}
            AND NOT EXISTS (SELECT FROM registry.past AS other_
                            WHERE other_.dataset = {id} AND other_.record = row_._id AND other_.ended_key IS NULL
                              AND other_.since <= {known} AND {other_from} <= {day} AND {other_from} > {row_from}
                              AND {other_stands} AND {other_alive})
          UNION ALL
          SELECT past_.record, past_.source, past_.by_case, past_.since, {past_from}, {then}
          FROM registry.past AS past_
          CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, past_.content) AS kept_
          WHERE past_.dataset = {id} AND past_.ended_key IS NULL
            AND past_.since <= {known} AND {past_from} <= {day} AND {past_stands} {kept_not_over}
            AND NOT EXISTS (SELECT FROM {table} AS current_
                            WHERE current_._id = past_.record AND current_._updated <= {known}
                              AND {current_from} <= {day} AND {current_from} >= {past_from})
            AND NOT EXISTS (SELECT FROM registry.past AS other_
                            WHERE other_.dataset = {id} AND other_.record = past_.record AND other_.ended_key IS NULL
                              AND other_.since <= {known} AND {other_from} <= {day}
                              AND ({other_from}, other_.since, other_.place)
                                > ({past_from}, past_.since, past_.place)
                              AND {other_stands} AND {other_alive})
            AND {past_alive})",
        now = now.join(", "),
        then = then.join(", "),
        row_not_over = not_over("row_"),
        kept_not_over = not_over("kept_"),
        other_alive = alive("other_"),
        past_alive = alive("past_"),
        other_stands = stands("other_", &known),
        past_stands = stands("past_", &known),
    )
}

/// Writes anew by which key the records of a dataset that ended are found, after a part of the key moved to another column.
pub(crate) async fn name_ended(
    conn: &mut PgConnection,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
) -> Result<()> {
    let rows: Vec<(Uuid, Uuid, sqlx::types::Json<Value>)> = sqlx::query_as(
        "SELECT end_.id, end_.record, last_.content FROM registry.past AS end_
         CROSS JOIN LATERAL (SELECT content FROM registry.past AS past_
                             WHERE past_.dataset = end_.dataset AND past_.record = end_.record
                               AND past_.ended_key IS NULL
                             ORDER BY past_.since DESC LIMIT 1) AS last_
         WHERE end_.dataset = $1 AND end_.ended_key <> '' LIMIT 10000000",
    )
    .bind(&dataset.id)
    .fetch_all(&mut *conn)
    .await
    .map_err(DbError::from)?;
    for (id, record, content) in rows {
        let mut parts = Vec::with_capacity(dataset.key.len());
        for field in dataset.key.iter().filter_map(|name| dataset.field(name)) {
            let value = content.0.get(&field.name).cloned().unwrap_or(Value::Null);
            let value = sealing.open(dataset, field, record, value)?;
            let kind = sealing.catalog.element(&field.element).map(|element| element.kind);
            let Some(kind) = kind else { continue };
            parts.push(Condition::of(sealing, dataset, field, kind, &value)?.value);
        }
        sqlx::query("UPDATE registry.past SET ended_key = $2 WHERE id = $1")
            .bind(id)
            .bind(key_text(&parts))
            .execute(&mut *conn)
            .await
            .map_err(DbError::from)?;
    }
    Ok(())
}
