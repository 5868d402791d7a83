//! A definition drawn, submitted, decided by a second person, in force from its day, and kept as it was.

use time::macros::date;
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Ctx};
use zhengtong_process::{
    Changed, Design, Error, Published, Source, Stage, decide, difference, draw, examine, save,
    start, submit, take_back, text, versions,
};

use crate::world::{LICENCE, NAME, nodes, open_to_all, shelf, vars, verbs};

const NOTE: &str = "受理改名";

fn renamed() -> String {
    LICENCE.replacen("name=\"受理\"", "name=\"受理登记\"", 1)
}

fn admin(number: u128) -> Actor {
    Actor {
        kind: ActorKind::Staff,
        account: Some(Uuid::from_u128(number)),
        person: Some(Uuid::from_u128(number + 100)),
        name: format!("管理员{number}"),
        ..Actor::visitor()
    }
}

/// The author's draft of another text, saved.
async fn drawn(ctx: &mut Ctx) -> Design {
    let draft = draw(ctx, NAME, None).await.unwrap();
    save(ctx, draft.number, draft.revision, &renamed(), NOTE).await.unwrap()
}

/// A design that waits for a second person.
async fn submitted(test: &TestDb) -> Design {
    let mut ctx = test.ctx(admin(1)).await;
    let draft = drawn(&mut ctx).await;
    let today = zhengtong_calendar::china_date(ctx.now);
    let waiting = submit(&mut ctx, draft.number, draft.revision, today).await.unwrap();
    ctx.commit().await.unwrap();
    waiting
}

#[tokio::test]
async fn the_fixture_has_what_is_renamed() {
    assert_ne!(renamed(), LICENCE);
}

#[tokio::test]
async fn nobody_approves_an_own_design() {
    let test = open_to_all().await;
    let waiting = submitted(&test).await;
    let mut ctx = test.ctx(admin(1)).await;
    let alone = decide(&mut ctx, waiting.number, waiting.revision, true, "我自己批准").await;
    assert_eq!(alone.unwrap_err().kind(), Kind::Denied);
    drop(ctx);
    // The same person with another account is the same person.
    let mut twin = admin(1);
    twin.account = Some(Uuid::from_u128(77));
    let mut ctx = test.ctx(twin).await;
    let alone = decide(&mut ctx, waiting.number, waiting.revision, true, "换个账号批准").await;
    assert_eq!(alone.unwrap_err().kind(), Kind::Denied);
    // Not even somebody at the database.
    let forged = sqlx::query(
        "UPDATE process.design SET stage = 'published', decider = author, decided_at = now() WHERE number = $1",
    )
    .bind(waiting.number);
    assert!(forged.execute(ctx.conn()).await.is_err());
}

#[tokio::test]
async fn a_published_design_is_what_new_instances_begin_with_from_its_day() {
    let published = Published::default();
    let kept = shelf(LICENCE).with(published.clone());
    let test = open_to_all().await.with(zhengtong_db::testing::PERMIT_ALL, kept);
    let waiting = submitted(&test).await;
    published.read(&test.db).await.unwrap();
    let mut ctx = test.ctx(admin(2)).await;
    let (old, _) = start(&mut ctx, NAME, "case/1", vars(&serde_json::json!({}))).await.unwrap();
    let done = decide(&mut ctx, waiting.number, waiting.revision, true, "同意发布").await.unwrap();
    assert_eq!((done.stage, done.decider_name.as_deref()), (Stage::Published, Some("管理员2")));
    assert_eq!(
        verbs(&mut ctx).await,
        ["process.draw", "process.draw", "process.submit", "process.start", "process.approve"]
    );
    ctx.commit().await.unwrap();
    published.read(&test.db).await.unwrap();

    let mut ctx = test.ctx(admin(3)).await;
    let (new, news) = start(&mut ctx, NAME, "case/2", vars(&serde_json::json!({}))).await.unwrap();
    assert_eq!(nodes(&news), ["accept"]);
    let name_of = async |ctx: &mut Ctx, id: Uuid| {
        let picture = zhengtong_process::picture(ctx, id).await.unwrap();
        picture.nodes.into_iter().find(|node| node.id == "accept").unwrap().name.zh
    };
    // What runs keeps what it began with.
    assert_eq!(name_of(&mut ctx, old).await, "受理");
    assert_eq!(name_of(&mut ctx, new).await, "受理登记");
    let (versions, designs) = versions(&mut ctx, NAME).await.unwrap();
    let seen: Vec<_> = versions.iter().map(|one| (one.source, one.in_force, one.running)).collect();
    assert_eq!(seen, [(Source::Design(done.number), true, 1), (Source::File, false, 1)]);
    assert_eq!(designs.len(), 1);
    assert_eq!(text(&mut ctx, NAME, None).await.unwrap(), renamed());
    // What was published stays.
    let changed = save(&mut ctx, done.number, done.revision, LICENCE, NOTE).await;
    assert_eq!(changed.unwrap_err().kind(), Kind::Denied);
    let forged =
        sqlx::query("UPDATE process.design SET xml = 'x' WHERE number = $1").bind(done.number);
    assert!(forged.execute(ctx.conn()).await.is_err());
}

