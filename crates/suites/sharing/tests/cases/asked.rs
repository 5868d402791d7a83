//! Requests: who does what, in which order, within which days.

use zhengtong_base::{Failure as _, Kind};
use zhengtong_sharing::{
    Act, Reply, Ruling, Shelf, State, StepKind, Verdict, appeal, ask, check, counts, grant,
    negotiate, reply, request, requests, rule, withdraw,
};

use crate::world::*;

#[tokio::test]
async fn what_breaks_a_rule_is_told_field_by_field() {
    let test = city().await;
    let mut new = wanted(&test);
    new.purpose = " ".to_owned();
    new.fields = vec!["name".to_owned(), "shoe_size".to_owned()];
    new.last = new.first - time::Duration::days(1);
    new.quota = 0;
    assert_eq!(wrong(act!(test, asker(), ask, new)), ["purpose", "fields", "last", "quota"]);
    let mut none = wanted(&test);
    none.dataset = "base-population:personal_tax".to_owned();
    none.fields = Vec::new();
    assert_eq!(wrong(act!(test, asker(), ask, none)), ["dataset"]);
    // A dataset whose unit is not there answers to nobody.
    let mut orphan = wanted(&test);
    orphan.dataset = "base-geo:division".to_owned();
    orphan.fields = vec!["code".to_owned()];
    let refused = act!(test, asker(), ask, orphan).unwrap_err();
    let said = &refused.fields()[0];
    assert_eq!(said.field, "dataset");
    assert!(
        said.text.zh.contains("请系统管理员先登记") && said.text.en.contains("enters it first")
    );
    // Own data is not asked for, and a clerk asks for nothing.
    assert_eq!(wrong(act!(test, provider(), ask, wanted(&test))), ["dataset"]);
    assert_eq!(kind(act!(test, reviewer(), ask, wanted(&test))), Kind::Denied);
    assert_eq!(kind(act!(test, citizen(1), ask, wanted(&test))), Kind::Denied);
}

#[tokio::test]
async fn a_condition_takes_the_provider_and_none_takes_the_authority_alone() {
    let test = city().await;
    let no = act!(test, asker(), ask, wanted(&test)).unwrap();
    // Neither the asking unit nor the provider checks, and the provider waits for the check.
    assert_eq!(kind(act!(test, asker(), check, &no, Verdict::Pass)), Kind::NotFound);
    let yes = Reply::Grant(terms(&test, &["name"], &[]));
    assert_eq!(kind(act!(test, provider(), reply, &no, yes.clone())), Kind::Conflict);
    act!(test, authority(), check, &no, Verdict::Pass).unwrap();
    assert_eq!(kind(act!(test, stranger(), request, &no)), Kind::NotFound);
    assert_eq!(kind(act!(test, authority(), reply, &no, yes.clone())), Kind::NotFound);
    let more = Reply::Grant(terms(&test, &["name", "ethnic_group"], &["sex"]));
    assert_eq!(wrong(act!(test, provider(), reply, &no, more)), ["fields", "masked"]);
    act!(test, provider(), reply, &no, yes).unwrap();
    let seen = act!(test, asker(), request, &no).unwrap();
    assert_eq!(seen.request.state, State::Granted);
    let given = act!(test, asker(), grant, &seen.grant.unwrap()).unwrap();
    assert_eq!(given.grant.fields, ["name"]);

    let mut open = wanted(&test);
    open.dataset = "base-geo:address".to_owned();
    open.fields = vec!["full_address".to_owned()];
    let registry = test.ctx(asker()).await.defs::<zhengtong_registry::Catalog>().unwrap();
    let first = registry.dataset(&open.dataset).unwrap().fields[0].name.clone();
    open.fields = vec![first];
    let no = act!(test, asker(), ask, open).unwrap();
    act!(test, authority(), check, &no, Verdict::Pass).unwrap();
    let seen = act!(test, provider(), request, &no).unwrap();
    assert_eq!(seen.request.state, State::Granted);
    assert!(seen.grant.is_some());
}

