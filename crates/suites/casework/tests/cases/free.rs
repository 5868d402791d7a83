//! What officers do that no diagram shows, and what they are refused.

use zhengtong_base::Kind;
use zhengtong_casework::*;
use zhengtong_db::Actor;
use zhengtong_db::testing::TestDb;

use crate::joint::{FIRE, at, at_the_head, colleague, fireman, joint, joint_city, of, step, urban};
use crate::world::{head, id, input, kind, officer, reviewer, seen, window};

fn account(number: u128) -> uuid::Uuid {
    id(2000 + number)
}

/// Carries out an act and commits.
async fn done<T>(
    test: &TestDb,
    actor: Actor,
    work: impl AsyncFnOnce(&mut zhengtong_db::Ctx) -> Result<T>,
) -> Result<T> {
    let mut ctx = test.ctx(actor).await;
    let outcome = work(&mut ctx).await?;
    ctx.commit().await.unwrap();
    Ok(outcome)
}

#[tokio::test]
async fn a_step_is_sent_back_with_a_reason_and_comes_straight_here_again() {
    let test = joint_city().await;
    let no = joint(&test).await;
    at_the_head(&test, &no).await;
    let (todo, seen_version) = at(&test, &head(), &no, "decide").await;
    let place = (no.as_str(), todo.id, seen_version);
    let ways = done(&test, head(), async |ctx| moves(ctx, &no, todo.id).await).await.unwrap();
    let names = |all: &[Target]| all.iter().map(|one| one.node.clone()).collect::<Vec<_>>();
    assert_eq!(names(&ways.back), ["visit"]);
    assert!(names(&ways.straight).contains(&"fire_check".to_owned()));
    assert!(!names(&ways.straight).contains(&"accept".to_owned()), "never before the acceptance");
    let sent = !names(&ways.anywhere)
        .iter()
        .any(|node| ["accept", "correct", "after_check", "issue"].contains(&node.as_str()));
    assert!(sent && !ways.anywhere.is_empty(), "{:?}", ways.anywhere);

    let refused = [
        (head(), "visit", "", seen_version, Kind::Invalid),
        (head(), "accept", "重来", seen_version, Kind::Invalid),
        (head(), "nowhere", "重来", seen_version, Kind::Invalid),
        (head(), "visit", "重来", seen_version - 1, Kind::Conflict),
        (fireman(), "visit", "重来", seen_version, Kind::NotFound),
        (of(500, 51, "head"), "visit", "重来", seen_version, Kind::NotFound),
    ];
    for (actor, node, reason, version, expected) in refused {
        let at = (no.as_str(), todo.id, version);
        let said =
            done(&test, actor, async |ctx| send_back(ctx, at, node, false, reason).await).await;
        assert_eq!(kind(said), expected, "{node} {reason}");
    }
    done(&test, head(), async |ctx| {
        send_back(ctx, place, "fire_check", true, "请再核一遍疏散门").await
    })
    .await
    .unwrap();
    let (again, _) = at(&test, &fireman(), &no, "fire_check").await;
    assert!(!again.place.lead);
    // The same form twice, on a task that is over.
    let twice =
        done(&test, head(), async |ctx| send_back(ctx, place, "visit", false, "重来").await).await;
    assert_eq!(kind(twice), Kind::Conflict);
    step(&test, fireman(), &no, "fire_check", "object").await;
    assert_eq!(at(&test, &head(), &no, "decide").await.0.node, "decide");
    let view = seen(&test, crate::world::agent(), &no).await;
    assert!(view.events.iter().all(|event| event.kind != "return"), "not for the applicant");
}

#[tokio::test]
async fn what_one_did_last_is_taken_back_while_nobody_has_begun_the_next() {
    let test = joint_city().await;
    let no = joint(&test).await;
    let (todo, _) = at(&test, &reviewer(), &no, "review").await;
    let began = todo.opened_at;
    step(&test, reviewer(), &no, "review", "reviewed").await;
    let list = done(&test, reviewer(), async |ctx| takeable(ctx, &no).await).await.unwrap();
    assert_eq!(list.iter().map(|one| one.todo).collect::<Vec<_>>(), [todo.id]);
    let version = seen(&test, head(), &no).await.case.version;
    let place = (no.as_str(), todo.id, version);
    for (actor, expected) in
        [(colleague(), Kind::Conflict), (of(500, 51, "reviewer"), Kind::NotFound)]
    {
        let said = done(&test, actor, async |ctx| take_back(ctx, place, "点错了").await).await;
        assert_eq!(kind(said), expected);
    }
    done(&test, reviewer(), async |ctx| take_back(ctx, place, "点错了").await).await.unwrap();
    let (again, version) = at(&test, &reviewer(), &no, "review").await;
    assert_eq!((again.assignee, again.place.begun_at), (Some(account(12)), Some(began)));
    let twice = done(&test, reviewer(), async |ctx| {
        take_back(ctx, (no.as_str(), todo.id, version), "").await
    })
    .await;
    assert_eq!(kind(twice), Kind::Conflict);

    // The acceptance was told to the applicant: it is not taken back.
    let list = done(&test, window(), async |ctx| takeable(ctx, &no).await).await.unwrap();
    assert!(list.is_empty());
    step(&test, fireman(), &no, "fire_check", "agree").await;
    step(&test, fireman(), &no, "consult", "agree").await;
    step(&test, urban(), &no, "consult", "agree").await;
    step(&test, reviewer(), &no, "review", "reviewed").await;
    let (visit, _) = at(&test, &officer(13, "inspector"), &no, "visit").await;
    done(&test, officer(13, "inspector"), async |ctx| claim(ctx, visit.id).await).await.unwrap();
    let list = done(&test, reviewer(), async |ctx| takeable(ctx, &no).await).await.unwrap();
    assert!(list.is_empty(), "somebody has begun the next step");
}

