//! Instances that a message, a time or a signal begins: once and only once, with several nodes at it and some of them dying.

use serde_json::{Value, json};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Failure as _;
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Ctx, Shelf};
use zhengtong_process::{
    Published, begin_next, beginnings, decide, draw, examine, go_on, message, replay, save, settle,
    signal, submit, variables,
};

use crate::decided::admin;
use crate::world::{flows, officer, process, read_files, vars, with_shelf};

fn begun_by(event: &str) -> String {
    process(&format!(
        "<startEvent id=\"s\">{event}</startEvent>\
         <scriptTask id=\"k\" zt:result=\"doubled\"><script>if number = null then 0 else number * 2</script></scriptTask>\
         <endEvent id=\"e\"/>{}",
        flows(&["s", "k", "e"])
    ))
}

fn timer(kind: &str, text: &str) -> String {
    begun_by(&format!("<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"))
}

const MESSAGE: &str = "<messageEventDefinition messageRef=\"m\"/>";
const SIGNAL: &str = "<signalEventDefinition signalRef=\"g\"/>";

async fn city(files: &[(&str, &str)]) -> TestDb {
    let (catalog, report) = read_files(files);
    assert!(report.usable(), "{:#?}", report.findings);
    let test = with_shelf(Shelf::default().with(catalog)).await;
    let mut ctx = test.ctx(officer("平台")).await;
    settle(&mut ctx).await.unwrap();
    ctx.commit().await.unwrap();
    test
}

async fn at(test: &TestDb, now: OffsetDateTime) -> Ctx {
    let mut ctx = test.ctx(officer("平台")).await;
    ctx.now = now;
    ctx
}

/// Does everything that is due at a moment; how many began.
async fn all_due(test: &TestDb, now: OffsetDateTime) -> usize {
    let mut begun = 0;
    loop {
        let mut ctx = at(test, now).await;
        let moved = begin_next(&mut ctx).await.unwrap();
        ctx.commit().await.unwrap();
        match moved {
            Some(_) => begun += 1,
            None => return begun,
        }
    }
}

async fn instances(test: &TestDb) -> Vec<(String, Uuid)> {
    sqlx::query_as("SELECT thing, id FROM process.instance ORDER BY started_at, thing")
        .fetch_all(test.db.pool())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_time_begins_once_each_time_and_what_was_missed_is_made_up_once() {
    let daily = timer("timeCycle", "R/2027-01-04T09:00:00+08:00/P1D");
    let thrice = timer("timeCycle", "R3/2027-01-04T09:00:00+08:00/PT1H");
    let once = timer("timeDate", "2027-01-04T10:00:00+08:00");
    let mondays = timer("timeCycle", "0 9 * * 1");
    let test = city(&[
        ("daily.bpmn", &daily),
        ("thrice.bpmn", &thrice),
        ("once.bpmn", &once),
        ("mondays.bpmn", &mondays),
    ])
    .await;
    // Mondays came since the clock of the test: they are made up once.
    assert_eq!(all_due(&test, datetime!(2027-01-04 08:59 +8)).await, 1);
    let begun = |test: &TestDb, name: &'static str| {
        let pool = test.db.pool().clone();
        async move {
            let count: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM process.instance WHERE starts_with(thing, $1)",
            )
            .bind(format!("process/city:{name}/"))
            .fetch_one(&pool)
            .await
            .unwrap();
            count
        }
    };
    let before = begun(&test, "mondays").await;
    let rows = [
        (datetime!(2027-01-04 09:00 +8), [1, 1, 0, 1]),
        // Nothing happens twice.
        (datetime!(2027-01-04 09:00 +8), [1, 1, 0, 1]),
        (datetime!(2027-01-04 10:30 +8), [1, 2, 1, 1]),
        (datetime!(2027-01-05 09:00 +8), [2, 3, 1, 1]),
        // Three days were missed: made up once, and then as before.
        (datetime!(2027-01-08 12:00 +8), [3, 3, 1, 1]),
        (datetime!(2027-01-09 09:00 +8), [4, 3, 1, 1]),
        (datetime!(2027-01-11 09:00 +8), [5, 3, 1, 2]),
    ];
    for (now, expected) in rows {
        all_due(&test, now).await;
        let seen = [
            begun(&test, "daily").await,
            begun(&test, "thrice").await,
            begun(&test, "once").await,
            begun(&test, "mondays").await - before,
        ];
        assert_eq!(seen, expected, "{now}");
    }
    let mut ctx = at(&test, datetime!(2027-01-11 09:00 +8)).await;
    let waiting = beginnings(&mut ctx, "city:daily").await.unwrap();
    assert_eq!(waiting.first().unwrap().due, Some(datetime!(2027-01-12 09:00 +8)));
    assert_eq!(beginnings(&mut ctx, "city:thrice").await.unwrap().first().unwrap().due, None);
    // Settling again changes nothing that is counted.
    settle(&mut ctx).await.unwrap();
    assert_eq!(beginnings(&mut ctx, "city:daily").await.unwrap(), waiting);
}

