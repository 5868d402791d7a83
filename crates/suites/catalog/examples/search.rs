//! Measures the search of a directory of many resources, facets included.
//!
//! `cargo run --release -p zhengtong-catalog --example search -- 300000 1000`: so many resources, and so many searches. The
//! database is that of tests, or the one of `ZHENGTONG_TEST_DATABASE`.

use std::path::Path;
use std::time::{Duration, Instant};

use uuid::Uuid;
use zhengtong_catalog::{Cycle, Directory, Openness, Wanted, search, words_of};
use zhengtong_db::testing::{PERMIT_ALL, TestDb};
use zhengtong_db::{Actor, Shelf};
use zhengtong_pack::{Packs, Report};
use zhengtong_registry::Sharing;

/// Rows of one statement.
const STEP: usize = 5_000;
/// Where resources are from.
const PLACES: [&str; 12] = [
    "城东区",
    "城西区",
    "临江区",
    "高新区",
    "开发区",
    "湖滨区",
    "北山区",
    "南岸区",
    "新城区",
    "古城区",
    "港口区",
    "科学城",
];
/// What people look for: rare and common, short and long, Chinese, pinyin and first letters.
const ASKED: [&str; 20] = [
    "",
    "信息",
    "人口",
    "户籍",
    "食品",
    "监督检查",
    "基本信息",
    "疫苗接种点",
    "古树名木",
    "企",
    "城东区",
    "临江区 学校",
    "rk",
    "spjy",
    "jbxx",
    "renkou",
    "xuexiao",
    "jianducha",
    "2024 不动产",
    "zzzz",
];
const WRITE: &str = "INSERT INTO catalog.shown (resource, code, slug, title_zh, title_en, summary_zh, summary_en, provider,
   class, sharing, openness, cycle, format, published_on, words)
 SELECT id, code, code, title, title, summary, summary, provider, class, sharing, openness, cycle, 'database',
   date '2026-01-01', array_to_tsvector(string_to_array(words, ' '))
 FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[],
   $10::text[]) AS t (id, code, title, summary, provider, class, sharing, openness, cycle, words)";

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let number = |at: usize, usual: usize| {
        std::env::args().nth(at).and_then(|word| word.parse().ok()).unwrap_or(usual)
    };
    let (resources, searches) = (number(1, 30_000), number(2, 400));
    let mut report = Report::default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs");
    let packs = Packs::from_folder(&folder, &mut report);
    let directory = zhengtong_catalog::read(&packs, &mut report);
    let schemas = [
        zhengtong_db::SCHEMA,
        zhengtong_ledger::SCHEMA,
        zhengtong_party::SCHEMA,
        zhengtong_catalog::SCHEMA,
    ];
    let test = TestDb::new(&schemas).await;
    let start = Instant::now();
    fill(&test, &directory, resources).await?;
    let test = test.with(PERMIT_ALL, Shelf::default().with(directory));
    say(&format!("{resources} resources written in {:.1} s", start.elapsed().as_secs_f64()));
    let (mut all, mut slowest) = (Vec::new(), Vec::new());
    for round in 0..searches {
        let asked = ASKED.get(round % ASKED.len()).copied().unwrap_or_default();
        let wanted = narrowed(round / ASKED.len(), asked);
        let mut ctx = test.ctx(Actor::visitor()).await;
        let start = Instant::now();
        let found = search(&mut ctx, &wanted).await?;
        let took = start.elapsed();
        all.push(took);
        slowest.push((took, found.total, format!("{wanted:?}")));
        if let Some(next) = found.next {
            let start = Instant::now();
            search(&mut ctx, &Wanted { after: Some(next), ..wanted }).await?;
            all.push(start.elapsed());
        }
    }
    told("search with facets", &mut all);
    slowest.sort();
    for (took, total, wanted) in slowest.iter().rev().take(3) {
        say(&format!("slowest {:.1} ms, {total} found: {wanted}", took.as_secs_f64() * 1e3));
    }
    Ok(())
}

