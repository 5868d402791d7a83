//! Backups of a running city, restoring them, and the proof on schedule that they can be restored.
#![doc = include_str!("../README.md")]

mod base;
mod error;
mod history;
mod key;
pub mod level;
mod manifest;
mod model;
mod read;
mod restore;
mod store;
mod take;
mod tree;
mod work;
mod write;

use zhengtong_base::{Migration, Schema};

pub use error::{Error, Result};
pub use history::{ages, ask_backup, ask_drill, history, last_proven, summary};
pub use key::Passphrase;
pub use manifest::{Form, Header, Kdf, Manifest, Piece};
pub use model::{Run, Summary};
pub use read::Backup;
pub use restore::{Checks, Look, Looked, Named, Proof, Restored, restore};
pub use store::{digest_columns, in_use, quiet};
pub use take::{ENDING, Plan, Seen, Source, Taken, list, newest, prune, take};
pub use work::{Drill, Drilled, back_up, drill};

/// All verbs, with the kind of thing each is about.
pub const VERBS: &[(&str, &str)] =
    &[("backup.read", "platform"), ("backup.take", "platform"), ("backup.drill", "platform")];

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "backup",
    migrations: &[Migration {
        version: 1,
        name: "init",
        sql: include_str!("../migrations/0001_init.sql"),
    }],
    statements: &[
        ("state.sql", store::STATE),
        ("history.sql", store::HISTORY),
        ("end_run.sql", store::END_RUN),
    ],
};
