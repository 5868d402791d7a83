//! A hundred datasets of all shapes before the SHACL shapes of DCAT-AP 3.0.1, judged by pySHACL.
//!
//!     cargo run -p zhengtong-dcat --example conformance_dcat -- FOLDER-OF-SUITES
//!
//! pySHACL is looked for in the folder that `zt_pyshacl` names (scripts/setup --test). Without it this says so on the
//! error stream and judges nothing.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a program of the test suite: it prints, and stops at what it does not expect"
)]

#[path = "../tests/cases/made.rs"]
mod made;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use oxrdf::Triple;
use oxttl::{NTriplesSerializer, TurtleParser};
use serde_json::json;
use zhengtong_dcat::{Syntax, catalogue, write};

fn main() {
    let suites = std::env::args().nth(1).map(PathBuf::from).expect("the folder of the suites");
    let shapes = suites.join("dcat-ap");
    if !shapes.is_dir() {
        eprintln!("dcat-ap: no shapes at {}", shapes.display());
        return;
    }
    let program = std::env::var("zt_pyshacl").map(|home| Path::new(&home).join("bin/pyshacl"));
    let Some(program) = program.ok().filter(|program| program.exists()) else {
        eprintln!("dcat-ap: pySHACL is not installed: scripts/setup --test");
        return;
    };
    let graph = catalogue(&made::catalogue(), &made::hundred(), &made::page());
    let data = std::env::temp_dir().join(format!("zhengtong-dcat-{}.ttl", std::process::id()));
    std::fs::write(&data, write(&graph, Syntax::Turtle).unwrap()).unwrap();
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&shapes).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "ttl"));
    files.sort();
    let shapes = data.with_extension("shapes.nt");
    std::fs::write(&shapes, whole(&files)).unwrap();
    let failures: BTreeMap<String, String> =
        violations(&program, &shapes, &data).into_iter().collect();
    std::fs::remove_file(&data).unwrap();
    std::fs::remove_file(&shapes).unwrap();
    // The catalogue and its service stand beside the hundred.
    let things = made::hundred().len() + 2;
    let failed = failures.len();
    let failures: Vec<_> =
        failures.into_iter().map(|(name, why)| json!({ "name": name, "why": why })).collect();
    let line = json!({
        "suite": "dcat-ap", "passed": things.saturating_sub(failed), "failed": failed, "failures": failures,
    });
    println!("{line}");
}

/// All shapes as one graph, for one file refers to shapes of another. A few that are referred to are nowhere defined; the
/// validator takes none of a graph with such, so those references are left out, and it is said how many.
fn whole(files: &[PathBuf]) -> Vec<u8> {
    let mut triples: Vec<Triple> = Vec::new();
    for file in files {
        let text = std::fs::read(file).unwrap();
        triples.extend(TurtleParser::new().for_slice(&text).map(|triple| triple.unwrap()));
    }
    let defined: HashSet<String> = triples.iter().map(|one| one.subject.to_string()).collect();
    let named = triples.len();
    triples.retain(|one| {
        one.predicate.as_str() != "http://www.w3.org/ns/shacl#property"
            || defined.contains(&one.object.to_string())
    });
    eprintln!("dcat-ap: {} references to shapes that are nowhere defined", named - triples.len());
    let mut writer = NTriplesSerializer::new().for_writer(Vec::new());
    for triple in &triples {
        writer.serialize_triple(triple).unwrap();
    }
    writer.finish()
}

/// What the shapes find, by the thing it is about. Recommendations are no violations.
fn violations(program: &Path, shapes: &Path, data: &Path) -> Vec<(String, String)> {
    let run = Command::new(program)
        .arg("--shapes")
        .arg(shapes)
        .arg("--format")
        .arg("human")
        .arg(data)
        .output();
    let run = run.expect("pySHACL starts");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(said.contains("Conforms:"), "{said}{}", String::from_utf8_lossy(&run.stderr));
    said.split("Constraint Violation in ")
        .skip(1)
        .filter(|block| block.contains("Severity: sh:Violation"))
        .map(|block| {
            let line = |start: &str| {
                let found = block.lines().find_map(|line| line.trim().strip_prefix(start));
                found.unwrap_or("?").trim().to_owned()
            };
            let why = format!("{} at {}", line("Message:"), line("Result Path:"));
            (line("Focus Node:"), why)
        })
        .collect()
}
