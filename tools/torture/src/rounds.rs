//! Rounds: load, a fault, healing, reading back. The seed repeats the schedule, not the threads.

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
use crate::report::{Report, Tally};
use crate::{say, trial};

/// How long a client waits for one answer.
pub(crate) const WAIT: Duration = Duration::from_secs(20);
/// Requests of torture cities are given up sooner, so that rounds stay short.
const REQUEST_SECONDS: &str = "4";

/// How many rounds lie between two in which everything is read back, and not only what may have been touched.
const WHOLE_EVERY: u64 = 25;
/// Broken rounds after which a run that is to go on gives up.
const BROKEN_ROUNDS_MAX: u64 = 10;
/// The clock of rows may be a little behind the moment at which a round began.
const SLACK_US: u64 = 2_000_000;

/// What a run was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) binary: PathBuf,
    pub(crate) work: PathBuf,
    pub(crate) seed: u64,
    pub(crate) rounds: u64,
    pub(crate) clients: u64,
    pub(crate) faults: Vec<Fault>,
    /// Short pauses around the blow; what is checked is the same.
    pub(crate) quick: bool,
    /// A broken round does not end the run: the next begins with a fresh city.
    pub(crate) go_on: bool,
    pub(crate) report: Option<PathBuf>,
    pub(crate) resume: bool,
    pub(crate) tally: Arc<Tally>,
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
    /// Rounds in a row in which nobody could do anything.
    idle: u32,
}

/// So many rounds without an act are no trial.
const IDLE_MAX: u32 = 8;

/// What a round came to.
struct Outcome {
    found: Vec<Broken>,
    ready: Option<Duration>,
    line: String,
}

/// Runs all rounds; true when everything held.
pub(crate) async fn run(plan: Plan) -> Result<bool> {
    let began = Instant::now();
    let schedule = (plan.seed, plan.rounds);
    let mut report = Report::begin(plan.report.as_deref(), plan.resume, schedule, &plan.faults)?;
    let mut dice = Dice::new(plan.seed);
    for _ in 0..report.rounds_done {
        dice.next();
    }
    if report.rounds_done > 0 {
        say(&format!("going on after round {}", report.rounds_done - 1));
    }
    let stop = told_to_stop()?;
    let mut run = Run::begin(plan, 0).await?;
    let mut broken_rounds = 0;
    while report.rounds_done < run.plan.rounds && !*stop.borrow() {
        let round = report.rounds_done;
        let place = usize::try_from(round)? % run.plan.faults.len();
        let fault = run.plan.faults.get(place).copied().context("no faults")?;
        let seed = dice.next();
        let from = Instant::now();
        let outcome = run.one(round, fault, seed).await.unwrap_or_else(|error| Outcome {
            found: vec![broken("R", format!("the round did not come to its end: {error:#}"))],
            ready: None,
            line: String::new(),
        });
        let (took, name) = (from.elapsed(), fault.name());
        say(&format!(
            "round {round:>4} {name} seed={seed:016x} took={} ms {}",
            took.as_millis(),
            outcome.line
        ));
        report.round(name, outcome.ready, took);
        report.broke(round, name, &outcome.found);
        report.write(&run.plan.tally, began.elapsed())?;
        if outcome.found.is_empty() {
            continue;
        }
        run.complain(round, fault, &outcome.found);
        broken_rounds += 1;
        if !run.plan.go_on || broken_rounds >= BROKEN_ROUNDS_MAX {
            break;
        }
        let plan = run.plan.clone();
        // Ends what is left of the old city.
        drop(run);
        run = Run::begin(plan, broken_rounds).await?;
    }
    finish(&mut run, report, &mut dice, began).await
}

