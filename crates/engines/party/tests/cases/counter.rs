//! The counter: a clerk finds the person by number and name, and raises the level of the name, with a reason.

use zhengtong_party::*;

use crate::world::*;

#[tokio::test]
async fn a_clerk_finds_by_number_and_name_and_both_must_fit() {
    let test = city().await;
    let mut ctx = as_(&test, "window").await;
    let (card, accounts) = identify(&mut ctx, " e00000003 ", "测other").await.unwrap().unwrap();
    assert_eq!((card.id, card.level), (id(3), 2));
    assert!(card.id_number.unwrap().contains('*'));
    assert_eq!(accounts.iter().map(|one| one.id).collect::<Vec<_>>(), [id(2003)]);
    assert!(identify(&mut ctx, "E00000003", "测").await.unwrap().is_none());
    assert!(identify(&mut ctx, "E0000000%", "测other").await.unwrap().is_none());
    ctx.commit().await.unwrap();
    for login in ["boss", "head", "system", "security", "audit"] {
        let mut ctx = as_(&test, login).await;
        assert_eq!(word(identify(&mut ctx, "E00000003", "测other").await), "denied", "{login}");
    }
}

#[tokio::test]
async fn a_level_is_raised_at_the_counter_with_a_reason_and_never_ones_own() {
    let test = city().await;
    sqlx::query("UPDATE party.person SET level = 1").execute(test.db.pool()).await.unwrap();
    let why = "身份证原件，照片与本人相符";
    let mut ctx = as_(&test, "window").await;
    assert_eq!(word(raise_level(&mut ctx, id(3), 2, "x").await), "invalid", "say why");
    assert_eq!(word(raise_level(&mut ctx, id(3), 1, why).await), "absent", "nothing is lowered");
    assert_eq!(word(raise_level(&mut ctx, id(3), 3, why).await), "absent", "no certificate here");
    assert_eq!(word(raise_level(&mut ctx, id(11), 2, why).await), "own");
    assert_eq!(word(raise_level(&mut ctx, id(99), 2, why).await), "absent");
    raise_level(&mut ctx, id(3), 2, why).await.unwrap();
    assert_eq!(word(raise_level(&mut ctx, id(3), 2, why).await), "invalid", "it is this high");
    ctx.commit().await.unwrap();
    let mut ctx = as_(&test, "other").await;
    assert_eq!(my_identity(&mut ctx).await.unwrap().person.level, 2);
    assert_eq!(word(raise_level(&mut ctx, id(3), 3, why).await), "absent");
    assert_eq!(record(&test, "party.raise_level").await, [format!("1 → 2：{why}")]);
}
