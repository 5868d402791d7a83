//! Measures durable steps: each is one verb with its state, its history and its record in PostgreSQL, committed to the disk.
//!
//! `steps FOLDER [SECONDS] [WORKERS] [TIMERS] [PEER…]` starts a cluster of its own in the folder (commits reach the disk before they are
//! acknowledged) and prints one line of JSON for each figure. A peer is a command of
//! a shell that does the same in the same cluster.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Map, json};
use uuid::Uuid;
use zhengtong_crypto::Keyring;
use zhengtong_db::cluster::{Cluster, Durability};
use zhengtong_db::testing::PERMIT_ALL;
use zhengtong_db::{Actor, Db, Policies, Settings, Shelf};
use zhengtong_pack::{Packs, Report};
use zhengtong_process::{News, SCHEMA, complete, fire_next, read, start};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Timers of one transaction while they are put in place.
const BATCH: usize = 200;

/// Five steps in a row.
const LINEAR: &str = r#"<startEvent id="s"/><userTask id="t1" name="1" zt:role="r"/><userTask id="t2" name="2" zt:role="r"/><userTask id="t3" name="3" zt:role="r"/><userTask id="t4" name="4" zt:role="r"/><userTask id="t5" name="5" zt:role="r"/><endEvent id="e"/>
<sequenceFlow id="f0" sourceRef="s" targetRef="t1"/><sequenceFlow id="f1" sourceRef="t1" targetRef="t2"/><sequenceFlow id="f2" sourceRef="t2" targetRef="t3"/><sequenceFlow id="f3" sourceRef="t3" targetRef="t4"/><sequenceFlow id="f4" sourceRef="t4" targetRef="t5"/><sequenceFlow id="f5" sourceRef="t5" targetRef="e"/>"#;
/// Three branches that meet.
const PARALLEL: &str = r#"<startEvent id="s"/><parallelGateway id="split"/><userTask id="t1" name="1" zt:role="r"/><userTask id="t2" name="2" zt:role="r"/><userTask id="t3" name="3" zt:role="r"/><parallelGateway id="j"/><endEvent id="e"/>
<sequenceFlow id="f0" sourceRef="s" targetRef="split"/><sequenceFlow id="f1" sourceRef="split" targetRef="t1"/><sequenceFlow id="f2" sourceRef="split" targetRef="t2"/><sequenceFlow id="f3" sourceRef="split" targetRef="t3"/><sequenceFlow id="g1" sourceRef="t1" targetRef="j"/><sequenceFlow id="g2" sourceRef="t2" targetRef="j"/><sequenceFlow id="g3" sourceRef="t3" targetRef="j"/><sequenceFlow id="f4" sourceRef="j" targetRef="e"/>"#;
/// One step, done by fifty.
const SEVERAL: &str = r#"<startEvent id="s"/><userTask id="t" name="t" zt:role="r"><multiInstanceLoopCharacteristics><loopCardinality>50</loopCardinality></multiInstanceLoopCharacteristics></userTask><endEvent id="e"/>
<sequenceFlow id="f0" sourceRef="s" targetRef="t"/><sequenceFlow id="f1" sourceRef="t" targetRef="e"/>"#;
/// One that waits for a time.
const TIMER: &str = r#"<startEvent id="s"/><intermediateCatchEvent id="w"><timerEventDefinition><timeDuration>pause</timeDuration></timerEventDefinition></intermediateCatchEvent><userTask id="t" name="t" zt:role="r"/><endEvent id="e"/>
<sequenceFlow id="f0" sourceRef="s" targetRef="w"/><sequenceFlow id="f1" sourceRef="w" targetRef="t"/><sequenceFlow id="f2" sourceRef="t" targetRef="e"/>"#;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder =
        arguments.first().ok_or("usage: steps FOLDER [SECONDS] [WORKERS] [TIMERS] [PEER…]")?;
    let number = |at: usize, usual: usize| {
        arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let (seconds, workers, timers) = (number(1, 10), number(2, 16), number(3, 100_000));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let peers = arguments.get(4..).unwrap_or_default();
    runtime.block_on(measure(Path::new(folder), (seconds, workers, timers), peers))
}

async fn measure(
    folder: &Path,
    (seconds, workers, timers): (usize, usize, usize),
    peers: &[String],
) -> Outcome<()> {
    let cluster = Cluster::start(folder, Durability::Full).await?;
    let connections_max = u32::try_from(workers + 2)?;
    let db = Db::open(&cluster.url(), Settings { connections_max, ..Settings::default() })?;
    zhengtong_db::migrate(db.pool(), &[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA])
        .await?;
    db.load(policies()?, shelf()?);
    let time = Duration::from_secs(u64::try_from(seconds)?);
    for name in ["linear", "parallel", "several"] {
        let steps = busy(&db, name, workers, time).await?;
        say(&json!({ "figure": name, "steps_per_second": rate(steps, time), "workers": workers }))?;
    }
    let begun = Instant::now();
    wait_long(&db, timers).await?;
    let took = begun.elapsed();
    say(&json!({ "figure": "timers placed", "per_second": rate(timers, took), "count": timers }))?;
    let steps = busy(&db, "linear", workers, time).await?;
    say(
        &json!({ "figure": "linear beside waiting timers", "steps_per_second": rate(steps, time) }),
    )?;
    let due = timers.clamp(1, 5_000);
    for chunk in 0..due {
        if chunk % BATCH == 0 {
            place(&db, BATCH.min(due - chunk), "PT0S").await?;
        }
    }
    let begun = Instant::now();
    let fired = fire(&db, workers).await?;
    let took = begun.elapsed();
    say(&json!({ "figure": "timers fired", "per_second": rate(fired, took), "count": fired }))?;
    db.close().await;
    beside(&cluster.url(), peers)
}

