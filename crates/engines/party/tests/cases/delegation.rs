//! Acting for an organisation: the representative, the agent, the end of a leave.

use time::Duration;
use zhengtong_party::*;

use crate::world::*;

fn new(number: u128, login: &str, scope: &[&str], until: time::OffsetDateTime) -> NewDelegation {
    NewDelegation {
        id_number: format!(" e{number:08} "),
        name: format!("测{login}"),
        until,
        scope: scope.iter().map(|&word| word.to_owned()).collect(),
    }
}

async fn acting(test: &zhengtong_db::testing::TestDb, login: &str) -> Token {
    let token = enter(test, login).await;
    let mut ctx = by(test, &token).await;
    let renewed = act_for(&mut ctx, Some(id(COMPANY))).await.unwrap();
    ctx.commit().await.unwrap();
    assert!(actor(&test.db, &token).await.unwrap().is_none(), "the token is renewed");
    renewed
}

#[tokio::test]
async fn an_agent_acts_until_the_leave_ends_and_the_session_with_it() {
    let test = city().await;
    let mut ctx = as_(&test, "agent").await;
    let list = behalfs(&mut ctx).await.unwrap();
    assert_eq!(list.len(), 1);
    assert_eq!(list[0].scope, ["apply", "view"]);
    drop(ctx);
    let token = acting(&test, "agent").await;
    let ctx = by(&test, &token).await;
    assert_eq!(ctx.actor.roles, ["citizen-agent", "citizen-agent:apply", "citizen-agent:view"]);
    assert_eq!(ctx.actor.behalf.as_ref().unwrap().organisation, id(COMPANY));
    drop(ctx);
    for _ in 0..11 {
        test.clock.advance(Duration::minutes(10));
        assert!(actor(&test.db, &token).await.unwrap().is_some());
    }
    test.clock.advance(Duration::minutes(10));
    assert!(actor(&test.db, &token).await.unwrap().is_none(), "the leave has ended");
    let mut ctx = as_(&test, "agent").await;
    assert_eq!(word(act_for(&mut ctx, Some(id(COMPANY))).await), "no leave");
    assert!(behalfs(&mut ctx).await.unwrap().is_empty());
}

#[tokio::test]
async fn only_who_has_leave_acts_for_another() {
    let test = city().await;
    let mut ctx = as_(&test, "other").await;
    assert_eq!(word(act_for(&mut ctx, Some(id(COMPANY))).await), "no leave");
    assert_eq!(word(act_for(&mut ctx, Some(id(OFFICE))).await), "no leave");
    assert_eq!(word(delegations(&mut ctx).await), "for nobody");
    let mut ctx = as_(&test, "head").await;
    assert_eq!(word(act_for(&mut ctx, Some(id(COMPANY))).await), "denied", "not from a post");
    let token = acting(&test, "boss").await;
    let mut ctx = by(&test, &token).await;
    let back = act_for(&mut ctx, None).await.unwrap();
    ctx.commit().await.unwrap();
    assert!(by(&test, &back).await.actor.behalf.is_none());
}

#[tokio::test]
async fn the_representative_gives_leave_and_takes_it_back() {
    let test = city().await;
    let agent = acting(&test, "agent").await;
    let boss = acting(&test, "boss").await;
    let soon = test.db.clock().now() + Duration::days(30);
    let mut ctx = by(&test, &agent).await;
    assert_eq!(word(delegate(&mut ctx, &new(3, "other", &["apply"], soon)).await), "denied");
    assert_eq!(word(delegations(&mut ctx).await), "denied");
    drop(ctx);

    let mut ctx = by(&test, &boss).await;
    let now = ctx.now;
    let bad = [
        new(3, "agent", &["apply"], soon),
        new(9, "other", &["apply"], soon),
        new(1, "boss", &["apply"], soon),
        new(3, "other", &[], soon),
        new(3, "other", &["everything"], soon),
        new(3, "other", &["apply"], now),
        new(3, "other", &["apply"], now + Duration::days(367)),
    ];
    for wrong in &bad {
        assert_eq!(word(delegate(&mut ctx, wrong).await), "invalid", "{wrong:?}");
    }
    ctx.key = Some("double click".to_owned());
    let given = delegate(&mut ctx, &new(3, "other", &["admin"], soon)).await.unwrap();
    let again = delegate(&mut ctx, &new(3, "other", &["admin"], soon)).await.unwrap();
    assert_eq!(given, again);
    assert_eq!(delegations(&mut ctx).await.unwrap().len(), 2);
    ctx.commit().await.unwrap();

    let other = acting(&test, "other").await;
    let mut ctx = by(&test, &other).await;
    let first = delegations(&mut ctx).await.unwrap();
    let of_agent = first.iter().find(|one| one.person == id(2)).unwrap().id;
    revoke_delegation(&mut ctx, of_agent).await.unwrap();
    assert_eq!(word(revoke_delegation(&mut ctx, of_agent).await), "absent");
    ctx.commit().await.unwrap();
    assert!(actor(&test.db, &agent).await.unwrap().is_none(), "the agent's session has ended");

    let mut stranger = as_(&test, "agent").await;
    assert_eq!(word(revoke_delegation(&mut stranger, given).await), "absent");
    let mut own = as_(&test, "other").await;
    revoke_delegation(&mut own, given).await.unwrap();
    own.commit().await.unwrap();
    assert!(actor(&test.db, &other).await.unwrap().is_none(), "a leave can be given up");
    let topics: Vec<String> = sqlx::query_scalar("SELECT topic FROM db.outbox ORDER BY at, topic")
        .fetch_all(test.db.pool())
        .await
        .unwrap();
    let (revoked, ended) = ("party.delegation_revoked", "party.session_ended");
    assert_eq!(topics, ["party.delegated", revoked, ended, revoked, ended]);
}
