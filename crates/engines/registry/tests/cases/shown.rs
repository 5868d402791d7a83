//! Records that are shown to everybody for some time only.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use zhengtong_base::{Failure as _, Kind, Paging};
use zhengtong_calendar::china_date;
use zhengtong_db::testing::{PERMIT_ALL, TestDb};
use zhengtong_db::{Actor, Shelf};
use zhengtong_registry::{
    Catalog, Origin, SCHEMA, TableQuery, TotalsQuery, browse, pour, put, record_on, rows, sync,
    tally, totals,
};

use crate::{read_files, shipped};

const LISTED: &str = "base-legal:listed";
/// Everybody may read; nobody is a steward.
const READERS: &str = r#"permit(principal, action == Action::"registry.read", resource);"#;
const FILE: &str = r#"
title = { zh = "名单", en = "List" }
kind = "business"
authority = "market"
key = ["no"]
sharing = "unconditional"
open = true
shown_until = ["ends_on", "left_on"]
update = "daily"
[field.no]
element = "list.no"
[field.ends_on]
element = "list.ends_on"
required = true
[field.left_on]
element = "list.left_on"
"#;
const ELEMENTS: &str = r#"
[element."list.no"]
title = { zh = "文号", en = "Number" }
type = "text"
max = 20
sensitivity = "public"
[element."list.ends_on"]
title = { zh = "到期日", en = "Last day" }
type = "date"
sensitivity = "public"
[element."list.left_on"]
title = { zh = "移出日", en = "Left on" }
type = "date"
sensitivity = "public"
"#;

fn catalog() -> Catalog {
    let mut files = shipped();
    let pack = files.get_mut("base-legal").unwrap();
    pack.insert("registry/listed.toml".to_owned(), FILE.as_bytes().to_vec());
    pack.get_mut("registry/elements.toml").unwrap().extend(ELEMENTS.bytes());
    let (catalog, report) = read_files(files);
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    catalog
}

/// A city with entries: one that goes on, one of which today is the last day, one that is over, one that was left early.
async fn city(policies: &str) -> TestDb {
    let catalog = catalog();
    let db = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA]).await;
    let db = db.with(PERMIT_ALL, Shelf::default().with(catalog.clone()));
    let mut conn = db.db.pool().acquire().await.unwrap();
    sync(&mut conn, &catalog).await.unwrap();
    drop(conn);
    let mut ctx = db.ctx(Actor::system("test")).await;
    let today = china_date(ctx.now);
    let day = |days: i64| (today + time::Duration::days(days)).to_string();
    for (no, ends, left) in
        [("goes-on", 400, None), ("last-day", 0, None), ("over", -1, None), ("left", 400, Some(-3))]
    {
        let mut record = BTreeMap::from([
            ("no".to_owned(), json!(no)),
            ("ends_on".to_owned(), json!(day(ends))),
        ]);
        if let Some(left) = left {
            record.insert("left_on".to_owned(), json!(day(left)));
        }
        put(&mut ctx, LISTED, &record, &Origin::new("登记")).await.unwrap();
    }
    ctx.commit().await.unwrap();
    db.with(policies, Shelf::default().with(catalog))
}

fn numbers(values: impl IntoIterator<Item = BTreeMap<String, Value>>) -> Vec<String> {
    let mut all: Vec<String> =
        values.into_iter().map(|one| one["no"].as_str().unwrap().to_owned()).collect();
    all.sort();
    all
}

#[tokio::test]
async fn whose_day_is_over_is_shown_to_nobody_but_stewards() {
    let db = city(READERS).await;
    let mut ctx = db.ctx(Actor::visitor()).await;
    let left = ["goes-on", "last-day"];
    let page = browse(&mut ctx, LISTED, &[], None, Paging::new(1, 20)).await.unwrap();
    assert_eq!(page.total, 2);
    assert_eq!(numbers(page.rows.into_iter().map(|one| one.values)), left);
    let all = pour(&mut ctx, LISTED, None).await.unwrap();
    assert_eq!(numbers(all.into_iter().map(|one| one.values)), left);
    let (groups, _) = tally(&mut ctx, LISTED, &[], "ends_on", None).await.unwrap();
    assert_eq!(groups.iter().map(|one| one.count).sum::<i64>(), 2);
    let query = TableQuery { rows: 10, ..TableQuery::default() };
    let found = rows(&mut ctx, LISTED, &query).await.unwrap();
    assert_eq!(numbers(found.rows.into_iter().map(|one| one.values)), left);
    let counted = totals(&mut ctx, LISTED, &TotalsQuery::default()).await.unwrap();
    assert_eq!(counted.groups[0].count, 2);
}

#[tokio::test]
async fn stewards_see_all_and_a_record_is_asked_for_as_the_list_is() {
    let db = city(PERMIT_ALL).await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    let query = TableQuery { rows: 10, ..TableQuery::default() };
    let found = rows(&mut ctx, LISTED, &query).await.unwrap();
    let ids: BTreeMap<String, uuid::Uuid> = found
        .rows
        .iter()
        .map(|one| (one.values["no"].as_str().unwrap().to_owned(), one.id))
        .collect();
    assert_eq!(ids.len(), 4);
    record_on(&mut ctx, LISTED, ids["over"], None).await.unwrap();
    drop(ctx);
    let db = db.with(READERS, Shelf::default().with(catalog()));
    let mut ctx = db.ctx(Actor::visitor()).await;
    record_on(&mut ctx, LISTED, ids["goes-on"], None).await.unwrap();
    for gone in ["over", "left"] {
        let absent = record_on(&mut ctx, LISTED, ids[gone], None).await.unwrap_err();
        assert_eq!(absent.kind(), Kind::NotFound, "{gone}");
    }
}
