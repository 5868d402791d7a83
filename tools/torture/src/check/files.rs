//! I8: every file has the digest that is its name, and every digest in the record of cases has its file.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::Result;
use zhengtong_crypto::FileCheck;
use zhengtong_walk::city::City;

use super::{Broken, broken, text};

/// Where rows name files.
const NAMED: &str = "SELECT DISTINCT digest FROM casework.material WHERE digest IS NOT NULL \
    UNION SELECT digest FROM form.file UNION SELECT blob FROM document.document WHERE blob IS NOT NULL";

/// What was found, and how many files nothing names: uploads whose act did not come to its end.
pub(crate) async fn files(city: &City) -> Result<(Vec<Broken>, usize)> {
    let mut found = Vec::new();
    let mut there = BTreeSet::new();
    for (name, path) in objects(&city.folder.join("files/objects"))? {
        // Files stand sealed: without the key it is told that the bytes are those that were written for this name.
        let mut check = FileCheck::default();
        check.update(&fs::read(&path)?);
        if !name.parse().is_ok_and(|name| check.fits(name)) {
            found.push(broken("I8", format!("the file {name} is not the one of its digest")));
        }
        there.insert(name);
    }
    let rows = city.rows(NAMED).await?;
    let named: BTreeSet<String> = rows.iter().map(|row| text(row, "digest").to_owned()).collect();
    for digest in named.difference(&there) {
        found.push(broken("I8", format!("no file for {digest}")));
    }
    Ok((found, there.difference(&named).count()))
}

fn objects(folder: &Path) -> Result<Vec<(String, std::path::PathBuf)>> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                found.push((name, path));
            }
        }
    }
    Ok(found)
}
