//! The free acts of an office: 退回, 撤回, 转办, 委派, 加签, 减签, 会签, 或签, 征求意见, 特送.

use serde_json::json;
use zhengtong_bpmn::{
    Command, Effect, Ending, ExecError, Rule, SignPlace, TaskId, may_take_back, returns_straight,
    targets,
};

use super::{FOOD, Instance, small};

fn people(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn done(instance: &mut Instance, task: TaskId, outcome: &str) {
    let vars = super::object(json!({ "outcome": outcome }));
    instance.try_do(Command::CompleteTask { task, vars }).unwrap();
}

/// The open task of somebody.
fn of(instance: &Instance, who: &str) -> TaskId {
    let mine = |open: &&zhengtong_bpmn::OpenTask| open.assignee.as_deref() == Some(who);
    instance.state.open.iter().find(mine).unwrap().task
}

/// One step with outcomes, then another.
fn signing() -> Instance {
    let source = small(
        "s startEvent\n a user zt:outcomes=\"pass,refuse\"\n x xor default=\"x-n\"\n b user\n n user\n e endEvent\n s -> a\n a -> x\n x -> b outcome = \"pass\"\n x -> n\n b -> e\n n -> e",
    );
    Instance::start(&source, json!({}))
}

fn at_review() -> Instance {
    let mut food = Instance::start(FOOD, json!({}));
    food.outcome("accept", "accept");
    food
}

fn impossible(result: &Result<(), ExecError>) {
    assert!(matches!(result, Err(ExecError::NotPossible { .. })), "{result:?}");
}

#[test]
fn taking_back_what_nobody_has_begun() {
    let mut food = Instance::start(FOOD, json!({}));
    let accept = food.task("accept");
    food.try_do(Command::Assign { task: accept, to: Some("甲".into()) }).unwrap();
    food.outcome("accept", "accept");
    assert!(may_take_back(&food.state, accept));
    food.try_do(Command::TakeBack { task: accept }).unwrap();
    assert_eq!(food.open(), ["accept"]);
    assert_eq!(food.state.open[0].assignee.as_deref(), Some("甲"), "it is the same person's again");
    assert!(food.state.variables["outcomes"].get("accept").is_none());
    food.outcome("accept", "accept");
    assert_eq!(food.open(), ["review", "inspect"]);
    food.replay();
}

#[test]
fn what_was_begun_or_met_is_not_taken_back() {
    let mut food = Instance::start(FOOD, json!({}));
    let accept = food.task("accept");
    food.outcome("accept", "accept");
    let review = food.task("review");
    food.try_do(Command::Assign { task: review, to: Some("乙".into()) }).unwrap();
    impossible(&food.try_do(Command::TakeBack { task: accept }));
    food.outcome("review", "pass");
    assert!(may_take_back(&food.state, review), "its token waits at the join alone");
    food.try_do(Command::TakeBack { task: review }).unwrap();
    food.outcome("review", "pass");
    let review = food.state.visits["review"].task;
    food.outcome("inspect", "pass");
    assert!(!may_take_back(&food.state, review), "the branches have met");
    let decide = food.task("decide");
    food.outcome("decide", "grant");
    impossible(&food.try_do(Command::TakeBack { task: decide }));
    impossible(&food.try_do(Command::TakeBack { task: TaskId(999) }));
    food.replay();
}

#[test]
fn a_task_is_handed_over_and_lent() {
    let mut food = Instance::start(FOOD, json!({}));
    let task = food.task("accept");
    food.try_do(Command::Assign { task, to: Some("甲".into()) }).unwrap();
    food.try_do(Command::Assign { task, to: Some("乙".into()) }).unwrap();
    assert_eq!(
        food.effects,
        [Effect::TaskAssigned {
            task,
            node: "accept".into(),
            from: Some("甲".into()),
            to: Some("乙".into())
        }]
    );
    food.try_do(Command::Delegate { task, to: "丙".into() }).unwrap();
    food.try_do(Command::Delegate { task, to: "丁".into() }).unwrap();
    let vars = super::object(json!({"outcome": "accept"}));
    impossible(&food.try_do(Command::CompleteTask { task, vars }));
    food.try_do(Command::GiveBack { task }).unwrap();
    assert_eq!(food.state.open[0].assignee.as_deref(), Some("丙"));
    food.try_do(Command::GiveBack { task }).unwrap();
    impossible(&food.try_do(Command::GiveBack { task }));
    assert_eq!(food.state.open[0].assignee.as_deref(), Some("乙"));
    food.outcome("accept", "accept");
    food.replay();
}

#[test]
fn others_sign_before_and_after() {
    let mut one = signing();
    let a = one.task("a");
    let before =
        Command::AddSign { task: a, who: people(&["甲", "乙"]), place: SignPlace::Before };
    one.try_do(before).unwrap();
    let after = Command::AddSign { task: a, who: people(&["丙"]), place: SignPlace::After };
    one.try_do(after).unwrap();
    let vars = || super::object(json!({"outcome": "pass"}));
    impossible(&one.try_do(Command::CompleteTask { task: a, vars: vars() }));
    let first = of(&one, "甲");
    done(&mut one, first, "pass");
    assert!(may_take_back(&one.state, first));
    let second = of(&one, "乙");
    one.try_do(Command::RemoveSign { task: second }).unwrap();
    assert!(one.effects.contains(&Effect::TaskReady { task: a, node: "a".into() }));
    one.try_do(Command::CompleteTask { task: a, vars: vars() }).unwrap();
    assert_eq!(one.open(), ["a"], "the one who signs after it");
    let third = of(&one, "丙");
    done(&mut one, third, "refuse");
    assert_eq!(one.open(), ["n"], "the last word stands");
    one.replay();
}

#[test]
fn several_sign_in_place_of_one() {
    let rows: [(Rule, &[&str], &str); 6] = [
        (Rule::All, &["pass", "pass", "pass"], "b"),
        (Rule::All, &["pass", "refuse", "pass"], "n"),
        (Rule::One, &["pass"], "b"),
        (Rule::One, &["refuse"], "n"),
        (Rule::Ratio(60), &["pass", "refuse", "pass"], "b"),
        (Rule::Ratio(60), &["refuse", "refuse"], "n"),
    ];
    for (rule, given, next) in rows {
        let mut one = signing();
        let task = one.task("a");
        let who = people(&["甲", "乙", "丙"]);
        one.try_do(Command::Countersign { task, who, rule }).unwrap();
        assert_eq!(one.open(), ["a", "a", "a"]);
        for (who, outcome) in ["甲", "乙", "丙"].iter().zip(given) {
            assert_eq!(one.open().first(), Some(&"a"));
            let task = of(&one, who);
            done(&mut one, task, outcome);
        }
        assert_eq!(one.open(), [next], "{rule:?} {given:?}");
        assert!(one.state.panels.is_empty());
        one.replay();
    }
}

#[test]
fn one_signs_together_and_one_leaves() {
    let mut one = signing();
    let task = one.task("a");
    impossible(&one.try_do(Command::RemoveSign { task }));
    let place = SignPlace::Together;
    one.try_do(Command::AddSign { task, who: people(&["甲"]), place }).unwrap();
    one.try_do(Command::AddSign { task, who: people(&["乙"]), place }).unwrap();
    done(&mut one, task, "pass");
    let (first, second) = (of(&one, "甲"), of(&one, "乙"));
    one.try_do(Command::RemoveSign { task: first }).unwrap();
    one.try_do(Command::TakeBack { task }).unwrap();
    assert_eq!(one.open(), ["a", "a"], "the first signs once more");
    done(&mut one, second, "pass");
    let again = one.task("a");
    impossible(&one.try_do(Command::AddSign { task: again, who: people(&[]), place }));
    impossible(&one.try_do(Command::AddSign { task: again, who: people(&["丙", "丙"]), place }));
    done(&mut one, again, "pass");
    assert_eq!(one.open(), ["b"]);
    one.replay();
}

#[test]
fn a_repeated_task_has_one_more_and_one_less() {
    let source = small("s startEvent\n a several\n e endEvent\n s -> a\n a -> e");
    let mut three = Instance::start(&source, json!({}));
    let task = three.state.open[0].task;
    let place = SignPlace::Together;
    three.try_do(Command::AddSign { task, who: people(&["甲"]), place }).unwrap();
    assert_eq!(three.open().len(), 4);
    let mine = of(&three, "甲");
    done(&mut three, mine, "");
    three.try_do(Command::TakeBack { task: mine }).unwrap();
    assert_eq!(three.open().len(), 4, "one of several is taken back alone");
    for _ in 0..3 {
        let task = three.state.open[0].task;
        three.try_do(Command::RemoveSign { task }).unwrap();
    }
    let last = three.state.open[0].task;
    impossible(&three.try_do(Command::RemoveSign { task: last }));
    done(&mut three, last, "");
    assert_eq!(three.state.ended, Some(Ending::Completed));
    three.replay();
}

#[test]
fn opinions_move_nothing() {
    for waits in [false, true] {
        let mut one = signing();
        let task = one.task("a");
        one.try_do(Command::AskOpinions { task, who: people(&["甲", "乙"]), waits }).unwrap();
        let first = of(&one, "甲");
        impossible(&one.try_do(Command::AskOpinions { task: first, who: people(&["丙"]), waits }));
        done(&mut one, first, "refuse");
        assert!(one.state.variables.get("outcome").is_none(), "an opinion decides nothing");
        let vars = super::object(json!({"outcome": "pass"}));
        let early = one.try_do(Command::CompleteTask { task, vars: vars.clone() });
        if waits {
            impossible(&early);
            let second = of(&one, "乙");
            done(&mut one, second, "pass");
            one.try_do(Command::CompleteTask { task, vars }).unwrap();
        } else {
            early.unwrap();
            let gone = |effect: &Effect| matches!(effect, Effect::TaskCancelled { .. });
            assert!(one.effects.iter().any(gone), "nobody waits for the other one");
        }
        assert_eq!(one.open(), ["b"]);
        one.replay();
    }
}

#[test]
fn back_into_a_finished_branch_and_straight_again() {
    let mut food = at_review();
    food.outcome("review", "pass");
    food.outcome("inspect", "pass");
    let task = food.task("decide");
    let ways: Vec<&str> = returns_straight(&food.model, &food.state, task)
        .iter()
        .map(|one| one.id.as_str())
        .collect();
    assert_eq!(ways, ["accept", "review", "inspect"]);
    food.try_do(Command::ReturnTo { task, node: "review".into(), straight: true }).unwrap();
    assert_eq!(food.open(), ["review"]);
    food.outcome("review", "pass");
    assert_eq!(food.open(), ["decide"], "not through the join once more");
    food.replay();
}

#[test]
fn back_out_of_a_sub_process() {
    let source = small(
        "s startEvent\n a user\n q sub\n t startEvent\n b user\n f endEvent\n t -> b\n b -> f\n end-sub\n e endEvent\n s -> a\n a -> q\n q -> e",
    );
    let mut one = Instance::start(&source, json!({}));
    one.done("a", json!({}));
    let task = one.task("b");
    one.try_do(Command::ReturnTo { task, node: "a".into(), straight: false }).unwrap();
    assert_eq!((one.open(), one.state.scopes.len()), (vec!["a"], 1));
    one.done("a", json!({}));
    one.done("b", json!({}));
    assert_eq!(one.state.ended, Some(Ending::Completed));
    one.replay();
}

#[test]
fn sending_straight_to_a_step() {
    let send =
        |task, node: &str| Command::SendTo { task, node: node.into(), reason: "急件".into() };
    let mut food = Instance::start(FOOD, json!({}));
    let task = food.task("accept");
    let steps: Vec<&str> =
        targets(&food.model, &food.state, task).iter().map(|node| node.id.as_str()).collect();
    assert!(["review", "decide", "issue"].iter().all(|step| steps.contains(step)), "{steps:?}");
    impossible(&food.try_do(send(task, "accept")));
    impossible(&food.try_do(send(task, "nowhere")));
    // Into one of two branches: the other counts as done.
    food.try_do(send(task, "review")).unwrap();
    assert_eq!(food.open(), ["review"]);
    food.outcome("review", "pass");
    assert_eq!(food.open(), ["decide"]);
    food.replay();
    // Out of one of two branches, past the join: the sibling is cancelled.
    let mut food = at_review();
    let task = food.task("review");
    food.try_do(send(task, "decide")).unwrap();
    assert_eq!(food.open(), ["decide"]);
    food.outcome("decide", "refuse");
    assert_eq!(food.state.ended, Some(Ending::Completed));
    food.replay();
}
