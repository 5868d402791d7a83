//! The request in the browser: whom it may lead where.

use time::Duration;
use zhengtong_db::Actor;
use zhengtong_signon::*;

use crate::world::{BACK, City, ISSUER, ask, back, exchange, word};

#[tokio::test]
async fn a_person_logs_in_agrees_once_and_is_led_back_with_a_code() {
    let city = City::new().await;
    let Step::LogIn(path) = city.authorize(&Actor::visitor(), &ask(&[])).await else { panic!() };
    assert!(path.starts_with("/oauth/authorize?client_id=oa-system&"), "{path}");
    let citizen = city.enter("citizen").await;
    let Step::Ask(asking) = city.authorize(&citizen, &ask(&[])).await else { panic!() };
    assert_eq!(asking.scopes, [Scope::Openid, Scope::Profile]);
    assert_eq!(asking.host, "oa.example");
    assert_eq!(asking.organisation.en, "Market regulation");

    let step = city.answer(&citizen, &ask(&[]), Consent::Given).await;
    assert!(matches!(&step, Step::Back(url) if url.starts_with(&format!("{BACK}?code="))));
    let values = back(&step);
    assert_eq!((values["state"].as_str(), values["iss"].as_str()), ("s-1", ISSUER));

    // Not asked again, unless it wants more, or wants the person to be asked.
    assert!(back(&city.authorize(&citizen, &ask(&[])).await).contains_key("code"));
    let more = ask(&[("scope", "openid profile phone")]);
    assert!(matches!(city.authorize(&citizen, &more).await, Step::Ask(_)));
    let again = ask(&[("prompt", "consent")]);
    assert!(matches!(city.authorize(&citizen, &again).await, Step::Ask(_)));
    // Another person's agreement says nothing.
    let other = city.enter("other").await;
    assert!(matches!(city.authorize(&other, &ask(&[])).await, Step::Ask(_)));
}

#[tokio::test]
async fn nobody_is_led_to_an_address_that_is_not_registered() {
    let city = City::new().await;
    let citizen = city.enter("citizen").await;
    let mut twice = ask(&[]);
    twice.push(("redirect_uri".to_owned(), "https://evil.example/".to_owned()));
    let rows = [
        ask(&[("redirect_uri", "https://evil.example/")]),
        ask(&[("redirect_uri", "")]),
        ask(&[("redirect_uri", "https://oa.example/callback/")]),
        ask(&[("redirect_uri", "https://oa.example/callback?x=1")]),
        ask(&[("redirect_uri", "http://oa.example/callback")]),
        ask(&[("redirect_uri", "//evil.example/"), ("prompt", "none")]),
        ask(&[("redirect_uri", "https://evil.example/"), ("response_type", "token")]),
        ask(&[("client_id", "nobody")]),
        ask(&[("client_id", "")]),
        twice,
    ];
    for params in rows {
        for actor in [&Actor::visitor(), &citizen] {
            let step = city.authorize(actor, &params).await;
            assert!(matches!(step, Step::Broken(_)), "{params:?} {step:?}");
        }
        let step = city.answer(&citizen, &params, Consent::Given).await;
        assert!(matches!(step, Step::Broken(_)), "{params:?} {step:?}");
    }
    let loopback = ask(&[("redirect_uri", "http://127.0.0.1:49152/callback")]);
    assert!(matches!(city.authorize(&citizen, &loopback).await, Step::Ask(_)));
}

