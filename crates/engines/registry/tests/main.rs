//! Tests of the registry: the grammar and its findings, values, and records in a real database.

#![cfg(test)]

#[path = "cases/conversions.rs"]
mod conversions;
#[path = "cases/feeds.rs"]
mod feeds;
#[path = "cases/grammar.rs"]
mod grammar;
#[path = "cases/loads.rs"]
mod loads;
#[path = "cases/lying.rs"]
mod lying;
#[path = "cases/maria.rs"]
mod maria;
#[path = "cases/matching.rs"]
mod matching;
#[path = "cases/owner.rs"]
mod owner;
#[path = "cases/quality.rs"]
mod quality;
#[path = "cases/questions.rs"]
mod questions;
#[path = "cases/records.rs"]
mod records;
#[path = "cases/rules.rs"]
mod rules;
#[path = "cases/sealed.rs"]
mod sealed;
#[path = "cases/shown.rs"]
mod shown;
#[path = "cases/striking.rs"]
mod striking;
#[path = "cases/tables.rs"]
mod tables;
#[path = "cases/times.rs"]
mod times;
#[path = "cases/units.rs"]
mod units;
#[path = "cases/values.rs"]
mod values;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use zhengtong_pack::{Packs, Report};
use zhengtong_registry::{Catalog, read};

type Files = BTreeMap<String, BTreeMap<String, Vec<u8>>>;

/// The packs of the house and of the two base registers, as they are shipped.
fn shipped() -> Files {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs");
    let mut files = Files::new();
    for pack in ["house-rules", "base-population", "base-legal"] {
        add(&mut files, &root, pack);
    }
    files
}

fn add(files: &mut Files, root: &Path, pack: &str) {
    let inside = files.entry(pack.to_owned()).or_default();
    inside.insert("pack.toml".into(), fs::read(root.join(pack).join("pack.toml")).unwrap());
    for entry in fs::read_dir(root.join(pack).join("registry")).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("registry/{}", path.file_name().unwrap().to_str().unwrap());
        inside.insert(name, fs::read(path).unwrap());
    }
}

fn read_files(files: Files) -> (Catalog, Report) {
    let mut report = Report::default();
    let packs = Packs::from_files(files, &mut report);
    let catalog = read(&packs, &mut report);
    (catalog, report)
}

/// The shipped packs, without findings.
fn catalog() -> Catalog {
    let (catalog, report) = read_files(shipped());
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    catalog
}
