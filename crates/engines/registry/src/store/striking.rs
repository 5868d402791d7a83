//! Versions that were struck out.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_db::{Error as DbError, sql};

use super::table;
use crate::error::Result;
use crate::model::Dataset;

/// Puts down that a version of the past counts no more from a moment on: struck out for a reason, or, without one, because
/// it is told again.
pub(crate) async fn strike(
    conn: &mut PgConnection,
    version: Uuid,
    (at, why): (OffsetDateTime, Option<&str>),
) -> Result<()> {
    sqlx::query("UPDATE registry.past SET struck_at = $2, struck_why = $3 WHERE id = $1")
        .bind(version)
        .bind(at)
        .bind(why)
        .execute(conn)
        .await
        .map_err(DbError::from)?;
    Ok(())
}

/// Takes a record out of its table; what it said stands in the past.
pub(crate) async fn remove(conn: &mut PgConnection, dataset: &Dataset, record: Uuid) -> Result<()> {
    let statement = format!("DELETE FROM {} WHERE _id = $1", table(dataset));
    let query = sqlx::query(sql::trusted(statement)).bind(record);
    query.execute(conn).await.map_err(DbError::from)?;
    Ok(())
}

/// Whether a row of the past was not struck out by a moment, as an expression.
pub(super) fn stands(past: &str, known: &str) -> String {
    format!("({past}.struck_at IS NULL OR {past}.struck_at > {known})")
}
