//! The course of an instance: what opens, what closes, what its picture and its history say.

use serde_json::{Map, json};
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_process::{
    Error, News, Picture, Standing, complete, picture, replay, return_to, serve, start, terminate,
};

use crate::world::{
    NAME, begun, database, done, nodes, officer, open_to_all, opened, outcome, task, vars, verbs,
};

fn standing(picture: &Picture, node: &str) -> Standing {
    picture.nodes.iter().find(|drawn| drawn.id == node).unwrap().standing
}

#[tokio::test]
async fn an_instance_goes_from_start_to_end() {
    let test = open_to_all().await;
    let (id, news) = begun(&test).await;
    let [News::Opened(first)] = news.as_slice() else { panic!("{news:?}") };
    assert_eq!(
        (first.node.as_str(), first.role.as_str(), first.days),
        ("accept", "window", Some(1))
    );
    assert_eq!((first.title.zh.as_str(), first.title.en.as_str()), ("受理", "Acceptance"));
    assert_eq!(first.outcomes, ["accept", "decline"]);

    let news = done(&test, id, &first.task, "accept").await;
    assert_eq!(news[0], News::Closed { task: first.task.clone() });
    assert_eq!(nodes(&news), ["review", "inspect"]);
    let (review, inspect) = (task(&news, "review"), task(&news, "inspect"));
    assert_eq!(opened(&done(&test, id, &inspect, "pass").await), []);
    let news = done(&test, id, &review, "pass").await;
    let service = news.iter().find_map(|piece| match piece {
        News::Service { task, node, action, .. } => {
            Some((task.clone(), node.clone(), action.clone()))
        }
        _ => None,
    });
    let (service, node, action) = service.unwrap();
    assert_eq!((node.as_str(), action.as_str()), ("issue", "issue"));

    let mut ctx = test.ctx(officer("示例丙")).await;
    let news = serve(&mut ctx, id, &service, Map::new()).await.unwrap();
    assert_eq!(news.last(), Some(&News::Ended));
    assert!(replay(&mut ctx, id).await.unwrap());
    let expected =
        ["process.start", "process.move", "process.move", "process.move", "process.move"];
    assert_eq!(verbs(&mut ctx).await, expected);
}

#[tokio::test]
async fn a_picture_shows_where_the_tokens_are() {
    let test = open_to_all().await;
    let (id, news) = begun(&test).await;
    let mut ctx = test.ctx(officer("示例丁")).await;
    let first = picture(&mut ctx, id).await.unwrap();
    assert_eq!(standing(&first, "filed"), Standing::Done);
    assert_eq!(standing(&first, "accept"), Standing::Now);
    assert_eq!(standing(&first, "review"), Standing::Future);
    assert_eq!(first.edges.iter().filter(|edge| edge.taken).count(), 1);

    complete(&mut ctx, id, &task(&news, "accept"), outcome("accept")).await.unwrap();
    let second = picture(&mut ctx, id).await.unwrap();
    let expected = [
        ("filed", Standing::Done),
        ("accept", Standing::Done),
        ("accepted", Standing::Done),
        ("split", Standing::Done),
        ("review", Standing::Now),
        ("inspect", Standing::Now),
        ("join", Standing::Future),
        ("issue", Standing::Future),
        ("done", Standing::Future),
        ("declined", Standing::Future),
    ];
    for (node, expected) in expected {
        assert_eq!(standing(&second, node), expected, "{node}");
    }
    let accepted = second.nodes.iter().find(|node| node.id == "accept").unwrap();
    assert_eq!(accepted.done.as_ref().unwrap(), &("示例丁".to_owned(), ctx.now));
}

