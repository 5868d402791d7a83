//! Rounds: load, a fault, healing, reading back. The seed repeats the schedule, not the threads.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::sync::watch;
use tokio::time::Instant;
use zhengtong_walk::city::City;
use zhengtong_walk::course::{self, ITEM};
use zhengtong_walk::dice::Dice;
use zhengtong_walk::now;
use zhengtong_walk::wire::Wire;

use crate::check::{self, Broken, Rows, broken, log::Seen};
use crate::clients::{Client, People, Pool};
use crate::fault::{Fault, Scene};
use crate::history::History;
use crate::proxy::{self, Proxy};
use crate::{say, trial};

/// How long a client waits for one answer.
pub(crate) const WAIT: Duration = Duration::from_secs(20);
/// Requests of torture cities are given up sooner, so that rounds stay short.
const REQUEST_SECONDS: &str = "4";

/// What a run was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) binary: PathBuf,
    pub(crate) work: PathBuf,
    pub(crate) seed: u64,
    pub(crate) rounds: u64,
    pub(crate) clients: u64,
    pub(crate) faults: Vec<Fault>,
}

/// A city under torture.
pub(crate) struct Run {
    pub(crate) plan: Plan,
    pub(crate) city: City,
    pub(crate) people: People,
    pool: Arc<Pool>,
    history: Arc<History>,
    seen: Seen,
    /// Lines of the history before this round.
    told: usize,
    away: BTreeMap<&'static str, Vec<Duration>>,
}

/// Runs all rounds; true when everything held.
pub(crate) async fn run(plan: Plan) -> Result<bool> {
    let mut run = Run::begin(plan).await?;
    let mut held = true;
    let mut dice = Dice::new(run.plan.seed);
    for round in 0..run.plan.rounds {
        let place = usize::try_from(round)? % run.plan.faults.len();
        let fault = run.plan.faults.get(place).copied().context("no faults")?;
        let seed = dice.next();
        let found = if fault.alone() {
            let from = Instant::now();
            let (found, word) = trial::run(&run.plan, fault, seed).await?;
            let took = from.elapsed().as_millis();
            say(&format!(
                "round {round:>4} {} seed={seed:016x} took={took} ms {word}",
                fault.name()
            ));
            found
        } else {
            run.round(round, fault, seed).await?
        };
        if !found.is_empty() {
            held = false;
            run.complain(round, fault, &found);
            break;
        }
    }
    let found = run.end(&mut dice).await?;
    if !found.is_empty() {
        held = false;
        let last = run.plan.faults.first().copied().context("no faults")?;
        run.complain(run.plan.rounds, last, &found);
    }
    Ok(held)
}

/// Logs everybody in.
pub(crate) async fn people(city: &City) -> Result<People> {
    let wire = city.wire(WAIT);
    let mut agent = city.log_in(&wire, "agent").await?;
    agent.act_for(&format!("{ITEM}/start")).await?;
    Ok(People {
        agent,
        clerk: city.log_in(&wire, "clerk").await?,
        reviewer: city.log_in(&wire, "reviewer").await?,
        inspector: city.log_in(&wire, "inspector").await?,
        head: city.log_in(&wire, "head").await?,
        stranger: city.log_in(&wire, "citizen").await?,
    })
}

/// The template of all cities of a run: filled once.
pub(crate) async fn template(binary: &Path, work: &Path) -> Result<PathBuf> {
    let folder = work.join("template");
    if !folder.join("demo-accounts.json").exists() {
        City::fill(binary, &folder, 300).await?;
    }
    Ok(folder)
}

/// Clients at work.
pub(crate) struct Load {
    stop: watch::Sender<bool>,
    clients: Vec<tokio::task::JoinHandle<Result<u64>>>,
}

impl Load {
    /// Lets them finish what they are at; gives how many acts were done.
    pub(crate) async fn end(self) -> Result<u64> {
        self.stop.send_replace(true);
        let mut acts = 0;
        for client in self.clients {
            acts += client.await??;
        }
        Ok(acts)
    }
}

impl Run {
    /// Begins with a copy of the template under this name.
    async fn begin(plan: Plan) -> Result<Self> {
        let template = template(&plan.binary, &plan.work).await?;
        let folder = plan.work.join("city");
        City::copy(&template, &folder).await?;
        let city = City::at(&plan.binary, &folder)?;
        Self::with(plan, city).await
    }

