//! Papers that may come later, decisions on a promise, special procedures, the end before a decision.

use time::Duration;
use zhengtong_base::Kind;
use zhengtong_casework::*;
use zhengtong_db::Actor;

use crate::joint::{at, at_the_head, filed, joint, joint_city, step};
use crate::world::{agent, decide, fields, head, kind, officer, paper, reviewer, seen, window};

fn inspector() -> Actor {
    officer(13, "inspector")
}

#[tokio::test]
async fn a_case_is_accepted_with_papers_owed_and_the_result_waits_for_them() {
    let test = joint_city().await;
    let no = filed(&test, &["布局平面图", "设备清单"]).await;
    assert_eq!(kind(decide(&test, window(), &no, "accept", "").await), Kind::Conflict);
    assert_eq!(kind(decide(&test, window(), &no, "accept_deferred", "").await), Kind::Conflict);
    let mut ctx = test.ctx(window()).await;
    let unsigned = undertake(&mut ctx, &no, "deferral", None).await;
    assert_eq!(fields(&unsigned.unwrap_err()), ["file"]);
    drop(ctx);
    let mut ctx = test.ctx(agent()).await;
    assert_eq!(kind(undertake(&mut ctx, &no, "anything", None).await), Kind::Conflict);
    undertake(&mut ctx, &no, "deferral", None).await.unwrap();
    ctx.commit().await.unwrap();
    decide(&test, window(), &no, "accept_deferred", "").await.unwrap();
    let view = seen(&test, head(), &no).await;
    let owed = view.tasks.iter().find(|task| task.todo.is_own()).unwrap();
    assert!(owed.todo.side == Side::Applicant && owed.todo.due_day.is_some());
    at_the_head(&test, &no).await;
    let case = step(&test, head(), &no, "decide", "grant").await;
    assert_eq!((case.state, case.document), (State::Decided, None), "the licence is withheld");

    let mut ctx = test.ctx(agent()).await;
    assert_eq!(kind(bring(&mut ctx, &no, &[], &[paper("图")]).await), Kind::Invalid);
    assert_eq!(kind(bring(&mut ctx, &no, &[7], &[paper("图")]).await), Kind::Conflict);
    drop(ctx);
    let mut ctx = test.ctx(agent()).await;
    let case = bring(&mut ctx, &no, &[1], &[paper("布局平面图")]).await.unwrap();
    assert_eq!(case.state, State::Decided);
    let case = bring(&mut ctx, &no, &[2], &[paper("设备清单")]).await.unwrap();
    assert!(case.state == State::Closed && case.document.is_some());
    assert_eq!(kind(bring(&mut ctx, &no, &[2], &[paper("设备清单")]).await), Kind::Conflict);
    ctx.commit().await.unwrap();
    assert!(seen(&test, head(), &no).await.tasks.is_empty());
}

#[tokio::test]
async fn owed_papers_that_stay_away_come_before_an_officer() {
    let test = joint_city().await;
    let no = filed(&test, &["布局平面图"]).await;
    let mut ctx = test.ctx(agent()).await;
    undertake(&mut ctx, &no, "deferral", None).await.unwrap();
    ctx.commit().await.unwrap();
    decide(&test, window(), &no, "accept_deferred", "").await.unwrap();
    let mut ctx = test.ctx(Actor::system("due")).await;
    ctx.now += Duration::days(40);
    while lapse_next(&mut ctx).await.unwrap() {}
    ctx.commit().await.unwrap();
    let view = seen(&test, window(), &no).await;
    let late = view
        .tasks
        .iter()
        .find(|task| task.todo.is_own() && task.todo.side == Side::Office)
        .unwrap();
    let place = (no.as_str(), late.todo.id, view.case.version);
    let mut ctx = test.ctx(reviewer()).await;
    assert_eq!(kind(settle_late(&mut ctx, place, Late::End, "没有补").await), Kind::NotFound);
    drop(ctx);
    let mut ctx = test.ctx(window()).await;
    assert_eq!(kind(settle_late(&mut ctx, place, Late::End, "").await), Kind::Invalid);
    assert_eq!(kind(settle_late(&mut ctx, place, Late::More(0), "再等等").await), Kind::Invalid);
    drop(ctx);
    let mut ctx = test.ctx(window()).await;
    settle_late(&mut ctx, place, Late::More(30), "图纸在路上").await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::system("due")).await;
    ctx.now += Duration::days(120);
    while lapse_next(&mut ctx).await.unwrap() {}
    ctx.commit().await.unwrap();
    let view = seen(&test, window(), &no).await;
    let late = view
        .tasks
        .iter()
        .find(|task| task.todo.is_own() && task.todo.side == Side::Office)
        .unwrap();
    let place = (no.as_str(), late.todo.id, view.case.version);
    let mut ctx = test.ctx(window()).await;
    assert_eq!(
        kind(settle_late(&mut ctx, place, Late::More(5), "再等").await),
        Kind::Conflict,
        "once"
    );
    drop(ctx);
    let mut ctx = test.ctx(window()).await;
    let case = settle_late(&mut ctx, place, Late::End, "两次逾期未补").await.unwrap();
    assert_eq!((case.state, case.closed_at.is_some()), (State::Ended, true));
    ctx.commit().await.unwrap();
    assert!(seen(&test, window(), &no).await.tasks.is_empty());
}

