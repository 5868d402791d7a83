//! Messages of other systems: only with a token of a registered one, within its scopes, once for each number.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};
use time::Duration;

use crate::shape::fits_of;
use crate::world::{AGENT, City, Got};

const PATH: &str = "/api/v1/processes/messages";

fn message(no: &str) -> Value {
    json!({ "name": "payment-arrived", "case": no, "payload": { "paid": true, "fen": 490_000 } })
}

async fn tell(city: &City, token: &str, key: &str, body: &str) -> Got {
    let bearer = format!("Bearer {token}");
    let headers = [
        (header::AUTHORIZATION.as_str(), bearer.as_str()),
        ("idempotency-key", key),
        (header::CONTENT_TYPE.as_str(), "application/json"),
    ];
    let headers: Vec<_> = headers.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    city.post(PATH, &headers, body).await
}

#[tokio::test]
async fn a_registered_system_tells_a_process_something_once() {
    let city = City::new().await;
    let no = city.case().await;
    let token = city.system("tax-gateway", &["process.message:payment-arrived"]).await;
    let first = tell(&city, &token, "m-1", &message(&no).to_string()).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text);
    fits_of(&first, "post", PATH);
    assert_eq!(first.json()["delivered"], false);
    // Nobody waits for it: it is kept for a week, and sent again it is still one.
    assert_eq!(first.json()["kept_until"], "2026-03-09T01:00:00Z");
    city.test.clock.advance(Duration::minutes(5));
    let again = tell(&city, &token, "m-1", &message(&no).to_string()).await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, first.json()));
    assert_eq!(city.came(&no).await, 1);
    // The same number with something else is refused.
    let other = json!({ "name": "payment-arrived", "case": no, "payload": { "paid": false } });
    let reused = tell(&city, &token, "m-1", &other.to_string()).await;
    assert_eq!(reused.status, StatusCode::UNPROCESSABLE_ENTITY);
    fits_of(&reused, "post", PATH);
    let next = tell(&city, &token, "m-2", &other.to_string()).await;
    assert_eq!(next.status, StatusCode::OK);
    assert_eq!(city.came(&no).await, 2);
}

#[tokio::test]
async fn without_its_token_and_its_scope_nothing_is_told() {
    let city = City::new().await;
    let no = city.case().await;
    let body = message(&no).to_string();
    let other = city.system("gate-lake-03", &["process.message:water-level", "head"]).await;
    let rows = [
        (String::new(), StatusCode::UNAUTHORIZED),
        ("x".repeat(43), StatusCode::UNAUTHORIZED),
        (other.clone(), StatusCode::FORBIDDEN),
        // A session of a person is no token of a system.
        (city.log_in(AGENT).await.as_str().to_owned(), StatusCode::UNAUTHORIZED),
    ];
    for (token, expected) in rows {
        let got = tell(&city, &token, "m-1", &body).await;
        assert_eq!(got.status, expected, "{}", got.text);
        fits_of(&got, "post", PATH);
    }
    // A scope that is called like an office is none.
    let got = city.get_bearer(&other, &format!("/api/v1/cases/{no}")).await;
    assert_eq!(got.status, StatusCode::UNAUTHORIZED);
    // With the session of a person alone nobody is a system.
    let session = city.log_in(AGENT).await;
    let got = city.send(Method::POST, PATH, Some(&session)).await;
    assert_eq!(got.status, StatusCode::UNAUTHORIZED);
    // A token ends with its time, and with its system.
    let token = city.system("tax-gateway", &["process.message"]).await;
    assert_eq!(tell(&city, &token, "m-2", &body).await.status, StatusCode::OK);
    city.switch_off("tax-gateway").await;
    assert_eq!(tell(&city, &token, "m-3", &body).await.status, StatusCode::UNAUTHORIZED);
    let late = city.system("pay-gateway", &["process.message"]).await;
    city.test.clock.advance(Duration::minutes(11));
    assert_eq!(tell(&city, &late, "m-4", &body).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(city.came(&no).await, 1);
}

#[tokio::test]
async fn what_is_no_message_is_refused_with_what_to_do() {
    let city = City::new().await;
    let no = city.case().await;
    let token = city.system("tax-gateway", &["process.message"]).await;
    let good = message(&no).to_string();
    let with = |change: Value| {
        let mut body = message(&no);
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        body.to_string()
    };
    let long = "长".repeat(1_001);
    let many: serde_json::Map<String, Value> =
        (0..33).map(|place| (format!("v{place}"), json!(place))).collect();
    let rows = [
        ("", good.clone(), "Idempotency-Key"),
        ("m", "{".to_owned(), "body"),
        ("m", "[]".to_owned(), "body"),
        ("m", with(json!({ "nmae": "x" })), "body"),
        ("m", with(json!({ "name": "" })), "name"),
        ("m", with(json!({ "key": "x" })), "case"),
        ("m", with(json!({ "case": null })), "case"),
        ("m", with(json!({ "case": null, "key": format!("case/{no}") })), "key"),
        ("m", with(json!({ "payload": { "a": { "b": 1 } } })), "payload"),
        ("m", with(json!({ "payload": { "from": "me" } })), "payload"),
        ("m", with(json!({ "payload": { "Paid": 1 } })), "payload"),
        ("m", with(json!({ "payload": { "a": long } })), "payload"),
        ("m", with(json!({ "payload": many })), "payload"),
        ("m", with(json!({ "keep_hours": 0 })), "keep_hours"),
        ("m", with(json!({ "keep_hours": 721 })), "keep_hours"),
    ];
    for (key, body, field) in rows {
        let got = tell(&city, &token, key, &body).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}: {}", got.text);
        fits_of(&got, "post", PATH);
        assert_eq!(got.json()["errors"][0]["field"], field, "{body}");
    }
    let bearer = format!("Bearer {token}");
    let form = [
        (header::AUTHORIZATION.as_str(), bearer.as_str()),
        ("idempotency-key", "m"),
        (header::CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded"),
    ];
    let got = city.post(PATH, &form, "name=x").await;
    assert_eq!(got.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    fits_of(&got, "post", PATH);
    let got = tell(&city, &token, "m", &with(json!({ "case": "SPJY-2026-999999" }))).await;
    assert_eq!(got.status, StatusCode::NOT_FOUND);
    fits_of(&got, "post", PATH);
    let huge = with(json!({ "payload": { "a": "x".repeat(600_000) } }));
    assert_eq!(tell(&city, &token, "m", &huge).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let got = city.get(PATH).await;
    assert_eq!(got.status, StatusCode::METHOD_NOT_ALLOWED);
    fits_of(&got, "post", PATH);
    assert!(got.header(header::ALLOW).contains("POST"));
    assert_eq!(city.came(&no).await, 0);
}
