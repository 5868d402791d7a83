//! Special procedures on their own page: asked for, approved, ended with a result.

use axum::http::StatusCode;

use crate::world::City;

fn case(no: &str) -> String {
    format!("/desk/casework/{no}")
}

/// Where the head approves what was asked for, as the page of the case offers it.
async fn approval(city: &City, no: &str) -> String {
    let page = city.page("head", &case(no)).await;
    let ways = page.split("href=\"").filter_map(|part| part.split('"').next());
    ways.into_iter().find(|way| way.contains("/approve/")).unwrap().to_owned()
}

const ASKED: [(&str, &str); 4] = [
    ("kind", "hearing"),
    ("reason", "利害关系人反对"),
    ("content", "就排烟方案听证"),
    ("requested_by", "邻居示例丁"),
];

#[tokio::test]
async fn a_hearing_is_asked_for_approved_and_ended_with_its_result() {
    let city = City::lenient().await;
    let no = city.opened().await;
    let way = format!("{}/procedure", case(&no));
    assert!(city.page("reviewer", &way).await.contains("受理以后、决定以前"));
    city.decide("window", &no, "accept", "").await;
    let page = city.page("reviewer", &way).await;
    assert!(page.contains("批准前时钟照走") && page.contains("检验检测"));
    let nothing = city.act("reviewer", &way, &[("reason", "有人反对")]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nothing.page().contains("请选哪一种") && nothing.page().contains("有人反对"));
    let silent = city.act("reviewer", &way, &[("kind", "hearing")]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let asked = city.act("reviewer", &way, &ASKED).await;
    assert_eq!((asked.status, &asked.location), (StatusCode::SEE_OTHER, &way));
    let waits = city.page("reviewer", &way).await;
    assert!(
        waits.contains("等批准") && waits.contains("邻居示例丁") && !waits.contains("/approve/")
    );

    let approve = approval(&city, &no).await;
    assert!(city.page("reviewer", &approve).await.contains("不由您批准"));
    let page = city.page("head", &approve).await;
    assert!(page.contains("就排烟方案听证") && page.contains("不批准要写理由"));
    let silent = city.act("head", &approve, &[("yes", "0"), ("reason", "")]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let neither = city.act("head", &approve, &[]).await;
    assert_eq!(neither.status, StatusCode::UNPROCESSABLE_ENTITY);
    let stale = city.post("head", &approve, &[("yes", "1"), ("seen", "0")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    for who in ["reviewer", "other-head"] {
        let denied = city.post(who, &approve, &[("yes", "1"), ("seen", "1")]).await;
        assert_eq!(denied.status, StatusCode::NOT_FOUND, "{who}");
    }
    let done = city.act("head", &approve, &[("yes", "1"), ("reason", "同意")]).await;
    assert_eq!((done.status, &done.location), (StatusCode::SEE_OTHER, &case(&no)));
    assert!(city.page("head", &approve).await.contains("已经办过"));

    let stopped = city.page("reviewer", &case(&no)).await;
    let end = format!("{way}/1");
    assert!(
        stopped.contains("写结果和意见，恢复计时") && stopped.contains(&format!("href=\"{end}\""))
    );
    let bare = city.act("reviewer", &end, &[("result", "不影响")]).await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bare.page().contains("请写明结果和办理意见") && bare.page().contains("不影响"));
    let both = [("result", "方案可行"), ("opinion", "按改后的方案许可")];
    let ended = city.act("reviewer", &end, &both).await;
    assert_eq!((ended.status, &ended.location), (StatusCode::SEE_OTHER, &way));
    let over = city.page("reviewer", &way).await;
    assert!(over.contains("已结束") && over.contains("按改后的方案许可") && over.contains("同意"));
    assert!(city.page("reviewer", &end).await.contains("不在进行中"));
}

#[tokio::test]
async fn a_hearing_that_is_not_approved_leaves_the_clock_running() {
    let city = City::lenient().await;
    let no = city.opened().await;
    let way = format!("{}/procedure", case(&no));
    city.decide("window", &no, "accept", "").await;
    city.act("reviewer", &way, &ASKED).await;
    let approve = approval(&city, &no).await;
    let done = city.act("head", &approve, &[("yes", "0"), ("reason", "<i>没有</i>法定事由")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let page = city.page("reviewer", &way).await;
    assert!(page.contains("没有批准") && page.contains("&lt;i&gt;没有"));
    assert!(!city.page("reviewer", &case(&no)).await.contains("为什么停"));
}

#[tokio::test]
async fn procedures_are_for_the_department_and_for_fresh_pages() {
    let city = City::lenient().await;
    let no = city.opened().await;
    city.decide("window", &no, "accept", "").await;
    let way = format!("{}/procedure", case(&no));
    assert_eq!(city.get("other-head", &way).await.status, StatusCode::NOT_FOUND);
    let mut order = ASKED.to_vec();
    order.push(("seen", "0"));
    assert_eq!(city.post("reviewer", &way, &order).await.status, StatusCode::CONFLICT);
    for (who, status) in [
        ("window", StatusCode::NOT_FOUND),
        ("other-head", StatusCode::NOT_FOUND),
        ("agent", StatusCode::FORBIDDEN),
    ] {
        assert_eq!(city.post(who, &way, &order).await.status, status, "{who}");
    }
    let reader = city.page("window", &way).await;
    assert!(reader.contains("请转告他们") && !reader.contains("name=\"kind\""));
    assert_eq!(city.get("reviewer", &format!("{way}/9")).await.status, StatusCode::NOT_FOUND);
}
