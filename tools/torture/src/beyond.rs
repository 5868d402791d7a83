//! F17: what stands beside the city is slow, dead, or answers nonsense: the scanner that every upload waits for, and
//! the collector of traces that nothing may wait for.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use zhengtong_walk::city::City;
use zhengtong_walk::course;
use zhengtong_walk::dice::Dice;
use zhengtong_walk::now;
use zhengtong_walk::session::{File, Session};

use crate::check::{Broken, broken};
use crate::clients::paper;
use crate::rounds::{Plan, Run};
use crate::trial::Outcome;

/// How long the city waits for the scanner, in seconds.
const SCAN_SECONDS: u64 = 2;

const WELL: u8 = 0;
const SLOW: u8 = 1;
const NONSENSE: u8 = 2;
const DEAD: u8 = 3;

/// A scanner that finds nothing, or behaves as it is told.
struct Scanner {
    address: String,
    mood: Arc<AtomicU8>,
    task: JoinHandle<()>,
}

impl Drop for Scanner {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Scanner {
    async fn begin() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let mood = Arc::new(AtomicU8::new(WELL));
        let felt = Arc::clone(&mood);
        let task = tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                let felt = Arc::clone(&felt);
                // Lines that break are the business of whoever called.
                tokio::spawn(async move { drop(answer(line, felt.load(Ordering::SeqCst)).await) });
            }
        });
        Ok(Self { address, mood, task })
    }
}

async fn answer(mut line: TcpStream, mood: u8) -> Result<()> {
    match mood {
        DEAD => return Ok(()),
        SLOW => {
            now::wait(Duration::from_mins(2)).await;
            return Ok(());
        }
        _ => {}
    }
    let mut command = Vec::new();
    loop {
        match line.read_u8().await? {
            0 => break,
            byte => command.push(byte),
        }
        ensure!(command.len() < 40, "no command");
    }
    if command == b"zINSTREAM" {
        loop {
            let length = line.read_u32().await?;
            if length == 0 {
                break;
            }
            let mut piece = vec![0; usize::try_from(length)?];
            line.read_exact(&mut piece).await?;
        }
    }
    let said: &[u8] = match (mood, command.as_slice()) {
        (NONSENSE, _) => b"perhaps\0",
        (_, b"zPING") => b"PONG\0",
        _ => b"stream: OK\0",
    };
    line.write_all(said).await?;
    Ok(())
}

/// Does it.
pub(crate) async fn neighbour(plan: &Plan, folder: &Path, dice: &mut Dice) -> Outcome {
    let scanner = Scanner::begin().await?;
    // Takes lines and never answers.
    let collector = TcpListener::bind("127.0.0.1:0").await?;
    let mut city = City::at(&plan.binary, folder)?;
    let mut set = |name: &str, value: String| city.env.push((format!("ZHENGTONG__{name}"), value));
    set("UPLOAD__CLAMD", scanner.address.clone());
    set("UPLOAD__SCANNER_AWAY", "refuse".to_owned());
    set("UPLOAD__SCAN_SECONDS", SCAN_SECONDS.to_string());
    set("TRACE__ENDPOINT", format!("http://{}", collector.local_addr()?));
    let mut run = Run::with(plan.clone(), city).await?;
    let mut found = Vec::new();
    let mut slowest = Duration::ZERO;
    for (mood, name) in [
        (WELL, "well"),
        (SLOW, "slow"),
        (DEAD, "dead"),
        (NONSENSE, "nonsense"),
        (WELL, "well again"),
    ] {
        scanner.mood.store(mood, Ordering::SeqCst);
        let load = run.load(dice.next(), &run.people);
        let from = Instant::now();
        let (status, words) = upload(&run.people.agent, dice).await?;
        let took = from.elapsed();
        let page = Instant::now();
        let read = run.people.agent.get("/hall").await.map_or(0, |reply| reply.status);
        slowest = slowest.max(page.elapsed());
        load.end().await?;
        found.extend(judge(name, mood, status, &words));
        if took > Duration::from_secs(SCAN_SECONDS + 3) {
            found.push(broken("F17", format!("{name}: an upload took {} s", took.as_secs())));
        }
        if read != 200 || slowest > Duration::from_secs(SCAN_SECONDS) {
            let what = format!("{name}: /hall answers {read} after {} ms", slowest.as_millis());
            found.push(broken("F17", what));
        }
    }
    found.extend(run.read_back(&["scanner", "trace"]).await?);
    ensure!(run.city.stop().await?, "no clean end: {}", run.city.last_words());
    Ok((found, None, format!("slowest other page {} ms", slowest.as_millis())))
}

fn judge(name: &str, mood: u8, status: u16, words: &str) -> Option<Broken> {
    if mood == WELL {
        return (status != 303)
            .then(|| broken("F17", format!("{name}: an upload answers {status}")));
    }
    if status != 503 {
        return Some(broken("F17", format!("{name}: an upload answers {status}")));
    }
    let said = ["稍后", "过一会", "扫描", "查毒", "检查"].iter().any(|word| words.contains(word));
    (!said).then(|| broken("F17", format!("{name}: an upload is refused without a word why")))
}

/// One paper, by a draft of its own.
async fn upload(agent: &Session, dice: &mut Dice) -> Result<(u16, String)> {
    let draft = course::begin(agent).await.done().context("no application")?;
    course::fill(agent, &draft, None).await.done().context("no form")?;
    let csrf = course::fresh::<()>(agent, &draft).await.ok().context("no token")?;
    let bytes = paper(dice);
    let file = File { field: "layout", name: "图.pdf", kind: "application/pdf", bytes: &bytes };
    let fields = [("csrf", csrf.as_str()), ("then", "check")];
    let reply = agent.upload(&format!("{draft}/page/papers"), &fields, &file).await?;
    Ok((reply.status, reply.text().into_owned()))
}
