//! Runs and drills as they are written down, and what they prove.

use zhengtong_backup::{Drill, Error, VERBS, ask_drill, back_up, drill, history, summary};
use zhengtong_base::Paging;
use zhengtong_db::testing::PERMIT_ALL;
use zhengtong_db::{Actor, Policies, Shelf};

use crate::city::{City, checks, key, nothing, pass};

fn plan(city: &City) -> Drill {
    Drill {
        folder: city.out.path().to_owned(),
        passphrase: pass(),
        key: key().verifying_key(),
        scratch: city.data.path().join("drill"),
        checks: checks(),
    }
}

fn permit(city: &City, policy: &str) {
    let source = zhengtong_access::Source { name: "test.cedar", text: policy };
    city.db.load(Policies::parse(&[source]).unwrap(), Shelf::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_proves_the_newest_backup_and_says_what_it_took() {
    let city = City::new().await;
    permit(&city, PERMIT_ALL);
    let url = city.cluster.url();

    // Without a backup there is nothing to prove, and that is written down as a failure.
    let failed = drill(&city.db, &url, plan(&city)).await;
    assert!(matches!(failed, Err(Error::None(_))), "{failed:?}");
    let mut ctx = city.db.begin_system("test").await.unwrap();
    let said = summary(&mut ctx).await.unwrap();
    assert!(said.failing.is_some_and(|run| run.kind == "drill"));
    assert_eq!((said.level.level, said.last_drill.is_none()), (0, true));
    drop(ctx);

    let taken = back_up(&city.db, city.plan(city.out.path()), Some(3), nothing()).await.unwrap();
    let drilled = drill(&city.db, &url, plan(&city)).await.unwrap();
    assert_eq!((drilled.proof.entries, drilled.proof.files), (40, 40));
    assert!(!city.data.path().join("drill").exists(), "the scratch folder is gone");
    let rto = drilled.run.rto_seconds.unwrap();
    println!("RTO {rto:.2} s, RPO {:.2} s", drilled.run.rpo_seconds.unwrap());

    let mut ctx = city.db.begin_system("test").await.unwrap();
    let rows = history(&mut ctx, Paging::new(1, 10)).await.unwrap();
    let kinds: Vec<_> = rows.rows.iter().map(|run| (run.kind.as_str(), run.ok)).collect();
    assert_eq!(kinds, [("drill", Some(true)), ("backup", Some(true)), ("drill", Some(false))]);
    let said = summary(&mut ctx).await.unwrap();
    assert_eq!(said.last_backup.unwrap().backup.as_deref(), Some(taken.manifest.id.as_str()));
    assert_eq!(said.rto_seconds, Some(rto));
    assert!(said.failing.is_none());
    assert_eq!(said.level.level, 3, "{:?}", said.level);
    // Each run is an act in the record.
    let acts: i64 =
        sqlx::query_scalar("SELECT count(*) FROM ledger.entry WHERE verb LIKE 'backup.%'")
            .fetch_one(ctx.conn())
            .await
            .unwrap();
    assert_eq!(acts, 3);
    drop(ctx);

    // Two at once: the second waits for nobody and is refused.
    let first = drill(&city.db, &url, plan(&city));
    let second = drill(&city.db, &url, plan(&city));
    let (first, second) = tokio::join!(first, second);
    let busy = [&first, &second].into_iter().filter(|run| matches!(run, Err(Error::Busy))).count();
    assert_eq!(busy, 1, "{first:?} {second:?}");
    city.cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn history_and_drills_are_for_those_whom_policy_allows() {
    let city = City::new().await;
    permit(&city, "permit(principal, action == Action::\"backup.read\", resource);");
    let mut ctx = city.db.begin(Actor::system("nobody"), "test").await.unwrap();
    assert!(summary(&mut ctx).await.is_ok());
    assert!(ask_drill(&mut ctx).await.is_err());
    permit(&city, "");
    let mut ctx = city.db.begin(Actor::visitor(), "test").await.unwrap();
    assert!(summary(&mut ctx).await.is_err());
    assert!(history(&mut ctx, Paging::new(1, 10)).await.is_err());
    assert_eq!(VERBS.len(), 3);
    city.cluster.stop().await;
}
