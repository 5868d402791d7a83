//! A host that fails again and again is left alone for a while; then one call may try.

use std::time::Duration;

use tokio::time::Instant;

/// Rests grow up to this many times the first.
const GROWTH_MAX: u32 = 10;
/// How long one trial may be under way before another may begin.
const TRIAL: Duration = Duration::from_mins(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Calls go through; so many have failed in a row.
    Closed { failed: u32 },
    /// No call goes through until then; it is the so-many-th rest in a row.
    Open { until: Instant, times: u32 },
    /// One call tries since then.
    Trying { since: Instant, times: u32 },
}

/// What is known of one host.
#[derive(Clone, Debug)]
pub(crate) struct Breaker {
    state: State,
    failures: u32,
    rest: Duration,
}

impl Breaker {
    pub(crate) fn new(failures: u32, rest: Duration) -> Self {
        Self { state: State::Closed { failed: 0 }, failures: failures.max(1), rest }
    }

    /// Whether a call may be made now; else how long it would have to wait.
    pub(crate) fn ask(&mut self, now: Instant) -> Result<(), Duration> {
        match self.state {
            State::Closed { .. } => Ok(()),
            State::Open { until, times } if now >= until => {
                self.state = State::Trying { since: now, times };
                Ok(())
            }
            State::Open { until, .. } => Err(until.duration_since(now)),
            State::Trying { since, times } if now >= since + TRIAL => {
                self.state = State::Trying { since: now, times };
                Ok(())
            }
            State::Trying { since, .. } => Err((since + TRIAL).duration_since(now)),
        }
    }

    pub(crate) fn worked(&mut self) {
        self.state = State::Closed { failed: 0 };
    }

    /// A call failed. True when the host is left alone from now on.
    pub(crate) fn failed(&mut self, now: Instant) -> bool {
        match self.state {
            State::Closed { failed } if failed + 1 < self.failures => {
                self.state = State::Closed { failed: failed + 1 };
                false
            }
            State::Closed { .. } => self.open(now, 1),
            State::Trying { times, .. } => self.open(now, times + 1),
            // One that was under way when the others failed.
            State::Open { .. } => false,
        }
    }

    /// A trial that never reached the host: the next one may try.
    pub(crate) fn unknown(&mut self) {
        if let State::Trying { since, times } = self.state {
            self.state = State::Open { until: since, times };
        }
    }

    fn open(&mut self, now: Instant, times: u32) -> bool {
        let growth = 2_u32.saturating_pow(times - 1).min(GROWTH_MAX);
        self.state = State::Open { until: now + self.rest.saturating_mul(growth), times };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Duration = Duration::from_secs(30);

    #[test]
    fn failures_in_a_row_open_it_and_one_success_closes_it() {
        let (mut breaker, start) = (Breaker::new(3, REST), Instant::now());
        assert!(!breaker.failed(start) && !breaker.failed(start));
        breaker.worked();
        assert!(!breaker.failed(start) && !breaker.failed(start), "counted from the beginning");
        assert!(breaker.failed(start));
        assert_eq!(breaker.ask(start), Err(REST));
        assert!(breaker.ask(start + REST).is_ok(), "one may try");
        assert!(breaker.ask(start + REST).is_err(), "only one");
        breaker.worked();
        assert!(breaker.ask(start + REST).is_ok() && breaker.ask(start + REST).is_ok());
    }

    #[test]
    fn a_trial_that_fails_makes_the_rest_longer_up_to_a_limit() {
        let (mut breaker, mut now) = (Breaker::new(1, REST), Instant::now());
        assert!(breaker.failed(now));
        let mut rests = Vec::new();
        for _ in 0..6 {
            let Err(wait) = breaker.ask(now) else { panic!("open") };
            rests.push(wait.as_secs());
            now += wait;
            assert!(breaker.ask(now).is_ok());
            assert!(breaker.failed(now));
        }
        assert_eq!(rests, [30, 60, 120, 240, 300, 300]);
    }

    #[test]
    fn a_trial_that_is_lost_does_not_shut_the_door_for_ever() {
        let (mut breaker, start) = (Breaker::new(1, REST), Instant::now());
        assert!(breaker.failed(start));
        assert!(breaker.ask(start + REST).is_ok());
        assert!(breaker.ask(start + REST + TRIAL).is_ok(), "its caller was given up");
        breaker.unknown();
        assert!(breaker.ask(start + REST + TRIAL).is_ok());
    }
}
