//! Decisions drawn, approved and in force like processes; definitions that are new; what a rule task uses on its day.

use serde_json::{Value, json};
use time::Duration;
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Ctx, Shelf};
use zhengtong_process::{
    Changed, Design, Language, New, Published, Stage, create, decide, decision_difference,
    definitions, draw, replay, save, sheets, start, submit, text, variables, versions,
};

use crate::world::{flows, nodes, officer, process, read_files, vars, with_shelf};

const FEES: &str = include_str!("../fixtures/fees.dmn");
const NAME: &str = "city:fees.dmn";

pub(crate) fn admin(number: u128) -> Actor {
    Actor {
        kind: ActorKind::Staff,
        account: Some(Uuid::from_u128(number)),
        person: Some(Uuid::from_u128(number + 100)),
        name: format!("管理员{number}"),
        ..Actor::visitor()
    }
}

fn user() -> String {
    process(&format!(
        "<startEvent id=\"s\"/><businessRuleTask id=\"r\" zt:decision=\"fees#fee\" zt:result=\"fee\"/>\
         <userTask id=\"t\" name=\"办理\" zt:role=\"r\"/><endEvent id=\"e\"/>{}",
        flows(&["s", "r", "t", "e"])
    ))
}

async fn city() -> (TestDb, Published) {
    let (catalog, report) = read_files(&[("fees.dmn", FEES), ("pay.bpmn", &user())]);
    assert!(report.usable(), "{:#?}", report.findings);
    let published = Published::default();
    (with_shelf(Shelf::default().with(catalog).with(published.clone())).await, published)
}

/// Draws, submits and lets a second person publish a text from a day on.
async fn put_in_force(test: &TestDb, name: &str, xml: &str, days: i64) -> Design {
    let mut ctx = test.ctx(admin(1)).await;
    let day = zhengtong_calendar::china_date(ctx.now) + Duration::days(days);
    let draft = draw(&mut ctx, name, None).await.unwrap();
    let draft = save(&mut ctx, draft.number, draft.revision, xml, "改了费用").await.unwrap();
    let waiting = submit(&mut ctx, draft.number, draft.revision, day).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(admin(2)).await;
    let done = decide(&mut ctx, waiting.number, waiting.revision, true, "同意发布").await.unwrap();
    ctx.commit().await.unwrap();
    done
}

async fn fee(ctx: &mut Ctx, thing: &str) -> (Value, Uuid) {
    let (id, _) = start(ctx, "city:pay", thing, vars(&json!({ "area": 150 }))).await.unwrap();
    let fee = variables(ctx, id).await.unwrap().get("fee").cloned().unwrap();
    (fee, id)
}

fn dearer() -> String {
    let dearer = FEES.replace(">120<", ">900<");
    assert_ne!(dearer, FEES);
    dearer
}

