//! Organisations, posts and who holds them: the three administrators, the last one, unknown roles.

use time::{Date, Duration, Month};
use uuid::Uuid;
use zhengtong_base::{Failure as _, Text};
use zhengtong_db::Ctx;
use zhengtong_party::*;

use crate::world::*;

fn day(month: Month, day: u8) -> Date {
    Date::from_calendar_date(2026, month, day).unwrap()
}

async fn post_with(ctx: &mut Ctx, roles: &[&str]) -> Result<Uuid> {
    let roles = roles.iter().map(|&role| role.to_owned()).collect();
    create_post(ctx, &NewPost { organisation: id(OFFICE), title: Text::same("岗"), roles }).await
}

#[tokio::test]
async fn the_three_administrators_exclude_each_other_by_every_path() {
    let test = city().await;
    let today = day(Month::March, 2);
    let mut ctx = as_(&test, "security").await;
    for one in ADMINISTRATORS {
        for two in ADMINISTRATORS.into_iter().filter(|two| *two != one) {
            assert_eq!(word(post_with(&mut ctx, &[one, "window", two]).await), "exclusive");
            let first = post_with(&mut ctx, &[one]).await.unwrap();
            let second = post_with(&mut ctx, &["window", two]).await.unwrap();
            let holding = hold(&mut ctx, first, id(3), today, None).await.unwrap();
            let both = hold(&mut ctx, second, id(3), today + Duration::days(9), None).await;
            assert_eq!(word(both), "exclusive", "{one} and {two}");
            let raw = sqlx::query(
                "INSERT INTO party.holding (id, post, person, starts) VALUES ($1, $2, $3, $4)",
            );
            let savepoint = sqlx::Connection::begin(ctx.conn()).await.unwrap();
            let mut savepoint = savepoint;
            let raw = raw.bind(Uuid::new_v4()).bind(second).bind(id(3)).bind(today);
            let error = raw.execute(&mut *savepoint).await.unwrap_err();
            assert!(error.to_string().contains("exclude each other"), "{error}");
            savepoint.rollback().await.unwrap();
            end_holding(&mut ctx, holding).await.unwrap();
            let after = hold(&mut ctx, second, id(3), today, None).await.unwrap();
            end_holding(&mut ctx, after).await.unwrap();
        }
    }
}

#[tokio::test]
async fn two_administrators_one_after_the_other_are_fine() {
    let test = city().await;
    let mut ctx = as_(&test, "security").await;
    let first = post_with(&mut ctx, &["audit-admin"]).await.unwrap();
    let second = post_with(&mut ctx, &["security-admin"]).await.unwrap();
    let (june, july) = (day(Month::June, 1), day(Month::July, 1));
    hold(&mut ctx, first, id(3), june, Some(july)).await.unwrap();
    let overlap = hold(&mut ctx, second, id(3), day(Month::June, 30), None).await;
    assert_eq!(word(overlap), "exclusive");
    hold(&mut ctx, second, id(3), july, None).await.unwrap();
}

#[tokio::test]
async fn holdings_given_at_once_see_each_other() {
    let test = city().await;
    let today = day(Month::March, 2);
    let token = enter(&test, "security").await;
    let mut ctx = by(&test, &token).await;
    let first = post_with(&mut ctx, &["audit-admin"]).await.unwrap();
    let second = post_with(&mut ctx, &["security-admin"]).await.unwrap();
    ctx.commit().await.unwrap();
    let give = async |post| {
        let mut ctx = by(&test, &token).await;
        let given = hold(&mut ctx, post, id(3), today, None).await;
        if given.is_ok() {
            ctx.commit().await.unwrap();
        }
        word(given)
    };
    let (one, two) = tokio::join!(give(first), give(second));
    let mut said = [one, two];
    said.sort_unstable();
    assert_eq!(said, ["exclusive", "ok"]);
}

#[tokio::test]
async fn rights_come_and_go_with_the_post() {
    let test = city().await;
    let window = enter(&test, "window").await;
    assert_eq!(by(&test, &window).await.actor.roles, ["window"]);
    assert_eq!(by(&test, &window).await.actor.region.as_deref(), Some("330106"));
    let mut ctx = as_(&test, "security").await;
    let more = post_with(&mut ctx, &["reviewer", "inspector"]).await.unwrap();
    hold(&mut ctx, more, id(11), day(Month::March, 2), Some(day(Month::March, 3))).await.unwrap();
    ctx.commit().await.unwrap();

    let mut ctx = by(&test, &window).await;
    let mine = my_posts(&mut ctx).await.unwrap();
    assert_eq!(mine.iter().map(|own| own.chosen).collect::<Vec<_>>(), [true, false]);
    assert_eq!(word(choose_post(&mut ctx, id(1012)).await), "absent", "somebody else's post");
    let renewed = choose_post(&mut ctx, more).await.unwrap();
    ctx.commit().await.unwrap();
    assert!(actor(&test.db, &window).await.unwrap().is_none());
    assert_eq!(by(&test, &renewed).await.actor.roles, ["reviewer", "inspector"]);

    let mut ctx = as_(&test, "security").await;
    let cards = posts(&mut ctx, id(OFFICE)).await.unwrap();
    let holding = cards.iter().find(|card| card.post.id == more).unwrap().holdings[0].id;
    end_holding(&mut ctx, holding).await.unwrap();
    end_holding(&mut ctx, holding).await.unwrap();
    let found = holders(&mut ctx, id(OFFICE), "window").await.unwrap();
    assert_eq!(found.iter().map(|one| one.person).collect::<Vec<_>>(), [id(11), id(13)]);
    ctx.commit().await.unwrap();
    let left = by(&test, &renewed).await;
    assert!(
        left.actor.roles.is_empty() && left.actor.post.is_none(),
        "the role has gone with the post"
    );
}

