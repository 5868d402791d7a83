//! An application from its beginning to the case: what is known, what is asked, what becomes of it.

use zhengtong_base::{Failure as _, Kind};
use zhengtong_casework::State;
use zhengtong_db::Actor;
use zhengtong_service::{Sent, attach, begin, submit};

use crate::world::{
    AGENT, AGREED, CODE, ITEM, agent, begun, citizen, city, city_under, fields, filled, id, kind,
    officer, reasons, rows,
};

#[tokio::test]
async fn of_a_file_that_is_too_large_only_that_is_told() {
    let test = city().await;
    let draft = begun(&test).await;
    // Cut off as well, and larger than the field takes.
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.resize(20 * 1024 * 1024 + 1, b' ');
    let mut ctx = test.ctx(agent()).await;
    let sent = Sent { name: "布局图.pdf", bytes: &bytes };
    let error = attach(&mut ctx, draft, "layout", None, sent).await.unwrap_err();
    assert_eq!((error.kind(), fields(&error)), (Kind::TooLarge, vec!["layout".to_owned()]));
    let error = attach(&mut ctx, draft, "area", None, sent).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    let mut ctx = test.ctx(citizen(3)).await;
    let error = attach(&mut ctx, draft, "layout", None, sent).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
}

#[tokio::test]
async fn what_the_city_knows_is_filled_in_with_its_source() {
    let test = city().await;
    let mut ctx = test.ctx(agent()).await;
    let draft = begin(&mut ctx, ITEM).await.unwrap();
    let now = ctx.now;
    ctx.commit().await.unwrap();
    let expected = [
        ("org_credit_code", CODE),
        ("org_name", "示例餐饮有限公司"),
        ("org_legal_representative", "示例甲"),
        ("org_established_on", "2020-01-02"),
        ("org_registered_address", "杭州市西湖区某路2号"),
    ];
    assert_eq!(draft.known.len(), expected.len());
    for (key, value) in expected {
        let known = &draft.known[key];
        assert_eq!(known.value, value, "{key}");
        assert_eq!((known.dataset.as_str(), known.updated), ("base-legal:organisation", now));
        assert_eq!(known.source.zh, "法人单位登记");
    }
    assert_eq!(draft.owner_organisation, agent().behalf.map(|behalf| behalf.organisation));
    assert!(draft.answers.values.is_empty());
    assert_eq!(reasons(&test, "registry.prefill").await, ["办理“食品经营许可（新办）”时预填"]);
}

#[tokio::test]
async fn a_company_the_register_does_not_hold_can_apply_all_the_same() {
    let test = city().await;
    let mut other = agent();
    other.behalf.as_mut().unwrap().credit_code = "91330106MA2EXAMPL0".to_owned();
    let mut ctx = test.ctx(other).await;
    assert!(begin(&mut ctx, ITEM).await.unwrap().known.is_empty());
}

#[tokio::test]
async fn who_may_not_apply_is_told_what_to_do() {
    let test = city().await;
    let rows = [
        (Actor::visitor(), ITEM, Kind::Unauthenticated),
        (citizen(AGENT), ITEM, Kind::Conflict),
        (officer(11, "window"), ITEM, Kind::Conflict),
        (agent(), "food-business:none", Kind::NotFound),
    ];
    for (actor, item, expected) in rows {
        let mut ctx = test.ctx(actor.clone()).await;
        assert_eq!(kind(begin(&mut ctx, item).await), expected, "{actor:?}");
    }
    let mut looker = agent();
    looker.roles = vec!["citizen-agent".to_owned(), "citizen-agent:view".to_owned()];
    let mut ctx = test.ctx(looker).await;
    assert_eq!(kind(begin(&mut ctx, ITEM).await), Kind::Denied);
    assert_eq!(crate::world::rows(&test, "form.draft").await, 0);
}

