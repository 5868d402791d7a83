//! The course of a case: from the application to the licence, by way of a correction, to a refusal.

use zhengtong_base::{Kind, Paging};
use zhengtong_casework::{State, mine, revoke, supply, to_do};
use zhengtong_process::Standing;
use zhengtong_registry::{Purpose, lookup};

use crate::world::{
    LICENCES, accepted, agent, city, decide, fields, head, input, inspector, kind, opened, paper,
    reviewed, reviewer, seen, task, verbs, window,
};

#[tokio::test]
async fn a_case_goes_from_the_application_to_the_licence() {
    let test = city().await;
    let no = opened(&test).await;
    assert_eq!(no, "SPJY-2026-000001");
    let view = seen(&test, agent(), &no).await;
    assert_eq!((view.case.state, view.case.item_version.as_str()), (State::Submitted, "7"));
    assert!(view.clocks.is_none() && view.may_withdraw && view.notes.is_empty());

    let case = decide(&test, window(), &no, "accept", "").await.unwrap();
    assert_eq!((case.state, case.accepted_at.is_some()), (State::Accepted, true));
    decide(&test, reviewer(), &no, "reviewed", "").await.unwrap();
    decide(&test, inspector(), &no, "inspected", "").await.unwrap();
    let case = decide(&test, head(), &no, "grant", "").await.unwrap();
    assert_eq!((case.state, case.decision.as_deref()), (State::Closed, Some("granted")));

    let view = seen(&test, agent(), &no).await;
    assert_eq!(view.case, case);
    assert!(view.case.closed_at.is_some() && view.tasks.is_empty() && !view.may_withdraw);
    let done = view.picture.nodes.iter().find(|node| node.id == "done").unwrap();
    assert_eq!(done.standing, Standing::Done);
    let kinds: Vec<&str> = view.events.iter().map(|event| event.kind.as_str()).collect();
    let expected =
        ["submit", "service", "accept", "pass", "pass", "grant", "service", "service", "served"];
    assert_eq!(kinds, expected);
    assert!(view.events.iter().zip(1..).all(|(event, seq)| event.seq == seq && event.public));
}

#[tokio::test]
async fn the_licence_is_issued_written_back_and_told() {
    let test = city().await;
    let no = reviewed(&test).await;
    let case = decide(&test, head(), &no, "grant", "").await.unwrap();
    let mut ctx = test.ctx(agent()).await;
    let document = zhengtong_document::open(&mut ctx, case.document.unwrap()).await.unwrap();
    assert_eq!(
        (document.case_no.as_deref(), document.holder_name.as_str()),
        (Some(no.as_str()), "示例餐饮有限公司")
    );
    assert_eq!(document.valid_from.to_string(), "2026-03-02");
    assert_eq!(document.valid_to.unwrap().to_string(), "2031-03-01");
    let public = zhengtong_document::verify(&mut ctx, &document.code).await.unwrap().unwrap();
    assert_eq!(public.state, zhengtong_document::State::Valid);

    let key = [("licence_no", document.number.as_str())];
    let purpose = Purpose::new("查验");
    let record = lookup(&mut ctx, LICENCES, &key, &purpose).await.unwrap().unwrap();
    assert_eq!(record.by_case.as_deref(), Some(no.as_str()));
    assert_eq!(record.values["holder_name"], "示例餐饮有限公司");
    assert_eq!(record.values["valid_to"], "2031-03-01");

    let told = zhengtong_notice::inbox(&mut ctx, Paging::new(1, 20)).await.unwrap();
    assert_eq!(told.total, 3, "{told:#?}");
    assert!(
        told.rows.iter().all(|message| message.link.as_deref() == Some(&format!("/my/case/{no}")))
    );
    let acts = verbs(&mut ctx, "case").await;
    let changes: Vec<&str> =
        acts.iter().map(String::as_str).filter(|verb| *verb != "casework.read").collect();
    let expected =
        ["casework.open", "casework.accept", "casework.pass", "casework.pass", "casework.grant"];
    assert_eq!(changes, expected);
}

#[tokio::test]
async fn what_is_missing_is_asked_for_and_supplied() {
    let test = city().await;
    let no = opened(&test).await;
    let case = decide(&test, window(), &no, "correct", "布局图看不清，请重传").await.unwrap();
    assert_eq!((case.state, case.accepted_at), (State::Correcting, None));

    let mut ctx = test.ctx(agent()).await;
    let own = mine(&mut ctx, 1).await.unwrap().rows;
    let waiting = to_do(&mut ctx, &own).await.unwrap();
    let [(_, todo)] = waiting.as_slice() else { panic!("{waiting:?}") };
    assert_eq!((todo.node.as_str(), todo.role.as_str()), ("correct", "applicant"));
    let error = supply(&mut ctx, &no, todo.id, &[], "  ").await.unwrap_err();
    assert_eq!(fields(&error), ["files"]);
    let case = supply(&mut ctx, &no, todo.id, &[paper("布局图")], "换了清楚的").await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(case.state, State::Submitted);

    let view = seen(&test, agent(), &no).await;
    let papers: Vec<i32> = view.materials.iter().map(|paper| paper.seq).collect();
    assert_eq!(papers, [1, 2]);
    let reasons: Vec<&str> =
        view.events.iter().filter_map(|event| event.reason.as_deref()).collect();
    assert_eq!(reasons, ["布局图看不清，请重传", "换了清楚的"]);
    let mut ctx = test.ctx(agent()).await;
    let own = mine(&mut ctx, 1).await.unwrap().rows;
    assert!(to_do(&mut ctx, &own).await.unwrap().is_empty());
    assert_eq!(kind(supply(&mut ctx, &no, todo.id, &[], "再来").await), Kind::Conflict);
    drop(ctx);
    assert_eq!(decide(&test, window(), &no, "accept", "").await.unwrap().state, State::Accepted);
}

