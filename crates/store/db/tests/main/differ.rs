//! The machine of jobs that is simulated under thousands of seeds, beside the one that runs on PostgreSQL: the same
//! commands by chance, and after each the same rows.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::json;
use time::{Duration, OffsetDateTime};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use uuid::Uuid;
use zhengtong_db::jobs::{self, NewJob, Outcome, Work};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, SCHEMA};

use super::sim::{Dice, Hand, Machine};

/// Sequences in all, shared by so many databases.
const SEQUENCES: u64 = 320;
const DATABASES: u64 = 4;
const COMMANDS: u64 = 40;
/// Few, so that jobs die within a sequence.
const ATTEMPTS_MAX: i32 = 3;

/// A handler that has a job and waits for the word how it ends.
struct Begun {
    id: Uuid,
    attempt: i32,
    end: oneshot::Sender<Outcome>,
}

/// A worker on PostgreSQL with a job in hand.
struct Worker {
    end: oneshot::Sender<Outcome>,
    run: JoinHandle<bool>,
}

struct Pair {
    test: TestDb,
    work: Work,
    begun: mpsc::UnboundedReceiver<Begun>,
    began_at: OffsetDateTime,
    machine: Machine,
    ids: BTreeMap<u32, Uuid>,
    hands: Vec<(Hand, Worker)>,
}

impl Pair {
    async fn new() -> Self {
        let test = TestDb::new(&[SCHEMA]).await;
        let (tell, begun) = mpsc::unbounded_channel();
        let tell = Arc::new(Mutex::new(tell));
        let work = Work::default().on("x", move |_db, job| {
            let tell = Arc::clone(&tell);
            async move {
                let (end, ended) = oneshot::channel();
                let told = Begun { id: job.id, attempt: job.attempt, end };
                tell.lock().unwrap().send(told).map_err(|_gone| "nobody listens".to_owned())?;
                ended.await.unwrap_or_else(|_gone| Err("the worker died".to_owned()))
            }
        });
        let began_at = test.ctx(Actor::system("x")).await.now;
        let machine = Machine::new(ATTEMPTS_MAX);
        Self { test, work, begun, began_at, machine, ids: BTreeMap::new(), hands: Vec::new() }
    }

    /// An empty queue again, at the present moment.
    async fn clear(&mut self) {
        for (_, worker) in self.hands.drain(..) {
            worker.run.abort();
        }
        for table in ["DELETE FROM db.job", "DELETE FROM db.dead_letter"] {
            sqlx::query(table).execute(self.test.db.pool()).await.unwrap();
        }
        let now = self.machine.now;
        self.machine = Machine::new(ATTEMPTS_MAX);
        self.machine.now = now;
        self.ids.clear();
    }

    fn pass(&mut self, micros: i64) {
        self.machine.now += micros;
        self.test.clock.advance(Duration::microseconds(micros));
    }

    async fn put(&mut self) {
        let mut ctx = self.test.ctx(Actor::system("x")).await;
        let now = ctx.now;
        ctx.enqueue(NewJob::now("x", &json!({}), now)).await.unwrap();
        ctx.commit().await.unwrap();
        let known: Vec<Uuid> = self.ids.values().copied().collect();
        let id: Uuid = sqlx::query_scalar(
            "UPDATE db.job SET attempts_max = $2 WHERE NOT id = ANY($1) RETURNING id",
        )
        .bind(known)
        .bind(ATTEMPTS_MAX)
        .fetch_one(self.test.db.pool())
        .await
        .unwrap();
        let number = u32::try_from(self.ids.len()).unwrap();
        self.machine.put(number, salt(id));
        self.ids.insert(number, id);
    }

    async fn take(&mut self) {
        let expected = self.machine.take();
        let (db, work) = (self.test.db.clone(), self.work.clone());
        let mut run = tokio::spawn(async move { jobs::run(&db, &work, 1).await.unwrap() == 1 });
        tokio::select! {
            biased;
            begun = self.begun.recv() => {
                let begun = begun.unwrap();
                let hand = expected.expect("a job was taken that is not due, or is another's");
                assert_eq!((begun.id, begun.attempt), (self.ids[&hand.job], hand.attempt));
                assert!(hand.attempt <= ATTEMPTS_MAX, "a job is tried without end");
                self.hands.push((hand, Worker { end: begun.end, run }));
            }
            was_there = &mut run => {
                // Nothing was due, or a job was buried that ended its worker each time.
                assert_eq!(was_there.unwrap(), expected.is_some());
                if let Some(hand) = expected {
                    assert!(hand.attempt > ATTEMPTS_MAX, "a job ended without its handler");
                    self.machine.fail(hand);
                }
            }
        }
    }

