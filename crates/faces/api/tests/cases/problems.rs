//! Whatever is wrong comes back as problem details, at every address, with what to do.

use axum::http::{Method, StatusCode, header};
use serde_json::Value;
use zhengtong_api::operations;

use crate::shape::fits;
use crate::world::City;

/// An address with its gaps filled.
fn filled(path: &str) -> String {
    path.replace("{slug}", "food-business-new")
        .replace("{no}", "SPJY-2026-000001")
        .replace("{code}", "0")
        .replace("{list}", "sex")
        .replace("{dataset}", "base-legal:organisation")
}

/// The addresses that are read.
fn read() -> impl Iterator<Item = &'static str> {
    let read =
        |(method, path, _): &(&str, &str, &Value)| *method == "get" && path.starts_with("/api/v1");
    operations().filter(read).map(|(_, path, _)| path)
}

#[tokio::test]
async fn unknown_parameters_are_refused_everywhere() {
    let city = City::new().await;
    for path in read() {
        let got = city.get(&format!("{}?pgae=1", filled(path))).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        fits(&got, path);
        assert_eq!(got.json()["errors"][0]["field"], "pgae", "{path}");
    }
}

#[tokio::test]
async fn described_parameters_are_taken() {
    let city = City::new().await;
    for (_, path, operation) in operations().filter(|(method, ..)| *method == "get") {
        let named = operation["parameters"].as_array().into_iter().flatten();
        let must = |one: &&Value| one["in"] == "query" && one["required"] == true;
        let required = named.clone().filter(must).count();
        for parameter in named.filter(|parameter| parameter["in"] == "query") {
            let name = parameter["name"].as_str().unwrap();
            // The mark of a page that was given before; nobody makes one up.
            if name == "after" {
                continue;
            }
            let shape = &parameter["schema"];
            // The first of the words that are taken.
            let word = shape["pattern"].as_str().and_then(|words| words.strip_prefix("^("));
            let value = match (name, shape["format"].as_str(), word) {
                ("on", ..) => "2026-03-02",
                ("key", ..) => "number:1",
                (_, Some("uuid"), _) => "01a204bb-7cf8-7f76-b777-d450ee7d3af2",
                (.., Some(words)) => words.split('|').next().unwrap(),
                _ => "1",
            };
            let got = city.get(&format!("{}?{name}={value}", filled(path))).await;
            let complete = required == 0 || (required == 1 && parameter["required"] == true);
            if complete {
                assert_ne!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {name}");
            }
        }
    }
}

#[tokio::test]
async fn wrong_values_are_refused_with_their_field() {
    let city = City::new().await;
    let long = "a".repeat(101);
    let rows = [
        ("/api/v1/items?page=0".to_owned(), "/api/v1/items", "page"),
        ("/api/v1/items?page=x".to_owned(), "/api/v1/items", "page"),
        (format!("/api/v1/items?q={long}"), "/api/v1/items", "q"),
        ("/api/v1/items?q=a&q=b".to_owned(), "/api/v1/items", "q"),
        ("/api/v1/standards?on=soon".to_owned(), "/api/v1/standards", "on"),
        ("/api/v1/codes/sex?on=2026-02-30".to_owned(), "/api/v1/codes/{list}", "on"),
    ];
    for (path, described, field) in rows {
        let got = city.get(&path).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        fits(&got, described);
        assert_eq!(got.json()["errors"][0]["field"], field, "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_to_be_absent() {
    let city = City::new().await;
    let rows = [
        ("/api/v1/items/nothing", "/api/v1/items/{slug}"),
        ("/api/v1/codes/nothing", "/api/v1/codes/{list}"),
        ("/api/v1/verify/nothing", "/api/v1/verify/{code}"),
        ("/api/v1/nothing", "/api/v1/items/{slug}"),
        ("/api/v1/items/a%00b", "/api/v1/items/{slug}"),
        ("/api/v1/items/..%2F..%2Fetc", "/api/v1/items/{slug}"),
    ];
    for (path, described) in rows {
        let got = city.get(path).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{path}");
        fits(&got, described);
        assert_eq!(got.json()["status"], 404);
        assert_eq!(got.json()["instance"], got.header("x-request-id".parse().unwrap()));
    }
}

#[tokio::test]
async fn another_method_is_refused_with_those_that_are_allowed() {
    let city = City::new().await;
    for path in read() {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let got = city.send(method, &filled(path), None).await;
            assert_eq!(got.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
            fits(&got, path);
            assert_eq!(got.json()["status"], 405, "{path}");
            assert!(got.header(header::ALLOW).contains("GET"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_said_to_come_back() {
    let city = City::new().await;
    city.test.db.close().await;
    for (path, described) in [
        ("/api/v1/items", "/api/v1/items"),
        ("/api/v1/items/food-business-new", "/api/v1/items/{slug}"),
        ("/api/v1/verify/00000000000000000000000000", "/api/v1/verify/{code}"),
    ] {
        let got = city.get(path).await;
        assert_eq!(got.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        fits(&got, described);
        assert!(!got.header(header::RETRY_AFTER).is_empty());
    }
    // What packs say needs no database.
    assert_eq!(city.get("/api/v1/codes/sex").await.status, StatusCode::OK);
}