#[tokio::test]
async fn an_officer_cannot_supply_and_an_applicant_cannot_decide() {
    let test = city().await;
    let no = opened(&test).await;
    let view = seen(&test, agent(), &no).await;
    assert!(view.tasks[0].choices.is_empty());
    let mut ctx = test.ctx(agent()).await;
    let refused = zhengtong_casework::act(
        &mut ctx,
        &no,
        task(&view, "accept").id,
        input("accept", "", view.case.version),
    );
    assert_eq!(kind(refused.await), Kind::NotFound);
    drop(ctx);
    decide(&test, window(), &no, "correct", "缺").await.unwrap();
    let view = seen(&test, window(), &no).await;
    assert!(view.tasks[0].choices.is_empty());
    let mut ctx = test.ctx(window()).await;
    let todo = task(&view, "supply").id;
    assert_eq!(kind(supply(&mut ctx, &no, todo, &[], "我来补").await), Kind::NotFound);
}

#[tokio::test]
async fn a_refusal_and_a_decline_end_the_case() {
    let test = city().await;
    let no = reviewed(&test).await;
    let case = decide(&test, head(), &no, "refuse", "厨房与卫生间相通").await.unwrap();
    assert_eq!((case.state, case.decision.as_deref()), (State::Closed, Some("refused")));
    assert_eq!(case.document, None);
    let view = seen(&test, agent(), &no).await;
    let last = view.events.iter().rfind(|event| event.kind != "served").unwrap();
    assert_eq!((last.kind.as_str(), last.actor.as_str()), ("refuse", "示例head14"));
    assert_eq!(last.reason.as_deref(), Some("厨房与卫生间相通"));

    let no = opened(&test).await;
    let case = decide(&test, window(), &no, "decline", "只卖预包装食品，备案即可").await.unwrap();
    assert_eq!((case.state, case.closed_at.is_some()), (State::Declined, true));
}

#[tokio::test]
async fn my_cases_are_mine_and_the_company_s_are_the_company_s() {
    let test = city().await;
    let no = accepted(&test).await;
    test.clock.advance(time::Duration::hours(1));
    let later = opened(&test).await;
    let mut ctx = test.ctx(agent()).await;
    let page = mine(&mut ctx, 1).await.unwrap();
    let numbers: Vec<&str> = page.rows.iter().map(|case| case.no.as_str()).collect();
    assert_eq!((numbers, page.total), (vec![later.as_str(), no.as_str()], 2));
    assert!(mine(&mut ctx, 2).await.unwrap().rows.is_empty());
    let mut ctx = test.ctx(crate::world::citizen(crate::world::AGENT)).await;
    assert_eq!(mine(&mut ctx, 1).await.unwrap().total, 0);
}

#[tokio::test]
async fn a_licence_is_revoked_by_a_named_official_and_its_holder_is_told() {
    let test = city().await;
    let no = reviewed(&test).await;
    let mut ctx = test.ctx(head()).await;
    assert_eq!(kind(revoke(&mut ctx, &no, "还没有证").await), Kind::Conflict);
    drop(ctx);
    let case = decide(&test, head(), &no, "grant", "").await.unwrap();
    assert!(seen(&test, head(), &no).await.may_revoke);
    for other in [reviewer(), agent()] {
        let view = seen(&test, other.clone(), &no).await;
        assert!(!view.may_revoke);
        let mut ctx = test.ctx(other).await;
        assert_eq!(kind(revoke(&mut ctx, &no, "不该由我").await), Kind::NotFound);
    }
    let mut ctx = test.ctx(head()).await;
    assert_eq!(fields(&revoke(&mut ctx, &no, " ").await.unwrap_err()), ["reason"]);
    revoke(&mut ctx, &no, "以虚假材料取得").await.unwrap();
    ctx.commit().await.unwrap();

    let view = seen(&test, head(), &no).await;
    let paper = view.licence.unwrap();
    let revocation = paper.revoked.clone().unwrap();
    assert_eq!((revocation.by, revocation.reason.as_str()), (head().name, "以虚假材料取得"));
    assert!(!view.may_revoke);
    let event = view.events.last().unwrap();
    assert_eq!((event.kind.as_str(), event.public), ("revoke", true));
    let mut ctx = test.ctx(agent()).await;
    let public = zhengtong_document::verify(&mut ctx, &paper.code).await.unwrap().unwrap();
    assert_eq!(public.state, zhengtong_document::State::Revoked);
    let told = zhengtong_notice::inbox(&mut ctx, Paging::new(1, 20)).await.unwrap();
    let of = |message: &&zhengtong_notice::Message| message.template == "food-business:revoked";
    let body = &told.rows.iter().find(of).unwrap().body.zh;
    assert!(body.contains(&paper.number) && body.contains("以虚假材料取得"), "{body}");
    let mut ctx = test.ctx(head()).await;
    assert_eq!(kind(revoke(&mut ctx, &no, "再撤一次").await), Kind::Conflict);
    assert!(case.document.is_some());
}
