//! One application is one case, however often and from wherever it is sent.

use std::collections::BTreeSet;

use uuid::Uuid;
use zhengtong_base::Kind;
use zhengtong_db::testing::TestDb;
use zhengtong_service::{Result, submit};

use crate::world::{AGREED, agent, city, filled, kind, rows};

async fn send(test: &TestDb, draft: Uuid, key: Option<&str>) -> Result<String> {
    let mut ctx = test.ctx(agent()).await;
    ctx.key = key.map(str::to_owned);
    let no = submit(&mut ctx, draft, AGREED).await?;
    ctx.commit().await.unwrap();
    Ok(no)
}

/// Sends the same draft several times at the same moment and gives the distinct numbers.
async fn at_once(test: &TestDb, draft: Uuid, keys: &[Option<&str>]) -> BTreeSet<String> {
    let hands: Vec<_> = keys
        .iter()
        .map(|key| {
            let (db, key) = (test.db.clone(), key.map(str::to_owned));
            tokio::spawn(async move {
                let mut ctx = db.begin(agent(), "test").await.unwrap();
                ctx.key = key;
                let no = submit(&mut ctx, draft, AGREED).await.unwrap();
                ctx.commit().await.unwrap();
                no
            })
        })
        .collect();
    let mut answers = BTreeSet::new();
    for hand in hands {
        answers.insert(hand.await.unwrap());
    }
    answers
}

#[tokio::test]
async fn the_same_key_gives_the_first_number_again() {
    let test = city().await;
    let draft = filled(&test).await;
    let no = send(&test, draft, Some("k1")).await.unwrap();
    assert_eq!(send(&test, draft, Some("k1")).await.unwrap(), no);
    assert_eq!(send(&test, draft, Some("k2")).await.unwrap(), no);
    assert_eq!(send(&test, draft, None).await.unwrap(), no);
    assert_eq!(rows(&test, r#"casework."case""#).await, 1);
    let other = filled(&test).await;
    assert_eq!(kind(send(&test, other, Some("k1")).await), Kind::Invalid);
    assert_ne!(send(&test, other, Some("k3")).await.unwrap(), no);
}

#[tokio::test]
async fn a_double_click_gives_one_case() {
    let test = city().await;
    let draft = filled(&test).await;
    let answers = at_once(&test, draft, &[Some("k1"); 4]).await;
    assert_eq!((answers.len(), rows(&test, r#"casework."case""#).await), (1, 1));
}

#[tokio::test]
async fn two_windows_give_one_case() {
    let test = city().await;
    let draft = filled(&test).await;
    let answers = at_once(&test, draft, &[Some("k1"), Some("k2"), None]).await;
    assert_eq!((answers.len(), rows(&test, r#"casework."case""#).await), (1, 1));
}

#[tokio::test]
async fn a_window_that_waited_for_the_other_is_given_the_same_number() {
    let test = city().await;
    let draft = filled(&test).await;
    let mut first = test.ctx(agent()).await;
    first.key = Some("k1".to_owned());
    let no = submit(&mut first, draft, AGREED).await.unwrap();
    // The second window has read the draft as open, and now waits for the lock that the first one holds.
    let second = tokio::spawn({
        let db = test.db.clone();
        async move {
            let mut ctx = db.begin(agent(), "test").await.unwrap();
            ctx.key = Some("k2".to_owned());
            let no = submit(&mut ctx, draft, AGREED).await.unwrap();
            ctx.commit().await.unwrap();
            no
        }
    });
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    while sqlx::query_scalar::<_, i64>(waits).fetch_one(test.db.pool()).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap(), no);
    assert_eq!(send(&test, draft, Some("k2")).await.unwrap(), no);
    assert_eq!(rows(&test, r#"casework."case""#).await, 1);
}
