//! How far the sealing is behind, and reading on from an entry: for those who watch over the record.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{entry_columns, search_conditions, sound};
use crate::error::Result;
use crate::model::{Entry, EntryId, Search};

/// Entries after the last sealed one, by the order of sealing; no further than a bound.
pub(super) const LAG: &str = "WITH last AS (SELECT e.txid, e.id FROM ledger.leaf l \
    JOIN ledger.entry e ON e.id = l.entry ORDER BY l.index DESC LIMIT 1) \
    SELECT count(*), min(waiting.at) FROM (SELECT e.at FROM ledger.entry e \
    WHERE (NOT EXISTS (SELECT FROM last) OR (e.txid, e.id) > (SELECT txid, id FROM last)) \
    AND NOT EXISTS (SELECT FROM ledger.leaf l WHERE l.entry = e.id) \
    ORDER BY e.txid, e.id LIMIT $1) AS waiting";

pub(super) const SEARCH_BEFORE: &str = concat!(
    "SELECT ",
    entry_columns!(),
    search_conditions!(),
    " AND ($11::bigint IS NULL OR e.id < $11) ORDER BY e.id DESC LIMIT $12"
);

/// Counts no further than this.
const LAG_MAX: i64 = 100_000;

/// What is sealed and what waits for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// Entries under the last checkpoint.
    pub sealed: u64,
    /// Entries that wait, counted no further than 100 000.
    pub unsealed: u64,
    /// When the oldest of them was recorded.
    pub since: Option<OffsetDateTime>,
}

/// How far the sealing is behind.
pub async fn lag(conn: &mut PgConnection) -> Result<Lag> {
    let sealed = super::last_size(conn).await?.unwrap_or(0);
    let (unsealed, since): (i64, Option<OffsetDateTime>) =
        sqlx::query_as(LAG).bind(LAG_MAX).fetch_one(conn).await?;
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(Lag { sealed: count(sealed), unsealed: count(unsealed), since })
}

/// The entries that fit a search below an entry, the latest first, at most `rows`: however deep, as quick
/// as the first ones.
pub async fn search_before(
    conn: &mut PgConnection,
    search: &Search,
    before: Option<EntryId>,
    rows: u32,
) -> Result<Vec<Entry>> {
    let rows = sqlx::query(SEARCH_BEFORE)
        .persistent(false)
        .bind(search.from)
        .bind(search.to)
        .bind(search.account)
        .bind(search.person)
        .bind(search.organisation)
        .bind(search.subject)
        .bind(&search.verb)
        .bind(&search.thing_kind)
        .bind(&search.thing)
        .bind(&search.request)
        .bind(before.map(|before| before.0))
        .bind(i64::from(rows))
        .fetch_all(conn)
        .await?;
    rows.iter().map(sound).collect()
}