    /// Starts this city and logs everybody in.
    pub(crate) async fn with(plan: Plan, mut city: City) -> Result<Self> {
        city.env
            .push(("ZHENGTONG__SERVER__REQUEST_SECONDS".to_owned(), REQUEST_SECONDS.to_owned()));
        let up = city.up().await?;
        say(&format!("the city is up after {} ms", up.as_millis()));
        let people = people(&city).await?;
        let history = Arc::new(History::to(&city.folder.with_extension("history.jsonl"))?);
        let mut run = Self {
            plan,
            city,
            people,
            pool: Arc::default(),
            history,
            seen: Seen::default(),
            told: 0,
            away: BTreeMap::new(),
        };
        // What was there before is none of ours.
        run.seen.look(&run.city.log, &run.city.folder, &[""]);
        Ok(run)
    }

    async fn round(&mut self, round: u64, fault: Fault, seed: u64) -> Result<Vec<Broken>> {
        let mut dice = Dice::new(seed);
        let from = Instant::now();
        let proxy = match fault.manners() {
            Some(manners) => Some(Proxy::before(&self.city.address, manners, dice.part(99)).await?),
            None => None,
        };
        let working = match &proxy {
            Some(proxy) => {
                let wire = Wire::through(&proxy.address, &self.city.address, WAIT);
                self.people.by(&wire)
            }
            None => self.people.clone(),
        };
        let fresh = if fault == Fault::F21 { self.fresh_case().await } else { None };
        let load = self.load(seed, &working);
        now::wait(Duration::from_millis(dice.between(100, 900))).await;
        let scene = Scene {
            city: &mut self.city,
            people: &self.people,
            dice: dice.part(7),
            fresh,
            proxy: proxy.as_ref(),
        };
        let struck = fault.strike(scene).await;
        now::wait(Duration::from_millis(dice.between(200, 600))).await;
        let acts = load.end().await?;
        let struck = struck?;
        let mut found: Vec<Broken> =
            struck.broken.iter().map(|what| broken(fault.name(), what.as_str())).collect();
        if let Some(proxy) = &proxy {
            self.replay(proxy).await;
        }
        found.extend(self.read_back(fault.excused()).await?);
        self.away.entry(fault.name()).or_default().push(struck.away);
        say(&format!(
            "round {round:>4} {} seed={seed:016x} acts={acts} away={} ms took={} ms {}",
            fault.name(),
            struck.away.as_millis(),
            from.elapsed().as_millis(),
            struck.word
        ));
        Ok(found)
    }

    /// Sets clients to work.
    pub(crate) fn load(&self, seed: u64, people: &People) -> Load {
        let (stop, stopped) = watch::channel(false);
        let clients = (0..self.plan.clients)
            .map(|number| {
                let client = Client {
                    seed,
                    number,
                    people: people.clone(),
                    pool: Arc::clone(&self.pool),
                    history: Arc::clone(&self.history),
                };
                tokio::spawn(client.work(stopped.clone()))
            })
            .collect();
        Load { stop, clients }
    }

    /// A case for a crowd; it is told to nobody else.
    async fn fresh_case(&self) -> Option<String> {
        let agent = &self.people.agent;
        let draft = course::begin(agent).await.done()?;
        course::fill(agent, &draft, None).await.done()?;
        course::hand_in(agent, &draft).await.done()
    }

    /// Everything that went through the proxy is sent once more: nothing may come of it.
    async fn replay(&self, proxy: &Proxy) {
        let forms = proxy.forms.lock().await.clone();
        for form in forms.iter().rev().take(60) {
            drop(proxy::send(&self.city.address, form).await);
        }
    }

    /// Waits until the city has come to rest, reads everything back, and checks it.
    pub(crate) async fn read_back(&mut self, excused: &[&str]) -> Result<Vec<Broken>> {
        let mut found = self.rest().await?;
        let rows = Rows::read(&self.city).await?;
        let history = self.history.lines();
        found.extend(check::cases::acknowledged(&history, &rows));
        found.extend(check::cases::numbers(&rows));
        found.extend(check::cases::paths(&rows));
        found.extend(check::cases::entries(&history, &rows));
        let fresh = history.get(self.told..).unwrap_or_default();
        let mut numbers: Vec<String> = fresh
            .iter()
            .map(|line| if line.op == "submit" { line.value.clone() } else { line.thing.clone() })
            .filter(|no| !no.is_empty() && !no.starts_with('/'))
            .collect();
        numbers.sort();
        numbers.dedup();
        self.told = history.len();
        found.extend(check::clock::deadlines(&self.people.agent, &rows, &numbers).await?);
        found.extend(self.strangers(&numbers).await?);
        found.extend(self.seen.look(&self.city.log, &self.city.folder, excused));
        Ok(found)
    }

