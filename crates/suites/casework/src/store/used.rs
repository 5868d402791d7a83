//! Which datasets a case took from or wrote to.

use std::collections::BTreeSet;

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::stored;
use crate::error::Result;

pub(crate) const USED: &str = include_str!("../../sql/used.sql");

/// Puts down that a case uses datasets. What is known already stays as it is.
pub(crate) async fn add_used(
    conn: &mut PgConnection,
    (no, item): (&str, &str),
    datasets: &BTreeSet<&str>,
    now: OffsetDateTime,
) -> Result<()> {
    if datasets.is_empty() {
        return Ok(());
    }
    let datasets: Vec<&str> = datasets.iter().copied().collect();
    sqlx::query(
        r#"INSERT INTO casework.used ("case", dataset, item, at)
           SELECT $1, dataset, $2, $4 FROM unnest($3::text[]) AS dataset
           ON CONFLICT ("case", dataset) DO NOTHING"#,
    )
    .bind(no)
    .bind(item)
    .bind(datasets)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// The datasets that a case uses.
pub(crate) async fn used_of(conn: &mut PgConnection, no: &str) -> Result<BTreeSet<String>> {
    let rows: Vec<String> = sqlx::query_scalar(
        r#"SELECT dataset FROM casework.used WHERE "case" = $1 ORDER BY dataset LIMIT 1000"#,
    )
    .bind(no)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows.into_iter().collect())
}

/// Of some items, how many cases used a dataset since a moment, up to a bound; those without one are left out.
pub(crate) async fn used(
    conn: &mut PgConnection,
    dataset: &str,
    items: &[&str],
    (since, cases_max): (OffsetDateTime, i64),
) -> Result<Vec<(String, i64)>> {
    sqlx::query_as(USED)
        .bind(dataset)
        .bind(items)
        .bind(since)
        .bind(cases_max)
        .fetch_all(conn)
        .await
        .map_err(stored)
}
