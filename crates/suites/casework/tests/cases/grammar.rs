//! What is wrong in a case type is said with its place and with what was probably meant.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use zhengtong_casework::{Catalog, Limit, read};
use zhengtong_pack::{Packs, Report};

fn shipped() -> String {
    let path = "../../../packs/food-business/casework/licence.toml";
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    // Without the remark at the top, which names keys of the file.
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    lines.join("\n") + "\n"
}

fn read_text(text: &str) -> (Catalog, Report) {
    let manifest = "id = \"a\"\nowner = \"data\"\nversion = \"1.0.0\"\n\
                    title = { zh = \"包\", en = \"Pack\" }\nsummary = { zh = \"样\", en = \"Sample\" }\n";
    let files = [
        ("pack.toml", manifest),
        ("process/licence.bpmn", "<bpmn/>"),
        ("casework/licence.toml", text),
    ];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    let mut report = Report::default();
    let packs = Packs::from_files(BTreeMap::from([("a".to_owned(), files.into())]), &mut report);
    let catalog = read(&packs, &mut report);
    (catalog, report)
}

#[test]
fn the_shipped_case_type_is_sound() {
    let (catalog, report) = read_text(&shipped());
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    let case_type = catalog.get("a:licence").unwrap();
    assert_eq!(case_type.prefix, "SPJY");
    assert!(case_type.outcome.values().filter(|outcome| outcome.effect.adverse()).count() >= 2);
}

#[test]
fn faults_have_a_place_and_a_suggestion() {
    let good = shipped();
    let line = |needle: &str| good.lines().position(|line| line.contains(needle)).unwrap() + 1;
    let rows = [
        ("process = \"licence\"", "process = \"licenze\"", line("process ="), Some("licence")),
        (
            "correction = \"20 working days\"",
            "correction = \"some days\"",
            line("correction ="),
            None,
        ),
        ("{seq:6}", "{number}", line("number ="), None),
        ("prefix =", "prefiks =", line("prefix ="), Some("prefix")),
        ("effect = \"grant\"", "effect = \"grand\"", line("effect = \"grant\""), Some("grant")),
    ];
    for (from, to, line, suggestion) in rows {
        let (_, report) = read_text(&good.replacen(from, to, 1));
        let found: Vec<(usize, Option<&str>)> =
            report.errors().map(|finding| (finding.line, finding.suggestion.as_deref())).collect();
        assert_eq!(found, [(line, suggestion)], "{from}: {:#?}", report.findings);
    }
}

#[test]
fn an_adverse_decision_without_a_reason_is_refused() {
    let good = shipped();
    let start = good.find("[outcome.refuse]").unwrap();
    let (before, after) = good.split_at(start);
    let broken = format!("{before}{}", after.replacen("reason = true\n", "", 1));
    let (_, report) = read_text(&broken);
    let line = good.lines().position(|line| line == "[outcome.refuse]").unwrap() + 1;
    assert_eq!(report.errors().map(|finding| finding.line).collect::<Vec<_>>(), [line]);
}

#[test]
fn a_limit_is_a_number_and_a_kind_of_day() {
    for good in ["5 working days", "1 working day", "30 natural days", "15 statutory days"] {
        assert!(Limit::parse(good).is_some(), "{good}");
    }
    for bad in [
        "",
        "5",
        "five working days",
        "-5 working days",
        "5 days",
        "5 working weeks",
        "5 working days more",
    ] {
        assert!(Limit::parse(bad).is_none(), "{bad}");
    }
}
