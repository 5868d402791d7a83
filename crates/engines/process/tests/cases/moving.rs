//! Instances that move to another version, and services that fail.

use std::collections::BTreeMap;

use serde_json::Map;
use time::Duration;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_db::Actor;
use zhengtong_db::testing::PERMIT_ALL;
use zhengtong_process::{
    Catalog, Error, IncidentKind, News, add_sign, assign, attempt, check_migration, complete, fail,
    fire_next, incidents, migrate, moves, replay, retry, return_straight, send_to, serve, skip,
    take_back_task,
};

use crate::world::{LICENCE, NAME, begun, done, nodes, officer, open_to_all, outcome, shelf, task};

#[tokio::test]
async fn a_running_instance_moves_when_everything_fits() {
    let test = open_to_all().await;
    let (id, news) = begun(&test).await;
    let news = done(&test, id, &task(&news, "accept"), "accept").await;
    done(&test, id, &task(&news, "inspect"), "pass").await;
    let renamed = LICENCE
        .replace("id=\"review\"", "id=\"paper_review\"")
        .replace("targetRef=\"review\"", "targetRef=\"paper_review\"")
        .replace("sourceRef=\"review\"", "sourceRef=\"paper_review\"");
    let test = test.with(PERMIT_ALL, shelf(&renamed));
    let mut ctx = test.ctx(officer("管理员")).await;
    let digest = ctx.defs::<Catalog>().unwrap().get(NAME).unwrap().digest.clone();
    let none = BTreeMap::new();
    let refused = migrate(&mut ctx, id, &digest, &none, "新版本").await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Invalid);
    assert!(refused.text().zh.contains("review"), "{}", refused.text().zh);
    let map = BTreeMap::from([("review".to_owned(), "paper_review".to_owned())]);
    assert_eq!(check_migration(&mut ctx, id, &digest, &map).await.unwrap(), []);
    assert!(matches!(migrate(&mut ctx, id, &digest, &map, "").await, Err(Error::Reason)));
    assert_eq!(migrate(&mut ctx, id, &digest, &map, "改名").await.unwrap(), []);
    ctx.commit().await.unwrap();
    let news = done(&test, id, &task(&news, "review"), "pass").await;
    assert!(news.iter().any(|one| matches!(one, News::Service { node, .. } if node == "issue")));
    let mut ctx = test.ctx(officer("示例")).await;
    assert!(replay(&mut ctx, id).await.unwrap(), "also across the move");
    let absent = migrate(&mut ctx, id, "nothing", &map, "改名").await.unwrap_err();
    assert!(matches!(absent, Error::NoDefinition(_)));
}

#[tokio::test]
async fn a_service_is_tried_again_and_then_an_operator_decides() {
    let test = open_to_all().await;
    let (id, news) = begun(&test).await;
    let news = done(&test, id, &task(&news, "accept"), "accept").await;
    done(&test, id, &task(&news, "review"), "pass").await;
    let news = done(&test, id, &task(&news, "inspect"), "pass").await;
    let due = |news: &[News]| {
        news.iter().find_map(|one| match one {
            News::Service { task, node, .. } if node == "issue" => Some(task.clone()),
            _ => None,
        })
    };
    let issue = due(&news).unwrap();
    let minutes = [2, 4, 8, 16];
    for wait in minutes {
        let mut ctx = test.ctx(officer("示例")).await;
        assert_eq!(fail(&mut ctx, id, &issue, "打印机离线").await.unwrap(), []);
        ctx.commit().await.unwrap();
        test.clock.advance(Duration::minutes(wait) - Duration::seconds(1));
        let mut ctx = test.ctx(Actor::system("test")).await;
        assert_eq!(fire_next(&mut ctx, "case/").await.unwrap(), None);
        ctx.commit().await.unwrap();
        test.clock.advance(Duration::seconds(1));
        let mut ctx = test.ctx(Actor::system("test")).await;
        let again = fire_next(&mut ctx, "case/").await.unwrap().unwrap();
        assert_eq!(due(&again.news).as_ref(), Some(&issue));
        ctx.commit().await.unwrap();
    }
    let mut ctx = test.ctx(officer("示例")).await;
    let held = fail(&mut ctx, id, &issue, "打印机离线").await.unwrap();
    assert!(matches!(&held[..], [News::Held { .. }]));
    let open = incidents(&mut ctx).await.unwrap();
    assert_eq!((open[0].kind, open[0].cause.as_str()), (IncidentKind::Service, "打印机离线"));
    let again = retry(&mut ctx, open[0].id).await.unwrap();
    assert_eq!(due(&again.news).as_ref(), Some(&issue), "its failures are counted on");
    fail(&mut ctx, id, &issue, "还是离线").await.unwrap();
    let open = incidents(&mut ctx).await.unwrap();
    let moved = skip(&mut ctx, open[0].id, "证书已在窗口手工制作").await.unwrap();
    assert!(moved.news.contains(&News::Ended));
    let late = serve(&mut ctx, id, &issue, Map::new()).await.unwrap_err();
    assert_eq!(late.kind(), Kind::Conflict, "the same command twice");
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(officer("示例")).await;
    assert!(replay(&mut ctx, id).await.unwrap());
}

