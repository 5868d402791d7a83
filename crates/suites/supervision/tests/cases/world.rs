//! A small city under supervision: an office with officers in their posts, a company, a supervisor of another organ.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use time::macros::date;
use uuid::Uuid;
use zhengtong_base::{Behalf, Text};
use zhengtong_casework::{
    Applicant, CaseView, Input, MaterialFile, NewMaterial, Opening, Todo, act, open, view,
};
use zhengtong_db::jobs::Work;
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Shelf};
use zhengtong_pack::{Packs, Report};
use zhengtong_party::{
    AccountKind, IdKind, NewOrganisation, OrganisationKind, PersonPlain, Post, Seed, SeedAccount,
    SeedHolding, SeedOrganisation,
};
use zhengtong_registry::{Origin, put, sync};
use zhengtong_supervision::{Card, Pile};

pub(crate) const HOUSE: &str = include_str!("../../../../../packs/house-rules/access.cedar");
const CODE: &str = "91350100M000100Y43";
const PACKS: [&str; 6] = [
    "house-rules",
    "base-legal",
    "base-population",
    "casework-papers",
    "food-business",
    "supervision-rules",
];

/// The office that handles cases, and the organ of the supervisor.
pub(crate) const OFFICE: u128 = 100;
const ORGAN: u128 = 101;
const COMPANY: u128 = 200;
const AGENT: u128 = 2;

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// The packs that ship, some files changed on the way.
pub(crate) fn packs(change: impl Fn(&str, &str, String) -> String) -> Packs {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs");
    let mut report = Report::default();
    let all = Packs::from_folder(&folder, &mut report);
    let files = all.iter().filter(|pack| PACKS.contains(&pack.id())).map(|pack| {
        let files = pack.paths().map(|path| {
            let bytes = pack.bytes(path).unwrap_or_default().to_vec();
            let bytes = match String::from_utf8(bytes) {
                Ok(text) => change(pack.id(), path, text).into_bytes(),
                Err(error) => error.into_bytes(),
            };
            (path.to_owned(), bytes)
        });
        (pack.id().to_owned(), files.collect::<BTreeMap<_, _>>())
    });
    Packs::from_files(files.collect(), &mut Report::default())
}

pub(crate) async fn city() -> TestDb {
    city_of(packs(|_, _, text| text)).await
}

/// The city in which what is missing may be asked for again.
pub(crate) async fn lenient_city() -> TestDb {
    city_of(packs(|pack, path, text| match (pack, path) {
        ("food-business", "casework/licence.toml") => format!("correct_again = true\n{text}"),
        _ => text,
    }))
    .await
}

pub(crate) async fn city_of(packs: Packs) -> TestDb {
    let (test, _shelf) = built(packs).await;
    test
}

/// The city with a folder of files.
pub(crate) async fn city_with(blobs: zhengtong_blob::Blobs) -> TestDb {
    let (test, shelf) = built(packs(|_, _, text| text)).await;
    test.with(HOUSE, shelf.with(blobs))
}

async fn built(packs: Packs) -> (TestDb, Shelf) {
    let mut report = Report::default();
    let registry = zhengtong_registry::read(&packs, &mut report);
    let shelf = Shelf::default()
        .with(zhengtong_party::read(&packs, &mut report))
        .with(zhengtong_process::read(&packs, &mut report))
        .with(zhengtong_document::read(&packs, &mut report))
        .with(zhengtong_notice::catalog(&packs, &mut report))
        .with(zhengtong_casework::read(&packs, &mut report))
        .with(zhengtong_supervision::read(&packs, &mut report))
        .with(registry.clone());
    assert!(report.usable(), "{:#?}", report.findings);
    let schemas = [
        zhengtong_db::SCHEMA,
        zhengtong_ledger::SCHEMA,
        zhengtong_party::SCHEMA,
        zhengtong_registry::SCHEMA,
        zhengtong_process::SCHEMA,
        zhengtong_document::SCHEMA,
        zhengtong_notice::SCHEMA,
        zhengtong_casework::SCHEMA,
        zhengtong_supervision::SCHEMA,
    ];
    let test = TestDb::new(&schemas).await.with(HOUSE, shelf.clone());
    let mut tx = test.db.begin_raw().await.unwrap();
    sync(&mut tx, &registry).await.unwrap();
    tx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::system("seed")).await;
    zhengtong_party::seed(&mut ctx, &people()).await.unwrap();
    let company = [
        ("credit_code", json!(CODE)),
        ("name", json!("示例餐饮有限公司")),
        ("kind", json!("10")),
        ("legal_representative", json!("示例甲")),
        ("address", json!("示例区某路2号")),
        ("established_on", json!("2020-01-02")),
        ("status", json!("1")),
    ];
    let company: BTreeMap<String, Value> =
        company.map(|(name, value)| (name.to_owned(), value)).into();
    put(&mut ctx, "base-legal:organisation", &company, &Origin::new("登记")).await.unwrap();
    ctx.commit().await.unwrap();
    (test, shelf)
}

