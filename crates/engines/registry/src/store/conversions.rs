//! The register of conversions, which is a dataset of a pack: its columns are known by their elements.

use sqlx::PgConnection;
use time::Date;
use zhengtong_db::{Error as DbError, sql};

use super::table;
use crate::error::Result;
use crate::loads::Conversion;
use crate::model::Dataset;

/// Rules that are read at once.
const RULES_MAX: i64 = 100_000;

/// The fields of the register.
pub(crate) struct ConversionColumns<'a> {
    pub(crate) source: &'a str,
    pub(crate) list: &'a str,
    pub(crate) written: &'a str,
    pub(crate) code: &'a str,
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
}

/// The rules for some lists that are in force on a day.
pub(crate) async fn conversions(
    conn: &mut PgConnection,
    register: &Dataset,
    columns: &ConversionColumns<'_>,
    lists: &[String],
    on: Date,
) -> Result<Vec<Conversion>> {
    let statement = format!(
        "SELECT {source}, {list}, {written}, {code} FROM {table}
         WHERE {list} = ANY($1) AND {code} IS NOT NULL AND {from} <= $2 AND ({to} IS NULL OR {to} >= $2)
         ORDER BY {list}, {written}, {source} LIMIT {RULES_MAX}",
        source = sql::ident(columns.source),
        list = sql::ident(columns.list),
        written = sql::ident(columns.written),
        code = sql::ident(columns.code),
        from = sql::ident(columns.from),
        to = sql::ident(columns.to),
        table = table(register),
    );
    let query = sqlx::query_as(sql::trusted(statement)).bind(lists).bind(on);
    let rows: Vec<(String, String, String, String)> =
        query.fetch_all(conn).await.map_err(DbError::from)?;
    let rule = |(source, list, written, code)| Conversion { source, list, written, code };
    Ok(rows.into_iter().map(rule).collect())
}
