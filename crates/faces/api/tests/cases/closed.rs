//! What belongs to somebody: it needs a login, shows no plain number, and another's looks as if absent.

use axum::http::StatusCode;
use serde_json::json;

use crate::shape::fits;
use crate::world::{AGENT, CODE, City, OTHER};

#[tokio::test]
async fn without_a_login_nothing_is_told() {
    let city = City::new().await;
    let no = city.case().await;
    let rows = [
        ("/api/v1/me".to_owned(), "/api/v1/me"),
        ("/api/v1/cases".to_owned(), "/api/v1/cases"),
        (format!("/api/v1/cases/{no}"), "/api/v1/cases/{no}"),
        ("/api/v1/cases/SPJY-2026-999999".to_owned(), "/api/v1/cases/{no}"),
    ];
    for (path, described) in rows {
        let got = city.get(&path).await;
        assert_eq!(got.status, StatusCode::UNAUTHORIZED, "{path}");
        fits(&got, described);
    }
    let forged = zhengtong_party::Token::from_text("x".repeat(43));
    assert_eq!(city.get_as(&forged, "/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn i_am_told_who_i_am_with_masked_numbers() {
    let city = City::new().await;
    let got = city.get_as(&city.log_in(AGENT).await, "/api/v1/me").await;
    assert_eq!(got.status, StatusCode::OK);
    fits(&got, "/api/v1/me");
    let me = got.json();
    assert_eq!((&me["kind"], &me["name"]), (&json!("citizen"), &json!("示例市民2")));
    assert_eq!(me["acts_for"], json!(null));
    for plain in ["11010519491231002X", "19491231", "13800000002"] {
        assert!(!got.text.contains(plain), "{plain}");
    }
    let got = city.get_as(&city.log_in_for_company().await, "/api/v1/me").await;
    fits(&got, "/api/v1/me");
    assert_eq!(got.json()["acts_for"]["credit_code"], CODE);
}

#[tokio::test]
async fn i_see_the_cases_of_the_one_i_act_for() {
    let city = City::new().await;
    let no = city.case().await;
    let token = city.log_in_for_company().await;
    let got = city.get_as(&token, "/api/v1/cases").await;
    assert_eq!(got.status, StatusCode::OK);
    fits(&got, "/api/v1/cases");
    let list = got.json();
    assert_eq!((&list["total"], &list["entries"][0]["no"]), (&json!(1), &json!(no)));
    assert!(list["size"].as_i64().unwrap() <= 50);

    let got = city.get_as(&token, &format!("/api/v1/cases/{no}")).await;
    assert_eq!(got.status, StatusCode::OK);
    fits(&got, "/api/v1/cases/{no}");
    let case = got.json();
    assert_eq!(case["case"], list["entries"][0]);
    assert_eq!(case["promised"], json!(null));
    assert_eq!(case["waiting_for"][0]["side"], "office");
    assert_eq!(case["events"][0]["kind"], "submit");
    assert_eq!(case["facts"][0]["rows"][0]["value"]["zh"], "138****5678");
    // Neither plain answers nor whole names of persons leave.
    for plain in ["13812345678", "示例市民2", "answers"] {
        assert!(!got.text.contains(plain), "{plain}: {}", got.text);
    }
}

#[tokio::test]
async fn another_s_case_looks_as_if_absent() {
    let city = City::new().await;
    let no = city.case().await;
    for token in [city.log_in(OTHER).await, city.log_in(AGENT).await] {
        let real = city.get_as(&token, &format!("/api/v1/cases/{no}")).await;
        let none = city.get_as(&token, "/api/v1/cases/SPJY-2026-999999").await;
        assert_eq!((real.status, none.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
        fits(&real, "/api/v1/cases/{no}");
        let (mut real, mut none) = (real.json(), none.json());
        real["instance"] = json!("");
        none["instance"] = json!("");
        assert_eq!(real, none);
        assert_eq!(city.get_as(&token, "/api/v1/cases").await.json()["total"], 0);
    }
}
