//! Two hands at once on one instance: one act is done, the other is told so.

use zhengtong_base::{Failure as _, Kind};
use zhengtong_process::{complete, replay};

use crate::world::{begun, done, nodes, officer, open_to_all, outcome, task};

#[tokio::test]
async fn a_task_is_completed_once() {
    let test = open_to_all().await;
    let (id, news) = begun(&test).await;
    let accept = task(&news, "accept");
    let hands: Vec<_> = (0..4)
        .map(|_| {
            let (db, accept) = (test.db.clone(), accept.clone());
            tokio::spawn(async move {
                let mut ctx = db.begin(officer("示例"), "test").await.unwrap();
                let news = complete(&mut ctx, id, &accept, outcome("accept")).await?;
                ctx.commit().await.unwrap();
                Ok::<_, zhengtong_process::Error>(news)
            })
        })
        .collect();
    let mut fitting = Vec::new();
    for hand in hands {
        match hand.await.unwrap() {
            Ok(news) => fitting.push(nodes(&news)),
            Err(error) => assert_eq!(error.kind(), Kind::Conflict, "{error}"),
        }
    }
    assert_eq!(fitting, [["review", "inspect"]]);
    let mut ctx = test.ctx(officer("示例")).await;
    assert!(replay(&mut ctx, id).await.unwrap());
}

#[tokio::test]
async fn two_branches_meet_once() {
    let test = open_to_all().await;
    let (id, news) = begun(&test).await;
    let news = done(&test, id, &task(&news, "accept"), "accept").await;
    let hands: Vec<_> = ["review", "inspect"]
        .map(|node| {
            let (db, task) = (test.db.clone(), task(&news, node));
            tokio::spawn(async move {
                let mut ctx = db.begin(officer("示例"), "test").await.unwrap();
                let news = complete(&mut ctx, id, &task, outcome("pass")).await.unwrap();
                ctx.commit().await.unwrap();
                news
            })
        })
        .into_iter()
        .collect();
    let mut due = 0;
    for hand in hands {
        let news = hand.await.unwrap();
        due += news
            .iter()
            .filter(|piece| matches!(piece, zhengtong_process::News::Service { .. }))
            .count();
    }
    assert_eq!(due, 1);
    let mut ctx = test.ctx(officer("示例")).await;
    assert!(replay(&mut ctx, id).await.unwrap());
}

#[tokio::test]
async fn what_is_not_committed_has_not_happened() {
    let test = open_to_all().await;
    let (id, news) = begun(&test).await;
    let accept = task(&news, "accept");
    let mut ctx = test.ctx(officer("示例")).await;
    complete(&mut ctx, id, &accept, outcome("decline")).await.unwrap();
    drop(ctx);
    assert_eq!(nodes(&done(&test, id, &accept, "accept").await), ["review", "inspect"]);
}
