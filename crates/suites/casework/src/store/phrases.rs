//! The rows of officers' own phrases.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::stored;
use crate::error::Result;

pub(crate) async fn phrases(
    conn: &mut PgConnection,
    account: Uuid,
    effect: &str,
) -> Result<Vec<(Uuid, String)>> {
    sqlx::query_as(
        "SELECT id, text FROM casework.phrase WHERE account = $1 AND effect = $2 ORDER BY at, id LIMIT 200",
    )
    .bind(account)
    .bind(effect)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// Adds a phrase unless there are too many. Returns whether it was added.
pub(crate) async fn add_phrase(
    conn: &mut PgConnection,
    (id, account): (Uuid, Uuid),
    (effect, text): (&str, &str),
    now: OffsetDateTime,
    most: i64,
) -> Result<bool> {
    let added = sqlx::query(
        "INSERT INTO casework.phrase (id, account, effect, text, at)
         SELECT $1, $2, $3, $4, $5 WHERE (SELECT count(*) FROM casework.phrase WHERE account = $2) < $6",
    )
    .bind(id)
    .bind(account)
    .bind(effect)
    .bind(text)
    .bind(now)
    .bind(most)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(added.rows_affected() == 1)
}

pub(crate) async fn drop_phrase(conn: &mut PgConnection, account: Uuid, id: Uuid) -> Result<bool> {
    let gone = sqlx::query("DELETE FROM casework.phrase WHERE account = $1 AND id = $2")
        .bind(account)
        .bind(id)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(gone.rows_affected() == 1)
}
