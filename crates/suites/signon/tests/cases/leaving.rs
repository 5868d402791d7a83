//! Logging out: who is believed, where one is led, and who hears of it.

use serde_json::{Value, json};
use zhengtong_db::Actor;
use zhengtong_db::jobs::{Work, drain};
use zhengtong_signon::*;

use crate::world::{City, Params, ask, claims, exchange, renew, word};

const BYE: &str = "https://oa.example/bye";

fn params(values: &[(&str, &str)]) -> Params {
    values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn leaves(
    city: &City,
    actor: &Actor,
    values: &[(&str, &str)],
    confirmed: Confirmed,
) -> Leaving {
    let mut ctx = city.test.ctx(actor.clone()).await;
    let leaving = leave(&mut ctx, &params(values), confirmed).await.unwrap();
    ctx.commit().await.unwrap();
    leaving
}

#[tokio::test]
async fn only_a_client_of_this_session_is_believed_and_only_registered_addresses_are_followed() {
    let city = City::new().await;
    let citizen = city.enter("citizen").await;
    let hint = city.tokens(&citizen, &ask(&[])).await.id_token;
    let (text, _) = hint.rsplit_once('.').unwrap();
    let forged = format!("{text}.{}", "A".repeat(86));
    let other = city.enter("citizen").await;
    let foreign = city.tokens(&other, &ask(&[])).await.id_token;
    let bye = Some(BYE.to_owned());
    let rows: [(&[(&str, &str)], Leaving); 8] = [
        (&[], Leaving::Ask(None)),
        (
            &[("client_id", "oa-system"), ("post_logout_redirect_uri", BYE)],
            Leaving::Ask(bye.clone()),
        ),
        (
            &[("client_id", "oa-system"), ("post_logout_redirect_uri", "https://evil.example/")],
            Leaving::Ask(None),
        ),
        (&[("post_logout_redirect_uri", BYE)], Leaving::Ask(None)),
        (&[("id_token_hint", &forged), ("post_logout_redirect_uri", BYE)], Leaving::Ask(None)),
        (&[("id_token_hint", &foreign), ("post_logout_redirect_uri", BYE)], Leaving::Ask(bye)),
        (
            &[
                ("id_token_hint", &hint),
                ("client_id", "map-system"),
                ("post_logout_redirect_uri", BYE),
            ],
            Leaving::Ask(None),
        ),
        (&[("id_token_hint", &hint), ("id_token_hint", &hint)], Leaving::Ask(None)),
    ];
    for (values, expected) in rows {
        assert_eq!(leaves(&city, &citizen, values, Confirmed::No).await, expected, "{values:?}");
    }
    let last = leaves(
        &city,
        &citizen,
        &[("id_token_hint", &hint), ("post_logout_redirect_uri", BYE), ("state", "z")],
        Confirmed::No,
    )
    .await;
    assert_eq!(last, Leaving::Left(Some(format!("{BYE}?state=z"))));
    let values =
        [("post_logout_redirect_uri", "https://evil.example/"), ("client_id", "oa-system")];
    assert_eq!(leaves(&city, &other, &values, Confirmed::Yes).await, Leaving::Left(None));
}

/// Runs the news of the end of sessions, and gives the notices that clients would get.
async fn notices(city: &City) -> Vec<Value> {
    let work = Work::default().subscribe("party.session_ended", "signon.session_ended").on(
        "signon.session_ended",
        |db, job| async move {
            let session = job.payload["payload"]["session"].as_str().unwrap().parse().unwrap();
            let mut ctx = db.begin_system("test").await.unwrap();
            session_ended(&mut ctx, session).await.unwrap();
            ctx.commit().await.map_err(|error| error.to_string())
        },
    );
    // The jobs that tell have no handler here: they wait and are read.
    drain(&city.test.db, &work, 20).await.unwrap();
    let bodies: Vec<Value> =
        sqlx::query_scalar("SELECT payload FROM db.job WHERE kind = 'signon.tell' ORDER BY id")
            .fetch_all(city.test.db.pool())
            .await
            .unwrap();
    let mut found = Vec::new();
    for body in bodies {
        let mut ctx = city.test.ctx(Actor::system("test")).await;
        let (uri, token) = logout_notice(&mut ctx, &body).await.unwrap().unwrap();
        ctx.commit().await.unwrap();
        assert_eq!(uri, "https://oa.example/ended");
        found.push(claims(&token));
    }
    found
}

#[tokio::test]
async fn clients_of_a_session_hear_of_its_end_and_have_nothing_any_more() {
    let city = City::new().await;
    let citizen = city.enter("citizen").await;
    let given = city.tokens(&citizen, &ask(&[])).await;
    let offline = city.tokens(&citizen, &ask(&[("scope", "openid offline_access")])).await;
    // A code that was never exchanged is no login that could be ended there.
    let unused = city.code(&citizen, &ask(&[("client_id", "map-system")])).await;
    let bystander = city.enter("other").await;
    let kept = city.tokens(&bystander, &ask(&[])).await;

    let mut ctx = city.test.ctx(citizen.clone()).await;
    zhengtong_party::log_out(&mut ctx).await.unwrap();
    ctx.commit().await.unwrap();
    let told = notices(&city).await;
    assert_eq!(told.len(), 1, "{told:?}");
    let (notice, login) = (&told[0], claims(&given.id_token));
    for name in ["iss", "aud", "sub", "sid"] {
        assert_eq!(notice[name], login[name], "{name}");
    }
    assert_eq!(
        notice["events"],
        json!({ "http://schemas.openid.net/event/backchannel-logout": {} })
    );
    assert!(notice.get("nonce").is_none() && notice["jti"].is_string());

    assert_eq!(word(&city.userinfo(&given.access).await), "invalid_token");
    assert_eq!(word(&city.token("oa-system", &renew(&given.refresh)).await), "invalid_grant");
    assert_eq!(word(&city.token("map-system", &exchange(&unused, &[])).await), "invalid_grant");
    assert_eq!(word(&city.userinfo(&kept.access).await), "done");
    // What may go on without the person goes on.
    assert_eq!(word(&city.token("oa-system", &renew(&offline.refresh)).await), "done");
}

#[tokio::test]
async fn a_notice_is_no_hint() {
    let city = City::new().await;
    let citizen = city.enter("citizen").await;
    city.tokens(&citizen, &ask(&[])).await;
    let body =
        json!({ "client": "oa-system", "session": citizen.session, "account": citizen.account });
    let mut ctx = city.test.ctx(Actor::system("test")).await;
    let (_, notice) = logout_notice(&mut ctx, &body).await.unwrap().unwrap();
    ctx.commit().await.unwrap();
    let asked = leaves(&city, &citizen, &[("id_token_hint", &notice)], Confirmed::No).await;
    assert_eq!(asked, Leaving::Ask(None));
}
