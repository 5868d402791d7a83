//! What goes with a case beside its steps: delivery, archive, merging, splitting, the end before a decision.

use axum::http::{StatusCode, header};
use zhengtong_casework::State;

use crate::world::{City, seen_version};

async fn state(city: &City, no: &str) -> State {
    let mut ctx = city.test.ctx(city.visit("head", "/").actor).await;
    zhengtong_casework::view(&mut ctx, no).await.unwrap().case.state
}

fn case(no: &str) -> String {
    format!("/desk/casework/{no}")
}

#[tokio::test]
async fn a_decision_is_sent_and_its_arrival_recorded() {
    let city = City::new().await;
    let no = city.granted().await;
    let way = format!("{}/delivery", case(&no));
    let over = city.page("window", &case(&no)).await;
    assert!(over.contains("随件事项") && over.contains("电子送达") && over.contains("更多"));
    let page = city.page("window", &way).await;
    assert!(
        page.contains("再送一次")
            && page.contains("满 30 天视为送达")
            && page.contains("第四十四条")
    );
    let nothing = city.act("window", &way, &[("words", "EMS 1")]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nothing.page().contains("请选怎么送") && nothing.page().contains("EMS 1"));
    let bare = city.act("window", &way, &[("way", "express"), ("words", " ")]).await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bare.page().contains("请写快递单号"));
    let done = city.act("window", &way, &[("way", "express"), ("words", "EMS <b>123</b>")]).await;
    assert_eq!((done.status, &done.location), (StatusCode::SEE_OTHER, &way));
    let sent = city.page("window", &way).await;
    assert!(sent.contains("EMS &lt;b&gt;123") && sent.contains("在途，等签收"));

    let arrival = format!("{way}/2");
    assert!(sent.contains(&format!("href=\"{arrival}\"")));
    for (on, proof, words) in [
        ("2020-01-01", "本人签收", "签收日期在送出之后"),
        ("明天", "本人签收", "日期写成 2026-03-02 这样"),
    ] {
        let wrong = city.act("window", &arrival, &[("on", on), ("proof", proof)]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{on}");
        assert!(wrong.page().contains(words), "{on}");
    }
    let page = city.page("window", &arrival).await;
    let (_, day) = page.split_once("type=\"date\" value=\"").unwrap();
    let today = day.split('"').next().unwrap().to_owned();
    let silent = city.act("window", &arrival, &[("on", &today), ("proof", "")]).await;
    assert!(silent.page().contains("请写签收人"));
    let served = city.act("window", &arrival, &[("on", &today), ("proof", "本人签收")]).await;
    assert_eq!((served.status, &served.location), (StatusCode::SEE_OTHER, &way));
    let after = city.page("window", &way).await;
    assert!(after.contains("已送达") && after.contains("本人签收") && !after.contains("在途"));
    let twice = city.page("window", &arrival).await;
    assert!(twice.contains("已经登记过签收"));
    assert_eq!(city.get("window", &format!("{way}/9")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_delivery_is_refused_to_others_and_from_an_old_page() {
    let city = City::new().await;
    let no = city.opened().await;
    let way = format!("{}/delivery", case(&no));
    let early = city.page("window", &way).await;
    assert!(early.contains("还没有作出决定") && !early.contains("name=\"way\""));
    for (who, outcome) in [
        ("window", "accept"),
        ("reviewer", "reviewed"),
        ("inspector", "inspected"),
        ("head", "grant"),
    ] {
        city.decide(who, &no, outcome, "").await;
    }
    let reader = city.page("reviewer", &way).await;
    assert!(reader.contains("由承办单位的窗口或负责人办理") && !reader.contains("name=\"way\""));
    let send = [("way", "express"), ("words", "EMS 1"), ("seen", "0")];
    for (who, status) in [
        ("reviewer", StatusCode::NOT_FOUND),
        ("other-window", StatusCode::NOT_FOUND),
        ("agent", StatusCode::FORBIDDEN),
    ] {
        assert_eq!(city.post(who, &way, &send).await.status, status, "{who}");
    }
    assert_eq!(city.get("other-window", &way).await.status, StatusCode::NOT_FOUND);
    let seen = seen_version(&city.page("window", &way).await);
    city.act("head", &way, &[("way", "window"), ("words", "经办人")]).await;
    let stale = [("way", "express"), ("words", "EMS 9"), ("seen", seen.as_str())];
    let stale = city.post("window", &way, &stale).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.page().contains("有了新变化") && stale.page().contains("EMS 9"));
}

#[tokio::test]
async fn a_closed_case_is_archived_checked_and_downloaded() {
    let city = City::new().await;
    let no = city.opened().await;
    let way = format!("{}/archive", case(&no));
    assert!(city.page("window", &way).await.contains("还没办结"));
    let early = city.post("window", &way, &[("seen", "1")]).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    for (who, outcome) in [
        ("window", "accept"),
        ("reviewer", "reviewed"),
        ("inspector", "inspected"),
        ("head", "grant"),
    ] {
        city.decide(who, &no, outcome, "").await;
    }
    assert!(city.page("window", &case(&no)).await.contains(&format!("href=\"{way}\"")));
    let seen = seen_version(&city.page("window", &way).await);
    let send = [("way", "window"), ("words", "经办人"), ("seen", seen.as_str())];
    city.post("head", &format!("{}/delivery", case(&no)), &send).await;
    let stale = city.post("window", &way, &[("seen", &seen)]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    for (who, status) in [
        ("reviewer", StatusCode::NOT_FOUND),
        ("other-head", StatusCode::NOT_FOUND),
        ("agent", StatusCode::FORBIDDEN),
    ] {
        assert_eq!(city.post(who, &way, &[("seen", &seen)]).await.status, status, "{who}");
    }
    let done = city.act("window", &way, &[]).await;
    assert_eq!((done.status, &done.location), (StatusCode::SEE_OTHER, &way), "{}", done.page());
    let page = city.page("head", &way).await;
    assert!(
        page.contains("档案里的文件") && page.contains("布局平面图") && page.contains("保存到")
    );
    assert!(page.contains("封存") && page.contains("索引指纹"));
    let checked = city.post("head", &format!("{way}/check"), &[]).await;
    assert_eq!(checked.status, StatusCode::OK);
    assert!(checked.page().contains("档案完好"), "{}", checked.page());
    for (file, mime, start) in
        [("index", "application/json", &b"{"[..]), ("catalogue", "application/pdf", &b"%PDF"[..])]
    {
        let path = format!("{way}/{file}");
        let got = city.get("head", &path).await;
        assert_eq!(got.status, StatusCode::OK, "{file}");
        assert_eq!(got.headers.get(header::CONTENT_TYPE).unwrap(), mime);
        let how = got.headers.get(header::CONTENT_DISPOSITION).unwrap().to_str().unwrap();
        assert!(how.starts_with("attachment") && got.bytes.starts_with(start), "{file}");
        for who in ["reviewer", "other-head"] {
            assert_eq!(city.get(who, &path).await.status, StatusCode::NOT_FOUND, "{who} {file}");
        }
    }
    assert_eq!(city.get("head", &format!("{way}/other")).await.status, StatusCode::NOT_FOUND);
    let reader = city.page("reviewer", &way).await;
    assert!(reader.contains("打开和核验") && !reader.contains("档案里的文件"));
}

#[tokio::test]
async fn cases_of_one_applicant_go_on_together() {
    let city = City::new().await;
    let (first, second) = (city.opened().await, city.opened().await);
    let way = format!("{}/merge", case(&first));
    let page = city.page("window", &way).await;
    assert!(page.contains(&format!("value=\"{second}\"")) && page.contains("各自答复"));
    let none = city.act("window", &way, &[("reason", "重复申请")]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.page().contains("件别的办件") && none.page().contains("重复申请"));
    let silent = city.act("window", &way, &[("cases", &second), ("reason", " ")]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.page().contains("请写明理由"));
    let order = [("cases", second.as_str()), ("reason", "重复申请"), ("seen", "0")];
    assert_eq!(city.post("window", &way, &order).await.status, StatusCode::CONFLICT);
    for (who, status) in [
        ("reviewer", StatusCode::NOT_FOUND),
        ("other-window", StatusCode::NOT_FOUND),
        ("agent", StatusCode::FORBIDDEN),
    ] {
        assert_eq!(city.post(who, &way, &order).await.status, status, "{who}");
    }
    let done =
        city.act("window", &way, &[("cases", &second), ("reason", "同一场所重复申请")]).await;
    assert_eq!((done.status, &done.location), (StatusCode::SEE_OTHER, &case(&first)));
    let parent = city.page("window", &case(&first)).await;
    assert!(parent.contains("并入本件一起办") && parent.contains(&second));
    let child = city.page("window", &case(&second)).await;
    assert!(child.contains("本件并入它一起办") && child.contains("同一场所重复申请"));
    let again = city.page("window", &format!("{}/merge", case(&second))).await;
    assert!(again.contains("已经并到别的件里"));
    assert!(city.page("window", &way).await.contains("没有能并进来的件"));
    city.decide("window", &first, "accept", "").await;
    assert_eq!(state(&city, &second).await, State::Accepted);
}

#[tokio::test]
async fn a_case_is_split_into_parts_with_their_papers() {
    let city = City::new().await;
    let no = city.opened().await;
    let way = format!("{}/split", case(&no));
    let page = city.page("window", &way).await;
    assert!(
        page.contains("布局平面图") && page.contains("拆出的第 1 件") && !page.contains("第 2 件")
    );
    let typed = [("do", "more"), ("parts", "1"), ("title-1", "一号店"), ("papers-1", "1")];
    let more = city.act("window", &way, &typed).await;
    assert_eq!(more.status, StatusCode::OK);
    assert!(more.page().contains("第 2 件") && more.page().contains("value=\"一号店\""));
    let order = |title: &'static str, reason: &'static str| {
        [("parts", "1"), ("title-1", title), ("papers-1", "1"), ("reason", reason)]
    };
    let unnamed = city.act("window", &way, &order(" ", "两个场所")).await;
    assert_eq!(unnamed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unnamed.page().contains("起个名称") && unnamed.page().contains("两个场所"));
    let silent = city.act("window", &way, &order("二号店", "")).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let alien = [("parts", "1"), ("title-1", "二号店"), ("papers-1", "77"), ("reason", "x")];
    assert_eq!(city.act("window", &way, &alien).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        city.post("window", &way, &order("二号店", "两个场所")).await.status,
        StatusCode::CONFLICT,
        "a form without a version is stale"
    );
    for who in ["reviewer", "other-window"] {
        let denied = city.post(who, &way, &order("二号店", "两个场所")).await;
        assert_eq!(denied.status, StatusCode::NOT_FOUND, "{who}");
    }
    let done = city.act("window", &way, &order("二号店", "两个场所，分别许可")).await;
    assert_eq!((done.status, &done.location), (StatusCode::SEE_OTHER, &case(&no)));
    let mut ctx = city.test.ctx(city.visit("window", "/").actor).await;
    let parts = zhengtong_casework::linked(&mut ctx, &no).await.unwrap().parts;
    drop(ctx);
    assert_eq!(parts.len(), 1);
    assert!(city.page("window", &case(&no)).await.contains("从本件拆出"));
    let part = city.page("window", &case(&parts[0])).await;
    assert!(
        part.contains("二号店") && part.contains("本件从它拆出") && part.contains("布局平面图")
    );
}

#[tokio::test]
async fn the_head_ends_a_case_with_a_reason() {
    let city = City::lenient().await;
    let no = city.opened().await;
    let way = format!("{}/end", case(&no));
    assert!(!city.page("window", &case(&no)).await.contains(&format!("href=\"{way}\"")));
    assert!(city.page("head", &case(&no)).await.contains(&format!("href=\"{way}\"")));
    assert!(city.page("window", &way).await.contains("由承办单位的负责人决定"));
    let page = city.page("head", &way).await;
    assert!(page.contains("示例规定第五条") && page.contains("不能收回"));
    let silent = city.act("head", &way, &[("reason", " ")]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let stale = city.post("head", &way, &[("reason", "企业注销"), ("seen", "0")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.page().contains("企业注销"));
    for who in ["window", "other-head"] {
        let denied = city.post(who, &way, &[("reason", "x"), ("seen", "1")]).await;
        assert_eq!(denied.status, StatusCode::NOT_FOUND, "{who}");
    }
    let done = city.act("head", &way, &[("reason", "企业已注销")]).await;
    assert_eq!((done.status, &done.location), (StatusCode::SEE_OTHER, &case(&no)));
    assert_eq!(state(&city, &no).await, State::Ended);
    assert!(city.page("head", &case(&no)).await.contains("企业已注销"));
    assert!(city.page("head", &way).await.contains("不能再终止"));
}

#[tokio::test]
async fn a_case_that_follows_another_is_ended_alone() {
    let city = City::lenient().await;
    let (first, second) = (city.opened().await, city.opened().await);
    let merge = format!("{}/merge", case(&first));
    city.act("window", &merge, &[("cases", &second), ("reason", "重复申请")]).await;
    let way = format!("{}/end", case(&second));
    let done = city.act("head", &way, &[("reason", "多交了一份")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.page());
    assert_eq!(state(&city, &second).await, State::Ended);
    assert_eq!(state(&city, &first).await, State::Submitted);
}
