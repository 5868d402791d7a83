//! Called definitions of other files: brought into one file, run in one instance, and what they found handed back.

use std::collections::BTreeMap;

use serde_json::json;
use zhengtong_bpmn::{Finding, Level, Model, Piece, check, join};

use super::{Instance, small};

/// Its ids are those of the caller on purpose.
fn verify() -> String {
    small(
        "s startEvent
         t user zt:outcomes=\"true,false\"
         x xor default=\"x-bad\"
         good endEvent
         bad endEvent
         s -> t
         t -> x
         x -> good outcome = \"true\"
         x -> bad",
    )
}

fn caller() -> String {
    small(
        "s startEvent
         one callActivity zt:calls=\"verify\"
         t user
         two callActivity zt:calls=\"verify\"
         e endEvent
         s -> one
         one -> t
         t -> two
         two -> e",
    )
}

fn joined() -> String {
    let (caller, verify) = (caller(), verify());
    let calls = BTreeMap::from([("verify".to_owned(), "base:verify".to_owned())]);
    let caller = Piece { name: "city:licence", xml: &caller, calls };
    let verify = Piece { name: "base:verify", xml: &verify, calls: BTreeMap::new() };
    join(&caller, &[verify]).unwrap()
}

fn errors(xml: &str) -> Vec<Finding> {
    let found = check(&Model::parse(xml).unwrap());
    found.into_iter().filter(|one| one.level == Level::Error).collect()
}

#[test]
fn a_called_definition_runs_in_the_instance_of_its_caller_and_hands_back_what_it_found() {
    let xml = joined();
    assert_eq!(errors(&xml), []);
    let mut run = Instance::start(&xml, json!({}));
    for word in ["true", "false"] {
        assert_eq!(run.open(), ["base.verify..t"]);
        run.done("base.verify..t", json!({ "outcome": word, "found": word }));
        assert_eq!(run.state.variables.get("found"), Some(&json!(word)));
        // The called process reads its outcomes by its own ids, the caller by those of the joined file.
        let outcomes = run.state.variables.get("outcomes").unwrap();
        assert_eq!((&outcomes["t"], &outcomes["base.verify..t"]), (&json!(word), &json!(word)));
        if word == "true" {
            assert_eq!(run.open(), ["t"]);
            run.done("t", json!({}));
        }
    }
    assert!(run.state.ended.is_some());
    run.replay();
}

#[test]
fn what_is_called_of_what_is_called_comes_along_and_its_files_keep_their_pack() {
    let inner = small(
        "s startEvent\n r businessRuleTask zt:decision=\"fees\"\n e endEvent\n s -> r\n r -> e",
    );
    let middle = small(
        "s startEvent\n c callActivity zt:calls=\"other:inner\"\n e endEvent\n s -> c\n c -> e",
    );
    let top = small(
        "s startEvent\n c callActivity zt:calls=\"base:middle\"\n e endEvent\n s -> c\n c -> e",
    );
    let calls = |name: &str| BTreeMap::from([(name.to_owned(), name.to_owned())]);
    let xml = join(
        &Piece { name: "city:top", xml: &top, calls: calls("base:middle") },
        &[
            Piece { name: "base:middle", xml: &middle, calls: calls("other:inner") },
            Piece { name: "other:inner", xml: &inner, calls: BTreeMap::new() },
        ],
    )
    .unwrap();
    assert_eq!(errors(&xml), []);
    let model = Model::parse(&xml).unwrap();
    let rule = model.node("other.inner..r").unwrap();
    assert_eq!(rule.decision.as_deref(), Some("other:fees"));
    assert_eq!(model.node("c").unwrap().called.as_deref(), Some("base.middle..p"));
    assert_eq!(model.node("base.middle..c").unwrap().called.as_deref(), Some("other.inner..p"));
}

#[test]
fn a_call_of_another_file_is_named_and_one_of_nothing_refused() {
    assert_eq!(errors(&caller()), []);
    let model = Model::parse(&caller()).unwrap();
    assert_eq!(model.node("one").unwrap().calls.as_deref(), Some("verify"));
    let nothing = caller().replace(" zt:calls=\"verify\"", "");
    let found: Vec<String> = errors(&nothing).into_iter().map(|one| one.element).collect();
    assert_eq!(found, ["one", "two"]);
    let elsewhere =
        caller().replacen("<userTask id=\"t\"", "<userTask id=\"t\" zt:calls=\"verify\"", 1);
    assert!(errors(&elsewhere).iter().any(|one| one.element == "t" && one.code == "attribute"));
}
