//! What is refused in a pack, with its place.

use crate::world::{LICENCE, flows, process, read_files};

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

#[test]
fn what_can_never_end_meet_or_be_held_is_not_put_in_force() {
    let task = |id: &str| format!("<userTask id=\"{id}\" name=\"办\" zt:role=\"window\"/>");
    let endless = process(&format!("<startEvent id=\"s\"/>{}{}", task("a"), flows(&["s", "a"])));
    // One of two ways is taken, and both are awaited.
    let one_of_two = process(&format!(
        "<startEvent id=\"s\"/><exclusiveGateway id=\"x\" default=\"x-b\"/>{}{}<parallelGateway id=\"j\"/><endEvent id=\"e\"/>\
         <sequenceFlow id=\"x-a\" sourceRef=\"x\" targetRef=\"a\"><conditionExpression>y</conditionExpression></sequenceFlow>{}{}{}{}",
        task("a"),
        task("b"),
        flows(&["s", "x"]),
        flows(&["x", "b"]),
        flows(&["a", "j"]),
        flows(&["b", "j", "e"])
    ));
    let circle = process(&format!(
        "<startEvent id=\"s\"/><exclusiveGateway id=\"x\" default=\"x-e\"/>\
         <scriptTask id=\"t\" zt:result=\"y\"><script>1</script></scriptTask><endEvent id=\"e\"/>\
         <sequenceFlow id=\"x-t\" sourceRef=\"x\" targetRef=\"t\"><conditionExpression>y</conditionExpression></sequenceFlow>{}{}{}",
        flows(&["s", "x"]),
        flows(&["x", "e"]),
        flows(&["t", "x"])
    ));
    let laughs: Vec<String> =
        (1..30).map(|n| format!("<!ENTITY a{n} \"&a{0};&a{0};\">", n - 1)).collect();
    let laughs = laughs.concat();
    let unfolds = format!("<!DOCTYPE a [<!ENTITY a0 \"ha\">{laughs}]>{}", process("&a29;"));
    let huge = process(&"<startEvent id=\"s\"/>".repeat(20_001));
    let deep = process(&"<subProcess>".repeat(5_000));
    let rows = [
        (&endless, "缺少结束事件", "no end event"),
        (&one_of_two, "可能永远等待", "it may wait for ever"),
        (&circle, "空转", "turn for ever"),
        (&unfolds, "DOCTYPE", "document type"),
        (&huge, "过多", "too many"),
        (&deep, "过深", "too deep"),
    ];
    for (text, zh, en) in rows {
        let (catalog, report) = read_files(&[("licence.bpmn", text)]);
        assert!(catalog.get("city:licence").is_none() && !report.usable(), "{en}");
        let said = report.errors().any(|one| one.text.zh.contains(zh) && one.text.en.contains(en));
        assert!(said, "{en}: {:#?}", report.findings);
    }
}