#[tokio::test]
async fn a_finished_form_becomes_a_case() {
    let test = city().await;
    let draft = filled(&test).await;
    let mut ctx = test.ctx(agent()).await;
    let no = submit(&mut ctx, draft, AGREED).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(agent()).await;
    let view = zhengtong_casework::view(&mut ctx, &no).await.unwrap();
    let case = &view.case;
    assert_eq!((case.state, case.kind.as_str()), (State::Submitted, "food-business:licence"));
    assert_eq!((case.item.as_str(), case.person), (ITEM, id(AGENT)));
    assert_eq!((case.promised_days, case.statutory_days), (5, 20));
    assert_eq!(case.organisation.as_ref().unwrap().credit_code, CODE);
    assert_eq!(case.answers["org_name"], "示例餐饮有限公司");
    assert_eq!((&case.answers["kind"], &case.answers["items"][0]), (&"2".into(), &"21".into()));

    let sources: Vec<&str> =
        view.materials.iter().map(|paper| paper.paper.source.as_str()).collect();
    let expected = ["base-legal:organisation", "base-population:resident", "applicant"];
    assert_eq!(sources, expected);
    let file = view.materials[2].paper.file.as_ref().unwrap();
    assert_eq!((file.name.as_str(), file.mime.as_str()), ("布局图.pdf", "application/pdf"));
    let mobile = case
        .facts
        .iter()
        .flat_map(|section| &section.rows)
        .find(|fact| fact.key == "officer_mobile")
        .unwrap();
    assert!(!mobile.value.zh.contains("12345678") && mobile.value.zh.contains('*'));
    assert_eq!(reasons(&test, "service.submit").await.len(), 1);
}

#[tokio::test]
async fn an_unfinished_form_becomes_nothing() {
    let test = city().await;
    let draft = begun(&test).await;
    let mut ctx = test.ctx(agent()).await;
    let error = submit(&mut ctx, draft, AGREED).await.unwrap_err();
    let missing = fields(&error);
    for field in ["same_address", "premises", "kind", "officer_name"] {
        assert!(missing.iter().any(|missing| missing == field), "{field}: {missing:?}");
    }
    assert!(!missing.iter().any(|missing| missing == "org_name"), "{missing:?}");
    drop(ctx);
    assert_eq!(rows(&test, r#"casework."case""#).await, 0);
}

#[tokio::test]
async fn another_person_s_draft_looks_as_if_absent() {
    let test = city().await;
    let draft = filled(&test).await;
    for actor in [citizen(3), citizen(AGENT), officer(11, "window")] {
        let mut ctx = test.ctx(actor).await;
        assert_eq!(kind(submit(&mut ctx, draft, AGREED).await), Kind::NotFound);
        assert_eq!(kind(submit(&mut ctx, id(9), AGREED).await), Kind::NotFound);
    }
    assert_eq!(rows(&test, r#"casework."case""#).await, 0);
}

#[tokio::test]
async fn a_file_is_what_its_bytes_say() {
    let test = city().await;
    let draft = begun(&test).await;
    for bytes in
        [&b"MZ\x90\x00 a program"[..], b"PK\x03\x04 an archive", b"<svg>", b"", b"%PDF-1.7 cut off"]
    {
        let mut ctx = test.ctx(agent()).await;
        let sent = Sent { name: "布局图.pdf", bytes };
        let error = attach(&mut ctx, draft, "layout", None, sent).await.unwrap_err();
        assert_eq!(fields(&error), ["layout"]);
    }
    assert_eq!(rows(&test, "form.file").await, 0);
}

#[tokio::test]
async fn nothing_is_done_without_a_policy() {
    let test = city_under("").await;
    let mut ctx = test.ctx(agent()).await;
    assert_eq!(kind(begin(&mut ctx, ITEM).await), Kind::Denied);
    assert_eq!(kind(zhengtong_service::items(&mut ctx, "").await), Kind::Denied);
    let mut ctx = test.ctx(Actor::visitor()).await;
    assert_eq!(kind(zhengtong_service::items(&mut ctx, "").await), Kind::Unauthenticated);
}
