//! The wall clock, at one place: whoever measures from outside cannot be given a clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Microseconds since 1970.
pub fn micros() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a history is written by the wall clock")]
    let now = SystemTime::now();
    let passed = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(passed.as_micros()).unwrap_or(u64::MAX)
}

/// By how many seconds the clock of the city differs from ours, when a test has moved it.
static SHIFT: AtomicI64 = AtomicI64::new(0);

/// Seconds since 1970 by the clock of the city.
pub fn seconds() -> u64 {
    (micros() / 1_000_000).saturating_add_signed(SHIFT.load(Ordering::SeqCst))
}

/// Says by how much the clock of the city differs from ours.
pub fn shifted(seconds: i64) {
    SHIFT.store(seconds, Ordering::SeqCst);
}

/// Waits; outside of the server one can only wait.
pub async fn wait(time: Duration) {
    tokio::time::sleep(time).await;
}
