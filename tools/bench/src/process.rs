//! Durable steps of processes, beside engines that save their state after each step in the same PostgreSQL; and what decisions
//! and clocks promise.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tokio::process::Command;

use crate::rows::Row;
use crate::{Bench, say};

/// How many hands work at the same time, ours and the peers'.
const WORKERS: &str = "16";
/// Timers that wait while steps go on.
const TIMERS: &str = "100000";
const BAR: &str = ">= 3000/s and >= 30 x the better peer";

/// Linear, parallel and fifty at once, with 100 000 timers waiting besides.
pub(crate) async fn process(bench: &Bench) -> Result<Vec<Row>> {
    let program = bench.binary.with_file_name("examples").join("steps");
    let folder = bench.work.join("steps");
    let seconds = bench.seconds.to_string();
    let output = Command::new(&program)
        .arg(&folder)
        .args([&seconds, WORKERS, TIMERS])
        .args(peers(bench, &seconds))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .await
        .with_context(|| format!("{} is not built", program.display()))?;
    ensure!(output.status.success(), "the steps could not be measured");
    let lines: Vec<Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .inspect(|line| say(&format!("    {line}")))
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let figures = ["linear", "parallel", "several"].map(|figure| steps(&lines, figure));
    let timers = ["timers placed", "timers fired", "linear beside waiting timers"].map(|figure| {
        let value =
            ours(&lines, figure, "per_second").or_else(|| ours(&lines, figure, "steps_per_second"));
        let id = format!("process-{}", figure.replace(' ', "-"));
        let mut row = match value {
            Some(value) => Row::new(&id, value, "/s", "written down", true),
            None => Row::missing(&id, "written down", "not told"),
        };
        row.ok = None;
        row
    });
    Ok(figures.into_iter().chain(timers).collect())
}

/// The peers that are there, each as one line for a shell.
fn peers(bench: &Bench, seconds: &str) -> Vec<String> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/peers"));
    let mut lines = Vec::new();
    if let Some(python) = bench.spiff.as_deref().filter(|python| python.exists()) {
        // It waits for the disk in its own process, so some more of them than processors.
        let python = python.display();
        lines.push(format!("'{python}' '{}/spiff.py' {seconds} 4", folder.display()));
    }
    if folder.join("node_modules").exists() {
        lines.push(format!("node '{}/engine.mjs' {seconds} {WORKERS}", folder.display()));
    }
    lines
}

fn ours(lines: &[Value], figure: &str, word: &str) -> Option<f64> {
    let line = lines.iter().find(|line| line.get("peer").is_none() && is(line, figure))?;
    line.get(word)?.as_f64()
}

fn is(line: &Value, figure: &str) -> bool {
    line.get("figure").and_then(Value::as_str) == Some(figure)
}

fn steps(lines: &[Value], figure: &str) -> Row {
    let id = format!("process-{figure}");
    let Some(value) = ours(lines, figure, "steps_per_second") else {
        return Row::missing(&id, BAR, "not told");
    };
    let rate = |line: &Value| line.get("steps_per_second").and_then(Value::as_f64);
    let told = |line: &Value| {
        let name = line.get("peer")?.as_str()?.to_owned();
        Some((name, rate(line)?))
    };
    let mut peers: Vec<(String, f64)> =
        lines.iter().filter(|line| is(line, figure)).filter_map(told).collect();
    peers.sort_by(|one, other| other.1.total_cmp(&one.1));
    let note = peers.iter().map(|(name, rate)| format!("{name}: {rate}/s")).collect::<Vec<_>>();
    let mut row = Row::new(&id, value, "steps/s", BAR, false).note(format!(
        "each step committed to the disk by itself, 16 at once; {}",
        if note.is_empty() { "no peer is installed".to_owned() } else { note.join(", ") }
    ));
    match peers.into_iter().next() {
        Some((name, best)) => {
            let ratio = value / best.max(0.01);
            row.ok = Some(value >= 3_000.0 && ratio >= 30.0);
            row.ratio = Some((ratio * 100.0).round() / 100.0);
            (row.peer, row.peer_value) = (Some(name), Some(best));
        }
        None => row.ok = (value < 3_000.0).then_some(false),
    }
    row
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_better_peer_is_the_one_that_counts() {
        let of = |ours: f64| {
            vec![
                json!({"figure": "linear", "steps_per_second": ours}),
                json!({"peer": "a", "figure": "linear", "steps_per_second": 40.0}),
                json!({"peer": "b", "figure": "linear", "steps_per_second": 100.0}),
                json!({"peer": "b", "figure": "parallel", "steps_per_second": 900.0}),
            ]
        };
        let row = steps(&of(3_100.0), "linear");
        assert_eq!((row.peer.as_deref(), row.ratio, row.ok), (Some("b"), Some(31.0), Some(true)));
        assert_eq!(steps(&of(2_900.0), "linear").ok, Some(false), "too few");
        assert_eq!(steps(&of(3_000.0)[..1], "linear").ok, None, "nobody to compare with");
        assert_eq!(steps(&of(3_000.0), "parallel").value, None, "ours is missing");
    }
}
