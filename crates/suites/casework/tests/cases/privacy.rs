//! Who may not see a case cannot tell it from one that is not there; who may and looks, leaves a trace.

use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_casework::{
    act, claim, inbox, material, note, release, resume, supply, view, withdraw,
};
use zhengtong_db::{Actor, Ctx};

use crate::world::{
    accepted, agent, citizen, city, decide, for_company, head, id, input, kind, officer, opened,
    reviewed, reviewer, seen, suspend, task, verbs, window,
};

const NOBODY: &str = "SPJY-2026-999999";

/// What every verb answers for a case.
async fn asked(ctx: &mut Ctx, no: &str, todo: Uuid) -> Vec<(&'static str, Kind, String)> {
    let mut answers = Vec::new();
    macro_rules! ask {
        ($name:literal, $call:expr) => {
            let error = $call.await.map(|_| ()).unwrap_err();
            answers.push(($name, error.kind(), error.text().zh));
        };
    }
    ask!("view", view(ctx, no));
    ask!("material", material(ctx, no, 1));
    ask!("act", act(ctx, no, todo, input("accept", "", 1)));
    ask!("supply", supply(ctx, no, todo, &[], "x"));
    ask!("withdraw", withdraw(ctx, no, ""));
    ask!("note", note(ctx, no, "x"));
    ask!("suspend", suspend(ctx, no, "hearing", "x"));
    ask!("resume", resume(ctx, no));
    answers
}

#[tokio::test]
async fn another_person_s_case_looks_as_if_absent() {
    let test = city().await;
    let no = opened(&test).await;
    let todo = task(&seen(&test, window(), &no).await, "accept").id;
    let mut elsewhere = window();
    elsewhere.organisation = Some(id(101));
    let mut administrator = window();
    administrator.roles.push("system-admin".to_owned());
    let strangers = [
        citizen(3),
        citizen(crate::world::AGENT),
        elsewhere,
        administrator,
        officer(15, "steward"),
        officer(16, "audit-admin"),
    ];
    for stranger in strangers {
        let mut ctx = test.ctx(stranger.clone()).await;
        let (real, none) = (asked(&mut ctx, &no, todo).await, asked(&mut ctx, NOBODY, todo).await);
        assert_eq!(real, none, "{stranger:?}");
        assert!(real.iter().all(|(_, kind, _)| *kind == Kind::NotFound), "{stranger:?} {real:?}");
        for task in [todo, Uuid::from_u128(9)] {
            assert_eq!(kind(claim(&mut ctx, task).await), Kind::NotFound);
            assert_eq!(kind(release(&mut ctx, task).await), Kind::NotFound);
        }
    }
}

#[tokio::test]
async fn a_visitor_is_asked_to_log_in_whatever_there_is() {
    let test = city().await;
    let no = opened(&test).await;
    let todo = task(&seen(&test, window(), &no).await, "accept").id;
    let mut ctx = test.ctx(Actor::visitor()).await;
    let (real, none) = (asked(&mut ctx, &no, todo).await, asked(&mut ctx, NOBODY, todo).await);
    assert_eq!(real, none);
    assert!(real.iter().all(|(_, kind, _)| *kind == Kind::Unauthenticated), "{real:?}");
    for task in [todo, Uuid::from_u128(9)] {
        assert_eq!(kind(claim(&mut ctx, task).await), Kind::Unauthenticated);
        assert_eq!(kind(release(&mut ctx, task).await), Kind::Unauthenticated);
    }
}

