//! The days on which applicants urged.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};

use super::stored;
use crate::error::Result;

/// How often a case was urged and on which day last.
pub(crate) async fn urges(conn: &mut PgConnection, no: &str) -> Result<(i64, Option<Date>)> {
    sqlx::query_as(r#"SELECT count(*), max(day) FROM casework.urge WHERE "case" = $1"#)
        .bind(no)
        .fetch_one(conn)
        .await
        .map_err(stored)
}

/// Notes that a case was urged on a day. Returns whether it is the first time on that day.
pub(crate) async fn add_urge(
    conn: &mut PgConnection,
    no: &str,
    day: Date,
    at: OffsetDateTime,
) -> Result<bool> {
    let added = sqlx::query(
        r#"INSERT INTO casework.urge ("case", day, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"#,
    )
    .bind(no)
    .bind(day)
    .bind(at)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(added.rows_affected() == 1)
}
