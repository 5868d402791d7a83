//! The wall clock, at one place: whoever measures from outside cannot be given a clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Microseconds since 1970.
pub fn micros() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a history is written by the wall clock")]
    let now = SystemTime::now();
    let passed = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(passed.as_micros()).unwrap_or(u64::MAX)
}

/// Seconds since 1970.
pub fn seconds() -> u64 {
    micros() / 1_000_000
}

/// Waits; outside of the server one can only wait.
pub async fn wait(time: Duration) {
    tokio::time::sleep(time).await;
}
