//! Getting an account back: by a code on paper, or in person by two officials and a wait. Every shortcut is refused.

use time::Duration;
use uuid::Uuid;
use zhengtong_db::testing::TestDb;
use zhengtong_party::*;

use crate::login::{pending, try_in};
use crate::world::*;

async fn codes_of(test: &TestDb, login: &str) -> Vec<String> {
    let mut ctx = as_(test, login).await;
    let codes = renew_recovery_codes(&mut ctx).await.unwrap();
    ctx.commit().await.unwrap();
    codes
}

async fn recover(test: &TestDb, login: &str, code: &str) -> String {
    let mut ctx = visitor(test).await;
    let done =
        recover_by_code(&mut ctx, login, code, "a quite new password", ORIGIN).await.unwrap();
    ctx.commit().await.unwrap();
    match done {
        Tried::Done(()) => "done".to_owned(),
        Tried::Refused(error) => error.to_string(),
    }
}

async fn with_paper(test: &TestDb, code: &str) -> std::result::Result<Token, String> {
    let token = pending(test).await;
    let mut ctx = visitor(test).await;
    let done = enter_recovery_code(&mut ctx, &token, code).await.unwrap();
    ctx.commit().await.unwrap();
    match done {
        Tried::Done(token) => Ok(token),
        Tried::Refused(error) => Err(error.to_string()),
    }
}

const BAD: &str = "the recovery code is wrong or was used";

#[tokio::test]
async fn ten_codes_are_shown_once_and_each_works_once() {
    let test = city().await;
    let codes = codes_of(&test, "window").await;
    assert_eq!(codes.len(), 10);
    assert_eq!(codes.iter().collect::<std::collections::BTreeSet<_>>().len(), 10);
    let token = with_paper(&test, &codes[3].to_lowercase().replace('-', " ")).await.unwrap();
    assert_eq!(by(&test, &token).await.actor.roles, ["window"]);
    assert_eq!(with_paper(&test, &codes[3]).await.unwrap_err(), BAD, "used");
    assert_eq!(with_paper(&test, "0000-0000-0000-0000").await.unwrap_err(), BAD);
    assert_eq!(with_paper(&test, "").await.unwrap_err(), BAD);
    let mut ctx = by(&test, &token).await;
    assert_eq!(recovery_codes(&mut ctx).await.unwrap().left, 9);
    drop(ctx);
    let said = record(&test, "party.use_recovery_code").await;
    assert_eq!(said[0], "code 4 used from 127.0.0.1, 9 left");
    let told: Vec<i64> = sqlx::query_scalar(
        "SELECT (payload->>'left')::bigint FROM db.outbox WHERE topic = 'party.recovery_code_used'",
    )
    .fetch_all(test.db.pool())
    .await
    .unwrap();
    assert_eq!(told, [9]);

    let renewed = codes_of(&test, "window").await;
    assert_eq!(with_paper(&test, &codes[0]).await.unwrap_err(), BAD, "renewed codes void the old");
    assert!(with_paper(&test, &renewed[0]).await.is_ok());
    let kept: Vec<(Vec<u8>, Vec<u8>)> =
        sqlx::query_as("SELECT salt, code_hash FROM party.recovery_code")
            .fetch_all(test.db.pool())
            .await
            .unwrap();
    for (salt, hash) in kept {
        for code in &renewed {
            let plain = code.replace('-', "").into_bytes();
            assert!(hash != plain && salt != plain && hash.len() == 32);
        }
    }
}

#[tokio::test]
async fn a_forgotten_password_comes_back_by_a_code_and_the_second_factor_stays() {
    let test = city().await;
    let codes = codes_of(&test, "window").await;
    let open = enter(&test, "window").await;
    assert_eq!(recover(&test, "window", "0000-0000-0000-0000").await, BAD);
    assert_eq!(recover(&test, "nobody-there", &codes[0]).await, BAD);
    assert_eq!(recover(&test, "boss", &codes[0]).await, BAD, "another's code");
    assert_eq!(recover(&test, "window", &codes[0]).await, "done");
    assert!(actor(&test.db, &open).await.unwrap().is_none(), "all sessions end");
    assert!(try_in(&test, "window", PASSWORD).await.contains("wrong"));
    assert_eq!(try_in(&test, "window", "a quite new password").await, "code");
    assert_eq!(recover(&test, "window", &codes[0]).await, BAD, "a code works once");
}

