//! Figures for those who watch over the platform.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};

use zhengtong_db::Result;

use super::organisation;

/// How many sessions are neither ended nor expired.
pub async fn sessions_open(conn: &mut PgConnection, now: OffsetDateTime) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "SELECT count(*) FROM party.session WHERE expires > $1 AND revoked_at IS NULL",
    )
    .bind(now)
    .fetch_one(conn)
    .await?)
}

/// How many people hold a role on a day and can log in: whether an administrator is named.
pub async fn role_holders(conn: &mut PgConnection, role: &str, today: Date) -> crate::Result<i64> {
    organisation::administrators(conn, role, None, true, today).await
}
