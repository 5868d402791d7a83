//! The verification of the record where it is stored: every entry, leaf, inner node, key and checkpoint is
//! read and computed again.

use std::collections::VecDeque;

use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgRow};
use zhengtong_crypto::{Digest, NodeId, SignedCheckpoint};

use super::{
    BATCH, KEYS, STORED_LEVELS, SURE_LEVELS, checkpoints, digest, last_size, read_checkpoint,
    read_entry, sealed, signed,
};
use crate::error::Result;
use crate::model::{EntryId, Fault, FaultKind, Report, Trust};
use crate::verify::{Verifier, malformed};

pub(super) const NODES: &str = "SELECT n.hash FROM unnest($1::smallint[], $2::bigint[]) \
    WITH ORDINALITY AS r (level, index, number) \
    LEFT JOIN ledger.node n ON n.level = r.level AND n.index = r.index ORDER BY r.number";

pub(super) const NODE_COUNT: &str = "SELECT count(*) FROM ledger.node n \
    WHERE n.level <= 0 OR n.level > 60 OR n.level % 4 <> 0 OR n.index < 0 \
    OR n.index >= $1::bigint >> n.level::int";

pub(super) const LEAVES_BEYOND: &str = "SELECT min(l.index) FROM ledger.leaf l \
    WHERE l.index < 0 OR l.index >= (SELECT coalesce(max(c.size), 0) FROM ledger.checkpoint c)";

pub(super) const UNSEALED_COUNT: &str = "SELECT count(*) FROM ledger.entry e \
    WHERE NOT EXISTS (SELECT FROM ledger.leaf l WHERE l.entry = e.id)";

/// An entry without a leaf that stands before the last sealed one: the sealer never comes there.
pub(super) const SKIPPED: &str = "SELECT e.id FROM ledger.entry e, \
    (SELECT s.txid, s.id FROM ledger.leaf l JOIN ledger.entry s ON s.id = l.entry \
     ORDER BY l.index DESC LIMIT 1) AS last \
    WHERE (e.txid, e.id) < (last.txid, last.id) AND last.txid < pg_snapshot_xmax(pg_current_snapshot()) \
    AND NOT EXISTS (SELECT FROM ledger.leaf l WHERE l.entry = e.id) ORDER BY e.id LIMIT 1";

/// Verifies the stored record, from the first entry to the last. What does not hold is a fault of the
/// report; an error is only what the database itself reports.
pub async fn verify_db(conn: &mut PgConnection, trust: &Trust) -> Result<Report> {
    let mut verifier = Verifier::new(trust);
    let outcome = check(conn, &mut verifier).await?;
    let unsealed: i64 = sqlx::query_scalar(UNSEALED_COUNT).fetch_one(conn).await?;
    verifier.unsealed(u64::try_from(unsealed).unwrap_or(0));
    Ok(verifier.finish(outcome))
}

/// A step that went on, or the fault that ends the verification.
type Held = std::result::Result<(), Fault>;

async fn check(conn: &mut PgConnection, verifier: &mut Verifier<'_>) -> Result<Held> {
    // What is sealed meanwhile is left out: keys are read after the size, so none can be missing.
    let last = last_size(conn).await?;
    for row in sqlx::query(KEYS).fetch_all(&mut *conn).await? {
        let id: String = row.try_get("id")?;
        if let Err(fault) = verifier.key(&id, row.try_get("public")?, &format!("key {id}")) {
            return Ok(Err(fault));
        }
    }
    if let Some(last) = last {
        let mut after = i64::MIN;
        while after < last {
            let rows = checkpoints(conn, after, last).await?;
            let Some(row) = rows.last() else { break };
            after = row.try_get("size")?;
            if let Err(fault) = check_stretch(conn, verifier, &rows, after).await? {
                return Ok(Err(verifier.first(fault)));
            }
        }
    }
    check_rest(conn).await
}

