//! Items are found by what people say; the guide tells which papers are needed.

use serde_json::Value;
use time::Duration;
use zhengtong_base::Kind;
use zhengtong_casework::{Limit, set_limit};
use zhengtong_db::Actor;
use zhengtong_service::{by_slug, cases_of, chosen, items, needed, readers, submit};

use crate::world::{AGREED, ITEM, agent, city, filled, kind, officer};

#[tokio::test]
async fn items_are_found_without_a_login() {
    let test = city().await;
    let mut ctx = test.ctx(Actor::visitor()).await;
    let words = [
        "",
        "食品经营许可",
        "开饭馆",
        "我想开饭馆",
        "餐馆",
        "food licence",
        "FOOD",
        "spjy",
        "  开餐厅 ",
    ];
    for words in words {
        let found = items(&mut ctx, words).await.unwrap();
        assert!(found.iter().any(|listed| listed.id == ITEM), "{words}");
    }
    let listed = by_slug(&mut ctx, "food-business-new").await.unwrap();
    assert_eq!((listed.id.as_str(), listed.promised.days), (ITEM, 5));
    for slug in ["food-business", "x' OR 1=1", ""] {
        assert_eq!(kind(by_slug(&mut ctx, slug).await), Kind::NotFound);
    }
}

#[tokio::test]
async fn whoever_looks_at_a_dataset_learns_which_items_read_it() {
    let test = city().await;
    let ctx = test.ctx(Actor::visitor()).await;
    let found = readers(&ctx, "base-legal:organisation").unwrap();
    let item = found.iter().find(|reader| reader.slug == "food-business-new").unwrap();
    let papers: Vec<&str> = item.papers.iter().map(|paper| paper.zh.as_str()).collect();
    assert_eq!(papers, ["营业执照"]);
    assert!(item.answers > 0, "the form is filled in from there");
    assert!(!item.licence && item.writes == 0);
    assert!(readers(&ctx, "food-business:nothing").unwrap().is_empty());
    // The register of the own pack, which items name without their pack.
    let found = readers(&ctx, "food-business:food_licence").unwrap();
    let item = |slug: &str| found.iter().find(|reader| reader.slug == slug).unwrap();
    let papers = &item("food-business-cancellation").papers;
    assert_eq!(papers.len(), 1, "{papers:?}");
    assert!(item("food-business-cancellation").licence);
    assert_eq!(item("food-business-cancellation").writes, 1);
    let new = item("food-business-new");
    assert_eq!((new.licence, new.papers.len(), new.writes), (false, 0, 2), "{new:?}");
    let letters = readers(&ctx, "mayor-mailbox:published").unwrap();
    assert!(letters.iter().any(|reader| reader.publishes && reader.writes > 0), "{letters:?}");
}

#[tokio::test]
async fn cases_of_the_last_year_that_used_a_dataset_are_counted_for_everybody() {
    let test = city().await;
    let dataset = "base-legal:organisation";
    let count = async || {
        let mut ctx = test.ctx(Actor::visitor()).await;
        let found = readers(&ctx, dataset).unwrap();
        let cases = cases_of(&mut ctx, dataset, &found).await.unwrap();
        assert!(cases.keys().all(|item| item == ITEM), "{cases:?}");
        cases.get(ITEM).copied()
    };
    assert_eq!(count().await, None);
    let draft = filled(&test).await;
    let mut ctx = test.ctx(agent()).await;
    submit(&mut ctx, draft, AGREED).await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(count().await, Some(1));
    test.clock.advance(Duration::days(364));
    assert_eq!(count().await, Some(1));
    test.clock.advance(Duration::days(2));
    assert_eq!(count().await, None, "a year ago is no more counted");
}

#[tokio::test]
async fn a_search_without_a_hit_is_counted_without_a_name() {
    let test = city().await;
    let mut ctx = test.ctx(Actor::visitor()).await;
    let long = "囧".repeat(300);
    for words in ["囧囧囧", "囧囧囧", "囧囧囧 ", &long] {
        assert!(items(&mut ctx, words).await.unwrap().is_empty(), "{words}");
    }
    let misses: Vec<(String, i32)> =
        sqlx::query_as("SELECT query, times FROM service.miss ORDER BY times DESC")
            .fetch_all(ctx.conn())
            .await
            .unwrap();
    assert_eq!(misses, [("囧囧囧".to_owned(), 3), ("囧".repeat(100), 1)]);
}

#[tokio::test]
async fn the_guide_asks_for_what_the_answers_need() {
    let test = city().await;
    let mut ctx = test.ctx(Actor::visitor()).await;
    let listed = by_slug(&mut ctx, "food-business-new").await.unwrap();
    let papers = |given: &[(&str, &str)]| -> Vec<String> {
        let given: Vec<(String, String)> =
            given.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let answers = chosen(&listed.item, &given);
        needed(&listed.item, &answers).into_iter().map(|rule| rule.id.clone()).collect()
    };
    let first = ["business_licence", "representative_id", "layout"];
    assert_eq!(papers(&[]), first);
    let all = ["business_licence", "representative_id", "layout", "lease", "water_report"];
    assert_eq!(papers(&[("premises", "rented"), ("water", "own")]), all);
    assert_eq!(papers(&[("premises", "online"), ("water", "own")]), first[..2]);
    let odd = [("premises", "castle"), ("x", "y"), ("premises", "rented")];
    assert_eq!(papers(&odd), first);
    assert_eq!(chosen(&listed.item, &[]).get("kind"), Some(&Value::from("2")));
}

#[tokio::test]
async fn the_guide_says_the_limits_of_the_day_on_which_it_is_read() {
    let test = city().await;
    let mut ctx = test.ctx(officer(9, "system-admin")).await;
    let days = |days| Limit { days, unit: zhengtong_calendar::Unit::WorkingDay };
    let (kind, today) = ("food-business:licence", zhengtong_calendar::china_date(ctx.now));
    let from = today + Duration::days(3);
    for (clock, limit) in [("promised", days(3)), ("statutory", days(15))] {
        set_limit(&mut ctx, (kind, clock), limit, from, "提速：市政府常务会议决定").await.unwrap();
    }
    ctx.commit().await.unwrap();
    for (passed, expected) in [(0, (5, 20)), (2, (5, 20)), (1, (3, 15)), (30, (3, 15))] {
        test.clock.advance(Duration::days(passed));
        let mut ctx = test.ctx(Actor::visitor()).await;
        let listed = by_slug(&mut ctx, "food-business-new").await.unwrap();
        assert_eq!((listed.promised.days, listed.statutory.days), expected);
        let all = items(&mut ctx, "食品经营许可").await.unwrap();
        let same = all.iter().find(|listed| listed.id == ITEM).unwrap();
        assert_eq!((same.promised.days, same.statutory.days), expected);
        // Items of other case types keep their own.
        let other = by_slug(&mut ctx, "food-business-cancellation").await.unwrap();
        assert_eq!((other.promised.days, other.statutory.days), (1, 10));
    }
}
