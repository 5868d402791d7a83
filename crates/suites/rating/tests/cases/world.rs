//! A small city whose cases can be rated: an office, an office that watches over ratings, applicants.

use std::path::Path;

use serde_json::json;
use time::Duration;
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind, Text};
use zhengtong_casework::{Opening, open, withdraw};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Shelf};
use zhengtong_pack::{Packs, Report};
use zhengtong_party::{NewOrganisation, OrganisationKind, Seed, SeedOrganisation, seed};
use zhengtong_rating::{Channel, Error, Result, Said, rate};
use zhengtong_registry::sync;

pub(crate) const HOUSE: &str = include_str!("../../../../../packs/house-rules/access.cedar");
pub(crate) const ITEM: &str = "food-business:new";
/// The office that is rated, and the one that watches over ratings.
pub(crate) const OFFICE: u128 = 100;
pub(crate) const WATCH: u128 = 101;

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) async fn city() -> TestDb {
    let schemas = [
        zhengtong_db::SCHEMA,
        zhengtong_ledger::SCHEMA,
        zhengtong_party::SCHEMA,
        zhengtong_registry::SCHEMA,
        zhengtong_process::SCHEMA,
        zhengtong_document::SCHEMA,
        zhengtong_notice::SCHEMA,
        zhengtong_casework::SCHEMA,
        zhengtong_rating::SCHEMA,
        zhengtong_supervision::SCHEMA,
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs");
    let mut report = Report::default();
    let packs = Packs::from_folder(&folder, &mut report);
    let registry = zhengtong_registry::read(&packs, &mut report);
    let shelf = Shelf::default()
        .with(zhengtong_process::read(&packs, &mut report))
        .with(zhengtong_document::read(&packs, &mut report))
        .with(zhengtong_notice::catalog(&packs, &mut report))
        .with(zhengtong_casework::read(&packs, &mut report))
        .with(zhengtong_rating::read(&packs, &mut report))
        .with(zhengtong_supervision::read(&packs, &mut report))
        .with(registry.clone());
    assert!(report.usable(), "{:#?}", report.findings);
    let test = TestDb::new(&schemas).await.with(HOUSE, shelf);
    let mut tx = test.db.begin_raw().await.unwrap();
    sync(&mut tx, &registry).await.unwrap();
    tx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::system("seed")).await;
    let organisations = vec![office(OFFICE, "market-regulation"), office(WATCH, "data")];
    seed(&mut ctx, &Seed { organisations, ..Seed::default() }).await.unwrap();
    ctx.commit().await.unwrap();
    test
}

fn office(number: u128, short: &str) -> SeedOrganisation {
    SeedOrganisation {
        id: id(number),
        organisation: NewOrganisation {
            parent: None,
            region: None,
            kind: OrganisationKind::Department,
            name: Text::new("示例单位", "Sample unit"),
            short: Some(short.to_owned()),
            credit_code: None,
            representative: None,
        },
    }
}

pub(crate) fn citizen(number: u128) -> Actor {
    Actor {
        kind: ActorKind::Citizen,
        account: Some(id(2000 + number)),
        person: Some(id(number)),
        name: format!("示例市民{number}"),
        ..Actor::visitor()
    }
}

pub(crate) fn officer(number: u128, office: u128, role: &str) -> Actor {
    Actor {
        kind: ActorKind::Staff,
        account: Some(id(2000 + number)),
        person: Some(id(number)),
        name: format!("示例{role}"),
        organisation: Some(id(office)),
        roles: vec![role.to_owned()],
        ..Actor::visitor()
    }
}

pub(crate) fn head() -> Actor {
    officer(14, OFFICE, "head")
}

pub(crate) fn evaluator() -> Actor {
    officer(15, WATCH, "evaluator")
}

