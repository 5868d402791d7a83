//! The rows of what officers arrange for themselves.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::stored;
use crate::error::Result;
use crate::filters::{Arrangement, SavedFilter};
use crate::inbox::Sought;

pub(crate) async fn filters(conn: &mut PgConnection, account: Uuid) -> Result<Vec<SavedFilter>> {
    let rows: Vec<(Uuid, String, sqlx::types::Json<Sought>, bool)> = sqlx::query_as(
        "SELECT id, name, sought, first FROM casework.filter WHERE account = $1 ORDER BY at, id LIMIT 100",
    )
    .bind(account)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    let filter = |(id, name, sought, first): (Uuid, String, sqlx::types::Json<Sought>, bool)| {
        SavedFilter { id, name, sought: sought.0, first }
    };
    Ok(rows.into_iter().map(filter).collect())
}

pub(crate) async fn put_filter(
    conn: &mut PgConnection,
    account: Uuid,
    filter: &SavedFilter,
    now: OffsetDateTime,
) -> Result<()> {
    if filter.first {
        set_first(conn, account, None).await?;
    }
    sqlx::query(
        "INSERT INTO casework.filter (id, account, name, sought, first, at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (account, name) DO UPDATE SET sought = $4, first = $5",
    )
    .bind(filter.id)
    .bind(account)
    .bind(&filter.name)
    .bind(sqlx::types::Json(&filter.sought))
    .bind(filter.first)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Makes one filter the first, or none. Returns whether it was there.
pub(crate) async fn set_first(
    conn: &mut PgConnection,
    account: Uuid,
    filter: Option<Uuid>,
) -> Result<bool> {
    sqlx::query("UPDATE casework.filter SET first = false WHERE account = $1 AND first")
        .bind(account)
        .execute(&mut *conn)
        .await
        .map_err(stored)?;
    let Some(filter) = filter else { return Ok(true) };
    let set = sqlx::query("UPDATE casework.filter SET first = true WHERE account = $1 AND id = $2")
        .bind(account)
        .bind(filter)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(set.rows_affected() == 1)
}

pub(crate) async fn drop_filter(
    conn: &mut PgConnection,
    account: Uuid,
    filter: Uuid,
) -> Result<bool> {
    let gone = sqlx::query("DELETE FROM casework.filter WHERE account = $1 AND id = $2")
        .bind(account)
        .bind(filter)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(gone.rows_affected() == 1)
}

pub(crate) async fn arrangement(conn: &mut PgConnection, account: Uuid) -> Result<Arrangement> {
    let row: Option<(Vec<String>, i32)> =
        sqlx::query_as("SELECT columns, rows FROM casework.arrangement WHERE account = $1")
            .bind(account)
            .fetch_optional(conn)
            .await
            .map_err(stored)?;
    let read = |(columns, rows): (Vec<String>, i32)| Arrangement {
        columns,
        rows: u32::try_from(rows).unwrap_or(0),
    };
    Ok(row.map(read).unwrap_or_default())
}

pub(crate) async fn put_arrangement(
    conn: &mut PgConnection,
    account: Uuid,
    arrangement: &Arrangement,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO casework.arrangement (account, columns, rows) VALUES ($1, $2, $3)
         ON CONFLICT (account) DO UPDATE SET columns = $2, rows = $3",
    )
    .bind(account)
    .bind(&arrangement.columns)
    .bind(i32::try_from(arrangement.rows).unwrap_or(i32::MAX))
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}
