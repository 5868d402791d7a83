//! The rows of one dataset as programs ask for them: in an order, from a place on, added up.

use sqlx::{PgConnection, Row as _};
use time::Date;
use uuid::Uuid;
use zhengtong_db::{Error as DbError, sql};

use super::history::held;
use super::{Condition, Stored, columns_of, filter, sealed_fields, sql_type, stored_with, table};
use crate::error::Result;
use crate::history::AsOf;
use crate::model::{Dataset, ElementKind, Field};
use crate::sealed::Sealing;
use crate::table::{TotalsGroup, UPDATED};

/// In which order rows come, and after which one.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// The column; without one the identifier alone gives the order.
    pub(crate) column: Option<String>,
    pub(crate) kind: ElementKind,
    /// Whether every row has a value there, so that an index of the column gives the order.
    pub(crate) always: bool,
    pub(crate) down: bool,
    /// The value and the identifier of the last row that was given.
    pub(crate) after: Option<(Option<String>, Uuid)>,
}

/// A row of a page.
pub(crate) struct Placed {
    pub(crate) stored: Stored,
    /// The value that gives the order.
    pub(crate) place: Option<String>,
    /// From which day it holds, when a day was asked for.
    pub(crate) valid_from: Option<Date>,
}

impl Order {
    /// By the identifier, after one of them.
    pub(crate) fn by_identifier(after: Option<Uuid>) -> Self {
        let after = after.map(|id| (None, id));
        Self { column: None, kind: ElementKind::Text, always: false, down: false, after }
    }

    fn kind(&self) -> &'static str {
        if self.column.as_deref() == Some(UPDATED) { "timestamptz" } else { sql_type(self.kind) }
    }

    /// The condition that a row comes after the last one, for places of parameters `value` and `id`.
    fn condition(&self, value: usize, id: usize) -> Option<String> {
        let (last, _) = self.after.as_ref()?;
        let later = format!("row_._id > ${id}");
        let Some(column) = &self.column else {
            return Some(format!("{later} AND ${value}::text IS NULL"));
        };
        let column = format!("row_.{}", sql::ident(column));
        if last.is_none() {
            return Some(format!("{column} IS NULL AND {later} AND ${value}::text IS NULL"));
        }
        let (beyond, value) =
            (if self.down { "<" } else { ">" }, format!("CAST(${value}::text AS {})", self.kind()));
        if self.always {
            // The first half is what an index answers.
            return Some(format!(
                "{column} {beyond}= {value} AND ({column} {beyond} {value} OR {later})"
            ));
        }
        Some(format!(
            "({column} {beyond} {value} OR ({column} = {value} AND {later}) OR {column} IS NULL)"
        ))
    }

    fn by(&self) -> String {
        let Some(column) = &self.column else { return "row_._id".to_owned() };
        let way = if self.down { "DESC" } else { "ASC" };
        let last = if self.always { "" } else { " NULLS LAST" };
        format!("row_.{} {way}{last}, row_._id", sql::ident(column))
    }

    /// The value of a row by which the next page is found, as text.
    fn value(&self) -> String {
        match self.column.as_deref() {
            None => "NULL::text".to_owned(),
            Some(UPDATED) => {
                "to_char(row_._updated AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
                    .to_owned()
            }
            Some(column) => format!("row_.{}::text", sql::ident(column)),
        }
    }
}

/// Rows that meet all conditions: those of the table, or as they held on a day and were known at a moment.
pub(crate) async fn rows(
    conn: &mut PgConnection,
    sealing: &Sealing<'_>,
    (dataset, fields): (&Dataset, &[&Field]),
    conditions: &[Condition],
    (order, as_of, rows_max): (&Order, Option<AsOf>, u32),
) -> Result<Vec<Placed>> {
    let places = conditions.len();
    let after = order.condition(places + 1, places + 2);
    let wheres = filter(conditions);
    let wheres = match (&after, wheres.is_empty()) {
        (None, _) => wheres,
        (Some(after), true) => format!("WHERE {after}"),
        (Some(after), false) => format!("{wheres} AND {after}"),
    };
    let next = places + if after.is_some() { 3 } else { 1 };
    let (from, valid_from) = match as_of {
        None => (table(dataset), "NULL::date"),
        Some(_) => (held(sealing.catalog, dataset, next, next + 1), "row_._valid_from"),
    };
    let statement = format!(
        "SELECT row_._id, row_._source, row_._by_case, row_._updated, to_json(fields_) AS content,
             {} AS place, {valid_from} AS valid_from
         FROM {from} AS row_ CROSS JOIN LATERAL (SELECT {}) AS fields_ {wheres} ORDER BY {} LIMIT {rows_max}",
        order.value(),
        columns_of(sealing.catalog, fields.iter().copied()),
        order.by(),
    );
    let mut query = sqlx::query(sql::trusted(statement));
    for condition in conditions {
        query = query.bind(condition.value.clone());
    }
    if let Some((value, id)) = &order.after {
        query = query.bind(value.clone()).bind(*id);
    }
    if let Some(as_of) = as_of {
        query = query.bind(as_of.valid_on).bind(as_of.known_at);
    }
    let found = query.fetch_all(conn).await.map_err(DbError::from)?;
    let sealed = sealed_fields(sealing, dataset);
    let mut rows = Vec::with_capacity(found.len());
    for row in &found {
        rows.push(Placed {
            stored: stored_with(sealing, (dataset, &sealed), row)?,
            place: row.try_get("place").map_err(DbError::from)?,
            valid_from: row.try_get("valid_from").map_err(DbError::from)?,
        });
    }
    Ok(rows)
}

/// Groups of rows, the largest first.
pub(crate) async fn totals(
    conn: &mut PgConnection,
    dataset: &Dataset,
    conditions: &[Condition],
    (by, of): (&[&Field], Option<&Field>),
    groups_max: i64,
) -> Result<Vec<TotalsGroup>> {
    let keys: Vec<String> =
        by.iter().map(|field| format!("row_.{}::text", sql::ident(&field.name))).collect();
    let number =
        of.map_or("NULL::numeric".to_owned(), |field| format!("row_.{}", sql::ident(&field.name)));
    // Counted from 1: the list of keys is the first column, and stands for all groups when it is empty.
    let grouped =
        if keys.is_empty() { String::new() } else { format!("GROUP BY {}", keys.join(", ")) };
    let statement = format!(
        "SELECT ARRAY[{}]::text[] AS keys, count(*) AS count, sum({number})::text AS sum,
             min({number})::text AS least, max({number})::text AS most,
             trim_scale(round(avg({number}), 6))::text AS mean
         FROM {} AS row_ {} {grouped} ORDER BY 2 DESC, 1 LIMIT {groups_max}",
        keys.join(", "),
        table(dataset),
        filter(conditions),
    );
    let mut query = sqlx::query(sql::trusted(statement));
    for condition in conditions {
        query = query.bind(condition.value.clone());
    }
    let found = query.fetch_all(conn).await.map_err(DbError::from)?;
    let read = |row: &sqlx::postgres::PgRow| -> std::result::Result<TotalsGroup, sqlx::Error> {
        Ok(TotalsGroup {
            keys: row.try_get("keys")?,
            count: row.try_get("count")?,
            sum: row.try_get("sum")?,
            least: row.try_get("least")?,
            most: row.try_get("most")?,
            mean: row.try_get("mean")?,
        })
    };
    found.iter().map(|row| read(row).map_err(|error| DbError::from(error).into())).collect()
}