#[tokio::test]
async fn a_task_is_passed_on_lent_and_given_back() {
    let test = joint_city().await;
    let no = joint(&test).await;
    let (todo, version) = at(&test, &reviewer(), &no, "review").await;
    let place = (no.as_str(), todo.id, version);
    let pass = async |actor: Actor, place, to: u128, why: &'static str| {
        done(&test, actor, async |ctx| transfer(ctx, place, account(to), why).await).await
    };
    assert_eq!(kind(pass(reviewer(), place, 15, "").await), Kind::Invalid);
    assert_eq!(kind(pass(reviewer(), place, 11, "请他办").await), Kind::Invalid, "no role");
    assert_eq!(kind(pass(reviewer(), place, 99, "请他办").await), Kind::Invalid, "nobody");
    assert_eq!(kind(pass(fireman(), place, 15, "请他办").await), Kind::NotFound);
    pass(reviewer(), place, 15, "出差").await.unwrap();
    let (todo, version) = at(&test, &colleague(), &no, "review").await;
    assert_eq!(todo.assignee, Some(account(15)));
    let place = (no.as_str(), todo.id, version);
    assert_eq!(
        kind(pass(reviewer(), place, 12, "拿回来").await),
        Kind::Conflict,
        "it is theirs now"
    );

    // Lent within the department, to somebody without the role: they prepare, and cannot decide.
    let lend =
        done(&test, colleague(), async |ctx| delegate(ctx, place, account(31), "帮看").await).await;
    assert_eq!(kind(lend), Kind::Invalid, "another department");
    done(&test, colleague(), async |ctx| delegate(ctx, place, account(11), "帮看材料").await)
        .await
        .unwrap();
    let (todo, version) = at(&test, &window(), &no, "review").await;
    assert!(todo.place.lent && todo.place.given);
    let decides = done(&test, window(), async |ctx| {
        act(ctx, &no, todo.id, input("reviewed", "", version)).await
    })
    .await;
    assert_eq!(kind(decides), Kind::Conflict);
    let place = (no.as_str(), todo.id, version);
    done(&test, window(), async |ctx| give_back(ctx, place, "材料齐全").await).await.unwrap();
    let (todo, version) = at(&test, &colleague(), &no, "review").await;
    assert_eq!((todo.assignee, todo.place.lent), (Some(account(15)), false));
    let again = done(&test, colleague(), async |ctx| {
        give_back(ctx, (no.as_str(), todo.id, version), "材料").await
    })
    .await;
    assert_eq!(kind(again), Kind::Conflict, "it was not lent");
    step(&test, colleague(), &no, "review", "reviewed").await;
    let trail = done(&test, head(), async |ctx| responsible(ctx, &no).await).await.unwrap();
    let how: Vec<&str> = trail.iter().map(|one| one.how.as_str()).collect();
    assert_eq!(how, ["first", "transferred", "lent", "given_back"]);
}

#[tokio::test]
async fn others_are_asked_and_the_task_waits_for_them() {
    let test = joint_city().await;
    let no = joint(&test).await;
    let (todo, version) = at(&test, &reviewer(), &no, "review").await;
    let place = (no.as_str(), todo.id, version);
    let brigade = Whom::Role { department: id(FIRE), role: "head".to_owned() };
    let own = done(&test, reviewer(), async |ctx| {
        consult(ctx, place, &[Whom::Officer(account(12))], true, "您看").await
    })
    .await;
    assert_eq!(kind(own), Kind::Invalid);
    let none =
        done(&test, reviewer(), async |ctx| consult(ctx, place, &[], true, "您看").await).await;
    assert_eq!(kind(none), Kind::Invalid);
    done(&test, reviewer(), async |ctx| {
        consult(ctx, place, std::slice::from_ref(&brigade), true, "疏散门够不够").await
    })
    .await
    .unwrap();
    let chief = of(FIRE, 32, "head");
    let (asked, version) = at(&test, &chief, &no, "review").await;
    assert_eq!((asked.place.purpose, asked.outcomes.len()), (Some(Purpose::Opinion), 0));
    let (todo, _) = at(&test, &reviewer(), &no, "review").await;
    assert!(todo.place.waits);
    let early = done(&test, reviewer(), async |ctx| {
        act(ctx, &no, todo.id, input("reviewed", "", version)).await
    })
    .await;
    assert_eq!(kind(early), Kind::Conflict);
    let place = (no.as_str(), asked.id, version);
    assert_eq!(
        kind(done(&test, chief.clone(), async |ctx| sign(ctx, place, "").await).await),
        Kind::Invalid
    );
    done(&test, chief, async |ctx| sign(ctx, place, "两个门，够").await).await.unwrap();
    assert!(!at(&test, &reviewer(), &no, "review").await.0.place.waits);
    step(&test, reviewer(), &no, "review", "reviewed").await;
}

