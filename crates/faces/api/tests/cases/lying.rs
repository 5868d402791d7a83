//! Where rows lie: questions by a range and near a place, files of GeoJSON, the page of open data with its sketch.

use std::collections::BTreeMap;

use axum::http::{StatusCode, header};
use serde_json::{Value, json};
use zhengtong_db::Actor;
use zhengtong_registry::{Origin, put};

use crate::shape::fits;
use crate::world::City;

const NAMES: &str = "/api/v1/datasets/base-geo:place_name/records";
const TABLE: &str = "/api/v1/datasets/{dataset}/records";
const PAGE: &str = "/dataset/base-geo-place-name";

/// A city with four names: two in the range that is asked for, one just beside it, one of which nobody knows where it lies.
async fn city() -> City {
    let city = City::new().await;
    let names = [
        ("PN1", "示例湖", Some("120.12,30.22")),
        ("PN2", "示例山", Some("POINT(120.13 30.23)")),
        ("PN3", "示例河", Some("120.1400001,30.24")),
        ("PN4", "示例桥", None),
    ];
    let mut ctx = city.test.ctx(Actor::system("seed")).await;
    for (number, name, place) in names {
        let mut values: BTreeMap<String, Value> = [
            ("name_no", number),
            ("name", name),
            ("class", "1"),
            ("region", "330102"),
            ("status", "1"),
        ]
        .map(|(field, value)| (field.to_owned(), json!(value)))
        .into();
        values.extend(place.map(|place| ("location".to_owned(), json!(place))));
        put(&mut ctx, "base-geo:place_name", &values, &Origin::new("民政局")).await.unwrap();
    }
    zhengtong_portal::gather(&mut ctx).await.unwrap();
    ctx.commit().await.unwrap();
    city
}

