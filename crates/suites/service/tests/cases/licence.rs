//! Items about a licence given before: which one is meant, when it may be meant, what the form takes over.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use time::{Date, Duration};
use uuid::Uuid;
use zhengtong_base::Kind;
use zhengtong_calendar::china_date;
use zhengtong_db::Actor;
use zhengtong_db::testing::TestDb;
use zhengtong_registry::{Origin, put};
use zhengtong_service::{begin, begin_with, by_slug, licences, submit};

use crate::world::{AGREED, CODE, agent, answer, city, fields, kind};

const LICENCES: &str = "food-business:food_licence";
const CHANGE: &str = "food-business:change";
const RENEWAL: &str = "food-business:renewal";
const CANCELLATION: &str = "food-business:cancellation";

async fn today(test: &TestDb) -> Date {
    china_date(test.ctx(Actor::system("test")).await.now)
}

/// A licence of the company in the register.
async fn given(test: &TestDb, number: &str, valid_to: Date, status: Option<&str>) {
    let record = json!({
        "licence_no": number, "holder_code": CODE, "holder_name": "示例餐饮有限公司",
        "premises": "杭州市西湖区某路2号", "business_kind": "2", "items": ["21", "22"],
        "issuer": "示例单位", "valid_from": "2021-01-04", "valid_to": valid_to.to_string(),
        "status": status,
    });
    let record: BTreeMap<String, Value> =
        record.as_object().cloned().unwrap().into_iter().collect();
    let mut ctx = test.ctx(Actor::system("seed")).await;
    put(&mut ctx, LICENCES, &record, &Origin::new("登记")).await.unwrap();
    ctx.commit().await.unwrap();
}

#[tokio::test]
async fn one_licence_is_taken_by_itself_and_of_several_one_is_named() {
    let test = city().await;
    let next_year = today(&test).await + Duration::days(365);
    let mut ctx = test.ctx(agent()).await;
    assert_eq!(kind(begin(&mut ctx, CHANGE).await), Kind::Conflict, "there is none");
    drop(ctx);
    given(&test, "JY33010000000017", next_year, None).await;
    given(&test, "JY33010000000025", next_year, Some("3")).await;
    let mut ctx = test.ctx(agent()).await;
    let draft = begin(&mut ctx, CHANGE).await.unwrap();
    let held = |key: &str| draft.known.get(key).map(|known| known.value.clone());
    assert_eq!(held("licence_no"), Some(json!("JY33010000000017")));
    assert_eq!(held("items"), Some(json!(["21", "22"])));
    assert_eq!(held("licence_valid_to"), Some(json!(next_year.to_string())));
    drop(ctx);
    given(&test, "JY33010000000033", next_year, Some("1")).await;
    let mut ctx = test.ctx(agent()).await;
    assert_eq!(kind(begin(&mut ctx, CHANGE).await), Kind::Conflict, "which of the two?");
    let draft = begin_with(&mut ctx, CHANGE, "JY33010000000033").await.unwrap();
    assert_eq!(draft.known["licence_no"].value, json!("JY33010000000033"));
    for other in ["JY33010000000025", "JY33010000000041"] {
        assert_eq!(kind(begin_with(&mut ctx, CHANGE, other).await), Kind::Conflict, "{other}");
    }
}

#[tokio::test]
async fn a_renewal_has_its_window_before_the_last_day() {
    let test = city().await;
    let today = today(&test).await;
    given(&test, "JY33010000000017", today + Duration::days(365), None).await;
    let mut ctx = test.ctx(agent()).await;
    let listed = by_slug(&mut ctx, "food-business-renewal").await.unwrap();
    let early = licences(&mut ctx, &listed).await.unwrap();
    assert!(early.len() == 1 && early[0].barred.is_some());
    assert_eq!(kind(begin(&mut ctx, RENEWAL).await), Kind::Conflict);
    drop(ctx);
    given(&test, "JY33010000000017", today + Duration::days(60), None).await;
    let mut ctx = test.ctx(agent()).await;
    begin(&mut ctx, RENEWAL).await.unwrap();
    drop(ctx);
    given(&test, "JY33010000000017", today - Duration::days(1), None).await;
    let mut ctx = test.ctx(agent()).await;
    assert_eq!(licences(&mut ctx, &listed).await.unwrap(), [], "it has expired");
}

#[tokio::test]
async fn a_licence_that_ended_meanwhile_is_not_meant_any_more() {
    let test = city().await;
    let today = today(&test).await;
    given(&test, "JY33010000000017", today + Duration::days(365), None).await;
    let mut ctx = test.ctx(agent()).await;
    let draft = begin(&mut ctx, CANCELLATION).await.unwrap().id;
    ctx.commit().await.unwrap();
    checked(&test, draft, "JY33010000000017", today + Duration::days(365)).await;
    given(&test, "JY33010000000017", today + Duration::days(365), Some("5")).await;
    let mut ctx = test.ctx(agent()).await;
    assert_eq!(kind(submit(&mut ctx, draft, AGREED).await), Kind::Conflict);
    drop(ctx);
    given(&test, "JY33010000000017", today + Duration::days(365), Some("1")).await;
    let mut ctx = test.ctx(agent()).await;
    submit(&mut ctx, draft, AGREED).await.unwrap();
}

#[tokio::test]
async fn nobody_types_the_number_of_another_licence_over_their_own() {
    let test = city().await;
    let next_year = today(&test).await + Duration::days(365);
    given(&test, "JY33010000000017", next_year, None).await;
    let mut ctx = test.ctx(agent()).await;
    let draft = begin(&mut ctx, CANCELLATION).await.unwrap().id;
    ctx.commit().await.unwrap();
    checked(&test, draft, "JY99999999999999", next_year).await;
    let mut ctx = test.ctx(agent()).await;
    assert_eq!(fields(&submit(&mut ctx, draft, AGREED).await.unwrap_err()), ["licence_no"]);
}

/// Goes through the pages of an application to give a licence up, with this number on the first.
async fn checked(test: &TestDb, draft: Uuid, number: &str, valid_to: Date) {
    let valid_to = valid_to.to_string();
    let licence = [
        ("licence_no", number),
        ("licence_valid_to", valid_to.as_str()),
        ("kind", "2"),
        ("items", "21"),
        ("items", "22"),
        ("place_address", "杭州市西湖区某路2号"),
    ];
    answer(test, draft, "licence", &licence).await;
    let business = [
        ("org_credit_code", CODE),
        ("org_name", "示例餐饮有限公司"),
        ("org_legal_representative", "示例甲"),
        ("org_registered_address", "杭州市西湖区某路2号"),
    ];
    answer(test, draft, "business", &business).await;
    let reason = [("cause", "closed"), ("stopped_on", "2026-01-05"), ("understood", "true")];
    answer(test, draft, "reason", &reason).await;
}
