//! Certificates of staff.

use sqlx::{PgConnection, Row as _};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Result;
use crate::limits::LIMITS;
use crate::model::CertificateCard;

pub(crate) async fn cards(conn: &mut PgConnection, account: Uuid) -> Result<Vec<CertificateCard>> {
    let rows = sqlx::query(
        "SELECT id, issuer, serial, not_after, created, last_used FROM signon.certificate
         WHERE account = $1 ORDER BY created, id LIMIT $2",
    )
    .bind(account)
    .bind(i64::try_from(LIMITS.certificates).unwrap_or(i64::MAX))
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(CertificateCard {
                id: row.try_get("id")?,
                issuer: row.try_get("issuer")?,
                serial: row.try_get("serial")?,
                not_after: row.try_get("not_after")?,
                created: row.try_get("created")?,
                last_used: row.try_get("last_used")?,
            })
        })
        .collect()
}

/// Keeps a certificate. Returns whether it was nobody's before.
pub(crate) async fn insert(
    conn: &mut PgConnection,
    card: &CertificateCard,
    account: Uuid,
    fingerprint: &[u8],
) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO signon.certificate (id, fingerprint, account, issuer, serial, not_after, created)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (fingerprint) DO NOTHING",
    )
    .bind(card.id)
    .bind(fingerprint)
    .bind(account)
    .bind(&card.issuer)
    .bind(&card.serial)
    .bind(card.not_after)
    .bind(card.created)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes the use down. Returns whether the certificate is this account's.
pub(crate) async fn used(
    conn: &mut PgConnection,
    account: Uuid,
    fingerprint: &[u8],
    now: OffsetDateTime,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE signon.certificate SET last_used = $3 WHERE account = $1 AND fingerprint = $2",
    )
    .bind(account)
    .bind(fingerprint)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn remove(conn: &mut PgConnection, account: Uuid, id: Uuid) -> Result<bool> {
    let done = sqlx::query("DELETE FROM signon.certificate WHERE account = $1 AND id = $2")
        .bind(account)
        .bind(id)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn remove_all(conn: &mut PgConnection, account: Uuid) -> Result<u64> {
    let done = sqlx::query("DELETE FROM signon.certificate WHERE account = $1")
        .bind(account)
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}

pub(crate) async fn count(conn: &mut PgConnection, account: Uuid) -> Result<i32> {
    let count: i64 =
        sqlx::query_scalar("SELECT count(*) FROM signon.certificate WHERE account = $1")
            .bind(account)
            .fetch_one(conn)
            .await?;
    Ok(i32::try_from(count).unwrap_or(i32::MAX))
}
