//! People come and go: tasks in hands that may no longer do them go back to all who may, nobody leaves tasks that
//! wait for nobody, and nothing is orphaned.

use std::collections::BTreeSet;

use time::{Date, Duration, Month};
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind, Text};
use zhengtong_casework::*;
use zhengtong_db::Actor;
use zhengtong_db::jobs::{Work, drain};
use zhengtong_db::testing::TestDb;
use zhengtong_party::{
    AccountCard, AccountKind, IdKind, NewOrganisation, NewSubstitution, OrganisationKind,
    PersonPlain, Post, Seed, SeedAccount, SeedHolding, SeedOrganisation,
};

use crate::world::{OFFICE, city_with, id, officer, opened, seen, task, window};

/// Officers of the office: number and roles of the post.
const STAFF: [(u128, &str); 6] = [
    (11, "window"),
    (12, "reviewer"),
    (13, "inspector"),
    (14, "head"),
    (21, "system-admin"),
    (22, "security-admin"),
];

fn day(day: u8) -> Date {
    Date::from_calendar_date(2026, Month::March, day).unwrap()
}

async fn city() -> TestDb {
    city_staffed(&STAFF).await
}

/// The city with its officers in the directory, not only as actors.
pub(crate) async fn city_staffed(staff: &[(u128, &str)]) -> TestDb {
    let test = city_with(&[zhengtong_party::SCHEMA]).await;
    let mut ctx = test.ctx(Actor::system("seed")).await;
    let person = |number: u128| PersonPlain {
        id: id(number),
        name: format!("示例{number}"),
        id_kind: IdKind::Passport,
        id_number: Some(format!("E{number:08}")),
        phone: None,
        region: None,
        level: 2,
    };
    let seed = Seed {
        persons: staff.iter().map(|(number, _)| person(*number)).collect(),
        organisations: vec![SeedOrganisation {
            id: id(OFFICE),
            organisation: NewOrganisation {
                parent: None,
                region: None,
                kind: OrganisationKind::Department,
                name: Text::new("示例局", "Sample bureau"),
                short: Some("market-regulation".to_owned()),
                credit_code: None,
                representative: None,
            },
        }],
        posts: staff
            .iter()
            .map(|(number, role)| Post {
                id: id(1000 + number),
                organisation: id(OFFICE),
                title: Text::same(*role),
                roles: vec![(*role).to_owned()],
            })
            .collect(),
        holdings: staff
            .iter()
            .map(|(number, _)| SeedHolding {
                post: id(1000 + number),
                person: id(*number),
                starts: day(1),
            })
            .collect(),
        accounts: staff
            .iter()
            .map(|(number, _)| SeedAccount {
                id: id(2000 + number),
                login: format!("officer{number}"),
                kind: AccountKind::Staff,
                person: id(*number),
                password: "three white herons".to_owned(),
                totp_secret: None,
            })
            .collect(),
        ..Seed::default()
    };
    zhengtong_party::seed(&mut ctx, &seed).await.unwrap();
    ctx.commit().await.unwrap();
    test
}

fn security() -> Actor {
    officer(22, "security-admin")
}

/// A case whose first task is in the hands of the clerk.
async fn in_hand(test: &TestDb) -> (String, Uuid) {
    let no = opened(test).await;
    let todo = task(&seen(test, window(), &no).await, "accept").id;
    let mut ctx = test.ctx(window()).await;
    claim(&mut ctx, todo).await.unwrap();
    ctx.commit().await.unwrap();
    (no, todo)
}

async fn holding_of(test: &TestDb, person: u128) -> Uuid {
    sqlx::query_scalar("SELECT id FROM party.holding WHERE person = $1")
        .bind(id(person))
        .fetch_one(test.db.pool())
        .await
        .unwrap()
}