#[tokio::test]
async fn a_broken_promise_ends_in_a_revocation() {
    let test = joint_city().await;
    let no = joint(&test).await;
    at_the_head(&test, &no).await;
    assert_eq!(kind(decide(&test, head(), &no, "grant_on_promise", "").await), Kind::Conflict);
    let mut ctx = test.ctx(agent()).await;
    undertake(&mut ctx, &no, "promise", None).await.unwrap();
    ctx.commit().await.unwrap();
    let case = step(&test, head(), &no, "decide", "grant_on_promise").await;
    assert!(case.state == State::Decided && case.document.is_some());
    let view = seen(&test, inspector(), &no).await;
    let clock = view.all_clocks.iter().find(|clock| clock.name == "after_check").unwrap();
    assert!(clock.ended.is_none());
    let (todo, version) = at(&test, &inspector(), &no, "after_check").await;
    let mut ctx = test.ctx(inspector()).await;
    let silent = act(&mut ctx, &no, todo.id, crate::world::input("broken", "", version)).await;
    assert_eq!(kind(silent), Kind::Invalid);
    drop(ctx);
    step(&test, inspector(), &no, "after_check", "broken").await;
    let case = step(&test, head(), &no, "take_away", "revoke").await;
    assert_eq!((case.state, case.decision.as_deref()), (State::Closed, Some("revoked")));
    let view = seen(&test, head(), &no).await;
    let clock = view.all_clocks.iter().find(|clock| clock.name == "after_check").unwrap();
    assert!(clock.ended.is_some());
}

#[tokio::test]
async fn a_special_procedure_is_asked_for_approved_and_ended_with_its_result() {
    let test = joint_city().await;
    let no = joint(&test).await;
    let mut ctx = test.ctx(reviewer()).await;
    assert_eq!(kind(suspend(&mut ctx, &no, Suspending::new("hearing", "")).await), Kind::Invalid);
    let asked = Suspending {
        content: "就疏散方案听证",
        requested_by: "利害关系人",
        ..Suspending::new("hearing", "有人反对")
    };
    suspend(&mut ctx, &no, asked).await.unwrap();
    assert_eq!(kind(suspend(&mut ctx, &no, asked).await), Kind::Conflict, "one waits already");
    ctx.commit().await.unwrap();
    let view = seen(&test, head(), &no).await;
    assert!(!view.stopped, "nothing stands still before it is approved");
    let todo = view.tasks.iter().find(|task| task.todo.is_own()).unwrap().todo.clone();
    let place = (no.as_str(), todo.id, view.case.version);
    let mut ctx = test.ctx(reviewer()).await;
    assert_eq!(kind(approve(&mut ctx, place, true, "").await), Kind::NotFound);
    drop(ctx);
    let mut ctx = test.ctx(head()).await;
    assert_eq!(kind(approve(&mut ctx, place, false, "").await), Kind::Invalid);
    approve(&mut ctx, place, true, "同意听证").await.unwrap();
    ctx.commit().await.unwrap();
    assert!(seen(&test, head(), &no).await.stopped);

    // One that stops no clock runs beside it, on the word of who orders it.
    let mut ctx = test.ctx(reviewer()).await;
    suspend(&mut ctx, &no, Suspending::new("notice", "公示七日")).await.unwrap();
    ctx.commit().await.unwrap();
    at_the_head(&test, &no).await;
    assert_eq!(
        kind(decide(&test, head(), &no, "grant", "").await),
        Kind::Conflict,
        "the result is owed"
    );
    let stale = seen(&test, head(), &no).await.case.version - 1;
    let mut ctx = test.ctx(head()).await;
    let ending = Finishing { result: "不影响", opinion: "可以许可", ..Finishing::default() };
    assert_eq!(
        kind(finish(&mut ctx, &no, Finishing { seen: Some(stale), ..ending }).await),
        Kind::Conflict
    );
    assert_eq!(fields(&finish(&mut ctx, &no, Finishing::default()).await.unwrap_err()), ["result"]);
    finish(&mut ctx, &no, ending).await.unwrap();
    ctx.commit().await.unwrap();
    step(&test, head(), &no, "decide", "grant").await;
    let mut ctx = test.ctx(head()).await;
    assert_eq!(kind(resume(&mut ctx, &no).await), Kind::Conflict, "decided");
    let all = procedures(&mut ctx, &no).await.unwrap();
    let kept: Vec<(&str, &str, &str, Option<&str>)> = all
        .iter()
        .map(|one| {
            (
                one.kind.as_str(),
                one.state.as_str(),
                one.requested_by.as_str(),
                one.result.as_deref(),
            )
        })
        .collect();
    assert_eq!(kept[0], ("hearing", "ended", "利害关系人", Some("不影响")));
    assert_eq!((kept[1].0, kept[1].1), ("notice", "ended"), "it ends with the decision");
    let hearing = &all[0];
    assert_eq!(
        (hearing.content.as_deref(), hearing.approved_by.as_deref()),
        (Some("就疏散方案听证"), Some("示例head14"))
    );
    assert!(
        hearing.begun_at.is_some()
            && hearing.ended_at.is_some()
            && hearing.approval.as_deref() == Some("同意听证")
    );
}

