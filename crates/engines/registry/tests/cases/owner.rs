//! Who answers for a dataset, and for a data element.

use crate::{read_files, shipped};

const FILE: &str = "registry/abnormal.toml";
const OWNER: &str = "authority = \"market-regulation\"";

#[test]
fn a_dataset_without_a_unit_that_answers_for_it_is_refused_with_its_place() {
    for (owner, zh, en) in [
        ("", "缺少 authority", "authority is missing"),
        ("authority = \"\"", "简称", "short name of a unit"),
        ("authority = \"市场监管局\"", "简称", "short name of a unit"),
        ("authority = \"market regulation\"", "简称", "short name of a unit"),
    ] {
        let mut files = shipped();
        let bytes = files.get_mut("base-legal").unwrap().get_mut(FILE).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.contains(OWNER));
        *bytes = text.replacen(OWNER, owner, 1).into_bytes();
        let (_, report) = read_files(files);
        let own: Vec<_> =
            report.errors().filter(|one| one.file == format!("base-legal/{FILE}")).collect();
        let [one] = own.as_slice() else { panic!("{owner}: {:#?}", report.findings) };
        assert!(one.text.zh.contains(zh) && one.text.en.contains(en), "{owner}: {one:?}");
        assert!(!report.usable(), "{owner}");
        if !owner.is_empty() {
            assert_eq!(one.line, 5, "{one:?}");
        }
    }
}

#[test]
fn an_element_with_a_second_source_stops_the_packs() {
    let own = "[element.\"person.name\"]\ntitle = { zh = \"姓名\", en = \"Name\" }\ntype = \"text\"\n\
               sensitivity = \"personal\"\nauthority = \"organisation\"\n";
    let mut files = shipped();
    let inside = files.get_mut("base-legal").unwrap();
    inside.get_mut("registry/elements.toml").unwrap().extend_from_slice(own.as_bytes());
    let (_, report) = read_files(files);
    let said: Vec<_> = report.errors().map(|one| &one.text).collect();
    let [one] = said.as_slice() else { panic!("{said:#?}") };
    assert!(one.zh.contains("一数只能一源") && one.en.contains("one element has one source"));
    assert!(!report.usable(), "packs with two sources are not put in force");
}
