//! Failures so far, by what they are counted for.

use sqlx::{PgConnection, Row as _};
use time::OffsetDateTime;

use crate::error::Result;

/// Failures of one kind and key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count {
    pub(crate) failed: i32,
    pub(crate) since: OffsetDateTime,
    pub(crate) until: Option<OffsetDateTime>,
    pub(crate) rounds: i32,
}

/// The count; its row is made if need be and locked until the transaction ends, so that tries at the same
/// time are counted one after the other.
pub(crate) async fn take(
    conn: &mut PgConnection,
    kind: &str,
    key: &str,
    now: OffsetDateTime,
) -> Result<Count> {
    let row = sqlx::query(
        "INSERT INTO party.throttle AS throttle (kind, key, failed, since) VALUES ($1, $2, 0, $3)
         ON CONFLICT (kind, key) DO UPDATE SET failed = throttle.failed
         RETURNING failed, since, until, rounds",
    )
    .bind(kind)
    .bind(key)
    .bind(now)
    .fetch_one(conn)
    .await?;
    Ok(Count {
        failed: row.try_get("failed")?,
        since: row.try_get("since")?,
        until: row.try_get("until")?,
        rounds: row.try_get("rounds")?,
    })
}

/// Until when a key is banned, without locking its row.
pub(crate) async fn until(
    conn: &mut PgConnection,
    kind: &str,
    key: &str,
) -> Result<Option<OffsetDateTime>> {
    let until: Option<Option<OffsetDateTime>> =
        sqlx::query_scalar("SELECT until FROM party.throttle WHERE kind = $1 AND key = $2")
            .bind(kind)
            .bind(key)
            .fetch_optional(conn)
            .await?;
    Ok(until.flatten())
}

pub(crate) async fn put(
    conn: &mut PgConnection,
    kind: &str,
    key: &str,
    count: Count,
) -> Result<()> {
    sqlx::query(
        "UPDATE party.throttle SET failed = $3, since = $4, until = $5, rounds = $6
         WHERE kind = $1 AND key = $2",
    )
    .bind(kind)
    .bind(key)
    .bind(count.failed)
    .bind(count.since)
    .bind(count.until)
    .bind(count.rounds)
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn forget(conn: &mut PgConnection, kind: &str, key: &str) -> Result<()> {
    sqlx::query("DELETE FROM party.throttle WHERE kind = $1 AND key = $2")
        .bind(kind)
        .bind(key)
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets all counts of a login, from whatever address.
pub(crate) async fn forget_login(conn: &mut PgConnection, digest: &str) -> Result<()> {
    sqlx::query(
        "DELETE FROM party.throttle
         WHERE kind IN ('login', 'pair', 'long') AND left(key, length($1)) = $1",
    )
    .bind(digest)
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes counts that can ban nobody any more; those whose ban grows are kept until `long_ago`.
pub(crate) async fn sweep(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    day_ago: OffsetDateTime,
    long_ago: OffsetDateTime,
    limit: i64,
) -> Result<u64> {
    let done = sqlx::query(
        "DELETE FROM party.throttle WHERE (kind, key) IN
            (SELECT kind, key FROM party.throttle
             WHERE coalesce(until, '-infinity') < $1
               AND since < CASE WHEN kind = 'long' THEN $3 ELSE $2 END LIMIT $4)",
    )
    .bind(now)
    .bind(day_ago)
    .bind(long_ago)
    .bind(limit)
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
