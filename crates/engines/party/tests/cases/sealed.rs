//! Numbers of persons and secrets of second factors: nobody reads them in the tables, they open in their own
//! rows only, and what stood plain before there were keys is sealed at the start.

use sqlx::Row as _;
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_crypto::{KeyKind, Keyring, to_hex};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, Shelf};
use zhengtong_party::{Matter, SEALED, protect, reseal, reveal_contact, seed};

use crate::world::{HOUSE, OFFICE, catalog, city, empty, id, small_city};

async fn dump(test: &TestDb) -> String {
    let mut all = String::new();
    for table in ["party.person", "party.account", "ledger.entry", "db.outbox", "db.job"] {
        let statement =
            format!("SELECT coalesce(string_agg(row_::text, E'\\n'), '') FROM {table} AS row_");
        let row =
            sqlx::query(zhengtong_db::sql::trusted(statement)).fetch_one(test.db.pool()).await;
        all.push_str(&row.unwrap_or_else(|error| panic!("{table}: {error}")).get::<String, _>(0));
    }
    all
}

/// All numbers of the small city.
async fn numbers(test: &TestDb) -> Vec<String> {
    let mut ctx = test.ctx(Actor::system("test")).await;
    let ids: Vec<Uuid> =
        sqlx::query_scalar("SELECT id FROM party.person").fetch_all(ctx.conn()).await.unwrap();
    let mut numbers = Vec::new();
    for person in ids {
        let plain = reveal_contact(&mut ctx, &matter(person), "a test").await.unwrap();
        numbers.extend(plain.id_number);
        numbers.extend(plain.phone);
    }
    assert!(numbers.len() > 3, "{}", numbers.len());
    numbers
}

fn nothing_plain(all: &str, numbers: &[String]) {
    for number in numbers {
        assert!(!all.contains(number.as_str()), "a number stands in a table");
        assert!(!all.contains(&to_hex(number.as_bytes())), "a number stands in a table as bytes");
    }
}

#[tokio::test]
async fn numbers_and_secrets_stand_sealed() {
    let test = city().await;
    let numbers = numbers(&test).await;
    let all = dump(&test).await;
    nothing_plain(&all, &numbers);
    let secrets: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT totp_secret FROM party.account WHERE totp_secret IS NOT NULL")
            .fetch_all(test.db.pool())
            .await
            .unwrap();
    assert!(!secrets.is_empty() && secrets.iter().all(|secret| secret.starts_with(&[0x5a, 1])));
    assert_eq!(secrets.len(), secrets.iter().collect::<std::collections::BTreeSet<_>>().len());
}

#[tokio::test]
async fn a_number_opens_in_its_own_row_only() {
    for change in [
        "UPDATE party.person AS one SET id_number_sealed = two.id_number_sealed
         FROM party.person AS two WHERE one.id <> two.id",
        "UPDATE party.person SET phone_sealed = id_number_sealed",
        "UPDATE party.person SET id_number_sealed =
         set_byte(id_number_sealed, 19, get_byte(id_number_sealed, 19) # 4)",
        "UPDATE party.person SET id_number_sealed = 'plain'",
    ] {
        let test = city().await;
        sqlx::query(zhengtong_db::sql::trusted(change.to_owned()))
            .execute(test.db.pool())
            .await
            .unwrap();
        let mut ctx = test.ctx(Actor::system("test")).await;
        let error = reveal_contact(&mut ctx, &matter(id(1)), "a test").await.unwrap_err();
        assert_eq!(error.kind(), Kind::Internal, "{change}");
        assert!(error.text().zh.contains("打不开"), "{change}");
    }
}

#[tokio::test]
async fn what_stood_plain_is_sealed_at_the_start_once() {
    let test = city().await;
    let numbers = numbers(&test).await;
    // As a version without keys had left it.
    for statement in [
        "ALTER TABLE party.person DROP CONSTRAINT person_sealed",
        "UPDATE party.person SET id_number = '33019019850308' || (1000 + row_number), phone = '10000000001',
           id_number_sealed = NULL, id_number_index = NULL, phone_sealed = NULL
         FROM (SELECT id AS person, row_number() OVER (ORDER BY id) FROM party.person) AS all_
         WHERE person = id",
        "UPDATE party.account SET totp_secret = decode('0102030405060708090a0b0c0d0e0f1011121314', 'hex')
         WHERE totp_secret IS NOT NULL",
    ] {
        sqlx::query(statement).execute(test.db.pool()).await.unwrap();
    }
    assert!(dump(&test).await.contains("330190198503081001"));
    let mut ctx = test.ctx(Actor::system("start")).await;
    let count = protect(&mut ctx).await.unwrap();
    assert!(count > 5, "{count}");
    assert_eq!(protect(&mut ctx).await.unwrap(), 0);
    ctx.commit().await.unwrap();
    let all = dump(&test).await;
    nothing_plain(&all, &["330190198503081001".to_owned(), "10000000001".to_owned()]);
    assert!(!all.contains("0102030405060708090a0b0c0d0e0f1011121314"));
    let mut ctx = test.ctx(Actor::system("test")).await;
    let plain = reveal_contact(&mut ctx, &matter(id(1)), "a test").await.unwrap();
    assert!(plain.id_number.unwrap().starts_with("33019019850308"));
    assert_eq!(plain.phone.as_deref(), Some("10000000001"));
    assert!(!numbers.is_empty());
}

#[tokio::test]
async fn newer_keys_take_over() {
    let ring = Keyring::new(&[1; 32]);
    let keys = |version, secret| {
        for field in SEALED.iter().chain(&[zhengtong_db::RECORD_WORDS]) {
            ring.insert((field, KeyKind::Data, version), &[secret; 32]);
        }
    };
    keys(1, 2);
    for field in SEALED {
        ring.insert((field, KeyKind::Index, 1), &[3; 32]);
    }
    let test = empty().await.with(HOUSE, Shelf::default().with(catalog()).with(ring.clone()));
    let mut ctx = test.ctx(Actor::system("seed")).await;
    let city = small_city(ctx.now);
    seed(&mut ctx, &city).await.unwrap();
    keys(2, 4);
    let mut after = Some(Uuid::nil());
    while let Some(from) = after {
        after = reseal(&mut ctx, from).await.unwrap();
    }
    for field in SEALED {
        ring.forget_version(field, 1);
    }
    for person in &city.persons {
        let plain = reveal_contact(&mut ctx, &matter(person.id), "a test").await.unwrap();
        assert_eq!(
            (plain.id_number, plain.phone),
            (person.id_number.clone(), person.phone.clone())
        );
    }
    // The index goes on: nobody is entered twice.
    assert_eq!(seed(&mut ctx, &city).await.unwrap(), 0);
}

fn matter(person: Uuid) -> Matter {
    Matter { person, department: id(OFFICE), case: "1".to_owned(), role: Some("window".to_owned()) }
}
