//! Measures the inbox of one officer among all the open tasks of a city.
//!
//! `cargo run --release -p zhengtong-casework --example inbox -- 1000000 2000`: so many tasks for 5,000 officers of a
//! hundred departments, and so many looks. The database is that of tests, or the one of `ZHENGTONG_TEST_DATABASE`.

use std::path::Path;
use std::time::{Duration, Instant};

use uuid::Uuid;
use zhengtong_casework::{Filter, Sought, Standing, count, counts, inbox};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Shelf};
use zhengtong_pack::{Packs, Report};

const OFFICERS: u128 = 5_000;
const DEPARTMENTS: u128 = 100;
const ROLES: [&str; 10] = [
    "window",
    "window",
    "reviewer",
    "reviewer",
    "reviewer",
    "reviewer",
    "inspector",
    "inspector",
    "inspector",
    "head",
];
/// Department, officer and case are numbers made into identifiers; the role follows from the officer.
const FILL: [&str; 5] = [
    r#"INSERT INTO casework."case" (no, kind, item, item_version, title_zh, title_en, person, person_name, department,
         department_name, region, state, instance, answers, facts, promised_days, statutory_days, submitted_at,
         accepted_at)
       SELECT 'B-' || n, CASE WHEN n % 3 = 0 THEN 'food-business:licence' ELSE 'x:y' END, 'food-business:new', '1',
         '食品经营许可（新办）', 'Food business licence (new)', gen_random_uuid(), '示例餐饮有限公司',
         lpad(to_hex(1000000 + n % 100), 32, '0')::uuid, '示例局', '330106', 'accepted', gen_random_uuid(), '{}', '[]',
         5, 20, timestamptz '2026-02-02 09:00+08' + (n % 40000) * interval '1 minute', timestamptz '2026-02-03 09:00+08'
       FROM generate_series(1, $1::bigint) n"#,
    r#"INSERT INTO casework.todo (id, "case", task, node, title_zh, title_en, role, side, department, outcomes, assignee,
         assignee_name, opened_at, due_day)
       SELECT gen_random_uuid(), 'B-' || n, 't', 'review', '审查', 'Review',
         CASE WHEN n % 20 = 7 THEN 'applicant' ELSE $2[(n / 100) % 10 + 1] END,
         CASE WHEN n % 20 = 7 THEN 'applicant' ELSE 'office' END,
         lpad(to_hex(1000000 + n % 100), 32, '0')::uuid, '{reviewed,doubted}',
         CASE WHEN n % 20 <> 7 AND n % 10 > 2 THEN lpad(to_hex(2000000 + n % 5000), 32, '0')::uuid END,
         CASE WHEN n % 20 <> 7 AND n % 10 > 2 THEN '示例' || n % 5000 END,
         timestamptz '2026-02-02 09:00+08' + (n % 40000) * interval '1 minute',
         date '2026-02-20' + (n * 7919 % 60)::integer
       FROM generate_series(1, $1::bigint) n WHERE $2 IS NOT NULL"#,
    r#"INSERT INTO casework.suspension ("case", seq, kind, reason, ordered_by, from_day, clocks, from_at, told_days)
       SELECT 'B-' || n, 1, 'hearing', 'x', 'x', '2026-03-01', '{promised}', timestamptz '2026-03-01 09:00+08', 20
       FROM generate_series(1, $1::bigint, 50) n"#,
    r#"INSERT INTO casework.urge ("case", day, at)
       SELECT 'B-' || n, '2026-03-01', timestamptz '2026-03-01 09:00+08' FROM generate_series(1, $1::bigint, 97) n"#,
    "ANALYZE",
];

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let number = |at: usize, usual: i64| {
        std::env::args().nth(at).and_then(|word| word.parse().ok()).unwrap_or(usual)
    };
    let (tasks, looks) = (number(1, 100_000), number(2, 500));
    let test = city().await?;
    let start = Instant::now();
    let roles: Vec<&str> = ROLES.to_vec();
    let mut tx = test.db.begin_raw().await?;
    sqlx::query("SET LOCAL statement_timeout = 0").execute(&mut *tx).await?;
    for (order, statement) in FILL.iter().enumerate() {
        let mut filled = sqlx::query(*statement);
        if order < 4 {
            filled = filled.bind(tasks);
        }
        if order == 1 {
            filled = filled.bind(&roles);
        }
        filled.execute(&mut *tx).await?;
    }
    tx.commit().await?;
    say(&format!("{tasks} tasks written in {:.1} s", start.elapsed().as_secs_f64()));

    let mut times: [Vec<Duration>; 6] = Default::default();
    for look in 0..looks {
        // Officers in an order that meets every department and role.
        let officer = u128::from(look.unsigned_abs()) * 1_613 % OFFICERS;
        let mut ctx = test.ctx(actor(officer)).await;
        let [first, next, late, numbers, filter, urged] = &mut times;
        let page = timed(first, inbox(&mut ctx, Filter::All)).await?;
        let after = Sought { after: page.next, ..Sought::default() };
        timed(next, inbox(&mut ctx, after)).await?;
        timed(late, inbox(&mut ctx, Filter::Over)).await?;
        timed(numbers, counts(&mut ctx)).await?;
        let saved = Sought {
            kind: Some("food-business:licence".to_owned()),
            within: Some(5),
            standing: Standing::Running,
            ..Sought::default()
        };
        timed(filter, count(&mut ctx, &saved)).await?;
        let marked = Sought { urged: true, ..Sought::default() };
        timed(urged, inbox(&mut ctx, marked)).await?;
    }
    let names = ["first page", "next page", "late", "counts", "count of a saved filter", "urged"];
    for (name, times) in names.into_iter().zip(&mut times) {
        told(name, times);
    }
    let mut whole = Vec::new();
    for officer in 0..20 {
        let mut ctx = test.ctx(actor(900 + officer)).await;
        let many = Sought { rows: 1_000, ..Sought::from(Filter::Unit) };
        timed(&mut whole, inbox(&mut ctx, many)).await?;
    }
    told("1000 rows of a unit, heads", &mut whole);
    Ok(())
}

