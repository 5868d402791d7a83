//! The catalog, and what is said of packs with faults.

use time::macros::datetime;
use zhengtong_document::{SCHEMA, VERBS, check};
use zhengtong_pack::Report;

use crate::kit;

#[test]
fn papers_are_found_by_reference() {
    let (catalog, report) = kit::catalog();
    let faults: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    assert_eq!(faults.len(), 1, "{faults:#?}");
    assert!(faults[0].starts_with("broken/document/package.typ:1:1: 模板不能引用外部软件包"));
    assert!(catalog.get("food:licence").is_ok());
    assert_eq!(catalog.find("food", "receipt").unwrap().template(), "food:receipt");
    assert!(catalog.find("food", "base:receipt").is_none());
}

#[test]
fn samples_of_good_packs_can_be_made_and_faults_have_a_place() {
    let (catalog, _) = kit::catalog();
    let mut report = Report::default();
    check(&catalog, &kit::settings(), datetime!(2026-03-02 01:00 UTC), &mut report);
    let said: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    for expected in [
        "broken/document/clock.typ:1:5: ",
        "broken/document/endless.typ:0:0: ",
        "broken/document/inside.typ:3:4: ",
        "broken/document/outside.typ:1:",
        "broken/document/package.typ:1:9: ",
        "broken/document/unknown.typ:4:16: ",
    ] {
        assert!(said.iter().any(|said| said.starts_with(expected)), "{expected} in {said:#?}");
    }
    assert!(said.iter().all(|said| said.starts_with("broken/")), "{said:#?}");
    assert!(said.iter().all(|said| !said.contains("秘密")));
}

#[test]
fn every_verb_is_of_this_engine() {
    assert!(VERBS.iter().all(|(verb, _)| verb.starts_with("document.")));
    assert_eq!(SCHEMA.name, "document");
}
