//! Whose data it is: by the policies of the house a unit loads its own datasets, and nobody else's.

use std::io::Cursor;

use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind, Paging};
use zhengtong_blob::Blobs;
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Shelf};
use zhengtong_registry::{
    Confirmed, Error, Load, LoadMode, Loader, NewLoad, Step, allow_load, begin_load, cancel_load,
    confirm_load, load_faults, load_of, loadable, loads, may_load, preview_load, step,
};

use crate::catalog;
use crate::tables::database;

const HOUSE: &str = include_str!("../../../../../packs/house-rules/access.cedar");
const ORGANISATION: &str = "base-legal:organisation";
const RESIDENT: &str = "base-population:resident";
/// A row that is taken in, and one that is not.
const FILE: &str = "统一社会信用代码,name,kind,legal_representative,address,established_on,status
91350100M000100Y43,示例一,10,示例甲,某路1号,2020-01-02,1
没有这样的代码,示例二,10,示例甲,某路2号,2020-01-02,1
";

struct City {
    db: TestDb,
    blobs: Blobs,
    _folder: tempfile::TempDir,
}

/// The city under the policies of the house.
async fn city() -> City {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    let db = database().await.with(HOUSE, Shelf::default().with(catalog()));
    City { db, blobs, _folder: folder }
}

fn actor(kind: ActorKind, unit: Option<&str>, role: &str) -> Actor {
    let mut actor = Actor::visitor();
    actor.kind = kind;
    actor.name = "示例".to_owned();
    actor.account = (kind == ActorKind::Staff).then(|| Uuid::from_u128(5));
    actor.person = actor.account;
    actor.organisation = Some(Uuid::from_u128(100));
    actor.unit = unit.map(str::to_owned);
    actor.roles = vec![role.to_owned()];
    actor
}

fn steward(unit: &str) -> Actor {
    actor(ActorKind::Staff, Some(unit), "steward")
}

fn system(unit: &str, scope: &str) -> Actor {
    actor(ActorKind::Device, Some(unit), scope)
}

impl City {
    async fn begin(&self, who: &Actor, dataset: &str) -> Result<Load, Error> {
        let stored = self.blobs.put(Cursor::new(FILE), u64::MAX).await.unwrap();
        let new = NewLoad {
            file: stored.digest.to_string(),
            file_name: "名单.csv".to_owned(),
            source: who.name.clone(),
        };
        let mut ctx = self.db.ctx(who.clone()).await;
        let asked = allow_load(&ctx, dataset).map_err(|error| error.to_string());
        let load = begin_load(&mut ctx, &self.blobs, dataset, &new).await;
        // What is asked before the file comes is what is asked when it is there.
        assert_eq!(asked.err(), load.as_ref().err().map(ToString::to_string), "{dataset}");
        ctx.commit().await.unwrap();
        load
    }

    async fn done(&self, who: &Actor, load: &Load) {
        let confirmed =
            Confirmed { mapping: load.mapping.clone(), mode: LoadMode::Upsert, watermark: None };
        let mut ctx = self.db.ctx(who.clone()).await;
        confirm_load(&mut ctx, load.number, &confirmed).await.unwrap();
        ctx.commit().await.unwrap();
        let mut loader = Loader::default();
        loop {
            let mut ctx = self.db.ctx(Actor::system("load")).await;
            let took = step(&mut ctx, &self.blobs, &mut loader, load.id).await.unwrap();
            ctx.commit().await.unwrap();
            if took == Step::Over {
                break;
            }
        }
    }
}

/// The unit that a refusal names.
fn other_unit(error: &Error) -> &str {
    let Error::OtherUnit { authority, .. } = error else { panic!("{error:?}") };
    assert_eq!(error.kind(), Kind::Denied);
    let text = error.text();
    assert!(text.zh.contains(authority) && text.en.contains(authority), "{text}");
    authority
}

#[tokio::test]
async fn a_steward_loads_the_datasets_of_the_own_unit() {
    let city = city().await;
    let market = steward("market-regulation");
    let ctx = city.db.ctx(market.clone()).await;
    let own = loadable(&ctx).unwrap();
    assert!(own.iter().any(|dataset| dataset.id == ORGANISATION), "{own:?}");
    assert!(own.iter().all(|dataset| dataset.authority == "market-regulation"), "{own:?}");
    assert!(own.len() < catalog().datasets.len());
    assert!(may_load(&ctx, ORGANISATION).unwrap() && !may_load(&ctx, RESIDENT).unwrap());
    drop(ctx);
    let load = city.begin(&market, ORGANISATION).await.unwrap();
    city.done(&market, &load).await;
    let mut ctx = city.db.ctx(market).await;
    let faults = load_faults(&mut ctx, load.number, 0, 10).await.unwrap();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].raw.contains("没有这样的代码"));
}

