//! Papers that may come later: the undertaking signed at the counter, the papers brought there, and what is decided when
//! they are late.

use axum::http::StatusCode;
use time::Duration;
use zhengtong_casework::State;
use zhengtong_db::Actor;

use crate::world::{City, PDF, Seen, seen_version};

fn case(no: &str) -> String {
    format!("/desk/casework/{no}")
}

/// Sends a form with files as an officer would, with the version that stands on its page.
async fn send(city: &City, who: &str, path: &str, files: &[(&str, &[u8])]) -> Seen {
    let seen = seen_version(&city.page(who, path).await);
    city.upload(who, path, &[("seen", &seen)], files).await
}

async fn undertaken(city: &City, no: &str) {
    let way = format!("{}/undertake/deferral", case(no));
    let done = send(city, "window", &way, &[("file", PDF)]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.page());
}

#[tokio::test]
async fn the_counter_records_an_undertaking_and_takes_what_is_owed() {
    let city = City::lenient().await;
    let no = city.lacking(&["设备清单", "水质检测报告"]).await;
    let way = format!("{}/undertake/deferral", case(&no));
    let page = city.page("window", &case(&no)).await;
    assert!(page.contains(&format!("href=\"{way}\"")) && page.contains("缺，可以后补"));
    assert!(city.page("window", &way).await.contains("本单位承诺按期补齐"));
    let bare = send(&city, "window", &way, &[]).await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bare.page().contains("请上传申请人签了字的承诺书"));
    let program = send(&city, "window", &way, &[("file", b"MZ\x90\x00 a program")]).await;
    assert_eq!(program.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(program.page().contains("只收 PDF"));
    let stale = city.upload("window", &way, &[("seen", "0")], &[("file", PDF)]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    for who in ["reviewer", "other-window"] {
        let denied = city.upload(who, &way, &[("seen", "1")], &[("file", PDF)]).await;
        assert_eq!(denied.status, StatusCode::NOT_FOUND, "{who}");
    }
    let other = format!("{}/undertake/anything", case(&no));
    assert_eq!(city.get("window", &other).await.status, StatusCode::NOT_FOUND);
    undertaken(&city, &no).await;
    assert!(city.page("window", &way).await.contains("已经承诺过"));
    let done = city.decide("window", &no, "accept_deferred", "").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.page());

    let bring = format!("{}/bring", case(&no));
    let page = city.page("window", &case(&no)).await;
    assert!(page.contains(&format!("href=\"{bring}\"")) && page.contains("欠交"));
    let nothing = send(&city, "window", &bring, &[]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nothing.page().contains("id=\"file-1-error\""));
    let denied = city.upload("other-window", &bring, &[("seen", "1")], &[("file-1", PDF)]).await;
    assert_eq!(denied.status, StatusCode::NOT_FOUND);
    let alien = send(&city, "window", &bring, &[("file-9", PDF)]).await;
    assert_eq!(alien.status, StatusCode::CONFLICT);
    let first = send(&city, "window", &bring, &[("file-1", PDF)]).await;
    assert_eq!((first.status, &first.location), (StatusCode::SEE_OTHER, &case(&no)));
    let page = city.page("window", &bring).await;
    assert!(page.contains("name=\"file-2\"") && !page.contains("name=\"file-1\""));
    let second = send(&city, "window", &bring, &[("file-2", PDF)]).await;
    assert_eq!(second.status, StatusCode::SEE_OTHER);
    assert!(city.page("window", &bring).await.contains("没有欠交的材料"));
    let page = city.page("window", &case(&no)).await;
    assert!(page.contains("容缺材料已补齐") && page.contains("水质检测报告"));
}

#[tokio::test]
async fn a_promise_is_recorded_at_the_counter_before_the_decision() {
    let city = City::lenient().await;
    let no = city.opened().await;
    let way = format!("{}/undertake/promise", case(&no));
    assert!(city.page("window", &way).await.contains("本单位承诺符合条件"));
    let done = send(&city, "window", &way, &[("file", PDF)]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let page = city.page("window", &case(&no)).await;
    assert!(page.contains("已承诺") && page.contains("申请人作出书面承诺"));
    let lesser = format!("{}/undertake/deferral", case(&no));
    assert!(city.page("window", &lesser).await.contains("现在不用承诺"), "nothing is missing");
}

#[tokio::test]
async fn late_papers_are_given_more_time_once_or_the_case_ends() {
    let city = City::lenient().await;
    let no = city.lacking(&["设备清单"]).await;
    undertaken(&city, &no).await;
    city.decide("window", &no, "accept_deferred", "").await;
    lapse(&city, 40).await;
    let way = late(&city, &no).await;
    assert!(city.page("reviewer", &way).await.contains("不由您决定"));
    let nothing = city.act("window", &way, &[("reason", "再等等")]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nothing.page().contains("请选再给时间，还是终止") && nothing.page().contains("再等等"));
    for (days, reason) in [("0", "再等等"), ("半个月", "再等等"), ("10", " ")] {
        let order = [("what", "more"), ("days", days), ("reason", reason)];
        let wrong = city.act("window", &way, &order).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{days} {reason}");
    }
    let order = [("what", "more"), ("days", "10"), ("reason", "图纸在路上"), ("seen", "0")];
    assert_eq!(city.post("window", &way, &order).await.status, StatusCode::CONFLICT);
    for who in ["reviewer", "other-window"] {
        assert_eq!(city.post(who, &way, &order).await.status, StatusCode::NOT_FOUND, "{who}");
    }
    let more = city.act("window", &way, &order[..3]).await;
    assert_eq!((more.status, &more.location), (StatusCode::SEE_OTHER, &case(&no)));
    assert!(city.page("window", &way).await.contains("已经办过"));
    lapse(&city, 120).await;
    let way = late(&city, &no).await;
    let twice = city.act("window", &way, &order[..3]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    assert!(twice.page().contains("已经宽限过一次"));
    let end = city.act("window", &way, &[("what", "end"), ("reason", "两次逾期未补")]).await;
    assert_eq!(end.status, StatusCode::SEE_OTHER, "{}", end.page());
    let mut ctx = city.test.ctx(city.visit("head", "/").actor).await;
    let view = zhengtong_casework::view(&mut ctx, &no).await.unwrap();
    assert_eq!(view.case.state, State::Ended);
}

/// So many days go by.
async fn lapse(city: &City, days: i64) {
    let mut ctx = city.test.ctx(Actor::system("due")).await;
    ctx.now += Duration::days(days);
    while zhengtong_casework::lapse_next(&mut ctx).await.unwrap() {}
    ctx.commit().await.unwrap();
}

/// Where the window decides what becomes of it, as the page of the case offers it.
async fn late(city: &City, no: &str) -> String {
    let page = city.page("window", &case(no)).await;
    let ways = page.split("href=\"").filter_map(|part| part.split('"').next());
    ways.into_iter().find(|way| way.contains("/late/")).unwrap().to_owned()
}
