//! Codes and tokens: each works once, for its client, in its time; a second use ends everything of the login.

use time::Duration;
use zhengtong_db::Actor;
use zhengtong_signon::*;

use crate::world::{BACK, City, ISSUER, VERIFIER, ask, claims, exchange, renew, word};

fn tokens(given: Given<Tokens>) -> Tokens {
    match given {
        Given::Done(tokens) => tokens,
        Given::Refused(refusal) => panic!("{refusal:?}"),
    }
}

#[tokio::test]
async fn a_code_becomes_tokens_and_they_say_who_it_is() {
    let city = City::new().await;
    let reviewer = city.enter("reviewer").await;
    let all = ask(&[("scope", "openid profile organisation phone")]);
    let given = city.tokens(&reviewer, &all).await;
    let said = claims(&given.id_token);
    assert_eq!((said["iss"].as_str(), said["aud"].as_str()), (Some(ISSUER), Some("oa-system")));
    assert_eq!(said["nonce"], "n-1");
    assert_eq!(said["amr"], serde_json::json!(["pwd", "otp", "mfa"]));
    assert_eq!(said["acr"], "urn:zhengtong:acr:two-factors");
    assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 300);
    for name in ["sub", "sid", "at_hash", "auth_time"] {
        assert!(!said[name].is_null(), "{name}");
    }
    // Who it is stands in the user information only, by scope.
    let Given::Done(info) = city.userinfo(&given.access).await else { panic!() };
    assert_eq!(info["sub"], said["sub"]);
    assert_eq!(info["name"], "测reviewer");
    assert_eq!(
        (&info["phone_masked"], &info["phone_number"]),
        (&"138****0011".into(), &"13800000011".into())
    );
    assert_eq!(info["posts"][0]["organisation_code"], "market-regulation");
    assert!(info.get("id_number").is_none());
    assert!(!said.to_string().contains("测reviewer"));
    let reading = city.record("signon.userinfo").await;
    assert!(reading[0].ends_with("read: openid profile organisation phone"), "{reading:?}");

    let citizen = city.enter("citizen").await;
    let given = city.tokens(&citizen, &ask(&[("scope", "openid")])).await;
    let Given::Done(info) = city.userinfo(&given.access).await else { panic!() };
    assert_eq!(info.as_object().unwrap().keys().collect::<Vec<_>>(), ["sub"]);
}

#[tokio::test]
async fn two_systems_know_one_person_under_two_names() {
    let city = City::new().await;
    let citizen = city.enter("citizen").await;
    let first = claims(&city.tokens(&citizen, &ask(&[])).await.id_token);
    let again = claims(&city.tokens(&citizen, &ask(&[])).await.id_token);
    let at_map = ask(&[("client_id", "map-system")]);
    let code = city.code(&citizen, &at_map).await;
    let other = claims(&tokens(city.token("map-system", &exchange(&code, &[])).await).id_token);
    assert_eq!((&first["sub"], &first["sid"]), (&again["sub"], &again["sid"]));
    assert_ne!(first["sub"], other["sub"]);
    assert_ne!(first["sid"], other["sid"]);
}

#[tokio::test]
async fn a_code_that_is_used_wrongly_gives_nothing() {
    let city = City::new().await;
    let citizen = city.enter("citizen").await;
    let rows: [(&str, &[(&str, &str)]); 8] = [
        ("invalid_grant", &[("redirect_uri", "http://127.0.0.1/callback")]),
        ("invalid_grant", &[("redirect_uri", "")]),
        ("invalid_grant", &[("code_verifier", "")]),
        ("invalid_grant", &[("code_verifier", "aBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")]),
        ("invalid_grant", &[("code", "unknown")]),
        ("unsupported_grant_type", &[("grant_type", "password")]),
        ("unsupported_grant_type", &[("grant_type", "client_credentials")]),
        ("invalid_request", &[("grant_type", "")]),
    ];
    for (expected, changes) in rows {
        let code = city.code(&citizen, &ask(&[])).await;
        let given = city.token("oa-system", &exchange(&code, changes)).await;
        assert_eq!(word(&given), expected, "{changes:?}");
        if expected == "invalid_grant" && changes[0].0 != "code" {
            // The wrong try has used the code up.
            let given = city.token("oa-system", &exchange(&code, &[])).await;
            assert_eq!(word(&given), "invalid_grant", "{changes:?}");
        }
    }
    let mut twice = exchange(&city.code(&citizen, &ask(&[])).await, &[]);
    twice.push(("code_verifier".to_owned(), VERIFIER.to_owned()));
    assert_eq!(word(&city.token("oa-system", &twice).await), "invalid_request");
}

