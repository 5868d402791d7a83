//! What a run came to, in a file that is written anew after every round: whatever ends the run, the file tells how far
//! it came, and a later run can go on from it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::check::{Broken, Kind};
use crate::fault::Fault;

/// Things that did not hold and are told one by one.
const BROKEN_MAX: usize = 100;

/// What clients were told, counted over all cities of a run.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    acknowledged: AtomicU64,
    refused: AtomicU64,
    unknown: AtomicU64,
}

impl Tally {
    /// Counts an answer by its word.
    pub(crate) fn count(&self, word: &str) {
        let count = match word {
            "ok" => &self.acknowledged,
            "fail" => &self.refused,
            _ => &self.unknown,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    fn acts(&self) -> Acts {
        Acts {
            acknowledged: self.acknowledged.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            unknown: self.unknown.load(Ordering::Relaxed),
        }
    }
}

/// Acts by what was told about them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Acts {
    pub(crate) acknowledged: u64,
    pub(crate) refused: u64,
    pub(crate) unknown: u64,
}

/// How long something took, by rank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spread {
    pub(crate) count: usize,
    pub(crate) p50_ms: u64,
    pub(crate) p99_ms: u64,
    pub(crate) most_ms: u64,
}

/// The rounds of one fault.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Rounds {
    /// From the blow until the city served again.
    pub(crate) ready: Spread,
    /// Whole rounds.
    pub(crate) took: Spread,
    ready_ms: Vec<u64>,
    took_ms: Vec<u64>,
}

/// Something that did not hold.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Found {
    pub(crate) round: u64,
    pub(crate) fault: String,
    pub(crate) invariant: String,
    pub(crate) what: String,
}

/// The file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) seed: u64,
    pub(crate) commit: String,
    pub(crate) faults: Vec<String>,
    pub(crate) rounds_asked: u64,
    pub(crate) rounds_done: u64,
    /// Whether the run came to its end, and not only as far as the last round that is in here.
    pub(crate) finished: bool,
    /// Whether everything held so far.
    pub(crate) held: bool,
    pub(crate) took_seconds: f64,
    pub(crate) acts: Acts,
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    pub(crate) entries_proved: i64,
    pub(crate) checkpoints: i64,
    pub(crate) inclusion_proofs: i64,
    pub(crate) ready: Spread,
    pub(crate) took: Spread,
    pub(crate) by_fault: BTreeMap<String, Rounds>,
    pub(crate) broken: Vec<Found>,
    #[serde(skip)]
    place: Option<PathBuf>,
    #[serde(skip)]
    before: Acts,
    #[serde(skip)]
    before_seconds: f64,
}

impl Report {
    /// A new report, or the one of an earlier run of the same schedule that was cut short.
    pub(crate) fn begin(
        place: Option<&Path>,
        resume: bool,
        (seed, rounds): (u64, u64),
        faults: &[Fault],
    ) -> Result<Self> {
        let names: Vec<String> = faults.iter().map(|fault| fault.name().to_owned()).collect();
        let mut report = Self {
            seed,
            faults: names.clone(),
            held: true,
            commit: crate::commit(),
            ..Self::default()
        };
        if resume {
            let place = place.context("--resume goes on from the file of --report")?;
            if place.exists() {
                let text = fs::read(place).with_context(|| place.display().to_string())?;
                report = serde_json::from_slice(&text).context("the report of the earlier run")?;
                ensure!(
                    report.seed == seed && report.faults == names,
                    "{} is of seed {} and the faults {}",
                    place.display(),
                    report.seed,
                    report.faults.join(",")
                );
            }
        }
        report.before = report.acts;
        report.before_seconds = report.took_seconds;
        report.rounds_asked = rounds;
        report.finished = false;
        report.place = place.map(Path::to_owned);
        Ok(report)
    }

    /// A round is over.
    pub(crate) fn round(&mut self, fault: &str, ready: Option<Duration>, took: Duration) {
        let rounds = self.by_fault.entry(fault.to_owned()).or_default();
        rounds.ready_ms.extend(ready.map(millis));
        rounds.took_ms.push(millis(took));
        self.rounds_done += 1;
    }

    /// Something did not hold.
    pub(crate) fn broke(&mut self, round: u64, fault: &str, found: &[Broken]) {
        self.held &= found.is_empty();
        let count = |kind| found.iter().filter(|broken| broken.kind == kind).count() as u64;
        self.lost += count(Kind::Lost);
        self.doubled += count(Kind::Doubled);
        let room = BROKEN_MAX.saturating_sub(self.broken.len());
        self.broken.extend(found.iter().take(room).map(|broken| Found {
            round,
            fault: fault.to_owned(),
            invariant: broken.invariant.to_owned(),
            what: broken.what.clone(),
        }));
    }

