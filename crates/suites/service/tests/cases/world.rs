//! A small city that can take applications: registers with rows, people, an office, files.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use time::macros::date;
use uuid::Uuid;
use zhengtong_base::{Behalf, Failure as _, Kind, Paging, Text};
use zhengtong_blob::Blobs;
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Shelf};
use zhengtong_form::{PageRef, save_page};
use zhengtong_pack::{Packs, Report};
use zhengtong_party::{
    IdKind, NewOrganisation, OrganisationKind, PersonPlain, Seed, SeedOrganisation, seed,
};
use zhengtong_registry::{Origin, put, sync};
use zhengtong_service::{CityElements, Consent, Error, Result, Sent, attach, begin};

pub(crate) const HOUSE: &str = include_str!("../../../../../packs/house-rules/access.cedar");
pub(crate) const ITEM: &str = "food-business:new";
pub(crate) const CODE: &str = "91350100M000100Y43";
pub(crate) const NUMBER: &str = "11010519491231002X";
pub(crate) const PDF: &[u8] =
    b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n0\n%%EOF\n";

/// The office, the company, and the person who acts for it.
pub(crate) const OFFICE: u128 = 100;
pub(crate) const COMPANY: u128 = 200;
pub(crate) const AGENT: u128 = 2;

pub(crate) const AGREED: Consent = Consent { sharing: true, truth: true };

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn packs(report: &mut Report) -> Packs {
    Packs::from_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs"), report)
}

/// The city with the shipped packs under these policies, its registers empty.
pub(crate) async fn city_under(policies: &str) -> TestDb {
    let schemas = [
        zhengtong_db::SCHEMA,
        zhengtong_ledger::SCHEMA,
        zhengtong_party::SCHEMA,
        zhengtong_registry::SCHEMA,
        zhengtong_form::SCHEMA,
        zhengtong_process::SCHEMA,
        zhengtong_document::SCHEMA,
        zhengtong_notice::SCHEMA,
        zhengtong_casework::SCHEMA,
        zhengtong_service::SCHEMA,
    ];
    let mut report = Report::default();
    let packs = packs(&mut report);
    let registry = zhengtong_registry::read(&packs, &mut report);
    let elements = CityElements::new(Arc::new(registry.clone()), date!(2026 - 03 - 02));
    let files = Path::new(env!("CARGO_TARGET_TMPDIR")).join(Uuid::new_v4().to_string());
    let shelf = Shelf::default()
        .with(zhengtong_party::read(&packs, &mut report))
        .with(zhengtong_form::read(&packs, Arc::new(elements), &mut report))
        .with(zhengtong_process::read(&packs, &mut report))
        .with(zhengtong_document::read(&packs, &mut report))
        .with(zhengtong_notice::catalog(&packs, &mut report))
        .with(zhengtong_casework::read(&packs, &mut report))
        .with(zhengtong_service::read(&packs, &mut report))
        .with(registry.clone())
        .with(Blobs::open(files).await.unwrap());
    assert!(report.usable(), "{:#?}", report.findings);
    let test = TestDb::new(&schemas).await.with(policies, shelf);
    let mut tx = test.db.begin_raw().await.unwrap();
    sync(&mut tx, &registry).await.unwrap();
    tx.commit().await.unwrap();
    test
}

/// The city under the policies of the house, with people, office and company.
pub(crate) async fn city() -> TestDb {
    let test = city_under(HOUSE).await;
    let mut ctx = test.ctx(Actor::system("seed")).await;
    let people = Seed {
        persons: vec![person(AGENT, NUMBER), person(3, "440524188001010014")],
        organisations: vec![office(), company()],
        ..Seed::default()
    };
    seed(&mut ctx, &people).await.unwrap();
    let company = values(&[
        ("credit_code", json!(CODE)),
        ("name", json!("示例餐饮有限公司")),
        ("kind", json!("10")),
        ("legal_representative", json!("示例甲")),
        ("address", json!("杭州市西湖区某路2号")),
        ("established_on", json!("2020-01-02")),
        ("status", json!("1")),
    ]);
    put(&mut ctx, "base-legal:organisation", &company, &Origin::new("登记")).await.unwrap();
    ctx.commit().await.unwrap();
    test
}

fn values(pairs: &[(&str, Value)]) -> BTreeMap<String, Value> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

fn person(number: u128, id_number: &str) -> PersonPlain {
    PersonPlain {
        id: id(number),
        name: format!("示例市民{number}"),
        id_kind: IdKind::Citizen,
        id_number: Some(id_number.to_owned()),
        phone: Some(format!("1380000{number:04}")),
        region: None,
        level: 2,
    }
}

fn office() -> SeedOrganisation {
    organisation(OFFICE, OrganisationKind::Department, Some("market-regulation"), None)
}

fn company() -> SeedOrganisation {
    organisation(COMPANY, OrganisationKind::Company, None, Some(CODE))
}

