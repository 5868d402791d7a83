#![doc = include_str!("../README.md")]

mod act;
mod clocks;
mod error;
mod flow;
mod model;
mod open;
mod part;
mod revoke;
mod store;
mod view;

use zhengtong_base::{Migration, Schema};

pub use act::{Input, act, claim, note, release, resume, supply, suspend, withdraw};
pub use clocks::{ClockView, Clocks, clocks, days_left, promised_day};
pub use error::{Error, Result};
pub use model::{
    Applicant, Case, Event, Fact, FactSection, Material, MaterialFile, NewMaterial, Note, Opening,
    Side, State, Todo,
};
pub use open::open;
pub use part::{
    Action, CaseType, Catalog, Effect, Limit, Outcome, PART, Revocation, Stop, WriteBack, read,
};
pub use revoke::revoke;
pub use view::{
    CaseView, Choice, Counts, Filter, InboxItem, OpenTask, inbox, material, mine, to_do, view,
};

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "casework",
    migrations: &[Migration {
        version: 1,
        name: "init",
        sql: include_str!("../migrations/0001_init.sql"),
    }],
    statements: &[("inbox.sql", store::INBOX), ("inbox_counts.sql", store::INBOX_COUNTS)],
};

/// The verbs and the kind of thing each is about.
pub const VERBS: &[(&str, &str)] = &[
    ("casework.open", "case"),
    ("casework.read", "case"),
    ("casework.mine", "case"),
    ("casework.inbox", "inbox"),
    ("casework.claim", "case"),
    ("casework.release", "case"),
    ("casework.note", "case"),
    ("casework.suspend", "case"),
    ("casework.resume", "case"),
    ("casework.withdraw", "case"),
    ("casework.accept", "case"),
    ("casework.correct", "case"),
    ("casework.supply", "case"),
    ("casework.decline", "case"),
    ("casework.pass", "case"),
    ("casework.return", "case"),
    ("casework.grant", "case"),
    ("casework.refuse", "case"),
    ("casework.deliver", "case"),
];