#[tokio::test]
async fn what_several_sign_counts_when_all_have_signed() {
    let test = joint_city().await;
    for (second, decision) in [("grant", "granted"), ("refuse", "refused")] {
        let no = joint(&test).await;
        at_the_head(&test, &no).await;
        let (todo, version) = at(&test, &head(), &no, "decide").await;
        let who = [Whom::Officer(account(15)), Whom::Officer(account(32))];
        let place = (no.as_str(), todo.id, version);
        done(&test, head(), async |ctx| {
            countersign(ctx, place, &who, Rule::All, "三家一起定").await
        })
        .await
        .unwrap();
        let case = step(&test, colleague(), &no, "decide", "grant").await;
        assert_eq!((case.state, case.decision), (State::Accepted, None), "one of two has signed");
        let case = step(&test, of(FIRE, 32, "head"), &no, "decide", second).await;
        assert_eq!(case.decision.as_deref(), Some(decision));
        let view = seen(&test, crate::world::agent(), &no).await;
        let event = view
            .events
            .iter()
            .find(|event| event.kind == if second == "grant" { "grant" } else { "refuse" })
            .unwrap();
        assert!(event.public && (second == "grant" || event.reason.as_deref() == Some("有理由")));
    }
}

#[tokio::test]
async fn one_more_who_signs_is_taken_away_again() {
    let test = joint_city().await;
    let no = joint(&test).await;
    let (todo, version) = at(&test, &reviewer(), &no, "review").await;
    let place = (no.as_str(), todo.id, version);
    let who = [Whom::Officer(account(15))];
    done(&test, reviewer(), async |ctx| {
        add_sign(ctx, place, &who, SignPlace::Before, "先请看").await
    })
    .await
    .unwrap();
    let view = seen(&test, reviewer(), &no).await;
    let asked =
        view.tasks.iter().find(|task| task.todo.place.purpose == Some(Purpose::Before)).unwrap();
    let place = (no.as_str(), asked.todo.id, view.case.version);
    assert_eq!(
        kind(done(&test, fireman(), async |ctx| remove_sign(ctx, place, "不用了").await).await),
        Kind::NotFound
    );
    done(&test, reviewer(), async |ctx| remove_sign(ctx, place, "不用了").await).await.unwrap();
    step(&test, reviewer(), &no, "review", "reviewed").await;
}

#[tokio::test]
async fn the_head_sends_a_task_straight_on_and_nobody_else_does() {
    let test = joint_city().await;
    let no = joint(&test).await;
    let (todo, version) = at(&test, &reviewer(), &no, "review").await;
    let place = (no.as_str(), todo.id, version);
    let by = |actor: Actor, node: &'static str| {
        let test = &test;
        async move {
            done(test, actor, async |ctx| send_to(ctx, place, node, "情况紧急").await).await
        }
    };
    assert_eq!(kind(by(reviewer(), "visit").await), Kind::NotFound);
    for node in ["accept", "after_check", "take_away", "issue"] {
        assert_eq!(kind(by(head(), node).await), Kind::Invalid, "{node}");
    }
    by(head(), "visit").await.unwrap();
    assert_eq!(at(&test, &officer(13, "inspector"), &no, "visit").await.0.node, "visit");
}

#[tokio::test]
async fn what_was_only_lent_is_not_handed_on_but_goes_back() {
    let test = joint_city().await;
    let no = joint(&test).await;
    let (todo, version) = at(&test, &reviewer(), &no, "review").await;
    let place = (no.as_str(), todo.id, version);
    done(&test, reviewer(), async |ctx| delegate(ctx, place, account(11), "帮看").await)
        .await
        .unwrap();
    assert_eq!(at(&test, &head(), &no, "review").await.0.assignee, Some(account(11)));
    let why = "调去别的科";
    let moved =
        done(&test, head(), async |ctx| hand_over(ctx, account(11), Some(account(15)), why).await)
            .await
            .unwrap();
    assert_eq!((moved.given, moved.freed), (0, 1));
    let (back, _) = at(&test, &head(), &no, "review").await;
    assert_eq!((back.assignee, back.place.lent), (Some(account(12)), false));
    let instance = seen(&test, head(), &no).await.case.instance;
    let mut ctx = test.ctx(Actor::system("test")).await;
    let tasks = zhengtong_process::rests(&mut ctx, instance).await.unwrap().tasks;
    let word = format!("account/{}/", account(12));
    assert!(
        tasks.iter().any(|task| task.assignee.as_deref().is_some_and(|to| to.starts_with(&word)))
    );
}
