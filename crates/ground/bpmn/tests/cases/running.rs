//! Whole instances, step by step.

use serde_json::json;
use zhengtong_bpmn::{
    Command, Effect, Ending, ExecError, Model, TaskId, TaskKind, apply, returns, start,
};

use super::{CONSULTATION, FOOD, Instance, Plain, object, small};

fn to_decision() -> Instance {
    let mut food = Instance::start(FOOD, json!({"applicant": "示例餐饮有限公司"}));
    food.outcome("accept", "accept");
    food.outcome("review", "pass");
    food.outcome("inspect", "pass");
    food
}

#[test]
fn a_licence_is_granted() {
    let mut food = Instance::start(FOOD, json!({"applicant": "示例餐饮有限公司"}));
    let [
        Effect::TaskOpened {
            task,
            node,
            name,
            kind,
            role,
            form,
            days,
            outcomes,
            notice,
            assignee: None,
            beside: None,
        },
    ] = food.effects.as_slice()
    else {
        panic!("{:?}", food.effects)
    };
    assert_eq!((*task, node.as_str(), name.as_str()), (TaskId(2), "accept", "受理"));
    assert_eq!(
        (*kind, role.as_deref(), form.as_deref()),
        (TaskKind::User, Some("window"), Some("acceptance"))
    );
    assert_eq!((*days, outcomes.len(), notice.as_deref()), (Some(1), 3, Some("accepted")));

    food.outcome("accept", "accept");
    assert_eq!(food.open(), ["review", "inspect"]);
    assert!(
        matches!(&food.effects[0], Effect::TaskClosed { outcome: Some(o), .. } if o == "accept")
    );
    food.outcome("inspect", "pass");
    assert_eq!(food.open(), ["review"], "the join waits");
    food.outcome("review", "pass");
    assert_eq!(food.open(), ["decide"]);
    food.outcome("decide", "grant");
    assert!(food.effects.iter().any(|effect| matches!(effect,
        Effect::ServiceDue { action: Some(action), .. } if action == "document.issue")));
    food.done("issue", json!({"licence_no": "JY1"}));
    food.done("deliver", json!({}));
    assert_eq!(food.state.ended, Some(Ending::Completed));
    assert_eq!(food.effects.last(), Some(&Effect::Ended { ending: Ending::Completed }));
    assert_eq!(food.state.variables["licence_no"], "JY1");
    assert_eq!(
        food.state.variables["outcomes"],
        json!({"accept": "accept", "review": "pass", "inspect": "pass", "decide": "grant"})
    );
    assert!(food.state.tokens.is_empty() && food.state.open.is_empty());
    food.replay();
}

#[test]
fn a_licence_is_refused() {
    let mut food = to_decision();
    food.outcome("decide", "refuse");
    assert_eq!(food.state.ended, Some(Ending::Completed));
    assert_eq!(food.try_do(Command::Withdraw), Err(ExecError::Ended));
    food.replay();
}

#[test]
fn corrections_come_round() {
    let mut food = Instance::start(FOOD, json!({}));
    for _ in 0..3 {
        food.outcome("accept", "correct");
        assert_eq!(food.open(), ["correct"]);
        food.done("correct", json!({"material": "new"}));
        assert_eq!(food.open(), ["accept"]);
        assert!(
            returns(&food.model, &food.state, food.task("accept")).is_empty(),
            "no way forward"
        );
    }
    food.outcome("accept", "reject");
    assert_eq!(food.state.ended, Some(Ending::Completed));
    food.replay();
}

#[test]
fn wrong_commands_change_nothing() {
    let mut food = Instance::start(FOOD, json!({}));
    let task = food.task("accept");
    let before = food.state.clone();
    let vars = |value| object(value);
    for (command, wanted) in [
        (
            Command::CompleteTask { task: TaskId(99), vars: vars(json!({})) },
            ExecError::TaskNotOpen(TaskId(99)),
        ),
        (Command::CompleteService { task, vars: vars(json!({})) }, ExecError::WrongKind(task)),
        (Command::FailService { task, reason: String::new() }, ExecError::WrongKind(task)),
        (
            Command::ReturnTo { task, node: "decide".into(), straight: false },
            ExecError::ReturnNotPossible { node: "decide".into() },
        ),
        (
            Command::ReturnTo { task, node: "accept".into(), straight: false },
            ExecError::ReturnNotPossible { node: "accept".into() },
        ),
    ] {
        let error = food.try_do(command).unwrap_err();
        assert!(!error.zh().is_empty() && error.zh() != error.to_string());
        assert_eq!(error, wanted);
    }
    for outcome in [json!({}), json!({"outcome": "grant"}), json!({"outcome": 1})] {
        let error = food.try_do(Command::CompleteTask { task, vars: vars(outcome) }).unwrap_err();
        assert_eq!(error.to_string(), "the outcome must be one of: accept, correct, reject");
    }
    assert_eq!(food.state, before);
    food.outcome("accept", "accept");
    let again =
        food.try_do(Command::CompleteTask { task, vars: vars(json!({"outcome": "accept"})) });
    assert_eq!(again, Err(ExecError::TaskNotOpen(task)), "a second click does nothing");
}

