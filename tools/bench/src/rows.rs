//! The rows: each measures one promise and says what it measured.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde::Serialize;
use tokio::time::Instant;
use zhengtong_walk::city::{City, resident_bytes};
use zhengtong_walk::course::ITEM;
use zhengtong_walk::session::Session;
use zhengtong_walk::wire::{Request, Wire};

use crate::gauge::{End, Gauge, closed, count, open};
use crate::life::{People, Works, page};
use crate::peer;
use crate::{Bench, say};

/// How long an answer is waited for.
const WAIT: Duration = Duration::from_secs(30);

/// One row of the results.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) value: Option<f64>,
    pub(crate) unit: String,
    pub(crate) peer: Option<String>,
    pub(crate) peer_value: Option<f64>,
    pub(crate) ratio: Option<f64>,
    pub(crate) bar: String,
    pub(crate) ok: Option<bool>,
    pub(crate) note: String,
}

impl Row {
    pub(crate) fn new(id: &str, value: f64, unit: &str, bar: &str, ok: bool) -> Self {
        Self {
            id: id.to_owned(),
            value: Some((value * 100.0).round() / 100.0),
            unit: unit.to_owned(),
            bar: bar.to_owned(),
            ok: Some(ok),
            ..Self::default()
        }
    }

    /// A row that could not be measured, and why.
    pub(crate) fn missing(id: &str, bar: &str, why: impl Into<String>) -> Self {
        Self { id: id.to_owned(), bar: bar.to_owned(), note: why.into(), ..Self::default() }
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}

/// Until a server that nobody asks anything is idle: the jobs of its first start scan all registers.
const IDLE: Duration = Duration::from_secs(20);

/// Cold and warm start, and the memory of the idle server.
pub(crate) async fn start(bench: &Bench) -> Result<Vec<Row>> {
    let folder = bench.work.join("cold");
    let from = Instant::now();
    let mut city = City::at(&bench.binary, &folder)?;
    city.up().await?;
    first_page(&city).await?;
    let cold = from.elapsed().as_secs_f64();
    city.stop().await?;
    let from = Instant::now();
    city.up().await?;
    first_page(&city).await?;
    let warm = from.elapsed().as_secs_f64();
    city.stop().await?;
    let mut demo = bench.city("idle").await?;
    demo.up().await?;
    first_page(&demo).await?;
    tokio::time::sleep(IDLE).await;
    let bytes = resident_bytes(demo.pid().context("no server")?);
    let memory = count(bytes) / 1024.0 / 1024.0;
    demo.stop().await?;
    Ok(vec![
        Row::new("cold-start", cold, "s", "<= 10", cold <= 10.0)
            .note("exec to the first whole page, with initdb, empty platform"),
        Row::new("warm-start", warm, "s", "<= 2", warm <= 2.0).note("exec to the first whole page"),
        Row::new("idle-memory", memory, "MiB", "<= 300", memory <= 300.0)
            .note("resident memory of the server with the demo city, without PostgreSQL, once the jobs of the first start are done"),
    ])
}

async fn first_page(city: &City) -> Result<()> {
    let reply = Session::visitor(&city.wire(WAIT)).get("/").await?;
    ensure!(reply.status == 200, "the first page answers {}", reply.status);
    Ok(())
}

/// The life of cases: the knee first, then the rate that is promised.
pub(crate) async fn life(bench: &Bench) -> Result<Vec<Row>> {
    let mut city = bench.city("life").await?;
    city.up().await?;
    let mut rows = vec![life_of(bench, &city, "lifecycle-empty", 300.0).await?];
    let from = Instant::now();
    crowd(&city, bench.cases).await?;
    say(&format!("{} more cases in {:.0} s", bench.cases, from.elapsed().as_secs_f64()));
    let mut row = life_of(bench, &city, "lifecycle-large", 200.0).await?;
    row.note = format!("{} cases there; {}", bench.cases, row.note);
    if bench.cases < 1_000_000 {
        row.note.push_str("; FULL=1 measures with 1,000,000");
    }
    rows.push(row);
    city.stop().await?;
    Ok(rows)
}

async fn life_of(bench: &Bench, city: &City, id: &str, bar: f64) -> Result<Row> {
    let people = Arc::new(People::of(city, &city.wire(WAIT)).await?);
    let works = Arc::new(Works::default());
    works.prepare(city, &people, 300 + bench.seconds * 130).await?;
    works.warm(&people, 120).await;
    say("applications are ready");
    let act = move |number| {
        let (works, people) = (Arc::clone(&works), Arc::clone(&people));
        async move { works.act(&people, number).await }
    };
    let seconds = count(bench.seconds);
    let knee = closed(Some(city), 16, seconds, act.clone()).await;
    say(&format!("{id} knee: {}", knee.words()));
    let steady = open(Some(city), (knee.rate() * 0.8).max(1.0), seconds, act).await;
    say(&format!("{id} at 80 %: {}", steady.words()));
    let errors = knee.bad + steady.bad;
    let p95 = steady.ms(950);
    let ok = knee.rate() >= bar && p95 < 100.0 && errors == 0;
    Ok(Row::new(id, knee.rate(), "acts/s", &format!(">= {bar}, p95 < 100 ms, 0 errors"), ok).note(format!(
        "acts: submit, accept, review, inspect, grant, find; each with the pages a person opens for it (2 to 3 requests); \
         16 at once; at 80 % of that in an open loop p95 is {p95:.1} ms; {errors} errors; {}",
        knee.words()
    )))
}

/// Puts many closed cases beside those that are there, by copying one in the database.
pub(crate) async fn crowd(city: &City, cases: u64) -> Result<()> {
    let made = format!(
        "INSERT INTO casework.case SELECT (jsonb_populate_record(s.c, jsonb_build_object( \
           'no', 'SPJY-2025-' || lpad(n::text, 7, '0'), 'state', 'closed', 'decision', 'granted', \
           'submitted_at', (s.c).submitted_at - (n % 700) * interval '1 day'))).* \
         FROM (SELECT c FROM casework.case c WHERE state = 'closed' AND decision = 'granted' LIMIT 1) s, \
              generate_series(1, {cases}) n; \
         INSERT INTO casework.event SELECT (jsonb_populate_record(s.e, jsonb_build_object( \
           'case', 'SPJY-2025-' || lpad(n::text, 7, '0')))).* \
         FROM (SELECT e FROM casework.event e WHERE e.case = (SELECT no FROM casework.case \
               WHERE state = 'closed' AND decision = 'granted' AND no LIKE 'SPJY-2026%' LIMIT 1) AND e.seq <= 4) s, \
              generate_series(1, {cases}) n; \
         ANALYZE casework.case; ANALYZE casework.event"
    );
    city.psql(&made).await.map(drop)
}

/// The load of a day that goes up and down: nothing may fail.
pub(crate) async fn spike(bench: &Bench) -> Result<Vec<Row>> {
    let mut city = bench.city("spike").await?;
    city.up().await?;
    let visitor = Session::visitor(&city.wire(WAIT));
    let agent = People::of(&city, &city.wire(WAIT)).await?.agent;
    let base = 10.0;
    let mut bad = 0;
    let mut slowest: f64 = 0.0;
    for times in [1.0, 15.0, 1.0, 25.0, 2.0, 35.0, 10.0] {
        let (visitor, agent) = (visitor.clone(), agent.clone());
        let gauge = open(Some(&city), base * times, count(bench.seconds) / 2.0, move |number| {
            let (visitor, agent) = (visitor.clone(), agent.clone());
            async move { browse(&visitor, &agent, number).await }
        })
        .await;
        say(&format!("spike x{times}: {}", gauge.words()));
        bad += gauge.bad + gauge.shed;
        slowest = slowest.max(gauge.ms(990));
    }
    city.stop().await?;
    Ok(vec![
        Row::new("spike", count(bad), "errors", "0", bad == 0).note(format!(
            "1-15-1-25-2-35-10 times {base} pages a second; worst p99 {slowest:.1} ms"
        )),
    ])
}

/// What people look at: seven of ten pages are public, the rest are somebody's own.
async fn browse(visitor: &Session, agent: &Session, number: u64) -> End {
    match number % 10 {
        0..=2 => page(visitor, ITEM).await,
        3 | 4 => page(visitor, "/hall").await,
        5 | 6 => page(visitor, "/").await,
        7 => page(agent, "/my").await,
        8 => page(agent, "/api/v1/items").await,
        _ => page(agent, "/my/cases").await,
    }
}

/// The guide page beside nginx, which serves the same bytes as a file.
pub(crate) async fn guide(bench: &Bench) -> Result<Vec<Row>> {
    let mut city = bench.city("guide").await?;
    city.up().await?;
    let wire = city.wire(WAIT);
    let ours = pages(bench, Some(&city), &wire, ITEM).await;
    say(&format!("guide page: {}", ours.words()));
    let bytes = Session::visitor(&wire).get(ITEM).await?.body;
    let bar = ">= 40 % of nginx";
    let mut row = match peer::Nginx::start(&bench.work, &bytes).await {
        Ok(nginx) => {
            let theirs = pages(bench, None, &Wire::new(&nginx.address, WAIT), "/page.html").await;
            say(&format!("nginx, the same bytes: {}", theirs.words()));
            let ratio = ours.rate() / theirs.rate().max(1.0);
            let mut row = Row::new("guide-page", ours.rate(), "requests/s", bar, ratio >= 0.4);
            row.peer = Some(nginx.version.clone());
            row.peer_value = Some(theirs.rate().round());
            row.ratio = Some((ratio * 1_000.0).round() / 1_000.0);
            row
        }
        Err(why) => {
            let mut row = Row::missing("guide-page", bar, format!("no nginx: {why:#}; "));
            row.value = Some(ours.rate().round());
            "requests/s".clone_into(&mut row.unit);
            row
        }
    };
    let measured = format!(
        "{} bytes, 16 lines; p99 {:.2} ms; {} errors; {}",
        bytes.len(),
        ours.ms(990),
        ours.bad,
        ours.words()
    );
    row.note.push_str(&measured);
    city.stop().await?;
    Ok(vec![row])
}

async fn pages(bench: &Bench, city: Option<&City>, wire: &Wire, path: &'static str) -> Gauge {
    let wire = wire.clone();
    closed(city, 16, count(bench.seconds), move |_| {
        let wire = wire.clone();
        async move {
            let asked = Request { method: "GET", path: path.to_owned(), ..Request::default() };
            match wire.send(&asked).await {
                Ok(reply) if reply.status == 200 => End::Good,
                Ok(reply) if matches!(reply.status, 429 | 503) => End::Shed,
                _ => End::Bad,
            }
        }
    })
    .await
}

/// 445 pages and 20 submissions a second, then three times the knee, then the usual again.
pub(crate) async fn mixed(bench: &Bench) -> Result<Vec<Row>> {
    let mut city = bench.city("mixed").await?;
    city.up().await?;
    let people = Arc::new(People::of(&city, &city.wire(WAIT)).await?);
    let visitor = Session::visitor(&city.wire(WAIT));
    let works = Arc::new(Works::default());
    works.prepare(&city, &people, bench.mixed_seconds * 20 + 100).await?;
    let turn = Arc::new(AtomicU64::new(0));
    let work = {
        let (visitor, people) = (visitor.clone(), Arc::clone(&people));
        move |number: u64| {
            let (visitor, people) = (visitor.clone(), Arc::clone(&people));
            let (works, turn) = (Arc::clone(&works), Arc::clone(&turn));
            async move {
                // 20 of 465 are submissions; stage 0 of the works holds the drafts.
                if number * 20 / 465 == (number + 1) * 20 / 465 {
                    browse(&visitor, &people.agent, number).await
                } else {
                    turn.fetch_add(1, Ordering::Relaxed);
                    works.act(&people, 0).await
                }
            }
        }
    };
    let steady = open(Some(&city), 465.0, count(bench.mixed_seconds), work).await;
    say(&format!("445 pages and 20 submissions: {}", steady.words()));
    let p99 = steady.ms(990);
    let errors = steady.bad + steady.shed;
    let mut rows = vec![
        Row::new("mixed", p99, "ms", "p99 < 300 ms, 0 errors", p99 < 300.0 && errors == 0).note(
            format!(
                "445 pages/s and 20 submissions/s for {} s, open loop; {errors} errors; {}",
                bench.mixed_seconds,
                steady.words()
            ),
        ),
    ];
    rows.push(overload(bench, &city, &visitor, &people).await);
    city.stop().await?;
    Ok(rows)
}

async fn overload(bench: &Bench, city: &City, visitor: &Session, people: &Arc<People>) -> Row {
    let work = |lines: (Session, Arc<People>)| {
        move |number: u64| {
            let (visitor, people) = lines.clone();
            async move { browse(&visitor, &people.agent, number).await }
        }
    };
    let browse_all = work((visitor.clone(), Arc::clone(people)));
    let seconds = count(bench.seconds);
    let knee = closed(Some(city), 24, seconds, browse_all.clone()).await;
    say(&format!("knee: {}", knee.words()));
    let over = open(Some(city), knee.rate() * 3.0, seconds * 2.0, browse_all.clone()).await;
    say(&format!("three times that: {}", over.words()));
    let from = Instant::now();
    let mut back = None;
    while from.elapsed() < Duration::from_secs(30) {
        let calm = open(Some(city), knee.rate() * 0.5, 1.0, browse_all.clone()).await;
        if calm.bad + calm.shed == 0 && calm.ms(990) < 300.0 {
            back = Some(from.elapsed().as_secs_f64() - 1.0);
            break;
        }
    }
    let share = over.rate() / knee.rate().max(1.0);
    let recovery = back.unwrap_or(30.0);
    let ok = share >= 0.8 && recovery < 10.0;
    Row::new("overload", share * 100.0, "%", "goodput >= 80 % of the knee, recovery < 10 s", ok).note(format!(
        "knee {:.0}/s; at three times {:.0}/s good, {} refused, {} errors or never answered; back after {recovery:.1} s; \
         the client shares both processors with the server",
        knee.rate(),
        over.rate(),
        over.shed,
        over.bad
    ))
}
