//! Measures how long a change of the calendar takes to reach every open clock, with a crash in the middle.
//!
//! `cargo run --release -p zhengtong-casework --example recompute -- 1000000`; the database is that of tests, or the
//! one of `ZHENGTONG_TEST_DATABASE`.

use std::path::Path;
use std::time::Instant;

use zhengtong_casework::{audit, fire, recompute, set_days};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, Ctx, Shelf};
use zhengtong_pack::{Packs, Report};

/// A case has four clocks: promised, statutory and two steps; one case in ten was stopped once.
const FILL: [&str; 3] = [
    r#"INSERT INTO casework."case" (no, kind, item, item_version, title_zh, title_en, person, person_name, department,
         department_name, region, state, instance, answers, facts, promised_days, statutory_days, submitted_at,
         accepted_at)
       SELECT 'B-' || n, 'food-business:licence', 'food-business:new', '1', 'x', 'x', gen_random_uuid(), '', gen_random_uuid(),
         'x', '330106', 'accepted', gen_random_uuid(), '{}', '[]', 5, 20, now(), now()
       FROM generate_series(1, $1::bigint / 4) n"#,
    r#"INSERT INTO casework.clock (id, "case", kind, name, seq, side, calendar, unit, budget, born, started_at, revision)
       SELECT gen_random_uuid(), 'B-' || (n / 4 + 1), 'food-business:licence',
         (ARRAY['promised', 'statutory', 'step', 'step'])[n % 4 + 1], n % 4 + 1, 'office', 'cn', 'working_day',
         (ARRAY[5, 20, 2, 3])[n % 4 + 1], 0,
         timestamptz '2026-02-02 09:00+08' + (n % 40000) * interval '1 minute', -1
       FROM generate_series(0, $1::bigint / 4 * 4 - 1) n"#,
    r#"INSERT INTO casework.suspension ("case", seq, kind, reason, ordered_by, from_day, to_day, clocks, from_at, to_at, told_days)
       SELECT 'B-' || n, 1, 'hearing', 'x', 'x', '2026-03-03', '2026-03-10', '{promised,statutory,step}',
         timestamptz '2026-03-03 09:00+08', timestamptz '2026-03-10 09:00+08', 20
       FROM generate_series(1, $1::bigint / 4, 10) n"#,
];

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let clocks: i64 = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(100_000);
    let test = city().await?;
    let start = Instant::now();
    let mut ctx = system(&test).await;
    sqlx::query("SET LOCAL statement_timeout = 0").execute(ctx.conn()).await?;
    for statement in FILL {
        sqlx::query(statement).bind(clocks).execute(ctx.conn()).await?;
    }
    ctx.commit().await?;
    say(&format!("{clocks} clocks written"), start);

    let start = Instant::now();
    run(&test).await?;
    say("worked out for the first time", start);

    let mut ctx = system(&test).await;
    set_days(&mut ctx, "cn", "2026-03-06\tholiday\t停工\tOff", "measure").await?;
    ctx.commit().await?;
    let start = Instant::now();
    let mut lost = system(&test).await;
    let done = recompute(&mut lost).await?;
    drop(lost);
    say(&format!("a batch of {done} lost as by a crash"), start);
    let start = Instant::now();
    run(&test).await?;
    say("a day off reached every clock", start);

    let start = Instant::now();
    let (mut after, mut differ) = (uuid::Uuid::nil(), 0);
    loop {
        let mut ctx = system(&test).await;
        let (found, next) = audit(&mut ctx, after).await?;
        differ += found.len();
        let Some(next) = next else { break };
        after = next;
    }
    say(&format!("audited, {differ} differ"), start);

    let start = Instant::now();
    let mut fired = 0;
    for _ in 0..10 {
        let mut ctx = system(&test).await;
        fired += fire(&mut ctx).await?;
        ctx.commit().await?;
    }
    let mut ctx = system(&test).await;
    let told: i64 =
        sqlx::query_scalar("SELECT count(*) FROM db.outbox WHERE topic = 'casework.rung'")
            .fetch_one(ctx.conn())
            .await?;
    let rungs: i64 =
        sqlx::query_scalar("SELECT count(*) FROM casework.rung").fetch_one(ctx.conn()).await?;
    say(&format!("{fired} clocks with a rung due, {told} told, {rungs} noted"), start);
    Ok(())
}

async fn run(test: &TestDb) -> Outcome<()> {
    loop {
        let mut ctx = system(test).await;
        let done = recompute(&mut ctx).await?;
        ctx.commit().await?;
        if done == 0 {
            return Ok(());
        }
    }
}

async fn system(test: &TestDb) -> Ctx {
    test.ctx(Actor::system("measure")).await
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

fn say(what: &str, start: Instant) {
    #[expect(clippy::print_stdout, reason = "a measuring program prints its figures")]
    {
        println!("{what}: {:.2} s", start.elapsed().as_secs_f64());
    }
}
