//! What is refused in a pack, with its place.

use crate::world::{LICENCE, read_files};

#[test]
fn a_sound_model_is_read_without_findings() {
    let (catalog, report) = read_files(&[("licence.bpmn", LICENCE)]);
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    let definition = catalog.get("city:licence").unwrap();
    assert_eq!((definition.name.as_str(), definition.digest.len()), ("city:licence", 64));
    assert_eq!(catalog.iter().count(), 1);
}

#[test]
fn faults_have_a_place_and_the_model_does_not_run() {
    let line = |needle: &str| LICENCE.lines().position(|line| line.contains(needle)).unwrap() + 1;
    let rows = [
        (("outcome = \"accept\" and", "outcome = \"accept\" andd"), "id=\"yes\""),
        ((" zt:role=\"window\"", ""), "id=\"accept\""),
        ((" zt:action=\"issue\"", ""), "id=\"issue\""),
        ((" default=\"no\"", ""), "id=\"accepted\""),
    ];
    for ((from, to), place) in rows {
        let broken = LICENCE.replacen(from, to, 1);
        let (catalog, report) = read_files(&[("licence.bpmn", &broken)]);
        assert!(catalog.get("city:licence").is_none(), "{from}");
        let lines: Vec<usize> = report.errors().map(|finding| finding.line).collect();
        assert!(lines.contains(&line(place)), "{from}: {:#?}", report.findings);
        assert!(report.errors().all(|finding| finding.file == "city/process/licence.bpmn"));
    }
}

#[test]
fn what_is_no_bpmn_is_refused() {
    for text in [
        "",
        "<a",
        "<html></html>",
        "\u{0}",
        "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
    ] {
        let (catalog, report) = read_files(&[("licence.bpmn", text)]);
        assert_eq!(catalog.iter().count(), 0);
        assert!(!report.usable(), "{text:?}");
    }
}
