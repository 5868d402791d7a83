//! All statements. The tables of datasets have names and columns from packs, so their statements are built
//! here, and nowhere else, from quoted identifiers, type names of this file and bound values.

use std::collections::BTreeMap;

use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Paging;
use zhengtong_db::{Error as DbError, sql};

use crate::error::Result;
use crate::model::{Catalog, Dataset, ElementKind, Field};
use crate::sealed::{Sealing, bytes_text, compared_column, index_column, sealed_column};
use crate::value::raw;

mod bulk;
mod conversions;
mod ending;
mod far;
mod feeds;
mod geometry;
mod history;
mod loads;
mod matching;
mod protect;
mod quality;
mod rules;
mod staging;
mod striking;
mod table;
mod tables;

pub(crate) use bulk::copy;
pub(crate) use conversions::{ConversionColumns, conversions};
pub(crate) use ending::end;
pub(crate) use far::{Far, FarError};
pub(crate) use feeds::{feed_states, keep_feed};
pub use geometry::ready_for_geometry;
pub(crate) use geometry::{Area, placed};
pub(crate) use history::{ended, keep, key_of_conditions, key_text, past, past_on};
pub(crate) use loads::{
    arrived, drop_faults, faults, keep_faults, keep_load, last_done, list_loads, load_by_number,
    lock_load, make,
};
pub(crate) use matching::{
    GroupRow, all_edges, around, candidates, decide, drop_pairs, entity, group, keep_entities,
    keep_group, keep_keys, keep_members, keep_pairs, lock_group, match_counts, member, members,
    pair, pairs, records_after, records_named, records_unseen, sweep,
};
pub(crate) use protect::{erase_older, move_field, moves, reseal_page, take_down};
pub(crate) use quality::{
    condition, found, keep_broken, keep_found, keep_run, records_from, records_of, runs, scan,
};
pub(crate) use staging::{
    Applied, Doing, Staged, absent, apply, copy_staged, existing, is_fresh, is_overtaken, stage,
    staged, staged_names, unstage,
};
pub(crate) use striking::{remove, strike};
pub(crate) use table::{Order, Placed, rows, totals};
pub(crate) use tables::field_index;
pub use tables::sync;

const COLUMNS: &str = include_str!("../sql/columns.sql");
const KEYS: &str = include_str!("../sql/keys.sql");

/// The statements of `sql/`.
pub(crate) const STATEMENTS: &[(&str, &str)] = &[
    ("columns.sql", COLUMNS),
    ("keys.sql", KEYS),
    ("keep.sql", history::KEEP),
    ("past.sql", history::PAST),
    ("past_on.sql", history::PAST_ON),
    ("past_corrected.sql", history::PAST_CORRECTED),
    ("past_ended.sql", history::PAST_ENDED),
    ("past_end.sql", ending::PAST_END),
    ("past_any_ended.sql", staging::PAST_ANY_ENDED),
    ("table_indexes.sql", staging::TABLE_INDEXES),
    ("load_make.sql", loads::LOAD_MAKE),
    ("load_keep.sql", loads::LOAD_KEEP),
    ("load_find.sql", loads::LOAD_FIND),
    ("load_lock.sql", loads::LOAD_LOCK),
    ("load_list.sql", loads::LOAD_LIST),
    ("load_last.sql", loads::LOAD_LAST),
    ("load_arrived.sql", loads::LOAD_ARRIVED),
    ("fault_keep.sql", loads::FAULT_KEEP),
    ("fault_list.sql", loads::FAULT_LIST),
    ("feed_list.sql", feeds::FEED_LIST),
    ("feed_keep.sql", feeds::FEED_KEEP),
    ("quality_keep.sql", quality::QUALITY_KEEP),
    ("quality_runs.sql", quality::QUALITY_RUNS),
    ("quality_newest.sql", quality::QUALITY_NEWEST),
    ("quality_forget.sql", quality::QUALITY_FORGET),
    ("quality_fault_keep.sql", quality::QUALITY_FAULT_KEEP),
    ("quality_faults.sql", quality::QUALITY_FAULTS),
    ("match_candidates.sql", matching::CANDIDATES),
    ("match_pairs.sql", matching::PAIRS),
    ("match_counts.sql", matching::COUNTS),
    ("match_around.sql", matching::AROUND),
    ("match_keep_pairs.sql", matching::KEEP_PAIRS),
    ("match_keep_members.sql", matching::KEEP_MEMBERS),
];

/// A record as it stands in its table. Fields that are not known are absent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stored {
    pub(crate) id: Uuid,
    pub(crate) values: BTreeMap<String, Value>,
    pub(crate) source: String,
    pub(crate) by_case: Option<String>,
    pub(crate) updated: OffsetDateTime,
}

