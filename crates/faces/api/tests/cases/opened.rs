//! Open data over the interface of CKAN: whatever stands in a parameter is text, never a statement, and what no database
//! takes is refused in words.

use axum::http::StatusCode;
use serde_json::{Value, json};
use zhengtong_db::{Actor, ActorKind};

use crate::world::{City, OTHER, id};

/// An office of the city, in whose name a program writes.
const OFFICE: u128 = 100;

/// What people try.
const NASTY: [&str; 9] = [
    "' OR 1=1 --",
    "x'; DROP SCHEMA portal CASCADE; --",
    "\"; DELETE FROM portal.row; --",
    "$1",
    "%",
    "_",
    "\\",
    "{\"$ne\": null}",
    "长\u{20bb7}\u{202e}",
];

/// A program of the office, and the table it has opened.
struct Program {
    city: City,
    key: String,
    table: String,
}

impl Program {
    async fn new() -> Self {
        let city = City::new().await;
        let officer = Actor {
            kind: ActorKind::Staff,
            account: Some(id(2000 + OTHER)),
            person: Some(id(OTHER)),
            organisation: Some(id(OFFICE)),
            post: Some(id(1000)),
            roles: vec!["reviewer".to_owned()],
            ..Actor::system("officer")
        };
        let mut ctx = city.test.ctx(officer).await;
        let key = zhengtong_portal::issue(&mut ctx, "水位上传", 30).await.unwrap().secret;
        ctx.commit().await.unwrap();
        let mut program = Self { city, key, table: String::new() };
        program.done("organization_create", &json!({ "name": "levels", "title": "水位" })).await;
        program.done("package_create", &json!({ "name": "river", "owner_org": "levels" })).await;
        let fields = json!([
            { "id": "station", "type": "text" }, { "id": "level", "type": "numeric" },
            { "id": "more", "type": "json" },
        ]);
        let records = json!([
            { "station": "S1", "level": 1 }, { "station": "S2", "level": 2 }, { "station": "S3", "level": 3 },
        ]);
        let made = program
            .done(
                "datastore_create",
                &json!({
                    "resource": { "package_id": "river", "name": "levels" }, "fields": fields,
                    "primary_key": ["station"], "records": records,
                }),
            )
            .await;
        program.table = made["resource_id"].as_str().unwrap().to_owned();
        program
    }

    async fn act(&self, name: &str, given: &Value) -> (StatusCode, Value) {
        let headers = [("authorization", self.key.as_str()), ("content-type", "application/json")];
        let path = format!("/api/3/action/{name}");
        let got = self.city.post(&path, &headers, &given.to_string()).await;
        (got.status, got.json())
    }

    async fn done(&self, name: &str, given: &Value) -> Value {
        let (status, said) = self.act(name, given).await;
        assert_eq!(status, StatusCode::OK, "{name} {given}: {said}");
        said["result"].clone()
    }

    /// Rows that are found; a refusal in the words of CKAN counts as none.
    async fn found(&self, name: &str, given: &Value) -> usize {
        let (status, said) = self.act(name, given).await;
        if status == StatusCode::OK {
            let rows = &said["result"]["records"];
            let rows = if rows.is_null() { &said["result"]["results"] } else { rows };
            return rows.as_array().map_or(0, Vec::len);
        }
        assert!([400, 404, 409].contains(&status.as_u16()), "{name} {given}: {status} {said}");
        assert_eq!(said["success"], false);
        assert!(said["error"]["__type"].is_string(), "{said}");
        0
    }

    async fn rows(&self) -> usize {
        self.found("datastore_search", &json!({ "resource_id": self.table })).await
    }
}

#[tokio::test]
async fn whatever_is_asked_of_open_data_is_text_and_never_a_statement() {
    let program = Program::new().await;
    let table = &program.table;
    assert_eq!(program.rows().await, 3);
    for nasty in NASTY {
        let questions = [
            json!({ "resource_id": table, "filters": { "station": nasty } }),
            json!({ "resource_id": table, "filters": { "station": [nasty, 1, null] } }),
            json!({ "resource_id": table, "filters": { nasty: "S1" } }),
            json!({ "resource_id": table, "filters": nasty }),
            json!({ "resource_id": table, "q": nasty }),
            json!({ "resource_id": table, "q": { "station": nasty } }),
            json!({ "resource_id": table, "sort": nasty }),
            json!({ "resource_id": table, "sort": format!("station; {nasty} desc") }),
            json!({ "resource_id": table, "fields": [nasty] }),
            json!({ "resource_id": table, "limit": nasty }),
            json!({ "resource_id": table, "offset": nasty }),
            json!({ "resource_id": nasty }),
        ];
        for question in questions {
            assert_eq!(program.found("datastore_search", &question).await, 0, "{question}");
        }
        for question in [
            json!({ "q": nasty }),
            json!({ "fq": format!("tags:\"{}\"", nasty.replace('"', "")) }),
            json!({ "fq": nasty }),
            json!({ "fq": format!("organization:{nasty}") }),
            json!({ "sort": nasty }),
            json!({ "facet.field": [nasty] }),
        ] {
            assert_eq!(program.found("package_search", &question).await, 0, "{question}");
        }
        for name in ["package_show", "resource_show", "organization_show", "group_show", "tag_show"]
        {
            let (status, said) = program.act(name, &json!({ "id": nasty })).await;
            assert!([404, 409].contains(&status.as_u16()), "{name} {nasty}: {status} {said}");
        }
        let (status, said) = program
            .act(
                "datastore_delete",
                &json!({ "resource_id": table, "filters": { "station": nasty } }),
            )
            .await;
        assert_eq!(status, StatusCode::OK, "{said}");
    }
    assert_eq!(program.rows().await, 3, "nothing is gone");
}

