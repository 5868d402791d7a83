//! What is refused, and leaves the case as it was.

use zhengtong_base::{Failure as _, Kind};
use zhengtong_casework::{State, act, note, open, withdraw};
use zhengtong_db::testing::TestDb;

use crate::world::{
    accepted, agent, city, city_under, decide, fields, head, input, inspector, kind, opened,
    opening, reviewed, reviewer, seen, suspend, task, window,
};

async fn version(test: &TestDb, no: &str) -> (State, i64) {
    let case = seen(test, agent(), no).await.case;
    (case.state, case.version)
}

#[tokio::test]
async fn a_decision_on_a_stale_page_is_refused() {
    let test = city().await;
    let no = accepted(&test).await;
    let page = seen(&test, reviewer(), &no).await;
    decide(&test, inspector(), &no, "inspected", "").await.unwrap();
    let before = version(&test, &no).await;
    let todo = task(&page, "reviewed").id;
    let mut ctx = test.ctx(reviewer()).await;
    let error =
        act(&mut ctx, &no, todo, input("reviewed", "", page.case.version)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    assert!(error.text().zh.contains("新变化"), "{error}");
    drop(ctx);
    assert_eq!(version(&test, &no).await, before);
    decide(&test, reviewer(), &no, "reviewed", "").await.unwrap();
}

#[tokio::test]
async fn an_adverse_decision_needs_a_reason() {
    let test = city().await;
    let no = opened(&test).await;
    for (outcome, reason) in [("decline", ""), ("decline", " \n\u{3000}"), ("correct", "")] {
        let before = version(&test, &no).await;
        let error = decide(&test, window(), &no, outcome, reason).await.unwrap_err();
        assert_eq!((error.kind(), fields(&error)), (Kind::Invalid, vec!["reason".to_owned()]));
        assert_eq!(version(&test, &no).await, before);
    }
    let no = reviewed(&test).await;
    let error = decide(&test, head(), &no, "refuse", "").await.unwrap_err();
    assert_eq!(fields(&error), ["reason"]);
    let error = decide(&test, head(), &no, "refuse", &"长".repeat(4_001)).await.unwrap_err();
    assert_eq!(fields(&error), ["reason"]);
    assert_eq!(version(&test, &no).await.0, State::Accepted);
    decide(&test, head(), &no, "refuse", &"长".repeat(4_000)).await.unwrap();
}

#[tokio::test]
async fn a_step_that_is_done_is_done() {
    let test = city().await;
    let no = opened(&test).await;
    let page = seen(&test, window(), &no).await;
    let todo = task(&page, "accept").id;
    decide(&test, window(), &no, "accept", "").await.unwrap();
    let mut ctx = test.ctx(window()).await;
    let version = seen(&test, window(), &no).await.case.version;
    for outcome in ["accept", "decline", "grant", "nonsense"] {
        let again = act(&mut ctx, &no, todo, input(outcome, "理由", version)).await;
        assert_eq!(kind(again), Kind::Conflict, "{outcome}");
    }
    let other = opened(&test).await;
    let foreign = task(&seen(&test, window(), &other).await, "accept").id;
    let crossed = act(&mut ctx, &no, foreign, input("accept", "", version)).await;
    assert_eq!(kind(crossed), Kind::Conflict);
}

#[tokio::test]
async fn an_outcome_belongs_to_its_task() {
    let test = city().await;
    let no = opened(&test).await;
    let page = seen(&test, window(), &no).await;
    let todo = task(&page, "accept").id;
    let mut ctx = test.ctx(window()).await;
    for outcome in ["grant", "reviewed", "supply", ""] {
        let wrong = act(&mut ctx, &no, todo, input(outcome, "理由", page.case.version)).await;
        assert_eq!(kind(wrong), Kind::Conflict, "{outcome}");
    }
}

#[tokio::test]
async fn a_case_is_taken_back_until_it_is_decided() {
    let test = city().await;
    let no = accepted(&test).await;
    let mut ctx = test.ctx(agent()).await;
    let case = withdraw(&mut ctx, &no, "不开了").await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!((case.state, case.closed_at.is_some()), (State::Withdrawn, true));
    let view = seen(&test, reviewer(), &no).await;
    assert!(view.tasks.is_empty() && view.case.state == State::Withdrawn);
    let mut ctx = test.ctx(agent()).await;
    assert_eq!(kind(withdraw(&mut ctx, &no, "").await), Kind::Conflict);
    let open: i64 =
        sqlx::query_scalar("SELECT count(*) FROM casework.todo WHERE closed_at IS NULL")
            .fetch_one(ctx.conn())
            .await
            .unwrap();
    assert_eq!(open, 0);
    drop(ctx);

    let no = reviewed(&test).await;
    decide(&test, head(), &no, "grant", "").await.unwrap();
    let mut ctx = test.ctx(agent()).await;
    assert_eq!(kind(withdraw(&mut ctx, &no, "").await), Kind::Conflict);
}

#[tokio::test]
async fn a_note_has_words_and_only_colleagues_read_it() {
    let test = city().await;
    let no = accepted(&test).await;
    let mut ctx = test.ctx(reviewer()).await;
    for text in ["", "  ", &"长".repeat(4_001)] {
        assert_eq!(fields(&note(&mut ctx, &no, text).await.unwrap_err()), ["text"]);
    }
    note(&mut ctx, &no, "下午一起去看现场").await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(seen(&test, head(), &no).await.notes[0].text, "下午一起去看现场");
    assert!(seen(&test, agent(), &no).await.notes.is_empty());
}

#[tokio::test]
async fn nothing_is_done_without_a_policy() {
    let test = city_under("").await;
    let mut ctx = test.ctx(agent()).await;
    assert_eq!(kind(open(&mut ctx, opening()).await), Kind::Denied);
    assert_eq!(kind(zhengtong_casework::mine(&mut ctx, 1).await), Kind::Denied);
    assert_eq!(kind(suspend(&mut ctx, "SPJY-2026-000001", "hearing", "x").await), Kind::NotFound);
}

#[tokio::test]
async fn an_unknown_case_type_is_our_own_fault() {
    let test = city().await;
    let mut ctx = test.ctx(agent()).await;
    let mut unknown = opening();
    unknown.kind = "food-business:none".to_owned();
    assert_eq!(kind(open(&mut ctx, unknown).await), Kind::Internal);
}
