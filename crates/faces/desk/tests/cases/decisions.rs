//! From acceptance to the licence, and everything that must not work on the way.

use axum::http::StatusCode;
use zhengtong_casework::State;

use crate::world::{City, seen_version};

async fn state(city: &City, no: &str) -> State {
    let mut ctx = city.test.ctx(city.visit("head", "/").actor).await;
    zhengtong_casework::view(&mut ctx, no).await.unwrap().case.state
}

#[tokio::test]
async fn a_case_goes_from_the_window_to_the_licence() {
    let city = City::new().await;
    let no = city.opened().await;
    let case = format!("/desk/casework/{no}");
    let page = city.page("window", &case).await;
    assert!(page.contains("示例餐饮有限公司") && page.contains("还没受理"));
    assert!(page.contains("与市场主体登记库一致") && page.contains("申请人填写"));
    assert!(page.contains("行政许可法") && page.contains("<svg"));
    for (who, outcome) in [
        ("window", "accept"),
        ("reviewer", "reviewed"),
        ("inspector", "inspected"),
        ("head", "grant"),
    ] {
        let done = city.decide(who, &no, outcome, "").await;
        assert_eq!((done.status, &done.location), (StatusCode::SEE_OTHER, &case), "{outcome}");
    }
    assert_eq!(state(&city, &no).await, State::Closed);
    let over = city.page("head", &case).await;
    assert!(over.contains("已办结") && over.contains("只能查看"));
    assert!(!over.contains("/decide/"));
}

#[tokio::test]
async fn clocks_show_once_a_case_is_accepted() {
    let city = City::new().await;
    let no = city.opened().await;
    city.decide("window", &no, "accept", "").await;
    let page = city.page("reviewer", &format!("/desk/casework/{no}")).await;
    assert!(page.contains("承诺时钟") && page.contains("5 个工作日"));
    assert!(page.contains("法定时钟") && page.contains("剩 5 日"));
}

#[tokio::test]
async fn a_decision_against_the_applicant_needs_a_reason_and_keeps_what_was_typed() {
    let city = City::new().await;
    let no = city.opened().await;
    let way = city.way("window", &no, "correct").await;
    let page = city.page("window", &way).await;
    assert!(page.contains("一次告知") && page.contains("申请人会得到什么"));
    let seen = seen_version(&page);
    let bare = city.post("window", &way, &[("seen", &seen), ("reason", " ")]).await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bare.page().contains("请写明理由") && bare.page().contains("<title>错误："));
    let long = "补".repeat(4_001);
    let long = city.post("window", &way, &[("seen", &seen), ("reason", &long)]).await;
    assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(long.page().contains("补补补"));
    let words = "请补：<b>布局图</b>缺比例尺";
    let done = city.post("window", &way, &[("seen", &seen), ("reason", words)]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let after = city.page("window", &done.location).await;
    assert!(after.contains("等补正") && after.contains("&lt;b&gt;布局图"));
    assert!(after.contains("在等申请人"));
}

