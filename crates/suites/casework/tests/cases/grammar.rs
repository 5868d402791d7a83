//! What is wrong in a case type is said with its place and with what was probably meant.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use zhengtong_casework::{Catalog, Limit, check_processes, read};
use zhengtong_pack::{Packs, Report};

fn shipped() -> String {
    let path = "../../../packs/food-business/casework/licence.toml";
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    // Without the remark at the top, which names keys of the file.
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    lines.join("\n") + "\n"
}

fn read_text(text: &str) -> (Catalog, Report) {
    read_with(text, "[calendar]\n")
}

fn read_with(text: &str, calendars: &str) -> (Catalog, Report) {
    let (packs, mut report) = packed(text, calendars, "<bpmn/>");
    let catalog = read(&packs, &mut report);
    (catalog, report)
}

fn packed(text: &str, calendars: &str, process: &str) -> (Packs, Report) {
    let manifest = "id = \"a\"\nowner = \"data\"\nversion = \"1.0.0\"\n\
                    title = { zh = \"包\", en = \"Pack\" }\nsummary = { zh = \"样\", en = \"Sample\" }\n";
    let files = [
        ("pack.toml", manifest),
        ("process/licence.bpmn", process),
        ("casework/licence.toml", text),
        ("casework/calendars.toml", calendars),
    ];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    let mut report = Report::default();
    let packs = Packs::from_files(BTreeMap::from([("a".to_owned(), files.into())]), &mut report);
    (packs, report)
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
            "budget = \"20 working days\"",
            "budget = \"some days\"",
            line("budget = \"20 working days"),
            None,
        ),
        (
            "budget = \"20 working days\"",
            "budget = \"10000 working days\"",
            line("budget = \"20 working days"),
            None,
        ),
        (
            "budget = \"20 working days\"",
            "budget = \"0 working days\"",
            line("budget = \"20 working days"),
            None,
        ),
        (
            "from = \"correction_asked\"",
            "from = \"corrected\"",
            line("from = \"correction_asked"),
            None,
        ),
        ("told_days = 10\n", "told_days = 31\n", line("[stops.inspection]"), None),
        ("times = 1", "times = 0", line("[clock.statutory"), None),
        (
            "title = { zh = \"受理期限\"",
            "calendar = \"moon\"\ntitle = { zh = \"受理期限\"",
            line("title = { zh = \"受理期限"),
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

const CALENDARS: &str = r#"
[calendar.hall]
title = { zh = "大厅", en = "Hall" }
[[calendar.hall.hours]]
from = "2026-06-01"
morning = "08:00-12:00"
afternoon = "14:00-18:00"
[[calendar.hall.day]]
date = "2026-03-08"
kind = "morning"
title = { zh = "周日值班", en = "Sunday duty" }
"#;

#[test]
fn a_calendar_of_a_pack_stands_over_that_of_the_country() {
    let (catalog, report) = read_with(&shipped(), CALENDARS);
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    let hall = catalog.calendars().get("a:hall").unwrap();
    let sunday = time::macros::date!(2026 - 03 - 08);
    assert_eq!(hall.is_working_day(sunday), Ok(true));
    assert_eq!(catalog.calendars().get("cn").unwrap().is_working_day(sunday), Ok(false));
    assert_eq!(
        hall.hours_on(time::macros::date!(2026 - 07 - 01)).morning.from,
        time::macros::time!(8:00)
    );
    assert!(catalog.calendars().get("a:moon").is_err());
    for (from, to) in
        [("08:00-12:00", "12:00-08:00"), ("\"morning\"", "\"noon\""), ("2026-03-08", "3月8日")]
    {
        let (_, report) = read_with(&shipped(), &CALENDARS.replacen(from, to, 1));
        assert_eq!(report.errors().count(), 1, "{to}: {:#?}", report.findings);
    }
}

#[test]
fn a_case_type_without_clocks_has_the_usual_ones() {
    let good = shipped();
    let (start, end) =
        (good.find("[clock.acceptance]").unwrap(), good.find("[stops.inspection]").unwrap());
    let short = format!("{}{}", &good[..start], &good[end..]).replace(
        "process = \"licence\"",
        "process = \"licence\"\ncorrection = \"30 natural days\"",
    );
    let (catalog, report) = read_text(&short);
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    let case_type = catalog.get("a:licence").unwrap();
    let names: Vec<&str> = case_type.clock.keys().map(String::as_str).collect();
    assert_eq!(names, ["correction", "deferral", "promised", "statutory", "step"]);
    assert_eq!(case_type.clock["promised"].stops.len(), 3);
    assert_eq!(case_type.clock["correction"].budget.as_deref(), Some("30 natural days"));
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
fn a_case_type_names_a_process_that_a_case_can_begin() {
    let begun_by = |start: &str| {
        format!(
            r#"<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="a">
  <bpmn:message id="called" name="called" />
  <bpmn:signal id="told" name="told" />
  <bpmn:process id="licence" isExecutable="true">
    {start}
    <bpmn:endEvent id="end" />
    <bpmn:sequenceFlow id="flow" sourceRef="start" targetRef="end" />
  </bpmn:process>
</bpmn:definitions>"#
        )
    };
    let event = |inside: &str| format!("<bpmn:startEvent id=\"start\">{inside}</bpmn:startEvent>");
    let timer = "<bpmn:timerEventDefinition><bpmn:timeCycle>R/P1D</bpmn:timeCycle></bpmn:timerEventDefinition>";
    let message = "<bpmn:messageEventDefinition messageRef=\"called\" />";
    let signal = "<bpmn:signalEventDefinition signalRef=\"told\" />";
    let line = shipped().lines().position(|line| line.contains("process =")).unwrap() + 1;
    for (inside, refused) in [("", false), (timer, true), (message, true), (signal, true)] {
        let (packs, mut report) = packed(&shipped(), "[calendar]\n", &begun_by(&event(inside)));
        let catalog = read(&packs, &mut report);
        let processes = zhengtong_process::read(&packs, &mut report);
        assert!(processes.get("a:licence").is_some(), "{inside}: {:#?}", report.findings);
        check_processes(&packs, &catalog, &processes, &mut report);
        let found: Vec<_> = report.errors().collect();
        if !refused {
            assert!(found.is_empty(), "{found:#?}");
            continue;
        }
        let [one] = found.as_slice() else { panic!("{inside}: {found:#?}") };
        assert_eq!((one.file.as_str(), one.line), ("a/casework/licence.toml", line), "{inside}");
        assert!(one.text.zh.contains("开始事件"), "{}", one.text.zh);
        assert!(one.text.en.contains("start event"), "{}", one.text.en);
    }
}

#[test]
fn a_fee_says_one_amount_its_law_and_its_days() {
    let fee = "[fee.seal]\ntitle = { zh = \"工本费\", en = \"Fee\" }\n\
               standard = { zh = \"每件50元\", en = \"50 yuan\" }\n\
               basis = { zh = \"示例文件\", en = \"An order\" }\n";
    let amount = "[figure.due]\ntitle = { zh = \"应缴额\", en = \"Due\" }\ntype = \"money\"\n";
    let count = amount.replace("money", "integer");
    let rows = [
        ("amount = 5000\nvalid_from = \"2026-01-01\"", amount, 0),
        ("figure = \"due\"\nvalid_from = \"2026-01-01\"\nvalid_to = \"2026-12-31\"", amount, 0),
        ("valid_from = \"2026-01-01\"", amount, 1),
        ("amount = 1\nfigure = \"due\"\nvalid_from = \"2026-01-01\"", amount, 1),
        ("amount = 0\nvalid_from = \"2026-01-01\"", amount, 1),
        ("figure = \"duee\"\nvalid_from = \"2026-01-01\"", amount, 1),
        ("figure = \"due\"\nvalid_from = \"2026-01-01\"", count.as_str(), 1),
        ("amount = 1\nvalid_from = \"1 月\"", amount, 1),
        ("amount = 1\nvalid_from = \"2026-02-01\"\nvalid_to = \"2026-01-31\"", amount, 1),
    ];
    for (said, figure, faults) in rows {
        let text = format!("{}{figure}{fee}{said}\n", shipped());
        let (_, report) = read_text(&text);
        let line = text.lines().position(|line| line == "[fee.seal]").unwrap() + 1;
        let found: Vec<usize> = report.errors().map(|finding| finding.line).collect();
        assert_eq!(found, vec![line; faults], "{said}: {:#?}", report.findings);
    }
}

#[test]
fn a_limit_is_a_number_and_a_kind_of_day() {
    for good in [
        "4 working hours",
        "24 urgent hours",
        "5 working days",
        "1 working day",
        "30 natural days",
        "15 statutory days",
    ] {
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
        "0 working days",
        "10000 working days",
        "9000 urgent hours",
    ] {
        assert!(Limit::parse(bad).is_none(), "{bad}");
    }
}
