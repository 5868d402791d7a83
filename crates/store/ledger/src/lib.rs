//! The record of acts: appended in the transaction of the act itself, sealed into a Merkle tree, signed,
//! and verified by anyone without this program's database.
#![doc = include_str!("../README.md")]

mod canon;
mod error;
mod file;
mod model;
mod store;
mod verify;

use zhengtong_base::{Migration, Schema};

pub use canon::leaf_hash;
pub use error::{Error, Result};
pub use file::verify_file;
pub use model::{
    ConsistencyProof, Entry, EntryId, Fault, FaultKind, InclusionProof, Report, Search, Trust,
};
pub use store::{
    Lag, append, by_subject, by_thing, catch_up, consistency, export, find, lag, last_checkpoint,
    prove, seal, search, search_before, uses, verify_db,
};
pub use zhengtong_crypto::SignedCheckpoint;

/// Whose tree a checkpoint is about; the first words of every checkpoint.
pub const ORIGIN: &str = "zhengtong/ledger";

/// Most entries that one sealing takes.
pub const SEAL_ENTRIES_MAX: i64 = 10_000;

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "ledger",
    migrations: &[Migration {
        version: 1,
        name: "init",
        sql: include_str!("../migrations/0001_init.sql"),
    }],
    statements: store::STATEMENTS,
};