fn organisation(
    number: u128,
    kind: OrganisationKind,
    short: Option<&str>,
    code: Option<&str>,
) -> SeedOrganisation {
    SeedOrganisation {
        id: id(number),
        organisation: NewOrganisation {
            parent: None,
            region: Some("330100".to_owned()),
            kind,
            name: Text::new("示例单位", "Sample unit"),
            short: short.map(str::to_owned),
            credit_code: code.map(str::to_owned),
            representative: None,
        },
    }
}

/// A citizen for their own matters.
pub(crate) fn citizen(number: u128) -> Actor {
    Actor {
        kind: ActorKind::Citizen,
        account: Some(id(2000 + number)),
        person: Some(id(number)),
        name: format!("示例市民{number}"),
        ..Actor::visitor()
    }
}

/// The citizen who applies for the company.
pub(crate) fn agent() -> Actor {
    Actor {
        behalf: Some(Behalf {
            organisation: id(COMPANY),
            credit_code: CODE.to_owned(),
            name: "示例餐饮有限公司".to_owned(),
        }),
        roles: vec!["citizen-agent".to_owned(), "citizen-agent:apply".to_owned()],
        ..citizen(AGENT)
    }
}

pub(crate) fn officer(number: u128, role: &str) -> Actor {
    Actor {
        kind: ActorKind::Staff,
        account: Some(id(2000 + number)),
        person: Some(id(number)),
        name: format!("示例{role}"),
        organisation: Some(id(OFFICE)),
        roles: vec![role.to_owned()],
        ..Actor::visitor()
    }
}

/// Begins an application and commits.
pub(crate) async fn begun(test: &TestDb) -> Uuid {
    let mut ctx = test.ctx(agent()).await;
    let draft = begin(&mut ctx, ITEM).await.unwrap();
    ctx.commit().await.unwrap();
    draft.id
}

/// Answers one page and commits.
pub(crate) async fn answer(test: &TestDb, draft: Uuid, page: &str, given: &[(&str, &str)]) {
    let given: Vec<(String, String)> =
        given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let mut ctx = test.ctx(agent()).await;
    let saved = save_page(&mut ctx, draft, &PageRef::page(page), &given, i64::MAX).await.unwrap();
    assert_eq!(saved.errors, [], "{page}");
    ctx.commit().await.unwrap();
}

/// An application of which everything is answered.
pub(crate) async fn filled(test: &TestDb) -> Uuid {
    let draft = begun(test).await;
    let address = [
        ("org_registered_address", "杭州市西湖区某路2号"),
        ("same_address", "true"),
        ("premises", "owned"),
    ];
    answer(test, draft, "place", &address).await;
    answer(test, draft, "size", &[("area", "120"), ("water", "tap")]).await;
    answer(test, draft, "trade", &[("kind", "2")]).await;
    answer(test, draft, "products", &[("items", "21")]).await;
    let officer = [("officer_name", "示例乙"), ("officer_mobile", "13812345678")];
    answer(test, draft, "officer", &officer).await;
    answer(test, draft, "staff", &[]).await;
    let rules = ["self_check", "health", "purchase", "incident"].map(|rule| ("rules", rule));
    answer(test, draft, "system", &rules).await;
    let mut ctx = test.ctx(agent()).await;
    let sent = Sent { name: "布局图.pdf", bytes: PDF };
    attach(&mut ctx, draft, "layout", None, sent).await.unwrap();
    ctx.commit().await.unwrap();
    answer(test, draft, "papers", &[]).await;
    draft
}

pub(crate) fn kind<T: std::fmt::Debug>(result: Result<T>) -> Kind {
    result.unwrap_err().kind()
}

/// The names of the fields that were refused.
pub(crate) fn fields(error: &Error) -> Vec<String> {
    error.fields().into_iter().map(|field| field.field).collect()
}

/// How many rows a table holds.
pub(crate) async fn rows(test: &TestDb, table: &str) -> i64 {
    let statement = zhengtong_db::sql::trusted(format!("SELECT count(*) FROM {table}"));
    sqlx::query_scalar(statement).fetch_one(test.db.pool()).await.unwrap()
}

/// The reasons of a verb in the record, in order.
pub(crate) async fn reasons(test: &TestDb, verb: &str) -> Vec<String> {
    let mut ctx = test.ctx(Actor::system("test")).await;
    let search = zhengtong_ledger::Search { verb: Some(verb.to_owned()), ..Default::default() };
    let paging = Paging::new(1, 200);
    let mut rows = zhengtong_ledger::search(ctx.conn(), &search, paging).await.unwrap().rows;
    rows.retain(|entry| entry.act.verb == verb);
    rows.reverse();
    for entry in &mut rows {
        ctx.unveil(&mut entry.act).unwrap();
    }
    rows.into_iter().map(|entry| entry.act.reason.unwrap_or_default()).collect()
}
