//! Decision models: reading, running, and models nobody would write.

use std::fmt::Write;

use zhengtong_feel::dmn::Model;
use zhengtong_feel::{Scope, Value};

fn wrapped(inner: &str) -> String {
    format!(
        r#"<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" namespace="test" name="t">
  <itemDefinition name="tKind"><typeRef>string</typeRef>
    <allowedValues><text>"冷食", "热食"</text></allowedValues></itemDefinition>
  <inputData id="i" name="经营 面积"><variable name="经营 面积" typeRef="number"/></inputData>
  <inputData id="k" name="kind"><variable name="kind" typeRef="tKind"/></inputData>
  {inner}
</definitions>"#
    )
}

fn needs(all: &[&str]) -> String {
    let input = |id: &&str| {
        format!("<informationRequirement><requiredInput href=\"#{id}\"/></informationRequirement>")
    };
    all.iter().map(input).collect()
}

fn table(policy: &str, rules: &[(&str, &str, &str)]) -> String {
    let mut made = format!(
        r#"<decision id="d" name="审查方式"><variable name="审查方式"/>{}
<decisionTable hitPolicy="{policy}">
<input><inputExpression typeRef="number"><text>经营 面积</text></inputExpression></input>
<input><inputExpression><text>kind</text></inputExpression></input>
<output typeRef="string"><outputValues><text>"现场", "书面", "免查"</text></outputValues></output>"#,
        needs(&["i", "k"])
    );
    for (area, kind, result) in rules {
        write!(
            made,
            "<rule><inputEntry><text><![CDATA[{area}]]></text></inputEntry><inputEntry><text>{kind}</text></inputEntry>\
             <outputEntry><text>{result}</text></outputEntry></rule>"
        )
        .unwrap();
    }
    made.push_str("</decisionTable></decision>");
    wrapped(&made)
}

fn inputs(area: i64, kind: &str) -> Scope {
    Scope::new().with("经营 面积", area).with("kind", kind)
}

const RULES: &[(&str, &str, &str)] = &[
    ("< 50", "-", "\"免查\""),
    ("[50..200)", "\"热食\"", "\"书面\""),
    (">= 50", "\"冷食\"", "\"现场\""),
    (">= 200", "-", "\"现场\""),
];

#[test]
fn each_hit_policy_follows_its_rule() {
    for (policy, area, kind, wanted) in [
        ("UNIQUE", 30, "热食", "免查"),
        ("UNIQUE", 60, "热食", "书面"),
        ("UNIQUE", 60, "冷食", "现场"),
        // Two rows fit: there is no single answer.
        ("UNIQUE", 300, "冷食", "null"),
        ("ANY", 300, "冷食", "现场"),
        ("FIRST", 300, "冷食", "现场"),
        ("PRIORITY", 300, "冷食", "现场"),
        ("COLLECT", 300, "冷食", "[\"现场\", \"现场\"]"),
        ("RULE ORDER", 60, "热食", "[\"书面\"]"),
        ("OUTPUT ORDER", 300, "热食", "[\"现场\"]"),
        // Not one of the values the type allows.
        ("FIRST", 300, "茶饮", "现场"),
    ] {
        let model = Model::read(&table(policy, RULES), &[]).unwrap();
        assert_eq!(model.findings(), []);
        let found = model.decide("审查方式", &inputs(area, kind)).unwrap();
        assert_eq!(found.to_string(), wanted, "{policy} {area} {kind}");
    }
}

#[test]
fn what_cannot_run_is_named_with_its_line() {
    let model = Model::read(&table("UNIQUE", &[("< 50", "\"冷食", "\"免查\"")]), &[]).unwrap();
    let [finding] = model.findings() else { panic!("{:?}", model.findings()) };
    assert!(finding.message.contains("not closed") && finding.line > 5, "{finding}");
    let java = r#"<businessKnowledgeModel id="b" name="f"><encapsulatedLogic kind="Java"/></businessKnowledgeModel>"#;
    let model = Model::read(&wrapped(java), &[]).unwrap();
    assert!(model.findings().iter().any(|one| one.message.contains("only functions in FEEL")));
    let empty =
        r#"<decision id="d" name="x"><literalExpression><text/></literalExpression></decision>"#;
    let model = Model::read(&wrapped(empty), &[]).unwrap();
    assert_eq!(model.findings().len(), 1);
    assert_eq!(model.decide("x", &Scope::new()).unwrap(), Value::Null);
    assert!(model.decide("y", &Scope::new()).unwrap_err().message.contains("no decision 'y'"));
}