    /// Liveness: events become jobs, jobs are done, the record is sealed.
    pub(crate) async fn rest(&self) -> Result<Vec<Broken>> {
        let asked = "SELECT (SELECT count(*) FROM db.outbox) AS events, \
            (SELECT count(*) FROM db.job WHERE locked_until IS NULL AND due < now()) AS jobs, \
            (SELECT count(*) FROM ledger.entry e WHERE NOT EXISTS \
                (SELECT FROM ledger.leaf l WHERE l.entry = e.id)) AS unsealed, \
            (SELECT count(*) FROM db.dead_letter) AS dead";
        let from = Instant::now();
        loop {
            let row = self.city.rows(asked).await?.into_iter().next().unwrap_or_default();
            let waiting: i64 =
                ["events", "jobs", "unsealed"].iter().map(|name| check::number(&row, name)).sum();
            if check::number(&row, "dead") > 0 {
                return Ok(vec![broken("L1", format!("dead letters: {row}"))]);
            }
            if waiting == 0 {
                return Ok(Vec::new());
            }
            if from.elapsed() > Duration::from_mins(2) {
                return Ok(vec![broken("L1", format!("no rest after 120 s: {row}"))]);
            }
            now::wait(Duration::from_millis(50)).await;
        }
    }

    /// I9: somebody else sees none of these cases, as if they were not there.
    async fn strangers(&self, numbers: &[String]) -> Result<Vec<Broken>> {
        let mut found = Vec::new();
        for no in numbers.iter().rev().take(3) {
            for path in [
                format!("/api/v1/cases/{no}"),
                format!("/my/case/{no}"),
                format!("/desk/casework/{no}"),
            ] {
                let status = self.people.stranger.get(&path).await?.status;
                if !matches!(status, 403 | 404) {
                    found.push(broken("I9", format!("a stranger at {path}: {status}")));
                }
            }
        }
        Ok(found)
    }

    /// Stops the city, proves the record from outside, and looks at every file.
    async fn end(&mut self, dice: &mut Dice) -> Result<Vec<Broken>> {
        let (mut found, orphans) = check::files::files(&self.city).await?;
        ensure!(self.city.stop().await?, "the server did not end well: {}", self.city.last_words());
        let export = self.plan.work.join("record.jsonl");
        let place = export.to_string_lossy().into_owned();
        let (sound, said) = self.city.run(&["verify", "--export", &place]).await?;
        if !sound {
            found.push(broken("I5", format!("verify: {said}")));
        }
        let (more, count) = check::record::record(&export, dice)?;
        found.extend(more);
        let history = self.history.lines();
        let of = |word: &str| history.iter().filter(|line| line.result == word).count();
        say(&format!(
            "{} acts acknowledged, {} refused, {} unknown; {} entries under {} checkpoints, {} proofs; {orphans} files \
             without an act",
            of("ok"),
            of("fail"),
            of("unknown"),
            count.leaves,
            count.checkpoints,
            count.proofs
        ));
        for (fault, times) in &mut self.away {
            times.sort();
            let at = |part: usize| times.get((times.len() * part / 100).min(times.len() - 1));
            let ms = |time: Option<&Duration>| time.map_or(0, Duration::as_millis);
            say(&format!(
                "{fault}: {} rounds, away p50 {} ms, p99 {} ms",
                times.len(),
                ms(at(50)),
                ms(at(99))
            ));
        }
        Ok(found)
    }

    fn complain(&self, round: u64, fault: Fault, found: &[Broken]) {
        say(&format!("BROKEN in round {round} ({}), seed={}", fault.name(), self.plan.seed));
        for broken in found.iter().take(20) {
            say(&format!("  {} {}", broken.invariant, broken.what));
        }
        let names: Vec<&str> = self.plan.faults.iter().map(|fault| fault.name()).collect();
        say(&format!(
            "commit {}; history {}; again: torture --seed {} --rounds {} --faults {}",
            crate::commit(),
            self.city.folder.with_extension("history.jsonl").display(),
            self.plan.seed,
            round + 1,
            names.join(",")
        ));
    }
}