#[tokio::test]
async fn a_code_lives_a_minute_and_belongs_to_one_client() {
    let city = City::new().await;
    let citizen = city.enter("citizen").await;
    let code = city.code(&citizen, &ask(&[])).await;
    city.test.clock.advance(Duration::seconds(59));
    assert_eq!(word(&city.token("oa-system", &exchange(&code, &[])).await), "done");
    let code = city.code(&citizen, &ask(&[])).await;
    city.test.clock.advance(Duration::seconds(60));
    assert_eq!(word(&city.token("oa-system", &exchange(&code, &[])).await), "invalid_grant");

    // A code that was smuggled to another client is void there and at its own.
    let code = city.code(&citizen, &ask(&[])).await;
    assert_eq!(word(&city.token("map-system", &exchange(&code, &[])).await), "invalid_grant");
    assert_eq!(word(&city.token("oa-system", &exchange(&code, &[])).await), "invalid_grant");
}

#[tokio::test]
async fn a_code_that_comes_twice_ends_what_its_first_use_gave() {
    let city = City::new().await;
    let citizen = city.enter("citizen").await;
    let code = city.code(&citizen, &ask(&[])).await;
    let first = tokens(city.token("oa-system", &exchange(&code, &[])).await);
    assert_eq!(word(&city.userinfo(&first.access).await), "done");
    assert_eq!(word(&city.token("oa-system", &exchange(&code, &[])).await), "invalid_grant");
    assert_eq!(word(&city.userinfo(&first.access).await), "invalid_token");
    assert_eq!(word(&city.token("oa-system", &renew(&first.refresh)).await), "invalid_grant");
    let last = city.record("signon.token").await.pop().unwrap();
    assert!(last.ends_with("the code was used before"), "{last}");
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_second_use_ends_the_family() {
    let city = City::new().await;
    let citizen = city.enter("citizen").await;
    let first = city.tokens(&citizen, &ask(&[])).await;
    let second = tokens(city.token("oa-system", &renew(&first.refresh)).await);
    assert_ne!(first.refresh, second.refresh);
    assert_eq!(claims(&second.id_token)["sub"], claims(&first.id_token)["sub"]);
    let third = tokens(city.token("oa-system", &renew(&second.refresh)).await);
    assert_eq!(word(&city.userinfo(&third.access).await), "done");
    // A thief comes with the first: nobody has anything any more.
    assert_eq!(word(&city.token("oa-system", &renew(&first.refresh)).await), "invalid_grant");
    assert_eq!(word(&city.userinfo(&third.access).await), "invalid_token");
    assert_eq!(word(&city.token("oa-system", &renew(&third.refresh)).await), "invalid_grant");

    let fourth = city.tokens(&citizen, &ask(&[])).await;
    assert_eq!(word(&city.token("map-system", &renew(&fourth.refresh)).await), "invalid_grant");
    assert_eq!(word(&city.userinfo(&fourth.access).await), "invalid_token");
    let mut wider = renew(&city.tokens(&citizen, &ask(&[])).await.refresh);
    wider.push(("scope".to_owned(), "openid profile phone".to_owned()));
    assert_eq!(word(&city.token("oa-system", &wider).await), "invalid_scope");
    assert_eq!(
        word(&city.token("oa-system", &renew(&Secret::from_text("x"))).await),
        "invalid_grant"
    );
}

#[tokio::test]
async fn tokens_end_in_their_time() {
    let city = City::new().await;
    let citizen = city.enter("citizen").await;
    let given = city.tokens(&citizen, &ask(&[])).await;
    assert_eq!(given.expires_seconds, 600);
    city.test.clock.advance(Duration::seconds(599));
    assert_eq!(word(&city.userinfo(&given.access).await), "done");
    city.test.clock.advance(Duration::seconds(1));
    assert_eq!(word(&city.userinfo(&given.access).await), "invalid_token");
    city.test.clock.advance(Duration::hours(12));
    assert_eq!(word(&city.token("oa-system", &renew(&given.refresh)).await), "invalid_grant");

    let citizen = city.enter("citizen").await;
    let offline = ask(&[("scope", "openid offline_access")]);
    let mut given = city.tokens(&citizen, &offline).await;
    for _ in 0..4 {
        city.test.clock.advance(Duration::days(6));
        given = tokens(city.token("oa-system", &renew(&given.refresh)).await);
    }
    city.test.clock.advance(Duration::days(6));
    assert_eq!(word(&city.token("oa-system", &renew(&given.refresh)).await), "invalid_grant");
}

#[tokio::test]
async fn only_the_client_itself_exchanges() {
    let city = City::new().await;
    let citizen = city.enter("citizen").await;
    let code = city.code(&citizen, &ask(&[])).await;
    let wrong = [
        Credentials { client: "oa-system".to_owned(), secret: None, assertion: None },
        Credentials {
            client: "oa-system".to_owned(),
            secret: Some(Secret::from_text("guess")),
            assertion: None,
        },
        Credentials {
            client: "oa-system".to_owned(),
            secret: city.secrets.get("map-system").cloned(),
            assertion: None,
        },
        Credentials {
            client: "nobody".to_owned(),
            secret: Some(Secret::from_text("guess")),
            assertion: None,
        },
    ];
    for who in &wrong {
        let mut ctx = city.visitor().await;
        let given = token(&mut ctx, who, &exchange(&code, &[])).await.unwrap();
        ctx.commit().await.unwrap();
        assert_eq!(word(&given), "invalid_client", "{who:?}");
    }
    // Who is not the client has not used the code up either.
    assert_eq!(word(&city.token("oa-system", &exchange(&code, &[])).await), "done");
}

#[tokio::test]
async fn a_program_without_a_secret_has_pkce_alone() {
    let city = City::new().await;
    let mut ctx = city.test.ctx(Actor::system("test")).await;
    let mut public = crate::world::new_client("phone-app");
    public.confidential = false;
    assert_eq!(register(&mut ctx, &public).await.unwrap().secret, None);
    ctx.commit().await.unwrap();
    let citizen = city.enter("citizen").await;
    let request = ask(&[("client_id", "phone-app")]);
    let code = city.code(&citizen, &request).await;
    let guessed = Credentials {
        client: "phone-app".to_owned(),
        secret: Some(Secret::from_text("")),
        assertion: None,
    };
    let mut ctx = city.visitor().await;
    assert_eq!(
        word(&token(&mut ctx, &guessed, &exchange(&code, &[])).await.unwrap()),
        "invalid_client"
    );
    drop(ctx);
    let given = city.token("phone-app", &exchange(&code, &[("redirect_uri", BACK)])).await;
    assert_eq!(word(&given), "done");
}

#[tokio::test]
async fn a_disabled_account_and_a_client_that_is_off_have_nothing() {
    let city = City::new().await;
    let citizen = city.enter("citizen").await;
    let offline = ask(&[("scope", "openid profile offline_access")]);
    let given = city.tokens(&citizen, &offline).await;
    let mut ctx = city.test.ctx(Actor::system("test")).await;
    zhengtong_party::disable_account(&mut ctx, citizen.account.unwrap(), "离职 left")
        .await
        .unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(word(&city.userinfo(&given.access).await), "invalid_token");
    assert_eq!(word(&city.token("oa-system", &renew(&given.refresh)).await), "invalid_grant");

    let other = city.enter("other").await;
    let given = city.tokens(&other, &ask(&[])).await;
    let security = city.enter("security").await;
    let mut ctx = city.test.ctx(security).await;
    disable(&mut ctx, "oa-system").await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(word(&city.userinfo(&given.access).await), "invalid_token");
    assert_eq!(word(&city.token("oa-system", &renew(&given.refresh)).await), "invalid_client");
    assert!(matches!(city.authorize(&other, &ask(&[])).await, Step::Broken(_)));
}

#[tokio::test]
async fn a_client_takes_back_its_own_tokens_and_no_others() {
    let city = City::new().await;
    let citizen = city.enter("citizen").await;
    let given = city.tokens(&citizen, &ask(&[])).await;
    let revoked = async |client: &str, text: &str| {
        let mut ctx = city.visitor().await;
        let given = revoke(&mut ctx, &city.credentials(client), text).await.unwrap();
        ctx.commit().await.unwrap();
        word(&given)
    };
    assert_eq!(revoked("map-system", given.refresh.as_str()).await, "done");
    assert_eq!(revoked("map-system", given.access.as_str()).await, "done");
    assert_eq!(word(&city.userinfo(&given.access).await), "done");
    assert_eq!(revoked("nobody", given.access.as_str()).await, "invalid_client");
    assert_eq!(revoked("oa-system", "unknown").await, "done");
    assert_eq!(revoked("oa-system", given.access.as_str()).await, "done");
    assert_eq!(word(&city.userinfo(&given.access).await), "invalid_token");
    let next = tokens(city.token("oa-system", &renew(&given.refresh)).await);
    assert_eq!(revoked("oa-system", next.refresh.as_str()).await, "done");
    assert_eq!(word(&city.userinfo(&next.access).await), "invalid_token");
}

#[tokio::test]
async fn no_token_lies_in_the_database_as_it_is() {
    let city = City::new().await;
    let citizen = city.enter("citizen").await;
    let code = city.code(&citizen, &ask(&[])).await;
    let given = tokens(city.token("oa-system", &exchange(&code, &[])).await);
    let tables = ["client", "code", "token", "visit", "signing_key"];
    let mut dump = String::new();
    for table in tables {
        let statement =
            format!("SELECT coalesce(string_agg(t::text, ' '), '') FROM signon.{table} AS t");
        let text: String = sqlx::query_scalar(zhengtong_db::sql::trusted(statement))
            .fetch_one(city.test.db.pool())
            .await
            .unwrap();
        dump.push_str(&text);
    }
    let secret = &city.secrets["oa-system"];
    for text in [&code, given.access.as_str(), given.refresh.as_str(), secret.as_str()] {
        let hex = hex::encode(text);
        assert!(!dump.contains(text) && !dump.contains(&hex));
    }
    assert!(dump.contains("oa-system"));
}
