//! Records: put, read with a reason, prefilled, verified, listed with masks; and refused without policy.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind, Paging};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Ctx, Shelf};
use zhengtong_registry::{
    Error, Origin, Purpose, Subject, copy_in, count, end, history, lookup, prefill, put, search,
    verify,
};

use crate::catalog;
use crate::tables::database;

const RESIDENT: &str = "base-population:resident";
const ORGANISATION: &str = "base-legal:organisation";
const NUMBER: &str = "11010519491231002X";
const CODE: &str = "91350100M000100Y43";

/// A field and its value.
type Pair = (&'static str, Value);

fn person() -> Uuid {
    Uuid::from_u128(7)
}

fn citizen(person: Uuid) -> Actor {
    let mut actor = Actor::system("");
    actor.kind = ActorKind::Citizen;
    actor.account = Some(Uuid::from_u128(70));
    actor.person = Some(person);
    actor
}

fn values(pairs: &[(&str, Value)]) -> BTreeMap<String, Value> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

fn resident() -> BTreeMap<String, Value> {
    values(&[
        ("id_number", json!("110105491231002")),
        ("name", json!("示例\u{20bb7}\u{2ebf0}")),
        ("sex", json!("2")),
        ("birth_date", json!("1949-12-31")),
        ("household_address", json!("杭州市西湖区某路1号")),
        ("phone", json!("138 1234 5678")),
    ])
}

fn organisation() -> BTreeMap<String, Value> {
    values(&[
        ("credit_code", json!(CODE)),
        ("name", json!("示例餐饮有限公司")),
        ("kind", json!("10")),
        ("legal_representative", json!("示例甲")),
        ("address", json!("杭州市西湖区某路2号")),
        ("established_on", json!("2020-01-02")),
        ("registered_capital", json!(120.5)),
        ("status", json!("1")),
    ])
}

async fn filled() -> TestDb {
    let db = database().await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    let origin = Origin::new("公安").about(person());
    put(&mut ctx, RESIDENT, &resident(), &origin).await.unwrap();
    put(&mut ctx, ORGANISATION, &organisation(), &Origin::new("登记")).await.unwrap();
    ctx.commit().await.unwrap();
    db
}

async fn acts(ctx: &mut Ctx, verb: &str) -> Vec<(Option<Uuid>, Option<String>, String)> {
    let search = zhengtong_ledger::Search { verb: Some(verb.to_owned()), ..Default::default() };
    let paging = Paging::new(1, 200);
    let mut rows = zhengtong_ledger::search(ctx.conn(), &search, paging).await.unwrap().rows;
    rows.retain(|entry| entry.act.verb == verb);
    rows.reverse();
    for entry in &mut rows {
        ctx.unveil(&mut entry.act).unwrap();
    }
    rows.into_iter().map(|entry| (entry.act.subject, entry.act.reason, entry.act.thing)).collect()
}

#[tokio::test]
async fn a_record_is_put_and_read_with_a_reason() {
    let db = filled().await;
    let mut ctx = db.ctx(Actor::system("clerk")).await;
    let purpose = Purpose::new("核对申请人信息").about(person());
    let key = [("id_number", "１１0105194912310 02x")];
    let record = lookup(&mut ctx, RESIDENT, &key, &purpose).await.unwrap().unwrap();
    assert_eq!(record.values["id_number"], json!(NUMBER));
    assert_eq!(record.values["name"], json!("示例\u{20bb7}\u{2ebf0}"));
    assert_eq!(record.values["birth_date"], json!("1949-12-31"));
    assert!(!record.values.contains_key("marital_status"));
    assert_eq!((record.title.zh.as_str(), record.updated), ("常住人口登记", ctx.now));
    let noted = acts(&mut ctx, "registry.read").await;
    let expected =
        (Some(person()), Some("核对申请人信息".to_owned()), format!("{RESIDENT}/{}", record.id));
    assert_eq!(noted, [expected]);
    assert_eq!(acts(&mut ctx, "registry.put").await.len(), 2);

    let nobody = [("id_number", "440524188001010014")];
    assert_eq!(lookup(&mut ctx, RESIDENT, &nobody, &purpose).await.unwrap(), None);
    for key in [&[][..], &[("name", "x")], &[("id_number", NUMBER), ("name", "x")]] {
        let error = lookup(&mut ctx, RESIDENT, key, &purpose).await.unwrap_err();
        assert!(matches!(error, Error::Key { .. }), "{error}");
    }
    let wrong = [("id_number", "110105194912310021")];
    let error = lookup(&mut ctx, RESIDENT, &wrong, &purpose).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
    let error = lookup(&mut ctx, "base-population:nothing", &key, &purpose).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
}

#[tokio::test]
async fn a_change_keeps_what_was_said_before() {
    let db = filled().await;
    db.clock.advance(time::Duration::days(1));
    let mut ctx = db.ctx(Actor::system("test")).await;
    let change = values(&[
        ("credit_code", json!(CODE)),
        ("name", json!("示例餐饮集团有限公司")),
        ("registered_capital", Value::Null),
    ]);
    let origin = Origin::new("登记").in_case("330106-1-2026-000001");
    let done = put(&mut ctx, ORGANISATION, &change, &origin).await.unwrap();
    assert!(!done.created);
    let key = [("credit_code", CODE)];
    let purpose = Purpose::new("查看");
    let record = lookup(&mut ctx, ORGANISATION, &key, &purpose).await.unwrap().unwrap();
    assert_eq!(record.values["name"], json!("示例餐饮集团有限公司"));
    assert_eq!(record.values["status"], json!("1"));
    assert!(!record.values.contains_key("registered_capital"));
    assert_eq!(record.by_case.as_deref(), Some("330106-1-2026-000001"));
    // The same again changes nothing, so nothing is kept.
    put(&mut ctx, ORGANISATION, &change, &origin).await.unwrap();
    let past = history(&mut ctx, ORGANISATION, &key, &purpose).await.unwrap();
    assert_eq!(past.len(), 1);
    assert_eq!(past[0].values["registered_capital"], json!(120.5));
    assert_eq!(past[0].until, Some(past[0].since + time::Duration::days(1)));
    let events: i64 =
        sqlx::query_scalar("SELECT count(*) FROM db.outbox WHERE topic = 'registry.put'")
            .fetch_one(ctx.conn())
            .await
            .unwrap();
    assert_eq!(events, 4);
}

#[tokio::test]
async fn a_record_ends_keeps_its_past_and_goes_on_under_its_identifier() {
    let db = filled().await;
    let purpose = Purpose::new("查看");
    let (key, named) = ([("credit_code", CODE)], values(&[("credit_code", json!(CODE))]));
    let mut ctx = db.ctx(Actor::system("test")).await;
    let before = lookup(&mut ctx, ORGANISATION, &key, &purpose).await.unwrap().unwrap();
    drop(ctx);
    db.clock.advance(time::Duration::days(1));
    let mut ctx = db.ctx(Actor::system("test")).await;
    let origin = Origin::new("登记").in_case("330106-1-2026-000002");
    assert!(end(&mut ctx, ORGANISATION, &named, &origin).await.unwrap());
    assert_eq!(lookup(&mut ctx, ORGANISATION, &key, &purpose).await.unwrap(), None);
    assert!(!end(&mut ctx, ORGANISATION, &named, &origin).await.unwrap(), "it ends once");
    let ended = acts(&mut ctx, "registry.end").await;
    let thing = format!("{ORGANISATION}/{}", before.id);
    assert_eq!(ended, [(None, Some("登记 (330106-1-2026-000002)".to_owned()), thing)]);
    let today = zhengtong_calendar::china_date(ctx.now);
    let at = |valid_on| zhengtong_registry::AsOf { valid_on, known_at: ctx.now };
    let (then, now) = (at(today - time::Duration::days(1)), at(today));
    let held = zhengtong_registry::as_of(&mut ctx, ORGANISATION, &key, then, &purpose).await;
    assert_eq!(held.unwrap().unwrap().values["name"], json!("示例餐饮有限公司"));
    let held = zhengtong_registry::as_of(&mut ctx, ORGANISATION, &key, now, &purpose).await;
    assert_eq!(held.unwrap(), None);
    let again = put(&mut ctx, ORGANISATION, &organisation(), &origin).await.unwrap();
    assert_eq!((again.id, again.created), (before.id, true));
    let wrong = end(&mut ctx, ORGANISATION, &values(&[("name", json!("x"))]), &origin).await;
    assert_eq!(wrong.unwrap_err().kind(), Kind::Invalid);
}

#[tokio::test]
async fn a_record_that_breaks_rules_is_refused() {
    let db = filled().await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    let rows: &[(&[Pair], &[&str])] = &[
        (&[("established_on", json!("2026-03-03"))], &["established_on"]),
        (&[("kind", json!("77")), ("name", json!("\u{7}"))], &["kind", "name"]),
        (&[("name", Value::Null), ("status", json!(""))], &["name", "status"]),
        (&[("credit_code", json!("91350100M000100Z43"))], &["credit_code"]),
        (&[("credit_code", Value::Null)], &["credit_code"]),
        (&[("nothing", json!("x"))], &["nothing"]),
    ];
    for (changes, wrong) in rows {
        let mut record = organisation();
        record.extend(values(changes));
        let error = put(&mut ctx, ORGANISATION, &record, &Origin::new("x")).await.unwrap_err();
        let fields: Vec<String> = error.fields().into_iter().map(|field| field.field).collect();
        assert_eq!(fields, *wrong, "{changes:?}");
        assert!(error.fields().iter().all(|field| !field.text.zh.is_empty()));
    }
    let licence = |code: &str, to: &str| {
        values(&[
            ("credit_code", json!(code)),
            ("holder", json!("甲")),
            ("issued_on", json!("2020-01-02")),
            ("valid_from", json!("2020-01-02")),
            ("valid_to", json!(to)),
            ("status", json!("1")),
        ])
    };
    let licences = "base-legal:business_licence";
    let origin = Origin::new("x");
    for (code, to, wrong) in
        [("91330100799655058B", "2030-01-01", "credit_code"), (CODE, "2020-01-01", "valid_to")]
    {
        let error = put(&mut ctx, licences, &licence(code, to), &origin).await.unwrap_err();
        assert_eq!(error.fields()[0].field, wrong);
    }
    assert!(put(&mut ctx, licences, &licence(CODE, "2030-01-01"), &origin).await.unwrap().created);
}

#[tokio::test]
async fn what_is_known_is_filled_in_with_its_source() {
    let db = filled().await;
    let mut ctx = db.ctx(citizen(person())).await;
    let company = Uuid::from_u128(9);
    let subject = Subject {
        person: Some((person(), NUMBER.to_owned())),
        organisation: Some((company, CODE.to_owned())),
    };
    let wanted = [
        "person.name",
        "person.household_address",
        "person.marital_status",
        "org.name",
        "org.scope",
        "place.area",
        "nothing.at_all",
    ];
    let known = prefill(&mut ctx, &wanted, &subject, "填写申请").await.unwrap();
    let got: Vec<&str> = known.keys().map(String::as_str).collect();
    assert_eq!(got, ["org.name", "person.household_address", "person.name"]);
    assert_eq!(known["org.name"].value, json!("示例餐饮有限公司"));
    assert_eq!(known["org.name"].source.zh, "法人单位登记");
    assert_eq!(known["person.name"].dataset, RESIDENT);
    let noted = acts(&mut ctx, "registry.prefill").await;
    assert_eq!(noted.len(), 2);
    assert_eq!(noted.iter().filter(|act| act.0 == Some(person())).count(), 1);

    let nobody = prefill(&mut ctx, &wanted, &Subject::default(), "x").await.unwrap();
    assert!(nobody.is_empty());
    let strange =
        Subject { person: Some((person(), "不是号码".to_owned())), organisation: None };
    assert!(prefill(&mut ctx, &wanted, &strange, "x").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_fact_is_verified_without_handing_it_over() {
    let db = filled().await;
    let mut ctx = db.ctx(Actor::system("clerk")).await;
    let purpose = Purpose::new("核验").about(person());
    let key = [("id_number", NUMBER)];
    for (field, value, answer) in [
        ("name", "示例\u{20bb7}\u{2ebf0}", true),
        ("name", "别人", false),
        ("birth_date", "1949年12月31日", true),
        ("marital_status", "10", false),
        ("sex", "不是代码", false),
    ] {
        let said = verify(&mut ctx, RESIDENT, &key, (field, value), &purpose).await.unwrap();
        assert_eq!(said, answer, "{field} {value}");
    }
    let key = [("id_number", "440524188001010014")];
    assert!(!verify(&mut ctx, RESIDENT, &key, ("sex", "2"), &purpose).await.unwrap());
    assert_eq!(acts(&mut ctx, "registry.verify").await.len(), 6);
}

#[tokio::test]
async fn lists_are_masked_and_bounded() {
    let db = filled().await;
    let mut ctx = db.ctx(Actor::system("steward")).await;
    let paging = Paging::new(1, 10_000);
    let page = search(&mut ctx, RESIDENT, &[("id_number", NUMBER)], paging).await.unwrap();
    assert_eq!((page.total, page.size), (1, 100));
    let cells = &page.rows[0].cells;
    assert_eq!(cells["id_number"].zh, "1101**********002X");
    assert_eq!(cells["name"].zh, "示***");
    assert_eq!(cells["marital_status"].zh, "");
    for (filters, total) in [
        (&[("name", "餐饮")][..], 1),
        (&[("name", "100%")], 0),
        (&[("status", "1"), ("kind", "10")], 1),
        (&[("status", "3")], 0),
        (&[("established_on", "2020-01-02"), ("registered_capital", "120.50")], 1),
        (&[("name", " ")], 1),
    ] {
        let page = search(&mut ctx, ORGANISATION, filters, paging).await.unwrap();
        assert_eq!(page.total, total, "{filters:?}");
    }
    // Nobody is looked for by name.
    let error = search(&mut ctx, RESIDENT, &[("name", "示例")], paging).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
    let error = search(&mut ctx, RESIDENT, &[("nothing", "x")], paging).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
    assert_eq!(acts(&mut ctx, "registry.search").await.len(), 7);
}

#[tokio::test]
async fn without_a_policy_nothing_is_read_or_written() {
    let db = filled().await.with("", Shelf::default().with(catalog()));
    let mut ctx = db.ctx(citizen(person())).await;
    let key = [("id_number", NUMBER)];
    let purpose = Purpose::new("看看").about(person());
    let subject = Subject { person: Some((person(), NUMBER.to_owned())), organisation: None };
    let origin = Origin::new("x");
    let paging = Paging::new(1, 10);
    let mut none = std::iter::empty();
    let refusals = [
        lookup(&mut ctx, RESIDENT, &key, &purpose).await.unwrap_err(),
        history(&mut ctx, RESIDENT, &key, &purpose).await.unwrap_err(),
        prefill(&mut ctx, &["person.name"], &subject, "x").await.unwrap_err(),
        verify(&mut ctx, RESIDENT, &key, ("sex", "2"), &purpose).await.unwrap_err(),
        search(&mut ctx, RESIDENT, &[], paging).await.unwrap_err(),
        count(&mut ctx).await.unwrap_err(),
        put(&mut ctx, RESIDENT, &resident(), &origin).await.unwrap_err(),
        end(&mut ctx, RESIDENT, &resident(), &origin).await.unwrap_err(),
        copy_in(&mut ctx, RESIDENT, &["name"], &mut none, &origin).await.unwrap_err(),
    ];
    for refusal in refusals {
        assert_eq!(refusal.kind(), Kind::Denied, "{refusal}");
    }
}

#[tokio::test]
async fn a_person_may_read_the_own_record_where_policy_says_so() {
    let policy = "permit(principal, action == Action::\"registry.read\", resource) when {
        resource has owner && principal has person && resource.owner == principal.person };";
    let db = filled().await.with(policy, Shelf::default().with(catalog()));
    let subject = |owner| Subject { person: Some((owner, NUMBER.to_owned())), organisation: None };
    let mut ctx = db.ctx(citizen(person())).await;
    let wanted = ["person.name", "org.name"];
    let known = prefill(&mut ctx, &wanted, &subject(person()), "填写申请").await.unwrap();
    assert_eq!(known.len(), 1);
    let other = Uuid::from_u128(8);
    let error = prefill(&mut ctx, &wanted, &subject(other), "x").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    // One closed dataset beside an open one is passed over.
    let both = Subject { organisation: Some((other, CODE.to_owned())), ..subject(person()) };
    assert_eq!(prefill(&mut ctx, &wanted, &both, "x").await.unwrap().len(), 1);
}