#[tokio::test]
async fn a_message_begins_one_instance_for_its_key_while_that_runs() {
    let waits = process(&format!(
        "<startEvent id=\"s\">{MESSAGE}</startEvent><receiveTask id=\"w\" messageRef=\"m2\"/><endEvent id=\"e\"/>{}",
        flows(&["s", "w", "e"])
    ))
    .replace("<signal id=\"g\"", "<message id=\"m2\" name=\"answer\"/><signal id=\"g\"");
    let test = city(&[("report.bpmn", &waits)]).await;
    let send = async |name: &str, key: &str, number: i64| {
        let mut ctx = test.ctx(officer("平台")).await;
        // One after another: what came first is taken first.
        ctx.now += Duration::seconds(number);
        let vars = vars(&json!({ "number": number }));
        message(&mut ctx, name, key, vars, Duration::days(1)).await.unwrap();
        ctx.commit().await.unwrap();
    };
    let now = test.db.clock().now();
    send("report", "K1", 1).await;
    send("report", "K1", 2).await;
    send("report", "K2", 3).await;
    send("other", "K3", 4).await;
    assert_eq!(all_due(&test, now).await, 2);
    let begun = instances(&test).await;
    let things: Vec<&str> = begun.iter().map(|(thing, _)| thing.as_str()).collect();
    assert_eq!(things, ["process/city:report/K1", "process/city:report/K2"]);
    let mut ctx = test.ctx(officer("平台")).await;
    let known = variables(&mut ctx, begun[0].1).await.unwrap();
    assert_eq!((&known["number"], &known["event"]["key"]), (&json!(1), &json!("K1")));
    drop(ctx);
    // When the first is over, the message that came meanwhile begins the next.
    send("answer", "process/city:report/K1", 5).await;
    assert_eq!(all_due(&test, now).await, 1);
    let mut ctx = test.ctx(officer("平台")).await;
    for (_, id) in instances(&test).await {
        assert!(replay(&mut ctx, id).await.unwrap());
    }
}

#[tokio::test]
async fn a_signal_begins_everything_that_begins_with_it() {
    let (one, two) = (begun_by(SIGNAL), begun_by(SIGNAL));
    let test = city(&[("one.bpmn", &one), ("two.bpmn", &two)]).await;
    let mut ctx = test.ctx(officer("平台")).await;
    assert_eq!(signal(&mut ctx, "alarm", &vars(&json!({ "number": 21 }))).await.unwrap(), 2);
    assert_eq!(signal(&mut ctx, "nobody", &vars(&json!({}))).await.unwrap(), 0);
    ctx.commit().await.unwrap();
    let now = test.db.clock().now();
    assert_eq!(all_due(&test, now).await, 2);
    assert_eq!(all_due(&test, now).await, 0);
    let mut ctx = test.ctx(officer("平台")).await;
    for (_, id) in instances(&test).await {
        assert_eq!(variables(&mut ctx, id).await.unwrap().get("doubled"), Some(&json!(42)));
    }
}

