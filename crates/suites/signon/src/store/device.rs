//! Tokens of devices, and signed proofs that were seen.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::error::Result;

/// A token of a device.
#[derive(Debug)]
pub(crate) struct DeviceRow {
    pub(crate) client: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) created: OffsetDateTime,
    pub(crate) expires: OffsetDateTime,
}

pub(crate) async fn put(
    conn: &mut PgConnection,
    hash: &[u8],
    client: &str,
    scopes: &[String],
    (created, expires): (OffsetDateTime, OffsetDateTime),
) -> Result<()> {
    sqlx::query(
        "INSERT INTO signon.device_token (hash, client, scopes, created, expires)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(hash)
    .bind(client)
    .bind(scopes)
    .bind(created)
    .bind(expires)
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn find(conn: &mut PgConnection, hash: &[u8]) -> Result<Option<DeviceRow>> {
    let row: Option<(String, Vec<String>, OffsetDateTime, OffsetDateTime)> = sqlx::query_as(
        "SELECT client, scopes, created, expires FROM signon.device_token WHERE hash = $1",
    )
    .bind(hash)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|(client, scopes, created, expires)| DeviceRow { client, scopes, created, expires }))
}

/// Takes one token of a device back.
pub(crate) async fn drop_token(conn: &mut PgConnection, hash: &[u8], client: &str) -> Result<()> {
    sqlx::query("DELETE FROM signon.device_token WHERE hash = $1 AND client = $2")
        .bind(hash)
        .bind(client)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes all tokens of a device back. Returns how many.
pub(crate) async fn drop_all(conn: &mut PgConnection, client: &str) -> Result<u64> {
    let done = sqlx::query("DELETE FROM signon.device_token WHERE client = $1")
        .bind(client)
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}

/// Notes a signed proof. Returns whether it was not seen before.
pub(crate) async fn first_use(
    conn: &mut PgConnection,
    hash: &[u8],
    until: OffsetDateTime,
) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO signon.assertion (hash, expires) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    )
    .bind(hash)
    .bind(until)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