#[test]
fn returning_takes_siblings_back() {
    let mut food = Instance::start(FOOD, json!({}));
    food.outcome("accept", "accept");
    let review = food.task("review");
    let ways: Vec<&str> =
        returns(&food.model, &food.state, review).iter().map(|node| node.id.as_str()).collect();
    assert_eq!(ways, ["accept"]);
    food.try_do(Command::ReturnTo { task: review, node: "accept".into(), straight: false })
        .unwrap();
    assert_eq!(food.open(), ["accept"]);
    assert_eq!(food.state.tokens.len(), 1);
    assert!(
        food.effects.iter().any(
            |effect| matches!(effect, Effect::TaskCancelled { node, .. } if node == "inspect")
        )
    );
    food.replay();
}

#[test]
fn returning_empties_a_waiting_join() {
    let mut food = Instance::start(FOOD, json!({}));
    food.outcome("accept", "accept");
    food.outcome("review", "pass");
    let inspect = food.task("inspect");
    assert!(
        matches!(
            food.try_do(Command::ReturnTo {
                task: inspect,
                node: "review".into(),
                straight: false
            }),
            Err(ExecError::ReturnNotPossible { .. })
        ),
        "the other branch is not earlier"
    );
    food.try_do(Command::ReturnTo { task: inspect, node: "accept".into(), straight: false })
        .unwrap();
    food.outcome("accept", "accept");
    food.outcome("inspect", "pass");
    assert_eq!(food.open(), ["review"], "the old arrival does not count");
    food.outcome("review", "pass");
    assert_eq!(food.open(), ["decide"]);
    food.replay();
}

#[test]
fn returning_from_behind_a_join() {
    let mut food = to_decision();
    let decide = food.task("decide");
    let ways: Vec<&str> =
        returns(&food.model, &food.state, decide).iter().map(|node| node.id.as_str()).collect();
    assert_eq!(ways, ["accept"], "not into one branch of a finished split");
    food.try_do(Command::ReturnTo { task: decide, node: "accept".into(), straight: false })
        .unwrap();
    assert_eq!(food.open(), ["accept"]);
    food.replay();
}

#[test]
fn returning_inside_a_branch_leaves_the_sibling() {
    let source = small(
        "s startEvent\n f and\n a user\n b user\n c user\n j and\n e endEvent\n s -> f\n f -> a\n a -> b\n b -> j\n f -> c\n c -> j\n j -> e",
    );
    let mut two = Instance::start(&source, json!({}));
    two.done("a", json!({}));
    let task = two.task("b");
    two.try_do(Command::ReturnTo { task, node: "a".into(), straight: false }).unwrap();
    assert_eq!(two.open(), ["c", "a"]);
    for node in ["c", "a", "b"] {
        two.done(node, json!({}));
    }
    assert_eq!(two.state.ended, Some(Ending::Completed));
    two.replay();
}

#[test]
fn services_fail_and_are_repeated() {
    let mut food = to_decision();
    food.outcome("decide", "grant");
    let task = food.task("issue");
    for failures in 1..=3 {
        food.try_do(Command::FailService { task, reason: "打印机离线".into() }).unwrap();
        assert!(
            matches!(&food.effects[..], [Effect::ServiceFailed { failures: f, .. }] if *f == failures)
        );
        assert_eq!(food.open(), ["issue"]);
    }
    food.done("issue", json!({}));
    assert_eq!(food.open(), ["deliver"]);
    food.replay();
}

#[test]
fn withdrawal_and_termination_cancel_everything() {
    for (command, ending) in [
        (Command::Withdraw, Ending::Withdrawn),
        (
            Command::Terminate { reason: "依法终止".into() },
            Ending::Terminated { reason: "依法终止".into() },
        ),
    ] {
        let mut food = Instance::start(FOOD, json!({}));
        food.outcome("accept", "accept");
        food.try_do(command).unwrap();
        assert_eq!(food.effects.len(), 3, "two cancelled, one ended");
        assert_eq!(food.state.ended, Some(ending));
        assert!(food.state.open.is_empty() && food.state.tokens.is_empty());
        food.replay();
    }
}

