//! A limit on everything, in one place.

use std::time::Duration;

/// Limits of the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the address of a call.
    pub address_bytes: usize,
    /// Bytes of one identifier.
    pub identifier_bytes: usize,
    /// Bytes of an optional header such as the case number.
    pub header_bytes: usize,
    /// Bytes of a body, there and back.
    pub body_bytes: usize,
    /// Bytes of a body that is kept in the log; of a larger one only its digest is.
    pub kept_bytes: usize,
    /// How far the clock of a system may be from ours.
    pub clock_seconds: i64,
    /// Calls at the same time.
    pub calls: usize,
    /// How long a message may be without an answer before it is closed as lost.
    pub lost_seconds: i64,
    /// Bytes of one chunk of a batch.
    pub chunk_bytes: usize,
    /// Chunks of a batch.
    pub chunks: i32,
    /// Tries before a parcel is a dead letter.
    pub tries: i32,
    /// The first wait between two tries, doubled each time.
    pub wait_seconds: i64,
    /// Parcels that one run of the carrier takes.
    pub run_parcels: i64,
    /// Rows of a list.
    pub rows: i64,
    /// Years that a key or a right is good for.
    pub years: i64,
    /// How long a provider may take.
    pub answer: Duration,
}

/// The limits in force.
pub const LIMITS: Limits = Limits {
    address_bytes: 2_000,
    identifier_bytes: 100,
    header_bytes: 200,
    body_bytes: 10 * 1024 * 1024,
    kept_bytes: 1024 * 1024,
    clock_seconds: 300,
    calls: 256,
    lost_seconds: 300,
    chunk_bytes: 4 * 1024 * 1024,
    chunks: 4_096,
    tries: 8,
    wait_seconds: 5,
    run_parcels: 50,
    rows: 50,
    years: 3,
    answer: Duration::from_secs(25),
};