/// Officers by number and role, and where they are.
const OFFICERS: [(u128, &str, u128); 5] = [
    (11, "window", OFFICE),
    (12, "reviewer", OFFICE),
    (13, "inspector", OFFICE),
    (14, "head", OFFICE),
    (15, "supervisor", ORGAN),
];

fn people() -> Seed {
    let mut seed = Seed::default();
    for (number, name) in [(OFFICE, "示例市市场监督管理局"), (ORGAN, "示例市政府办公室")]
    {
        seed.organisations.push(SeedOrganisation {
            id: id(number),
            organisation: NewOrganisation {
                parent: None,
                region: None,
                kind: OrganisationKind::Department,
                name: Text::same(name),
                short: Some(format!("office-{number}")),
                credit_code: None,
                representative: None,
            },
        });
    }
    for (number, role, organisation) in OFFICERS {
        seed.persons.push(PersonPlain {
            id: id(number),
            name: name(number, role),
            id_kind: IdKind::Citizen,
            id_number: None,
            phone: None,
            region: None,
            level: 3,
        });
        seed.posts.push(Post {
            id: id(1000 + number),
            organisation: id(organisation),
            title: Text::same(role),
            roles: vec![role.to_owned()],
        });
        seed.holdings.push(SeedHolding {
            post: id(1000 + number),
            person: id(number),
            starts: date!(2020 - 01 - 01),
        });
        seed.accounts.push(SeedAccount {
            id: id(2000 + number),
            login: format!("officer{number}"),
            kind: AccountKind::Staff,
            person: id(number),
            password: "a-long-password-of-tests".to_owned(),
            totp_secret: Some("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".to_owned()),
        });
    }
    seed
}

fn name(number: u128, role: &str) -> String {
    format!("示例{role}{number}")
}

pub(crate) fn officer(number: u128) -> Actor {
    let (_, role, organisation) =
        OFFICERS.into_iter().find(|(known, ..)| *known == number).unwrap();
    Actor {
        kind: ActorKind::Staff,
        account: Some(id(2000 + number)),
        person: Some(id(number)),
        name: name(number, role),
        organisation: Some(id(organisation)),
        post: Some(id(1000 + number)),
        roles: vec![role.to_owned()],
        ..Actor::visitor()
    }
}

pub(crate) fn window() -> Actor {
    officer(11)
}

pub(crate) fn reviewer() -> Actor {
    officer(12)
}

pub(crate) fn inspector() -> Actor {
    officer(13)
}

pub(crate) fn head() -> Actor {
    officer(14)
}

pub(crate) fn supervisor() -> Actor {
    officer(15)
}

pub(crate) fn agent() -> Actor {
    Actor {
        kind: ActorKind::Citizen,
        account: Some(id(2000 + AGENT)),
        person: Some(id(AGENT)),
        name: "示例市民2".to_owned(),
        behalf: Some(Behalf {
            organisation: id(COMPANY),
            credit_code: CODE.to_owned(),
            name: "示例餐饮有限公司".to_owned(),
        }),
        roles: vec!["citizen-agent".to_owned(), "citizen-agent:apply".to_owned()],
        ..Actor::visitor()
    }
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

fn opening() -> Opening {
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
        facts: Vec::new(),
        materials: vec![paper("布局图")],
        reads: std::collections::BTreeSet::new(),
        deferrable: Vec::new(),
        promised_days: 5,
        statutory_days: 20,
    }
}

