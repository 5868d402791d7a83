//! The table in which a load stands before it becomes visible, and the one step in which it does.

use std::collections::HashSet;

use sqlx::postgres::PgQueryResult;
use sqlx::{Connection as _, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_calendar::china_date;
use zhengtong_db::{Error as DbError, sql};

use super::bulk::{Cell, moment};
use super::history::{from_content, key_expression};
use super::tables::field_columns;
use super::{Stored, all_stored, columns_of, execute, select, sql_type, table};
use crate::error::Result;
use crate::model::{Dataset, Field};
use crate::sealed::{Sealing, compared_column, place};

pub(crate) const TABLE_INDEXES: &str = include_str!("../../sql/table_indexes.sql");
pub(crate) const PAST_ANY_ENDED: &str = include_str!("../../sql/past_any_ended.sql");

/// What is to become of a row that stands in the table of a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    /// It is a new record.
    Create,
    /// It is another state of a record.
    Change,
    /// It is a version of a record that holds from a day before the one that stands in the table.
    Late,
    /// It is what the record says already, or a faulty row of a record: the record stays.
    Stay,
}

impl Doing {
    fn letter(self) -> char {
        match self {
            Self::Create => 'n',
            Self::Change => 'c',
            Self::Late => 'l',
            Self::Stay => 's',
        }
    }
}

/// A row on its way.
pub(crate) struct Staged {
    pub(crate) doing: Doing,
    pub(crate) id: Uuid,
    /// When the record changed last before.
    pub(crate) before: Option<OffsetDateTime>,
    /// Its key as one number.
    pub(crate) name: u128,
    /// The texts of all fields; empty when the record stays.
    pub(crate) values: Vec<Option<String>>,
}

/// What one step made of the records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Applied {
    pub(crate) created: i64,
    pub(crate) changed: i64,
    pub(crate) late: i64,
    pub(crate) ended: i64,
}

/// The table of a load.
fn waiting(number: i64) -> String {
    format!("registry.{}", sql::ident(&format!("_load_{number}")))
}

/// Makes the empty table of a load; whatever stood there is gone. It needs no log: if the database falls, the load
/// reads again.
pub(crate) async fn stage(
    conn: &mut PgConnection,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    number: i64,
) -> Result<()> {
    unstage(conn, number).await?;
    let statement = format!(
        "CREATE UNLOGGED TABLE {} (_name uuid NOT NULL, _doing \"char\" NOT NULL, _before timestamptz, LIKE {})",
        waiting(number),
        table(dataset)
    );
    execute(conn, statement).await?;
    // What all rows of a load have in common is said once, when they become visible.
    let common = "DROP COLUMN _source, DROP COLUMN _updated, DROP COLUMN _by_case";
    execute(conn, format!("ALTER TABLE {} {common}", waiting(number))).await?;
    // Rows of records that stay have no values.
    let key = key_fields(dataset).flat_map(|field| field_columns(sealing.catalog, dataset, field));
    let free: Vec<String> = key
        .map(|(column, _)| format!("ALTER COLUMN {} DROP NOT NULL", sql::ident(&column)))
        .collect();
    execute(conn, format!("ALTER TABLE {} {}", waiting(number), free.join(", "))).await
}

/// Drops the table of a load.
pub(crate) async fn unstage(conn: &mut PgConnection, number: i64) -> Result<()> {
    execute(conn, format!("DROP TABLE IF EXISTS {}", waiting(number))).await
}

/// How many rows stand in the table of a load; none when there is no such table.
pub(crate) async fn staged(conn: &mut PgConnection, number: i64) -> Result<Option<i64>> {
    let there: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .bind(waiting(number))
        .fetch_one(&mut *conn)
        .await
        .map_err(DbError::from)?;
    if !there {
        return Ok(None);
    }
    let statement = format!("SELECT count(*) FROM {}", waiting(number));
    let count = sqlx::query_scalar(sql::trusted(statement)).fetch_one(conn).await;
    Ok(Some(count.map_err(DbError::from)?))
}