#[tokio::test]
async fn who_may_give_posts() {
    let test = city().await;
    let today = day(Month::March, 2);
    for login in ["window", "head", "system", "audit", "boss"] {
        let mut ctx = as_(&test, login).await;
        assert_eq!(word(hold(&mut ctx, id(1012), id(3), today, None).await), "denied", "{login}");
        assert_eq!(word(post_with(&mut ctx, &["window"]).await), "denied", "{login}");
    }
    let mut ctx = as_(&test, "security").await;
    assert_eq!(word(hold(&mut ctx, id(1012), id(22), today, None).await), "own");
    assert_eq!(word(hold(&mut ctx, id(1012), id(99), today, None).await), "absent");
    assert_eq!(word(hold(&mut ctx, id(99), id(3), today, None).await), "absent");
    let ended = hold(&mut ctx, id(1012), id(3), today, Some(today)).await;
    assert_eq!(word(ended), "invalid");
}

#[tokio::test]
async fn the_first_security_administrator_is_appointed_by_the_system_administrator() {
    let test = city().await;
    sqlx::query("UPDATE party.holding SET ends = starts WHERE person = $1")
        .bind(id(22))
        .execute(test.db.pool())
        .await
        .unwrap();
    let today = day(Month::March, 2);
    let mut ctx = as_(&test, "system").await;
    assert_eq!(word(post_with(&mut ctx, &["audit-admin"]).await), "denied");
    assert_eq!(word(post_with(&mut ctx, &["security-admin", "head"]).await), "denied");
    let post = post_with(&mut ctx, &["security-admin"]).await.unwrap();
    assert_eq!(word(hold(&mut ctx, post, id(21), today, None).await), "own");
    hold(&mut ctx, post, id(22), today, None).await.unwrap();
    assert_eq!(word(hold(&mut ctx, post, id(3), today, None).await), "denied", "one is enough");
}

#[tokio::test]
async fn the_last_system_administrator_stays() {
    let test = city().await;
    let mut ctx = as_(&test, "security").await;
    let cards = posts(&mut ctx, id(OFFICE)).await.unwrap();
    let last = cards.iter().find(|card| card.post.id == id(1021)).unwrap().holdings[0].id;
    assert_eq!(word(end_holding(&mut ctx, last).await), "last");
    assert_eq!(word(disable_account(&mut ctx, id(2021), "by mistake").await), "last");
    hold(&mut ctx, id(1021), id(11), day(Month::March, 2), None).await.unwrap();
    end_holding(&mut ctx, last).await.unwrap();
}

#[tokio::test]
async fn bad_input_is_named_field_by_field() {
    let test = city().await;
    let mut ctx = as_(&test, "security").await;
    let error = post_with(&mut ctx, &["windo"]).await.unwrap_err();
    assert_eq!(error.fields()[0].text.en, "there is no role windo; did you mean window?");
    for roles in [&[] as &[&str], &["window"; 9], &["citizen-agent"]] {
        assert_eq!(word(post_with(&mut ctx, roles).await), "invalid");
    }
    let mut ctx = as_(&test, "system").await;
    let good = NewOrganisation {
        parent: Some(id(OFFICE)),
        region: Some("330106".to_owned()),
        kind: OrganisationKind::Office,
        name: Text::new("食品处", "Food office"),
        short: Some("food-office".to_owned()),
        credit_code: None,
        representative: None,
    };
    let change = |edit: fn(&mut NewOrganisation)| {
        let mut new = good.clone();
        edit(&mut new);
        new
    };
    let bad = [
        (change(|new| new.name.zh = " ".to_owned()), "name_zh"),
        (change(|new| new.name.en = "x".repeat(201)), "name_en"),
        (change(|new| new.short = Some("Food Office".to_owned())), "short"),
        (change(|new| new.short = Some("market-regulation".to_owned())), "short"),
        (change(|new| new.credit_code = Some("91330106MA2EXAMPLI".to_owned())), "credit_code"),
        (change(|new| new.region = Some("33".to_owned())), "region"),
        (change(|new| new.parent = Some(id(99))), "parent"),
        (change(|new| new.representative = Some(id(99))), "representative"),
    ];
    for (new, field) in bad {
        let error = create_organisation(&mut ctx, &new).await.unwrap_err();
        assert_eq!(error.fields()[0].field, field, "{new:?}");
    }
    ctx.key = Some("double click".to_owned());
    let first = create_organisation(&mut ctx, &good).await.unwrap();
    assert_eq!(create_organisation(&mut ctx, &good).await.unwrap(), first);
}