#[tokio::test]
async fn a_declined_instance_is_over() {
    let test = open_to_all().await;
    let (id, news) = begun(&test).await;
    let accept = task(&news, "accept");
    assert_eq!(done(&test, id, &accept, "decline").await.last(), Some(&News::Ended));
    let mut ctx = test.ctx(officer("示例丁")).await;
    assert!(replay(&mut ctx, id).await.unwrap());
    let error = complete(&mut ctx, id, &accept, outcome("accept")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    let ended: bool =
        sqlx::query_scalar("SELECT ended_at IS NOT NULL FROM process.instance WHERE id = $1")
            .bind(id)
            .fetch_one(ctx.conn())
            .await
            .unwrap();
    assert!(ended);
}

#[tokio::test]
async fn a_return_takes_back_what_runs_beside_it() {
    let test = open_to_all().await;
    let (id, news) = begun(&test).await;
    let news = done(&test, id, &task(&news, "accept"), "accept").await;
    let (review, inspect) = (task(&news, "review"), task(&news, "inspect"));
    let mut ctx = test.ctx(officer("示例丁")).await;
    let news = return_to(&mut ctx, id, &review, "accept").await.unwrap();
    assert!(news.contains(&News::Cancelled { task: inspect.clone() }), "{news:?}");
    assert_eq!(nodes(&news), ["accept"]);
    let error = complete(&mut ctx, id, &inspect, outcome("pass")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    assert!(replay(&mut ctx, id).await.unwrap());
}

#[tokio::test]
async fn an_instance_can_be_ended_from_outside() {
    let test = open_to_all().await;
    let (id, news) = begun(&test).await;
    let mut ctx = test.ctx(officer("示例丁")).await;
    let ended = terminate(&mut ctx, id, "withdrawn").await.unwrap();
    assert!(ended.contains(&News::Cancelled { task: task(&news, "accept") }), "{ended:?}");
    assert_eq!(ended.last(), Some(&News::Ended));
    assert!(replay(&mut ctx, id).await.unwrap());
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_changes_nothing() {
    let test = open_to_all().await;
    let (id, news) = begun(&test).await;
    let accept = task(&news, "accept");
    let mut ctx = test.ctx(officer("示例丁")).await;
    let wrong = complete(&mut ctx, id, &accept, outcome("perhaps")).await.unwrap_err();
    assert_eq!(wrong.kind(), Kind::Invalid);
    let none = complete(&mut ctx, id, &accept, Map::new()).await.unwrap_err();
    assert_eq!(none.kind(), Kind::Invalid);
    let other = complete(&mut ctx, id, "999", outcome("accept")).await.unwrap_err();
    assert_eq!(other.kind(), Kind::Conflict);
    let word = complete(&mut ctx, id, "x'; --", outcome("accept")).await.unwrap_err();
    assert_eq!(word.kind(), Kind::NotFound);
    let absent = complete(&mut ctx, Uuid::from_u128(9), &accept, outcome("accept")).await;
    assert_eq!(absent.unwrap_err().kind(), Kind::NotFound);
    let nothing = start(&mut ctx, "city:none", "case/2", Map::new()).await.unwrap_err();
    assert!(matches!(nothing, Error::NoDefinition(_)), "{nothing}");
    assert_eq!(verbs(&mut ctx).await, ["process.start"]);
    assert!(replay(&mut ctx, id).await.unwrap());
    let news = complete(&mut ctx, id, &accept, outcome("accept")).await.unwrap();
    assert_eq!(nodes(&news), ["review", "inspect"]);
}

#[tokio::test]
async fn a_changed_state_does_not_replay() {
    let test = open_to_all().await;
    let (id, _) = begun(&test).await;
    let mut ctx = test.ctx(officer("示例丁")).await;
    sqlx::query(
        "UPDATE process.instance SET state = jsonb_set(state, '{variables,kind}', '\"none\"')",
    )
    .execute(ctx.conn())
    .await
    .unwrap();
    assert!(!replay(&mut ctx, id).await.unwrap());
}

#[tokio::test]
async fn nothing_is_done_without_a_policy() {
    let test = database("").await;
    let mut ctx = test.ctx(officer("示例丁")).await;
    let id = Uuid::from_u128(1);
    let refused = [
        start(&mut ctx, NAME, "case/1", vars(&json!({}))).await.map(|_| ()),
        complete(&mut ctx, id, "1", outcome("accept")).await.map(|_| ()),
        serve(&mut ctx, id, "1", Map::new()).await.map(|_| ()),
        return_to(&mut ctx, id, "1", "accept").await.map(|_| ()),
        terminate(&mut ctx, id, "x").await.map(|_| ()),
        picture(&mut ctx, id).await.map(|_| ()),
        replay(&mut ctx, id).await.map(|_| ()),
    ];
    for refused in refused {
        assert_eq!(refused.unwrap_err().kind(), Kind::Denied);
    }
    assert!(verbs(&mut ctx).await.is_empty());
}