/// How a column is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    /// It is the value.
    Equal,
    /// It is a text that contains the value.
    Contains,
    /// It is a list that holds the value.
    Member,
    /// It is the blind index.
    Index,
    /// It is another value.
    Other,
    /// It is smaller.
    Less,
    /// It is smaller or the same.
    AtMost,
    /// It is larger.
    More,
    /// It is larger or the same.
    AtLeast,
    /// It is one of the values, which stand as the literal of an array.
    Any,
    /// Whether nothing is there; the value says `true` or `false`.
    Missing,
    /// It is not smaller, or nothing is there.
    NotBefore,
    /// It is a geometry that is found so; whether its column of PostGIS is there.
    Shape(Area, bool),
}

/// What a column must hold.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    pub(crate) column: String,
    pub(crate) kind: ElementKind,
    pub(crate) value: String,
    pub(crate) how: Match,
}

impl Condition {
    /// A field that holds exactly a value.
    pub(crate) fn of(
        sealing: &Sealing<'_>,
        dataset: &Dataset,
        field: &Field,
        kind: ElementKind,
        value: &Value,
    ) -> Result<Self> {
        if sealing.catalog.is_sealed(field) {
            let index = sealing.index(dataset, field, &raw(value).unwrap_or_default())?;
            let (column, value) = (index_column(&field.name), bytes_text(&index));
            return Ok(Self { column, kind, value, how: Match::Index });
        }
        let value = column_text(kind, value).unwrap_or_default();
        Ok(Self { column: field.name.clone(), kind, value, how: Match::Equal })
    }

    fn sql(&self, place: usize) -> String {
        let column = sql::ident(&self.column);
        let value = format!("CAST(${place}::text AS {})", sql_type(self.kind));
        match self.how {
            Match::Equal => format!("row_.{column} = {value}"),
            Match::Other => format!("row_.{column} <> {value}"),
            Match::Less => format!("row_.{column} < {value}"),
            Match::AtMost => format!("row_.{column} <= {value}"),
            Match::More => format!("row_.{column} > {value}"),
            Match::AtLeast => format!("row_.{column} >= {value}"),
            Match::Any => {
                format!("row_.{column} = ANY (CAST(${place}::text AS {}[]))", sql_type(self.kind))
            }
            Match::Missing => {
                format!("(row_.{column} IS NULL) = CAST(${place}::text AS boolean)")
            }
            Match::NotBefore => format!("(row_.{column} IS NULL OR row_.{column} >= {value})"),
            Match::Contains => format!("strpos(lower(row_.{column}), lower(${place}::text)) > 0"),
            Match::Member => format!("${place}::text = ANY (row_.{column})"),
            Match::Index => format!("row_.{column} = CAST(${place}::text AS bytea)"),
            Match::Shape(area, stands) => geometry::condition(&self.column, area, stands, place),
        }
    }
}

/// Waits until nobody else writes the record with this key.
pub(crate) async fn lock(
    conn: &mut PgConnection,
    dataset: &Dataset,
    key: &[(&str, &str)],
) -> Result<()> {
    let name = format!("{}{key:?}", dataset.id);
    run("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", name, conn).await
}

/// The newest record that meets all conditions.
pub(crate) async fn find(
    conn: &mut PgConnection,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    conditions: &[Condition],
) -> Result<Option<Stored>> {
    let select = select(sealing.catalog, dataset, conditions);
    let statement = format!("{select} ORDER BY row_._updated DESC LIMIT 1");
    let mut query = sqlx::query(sql::trusted(statement));
    for condition in conditions {
        query = query.bind(condition.value.clone());
    }
    let row = query.fetch_optional(conn).await.map_err(DbError::from)?;
    row.as_ref().map(|row| stored(sealing, dataset, row)).transpose()
}

/// One page of records, newest first or in the order of a column, and how many there are in all.
pub(crate) async fn page(
    conn: &mut PgConnection,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    conditions: &[Condition],
    (order, paging): (Option<(&str, bool)>, Paging),
) -> Result<(Vec<Stored>, i64)> {
    let counting =
        format!("SELECT count(*) FROM {} AS row_ {}", table(dataset), filter(conditions));
    let mut query = sqlx::query_scalar::<_, i64>(sql::trusted(counting));
    for condition in conditions {
        query = query.bind(condition.value.clone());
    }
    let total = query.fetch_one(&mut *conn).await.map_err(DbError::from)?;
    let statement = format!(
        "{} ORDER BY {} LIMIT {} OFFSET {}",
        select(sealing.catalog, dataset, conditions),
        order.map_or("row_._updated DESC, row_._id".to_owned(), |(column, down)| {
            let way = if down { "DESC" } else { "ASC" };
            format!("row_.{} {way} NULLS LAST, row_._id", sql::ident(column))
        }),
        paging.limit(),
        paging.offset()
    );
    let mut query = sqlx::query(sql::trusted(statement));
    for condition in conditions {
        query = query.bind(condition.value.clone());
    }
    let rows = query.fetch_all(conn).await.map_err(DbError::from)?;
    Ok((all_stored(sealing, dataset, &rows)?, total))
}