async fn substitute(test: &TestDb, post: u128, person: u128, ends: u8) {
    let mut ctx = test.ctx(security()).await;
    let new = NewSubstitution {
        post: id(1000 + post),
        person: id(person),
        starts: day(2),
        ends: day(ends),
        reason: "调离".to_owned(),
    };
    zhengtong_party::substitute(&mut ctx, &new).await.unwrap();
    ctx.commit().await.unwrap();
}

/// Everything that waits is done, and then: no task in hands that may not do it, none that waits for nobody.
async fn settled(test: &TestDb) {
    drain(&test.db, &attach_reroute(Work::default()), 100).await.unwrap();
    let open: Vec<(Uuid, String, Option<Uuid>)> = sqlx::query_as(
        "SELECT department, role, assignee FROM casework.todo WHERE side = 'office' AND closed_at IS NULL",
    )
    .fetch_all(test.db.pool())
    .await
    .unwrap();
    assert!(!open.is_empty());
    let mut ctx = test.ctx(Actor::system("test")).await;
    for (department, role, assignee) in open {
        let serving = zhengtong_party::serving(&mut ctx, department, &role).await.unwrap();
        let accounts: BTreeSet<Uuid> = serving.iter().map(|one| one.account).collect();
        assert!(!accounts.is_empty(), "{role} waits for nobody");
        assert!(
            assignee.is_none_or(|account| accounts.contains(&account)),
            "{role} in wrong hands"
        );
    }
    let dead: i64 = sqlx::query_scalar("SELECT count(*) FROM db.dead_letter")
        .fetch_one(test.db.pool())
        .await
        .unwrap();
    assert_eq!(dead, 0);
}

async fn assignee(test: &TestDb, todo: Uuid) -> Option<Uuid> {
    sqlx::query_scalar("SELECT assignee FROM casework.todo WHERE id = $1")
        .bind(todo)
        .fetch_one(test.db.pool())
        .await
        .unwrap()
}

#[tokio::test]
async fn the_last_holder_leaves_only_when_somebody_stands_in() {
    let test = city().await;
    let (no, todo) = in_hand(&test).await;
    let holding = holding_of(&test, 11).await;
    let mut ctx = test.ctx(security()).await;
    let burdens = burden_of_holding(&mut ctx, holding).await.unwrap();
    assert_eq!(burdens.len(), 1);
    assert_eq!((burdens[0].open, burdens[0].in_hand, burdens[0].others), (1, 1, 0));
    let refused = end_holding(&mut ctx, holding).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Conflict);
    assert!(refused.text().zh.contains("代理人"), "{refused}");
    drop(ctx);
    assert_eq!(assignee(&test, todo).await, Some(id(2011)));

    substitute(&test, 11, 12, 20).await;
    let mut ctx = test.ctx(security()).await;
    assert_eq!(burden_of_holding(&mut ctx, holding).await.unwrap()[0].others, 1);
    end_holding(&mut ctx, holding).await.unwrap();
    ctx.commit().await.unwrap();
    settled(&test).await;
    assert_eq!(assignee(&test, todo).await, None, "back in the pool");
    let instance = seen(&test, officer(12, "window"), &no).await.case.instance;
    let mut ctx = test.ctx(Actor::system("test")).await;
    let tasks = zhengtong_process::rests(&mut ctx, instance).await.unwrap().tasks;
    assert!(tasks.iter().all(|task| task.assignee.is_none()), "in the process too");
    drop(ctx);
    let mut ctx = test.ctx(Actor::system("test")).await;
    let paging = zhengtong_base::Paging::new(1, 50);
    let acts = zhengtong_ledger::by_thing(ctx.conn(), "case", &no, paging).await.unwrap().rows;
    let mut act = acts.into_iter().find(|act| act.act.verb == "casework.reroute").unwrap().act;
    ctx.unveil(&mut act).unwrap();
    let why = act.reason.unwrap();
    assert!(why.contains("window"), "{why}");
    let mut ctx = test.ctx(officer(12, "window")).await;
    claim(&mut ctx, todo).await.unwrap();
    ctx.commit().await.unwrap();
    settled(&test).await;
    assert_eq!(assignee(&test, todo).await, Some(id(2012)));
}