#[tokio::test]
async fn a_no_has_a_reason_and_a_law_then_a_talk_then_a_ruling() {
    let test = city().await;
    let no = sent(&test, wanted(&test)).await;
    let bare = Reply::Refuse { reason: "不给".to_owned(), basis: String::new() };
    assert_eq!(wrong(act!(test, provider(), reply, &no, bare)), ["reason"]);
    let refuse = || Reply::Refuse {
        reason: "用途不需要手机号码".to_owned(),
        basis: "个人信息保护法第六条".to_owned(),
    };
    act!(test, provider(), reply, &no, refuse()).unwrap();
    assert_eq!(kind(act!(test, asker(), appeal, &no, "仍然需要")), Kind::Conflict);
    act!(test, asker(), negotiate, &no, "要用手机号码通知本人").unwrap();
    act!(test, provider(), reply, &no, refuse()).unwrap();
    assert_eq!(kind(act!(test, asker(), negotiate, &no, "再协商一次")), Kind::Conflict);
    assert_eq!(act!(test, asker(), request, &no).unwrap().may, [Act::Appeal, Act::Withdraw]);
    act!(test, asker(), appeal, &no, "请裁决").unwrap_err();
    act!(test, asker(), appeal, &no, "请数据主管部门裁决").unwrap();
    let ruling = Ruling::Grant(terms(&test, &["name", "phone"], &["phone"]));
    assert_eq!(kind(act!(test, provider(), rule, &no, ruling.clone())), Kind::NotFound);
    let bare = Ruling::Uphold("否".to_owned());
    assert_eq!(wrong(act!(test, authority(), rule, &no, bare)), ["reason"]);
    let mut silent = terms(&test, &["name"], &[]);
    silent.words = String::new();
    assert_eq!(wrong(act!(test, authority(), rule, &no, Ruling::Grant(silent))), ["words"]);
    let mut said = terms(&test, &["name", "phone"], &["phone"]);
    said.words = "脱敏后共享".to_owned();
    act!(test, authority(), rule, &no, Ruling::Grant(said)).unwrap();
    let seen = act!(test, asker(), request, &no).unwrap();
    assert_eq!(seen.request.state, State::Granted);
    let kinds: Vec<StepKind> = seen.steps.iter().map(|step| step.kind).collect();
    let expected = [
        StepKind::Asked,
        StepKind::Passed,
        StepKind::Refused,
        StepKind::Negotiated,
        StepKind::Refused,
        StepKind::Appealed,
        StepKind::Ordered,
    ];
    assert_eq!(kinds, expected);
    assert_eq!(kind(act!(test, asker(), withdraw, &no)), Kind::Conflict);
}

#[tokio::test]
async fn what_is_late_is_shown_and_counted() {
    let test = city().await;
    let no = sent(&test, wanted(&test)).await;
    let before = act!(test, provider(), counts).unwrap();
    assert_eq!((before.reply, before.overdue), (1, 0));
    days(&test, 12);
    let after = act!(test, provider(), counts).unwrap();
    assert_eq!((after.reply, after.overdue), (1, 1));
    assert_eq!(act!(test, authority(), requests, Shelf::Overdue, 1).unwrap().rows[0].no, no);
    assert_eq!(act!(test, stranger(), counts).unwrap().overdue, 0);
    let yes = Reply::Grant(terms(&test, &["name"], &[]));
    let Reply::Grant(mut late) = yes else { panic!("a grant") };
    late.last = wanted(&test).first + time::Duration::days(5);
    act!(test, provider(), reply, &no, Reply::Grant(late)).unwrap();
    assert!(act!(test, asker(), request, &no).unwrap().request.late);
    assert_eq!(act!(test, provider(), counts).unwrap().overdue, 0);
}

#[tokio::test]
async fn nobody_checks_what_their_own_unit_asks_for() {
    let test = city().await;
    let no = act!(test, officer(32, DATA, "head"), ask, wanted(&test)).unwrap();
    assert_eq!(kind(act!(test, authority(), check, &no, Verdict::Pass)), Kind::NotFound);
}
