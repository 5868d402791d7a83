//! The sealer: takes committed entries in the order of their transactions, adds their leaves to the tree
//! and signs its root. One sealer at a time, on however many nodes.

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Connection as _, Row as _};
use time::OffsetDateTime;
use zhengtong_crypto::{Checkpoint, Digest, Frontier, NodeId, Plan, SignedCheckpoint, SigningKey};

use super::{
    STORED_LEVELS, column_moment, entry_columns, last_checkpoint, resolve_peaks, signed, sound,
    unsigned,
};
use crate::canon::micros;
use crate::error::{Error, Result};
use crate::{ORIGIN, SEAL_ENTRIES_MAX};

/// Entries after the last sealed one. Below the oldest running transaction everything is finished, so
/// nothing can still appear before what is taken here.
pub(super) const UNSEALED: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM ledger.entry e WHERE (e.txid, e.id) > ($1::text::xid8, $2)",
    " AND e.txid < pg_snapshot_xmin(pg_current_snapshot())",
    " AND NOT EXISTS (SELECT FROM ledger.leaf l WHERE l.entry = e.id)",
    " ORDER BY e.txid, e.id LIMIT $3"
);

/// Every entry without a leaf, wherever it stands. Transactions that this server has not begun yet are
/// those of the server that the record was restored from; their entries come first.
pub(super) const UNSEALED_EVERYWHERE: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM ledger.entry e WHERE (e.txid < pg_snapshot_xmin(pg_current_snapshot())",
    " OR e.txid >= pg_snapshot_xmax(pg_current_snapshot()))",
    " AND e.txid IS DISTINCT FROM pg_current_xact_id_if_assigned()",
    " AND NOT EXISTS (SELECT FROM ledger.leaf l WHERE l.entry = e.id)",
    " ORDER BY (e.txid < pg_snapshot_xmax(pg_current_snapshot())), e.txid, e.id LIMIT $1"
);

/// The last leaf and its entry; `ahead` when the entry's transaction is not one of this server.
pub(super) const LAST_LEAF: &str = "SELECT l.index, e.id, e.txid::text AS txid, \
    e.txid >= pg_snapshot_xmax(pg_current_snapshot()) AS ahead \
    FROM ledger.leaf l LEFT JOIN ledger.entry e ON e.id = l.entry ORDER BY l.index DESC LIMIT 1";

pub(super) const ADD_LEAVES: &str = "INSERT INTO ledger.leaf (index, entry, hash) \
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[])";

pub(super) const ADD_NODES: &str = "INSERT INTO ledger.node (level, index, hash) \
    SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[])";

pub(super) const ADD_KEY: &str =
    "INSERT INTO ledger.key (id, public) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";

pub(super) const ADD_CHECKPOINT: &str = "INSERT INTO ledger.checkpoint \
    (size, origin, root, at, key, signature) VALUES ($1, $2, $3, $4, $5, $6)";

/// One sealer at a time holds this lock.
const LOCK: i64 = 0x5a54_4c45_4447;

/// Which entries a sealing looks at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Those after the last sealed one.
    Recent,
    /// All.
    Everything,
}

/// Leaves and inner nodes to be added.
#[derive(Default)]
struct Growth {
    indexes: Vec<i64>,
    entries: Vec<i64>,
    hashes: Vec<Vec<u8>>,
    levels: Vec<i16>,
    node_indexes: Vec<i64>,
    node_hashes: Vec<Vec<u8>>,
}

/// Seals what was committed since the last sealing, at most 10 000 entries, and signs a checkpoint; none
/// when there was nothing to seal. To be called again until then.
pub async fn seal(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    key: &SigningKey,
) -> Result<Option<SignedCheckpoint>> {
    seal_within(conn, now, key, Reach::Recent).await
}

/// Like [`seal`], but looks at the whole record for entries that have no leaf. To be called once when a
/// node starts: after a restore into another server the order of transactions begins anew.
pub async fn catch_up(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    key: &SigningKey,
) -> Result<Option<SignedCheckpoint>> {
    seal_within(conn, now, key, Reach::Everything).await
}