fn card(number: u128) -> AccountCard {
    AccountCard {
        id: id(2000 + number),
        login: format!("officer{number}"),
        kind: AccountKind::Staff,
        disabled_at: None,
        activated: true,
        second_factor: false,
    }
}

#[tokio::test]
async fn a_disabled_account_gives_its_tasks_back() {
    let test = city().await;
    let (_, todo) = in_hand(&test).await;
    let mut ctx = test.ctx(officer(21, "system-admin")).await;
    let burdens = burden_of_account(&mut ctx, id(11), &card(11)).await.unwrap();
    assert!(burdens[0].is_orphaned());
    let refused = disable_account(&mut ctx, id(11), &card(11), "调离本单位", false).await;
    assert_eq!(refused.unwrap_err().kind(), Kind::Conflict);
    drop(ctx);
    substitute(&test, 11, 13, 20).await;
    let mut ctx = test.ctx(officer(21, "system-admin")).await;
    disable_account(&mut ctx, id(11), &card(11), "调离本单位", false).await.unwrap();
    ctx.commit().await.unwrap();
    settled(&test).await;
    assert_eq!(assignee(&test, todo).await, None);
}

#[tokio::test]
async fn an_account_in_wrong_hands_is_disabled_at_once_and_its_tasks_stay_with_the_post() {
    let test = city().await;
    let (_, todo) = in_hand(&test).await;
    let mut ctx = test.ctx(officer(21, "system-admin")).await;
    disable_account(&mut ctx, id(11), &card(11), "账号疑似被盗", true).await.unwrap();
    ctx.commit().await.unwrap();
    drain(&test.db, &attach_reroute(Work::default()), 100).await.unwrap();
    assert_eq!(assignee(&test, todo).await, None, "it waits in the pool, in nobody's hands");
    substitute(&test, 11, 12, 20).await;
    settled(&test).await;
}

#[tokio::test]
async fn a_substitution_that_ends_by_its_day_gives_tasks_back_too() {
    let test = city().await;
    substitute(&test, 11, 12, 4).await;
    let no = opened(&test).await;
    let todo = task(&seen(&test, window(), &no).await, "accept").id;
    let mut ctx = test.ctx(officer(12, "window")).await;
    claim(&mut ctx, todo).await.unwrap();
    ctx.commit().await.unwrap();
    settled(&test).await;
    assert_eq!(assignee(&test, todo).await, Some(id(2012)));
    test.clock.advance(Duration::days(3));
    let mut ctx = test.ctx(Actor::system("sweep")).await;
    zhengtong_party::sweep(&mut ctx).await.unwrap();
    ctx.commit().await.unwrap();
    settled(&test).await;
    assert_eq!(assignee(&test, todo).await, None);
}

#[tokio::test]
async fn who_keeps_the_role_keeps_the_tasks_and_news_that_come_twice_do_nothing() {
    let test = city().await;
    let (_, todo) = in_hand(&test).await;
    let mut ctx = test.ctx(Actor::system("casework.reroute")).await;
    for _ in 0..2 {
        assert_eq!(reroute(&mut ctx, id(11)).await.unwrap(), 0);
        assert_eq!(reroute(&mut ctx, id(99)).await.unwrap(), 0);
    }
    ctx.commit().await.unwrap();
    assert_eq!(assignee(&test, todo).await, Some(id(2011)));
    let mut ctx = test.ctx(window()).await;
    assert_eq!(reroute(&mut ctx, id(11)).await.unwrap_err().kind(), Kind::Denied);
    let holding = holding_of(&test, 11).await;
    assert_eq!(burden_of_holding(&mut ctx, holding).await.unwrap_err().kind(), Kind::Denied);
}