#[tokio::test]
async fn codes_cannot_be_guessed_by_trying() {
    let test = city().await;
    let codes = codes_of(&test, "boss").await;
    for _ in 0..5 {
        assert_eq!(recover(&test, "boss", "0000-0000-0000-0000").await, BAD);
    }
    assert!(recover(&test, "boss", &codes[0]).await.contains("locked"));
    test.clock.advance(Duration::minutes(1));
    for _ in 0..5 {
        assert_eq!(recover(&test, "boss", "0000-0000-0000-0000").await, BAD);
    }
    test.clock.advance(Duration::minutes(1));
    assert_eq!(recover(&test, "boss", &codes[0]).await, "the login is locked for 9 more minutes");
    test.clock.advance(Duration::minutes(9));
    assert_eq!(recover(&test, "boss", &codes[0]).await, "done");
}

fn asked(number: u128) -> NewRecovery {
    NewRecovery {
        account: id(2000 + number),
        factor: true,
        reason: "手机丢失，密码忘记".to_owned(),
        document: "身份证原件，照片与本人相符".to_owned(),
    }
}

async fn started(test: &TestDb, login: &str, number: u128) -> Uuid {
    let mut ctx = as_(test, login).await;
    let begun = start_recovery(&mut ctx, &asked(number)).await.unwrap();
    ctx.commit().await.unwrap();
    begun
}

async fn confirmed(test: &TestDb, login: &str, recovery: Uuid) {
    let mut ctx = as_(test, login).await;
    confirm_recovery(&mut ctx, recovery).await.unwrap();
    ctx.commit().await.unwrap();
}

#[tokio::test]
async fn in_person_two_officials_a_day_and_one_link() {
    let test = city().await;
    let begun = started(&test, "window", 3).await;
    let mut ctx = as_(&test, "window").await;
    assert_eq!(
        word(release_recovery(&mut ctx, begun).await),
        "second official",
        "nobody confirmed"
    );
    assert_eq!(
        word(confirm_recovery(&mut ctx, begun).await),
        "second official",
        "not the same one"
    );
    assert_eq!(word(start_recovery(&mut ctx, &asked(3)).await), "goes on");
    drop(ctx);
    confirmed(&test, "window2", begun).await;
    let mut ctx = as_(&test, "window").await;
    assert_eq!(word(release_recovery(&mut ctx, begun).await), "too early");
    drop(ctx);
    test.clock.advance(Duration::hours(24) - Duration::minutes(5));
    let mut ctx = as_(&test, "window").await;
    assert_eq!(word(release_recovery(&mut ctx, begun).await), "too early");
    drop(ctx);
    test.clock.advance(Duration::minutes(5));
    let mut ctx = as_(&test, "window").await;
    let list = recoveries(&mut ctx).await.unwrap();
    assert_eq!(list.iter().map(|one| one.id).collect::<Vec<_>>(), [begun]);
    let link = release_recovery(&mut ctx, begun).await.unwrap();
    assert_eq!(word(release_recovery(&mut ctx, begun).await), "absent", "one link");
    assert!(recoveries(&mut ctx).await.unwrap().is_empty());
    ctx.commit().await.unwrap();
    assert!(
        try_in(&test, "other", PASSWORD).await == "in",
        "the old password holds until the link is used"
    );
    let mut ctx = visitor(&test).await;
    use_invite(&mut ctx, &link.token, "a quite new password").await.unwrap();
    assert_eq!(word(use_invite(&mut ctx, &link.token, PASSWORD).await), "gone");
    ctx.commit().await.unwrap();
    assert_eq!(try_in(&test, "other", "a quite new password").await, "in");
    let topics: Vec<String> = sqlx::query_scalar(
        "SELECT topic FROM db.outbox WHERE topic LIKE 'party.recovery%' ORDER BY at, id",
    )
    .fetch_all(test.db.pool())
    .await
    .unwrap();
    let told = ["party.recovery_started", "party.recovery_confirmed", "party.recovery_released"];
    assert_eq!(topics, told, "the owner hears of every step");
}