/// Reads everything back once more, stops the city, proves the record from outside.
async fn finish(
    run: &mut Run,
    mut report: Report,
    dice: &mut Dice,
    began: Instant,
) -> Result<bool> {
    let found = match run.end(&mut report, dice).await {
        Ok(found) => found,
        Err(error) => vec![broken("R", format!("the end: {error:#}"))],
    };
    let (rounds, last) = (report.rounds_done, run.plan.faults.first().copied());
    report.broke(rounds, "end", &found);
    report.finished = rounds >= run.plan.rounds;
    report.write(&run.plan.tally, began.elapsed())?;
    if let Some(last) = last.filter(|_| !found.is_empty()) {
        run.complain(rounds, last, &found);
    }
    for line in report.lines() {
        say(&line);
    }
    if !report.finished {
        say(&format!("stopped after {rounds} rounds; --resume goes on from the file of --report"));
    }
    Ok(report.held && report.finished)
}

/// Turns true when the run is asked to end: the round that is under way is finished first.
fn told_to_stop() -> Result<watch::Receiver<bool>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (tell, told) = watch::channel(false);
    let (mut end, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn(async move {
        tokio::select! {
            _ = end.recv() => {}
            _ = interrupt.recv() => {}
        }
        say("ending after this round");
        tell.send_replace(true);
        // Kept: a sender that is gone would look like a change.
        std::future::pending::<()>().await;
    });
    Ok(told)
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
    /// Begins with a copy of the template; each city of a run has its number.
    async fn begin(plan: Plan, number: u64) -> Result<Self> {
        let template = template(&plan.binary, &plan.work).await?;
        let folder = plan.work.join(format!("city{number}"));
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
        let place = city.folder.with_extension("history.jsonl");
        let history = Arc::new(History::to(&place, Arc::clone(&plan.tally))?);
        let mut run = Self {
            plan,
            city,
            people,
            pool: Arc::default(),
            idle: 0,
            history,
            seen: Seen::default(),
            told: 0,
        };
        // What was there before is none of ours.
        run.seen.look(&run.city.log, &run.city.folder, &[""]);
        Ok(run)
    }

    /// One round, in the city of all or in one of its own.
    async fn one(&mut self, round: u64, fault: Fault, seed: u64) -> Result<Outcome> {
        if !fault.alone() {
            return self.round(round, fault, seed).await;
        }
        let (found, ready, line) = trial::run(&self.plan, fault, seed).await?;
        Ok(Outcome { found, ready, line })
    }

    /// How long clients work before the blow and after it.
    fn pauses(&self, dice: &mut Dice) -> (Duration, Duration) {
        let (before, after) = if self.plan.quick {
            (dice.between(50, 300), dice.between(60, 160))
        } else {
            (dice.between(100, 900), dice.between(200, 600))
        };
        (Duration::from_millis(before), Duration::from_millis(after))
    }

    async fn round(&mut self, round: u64, fault: Fault, seed: u64) -> Result<Outcome> {
        let mut dice = Dice::new(seed);
        let since_us = now::micros().saturating_sub(SLACK_US);
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
        let (before, after) = self.pauses(&mut dice);
        let from = Instant::now();
        let fresh = if fault == Fault::F21 { self.fresh_case().await } else { None };
        let load = self.load(seed, &working);
        now::wait(before).await;
        let scene = Scene {
            city: &mut self.city,
            people: &self.people,
            dice: dice.part(7),
            fresh,
            proxy: proxy.as_ref(),
        };
        let struck = fault.strike(scene).await;
        now::wait(after).await;
        let acts = load.end().await?;
        let struck = struck?;
        let worked = from.elapsed();
        let mut found: Vec<Broken> =
            struck.broken.iter().map(|what| broken(fault.name(), what.as_str())).collect();
        if let Some(proxy) = &proxy {
            self.replay(proxy).await;
        }
        let since = (round % WHOLE_EVERY != WHOLE_EVERY - 1).then_some(since_us);
        found.extend(self.read(fault.excused(), since).await?);
        self.idle = if acts == 0 { self.idle + 1 } else { 0 };
        if self.idle == IDLE_MAX {
            let what =
                format!("nobody could do anything in {IDLE_MAX} rounds: nothing is tried any more");
            found.push(broken("L2", what));
        }
        let line = format!(
            "ready={} ms read={} ms acts={acts} {}",
            struck.away.as_millis(),
            from.elapsed().saturating_sub(worked).as_millis(),
            struck.word
        );
        let ready = fault.ends().then_some(struck.away);
        Ok(Outcome { found, ready, line })
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
        self.read(excused, None).await
    }

    /// The same, or only what may have been touched since a moment.
    async fn read(&mut self, excused: &[&str], since_us: Option<u64>) -> Result<Vec<Broken>> {
        // The record is sealed while the rest is read.
        let mut found = self.rest_of(&["events", "jobs"]).await?;
        let history = self.history.lines();
        let fresh = history.get(self.told..).unwrap_or_default();
        let mut numbers: Vec<String> = fresh
            .iter()
            .map(|line| if line.op == "submit" { line.value.clone() } else { line.thing.clone() })
            .filter(|no| !no.is_empty() && !no.starts_with('/'))
            .collect();
        numbers.sort();
        numbers.dedup();
        self.told = history.len();
        let rows =
            Rows::read(&self.city, since_us.map(|since_us| (numbers.as_slice(), since_us))).await?;
        found.extend(check::cases::acknowledged(&history, &rows));
        found.extend(check::cases::numbers(&rows));
        found.extend(check::cases::paths(&rows));
        found.extend(check::cases::entries(&history, &rows));
        found.extend(check::clock::deadlines(&self.people.agent, &rows, &numbers).await?);
        found.extend(self.strangers(&numbers).await?);
        found.extend(self.rest().await?);
        found.extend(self.seen.look(&self.city.log, &self.city.folder, excused));
        Ok(found)
    }

    /// Liveness: events become jobs, jobs are done, the record is sealed.
    pub(crate) async fn rest(&self) -> Result<Vec<Broken>> {
        self.rest_of(&["events", "jobs", "unsealed"]).await
    }

    async fn rest_of(&self, names: &[&str]) -> Result<Vec<Broken>> {
        let asked = "SELECT (SELECT count(*) FROM db.outbox) AS events, \
            (SELECT count(*) FROM db.job WHERE locked_until IS NULL AND due < now()) AS jobs, \
            (SELECT count(*) FROM ledger.entry e WHERE NOT EXISTS \
                (SELECT FROM ledger.leaf l WHERE l.entry = e.id)) AS unsealed, \
            (SELECT count(*) FROM db.dead_letter) AS dead";
        let from = Instant::now();
        loop {
            let row = self.city.rows(asked).await?.into_iter().next().unwrap_or_default();
            let waiting: i64 = names.iter().map(|name| check::number(&row, name)).sum();
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

    /// Reads everything back, stops the city, proves the record from outside, and looks at every file.
    async fn end(&mut self, report: &mut Report, dice: &mut Dice) -> Result<Vec<Broken>> {
        let mut found = self.read_back(&[]).await?;
        let (more, orphans) = check::files::files(&self.city).await?;
        found.extend(more);
        ensure!(self.city.stop().await?, "the server did not end well: {}", self.city.last_words());
        let export = self.plan.work.join("record.jsonl");
        let place = export.to_string_lossy().into_owned();
        let (sound, said) = self.city.run(&["verify", "--export", &place]).await?;
        if !sound {
            found.push(broken("I5", format!("verify: {said}")));
        }
        let (more, count) = check::record::record(&export, dice)?;
        found.extend(more);
        let counted = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        report.entries_proved += counted(count.leaves);
        report.checkpoints += counted(count.checkpoints);
        report.inclusion_proofs += counted(count.proofs);
        say(&format!("{orphans} files without an act"));
        Ok(found)
    }

    fn complain(&self, round: u64, fault: Fault, found: &[Broken]) {
        say(&format!("BROKEN in round {round} ({}), seed={}", fault.name(), self.plan.seed));
        for broken in found.iter().take(20) {
            say(&format!("  {} {}", broken.invariant, broken.what));
        }
        let names: Vec<&str> = self.plan.faults.iter().map(|fault| fault.name()).collect();
        say(&format!(
            "commit {}; history {}; again: torture --seed {} --rounds {}{} --faults {}",
            crate::commit(),
            self.city.folder.with_extension("history.jsonl").display(),
            self.plan.seed,
            round + 1,
            if self.plan.quick { " --quick" } else { "" },
            names.join(",")
        ));
    }
}