#[test]
fn inclusive_joins_wait_for_those_that_were_asked() {
    for (vars, asked) in [
        (json!({}), vec![]),
        (json!({"planning": true}), vec!["planning"]),
        (json!({"planning": true, "environment": true}), vec!["planning", "environment"]),
        (
            json!({"planning": true, "fire": true, "environment": true}),
            vec!["planning", "fire", "environment"],
        ),
    ] {
        let mut round = Instance::start(CONSULTATION, json!({}));
        round.done("scope", vars);
        for (index, department) in asked.iter().enumerate() {
            assert_eq!(round.open(), asked[index..], "only those asked, until all have answered");
            round.done(department, json!({}));
        }
        assert_eq!(round.open(), ["notify"]);
        round.done("notify", json!({}));
        round.outcome("summary", "stop");
        assert_eq!(round.state.ended, Some(Ending::Stopped { node: "stopped".into() }));
        round.replay();
    }
}

#[test]
fn a_terminate_event_stops_the_others() {
    let source = small(
        "s startEvent\n f and\n a user\n b user\n t stop\n e endEvent\n s -> f\n f -> a\n f -> b\n a -> t\n b -> e",
    );
    let mut two = Instance::start(&source, json!({}));
    two.done("a", json!({}));
    assert_eq!(two.state.ended, Some(Ending::Stopped { node: "t".into() }));
    assert!(
        two.effects
            .iter()
            .any(|effect| matches!(effect, Effect::TaskCancelled { node, .. } if node == "b"))
    );
}

#[test]
fn one_branch_may_end_before_the_other() {
    let source = small(
        "s startEvent\n f and\n a user\n b user\n e endEvent\n g endEvent\n s -> f\n f -> a\n f -> b\n a -> e\n b -> g",
    );
    let mut two = Instance::start(&source, json!({}));
    two.done("a", json!({}));
    assert_eq!((two.state.ended.clone(), two.open()), (None, vec!["b"]));
    two.done("b", json!({}));
    assert_eq!(two.state.ended, Some(Ending::Completed));
}

#[test]
fn unsound_models_fail_loudly() {
    let refused = |lines: &str| {
        let model = Model::parse(&small(lines)).unwrap();
        start(&model, object(json!({})), &Plain).map(|_| ()).unwrap_err()
    };
    assert_eq!(
        refused("s startEvent\n x xor\n a user\n b user\n s -> x\n x -> a y\n x -> b z"),
        ExecError::NoWay { node: "x".into() }
    );
    assert_eq!(
        refused(
            "s startEvent\n x xor default=\"x-b\"\n a user\n b endEvent\n j and\n s -> x\n x -> a broken\n x -> b"
        ),
        ExecError::Condition { flow: "x-a".into(), message: "no such name".into() }
    );
    assert_eq!(
        refused(
            "s startEvent\n x xor default=\"x-j\"\n a user\n j and\n e endEvent\n s -> x\n x -> a y\n x -> j\n a -> j\n j -> e"
        ),
        ExecError::Stuck { nodes: vec!["j".into()] }
    );
    assert_eq!(
        refused("s startEvent\n x xor\n y xor\n s -> x\n x -> y\n y -> x"),
        ExecError::TooManySteps
    );
    assert_eq!(
        refused(
            "s startEvent\n m xor\n f and\n a user\n e endEvent\n s -> m\n m -> f\n f -> m\n f -> a\n a -> e"
        ),
        ExecError::TooManySteps,
        "a split in a circle"
    );
    assert_eq!(refused("s startEvent\n a user"), ExecError::NoWay { node: "s".into() });
    assert!(matches!(refused("a user"), ExecError::NotExecutable { .. }));
}

#[test]
fn another_version_is_noticed() {
    let food = Instance::start(FOOD, json!({}));
    let other =
        Model::parse(&small("s startEvent\n a user\n e endEvent\n s -> a\n a -> e")).unwrap();
    let command = Command::CompleteTask {
        task: food.task("accept"),
        vars: object(json!({"outcome": "accept"})),
    };
    let error = apply(&other, food.state, command, &Plain).unwrap_err();
    assert_eq!(error, ExecError::ModelChanged { node: "accept".into() });
}

#[test]
fn the_record_of_outcomes_cannot_be_forged() {
    let mut food = Instance::start(FOOD, json!({}));
    food.done("accept", json!({"outcome": "accept", "outcomes": {"decide": "grant"}}));
    assert_eq!(food.state.variables["outcomes"], json!({"accept": "accept"}));
}
