//! The tables of datasets: made, widened, never retyped.

use std::collections::BTreeMap;

use sqlx::{Connection as _, PgConnection, Row as _};
use zhengtong_db::{Error as DbError, sql};

use super::geometry::{ready_for_geometry, shapes};
use super::{COLUMNS, KEYS, execute, run, sql_type, table, text};
use crate::error::{Error, Result};
use crate::model::{Catalog, Dataset, Field, HOLDER_CODE, SyncReport};
use crate::sealed::{compared_column, index_column, sealed_column};

/// Nobody else changes the tables of datasets while this lock is held.
pub(super) const LOCK: i64 = 0x5a54_5247;

/// Makes the tables of datasets that are missing and adds missing columns and indexes. Nothing is dropped
/// and nothing changes its type: a declaration that asks for that is refused. Runs in one transaction
/// under a lock, so that any number of nodes may start at once.
pub async fn sync(conn: &mut PgConnection, catalog: &Catalog) -> Result<SyncReport> {
    let mut tx = conn.begin().await.map_err(DbError::from)?;
    run("SELECT pg_advisory_xact_lock($1)", LOCK, &mut tx).await?;
    ready_for_geometry(&mut tx, catalog).await?;
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

async fn create(conn: &mut PgConnection, catalog: &Catalog, dataset: &Dataset) -> Result<()> {
    let mut columns = vec![
        "_id uuid PRIMARY KEY DEFAULT gen_random_uuid()".to_owned(),
        "_source text NOT NULL".to_owned(),
        "_updated timestamptz NOT NULL".to_owned(),
        "_by_case text".to_owned(),
    ];
    for field in &dataset.fields {
        let must = if dataset.key.contains(&field.name) { " NOT NULL" } else { "" };
        for (name, kind) in field_columns(catalog, dataset, field) {
            columns.push(format!("{} {kind}{must}", sql::ident(&name)));
        }
    }
    let mut statements = vec![format!("CREATE TABLE {} ({})", table(dataset), columns.join(", "))];
    statements.push(key_index(catalog, dataset));
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
    indexes(conn, catalog, dataset).await
}

/// The statement that makes the index of the key.
pub(super) fn key_index(catalog: &Catalog, dataset: &Dataset) -> String {
    let fields = dataset.key.iter().filter_map(|name| dataset.field(name));
    let key: Vec<String> =
        fields.map(|field| sql::ident(&compared_column(catalog, field))).collect();
    format!(
        "CREATE UNIQUE INDEX {} ON {} ({})",
        sql::ident(&format!("{}#key", dataset.id)),
        table(dataset),
        key.join(", ")
    )
}

/// The columns of a field, with their types.
pub(super) fn field_columns(
    catalog: &Catalog,
    dataset: &Dataset,
    field: &Field,
) -> Vec<(String, &'static str)> {
    let Some(element) = catalog.element(&field.element) else { return Vec::new() };
    if !element.is_sealed() {
        return vec![(field.name.clone(), sql_type(element.kind))];
    }
    let mut columns = vec![(sealed_column(&field.name), "bytea")];
    if catalog.is_indexed(dataset, field) {
        columns.push((index_column(&field.name), "bytea"));
    }
    columns
}

async fn widen(
    conn: &mut PgConnection,
    catalog: &Catalog,
    dataset: &Dataset,
    there: &BTreeMap<String, String>,
    report: &mut SyncReport,
) -> Result<()> {
    // Gathered first: a lazy walk held over the statements would tie the task to one thread.
    let all: Vec<(&str, String, &str)> = dataset
        .fields
        .iter()
        .flat_map(|field| {
            let columns = field_columns(catalog, dataset, field);
            columns.into_iter().map(move |(column, kind)| (field.name.as_str(), column, kind))
        })
        .collect();
    for (name, column, wanted) in all {
        match there.get(&column) {
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
                let column = sql::ident(&column);
                let statement =
                    format!("ALTER TABLE {} ADD COLUMN {column} {wanted}", table(dataset));
                execute(conn, statement).await?;
                let added = (dataset.id.clone(), name.to_owned());
                if !report.columns.contains(&added) {
                    report.columns.push(added);
                }
            }
        }
    }
    indexes(conn, catalog, dataset).await
}

/// The name of the index of a field.
pub(crate) fn field_index(dataset: &str, field: &str) -> String {
    format!("{dataset}#by.{field}")
}

/// The indexes that follow from the fields. One that no declaration asks for any more stays.
pub(super) async fn indexes(
    conn: &mut PgConnection,
    catalog: &Catalog,
    dataset: &Dataset,
) -> Result<()> {
    // Gathered first: a lazy walk held over the statements would tie the task to one thread.
    let plain: Vec<&Field> = dataset
        .fields
        .iter()
        .filter(|field| field.index && !catalog.is_sealed(field))
        .filter(|field| dataset.key.first() != Some(&field.name))
        .collect();
    // Pages of rows with one value come in this order when no other is asked for.
    let order = catalog.ordering_key(dataset);
    let order = order.map_or(String::new(), |(key, _)| format!("{}, ", sql::ident(&key.name)));
    for field in plain {
        let statement = format!(
            "CREATE INDEX IF NOT EXISTS {} ON {} ({}, {order}_id)",
            sql::ident(&field_index(&dataset.id, &field.name)),
            table(dataset),
            sql::ident(&field.name)
        );
        execute(conn, statement).await?;
    }
    shapes(conn, catalog, dataset).await?;
    subject_index(conn, catalog, dataset).await
}

/// People and organisations are found by their numbers, and licences by those of their holders, so these have an index
/// unless the key begins with them.
async fn subject_index(
    conn: &mut PgConnection,
    catalog: &Catalog,
    dataset: &Dataset,
) -> Result<()> {
    let holder = || dataset.fields.iter().find(|field| field.element == HOLDER_CODE);
    let Some(field) = dataset.subject_field().or_else(holder) else { return Ok(()) };
    if dataset.key.first() == Some(&field.name) {
        return Ok(());
    }
    let statement = format!(
        "CREATE INDEX IF NOT EXISTS {} ON {} ({})",
        sql::ident(&format!("{}#subject", dataset.id)),
        table(dataset),
        sql::ident(&compared_column(catalog, field))
    );
    execute(conn, statement).await
}

fn same_key(dataset: &Dataset, there: Option<&Vec<String>>) -> Result<()> {
    let is: Vec<String> = there.into_iter().flatten().map(|name| field_of_column(name)).collect();
    if is == dataset.key {
        return Ok(());
    }
    let (is, wanted) = (is.join(", "), dataset.key.join(", "));
    Err(Error::KeyChanged { dataset: dataset.id.clone(), is, wanted })
}

/// The field that a column belongs to.
fn field_of_column(column: &str) -> String {
    let plain = column.strip_suffix("#index").or_else(|| column.strip_suffix("#sealed"));
    plain.unwrap_or(column).to_owned()
}