#[tokio::test]
async fn offices_move_tasks_in_their_own_way() {
    let test = open_to_all().await;
    let (id, news) = begun(&test).await;
    let accept = task(&news, "accept");
    let mut ctx = test.ctx(officer("示例")).await;
    assign(&mut ctx, id, &accept, Some("甲")).await.unwrap();
    complete(&mut ctx, id, &accept, outcome("accept")).await.unwrap();
    let news = take_back_task(&mut ctx, id, &accept).await.unwrap();
    let accept = task(&news, "accept");
    let who = vec!["乙".to_owned()];
    let place = zhengtong_process::SignPlace::Before;
    let news = add_sign(&mut ctx, id, &accept, who, place).await.unwrap();
    let early = complete(&mut ctx, id, &accept, outcome("accept")).await.unwrap_err();
    assert_eq!(early.kind(), Kind::Conflict);
    assert!(early.text().zh.contains("加签"), "{}", early.text().zh);
    let signed = complete(&mut ctx, id, &task(&news, "accept"), Map::new()).await.unwrap();
    assert!(signed.contains(&News::Ready { task: accept.clone() }));
    let news = complete(&mut ctx, id, &accept, outcome("accept")).await.unwrap();
    let review = task(&news, "review");
    let ways = moves(&mut ctx, id, &review).await.unwrap();
    assert_eq!(ways.back.len(), 1);
    assert!(ways.anywhere.iter().any(|step| step.node == "issue"));
    let news = return_straight(&mut ctx, id, &review, "accept").await.unwrap();
    assert_eq!(nodes(&news), ["accept"]);
    let news = complete(&mut ctx, id, &task(&news, "accept"), outcome("accept")).await.unwrap();
    assert_eq!(nodes(&news), ["review"], "the answer comes straight back");
    let review = task(&news, "review");
    assert!(matches!(send_to(&mut ctx, id, &review, "issue", "").await, Err(Error::Reason)));
    let news = send_to(&mut ctx, id, &review, "issue", "突发事件，先行制证").await.unwrap();
    assert!(news.iter().any(|one| matches!(one, News::Cancelled { .. })), "{news:?}");
    assert!(news.iter().any(|one| matches!(one, News::Service { node, .. } if node == "issue")));
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(officer("示例")).await;
    assert!(replay(&mut ctx, id).await.unwrap());
}

#[tokio::test]
async fn what_was_tried_in_vain_is_undone_and_the_rest_stays() {
    let test = open_to_all().await;
    let (id, news) = begun(&test).await;
    let accept = task(&news, "accept");
    let mut ctx = test.ctx(officer("示例")).await;
    let tried: Result<(), Error> = attempt(&mut ctx, async |ctx| {
        complete(ctx, id, &accept, outcome("accept")).await?;
        Err(Error::Reason)
    })
    .await
    .unwrap();
    assert!(tried.is_err());
    let news = complete(&mut ctx, id, &accept, outcome("accept")).await.unwrap();
    assert_eq!(nodes(&news), ["review", "inspect"]);
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(officer("示例")).await;
    assert!(replay(&mut ctx, id).await.unwrap());
}
