//! Token buckets: a full bucket may be emptied at once, and fills again evenly.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::{GateLimits, WINDOW_SECONDS};

/// Buckets that are remembered; beyond that those that are nearly full are forgotten first.
const BUCKETS_MAX: usize = 100_000;

/// Kinds of acts that are counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rate {
    /// Reading pages.
    Read,
    /// Whatever changes something.
    Write,
    /// Searches and exports: dear to us, and the way to carry data off.
    Search,
    /// Pieces of files.
    Piece,
}

impl Rate {
    /// How many in five minutes.
    pub(super) fn limit(self, limits: &GateLimits, known: bool) -> u32 {
        match (self, known) {
            (Self::Read, false) => limits.anonymous_reads,
            (Self::Read, true) => limits.account_reads,
            (Self::Write, false) => limits.anonymous_writes,
            (Self::Write, true) => limits.account_writes,
            (Self::Search, _) => limits.searches,
            (Self::Piece, _) => limits.pieces,
        }
    }
}

/// Too often: come again after this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait(pub Duration);

impl Wait {
    /// Whole seconds, at least one.
    pub fn seconds(self) -> u64 {
        self.0.as_secs() + 1
    }
}

/// Whose bucket it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Who {
    Net(u128),
    Account(Uuid),
}

/// All buckets. Of each only the moment is kept at which it will be full again.
#[derive(Debug, Default)]
pub(super) struct Buckets {
    full_at: Mutex<HashMap<(Rate, Who), Instant>>,
}

impl Buckets {
    pub(super) fn take(&self, rate: Rate, who: Who, limit: u32, now: Instant) -> Result<(), Wait> {
        let window = Duration::from_secs(WINDOW_SECONDS);
        let Some(one) = window.checked_div(limit) else { return Err(Wait(window)) };
        let mut buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS_MAX {
            forget(&mut buckets, now);
        }
        let full_at = buckets.entry((rate, who)).or_insert(now);
        let next = (*full_at).max(now) + one;
        // A bucket that would be full later than one window from now is empty.
        if let Some(over) = next.checked_duration_since(now + window)
            && !over.is_zero()
        {
            return Err(Wait(over));
        }
        *full_at = next;
        Ok(())
    }
}

fn forget(buckets: &mut HashMap<(Rate, Who), Instant>, now: Instant) {
    let mut ahead = Duration::ZERO;
    while buckets.len() > BUCKETS_MAX / 2 && ahead.as_secs() < WINDOW_SECONDS {
        buckets.retain(|_, full_at| *full_at > now + ahead);
        ahead += Duration::from_secs(WINDOW_SECONDS / 10);
    }
    if buckets.len() > BUCKETS_MAX / 2 {
        buckets.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(buckets: &Buckets, who: Who, limit: u32, now: Instant, tries: u32) -> u32 {
        let take = |_| u32::from(buckets.take(Rate::Write, who, limit, now).is_ok());
        (0..tries).map(take).sum()
    }

    #[test]
    fn a_full_bucket_gives_its_limit_and_fills_evenly() {
        let (buckets, who, start) = (Buckets::default(), Who::Net(1), Instant::now());
        assert_eq!(taken(&buckets, who, 300, start, 1_000), 300);
        let Err(wait) = buckets.take(Rate::Write, who, 300, start) else { panic!("not empty") };
        assert_eq!(wait.seconds(), 2, "one comes each second");
        assert_eq!(taken(&buckets, who, 300, start + Duration::from_secs(10), 1_000), 10);
        assert_eq!(taken(&buckets, who, 300, start + Duration::from_secs(10_000), 1_000), 300);
    }

    #[test]
    fn buckets_are_of_one_kind_and_one_caller() {
        let (buckets, now) = (Buckets::default(), Instant::now());
        assert_eq!(taken(&buckets, Who::Net(1), 5, now, 9), 5);
        assert_eq!(taken(&buckets, Who::Net(2), 5, now, 9), 5);
        assert_eq!(taken(&buckets, Who::Account(Uuid::nil()), 5, now, 9), 5);
        assert!(buckets.take(Rate::Read, Who::Net(1), 5, now).is_ok());
        assert!(buckets.take(Rate::Read, Who::Net(1), 0, now).is_err(), "nought is nought");
    }

    #[test]
    fn a_flood_of_addresses_does_not_fill_the_memory() {
        let (buckets, now) = (Buckets::default(), Instant::now());
        for number in 0..(u128::try_from(BUCKETS_MAX).unwrap() * 2) {
            assert!(buckets.take(Rate::Read, Who::Net(number), 6_000, now).is_ok());
        }
        assert!(buckets.full_at.lock().unwrap().len() <= BUCKETS_MAX);
    }
}