async fn seal_within(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    key: &SigningKey,
    reach: Reach,
) -> Result<Option<SignedCheckpoint>> {
    let mut tx = conn.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
    let last = sqlx::query(LAST_LEAF).fetch_optional(&mut *tx).await?;
    let rows = unsealed(&mut tx, last.as_ref(), reach).await?;
    if rows.is_empty() {
        tx.commit().await?;
        return Ok(None);
    }
    let size = match &last {
        Some(row) => unsigned(row.try_get("index")?)? + 1,
        None => 0,
    };
    let mut frontier = trusted_frontier(&mut tx, size).await?;
    let growth = grow(&mut frontier, &rows)?;
    let time_us = micros(now);
    let checkpoint = Checkpoint {
        origin: ORIGIN.to_owned(),
        size: frontier.size(),
        root: frontier.root(),
        time_us,
    };
    let checkpoint = checkpoint.sign(key)?;
    write(&mut tx, growth).await?;
    let public = key.verifying_key();
    sqlx::query(ADD_KEY)
        .bind(public.id().to_string())
        .bind(public.as_bytes().as_slice())
        .execute(&mut *tx)
        .await?;
    sqlx::query(ADD_CHECKPOINT)
        .bind(signed(checkpoint.checkpoint.size)?)
        .bind(&checkpoint.checkpoint.origin)
        .bind(checkpoint.checkpoint.root.as_bytes().as_slice())
        .bind(column_moment(time_us)?)
        .bind(checkpoint.key.to_string())
        .bind(checkpoint.signature.as_bytes().as_slice())
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(Some(checkpoint))
}

/// The entries to seal, in their order.
async fn unsealed(
    conn: &mut PgConnection,
    last: Option<&PgRow>,
    reach: Reach,
) -> Result<Vec<PgRow>> {
    let (mut txid, mut id, mut ahead) = ("0".to_owned(), 0_i64, false);
    if let Some(row) = last {
        let gone = || Error::Broken("the entry of the last leaf is gone".to_owned());
        txid = row.try_get::<Option<String>, _>("txid")?.ok_or_else(gone)?;
        id = row.try_get::<Option<i64>, _>("id")?.ok_or_else(gone)?;
        ahead = row.try_get::<Option<bool>, _>("ahead")?.unwrap_or(false);
    }
    let rows = if ahead || reach == Reach::Everything {
        sqlx::query(UNSEALED_EVERYWHERE).bind(SEAL_ENTRIES_MAX).fetch_all(conn).await?
    } else {
        sqlx::query(UNSEALED).bind(txid).bind(id).bind(SEAL_ENTRIES_MAX).fetch_all(conn).await?
    };
    Ok(rows)
}

/// The right edge of the stored tree, which must be the tree of the last checkpoint: what was altered is
/// never sealed over.
async fn trusted_frontier(conn: &mut PgConnection, size: u64) -> Result<Frontier> {
    let peaks = resolve_peaks(conn, &Plan::root(size)).await?;
    let frontier = Frontier::from_peaks(size, peaks)
        .ok_or_else(|| Error::Broken("the tree has another number of peaks".to_owned()))?;
    let last = last_checkpoint(conn).await?;
    let signed = last.as_ref().map_or(0, |last| last.checkpoint.size);
    if signed != size {
        return Err(Error::Broken(format!("{size} leaves, the last checkpoint has {signed}")));
    }
    if last.is_some_and(|last| last.checkpoint.root != frontier.root()) {
        return Err(Error::Broken(format!("the tree of {size} leaves has another root")));
    }
    Ok(frontier)
}

fn grow(frontier: &mut Frontier, rows: &[PgRow]) -> Result<Growth> {
    let mut growth = Growth::default();
    for row in rows {
        let entry = sound(row)?;
        let hash = entry.leaf_hash();
        growth.indexes.push(signed(frontier.size())?);
        growth.entries.push(entry.id.0);
        growth.hashes.push(hash.as_bytes().to_vec());
        let mut completed: Vec<(NodeId, Digest)> = Vec::new();
        frontier.append_with(hash, |node, hash| completed.push((node, hash)));
        for (node, hash) in completed {
            if node.level % STORED_LEVELS == 0 {
                growth.levels.push(i16::from(node.level));
                growth.node_indexes.push(signed(node.index)?);
                growth.node_hashes.push(hash.as_bytes().to_vec());
            }
        }
    }
    Ok(growth)
}

async fn write(conn: &mut PgConnection, growth: Growth) -> Result<()> {
    sqlx::query(ADD_LEAVES)
        .bind(growth.indexes)
        .bind(growth.entries)
        .bind(growth.hashes)
        .execute(&mut *conn)
        .await?;
    if !growth.levels.is_empty() {
        sqlx::query(ADD_NODES)
            .bind(growth.levels)
            .bind(growth.node_indexes)
            .bind(growth.node_hashes)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}
