//! Several hands at once: who takes a task has it, numbers are given once, one act is done once.

use std::collections::BTreeSet;

use zhengtong_base::{Failure as _, Kind};
use zhengtong_casework::{Filter, act, claim, counts, inbox, note, open, release};

use crate::world::{
    accepted, agent, city, decide, input, kind, officer, opened, opening, reviewer, seen, suspend,
    task, window,
};

#[tokio::test]
async fn who_takes_a_task_has_it() {
    let test = city().await;
    let no = opened(&test).await;
    let page = seen(&test, window(), &no).await;
    let todo = task(&page, "accept").id;
    let colleague = officer(21, "window");

    let mut ctx = test.ctx(window()).await;
    assert_eq!(claim(&mut ctx, todo).await.unwrap(), no);
    assert_eq!(claim(&mut ctx, todo).await.unwrap(), no);
    ctx.commit().await.unwrap();

    let view = seen(&test, colleague.clone(), &no).await;
    assert!(!view.tasks[0].mine && view.tasks[0].choices.is_empty());
    let mut ctx = test.ctx(colleague.clone()).await;
    let error = claim(&mut ctx, todo).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.text().zh),
        (Kind::Conflict, "示例window11 已经领走了这件".into())
    );
    let decision = input("accept", "", page.case.version);
    assert_eq!(kind(act(&mut ctx, &no, todo, decision).await), Kind::Conflict);
    assert_eq!(kind(release(&mut ctx, todo).await), Kind::Conflict);
    drop(ctx);

    let mut ctx = test.ctx(window()).await;
    release(&mut ctx, todo).await.unwrap();
    ctx.commit().await.unwrap();
    decide(&test, colleague, &no, "accept", "").await.unwrap();
}

#[tokio::test]
async fn of_many_who_reach_for_a_task_one_gets_it() {
    let test = city().await;
    let no = opened(&test).await;
    let page = seen(&test, window(), &no).await;
    let (todo, version) = (task(&page, "accept").id, page.case.version);
    let hands: Vec<_> = (0..5)
        .map(|number| {
            let (db, no) = (test.db.clone(), no.clone());
            tokio::spawn(async move {
                let mut ctx = db.begin(officer(30 + number, "window"), "test").await.unwrap();
                act(&mut ctx, &no, todo, input("accept", "", version)).await?;
                ctx.commit().await.unwrap();
                Ok::<_, zhengtong_casework::Error>(())
            })
        })
        .collect();
    let mut done = 0;
    for hand in hands {
        match hand.await.unwrap() {
            Ok(()) => done += 1,
            Err(error) => assert_eq!(error.kind(), Kind::Conflict, "{error}"),
        }
    }
    assert_eq!(done, 1);
    let accepts = seen(&test, agent(), &no).await.events;
    assert_eq!(accepts.iter().filter(|event| event.kind == "accept").count(), 1);
}

#[tokio::test]
async fn the_same_form_sent_twice_does_one_thing_and_is_answered_twice() {
    let test = city().await;
    let no = opened(&test).await;
    let page = seen(&test, window(), &no).await;
    let (todo, version) = (task(&page, "accept").id, page.case.version);
    let with = async |actor, key: &str| {
        let mut ctx = test.ctx(actor).await;
        ctx.key = Some(key.to_owned());
        ctx
    };
    for _ in 0..2 {
        let mut ctx = with(window(), "decision").await;
        let case = act(&mut ctx, &no, todo, input("accept", "", version)).await.unwrap();
        assert_eq!(case.state, zhengtong_casework::State::Accepted);
        ctx.commit().await.unwrap();
        let mut ctx = with(reviewer(), "note").await;
        note(&mut ctx, &no, "下午去看现场").await.unwrap();
        ctx.commit().await.unwrap();
        let mut ctx = with(reviewer(), "stop").await;
        suspend(&mut ctx, &no, "inspection", "抽样送检").await.unwrap();
        ctx.commit().await.unwrap();
    }
    let view = seen(&test, reviewer(), &no).await;
    let count = |kind: &str| view.events.iter().filter(|event| event.kind == kind).count();
    assert_eq!((count("accept"), count("suspend"), view.notes.len()), (1, 1, 1));
    let mut ctx = with(reviewer(), "note").await;
    assert_eq!(kind(note(&mut ctx, &no, "另一句").await), Kind::Invalid);
}