fn names(told: &Value) -> Vec<&str> {
    let entries = told["entries"].as_array().unwrap().iter();
    entries.map(|row| row["values"]["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn rows_are_found_by_where_they_lie() {
    let city = city().await;
    let rows: [(&str, &[&str]); 5] = [
        ("bbox=120.119,30.219,120.14,30.24", &["示例湖", "示例山"]),
        ("bbox=120.13,30.23,120.2,30.3", &["示例山", "示例河"]),
        ("near=120.12,30.22&within=1", &["示例湖"]),
        ("near=120.12,30.22&within=1500&sort=-name_no", &["示例山", "示例湖"]),
        ("bbox=121,31,122,32", &[]),
    ];
    for (asked, found) in rows {
        let got = city.get(&format!("{NAMES}?{asked}")).await;
        assert_eq!(got.status, StatusCode::OK, "{asked}: {}", got.text);
        fits(&got, TABLE);
        assert_eq!(names(&got.json()), found, "{asked}");
    }
    let got = city.get(&format!("{NAMES}?filter=name_no:PN1&fields=location")).await;
    let place = &got.json()["entries"][0]["values"]["location"];
    assert_eq!(*place, json!({ "type": "Point", "coordinates": [120.12, 30.22] }));
    let csv = city.get(&format!("{NAMES}?filter=name_no:PN2&fields=location&format=csv")).await;
    let told = r#""{""type"":""Point"",""coordinates"":[120.13,30.23]}""#;
    assert!(csv.text.contains(told), "{}", csv.text);
}

#[tokio::test]
async fn a_question_of_place_that_is_wrong_is_refused_in_words() {
    let city = city().await;
    let rows = [
        (NAMES, "bbox=", "bbox", "四个数"),
        (NAMES, "bbox=1,2,3", "bbox", "四个数"),
        (NAMES, "bbox=120.2,30.2,120.1,30.3", "bbox", "从西到东"),
        (NAMES, "bbox=30.2,120.1,30.3,120.2", "bbox", "先写经度"),
        (NAMES, "bbox=a,b,c,d", "bbox", "不是数字"),
        (NAMES, "near=120,30", "within", "一起写"),
        (NAMES, "within=5", "near", "一起写"),
        (NAMES, "near=120,30&within=x", "within", "整数"),
        (NAMES, "near=120,30&within=100001", "within", "100000"),
        (NAMES, "near=120&within=5", "near", "两个数"),
        (NAMES, "near=120,30&within=5&bbox=1,2,3,4", "bbox", "只能用一个"),
        (NAMES, "format=shp", "format", "geojson"),
        (NAMES, "sort=location", "location", "不能排序"),
        (NAMES, "filter=location~1", "location", "只有文字"),
        ("/api/v1/datasets/base-geo:map_product/records", "bbox=1,2,3,4", "bbox", "没有几何"),
        (
            "/api/v1/datasets/base-geo:map_product/records",
            "format=geojson",
            "format",
            "没有能给出的几何",
        ),
    ];
    for (path, asked, field, words) in rows {
        let got = city.get(&format!("{path}?{asked}")).await;
        assert_eq!(got.status.as_u16(), 422, "{asked}: {}", got.text);
        let error = &got.json()["errors"][0];
        assert_eq!(error["field"], field, "{asked}");
        assert!(error.to_string().contains(words), "{asked}: {error}");
    }
    let nul = city.get(&format!("{NAMES}?near=120,30%00&within=5")).await;
    assert_eq!(nul.status.as_u16(), 422, "{}", nul.text);
    let closed = city.get("/api/v1/datasets/base-geo:address/records?bbox=x").await;
    assert_eq!(closed.status, StatusCode::NOT_FOUND);
}

/// What RFC 7946 says of a collection of features of points.
fn is_collection(told: &Value) {
    assert_eq!(told["type"], "FeatureCollection");
    for feature in told["features"].as_array().unwrap() {
        assert_eq!(feature["type"], "Feature");
        assert!(feature["properties"].is_object() && feature.get("crs").is_none());
        assert!(feature["properties"].get("location").is_none());
        let geometry = &feature["geometry"];
        if geometry.is_null() {
            continue;
        }
        assert_eq!(geometry["type"], "Point");
        let place: Vec<f64> = geometry["coordinates"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one.as_f64().unwrap())
            .collect();
        assert!(place.len() == 2 && place[0] > 120.0 && place[1] < 31.0, "{place:?}");
    }
}

#[tokio::test]
async fn rows_are_given_as_features_page_by_page() {
    let city = city().await;
    let got =
        city.get(&format!("{NAMES}?format=geojson&rows=3&fields=name&bbox=120,30,121,31")).await;
    assert_eq!(got.header(header::CONTENT_TYPE), "application/geo+json");
    fits(&got, TABLE);
    is_collection(&got.json());
    assert_eq!(got.json()["features"].as_array().unwrap().len(), 3);
    let first = city.get(&format!("{NAMES}?format=geojson&rows=2")).await;
    let next = first.header(header::LINK).split(['<', '>']).nth(1).unwrap().to_owned();
    let last = city.get(&next).await;
    is_collection(&last.json());
    assert_eq!(last.json()["features"][1]["geometry"], Value::Null);
    assert_eq!(last.json()["features"][1]["properties"]["name"], "示例桥");
}

#[tokio::test]
async fn open_data_with_places_has_a_file_of_features_and_a_sketch() {
    let city = city().await;
    let page = city.get(PAGE).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    for part in [
        "地名.geojson",
        "/dataset/base-geo-place-name/download/data.geojson",
        "点 120.12, 30.22",
        "前几行的位置",
        "<title>示例湖</title>",
        "3 处，经度 120.12 到 120.1400001，纬度 30.22 到 30.24。",
        "示意图，不作划界依据",
    ] {
        assert!(page.text.contains(part), "{part}");
    }
    assert_eq!(page.text.matches("class=\"map-point\"").count(), 3);
    let file = city.get(&format!("{PAGE}/download/data.geojson")).await;
    assert_eq!(file.header(header::CONTENT_TYPE), "application/geo+json");
    is_collection(&file.json());
    assert_eq!(file.json()["features"].as_array().unwrap().len(), 4);
    let json = city.get(&format!("{PAGE}/download/data.json")).await.json();
    let places: Vec<&Value> =
        json.as_array().unwrap().iter().filter_map(|row| row.get("location")).collect();
    assert!(places.len() == 3 && places.iter().all(|place| place["type"] == "Point"), "{places:?}");
    let told = city.get(&format!("{PAGE}.jsonld")).await;
    for part in ["application/geo+json", "authority/file-type/GEOJSON"] {
        assert!(told.text.contains(part), "{part}: {}", told.text);
    }
    // A dataset whose rows lie nowhere has neither.
    let other = city.get("/dataset/base-geo-map-product/download/data.geojson").await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
}
