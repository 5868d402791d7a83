//! A small city: an office with four officers, a company with its agent, a stranger; and what they do.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use uuid::Uuid;
use zhengtong_base::{Behalf, Failure as _, Kind, Text};
use zhengtong_casework::{
    Applicant, Case, CaseView, Error, Fact, FactSection, Input, MaterialFile, NewMaterial, Opening,
    Result, Todo, act, open, view,
};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Ctx, Shelf};
use zhengtong_pack::{Packs, Report};
use zhengtong_registry::{Origin, put, sync};

pub(crate) const HOUSE: &str = include_str!("../../../../../packs/house-rules/access.cedar");
pub(crate) const CODE: &str = "91350100M000100Y43";
pub(crate) const LICENCES: &str = "food-business:food_licence";

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// The office.
pub(crate) const OFFICE: u128 = 100;
/// The company.
pub(crate) const COMPANY: u128 = 200;
/// The person who acts for the company.
pub(crate) const AGENT: u128 = 2;

/// The city with the shipped packs under these policies.
pub(crate) async fn city_under(policies: &str) -> TestDb {
    city_of(policies, &[]).await
}

async fn city_of(policies: &str, more: &[zhengtong_base::Schema]) -> TestDb {
    city_on(policies, more, shelf()).await
}

/// The city under the policies of the house with packs of the test.
pub(crate) async fn city_of_packs(
    packs: &Packs,
    report: &mut Report,
    more: &[zhengtong_base::Schema],
) -> TestDb {
    city_on(HOUSE, more, shelf_of(packs, report)).await
}

async fn city_on(
    policies: &str,
    more: &[zhengtong_base::Schema],
    (shelf, registry): (Shelf, zhengtong_registry::Catalog),
) -> TestDb {
    let mut schemas = vec![
        zhengtong_db::SCHEMA,
        zhengtong_ledger::SCHEMA,
        zhengtong_registry::SCHEMA,
        zhengtong_process::SCHEMA,
        zhengtong_document::SCHEMA,
        zhengtong_notice::SCHEMA,
        zhengtong_casework::SCHEMA,
    ];
    schemas.extend(more);
    let test = TestDb::new(&schemas).await.with(policies, shelf);
    let mut tx = test.db.begin_raw().await.unwrap();
    sync(&mut tx, &registry).await.unwrap();
    tx.commit().await.unwrap();
    test
}

/// The city with a folder of files and with fonts, so that papers are made.
pub(crate) async fn city_with_files(folder: &Path) -> TestDb {
    let test = city().await;
    let blobs = zhengtong_blob::Blobs::open(folder).await.unwrap();
    let fonts = vec!["/usr/share/fonts".into()];
    let settings = zhengtong_document::Settings::new("https://www.example.gov.cn", fonts);
    let (shelf, _) = shelf();
    test.with(HOUSE, shelf.with(blobs).with(settings))
}

/// The city under the policies of the house, with the company in its register.
pub(crate) async fn city() -> TestDb {
    city_with(&[]).await
}

/// The same, with the tables of more engines.
pub(crate) async fn city_with(more: &[zhengtong_base::Schema]) -> TestDb {
    let test = city_of(HOUSE, more).await;
    let mut ctx = test.ctx(Actor::system("seed")).await;
    let company = [
        ("credit_code", json!(CODE)),
        ("name", json!("示例餐饮有限公司")),
        ("kind", json!("10")),
        ("legal_representative", json!("示例甲")),
        ("address", json!("杭州市西湖区某路2号")),
        ("established_on", json!("2020-01-02")),
        ("status", json!("1")),
    ];
    let company: BTreeMap<String, Value> =
        company.map(|(name, value)| (name.to_owned(), value)).into();
    put(&mut ctx, "base-legal:organisation", &company, &Origin::new("登记")).await.unwrap();
    ctx.commit().await.unwrap();
    test
}

fn shelf() -> (Shelf, zhengtong_registry::Catalog) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs");
    let mut report = Report::default();
    let packs = Packs::from_folder(&folder, &mut report);
    shelf_of(&packs, &mut report)
}

fn shelf_of(packs: &Packs, report: &mut Report) -> (Shelf, zhengtong_registry::Catalog) {
    let registry = zhengtong_registry::read(packs, report);
    let shelf = Shelf::default()
        .with(zhengtong_process::read(packs, report))
        .with(zhengtong_document::read(packs, report))
        .with(zhengtong_notice::catalog(packs, report))
        .with(zhengtong_casework::read(packs, report))
        .with(registry.clone());
    assert!(report.usable(), "{:#?}", report.findings);
    (shelf, registry)
}

/// An officer of the office.
pub(crate) fn officer(number: u128, role: &str) -> Actor {
    Actor {
        kind: ActorKind::Staff,
        account: Some(id(2000 + number)),
        person: Some(id(number)),
        name: format!("示例{role}{number}"),
        organisation: Some(id(OFFICE)),
        post: Some(id(1000 + number)),
        roles: vec![role.to_owned()],
        ..Actor::visitor()
    }
}

pub(crate) fn window() -> Actor {
    officer(11, "window")
}

pub(crate) fn reviewer() -> Actor {
    officer(12, "reviewer")
}

pub(crate) fn inspector() -> Actor {
    officer(13, "inspector")
}