#[tokio::test]
async fn numbers_are_given_once_and_without_gaps() {
    let test = city().await;
    let hands: Vec<_> = (0..12)
        .map(|place| {
            let db = test.db.clone();
            tokio::spawn(async move {
                let mut ctx = db.begin(agent(), "test").await.unwrap();
                let no = open(&mut ctx, opening()).await.unwrap();
                // Every third one is given up: its number goes to the next.
                if place % 3 == 2 {
                    return None;
                }
                ctx.commit().await.unwrap();
                Some(no)
            })
        })
        .collect();
    let mut numbers = BTreeSet::new();
    for hand in hands {
        if let Some(no) = hand.await.unwrap() {
            assert!(numbers.insert(no.clone()), "{no} was given twice");
        }
    }
    let expected: BTreeSet<String> =
        (1..=8).map(|number| format!("SPJY-2026-{number:06}")).collect();
    assert_eq!(numbers, expected);
    test.clock.advance(time::Duration::days(365));
    assert_eq!(opened(&test).await, "SPJY-2027-000001");
}

#[tokio::test]
async fn an_inbox_shows_what_its_post_can_do() {
    let test = city().await;
    let (first, second) = (opened(&test).await, accepted(&test).await);
    let mut ctx = test.ctx(window()).await;
    let page = inbox(&mut ctx, Filter::All).await.unwrap();
    let all = counts(&mut ctx).await.unwrap();
    assert_eq!(page.rows.iter().map(|row| row.todo.case.as_str()).collect::<Vec<_>>(), [&first]);
    assert_eq!((all.all, all.mine, all.free, all.over), (1, 0, 1, 0));
    claim(&mut ctx, page.rows[0].todo.id).await.unwrap();
    let page = inbox(&mut ctx, Filter::Mine).await.unwrap();
    let all = counts(&mut ctx).await.unwrap();
    assert_eq!((page.rows.len(), all.mine, all.free), (1, 1, 0));
    assert!(inbox(&mut ctx, Filter::Free).await.unwrap().rows.is_empty());
    ctx.commit().await.unwrap();

    let mut ctx = test.ctx(officer(21, "window")).await;
    assert!(inbox(&mut ctx, Filter::All).await.unwrap().rows.is_empty());
    // Whose hands it is in can be seen by those who have the role.
    let unit = inbox(&mut ctx, Filter::Unit).await.unwrap();
    assert_eq!(unit.rows[0].todo.assignee_name.as_deref(), Some("示例window11"));
    let mut ctx = test.ctx(reviewer()).await;
    let page = inbox(&mut ctx, Filter::All).await.unwrap();
    let row = &page.rows[0];
    assert_eq!((row.todo.case.as_str(), row.todo.node.as_str()), (second.as_str(), "review"));
    assert_eq!((row.applicant.as_str(), row.days_left), ("示例餐饮有限公司", Some(2)));
    drop(ctx);
    test.clock.advance(time::Duration::days(7));
    let mut ctx = test.ctx(reviewer()).await;
    let page = inbox(&mut ctx, Filter::Over).await.unwrap();
    let over = counts(&mut ctx).await.unwrap().over;
    assert_eq!((page.rows.len(), over, page.rows[0].days_left), (1, 1, Some(-3)));
}

#[tokio::test]
async fn every_statement_is_valid() {
    let test = city().await;
    for (name, text) in zhengtong_casework::SCHEMA.statements {
        let statement = zhengtong_db::sql::trusted((*text).to_owned());
        let prepared = zhengtong_db::sql::prepare(&test.db, statement).await;
        prepared.unwrap_or_else(|error| panic!("{name}: {error:?}"));
    }
}
