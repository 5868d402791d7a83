//! Sensitive fields stand sealed: nothing of them can be read in the tables, nothing can be swapped, a change of
//! the declaration moves them, newer keys take them over, and what was kept long enough is gone.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::{Value, json};
use sqlx::Row as _;
use time::Duration;
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind, Paging};
use zhengtong_crypto::{KeyKind, Keyring};
use zhengtong_db::testing::{PERMIT_ALL, TestDb};
use zhengtong_db::{Actor, Ctx, Shelf};
use zhengtong_registry::{
    Catalog, Origin, Purpose, SCHEMA, copy_in, history, lookup, protect, put, reseal, retire,
    sealed_fields, search, sync,
};

use crate::{catalog, read_files, shipped};

const RESIDENT: &str = "base-population:resident";
const NUMBER: &str = "11010519491231002X";
const OTHER: &str = "440524188001010014";
const PHONE: &str = "13812345678";
const HOME: &str = "杭州市西湖区某路1号";

fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, Value> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
}

fn resident(number: &str, phone: &str) -> BTreeMap<String, Value> {
    values(&[
        ("id_number", number),
        ("name", "示例甲"),
        ("sex", "2"),
        ("birth_date", "1949-12-31"),
        ("household_address", HOME),
        ("phone", phone),
    ])
}

async fn made(catalog: Catalog, ring: &Keyring) -> TestDb {
    let db = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA]).await;
    sync(&mut db.db.pool().acquire().await.unwrap(), &catalog).await.unwrap();
    db.with(PERMIT_ALL, Shelf::default().with(catalog).with(ring.clone()))
}

async fn filled(ring: &Keyring) -> TestDb {
    let db = made(catalog(), ring).await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    put(&mut ctx, RESIDENT, &resident(NUMBER, PHONE), &Origin::new("公安")).await.unwrap();
    put(&mut ctx, RESIDENT, &resident(OTHER, "13900000001"), &Origin::new("公安")).await.unwrap();
    ctx.commit().await.unwrap();
    db
}

/// The shipped packs with one text of the elements replaced.
fn changed(from: &str, to: &str) -> Catalog {
    let mut files = shipped();
    let bytes = files.get_mut("house-rules").unwrap().get_mut("registry/elements.toml").unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains(from), "{from}");
    *bytes = text.replacen(from, to, 1).into_bytes();
    let (catalog, report) = read_files(files);
    assert!(report.usable(), "{:#?}", report.findings);
    catalog
}

/// Everything that stands in the schemas of records and acts, as text.
async fn dump(ctx: &mut Ctx) -> String {
    let tables = sqlx::query(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
         WHERE schemaname IN ('registry', 'ledger', 'db')",
    )
    .fetch_all(ctx.conn())
    .await
    .unwrap();
    let mut all = String::new();
    for table in tables {
        let name: String = table.get(0);
        let statement =
            format!("SELECT coalesce(string_agg(row_::text, E'\\n'), '') FROM {name} AS row_");
        let rows = sqlx::query(zhengtong_db::sql::trusted(statement)).fetch_one(ctx.conn()).await;
        all.push_str(&rows.unwrap().get::<String, _>(0));
    }
    all
}

async fn read(ctx: &mut Ctx, number: &str) -> zhengtong_registry::Result<BTreeMap<String, Value>> {
    let key = [("id_number", number)];
    let found = lookup(ctx, RESIDENT, &key, &Purpose::new("核对申请人")).await?;
    Ok(found.map(|record| record.values).unwrap_or_default())
}

#[tokio::test]
async fn nothing_sensitive_can_be_read_in_the_tables() {
    let db = filled(&Keyring::for_tests()).await;
    db.clock.advance(Duration::days(1));
    let mut ctx = db.ctx(Actor::system("test")).await;
    // A change, so that an earlier state is kept too.
    put(&mut ctx, RESIDENT, &resident(NUMBER, "13700000009"), &Origin::new("公安")).await.unwrap();
    let all = dump(&mut ctx).await;
    assert!(all.contains("1949-12-31"), "the dump is not blind");
    for secret in [NUMBER, PHONE, "13700000009", OTHER, HOME, "示例甲"] {
        assert!(!all.contains(secret), "{secret}");
        assert!(!all.contains(&zhengtong_crypto::to_hex(secret.as_bytes())), "{secret} as bytes");
    }
    assert_eq!(read(&mut ctx, NUMBER).await.unwrap()["phone"], json!("13700000009"));
    let key = [("id_number", NUMBER)];
    let past = history(&mut ctx, RESIDENT, &key, &Purpose::new("核对")).await.unwrap();
    assert_eq!(past[0].values["phone"], json!(PHONE));
    assert_eq!(past[0].values["household_address"], json!(HOME));
}

