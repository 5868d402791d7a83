//! Files and keys of the primary, copied as they come. Files are named by their digest and never change,
//! so only folders that changed need a look.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::super::role::FILE;
use super::super::{Result, io_error};

/// Names that belong to one folder only.
const OWN: [&str; 4] = [FILE, "lock", "promote.request", "postgres.log"];

/// Copies what is new; clones share nothing.
#[derive(Clone, Debug)]
pub(in super::super) struct Mirror {
    from: PathBuf,
    to: PathBuf,
    /// When a folder was last seen to change.
    seen: HashMap<PathBuf, SystemTime>,
}

impl Mirror {
    /// From the data folder of the primary to ours.
    pub(in super::super) fn new(from: &Path, to: &Path) -> Self {
        Self { from: from.to_owned(), to: to.to_owned(), seen: HashMap::new() }
    }

    /// Copies everything that is new.
    pub(in super::super) fn run(&mut self) -> Result<()> {
        self.keys().and_then(|()| self.files()).map_err(|source| io_error("copy files", source))
    }

    /// The small files beside the database: keys and what the demonstration wrote.
    fn keys(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.from)? {
            let entry = entry?;
            let name = entry.file_name();
            let word = name.to_string_lossy();
            let own = OWN.contains(&word.as_ref()) || word.contains(".partial");
            if own || !entry.file_type()?.is_file() {
                continue;
            }
            let to = self.to.join(&name);
            let old = fs::metadata(&to).ok().and_then(|to| to.modified().ok());
            let new = entry.metadata()?.modified()?;
            if old.is_none_or(|old| old < new) {
                copy(&entry.path(), &to)?;
            }
        }
        Ok(())
    }

    fn files(&mut self) -> io::Result<()> {
        let mut waiting = vec![PathBuf::from("files/objects")];
        while let Some(folder) = waiting.pop() {
            let from = self.from.join(&folder);
            let changed = match fs::metadata(&from) {
                Ok(metadata) => metadata.modified()?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            let quiet = self.seen.get(&folder) == Some(&changed);
            fs::create_dir_all(self.to.join(&folder))?;
            for entry in fs::read_dir(&from)? {
                let entry = entry?;
                let path = folder.join(entry.file_name());
                if entry.file_type()?.is_dir() {
                    waiting.push(path);
                } else if !quiet && !self.to.join(&path).exists() {
                    copy(&entry.path(), &self.to.join(&path))?;
                }
            }
            self.seen.insert(folder, changed);
        }
        Ok(())
    }
}

/// A whole copy or none, on the disk.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    let partial = to.with_file_name(name);
    fs::copy(from, &partial)?;
    fs::File::open(&partial)?.sync_all()?;
    fs::rename(&partial, to)
}
