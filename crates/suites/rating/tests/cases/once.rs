//! One rating for each contact, by whoever had it, and nothing that waits for it.

use zhengtong_base::Kind;
use zhengtong_db::Actor;
use zhengtong_rating::{
    Channel, ContactKind, Place, Said, Wording, contacts, invite, rate, rate_visit, record, visit,
};

use crate::world::{OFFICE, rated};
use crate::world::{
    WATCH, act, citizen, city, days, evaluator, fields, head, id, kind, officer, opened, over, said,
};

#[tokio::test]
async fn each_contact_is_rated_once_and_a_case_has_several() {
    let test = city().await;
    let no = opened(&test, 5).await;
    let mut ctx = test.ctx(citizen(5)).await;
    let had = contacts(&mut ctx, &no).await.unwrap();
    assert_eq!(had.iter().map(|one| one.contact.as_str()).collect::<Vec<_>>(), ["application"]);
    drop(ctx);
    let good = said(2, "");
    let early = act!(test, citizen(5), rate, &no, "result", Channel::Pc, &good);
    assert_eq!(kind(early), Kind::Conflict);
    act!(test, citizen(5), rate, &no, "application", Channel::Mobile, &good).unwrap();
    // The case goes on as if nobody had rated, and its end is rated apart.
    let mut ctx = test.ctx(citizen(5)).await;
    zhengtong_casework::withdraw(&mut ctx, &no, "").await.unwrap();
    ctx.commit().await.unwrap();
    act!(test, citizen(5), rate, &no, "result", Channel::Pc, &said(1, "很快")).unwrap();
    for contact in ["application", "result"] {
        let again = act!(test, citizen(5), rate, &no, contact, Channel::Pc, &said(5, "改主意了"));
        assert_eq!(kind(again), Kind::Conflict, "{contact}");
    }
    let mut ctx = test.ctx(citizen(5)).await;
    let had = contacts(&mut ctx, &no).await.unwrap();
    assert!(had.iter().all(|one| one.rating.is_some()));
    assert_eq!(had.last().unwrap().kind, ContactKind::Result);
}

#[tokio::test]
async fn who_may_rate_and_what() {
    let test = city().await;
    let no = over(&test, 5).await;
    for level in [0, 6, 255] {
        let done = act!(test, citizen(5), rate, &no, "result", Channel::Pc, &said(level, ""));
        assert_eq!(fields(&done.unwrap_err()), ["level"]);
    }
    let long = said(3, &"长".repeat(4_001));
    let done = act!(test, citizen(5), rate, &no, "result", Channel::Pc, &long);
    assert_eq!(fields(&done.unwrap_err()), ["words"]);
    for (name, level) in [("no_such", 3), ("efficiency", 9)] {
        let odd = Said { indicators: [(name.to_owned(), level)].into(), ..said(3, "") };
        let done = act!(test, citizen(5), rate, &no, "result", Channel::Pc, &odd);
        assert_eq!(fields(&done.unwrap_err()), [name]);
    }
    for actor in [citizen(6), head(), officer(11, OFFICE, "window"), evaluator()] {
        let done = act!(test, actor, rate, &no, "result", Channel::Pc, &said(1, ""));
        assert_eq!(kind(done), Kind::NotFound);
    }
    let done = act!(test, Actor::visitor(), rate, &no, "result", Channel::Pc, &said(1, ""));
    assert_eq!(kind(done), Kind::Unauthenticated);
}

#[tokio::test]
async fn a_code_of_a_window_is_used_once_and_runs_out() {
    let test = city().await;
    let window = || officer(11, OFFICE, "window");
    let site = "https://www.example.gov.cn/rate/";
    let ticket = act!(test, window(), invite, None, site).unwrap();
    assert!(ticket.picture.starts_with("<svg"));
    let visitor = Actor::visitor;
    act!(test, visitor(), rate_visit, &ticket.code, Channel::Qr, &said(2, "态度好")).unwrap();
    let again = act!(test, visitor(), rate_visit, &ticket.code, Channel::Qr, &said(5, ""));
    assert_eq!(kind(again), Kind::Conflict);
    assert!(act!(test, visitor(), visit, &ticket.code).unwrap().rated);
    let wrong = act!(test, visitor(), visit, "00000000000000000000000000000000");
    assert_eq!(kind(wrong), Kind::NotFound);
    let late = act!(test, window(), invite, None, site).unwrap();
    days(&test, 8);
    let done = act!(test, visitor(), rate_visit, &late.code, Channel::Qr, &said(1, ""));
    assert_eq!(kind(done), Kind::Conflict);
    // The code stands nowhere: only its digest is kept.
    let kept: Vec<String> = sqlx::query_scalar("SELECT digest FROM rating.visit")
        .fetch_all(test.db.pool())
        .await
        .unwrap();
    assert!(kept.iter().all(|digest| digest.len() == 64 && *digest != ticket.code));
    for actor in [head(), citizen(5), evaluator()] {
        assert_eq!(kind(act!(test, actor, invite, None, site)), Kind::Denied);
    }
}

#[tokio::test]
async fn at_a_window_any_machine_rates_in_the_words_of_the_nation() {
    let test = city().await;
    let wording = test.db.defs::<Wording>().unwrap();
    let now = wording.on(time::macros::date!(2026 - 03 - 02)).unwrap();
    assert_eq!(
        [1, 2, 3, 4, 5].map(|code| now.level(code).zh),
        ["非常满意", "满意", "基本满意", "不满意", "非常不满意"]
    );
    let asked = |place: Place| -> Vec<&str> {
        now.indicators(place).iter().map(|one| one.title.zh.as_str()).collect()
    };
    assert_eq!(asked(Place::Online), ["办事效率", "指南精确度", "便捷度", "平台操作性"]);
    assert_eq!(asked(Place::Offline)[..3], ["服务效率", "服务水平", "服务态度"]);
    let ways = [Channel::Qr, Channel::Tablet, Channel::Terminal];
    for channel in ways {
        let window = officer(11, OFFICE, "window");
        let ticket = act!(test, window, invite, None, "https://www.example.gov.cn/rate/").unwrap();
        act!(test, Actor::visitor(), rate_visit, &ticket.code, channel, &said(1, "")).unwrap();
    }
    let kept: Vec<String> =
        sqlx::query_scalar("SELECT channel FROM rating.rating ORDER BY channel")
            .fetch_all(test.db.pool())
            .await
            .unwrap();
    assert_eq!(kept, ["qr", "tablet", "terminal"]);
}

#[tokio::test]
async fn calls_are_written_down_by_who_is_not_rated() {
    let test = city().await;
    let call = said(5, "电话打不通");
    act!(test, evaluator(), record, id(OFFICE), None, Channel::Phone, &call).unwrap();
    act!(test, evaluator(), record, id(OFFICE), None, Channel::Sms, &said(1, "")).unwrap();
    let done = act!(test, evaluator(), record, id(OFFICE), None, Channel::Pc, &call);
    assert_eq!(fields(&done.unwrap_err()), ["channel"]);
    let own = act!(test, evaluator(), record, id(WATCH), None, Channel::Phone, &call);
    assert_eq!(kind(own), Kind::Denied);
    let rated_itself = act!(test, head(), record, id(OFFICE), None, Channel::Phone, &call);
    assert_eq!(kind(rated_itself), Kind::Denied);
    // The wording of every channel is kept with its rating.
    rated(&test, 7, 1, "").await;
    let ways: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT channel FROM rating.rating ORDER BY channel")
            .fetch_all(test.db.pool())
            .await
            .unwrap();
    assert_eq!(ways, ["pc", "phone", "sms"]);
}
