//! Measures a table of many rows: its load beside COPY of the same file, its quality, its pages and totals.
//!
//! `cargo run --release -p zhengtong-registry --example table -- 1000000 10`: so many rows, and so many seconds of pages with
//! 32 clients. The database is that of tests, or the one of `ZHENGTONG_TEST_DATABASE`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Cursor;
use std::sync::Arc;
use std::time::{Duration, Instant};

use zhengtong_blob::Blobs;
use zhengtong_db::testing::{PERMIT_ALL, TestDb};
use zhengtong_db::{Actor, Shelf};
use zhengtong_pack::{Packs, Report};
use zhengtong_registry::{
    Compare, Confirmed, LoadMode, Loader, NewLoad, SCHEMA, Step, TableQuery, Term, TotalsQuery,
    begin_load, check_quality, confirm_load, load_of, read, rows, step, sync, totals,
};

const DATASET: &str = "measure:stock";
const CLIENTS: usize = 32;
const PACK: &str = r#"
id = "measure"
title = { zh = "测量", en = "Measure" }
summary = { zh = "测量用", en = "For measuring" }
owner = "bureau"
version = "1.0.0"
"#;
const ELEMENTS: &str = r#"
[element."stock.code"]
title = { zh = "编号", en = "Code" }
type = "text"
max = 20
sensitivity = "public"
[element."stock.name"]
title = { zh = "名称", en = "Name" }
type = "text"
max = 60
sensitivity = "public"
[element."stock.area"]
title = { zh = "片区", en = "Area" }
type = "text"
max = 20
sensitivity = "public"
[element."stock.count"]
title = { zh = "数量", en = "Count" }
type = "integer"
sensitivity = "public"
[element."stock.worth"]
title = { zh = "价值", en = "Worth" }
type = "money"
sensitivity = "public"
[element."stock.since"]
title = { zh = "启用日期", en = "In use since" }
type = "date"
sensitivity = "public"
[element."stock.sound"]
title = { zh = "是否完好", en = "Whether sound" }
type = "boolean"
sensitivity = "public"
[element."stock.note"]
title = { zh = "备注", en = "Note" }
type = "text"
max = 200
sensitivity = "public"
"#;
const STOCK: &str = r#"
title = { zh = "物资", en = "Stock" }
kind = "business"
authority = "bureau"
key = ["code"]
sharing = "unconditional"
open = true
update = "daily"
[field.code]
element = "stock.code"
[field.name]
element = "stock.name"
required = true
[field.area]
element = "stock.area"
required = true
index = true
[field.count]
element = "stock.count"
rule = "count >= 0"
[field.worth]
element = "stock.worth"
[field.since]
element = "stock.since"
rule = "since <= today"
[field.sound]
element = "stock.sound"
[field.note]
element = "stock.note"
"#;
const BARE: &str = "CREATE TABLE public.bare (code text, name text, area text, count bigint, worth numeric, since date,
    sound boolean, note text)";

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let number = |at: usize, usual: u64| {
        std::env::args().nth(at).and_then(|word| word.parse().ok()).unwrap_or(usual)
    };
    let (count, seconds) = (number(1, 100_000), number(2, 5));
    let test = Arc::new(city().await?);
    let file = file(count);
    say(&format!("{count} rows, {:.1} MB", mega(file.len())));
    let bare = copied(&test, &file).await?;
    say(&format!("COPY into a bare table: {bare:.2} s"));
    let load = loaded(&test, file).await?;
    say(&format!(
        "load, from the first look to rows that can be asked: {load:.2} s, {:.2} times COPY",
        load / bare
    ));
    let start = Instant::now();
    let mut ctx = test.ctx(Actor::system("measure")).await;
    let quality = check_quality(&mut ctx, DATASET).await?;
    ctx.commit().await?;
    let scan = start.elapsed().as_secs_f64();
    say(&format!("quality: {scan:.2} s, {} rules", quality.results.len()));
    say(&format!("load and quality: {:.2} times COPY", (load + scan) / bare));
    asked(&test, count, seconds).await?;
    let start = Instant::now();
    let mut ctx = test.ctx(Actor::system("measure")).await;
    let query = TotalsQuery {
        by: vec!["area".to_owned()],
        of: Some("worth".to_owned()),
        ..TotalsQuery::default()
    };
    let groups = totals(&mut ctx, DATASET, &query).await?.groups.len();
    say(&format!("totals of {groups} areas: {:.0} ms", start.elapsed().as_secs_f64() * 1_000.0));
    Ok(())
}