#[tokio::test]
async fn a_decision_is_published_by_two_and_rule_tasks_use_the_version_of_the_day() {
    let (test, published) = city().await;
    let mut ctx = test.ctx(officer("示例")).await;
    let (before, _) = fee(&mut ctx, "case/1").await;
    ctx.commit().await.unwrap();
    assert_eq!(before, json!(120));
    // Nobody approves an own one.
    let mut ctx = test.ctx(admin(1)).await;
    let today = zhengtong_calendar::china_date(ctx.now);
    let draft = draw(&mut ctx, NAME, None).await.unwrap();
    let draft = save(&mut ctx, draft.number, draft.revision, &dearer(), "改了费用").await.unwrap();
    let waiting = submit(&mut ctx, draft.number, draft.revision, today).await.unwrap();
    let own = decide(&mut ctx, waiting.number, waiting.revision, true, "我自己批准").await;
    assert_eq!(own.unwrap_err().kind(), Kind::Denied);
    drop(ctx);
    // From tomorrow on: today the file decides, tomorrow what was published.
    put_in_force(&test, NAME, &dearer(), 1).await;
    published.read(&test.db).await.unwrap();
    let mut ctx = test.ctx(officer("示例")).await;
    assert_eq!(fee(&mut ctx, "case/2").await.0, json!(120));
    ctx.now += Duration::days(1);
    let (after, id) = fee(&mut ctx, "case/3").await;
    assert_eq!(after, json!(900));
    // The record says by which text it was decided, and replays without asking again.
    let by: Option<String> = sqlx::query_scalar(
        "SELECT command->>'decided_by' FROM process.history WHERE instance = $1 AND command ? 'decided_by'",
    )
    .bind(id)
    .fetch_one(ctx.conn())
    .await
    .unwrap();
    let (seen, _) = versions(&mut ctx, NAME).await.unwrap();
    let force = seen.iter().find(|one| one.in_force).unwrap();
    assert_eq!(by.as_deref(), Some(force.digest.as_str()));
    assert!(replay(&mut ctx, id).await.unwrap());
    assert_eq!(text(&mut ctx, NAME, None).await.unwrap(), dearer());
}

#[tokio::test]
async fn what_cannot_decide_or_is_used_elsewhere_is_refused_with_its_place() {
    let (test, _) = city().await;
    let mut ctx = test.ctx(admin(1)).await;
    let today = zhengtong_calendar::china_date(ctx.now);
    let draft = draw(&mut ctx, NAME, None).await.unwrap();
    let number = draft.number;
    for broken in ["", "<a", "<html></html>"] {
        let fault = save(&mut ctx, number, draft.revision, broken, "说明说明").await.unwrap_err();
        assert_eq!(fault.fields().first().unwrap().field, "xml");
    }
    let mut seen = draft.revision;
    for (text, expected) in [
        (FEES.replace(">120<", ">120 (<"), "决策模型这里不能运行"),
        (FEES.replace("name=\"fee\"", "name=\"cost\""), "“city:pay r”用的决策“fees#fee”"),
    ] {
        let draft = save(&mut ctx, number, seen, &text, "说明说明").await.unwrap();
        seen = draft.revision;
        let fault = submit(&mut ctx, number, seen, today).await.unwrap_err();
        let fields = fault.fields();
        assert!(fields.first().unwrap().text.zh.contains(expected), "{expected}: {fields:?}");
    }
    // A process that names a decision which is not there is no better.
    let draft = draw(&mut ctx, "city:pay", None).await.unwrap();
    let lost = user().replace("fees#fee", "fees#toll");
    let draft = save(&mut ctx, draft.number, draft.revision, &lost, "改个决策").await.unwrap();
    let fault = submit(&mut ctx, draft.number, draft.revision, today).await.unwrap_err();
    let fields = fault.fields();
    assert!(fields.first().unwrap().text.zh.contains("r：决策“fees#toll”不存在"), "{fields:?}");
}

#[test]
fn two_files_of_decisions_differ_rule_by_rule() {
    let changes = decision_difference(FEES, &dearer()).unwrap();
    let [change] = changes.as_slice() else { panic!("{changes:#?}") };
    assert_eq!(change.changed, Changed::Altered);
    let values: Vec<_> =
        change.details.iter().map(|one| (one.before.as_str(), one.after.as_str())).collect();
    assert_eq!(values, [("120", "900")]);
    assert_eq!(decision_difference(FEES, FEES).unwrap(), []);
    let sheet = sheets(FEES).unwrap().remove(0);
    assert!(sheet.policy.is_some() && sheet.rules.len() > 1 && !sheet.inputs.is_empty());
    // A rule that is gone, and one that is new.
    let named =
        FEES.replacen("<rule>", "<rule id=\"a\">", 1).replacen("<rule>", "<rule id=\"b\">", 1);
    let start = named.find("<rule").unwrap();
    let end = named.find("</rule>").unwrap() + "</rule>".len();
    let shorter = format!("{}{}", &named[..start], &named[end..]);
    let kinds = |from: &str, to: &str| -> Vec<Changed> {
        decision_difference(from, to).unwrap().iter().map(|one| one.changed).collect()
    };
    assert_eq!(kinds(&named, &shorter), [Changed::Removed]);
    assert_eq!(kinds(&shorter, &named), [Changed::Added]);
}

