//! Jobs, outbox and the order of sealing as pure machines under thousands of seeds.
//!
//! Simulated: when a job is due, taken, leased, lost with its worker, failed, retried, buried, revived; how events become
//! jobs when a dispatcher is cut off; in which order a sealer may take entries while transactions overlap. Not simulated:
//! SKIP LOCKED and snapshots themselves, which are PostgreSQL's and are met in `work` and in tools/torture. That this
//! machine of jobs is the one that runs is tested in `differ`: the same commands, the same rows.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "the numbers of a simulation are small"
)]

use std::collections::{BTreeMap, BTreeSet};

use time::Duration;

const SEEDS: u64 = 10_000;
const LEASE_SECONDS: i64 = 300;
pub(super) const ATTEMPTS_MAX: i32 = 12;
const RETRY_SECONDS_MAX: f64 = 3_600.0;

/// Chance from a seed (`SplitMix64`).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// A job as the machine knows it; times in microseconds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Job {
    pub(super) due: i64,
    pub(super) attempts: i32,
    pub(super) locked_until: Option<i64>,
    /// The low byte of its id, from which its jitter comes.
    pub(super) salt: u8,
}

/// The machine of jobs, without a database.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    pub(super) now: i64,
    pub(super) attempts_max: i32,
    pub(super) waiting: BTreeMap<u32, Job>,
    pub(super) dead: BTreeSet<u32>,
    done: BTreeSet<u32>,
}

/// What a worker has in hand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hand {
    pub(super) job: u32,
    pub(super) attempt: i32,
}

fn retry_micros(attempt: i32, salt: u8) -> i64 {
    let jitter = f64::from(salt) / 255.0 / 4.0;
    let seconds = (2f64.powi(attempt - 1) * (1.0 + jitter)).min(RETRY_SECONDS_MAX);
    Duration::seconds_f64(seconds).whole_microseconds() as i64
}

impl Machine {
    /// Nothing waits; jobs are tried so often.
    pub(super) fn new(attempts_max: i32) -> Self {
        let (waiting, dead, done) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        Self { now: 0, attempts_max, waiting, dead, done }
    }

    pub(super) fn put(&mut self, job: u32, salt: u8) {
        let row = Job { due: self.now, attempts: 0, locked_until: None, salt };
        self.waiting.insert(job, row);
    }

    /// Takes the job that is due first and not leased; buries one whose every attempt ended with its worker.
    pub(super) fn take(&mut self) -> Option<Hand> {
        let now = self.now;
        let free = |job: &Job| job.due <= now && job.locked_until.is_none_or(|until| until <= now);
        let (&id, job) =
            self.waiting.iter_mut().filter(|(_, job)| free(job)).min_by_key(|(_, job)| job.due)?;
        job.attempts += 1;
        job.locked_until = Some(now + LEASE_SECONDS * 1_000_000);
        Some(Hand { job: id, attempt: job.attempts })
    }

    pub(super) fn succeed(&mut self, hand: Hand) {
        if self.waiting.remove(&hand.job).is_some() {
            self.done.insert(hand.job);
        }
    }

    /// A failure counts only for who still has the job: a lease that ran out has given it away.
    pub(super) fn fail(&mut self, hand: Hand) {
        let Some(job) = self.waiting.get_mut(&hand.job) else { return };
        if job.attempts != hand.attempt {
            return;
        }
        if hand.attempt >= self.attempts_max {
            self.waiting.remove(&hand.job);
            self.dead.insert(hand.job);
        } else {
            job.due = self.now + retry_micros(hand.attempt, job.salt);
            job.locked_until = None;
        }
    }

    pub(super) fn revive(&mut self, job: u32, salt: u8) {
        if self.dead.remove(&job) {
            self.put(job, salt);
        }
    }
}

#[test]
fn no_job_is_lost_shared_or_tried_without_end() {
    for seed in 0..SEEDS {
        let mut dice = Dice(seed);
        let mut machine = Machine::new(ATTEMPTS_MAX);
        let mut hands: Vec<(Hand, i64)> = Vec::new();
        let mut put = 0;
        let poison = dice.below(3) == 0;
        for _ in 0..120 {
            match dice.below(10) {
                0 | 1 => {
                    machine.put(put, (dice.below(256)) as u8);
                    put += 1;
                    machine.now += 1;
                }
                2..=4 => {
                    if let Some(hand) = machine.take() {
                        let others = hands
                            .iter()
                            .filter(|(other, until)| other.job == hand.job && *until > machine.now);
                        assert_eq!(others.count(), 0, "seed {seed}: two workers have one lease");
                        if hand.attempt > ATTEMPTS_MAX {
                            machine.fail(hand);
                        } else if !(poison && hand.job == 0) {
                            // A poisoned job kills its worker each time: nobody reports.
                            hands.push((hand, machine.now + LEASE_SECONDS * 1_000_000));
                        }
                    }
                }
                5 if !hands.is_empty() => {
                    let place = dice.below(hands.len() as u64) as usize;
                    machine.succeed(hands.swap_remove(place).0);
                }
                6 if !hands.is_empty() => {
                    let place = dice.below(hands.len() as u64) as usize;
                    machine.fail(hands.swap_remove(place).0);
                }
                // A worker dies with what it had in hand.
                7 if !hands.is_empty() => {
                    let place = dice.below(hands.len() as u64) as usize;
                    hands.swap_remove(place);
                }
                8 => {
                    if let Some(&job) = machine.dead.first() {
                        machine.revive(job, 1);
                    }
                }
                _ => machine.now += dice.below(400) as i64 * 1_000_000,
            }
            let there = machine.waiting.len() + machine.dead.len() + machine.done.len();
            assert_eq!(there as u32, put, "seed {seed}: a job is gone or there twice");
        }
        settle(seed, machine, poison, put);
    }
}

