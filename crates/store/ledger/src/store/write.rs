//! The export of the record into one file that is verified without any database.

use std::collections::VecDeque;
use std::io::Write;

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Connection as _, Row as _};
use zhengtong_crypto::VerifyingKey;

use super::{BATCH, KEYS, checkpoints, digest, last_size, read_checkpoint, sealed, sound};
use crate::error::{Error, Result};
use crate::file::Export;

/// Writes the sealed record: keys, entries with their leaves, checkpoints. Returns the number of entries.
/// What stands under no checkpoint yet is not part of it.
/// The connection must not be inside a transaction.
pub async fn export(conn: &mut PgConnection, writer: &mut (dyn Write + Send)) -> Result<u64> {
    // One transaction, so that keys, leaves and checkpoints are of one moment.
    let mut tx = conn.begin().await?;
    sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        .execute(&mut *tx)
        .await?;
    let mut export = Export::begin(writer)?;
    for row in sqlx::query(KEYS).fetch_all(&mut *tx).await? {
        let bytes: &[u8] = row.try_get("public")?;
        let key = <[u8; 32]>::try_from(bytes)
            .ok()
            .and_then(|bytes| VerifyingKey::from_bytes(bytes).ok())
            .ok_or_else(|| Error::Broken("a public key is altered".to_owned()))?;
        export.key(&key)?;
    }
    let mut written = 0;
    let last = last_size(&mut tx).await?.unwrap_or(0);
    let mut after = 0;
    while after < last {
        let rows = checkpoints(&mut tx, after, last).await?;
        let Some(row) = rows.last() else { break };
        after = row.try_get("size")?;
        written = write_stretch(&mut tx, &mut export, &rows, written).await?;
    }
    export.end()?;
    tx.commit().await?;
    Ok(written)
}

/// Writes some checkpoints and the leaves up to the last of them.
async fn write_stretch(
    conn: &mut PgConnection,
    export: &mut Export<'_>,
    rows: &[PgRow],
    written: u64,
) -> Result<u64> {
    let mut waiting = VecDeque::new();
    for row in rows {
        let signed = read_checkpoint(row)?
            .map_err(|field| Error::Broken(format!("a checkpoint has no sound {field}")))?;
        waiting.push_back(signed);
    }
    let last = waiting.back().map_or(0, |last| last.checkpoint.size);
    let mut written = written;
    while written < last {
        let end = last.min(written + BATCH);
        for row in sealed(conn, written, end).await? {
            if row.try_get::<Option<i64>, _>("id")?.is_none() {
                return Err(Error::Broken("a sealed entry is gone".to_owned()));
            }
            export.leaf(written, digest(row.try_get("leaf_hash")?)?, sound(&row)?)?;
            written += 1;
            while let Some(due) = waiting.pop_front_if(|next| next.checkpoint.size <= written) {
                export.checkpoint(&due)?;
            }
        }
        if written != end {
            return Err(Error::Broken(format!("leaf {written} is gone")));
        }
    }
    Ok(written)
}