fn opening(number: u128) -> Opening {
    let answers = json!({
        "same_address": true, "premises": "owned", "water": "tap", "area": 120,
        "kind": "2", "items": ["21"], "officer_name": "示例乙", "officer_mobile": "13800000000",
    });
    Opening {
        kind: "food-business:licence".to_owned(),
        item: ITEM.to_owned(),
        item_version: "7".to_owned(),
        title: Text::new("食品经营许可（新办）", "Food business licence (new)"),
        person: id(number),
        person_name: format!("示例市民{number}"),
        organisation: None,
        department: id(OFFICE),
        department_name: "示例市市场监督管理局".to_owned(),
        region: "330106".to_owned(),
        answers: answers.as_object().cloned().unwrap(),
        sealed: std::collections::BTreeSet::new(),
        typed: std::collections::BTreeSet::new(),
        facts: Vec::new(),
        materials: Vec::new(),
        reads: std::collections::BTreeSet::new(),
        deferrable: Vec::new(),
        promised_days: 5,
        statutory_days: 20,
    }
}

/// A case of a citizen that is under way.
pub(crate) async fn opened(test: &TestDb, number: u128) -> String {
    let mut ctx = test.ctx(citizen(number)).await;
    let no = open(&mut ctx, opening(number)).await.unwrap();
    ctx.commit().await.unwrap();
    no
}

/// A case that is over.
pub(crate) async fn over(test: &TestDb, number: u128) -> String {
    let no = opened(test, number).await;
    let mut ctx = test.ctx(citizen(number)).await;
    withdraw(&mut ctx, &no, "").await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::system("rating.offer")).await;
    zhengtong_rating::follow(&mut ctx, &no).await.unwrap();
    ctx.commit().await.unwrap();
    no
}

pub(crate) fn said(level: u8, words: &str) -> Said {
    Said { level, words: words.to_owned(), ..Said::default() }
}

/// Rates the result of a case.
pub(crate) async fn rated(test: &TestDb, number: u128, level: u8, words: &str) -> String {
    let no = over(test, number).await;
    let mut ctx = test.ctx(citizen(number)).await;
    rate(&mut ctx, &no, "result", Channel::Pc, &said(level, words)).await.unwrap();
    ctx.commit().await.unwrap();
    no
}

/// The number under which the last bad rating of somebody is in hand.
pub(crate) async fn matter_of(test: &TestDb, number: u128) -> String {
    let mut ctx = test.ctx(citizen(number)).await;
    let own = zhengtong_rating::mine(&mut ctx).await.unwrap();
    own.into_iter().find_map(|one| one.matter).unwrap()
}

/// Sends what waits to the departments.
pub(crate) async fn sent(test: &TestDb) {
    let mut ctx = test.ctx(Actor::system("rating.dispatch")).await;
    zhengtong_rating::dispatch_waiting(&mut ctx).await.unwrap();
    ctx.commit().await.unwrap();
}

/// Does something as somebody and commits.
macro_rules! act {
    ($test:expr, $actor:expr, $verb:path, $($arg:expr),*) => {{
        let mut ctx = $test.ctx($actor).await;
        let done = $verb(&mut ctx, $($arg),*).await;
        if done.is_ok() { ctx.commit().await.unwrap(); }
        done
    }};
}
pub(crate) use act;

pub(crate) fn days(test: &TestDb, days: i64) {
    test.clock.advance(Duration::days(days));
}

pub(crate) fn kind<T: std::fmt::Debug>(result: Result<T>) -> Kind {
    result.unwrap_err().kind()
}

pub(crate) fn fields(error: &Error) -> Vec<String> {
    error.fields().into_iter().map(|field| field.field).collect()
}

/// What waits in the outbox of a topic.
pub(crate) async fn news(test: &TestDb, topic: &str) -> Vec<serde_json::Value> {
    sqlx::query_scalar("SELECT payload FROM db.outbox WHERE topic = $1 ORDER BY id")
        .bind(topic)
        .fetch_all(test.db.pool())
        .await
        .unwrap()
}