    /// Writes it, whole or not at all.
    pub(crate) fn write(&mut self, tally: &Tally, took: Duration) -> Result<()> {
        let now = tally.acts();
        self.acts = Acts {
            acknowledged: self.before.acknowledged + now.acknowledged,
            refused: self.before.refused + now.refused,
            unknown: self.before.unknown + now.unknown,
        };
        self.took_seconds = self.before_seconds + took.as_secs_f64();
        for rounds in self.by_fault.values_mut() {
            rounds.ready = spread(rounds.ready_ms.clone());
            rounds.took = spread(rounds.took_ms.clone());
        }
        let all = |of: fn(&Rounds) -> &Vec<u64>| {
            spread(self.by_fault.values().flat_map(of).copied().collect())
        };
        (self.ready, self.took) = (all(|rounds| &rounds.ready_ms), all(|rounds| &rounds.took_ms));
        let Some(place) = &self.place else { return Ok(()) };
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder)?;
        }
        let partial = place.with_extension("partial");
        fs::write(&partial, serde_json::to_vec_pretty(self)?)?;
        fs::rename(&partial, place).with_context(|| place.display().to_string())
    }

    /// The last lines of a run.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{} of {} rounds in {:.0} s; {} acts acknowledged, {} refused, {} unknown; {} lost, {} doubled; {} entries \
             under {} checkpoints, {} proofs",
            self.rounds_done,
            self.rounds_asked,
            self.took_seconds,
            self.acts.acknowledged,
            self.acts.refused,
            self.acts.unknown,
            self.lost,
            self.doubled,
            self.entries_proved,
            self.checkpoints,
            self.inclusion_proofs
        )];
        let line = |name: &str, ready: Spread, took: Spread| {
            let away = if ready.count == 0 {
                String::new()
            } else {
                format!(", ready again p50 {} ms, p99 {} ms", ready.p50_ms, ready.p99_ms)
            };
            format!(
                "{name}: {} rounds, p50 {} ms, p99 {} ms{away}",
                took.count, took.p50_ms, took.p99_ms
            )
        };
        lines.extend(self.by_fault.iter().map(|(name, of)| line(name, of.ready, of.took)));
        lines.push(line("all", self.ready, self.took));
        lines
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// By rank: the smallest value that so many of a hundred do not exceed.
fn spread(mut times: Vec<u64>) -> Spread {
    times.sort_unstable();
    let at = |part: usize| {
        let rank = (times.len() * part).div_ceil(100).max(1);
        times.get(rank - 1).copied().unwrap_or(0)
    };
    Spread { count: times.len(), p50_ms: at(50), p99_ms: at(99), most_ms: at(100) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{broken, miscounted};

    #[test]
    fn ranks_are_of_what_was_measured() {
        let of = |times: Vec<u64>| {
            let spread = spread(times);
            (spread.count, spread.p50_ms, spread.p99_ms, spread.most_ms)
        };
        assert_eq!(of(vec![]), (0, 0, 0, 0));
        assert_eq!(of(vec![7]), (1, 7, 7, 7));
        assert_eq!(of((1..=200).rev().collect()), (200, 100, 198, 200));
    }

    #[test]
    fn a_run_that_was_cut_short_goes_on_and_nothing_found_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("deep/report.json");
        let faults = [Fault::F01, Fault::F02];
        let tally = Tally::default();
        tally.count("ok");
        let mut first = Report::begin(Some(&place), true, (7, 9), &faults).unwrap();
        first.round("F01", Some(Duration::from_millis(40)), Duration::from_secs(1));
        let found = [miscounted(0, 1, "gone"), miscounted(2, 1, "twice"), broken("I5", "a leaf")];
        first.broke(0, "F01", &found);
        first.write(&tally, Duration::from_secs(2)).unwrap();

        let mut second = Report::begin(Some(&place), true, (7, 9), &faults).unwrap();
        assert_eq!(second.rounds_done, 1);
        second.round("F02", None, Duration::from_secs(3));
        second.write(&tally, Duration::from_secs(2)).unwrap();
        let read: Report = serde_json::from_slice(&fs::read(&place).unwrap()).unwrap();
        assert_eq!((read.rounds_done, read.acts.acknowledged), (2, 2));
        assert_eq!((read.lost, read.doubled, read.broken.len(), read.held), (1, 1, 3, false));
        assert_eq!((read.ready.p99_ms, read.took.p50_ms, read.took.count), (40, 1_000, 2));
        assert!((read.took_seconds - 4.0).abs() < 0.01);

        assert!(Report::begin(Some(&place), true, (8, 9), &faults).is_err(), "another seed");
        assert!(Report::begin(None, true, (7, 9), &faults).is_err(), "no file to go on from");
    }
}
