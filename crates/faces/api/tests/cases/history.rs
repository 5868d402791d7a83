//! A record in two times: as it held on a day and was known at a moment, and all its versions; parameters exactly as described.

use std::collections::BTreeMap;

use axum::http::{StatusCode, header};
use serde_json::{Value, json};
use time::Duration;
use zhengtong_db::Actor;
use zhengtong_registry::{Origin, put};

use crate::shape::fits;
use crate::world::City;

const DIVISION: &str = "/api/v1/datasets/base-geo:division/records";
const TABLE: &str = "/api/v1/datasets/{dataset}/records";
const ONE: &str = "/api/v1/datasets/{dataset}/records/{record}";
const HISTORY: &str = "/api/v1/datasets/{dataset}/records/{record}/history";

/// A city with one division: renamed in 2026, and with a still older name that was reported last, each a day after the other.
async fn city() -> (City, String) {
    let city = City::new().await;
    let mut record = String::new();
    for (name, from) in
        [("示例老区", "2020-01-01"), ("示例新区", "2026-01-01"), ("示例县", "2010-01-01")]
    {
        let values: BTreeMap<String, Value> =
            [("code", "330199"), ("name", name), ("level", "3"), ("valid_from", from)]
                .map(|(field, value)| (field.to_owned(), json!(value)))
                .into();
        let mut ctx = city.test.ctx(Actor::system("seed")).await;
        let made = put(&mut ctx, "base-geo:division", &values, &Origin::new("民政局")).await;
        record = made.unwrap().id.to_string();
        ctx.commit().await.unwrap();
        city.test.clock.advance(Duration::days(1));
    }
    (city, record)
}

/// The clock of the tests begins on 2 March 2026 at 01:00 UTC.
fn asked(on: &str, day: u8) -> String {
    format!("valid_on={on}&known_at=2026-03-{day:02}T02:00:00%2B00:00")
}

#[tokio::test]
async fn a_table_and_a_record_are_asked_for_a_day_as_known_at_a_moment() {
    let (city, record) = city().await;
    let rows = [
        ("2021-01-01", 2, Some("示例老区")),
        ("2026-02-01", 2, Some("示例老区")),
        ("2026-02-01", 3, Some("示例新区")),
        ("2015-01-01", 3, None),
        ("2015-01-01", 4, Some("示例县")),
        ("2021-01-01", 1, None),
    ];
    for (on, day, name) in rows {
        let asked = asked(on, day);
        let table = city.get(&format!("{DIVISION}?filter=code:330199&{asked}")).await;
        assert_eq!(table.status, StatusCode::OK, "{}", table.text);
        fits(&table, TABLE);
        let found = table.json();
        let found: Vec<&str> = found["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["values"]["name"].as_str().unwrap())
            .collect();
        assert_eq!(found, name.into_iter().collect::<Vec<_>>(), "{asked}");
        let one = city.get(&format!("{DIVISION}/{record}?{asked}")).await;
        match name {
            Some(name) => {
                fits(&one, ONE);
                assert_eq!(one.json()["values"]["name"], name, "{asked}");
            }
            None => assert_eq!(one.status, StatusCode::NOT_FOUND, "{asked}"),
        }
    }
    let today = city.get(&format!("{DIVISION}/{record}")).await;
    fits(&today, ONE);
    let today = today.json();
    assert_eq!(
        (&today["values"]["name"], &today["valid_from"]),
        (&json!("示例新区"), &json!("2026-01-01"))
    );
    // A file keeps the question for its next page.
    let file = format!("{DIVISION}?rows=1&format=csv&{}", asked("2026-02-01", 5));
    let file = city.get(&file).await;
    assert_eq!((file.status, file.header(header::LINK)), (StatusCode::OK, ""));
    let other: BTreeMap<String, Value> =
        [("code", "330198"), ("name", "示例二区"), ("level", "3"), ("valid_from", "2020-01-01")]
            .map(|(field, value)| (field.to_owned(), json!(value)))
            .into();
    let mut ctx = city.test.ctx(Actor::system("seed")).await;
    put(&mut ctx, "base-geo:division", &other, &Origin::new("民政局")).await.unwrap();
    ctx.commit().await.unwrap();
    let file = format!("{DIVISION}?rows=1&format=csv&{}", asked("2026-02-01", 6));
    let next = city.get(&file).await;
    let next = next.header(header::LINK).split(['<', '>']).nth(1).unwrap().to_owned();
    assert!(
        next.contains("valid_on=2026-02-01&known_at=2026-03-06T02%3A00%3A00%2B00%3A00"),
        "{next}"
    );
    let last = city.get(&next).await;
    assert!(
        last.text.contains("示例新区") && last.header(header::LINK).is_empty(),
        "{}",
        last.text
    );
}

#[tokio::test]
async fn all_versions_are_told_with_both_times() {
    let (city, record) = city().await;
    let got = city.get(&format!("{DIVISION}/{record}/history")).await;
    fits(&got, HISTORY);
    let told = got.json();
    assert_eq!((&told["valid_from"], &told["cut"]), (&json!("valid_from"), &json!(false)));
    let told: Vec<_> = told["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let name = one["values"]["name"].as_str().unwrap();
            let recorded = one["recorded"].as_str().unwrap().get(..10).unwrap();
            let flag = |name: &str| one[name].as_bool().unwrap();
            (
                name.to_owned(),
                recorded.to_owned(),
                one["valid_to"].clone(),
                flag("current"),
                flag("late"),
            )
        })
        .collect();
    let version = |name: &str, recorded: &str, to: Value, current: bool, late: bool| {
        (name.to_owned(), recorded.to_owned(), to, current, late)
    };
    let expected = [
        version("示例新区", "2026-03-03", Value::Null, true, false),
        version("示例老区", "2026-03-02", json!("2025-12-31"), false, false),
        version("示例县", "2026-03-04", json!("2019-12-31"), false, true),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn what_is_not_as_described_is_refused_and_what_is_closed_is_absent() {
    let (city, record) = city().await;
    let resident = "/api/v1/datasets/base-population:resident/records";
    let good = asked("2026-01-01", 3);
    let listed = "/api/v1/datasets/base-geo:place_name/records";
    assert_eq!(city.get(listed).await.status, StatusCode::OK);
    let rows = [
        (format!("{DIVISION}?valid_on=2026-01-01"), 422, "known_at"),
        (format!("{DIVISION}?known_at=2026-01-01T00:00:00Z"), 422, "valid_on"),
        (
            format!("{DIVISION}/{record}?valid_on=2026-02-30&known_at=2026-01-01T00:00:00Z"),
            422,
            "valid_on",
        ),
        (format!("{DIVISION}/{record}?valid_on=2026-02-01&known_at=2026-01-01"), 422, "known_at"),
        (format!("{DIVISION}/{record}?on=2026-02-01"), 422, "on"),
        (format!("{DIVISION}/{record}/history?{good}"), 422, "valid_on"),
        (format!("{DIVISION}/no-number"), 404, ""),
        (format!("{DIVISION}/00000000-0000-0000-0000-000000000000/history"), 404, ""),
        (format!("{resident}/{record}"), 404, ""),
        (format!("{resident}/{record}/history"), 404, ""),
        (format!("{resident}?{good}"), 404, ""),
        // Open, but what was taken back from it is not.
        (format!("{listed}?{good}"), 404, ""),
    ];
    for (path, status, field) in rows {
        let got = city.get(&path).await;
        assert_eq!(got.status.as_u16(), status, "{path}: {}", got.text);
        if !field.is_empty() {
            assert_eq!(got.json()["errors"][0]["field"], field, "{path}");
        }
    }
}
