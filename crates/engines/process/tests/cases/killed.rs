//! A process that moves instances is killed again and again, wherever it happens to be: nothing is lost and nothing done twice.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Map, Value};
use uuid::Uuid;
use zhengtong_access::Source;
use zhengtong_db::testing::{PERMIT_ALL, TestDb};
use zhengtong_db::{Actor, Db, Keyring, Policies, Settings, Shelf};
use zhengtong_process::{SCHEMA, complete, fire_next, replay, start};

use crate::world::{officer, read_files};

/// Where the child finds the database.
const URL: &str = "ZHENGTONG_TEST_KILLED";
const INSTANCES: i64 = 24;
/// A start, two times that come and two tasks.
const COMMANDS: i64 = 5;
const COURSE: &str = r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zt="https://zhengtong.dev/bpmn"><process id="p" isExecutable="true">
<startEvent id="s"/><parallelGateway id="split"/>
<intermediateCatchEvent id="w1"><timerEventDefinition><timeDuration>PT0S</timeDuration></timerEventDefinition></intermediateCatchEvent><userTask id="t1" name="t1" zt:role="r"/>
<userTask id="t2" name="t2" zt:role="r"/><intermediateCatchEvent id="w2"><timerEventDefinition><timeDuration>PT0S</timeDuration></timerEventDefinition></intermediateCatchEvent>
<parallelGateway id="join"/><endEvent id="e"/>
<sequenceFlow id="f0" sourceRef="s" targetRef="split"/><sequenceFlow id="f1" sourceRef="split" targetRef="w1"/><sequenceFlow id="f2" sourceRef="w1" targetRef="t1"/><sequenceFlow id="f3" sourceRef="t1" targetRef="join"/>
<sequenceFlow id="g1" sourceRef="split" targetRef="t2"/><sequenceFlow id="g2" sourceRef="t2" targetRef="w2"/><sequenceFlow id="g3" sourceRef="w2" targetRef="join"/><sequenceFlow id="f4" sourceRef="join" targetRef="e"/>
</process></definitions>"#;

fn shelf() -> Shelf {
    let (catalog, report) = read_files(&[("course.bpmn", COURSE)]);
    assert!(report.usable(), "{:#?}", report.findings);
    Shelf::default().with(catalog).with(Keyring::for_tests())
}

/// Lets everything happen that can; whether there was anything.
async fn work(db: &Db) -> bool {
    let mut ctx = db.begin(Actor::system("killed"), "killed").await.unwrap();
    if fire_next(&mut ctx, "case/").await.unwrap().is_some() {
        ctx.commit().await.unwrap();
        return true;
    }
    let open: Option<(Uuid, Value)> = sqlx::query_as(
        "SELECT id, state->'open'->0->'task' FROM process.instance
         WHERE ended_at IS NULL AND jsonb_array_length(state->'open') > 0 LIMIT 1",
    )
    .fetch_optional(ctx.conn())
    .await
    .unwrap();
    let Some((id, task)) = open else { return false };
    complete(&mut ctx, id, &task.to_string(), Map::new()).await.unwrap();
    ctx.commit().await.unwrap();
    true
}

/// What the child does until it is killed. By itself it is the proof that the course comes to an end.
#[tokio::test]
async fn a_course_comes_to_its_end() {
    #[expect(clippy::disallowed_methods, reason = "the parent says where its database is")]
    let given = std::env::var(URL).ok();
    let test = match &given {
        Some(_) => None,
        None => Some(filled(1).await),
    };
    let url = given.clone().or(test.as_ref().map(|test| test.url.clone())).unwrap();
    let db = Db::open(&url, Settings::default()).unwrap();
    let policies = Policies::parse(&[Source { name: "killed.cedar", text: PERMIT_ALL }]).unwrap();
    db.load(policies, shelf());
    // The real clock is later than the one of the test, so that every time has come.
    while work(&db).await {}
    let running: i64 =
        sqlx::query_scalar("SELECT count(*) FROM process.instance WHERE ended_at IS NULL")
            .fetch_one(db.pool())
            .await
            .unwrap();
    assert_eq!(running, 0);
}

async fn filled(count: i64) -> TestDb {
    let schemas = [zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA];
    let test = TestDb::new(&schemas).await.with(PERMIT_ALL, shelf());
    let mut ctx = test.ctx(officer("示例")).await;
    for number in 0..count {
        start(&mut ctx, "city:course", &format!("case/{number}"), Map::new()).await.unwrap();
    }
    ctx.commit().await.unwrap();
    test
}

#[tokio::test]
async fn killed_at_any_point_nothing_is_lost_and_nothing_done_twice() {
    let test = filled(INSTANCES).await;
    let ended = "SELECT count(*) FROM process.instance WHERE ended_at IS NOT NULL";
    let mut kills = 0;
    for round in 0..25_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::a_course_comes_to_its_end"])
            .env(URL, &test.url)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        tokio::time::sleep(Duration::from_millis(120 + round * 37 % 200)).await;
        if child.try_wait().unwrap().is_none() {
            kills += 1;
            child.kill().unwrap();
        }
        child.wait().unwrap();
        let done: i64 = sqlx::query_scalar(ended).fetch_one(test.db.pool()).await.unwrap();
        if done == INSTANCES {
            break;
        }
    }
    assert!(kills > 0, "it was never killed in the middle");
    // What no child came to do is done now.
    test.clock.advance(time::Duration::days(1));
    while work(&test.db).await {}
    let done: i64 = sqlx::query_scalar(ended).fetch_one(test.db.pool()).await.unwrap();
    assert_eq!(done, INSTANCES);
    let counts: (i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM process.history), (SELECT count(*) FROM ledger.entry),
                (SELECT count(*) FROM process.wait)",
    )
    .fetch_one(test.db.pool())
    .await
    .unwrap();
    assert_eq!(counts, (INSTANCES * COMMANDS, INSTANCES * COMMANDS, 0), "each once, each recorded");
    let ids: Vec<Uuid> = sqlx::query_scalar("SELECT id FROM process.instance")
        .fetch_all(test.db.pool())
        .await
        .unwrap();
    let mut ctx = test.ctx(officer("示例")).await;
    for id in ids {
        assert!(replay(&mut ctx, id).await.unwrap());
    }
}
