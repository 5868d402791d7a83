//! No set of posts, holdings, substitutions and dates gives one person two of the three administrators: random
//! acts by verbs and by statements that go round them, and a plain count of every day afterwards.

use std::collections::{BTreeMap, BTreeSet};

use time::{Date, Duration, Month};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_db::Ctx;
use zhengtong_party::*;

use crate::world::*;

/// A sequence of numbers from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn day(&mut self) -> Date {
        let first = Date::from_calendar_date(2026, Month::March, 2).unwrap();
        first + Duration::days(i64::try_from(self.below(12)).unwrap())
    }

    fn end(&mut self, starts: Date) -> Option<Date> {
        let days = self.below(7);
        (days > 0).then(|| starts + Duration::days(i64::try_from(days).unwrap()))
    }
}

const ROLES: [&[&str]; 6] = [
    &["system-admin"],
    &["security-admin"],
    &["audit-admin", "window"],
    &["window"],
    &["reviewer", "security-admin"],
    &["head"],
];

async fn posts_of_all_kinds(ctx: &mut Ctx) -> Vec<Uuid> {
    let mut posts = Vec::new();
    for roles in ROLES {
        let roles = roles.iter().map(|&role| role.to_owned()).collect();
        let post = NewPost { organisation: id(OFFICE), title: Text::same("岗"), roles };
        posts.push(create_post(ctx, &post).await.unwrap());
    }
    posts
}

/// Runs a statement that goes round the verbs; what the tables refuse is undone.
async fn raw(
    ctx: &mut Ctx,
    statement: &'static str,
    post: Uuid,
    person: Uuid,
    from: Date,
    to: Date,
) -> bool {
    let mut savepoint = sqlx::Connection::begin(ctx.conn()).await.unwrap();
    let done = sqlx::query(statement)
        .bind(Uuid::new_v4())
        .bind(post)
        .bind(person)
        .bind(from)
        .bind(to)
        .execute(&mut *savepoint)
        .await;
    match done {
        Ok(_) => savepoint.commit().await.is_ok(),
        Err(_refused) => {
            savepoint.rollback().await.unwrap();
            false
        }
    }
}

type Span = (Uuid, Vec<String>, Date, Option<Date>);

/// The administrators of every person on every day, counted without the program and without the triggers.
async fn administrators(ctx: &mut Ctx) -> BTreeMap<(Uuid, Date), BTreeSet<String>> {
    let spans: Vec<Span> = sqlx::query_as(
        "SELECT person, roles, starts, ends FROM party.holding JOIN party.post ON post.id = post
         UNION ALL
         SELECT person, roles, starts, ends FROM party.substitution JOIN party.post ON post.id = post",
    )
    .fetch_all(ctx.conn())
    .await
    .unwrap();
    let mut found: BTreeMap<(Uuid, Date), BTreeSet<String>> = BTreeMap::new();
    let first = Date::from_calendar_date(2026, Month::February, 25).unwrap();
    for (person, roles, starts, ends) in spans {
        for offset in 0..40 {
            let day = first + Duration::days(offset);
            if starts <= day && ends.is_none_or(|ends| day < ends) {
                let admins = roles.iter().filter(|role| ADMINISTRATORS.contains(&role.as_str()));
                found.entry((person, day)).or_default().extend(admins.cloned());
            }
        }
    }
    found
}

#[tokio::test]
async fn nobody_is_two_administrators_on_any_day_by_any_path() {
    let test = city().await;
    let (mut done, mut refused) = (0, 0);
    for seed in 1..=12 {
        let mut dice = Dice(seed);
        let mut ctx = as_(&test, "security").await;
        let posts = posts_of_all_kinds(&mut ctx).await;
        for _ in 0..60 {
            let post = posts[usize::try_from(dice.below(6)).unwrap()];
            let person = id([11, 12, 13, 14][usize::try_from(dice.below(4)).unwrap()]);
            let starts = dice.day();
            let ends = dice.end(starts);
            let until = ends.unwrap_or(starts + Duration::days(3));
            let outcome = match dice.below(5) {
                0 | 1 => hold(&mut ctx, post, person, starts, ends).await.map(|_| ()),
                2 => {
                    let new = NewSubstitution {
                        post,
                        person,
                        starts,
                        ends: until,
                        reason: "年休假".to_owned(),
                    };
                    substitute(&mut ctx, &new).await.map(|_| ())
                }
                3 => {
                    let statement = "INSERT INTO party.holding (id, post, person, starts, ends) VALUES ($1, $2, $3, $4, $5)";
                    if raw(&mut ctx, statement, post, person, starts, until).await {
                        Ok(())
                    } else {
                        Err(Error::OwnRights)
                    }
                }
                _ => {
                    let statement = "INSERT INTO party.substitution (id, post, person, starts, ends, named_by, named, reason)
                                     VALUES ($1, $2, $3, $4, $5, $3, '2026-03-02', 'x')";
                    if raw(&mut ctx, statement, post, person, starts, until).await {
                        Ok(())
                    } else {
                        Err(Error::OwnRights)
                    }
                }
            };
            match outcome {
                Ok(()) => done += 1,
                Err(Error::Store(error)) => {
                    panic!("the tables had to refuse what the verb let through: {error}")
                }
                Err(_refused) => refused += 1,
            }
        }
        for ((person, day), roles) in administrators(&mut ctx).await {
            assert!(roles.len() <= 1, "seed {seed}: {person} is {roles:?} on {day}");
        }
    }
    assert!(done > 150 && refused > 150, "both happen: {done} done, {refused} refused");
}

#[tokio::test]
async fn the_roles_of_a_post_never_change_under_its_holders() {
    let test = city().await;
    let changed = sqlx::query("UPDATE party.post SET roles = ARRAY['audit-admin'] WHERE id = $1")
        .bind(id(1011))
        .execute(test.db.pool())
        .await;
    assert!(changed.unwrap_err().to_string().contains("do not change"));
    let both = sqlx::query(
        "INSERT INTO party.post (id, organisation, title_zh, title_en, roles)
         VALUES ($1, $2, 'x', 'x', ARRAY['system-admin', 'audit-admin'])",
    )
    .bind(id(7))
    .bind(id(OFFICE))
    .execute(test.db.pool())
    .await;
    assert!(both.is_err(), "not in one post either");
}

#[tokio::test]
async fn an_administrator_can_be_stood_in_for_by_no_other_administrator() {
    let test = city().await;
    let mut ctx = as_(&test, "security").await;
    let day = Date::from_calendar_date(2026, Month::March, 2).unwrap();
    let new = |post: u128, person: u128| NewSubstitution {
        post: id(1000 + post),
        person: id(person),
        starts: day,
        ends: day + Duration::days(3),
        reason: "年休假".to_owned(),
    };
    assert_eq!(word(substitute(&mut ctx, &new(21, 23)).await), "exclusive");
    assert_eq!(word(substitute(&mut ctx, &new(23, 21)).await), "exclusive");
    substitute(&mut ctx, &new(23, 11)).await.unwrap();
    assert_eq!(word(hold(&mut ctx, id(1021), id(11), day, None).await), "exclusive");
    let later = hold(&mut ctx, id(1021), id(11), day + Duration::days(3), None).await;
    assert!(later.is_ok(), "one after the other is fine");
    drop(ctx);
    let mut holder = as_(&test, "audit").await;
    assert_eq!(word(substitute(&mut holder, &new(23, 12)).await), "denied", "not by its holder");
}
