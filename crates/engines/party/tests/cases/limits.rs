//! Each limit of logging in, on the simulated clock: at it, after it, and what it leaves alone.

use time::Duration;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_db::Shelf;
use zhengtong_db::testing::TestDb;
use zhengtong_party::*;

use crate::login::{pending, try_code};
use crate::world::*;

const WRONG: &str = "the login or the password is wrong";

/// What a login with a wrong or the right password says, from an address.
async fn from(test: &TestDb, ip: &str, login: &str, password: &str) -> String {
    let mut ctx = visitor(test).await;
    let origin = Origin { ip, agent: "Firefox" };
    let done = log_in(&mut ctx, login, password, origin).await.unwrap();
    ctx.commit().await.unwrap();
    match done {
        Tried::Done(LogIn::Done(_)) => "in".to_owned(),
        Tried::Done(LogIn::CodeNeeded(_)) => "code".to_owned(),
        Tried::Refused(error) => error.to_string(),
    }
}

fn locked(minutes: i64) -> String {
    format!("the login is locked for {minutes} more minutes")
}

/// The same city under other limits.
async fn under(limits: &Limits) -> TestDb {
    city().await.with(HOUSE, Shelf::default().with(catalog()).with(*limits))
}

#[tokio::test]
async fn five_failures_a_minute_from_one_address_ban_the_login_there_for_a_minute_and_tell_nothing()
{
    let test = city().await;
    for login in ["boss", "nobody-there"] {
        for _ in 0..5 {
            assert_eq!(from(&test, "10.0.0.1", login, "wrong wrong wrong").await, WRONG, "{login}");
        }
        assert_eq!(from(&test, "10.0.0.1", login, PASSWORD).await, locked(1), "{login}");
    }
    assert_eq!(from(&test, "10.0.0.1", "other", PASSWORD).await, "in", "another login is free");
    assert_eq!(from(&test, "10.0.0.2", "boss", PASSWORD).await, "in", "another address is free");
    test.clock.advance(Duration::seconds(59));
    assert_eq!(from(&test, "10.0.0.1", "boss", PASSWORD).await, locked(1));
    test.clock.advance(Duration::seconds(1));
    assert_eq!(from(&test, "10.0.0.1", "boss", PASSWORD).await, "in");
    let refused = record(&test, "party.log_in").await;
    assert!(refused.iter().any(|why| why == "refused: locked, from 10.0.0.1"));
    assert_eq!(Error::Locked { minutes: 3 }.kind(), Kind::TooMany);
}

#[tokio::test]
async fn failures_far_apart_or_before_a_success_do_not_add_up() {
    let test = city().await;
    for _ in 0..12 {
        assert_eq!(from(&test, "10.0.0.1", "boss", "wrong wrong wrong").await, WRONG);
        test.clock.advance(Duration::seconds(16));
    }
    for _ in 0..3 {
        for _ in 0..4 {
            from(&test, "10.0.0.1", "other", "wrong wrong wrong").await;
        }
        assert_eq!(from(&test, "10.0.0.1", "other", PASSWORD).await, "in");
    }
}

#[tokio::test]
async fn twenty_failures_a_minute_ban_an_address_whatever_the_login() {
    let test = city().await;
    for number in 0..20 {
        let login = format!("somebody-{number}");
        assert_eq!(from(&test, "10.0.0.1", &login, "wrong wrong wrong").await, WRONG);
    }
    assert_eq!(from(&test, "10.0.0.1", "boss", PASSWORD).await, locked(1));
    assert_eq!(from(&test, "10.0.0.2", "boss", PASSWORD).await, "in");
    test.clock.advance(Duration::seconds(60));
    assert_eq!(from(&test, "10.0.0.1", "boss", PASSWORD).await, "in");
}

#[tokio::test]
async fn a_whole_office_behind_one_address_gets_in() {
    let test = city().await;
    for _ in 0..40 {
        assert_eq!(from(&test, "10.0.0.1", "other", PASSWORD).await, "in");
    }
}

