//! One rating for each case that is over, by its applicant, shown without a name.

use zhengtong_base::Kind;
use zhengtong_casework::withdraw;
use zhengtong_db::Actor;
use zhengtong_db::testing::TestDb;
use zhengtong_service::{rate, rated, ratings, submit};

use crate::world::{AGREED, ITEM, agent, citizen, city, fields, filled, kind, officer, rows};

/// A case that was taken back, so that it is over.
async fn over(test: &TestDb) -> String {
    let no = handed_in(test).await;
    let mut ctx = test.ctx(agent()).await;
    withdraw(&mut ctx, &no, "").await.unwrap();
    ctx.commit().await.unwrap();
    no
}

async fn handed_in(test: &TestDb) -> String {
    let draft = filled(test).await;
    let mut ctx = test.ctx(agent()).await;
    let no = submit(&mut ctx, draft, AGREED).await.unwrap();
    ctx.commit().await.unwrap();
    no
}

#[tokio::test]
async fn a_case_is_rated_once() {
    let test = city().await;
    let no = over(&test).await;
    let mut ctx = test.ctx(agent()).await;
    assert!(!rated(&mut ctx, &no).await.unwrap());
    rate(&mut ctx, &no, 4, "  很快 ").await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(agent()).await;
    assert!(rated(&mut ctx, &no).await.unwrap());
    assert_eq!(kind(rate(&mut ctx, &no, 1, "改主意了").await), Kind::Conflict);
    drop(ctx);

    let second = over(&test).await;
    let mut ctx = test.ctx(agent()).await;
    rate(&mut ctx, &second, 5, "").await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::visitor()).await;
    let standing = ratings(&mut ctx, ITEM).await.unwrap();
    assert_eq!((standing.count, standing.mean_tenths), (2, 45));
    let said: Vec<&str> = standing.latest.iter().map(|rating| rating.words.as_str()).collect();
    assert_eq!(said, ["很快"]);
}

#[tokio::test]
async fn who_may_rate_and_what() {
    let test = city().await;
    let running = handed_in(&test).await;
    let mut ctx = test.ctx(agent()).await;
    assert_eq!(kind(rate(&mut ctx, &running, 5, "").await), Kind::Conflict);
    drop(ctx);
    let no = over(&test).await;
    let mut ctx = test.ctx(agent()).await;
    for score in [0, 6, 255] {
        assert_eq!(fields(&rate(&mut ctx, &no, score, "").await.unwrap_err()), ["score"]);
    }
    let long = "长".repeat(4_001);
    assert_eq!(fields(&rate(&mut ctx, &no, 3, &long).await.unwrap_err()), ["words"]);
    drop(ctx);
    for actor in [citizen(3), officer(11, "window"), officer(12, "supervisor")] {
        let mut ctx = test.ctx(actor).await;
        assert_eq!(kind(rate(&mut ctx, &no, 5, "").await), Kind::NotFound);
    }
    assert_eq!(rows(&test, "service.rating").await, 0);
}
