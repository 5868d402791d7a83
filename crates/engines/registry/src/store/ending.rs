//! Records that end: what they said stays, and from that day on nothing holds.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_calendar::china_date;
use zhengtong_db::{Error as DbError, sql};

use super::table;
use crate::error::Result;
use crate::model::{Dataset, Origin};

pub(crate) const PAST_END: &str = include_str!("../../sql/past_end.sql");

/// Takes a record out of its table and puts down that nothing holds from today on.
pub(crate) async fn end(
    conn: &mut PgConnection,
    dataset: &Dataset,
    (id, record): (Uuid, Uuid),
    key: &str,
    (origin, now): (&Origin, OffsetDateTime),
) -> Result<()> {
    sqlx::query(PAST_END)
        .bind(id)
        .bind(&dataset.id)
        .bind(record)
        .bind(&origin.source)
        .bind(&origin.case)
        .bind(now)
        .bind(china_date(now))
        .bind(key)
        .execute(&mut *conn)
        .await
        .map_err(DbError::from)?;
    let statement = format!("DELETE FROM {} WHERE _id = $1", table(dataset));
    let query = sqlx::query(sql::trusted(statement)).bind(record);
    query.execute(conn).await.map_err(DbError::from)?;
    Ok(())
}
