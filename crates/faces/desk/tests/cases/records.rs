//! A record at the workbench: found by its key, shown with its history, asked for a day as known at a moment.

use axum::http::StatusCode;
use serde_json::json;
use time::Duration;
use zhengtong_db::Actor;
use zhengtong_registry::{Origin, put};

use crate::world::City;

const RECORDS: &str = "/desk/registry/records";
const DIVISION: &str = "base-geo:division";

async fn say(city: &City, name: &str, from: &str) {
    let values = [("code", "330199"), ("name", name), ("level", "3"), ("valid_from", from)];
    let values = values.map(|(field, value)| (field.to_owned(), json!(value))).into();
    let mut ctx = city.test.ctx(Actor::system("seed")).await;
    put(&mut ctx, DIVISION, &values, &Origin::new("示例民政局")).await.unwrap();
    ctx.commit().await.unwrap();
    city.test.clock.advance(Duration::days(1));
}

#[tokio::test]
async fn a_record_is_found_by_its_key_and_asked_in_both_times() {
    let city = City::new().await;
    say(&city, "示例老区", "2020-01-01").await;
    say(&city, "示例新区", "2026-01-01").await;
    say(&city, "示例县", "2010-01-01").await;
    let page = city.page("steward", &format!("{RECORDS}?dataset={DIVISION}")).await;
    assert!(page.contains("找记录") && page.contains("name=\"code\""), "{page}");
    let missing = city.post("steward", RECORDS, &[("dataset", DIVISION), ("code", "330198")]).await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(missing.page().contains("没有这条记录"));
    let found = city.post("steward", RECORDS, &[("dataset", DIVISION), ("code", "330199")]).await;
    assert_eq!(found.status, StatusCode::SEE_OTHER);
    let page = city.page("steward", &found.location).await;
    for shown in [
        "今天的内容",
        "某日有效",
        "某时所知",
        "有效期",
        "登记时间",
        "2026-01-01 起",
        "2020-01-01 起，至 2025-12-31",
        "2010-01-01 起，至 2019-12-31",
        "补记",
        "现行",
        "示例民政局",
        "第 3 版登记时所知",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    // The name that was known before the change was reported, and after it.
    let rows = [
        ("valid_on=2026-02-01&known_at=2026-03-02", "<dd>示例老区</dd>"),
        ("valid_on=2026-02-01&known_at=2026-03-03", "<dd>示例新区</dd>"),
        ("valid_on=2015-01-01&known_at=2026-03-03+23:00", "那一天没有内容"),
        ("valid_on=2015-01-01", "<dd>示例县</dd>"),
    ];
    for (asked, shown) in rows {
        let page = city.page("steward", &format!("{}?{asked}", found.location)).await;
        assert!(page.contains(shown), "{asked}: {page}");
    }
    let wrong = city.get("steward", &format!("{}?known_at=then", found.location)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.page().contains("写成 2026-03-06"));
}

#[tokio::test]
async fn who_may_not_ask_for_rows_finds_no_record() {
    let city = City::new().await;
    let organisation = "base-legal:organisation";
    let (key, code) = ("credit_code", "91350100M000100Y43");
    let fields = [("dataset", organisation), (key, code)];
    let found = city.post("steward", RECORDS, &fields).await;
    assert_eq!(found.status, StatusCode::SEE_OTHER, "{}", found.page());
    let refused = city.post("window", RECORDS, &fields).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert_eq!(city.get("window", &found.location).await.status, StatusCode::NOT_FOUND);
    assert_eq!(city.get("agent", &found.location).await.status, StatusCode::FORBIDDEN);
    assert_eq!(city.get("nobody", &found.location).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(city.get("window", RECORDS).await.status, StatusCode::FORBIDDEN);
}

/// What the form on a page sends, with a reason.
fn sent<'a>(page: &'a str, reason: &'a str) -> Vec<(&'a str, &'a str)> {
    let hidden = |name: &'static str| {
        let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        (name, rest.split('"').next().unwrap())
    };
    let mut all: Vec<(&str, &str)> = ["version", "since", "valid_from"].map(hidden).into();
    all.push(("reason", reason));
    all
}

