//! Looking at open tables: searched by a part, sorted, counted, poured into a file; and versions, whose content stays.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use time::Duration;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_blob::Blobs;
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, Ctx};
use zhengtong_portal::{
    Column, ResourceInput, Shape, Upsert, Wanted, create_collection, create_package,
    delete_resource, fetch, gather, make_version, package, put, put_resource, start, tally,
    version, versions, whole,
};
use zhengtong_registry::Origin;

use crate::world::{WATER, city, input, program};

const INSPECTIONS: &str = "base-legal-inspection";

const COMPANY: &str = "91330100799655058B";

async fn keep(ctx: &mut Ctx, dataset: &str, values: &[(&str, &str)]) {
    let value = |(name, value): &(&str, &str)| ((*name).to_owned(), Value::from(*value));
    let record: BTreeMap<String, Value> = values.iter().map(value).collect();
    zhengtong_registry::put(ctx, dataset, &record, &Origin::new("test")).await.unwrap();
}

async fn inspect(ctx: &mut Ctx, number: &str, matter: &str, day: &str, result: &str) {
    let values = [
        ("inspection_no", number),
        ("target", COMPANY),
        ("department", "市场监管所"),
        ("matter", matter),
        ("inspected_on", day),
        ("result", result),
    ];
    keep(ctx, "base-legal:inspection", &values).await;
}

/// A city whose market regulation has published inspections; the table behind them.
async fn inspected() -> (TestDb, String) {
    let test = city().await;
    let mut ctx = test.ctx(Actor::system("seed")).await;
    let company = [
        ("credit_code", COMPANY),
        ("name", "示例饭店有限公司"),
        ("kind", "10"),
        ("legal_representative", "测试甲"),
        ("address", "示例路1号"),
        ("established_on", "2020-01-01"),
        ("status", "1"),
    ];
    keep(&mut ctx, "base-legal:organisation", &company).await;
    inspect(&mut ctx, "J-1", "食品抽检", "2026-03-02", "1").await;
    inspect(&mut ctx, "J-2", "特种设备检查", "2026-01-05", "2").await;
    inspect(&mut ctx, "J-3", "食品经营检查", "2026-02-11", "1").await;
    gather(&mut ctx).await.unwrap();
    let table = package(&mut ctx, INSPECTIONS).await.unwrap().resources[0].id;
    ctx.commit().await.unwrap();
    (test, table.to_string())
}

fn wanted(parts: &[(&str, &str)], order: Option<(&str, bool)>) -> Wanted {
    Wanted {
        parts: parts.iter().map(|(name, part)| ((*name).to_owned(), (*part).to_owned())).collect(),
        order: order.map(|(name, down)| (name.to_owned(), down)),
        rows: 10,
        ..Wanted::default()
    }
}

async fn numbers(ctx: &mut Ctx, table: &str, wanted: &Wanted, column: &str) -> Vec<String> {
    let found = fetch(ctx, table, wanted).await.unwrap();
    let number = |record: &Map<String, Value>| record[column].as_str().unwrap().to_owned();
    found.records.iter().map(|(_, record)| number(record)).collect()
}

#[tokio::test]
async fn a_table_of_the_platform_is_searched_sorted_and_counted() {
    let (test, table) = inspected().await;
    let mut ctx = test.ctx(Actor::visitor()).await;
    for (parts, order, expected) in [
        (&[][..], Some(("inspected_on", false)), &["J-2", "J-3", "J-1"][..]),
        (&[][..], Some(("inspected_on", true)), &["J-1", "J-3", "J-2"][..]),
        (&[("matter", "食品")][..], Some(("inspection_no", true)), &["J-3", "J-1"][..]),
        // A code is found by its name and by itself.
        (&[("result", "发现问题已责令改正")][..], None, &["J-2"][..]),
        (&[("result", "2")][..], None, &["J-2"][..]),
        (&[("matter", "食品"), ("inspected_on", "2026-2-11")][..], None, &["J-3"][..]),
        (&[("matter", "%")][..], None, &[][..]),
    ] {
        let found = numbers(&mut ctx, &table, &wanted(parts, order), "inspection_no").await;
        assert_eq!(found, expected, "{parts:?} {order:?}");
    }
    // Days stay data, a code is its name.
    let first = fetch(&mut ctx, &table, &wanted(&[("inspection_no", "J-1")], None)).await.unwrap();
    let record = &first.records[0].1;
    assert_eq!(
        (&record["inspected_on"], &record["result"]),
        (&json!("2026-03-02"), &json!("未发现问题"))
    );
    let kind = |name: &str| first.fields.iter().find(|field| field.id == name).unwrap();
    assert_eq!(kind("inspected_on").kind, "date");
    assert!(kind("result").is_coded() && !kind("matter").is_coded());
    let (groups, cut) =
        tally(&mut ctx, &table, &wanted(&[("matter", "检")], None), "result", None).await.unwrap();
    let groups: Vec<_> =
        groups.iter().map(|one| (one.value.as_deref(), one.words.en.as_str(), one.count)).collect();
    assert_eq!(
        groups,
        [(Some("1"), "Nothing found", 2), (Some("2"), "Found and ordered to mend", 1)]
    );
    assert!(!cut);
    for (parts, order) in [
        (&[("nothing", "1")][..], None),
        (&[("inspected_on", "someday")][..], None),
        (&[][..], Some(("nothing", false))),
    ] {
        let refused = fetch(&mut ctx, &table, &wanted(parts, order)).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Invalid, "{parts:?}");
        assert!(!refused.fields().is_empty());
    }
    let refused = tally(&mut ctx, &table, &Wanted::default(), "result", Some("matter")).await;
    assert_eq!(refused.unwrap_err().kind(), Kind::Invalid);
}