#[tokio::test]
async fn a_day_ahead_is_waited_for() {
    let test = open_to_all().await;
    let published = Published::default();
    let mut ctx = test.ctx(admin(1)).await;
    let draft = drawn(&mut ctx).await;
    let today = zhengtong_calendar::china_date(ctx.now);
    let tomorrow = today.next_day().unwrap();
    let (number, seen) = (draft.number, draft.revision);
    for day in [today.previous_day().unwrap(), date!(2126 - 01 - 01)] {
        assert_eq!(submit(&mut ctx, number, seen, day).await.unwrap_err().kind(), Kind::Invalid);
    }
    let waiting = submit(&mut ctx, number, seen, tomorrow).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(admin(2)).await;
    decide(&mut ctx, number, waiting.revision, true, "明天起用").await.unwrap();
    ctx.commit().await.unwrap();
    published.read(&test.db).await.unwrap();
    assert!(published.on(NAME, today).is_none());
    assert_eq!(published.on(NAME, tomorrow).unwrap().xml, renamed());
    assert!(published.on("city:other", tomorrow).is_none());
}

#[tokio::test]
async fn what_does_not_run_or_changes_nothing_is_not_taken() {
    let test = open_to_all().await;
    let mut ctx = test.ctx(admin(1)).await;
    let today = zhengtong_calendar::china_date(ctx.now);
    let draft = draw(&mut ctx, NAME, None).await.unwrap();
    let (number, seen) = (draft.number, draft.revision);
    // A draft may be unfinished, but it is BPMN, and of a size.
    for broken in ["", "<a", "<html></html>", &"<!---->".repeat(70_000)] {
        let fault = save(&mut ctx, number, seen, broken, NOTE).await.unwrap_err();
        assert_eq!(fault.kind(), Kind::Invalid);
        assert_eq!(fault.fields().first().unwrap().field, "xml");
    }
    let unfinished = LICENCE.replacen(" zt:role=\"window\"", "", 1);
    let draft = save(&mut ctx, number, seen, &unfinished, "").await.unwrap();
    let fault = submit(&mut ctx, number, draft.revision, today).await.unwrap_err();
    assert_eq!(fault.fields().first().unwrap().field, "note");
    let draft = save(&mut ctx, number, draft.revision, &unfinished, NOTE).await.unwrap();
    let fault = submit(&mut ctx, number, draft.revision, today).await.unwrap_err();
    // The element and the reason are named.
    let fields = fault.fields();
    let named = fields.first().unwrap();
    assert_eq!((fault.kind(), named.field.as_str()), (Kind::Invalid, "xml"));
    assert!(named.text.zh.contains("accept：缺少办理角色"), "{}", named.text.zh);
    let draft = save(&mut ctx, number, draft.revision, LICENCE, NOTE).await.unwrap();
    let fault = submit(&mut ctx, number, draft.revision, today).await.unwrap_err();
    assert!(matches!(fault, Error::Design(zhengtong_process::DesignError::Same)));
}