#[tokio::test]
async fn sealed_fields_are_found_by_whole_numbers_only() {
    let db = filled(&Keyring::for_tests()).await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    let page = search(&mut ctx, RESIDENT, &[("phone", PHONE)], Paging::new(1, 10)).await.unwrap();
    assert_eq!(page.total, 1);
    assert!(!format!("{page:?}").contains(PHONE), "lists are masked");
    let filters = [("household_address", HOME)];
    let error = search(&mut ctx, RESIDENT, &filters, Paging::new(1, 10)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
    assert!(error.fields()[0].text.zh.contains("加密保存"));
    // The key is unique although nobody can read it.
    let columns = ["id_number", "name", "sex", "birth_date"];
    let row = [NUMBER, "示例乙", "1", "1949-12-31"].map(|text| Some(text.to_owned())).to_vec();
    let mut rows = std::iter::once(row);
    let twice = copy_in(&mut ctx, RESIDENT, &columns, &mut rows, &Origin::new("x")).await;
    assert!(twice.is_err());
}

#[tokio::test]
async fn swapped_and_flipped_bytes_are_refused() {
    for change in [
        "UPDATE registry.\"base-population:resident\" AS one SET \"phone#sealed\" = two.\"phone#sealed\"
         FROM registry.\"base-population:resident\" AS two WHERE one._id <> two._id",
        "UPDATE registry.\"base-population:resident\" SET \"phone#sealed\" =
         set_byte(\"phone#sealed\", 20, get_byte(\"phone#sealed\", 20) # 1)",
        "UPDATE registry.\"base-population:resident\" SET \"phone#sealed\" = \"household_address#sealed\"",
    ] {
        let db = filled(&Keyring::for_tests()).await;
        let mut ctx = db.ctx(Actor::system("test")).await;
        let done = sqlx::query(zhengtong_db::sql::trusted(change.to_owned())).execute(ctx.conn());
        assert_eq!(done.await.unwrap().rows_affected(), 2);
        let error = read(&mut ctx, NUMBER).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Internal);
        assert!(error.text().zh.contains("打不开"), "{}", error.text().zh);
    }
}

#[tokio::test]
async fn a_changed_sensitivity_moves_the_values_and_back() {
    let ring = Keyring::for_tests();
    let phone = "title = { zh = \"手机号码\"";
    let text =
        String::from_utf8(shipped()["house-rules"]["registry/elements.toml"].clone()).unwrap();
    let start = text.find("[element.\"contact.mobile\"]").unwrap();
    let block = text[start..].split("\n\n").next().unwrap().to_owned();
    let open = changed(&block, &block.replace("\"sensitive\"", "\"internal\""));
    assert!(!sealed_fields(&open).contains("registry.base-population:resident.phone"), "{phone}");
    let number = text.find("[element.\"person.id_number\"]").unwrap();
    let number = text[number..].split("\n\n").next().unwrap().to_owned();
    let plain_key = changed(&number, &number.replace("\"sensitive\"", "\"personal\""));

    let mut db = made(plain_key.clone(), &ring).await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    put(&mut ctx, RESIDENT, &resident(NUMBER, PHONE), &Origin::new("公安")).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = db.ctx(Actor::system("test")).await;
    assert!(dump(&mut ctx).await.contains(NUMBER));
    drop(ctx);
    // The key becomes sensitive, the telephone number does not stay so; then everything as shipped.
    for (catalog, moved) in [(catalog(), 1), (open, 1), (catalog(), 1)] {
        sync(&mut db.db.pool().acquire().await.unwrap(), &catalog).await.unwrap();
        db = db.with(PERMIT_ALL, Shelf::default().with(catalog.clone()).with(ring.clone()));
        let mut ctx = db.ctx(Actor::system("start")).await;
        assert_eq!(protect(&mut ctx).await.unwrap(), moved);
        assert_eq!(protect(&mut ctx).await.unwrap(), 0);
        ctx.commit().await.unwrap();
        assert_eq!(
            sync(&mut db.db.pool().acquire().await.unwrap(), &catalog).await.unwrap(),
            zhengtong_registry::SyncReport::default()
        );
        let mut ctx = db.ctx(Actor::system("test")).await;
        let found = read(&mut ctx, NUMBER).await.unwrap();
        assert_eq!((&found["phone"], &found["id_number"]), (&json!(PHONE), &json!(NUMBER)));
        put(&mut ctx, RESIDENT, &resident(NUMBER, PHONE), &Origin::new("公安")).await.unwrap();
        let page = search(&mut ctx, RESIDENT, &[], Paging::new(1, 10)).await.unwrap();
        assert_eq!(page.total, 1, "the key still names one record");
    }
    let mut ctx = db.ctx(Actor::system("test")).await;
    let all = dump(&mut ctx).await;
    assert!(!all.contains(NUMBER) && !all.contains(PHONE));
}

#[tokio::test]
async fn newer_keys_take_everything_over() {
    let ring = Keyring::new(&[1; 32]);
    let fields = sealed_fields(&catalog());
    ring.insert((zhengtong_db::RECORD_WORDS, KeyKind::Data, 1), &[5; 32]);
    for field in &fields {
        ring.insert((field, KeyKind::Data, 1), &[2; 32]);
        ring.insert((field, KeyKind::Index, 1), &[3; 32]);
    }
    let db = filled(&ring).await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    put(&mut ctx, RESIDENT, &resident(NUMBER, "13700000009"), &Origin::new("公安")).await.unwrap();
    for field in &fields {
        ring.insert((field, KeyKind::Data, 2), &[4; 32]);
    }
    for field in fields.iter().filter(|field| field.contains(":resident.")) {
        let name = field.rsplit_once('.').unwrap().1;
        let mut after = Some(Uuid::nil());
        while let Some(from) = after {
            after = reseal(&mut ctx, RESIDENT, name, from).await.unwrap();
        }
        ring.forget_version(field, 1);
    }
    let found = read(&mut ctx, NUMBER).await.unwrap();
    assert_eq!((&found["phone"], &found["id_number"]), (&json!("13700000009"), &json!(NUMBER)));
    let key = [("id_number", NUMBER)];
    let past = history(&mut ctx, RESIDENT, &key, &Purpose::new("核对")).await.unwrap();
    assert_eq!(past[0].values["phone"], json!(PHONE));
}

#[tokio::test]
async fn what_was_kept_long_enough_is_gone_and_the_record_of_acts_is_whole() {
    let mut files = shipped();
    let bytes =
        files.get_mut("base-population").unwrap().get_mut("registry/resident.toml").unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    *bytes = text
        .replacen("update = \"daily\"", "update = \"daily\"\nretention = \"6 months\"", 1)
        .into();
    let (catalog, report) = read_files(files);
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    let db = made(catalog, &Keyring::for_tests()).await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    put(&mut ctx, RESIDENT, &resident(NUMBER, PHONE), &Origin::new("公安")).await.unwrap();
    ctx.commit().await.unwrap();
    db.clock.advance(Duration::days(100));
    let mut ctx = db.ctx(Actor::system("test")).await;
    put(&mut ctx, RESIDENT, &resident(OTHER, "13900000001"), &Origin::new("公安")).await.unwrap();
    assert_eq!(retire(&mut ctx).await.unwrap(), 0);
    ctx.commit().await.unwrap();

    db.clock.advance(Duration::days(87));
    let mut ctx = db.ctx(Actor::system("retention")).await;
    assert_eq!(retire(&mut ctx).await.unwrap(), 1);
    assert_eq!(retire(&mut ctx).await.unwrap(), 0);
    ctx.commit().await.unwrap();
    let mut ctx = db.ctx(Actor::system("test")).await;
    assert!(read(&mut ctx, NUMBER).await.unwrap().is_empty());
    assert_eq!(read(&mut ctx, OTHER).await.unwrap()["phone"], json!("13900000001"));
    let search =
        zhengtong_ledger::Search { verb: Some("registry.retire".to_owned()), ..Default::default() };
    let paging = Paging::new(1, 5);
    let mut found = zhengtong_ledger::search(ctx.conn(), &search, paging).await.unwrap().rows;
    let mut act = found.remove(0).act;
    ctx.unveil(&mut act).unwrap();
    let why = act.reason.unwrap();
    assert!(why.contains("1 条记录"), "{why}");
    // The record is sealed up to the oldest open transaction, also one of another test on this server.
    ctx.commit().await.unwrap();
    let key = zhengtong_crypto::SigningKey::from_seed([9; 32]);
    for _ in 0..600 {
        let mut tx = db.db.begin_raw().await.unwrap();
        let sealed = zhengtong_ledger::seal(&mut tx, db.db.clock().now(), &key).await.unwrap();
        tx.commit().await.unwrap();
        if sealed.is_some_and(|sealed| sealed.checkpoint.size >= 3) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let mut conn = db.db.pool().acquire().await.unwrap();
    let trust = zhengtong_ledger::Trust::default();
    let report = zhengtong_ledger::verify_db(&mut conn, &trust).await.unwrap();
    assert!(report.is_sound() && report.entries >= 3, "{report:?}");
}

#[tokio::test]
async fn sealed_rows_are_loaded_fast() {
    const ROWS: u64 = 20_000;
    let db = made(catalog(), &Keyring::for_tests()).await;
    let mut ctx = db.ctx(Actor::system("demo")).await;
    let columns =
        ["id_number", "name", "sex", "birth_date", "ethnic_group", "household_address", "phone"];
    let mut rows = (0..ROWS).map(|n| {
        vec![
            Some(format!("{n:018}")),
            Some("示例甲".to_owned()),
            Some("1".to_owned()),
            Some("1980-01-02".to_owned()),
            Some("01".to_owned()),
            Some(format!("杭州市西湖区某路{n}号")),
            Some(format!("100{n:08}")),
        ]
    });
    let started = Instant::now();
    let loaded = copy_in(&mut ctx, RESIDENT, &columns, &mut rows, &Origin::new("x")).await.unwrap();
    let seconds = started.elapsed().as_secs_f64();
    println!("{ROWS} sealed rows in {seconds:.2} s");
    assert_eq!(loaded, ROWS);
    let found = read(&mut ctx, "000000000000000007").await;
    // The number breaks the rule of its kind, so it is looked for by its telephone number.
    assert!(found.is_err());
    let filters = [("phone", "10000000007")];
    let page = search(&mut ctx, RESIDENT, &filters, Paging::new(1, 10)).await.unwrap();
    assert_eq!(page.total, 1);
}
