//! Passwords, codes, locks, one-time links.

use time::Duration;
use zhengtong_db::Actor;
use zhengtong_party::*;

use crate::world::*;

pub(crate) async fn try_in(
    test: &zhengtong_db::testing::TestDb,
    login: &str,
    password: &str,
) -> String {
    let mut ctx = visitor(test).await;
    let done = log_in(&mut ctx, login, password, ORIGIN).await.unwrap();
    ctx.commit().await.unwrap();
    match done {
        Tried::Done(LogIn::Done(_)) => "in".to_owned(),
        Tried::Done(LogIn::CodeNeeded(_)) => "code".to_owned(),
        Tried::Refused(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_password_opens_a_citizen_and_asks_staff_for_a_code() {
    let test = city().await;
    let wrong = "the login or the password is wrong";
    let long = "长".repeat(200_000);
    let rows = [
        ("boss", PASSWORD, "in"),
        (" ＢＯＳＳ ", PASSWORD, "in"),
        ("window", PASSWORD, "code"),
        ("boss", "", wrong),
        ("boss", long.as_str(), wrong),
        ("nobody", PASSWORD, wrong),
        ("", "", wrong),
        ("' OR 1=1 --\0", "\0", wrong),
        (long.as_str(), PASSWORD, wrong),
    ];
    for (login, password, expected) in rows {
        assert_eq!(try_in(&test, login, password).await, expected);
    }
    let said = record(&test, "party.log_in").await;
    assert_eq!(said.iter().filter(|why| why.starts_with("refused: wrong password")).count(), 6);
    assert_eq!(said.iter().filter(|why| *why == "password from 127.0.0.1").count(), 2);
}

#[tokio::test]
async fn tries_at_the_same_time_are_counted_one_by_one() {
    let test = city().await;
    let mut said = Vec::new();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..7 {
        let db = test.db.clone();
        tasks.spawn(async move {
            let mut ctx = db.begin(Actor::visitor(), "test").await.unwrap();
            let done = log_in(&mut ctx, "boss", "wrong wrong wrong", ORIGIN).await.unwrap();
            ctx.commit().await.unwrap();
            matches!(done, Tried::Refused(Error::Locked { .. }))
        });
    }
    while let Some(locked) = tasks.join_next().await {
        said.push(locked.unwrap());
    }
    assert_eq!(said.iter().filter(|locked| **locked).count(), 2, "five count, two are banned");
}

pub(crate) async fn pending(test: &zhengtong_db::testing::TestDb) -> Token {
    let mut ctx = visitor(test).await;
    let done = log_in(&mut ctx, "window", PASSWORD, ORIGIN).await.unwrap();
    ctx.commit().await.unwrap();
    match done {
        Tried::Done(LogIn::CodeNeeded(token)) => token,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn try_code(
    test: &zhengtong_db::testing::TestDb,
    token: &Token,
    code: &str,
) -> std::result::Result<Token, String> {
    let mut ctx = visitor(test).await;
    let done = enter_code(&mut ctx, token, code).await.unwrap();
    ctx.commit().await.unwrap();
    match done {
        Tried::Done(token) => Ok(token),
        Tried::Refused(error) => Err(error.to_string()),
    }
}

#[tokio::test]
async fn a_code_works_once() {
    let test = city().await;
    let first = pending(&test).await;
    let now = test.db.clock().now();
    let right = code(SECRET, now);
    assert!(actor(&test.db, &first).await.unwrap().is_none(), "a pending token opens nothing");
    assert!(try_code(&test, &first, "000000").await.is_err());
    let token = try_code(&test, &first, &right).await.unwrap();
    assert!(actor(&test.db, &token).await.unwrap().is_some());
    let stale = "the password was proven too long ago";
    assert_eq!(try_code(&test, &first, &right).await.unwrap_err(), stale, "the proof is used up");
    let second = pending(&test).await;
    let replayed = try_code(&test, &second, &right).await.unwrap_err();
    assert_eq!(replayed, "the code is wrong, too old, or was used");
    let before = code(SECRET, now - Duration::seconds(30));
    assert!(try_code(&test, &second, &before).await.is_err(), "an earlier step is gone too");
    let next = code(SECRET, now + Duration::seconds(30));
    assert!(try_code(&test, &second, &next).await.is_ok(), "one step ahead is accepted");
    let third = pending(&test).await;
    test.clock.advance(Duration::minutes(5));
    let late = code(SECRET, test.db.clock().now());
    assert_eq!(try_code(&test, &third, &late).await.unwrap_err(), stale);
}

#[tokio::test]
async fn a_clock_that_is_set_back_shuts_nobody_out_and_lets_no_code_come_twice() {
    let test = city().await;
    let enter = async |ahead: Duration| {
        let token = pending(&test).await;
        let given = code(SECRET, test.db.clock().now() + ahead);
        (try_code(&test, &token, &given).await.is_ok(), given)
    };
    let minute = Duration::minutes(1);
    assert!(enter(Duration::ZERO).await.0);
    // The clock runs an hour ahead, people log in by it, and it is set right again.
    test.clock.advance(Duration::hours(1));
    assert!(enter(Duration::ZERO).await.0);
    assert!(enter(Duration::seconds(30)).await.0, "one step early");
    let (again, ahead) = enter(Duration::ZERO).await;
    assert!(!again, "a code of the hour ahead, once more");
    test.clock.advance(-Duration::hours(1));
    let (replayed, _) = enter(Duration::ZERO).await;
    assert!(!replayed, "the code of before the jump is not taken again");
    let token = pending(&test).await;
    assert!(try_code(&test, &token, &ahead).await.is_err(), "a code of an hour ahead is too early");
    test.clock.advance(minute);
    assert!(enter(Duration::ZERO).await.0, "and nobody waits for the clock to catch up");
    assert!(!enter(Duration::ZERO).await.0, "once each, still");
    assert!(!enter(Duration::seconds(-30)).await.0, "an earlier step is gone");
    // When the hour comes round by the right clock, the codes that were used in it are void.
    test.clock.advance(Duration::hours(1) - minute);
    assert!(!enter(Duration::ZERO).await.0);
    assert!(!enter(Duration::seconds(30)).await.0);
    test.clock.advance(minute);
    assert!(enter(Duration::ZERO).await.0);
    // What can come no more is swept; what a clock set back could bring again is kept.
    let kept = async || -> i64 {
        let mut ctx = test.ctx(Actor::system("sweep")).await;
        sweep(&mut ctx).await.unwrap();
        ctx.commit().await.unwrap();
        sqlx::query_scalar("SELECT count(*) FROM party.used_step")
            .fetch_one(test.db.pool())
            .await
            .unwrap()
    };
    test.clock.advance(Duration::days(31));
    assert_eq!(kept().await, 5);
    test.clock.advance(Duration::days(32));
    assert_eq!(kept().await, 0);
}

#[tokio::test]
async fn the_first_administrator_comes_by_a_link_that_works_once() {
    let test = empty().await;
    let mut ctx = test.ctx(Actor::system("start")).await;
    let lost = first_admin(&mut ctx).await.unwrap().unwrap();
    let link = first_admin(&mut ctx).await.unwrap().unwrap();
    assert_eq!(lost.account, link.account, "a second start makes a new link, not a new account");
    ctx.commit().await.unwrap();

    let mut ctx = visitor(&test).await;
    assert_eq!(word(use_invite(&mut ctx, &lost.token, PASSWORD).await), "gone");
    assert_eq!(invited(&mut ctx, &link.token).await.unwrap().as_deref(), Some(FIRST_LOGIN));
    for weak in ["short", "Admin@123456", "my admin password"] {
        assert_eq!(word(use_invite(&mut ctx, &link.token, weak).await), "invalid", "{weak}");
    }
    use_invite(&mut ctx, &link.token, PASSWORD).await.unwrap();
    assert_eq!(word(use_invite(&mut ctx, &link.token, PASSWORD).await), "gone");
    ctx.commit().await.unwrap();

    let mut ctx = test.ctx(Actor::system("start")).await;
    assert!(first_admin(&mut ctx).await.unwrap().is_none());
    drop(ctx);
    let token = enter(&test, FIRST_LOGIN).await;
    let mut ctx = by(&test, &token).await;
    assert_eq!(ctx.actor.roles, [HALF_WAY], "no roles before the second factor");
    assert!(!my_account(&mut ctx).await.unwrap().second_factor);
    let enrolment = enrol_totp(&mut ctx).await.unwrap();
    let Tried::Refused(Error::BadCode) = confirm_totp(&mut ctx, "000000").await.unwrap() else {
        panic!("a wrong first code")
    };
    assert_eq!(pending_totp(&mut ctx).await.unwrap(), Some(enrolment.clone()));
    let right = code(&enrolment.secret, ctx.now);
    let Tried::Done(renewed) = confirm_totp(&mut ctx, &right).await.unwrap() else { panic!() };
    ctx.commit().await.unwrap();
    assert!(actor(&test.db, &token).await.unwrap().is_none(), "the token was renewed");
    let ctx = by(&test, &renewed).await;
    assert_eq!(ctx.actor.roles, ["system-admin"]);
}

#[tokio::test]
async fn a_link_grows_old_and_lifts_a_ban() {
    let test = city().await;
    let link = link_of(&test, 3).await;
    for _ in 0..5 {
        try_in(&test, "other", "wrong wrong wrong").await;
    }
    assert!(try_in(&test, "other", PASSWORD).await.contains("locked"));
    let mut ctx = visitor(&test).await;
    use_invite(&mut ctx, &link.token, "a quite new password").await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(try_in(&test, "other", "a quite new password").await, "in");

    let link = link_of(&test, 3).await;
    test.clock.advance(Duration::days(3));
    let mut ctx = visitor(&test).await;
    assert_eq!(word(use_invite(&mut ctx, &link.token, PASSWORD).await), "gone");
}

/// A link from the command line of the operators.
async fn link_of(test: &zhengtong_db::testing::TestDb, number: u128) -> Invite {
    let mut ctx = test.ctx(Actor::system("command line")).await;
    let link = invite(&mut ctx, id(2000 + number)).await.unwrap();
    ctx.commit().await.unwrap();
    link
}

#[tokio::test]
async fn no_administrator_gives_a_link_for_an_account_in_use() {
    let test = city().await;
    let mut ctx = as_(&test, "system").await;
    for number in [2001, 2003, 2011] {
        assert_eq!(word(invite(&mut ctx, id(number)).await), "use recovery");
    }
    for login in ["window", "head", "security", "audit", "boss"] {
        let mut ctx = as_(&test, login).await;
        assert_eq!(word(invite(&mut ctx, id(2003)).await), "denied", "{login}");
    }
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    let test = city().await;
    let elsewhere = enter(&test, "boss").await;
    let token = enter(&test, "boss").await;
    let mut ctx = by(&test, &token).await;
    let refused = change_password(&mut ctx, "not the old one", "five black crows").await.unwrap();
    assert!(matches!(refused, Tried::Refused(Error::BadOldPassword)));
    assert_eq!(word(change_password(&mut ctx, PASSWORD, "1234567890").await), "invalid");
    assert_eq!(word(change_password(&mut ctx, PASSWORD, PASSWORD).await), "invalid");
    let done = change_password(&mut ctx, PASSWORD, "five black crows").await.unwrap();
    let Tried::Done(renewed) = done else { panic!() };
    ctx.commit().await.unwrap();
    for gone in [&elsewhere, &token] {
        assert!(actor(&test.db, gone).await.unwrap().is_none());
    }
    assert!(actor(&test.db, &renewed).await.unwrap().is_some());
    assert!(try_in(&test, "boss", PASSWORD).await.contains("wrong"));
    assert_eq!(try_in(&test, "boss", "five black crows").await, "in");
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once() {
    let test = city().await;
    let token = enter(&test, "other").await;
    let mut ctx = as_(&test, "system").await;
    assert_eq!(word(disable_account(&mut ctx, id(2003), " x ").await), "invalid", "say why");
    disable_account(&mut ctx, id(2003), "left the city").await.unwrap();
    ctx.commit().await.unwrap();
    assert!(actor(&test.db, &token).await.unwrap().is_none());
    assert_eq!(try_in(&test, "other", PASSWORD).await, "the account is disabled");
    assert!(
        try_in(&test, "other", "wrong wrong wrong").await.contains("wrong"),
        "not to strangers"
    );
    let mut ctx = as_(&test, "system").await;
    enable_account(&mut ctx, id(2003), "came back").await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(try_in(&test, "other", PASSWORD).await, "in");
    assert_eq!(record(&test, "party.disable_account").await, ["left the city"]);
}
