//! I10: nothing in the logs that must never be there.

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::{Broken, broken};

/// What no fault excuses.
const NEVER: &[&str] = &["panicked at", "stack overflow", "memory allocation of"];
/// What the database must never say, but for faults that are made of it.
const NEVER_DATABASE: &[&str] =
    &["PANIC", "invalid page", "could not read block", "corrupt", "TRAP"];

/// The place up to which logs have been read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    server: u64,
    database: u64,
}

impl Seen {
    /// What is new in both logs; `excused` are words of lines that this fault explains.
    pub(crate) fn look(&mut self, server: &Path, folder: &Path, excused: &[&str]) -> Vec<Broken> {
        let mut found = Vec::new();
        let fresh = fresh(server, &mut self.server);
        for line in fresh.lines() {
            let never = NEVER.iter().any(|word| line.contains(word));
            let error = line.contains("\"level\":\"ERROR\"") || line.contains(" ERROR ");
            if never || (error && !excused.iter().any(|word| line.contains(word))) {
                found.push(broken("I10", line.chars().take(300).collect::<String>()));
            }
        }
        let fresh = self::fresh(&folder.join("postgres.log"), &mut self.database);
        for line in fresh.lines() {
            let never = NEVER_DATABASE.iter().any(|word| line.contains(word));
            if never && !excused.iter().any(|word| line.contains(word)) {
                found.push(broken("I10", format!("database: {line}")));
            }
        }
        found
    }
}

/// What was written since the last look; of a long run's log only the end is read.
fn fresh(path: &Path, seen: &mut u64) -> String {
    let mut bytes = Vec::new();
    let read = fs::File::open(path).and_then(|mut file| {
        file.seek(SeekFrom::Start(*seen))?;
        file.read_to_end(&mut bytes)
    });
    *seen += read.map_or(0, |count| count as u64);
    String::from_utf8_lossy(&bytes).into_owned()
}
