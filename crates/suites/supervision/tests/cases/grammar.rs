//! The grammar of rules: what ships is accepted, what is wrong is refused where it stands.

use zhengtong_pack::Report;
use zhengtong_supervision::read;

use crate::world::packs;

const CARDS: &str = "supervision/cards.toml";

fn faults(change: impl Fn(String) -> String) -> Vec<String> {
    let packs = packs(|_, path, text| if path == CARDS { change(text) } else { text });
    let mut report = Report::default();
    read(&packs, &mut report);
    report.errors().map(|finding| finding.text.en.clone()).collect()
}

#[test]
fn the_rules_that_ship_are_sound_and_cover_what_must_be_watched() {
    let mut report = Report::default();
    let catalog = read(&packs(|_, _, text| text), &mut report);
    assert!(report.usable(), "{:#?}", report.findings);
    let rules: Vec<&str> = catalog.rules().map(|ready| ready.rule.id.as_str()).collect();
    assert_eq!(
        rules,
        [
            "promised-soon",
            "step-overdue",
            "acceptance-overdue",
            "second-correction",
            "reason-missing",
            "stop-overlong",
            "stopped-long",
            "off-platform",
            "promised-overdue",
            "statutory-overdue",
            "fee-off-list",
            "fee-charged",
            "refused-complete",
            "refused-found",
            "back-dated",
            "rating-overdue",
        ]
    );
}

#[test]
fn a_threshold_is_that_of_the_day() {
    let catalog = read(&packs(|_, _, text| text), &mut Report::default());
    let rule = catalog.rule("supervision-rules:reason-missing").unwrap();
    for (day, expected) in
        [(time::macros::date!(2025 - 12 - 31), 6), (time::macros::date!(2026 - 01 - 01), 8)]
    {
        assert_eq!(rule.thresholds(day).get("reason_chars"), Some(&expected));
    }
}

#[test]
fn what_is_wrong_with_a_rule_is_said() {
    assert_eq!(faults(|text| text), [""; 0]);
    let with = |from: &'static str, to: &'static str| {
        let all = faults(move |text| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        });
        all.join("; ")
    };
    for (from, to, said) in [
        (r#"when = { event = ["*"] }"#, "when = {}", "exactly one"),
        (r#"when = { event = ["*"] }"#, r#"when = { event = ["*"], daily = true }"#, "exactly one"),
        (
            r#"when = { news = "rating.overdue" }"#,
            r#"when = { news = "rating.bad" }"#,
            "no such news",
        ),
        (r#"when = { finding = "fee" }"#, r#"when = { finding = "fees" }"#, "no finding fees"),
        (r#"table = "fee#card""#, r#"table = "fee#cards""#, "no decision"),
        (r#"condition = "case.supplies > 0""#, r#"condition = "case.supplies > > 0""#, "condition"),
        (r#"id = "back-dated""#, r#"id = "Back dated""#, "small letters"),
        (r#"id = "back-dated""#, r#"id = "rating-overdue""#, "there already"),
        (r#"valid_from = "2020-01-01""#, r#"valid_from = "2020-13-01""#, "days like"),
        ("answer_days = 3", "answer_days = 0", "1 to 30"),
        (
            "card = \"yellow\"\nto = [\"handler\", \"head\"]\nanswer_days = 3",
            "card = \"yellow\"\nto = []\nanswer_days = 3",
            "to whom",
        ),
    ] {
        let found = with(from, to);
        assert!(found.contains(said), "{to}: {found}");
    }
}
