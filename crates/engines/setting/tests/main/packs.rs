//! Packs that are put in while the platform runs: what is kept of it, and that every node hears of it, also one whose line
//! was cut.

use std::time::Duration;

use tokio::sync::{mpsc, watch};
use zhengtong_base::{Failure as _, Kind};
use zhengtong_db::Actor;
use zhengtong_db::testing::TestDb;
use zhengtong_setting::{Error, Files, Live, follow, install_pack, installed_packs, remove_pack};

use crate::changing::city;

fn files(version: &str) -> Files {
    let manifest = format!("id = \"stall\"\nversion = \"{version}\"\n").into_bytes();
    let page = vec![0, 255, 10];
    [("pack.toml".to_owned(), manifest), ("seed/a.bin".to_owned(), page)].into()
}

async fn put(test: &TestDb, files: &Files) -> Result<i64, Error> {
    let mut ctx = test.ctx(Actor::system("pack")).await;
    let number = install_pack(&mut ctx, "stall", files, "夜市试点").await?;
    ctx.commit().await?;
    Ok(number)
}

#[tokio::test]
async fn a_pack_is_put_in_replaced_and_taken_out_with_a_reason() {
    let test = city().await;
    assert_eq!(installed_packs(&test.db).await.unwrap(), []);
    let first = put(&test, &files("1.0.0")).await.unwrap();
    assert_eq!(put(&test, &files("1.0.0")).await.unwrap_err().kind(), Kind::Invalid, "the same");
    let second = put(&test, &files("2.0.0")).await.unwrap();
    assert!(second > first);
    let found = installed_packs(&test.db).await.unwrap();
    assert_eq!((found.len(), &found[0].files), (1, &files("2.0.0")));
    assert_eq!(found[0].reason, "夜市试点");
    let mut ctx = test.ctx(Actor::system("pack")).await;
    remove_pack(&mut ctx, "stall", "试点结束").await.unwrap();
    let twice = remove_pack(&mut ctx, "stall", "再取一次").await.unwrap_err();
    assert_eq!(twice.kind(), Kind::Invalid);
    ctx.commit().await.unwrap();
    assert_eq!(installed_packs(&test.db).await.unwrap(), []);
    let acts: Vec<(String, Option<String>)> = sqlx::query_as(
        "SELECT verb, reason FROM ledger.entry WHERE verb LIKE 'setting.%_pack' ORDER BY id",
    )
    .fetch_all(test.db.pool())
    .await
    .unwrap();
    let verbs: Vec<&str> = acts.iter().map(|(verb, _)| verb.as_str()).collect();
    assert_eq!(verbs, ["setting.install_pack", "setting.install_pack", "setting.remove_pack"]);
    assert!(acts.iter().all(|(_, reason)| reason.is_some()), "each says why");
}

#[tokio::test]
async fn nobody_puts_a_pack_in_without_the_right_and_nothing_empty_goes_in() {
    let test = city().await;
    let mut ctx = test.ctx(Actor::visitor()).await;
    let refused = install_pack(&mut ctx, "stall", &files("1"), "夜市试点").await.unwrap_err();
    assert!(matches!(refused.kind(), Kind::Denied | Kind::Unauthenticated), "{refused}");
    drop(ctx);
    assert_eq!(put(&test, &Files::new()).await.unwrap_err().kind(), Kind::Invalid);
    let large = [("a".to_owned(), vec![0; zhengtong_setting::PACK_BYTES_MAX + 1])].into();
    assert_eq!(put(&test, &large).await.unwrap_err().kind(), Kind::Invalid);
}

#[tokio::test]
async fn a_node_whose_line_was_cut_catches_up() {
    let test = city().await;
    let (stop, stopped) = watch::channel(false);
    let live = Live::default();
    let (tell, mut told) = mpsc::unbounded_channel();
    let apply = move |live: &Live| tell.send(live.packs()).unwrap_or(());
    let task = tokio::spawn(follow(test.db.clone(), live.clone(), apply, stopped));
    assert_eq!(told.recv().await, Some(0));
    for round in 1..=3 {
        // The server ends the line that listens, as a network does that is cut, while something is told.
        let cut: i64 = sqlx::query_scalar(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
             WHERE datname = current_database() AND query LIKE 'LISTEN %'",
        )
        .fetch_one(test.db.pool())
        .await
        .unwrap();
        assert!(cut >= 1, "nobody listened");
        let number = put(&test, &files(&format!("{round}.0.0"))).await.unwrap();
        let caught = async {
            while live.packs() != number {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let caught = tokio::time::timeout(Duration::from_secs(10), caught).await;
        caught.expect("within ten seconds, not after half a minute");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    stop.send(true).unwrap();
    task.await.unwrap();
}