/// Whether a dataset with a key of one field holds a value of it.
pub(crate) async fn has(
    conn: &mut PgConnection,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    value: &Value,
) -> Result<bool> {
    let Some(key) = dataset.key.first().and_then(|key| dataset.field(key)) else {
        return Ok(false);
    };
    let mut wanted = raw(value);
    if sealing.catalog.is_sealed(key) {
        let index = sealing.index(dataset, key, &wanted.unwrap_or_default())?;
        wanted = Some(bytes_text(&index));
    }
    let statement = format!(
        "SELECT EXISTS (SELECT FROM {} WHERE CAST({} AS text) = $1)",
        table(dataset),
        sql::ident(&compared_column(sealing.catalog, key))
    );
    let found = sqlx::query_scalar(sql::trusted(statement)).bind(wanted);
    Ok(found.fetch_one(conn).await.map_err(DbError::from)?)
}

/// How many records there are, and when the newest came.
pub(crate) async fn count(
    conn: &mut PgConnection,
    dataset: &Dataset,
) -> Result<(i64, Option<OffsetDateTime>)> {
    let statement = format!("SELECT count(*), max(_updated) FROM {}", table(dataset));
    let counted = sqlx::query_as(sql::trusted(statement));
    Ok(counted.fetch_one(conn).await.map_err(DbError::from)?)
}

/// Writes a record as a whole, by its identifier.
pub(crate) async fn write(
    conn: &mut PgConnection,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    record: &Stored,
) -> Result<()> {
    let (mut names, mut places, mut news) = (Vec::new(), Vec::new(), Vec::new());
    let mut values = Vec::new();
    for (column, kind, value) in columns(sealing, dataset, record)? {
        let name = sql::ident(&column);
        values.push(value);
        places.push(format!("CAST(${}::text AS {kind})", values.len() + 4));
        news.push(format!("{name} = EXCLUDED.{name}"));
        names.push(name);
    }
    let statement = format!(
        "INSERT INTO {} (_id, _source, _by_case, _updated, {}) VALUES ($1, $2, $3, $4, {})
         ON CONFLICT (_id) DO UPDATE SET _source = EXCLUDED._source, _by_case = EXCLUDED._by_case,
         _updated = EXCLUDED._updated, {}",
        table(dataset),
        names.join(", "),
        places.join(", "),
        news.join(", ")
    );
    let mut query = sqlx::query(sql::trusted(statement))
        .bind(record.id)
        .bind(record.source.clone())
        .bind(record.by_case.clone())
        .bind(record.updated);
    for value in values {
        query = query.bind(value);
    }
    query.execute(conn).await.map_err(DbError::from)?;
    Ok(())
}

/// The columns of a record with their types and values as text.
fn columns(
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    record: &Stored,
) -> Result<Vec<(String, &'static str, Option<String>)>> {
    let mut columns = Vec::new();
    for field in &dataset.fields {
        let Some(element) = sealing.catalog.element(&field.element) else { continue };
        let value = record.values.get(&field.name).unwrap_or(&Value::Null);
        if !element.is_sealed() {
            let text = column_text(element.kind, value);
            columns.push((field.name.clone(), sql_type(element.kind), text));
            continue;
        }
        let text = raw(value);
        let seal = |text: &String| sealing.seal(dataset, field, record.id, text);
        let sealed = text.as_ref().map(seal).transpose()?.map(|bytes| bytes_text(&bytes));
        columns.push((sealed_column(&field.name), "bytea", sealed));
        if sealing.catalog.is_indexed(dataset, field) {
            let index =
                text.as_ref().map(|text| sealing.index(dataset, field, text)).transpose()?;
            columns.push((index_column(&field.name), "bytea", index.map(|i| bytes_text(&i))));
        }
    }
    Ok(columns)
}

fn table(dataset: &Dataset) -> String {
    format!("registry.{}", sql::ident(&dataset.id))
}

fn select(catalog: &Catalog, dataset: &Dataset, conditions: &[Condition]) -> String {
    format!(
        "SELECT row_._id, row_._source, row_._by_case, row_._updated, to_jsonb(fields_) AS content
         FROM {} AS row_ CROSS JOIN LATERAL (SELECT {}) AS fields_ {}",
        table(dataset),
        columns_of(catalog, &dataset.fields),
        filter(conditions)
    )
}