    async fn end(&mut self, place: usize, outcome: Outcome) {
        let (hand, worker) = self.hands.swap_remove(place);
        if outcome.is_ok() {
            self.machine.succeed(hand);
        } else {
            self.machine.fail(hand);
        }
        worker.end.send(outcome).unwrap();
        assert!(worker.run.await.unwrap());
    }

    async fn revive(&mut self) {
        let Some(&job) = self.machine.dead.first() else { return };
        let id = self.ids[&job];
        let mut ctx = self.test.ctx(Actor::system("x")).await;
        let now = ctx.now;
        assert!(jobs::revive(ctx.conn(), id, now).await.unwrap());
        ctx.commit().await.unwrap();
        sqlx::query("UPDATE db.job SET attempts_max = $2 WHERE id = $1")
            .bind(id)
            .bind(ATTEMPTS_MAX)
            .execute(self.test.db.pool())
            .await
            .unwrap();
        self.machine.revive(job, salt(id));
    }

    /// Both machines have the same jobs in the same state.
    async fn compare(&self, seed: u64, step: u64) {
        type Row = (Uuid, OffsetDateTime, i32, Option<OffsetDateTime>);
        let rows: Vec<Row> =
            sqlx::query_as("SELECT id, due, attempts, locked_until FROM db.job ORDER BY id")
                .fetch_all(self.test.db.pool())
                .await
                .unwrap();
        let at = |micros: i64| self.began_at + Duration::microseconds(micros);
        let mut expected: Vec<Row> = self
            .machine
            .waiting
            .iter()
            .map(|(job, row)| (self.ids[job], at(row.due), row.attempts, row.locked_until.map(at)))
            .collect();
        expected.sort();
        assert_eq!(rows, expected, "seed {seed}, command {step}");
        let dead: Vec<Uuid> = sqlx::query_scalar("SELECT id FROM db.dead_letter ORDER BY id")
            .fetch_all(self.test.db.pool())
            .await
            .unwrap();
        let mut expected: Vec<Uuid> = self.machine.dead.iter().map(|job| self.ids[job]).collect();
        expected.sort();
        assert_eq!(dead, expected, "seed {seed}, command {step}");
    }

    async fn sequence(&mut self, seed: u64) -> (usize, usize) {
        let mut dice = Dice(seed);
        let (mut buried, mut late) = (0, 0);
        for step in 0..COMMANDS {
            let hands = self.hands.len() as u64;
            let some = usize::try_from(dice.below(hands.max(1))).unwrap();
            let dead = self.machine.dead.len();
            match dice.below(12) {
                0 | 1 => self.put().await,
                2..=4 => self.take().await,
                5 if hands > 0 => self.end(some, Ok(())).await,
                6..=8 if hands > 0 => {
                    let hand = self.hands[some].0;
                    let has = self.machine.waiting.get(&hand.job);
                    late += usize::from(has.is_none_or(|job| job.attempts != hand.attempt));
                    self.end(some, Err("no".to_owned())).await;
                }
                // The worker dies; nobody reports.
                9 if hands > 0 => self.hands.swap_remove(some).1.run.abort(),
                10 => self.revive().await,
                _ => self.pass(i64::try_from(dice.below(320)).unwrap() * 1_000_000),
            }
            buried += self.machine.dead.len().saturating_sub(dead);
            // No two things happen at one moment, so there is one order of due jobs.
            self.pass(1);
            self.compare(seed, step).await;
        }
        (buried, late)
    }
}

fn salt(id: Uuid) -> u8 {
    u8::try_from(id.as_u128() & 0xff).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_jobs_of_the_simulation_are_those_of_the_database() {
    let parts = (0..DATABASES).map(async |part| {
        let mut pair = Pair::new().await;
        let (mut buried, mut late) = (0, 0);
        for seed in (part..SEQUENCES).step_by(usize::try_from(DATABASES).unwrap()) {
            let met = pair.sequence(seed).await;
            (buried, late) = (buried + met.0, late + met.1);
            pair.clear().await;
        }
        (buried, late)
    });
    let met = futures_util::future::join_all(parts).await;
    let (buried, late) = met.iter().fold((0, 0), |sum, met| (sum.0 + met.0, sum.1 + met.1));
    // The rules that are rarely met were met.
    assert!(buried > 20, "only {buried} jobs died");
    assert!(late > 5, "only {late} failures came too late");
}