#[tokio::test]
async fn a_lost_second_factor_goes_with_the_link_and_staff_set_up_a_new_one() {
    let test = city().await;
    let codes = codes_of(&test, "head").await;
    let begun = started(&test, "system", 12).await;
    confirmed(&test, "security", begun).await;
    test.clock.advance(Duration::hours(24));
    let mut ctx = as_(&test, "system").await;
    let link = release_recovery(&mut ctx, begun).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = visitor(&test).await;
    use_invite(&mut ctx, &link.token, "a quite new password").await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(recover(&test, "head", &codes[0]).await, BAD, "the codes are void");
    let mut ctx = visitor(&test).await;
    let done = log_in(&mut ctx, "head", "a quite new password", ORIGIN).await.unwrap();
    ctx.commit().await.unwrap();
    let Tried::Done(LogIn::Done(token)) = done else { panic!("{done:?}") };
    assert_eq!(by(&test, &token).await.actor.roles, [HALF_WAY], "no roles before a new factor");
}

#[tokio::test]
async fn nobody_alone_and_nobody_for_themselves() {
    let test = city().await;
    // Who may begin: a clerk for citizens, the system administrator for staff, nobody for their own account.
    for (login, number, expected) in [
        ("head", 3, "denied"),
        ("reviewer", 3, "denied"),
        ("system", 3, "denied"),
        ("security", 3, "denied"),
        ("audit", 3, "denied"),
        ("boss", 1, "denied"),
        ("window", 12, "denied"),
        ("security", 12, "denied"),
        ("head", 12, "denied"),
        ("system", 21, "own"),
    ] {
        let mut ctx = as_(&test, login).await;
        assert_eq!(word(start_recovery(&mut ctx, &asked(number)).await), expected, "{login}");
    }
    let mut ctx = visitor(&test).await;
    assert_eq!(word(start_recovery(&mut ctx, &asked(3)).await), "unauthenticated");
    let mut ctx = as_(&test, "window").await;
    let silent = NewRecovery { reason: "x".to_owned(), ..asked(3) };
    assert_eq!(word(start_recovery(&mut ctx, &silent).await), "invalid");
    let blind = NewRecovery { document: " ".to_owned(), ..asked(3) };
    assert_eq!(word(start_recovery(&mut ctx, &blind).await), "invalid");
    drop(ctx);
    let begun = started(&test, "system", 12).await;
    for login in ["system", "window", "head", "audit", "boss"] {
        let mut ctx = as_(&test, login).await;
        let said = word(confirm_recovery(&mut ctx, begun).await);
        assert!(["absent", "second official"].contains(&said), "{login}: {said}");
    }
}

#[tokio::test]
async fn whoever_can_log_in_has_lost_nothing() {
    let test = city().await;
    let begun = started(&test, "window", 1).await;
    confirmed(&test, "head", begun).await;
    test.clock.advance(Duration::hours(20));
    enter(&test, "boss").await;
    test.clock.advance(Duration::hours(5));
    let mut ctx = as_(&test, "window").await;
    assert_eq!(word(release_recovery(&mut ctx, begun).await), "absent");
    let said = record(&test, "party.stop_recovery").await;
    assert_eq!(said, [format!("recovery {begun}: its owner logged in")]);
}

#[tokio::test]
async fn the_owner_stops_it_from_a_session_that_was_open() {
    let test = city().await;
    let token = enter(&test, "boss").await;
    let begun = started(&test, "window", 1).await;
    let mut stranger = as_(&test, "other").await;
    assert!(my_recovery(&mut stranger).await.unwrap().is_none());
    assert_eq!(word(stop_recovery(&mut stranger, begun, "it was me").await), "absent");
    let mut ctx = by(&test, &token).await;
    assert_eq!(my_recovery(&mut ctx).await.unwrap().unwrap().id, begun);
    stop_recovery(&mut ctx, begun, "我没有申请").await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = as_(&test, "window2").await;
    assert_eq!(word(confirm_recovery(&mut ctx, begun).await), "absent");
}

#[tokio::test]
async fn a_recovery_that_is_not_brought_to_its_end_is_over() {
    let test = city().await;
    let begun = started(&test, "window", 3).await;
    confirmed(&test, "window2", begun).await;
    test.clock.advance(Duration::days(8));
    let mut ctx = as_(&test, "window").await;
    assert_eq!(word(release_recovery(&mut ctx, begun).await), "absent");
    assert!(start_recovery(&mut ctx, &asked(3)).await.is_ok(), "and makes room for a new one");
}