#[tokio::test]
async fn a_nul_is_refused_in_words_wherever_it_stands_and_nothing_is_written() {
    let program = Program::new().await;
    let table = &program.table;
    let nul = "a\u{0}b";
    let questions = [
        (
            "datastore_search",
            json!({ "resource_id": table, "filters": { "station": nul } }),
            "filters",
        ),
        (
            "datastore_search",
            json!({ "resource_id": table, "filters": "{\"station\":\"\\u0000\"}" }),
            "filters",
        ),
        ("datastore_search", json!({ "resource_id": table, "q": nul }), "q"),
        ("datastore_search", json!({ "resource_id": nul }), "resource_id"),
        ("package_search", json!({ "fq": format!("tags:{nul}") }), "fq"),
        ("package_show", json!({ "id": nul }), "id"),
        ("package_create", json!({ "name": "lake", "owner_org": "levels", "title": nul }), "title"),
        (
            "package_create",
            json!({ "name": "lake", "owner_org": "levels", "extras": [{ "key": "a", "value": nul }] }),
            "extras",
        ),
        (
            "datastore_upsert",
            json!({ "resource_id": table, "method": "upsert", "records": [
                { "station": "S9", "level": 9 }, { "station": "S1", "more": { "deep": [nul] } },
            ] }),
            "records",
        ),
    ];
    for (name, question, field) in questions {
        let (status, said) = program.act(name, &question).await;
        assert_eq!(status, StatusCode::CONFLICT, "{name} {question}: {said}");
        let words = said["error"][field][0].as_str().unwrap();
        assert!(words.contains("take it out") && words.contains("请删去"), "{said}");
    }
    // In an address too, where it is written as JSON within a parameter.
    let path = format!(
        "/api/3/action/datastore_search?resource_id={table}&filters=%7B%22station%22%3A%22%5Cu0000%22%7D"
    );
    assert_eq!(program.city.get(&path).await.status, StatusCode::CONFLICT);
    assert_eq!(program.rows().await, 3, "of rows that were sent with a bad one none is there");
    let (status, _) = program.act("package_show", &json!({ "id": "lake" })).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn beyond_the_last_row_there_are_none() {
    let program = Program::new().await;
    let mut ctx = program.city.test.ctx(Actor::system("gather")).await;
    zhengtong_portal::gather(&mut ctx).await.unwrap();
    ctx.commit().await.unwrap();
    let shown = program.done("package_show", &json!({ "id": "base-legal-abnormal" })).await;
    let tables = [program.table.as_str(), shown["resources"][0]["id"].as_str().unwrap()];
    for table in tables {
        for (offset, limit) in
            [(i64::MAX, 1), (i64::MAX, i64::MAX), (i64::MAX - 1, 100), (1_000_000, 1), (3, 0)]
        {
            let question = json!({ "resource_id": table, "offset": offset, "limit": limit });
            let (status, said) = program.act("datastore_search", &question).await;
            assert_eq!(status, StatusCode::OK, "{question}: {said}");
            assert_eq!(said["result"]["records"], json!([]), "{question}");
        }
        let wrong = json!({ "resource_id": table, "offset": -1 });
        assert_eq!(program.act("datastore_search", &wrong).await.0, StatusCode::CONFLICT);
    }
}

#[tokio::test]
async fn open_data_without_an_organisation_is_refused() {
    let program = Program::new().await;
    for given in [
        json!({ "name": "orphan" }),
        json!({ "name": "orphan", "owner_org": null }),
        json!({ "name": "orphan", "owner_org": "nobody" }),
    ] {
        let (status, said) = program.act("package_create", &given).await;
        assert_eq!(status, StatusCode::CONFLICT, "{given}: {said}");
        assert!(said["error"]["owner_org"][0].is_string(), "{said}");
    }
    let (status, _) = program.act("package_show", &json!({ "id": "orphan" })).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_table_of_many_rows_is_downloaded_whole_as_csv_and_refused_in_other_formats() {
    let program = Program::new().await;
    for part in 0..4 {
        let rows = (1..=25_000).map(|row| part * 25_000 + row);
        let records: Vec<Value> =
            rows.map(|row| json!({ "station": format!("T{row:06}"), "level": row })).collect();
        let given = json!({ "resource_id": program.table, "method": "insert", "records": records });
        program.done("datastore_upsert", &given).await;
    }
    let path = |ending: &str| {
        format!("/dataset/river/resource/{}/download/levels.{ending}", program.table)
    };
    let got = program.city.get(&path("csv")).await;
    assert_eq!(got.status, StatusCode::OK);
    let text = got.text;
    assert_eq!(text.lines().count(), 100_004);
    assert!(text.ends_with("\r\nT100000,100000,\r\n"), "{}", &text[text.len() - 60..]);
    for ending in ["xlsx", "json", "parquet"] {
        let got = program.city.get(&path(ending)).await;
        assert_eq!(got.status, StatusCode::PAYLOAD_TOO_LARGE, "{ending}");
        assert!(got.text.contains("CSV"), "{}", got.text);
    }
}
