//! What the measured examples share.

use std::error::Error;

/// Time of the processor, of all threads.
pub(crate) fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let said = std::fs::read_to_string("/proc/self/stat")?;
    let after = said.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum();
    Ok(ticks / 100.0)
}
