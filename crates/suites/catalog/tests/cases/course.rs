//! A resource from the first draft to the end: who does what, what stays readable, when a review is late.

use time::Duration;
use time::macros::date;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_catalog::{
    Shelf, State, change, compile, discard, due_day, open, publish, resource, review, save,
    standing, submit, waiting, withdraw,
};
use zhengtong_db::Actor;

use crate::world::{body, city, office, other_steward, passed, published, steward, submitted};

#[tokio::test]
async fn compiled_reviewed_published_changed_and_withdrawn() {
    let test = city().await;
    let (id, code) = published(&test, body("市场主体名录")).await;
    assert_eq!(code, "338001/000001");
    let mut ctx = test.ctx(Actor::visitor()).await;
    let shown = resource(&mut ctx, "338001-000001", None).await.unwrap();
    assert_eq!(shown.resource.code.as_deref(), Some("338001/000001"));
    assert_eq!(shown.version.body.title.zh, "市场主体名录");
    assert_eq!(shown.provider_code.as_deref(), Some("91350100M000100Y43"));
    let classes: Vec<&str> = shown.classes.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(classes, ["3", "338", "338001"]);

    let mut ctx = test.ctx(steward()).await;
    change(&mut ctx, id).await.unwrap();
    let again = change(&mut ctx, id).await.unwrap_err();
    assert_eq!(again.kind(), Kind::Conflict);
    save(&mut ctx, id, body("市场主体名录（2026）")).await.unwrap();
    submit(&mut ctx, id).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::visitor()).await;
    let shown = resource(&mut ctx, &code, None).await.unwrap();
    assert_eq!(shown.version.body.title.zh, "市场主体名录", "the change is not in force yet");
    drop(ctx);
    assert_eq!(passed(&test, id).await, code, "a change keeps the code");

    let mut ctx = test.ctx(Actor::visitor()).await;
    let shown = resource(&mut ctx, &code, None).await.unwrap();
    assert_eq!(shown.version.body.title.zh, "市场主体名录（2026）");
    let old = resource(&mut ctx, &code, Some(1)).await.unwrap();
    assert_eq!(old.version.state, State::Replaced);
    assert_eq!(old.version.body.title.zh, "市场主体名录");

    let mut ctx = test.ctx(office()).await;
    assert_eq!(withdraw(&mut ctx, id, "").await.unwrap_err().fields()[0].field, "reason");
    withdraw(&mut ctx, id, "登记系统已停用").await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::visitor()).await;
    let shown = resource(&mut ctx, &code, None).await.unwrap();
    assert_eq!(shown.version.state, State::Withdrawn);
    assert_eq!(shown.version.end_reason.as_deref(), Some("登记系统已停用"));
    let mut ctx = test.ctx(steward()).await;
    assert_eq!(change(&mut ctx, id).await.unwrap_err().kind(), Kind::Conflict);
}

#[tokio::test]
async fn a_refused_review_goes_back_with_its_reason_and_comes_again() {
    let test = city().await;
    let id = submitted(&test, body("市场主体名录")).await;
    let mut ctx = test.ctx(office()).await;
    let error = review(&mut ctx, id, Some("短")).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "reason");
    review(&mut ctx, id, Some("摘要没有写清楚范围")).await.unwrap();
    assert_eq!(publish(&mut ctx, id).await.unwrap_err().kind(), Kind::Conflict);
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(steward()).await;
    let drafts = waiting(&mut ctx, Shelf::State(State::Draft), 1).await.unwrap();
    assert!(drafts.rows[0].refused);
    let found = open(&mut ctx, id).await.unwrap();
    assert_eq!(found.open().unwrap().refusal.as_deref(), Some("摘要没有写清楚范围"));
    submit(&mut ctx, id).await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(passed(&test, id).await, "338001/000001");
}

#[tokio::test]
async fn a_review_has_a_last_day_and_is_listed_when_it_is_late() {
    let test = city().await;
    let id = submitted(&test, body("市场主体名录")).await;
    let mut ctx = test.ctx(office()).await;
    let page = waiting(&mut ctx, Shelf::State(State::Submitted), 1).await.unwrap();
    // Handed in on Monday 2 March 2026; five working days.
    assert_eq!(page.rows[0].due, Some(date!(2026 - 03 - 09)));
    assert!(!page.rows[0].overdue);
    let found = open(&mut ctx, id).await.unwrap();
    assert_eq!(due_day(&mut ctx, &found).await.unwrap(), Some(date!(2026 - 03 - 09)));
    ctx.now += Duration::days(8);
    let page = waiting(&mut ctx, Shelf::State(State::Submitted), 1).await.unwrap();
    assert!(page.rows[0].overdue);
    assert_eq!(standing(&mut ctx).await.unwrap().submitted, 1);
}

#[tokio::test]
async fn each_does_only_what_is_theirs() {
    let test = city().await;
    let mut ctx = test.ctx(steward()).await;
    let id = compile(&mut ctx, body("市场主体名录")).await.unwrap();
    ctx.commit().await.unwrap();
    // Another unit does not even learn that it is there.
    let mut ctx = test.ctx(other_steward()).await;
    assert_eq!(open(&mut ctx, id).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(submit(&mut ctx, id).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(waiting(&mut ctx, Shelf::State(State::Draft), 1).await.unwrap().total, 0);
    // The office compiles nothing, the unit reviews nothing.
    let mut ctx = test.ctx(office()).await;
    assert_eq!(compile(&mut ctx, body("甲")).await.unwrap_err().kind(), Kind::Denied);
    assert_eq!(submit(&mut ctx, id).await.unwrap_err().kind(), Kind::NotFound);
    let mut ctx = test.ctx(steward()).await;
    submit(&mut ctx, id).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(steward()).await;
    assert_eq!(review(&mut ctx, id, None).await.unwrap_err().kind(), Kind::NotFound);
    // Whoever has both posts does not review what they compiled.
    let mut both = steward();
    both.roles.push("cataloguer".to_owned());
    let mut ctx = test.ctx(both).await;
    assert_eq!(review(&mut ctx, id, None).await.unwrap_err().kind(), Kind::NotFound);
    // The public sees nothing of it.
    let mut ctx = test.ctx(Actor::visitor()).await;
    let error = resource(&mut ctx, "338001/000001", None).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert_eq!(compile(&mut ctx, body("乙")).await.unwrap_err().kind(), Kind::Invalid);
}

#[tokio::test]
async fn a_draft_that_was_never_published_can_be_dropped() {
    let test = city().await;
    let mut ctx = test.ctx(steward()).await;
    let id = compile(&mut ctx, body("市场主体名录")).await.unwrap();
    discard(&mut ctx, id).await.unwrap();
    assert_eq!(open(&mut ctx, id).await.unwrap_err().kind(), Kind::NotFound);
    ctx.commit().await.unwrap();
    let (id, code) = published(&test, body("市场主体名录")).await;
    let mut ctx = test.ctx(steward()).await;
    change(&mut ctx, id).await.unwrap();
    discard(&mut ctx, id).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::visitor()).await;
    assert_eq!(resource(&mut ctx, &code, None).await.unwrap().version.state, State::Published);
}
