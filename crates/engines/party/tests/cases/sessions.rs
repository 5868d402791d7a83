//! Sessions on the simulated clock: idle, absolute, renewed, listed, revoked.

use time::Duration;
use zhengtong_db::Actor;
use zhengtong_party::*;

use crate::world::*;

#[tokio::test]
async fn a_session_ends_idle_and_at_last_however_busy() {
    let test = city().await;
    let idle = enter(&test, "boss").await;
    test.clock.advance(Duration::minutes(15) - Duration::seconds(1));
    assert!(actor(&test.db, &idle).await.unwrap().is_some());
    test.clock.advance(Duration::minutes(15));
    assert!(actor(&test.db, &idle).await.unwrap().is_none(), "idle");
    let busy = enter(&test, "boss").await;
    for minute in (0..12 * 60).step_by(10) {
        assert!(actor(&test.db, &busy).await.unwrap().is_some(), "minute {minute}");
        test.clock.advance(Duration::minutes(10));
    }
    assert!(actor(&test.db, &busy).await.unwrap().is_none(), "twelve hours");
    for wrong in ["", "x", "' OR true --", &"a".repeat(100_000)] {
        assert!(actor(&test.db, &Token::from_text(wrong)).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn the_last_use_is_written_once_a_minute() {
    let test = city().await;
    let token = enter(&test, "boss").await;
    let seen = async || {
        let mut ctx = by(&test, &token).await;
        sessions(&mut ctx).await.unwrap()[0].last_seen
    };
    let first = seen().await;
    test.clock.advance(Duration::seconds(59));
    assert_eq!(seen().await, first);
    test.clock.advance(Duration::seconds(1));
    assert_eq!(seen().await, first + Duration::seconds(60));
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let test = city().await;
    let (one, two) = (enter(&test, "boss").await, enter(&test, "boss").await);
    let mut ctx = by(&test, &two).await;
    let list = sessions(&mut ctx).await.unwrap();
    assert_eq!(list.iter().map(|card| card.current).collect::<Vec<_>>(), [true, false]);
    assert_eq!((list[0].ip.as_str(), list[0].agent.as_str()), ("127.0.0.1", "Firefox"));
    let other = list[1].id;
    drop(ctx);

    let mut stranger = as_(&test, "other").await;
    assert_eq!(word(revoke_session(&mut stranger, other).await), "absent");
    assert_eq!(word(revoke_session(&mut stranger, id(99)).await), "absent");
    let mut admin = as_(&test, "system").await;
    assert_eq!(word(revoke_session(&mut admin, other).await), "absent");
    assert!(actor(&test.db, &one).await.unwrap().is_some());

    let mut ctx = by(&test, &two).await;
    revoke_session(&mut ctx, other).await.unwrap();
    assert_eq!(word(revoke_session(&mut ctx, other).await), "absent");
    ctx.commit().await.unwrap();
    assert!(actor(&test.db, &one).await.unwrap().is_none());

    let three = enter(&test, "boss").await;
    let mut ctx = by(&test, &two).await;
    assert_eq!(revoke_others(&mut ctx).await.unwrap(), 1);
    log_out(&mut ctx).await.unwrap();
    ctx.commit().await.unwrap();
    for token in [two, three] {
        assert!(actor(&test.db, &token).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn the_oldest_session_gives_way() {
    let test = city().await;
    let first = enter(&test, "boss").await;
    let mut last = enter(&test, "boss").await;
    for _ in 0..8 {
        last = enter(&test, "boss").await;
    }
    assert!(actor(&test.db, &first).await.unwrap().is_some());
    enter(&test, "boss").await;
    let mut ctx = by(&test, &last).await;
    assert_eq!(sessions(&mut ctx).await.unwrap().len(), 10);
}

#[tokio::test]
async fn visitors_have_no_session() {
    let test = city().await;
    let mut ctx = visitor(&test).await;
    assert_eq!(word(sessions(&mut ctx).await), "unauthenticated");
    assert_eq!(word(my_identity(&mut ctx).await), "unauthenticated");
    assert_eq!(word(enrol_totp(&mut ctx).await), "unauthenticated");
    assert_eq!(word(act_for(&mut ctx, None).await), "unauthenticated");
}

#[tokio::test]
async fn what_ended_long_ago_is_swept() {
    let test = city().await;
    enter(&test, "boss").await;
    let mut ctx = visitor(&test).await;
    log_in(&mut ctx, "nobody", "wrong wrong wrong", ORIGIN).await.unwrap();
    log_in(&mut ctx, "window", PASSWORD, ORIGIN).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::system("sweep")).await;
    assert_eq!(sweep(&mut ctx).await.unwrap(), 0);
    ctx.commit().await.unwrap();
    test.clock.advance(Duration::days(91));
    let mut ctx = test.ctx(Actor::system("sweep")).await;
    assert_eq!(sweep(&mut ctx).await.unwrap(), 6, "a session, a proof, four counts");
}