#[tokio::test]
async fn a_version_with_a_wrong_day_is_struck_out_by_the_steward_of_the_unit() {
    let city = City::new().await;
    say(&city, "示例老区", "2020-01-01").await;
    say(&city, "示例新区", "2026-06-01").await;
    say(&city, "示例新区", "2026-01-01").await;
    let found = city.post("steward", RECORDS, &[("dataset", DIVISION), ("code", "330199")]).await;
    let (way, strike) = (found.location.clone(), format!("{}/strike", found.location));
    let here = format!("{strike}?version=2");

    // Stewards of other units read the history and are told whose it is; everybody else may not.
    let page = city.page("steward", &way).await;
    assert!(!page.contains("/strike"), "{page}");
    let page = city.page("civil-steward", &way).await;
    for number in 1..=3 {
        assert!(page.contains(&format!("/strike?version={number}")), "{page}");
    }
    let page = city.page("civil-steward", &here).await;
    assert!(page.contains("2026-06-01 起") && page.contains("为什么划去"), "{page}");
    let (empty, given) = (sent(&page, " "), sent(&page, "批准文号是一月的"));
    for (who, status) in [
        ("steward", StatusCode::FORBIDDEN),
        ("window", StatusCode::FORBIDDEN),
        ("agent", StatusCode::FORBIDDEN),
        ("nobody", StatusCode::UNAUTHORIZED),
    ] {
        assert_eq!(city.get(who, &here).await.status, status, "{who}");
        assert_eq!(city.post(who, &strike, &given).await.status, status, "{who}");
    }
    let refused = city.post("civil-steward", &strike, &empty).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.page().contains("请写明理由"), "{}", refused.page());

    let done = city.post("civil-steward", &strike, &given).await;
    assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, way.as_str()));
    let page = city.page("civil-steward", &way).await;
    for shown in
        ["已划去", "划去：", "批准文号是一月的", "2020-01-01 起，至 2025-12-31", "2026-01-01 起"]
    {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert!(!page.contains("补记"), "{page}");
    assert_eq!(page.matches("/strike?version=").count(), 2);
    // The same from a page of long ago, and a page about what is struck out already.
    let again = city.post("civil-steward", &strike, &given).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.page().contains("已经划去"), "{}", again.page());
    let page = city.page("civil-steward", &here).await;
    assert!(page.contains("这一版已经划去了") && !page.contains("为什么划去"), "{page}");
    assert_eq!(
        city.get("civil-steward", &format!("{strike}?version=9")).await.status,
        StatusCode::NOT_FOUND
    );

    // The only one that is left stays, and the page says what to do instead.
    let page = city.page("civil-steward", &format!("{strike}?version=1")).await;
    let first = sent(&page, "登记错了");
    assert_eq!(city.post("civil-steward", &strike, &first).await.status, StatusCode::SEE_OTHER);
    let page = city.page("civil-steward", &format!("{strike}?version=3")).await;
    let last = city.post("civil-steward", &strike, &sent(&page, "登记错了")).await;
    assert_eq!(last.status, StatusCode::CONFLICT);
    assert!(last.page().contains("只有这一版算数") && last.page().contains("再登记一次"));
    // What was known before the day was struck out is told as before.
    let page =
        city.page("civil-steward", &format!("{way}?valid_on=2026-07-01&known_at=2026-03-03")).await;
    assert!(page.contains("<dd>2026年6月1日</dd>"), "{page}");
    // A dataset that names no day has none that is wrong.
    let organisation = city
        .post(
            "steward",
            RECORDS,
            &[("dataset", "base-legal:organisation"), ("credit_code", "91350100M000100Y43")],
        )
        .await;
    let refused = city.get("steward", &format!("{}/strike?version=1", organisation.location)).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
}
