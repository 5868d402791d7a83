//! Findings on whole graphs.

use zhengtong_bpmn::{Level, Model, check};

use super::{CONSULTATION, FOOD, small};

fn found(lines: &str) -> Vec<(String, &'static str)> {
    let model = Model::parse(&small(lines)).unwrap();
    check(&model).into_iter().map(|finding| (finding.element, finding.code)).collect()
}

fn check_all(lines: &str, expected: &[(&str, &str)]) {
    let found = found(lines);
    let found: Vec<(&str, &str)> =
        found.iter().map(|(element, code)| (element.as_str(), *code)).collect();
    assert_eq!(found, expected, "{lines}");
}

#[test]
fn sound_processes_have_no_findings() {
    for source in [FOOD, CONSULTATION] {
        assert_eq!(check(&Model::parse(source).unwrap()), []);
    }
    check_all("s startEvent\n a user\n e endEvent\n s -> a\n a -> e", &[]);
}

#[test]
fn graph_findings() {
    check_all("s startEvent\n a user\n e endEvent\n s -> e", &[("a", "unreachable")]);
    check_all(
        "s startEvent\n a user\n s -> a",
        &[("p", "no-end"), ("s", "dead-end"), ("a", "dead-end")],
    );
    check_all(
        "a user\n e endEvent\n a -> e",
        &[("p", "no-start"), ("a", "unreachable"), ("e", "unreachable")],
    );
    check_all(
        "s startEvent\n x xor\n a user\n e endEvent\n s -> x\n x -> a\n x -> e\n a -> e",
        &[("x", "no-default"), ("x-a", "no-condition"), ("x-e", "no-condition")],
    );
    check_all(
        "s startEvent\n x xor default=\"x-e\"\n a service\n e endEvent\n s -> x\n x -> a y\n x -> e\n a -> x",
        &[("x", "circle"), ("a", "circle")],
    );
    check_all(
        "s startEvent\n a userTask\n b serviceTask\n c sendTask\n e endEvent\n s -> a\n a -> b\n b -> c\n c -> e",
        &[("a", "no-role"), ("a", "no-name"), ("b", "no-action"), ("c", "no-action")],
    );
    check_all(
        "s startEvent\n t startEvent\n a user\n b user\n e endEvent\n s -> a\n t -> a\n a -> b\n a -> e\n b -> e",
        &[("t", "several-starts"), ("a", "split")],
    );
    check_all(
        "s startEvent\n x xor default=\"x-e\"\n a user\n e endEvent\n s -> x\n x -> a y\n x -> e z\n a -> e",
        &[("x-e", "condition")],
    );
}

#[test]
fn markings_are_searched() {
    // One of two ways is taken, and both are awaited.
    check_all(
        "s startEvent\n x xor default=\"x-b\"\n a user\n b user\n j and\n e endEvent\n s -> x\n x -> a y\n x -> b\n a -> j\n b -> j\n j -> e",
        &[("j", "deadlock")],
    );
    // Both ways are taken and nobody joins them.
    check_all(
        "s startEvent\n f and\n a user\n b user\n c user\n e endEvent\n s -> f\n f -> a\n f -> b\n a -> c\n b -> c\n c -> e",
        &[("c-e", "twice")],
    );
    // A circle out of one branch back before the split.
    check_all(
        "s startEvent\n m xor\n f and\n a user\n x xor default=\"x-j\"\n b user\n j and\n e endEvent\n s -> m\n m -> f\n f -> a\n f -> b\n a -> x\n x -> m again\n x -> j\n b -> j\n j -> e",
        &[("j", "deadlock"), ("f-b", "twice"), ("b-j", "twice")],
    );
    // An inclusive join waits only for what was asked.
    check_all(
        "s startEvent\n f or default=\"f-a\"\n a user\n b user\n j or\n e endEvent\n s -> f\n f -> a\n f -> b y\n a -> j\n b -> j\n j -> e",
        &[],
    );
}

#[test]
fn too_large_is_said() {
    let mut lines = "s startEvent\n f and\n j and\n e endEvent\n s -> f\n j -> e\n".to_owned();
    for branch in 0..10 {
        lines += &["a", "b", "c"].map(|step| format!("{step}{branch} user\n")).concat();
        lines += &["f -> a#", "a# -> b#", "b# -> c#", "c# -> j\n"]
            .map(|flow| flow.replace('#', &branch.to_string()))
            .join("\n");
    }
    let model = Model::parse(&small(&lines)).unwrap();
    let findings = check(&model);
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].code, findings[0].level), ("unsearched", Level::Warning));
}
