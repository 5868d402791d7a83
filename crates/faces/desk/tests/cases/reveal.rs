//! Protected values on the page of a case: masked, in full for a reason, and never to those who do not handle it.

use axum::http::StatusCode;
use zhengtong_db::Actor;
use zhengtong_party::{IdKind, PersonPlain, Seed, seed};

use crate::world::{AGENT, City, id};

const NUMBER: &str = "11010519491231002X";
const PHONE: &str = "13700000009";
/// The telephone number in the answers.
const ANSWER: &str = "13800000000";

async fn city() -> (City, String) {
    let city = City::new().await;
    let mut ctx = city.test.ctx(Actor::system("seed")).await;
    let person = PersonPlain {
        id: id(AGENT),
        name: "示例市民2".to_owned(),
        id_kind: IdKind::Citizen,
        id_number: Some(NUMBER.to_owned()),
        phone: Some(PHONE.to_owned()),
        region: None,
        level: 2,
    };
    seed(&mut ctx, &Seed { persons: vec![person], ..Seed::default() }).await.unwrap();
    ctx.commit().await.unwrap();
    let no = city.opened().await;
    (city, no)
}

fn hidden(page: &str) -> bool {
    [NUMBER, PHONE, ANSWER].iter().all(|value| !page.contains(value))
}

#[tokio::test]
async fn numbers_are_masked_until_a_reason_is_given() {
    let (city, no) = city().await;
    let case = format!("/desk/casework/{no}");
    let way = format!("{case}/reveal");
    let page = city.page("window", &case).await;
    assert!(hidden(&page) && page.contains("证件号码") && page.contains("要看全文"));
    assert!(page.contains("137****0009"), "the masked number stands there");

    for why in ["", "看看", "  a b  "] {
        let refused = city.post("window", &way, &[("why", why)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
        let page = refused.page();
        assert!(hidden(&page) && page.contains("请写明为什么要看"), "{why}");
        assert!(page.contains("<details class=\"fold\" open"), "the form stands open: {why}");
    }

    let seen = city.post("window", &way, &[("why", "电话通知补布局图")]).await;
    assert_eq!(seen.status, StatusCode::OK);
    let shown = seen.page();
    for value in [NUMBER, PHONE, ANSWER, "示例乙", "正在显示全文"] {
        assert!(shown.contains(value), "{value}");
    }
    assert!(hidden(&city.page("window", &case).await), "a page that is loaded again hides them");

    let paging = zhengtong_base::Paging::new(1, 50);
    let mut ctx = city.test.ctx(Actor::system("test")).await;
    let mut uses = zhengtong_ledger::uses(ctx.conn(), id(AGENT), paging).await.unwrap().rows;
    for entry in &mut uses {
        ctx.unveil(&mut entry.act).unwrap();
    }
    for verb in ["casework.reveal", "party.reveal"] {
        let look = uses.iter().find(|entry| entry.act.verb == verb).unwrap();
        let reason = look.act.reason.as_deref().unwrap();
        assert!(reason.starts_with("电话通知补布局图［"), "{reason}");
        assert!(look.act.post.is_some() && look.act.organisation.is_some());
    }
}

#[tokio::test]
async fn who_does_not_handle_the_case_sees_nothing() {
    let (city, no) = city().await;
    let way = format!("/desk/casework/{no}/reveal");
    for (who, status) in [
        ("system-admin", StatusCode::NOT_FOUND),
        ("agent", StatusCode::FORBIDDEN),
        ("nobody", StatusCode::UNAUTHORIZED),
    ] {
        let seen = city.post(who, &way, &[("why", "电话通知补布局图")]).await;
        assert_eq!(seen.status, status, "{who}");
        assert!(hidden(&seen.page()), "{who}");
    }
    let none = "/desk/casework/SPJY-2020-999999/reveal";
    let seen = city.post("window", none, &[("why", "电话通知补布局图")]).await;
    assert_eq!(seen.status, StatusCode::NOT_FOUND);
}