pub(crate) fn head() -> Actor {
    officer(14, "head")
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

/// A citizen who acts for the company, with a leave of this scope.
pub(crate) fn for_company(number: u128, scope: &str) -> Actor {
    Actor {
        behalf: Some(Behalf {
            organisation: id(COMPANY),
            credit_code: CODE.to_owned(),
            name: "示例餐饮有限公司".to_owned(),
        }),
        roles: vec!["citizen-agent".to_owned(), format!("citizen-agent:{scope}")],
        ..citizen(number)
    }
}

pub(crate) fn agent() -> Actor {
    for_company(AGENT, "apply")
}

pub(crate) fn paper(name: &str) -> NewMaterial {
    NewMaterial {
        name: Text::same(name),
        source: "applicant".to_owned(),
        source_note: None,
        file: Some(MaterialFile {
            digest: "0".repeat(64),
            name: "plan.pdf".to_owned(),
            size: 1_024,
            mime: "application/pdf".to_owned(),
        }),
    }
}

/// What the company hands in.
pub(crate) fn opening() -> Opening {
    let answers = json!({
        "same_address": true, "premises": "owned", "water": "tap", "area": 120,
        "kind": "2", "items": ["21"], "officer_name": "示例乙", "officer_mobile": "13800000000",
    });
    Opening {
        kind: "food-business:licence".to_owned(),
        item: "food-business:new".to_owned(),
        item_version: "7".to_owned(),
        title: Text::new("食品经营许可（新办）", "Food business licence (new)"),
        person: id(AGENT),
        person_name: "示例市民2".to_owned(),
        organisation: Some(Applicant {
            id: id(COMPANY),
            name: "示例餐饮有限公司".to_owned(),
            credit_code: CODE.to_owned(),
        }),
        department: id(OFFICE),
        department_name: "示例市市场监督管理局".to_owned(),
        region: "330106".to_owned(),
        answers: answers.as_object().cloned().unwrap(),
        sealed: std::collections::BTreeSet::new(),
        typed: std::collections::BTreeSet::new(),
        facts: vec![FactSection {
            title: Text::new("经营项目", "What you sell"),
            rows: vec![Fact {
                key: "kind".to_owned(),
                label: Text::new("主体业态", "Kind of food business"),
                value: Text::new("餐饮服务经营者", "Catering business"),
                source: None,
            }],
        }],
        materials: vec![paper("布局图")],
        reads: std::collections::BTreeSet::new(),
        deferrable: Vec::new(),
        promised_days: 5,
        statutory_days: 20,
    }
}

/// Opens the case of the company and commits.
pub(crate) async fn opened(test: &TestDb) -> String {
    let mut ctx = test.ctx(agent()).await;
    let no = open(&mut ctx, opening()).await.unwrap();
    ctx.commit().await.unwrap();
    no
}

/// The case as this actor sees it.
pub(crate) async fn seen(test: &TestDb, actor: Actor, no: &str) -> CaseView {
    let mut ctx = test.ctx(actor).await;
    let view = view(&mut ctx, no).await.unwrap();
    ctx.commit().await.unwrap();
    view
}

/// The open task of a case that has this outcome.
pub(crate) fn task(view: &CaseView, outcome: &str) -> Todo {
    let has = |todo: &&Todo| todo.outcomes.iter().any(|word| word == outcome);
    view.tasks.iter().map(|task| &task.todo).find(has).unwrap().clone()
}

pub(crate) fn input(outcome: &str, reason: &str, seen_version: i64) -> Input {
    Input {
        outcome: outcome.to_owned(),
        reason: reason.to_owned(),
        seen_version,
        ..Input::default()
    }
}

/// Looks at the case as this officer and decides.
pub(crate) async fn decide(
    test: &TestDb,
    actor: Actor,
    no: &str,
    outcome: &str,
    reason: &str,
) -> Result<Case> {
    let view = seen(test, actor.clone(), no).await;
    let mut ctx = test.ctx(actor).await;
    let input = input(outcome, reason, view.case.version);
    let case = act(&mut ctx, no, task(&view, outcome).id, input).await?;
    ctx.commit().await.unwrap();
    Ok(case)
}

/// Opens a case and accepts it.
pub(crate) async fn accepted(test: &TestDb) -> String {
    let no = opened(test).await;
    decide(test, window(), &no, "accept", "").await.unwrap();
    no
}

/// Brings a case to the desk of the head.
pub(crate) async fn reviewed(test: &TestDb) -> String {
    let no = accepted(test).await;
    decide(test, reviewer(), &no, "reviewed", "").await.unwrap();
    decide(test, inspector(), &no, "inspected", "").await.unwrap();
    no
}

pub(crate) fn kind<T: std::fmt::Debug>(result: Result<T>) -> Kind {
    result.unwrap_err().kind()
}

/// The names of the fields that were refused.
pub(crate) fn fields(error: &Error) -> Vec<String> {
    error.fields().into_iter().map(|field| field.field).collect()
}

/// The acts of a kind of thing in the record, in order.
pub(crate) async fn verbs(ctx: &mut Ctx, kind: &str) -> Vec<String> {
    sqlx::query_scalar("SELECT verb FROM ledger.entry WHERE thing_kind = $1 ORDER BY id")
        .bind(kind)
        .fetch_all(ctx.conn())
        .await
        .unwrap()
}

/// Stops the clock, as short as it can be said.
pub(crate) async fn suspend(ctx: &mut Ctx, no: &str, kind: &str, reason: &str) -> Result<()> {
    zhengtong_casework::suspend(ctx, no, zhengtong_casework::Suspending::new(kind, reason)).await
}
