//! Events of every kind in small models: what starts, interrupts, jumps, undoes and waits.

use serde_json::json;
use zhengtong_bpmn::{Command, Ending, Model, start};

use super::{Instance, Plain, object};

/// A process of these elements, with the definitions that they refer to.
fn process(body: &str) -> String {
    format!(
        r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zt="https://zhengtong.dev/bpmn">
        <signal id="sa" name="a"/><signal id="sb" name="b"/>
        <error id="err" errorCode="E1"/><escalation id="esc" escalationCode="X1"/>
        <process id="p" isExecutable="true">{body}</process></definitions>"#
    )
}

fn flow(from: &str, to: &str) -> String {
    format!(r#"<sequenceFlow id="{from}-{to}" sourceRef="{from}" targetRef="{to}"/>"#)
}

/// `a b c` for the flows from a to b and from b to c.
fn flows(ways: &[&str]) -> String {
    let pairs = ways.iter().flat_map(|way| {
        let nodes: Vec<&str> = way.split(' ').collect();
        nodes.windows(2).map(|pair| flow(pair[0], pair[1])).collect::<Vec<_>>()
    });
    pairs.collect()
}

fn user(id: &str) -> String {
    format!(r#"<userTask id="{id}" name="{id}" zt:role="r"/>"#)
}

fn run(body: &str) -> Instance {
    Instance::start(&process(body), json!({}))
}

fn signal(name: &str) -> Command {
    Command::Signal { name: name.to_owned(), vars: object(json!({})) }
}

#[test]
fn a_link_jumps_to_its_landing_and_nowhere_else() {
    let link = |kind: &str, id: &str, name: &str| {
        format!(r#"<{kind} id="{id}"><linkEventDefinition name="{name}"/></{kind}>"#)
    };
    let (throw, catch) = ("intermediateThrowEvent", "intermediateCatchEvent");
    let parts = [
        r#"<startEvent id="s"/><endEvent id="e"/><endEvent id="f"/>"#.to_owned(),
        link(throw, "go", "far"),
        link(catch, "land", "far"),
        link(catch, "other", "near"),
        user("t") + &user("u"),
        flows(&["s go", "land t e", "other u f"]),
    ];
    let mut jumped = run(&parts.concat());
    assert_eq!(jumped.open(), ["t"]);
    jumped.done("t", json!({}));
    assert_eq!(jumped.state.ended, Some(Ending::Completed));
    jumped.replay();
    let lost = parts.concat().replace(
        r#"id="land"><linkEventDefinition name="far""#,
        r#"id="land"><linkEventDefinition name="off""#,
    );
    let model = Model::parse(&process(&lost)).unwrap();
    assert!(start(&model, object(json!({})), &Plain).is_err(), "a link without a landing");
}

#[test]
fn an_error_leaves_its_task_by_the_boundary() {
    let body = [
        r#"<startEvent id="s"/><endEvent id="e"/><endEvent id="f"/>"#.to_owned(),
        user("t") + &user("mend"),
        r#"<boundaryEvent id="b" attachedToRef="t"><errorEventDefinition errorRef="err"/></boundaryEvent>"#.to_owned(),
        flows(&["s t e", "b mend f"]),
    ];
    let mut failed = run(&body.concat());
    let task = failed.task("t");
    let raise =
        |code: &str| Command::Raise { task, code: code.to_owned(), vars: object(json!({})) };
    failed.try_do(raise("E1")).unwrap();
    assert_eq!(failed.open(), ["mend"]);
    failed.done("mend", json!({}));
    assert_eq!(failed.state.ended, Some(Ending::Completed));
    failed.replay();
}

#[test]
fn a_signal_interrupts_a_task_or_begins_beside_it() {
    for (interrupting, expected) in [("true", vec!["u"]), ("false", vec!["t", "u"])] {
        let body = [
            r#"<startEvent id="s"/><endEvent id="e"/><endEvent id="f"/>"#.to_owned(),
            user("t") + &user("u"),
            format!(
                r#"<boundaryEvent id="b" attachedToRef="t" cancelActivity="{interrupting}"><signalEventDefinition signalRef="sa"/></boundaryEvent>"#
            ),
            flows(&["s t e", "b u f"]),
        ];
        let mut told = run(&body.concat());
        told.try_do(signal("b")).unwrap();
        assert_eq!(told.open(), ["t"], "another signal");
        told.try_do(signal("a")).unwrap();
        let mut open = told.open();
        open.sort_unstable();
        assert_eq!(open, expected, "{interrupting}");
        told.replay();
    }
}

#[test]
fn an_escalation_is_told_outside_and_the_sub_process_goes_on() {
    let body = [
        r#"<startEvent id="s"/><endEvent id="e"/><endEvent id="f"/><subProcess id="sub"><startEvent id="is"/>"#.to_owned(),
        r#"<intermediateThrowEvent id="up"><escalationEventDefinition escalationRef="esc"/></intermediateThrowEvent>"#.to_owned(),
        user("t") + r#"<endEvent id="ie"/>"#,
        flows(&["is up t ie"]),
        "</subProcess>".to_owned(),
        r#"<boundaryEvent id="b" attachedToRef="sub" cancelActivity="false"><escalationEventDefinition escalationRef="esc"/></boundaryEvent>"#.to_owned(),
        user("head"),
        flows(&["s sub e", "b head f"]),
    ];
    let mut risen = run(&body.concat());
    let mut open = risen.open();
    open.sort_unstable();
    assert_eq!(open, ["head", "t"]);
    risen.done("t", json!({}));
    risen.done("head", json!({}));
    assert_eq!(risen.state.ended, Some(Ending::Completed));
    risen.replay();
}

#[test]
fn of_several_events_the_first_takes_the_way() {
    let caught = |id: &str, signal: &str| {
        format!(
            r#"<intermediateCatchEvent id="{id}"><signalEventDefinition signalRef="{signal}"/></intermediateCatchEvent>"#
        )
    };
    let body = [
        r#"<startEvent id="s"/><endEvent id="e"/><endEvent id="f"/><eventBasedGateway id="g"/>"#
            .to_owned(),
        caught("ca", "sa") + &caught("cb", "sb"),
        user("ta") + &user("tb"),
        flows(&["s g", "g ca ta e", "g cb tb f"]),
    ];
    let mut chosen = run(&body.concat());
    assert_eq!(chosen.open(), Vec::<&str>::new());
    chosen.try_do(signal("b")).unwrap();
    assert_eq!(chosen.open(), ["tb"]);
    chosen.try_do(signal("a")).unwrap();
    assert_eq!(chosen.open(), ["tb"], "the other way is closed");
    chosen.done("tb", json!({}));
    assert_eq!(chosen.state.ended, Some(Ending::Completed));
    chosen.replay();
}

#[test]
fn an_event_sub_process_takes_over_when_its_event_comes() {
    let body = [
        r#"<startEvent id="s"/><endEvent id="e"/>"#.to_owned(),
        user("t"),
        r#"<subProcess id="sub" triggeredByEvent="true"><startEvent id="is" isInterrupting="true"><signalEventDefinition signalRef="sa"/></startEvent>"#.to_owned(),
        user("u") + r#"<endEvent id="ie"/>"#,
        flows(&["is u ie"]),
        "</subProcess>".to_owned(),
        flows(&["s t e"]),
    ];
    let mut taken = run(&body.concat());
    assert_eq!(taken.open(), ["t"]);
    taken.try_do(signal("a")).unwrap();
    assert_eq!(taken.open(), ["u"]);
    taken.done("u", json!({}));
    assert!(taken.state.ended.is_some());
    taken.replay();
}

#[test]
fn what_was_done_is_undone_when_that_is_thrown() {
    let body = [
        r#"<startEvent id="s"/><endEvent id="e"/>"#.to_owned(),
        user("pay"),
        r#"<boundaryEvent id="b" attachedToRef="pay"><compensateEventDefinition/></boundaryEvent>"#.to_owned(),
        r#"<userTask id="refund" name="refund" zt:role="r" isForCompensation="true"/>"#.to_owned(),
        r#"<association id="as" sourceRef="b" targetRef="refund" associationDirection="One"/>"#.to_owned(),
        r#"<intermediateThrowEvent id="undo"><compensateEventDefinition/></intermediateThrowEvent>"#.to_owned(),
        flows(&["s pay undo e"]),
    ];
    let mut undone = run(&body.concat());
    assert_eq!(undone.open(), ["pay"]);
    undone.done("pay", json!({}));
    assert_eq!(undone.open(), ["refund"]);
    undone.done("refund", json!({}));
    assert_eq!(undone.state.ended, Some(Ending::Completed));
    undone.replay();
}

#[test]
fn a_condition_is_waited_for_until_it_is_known() {
    let body = [
        r#"<startEvent id="s"/><endEvent id="e"/>"#.to_owned(),
        r#"<intermediateCatchEvent id="c"><conditionalEventDefinition><condition>paid</condition></conditionalEventDefinition></intermediateCatchEvent>"#.to_owned(),
        user("t"),
        flows(&["s c t e"]),
    ];
    let mut waiting = run(&body.concat());
    for (known, open) in [(json!({"paid": false}), vec![]), (json!({"paid": true}), vec!["t"])] {
        waiting.try_do(Command::Learn { vars: object(known) }).unwrap();
        assert_eq!(waiting.open(), open);
    }
    waiting.replay();
}

#[test]
fn one_after_the_other_and_again_and_again() {
    let several = r#"<userTask id="t" name="t" zt:role="r"><multiInstanceLoopCharacteristics isSequential="true"><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics></userTask>"#;
    let again = r#"<userTask id="t" name="t" zt:role="r"><standardLoopCharacteristics><loopCondition>more</loopCondition></standardLoopCharacteristics></userTask>"#;
    let ends = r#"<startEvent id="s"/><endEvent id="e"/>"#;
    let mut turns = run(&[ends, several, &flows(&["s t e"])].concat());
    for _turn in 0..3 {
        assert_eq!(turns.open(), ["t"]);
        turns.done("t", json!({}));
    }
    assert_eq!(turns.state.ended, Some(Ending::Completed));
    turns.replay();
    let mut looped = run(&[ends, again, &flows(&["s t e"])].concat());
    for more in [true, true, false] {
        assert_eq!(looped.open(), ["t"]);
        looped.done("t", json!({ "more": more }));
    }
    assert_eq!(looped.state.ended, Some(Ending::Completed));
    looped.replay();
}