#[tokio::test]
async fn data_of_another_unit_is_refused_and_the_unit_is_named() {
    let city = city().await;
    let (market, police) = (steward("market-regulation"), steward("public-security"));
    let error = city.begin(&market, RESIDENT).await.unwrap_err();
    assert_eq!(other_unit(&error), "public-security");
    let load = city.begin(&market, ORGANISATION).await.unwrap();
    let number = load.number;
    // Whoever works with data sees that it was loaded, and neither the file nor the rows that were not taken in.
    let mut ctx = city.db.ctx(police.clone()).await;
    assert_eq!(loads(&mut ctx, None, Paging::new(1, 10)).await.unwrap().total, 1);
    assert_eq!(load_of(&mut ctx, number).await.unwrap().number, number);
    let confirmed =
        Confirmed { mapping: load.mapping.clone(), mode: LoadMode::Full, watermark: None };
    for error in [
        preview_load(&mut ctx, &city.blobs, number).await.unwrap_err(),
        confirm_load(&mut ctx, number, &confirmed).await.unwrap_err(),
        cancel_load(&mut ctx, number).await.unwrap_err(),
        load_faults(&mut ctx, number, 0, 10).await.unwrap_err(),
    ] {
        assert_eq!(other_unit(&error), "market-regulation");
    }
    assert!(matches!(load_of(&mut ctx, 99).await.unwrap_err(), Error::NoLoad(99)));
    let error = city.begin(&police, "base-legal:nothing").await.unwrap_err();
    assert!(matches!(error, Error::NoDataset(_)), "{error:?}");
}

#[tokio::test]
async fn whoever_loads_nothing_learns_nothing() {
    let city = city().await;
    city.begin(&steward("market-regulation"), ORGANISATION).await.unwrap();
    let rows = [
        (actor(ActorKind::Staff, Some("market-regulation"), "head"), Kind::Denied),
        (actor(ActorKind::Citizen, None, "citizen-agent"), Kind::Denied),
        (Actor::visitor(), Kind::Unauthenticated),
        (system("market-regulation", "scope:process.message"), Kind::Denied),
        // A scope that is called like an office is none.
        (system("market-regulation", "scope:steward"), Kind::Denied),
    ];
    for (who, expected) in rows {
        for dataset in [ORGANISATION, RESIDENT, "base-legal:nothing"] {
            let error = city.begin(&who, dataset).await.unwrap_err();
            assert_eq!(error.kind(), expected, "{who:?} {dataset}");
            assert!(!matches!(error, Error::OtherUnit { .. }), "{who:?} {dataset}");
        }
        let mut ctx = city.db.ctx(who.clone()).await;
        for number in [1, 99] {
            assert_eq!(load_of(&mut ctx, number).await.unwrap_err().kind(), expected, "{who:?}");
        }
        assert!(loadable(&ctx).unwrap().is_empty());
    }
    // A steward of a unit that packs do not name loads nothing, and is told whose data it is.
    let nowhere = actor(ActorKind::Staff, None, "steward");
    let error = city.begin(&nowhere, ORGANISATION).await.unwrap_err();
    assert_eq!(other_unit(&error), "market-regulation");
}

#[tokio::test]
async fn a_system_of_the_unit_loads_its_datasets_and_sees_no_others() {
    let city = city().await;
    let scope = "scope:registry.load";
    let (own, other) = (system("market-regulation", scope), system("public-security", scope));
    let load = city.begin(&own, ORGANISATION).await.unwrap();
    city.done(&own, &load).await;
    let mut ctx = city.db.ctx(own).await;
    assert_eq!(load_of(&mut ctx, load.number).await.unwrap().counts().faulty, 1);
    assert_eq!(load_faults(&mut ctx, load.number, 0, 10).await.unwrap().len(), 1);
    assert_eq!(loads(&mut ctx, None, Paging::new(1, 10)).await.unwrap_err().kind(), Kind::Denied);
    let error = city.begin(&other, ORGANISATION).await.unwrap_err();
    assert_eq!(other_unit(&error), "market-regulation");
    let mut ctx = city.db.ctx(other).await;
    let error = load_of(&mut ctx, load.number).await.unwrap_err();
    assert_eq!(other_unit(&error), "market-regulation");
    assert!(matches!(load_of(&mut ctx, 99).await.unwrap_err(), Error::NoLoad(99)));
}
