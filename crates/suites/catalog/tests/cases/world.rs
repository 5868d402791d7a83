//! Two units, their stewards, the directory's office, and a resource to begin with.

use std::collections::BTreeMap;
use std::path::Path;

use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_catalog::{
    Body, Cycle, Directory, Format, Item, ItemKind, Opened, Openness, PowerList, Shared, Way,
    compile, publish, review, submit,
};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Shelf};
use zhengtong_pack::{Packs, Report};
use zhengtong_party::{NewOrganisation, OrganisationKind, Seed, SeedOrganisation, seed};
use zhengtong_registry::{Catalog, Sensitivity, Sharing};

const HOUSE: &str = include_str!("../../../../../packs/house-rules/access.cedar");
/// Market regulation: its class in the directory of the city is 338.
pub(crate) const MARKET: Uuid = Uuid::from_u128(100);
/// Education: 304.
pub(crate) const EDUCATION: Uuid = Uuid::from_u128(101);
pub(crate) const MARKET_CODE: &str = "91350100M000100Y43";

/// The directory of the city that ships with the platform.
pub(crate) fn directory() -> Directory {
    let mut report = Report::default();
    let packs = packs(&mut report);
    let directory = zhengtong_catalog::read(&packs, &mut report);
    let faults: Vec<String> = report.errors().map(ToString::to_string).collect();
    assert_eq!(faults, Vec::<String>::new());
    directory
}

fn packs(report: &mut Report) -> Packs {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs");
    Packs::from_folder(&folder, report)
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
        zhengtong_catalog::SCHEMA,
    ];
    let mut report = Report::default();
    let packs = packs(&mut report);
    let registry: Catalog = zhengtong_registry::read(&packs, &mut report);
    let power = [("food-business:new".to_owned(), Text::new("食品经营许可", "Food business"))];
    let shelf = Shelf::default()
        .with(zhengtong_catalog::read(&packs, &mut report))
        .with(zhengtong_casework::read(&packs, &mut report))
        .with(PowerList(BTreeMap::from(power)))
        .with(registry.clone());
    let test = TestDb::new(&schemas).await.with(HOUSE, shelf);
    let mut tx = test.db.begin_raw().await.unwrap();
    zhengtong_registry::sync(&mut tx, &registry).await.unwrap();
    tx.commit().await.unwrap();
    let unit = |id, zh: &str, en: &str, short: &str, code: Option<&str>| SeedOrganisation {
        id,
        organisation: NewOrganisation {
            parent: None,
            region: None,
            kind: OrganisationKind::Department,
            name: Text::new(zh, en),
            short: Some(short.to_owned()),
            credit_code: code.map(str::to_owned),
            representative: None,
        },
    };
    let organisations = vec![
        unit(MARKET, "市场监督管理局", "Market Regulation", "market-regulation", Some(MARKET_CODE)),
        unit(EDUCATION, "教育局", "Education", "education", None),
    ];
    let mut ctx = test.ctx(Actor::system("seed")).await;
    seed(&mut ctx, &Seed { organisations, ..Seed::default() }).await.unwrap();
    ctx.commit().await.unwrap();
    test
}

fn staff(number: u128, organisation: Uuid, role: &str) -> Actor {
    Actor {
        kind: ActorKind::Staff,
        account: Some(Uuid::from_u128(2_000 + number)),
        person: Some(Uuid::from_u128(number)),
        name: format!("示例员{number}"),
        organisation: Some(organisation),
        roles: vec![role.to_owned()],
        ..Actor::visitor()
    }
}

pub(crate) fn steward() -> Actor {
    staff(20, MARKET, "steward")
}

pub(crate) fn other_steward() -> Actor {
    staff(21, EDUCATION, "steward")
}

pub(crate) fn office() -> Actor {
    staff(30, Uuid::from_u128(102), "cataloguer")
}

pub(crate) fn item(name: &str, sensitivity: Sensitivity) -> Item {
    Item {
        name: Text::same(name),
        element: None,
        kind: ItemKind::Text,
        length: Some(50),
        sensitivity,
        sharing: None,
    }
}

pub(crate) fn body(title: &str) -> Body {
    Body {
        class: "338001".to_owned(),
        title: Text::new(title, "Sample resource"),
        summary: Text::new("本市登记的市场主体名录", "Market entities registered in the city"),
        format: Format::Database,
        items: vec![item("名称", Sensitivity::Public), item("地址", Sensitivity::Public)],
        sharing: Shared {
            kind: Sharing::Unconditional,
            condition: String::new(),
            way: Way::Interface,
            basis: String::new(),
        },
        openness: Opened { kind: Openness::None, condition: String::new() },
        cycle: Cycle::Daily,
        related: Vec::new(),
        sources: Vec::new(),
        dataset: None,
        system: "市场主体登记系统".to_owned(),
    }
}

/// Compiles and hands in, and commits.
pub(crate) async fn submitted(test: &TestDb, body: Body) -> Uuid {
    let mut ctx = test.ctx(steward()).await;
    let id = compile(&mut ctx, body).await.unwrap();
    submit(&mut ctx, id).await.unwrap();
    ctx.commit().await.unwrap();
    id
}

/// Reviews and publishes what was handed in; its code.
pub(crate) async fn passed(test: &TestDb, id: Uuid) -> String {
    let mut ctx = test.ctx(office()).await;
    review(&mut ctx, id, None).await.unwrap();
    let code = publish(&mut ctx, id).await.unwrap();
    ctx.commit().await.unwrap();
    code
}

/// A resource in force, and its code.
pub(crate) async fn published(test: &TestDb, body: Body) -> (Uuid, String) {
    let id = submitted(test, body).await;
    (id, passed(test, id).await)
}