#[tokio::test]
async fn two_nodes_and_a_dying_one_begin_each_call_once() {
    let (by_signal, daily) =
        (begun_by(SIGNAL), timer("timeCycle", "R/2027-01-04T09:00:00+08:00/P1D"));
    let report = begun_by(MESSAGE);
    let test =
        city(&[("signal.bpmn", &by_signal), ("daily.bpmn", &daily), ("report.bpmn", &report)])
            .await;
    let now = datetime!(2027-01-04 12:00 +8);
    let mut ctx = at(&test, now).await;
    for number in 0..20 {
        signal(&mut ctx, "alarm", &vars(&json!({ "number": number }))).await.unwrap();
        let key = format!("K{number}");
        message(&mut ctx, "report", &key, vars(&json!({})), Duration::days(1)).await.unwrap();
    }
    ctx.commit().await.unwrap();
    let hands: Vec<_> = (0..4)
        .map(|hand| {
            let db = test.db.clone();
            tokio::spawn(async move {
                let mut round = 0;
                loop {
                    let mut ctx = db.begin(officer("平台"), "test").await.unwrap();
                    ctx.now = now;
                    let moved = go_on(&mut ctx).await.unwrap();
                    round += 1;
                    // Every second time this node dies before it commits.
                    if hand % 2 == 0 && round % 2 == 0 && round < 40 {
                        drop(ctx);
                        continue;
                    }
                    ctx.commit().await.unwrap();
                    if !moved {
                        return;
                    }
                }
            })
        })
        .collect();
    for hand in hands {
        hand.await.unwrap();
    }
    // Who found everything locked went home; whatever was left is done now.
    all_due(&test, now).await;
    let mut things: Vec<String> =
        instances(&test).await.into_iter().map(|(thing, _)| thing).collect();
    assert_eq!(things.len(), 41, "{things:#?}");
    things.dedup();
    assert_eq!(things.len(), 41);
    let left: i64 = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM process.message) + (SELECT count(*) FROM process.signalled)",
    )
    .fetch_one(test.db.pool())
    .await
    .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn what_cannot_begin_is_kept_with_its_reason_and_keeps_nobody_up() {
    let broken = process(&format!(
        "<startEvent id=\"s\">{SIGNAL}</startEvent><scriptTask id=\"k\" zt:result=\"a\"><multiInstanceLoopCharacteristics>\
         <loopCardinality>number</loopCardinality></multiInstanceLoopCharacteristics><script>1</script></scriptTask><endEvent id=\"e\"/>{}",
        flows(&["s", "k", "e"])
    ));
    let sound = begun_by(SIGNAL);
    let test = city(&[("broken.bpmn", &broken), ("sound.bpmn", &sound)]).await;
    let mut ctx = test.ctx(officer("平台")).await;
    signal(&mut ctx, "alarm", &vars(&json!({ "number": null, "many": true }))).await.unwrap();
    ctx.commit().await.unwrap();
    let now = test.db.clock().now();
    assert_eq!(all_due(&test, now).await, 1);
    let mut ctx = test.ctx(officer("平台")).await;
    let fault = beginnings(&mut ctx, "city:broken").await.unwrap().remove(0).fault;
    assert!(fault.unwrap().contains("no whole number"));
    let left: Value = sqlx::query_scalar("SELECT vars FROM process.signalled")
        .fetch_one(test.db.pool())
        .await
        .unwrap();
    assert_eq!(left, json!({ "number": null, "many": true }));
    assert_eq!(all_due(&test, now + Duration::minutes(59)).await, 0);
}