/// Pages of a hundred rows after a condition, each from another place, by many clients at once.
async fn asked(test: &Arc<TestDb>, count: u64, seconds: u64) -> Outcome<()> {
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut clients = Vec::new();
    for client in 0..CLIENTS {
        let test = Arc::clone(test);
        clients.push(tokio::spawn(async move {
            let mut times = Vec::new();
            let mut at = u64::try_from(client).unwrap_or_default();
            while Instant::now() < until {
                at = at
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let code = format!("K{:09}", (at >> 20) % count);
                let start = Instant::now();
                let mut ctx = test.ctx(Actor::system("measure")).await;
                let area = Term {
                    field: "area".to_owned(),
                    compare: Compare::Equal,
                    values: vec![format!("片区{}", at % 100)],
                };
                let query = TableQuery {
                    terms: vec![area],
                    rows: 100,
                    after: Some(place(&code)),
                    ..TableQuery::default()
                };
                let page = rows(&mut ctx, DATASET, &query).await;
                if page.is_ok() && ctx.commit().await.is_ok() {
                    times.push(start.elapsed());
                }
            }
            times
        }));
    }
    let mut times = Vec::new();
    for client in clients {
        times.extend(client.await?);
    }
    times.sort_unstable();
    let at = |share: usize| {
        let place = (times.len() * share / 100).min(times.len().saturating_sub(1));
        times.get(place).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    };
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let rate = times.len() as f64 / seconds as f64;
    say(&format!(
        "pages of 100 filtered rows, {CLIENTS} clients: {rate:.0}/s, p50 {:.1} ms, p99 {:.1} ms",
        at(50),
        at(99)
    ));
    Ok(())
}

/// Where a page begins, as an answer would have said it.
fn place(code: &str) -> String {
    let place = serde_json::json!({
        "sort": null, "value": code, "id": "00000000-0000-0000-0000-000000000000",
    });
    zhengtong_crypto::to_hex(place.to_string().as_bytes())
}

async fn city() -> Outcome<TestDb> {
    let inside = BTreeMap::from([
        ("pack.toml".to_owned(), PACK.as_bytes().to_vec()),
        ("registry/elements.toml".to_owned(), ELEMENTS.as_bytes().to_vec()),
        ("registry/stock.toml".to_owned(), STOCK.as_bytes().to_vec()),
    ]);
    let mut report = Report::default();
    let packs = Packs::from_files(BTreeMap::from([("measure".to_owned(), inside)]), &mut report);
    let catalog = read(&packs, &mut report);
    if !report.usable() || catalog.dataset(DATASET).is_none() {
        return Err(format!("{:#?}", report.findings).into());
    }
    let test = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA]).await;
    let mut conn = test.db.pool().acquire().await?;
    sync(&mut conn, &catalog).await?;
    drop(conn);
    Ok(test.with(PERMIT_ALL, Shelf::default().with(catalog)))
}

fn file(count: u64) -> Vec<u8> {
    let mut text = String::from("code,name,area,count,worth,since,sound,note\n");
    for row in 0..count {
        let (month, day) = (row % 12 + 1, row % 28 + 1);
        let wrote = writeln!(
            text,
            "K{row:09},示例物资第{row}号,片区{},{},{}.{:02},20{:02}-{month:02}-{day:02},{},\"入库，编号 {row}\"",
            row % 100,
            row % 977,
            row % 9_973,
            row % 100,
            row % 25,
            if row % 7 == 0 { "false" } else { "true" },
        );
        // Writing into memory does not fail.
        debug_assert!(wrote.is_ok(), "a text takes everything");
    }
    text.into_bytes()
}

async fn copied(test: &TestDb, file: &[u8]) -> Outcome<f64> {
    let mut conn = test.db.pool().acquire().await?;
    sqlx::query(BARE).execute(&mut *conn).await?;
    let start = Instant::now();
    let mut copy =
        conn.copy_in_raw("COPY public.bare FROM STDIN WITH (FORMAT csv, HEADER)").await?;
    for piece in file.chunks(1 << 16) {
        copy.send(piece).await?;
    }
    copy.finish().await?;
    Ok(start.elapsed().as_secs_f64())
}

async fn loaded(test: &TestDb, file: Vec<u8>) -> Outcome<f64> {
    let folder = tempfile::tempdir()?;
    let blobs = Blobs::open(folder.path()).await?;
    let stored = blobs.put(Cursor::new(file), u64::MAX).await?;
    let start = Instant::now();
    let new = NewLoad {
        file: stored.digest.to_string(),
        file_name: "stock.csv".to_owned(),
        source: "measure".to_owned(),
    };
    let mut ctx = test.ctx(Actor::system("measure")).await;
    let load = begin_load(&mut ctx, &blobs, DATASET, &new).await?;
    ctx.commit().await?;
    let mut ctx = test.ctx(Actor::system("measure")).await;
    let confirmed =
        Confirmed { mapping: load.mapping.clone(), mode: LoadMode::Upsert, watermark: None };
    confirm_load(&mut ctx, load.number, &confirmed).await?;
    ctx.commit().await?;
    let mut loader = Loader::default();
    let last = loop {
        let last = Instant::now();
        let mut ctx = test.ctx(Actor::system("measure")).await;
        let done = step(&mut ctx, &blobs, &mut loader, load.id).await?;
        ctx.commit().await?;
        if done == Step::Over {
            break last.elapsed().as_secs_f64();
        }
    };
    let spent = start.elapsed().as_secs_f64();
    let mut ctx = test.ctx(Actor::system("measure")).await;
    let load = load_of(&mut ctx, load.number).await?;
    let counts = load.counts();
    say(&format!("of the load {last:.2} s until what was read is visible"));
    say(&format!(
        "loaded: {} new, {} faulty, {}",
        counts.created,
        counts.faulty,
        load.state.word()
    ));
    Ok(spent)
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn mega(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

fn say(words: &str) {
    #[expect(clippy::print_stdout, reason = "a measuring program prints its figures")]
    {
        println!("{words}");
    }
}