#[tokio::test]
async fn a_new_definition_is_drafted_checked_approved_and_in_force() {
    let (test, published) = city().await;
    let mut ctx = test.ctx(admin(1)).await;
    let new = |pack, file, title| New { pack, file, title, decides: false };
    for (given, field) in [
        (new("nowhere", "visit", "走访"), "pack"),
        (new("city", "Visit", "走访"), "file"),
        (new("city", "../visit", "走访"), "file"),
        (new("city", "", "走访"), "file"),
        (new("city", "visit", ""), "title"),
        (new("city", "pay", "缴费"), "file"),
    ] {
        let fault = create(&mut ctx, &given).await.unwrap_err();
        assert_eq!(fault.fields().first().unwrap().field, field, "{given:?}");
    }
    let draft = create(&mut ctx, &new("city", "visit", "走访")).await.unwrap();
    assert_eq!(
        (draft.name.as_str(), draft.stage, draft.base.as_str()),
        ("city:visit", Stage::Draft, "")
    );
    let twice = create(&mut ctx, &new("city", "visit", "走访")).await.unwrap_err();
    assert_eq!(twice.fields().first().unwrap().field, "file");
    let table = create(&mut ctx, &New { decides: true, ..new("city", "visit", "走访评分") }).await;
    assert_eq!(table.unwrap().name, "city:visit.dmn");
    // It is listed, and not in force.
    let listed = definitions(&mut ctx).await.unwrap();
    let seen: Vec<_> = listed
        .iter()
        .map(|one| (one.name.as_str(), one.title.as_str(), one.language, one.in_force))
        .collect();
    assert_eq!(
        seen.iter().filter(|one| one.0.starts_with("city:visit")).collect::<Vec<_>>(),
        [
            &("city:visit", "走访", Language::Bpmn, false),
            &("city:visit.dmn", "走访评分", Language::Dmn, false)
        ]
    );
    assert!(start(&mut ctx, "city:visit", "case/1", vars(&json!({}))).await.is_err());
    // What cannot run is not submitted.
    let today = zhengtong_calendar::china_date(ctx.now);
    let broken = draft.xml.replace(" zt:role=\"window\"", "");
    let saved =
        save(&mut ctx, draft.number, draft.revision, &broken, "新的走访流程").await.unwrap();
    let fault = submit(&mut ctx, draft.number, saved.revision, today).await.unwrap_err();
    let fields = fault.fields();
    assert!(fields.first().unwrap().text.zh.contains("handle：缺少办理角色"), "{fields:?}");
    let saved =
        save(&mut ctx, draft.number, saved.revision, &draft.xml, "新的走访流程").await.unwrap();
    let waiting = submit(&mut ctx, draft.number, saved.revision, today).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(admin(2)).await;
    decide(&mut ctx, waiting.number, waiting.revision, true, "同意发布").await.unwrap();
    ctx.commit().await.unwrap();
    published.read(&test.db).await.unwrap();
    let mut ctx = test.ctx(officer("示例")).await;
    let (_, news) = start(&mut ctx, "city:visit", "case/1", vars(&json!({}))).await.unwrap();
    assert_eq!(nodes(&news), ["handle"]);
    let (seen, designs) = versions(&mut ctx, "city:visit").await.unwrap();
    assert_eq!((seen.len(), seen.first().unwrap().running, designs.len()), (1, 1, 1));
    assert_eq!(versions(&mut ctx, "city:nothing").await.unwrap_err().kind(), Kind::NotFound);
}