/// The keys that stand in the table of a load.
pub(crate) async fn staged_names(conn: &mut PgConnection, number: i64) -> Result<HashSet<u128>> {
    let statement = format!("SELECT _name FROM {}", waiting(number));
    let names: Vec<Uuid> =
        sqlx::query_scalar(sql::trusted(statement)).fetch_all(conn).await.map_err(DbError::from)?;
    Ok(names.into_iter().map(|name| name.as_u128()).collect())
}

/// Puts rows into the table of a load.
pub(crate) async fn copy_staged(
    conn: &mut PgConnection,
    (sealing, dataset): (&Sealing<'_>, &Dataset),
    number: i64,
    rows: &[Staged],
) -> Result<()> {
    let fields = dataset.fields.iter();
    let cells: Vec<Cell> =
        fields.map(|field| Cell::new(sealing, dataset, field)).collect::<Result<_>>()?;
    let names: Vec<String> =
        cells.iter().flat_map(Cell::columns).map(|name| sql::ident(&name)).collect();
    let statement = format!(
        "COPY {} (_id, _name, _doing, _before, {}) FROM STDIN WITH (FORMAT text, ENCODING 'UTF8')",
        waiting(number),
        names.join(", ")
    );
    let mut copy = conn.copy_in_raw(&statement).await.map_err(DbError::from)?;
    let mut chunk = String::with_capacity(super::bulk::CHUNK_BYTES * 2);
    for row in rows {
        let id = place(row.id);
        chunk.push_str(&id);
        chunk.push('\t');
        chunk.push_str(&Uuid::from_u128(row.name).to_string());
        chunk.push('\t');
        chunk.push(row.doing.letter());
        chunk.push('\t');
        chunk.push_str(&row.before.map_or_else(|| "\\N".to_owned(), moment));
        for (place, cell) in cells.iter().enumerate() {
            chunk.push('\t');
            let value = row.values.get(place).and_then(Option::as_deref);
            cell.write(sealing, &id, value, &mut chunk)?;
        }
        chunk.push('\n');
        if chunk.len() >= super::bulk::CHUNK_BYTES {
            copy.send(chunk.as_bytes()).await.map_err(DbError::from)?;
            chunk.clear();
        }
    }
    copy.send(chunk.as_bytes()).await.map_err(DbError::from)?;
    copy.finish().await.map_err(DbError::from)?;
    Ok(())
}

/// Whether a dataset holds nothing.
async fn is_empty(conn: &mut PgConnection, dataset: &Dataset) -> Result<bool> {
    let statement = format!("SELECT NOT EXISTS (SELECT FROM {})", table(dataset));
    let empty = sqlx::query_scalar(sql::trusted(statement)).fetch_one(conn).await;
    Ok(empty.map_err(DbError::from)?)
}

/// Whether a dataset holds nothing and no record of it ended: a row that comes goes on from none.
pub(crate) async fn is_fresh(conn: &mut PgConnection, dataset: &Dataset) -> Result<bool> {
    Ok(is_empty(&mut *conn, dataset).await? && !has_ended(conn, dataset).await?)
}

async fn has_ended(conn: &mut PgConnection, dataset: &Dataset) -> Result<bool> {
    let ended = sqlx::query_scalar(PAST_ANY_ENDED).bind(&dataset.id).fetch_one(conn).await;
    Ok(ended.map_err(DbError::from)?)
}

/// The records with some keys; each key is one text per key field, as it is compared.
pub(crate) async fn existing(
    conn: &mut PgConnection,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    keys: &[Vec<String>],
) -> Result<Vec<Stored>> {
    let (mut columns, mut casts, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for (place, field) in key_fields(dataset).enumerate() {
        columns.push(format!("row_.{}", sql::ident(&compared_column(sealing.catalog, field))));
        casts.push(format!("CAST(key_.k{place} AS {})", compared_type(sealing, field)));
        names.push(format!("k{place}"));
    }
    let arrays: Vec<String> = (1..=names.len()).map(|place| format!("${place}::text[]")).collect();
    let statement = format!(
        "{} WHERE ({}) IN (SELECT {} FROM unnest({}) AS key_ ({}))",
        select(sealing.catalog, dataset, &[]),
        columns.join(", "),
        casts.join(", "),
        arrays.join(", "),
        names.join(", ")
    );
    let mut query = sqlx::query(sql::trusted(statement));
    for place in 0..names.len() {
        let column: Vec<String> =
            keys.iter().map(|key| key.get(place).cloned().unwrap_or_default()).collect();
        query = query.bind(column);
    }
    let rows = query.fetch_all(conn).await.map_err(DbError::from)?;
    all_stored(sealing, dataset, &rows)
}

/// Which of some values of a reference are not there.
pub(crate) async fn absent(
    conn: &mut PgConnection,
    sealing: &Sealing<'_>,
    target: &Dataset,
    values: &[String],
) -> Result<Vec<String>> {
    let Some(key) = key_fields(target).next() else { return Ok(Vec::new()) };
    let statement = format!(
        "SELECT wanted FROM unnest($1::text[]) AS wanted WHERE NOT EXISTS
         (SELECT FROM {} AS row_ WHERE row_.{} = CAST(wanted AS {}))",
        table(target),
        sql::ident(&compared_column(sealing.catalog, key)),
        compared_type(sealing, key)
    );
    let absent = sqlx::query_scalar(sql::trusted(statement)).bind(values);
    Ok(absent.fetch_all(conn).await.map_err(DbError::from)?)
}

fn key_fields(dataset: &Dataset) -> impl Iterator<Item = &Field> {
    dataset.key.iter().filter_map(|name| dataset.field(name))
}

fn compared_type(sealing: &Sealing<'_>, field: &Field) -> &'static str {
    match sealing.catalog.element(&field.element) {
        Some(element) if !element.is_sealed() => sql_type(element.kind),
        _ => "bytea",
    }
}

/// Whether records changed since the rows of a load were compared with them. Nobody writes the dataset from now on
/// until the transaction ends; it is read meanwhile.
pub(crate) async fn is_overtaken(
    conn: &mut PgConnection,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    number: i64,
) -> Result<bool> {
    execute(conn, "SET LOCAL statement_timeout = 0".to_owned()).await?;
    execute(conn, format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", table(dataset))).await?;
    let keys: Vec<String> = key_fields(dataset)
        .map(|field| {
            let column = sql::ident(&compared_column(sealing.catalog, field));
            format!("row_.{column} = new_.{column}")
        })
        .collect();
    if is_fresh(conn, dataset).await? {
        let statement =
            format!("SELECT EXISTS (SELECT FROM {} WHERE _doing <> 'n')", waiting(number));
        let found = sqlx::query_scalar(sql::trusted(statement)).fetch_one(conn).await;
        return Ok(found.map_err(DbError::from)?);
    }
    let statement = format!(
        "SELECT EXISTS (SELECT FROM {load} AS new_ JOIN {table} AS row_ ON {keys} WHERE new_._doing = 'n')
         OR EXISTS (SELECT FROM {load} AS new_ LEFT JOIN {table} AS row_ ON row_._id = new_._id
                    WHERE new_._doing <> 'n' AND row_._updated IS DISTINCT FROM new_._before)",
        load = waiting(number),
        table = table(dataset),
        keys = keys.join(" AND ")
    );
    let found = sqlx::query_scalar(sql::trusted(statement)).fetch_one(conn).await;
    Ok(found.map_err(DbError::from)?)
}

/// Makes visible what stands in the table of a load: new records, other states, versions that came late, and, if asked,
/// the end of those that the file does not hold. What they said before is kept. All of it is known since now.
pub(crate) async fn apply(
    conn: &mut PgConnection,
    (sealing, dataset): (&Sealing<'_>, &Dataset),
    number: i64,
    (source, now): (&str, OffsetDateTime),
    ends: bool,
) -> Result<Applied> {
    let load = waiting(number);
    let columns: Vec<String> = dataset
        .fields
        .iter()
        .flat_map(|field| field_columns(sealing.catalog, dataset, field))
        .map(|(column, _)| sql::ident(&column))
        .collect();
    let mut applied = Applied::default();
    if ends {
        let gone =
            format!("WHERE NOT EXISTS (SELECT FROM {load} AS new_ WHERE new_._id = old_._id)");
        kept(conn, (sealing, dataset), &gone, now).await?;
        end(conn, (sealing, dataset), &load, (source, now)).await?;
        let statement = format!(
            "DELETE FROM {} AS row_ WHERE NOT EXISTS (SELECT FROM {load} AS new_ WHERE new_._id = row_._id)",
            table(dataset)
        );
        applied.ended = affected(conn, statement).await?;
    }
    applied.late = late(conn, (sealing, dataset), &load, (source, now)).await?;
    let changing = format!("JOIN {load} AS new_ ON new_._id = old_._id AND new_._doing = 'c'");
    kept(conn, (sealing, dataset), &changing, now).await?;
    let set: Vec<String> =
        columns.iter().map(|column| format!("{column} = new_.{column}")).collect();
    let statement = format!(
        "UPDATE {} AS row_ SET _source = $2, _by_case = NULL, _updated = $1, {}
         FROM {load} AS new_ WHERE new_._id = row_._id AND new_._doing = 'c'",
        table(dataset),
        set.join(", ")
    );
    applied.changed = told(conn, statement, (source, now)).await?;
    let all = columns.join(", ");
    let again = bare(conn, dataset, number).await?;
    let statement = format!(
        "INSERT INTO {} (_id, _source, _updated, {all})
         SELECT _id, $2, $1, {all} FROM {load} WHERE _doing = 'n'",
        table(dataset)
    );
    applied.created = told(conn, statement, (source, now)).await?;
    for statement in again {
        execute(conn, statement).await?;
    }
    unstage(conn, number).await?;
    execute(conn, "SET LOCAL statement_timeout TO DEFAULT".to_owned()).await?;
    Ok(applied)
}

/// From how many rows on it is quicker to make the indexes of an empty table once than to keep them row by row.
const BARE_MIN: i64 = 20_000;

/// Takes the indexes of an empty table away before many rows come into it, and gives the statements that make them
/// again. A table that somebody reads at the moment keeps them: nobody is waited for.
async fn bare(conn: &mut PgConnection, dataset: &Dataset, number: i64) -> Result<Vec<String>> {
    let many = staged(&mut *conn, number).await?.is_some_and(|rows| rows >= BARE_MIN);
    if !many || !is_empty(&mut *conn, dataset).await? {
        return Ok(Vec::new());
    }
    let mut alone = conn.begin().await.map_err(DbError::from)?;
    let lock = format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE NOWAIT", table(dataset));
    if execute(&mut alone, lock).await.is_err() {
        alone.rollback().await.map_err(DbError::from)?;
        return Ok(Vec::new());
    }
    let indexes: Vec<(String, Option<String>, String)> = sqlx::query_as(TABLE_INDEXES)
        .bind(table(dataset))
        .fetch_all(&mut *alone)
        .await
        .map_err(DbError::from)?;
    let mut again = Vec::with_capacity(indexes.len() + 1);
    again.push("SET LOCAL maintenance_work_mem = '256MB'".to_owned());
    for (name, constraint, definition) in indexes {
        let name = sql::ident(&name);
        if constraint.is_none() {
            execute(&mut alone, format!("DROP INDEX registry.{name}")).await?;
            again.push(definition);
        } else {
            let of = format!("ALTER TABLE {}", table(dataset));
            execute(&mut alone, format!("{of} DROP CONSTRAINT {name}")).await?;
            again.push(format!("{of} ADD CONSTRAINT {name} {definition}"));
        }
    }
    again.push("SET LOCAL maintenance_work_mem TO DEFAULT".to_owned());
    alone.commit().await.map_err(DbError::from)?;
    Ok(again)
}

/// Keeps the records of the table that `which` chooses as they were.
async fn kept(
    conn: &mut PgConnection,
    (sealing, dataset): (&Sealing<'_>, &Dataset),
    which: &str,
    until: OffsetDateTime,
) -> Result<()> {
    let statement = format!(
        "INSERT INTO registry.past (id, dataset, record, content, source, by_case, since, until, valid_from)
         SELECT gen_random_uuid(), $1, old_._id, jsonb_strip_nulls(old_.content), old_._source, old_._by_case,
                old_._updated, $2, {}
         FROM ({}) AS old_ {which}",
        from_content(dataset, "old_.content", "old_._updated"),
        select(sealing.catalog, dataset, &[]),
    );
    let query = sqlx::query(sql::trusted(statement)).bind(&dataset.id).bind(until);
    query.execute(conn).await.map_err(DbError::from)?;
    Ok(())
}

/// Puts down that the records that the load does not hold end today.
async fn end(
    conn: &mut PgConnection,
    (sealing, dataset): (&Sealing<'_>, &Dataset),
    load: &str,
    (source, now): (&str, OffsetDateTime),
) -> Result<()> {
    let statement = format!(
        "INSERT INTO registry.past (id, dataset, record, content, source, since, valid_from, ended_key)
         SELECT gen_random_uuid(), $1, row_._id, '{{}}'::jsonb, $2, $3, $4, {} FROM {} AS row_
         WHERE NOT EXISTS (SELECT FROM {load} AS new_ WHERE new_._id = row_._id)",
        key_expression(sealing.catalog, dataset, "row_"),
        table(dataset)
    );
    let query = sqlx::query(sql::trusted(statement)).bind(&dataset.id).bind(source);
    let query = query.bind(now).bind(china_date(now));
    query.execute(conn).await.map_err(DbError::from)?;
    Ok(())
}

/// Keeps what came late. It takes the place of what had come late for the same day.
async fn late(
    conn: &mut PgConnection,
    (sealing, dataset): (&Sealing<'_>, &Dataset),
    load: &str,
    (source, now): (&str, OffsetDateTime),
) -> Result<i64> {
    let Some(field) = &dataset.valid_from else { return Ok(0) };
    let field = sql::ident(field);
    let statement = format!(
        "UPDATE registry.past AS past_ SET until = $2 FROM {load} AS new_
         WHERE new_._doing = 'l' AND past_.dataset = $1 AND past_.record = new_._id AND past_.until IS NULL
           AND past_.ended_key IS NULL AND past_.struck_at IS NULL AND past_.valid_from = new_.{field}"
    );
    let query = sqlx::query(sql::trusted(statement)).bind(&dataset.id).bind(now);
    query.execute(&mut *conn).await.map_err(DbError::from)?;
    let statement = format!(
        "INSERT INTO registry.past (id, dataset, record, content, source, since, valid_from)
         SELECT gen_random_uuid(), $1, row_._id, jsonb_strip_nulls(to_jsonb(fields_)), $3, $2, row_.{field}
         FROM {load} AS row_ CROSS JOIN LATERAL (SELECT {}) AS fields_ WHERE row_._doing = 'l'",
        columns_of(sealing.catalog, &dataset.fields)
    );
    let query = sqlx::query(sql::trusted(statement)).bind(&dataset.id).bind(now).bind(source);
    let done = query.execute(conn).await.map_err(DbError::from)?;
    Ok(rows_of(&done))
}

/// Runs a statement that says since when (`$1`) and from where (`$2`) its rows are known.
async fn told(
    conn: &mut PgConnection,
    statement: String,
    (source, now): (&str, OffsetDateTime),
) -> Result<i64> {
    let done = sqlx::query(sql::trusted(statement)).bind(now).bind(source).execute(conn).await;
    let done = done.map_err(DbError::from)?;
    Ok(rows_of(&done))
}

async fn affected(conn: &mut PgConnection, statement: String) -> Result<i64> {
    let done = sqlx::query(sql::trusted(statement)).execute(conn).await.map_err(DbError::from)?;
    Ok(rows_of(&done))
}

fn rows_of(done: &PgQueryResult) -> i64 {
    i64::try_from(done.rows_affected()).unwrap_or(i64::MAX)
}
