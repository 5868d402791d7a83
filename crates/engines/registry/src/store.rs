//! All statements. The tables of datasets have names and columns from packs, so their statements are built
//! here, and nowhere else, from quoted identifiers, type names of this file and bound values.

use std::collections::BTreeMap;

use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{Connection as _, PgConnection, Row as _};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Paging;
use zhengtong_db::{Error as DbError, sql};

use crate::error::{Error, Result};
use crate::model::{Catalog, Dataset, Element, ElementKind, Past, SyncReport};
use crate::value::raw;

const COLUMNS: &str = include_str!("../sql/columns.sql");
const KEYS: &str = include_str!("../sql/keys.sql");
const KEEP: &str = include_str!("../sql/keep.sql");
const PAST: &str = include_str!("../sql/past.sql");

/// The statements of `sql/`.
pub(crate) const STATEMENTS: &[(&str, &str)] =
    &[("columns.sql", COLUMNS), ("keys.sql", KEYS), ("keep.sql", KEEP), ("past.sql", PAST)];

/// Nobody else changes the tables of datasets while this lock is held.
const LOCK: i64 = 0x5a54_5247;
/// Bytes that are sent to a bulk load at once.
const CHUNK_BYTES: usize = 64 * 1024;

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
    /// A column that holds exactly a value.
    pub(crate) fn of(column: &str, kind: ElementKind, value: &Value) -> Self {
        let value = column_text(kind, value).unwrap_or_default();
        Self { column: column.to_owned(), kind, value, how: Match::Equal }
    }

    fn sql(&self, place: usize) -> String {
        let column = sql::ident(&self.column);
        match self.how {
            Match::Equal => {
                format!("row_.{column} = CAST(${place}::text AS {})", sql_type(self.kind))
            }
            Match::Contains => format!("strpos(lower(row_.{column}), lower(${place}::text)) > 0"),
            Match::Member => format!("${place}::text = ANY (row_.{column})"),
        }
    }
}

/// Makes the tables of datasets that are missing and adds missing columns and indexes. Nothing is dropped
/// and nothing changes its type: a declaration that asks for that is refused. Runs in one transaction
/// under a lock, so that any number of nodes may start at once.
pub async fn sync(conn: &mut PgConnection, catalog: &Catalog) -> Result<SyncReport> {
    let mut tx = conn.begin().await.map_err(DbError::from)?;
    run("SELECT pg_advisory_xact_lock($1)", LOCK, &mut tx).await?;
    let mut columns: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for row in sqlx::query(COLUMNS).fetch_all(&mut *tx).await.map_err(DbError::from)? {
        let (dataset, name, kind) =
            (text(&row, "dataset")?, text(&row, "name")?, text(&row, "type")?);
        columns.entry(dataset).or_default().insert(name, kind);
    }
    let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in sqlx::query(KEYS).fetch_all(&mut *tx).await.map_err(DbError::from)? {
        keys.insert(text(&row, "dataset")?, row.try_get("columns").map_err(DbError::from)?);
    }
    let mut report = SyncReport::default();
    for dataset in catalog.datasets.values() {
        match columns.get(&dataset.id) {
            None => {
                create(&mut tx, catalog, dataset).await?;
                report.tables.push(dataset.id.clone());
            }
            Some(there) => {
                same_key(dataset, keys.get(&dataset.id))?;
                widen(&mut tx, catalog, dataset, there, &mut report).await?;
            }
        }
    }
    tx.commit().await.map_err(DbError::from)?;
    Ok(report)
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
    dataset: &Dataset,
    conditions: &[Condition],
) -> Result<Option<Stored>> {
    let statement = format!("{} ORDER BY row_._updated DESC LIMIT 1", select(dataset, conditions));
    let mut query = sqlx::query(sql::trusted(statement));
    for condition in conditions {
        query = query.bind(condition.value.clone());
    }
    let row = query.fetch_optional(conn).await.map_err(DbError::from)?;
    row.as_ref().map(stored).transpose()
}

