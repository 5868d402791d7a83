//! A small city with four units, a register of residents, and two who stand in it.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use time::{Date, Duration};
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind, Text};
use zhengtong_calendar::china_date;
use zhengtong_db::clock::Clock as _;
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Shelf};
use zhengtong_pack::{Packs, Report};
use zhengtong_party::{
    IdKind, NewOrganisation, OrganisationKind, PersonPlain, Post, Seed, SeedHolding,
    SeedOrganisation, seed,
};
use zhengtong_registry::{Origin, put, sync};
use zhengtong_sharing::{NewRequest, Reply, Result, Terms, Verdict, Way, ask, check, reply};

pub(crate) const HOUSE: &str = include_str!("../../../../../packs/house-rules/access.cedar");
pub(crate) const RESIDENT: &str = "base-population:resident";
/// The one whose record is shared, and another.
pub(crate) const NUMBER: &str = "11010519491231002X";
pub(crate) const OTHER: &str = "440524188001010014";
/// The unit that asks, the one that has the data, the data authority, and one that has nothing to do with it.
pub(crate) const MARKET: u128 = 100;
pub(crate) const POLICE: u128 = 101;
pub(crate) const DATA: u128 = 102;
pub(crate) const WATER: u128 = 103;

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
        zhengtong_sharing::SCHEMA,
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
        .with(zhengtong_sharing::read(&packs, &mut report))
        .with(registry.clone());
    assert!(report.usable(), "{:#?}", report.findings);
    let test = TestDb::new(&schemas).await.with(HOUSE, shelf);
    let mut tx = test.db.begin_raw().await.unwrap();
    sync(&mut tx, &registry).await.unwrap();
    tx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::system("seed")).await;
    let units = [
        (MARKET, "market-regulation"),
        (POLICE, "public-security"),
        (DATA, "data-administration"),
        (WATER, "water"),
    ];
    let organisations = units.iter().map(|(number, short)| unit(*number, short)).collect();
    let holders = [(11, MARKET, "head"), (21, POLICE, "steward"), (41, WATER, "head")];
    let mut persons = vec![person(1, NUMBER), person(2, OTHER)];
    persons.extend(holders.iter().map(|(number, _, _)| person(*number, "")));
    let posts = holders.iter().map(|(number, unit, role)| post(*number, *unit, role)).collect();
    let starts = china_date(ctx.now) - Duration::days(30);
    let holdings = holders
        .iter()
        .map(|(number, _, _)| SeedHolding { post: id(500 + number), person: id(*number), starts })
        .collect();
    let all = Seed { organisations, persons, posts, holdings, ..Seed::default() };
    seed(&mut ctx, &all).await.unwrap();
    for (number, name) in [(NUMBER, "示例甲"), (OTHER, "示例乙")] {
        let record = values(&[
            ("id_number", json!(number)),
            ("name", json!(name)),
            ("sex", json!("2")),
            ("birth_date", json!("1949-12-31")),
            ("marital_status", json!("10")),
            ("phone", json!("13800000000")),
        ]);
        put(&mut ctx, RESIDENT, &record, &Origin::new("test")).await.unwrap();
    }
    ctx.commit().await.unwrap();
    test
}

pub(crate) fn values(pairs: &[(&str, Value)]) -> BTreeMap<String, Value> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

fn person(number: u128, id_number: &str) -> PersonPlain {
    PersonPlain {
        id: id(number),
        name: format!("示例{number}"),
        id_kind: IdKind::Citizen,
        id_number: Some(id_number.to_owned()).filter(|number| !number.is_empty()),
        phone: None,
        region: None,
        level: 2,
    }
}

fn post(number: u128, unit: u128, role: &str) -> Post {
    Post {
        id: id(500 + number),
        organisation: id(unit),
        title: Text::new("岗位", "Post"),
        roles: vec![role.to_owned()],
    }
}

fn unit(number: u128, short: &str) -> SeedOrganisation {
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
        name: format!("示例{number}"),
        ..Actor::visitor()
    }
}

pub(crate) fn officer(number: u128, unit: u128, role: &str) -> Actor {
    Actor {
        kind: ActorKind::Staff,
        account: Some(id(2000 + number)),
        person: Some(id(number)),
        name: format!("示例{role}"),
        organisation: Some(id(unit)),
        roles: vec![role.to_owned()],
        ..Actor::visitor()
    }
}

pub(crate) fn asker() -> Actor {
    officer(11, MARKET, "head")
}

pub(crate) fn reviewer() -> Actor {
    officer(12, MARKET, "reviewer")
}

pub(crate) fn provider() -> Actor {
    officer(21, POLICE, "steward")
}

pub(crate) fn authority() -> Actor {
    officer(31, DATA, "cataloguer")
}

pub(crate) fn stranger() -> Actor {
    officer(41, WATER, "head")
}

pub(crate) fn today(test: &TestDb) -> Date {
    china_date(test.clock.now())
}

pub(crate) fn wanted(test: &TestDb) -> NewRequest {
    let first = today(test);
    NewRequest {
        dataset: RESIDENT.to_owned(),
        purpose: "核对食品从业人员身份".to_owned(),
        basis: "食品安全法第四十五条".to_owned(),
        serves: "食品经营许可（新办）".to_owned(),
        fields: ["name", "sex", "phone"].map(str::to_owned).to_vec(),
        way: Way::Query,
        first,
        last: first + Duration::days(30),
        quota: 3,
    }
}

pub(crate) fn terms(test: &TestDb, fields: &[&str], masked: &[&str]) -> Terms {
    let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
    Terms {
        fields: names(fields),
        masked: names(masked),
        quota: 3,
        last: today(test) + Duration::days(30),
        words: "同意".to_owned(),
    }
}

/// Does something as somebody and commits.
macro_rules! act {
    ($test:expr, $actor:expr, $verb:path $(, $arg:expr)*) => {{
        let mut ctx = $test.ctx($actor).await;
        let done = $verb(&mut ctx $(, $arg)*).await;
        if done.is_ok() { ctx.commit().await.unwrap(); }
        done
    }};
}
pub(crate) use act;

/// A request that is with the provider.
pub(crate) async fn sent(test: &TestDb, new: NewRequest) -> String {
    let no = act!(test, asker(), ask, new).unwrap();
    act!(test, authority(), check, &no, Verdict::Pass).unwrap();
    no
}

/// A grant in force.
pub(crate) async fn granted(test: &TestDb, new: NewRequest, terms: Terms) -> String {
    let no = sent(test, new).await;
    act!(test, provider(), reply, &no, Reply::Grant(terms)).unwrap();
    let mut ctx = test.ctx(asker()).await;
    zhengtong_sharing::request(&mut ctx, &no).await.unwrap().grant.unwrap()
}

pub(crate) fn days(test: &TestDb, days: i64) {
    test.clock.advance(Duration::days(days));
}

pub(crate) fn kind<T: std::fmt::Debug>(result: Result<T>) -> Kind {
    result.unwrap_err().kind()
}

pub(crate) fn wrong<T: std::fmt::Debug>(result: Result<T>) -> Vec<String> {
    result.unwrap_err().fields().into_iter().map(|field| field.field).collect()
}
