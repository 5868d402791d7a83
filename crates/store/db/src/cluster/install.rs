//! Finds the programs of PostgreSQL on this machine.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{ClusterError, MAJOR_MIN, Result};

/// The newest installed PostgreSQL that can serve: the folder of its programs and its major version.
pub fn installed() -> Result<(PathBuf, u32)> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let major = entry.file_name().to_string_lossy().parse().ok()?;
            let bin = entry.path().join("bin");
            (major >= MAJOR_MIN && bin.join("initdb").exists()).then_some((major, bin))
        })
        .collect();
    if found.is_empty() {
        found.extend(from_pg_config());
    }
    found.sort();
    found.pop().map(|(major, bin)| (bin, major)).ok_or(ClusterError::NotInstalled)
}

fn from_pg_config() -> Option<(u32, PathBuf)> {
    let output = Command::new("pg_config").args(["--bindir", "--version"]).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines = text.lines();
    let bin = PathBuf::from(lines.next()?);
    let major = lines.next()?.split_whitespace().nth(1)?.split('.').next()?.parse().ok()?;
    (major >= MAJOR_MIN && bin.join("initdb").exists()).then_some((major, bin))
}
