//! Tests over what is generated and committed: schemas, the whole database, the table of rights, statements.
//!
//! `make bless` (ZHENGTONG_BLESS=1) writes the files anew.

use std::path::{Path, PathBuf};
use std::process::Command;

use zhengtong_db::testing::TestDb;
use zhengtong_pack::{Packs, Report};

use crate::command::all_schemas;
use crate::engines;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..").canonicalize().unwrap()
}

/// Compares a committed file with what is generated now, or writes it when blessing.
fn check(path: &str, now: &str) {
    let file = root().join(path);
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration file")]
    if std::env::var("ZHENGTONG_BLESS").is_ok() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, now).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    let line = committed.lines().zip(now.lines()).position(|(left, right)| left != right);
    assert!(
        committed == now,
        "{path} is not what is generated now (first difference after line {line:?}); run `make bless` and look at the difference"
    );
}

fn packs() -> (Packs, Report) {
    let mut report = Report::default();
    let packs = Packs::from_folder(&root().join("packs"), &mut report);
    (packs, report)
}

#[test]
fn schemas_of_pack_files_are_generated() {
    for (name, text) in all_schemas().unwrap() {
        check(&format!("schemas/{name}"), &text);
    }
}

#[test]
fn the_packs_of_the_product_have_no_fault() {
    let (packs, mut report) = packs();
    engines::load(&packs, time::macros::date!(2026 - 11 - 23), &mut report);
    let faults: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(packs.iter().count() >= 4);
}

#[test]
fn the_table_of_rights_is_generated() {
    let (packs, mut report) = packs();
    let loaded = engines::load(&packs, time::macros::date!(2026 - 11 - 23), &mut report);
    let verbs: Vec<(&str, &str)> =
        engines::VERBS.iter().flat_map(|(_, verbs)| verbs.iter().copied()).collect();
    check("docs/authorization.md", &zhengtong_party::matrix(&loaded.policies, &verbs));
}

#[tokio::test]
async fn the_whole_database_is_generated_and_every_kept_statement_prepares() {
    let test = TestDb::new(engines::SCHEMAS).await;
    for schema in engines::SCHEMAS {
        for (name, text) in schema.statements {
            let statement = zhengtong_db::sql::trusted((*text).to_owned());
            let prepared = zhengtong_db::sql::prepare(&test.db, statement).await;
            assert!(prepared.is_ok(), "{}/{name}: {prepared:?}", schema.name);
        }
    }
    let (bin, _) = zhengtong_db::cluster::installed().unwrap();
    let dump = Command::new(bin.join("pg_dump"))
        // PostGIS stands in databases of tests; where a city has it, a pack has asked for it.
        .args(["--schema-only", "--no-owner", "--no-privileges", "--extension=plpgsql"])
        .args(["--dbname", &test.url])
        .output()
        .unwrap();
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    let text = String::from_utf8(dump.stdout).unwrap();
    check("schemas/current.sql", &plain(&text));
}

/// The dump without what differs by machine or version of the tool.
fn plain(dump: &str) -> String {
    let kept: Vec<&str> = dump
        .lines()
        .filter(|line| {
            let noise =
                ["-- Dumped", "\\restrict", "\\unrestrict", "SET ", "SELECT pg_catalog.set_config"];
            !noise.iter().any(|start| line.starts_with(start))
        })
        .collect();
    let mut text = String::from(
        "-- The whole database as the migrations make it. Generated: run `make bless`.\n",
    );
    let mut empty = false;
    for line in kept {
        let blank = line.trim().is_empty() || line == "--";
        if !(blank && empty) {
            text.push_str(line);
            text.push('\n');
        }
        empty = blank;
    }
    text
}