#[tokio::test]
async fn what_is_published_begins_from_its_day_and_what_is_gone_no_more() {
    let (told, plain) = (begun_by(MESSAGE), begun_by(""));
    let (catalog, _) = read_files(&[("check.bpmn", &told), ("plain.bpmn", &plain)]);
    let published = Published::default();
    let test = with_shelf(Shelf::default().with(catalog).with(published.clone())).await;
    let mut ctx = test.ctx(admin(1)).await;
    let tomorrow = zhengtong_calendar::china_date(ctx.now) + Duration::DAY;
    let draft = draw(&mut ctx, "city:check", None).await.unwrap();
    let signalled = begun_by(SIGNAL);
    let draft =
        save(&mut ctx, draft.number, draft.revision, &signalled, "改由信号启动").await.unwrap();
    let waiting = submit(&mut ctx, draft.number, draft.revision, tomorrow).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(admin(2)).await;
    decide(&mut ctx, waiting.number, waiting.revision, true, "同意发布").await.unwrap();
    ctx.commit().await.unwrap();
    published.read(&test.db).await.unwrap();
    for (days, expected) in [(0, "message"), (1, "signal"), (0, "message")] {
        let mut ctx = test.ctx(officer("平台")).await;
        ctx.now += Duration::days(days);
        settle(&mut ctx).await.unwrap();
        let waiting = beginnings(&mut ctx, "city:check").await.unwrap();
        let kinds: Vec<&str> = waiting.iter().map(|one| one.kind.as_str()).collect();
        assert_eq!(kinds, [expected], "{days}");
        ctx.commit().await.unwrap();
    }
    // What items begin keeps its plain start.
    let mut ctx = test.ctx(admin(1)).await;
    let draft = draw(&mut ctx, "city:plain", None).await.unwrap();
    let draft =
        save(&mut ctx, draft.number, draft.revision, &signalled, "改由信号启动").await.unwrap();
    let refused = submit(&mut ctx, draft.number, draft.revision, tomorrow).await.unwrap_err();
    assert!(refused.fields().first().unwrap().text.zh.contains("不能去掉"), "{refused:?}");
}

#[tokio::test]
async fn what_nobody_would_do_or_no_time_is_refused_at_its_element() {
    let person = |event: &str, inside: &str| {
        process(&format!(
            "<startEvent id=\"s\">{event}</startEvent>{inside}<endEvent id=\"e\"/>{}",
            flows(&["s", "t", "e"])
        ))
    };
    let rows = [
        (person(SIGNAL, "<userTask id=\"t\" name=\"t\" zt:role=\"r\"/>"), "t", "不属于任何办件"),
        (person(MESSAGE, "<serviceTask id=\"t\" zt:action=\"issue\"/>"), "t", "不属于任何办件"),
        (
            person(
                "<conditionalEventDefinition><condition>a</condition></conditionalEventDefinition>",
                "<scriptTask id=\"t\" zt:result=\"a\"><script>1</script></scriptTask>",
            ),
            "s",
            "由一个消息、时间、信号启动",
        ),
        (timer("timeCycle", "R/PT1S"), "s", "启动时间“R/PT1S”"),
        (timer("timeCycle", "every day"), "s", "启动时间"),
        (timer("timeDate", "soon"), "s", "启动时间"),
        (timer("timeDuration", "P0"), "s", "启动时间"),
    ];
    for (xml, element, expected) in rows {
        let examined = examine(&xml);
        assert!(!examined.runs(), "{expected}");
        let found = examined.findings.iter().find(|one| one.zh.contains(expected));
        let found = found.unwrap_or_else(|| panic!("{expected}: {:#?}", examined.findings));
        assert_eq!(found.element, element);
        assert!(!found.en.is_empty());
    }
    // A case cannot begin with it.
    let test = city(&[("alarm.bpmn", &begun_by(SIGNAL))]).await;
    let mut ctx = test.ctx(officer("示例")).await;
    let begun = zhengtong_process::start(&mut ctx, "city:alarm", "case/1", vars(&json!({}))).await;
    assert!(!begun.unwrap_err().text().zh.is_empty());
}