/// Lets others do the same in the same cluster, each by a command of a shell with the address in `ZT_URL`. They print their
/// own lines.
fn beside(url: &str, peers: &[String]) -> Outcome<()> {
    for line in peers {
        let output =
            std::process::Command::new("sh").args(["-c", line]).env("ZT_URL", url).output()?;
        std::io::stdout().lock().write_all(&output.stdout)?;
        if !output.status.success() {
            std::io::stderr().lock().write_all(&output.stderr)?;
        }
    }
    Ok(())
}

fn policies() -> Outcome<Policies> {
    let source = zhengtong_access::Source { name: "steps.cedar", text: PERMIT_ALL };
    Policies::parse(&[source]).map_err(|errors| format!("{errors:?}").into())
}

fn shelf() -> Outcome<Shelf> {
    let file = |body: &str| {
        format!(
            "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:zt=\"https://zhengtong.dev/bpmn\"><process id=\"p\" isExecutable=\"true\">{body}</process></definitions>"
        )
    };
    let manifest = "id = \"city\"\nowner = \"data\"\nversion = \"1.0.0\"\ntitle = { zh = \"城\", en = \"City\" }\nsummary = { zh = \"样\", en = \"Sample\" }\n";
    let mut files = BTreeMap::from([("pack.toml".to_owned(), manifest.as_bytes().to_vec())]);
    for (name, body) in
        [("linear", LINEAR), ("parallel", PARALLEL), ("several", SEVERAL), ("timer", TIMER)]
    {
        files.insert(format!("process/{name}.bpmn"), file(body).into_bytes());
    }
    let mut report = Report::default();
    let packs = Packs::from_files(BTreeMap::from([("city".to_owned(), files)]), &mut report);
    let catalog = read(&packs, &mut report);
    if let Some(error) = report.errors().next() {
        return Err(format!("{error:?}").into());
    }
    Ok(Shelf::default().with(catalog).with(Keyring::for_tests()))
}

/// Lets workers go through instances of a process for some time; how many steps they committed.
async fn busy(db: &Db, name: &'static str, workers: usize, time: Duration) -> Outcome<usize> {
    let until = Instant::now() + time;
    let mut hands = Vec::new();
    for _ in 0..workers {
        let db = db.clone();
        hands.push(tokio::spawn(async move {
            let mut steps = 0;
            while Instant::now() < until {
                steps += walk(&db, name, until).await?;
            }
            Outcome::Ok(steps)
        }));
    }
    let mut steps = 0;
    for hand in hands {
        steps += hand.await??;
    }
    Ok(steps)
}

/// Goes through one instance; each act is committed by itself.
async fn walk(db: &Db, name: &str, until: Instant) -> Outcome<usize> {
    let mut ctx = db.begin(Actor::system("steps"), "steps").await?;
    let thing = format!("case/{}", Uuid::now_v7());
    let (id, news) = start(&mut ctx, &format!("city:{name}"), &thing, Map::new()).await?;
    ctx.commit().await?;
    let (mut open, mut steps) = (opened(&news), 1);
    while let Some(task) = open.pop() {
        if Instant::now() >= until {
            break;
        }
        let mut ctx = db.begin(Actor::system("steps"), "steps").await?;
        let news = complete(&mut ctx, id, &task, Map::new()).await?;
        ctx.commit().await?;
        open.extend(opened(&news));
        steps += 1;
    }
    Ok(steps)
}

fn opened(news: &[News]) -> Vec<String> {
    let task = |one: &News| match one {
        News::Opened(opened) => Some(opened.task.clone()),
        _ => None,
    };
    news.iter().filter_map(task).collect()
}

/// Puts instances in place that wait for a month.
async fn wait_long(db: &Db, count: usize) -> Outcome<()> {
    let mut left = count;
    while left > 0 {
        let some = left.min(BATCH);
        place(db, some, "P30D").await?;
        left -= some;
    }
    Ok(())
}

async fn place(db: &Db, count: usize, pause: &str) -> Outcome<()> {
    let mut ctx = db.begin(Actor::system("steps"), "steps").await?;
    for _ in 0..count {
        let vars = Map::from_iter([("pause".to_owned(), json!(pause))]);
        let thing = format!("case/{}", Uuid::now_v7());
        start(&mut ctx, "city:timer", &thing, vars).await?;
    }
    ctx.commit().await?;
    Ok(())
}

/// Fires everything that is due; how many.
async fn fire(db: &Db, workers: usize) -> Outcome<usize> {
    let mut hands = Vec::new();
    for _ in 0..workers {
        let db = db.clone();
        hands.push(tokio::spawn(async move {
            let mut fired = 0;
            loop {
                let mut ctx = db.begin(Actor::system("steps"), "steps").await?;
                if fire_next(&mut ctx, "case/").await?.is_none() {
                    return Outcome::Ok(fired);
                }
                ctx.commit().await?;
                fired += 1;
            }
        }));
    }
    let mut fired = 0;
    for hand in hands {
        fired += hand.await??;
    }
    Ok(fired)
}

fn rate(count: usize, time: Duration) -> f64 {
    let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    (count / time.as_secs_f64()).round()
}

fn say(line: &serde_json::Value) -> Outcome<()> {
    writeln!(std::io::stdout().lock(), "{line}")?;
    Ok(())
}
