//! An open loop: what is due starts when it is due, and its time counts from then.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use zhengtong_walk::city::{City, children, cpu_seconds};

/// Requests under way at most; what is due beyond that counts as an error.
const FLYING_MAX: usize = 3_000;

/// How one piece of work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// As it should.
    Good,
    /// The server said that it is too busy.
    Shed,
    /// Otherwise.
    Bad,
    /// There was nothing to do.
    Idle,
}

/// What a load gave.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gauge {
    pub(crate) seconds: f64,
    pub(crate) good: u64,
    pub(crate) shed: u64,
    pub(crate) bad: u64,
    /// Microseconds from due to done, of what went well, sorted.
    pub(crate) micros: Vec<u64>,
    /// Shares of one processor: server, database, client.
    pub(crate) cpu: [f64; 3],
}

impl Gauge {
    /// Pieces that went well, in a second.
    pub(crate) fn rate(&self) -> f64 {
        if self.seconds > 0.0 { count(self.good) / self.seconds } else { 0.0 }
    }

    /// Milliseconds within which this part in a thousand was done.
    pub(crate) fn ms(&self, thousandth: usize) -> f64 {
        let place =
            (self.micros.len() * thousandth / 1_000).min(self.micros.len().saturating_sub(1));
        self.micros.get(place).map_or(0.0, |micros| count(*micros) / 1_000.0)
    }

    /// A line for people.
    pub(crate) fn words(&self) -> String {
        let [server, database, client] = self.cpu.map(|share| share * 100.0);
        format!(
            "{:.1}/s, p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, {} refused, {} errors; processor: server {server:.0} %, \
             database {database:.0} %, client {client:.0} %",
            self.rate(),
            self.ms(500),
            self.ms(950),
            self.ms(990),
            self.shed,
            self.bad
        )
    }
}

/// A number that fits without loss at the sizes of a run.
#[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^52")]
pub(crate) fn count(number: u64) -> f64 {
    number as f64
}

/// Processor seconds so far: server, database, ourselves.
fn spent(city: Option<&City>) -> [f64; 3] {
    let server = city.and_then(City::pid).map_or(0.0, cpu_seconds);
    let database = city.and_then(City::postmaster).map_or(0.0, |master| {
        cpu_seconds(master) + children(master).into_iter().map(cpu_seconds).sum::<f64>()
    });
    [server, database, cpu_seconds(std::process::id())]
}

#[derive(Debug, Default)]
struct Tally {
    good: AtomicU64,
    shed: AtomicU64,
    bad: AtomicU64,
    flying: AtomicUsize,
    micros: Mutex<Vec<u64>>,
}

impl Tally {
    fn take(&self, end: End, due: Instant) {
        match end {
            End::Good => {
                self.good.fetch_add(1, Ordering::Relaxed);
                let micros = u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX);
                self.micros.lock().unwrap_or_else(PoisonError::into_inner).push(micros);
            }
            End::Shed => drop(self.shed.fetch_add(1, Ordering::Relaxed)),
            End::Bad => drop(self.bad.fetch_add(1, Ordering::Relaxed)),
            End::Idle => {}
        }
    }

    fn gauge(&self, seconds: f64, before: [f64; 3], after: [f64; 3]) -> Gauge {
        let mut micros = self.micros.lock().unwrap_or_else(PoisonError::into_inner).clone();
        micros.sort_unstable();
        let share = |place: usize| {
            let used = after.get(place).zip(before.get(place)).map_or(0.0, |(a, b)| a - b);
            used / seconds.max(0.001)
        };
        Gauge {
            seconds,
            good: self.good.load(Ordering::Relaxed),
            shed: self.shed.load(Ordering::Relaxed),
            bad: self.bad.load(Ordering::Relaxed),
            micros,
            cpu: [share(0), share(1), share(2)],
        }
    }
}

