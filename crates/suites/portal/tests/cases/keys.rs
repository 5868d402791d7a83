//! A key acts for a post, is kept as a digest, ends, and is used up.

use time::Duration;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_db::Actor;
use zhengtong_portal::{Error, KEY_ROLE, enter, issue, keys, revoke};

use crate::world::{MARKET, WATER, city, id, officer, program};

#[tokio::test]
async fn a_key_is_the_department_and_nothing_more() {
    let test = city().await;
    let mut ctx = test.ctx(officer(WATER)).await;
    let made = issue(&mut ctx, "水位上传", 30).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::system("portal")).await;
    let opened = enter(&mut ctx, &made.secret).await.unwrap();
    assert_eq!(
        (opened.actor.organisation, opened.actor.roles),
        (Some(id(WATER)), vec![KEY_ROLE.to_owned()])
    );
    assert!(matches!(enter(&mut ctx, "zt-guess").await, Err(Error::Key)));
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(officer(WATER)).await;
    assert_eq!(keys(&mut ctx).await.unwrap()[0].used, 1);
    // A key gives no keys, and those of others are not seen.
    let mut ctx = test.ctx(program(WATER)).await;
    assert_eq!(issue(&mut ctx, "再来一个", 1).await.unwrap_err().kind(), Kind::Denied);
    let mut ctx = test.ctx(officer(MARKET)).await;
    assert!(keys(&mut ctx).await.unwrap().is_empty());
    assert_eq!(revoke(&mut ctx, made.key.id).await.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn a_key_ends() {
    let test = city().await;
    let mut ctx = test.ctx(officer(WATER)).await;
    let (short, long) =
        (issue(&mut ctx, "短", 1).await.unwrap(), issue(&mut ctx, "长", 366).await.unwrap());
    for (title, days) in [("", 1), ("x", 0), ("x", 367)] {
        assert_eq!(issue(&mut ctx, title, days).await.unwrap_err().kind(), Kind::Invalid);
    }
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::system("portal")).await;
    ctx.now += Duration::days(2);
    assert!(matches!(enter(&mut ctx, &short.secret).await, Err(Error::Key)));
    assert!(enter(&mut ctx, &long.secret).await.is_ok());
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(officer(WATER)).await;
    revoke(&mut ctx, long.key.id).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::system("portal")).await;
    assert!(matches!(enter(&mut ctx, &long.secret).await, Err(Error::Key)));
}

#[tokio::test]
async fn a_key_ends_with_the_account() {
    let test = city().await;
    let mut ctx = test.ctx(officer(WATER)).await;
    let made = issue(&mut ctx, "水位上传", 30).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::system("party")).await;
    zhengtong_party::disable_account(&mut ctx, id(2000 + WATER), "left").await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::system("portal")).await;
    assert!(matches!(enter(&mut ctx, &made.secret).await, Err(Error::Key)));
}