#[tokio::test]
async fn fifty_failures_in_half_a_day_ban_for_half_a_day_and_each_time_longer() {
    let test = city().await;
    let round = async |hours_before: i64| {
        test.clock.advance(Duration::hours(hours_before));
        for _ in 0..50 {
            assert_eq!(from(&test, "10.0.0.1", "boss", "wrong wrong wrong").await, WRONG);
            test.clock.advance(Duration::seconds(61));
        }
    };
    round(0).await;
    test.clock.advance(-Duration::seconds(61));
    assert_eq!(from(&test, "10.0.0.1", "boss", PASSWORD).await, locked(12 * 60));
    assert_eq!(from(&test, "10.0.0.2", "boss", PASSWORD).await, "in");
    round(12).await;
    test.clock.advance(-Duration::seconds(61));
    assert_eq!(from(&test, "10.0.0.1", "boss", PASSWORD).await, locked(12 * 66));
}

#[tokio::test]
async fn many_addresses_that_guess_together_lock_the_login() {
    let test = city().await;
    for number in 0..50 {
        let ip = format!("10.0.1.{number}");
        assert_eq!(from(&test, &ip, "boss", "wrong wrong wrong").await, WRONG);
    }
    assert_eq!(from(&test, "10.0.0.1", "boss", PASSWORD).await, locked(10));
    assert_eq!(from(&test, "10.0.0.1", "other", PASSWORD).await, "in");
    test.clock.advance(Duration::minutes(10));
    assert_eq!(from(&test, "10.0.0.1", "boss", PASSWORD).await, "in");
}

#[tokio::test]
async fn ten_wrong_codes_lock_the_code_for_ten_minutes_whatever_the_password() {
    let test = city().await;
    for _ in 0..10 {
        let token = pending(&test).await;
        assert!(try_code(&test, &token, "000000").await.unwrap_err().contains("code is wrong"));
    }
    let token = pending(&test).await;
    let right = code(SECRET, test.db.clock().now());
    assert_eq!(try_code(&test, &token, &right).await.unwrap_err(), locked(10));
    test.clock.advance(Duration::minutes(10));
    let token = pending(&test).await;
    let right = code(SECRET, test.db.clock().now());
    assert!(try_code(&test, &token, &right).await.is_ok());
    let refused = record(&test, "party.enter_code").await;
    assert_eq!(
        refused.iter().filter(|why| *why == "refused: wrong code, from 127.0.0.1").count(),
        10
    );
}

#[tokio::test]
async fn a_city_sets_its_own_limits() {
    let test = under(&Limits {
        idle_minutes: 3,
        session_hours: 1,
        pair_failures: 2,
        password_chars_min: 20,
        ..LIMITS
    })
    .await;
    let token = enter(&test, "boss").await;
    let mut ctx = by(&test, &token).await;
    let short = change_password(&mut ctx, PASSWORD, "five black crows").await;
    assert_eq!(
        short.unwrap_err().fields()[0].text.en,
        "use at least 20 characters; this one has 16"
    );
    drop(ctx);
    test.clock.advance(Duration::minutes(3));
    assert!(actor(&test.db, &token).await.unwrap().is_none(), "idle");
    let token = enter(&test, "boss").await;
    for _ in 0..29 {
        test.clock.advance(Duration::minutes(2));
        assert!(actor(&test.db, &token).await.unwrap().is_some());
    }
    test.clock.advance(Duration::minutes(2));
    assert!(actor(&test.db, &token).await.unwrap().is_none(), "an hour is over");
    for _ in 0..2 {
        assert_eq!(from(&test, "10.0.0.1", "boss", "wrong wrong wrong").await, WRONG);
    }
    assert_eq!(from(&test, "10.0.0.1", "boss", PASSWORD).await, locked(1));
}

#[tokio::test]
async fn a_password_is_not_what_others_know_or_guess_first() {
    let test = city().await;
    let mut ctx = as_(&test, "boss").await;
    for weak in [
        "woaini1314520",
        "a123456789",
        "herons 测boss herons",
        "herons 13800000001",
        "herons e00000001",
        "qwertyuiop",
        "19900101zhang",
        "aaaaaaaaaaaaaa",
    ] {
        assert_eq!(word(change_password(&mut ctx, PASSWORD, weak).await), "invalid", "{weak}");
    }
    let done = change_password(&mut ctx, PASSWORD, "西湖边的三只白鹭在打伞").await.unwrap();
    assert!(matches!(done, Tried::Done(_)));
}
