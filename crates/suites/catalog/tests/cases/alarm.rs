//! Data that does not arrive: by what stands in the dataset, told once.

use std::collections::BTreeMap;

use serde_json::json;
use time::Duration;
use uuid::Uuid;
use zhengtong_catalog::{Cycle, Shelf, look, resource, standing, waiting};
use zhengtong_db::Actor;
use zhengtong_registry::{Origin, put};

use crate::world::{body, city, published, steward};

#[tokio::test]
async fn late_data_is_listed_told_once_and_forgotten_when_it_arrives() {
    let test = city().await;
    let mut watched = body("法人登记");
    watched.dataset = Some("base-legal:organisation".to_owned());
    watched.cycle = Cycle::Daily;
    let (id, code) = published(&test, watched).await;
    published(&test, body("不在平台上的数据")).await;
    let late = async || {
        let mut ctx = test.ctx(steward()).await;
        let standing = standing(&mut ctx).await.unwrap();
        let page = waiting(&mut ctx, Shelf::Late, 1).await.unwrap();
        assert_eq!(page.total, standing.late);
        standing.late
    };
    let run = async || {
        let mut ctx = test.ctx(Actor::system("catalog.look")).await;
        look(&mut ctx, None, Uuid::nil()).await.unwrap();
        ctx.commit().await.unwrap();
    };
    let told = async || {
        let mut ctx = test.ctx(Actor::system("test")).await;
        let (paging, id) = (zhengtong_base::Paging::new(1, 50), id.to_string());
        let entries = zhengtong_ledger::by_thing(ctx.conn(), "resource", &id, paging);
        let entries = entries.await.unwrap().rows;
        entries.iter().filter(|entry| entry.act.verb == "catalog.watch").count()
    };
    run().await;
    assert_eq!(late().await, 0, "it was promised only today");
    test.clock.advance(Duration::days(4));
    run().await;
    run().await;
    assert_eq!(late().await, 1);
    assert_eq!(told().await, 1);
    let mut ctx = test.ctx(Actor::visitor()).await;
    let shown = resource(&mut ctx, &code, None).await.unwrap();
    assert!(shown.arrival.unwrap().overdue);
    drop(ctx);
    let mut ctx = test.ctx(Actor::system("load")).await;
    let record: BTreeMap<String, serde_json::Value> = [
        ("credit_code", "91350100M000100Y43"),
        ("name", "示例公司"),
        ("kind", "10"),
        ("legal_representative", "示例人"),
        ("address", "示例市示例路1号"),
        ("established_on", "2020-01-01"),
        ("status", "1"),
    ]
    .map(|(name, value)| (name.to_owned(), json!(value)))
    .into();
    let origin = Origin { source: "测试".to_owned(), case: None, person: None };
    put(&mut ctx, "base-legal:organisation", &record, &origin).await.unwrap();
    ctx.commit().await.unwrap();
    run().await;
    assert_eq!(late().await, 0);
}