/// A table that the water office sent; its name.
async fn levels(ctx: &mut Ctx) -> String {
    let unit = zhengtong_portal::CollectionInput {
        name: "water-office".to_owned(),
        body: zhengtong_portal::CollectionBody::default(),
        id: None,
    };
    create_collection(ctx, zhengtong_portal::CollectionKind::Organization, &unit).await.unwrap();
    create_package(ctx, &input("levels", "water-office")).await.unwrap();
    let table =
        put_resource(ctx, "levels", &ResourceInput::default()).await.unwrap().id.to_string();
    let column =
        |id: &str, kind: &str| Column { id: id.to_owned(), kind: kind.to_owned(), info: None };
    let fields =
        vec![column("station", "text"), column("river", "text"), column("level", "numeric")];
    let shape = Shape { fields, primary_key: vec!["station".to_owned()] };
    let rows = rows(&json!([
        { "station": "S1", "river": "甲河", "level": 1.5 },
        { "station": "S2", "river": "甲河", "level": 12 },
        { "station": "S3", "river": "乙_河", "level": 2 },
    ]));
    start(ctx, &table, &shape, &rows).await.unwrap();
    table
}

fn rows(value: &Value) -> Vec<Map<String, Value>> {
    value.as_array().unwrap().iter().map(|row| row.as_object().cloned().unwrap()).collect()
}

#[tokio::test]
async fn a_table_of_a_department_is_searched_sorted_and_counted() {
    let test = city().await;
    let mut ctx = test.ctx(program(WATER)).await;
    let table = levels(&mut ctx).await;
    for (parts, expected) in [
        (&[("river", "甲")][..], &["S2", "S1"][..]),
        (&[("river", "_")][..], &["S3"][..]),
        // A number is looked for as a whole.
        (&[("level", "2")][..], &["S3"][..]),
        (&[("level", "1.5"), ("river", "河")][..], &["S1"][..]),
    ] {
        let found =
            numbers(&mut ctx, &table, &wanted(parts, Some(("level", true))), "station").await;
        assert_eq!(found, expected, "{parts:?}");
    }
    let refused = fetch(&mut ctx, &table, &wanted(&[("level", "high")], None)).await.unwrap_err();
    assert_eq!(refused.fields()[0].field, "level");
    let (groups, _) =
        tally(&mut ctx, &table, &Wanted::default(), "river", Some("level")).await.unwrap();
    let groups: Vec<_> =
        groups.iter().map(|one| (one.words.zh.as_str(), one.count, one.sum.as_deref())).collect();
    assert_eq!(groups, [("甲河", 2, Some("13.5")), ("乙_河", 1, Some("2"))]);
}

async fn blobs() -> (tempfile::TempDir, Blobs) {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    (folder, blobs)
}

