//! What needs no login: items, standards, codes, verification, the description itself.

use axum::http::{StatusCode, header};
use serde_json::json;
use zhengtong_api::operations;
use zhengtong_db::Actor;
use zhengtong_document::NewDocument;

use crate::shape::fits;
use crate::world::{City, OTHER, id};

#[tokio::test]
async fn items_are_found_and_read() {
    let city = City::new().await;
    let got = city.get("/api/v1/items?q=%E5%BC%80%E9%A5%AD%E9%A6%86").await;
    assert_eq!(got.status, StatusCode::OK);
    fits(&got, "/api/v1/items");
    let found = got.json();
    assert_eq!(
        (&found["total"], &found["page"], &found["size"]),
        (&json!(2), &json!(1), &json!(50)),
        "the licence, and the whole of opening a restaurant"
    );
    let entries = found["entries"].as_array().unwrap();
    let line = entries.iter().find(|line| line["name"]["zh"] == "食品经营许可（新办）").unwrap();
    assert_eq!(line["promised"], json!({ "days": 5, "unit": "working_day" }));

    let got = city.get("/api/v1/items/food-business-new").await;
    fits(&got, "/api/v1/items/{slug}");
    let item = got.json();
    assert_eq!(item["item"], *line);
    assert_eq!((&item["visits"], &item["rating"]["count"]), (&json!(0), &json!(0)));
    assert!(item["materials"].as_array().unwrap().len() >= 3);

    for nothing in ["/api/v1/items?q=%E5%9B%A7%E5%9B%A7%E5%9B%A7", "/api/v1/items?page=10000"] {
        let got = city.get(nothing).await;
        fits(&got, "/api/v1/items");
        assert_eq!(got.json()["entries"], json!([]), "{nothing}");
    }
}

#[tokio::test]
async fn rules_are_given_as_they_are_on_a_day() {
    let city = City::new().await;
    let got = city.get("/api/v1/standards").await;
    fits(&got, "/api/v1/standards");
    let all = got.json();
    let citizen_number = all["entries"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["number"] == "GB 11643-1999")
        .unwrap();
    assert_eq!(citizen_number["current"], true);
    let before = city.get("/api/v1/standards?on=1990-01-01").await.json();
    let current =
        before["entries"].as_array().unwrap().iter().filter(|line| line["current"] == true);
    assert!(current.count() < all["entries"].as_array().unwrap().len());

    let got = city.get("/api/v1/elements?q=PERSON.id_number").await;
    fits(&got, "/api/v1/elements");
    let elements = got.json();
    let line = &elements["entries"][0];
    assert_eq!((&line["id"], &line["check"]), (&json!("person.id_number"), &json!("gb11643")));
    assert_eq!(line["authority"], "base-population:resident");
    let fields = line["fields"].as_array().unwrap();
    assert!(fields.contains(&json!("base-population:resident.id_number")), "{fields:?}");
    let nothing = city.get("/api/v1/elements?q=no-such-element").await.json();
    assert_eq!(nothing["total"], 0);

    let got = city.get("/api/v1/codes/sex").await;
    fits(&got, "/api/v1/codes/{list}");
    let codes = got.json();
    let list: Vec<&str> = codes["codes"]["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["code"].as_str().unwrap())
        .collect();
    assert_eq!((list, &codes["on"]), (vec!["0", "1", "2", "9"], &json!("2026-03-02")));
    let old = city.get("/api/v1/codes/sex?on=1990-01-01").await.json();
    assert_eq!(old["codes"]["total"], 0);
}

#[tokio::test]
async fn a_paper_is_verified_by_its_code() {
    let city = City::new().await;
    let mut ctx = city.test.ctx(Actor::system("test")).await;
    let new = NewDocument {
        template: "food-business:licence".to_owned(),
        holder_person: Some(id(OTHER)),
        holder_name: "示例甲".to_owned(),
        issuer: id(100),
        issuer_name: "示例市市场监督管理局".to_owned(),
        region: Some("330106".to_owned()),
        ..NewDocument::default()
    };
    let paper = zhengtong_document::issue(&mut ctx, new).await.unwrap();
    ctx.commit().await.unwrap();
    let grouped = format!("{}%20{}", &paper.code[..13].to_lowercase(), &paper.code[13..]);
    for code in [&paper.code, &grouped] {
        let got = city.get(&format!("/api/v1/verify/{code}")).await;
        fits(&got, "/api/v1/verify/{code}");
        let public = got.json();
        assert_eq!((&public["valid"], &public["state"]), (&json!(true), &json!("valid")));
        assert_eq!(public["number"], paper.number);
        let holder = public["holder"].as_str().unwrap();
        assert!(holder.contains('*') && holder != "示例甲", "{holder}");
    }
    let wrong = "0".repeat(26);
    for code in [wrong.as_str(), "x", "%E8%AF%81"] {
        let got = city.get(&format!("/api/v1/verify/{code}")).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{code}");
        fits(&got, "/api/v1/verify/{code}");
    }
}

#[tokio::test]
async fn the_description_is_served_for_machines_and_people() {
    let city = City::new().await;
    let got = city.get("/openapi.json").await;
    fits(&got, "/openapi.json");
    assert_eq!(got.json(), *zhengtong_api::document());
    assert_eq!(got.json()["info"]["version"], env!("CARGO_PKG_VERSION"));

    let got = city.get("/api").await;
    fits(&got, "/api");
    assert_eq!(got.header(header::CONTENT_TYPE), "text/html; charset=utf-8");
    for (_, path, operation) in operations() {
        assert!(got.text.contains(path), "{path}");
        let summary = operation["summary"].as_str().unwrap().split(" / ").next().unwrap();
        assert!(got.text.contains(summary), "{summary}");
    }
    assert!(!got.text.contains("http://") && !got.text.contains("style="));
}