#[tokio::test]
async fn who_may_not_act_does_not_wait_for_who_does() {
    let test = city().await;
    let no = opened(&test).await;
    let page = seen(&test, window(), &no).await;
    let todo = task(&page, "accept").id;
    let mut busy = test.ctx(window()).await;
    act(&mut busy, &no, todo, input("accept", "", page.case.version)).await.unwrap();
    // The window holds the case. Without a right one is refused at once; a wait would end in another kind.
    let mut ctx = test.ctx(citizen(3)).await;
    sqlx::query("SET LOCAL lock_timeout = '200ms'").execute(ctx.conn()).await.unwrap();
    assert_eq!(kind(withdraw(&mut ctx, &no, "").await), Kind::NotFound);
    assert_eq!(kind(suspend(&mut ctx, &no, "hearing", "x").await), Kind::NotFound);
    assert_eq!(kind(resume(&mut ctx, &no).await), Kind::NotFound);
    assert_eq!(kind(claim(&mut ctx, todo).await), Kind::NotFound);
    assert_eq!(kind(act(&mut ctx, &no, todo, input("accept", "", 1)).await), Kind::NotFound);
    assert_eq!(kind(supply(&mut ctx, &no, todo, &[], "x").await), Kind::NotFound);
}

#[tokio::test]
async fn a_leave_to_look_is_no_leave_to_act() {
    let test = city().await;
    let no = opened(&test).await;
    let looker = for_company(5, "view");
    let view = seen(&test, looker.clone(), &no).await;
    assert!(!view.may_withdraw && view.tasks.iter().all(|task| task.choices.is_empty()));
    let mut ctx = test.ctx(looker.clone()).await;
    assert_eq!(kind(withdraw(&mut ctx, &no, "").await), Kind::NotFound);
    drop(ctx);
    decide(&test, window(), &no, "correct", "缺图").await.unwrap();
    let todo = task(&seen(&test, agent(), &no).await, "supply").id;
    let mut ctx = test.ctx(looker).await;
    assert_eq!(kind(supply(&mut ctx, &no, todo, &[], "x").await), Kind::NotFound);
}

#[tokio::test]
async fn a_role_does_its_own_tasks_only() {
    let test = city().await;
    let no = reviewed(&test).await;
    // Who watches does not even see it: supervision has the course of the case without its people.
    let mut ctx = test.ctx(officer(17, "supervisor")).await;
    assert_eq!(kind(view(&mut ctx, &no).await), Kind::NotFound);
    drop(ctx);
    for actor in [window(), reviewer()] {
        let view = seen(&test, actor.clone(), &no).await;
        assert!(view.tasks[0].choices.is_empty(), "{actor:?}");
        let todo = task(&view, "grant").id;
        let mut ctx = test.ctx(actor).await;
        let decision = input("grant", "", view.case.version);
        assert_eq!(kind(act(&mut ctx, &no, todo, decision).await), Kind::NotFound);
        assert_eq!(kind(claim(&mut ctx, todo).await), Kind::NotFound);
    }
    let choices: Vec<String> = seen(&test, head(), &no).await.tasks[0]
        .choices
        .iter()
        .map(|choice| choice.outcome.clone())
        .collect();
    assert_eq!(choices, ["grant", "refuse"]);
    let mut ctx = test.ctx(officer(18, "steward")).await;
    assert_eq!(kind(inbox(&mut ctx, zhengtong_casework::Filter::All).await), Kind::Denied);
}

#[tokio::test]
async fn a_look_at_a_case_leaves_a_trace_for_its_person() {
    let test = city().await;
    let no = accepted(&test).await;
    let before = {
        let mut ctx = test.ctx(agent()).await;
        verbs(&mut ctx, "case").await.len()
    };
    seen(&test, agent(), &no).await;
    let view = seen(&test, head(), &no).await;
    let mut ctx = test.ctx(head()).await;
    material(&mut ctx, &no, view.materials[0].seq).await.unwrap();
    assert_eq!(kind(material(&mut ctx, &no, 99).await), Kind::NotFound);
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(agent()).await;
    let acts = verbs(&mut ctx, "case").await;
    assert_eq!(acts[before..], ["casework.read"]);
    assert_eq!(verbs(&mut ctx, "material").await, ["casework.read"]);
    let subjects: Vec<Option<Uuid>> =
        sqlx::query_scalar("SELECT subject FROM ledger.entry WHERE verb = 'casework.read'")
            .fetch_all(ctx.conn())
            .await
            .unwrap();
    assert!(subjects.iter().all(|subject| *subject == Some(id(crate::world::AGENT))));
}
