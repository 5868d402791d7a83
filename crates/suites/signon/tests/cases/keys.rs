//! Keys that sign: sealed, published before and after, renewed in time.

use serde_json::Value;
use time::Duration;
use zhengtong_db::Actor;
use zhengtong_signon::*;

use crate::world::{City, ask};

async fn kids(city: &City) -> Vec<String> {
    let mut ctx = city.visitor().await;
    let found = jwks(&mut ctx).await.unwrap();
    ctx.commit().await.unwrap();
    let ec = found["keys"].as_array().unwrap().iter().filter(|key| key["kty"] == "EC");
    let mut kids: Vec<String> = ec.map(|key| key["kid"].as_str().unwrap().to_owned()).collect();
    kids.sort();
    kids
}

async fn signed_with(city: &City, actor: &Actor) -> String {
    let token = city.tokens(actor, &ask(&[])).await.id_token;
    let header = token.split('.').next().unwrap();
    let header = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, header);
    let header: Value = serde_json::from_slice(&header.unwrap()).unwrap();
    assert_eq!((header["alg"].as_str(), header["typ"].as_str()), (Some("ES256"), Some("JWT")));
    header["kid"].as_str().unwrap().to_owned()
}

async fn renewed(city: &City) -> u32 {
    let mut ctx = city.test.ctx(Actor::system("test")).await;
    let made = renew_keys(&mut ctx).await.unwrap();
    ctx.commit().await.unwrap();
    made
}

#[tokio::test]
async fn public_keys_hold_nothing_private_and_what_is_stored_is_sealed() {
    let city = City::new().await;
    let mut ctx = city.visitor().await;
    let found = jwks(&mut ctx).await.unwrap();
    ctx.commit().await.unwrap();
    let keys = found["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for key in keys {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(private).is_none(), "{private}");
        }
    }
    // An RSA key in PKCS #8 begins so; a sealed one does not.
    let plain: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM signon.signing_key WHERE position('\\x3082'::bytea in sealed) = 1",
    )
    .fetch_one(city.test.db.pool())
    .await
    .unwrap();
    assert_eq!(plain, 0);
}

#[tokio::test]
async fn a_key_is_published_before_it_signs_and_after_it_has_signed() {
    let city = City::new().await;
    let first = kids(&city).await;
    assert_eq!(first.len(), 1);
    city.test.clock.advance(Duration::days(59));
    assert_eq!(renewed(&city).await, 0);
    city.test.clock.advance(Duration::days(1));
    assert_eq!(renewed(&city).await, 2);
    assert_eq!(renewed(&city).await, 0);
    assert_eq!(kids(&city).await.len(), 2);
    let citizen = city.enter("citizen").await;
    assert_eq!(signed_with(&city, &citizen).await, first[0]);

    city.test.clock.advance(Duration::hours(24));
    let citizen = city.enter("citizen").await;
    let second = signed_with(&city, &citizen).await;
    assert_ne!(second, first[0]);
    assert!(kids(&city).await.contains(&first[0]));
    city.test.clock.advance(Duration::hours(24));
    assert_eq!(kids(&city).await, [second]);
}

#[tokio::test]
async fn the_security_administrator_changes_keys_at_once() {
    let city = City::new().await;
    let before = kids(&city).await;
    let security = city.enter("security").await;
    let mut ctx = city.test.ctx(security.clone()).await;
    rotate_keys(&mut ctx).await.unwrap();
    assert_eq!(keys(&mut ctx).await.unwrap().len(), 4);
    ctx.commit().await.unwrap();
    let citizen = city.enter("citizen").await;
    assert_ne!(signed_with(&city, &citizen).await, before[0]);
    assert!(kids(&city).await.contains(&before[0]));
    city.test.clock.advance(Duration::hours(24));
    assert!(!kids(&city).await.contains(&before[0]));
    assert_eq!(city.record("signon.rotate_keys").await.len(), 1);
    for login in ["citizen", "reviewer"] {
        let actor = city.enter(login).await;
        let mut ctx = city.test.ctx(actor).await;
        assert!(rotate_keys(&mut ctx).await.is_err());
        assert!(keys(&mut ctx).await.is_err());
    }
}

#[tokio::test]
async fn discovery_names_what_is_there() {
    let city = City::new().await;
    let ctx = city.visitor().await;
    let found = discovery(&ctx).unwrap();
    assert_eq!(found["issuer"], crate::world::ISSUER);
    assert_eq!(found["code_challenge_methods_supported"], serde_json::json!(["S256"]));
    assert_eq!(found["response_types_supported"], serde_json::json!(["code"]));
    assert_eq!(found["authorization_response_iss_parameter_supported"], true);
    assert_eq!(found["subject_types_supported"], serde_json::json!(["pairwise"]));
}