pub(crate) async fn opened(test: &TestDb) -> String {
    let mut ctx = test.ctx(agent()).await;
    let no = open(&mut ctx, opening()).await.unwrap();
    ctx.commit().await.unwrap();
    no
}

async fn seen(test: &TestDb, actor: Actor, no: &str) -> CaseView {
    let mut ctx = test.ctx(actor).await;
    let view = view(&mut ctx, no).await.unwrap();
    ctx.commit().await.unwrap();
    view
}

fn task(view: &CaseView, outcome: &str) -> Todo {
    let has = |todo: &&Todo| todo.outcomes.iter().any(|word| word == outcome);
    view.tasks.iter().map(|task| &task.todo).find(has).unwrap().clone()
}

/// Looks at the case as this officer and decides.
pub(crate) async fn decide(test: &TestDb, actor: Actor, no: &str, outcome: &str, reason: &str) {
    let view = seen(test, actor.clone(), no).await;
    let mut ctx = test.ctx(actor).await;
    let input = Input {
        outcome: outcome.to_owned(),
        reason: reason.to_owned(),
        seen_version: view.case.version,
        ..Input::default()
    };
    act(&mut ctx, no, task(&view, outcome).id, input).await.unwrap();
    ctx.commit().await.unwrap();
}

/// The company supplies what is missing.
pub(crate) async fn supply(test: &TestDb, no: &str) {
    let todo = task(&seen(test, agent(), no).await, "supply").id;
    let mut ctx = test.ctx(agent()).await;
    zhengtong_casework::supply(&mut ctx, no, todo, &[paper("布局图")], "").await.unwrap();
    ctx.commit().await.unwrap();
}

pub(crate) async fn accepted(test: &TestDb) -> String {
    let no = opened(test).await;
    decide(test, window(), &no, "accept", "").await;
    no
}

/// Brings a case to the desk of the head.
pub(crate) async fn reviewed(test: &TestDb) -> String {
    let no = accepted(test).await;
    decide(test, reviewer(), &no, "reviewed", "").await;
    decide(test, inspector(), &no, "inspected", "").await;
    no
}

/// What runs by itself: rungs fire, news is delivered, supervision follows.
pub(crate) async fn settle(test: &TestDb) {
    let mut ctx = test.ctx(Actor::system("test")).await;
    while zhengtong_casework::fire(&mut ctx).await.unwrap()
        + zhengtong_casework::overlong(&mut ctx).await.unwrap()
        > 0
    {}
    ctx.commit().await.unwrap();
    deliver(test).await;
}

/// News is delivered and supervision follows; a job that fails fails the test.
pub(crate) async fn deliver(test: &TestDb) {
    let work = zhengtong_supervision::attach(Work::default());
    zhengtong_db::jobs::drain(&test.db, &work, 500).await.unwrap();
    let mut conn = test.db.pool().acquire().await.unwrap();
    let failed: Vec<(String, Option<String>)> = sqlx::query_as(
        "SELECT kind, error FROM db.job WHERE kind LIKE 'supervision.%' AND error IS NOT NULL",
    )
    .fetch_all(&mut *conn)
    .await
    .unwrap();
    assert_eq!(failed, []);
}

pub(crate) async fn all_cards(test: &TestDb) -> Vec<Card> {
    let mut ctx = test.ctx(supervisor()).await;
    let mut cards = zhengtong_supervision::cards(&mut ctx, Pile::All, None, 1).await.unwrap().rows;
    cards.sort_by(|a, b| a.no.cmp(&b.no));
    cards
}

/// The rules of all cards, without the pack.
pub(crate) async fn rules(test: &TestDb) -> Vec<String> {
    let cards = all_cards(test).await;
    cards.into_iter().map(|card| card.rule.replace("supervision-rules:", "")).collect()
}