/// Starts `rate` pieces of work a second for so long, and waits for all.
pub(crate) async fn open<W, R>(city: Option<&City>, rate: f64, seconds: f64, work: W) -> Gauge
where
    W: Fn(u64) -> R,
    R: Future<Output = End> + Send + 'static,
{
    let tally = Arc::new(Tally::default());
    let before = spent(city);
    let from = Instant::now();
    let mut number = 0;
    loop {
        let due = from + Duration::from_secs_f64(count(number) / rate);
        if due.duration_since(from).as_secs_f64() >= seconds {
            break;
        }
        tokio::time::sleep_until(due).await;
        if tally.flying.fetch_add(1, Ordering::Relaxed) >= FLYING_MAX {
            tally.flying.fetch_sub(1, Ordering::Relaxed);
            tally.bad.fetch_add(1, Ordering::Relaxed);
        } else {
            let (tally, piece) = (Arc::clone(&tally), work(number));
            tokio::spawn(async move {
                let end = piece.await;
                tally.flying.fetch_sub(1, Ordering::Relaxed);
                tally.take(end, due);
            });
        }
        number += 1;
    }
    let loaded = from.elapsed().as_secs_f64();
    let after = spent(city);
    for _ in 0..600 {
        if tally.flying.load(Ordering::Relaxed) == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let left = tally.flying.load(Ordering::Relaxed);
    tally.bad.fetch_add(u64::try_from(left).unwrap_or(0), Ordering::Relaxed);
    tally.gauge(loaded, before, after)
}

/// Keeps so many pieces of work under way for so long: the knee of what can be served. The lines take the numbers in
/// turn, so that kinds of work that go by the number come in the same mix however fast each is.
pub(crate) async fn closed<W, R>(city: Option<&City>, lines: u64, seconds: f64, work: W) -> Gauge
where
    W: Fn(u64) -> R + Clone + Send + 'static,
    R: Future<Output = End> + Send + 'static,
{
    let tally = Arc::new(Tally::default());
    let before = spent(city);
    let from = Instant::now();
    let next = Arc::new(AtomicU64::new(0));
    let workers: Vec<_> = (0..lines)
        .map(|_line| {
            let (tally, next, work) = (Arc::clone(&tally), Arc::clone(&next), work.clone());
            tokio::spawn(async move {
                while from.elapsed().as_secs_f64() < seconds {
                    let due = Instant::now();
                    let end = work(next.fetch_add(1, Ordering::Relaxed)).await;
                    tally.take(end, due);
                    if end == End::Idle {
                        tokio::time::sleep(Duration::from_millis(2)).await;
                    }
                }
            })
        })
        .collect();
    for worker in workers {
        // A worker that panicked has counted nothing.
        drop(worker.await);
    }
    tally.gauge(from.elapsed().as_secs_f64(), before, spent(city))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stall_is_seen_by_all_who_came_meanwhile() {
        let from = Instant::now();
        // The server stands still for half a second, then answers everything at once.
        let gauge = open(None, 100.0, 0.5, |_| async move {
            tokio::time::sleep_until(from + Duration::from_millis(500)).await;
            End::Good
        })
        .await;
        assert_eq!(gauge.good, 50);
        assert!(gauge.ms(500) > 200.0, "{}", gauge.ms(500));
        assert!(gauge.ms(990) > 450.0, "{}", gauge.ms(990));
    }

    #[tokio::test]
    async fn what_fails_is_no_goodput() {
        let gauge = open(None, 500.0, 0.1, |number| async move {
            if number % 2 == 0 { End::Good } else { End::Bad }
        })
        .await;
        assert_eq!((gauge.good, gauge.bad, gauge.micros.len()), (25, 25, 25));
    }

    #[tokio::test]
    async fn the_mix_does_not_depend_on_how_fast_each_kind_is() {
        // Every second piece of work is slow; with an even number of lines, half of them would never see one.
        let kinds = Arc::new([AtomicU64::new(0), AtomicU64::new(0)]);
        let seen = Arc::clone(&kinds);
        closed(None, 4, 0.3, move |number| {
            let kinds = Arc::clone(&seen);
            async move {
                let slow = number % 2 == 1;
                kinds[usize::from(slow)].fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(if slow { 20 } else { 1 })).await;
                End::Good
            }
        })
        .await;
        let [fast, slow] = [kinds[0].load(Ordering::Relaxed), kinds[1].load(Ordering::Relaxed)];
        assert!(slow > 4 && fast.abs_diff(slow) <= 1, "{fast} fast, {slow} slow");
    }
}
