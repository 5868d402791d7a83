//! Before a table is seen by everybody: groups of people and counts that are too small are refused, as a whole.

use serde_json::{Map, Value, json};
use zhengtong_base::{Failure as _, Kind};
use zhengtong_db::Ctx;
use zhengtong_portal::{
    CollectionBody, CollectionInput, CollectionKind, Column, ResourceInput, Shape, Upsert,
    change_package, create_collection, create_package, put, put_resource, start,
};

use crate::world::{WATER, city, input, program};

fn column(id: &str, kind: &str, privacy: Option<&str>) -> Column {
    let info = privacy.map(|word| Map::from_iter([("privacy".to_owned(), json!(word))]));
    Column { id: id.to_owned(), kind: kind.to_owned(), info }
}

fn shape() -> Shape {
    let fields = vec![
        column("no", "int", None),
        column("district", "text", Some("attribute")),
        column("age", "text", Some("attribute")),
        column("people", "int", Some("count")),
    ];
    Shape { fields, primary_key: vec!["no".to_owned()] }
}

/// As many rows of a district and an age.
fn rows(
    first: usize,
    count: usize,
    district: &str,
    age: &str,
    people: u32,
) -> Vec<Map<String, Value>> {
    let row = |no: usize| {
        let row = json!({ "no": no, "district": district, "age": age, "people": people });
        row.as_object().cloned().unwrap()
    };
    (first..first + count).map(row).collect()
}

async fn table(ctx: &mut Ctx, shape: &Shape) -> String {
    let body = CollectionBody { title: "水务处".to_owned(), ..CollectionBody::default() };
    let unit = CollectionInput { name: "water-office".to_owned(), body, id: None };
    create_collection(ctx, CollectionKind::Organization, &unit).await.unwrap();
    let mut one = input("homes", "water-office");
    one.private = true;
    create_package(ctx, &one).await.unwrap();
    let made = put_resource(ctx, "homes", &ResourceInput::default()).await.unwrap();
    let id = made.id.to_string();
    start(ctx, &id, shape, &[]).await.unwrap();
    id
}

#[tokio::test]
async fn a_table_whose_groups_are_too_small_is_not_made_public() {
    let test = city().await;
    let mut ctx = test.ctx(program(WATER)).await;
    let id = table(&mut ctx, &shape()).await;
    put(&mut ctx, &id, &rows(1, 6, "上城", "60-69", 12), Upsert::Upsert).await.unwrap();
    put(&mut ctx, &id, &rows(10, 4, "上城", "90-99", 12), Upsert::Upsert).await.unwrap();
    ctx.commit().await.unwrap();

    let mut ctx = test.ctx(program(WATER)).await;
    let open = input("homes", "water-office");
    let refused = change_package(&mut ctx, "homes", &open).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Invalid);
    let said = refused.fields().remove(0).text;
    assert!(said.zh.contains("district+age") && said.zh.contains("4 行"), "{said:?}");
    assert!(said.en.contains("district+age"), "{said:?}");
    drop(ctx);

    // One more, and no group is small; what comes later is looked at together with what is there.
    let mut ctx = test.ctx(program(WATER)).await;
    put(&mut ctx, &id, &rows(14, 1, "上城", "90-99", 12), Upsert::Upsert).await.unwrap();
    change_package(&mut ctx, "homes", &open).await.unwrap();
    put(&mut ctx, &id, &rows(20, 1, "上城", "60-69", 12), Upsert::Upsert).await.unwrap();
    ctx.commit().await.unwrap();
    for sent in [rows(30, 4, "下城", "60-69", 12), rows(20, 1, "下城", "60-69", 12)] {
        let mut ctx = test.ctx(program(WATER)).await;
        let refused = put(&mut ctx, &id, &sent, Upsert::Upsert).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Invalid, "{sent:?}");
    }
    let mut ctx = test.ctx(program(WATER)).await;
    put(&mut ctx, &id, &rows(30, 5, "下城", "60-69", 12), Upsert::Upsert).await.unwrap();
}

#[tokio::test]
async fn a_count_of_so_few_that_it_points_at_one_is_refused() {
    let test = city().await;
    let mut ctx = test.ctx(program(WATER)).await;
    let id = table(&mut ctx, &shape()).await;
    put(&mut ctx, &id, &rows(1, 6, "上城", "60-69", 0), Upsert::Upsert).await.unwrap();
    change_package(&mut ctx, "homes", &input("homes", "water-office")).await.unwrap();
    ctx.commit().await.unwrap();
    for (people, taken) in [(0, true), (5, true), (4, false), (1, false)] {
        let mut ctx = test.ctx(program(WATER)).await;
        let put = put(&mut ctx, &id, &rows(7, 1, "上城", "60-69", people), Upsert::Upsert).await;
        assert_eq!(put.is_ok(), taken, "{people}: {put:?}");
    }
}

#[tokio::test]
async fn what_a_column_tells_of_people_is_one_of_two_words() {
    let test = city().await;
    let mut ctx = test.ctx(program(WATER)).await;
    let id = table(&mut ctx, &shape()).await;
    let wrong =
        Shape { fields: vec![column("a", "text", Some("secret"))], primary_key: Vec::new() };
    let refused = start(&mut ctx, &id, &wrong, &[]).await.unwrap_err();
    let said = refused.fields().remove(0).text;
    assert!(said.zh.contains("info.privacy") && said.en.contains("info.privacy"), "{said:?}");
}