#[tokio::test]
async fn a_version_stays_as_it_was() {
    let (test, table) = inspected().await;
    let (_folder, blobs) = blobs().await;
    let mut ctx = test.ctx(Actor::system("gather")).await;
    let one = package(&mut ctx, INSPECTIONS).await.unwrap();
    assert!(make_version(&mut ctx, &blobs, one.id).await.unwrap());
    // Nothing changed: nothing new.
    assert!(!make_version(&mut ctx, &blobs, one.id).await.unwrap());
    let whole = whole(&mut ctx, &one, &one.resources[0]).await.unwrap();
    assert_eq!((whole.rows.len(), whole.cut), (3, false));
    ctx.now += Duration::days(40);
    inspect(&mut ctx, "J-4", "计量检查", "2026-03-04", "1").await;
    gather(&mut ctx).await.unwrap();
    assert!(make_version(&mut ctx, &blobs, one.id).await.unwrap());
    gather(&mut ctx).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::visitor()).await;
    let one = package(&mut ctx, INSPECTIONS).await.unwrap();
    assert_eq!(one.body.version, "2", "gathering leaves the version");
    let all = versions(&mut ctx, &one).await.unwrap();
    let told: Vec<_> = all.iter().map(|one| (one.number, one.rows, one.file.as_str())).collect();
    assert_eq!(told, [(2, Some(4), "data.csv"), (1, Some(3), "data.csv")]);
    let first = version(&mut ctx, INSPECTIONS, 1, "data.csv").await.unwrap();
    assert_eq!(first.resource.to_string(), table);
    let bytes = blobs.get(first.digest.parse().unwrap()).await.unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("J-3") && !text.contains("J-4"), "{text}");
    for (number, file) in [(3, "data.csv"), (1, "other.csv")] {
        let absent = version(&mut ctx, INSPECTIONS, number, file).await.unwrap_err();
        assert_eq!(absent.kind(), Kind::NotFound);
    }
}

/// A file that is made in memory is cut; the one of CSV never is.
#[tokio::test]
async fn a_table_of_many_rows_has_versions_too() {
    let test = city().await;
    let (_folder, blobs) = blobs().await;
    let mut ctx = test.ctx(program(WATER)).await;
    let table = levels(&mut ctx).await;
    sqlx::query(
        "INSERT INTO portal.row (resource, id, record)
         SELECT $1::uuid, 10 + n, jsonb_build_object('station', 'T' || n, 'river', '丙河', 'level', n)
         FROM generate_series(1, 100000) AS n",
    )
    .bind(&table)
    .execute(ctx.conn())
    .await
    .unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::system("gather")).await;
    let one = package(&mut ctx, "levels").await.unwrap();
    let cut = whole(&mut ctx, &one, &one.resources[0]).await.unwrap();
    assert_eq!((cut.rows.len(), cut.cut), (100_000, true));
    assert!(make_version(&mut ctx, &blobs, one.id).await.unwrap());
    let first = version(&mut ctx, "levels", 1, "data.csv").await.unwrap();
    let bytes = blobs.get(first.digest.parse().unwrap()).await.unwrap();
    assert_eq!(i64::try_from(bytes.len()).unwrap(), first.bytes);
    let text = String::from_utf8(bytes).unwrap();
    let (lines, rows) = (text.lines().count(), first.rows.unwrap());
    assert_eq!((lines, rows), (100_004, 100_003));
    assert!(text.starts_with("\u{feff}station,river,level"), "{}", &text[..40]);
    assert!(text.contains("\r\nT1,丙河,1\r\n") && text.ends_with("\r\nT100000,丙河,100000\r\n"));
}

#[tokio::test]
async fn what_a_department_takes_away_is_gone_from_every_version() {
    let test = city().await;
    let (_folder, blobs) = blobs().await;
    let mut ctx = test.ctx(program(WATER)).await;
    let table = levels(&mut ctx).await;
    let file = ResourceInput { digest: Some("a".repeat(64)), ..ResourceInput::default() };
    put_resource(&mut ctx, "levels", &file).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::system("gather")).await;
    let one = package(&mut ctx, "levels").await.unwrap();
    assert!(make_version(&mut ctx, &blobs, one.id).await.unwrap());
    // A table and a file of the same name are told apart.
    let names: Vec<String> =
        versions(&mut ctx, &one).await.unwrap().into_iter().map(|one| one.file).collect();
    assert_eq!(names, ["2-data.csv", "data.csv"]);
    ctx.commit().await.unwrap();
    // Rows that change make the dataset a changed one.
    let mut ctx = test.ctx(program(WATER)).await;
    ctx.now += Duration::days(1);
    put(&mut ctx, &table, &rows(&json!([{ "station": "S4", "level": 3 }])), Upsert::Upsert)
        .await
        .unwrap();
    assert_eq!(package(&mut ctx, "levels").await.unwrap().modified, ctx.now);
    delete_resource(&mut ctx, table.parse().unwrap()).await.unwrap();
    let one = package(&mut ctx, "levels").await.unwrap();
    let left = versions(&mut ctx, &one).await.unwrap();
    assert_eq!(left.len(), 1);
    assert!(left.iter().all(|one| one.resource.to_string() != table));
}
