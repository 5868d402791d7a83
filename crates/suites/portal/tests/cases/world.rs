//! Two departments with an officer each, and the datasets of the shipped packs.

use std::path::Path;

use time::{Date, Month};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Shelf};
use zhengtong_pack::{Packs, Report};
use zhengtong_party::{
    AccountKind, IdKind, NewOrganisation, OrganisationKind, PersonPlain, Post, Seed, SeedAccount,
    SeedHolding, SeedOrganisation, seed,
};
use zhengtong_portal::{KEY_ROLE, PackageInput};

const HOUSE: &str = include_str!("../../../../../packs/house-rules/access.cedar");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

pub(crate) const MARKET: u128 = 100;
pub(crate) const WATER: u128 = 101;

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// An officer of a department at their post.
pub(crate) fn officer(department: u128) -> Actor {
    let mut actor = Actor::system("officer");
    actor.kind = ActorKind::Staff;
    actor.account = Some(id(2000 + department));
    actor.person = Some(id(1000 + department));
    actor.organisation = Some(id(department));
    actor.post = Some(id(3000 + department));
    actor.roles = vec!["head".to_owned()];
    actor
}

/// The program of a department.
pub(crate) fn program(department: u128) -> Actor {
    Actor { roles: vec![KEY_ROLE.to_owned()], ..officer(department) }
}

pub(crate) async fn city() -> TestDb {
    let schemas = [
        zhengtong_db::SCHEMA,
        zhengtong_ledger::SCHEMA,
        zhengtong_party::SCHEMA,
        zhengtong_registry::SCHEMA,
        zhengtong_portal::SCHEMA,
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs");
    let mut report = Report::default();
    let packs = Packs::from_folder(&folder, &mut report);
    let catalog = zhengtong_registry::read(&packs, &mut report);
    let shelf =
        Shelf::default().with(zhengtong_party::read(&packs, &mut report)).with(catalog.clone());
    let test = TestDb::new(&schemas).await.with(HOUSE, shelf);
    let mut ctx = test.ctx(Actor::system("seed")).await;
    zhengtong_registry::sync(ctx.conn(), &catalog).await.unwrap();
    seed(&mut ctx, &people()).await.unwrap();
    ctx.commit().await.unwrap();
    test
}

fn people() -> Seed {
    let departments = [(MARKET, "market-regulation", "市场监督管理局"), (WATER, "water", "水务局")];
    Seed {
        organisations: departments
            .iter()
            .map(|(number, short, name)| SeedOrganisation {
                id: id(*number),
                organisation: NewOrganisation {
                    parent: None,
                    region: None,
                    kind: OrganisationKind::Department,
                    name: Text::new(*name, *short),
                    short: Some((*short).to_owned()),
                    credit_code: None,
                    representative: None,
                },
            })
            .collect(),
        persons: departments
            .iter()
            .map(|(number, short, _)| PersonPlain {
                id: id(1000 + number),
                name: format!("测{short}"),
                id_kind: IdKind::Passport,
                id_number: Some(format!("E{number:08}")),
                phone: None,
                region: None,
                level: 2,
            })
            .collect(),
        posts: departments
            .iter()
            .map(|(number, short, _)| Post {
                id: id(3000 + number),
                organisation: id(*number),
                title: Text::same(*short),
                roles: vec!["head".to_owned()],
            })
            .collect(),
        holdings: departments
            .iter()
            .map(|(number, ..)| SeedHolding {
                post: id(3000 + number),
                person: id(1000 + number),
                starts: Date::from_calendar_date(2020, Month::January, 1).unwrap(),
            })
            .collect(),
        accounts: departments
            .iter()
            .map(|(number, short, _)| SeedAccount {
                id: id(2000 + number),
                login: (*short).to_owned(),
                kind: AccountKind::Staff,
                person: id(1000 + number),
                password: "a-long-password-of-tests".to_owned(),
                totp_secret: Some(SECRET.to_owned()),
            })
            .collect(),
        ..Seed::default()
    }
}

pub(crate) fn input(name: &str, unit: &str) -> PackageInput {
    PackageInput { name: name.to_owned(), unit: unit.to_owned(), ..PackageInput::default() }
}
