//! A department with one item to report.

use std::path::Path;
use std::sync::Arc;

use time::macros::date;
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_calendar::Unit;
use zhengtong_crypto::SigningKey;
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Shelf};
use zhengtong_pack::{Packs, Report};
use zhengtong_party::{NewOrganisation, OrganisationKind, Seed, SeedOrganisation, seed};
use zhengtong_reporting::{ItemFacts, ItemPaper, Items, Order, Package, up};

const HOUSE: &str = include_str!("../../../../../packs/house-rules/access.cedar");

pub(crate) async fn city(item: ItemFacts) -> TestDb {
    let schemas = [
        zhengtong_db::SCHEMA,
        zhengtong_ledger::SCHEMA,
        zhengtong_party::SCHEMA,
        zhengtong_registry::SCHEMA,
        zhengtong_process::SCHEMA,
        zhengtong_document::SCHEMA,
        zhengtong_notice::SCHEMA,
        zhengtong_casework::SCHEMA,
        zhengtong_reporting::SCHEMA,
    ];
    let test = load(TestDb::new(&schemas).await, item);
    let mut ctx = test.ctx(Actor::system("seed")).await;
    let organisation = NewOrganisation {
        parent: None,
        region: None,
        kind: OrganisationKind::Department,
        name: Text::new("示例单位", "Sample unit"),
        short: Some("sample".to_owned()),
        credit_code: Some("91350100M000100Y43".to_owned()),
        representative: None,
    };
    let organisations = vec![SeedOrganisation { id: Uuid::from_u128(100), organisation }];
    seed(&mut ctx, &Seed { organisations, ..Seed::default() }).await.unwrap();
    ctx.commit().await.unwrap();
    test
}

/// Puts the item in force.
pub(crate) fn load(test: TestDb, item: ItemFacts) -> TestDb {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs");
    let mut report = Report::default();
    let packs = Packs::from_folder(&folder, &mut report);
    let shelf = Shelf::default()
        .with(zhengtong_casework::read(&packs, &mut report))
        .with(Items(vec![Arc::new(item)]));
    test.with(HOUSE, shelf)
}

pub(crate) fn item() -> ItemFacts {
    ItemFacts {
        id: "sample:one".to_owned(),
        name: "示例事项".to_owned(),
        code: "1133010000249900122000131022001".to_owned(),
        version: "7".to_owned(),
        valid_from: "2026-01-01".to_owned(),
        kind: "01".to_owned(),
        natural: true,
        legal: true,
        applicants: "个人和单位".to_owned(),
        department: "sample".to_owned(),
        basis: vec!["《示例法》第一条".to_owned()],
        statutory: (20, Unit::WorkingDay),
        promised: (5, Unit::WorkingDay),
        fee: "不收费".to_owned(),
        visits: 0,
        steps: vec!["申请".to_owned(), "决定".to_owned()],
        procedures: Vec::new(),
        papers: vec![ItemPaper {
            name: "申请表".to_owned(),
            brought: true,
            deferrable: false,
            always: true,
            note: "写清楚".to_owned(),
        }],
        punishment: String::new(),
        questions: vec![("要多久？".to_owned(), "五个工作日".to_owned())],
        place: "市政务服务中心".to_owned(),
        hours: "9:00–17:00".to_owned(),
        phone: "12345".to_owned(),
        link: "/hall/sample-one".to_owned(),
    }
}

pub(crate) fn wanted() -> Order {
    Order {
        from: date!(2026 - 02 - 01),
        to: date!(2026 - 03 - 01),
        reason: "定期报送".to_owned(),
        ratings: Vec::new(),
        site: "https://www.example.gov.cn".to_owned(),
    }
}

pub(crate) fn key() -> SigningKey {
    SigningKey::from_seed([7; 32])
}

/// Makes a run and commits.
pub(crate) async fn run(test: &TestDb) -> Package {
    let mut ctx = test.ctx(Actor::system("report")).await;
    let package = up(&mut ctx, &wanted(), "test", &key()).await.unwrap();
    ctx.commit().await.unwrap();
    package
}

pub(crate) fn staff(role: &str) -> Actor {
    Actor {
        kind: ActorKind::Staff,
        account: Some(Uuid::from_u128(2_000)),
        person: Some(Uuid::from_u128(20)),
        name: "示例员".to_owned(),
        organisation: Some(Uuid::from_u128(100)),
        roles: vec![role.to_owned()],
        ..Actor::visitor()
    }
}

/// Rows that were sent to a table.
pub(crate) fn sent(package: &Package, table: &str) -> usize {
    package.run.tables.iter().find(|one| one.table == table).map_or(0, |one| one.sent)
}
