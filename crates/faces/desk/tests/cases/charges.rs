//! What was charged, on its pages: putting it down, and striking out what was put down wrongly.

use axum::http::StatusCode;

use crate::world::{City, seen_version};

/// A case with a charge of 500 yuan where the list says 50; gives its number and the page of its charges.
async fn charged(city: &City) -> (String, String) {
    let no = city.opened().await;
    let way = format!("/desk/casework/{no}/charge");
    record(city, &way, "500", "A-1").await;
    (no, way)
}

async fn record(city: &City, way: &str, amount: &str, receipt: &str) {
    let page = city.page("window", way).await;
    let (_, day) = page.split_once("type=\"date\" value=\"").unwrap();
    let today = day.split('"').next().unwrap().to_owned();
    let new = [("item", "seal"), ("amount", amount), ("receipt", receipt), ("on", today.as_str())];
    let done = city.act("window", way, &new).await;
    assert_eq!(
        (done.status, done.location.as_str()),
        (StatusCode::SEE_OTHER, way),
        "{}",
        done.page()
    );
}

#[tokio::test]
async fn a_charge_is_struck_out_on_its_page_and_stays_to_be_seen() {
    let city = City::charging().await;
    let (no, way) = charged(&city).await;
    let strike = format!("{way}/1");
    let page = city.page("window", &way).await;
    assert!(page.contains("高于清单") && page.contains("合计 <strong class=\"nowrap\">500.00 元"));
    assert!(page.contains(&format!("href=\"{strike}\"")) && !page.contains("<del>"));
    let ask = city.page("window", &strike).await;
    assert!(ask.contains("划掉这一笔") && ask.contains("A-1") && ask.contains("那是退费"));

    let silent = city.act("window", &strike, &[("reason", " ")]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.page().contains("请写明理由"));
    let reason = [("reason", "多写了一个零 <b>50</b>")];
    let done = city.act("window", &strike, &reason).await;
    assert_eq!((done.status, &done.location), (StatusCode::SEE_OTHER, &way), "{}", done.page());
    let after = city.page("window", &way).await;
    assert!(after.contains("已划掉") && after.contains("多写了一个零 &lt;b&gt;50&lt;/b&gt;"));
    assert!(
        after.contains("<del><strong class=\"nowrap\">500.00 元") && after.contains("划掉的不算")
    );
    assert!(!after.contains("高于清单") && !after.contains(&format!("href=\"{strike}\"")));
    let over = city.page("window", &format!("/desk/casework/{no}")).await;
    assert!(over.contains("登记过的都划掉了") && !over.contains("和清单不符"));
    // What was struck out is read, and struck out no more.
    let twice = city.page("window", &strike).await;
    assert!(
        twice.contains("已经划掉了")
            && twice.contains("多写了一个零")
            && !twice.contains("划掉这一笔")
    );
    let seen = version(&city, &way).await;
    let again = city.post("window", &strike, &[("reason", "再来"), ("seen", &seen)]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.page().contains("已经划掉了"));

    // The receipt is free again.
    record(&city, &way, "50", "A-1").await;
    let right = city.page("window", &way).await;
    assert!(right.contains("合计 <strong class=\"nowrap\">50.00 元") && right.contains("已划掉"));
    let over = city.page("window", &format!("/desk/casework/{no}")).await;
    assert!(over.contains("已收 50.00 元") && over.contains("按清单收"));
}

async fn version(city: &City, way: &str) -> String {
    seen_version(&city.page("window", way).await)
}

#[tokio::test]
async fn striking_out_is_refused_to_others_from_an_old_page_and_of_what_is_not_there() {
    let city = City::charging().await;
    let (no, way) = charged(&city).await;
    let strike = format!("{way}/1");
    let wrong = [("reason", "多写了一个零"), ("seen", "0")];
    let stale = city.post("window", &strike, &wrong).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.page().contains("有了新变化") && stale.page().contains("多写了一个零"));
    for (who, status) in [
        ("reviewer", StatusCode::NOT_FOUND),
        ("head", StatusCode::NOT_FOUND),
        ("other-window", StatusCode::NOT_FOUND),
        ("agent", StatusCode::FORBIDDEN),
    ] {
        assert_eq!(city.post(who, &strike, &wrong).await.status, status, "{who}");
    }
    assert_eq!(city.get("other-window", &strike).await.status, StatusCode::NOT_FOUND);
    let reader = city.page("reviewer", &strike).await;
    assert!(reader.contains("由承办单位的窗口登记和更正") && !reader.contains("name=\"reason\""));
    assert!(!city.page("reviewer", &way).await.contains(&format!("href=\"{strike}\"")));
    for seq in ["9", "0", "-1"] {
        let missing = format!("{way}/{seq}");
        assert_eq!(city.get("window", &missing).await.status, StatusCode::NOT_FOUND, "{seq}");
        let seen = version(&city, &way).await;
        let sent = city.post("window", &missing, &[("reason", "x"), ("seen", &seen)]).await;
        assert_eq!(sent.status, StatusCode::NOT_FOUND, "{seq}");
    }
    for seq in ["one", "99999999999"] {
        let odd = city.get("window", &format!("{way}/{seq}")).await.status;
        assert!(odd.is_client_error(), "{seq}: {odd}");
    }
    let page = city.page("window", &way).await;
    assert!(page.contains("高于清单") && !page.contains("<del>"), "nothing of {no} was struck out");
}
