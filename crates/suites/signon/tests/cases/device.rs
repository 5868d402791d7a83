//! Devices: tokens for themselves alone, for as long as they are registered and in use; and what is said of a token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use serde_json::{Value, json};
use time::{Date, Duration, Month};
use zhengtong_base::{Failure as _, Text};
use zhengtong_signon::*;

use crate::world::{City, ISSUER, Params, ask, word};

fn params(rows: &[(&str, &str)]) -> Params {
    rows.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn device(key: &str) -> NewClient {
    NewClient {
        id: "gate-3".to_owned(),
        name: Text::new("三号闸门", "Gate 3"),
        organisation: "market-regulation".to_owned(),
        confidential: true,
        redirect_uris: Vec::new(),
        post_logout_uris: Vec::new(),
        backchannel_uri: None,
        scopes: Vec::new(),
        citizens: false,
        staff: false,
        alg: Alg::Es256,
        device: Some(NewDevice {
            post: "reviewer".to_owned(),
            scopes: vec!["observation.write".to_owned(), "command.read".to_owned()],
            expires: Date::from_calendar_date(2026, Month::June, 30).ok(),
            key: key.to_owned(),
        }),
    }
}

async fn registered(city: &City, new: &NewClient) -> std::result::Result<Registered, String> {
    let security = city.enter("security").await;
    let mut ctx = city.test.ctx(security).await;
    match register(&mut ctx, new).await {
        Ok(made) => {
            ctx.commit().await.unwrap();
            Ok(made)
        }
        Err(error) => {
            let fields: Vec<String> =
                error.fields().iter().map(|field| field.field.clone()).collect();
            Err(format!("{} {}", fields.join(" "), error.text().en))
        }
    }
}

async fn with_secret(city: &City) -> Credentials {
    let made = registered(city, &device("")).await.unwrap();
    Credentials { client: made.id, secret: made.secret, assertion: None }
}

async fn ask_token(city: &City, who: &Credentials, scope: Option<&str>) -> Given<DeviceToken> {
    let mut rows = vec![("grant_type", "client_credentials")];
    rows.extend(scope.map(|scope| ("scope", scope)));
    let mut ctx = city.visitor().await;
    let given = device_token(&mut ctx, who, &params(&rows)).await.unwrap();
    ctx.commit().await.unwrap();
    given
}

async fn token_of(city: &City, who: &Credentials) -> Secret {
    match ask_token(city, who, None).await {
        Given::Done(token) => token.access,
        Given::Refused(refusal) => panic!("{refusal:?}"),
    }
}

async fn look(city: &City, who: &Credentials, token: &Secret) -> Value {
    let mut ctx = city.visitor().await;
    let given = introspect(&mut ctx, who, token.as_str()).await.unwrap();
    ctx.commit().await.unwrap();
    match given {
        Given::Done(value) => value,
        Given::Refused(refusal) => json!(refusal.error),
    }
}

#[tokio::test]
async fn a_device_gets_tokens_for_itself_within_its_scopes() {
    let city = City::new().await;
    let gate = with_secret(&city).await;
    let Given::Done(all) = ask_token(&city, &gate, None).await else { panic!() };
    assert_eq!(all.scopes, ["observation.write", "command.read"]);
    assert_eq!(all.expires_seconds, 600);
    let Given::Done(one) = ask_token(&city, &gate, Some("command.read")).await else { panic!() };
    assert_eq!(one.scopes, ["command.read"]);
    assert_eq!(word(&ask_token(&city, &gate, Some("openid")).await), "invalid_scope");
    let wrong = Credentials { secret: Some(Secret::from_text("guess")), ..gate.clone() };
    assert_eq!(word(&ask_token(&city, &wrong, None).await), "invalid_client");
    let none = Credentials { secret: None, ..gate.clone() };
    assert_eq!(word(&ask_token(&city, &none, None).await), "invalid_client");
    // Nobody logs in at a device, and a system where people log in is no device.
    let mut ctx = city.visitor().await;
    let code = params(&[("grant_type", "authorization_code"), ("code", "x")]);
    assert_eq!(word(&token(&mut ctx, &gate, &code).await.unwrap()), "unauthorized_client");
    drop(ctx);
    let oa = city.credentials("oa-system");
    assert_eq!(word(&ask_token(&city, &oa, None).await), "unauthorized_client");
    let citizen = city.enter("citizen").await;
    let step = city.authorize(&citizen, &ask(&[("client_id", "gate-3")])).await;
    assert!(matches!(step, Step::Broken(_)));
    // A device is nobody: its token reads no person.
    assert_eq!(word(&city.userinfo(&all.access).await), "invalid_token");
}

#[tokio::test]
async fn tokens_of_a_device_die_with_it_at_once() {
    let city = City::new().await;
    let gate = with_secret(&city).await;
    let token = token_of(&city, &gate).await;
    assert_eq!(look(&city, &gate, &token).await["active"], true);
    let security = city.enter("security").await;
    let mut ctx = city.test.ctx(security.clone()).await;
    disable(&mut ctx, "gate-3").await.unwrap();
    ctx.commit().await.unwrap();
    let oa = city.credentials("oa-system");
    assert_eq!(look(&city, &oa, &token).await, json!({ "active": false }));
    assert_eq!(word(&ask_token(&city, &gate, None).await), "invalid_client");
    let mut ctx = city.test.ctx(security.clone()).await;
    enable(&mut ctx, "gate-3").await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(look(&city, &oa, &token).await, json!({ "active": false }), "gone is gone");

    // Its last day is a whole day in China, and then it is over.
    let token = token_of(&city, &gate).await;
    city.test.clock.advance(Duration::days(120));
    assert_eq!(look(&city, &gate, &token).await["active"], false, "too old");
    let last = Date::from_calendar_date(2026, Month::July, 1).unwrap().midnight();
    let end = last.assume_offset(time::UtcOffset::from_hms(8, 0, 0).unwrap());
    city.test.clock.advance(end - city.test.db.clock().now() - Duration::seconds(60));
    let Given::Done(short) = ask_token(&city, &gate, None).await else { panic!() };
    assert_eq!(short.expires_seconds, 60, "no token outlives its device");
    city.test.clock.advance(Duration::seconds(60));
    assert_eq!(word(&ask_token(&city, &gate, None).await), "invalid_client");
    assert_eq!(look(&city, &oa, &short.access).await, json!({ "active": false }));
    let said = city.record("signon.token").await.pop().unwrap();
    assert_eq!(said, "refused: its registration has ended");
}

#[tokio::test]
async fn a_token_is_looked_at_by_those_it_is_for_and_by_nobody_else() {
    let city = City::new().await;
    let gate = with_secret(&city).await;
    let token = token_of(&city, &gate).await;
    let oa = city.credentials("oa-system");
    let found = look(&city, &oa, &token).await;
    assert_eq!((&found["client_id"], &found["iss"]), (&json!("gate-3"), &json!(ISSUER)));
    assert_eq!(found["scope"], "observation.write command.read");
    assert_eq!(found["exp"].as_i64().unwrap() - found["iat"].as_i64().unwrap(), 600);
    let wrong = Credentials { secret: Some(Secret::from_text("guess")), ..oa.clone() };
    assert_eq!(look(&city, &wrong, &token).await, "invalid_client");
    assert_eq!(look(&city, &oa, &Secret::from_text("x")).await, json!({ "active": false }));

    // A person's token: only the system it was given to, as long as the login holds.
    let citizen = city.enter("citizen").await;
    let given = city.tokens(&citizen, &ask(&[])).await;
    let map = city.credentials("map-system");
    for (who, active) in [(&oa, true), (&map, false), (&gate, false)] {
        assert_eq!(look(&city, who, &given.access).await["active"], active, "{who:?}");
    }
    let found = look(&city, &oa, &given.access).await;
    assert_eq!(found["sub"], crate::world::claims(&given.id_token)["sub"]);
    assert!(!found.to_string().contains("测citizen"), "no name: {found}");
    assert_eq!(look(&city, &oa, &given.refresh).await["active"], true);
    let mut ctx = city.test.ctx(citizen).await;
    zhengtong_party::log_out(&mut ctx).await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(look(&city, &oa, &given.access).await, json!({ "active": false }));

    // A device takes its own token back; nobody else does.
    let take_back = async |who: &Credentials| {
        let mut ctx = city.visitor().await;
        let given = revoke(&mut ctx, who, token.as_str()).await.unwrap();
        ctx.commit().await.unwrap();
        word(&given)
    };
    assert_eq!(take_back(&oa).await, "done");
    assert_eq!(look(&city, &gate, &token).await["active"], true);
    assert_eq!(take_back(&gate).await, "done");
    assert_eq!(look(&city, &gate, &token).await["active"], false);
}

#[tokio::test]
async fn a_device_is_registered_whole_or_not_at_all() {
    let city = City::new().await;
    let change = |edit: fn(&mut NewDevice)| {
        let mut new = device("");
        edit(new.device.as_mut().unwrap());
        new
    };
    let rows: [(&str, NewClient); 7] = [
        ("post ", change(|device| device.post = "nobody".to_owned())),
        ("device_scopes ", change(|device| device.scopes.clear())),
        ("device_scopes ", change(|device| device.scopes = vec!["Write all".to_owned()])),
        ("expires ", change(|device| device.expires = None)),
        (
            "expires ",
            change(|device| device.expires = Date::from_calendar_date(2026, Month::March, 1).ok()),
        ),
        (
            "expires ",
            change(|device| device.expires = Date::from_calendar_date(2028, Month::March, 1).ok()),
        ),
        (
            "key ",
            change(|device| {
                device.key = r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#.to_owned();
            }),
        ),
    ];
    for (field, new) in &rows {
        let said = registered(&city, new).await.unwrap_err();
        assert!(said.starts_with(field), "{field}: {said}");
    }
    registered(&city, &device("")).await.unwrap();
    let security = city.enter("security").await;
    let mut ctx = city.test.ctx(security).await;
    let mut system = crate::world::new_client("gate-3");
    system.organisation = "market-regulation".to_owned();
    assert!(change_refused(&mut ctx, &system).await, "a device does not become a system");
    let mut longer = device("");
    longer.device.as_mut().unwrap().expires =
        Date::from_calendar_date(2026, Month::December, 31).ok();
    zhengtong_signon::change(&mut ctx, &longer).await.unwrap();
    let (changed, ..) = client(&mut ctx, "gate-3").await.unwrap();
    assert_eq!(changed.device.unwrap().expires.year(), 2026);
}

async fn change_refused(ctx: &mut zhengtong_db::Ctx, new: &NewClient) -> bool {
    change(ctx, new).await.is_err()
}

#[tokio::test]
async fn a_device_with_a_key_of_its_own_signs_and_each_signature_counts_once() {
    let city = City::new().await;
    let key = p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
    let point = key.verifying_key().to_sec1_bytes();
    let part = |from: usize| URL_SAFE_NO_PAD.encode(&point[from..from + 32]);
    let public = json!({ "kty": "EC", "crv": "P-256", "x": part(1), "y": part(33) });
    let made = registered(&city, &device(&public.to_string())).await.unwrap();
    assert_eq!(made.secret, None, "it has a key instead");
    let now = city.test.db.clock().now().unix_timestamp();
    let signed = |changes: Value| {
        let mut claims = json!({
            "iss": "gate-3", "sub": "gate-3", "aud": ISSUER, "exp": now + 60, "iat": now, "jti": "1",
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let text = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let signature: p256::ecdsa::Signature = key.sign(text.as_bytes());
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    };
    let ask = async |assertion: String| {
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let sent = params(&[
            ("grant_type", "client_credentials"),
            ("client_assertion_type", kind),
            ("client_assertion", &assertion),
        ]);
        let who = credentials(None, &sent).unwrap();
        let mut ctx = city.visitor().await;
        let given = device_token(&mut ctx, &who, &sent).await.unwrap();
        ctx.commit().await.unwrap();
        word(&given)
    };
    assert_eq!(ask(signed(json!({}))).await, "done");
    assert_eq!(ask(signed(json!({}))).await, "invalid_client", "the same once more");
    assert_eq!(
        ask(signed(json!({ "jti": "2", "aud": [format!("{ISSUER}/oauth/token")] }))).await,
        "done"
    );
    let wrong = [
        json!({ "jti": "3", "aud": "https://other.example" }),
        json!({ "jti": "3", "iss": "oa-system" }),
        json!({ "jti": "3", "exp": now - 1 }),
        json!({ "jti": "3", "exp": now + 100_000 }),
        json!({ "jti": "3", "iat": now + 10_000 }),
        json!({ "jti": "" }),
        json!({ "jti": null }),
        json!({ "jti": "3", "exp": null }),
    ];
    for changes in wrong {
        assert_eq!(ask(signed(changes.clone())).await, "invalid_client", "{changes}");
    }
    let mut forged = signed(json!({ "jti": "4" }));
    forged.replace_range(forged.len() - 8.., "AAAAAAAA");
    assert_eq!(ask(forged).await, "invalid_client");
    // Neither without a proof, nor with a secret that it never had.
    for secret in [None, Some(Secret::from_text(""))] {
        let who = Credentials { client: "gate-3".to_owned(), secret, assertion: None };
        assert_eq!(word(&ask_token(&city, &who, None).await), "invalid_client");
    }
    let who = Credentials {
        assertion: Some(signed(json!({ "jti": "5", "iss": "oa-system", "sub": "oa-system" }))),
        ..city.credentials("oa-system")
    };
    assert_eq!(word(&ask_token(&city, &who, None).await), "invalid_client");
}
