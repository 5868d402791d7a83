//! What the record and the backups promise.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tokio::process::Command;
use tokio::time::Instant;
use zhengtong_walk::city::City;

use crate::gauge::count;
use crate::rows::{Row, crowd};
use crate::{Bench, say};

/// How fast the record is sealed, and how long a proof takes.
pub(crate) async fn record(bench: &Bench) -> Result<Vec<Row>> {
    let mut city = bench.city("record").await?;
    city.up().await?;
    let acts = 50_000;
    // The server seals what is committed; the entries come by copying one of its own.
    city.psql(&format!(
        "INSERT INTO ledger.entry (at, name, verb, thing_kind, thing, request) \
         SELECT now(), 'bench', 'bench.act', 'bench', n::text, 'bench' FROM generate_series(1, {acts}) n"
    ))
    .await?;
    let from = Instant::now();
    let waiting = "SELECT count(*) AS left FROM ledger.entry e \
        WHERE NOT EXISTS (SELECT FROM ledger.leaf l WHERE l.entry = e.id)";
    loop {
        let rows = city.rows(waiting).await?;
        let left = rows.first().and_then(|row| row.get("left")?.as_i64()).unwrap_or(0);
        if left == 0 || from.elapsed() > Duration::from_mins(2) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let rate = count(acts) / from.elapsed().as_secs_f64();
    let sealed = Row::new("record-sealed", rate, "acts/s", ">= 5000", rate >= 5_000.0)
        .note("entries written at once, sealed into the tree by the running server; hashing, nodes, checkpoint");
    let proof = proof(bench, &city).await;
    let proof =
        proof.unwrap_or_else(|why| Row::missing("record-proof", "< 1 ms", format!("{why:#}")));
    city.stop().await?;
    Ok(vec![sealed, proof])
}

async fn proof(bench: &Bench, city: &City) -> Result<Row> {
    let program = bench.binary.with_file_name("examples").join("prove");
    let said = program_says(&program, &[&city.url()?, "5000"]).await?;
    let of = |word: &str| said.get(word).and_then(Value::as_f64);
    let p99 = of("p99").context("no p99")? / 1_000.0;
    Ok(Row::new("record-proof", p99, "ms", "< 1 ms", p99 < 1.0).note(format!(
        "p99 of {} inclusion proofs over {} leaves, each from the tables and compared with its entry; median {:.3} ms, most {:.3} ms",
        of("proofs").unwrap_or(0.0),
        of("leaves").unwrap_or(0.0),
        of("p50").unwrap_or(0.0) / 1_000.0,
        of("most").unwrap_or(0.0) / 1_000.0,
    )))
}

/// What a measuring program prints: one line of JSON.
async fn program_says(program: &Path, words: &[&str]) -> Result<Value> {
    let output = Command::new(program).args(words).stdin(Stdio::null()).output().await;
    let output = output.with_context(|| format!("{} is not built", program.display()))?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// A backup of the large city while it runs, and its restore to a whole new folder.
pub(crate) async fn restore(bench: &Bench) -> Result<Vec<Row>> {
    let mut city = bench.city("large").await?;
    city.up().await?;
    crowd(&city, bench.cases).await?;
    let bytes = size(&city).await?;
    let passphrase = bench.work.join("passphrase");
    fs::write(&passphrase, "measured, not secret: 7319")?;
    private(&passphrase)?;
    let (target, secret) = (bench.work.join("city.ztb"), passphrase.to_string_lossy().into_owned());
    let from = Instant::now();
    let target_word = target.to_string_lossy().into_owned();
    let (fine, said) =
        city.run(&["backup", "--to", &target_word, "--passphrase-file", &secret]).await?;
    ensure!(fine, "backup: {said}");
    let taken = from.elapsed().as_secs_f64();
    say(&format!("{bytes:.0} MB of database, backed up in {taken:.1} s"));
    city.stop().await?;
    fs::remove_dir_all(&city.folder)?;
    let other = City::at(&bench.binary, &bench.work.join("restored"))?;
    let from = Instant::now();
    let (fine, said) = other.run(&["restore", &target_word, "--passphrase-file", &secret]).await?;
    ensure!(fine, "restore: {said}");
    let seconds = from.elapsed().as_secs_f64();
    let file = count(fs::metadata(&target)?.len()) / 1e6;
    let row = |id: &str, seconds: f64| {
        let mut row = Row::new(id, bytes / seconds, "MB/s", "written down", true);
        row.ok = None;
        row.note(format!(
            "{seconds:.1} s ({:.1} minutes) for {} more cases, {bytes:.0} MB of database, {file:.0} MB of backup file",
            seconds / 60.0,
            bench.cases
        ))
    };
    let mut restored = other;
    restored.up().await?;
    restored.stop().await?;
    Ok(vec![row("backup", taken), row("restore", seconds)])
}

/// Megabytes of the database.
async fn size(city: &City) -> Result<f64> {
    let rows = city.rows("SELECT pg_database_size(current_database()) AS size").await?;
    let size = rows.first().and_then(|row| row.get("size")?.as_f64()).context("no size")?;
    Ok(size / 1e6)
}

fn private(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::set_permissions(file, fs::Permissions::from_mode(0o600))?)
}
