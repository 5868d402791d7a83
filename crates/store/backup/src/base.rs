//! Backups that build on earlier ones: a file by digest that an earlier backup in the same folder holds is not copied
//! again. Every so often a backup is whole again, so that no chain grows long.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use zhengtong_crypto::VerifyingKey;

use crate::error::{Error, Result};
use crate::key::Passphrase;
use crate::read::Backup;
use crate::take;

/// After so many backups that build on one another, the next is whole.
const CHAIN_MAX: usize = 6;
/// The piece that says in which backup each file is.
pub(crate) const INDEX: &str = "index";

/// What earlier backups hold.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// Their ids; none: the backup is whole.
    pub(crate) bases: Vec<String>,
    /// Each file, and which of them holds it.
    pub(crate) files: BTreeMap<String, usize>,
}

impl Held {
    /// What the newest backup of a folder and those it builds on hold. Whatever stands in the way, such as another key,
    /// another passphrase or a missing file, makes the next backup a whole one.
    pub(crate) fn by(folder: &Path, system: &str, pass: &Passphrase, key: &VerifyingKey) -> Self {
        match newest(folder, system, pass, key) {
            Ok(held) => held,
            Err(error) => {
                tracing::info!(%error, "all files are copied");
                Self::default()
            }
        }
    }
}

fn newest(folder: &Path, system: &str, pass: &Passphrase, key: &VerifyingKey) -> Result<Held> {
    let none = || Error::None(folder.to_owned());
    let found = take::list(folder)?.into_iter().flatten();
    let mut fitting = found.filter(|one| one.manifest.system == system && one.key == *key);
    let last = fitting.next().ok_or_else(none)?;
    if last.manifest.bases.len() >= CHAIN_MAX || last.manifest.piece(INDEX).is_none() {
        return Err(none());
    }
    bases(&last)?;
    let opened = pass.open(&last.header)?;
    let mut files = BTreeMap::new();
    let own = last.manifest.bases.len();
    for (digest, place) in index(&last, &opened)? {
        files.insert(digest, place.unwrap_or(own));
    }
    for digest in &last.manifest.damaged {
        // It may be whole again.
        files.remove(digest);
    }
    let mut bases = last.manifest.bases.clone();
    bases.push(last.manifest.id.clone());
    Ok(Held { bases, files })
}

/// The backups that this one builds on, which must lie beside it and be signed by the same key.
pub(crate) fn bases(backup: &Backup) -> Result<Vec<Backup>> {
    if backup.manifest.bases.is_empty() {
        return Ok(Vec::new());
    }
    let folder = backup.path.parent().unwrap_or_else(|| Path::new("."));
    let mut beside: BTreeMap<String, Backup> = take::list(folder)?
        .into_iter()
        .flatten()
        .filter(|one| one.key == backup.key)
        .map(|one| (one.manifest.id.clone(), one))
        .collect();
    let missing = |id: &String| Error::Base { path: backup.path.clone(), id: id.clone() };
    backup.manifest.bases.iter().map(|id| beside.remove(id).ok_or_else(|| missing(id))).collect()
}

/// Each file of a backup, and the place of the base that holds it; none when the backup holds it itself.
pub(crate) fn index(
    backup: &Backup,
    key: &zhengtong_crypto::StreamKey,
) -> Result<Vec<(String, Option<usize>)>> {
    let altered = || Error::altered(&backup.path, "the index of files");
    let mut files = Vec::new();
    for line in BufReader::new(backup.piece(INDEX, key)?).lines() {
        let line = line.map_err(|error| Error::altered(&backup.path, error.to_string()))?;
        let (digest, place) = line.split_once(' ').ok_or_else(altered)?;
        let place = match place {
            "-" => None,
            place => {
                let place: usize = place.parse().map_err(|_form| altered())?;
                Some(place).filter(|place| *place < backup.manifest.bases.len())
            }
        };
        files.push((digest.to_owned(), place));
    }
    Ok(files)
}

/// The backups that others need: those of which one that stays says so.
pub(crate) fn needed(kept: &[Backup]) -> BTreeSet<String> {
    kept.iter().flat_map(|one| one.manifest.bases.iter().cloned()).collect()
}