#[tokio::test]
async fn nobody_overwrites_or_decides_about_what_was_not_seen() {
    let test = open_to_all().await;
    let waiting = submitted(&test).await;
    let (number, seen) = (waiting.number, waiting.revision);
    let mut ctx = test.ctx(admin(2)).await;
    // Another's draft is not changed,
    assert_eq!(take_back(&mut ctx, number).await.unwrap_err().kind(), Kind::Denied);
    // an older text is not approved,
    let old = decide(&mut ctx, number, seen - 1, true, "同意发布").await;
    assert_eq!(old.unwrap_err().kind(), Kind::Conflict);
    // no decision is without words,
    let mute = decide(&mut ctx, number, seen, true, "好").await;
    assert_eq!(mute.unwrap_err().kind(), Kind::Invalid);
    // and one that is given back is drawn on.
    let back = decide(&mut ctx, number, seen, false, "名称请与目录一致").await.unwrap();
    assert_eq!((back.stage, back.verdict.as_deref()), (Stage::Draft, Some("名称请与目录一致")));
    let twice = decide(&mut ctx, number, seen, true, "同意发布").await;
    assert_eq!(twice.unwrap_err().kind(), Kind::Conflict);
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(admin(1)).await;
    let stale = save(&mut ctx, number, seen, LICENCE, NOTE).await;
    assert_eq!(stale.unwrap_err().kind(), Kind::Conflict);
    assert!(save(&mut ctx, number, back.revision, LICENCE, NOTE).await.is_ok());
}

#[test]
fn differences_name_the_element_and_the_property() {
    let model = |xml: &str| examine(xml).model.unwrap();
    let before = model(LICENCE);
    let changed = renamed().replacen("zt:role=\"window\"", "zt:role=\"counter\"", 1);
    let changes = difference(&before, &model(&changed));
    let [change] = changes.as_slice() else { panic!("{changes:#?}") };
    assert_eq!((change.element.as_str(), change.changed), ("accept", Changed::Altered));
    let details: Vec<_> = change
        .details
        .iter()
        .map(|one| (one.what.zh.as_str(), one.before.as_str(), one.after.as_str()))
        .collect();
    assert_eq!(details, [("名称", "受理", "受理登记"), ("办理角色", "window", "counter")]);
    assert!(difference(&before, &before).is_empty());
    let bare = model(include_str!("../fixtures/bare.bpmn"));
    let changes = difference(&before, &bare);
    assert!(changes.iter().any(|one| one.changed == Changed::Removed));
    assert!(changes.iter().any(|one| one.changed == Changed::Added));
}

#[test]
fn a_trial_moves_as_an_instance_does_and_keeps_nothing() {
    use zhengtong_bpmn::{Command, TaskId};
    let begun = zhengtong_process::trial(
        LICENCE,
        vars(&serde_json::json!({"kind": "restaurant"})),
        None,
        None,
    )
    .unwrap();
    let [open] = begun.open.as_slice() else { panic!("{:?}", begun.open) };
    assert_eq!((open.node.as_str(), open.kind), ("accept", "person"));
    assert_eq!(begun.tokens, ["accept"]);
    let complete = |word: &str| Command::CompleteTask {
        task: TaskId(open.number),
        vars: vars(&serde_json::json!({ "outcome": word })),
    };
    let no = zhengtong_process::trial(
        LICENCE,
        vars(&serde_json::json!({})),
        Some(begun.state.clone()),
        Some(complete("nonsense")),
    );
    assert!(no.is_err());
    let word = open.outcomes.first().unwrap();
    let next = zhengtong_process::trial(
        LICENCE,
        vars(&serde_json::json!({})),
        Some(begun.state),
        Some(complete(word)),
    )
    .unwrap();
    assert_ne!(next.tokens, ["accept"]);
    let faulty = LICENCE.replacen(" zt:role=\"window\"", "", 1);
    let refused =
        zhengtong_process::trial(&faulty, vars(&serde_json::json!({})), None, None).unwrap_err();
    assert!(refused.zh.contains("accept") && refused.en.contains("accept"), "{refused:?}");
}