#[tokio::test]
async fn the_head_ends_a_case_before_it_is_decided() {
    let test = joint_city().await;
    let no = joint(&test).await;
    let version = seen(&test, head(), &no).await.case.version;
    let mut ctx = test.ctx(reviewer()).await;
    assert_eq!(kind(end(&mut ctx, (&no, version), "企业注销").await), Kind::NotFound);
    drop(ctx);
    let mut ctx = test.ctx(head()).await;
    assert_eq!(kind(end(&mut ctx, (&no, version), "").await), Kind::Invalid);
    assert_eq!(kind(end(&mut ctx, (&no, version - 1), "企业注销").await), Kind::Conflict);
    let case = end(&mut ctx, (&no, version), "企业已注销").await.unwrap();
    assert_eq!(case.state, State::Ended);
    assert_eq!(kind(end(&mut ctx, (&no, case.version), "企业已注销").await), Kind::Conflict);
    ctx.commit().await.unwrap();
}

#[tokio::test]
async fn papers_that_may_come_later_are_never_accepted_in_passing() {
    let test = joint_city().await;
    let (missing, whole) = (filed(&test, &["布局平面图"]).await, filed(&test, &[]).await);
    let mut todos = Vec::new();
    for no in [&missing, &whole] {
        todos.push(at(&test, &window(), no, "accept").await.0);
    }
    // The outcome that defers may stand first: it is not what many are accepted with.
    for todo in &todos {
        sqlx::query(
            "UPDATE casework.todo SET outcomes = '{accept_deferred,accept,correct}' WHERE id = $1",
        )
        .bind(todo.id)
        .execute(test.db.pool())
        .await
        .unwrap();
    }
    let mut ctx = test.ctx(window()).await;
    let ids = [todos[0].id, todos[1].id];
    let marked = accept_all(&mut ctx, &ids).await.unwrap();
    assert_eq!((marked.count, marked.missed), (1, 1), "the one that lacks a paper is left");
    ctx.commit().await.unwrap();
    test.clock.advance(Duration::seconds(10));
    carry_out(&test.db, marked.id).await.unwrap();
    let told = bulk(&mut test.ctx(window()).await, marked.id).await.unwrap();
    assert_eq!((told.done, told.missed), (1, 1));
    let state = async |no: &str| seen(&test, window(), no).await.case.state;
    assert_eq!((state(&missing).await, state(&whole).await), (State::Submitted, State::Accepted));
    let events = seen(&test, window(), &whole).await.events;
    assert!(events.iter().any(|event| event.kind == "accept"));
}
