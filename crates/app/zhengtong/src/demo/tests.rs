//! The whole demonstration in a database of its own, with the packs and the policies of the house.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use tempfile::TempDir;
use time::macros::date;
use zhengtong_blob::Blobs;
use zhengtong_casework::{Counts, State};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, Shelf};
use zhengtong_pack::{Packs, Report};
use zhengtong_party::{LogIn, Origin, Tried};

use super::*;
use crate::engines;

pub(super) struct Demo {
    pub(super) test: TestDb,
    pub(super) folder: TempDir,
}

pub(super) fn args() -> Args {
    Args { residents: 300, seed: 1, reference: None }
}

pub(super) async fn demo() -> Demo {
    let test = TestDb::new(engines::SCHEMAS).await;
    let folder = tempfile::tempdir().unwrap();
    let mut report = Report::default();
    let packs = Packs::from_folder(
        &PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../packs"),
        &mut report,
    );
    let loaded = engines::load(&packs, date!(2026 - 03 - 02), &mut report);
    let faults: Vec<String> = report.errors().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let mut tx = test.db.begin_raw().await.unwrap();
    zhengtong_registry::sync(&mut tx, &loaded.registry).await.unwrap();
    tx.commit().await.unwrap();
    let settings = zhengtong_document::Settings::new("http://127.0.0.1", Vec::new());
    let ring = zhengtong_crypto::Keyring::for_tests();
    let blobs = Blobs::open(folder.path().join("files")).await.unwrap().with_keys(ring.clone());
    let shelf: Shelf = loaded.shelf.with(blobs).with(settings).with(ring);
    test.db.load(loaded.policies, shelf);
    Demo { test, folder }
}

#[tokio::test]
async fn a_city_is_filled_once_with_people_companies_and_cases() {
    let demo = demo().await;
    let db = &demo.test.db;
    let filled = fill(db, demo.folder.path(), &args()).await.unwrap();
    assert_eq!(filled.accounts.len(), cast::SIZE);
    let path = demo.folder.path().join(ACCOUNTS);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

    let before = rows(db).await;
    let expected = [
        ("base-legal:business_licence", 50),
        ("base-legal:organisation", 50),
        ("base-population:household", 100),
        ("base-population:resident", 300),
    ];
    for (dataset, count) in expected {
        assert_eq!(before.iter().find(|(name, _)| name == dataset).unwrap().1, count, "{dataset}");
    }
    let licences = before.iter().find(|(name, _)| name == "food-business:food_licence").unwrap().1;
    assert!(licences >= 6, "{licences} licences were granted");

    let other = Args { residents: 900, seed: 5, reference: None };
    let again = fill(db, demo.folder.path(), &other).await.unwrap();
    assert_eq!(again.accounts, filled.accounts);
    assert_eq!(rows(db).await, before);
}

#[tokio::test]
async fn what_the_registers_begin_with_keeps_the_rules_of_a_record() {
    let demo = demo().await;
    let db = &demo.test.db;
    fill(db, demo.folder.path(), &args()).await.unwrap();
    let regions = Regions::read(None).unwrap();
    let (cast, counties) = (cast::residents(), regions.counties());
    let city = City { seed: 1, counties: &counties, cast: &cast, total: 300 };
    let mut ctx = db.begin_system("test").await.unwrap();
    // Past the last day that a list names.
    ctx.now += Duration::days(360);
    let catalog = ctx.defs::<zhengtong_registry::Catalog>().unwrap();
    let today = zhengtong_calendar::china_date(ctx.now);
    let samples = registers::samples(&catalog, &city, today);
    assert!(samples.len() > 250, "{}", samples.len());
    let mut created = Vec::new();
    for (dataset, record) in samples {
        let origin =
            zhengtong_registry::Origin { source: "test".to_owned(), case: None, person: None };
        let put = zhengtong_registry::put(&mut ctx, &dataset, &record, &origin).await;
        let put = put.unwrap_or_else(|error| panic!("{dataset} {record:?}: {error:?}"));
        if put.created {
            created.push(dataset);
        }
    }
    // The year of a report is part of its key, and the test is a year ahead.
    created.retain(|dataset| dataset != "base-legal:annual_report");
    assert!(created.is_empty(), "{created:?}");
}

async fn rows(db: &Db) -> Vec<(String, i64)> {
    let mut ctx = db.begin_system("test").await.unwrap();
    let counted = zhengtong_registry::count(&mut ctx).await.unwrap();
    counted.into_iter().map(|counted| (counted.dataset, counted.rows)).collect()
}

