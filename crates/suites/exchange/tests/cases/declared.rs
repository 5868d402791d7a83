//! What packs declare: the shipped items name datasets that exist, and each fault is found at its place.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use zhengtong_exchange::{Plan, read};
use zhengtong_pack::{Packs, Report};

const ITEMS: &str = "exchange/2-items.toml";
const KNOWN: &[&str] = &[
    "base-credit:penalty",
    "base-credit:permit",
    "base-legal:business_licence",
    "base-legal:organisation",
    "base-legal:registration_change",
    "base-population:assistance",
    "base-population:birth",
    "base-population:death",
    "base-population:diploma",
    "base-population:disability",
    "base-population:household",
    "base-population:household_member",
    "base-population:marriage",
    "base-population:medical_insurance",
    "base-population:provident_fund",
    "base-population:real_estate",
    "base-population:resident",
    "base-population:social_insurance",
];

/// The shipped pack with one text replaced, and what is said of it.
fn after(from: &str, to: &str) -> (Plan, Vec<String>) {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs/exchange");
    let mut inside = BTreeMap::new();
    for name in ["pack.toml", "exchange/1-systems.toml", ITEMS] {
        let text = fs::read_to_string(pack.join(name)).unwrap();
        let text = match name {
            ITEMS => text.replacen(from, to, 1),
            // The packs it needs are not beside it here.
            "pack.toml" => text
                .lines()
                .filter(|line| !line.starts_with("needs"))
                .collect::<Vec<_>>()
                .join("\n"),
            _ => text,
        };
        inside.insert(name.to_owned(), text.into_bytes());
    }
    let mut report = Report::default();
    let packs = Packs::from_files(BTreeMap::from([("exchange".to_owned(), inside)]), &mut report);
    let plan = read(&packs, KNOWN, &mut report);
    (plan, report.findings.iter().map(ToString::to_string).collect())
}

#[test]
fn an_item_names_the_datasets_it_carries() {
    let (plan, said) = after("", "");
    assert_eq!(said, Vec::<String>::new());
    let carrying = |dataset| plan.carrying(dataset).map(|item| item.code.as_str()).collect();
    let persons: Vec<&str> = carrying("base-population:resident");
    assert_eq!(persons, ["E01"]);
    let none: Vec<&str> = carrying("base-population:vehicle");
    assert_eq!(none, Vec::<&str>::new());
}

#[test]
fn each_fault_is_found_at_its_place() {
    let faults = [
        (
            "[\"base-population:resident\"]",
            "[\"base-population:residnt\"]",
            "没有数据集 base-population:residnt，是不是 base-population:resident",
        ),
        (
            "service = \"population/household\"",
            "service = \"population/househld\"",
            "没有服务 population/househld，是不是 population/household",
        ),
        (
            "\"relief\", \"insurance\"",
            "\"releif\", \"insurance\"",
            "没有系统 releif，是不是 relief",
        ),
    ];
    for (from, to, words) in faults {
        let (_, said) = after(from, to);
        assert!(
            said.iter().any(|one| one.contains(words) && one.contains(ITEMS)),
            "{to}: {said:?}"
        );
    }
}