#[test]
fn broken_files_are_refused_in_words() {
    for (source, wanted) in [
        ("", "too early"),
        ("<a/>", "must be 'definitions'"),
        ("<definitions", "not XML"),
        ("<definitions></b></definitions>", "not XML"),
        ("<!DOCTYPE d [<!ENTITY e \"x\">]><definitions/>", "document type"),
        ("<definitions>&unknown;</definitions>", "unknown entity"),
    ] {
        let finding = Model::read(source, &[]).unwrap_err();
        assert!(finding.message.contains(wanted), "{source}: {finding}");
    }
    let deep = format!("{}{}", "<definitions>".repeat(100), "</definitions>".repeat(100));
    assert!(Model::read(&deep, &[]).unwrap_err().message.contains("too deep"));
}

#[test]
fn circles_and_endless_functions_stop() {
    let circle = r##"<decision id="a" name="a"><informationRequirement><requiredDecision href="#b"/></informationRequirement>
<literalExpression><text>b</text></literalExpression></decision>
<decision id="b" name="b"><informationRequirement><requiredDecision href="#a"/></informationRequirement>
<literalExpression><text>a</text></literalExpression></decision>"##;
    let model = Model::read(&wrapped(circle), &[]).unwrap();
    assert!(model.decide("a", &Scope::new()).unwrap_err().message.contains("needs itself"));
    let recursive = r##"<decision id="d" name="d"><knowledgeRequirement><requiredKnowledge href="#f"/></knowledgeRequirement>
<literalExpression><text>f(1)</text></literalExpression></decision>
<businessKnowledgeModel id="f" name="f"><encapsulatedLogic><formalParameter name="x"/>
<literalExpression><text>f(x + 1)</text></literalExpression></encapsulatedLogic>
<knowledgeRequirement><requiredKnowledge href="#f"/></knowledgeRequirement></businessKnowledgeModel>"##;
    let model = Model::read(&wrapped(recursive), &[]).unwrap();
    assert!(model.decide("d", &Scope::new()).unwrap_err().message.contains("too many functions"));
}

/// A wide table answers as its rows do one by one, whatever the index makes of them.
#[test]
fn an_indexed_table_answers_as_its_rows() {
    let mut rules = Vec::new();
    for index in 0..300 {
        rules.push((format!("[{}..{})", index * 10, index * 10 + 10), format!("\"{index}\"")));
    }
    let cells: Vec<(&str, &str, &str)> = rules
        .iter()
        .map(|(area, result)| (area.as_str(), "not(\"热食\"), \"热食\"", result.as_str()))
        .collect();
    let source = table("UNIQUE", &cells)
        .replace("<outputValues><text>\"现场\", \"书面\", \"免查\"</text></outputValues>", "");
    let model = Model::read(&source, &[]);
    // `not(...)` stands alone in a cell.
    assert!(!model.unwrap().findings().is_empty());
    let cells: Vec<(&str, &str, &str)> = rules
        .iter()
        .map(|(area, result)| (area.as_str(), "\"冷食\", \"热食\"", result.as_str()))
        .collect();
    let source = table("UNIQUE", &cells)
        .replace("<outputValues><text>\"现场\", \"书面\", \"免查\"</text></outputValues>", "");
    let model = Model::read(&source, &[]).unwrap();
    assert_eq!(model.findings(), []);
    for area in (0..3_000).step_by(7) {
        let found = model.decide("审查方式", &inputs(area, "冷食")).unwrap();
        assert_eq!(found, Value::from((area / 10).to_string()), "{area}");
    }
    assert_eq!(model.decide("审查方式", &inputs(3_000, "冷食")).unwrap(), Value::Null);
    assert_eq!(model.decide("审查方式", &inputs(-1, "冷食")).unwrap(), Value::Null);
    let nothing = Scope::new().with("kind", "冷食");
    assert_eq!(model.decide("审查方式", &nothing).unwrap(), Value::Null);
}