#[tokio::test]
async fn a_stale_page_is_refused_with_the_words_kept() {
    let city = City::new().await;
    let no = city.opened().await;
    let way = city.way("window", &no, "decline").await;
    let seen = seen_version(&city.page("window", &way).await);
    city.decide("window-two", &no, "accept", "").await;
    let late = city.post("window", &way, &[("seen", &seen), ("reason", "不属于本机关职权")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    let page = late.page();
    assert!(page.contains("不属于本机关职权") && page.contains("看最新进展"), "{page}");
    assert_eq!(state(&city, &no).await, State::Accepted);
}

#[tokio::test]
async fn a_colleagues_note_makes_no_page_stale_but_a_stop_does() {
    let city = City::new().await;
    let no = city.opened().await;
    city.decide("window", &no, "accept", "").await;
    let case = format!("/desk/casework/{no}");
    let way = city.way("reviewer", &no, "reviewed").await;
    let seen = seen_version(&city.page("reviewer", &way).await);
    let note = city.post("head", &format!("{case}/note"), &[("text", "先看水质")]).await;
    assert_eq!(note.location, case);
    assert!(city.page("reviewer", &case).await.contains("先看水质"));
    let stop = [("kind", "inspection"), ("reason", "送检水样")];
    assert_eq!(city.hold("head", &no, "suspend", &stop).await.location, case);
    let stale = city.post("reviewer", &way, &[("seen", &seen), ("reason", "都合格")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let page = stale.page();
    assert!(page.contains("有了新变化") && page.contains("都合格"));
    let again = seen_version(&page);
    let done = city.post("reviewer", &way, &[("seen", &again), ("reason", "都合格")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_clock_is_stopped_with_a_reason_and_runs_again() {
    let city = City::new().await;
    let no = city.opened().await;
    let case = format!("/desk/casework/{no}");
    let before =
        city.hold("reviewer", &no, "suspend", &[("kind", "hearing"), ("reason", "x")]).await;
    assert_eq!(before.status, StatusCode::CONFLICT, "no clock runs yet");
    city.decide("window", &no, "accept", "").await;
    let refused =
        city.hold("reviewer", &no, "suspend", &[("kind", "x"), ("reason", "要听证")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.page().contains("要听证"));
    let stop = [("kind", "hearing"), ("reason", "申请人要求听证")];
    city.hold("reviewer", &no, "suspend", &stop).await;
    let page = city.page("reviewer", &case).await;
    assert!(
        page.contains("为什么停") && page.contains("申请人要求听证") && page.contains("恢复计时")
    );
    assert!(!city.page("window", &case).await.contains("/resume"), "not the window's to order");
    assert_eq!(city.hold("window", &no, "resume", &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(city.hold("reviewer", &no, "resume", &[]).await.location, case);
    assert!(!city.page("reviewer", &case).await.contains("为什么停"));
}

#[tokio::test]
async fn empty_notes_are_refused_and_long_ones_kept() {
    let city = City::new().await;
    let no = city.opened().await;
    let path = format!("/desk/casework/{no}/note");
    let empty = city.post("window", &path, &[("text", "  ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.page().contains("便签是空的"));
    let long = "长".repeat(4_001);
    let refused = city.post("window", &path, &[("text", &long)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.page().contains(&long));
}

#[tokio::test]
async fn who_may_not_decide_is_neither_offered_nor_obeyed() {
    let city = City::new().await;
    let no = city.opened().await;
    let way = city.way("window", &no, "accept").await;
    assert!(city.way("reviewer", &no, "accept").await.is_empty());
    let page = city.page("reviewer", &way).await;
    assert!(page.contains("不能由您办"));
    let seen = seen_version(&city.page("window", &way).await);
    let forged = city.post("reviewer", &way, &[("seen", &seen)]).await;
    assert_eq!(forged.status, StatusCode::NOT_FOUND);
    for who in ["agent", "system-admin"] {
        let status = city.get(who, &format!("/desk/casework/{no}")).await.status;
        assert!(matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND), "{who} {status}");
    }
    let forged = city.app.clone();
    let bare = axum::http::Request::post(&way).body(axum::body::Body::from("reason=x")).unwrap();
    let router: axum::Router = zhengtong_desk::routes()
        .with_state(forged)
        .layer(axum::Extension(city.visit("window", &way)));
    let response = tower::ServiceExt::oneshot(router, bare).await.unwrap();
    assert_eq!(response.status(), StatusCode::CONFLICT, "a form without its token is refused");
    assert_eq!(state(&city, &no).await, State::Submitted);
}

#[tokio::test]
async fn the_head_revokes_a_licence_with_a_reason() {
    let city = City::new().await;
    let no = city.opened().await;
    let case = format!("/desk/casework/{no}");
    let way = format!("{case}/revoke");
    assert!(city.page("head", &way).await.contains("这件没有发出证照"));
    for (who, outcome) in [
        ("window", "accept"),
        ("reviewer", "reviewed"),
        ("inspector", "inspected"),
        ("head", "grant"),
    ] {
        city.decide(who, &no, outcome, "").await;
    }
    assert!(city.page("head", &case).await.contains("撤销这张证照"));
    assert!(!city.page("reviewer", &case).await.contains("撤销这张证照"));
    assert!(city.page("reviewer", &way).await.contains("由本单位的审批负责人决定"));
    let page = city.page("head", &way).await;
    assert!(page.contains("第六十九条") && page.contains("立即失效"));
    let denied = city.post("reviewer", &way, &[("reason", "x")]).await;
    assert_eq!(denied.status, StatusCode::NOT_FOUND);
    let bare = city.post("head", &way, &[("reason", " ")]).await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bare.page().contains("请写明撤销理由"));
    let done = city.post("head", &way, &[("reason", "以<b>虚假材料</b>取得")]).await;
    assert_eq!((done.status, &done.location), (StatusCode::SEE_OTHER, &case));
    let after = city.page("head", &case).await;
    assert!(after.contains("已撤销") && after.contains("以&lt;b&gt;虚假材料"));
    let again = city.post("head", &way, &[("reason", "再撤")]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
}
