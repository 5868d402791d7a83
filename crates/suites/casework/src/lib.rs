#![doc = include_str!("../README.md")]

mod act;
mod clocks;
mod error;
mod flow;
mod leave;
mod model;
mod open;
mod part;
mod retire;
mod revoke;
mod sealed;
mod store;
mod view;

use zhengtong_base::{Migration, Schema};

pub use act::{Input, act, claim, note, release, resume, supply, suspend, withdraw};
pub use clocks::{ClockView, Clocks, clocks, days_left, promised_day};
pub use error::{Error, Result};
pub use leave::{
    Burden, attach_reroute, burden_of_account, burden_of_holding, disable_account, end_holding,
    reroute,
};
pub use model::{
    Applicant, Case, Event, Fact, FactSection, Material, MaterialFile, NewMaterial, Note, Opening,
    Revealed, Side, State, Todo,
};
pub use open::open;
pub use part::{
    Action, CaseType, Catalog, Effect, Limit, Outcome, PART, Revocation, Stop, WriteBack, read,
};
pub use retire::retire;
pub use revoke::revoke;
pub use sealed::{SEALED, reseal, reveal, sealed_keys};
pub use view::{
    CaseView, Choice, Counts, Filter, InboxItem, OpenTask, inbox, material, mine, to_do, view,
};

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "casework",
    migrations: &[
        Migration { version: 1, name: "init", sql: include_str!("../migrations/0001_init.sql") },
        Migration {
            version: 2,
            name: "retired",
            sql: include_str!("../migrations/0002_retired.sql"),
        },
    ],
    statements: &[("inbox.sql", store::INBOX), ("inbox_counts.sql", store::INBOX_COUNTS)],
};

/// The verbs and the kind of thing each is about.
pub const VERBS: &[(&str, &str)] = &[
    ("casework.open", "case"),
    ("casework.read", "case"),
    ("casework.reveal", "case"),
    ("casework.retire", "case"),
    ("casework.reseal", "platform"),
    ("casework.mine", "case"),
    ("casework.inbox", "inbox"),
    ("casework.claim", "case"),
    ("casework.burden", "post"),
    ("casework.reroute", "case"),
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