/// The elements that the datasets of a pack hold, and the units that answer for them.
fn breadth(catalog: &zhengtong_registry::Catalog, pack: &str) -> (usize, usize) {
    let of = |id: &str| id.split_once(':').is_some_and(|(front, _)| front == pack);
    let datasets = || catalog.datasets.values().filter(|dataset| of(&dataset.id));
    let elements: std::collections::BTreeSet<&str> = datasets()
        .flat_map(|dataset| dataset.fields.iter().map(|field| field.element.as_str()))
        .collect();
    let units: std::collections::BTreeSet<&str> =
        datasets().map(|dataset| dataset.authority.as_str()).collect();
    (elements.len(), units.len())
}

#[tokio::test]
async fn the_city_is_as_broad_as_it_says() {
    let demo = demo().await;
    let db = &demo.test.db;
    fill(db, demo.folder.path(), &args()).await.unwrap();
    let catalog = db.defs::<zhengtong_registry::Catalog>().unwrap();
    for (pack, elements, units) in [("base-population", 200, 10), ("base-legal", 120, 1)] {
        let found = breadth(&catalog, pack);
        assert!(found.0 >= elements && found.1 >= units, "{pack}: {found:?}");
    }
    let mut ctx = db.begin(Actor::visitor(), "test").await.unwrap();
    for (by, groups) in [("class", 3), ("subclass", 15)] {
        let (found, _) = zhengtong_registry::tally(&mut ctx, "base-macro:indicator", &[], by, None)
            .await
            .unwrap();
        let indicators: i64 = found.iter().map(|one| one.count).sum();
        assert!(found.len() == groups && indicators >= 300, "{by}: {found:?}");
    }
    let all = zhengtong_catalog::Wanted::default();
    let found = zhengtong_catalog::search(&mut ctx, &all).await.unwrap();
    let providers = found.facets[&zhengtong_catalog::Facet::Provider].len();
    assert_eq!((found.total, providers), (568, 55));
    let plan = db.defs::<zhengtong_exchange::Plan>().unwrap();
    assert!(plan.items.len() >= 18 && plan.systems.len() >= 40, "{}", plan.systems.len());
}

#[tokio::test]
async fn cases_stand_in_all_states_and_inboxes_hold_late_and_due_ones() {
    let demo = demo().await;
    let db = &demo.test.db;
    fill(db, demo.folder.path(), &args()).await.unwrap();
    let founded: Founded = read(&demo.folder.path().join(CITY_FILE)).unwrap();
    let mut states = std::collections::BTreeMap::new();
    for applicant in &founded.applicants {
        let mut ctx = db.begin(cases::agent(applicant), "test").await.unwrap();
        let mine = zhengtong_casework::mine(&mut ctx, 1).await.unwrap();
        assert_eq!(mine.total, 1, "{}", applicant.name);
        *states.entry(mine.rows[0].state.word()).or_insert(0) += 1;
    }
    for state in [
        State::Submitted,
        State::Correcting,
        State::Accepted,
        State::Closed,
        State::Declined,
        State::Withdrawn,
    ] {
        assert!(states.contains_key(state.word()), "{} of {states:?}", state.word());
    }
    for (login, late) in [("clerk", true), ("reviewer", true), ("inspector", true), ("head", true)]
    {
        let counts = inbox(db, founded.seed, login).await;
        assert!(counts.all > 0 && counts.near > 0, "{login} {counts:?}");
        assert_eq!(counts.over > 0, late, "{login} {counts:?}");
    }
    assert!(inbox(db, founded.seed, "reviewer").await.mine > 0);
}

async fn inbox(db: &Db, seed: u64, login: &str) -> Counts {
    let actor = cases::officer(seed, login).unwrap();
    let mut ctx = db.begin(actor, "test").await.unwrap();
    zhengtong_casework::counts(&mut ctx).await.unwrap()
}

#[tokio::test]
async fn the_cast_can_log_in() {
    let demo = demo().await;
    let db = &demo.test.db;
    let filled = fill(db, demo.folder.path(), &args()).await.unwrap();
    for account in filled.accounts {
        let mut ctx = db.begin(Actor::visitor(), "test").await.unwrap();
        let origin = Origin { ip: "127.0.0.1", agent: "test" };
        let tried = zhengtong_party::log_in(&mut ctx, &account.account, &account.password, origin);
        match (tried.await.unwrap(), account.totp_secret) {
            (Tried::Done(LogIn::Done(_)), None) | (Tried::Done(LogIn::CodeNeeded(_)), Some(_)) => {}
            (other, _) => panic!("{}: {other:?}", account.account),
        }
    }
}