async fn timed<T>(
    times: &mut Vec<Duration>,
    work: impl Future<Output = zhengtong_casework::Result<T>>,
) -> Outcome<T> {
    let start = Instant::now();
    let done = work.await?;
    times.push(start.elapsed());
    Ok(done)
}

fn told(name: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |share: usize| {
        let place = (times.len() * share / 100).min(times.len().saturating_sub(1));
        times.get(place).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    };
    let (half, most) = (at(50), at(99));
    say(&format!("{name}: p50 {half:.2} ms, p99 {most:.2} ms, longest {:.2} ms", at(100)));
}

fn actor(officer: u128) -> Actor {
    let role = usize::try_from(officer / 100 % 10).ok().and_then(|place| ROLES.get(place));
    Actor {
        kind: ActorKind::Staff,
        account: Some(Uuid::from_u128(2_000_000 + officer)),
        person: Some(Uuid::from_u128(3_000_000 + officer)),
        name: format!("示例{officer}"),
        organisation: Some(Uuid::from_u128(1_000_000 + officer % DEPARTMENTS)),
        post: Some(Uuid::from_u128(4_000_000 + officer)),
        roles: vec![role.copied().unwrap_or("window").to_owned()],
        ..Actor::visitor()
    }
}

async fn city() -> Outcome<TestDb> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs");
    let mut report = Report::default();
    let packs = Packs::from_folder(&folder, &mut report);
    let shelf = Shelf::default().with(zhengtong_casework::read(&packs, &mut report));
    let schemas = [
        zhengtong_db::SCHEMA,
        zhengtong_ledger::SCHEMA,
        zhengtong_registry::SCHEMA,
        zhengtong_process::SCHEMA,
        zhengtong_document::SCHEMA,
        zhengtong_notice::SCHEMA,
        zhengtong_casework::SCHEMA,
    ];
    let policies = std::fs::read_to_string(folder.join("house-rules/access.cedar"))?;
    Ok(TestDb::new(&schemas).await.with(&policies, shelf))
}

fn say(words: &str) {
    #[expect(clippy::print_stdout, reason = "a measuring program prints its figures")]
    {
        println!("{words}");
    }
}