/// Some checkpoints and the leaves up to the last of them.
async fn check_stretch(
    conn: &mut PgConnection,
    verifier: &mut Verifier<'_>,
    rows: &[PgRow],
    last: i64,
) -> Result<Held> {
    let mut waiting = VecDeque::new();
    for row in rows {
        let size = row.try_get::<i64, _>("size")?;
        match read_checkpoint(row)? {
            Ok(signed) => waiting.push_back(signed),
            Err(field) => {
                return Ok(Err(malformed(None, &format!("checkpoint {size}"), field)));
            }
        }
    }
    let last = u64::try_from(last).unwrap_or(0);
    // Checkpoints that do not grow are due before any leaf is read.
    if let Err(fault) = check_due(verifier, &mut waiting) {
        return Ok(Err(fault));
    }
    while verifier.size() < last {
        let begin = verifier.size();
        let end = last.min(begin + BATCH);
        let mut completed = Vec::new();
        for row in sealed(conn, begin, end).await? {
            let held = check_leaf(verifier, &row, &mut completed)?
                .and_then(|()| check_due(verifier, &mut waiting));
            if held.is_err() {
                return Ok(held);
            }
        }
        if verifier.size() != end {
            let place = format!("leaf {}", verifier.size());
            return Ok(Err(Fault::new(FaultKind::LeafMissing, place)));
        }
        let held = check_nodes(conn, &completed).await?;
        if held.is_err() {
            return Ok(held);
        }
    }
    Ok(Ok(()))
}

/// The checkpoints whose leaves are complete.
fn check_due(verifier: &mut Verifier<'_>, waiting: &mut VecDeque<SignedCheckpoint>) -> Held {
    while let Some(signed) = waiting.pop_front_if(|next| next.checkpoint.size <= verifier.size()) {
        verifier.checkpoint(&signed, &format!("checkpoint {}", signed.checkpoint.size))?;
    }
    Ok(())
}

fn check_leaf(
    verifier: &mut Verifier<'_>,
    row: &PgRow,
    completed: &mut Vec<(NodeId, Digest)>,
) -> Result<Held> {
    let index: i64 = row.try_get("leaf_index")?;
    let place = format!("leaf {index}");
    let entry = EntryId(row.try_get("leaf_entry")?);
    if row.try_get::<Option<i64>, _>("id")?.is_none() {
        return Ok(Err(Fault::new(FaultKind::EntryMissing, place).of(entry)));
    }
    let entry = match read_entry(row)? {
        Ok(entry) => entry,
        Err((id, field)) => return Ok(Err(malformed(Some(id), &place, field))),
    };
    let Ok(stored) = digest(row.try_get("leaf_hash")?) else {
        return Ok(Err(malformed(Some(entry.id), &place, "hash")));
    };
    let index = u64::try_from(index).unwrap_or(u64::MAX);
    Ok(verifier.leaf(index, stored, &entry, |node, hash| {
        if node.level % STORED_LEVELS == 0 {
            completed.push((node, hash));
        }
    }))
}

/// The stored inner nodes must be those that the leaves make.
async fn check_nodes(conn: &mut PgConnection, expected: &[(NodeId, Digest)]) -> Result<Held> {
    if expected.is_empty() {
        return Ok(Ok(()));
    }
    let levels: Vec<i16> = expected.iter().map(|(node, _)| i16::from(node.level)).collect();
    let indexes =
        expected.iter().map(|(node, _)| signed(node.index)).collect::<Result<Vec<_>>>()?;
    let stored: Vec<Option<Vec<u8>>> =
        sqlx::query_scalar(NODES).bind(levels).bind(indexes).fetch_all(conn).await?;
    for ((node, hash), stored) in expected.iter().zip(stored) {
        if stored.is_none() && node.level % SURE_LEVELS != 0 {
            continue;
        }
        if stored.as_deref() != Some(hash.as_bytes().as_slice()) {
            let place = format!("node {} of level {}", node.index, node.level);
            return Ok(Err(Fault::new(FaultKind::NodeAltered, place).field("level, index, hash")));
        }
    }
    Ok(Ok(()))
}

/// Nothing may stand beside what was verified.
async fn check_rest(conn: &mut PgConnection) -> Result<Held> {
    let beyond: Option<i64> = sqlx::query_scalar(LEAVES_BEYOND).fetch_one(&mut *conn).await?;
    if let Some(index) = beyond {
        return Ok(Err(Fault::new(FaultKind::CheckpointMissing, format!("leaf {index}"))));
    }
    let leaves = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM ledger.leaf");
    let leaves: i64 = leaves.fetch_one(&mut *conn).await?;
    let strange: i64 = sqlx::query_scalar(NODE_COUNT).bind(leaves).fetch_one(&mut *conn).await?;
    if strange > 0 {
        let place = format!("{strange} nodes that no leaf stands under");
        return Ok(Err(Fault::new(FaultKind::NodeAltered, place)));
    }
    let skipped: Option<i64> = sqlx::query_scalar(SKIPPED).fetch_optional(conn).await?;
    Ok(match skipped {
        Some(id) => Err(Fault::new(FaultKind::EntrySkipped, format!("entry {id}")).of(EntryId(id))),
        None => Ok(()),
    })
}
