//! Sessions opened by other means than a password, second factors that lie elsewhere, and what staff without a
//! second factor may do: set one up, and nothing else.

use serde_json::Value;
use zhengtong_access::{Policies, Source, Thing};
use zhengtong_db::Actor;
use zhengtong_db::testing::TestDb;
use zhengtong_party::*;

use crate::world::*;

async fn enter_by(test: &TestDb, number: u128, means: &str, strong: bool) -> Tried<LogIn> {
    let mut ctx = test.ctx(Actor::system("signon")).await;
    let done = enter_as(&mut ctx, id(2000 + number), means, strong, ORIGIN).await.unwrap();
    ctx.commit().await.unwrap();
    done
}

fn session(tried: Tried<LogIn>) -> Token {
    match tried {
        Tried::Done(LogIn::Done(token)) => token,
        other => panic!("{other:?}"),
    }
}

/// The payloads of an event so far, the oldest first.
async fn events(test: &TestDb, topic: &str) -> Vec<Value> {
    sqlx::query_scalar("SELECT payload FROM db.outbox WHERE topic = $1 ORDER BY at, id")
        .bind(topic)
        .fetch_all(test.db.pool())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_passkey_opens_with_its_roles_and_another_provider_still_needs_the_code() {
    let test = city().await;
    let token = session(enter_by(&test, 11, "passkey", true).await);
    let ctx = by(&test, &token).await;
    assert_eq!(ctx.actor.roles, ["window"]);
    assert_eq!(ctx.actor.unit.as_deref(), Some("market-regulation"));
    let opened = ctx.actor.session.unwrap();
    drop(ctx);
    let mut ctx = test.ctx(Actor::system("signon")).await;
    let known = session_of(&mut ctx, opened).await.unwrap().unwrap();
    assert_eq!((known.means.as_str(), known.strong), ("passkey", true));
    assert_eq!(known.account, id(2011));
    assert_eq!(sessions_of(&mut ctx, id(2011)).await.unwrap().len(), 1);
    drop(ctx);

    let tried = enter_by(&test, 11, "oidc:province", false).await;
    let Tried::Done(LogIn::CodeNeeded(pending)) = tried else { panic!("{tried:?}") };
    assert!(actor(&test.db, &pending).await.unwrap().is_none());
    let mut ctx = visitor(&test).await;
    let right = code(SECRET, ctx.now);
    let Tried::Done(token) = enter_code(&mut ctx, &pending, &right).await.unwrap() else {
        panic!()
    };
    ctx.commit().await.unwrap();
    assert_eq!(by(&test, &token).await.actor.roles, ["window"]);
    let citizen = session(enter_by(&test, 1, "oidc:province", false).await);
    assert!(actor(&test.db, &citizen).await.unwrap().is_some());
    let said = record(&test, "party.log_in").await;
    let expected = [
        "passkey from 127.0.0.1",
        "oidc:province proven from 127.0.0.1, code asked for",
        "oidc:province+code from 127.0.0.1",
        "oidc:province from 127.0.0.1",
    ];
    assert_eq!(said, expected);
}

#[tokio::test]
async fn nobody_but_the_platform_enters_as_another() {
    let test = city().await;
    for login in ["boss", "window", "system", "security", "audit"] {
        let mut ctx = as_(&test, login).await;
        let tried = enter_as(&mut ctx, id(2012), "passkey", true, ORIGIN).await;
        assert_eq!(word(tried), "denied", "{login}");
        assert_eq!(word(account_by_login(&mut ctx, "boss").await), "denied", "{login}");
        assert_eq!(word(count_keys(&mut ctx, id(2012), 0).await), "denied", "{login}");
    }
    let mut ctx = visitor(&test).await;
    let tried = enter_as(&mut ctx, id(2012), "passkey", true, ORIGIN).await;
    assert_eq!(word(tried), "unauthenticated");
    let mut ctx = test.ctx(Actor::system("signon")).await;
    assert_eq!(word(enter_as(&mut ctx, id(99), "passkey", true, ORIGIN).await), "absent");
    let found = account_by_login(&mut ctx, " ＢＯＳＳ").await.unwrap().unwrap();
    assert_eq!((found.account, found.person, found.second_factor), (id(2001), id(1), false));
    assert!(account_by_login(&mut ctx, "nobody").await.unwrap().is_none());
    let staff = account_of_person(&mut ctx, id(11), AccountKind::Staff).await.unwrap().unwrap();
    assert!(staff.second_factor && !staff.disabled);
    assert!(account_of_person(&mut ctx, id(11), AccountKind::Citizen).await.unwrap().is_none());
    assert_eq!(account_of(&mut ctx, id(2011)).await.unwrap(), Some(staff));
}

#[tokio::test]
async fn a_disabled_or_locked_account_is_not_opened_by_other_means() {
    let test = city().await;
    let mut ctx = as_(&test, "system").await;
    disable_account(&mut ctx, id(2003), "left the city").await.unwrap();
    ctx.commit().await.unwrap();
    let refused = enter_by(&test, 3, "passkey", true).await;
    assert!(matches!(refused, Tried::Refused(Error::Disabled)));
    assert_eq!(record(&test, "party.enter_as").await, ["refused: disabled, from 127.0.0.1"]);
}

#[tokio::test]
async fn a_password_alone_opens_nothing_once_there_is_a_key() {
    let test = city().await;
    let mut ctx = test.ctx(Actor::system("signon")).await;
    count_keys(&mut ctx, id(2001), 1).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = visitor(&test).await;
    let tried = log_in(&mut ctx, "boss", PASSWORD, ORIGIN).await.unwrap();
    assert!(matches!(tried, Tried::Done(LogIn::CodeNeeded(_))));
}

/// A staff account that has a password and nothing else.
async fn bare_staff(test: &TestDb) -> Token {
    sqlx::query("UPDATE party.account SET totp_secret = NULL WHERE id = $1")
        .bind(id(2011))
        .execute(test.db.pool())
        .await
        .unwrap();
    enter(test, "window").await
}

#[tokio::test]
async fn staff_without_a_second_factor_set_one_up_and_do_nothing_else() {
    let test = city().await;
    let token = bare_staff(&test).await;
    let mut ctx = by(&test, &token).await;
    assert_eq!(ctx.actor.roles, [HALF_WAY]);
    assert!(ctx.actor.post.is_none() && ctx.actor.organisation.is_none());
    assert!(ctx.actor.unit.is_none());
    let open = [
        "party.my_account",
        "party.enrol_totp",
        "party.confirm_totp",
        "party.strengthen",
        "party.log_out",
        "party.log_in",
        "party.enter_code",
        "party.use_invite",
        "party.recover",
    ];
    let house =
        Policies::parse(&[Source { name: "house-rules/access.cedar", text: HOUSE }]).unwrap();
    let who = ctx.actor.who();
    for (verb, kind) in VERBS {
        let own = Thing::new(kind, "1").owned_by(Some(id(11))).of_organisation(Some(id(OFFICE)));
        let decision = house.decide(&who, verb, &own);
        assert!(!decision.allowed || open.contains(verb), "{verb}");
    }
    for verb in
        ["casework.inbox", "casework.read", "registry.read", "notice.inbox", "admin.overview"]
    {
        let own = Thing::new("case", "1").owned_by(Some(id(11))).handled_by(Some(id(OFFICE)));
        assert!(!house.decide(&who, verb, &own).allowed, "{verb}");
    }
    assert_eq!(word(my_identity(&mut ctx).await), "denied");
    assert_eq!(word(my_posts(&mut ctx).await), "denied");
    assert_eq!(word(person(&mut ctx, id(11)).await), "absent");
    assert_eq!(word(departments(&mut ctx).await), "denied");
    let secret = enrol_totp(&mut ctx).await.unwrap();
    let right = code(&secret.secret, ctx.now);
    let Tried::Done(renewed) = confirm_totp(&mut ctx, &right).await.unwrap() else { panic!() };
    ctx.commit().await.unwrap();
    assert_eq!(by(&test, &renewed).await.actor.roles, ["window"]);
}

#[tokio::test]
async fn a_half_way_session_cannot_replace_a_factor_that_came_meanwhile() {
    let test = city().await;
    let token = bare_staff(&test).await;
    let mut ctx = test.ctx(Actor::system("signon")).await;
    count_keys(&mut ctx, id(2011), 1).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = by(&test, &token).await;
    assert_eq!(word(enrol_totp(&mut ctx).await), "not proven");
    assert_eq!(word(confirm_totp(&mut ctx, "000000").await), "not proven");
    let renewed = strengthen(&mut ctx, "passkey").await.unwrap();
    ctx.commit().await.unwrap();
    assert!(actor(&test.db, &token).await.unwrap().is_none(), "the token was renewed");
    assert_eq!(by(&test, &renewed).await.actor.roles, ["window"]);
    let mut ctx = as_(&test, "boss").await;
    assert_eq!(word(strengthen(&mut ctx, "passkey").await), "not proven", "there is no key");
}

#[tokio::test]
async fn every_end_of_a_session_but_its_age_is_told() {
    let test = city().await;
    let mut ended = Vec::new();
    let mut told = async |why: &str, count: usize| {
        ended.extend(std::iter::repeat_n(why.to_owned(), count));
        let said: Vec<String> = events(&test, "party.session_ended")
            .await
            .iter()
            .map(|event| event["why"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(said, ended);
    };
    let mut ctx = as_(&test, "boss").await;
    let (session, account) = (ctx.actor.session.unwrap(), ctx.actor.account.unwrap());
    log_out(&mut ctx).await.unwrap();
    ctx.commit().await.unwrap();
    told("log out", 1).await;
    let first = &events(&test, "party.session_ended").await[0];
    assert_eq!(first["session"], session.to_string());
    assert_eq!(first["account"], account.to_string());

    let (_one, two) = (enter(&test, "boss").await, enter(&test, "boss").await);
    let mut ctx = by(&test, &two).await;
    assert_eq!(revoke_others(&mut ctx).await.unwrap(), 1);
    ctx.commit().await.unwrap();
    told("revoked", 1).await;
    let mut ctx = by(&test, &two).await;
    let own = ctx.actor.session.unwrap();
    revoke_session(&mut ctx, own).await.unwrap();
    ctx.commit().await.unwrap();
    told("revoked", 1).await;

    for _ in 0..11 {
        enter(&test, "other").await;
    }
    told("gave way", 1).await;
    let mut ctx = as_(&test, "system").await;
    disable_account(&mut ctx, id(2003), "left the city").await.unwrap();
    ctx.commit().await.unwrap();
    told("disabled", 10).await;
    test.clock.advance(time::Duration::days(200));
    let mut ctx = test.ctx(Actor::system("sweep")).await;
    sweep(&mut ctx).await.unwrap();
    ctx.commit().await.unwrap();
    told("", 0).await;
}

#[tokio::test]
async fn a_token_is_worth_nothing_after_it_was_turned_or_its_session_ended() {
    let test = city().await;
    let stolen = enter(&test, "boss").await;
    let mut ctx = by(&test, &stolen).await;
    let turned = act_for(&mut ctx, Some(id(COMPANY))).await.unwrap();
    ctx.commit().await.unwrap();
    assert!(actor(&test.db, &stolen).await.unwrap().is_none(), "a turned token is stale");
    let mut ctx = by(&test, &turned).await;
    log_out(&mut ctx).await.unwrap();
    ctx.commit().await.unwrap();
    for token in [&stolen, &turned] {
        assert!(actor(&test.db, token).await.unwrap().is_none(), "replayed after the log-out");
    }
    assert!(actor(&test.db, &Token::from_text("")).await.unwrap().is_none());
    assert!(actor(&test.db, &Token::from_text("a\0b")).await.unwrap().is_none());
}
