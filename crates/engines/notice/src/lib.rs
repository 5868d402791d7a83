//! Messages to persons, organisations and posts, from templates of packs.
#![doc = include_str!("../README.md")]

mod error;
mod model;
mod part;
mod store;
mod verbs;

use zhengtong_base::{Migration, Schema};

pub use error::{Error, Result};
pub use model::{Message, Sent, To, Vars};
pub use part::{Catalog, Declared, MessageFile, PART, read as catalog};
pub use verbs::{inbox, read, read_all, send, send_once, unread};

/// The largest number that [`unread`] tells.
pub const UNREAD_MAX: i64 = 1_000;

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "notice",
    migrations: &[Migration {
        version: 1,
        name: "init",
        sql: include_str!("../migrations/0001_init.sql"),
    }],
    statements: store::STATEMENTS,
};

/// What may be asked of policy, and of which kind of thing.
pub const VERBS: &[(&str, &str)] =
    &[("notice.inbox", "message"), ("notice.read", "message"), ("notice.send", "message")];