#[tokio::test]
async fn what_is_not_sound_goes_back_as_an_error_with_state_and_issuer() {
    let city = City::new().await;
    let citizen = city.enter("citizen").await;
    let rows = [
        (ask(&[("response_type", "token")]), "unsupported_response_type"),
        (ask(&[("code_challenge", "")]), "invalid_request"),
        (ask(&[("code_challenge_method", "plain")]), "invalid_request"),
        (ask(&[("scope", "profile")]), "invalid_scope"),
        (ask(&[("scope", "openid id_number")]), "invalid_scope"),
        (ask(&[("request", "x.y.z")]), "request_not_supported"),
        (ask(&[("prompt", "none")]), "consent_required"),
    ];
    for (params, expected) in rows {
        let values = back(&city.authorize(&citizen, &params).await);
        assert_eq!(values["error"], expected, "{params:?}");
        assert_eq!((values["state"].as_str(), values["iss"].as_str()), ("s-1", ISSUER));
        assert!(!values.contains_key("code"));
    }
    let silent = ask(&[("prompt", "none")]);
    assert_eq!(back(&city.authorize(&Actor::visitor(), &silent).await)["error"], "login_required");
    let refused = back(&city.answer(&citizen, &ask(&[]), Consent::Refused).await);
    assert_eq!(refused["error"], "access_denied");
    assert_eq!(city.record("signon.consent").await, ["refused: openid profile"]);
}

#[tokio::test]
async fn a_login_must_be_as_new_as_the_client_wants_it() {
    let city = City::new().await;
    let citizen = city.enter("citizen").await;
    city.answer(&citizen, &ask(&[]), Consent::Given).await;
    city.test.clock.advance(Duration::minutes(3));
    let fresh = |step: &Step| matches!(step, Step::Back(url) if url.contains("code="));
    assert!(fresh(&city.authorize(&citizen, &ask(&[("max_age", "300")])).await));
    for params in [ask(&[("max_age", "60")]), ask(&[("max_age", "0")]), ask(&[("prompt", "login")])]
    {
        let Step::LogIn(path) = city.authorize(&citizen, &params).await else { panic!() };
        let silent = city.authorize(&citizen, &ask(&[("max_age", "60"), ("prompt", "none")])).await;
        assert_eq!(back(&silent)["error"], "login_required");
        // The way back without a new login leads to the login again; with one it goes on.
        let query = path.split_once('?').unwrap().1;
        let again: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert!(matches!(city.authorize(&citizen, &again).await, Step::LogIn(_)));
        let anew = city.enter("citizen").await;
        let again: Vec<(String, String)> =
            again.into_iter().filter(|(name, _)| name != "via").collect();
        assert!(fresh(&city.authorize(&anew, &again).await), "{again:?}");
    }
}

#[tokio::test]
async fn a_system_is_for_the_kinds_of_accounts_it_is_registered_for() {
    let city = City::new().await;
    let mut ctx = city.test.ctx(Actor::system("test")).await;
    let mut staff_only = crate::world::new_client("oa-system");
    staff_only.citizens = false;
    change(&mut ctx, &staff_only).await.unwrap();
    ctx.commit().await.unwrap();
    let citizen = city.enter("citizen").await;
    assert!(matches!(city.authorize(&citizen, &ask(&[])).await, Step::Broken(_)));
    let silent = city.authorize(&citizen, &ask(&[("prompt", "none")])).await;
    assert_eq!(back(&silent)["error"], "access_denied");
    let reviewer = city.enter("reviewer").await;
    assert!(matches!(city.authorize(&reviewer, &ask(&[])).await, Step::Ask(_)));
}

#[tokio::test]
async fn what_was_agreed_can_be_taken_back() {
    let city = City::new().await;
    let citizen = city.enter("citizen").await;
    let tokens = city.tokens(&citizen, &ask(&[])).await;
    let mut ctx = city.test.ctx(citizen.clone()).await;
    let list = agreed(&mut ctx).await.unwrap();
    assert_eq!(list.len(), 1);
    assert_eq!((list[0].client.as_str(), list[0].name.en.as_str()), ("oa-system", "Office system"));
    withdraw(&mut ctx, "oa-system").await.unwrap();
    assert!(withdraw(&mut ctx, "oa-system").await.is_err());
    ctx.commit().await.unwrap();
    assert_eq!(word(&city.userinfo(&tokens.access).await), "invalid_token");
    assert_eq!(
        word(&city.token("oa-system", &crate::world::renew(&tokens.refresh)).await),
        "invalid_grant"
    );
    assert!(matches!(city.authorize(&citizen, &ask(&[])).await, Step::Ask(_)));
    let code = city.code(&citizen, &ask(&[])).await;
    assert_eq!(word(&city.token("oa-system", &exchange(&code, &[])).await), "done");
}