/// Everything is healed: all jobs come to their end, in bounded time.
fn settle(seed: u64, mut machine: Machine, poison: bool, put: u32) {
    for _ in 0..4_000 {
        match machine.take() {
            Some(hand) if hand.attempt > ATTEMPTS_MAX => machine.fail(hand),
            Some(hand) if poison && hand.job == 0 => {}
            Some(hand) => machine.succeed(hand),
            None if machine.waiting.is_empty() => break,
            None => machine.now += 60_000_000,
        }
    }
    assert!(machine.waiting.is_empty(), "seed {seed}: {:?} never end", machine.waiting);
    assert_eq!((machine.done.len() + machine.dead.len()) as u32, put, "seed {seed}");
}

#[test]
fn each_event_reaches_each_subscriber_once_whatever_breaks_off() {
    for seed in 0..SEEDS {
        let mut dice = Dice(seed ^ 0xA5A5);
        let (mut outbox, mut jobs) = (BTreeSet::new(), BTreeMap::<(u64, u64), u32>::new());
        let subscribers = dice.below(3) + 1;
        let mut events = 0;
        for _ in 0..60 {
            if dice.below(3) == 0 {
                // An act that is rolled back takes its event with it.
                if dice.below(4) > 0 {
                    outbox.insert(events);
                }
                events += 1;
                continue;
            }
            // Two dispatchers lock disjoint events; each commits wholly or not at all.
            let mut batches = [Vec::new(), Vec::new()];
            for event in &outbox {
                batches[dice.below(2) as usize].push(*event);
            }
            for batch in batches {
                if dice.below(3) == 0 {
                    continue;
                }
                for event in batch {
                    outbox.remove(&event);
                    for place in 0..subscribers {
                        *jobs.entry((event, place)).or_default() += 1;
                    }
                }
            }
        }
        assert!(jobs.values().all(|count| *count == 1), "seed {seed}: an event came twice");
        assert!(outbox.iter().all(|event| !jobs.contains_key(&(*event, 0))), "seed {seed}");
    }
}

#[test]
fn the_order_of_sealing_never_meets_an_entry_from_before() {
    for seed in 0..SEEDS {
        let mut dice = Dice(seed ^ 0x5EA1);
        let (mut next_tx, mut next_id) = (1_u64, 1_u64);
        let mut running: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        let mut committed: BTreeSet<(u64, u64)> = BTreeSet::new();
        let mut sealed: Vec<(u64, u64)> = Vec::new();
        let seal = |running: &BTreeMap<u64, Vec<u64>>,
                    next_tx: u64,
                    committed: &BTreeSet<(u64, u64)>,
                    sealed: &mut Vec<(u64, u64)>,
                    most: usize| {
            // Below the oldest running transaction everything is finished.
            let low = running.keys().next().copied().unwrap_or(next_tx);
            let last = sealed.last().copied().unwrap_or((0, 0));
            let fresh = committed.iter().filter(|entry| **entry > last && entry.0 < low).take(most);
            sealed.extend(fresh.copied().collect::<Vec<_>>());
        };
        for _ in 0..150 {
            match dice.below(5) {
                0 => {
                    running.insert(next_tx, Vec::new());
                    next_tx += 1;
                }
                1 if !running.is_empty() => {
                    let place = dice.below(running.len() as u64) as usize;
                    let entries = running.values_mut().nth(place).unwrap();
                    entries.push(next_id);
                    next_id += 1;
                }
                2 | 3 if !running.is_empty() => {
                    let place = dice.below(running.len() as u64) as usize;
                    let tx = *running.keys().nth(place).unwrap();
                    let entries = running.remove(&tx).unwrap();
                    if dice.below(5) > 0 {
                        for id in entries {
                            assert!(
                                sealed.last().is_none_or(|last| *last < (tx, id)),
                                "seed {seed}: an entry appears before what is sealed"
                            );
                            committed.insert((tx, id));
                        }
                    }
                }
                _ => {
                    let most = dice.below(6) as usize + 1;
                    seal(&running, next_tx, &committed, &mut sealed, most);
                }
            }
        }
        running.clear();
        for _ in 0..400 {
            seal(&running, next_tx, &committed, &mut sealed, 4);
        }
        assert_eq!(sealed, committed.into_iter().collect::<Vec<_>>(), "seed {seed}");
    }
}
