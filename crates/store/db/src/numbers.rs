//! Running numbers: 1, 2, 3 … of a series, each once, and none lost when a transaction is undone.
//!
//! A counter would make everybody wait for the transaction before, so numbers are laid ready, by a transaction of their
//! own; whoever comes takes the lowest that nobody else is about to take. What is undone lies ready again: every number
//! up to the last is either taken or ready.

use sqlx::PgConnection;

use crate::ctx::Ctx;
use crate::error::Result;

/// Jobs of this kind laid numbers ready in earlier versions; those that still wait have nothing to do.
pub(crate) const FORMER_JOB: &str = "db.numbers";
/// How many are laid ready at once: more than transactions run at the same time.
const READY: i64 = 64;
/// How often it is tried to take one that was laid ready, before the series is waited for.
const TRIES: u32 = 4;

/// Takes the lowest number that lies ready and that nobody is about to take: $1 series.
const TAKE: &str = "DELETE FROM db.number WHERE series = $1 AND number =
         (SELECT number FROM db.number WHERE series = $1 ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING number";

/// Lays $2 numbers of the series $1 ready, unless half as many lie there or somebody else has the series in hand; says
/// whether the series is there at all.
const LAY: &str = "WITH line AS (
         SELECT name FROM db.series WHERE name = $1
             AND (SELECT count(*) FROM db.number WHERE series = $1) < $2 / 2 FOR UPDATE SKIP LOCKED),
     more AS (
         UPDATE db.series SET last = last + $2 WHERE name IN (SELECT name FROM line) RETURNING last),
     laid AS (
         INSERT INTO db.number (series, number)
         SELECT $1, number FROM more, generate_series(more.last - $2 + 1, more.last) AS number)
     SELECT EXISTS (SELECT FROM db.series WHERE name = $1)";

impl Ctx {
    /// The next number of a series, from 1.
    pub async fn number(&mut self, series: &str) -> Result<i64> {
        for _ in 0..TRIES {
            if let Some(number) = take(self.conn(), series).await? {
                return Ok(number);
            }
            // On a line of its own: nobody waits for this transaction to end, and this one waits for no other.
            let known: bool =
                sqlx::query_scalar(LAY).bind(series).bind(READY).fetch_one(&self.side).await?;
            if !known {
                break;
            }
        }
        // The first number of a series makes it, with the transaction.
        Ok(sqlx::query_scalar(
            "INSERT INTO db.series (name, last) VALUES ($1, 1)
             ON CONFLICT (name) DO UPDATE SET last = db.series.last + 1 RETURNING last",
        )
        .bind(series)
        .fetch_one(self.conn())
        .await?)
    }
}

async fn take(conn: &mut PgConnection, series: &str) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar(TAKE).bind(series).fetch_optional(conn).await?)
}
