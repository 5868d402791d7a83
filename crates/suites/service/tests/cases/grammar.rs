//! What is wrong in an item is said with its place and with what was probably meant.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use zhengtong_pack::{Packs, Report};
use zhengtong_service::{Catalog, read};

use crate::world::packs;

fn shipped() -> String {
    let path = "../../../packs/food-business/service/new.toml";
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The item in a pack that has a form, a case type and the datasets it names.
fn read_text(text: &str) -> (Catalog, Report) {
    let manifest = |id: &str, needs: &str| {
        format!(
            "id = \"{id}\"\nowner = \"data\"\nversion = \"1.0.0\"\nneeds = [{needs}]\n\
             title = {{ zh = \"包\", en = \"Pack\" }}\nsummary = {{ zh = \"样\", en = \"Sample\" }}\n"
        )
    };
    let mut folders: BTreeMap<String, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    let mut add = |pack: &str, path: &str, text: &str| {
        let folder = folders.entry(pack.to_owned()).or_default();
        folder.insert(path.to_owned(), text.as_bytes().to_vec());
    };
    add("a", "pack.toml", &manifest("a", "\"base-legal\", \"base-population\""));
    add("a", "form/application.toml", "");
    add("a", "casework/licence.toml", "");
    add("a", "service/new.toml", text);
    add("base-legal", "pack.toml", &manifest("base-legal", ""));
    add("base-legal", "registry/organisation.toml", "");
    add("base-population", "pack.toml", &manifest("base-population", ""));
    add("base-population", "registry/resident.toml", "");
    let mut report = Report::default();
    let packs = Packs::from_files(folders, &mut report);
    let catalog = read(&packs, &mut report);
    (catalog, report)
}

#[test]
fn the_shipped_items_are_sound() {
    let mut report = Report::default();
    let catalog = read(&packs(&mut report), &mut report);
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    for listed in catalog.iter() {
        assert!(catalog.by_slug(&listed.slug).is_some());
        assert!(listed.promised.days <= listed.statutory.days, "{}", listed.id);
    }
}

#[test]
fn faults_have_a_place_and_a_suggestion() {
    let good = shipped();
    assert!(read_text(&good).1.findings.is_empty(), "{:#?}", read_text(&good).1.findings);
    let line = |needle: &str| good.lines().position(|line| line.contains(needle)).unwrap() + 1;
    let rows = [
        ("form = \"application\"", "form = \"aplication\"", Some("application")),
        ("case = \"licence\"", "case = \"license\"", Some("licence")),
        ("promised = \"5 working days\"", "promised = \"soon\"", None),
        ("valid_from = \"2026-07-01\"", "valid_from = \"2026-02-30\"", None),
        ("minutes = 12", "minuts = 12", Some("minutes")),
        ("needed_if = 'premises = \"rented\"'", "needed_if = 'premisses = \"rented\"'", None),
        ("needed_if = 'premises = \"rented\"'", "needed_if = 'premises = '", None),
        ("source = \"base-population:resident\"", "source = \"base-population:residents\"", None),
        ("source = \"base-population:resident\"", "source = \"other:resident\"", None),
    ];
    for (from, to, suggestion) in rows {
        let (_, report) = read_text(&good.replacen(from, to, 1));
        let found: Vec<(usize, Option<&str>)> =
            report.errors().map(|finding| (finding.line, finding.suggestion.as_deref())).collect();
        assert_eq!(found, [(line(from), suggestion)], "{to}: {:#?}", report.findings);
    }
}
