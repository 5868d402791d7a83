//! Which account at an outside provider leads to which account here.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Result;

/// A link of an account: provider, since when, last used.
pub(crate) type LinkRow = (String, OffsetDateTime, Option<OffsetDateTime>);

pub(crate) async fn account(
    conn: &mut PgConnection,
    provider: &str,
    subject: &str,
) -> Result<Option<Uuid>> {
    Ok(sqlx::query_scalar("SELECT account FROM signon.link WHERE provider = $1 AND subject = $2")
        .bind(provider)
        .bind(subject)
        .fetch_optional(conn)
        .await?)
}

pub(crate) async fn of_account(conn: &mut PgConnection, account: Uuid) -> Result<Vec<LinkRow>> {
    Ok(sqlx::query_as(
        "SELECT provider, linked, last_used FROM signon.link WHERE account = $1 ORDER BY provider LIMIT 50",
    )
    .bind(account)
    .fetch_all(conn)
    .await?)
}

/// Keeps a link. Returns whether both ends were free.
pub(crate) async fn insert(
    conn: &mut PgConnection,
    (provider, subject): (&str, &str),
    account: Uuid,
    now: OffsetDateTime,
) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO signon.link (provider, subject, account, linked) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
    )
    .bind(provider)
    .bind(subject)
    .bind(account)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn used(
    conn: &mut PgConnection,
    provider: &str,
    subject: &str,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query("UPDATE signon.link SET last_used = $3 WHERE provider = $1 AND subject = $2")
        .bind(provider)
        .bind(subject)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Removes a link. Returns whether it was there.
pub(crate) async fn remove(conn: &mut PgConnection, account: Uuid, provider: &str) -> Result<bool> {
    let done = sqlx::query("DELETE FROM signon.link WHERE account = $1 AND provider = $2")
        .bind(account)
        .bind(provider)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}
