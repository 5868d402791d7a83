//! What came of each scenario: lines for people, a file for machines.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

/// The outcome of one scenario.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    /// Folder of the pack.
    pub(crate) pack: String,
    /// File below `packs/`.
    pub(crate) file: String,
    /// Line of the scenario.
    pub(crate) line: usize,
    /// Name of the feature.
    pub(crate) feature: String,
    /// Name of the scenario.
    pub(crate) scenario: String,
    /// Did it hold?
    pub(crate) passed: bool,
    /// Why not.
    pub(crate) error: Option<String>,
    /// Milliseconds it took.
    pub(crate) ms: u128,
}

/// Prints one outcome.
pub(crate) fn line(out: &mut dyn Write, outcome: &Outcome) -> Result<()> {
    let Outcome { file, line, scenario, ms, .. } = outcome;
    match &outcome.error {
        None => writeln!(out, "  ok    {scenario} ({ms} ms)")?,
        Some(error) => {
            writeln!(out, "  FAIL  {scenario} ({ms} ms)\n    {file}:{line}")?;
            for line in error.lines() {
                writeln!(out, "    {line}")?;
            }
        }
    }
    Ok(())
}

/// Prints the closing line; true when all is well.
pub(crate) fn close(out: &mut dyn Write, outcomes: &[Outcome]) -> Result<bool> {
    let passed = outcomes.iter().filter(|outcome| outcome.passed).count();
    let failed = outcomes.len() - passed;
    if outcomes.is_empty() {
        writeln!(out, "no story was found")?;
    }
    writeln!(out, "{passed} passed, {failed} failed")?;
    Ok(failed == 0 && passed > 0)
}

/// Writes the file for machines.
pub(crate) fn write(path: &Path, outcomes: &[Outcome]) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let text = serde_json::to_string_pretty(outcomes)?;
    std::fs::write(path, text + "\n").with_context(|| path.display().to_string())
}