/// The columns of fields as they are selected, each under the name of its field.
fn columns_of<'a>(catalog: &Catalog, fields: impl IntoIterator<Item = &'a Field>) -> String {
    let column = |field: &Field| {
        let name = sql::ident(&field.name);
        if catalog.is_sealed(field) {
            return format!("row_.{} AS {name}", sql::ident(&sealed_column(&field.name)));
        }
        format!("row_.{name}")
    };
    let columns: Vec<String> = fields.into_iter().map(column).collect();
    columns.join(", ")
}

fn filter(conditions: &[Condition]) -> String {
    let all: Vec<String> =
        conditions.iter().enumerate().map(|(index, condition)| condition.sql(index + 1)).collect();
    if all.is_empty() { String::new() } else { format!("WHERE {}", all.join(" AND ")) }
}

/// The records of rows, with sealed values opened.
fn all_stored(sealing: &Sealing<'_>, dataset: &Dataset, rows: &[PgRow]) -> Result<Vec<Stored>> {
    let sealed = sealed_fields(sealing, dataset);
    rows.iter().map(|row| stored_with(sealing, (dataset, &sealed), row)).collect()
}

fn stored(sealing: &Sealing<'_>, dataset: &Dataset, row: &PgRow) -> Result<Stored> {
    stored_with(sealing, (dataset, &sealed_fields(sealing, dataset)), row)
}

/// The fields whose values are sealed.
fn sealed_fields<'a>(sealing: &Sealing<'_>, dataset: &'a Dataset) -> Vec<&'a Field> {
    dataset.fields.iter().filter(|field| sealing.catalog.is_sealed(field)).collect()
}

fn stored_with(
    sealing: &Sealing<'_>,
    (dataset, sealed): (&Dataset, &[&Field]),
    row: &PgRow,
) -> Result<Stored> {
    let read = || -> std::result::Result<Stored, sqlx::Error> {
        let mut values: BTreeMap<String, Value> =
            row.try_get::<sqlx::types::Json<_>, _>("content")?.0;
        values.retain(|_, value| !value.is_null());
        Ok(Stored {
            id: row.try_get("_id")?,
            values,
            source: row.try_get("_source")?,
            by_case: row.try_get("_by_case")?,
            updated: row.try_get("_updated")?,
        })
    };
    let mut stored = read().map_err(DbError::from)?;
    open(sealing, (dataset, sealed), stored.id, &mut stored.values)?;
    Ok(stored)
}

/// Opens the sealed values of a record.
fn open(
    sealing: &Sealing<'_>,
    (dataset, sealed): (&Dataset, &[&Field]),
    record: Uuid,
    values: &mut BTreeMap<String, Value>,
) -> Result<()> {
    for field in sealed {
        if let Some(value) = values.get_mut(&field.name) {
            *value = sealing.open(dataset, field, record, value.take())?;
        }
    }
    Ok(())
}

fn sql_type(kind: ElementKind) -> &'static str {
    match kind {
        ElementKind::Text
        | ElementKind::LongText
        | ElementKind::Code
        | ElementKind::File
        | ElementKind::Geometry
        | ElementKind::Address => "text",
        ElementKind::Codes => "text[]",
        ElementKind::Integer => "bigint",
        ElementKind::Decimal | ElementKind::Money => "numeric",
        ElementKind::Boolean => "boolean",
        ElementKind::Date => "date",
    }
}

fn column_text(kind: ElementKind, value: &Value) -> Option<String> {
    let text = raw(value)?;
    Some(if kind == ElementKind::Codes { array(&text) } else { text })
}

/// The literal of an array of codes; the lint lets codes hold only letters, digits and `-_.`.
fn array(codes: &str) -> String {
    let codes: Vec<&str> = codes.split(',').filter(|code| !code.is_empty()).collect();
    literals(&codes)
}

/// The literal of an array.
pub(crate) fn literals(all: &[impl AsRef<str>]) -> String {
    let quoted: Vec<String> = all
        .iter()
        .map(|one| format!("\"{}\"", one.as_ref().replace('\\', "\\\\").replace('"', "\\\"")))
        .collect();
    format!("{{{}}}", quoted.join(","))
}

fn text(row: &PgRow, column: &str) -> Result<String> {
    row.try_get(column).map_err(|error| DbError::from(error).into())
}

async fn execute(conn: &mut PgConnection, statement: String) -> Result<()> {
    sqlx::query(sql::trusted(statement)).execute(conn).await.map_err(DbError::from)?;
    Ok(())
}

async fn run<'q, T>(statement: &'static str, value: T, conn: &mut PgConnection) -> Result<()>
where
    T: 'q + Send + sqlx::Encode<'q, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    sqlx::query(statement).bind(value).execute(conn).await.map_err(DbError::from)?;
    Ok(())
}
