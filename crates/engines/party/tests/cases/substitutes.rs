//! 代理: who names whom, from when to when, what the substitute does, and how it ends by itself.

use time::{Date, Duration, Month};
use uuid::Uuid;
use zhengtong_db::Actor;
use zhengtong_db::testing::TestDb;
use zhengtong_party::*;

use crate::world::*;

fn day(day: u8) -> Date {
    Date::from_calendar_date(2026, Month::March, day).unwrap()
}

fn new(post: u128, person: u128, starts: u8, ends: u8) -> NewSubstitution {
    NewSubstitution {
        post: id(1000 + post),
        person: id(person),
        starts: day(starts),
        ends: day(ends),
        reason: "年休假".to_owned(),
    }
}

async fn named(test: &TestDb, login: &str, new: &NewSubstitution) -> Uuid {
    let mut ctx = as_(test, login).await;
    let named = substitute(&mut ctx, new).await.unwrap();
    ctx.commit().await.unwrap();
    named
}

#[tokio::test]
async fn a_substitute_acts_in_the_post_for_its_days_and_under_the_mark() {
    let test = city().await;
    named(&test, "reviewer", &new(14, 11, 3, 5)).await;
    let token = enter(&test, "window").await;
    let mut ctx = by(&test, &token).await;
    assert_eq!(my_posts(&mut ctx).await.unwrap().len(), 1, "it has not begun");
    assert_eq!(word(choose_post(&mut ctx, id(1014)).await), "absent");
    drop(ctx);
    test.clock.advance(Duration::days(1));
    let token = enter(&test, "window").await;
    let mut ctx = by(&test, &token).await;
    let mine = my_posts(&mut ctx).await.unwrap();
    assert_eq!(mine.iter().map(|own| own.standing_in).collect::<Vec<_>>(), [false, true]);
    assert_eq!(mine[1].until, Some(day(5)));
    let token = choose_post(&mut ctx, id(1014)).await.unwrap();
    ctx.commit().await.unwrap();
    let ctx = by(&test, &token).await;
    assert_eq!(ctx.actor.roles, ["reviewer"]);
    assert_eq!(ctx.actor.name, "测window（代）");
    assert_eq!(ctx.act("x.y", "case", "1").name, "测window（代）", "the record says so too");
    drop(ctx);
    let serving = async || {
        let mut ctx = test.ctx(Actor::system("test")).await;
        serving(&mut ctx, id(OFFICE), "reviewer").await.unwrap().len()
    };
    assert_eq!(serving().await, 2);
    for _ in 0..11 {
        test.clock.advance(Duration::minutes(10));
        assert!(actor(&test.db, &token).await.unwrap().is_some());
    }
    test.clock.advance(Duration::days(2));
    assert_eq!(serving().await, 1, "it ended by itself");
    let token = enter(&test, "window").await;
    let mut ctx = by(&test, &token).await;
    assert_eq!(word(choose_post(&mut ctx, id(1014)).await), "absent");
}

#[tokio::test]
async fn roles_go_at_midnight_in_an_open_session() {
    let test = city().await;
    named(&test, "reviewer", &new(14, 11, 2, 3)).await;
    // 23:50 in China.
    test.clock.advance(Duration::hours(14) + Duration::minutes(45));
    let token = enter(&test, "window").await;
    let mut ctx = by(&test, &token).await;
    let token = choose_post(&mut ctx, id(1014)).await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(by(&test, &token).await.actor.roles, ["reviewer"]);
    test.clock.advance(Duration::minutes(14));
    let ctx = by(&test, &token).await;
    assert!(ctx.actor.roles.is_empty() && ctx.actor.post.is_none(), "the day is over");
    assert_eq!(ctx.actor.name, "测window");
}

#[tokio::test]
async fn the_holder_the_head_or_the_security_administrator_name_and_nobody_else() {
    let test = city().await;
    for login in ["window", "system", "audit", "boss"] {
        let mut ctx = as_(&test, login).await;
        let said = word(substitute(&mut ctx, &new(14, 13, 2, 5)).await);
        assert_eq!(said, "denied", "{login}");
    }
    named(&test, "reviewer", &new(14, 13, 2, 4)).await;
    named(&test, "head", &new(14, 13, 5, 7)).await;
    named(&test, "security", &new(14, 13, 8, 9)).await;
    let mut ctx = as_(&test, "window2").await;
    let said = word(substitute(&mut ctx, &new(14, 11, 2, 4)).await);
    assert_eq!(said, "denied", "a substitute does not pass it on");
    let mut ctx = as_(&test, "head").await;
    assert_eq!(word(substitute(&mut ctx, &new(14, 12, 2, 4)).await), "own", "not oneself");
    let mut ctx = as_(&test, "security").await;
    let list = substitutions(&mut ctx, id(OFFICE)).await.unwrap();
    assert_eq!(list.len(), 3);
    assert_eq!(word(substitute(&mut ctx, &new(23, 22, 2, 4)).await), "own");
}

#[tokio::test]
async fn bad_input_is_refused() {
    let test = city().await;
    let mut ctx = as_(&test, "reviewer").await;
    let wrong = [
        new(14, 11, 1, 4),
        new(14, 11, 4, 4),
        new(14, 11, 5, 4),
        NewSubstitution { ends: day(2) + Duration::days(93), ..new(14, 11, 2, 4) },
        NewSubstitution { reason: " ".to_owned(), ..new(14, 11, 2, 4) },
        // No staff account, and no post here.
        new(14, 3, 2, 4),
    ];
    for new in wrong {
        assert_eq!(word(substitute(&mut ctx, &new).await), "invalid", "{new:?}");
    }
    assert_eq!(word(substitute(&mut ctx, &new(14, 99, 2, 4)).await), "absent");
    assert_eq!(word(substitute(&mut ctx, &new(99, 11, 2, 4)).await), "absent");
    drop(ctx);
    let mut ctx = as_(&test, "head").await;
    assert_eq!(word(substitute(&mut ctx, &new(14, 14, 2, 4)).await), "invalid", "the holder");
    drop(ctx);
    let mut ctx = as_(&test, "system").await;
    disable_account(&mut ctx, id(2013), "left the office").await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = as_(&test, "reviewer").await;
    assert_eq!(word(substitute(&mut ctx, &new(14, 13, 2, 4)).await), "invalid", "disabled");
}

#[tokio::test]
async fn it_can_be_ended_before_its_day_and_every_end_is_told_once() {
    let test = city().await;
    let first = named(&test, "reviewer", &new(14, 11, 2, 9)).await;
    let mut stranger = as_(&test, "window2").await;
    assert_eq!(word(end_substitution(&mut stranger, first).await), "absent");
    drop(stranger);
    let mut ctx = as_(&test, "window").await;
    end_substitution(&mut ctx, first).await.unwrap();
    end_substitution(&mut ctx, first).await.unwrap();
    ctx.commit().await.unwrap();
    named(&test, "reviewer", &new(14, 13, 2, 3)).await;
    let swept = async || {
        let mut ctx = test.ctx(Actor::system("sweep")).await;
        sweep(&mut ctx).await.unwrap();
        ctx.commit().await.unwrap();
        let topic = "party.substitution_ended";
        sqlx::query_scalar::<_, i64>("SELECT count(*) FROM db.outbox WHERE topic = $1")
            .bind(topic)
            .fetch_one(test.db.pool())
            .await
            .unwrap()
    };
    assert_eq!(swept().await, 1);
    test.clock.advance(Duration::days(1));
    assert_eq!(swept().await, 2);
    assert_eq!(swept().await, 2, "once");
}