/// The same words, each time narrowed in another way.
fn narrowed(way: usize, asked: &str) -> Wanted {
    let wanted = Wanted { words: asked.to_owned(), ..Wanted::default() };
    match way % 6 {
        0 => wanted,
        1 => Wanted { provider: Some(Uuid::from_u128(17)), ..wanted },
        2 => Wanted { class: Some("3".to_owned()), ..wanted },
        3 => Wanted { sharing: Some(Sharing::None), ..wanted },
        4 => {
            Wanted { openness: Some(Openness::Unconditional), cycle: Some(Cycle::Daily), ..wanted }
        }
        _ => Wanted { class: Some("304001".to_owned()), ..wanted },
    }
}

async fn fill(test: &TestDb, directory: &Directory, resources: usize) -> Outcome<()> {
    let leaves: Vec<(&str, &str)> = directory
        .classes()
        .filter(|(code, _)| directory.is_leaf(code))
        .map(|(code, class)| (code, class.title.zh.as_str()))
        .collect();
    let mut tx = test.db.begin_raw().await?;
    sqlx::query("SET LOCAL statement_timeout = 0").execute(&mut *tx).await?;
    let pick = |list: &'static [&'static str], at: usize| {
        list.get(at % list.len()).copied().unwrap_or_default().to_owned()
    };
    for begin in (0..resources).step_by(STEP) {
        let numbers: Vec<usize> = (begin..resources.min(begin + STEP)).collect();
        let ids: Vec<Uuid> =
            numbers.iter().map(|at| Uuid::from_u128(1_000_000 + *at as u128)).collect();
        let leaf = |at: usize| leaves.get(at * 7_919 % leaves.len()).copied().unwrap_or_default();
        let titles: Vec<String> = numbers
            .iter()
            .map(|at| format!("{}{}{}", pick(&PLACES, at / 5), leaf(*at).1, 2_010 + at % 16))
            .collect();
        let summaries: Vec<String> =
            titles.iter().map(|title| format!("{title}，由提供单位在业务中形成")).collect();
        let words: Vec<String> = titles
            .iter()
            .zip(&summaries)
            .map(|(title, summary)| {
                let items = "编号 名称 类别 登记日期 状态 经办单位";
                words_of(&[title], &[summary, items]).join(" ")
            })
            .collect();
        let providers: Vec<Uuid> =
            numbers.iter().map(|at| Uuid::from_u128((at * 31 % 55) as u128)).collect();
        let classes: Vec<String> = numbers.iter().map(|at| leaf(*at).0.to_owned()).collect();
        let codes: Vec<String> =
            numbers.iter().zip(&classes).map(|(at, class)| format!("{class}-{at:06}")).collect();
        let choices = |list: &'static [&'static str], by: usize| -> Vec<String> {
            numbers.iter().map(|at| pick(list, at / by)).collect()
        };
        sqlx::query("INSERT INTO catalog.resource (id, provider) SELECT id, id FROM unnest($1::uuid[]) AS t (id)")
            .bind(&ids)
            .execute(&mut *tx)
            .await?;
        sqlx::query(WRITE)
            .bind(&ids)
            .bind(&codes)
            .bind(&titles)
            .bind(&summaries)
            .bind(&providers)
            .bind(&classes)
            .bind(choices(&["unconditional", "unconditional", "conditional", "none"], 3))
            .bind(choices(&["none", "none", "none", "unconditional"], 1))
            .bind(choices(&["realtime", "daily", "monthly", "quarterly", "yearly"], 2))
            .bind(&words)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    let mut conn = test.db.begin_raw().await?;
    sqlx::query("ANALYZE catalog.shown").execute(&mut *conn).await?;
    conn.commit().await?;
    Ok(())
}

fn told(name: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |share: usize| {
        let place = (times.len() * share / 100).min(times.len().saturating_sub(1));
        times.get(place).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    say(&format!(
        "{name}: {} times, p50 {:.1} ms, p90 {:.1} ms, p99 {:.1} ms, longest {:.1} ms",
        times.len(),
        at(50),
        at(90),
        at(99),
        at(100)
    ));
}

fn say(line: &str) {
    use std::io::Write as _;
    let _written = writeln!(std::io::stdout(), "{line}");
}
