//! Tables behind resources: put in by key, refused whole, never with numbers of persons; those of the platform are read where they are.

use serde_json::{Map, Value, json};
use zhengtong_base::{Failure as _, Kind};
use zhengtong_db::{Actor, Ctx};
use zhengtong_portal::{
    CollectionBody, CollectionInput, CollectionKind, Column, ResourceInput, Shape, Upsert, Wanted,
    create_collection, create_package, fetch, forget, gather, package, put, put_resource, search,
    start,
};

use crate::world::{MARKET, WATER, city, input, program};

fn rows(value: &Value) -> Vec<Map<String, Value>> {
    value.as_array().unwrap().iter().map(|row| row.as_object().cloned().unwrap()).collect()
}

fn shape(key: &[&str]) -> Shape {
    let column =
        |id: &str, kind: &str| Column { id: id.to_owned(), kind: kind.to_owned(), info: None };
    let fields = vec![column("station", "text"), column("level", "numeric")];
    Shape { fields, primary_key: key.iter().map(|name| (*name).to_owned()).collect() }
}

async fn table(ctx: &mut Ctx, private: bool) -> String {
    let body = CollectionBody { title: "水务处".to_owned(), ..CollectionBody::default() };
    let unit = CollectionInput { name: "water-office".to_owned(), body, id: None };
    create_collection(ctx, CollectionKind::Organization, &unit).await.unwrap();
    let mut one = input("levels", "water-office");
    one.private = private;
    create_package(ctx, &one).await.unwrap();
    let made = put_resource(ctx, "levels", &ResourceInput::default()).await.unwrap();
    let id = made.id.to_string();
    start(ctx, &id, &shape(&["station"]), &rows(&json!([{ "station": "S1", "level": 1 }])))
        .await
        .unwrap();
    id
}

async fn all(ctx: &mut Ctx, id: &str) -> Vec<(String, Value)> {
    let found = fetch(ctx, id, &Wanted { rows: 100, ..Wanted::default() }).await.unwrap();
    assert_eq!(usize::try_from(found.total).unwrap(), found.records.len());
    let line = |record: &Map<String, Value>| {
        (record["station"].as_str().unwrap().to_owned(), record["level"].clone())
    };
    found.records.iter().map(|(_, record)| line(record)).collect()
}

#[tokio::test]
async fn rows_are_put_by_their_key_and_refused_whole() {
    let test = city().await;
    let mut ctx = test.ctx(program(WATER)).await;
    let id = table(&mut ctx, false).await;
    // The last of several with the same key counts.
    let sent = rows(
        &json!([{ "station": "S1", "level": 2 }, { "station": "S2", "level": 3 }, { "station": "S2", "level": 4 }]),
    );
    put(&mut ctx, &id, &sent, Upsert::Upsert).await.unwrap();
    let expected = [("S1".to_owned(), json!(2)), ("S2".to_owned(), json!(4))];
    assert_eq!(all(&mut ctx, &id).await, expected);
    ctx.commit().await.unwrap();
    for (sent, how) in [
        (json!([{ "station": "S3", "level": 1 }, { "station": "S1", "level": 9 }]), Upsert::Insert),
        (json!([{ "station": "S1", "level": 9 }, { "station": "S9", "level": 9 }]), Upsert::Update),
        (json!([{ "station": "S4", "level": 1 }, { "level": 1 }]), Upsert::Upsert),
        (json!([{ "station": "S4", "level": 1 }, { "station": "S5", "depth": 1 }]), Upsert::Upsert),
        (json!([{ "station": "13800138000", "level": 1 }]), Upsert::Upsert),
    ] {
        let mut ctx = test.ctx(program(WATER)).await;
        let refused = put(&mut ctx, &id, &rows(&sent), how).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Invalid, "{sent}");
    }
    let mut ctx = test.ctx(program(MARKET)).await;
    let other =
        put(&mut ctx, &id, &rows(&json!([{ "station": "S6" }])), Upsert::Upsert).await.unwrap_err();
    assert_eq!(other.kind(), Kind::Denied);
    let mut ctx = test.ctx(program(WATER)).await;
    assert_eq!(all(&mut ctx, &id).await, expected);
    let only = [("station".to_owned(), vec![json!("S1")])];
    assert_eq!(forget(&mut ctx, &id, Some(&only)).await.unwrap(), 1);
    assert_eq!(forget(&mut ctx, &id, None).await.unwrap(), 1);
    assert_eq!(fetch(&mut ctx, &id, &Wanted::default()).await.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn a_private_table_is_seen_by_its_department_only() {
    let test = city().await;
    let mut ctx = test.ctx(program(WATER)).await;
    let id = table(&mut ctx, true).await;
    put(&mut ctx, &id, &rows(&json!([{ "station": "13800138000", "level": 1 }])), Upsert::Upsert)
        .await
        .unwrap();
    assert_eq!(all(&mut ctx, &id).await.len(), 2);
    ctx.commit().await.unwrap();
    for other in [program(MARKET), Actor::visitor()] {
        let mut ctx = test.ctx(other).await;
        assert_eq!(
            fetch(&mut ctx, &id, &Wanted::default()).await.unwrap_err().kind(),
            Kind::NotFound
        );
    }
    // What was put in while nobody saw it is looked at before everybody does.
    let mut ctx = test.ctx(program(WATER)).await;
    let refused =
        zhengtong_portal::change_package(&mut ctx, "levels", &input("levels", "water-office"))
            .await
            .unwrap_err();
    assert_eq!(refused.kind(), Kind::Invalid);
}

#[tokio::test]
async fn a_table_of_the_platform_cannot_be_written() {
    let test = city().await;
    let mut ctx = test.ctx(Actor::system("gather")).await;
    gather(&mut ctx).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(program(MARKET)).await;
    let mut query = zhengtong_portal::Query { rows: 1, ..zhengtong_portal::Query::default() };
    query.filter.read("organization:market-regulation").unwrap();
    let found = search(&mut ctx, &query).await.unwrap();
    let one = package(&mut ctx, &found.packages[0].name).await.unwrap();
    let id = one.resources[0].id.to_string();
    let empty = fetch(&mut ctx, &id, &Wanted { rows: 10, ..Wanted::default() }).await.unwrap();
    assert_eq!((empty.total, empty.fields.is_empty()), (0, false));
    let refused = put(&mut ctx, &id, &[], Upsert::Insert).await.unwrap_err();
    assert_eq!(refused.fields()[0].field, "resource_id");
}
