//! Files to models, and what is refused.

use proptest::prelude::*;
use zhengtong_bpmn::{Level, Model, NodeKind, start};

use super::{CONSULTATION, FOOD, NOT_UNDERSTOOD, Plain, object};

#[test]
fn reads_the_food_licence() {
    let model = Model::parse(FOOD).unwrap();
    assert_eq!((model.id.as_str(), model.name.as_str()), ("food-licence", "食品经营许可"));
    assert!(model.documentation.starts_with("新办"));
    assert!(model.findings().is_empty(), "{:?}", model.findings());
    let accept = model.node("accept").unwrap();
    assert_eq!(accept.kind, NodeKind::UserTask);
    assert_eq!(accept.role.as_deref(), Some("window"));
    assert_eq!(accept.form.as_deref(), Some("acceptance"));
    assert_eq!(accept.days, Some(1));
    assert_eq!(accept.outcomes, ["accept", "correct", "reject"]);
    assert_eq!(accept.documentation, "核对材料是否齐全、是否符合法定形式。");
    assert!(accept.line > 10);
    assert_eq!(model.node("correct").unwrap().role.as_deref(), Some("applicant"), "own role wins");
    assert_eq!(model.node("issue").unwrap().action.as_deref(), Some("document.issue"));
    assert_eq!(model.lanes.len(), 4);
    assert_eq!(model.lanes[1].role, "reviewer");
    assert!(model.lanes[1].nodes.contains(&"review".to_owned()));
    let conditions: Vec<&str> = model.conditions().map(|(_, source)| source).collect();
    assert!(conditions.contains(&"outcome = \"grant\""));
}

#[test]
fn keeps_the_drawing() {
    let model = Model::parse(FOOD).unwrap();
    assert_eq!(model.diagram.shapes.len(), model.nodes.len() + model.lanes.len() + 1);
    assert_eq!(model.diagram.edges.len(), model.flows.len());
    assert!(model.diagram.edges.iter().all(|edge| edge.points.len() >= 2));
    let extent = model.diagram.extent().unwrap();
    assert!(extent.width > 1_000.0 && extent.height >= 640.0, "{extent:?}");
    let json = serde_json::to_value(&model).unwrap();
    assert_eq!(json["nodes"][1]["kind"], "user_task");
}

#[test]
fn terminate_and_send_are_read() {
    let model = Model::parse(CONSULTATION).unwrap();
    assert!(model.findings().is_empty(), "{:?}", model.findings());
    assert_eq!(model.node("stopped").unwrap().kind, NodeKind::Terminate);
    assert_eq!(model.node("notify").unwrap().kind, NodeKind::SendTask);
    assert_eq!(model.node("ask").unwrap().default.as_deref(), Some("to-none"));
}

#[test]
fn nothing_is_passed_over() {
    let model = Model::parse(NOT_UNDERSTOOD).unwrap();
    let found: Vec<(u32, &str, &str)> = model
        .findings()
        .iter()
        .map(|finding| (finding.line, finding.element.as_str(), finding.code))
        .collect();
    for wanted in [
        (8, "a", "attribute"),
        (8, "a", "foreign"),
        (9, "other:listener", "extension"),
        (6, "timer", "no-trigger"),
        (10, "multiInstanceLoopCharacteristics", "no-count"),
        (13, "other", "element"),
        (16, "f", "attribute"),
        (20, "conditionExpression", "language"),
        (22, "f3", "dangling"),
        (23, "f3", "duplicate-id"),
    ] {
        let wanted = if wanted.1 == "other:listener" { (9, "listener", wanted.2) } else { wanted };
        assert!(found.contains(&wanted), "{wanted:?} not in {found:#?}");
    }
    assert_eq!(
        found.iter().filter(|(_, element, code)| (*element, *code) == ("a", "attribute")).count(),
        1
    );
    assert_eq!(
        found.iter().filter(|(_, element, code)| (*element, *code) == ("f", "attribute")).count(),
        2
    );
    for finding in model.findings() {
        assert!(!finding.zh.is_ascii(), "{finding:?}");
        assert!(finding.en.is_ascii(), "{finding:?}");
    }
    assert!(model.refusals().all(|finding| finding.level == Level::Error));
    let refused = start(&model, object(serde_json::json!({})), &Plain).unwrap_err();
    assert!(refused.to_string().contains("cannot be run"), "{refused}");
    assert!(refused.zh().contains("流程不能运行"));
}

#[test]
fn a_process_must_be_there_and_executable() {
    let empty = "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\"/>";
    assert!(Model::parse(empty).unwrap_err().en.contains("no process"));
    let drawn = FOOD.replace("isExecutable=\"true\"", "isExecutable=\"false\"");
    let model = Model::parse(&drawn).unwrap();
    assert!(model.refusals().any(|finding| finding.code == "not-executable"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_is_read_or_refused(source in any::<String>()) {
        prop_assert!(Model::parse(&source).is_err());
    }

    #[test]
    fn a_damaged_file_is_read_or_refused(at in 0_usize..10_000, cut in 0_usize..400) {
        let chars: Vec<char> = FOOD.chars().collect();
        let at = at % chars.len();
        let damaged: String =
            chars.iter().take(at).chain(chars.iter().skip(at + cut)).collect();
        if let Ok(model) = Model::parse(&damaged) {
            let _findings = zhengtong_bpmn::check(&model);
            let _started = start(&model, object(serde_json::json!({})), &Plain);
        }
    }
}