/// One page of records, newest first, and how many there are in all.
pub(crate) async fn page(
    conn: &mut PgConnection,
    dataset: &Dataset,
    conditions: &[Condition],
    paging: Paging,
) -> Result<(Vec<Stored>, i64)> {
    let counting =
        format!("SELECT count(*) FROM {} AS row_ {}", table(dataset), filter(conditions));
    let mut query = sqlx::query_scalar::<_, i64>(sql::trusted(counting));
    for condition in conditions {
        query = query.bind(condition.value.clone());
    }
    let total = query.fetch_one(&mut *conn).await.map_err(DbError::from)?;
    let statement = format!(
        "{} ORDER BY row_._updated DESC, row_._id LIMIT {} OFFSET {}",
        select(dataset, conditions),
        paging.limit(),
        paging.offset()
    );
    let mut query = sqlx::query(sql::trusted(statement));
    for condition in conditions {
        query = query.bind(condition.value.clone());
    }
    let rows = query.fetch_all(conn).await.map_err(DbError::from)?;
    Ok((rows.iter().map(stored).collect::<Result<_>>()?, total))
}

/// Whether a dataset with a key of one field holds a value of it.
pub(crate) async fn has(conn: &mut PgConnection, dataset: &Dataset, value: &Value) -> Result<bool> {
    let Some(key) = dataset.key.first() else { return Ok(false) };
    let statement = format!(
        "SELECT EXISTS (SELECT FROM {} WHERE CAST({} AS text) = $1)",
        table(dataset),
        sql::ident(key)
    );
    let found = sqlx::query_scalar(sql::trusted(statement)).bind(raw(value));
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
    catalog: &Catalog,
    dataset: &Dataset,
    record: &Stored,
) -> Result<()> {
    let (mut names, mut places, mut news) = (Vec::new(), Vec::new(), Vec::new());
    let mut values = Vec::new();
    for field in &dataset.fields {
        let Some(element) = catalog.element(&field.element) else { continue };
        let name = sql::ident(&field.name);
        let value = record.values.get(&field.name).unwrap_or(&Value::Null);
        values.push(column_text(element.kind, value));
        places.push(format!("CAST(${}::text AS {})", values.len() + 4, sql_type(element.kind)));
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

/// Keeps a record as it was.
pub(crate) async fn keep(
    conn: &mut PgConnection,
    id: Uuid,
    dataset: &str,
    record: &Stored,
    until: OffsetDateTime,
) -> Result<()> {
    sqlx::query(KEEP)
        .bind(id)
        .bind(dataset)
        .bind(record.id)
        .bind(sqlx::types::Json(&record.values))
        .bind(&record.source)
        .bind(&record.by_case)
        .bind(record.updated)
        .bind(until)
        .execute(conn)
        .await
        .map_err(DbError::from)?;
    Ok(())
}

/// What a record said before, latest first.
pub(crate) async fn past(
    conn: &mut PgConnection,
    dataset: &str,
    record: Uuid,
    rows_max: i64,
) -> Result<Vec<Past>> {
    let query = sqlx::query(PAST).bind(dataset).bind(record).bind(rows_max);
    let rows = query.fetch_all(conn).await.map_err(DbError::from)?;
    let read = |row: &PgRow| -> std::result::Result<Past, sqlx::Error> {
        Ok(Past {
            values: row.try_get::<sqlx::types::Json<_>, _>("content")?.0,
            source: row.try_get("source")?,
            by_case: row.try_get("by_case")?,
            since: row.try_get("since")?,
            until: row.try_get("until")?,
        })
    };
    rows.iter().map(|row| read(row).map_err(|error| DbError::from(error).into())).collect()
}

/// Loads rows by `COPY`, without a limit of time.
pub(crate) async fn copy(
    conn: &mut PgConnection,
    dataset: &Dataset,
    columns: &[(&str, ElementKind)],
    (source, now): (&str, OffsetDateTime),
    rows: &mut (dyn Iterator<Item = Vec<Option<String>>> + Send),
) -> Result<u64> {
    sqlx::query("SET LOCAL statement_timeout = 0")
        .execute(&mut *conn)
        .await
        .map_err(DbError::from)?;
    let names: Vec<String> = columns.iter().map(|(name, _)| sql::ident(name)).collect();
    let statement = format!(
        "COPY {} (_source, _updated, {}) FROM STDIN WITH (FORMAT text, ENCODING 'UTF8')",
        table(dataset),
        names.join(", ")
    );
    let head = head_of(source, now);
    let mut copy = conn.copy_in_raw(&statement).await.map_err(DbError::from)?;
    let mut chunk = String::with_capacity(CHUNK_BYTES * 2);
    for (row, place) in rows.zip(1..) {
        if row.len() != columns.len() {
            copy.abort("ragged row").await.map_err(DbError::from)?;
            return Err(Error::Ragged { row: place, found: row.len(), expected: columns.len() });
        }
        chunk.push_str(&head);
        for (value, (_, kind)) in row.iter().zip(columns) {
            chunk.push('\t');
            match value {
                None => chunk.push_str("\\N"),
                Some(value) if *kind == ElementKind::Codes => cell(&mut chunk, &array(value)),
                Some(value) => cell(&mut chunk, value),
            }
        }
        chunk.push('\n');
        if chunk.len() >= CHUNK_BYTES {
            copy.send(chunk.as_bytes()).await.map_err(DbError::from)?;
            chunk.clear();
        }
    }
    copy.send(chunk.as_bytes()).await.map_err(DbError::from)?;
    let loaded = copy.finish().await.map_err(DbError::from)?;
    sqlx::query("SET LOCAL statement_timeout TO DEFAULT")
        .execute(conn)
        .await
        .map_err(DbError::from)?;
    Ok(loaded)
}

async fn create(conn: &mut PgConnection, catalog: &Catalog, dataset: &Dataset) -> Result<()> {
    let mut columns = vec![
        "_id uuid PRIMARY KEY DEFAULT gen_random_uuid()".to_owned(),
        "_source text NOT NULL".to_owned(),
        "_updated timestamptz NOT NULL".to_owned(),
        "_by_case text".to_owned(),
    ];
    for (name, element) in fields(catalog, dataset) {
        let must = if dataset.key.iter().any(|key| key == name) { " NOT NULL" } else { "" };
        columns.push(format!("{} {}{must}", sql::ident(name), sql_type(element.kind)));
    }
    let mut statements = vec![format!("CREATE TABLE {} ({})", table(dataset), columns.join(", "))];
    let key: Vec<String> = dataset.key.iter().map(|name| sql::ident(name)).collect();
    statements.push(format!(
        "CREATE UNIQUE INDEX {} ON {} ({})",
        sql::ident(&format!("{}#key", dataset.id)),
        table(dataset),
        key.join(", ")
    ));
    statements.push(format!(
        "CREATE INDEX {} ON {} (_updated DESC)",
        sql::ident(&format!("{}#updated", dataset.id)),
        table(dataset)
    ));
    let title = sql::literal(&dataset.title.zh);
    statements.push(format!("COMMENT ON TABLE {} IS {title}", table(dataset)));
    for statement in statements {
        execute(conn, statement).await?;
    }
    subject_index(conn, dataset).await
}

async fn widen(
    conn: &mut PgConnection,
    catalog: &Catalog,
    dataset: &Dataset,
    there: &BTreeMap<String, String>,
    report: &mut SyncReport,
) -> Result<()> {
    for (name, element) in fields(catalog, dataset) {
        let wanted = sql_type(element.kind);
        match there.get(name) {
            Some(is) if is == wanted => {}
            Some(is) => {
                return Err(Error::TypeChanged {
                    dataset: dataset.id.clone(),
                    field: name.to_owned(),
                    is: is.clone(),
                    wanted: wanted.to_owned(),
                });
            }
            None => {
                let column = sql::ident(name);
                let statement =
                    format!("ALTER TABLE {} ADD COLUMN {column} {wanted}", table(dataset));
                execute(conn, statement).await?;
                report.columns.push((dataset.id.clone(), name.to_owned()));
            }
        }
    }
    subject_index(conn, dataset).await
}

/// People and organisations are found by their numbers, so these have an index unless the key begins with them.
async fn subject_index(conn: &mut PgConnection, dataset: &Dataset) -> Result<()> {
    let Some(field) = dataset.subject_field() else { return Ok(()) };
    if dataset.key.first() == Some(&field.name) {
        return Ok(());
    }
    let statement = format!(
        "CREATE INDEX IF NOT EXISTS {} ON {} ({})",
        sql::ident(&format!("{}#subject", dataset.id)),
        table(dataset),
        sql::ident(&field.name)
    );
    execute(conn, statement).await
}

fn same_key(dataset: &Dataset, there: Option<&Vec<String>>) -> Result<()> {
    let is = there.cloned().unwrap_or_default();
    if is == dataset.key {
        return Ok(());
    }
    let (is, wanted) = (is.join(", "), dataset.key.join(", "));
    Err(Error::KeyChanged { dataset: dataset.id.clone(), is, wanted })
}

fn fields<'a>(
    catalog: &'a Catalog,
    dataset: &'a Dataset,
) -> impl Iterator<Item = (&'a str, &'a Element)> {
    dataset.fields.iter().filter_map(|field| {
        catalog.element(&field.element).map(|element| (field.name.as_str(), element))
    })
}

fn table(dataset: &Dataset) -> String {
    format!("registry.{}", sql::ident(&dataset.id))
}

fn select(dataset: &Dataset, conditions: &[Condition]) -> String {
    let columns: Vec<String> =
        dataset.fields.iter().map(|field| format!("row_.{}", sql::ident(&field.name))).collect();
    format!(
        "SELECT row_._id, row_._source, row_._by_case, row_._updated, to_jsonb(fields_) AS content
         FROM {} AS row_ CROSS JOIN LATERAL (SELECT {}) AS fields_ {}",
        table(dataset),
        columns.join(", "),
        filter(conditions)
    )
}

fn filter(conditions: &[Condition]) -> String {
    let all: Vec<String> =
        conditions.iter().enumerate().map(|(index, condition)| condition.sql(index + 1)).collect();
    if all.is_empty() { String::new() } else { format!("WHERE {}", all.join(" AND ")) }
}

fn stored(row: &PgRow) -> Result<Stored> {
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
    read().map_err(|error| DbError::from(error).into())
}

fn sql_type(kind: ElementKind) -> &'static str {
    match kind {
        ElementKind::Text
        | ElementKind::LongText
        | ElementKind::Code
        | ElementKind::File
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
    let quoted: Vec<String> = codes
        .split(',')
        .filter(|code| !code.is_empty())
        .map(|code| format!("\"{}\"", code.replace('\\', "\\\\").replace('"', "\\\"")))
        .collect();
    format!("{{{}}}", quoted.join(","))
}

/// Appends a value in the text format of `COPY`.
fn cell(chunk: &mut String, value: &str) {
    for letter in value.chars() {
        match letter {
            '\\' => chunk.push_str("\\\\"),
            '\t' => chunk.push_str("\\t"),
            '\n' => chunk.push_str("\\n"),
            '\r' => chunk.push_str("\\r"),
            '\0' => {}
            _ => chunk.push(letter),
        }
    }
}

fn head_of(source: &str, now: OffsetDateTime) -> String {
    let now = now.to_offset(time::UtcOffset::UTC);
    let (year, month, day) = now.to_calendar_date();
    let (hour, minute, second, micro) = now.to_hms_micro();
    let mut head = String::new();
    cell(&mut head, source);
    let at = format!(
        "\t{year:04}-{:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{micro:06}+00",
        u8::from(month)
    );
    head.push_str(&at);
    head
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
