//! Measures proofs against a real database: `prove URL COUNT` proves entries spread over the whole record, compares each
//! with its entry, and prints one line of JSON: how many, and microseconds at the median, p99 and most.

use std::io::Write as _;
use std::time::Instant;

use zhengtong_db::{Db, Settings};
use zhengtong_ledger::EntryId;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(count)) = (arguments.next(), arguments.next()) else {
        return Err("prove URL COUNT".into());
    };
    let count: i64 = count.parse()?;
    let db = Db::open(&url, Settings::default())?;
    let mut connection = db.pool().acquire().await?;
    let last =
        zhengtong_ledger::last_checkpoint(&mut connection).await?.ok_or("nothing is sealed yet")?;
    let size = i64::try_from(last.checkpoint.size)?;
    let ids: Vec<i64> = sqlx::query_scalar(
        "SELECT entry FROM ledger.leaf WHERE index % greatest($1 / $2, 1) = 0 LIMIT $2",
    )
    .bind(size)
    .bind(count)
    .fetch_all(&mut *connection)
    .await?;
    let mut micros = Vec::with_capacity(ids.len());
    for id in ids {
        let from = Instant::now();
        let proof = zhengtong_ledger::prove(&mut connection, EntryId(id)).await?;
        micros.push(u64::try_from(from.elapsed().as_micros())?);
        let entry = zhengtong_ledger::find(&mut connection, EntryId(id)).await?;
        if proof.leaf != entry.leaf_hash() {
            return Err(format!("entry {id} is not the leaf that was proven").into());
        }
    }
    micros.sort_unstable();
    let at = |part: usize| {
        micros.get((micros.len() * part / 100).min(micros.len().saturating_sub(1))).copied()
    };
    let line = serde_json::json!({ "proofs": micros.len(), "leaves": size, "p50": at(50), "p99": at(99), "most": at(100) });
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}
