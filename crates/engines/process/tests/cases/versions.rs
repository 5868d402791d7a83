//! A running instance keeps the definition it began with, whatever a pack says later.

use zhengtong_db::Shelf;
use zhengtong_db::testing::PERMIT_ALL;
use zhengtong_process::{Catalog, picture, replay};

use crate::world::{LICENCE, begun, done, nodes, officer, open_to_all, shelf, task};

#[tokio::test]
async fn a_running_instance_keeps_its_definition() {
    let test = open_to_all().await;
    let (old, news) = begun(&test).await;
    let renamed = LICENCE.replace("id=\"review\" name=\"审查\"", "id=\"review\" name=\"专家审查\"");
    let test = test.with(PERMIT_ALL, shelf(&renamed));

    let news = done(&test, old, &task(&news, "accept"), "accept").await;
    let title = |news: &[zhengtong_process::News]| {
        news.iter().find_map(|piece| match piece {
            zhengtong_process::News::Opened(opened) if opened.node == "review" => {
                Some(opened.title.zh.clone())
            }
            _ => None,
        })
    };
    assert_eq!(title(&news).as_deref(), Some("审查"));

    let (new, news) = begun(&test).await;
    let news = done(&test, new, &task(&news, "accept"), "accept").await;
    assert_eq!(title(&news).as_deref(), Some("专家审查"));

    let mut ctx = test.ctx(officer("示例")).await;
    for id in [old, new] {
        assert!(replay(&mut ctx, id).await.unwrap());
    }
    let names: Vec<(String, String)> =
        sqlx::query_as("SELECT name, digest FROM process.definition ORDER BY name")
            .fetch_all(ctx.conn())
            .await
            .unwrap();
    assert_eq!(names.len(), 2);
    assert!(names.iter().all(|(name, _)| name == "city:licence"));
}

#[tokio::test]
async fn a_definition_that_is_gone_still_runs_out() {
    let test = open_to_all().await;
    let (id, news) = begun(&test).await;
    let test = test.with(PERMIT_ALL, Shelf::default().with(Catalog::default()));
    let news = done(&test, id, &task(&news, "accept"), "accept").await;
    assert_eq!(nodes(&news), ["review", "inspect"]);
    let mut ctx = test.ctx(officer("示例")).await;
    assert!(!picture(&mut ctx, id).await.unwrap().nodes.is_empty());
}
