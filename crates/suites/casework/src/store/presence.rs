//! The rows of who looks at a case now.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::stored;
use crate::error::Result;
use crate::presence::Looking;

/// Looks that are swept away at once.
const SWEEP_ROWS: i64 = 20;

/// Sweeps a few looks that are long over.
pub(crate) async fn sweep_presences(conn: &mut PgConnection, fresh: OffsetDateTime) -> Result<()> {
    sqlx::query(
        r#"DELETE FROM casework.presence p USING (
             SELECT "case", account FROM casework.presence WHERE at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED) old
           WHERE p."case" = old."case" AND p.account = old.account"#,
    )
    .bind(fresh)
    .bind(SWEEP_ROWS)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Notes a look and tells who else looks, in one statement.
pub(crate) async fn presences(
    conn: &mut PgConnection,
    no: &str,
    (account, name): (Uuid, &str),
    (now, writing): (OffsetDateTime, bool),
    fresh: OffsetDateTime,
) -> Result<Vec<Looking>> {
    let rows: Vec<(String, OffsetDateTime, bool)> = sqlx::query_as(
        r#"WITH own AS (
             INSERT INTO casework.presence ("case", account, name, since, at, writing)
             VALUES ($1, $2, $3, $4, $4, $5)
             ON CONFLICT ("case", account) DO UPDATE SET at = $4, writing = $5, name = $3,
               since = CASE WHEN presence.at < $6 THEN $4 ELSE presence.since END)
           SELECT name, since, writing FROM casework.presence
           WHERE "case" = $1 AND account <> $2 AND at > $6 ORDER BY since, account LIMIT 20"#,
    )
    .bind(no)
    .bind(account)
    .bind(name)
    .bind(now)
    .bind(writing)
    .bind(fresh)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    let look = |(name, since, writing)| Looking { name, since, writing };
    Ok(rows.into_iter().map(look).collect())
}
