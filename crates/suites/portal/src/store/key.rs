//! Keys for programs.

use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::stored;
use crate::error::Result;
use crate::model::Key;

/// A key as it is kept.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct KeyRow {
    pub(crate) id: Uuid,
    pub(crate) account: Uuid,
    pub(crate) person: Uuid,
    pub(crate) post: Uuid,
    pub(crate) department: Uuid,
    pub(crate) title: String,
    pub(crate) created: OffsetDateTime,
    pub(crate) expires: OffsetDateTime,
    pub(crate) revoked: Option<OffsetDateTime>,
    pub(crate) daily: i32,
    pub(crate) day: Option<Date>,
    pub(crate) used: i32,
}

impl KeyRow {
    pub(crate) fn key(self, today: Date) -> Key {
        Key {
            id: self.id,
            title: self.title,
            created: self.created,
            expires: self.expires,
            revoked: self.revoked,
            daily: self.daily,
            used: if self.day == Some(today) { self.used } else { 0 },
        }
    }
}

const COLUMNS: &str =
    "id, account, person, post, department, title, created, expires, revoked, daily, day, used";

pub(crate) async fn insert_key(conn: &mut PgConnection, key: &KeyRow, digest: &[u8]) -> Result<()> {
    sqlx::query(
        "INSERT INTO portal.key (id, digest, account, person, post, department, title, created, expires, daily)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(key.id)
    .bind(digest)
    .bind(key.account)
    .bind(key.person)
    .bind(key.post)
    .bind(key.department)
    .bind(&key.title)
    .bind(key.created)
    .bind(key.expires)
    .bind(key.daily)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Counts one use of a key that is good, and gives it with the count; none when there is no such key.
pub(crate) async fn use_key(
    conn: &mut PgConnection,
    digest: &[u8],
    now: OffsetDateTime,
    today: Date,
) -> Result<Option<KeyRow>> {
    sqlx::query_as(
        "UPDATE portal.key SET day = $3, used = CASE WHEN day = $3 THEN used + 1 ELSE 1 END
         WHERE digest = $1 AND revoked IS NULL AND expires > $2
         RETURNING id, account, person, post, department, title, created, expires, revoked, daily, day, used",
    )
    .bind(digest)
    .bind(now)
    .bind(today)
    .fetch_optional(conn)
    .await
    .map_err(stored)
}

pub(crate) async fn keys(
    conn: &mut PgConnection,
    person: Uuid,
    rows_max: i64,
) -> Result<Vec<KeyRow>> {
    let statement = format!(
        "SELECT {COLUMNS} FROM portal.key WHERE person = $1 ORDER BY created DESC, id LIMIT $2"
    );
    sqlx::query_as(zhengtong_db::sql::trusted(statement))
        .bind(person)
        .bind(rows_max)
        .fetch_all(conn)
        .await
        .map_err(stored)
}

pub(crate) async fn revoke_key(
    conn: &mut PgConnection,
    id: Uuid,
    person: Uuid,
    now: OffsetDateTime,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE portal.key SET revoked = $3 WHERE id = $1 AND person = $2 AND revoked IS NULL",
    )
    .bind(id)
    .bind(person)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(done.rows_affected() == 1)
}
