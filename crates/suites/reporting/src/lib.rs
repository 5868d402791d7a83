#![doc = include_str!("../README.md")]

mod case;
mod check;
mod error;
mod feedback;
mod item;
mod model;
mod package;
mod store;
mod table;
mod up;

use zhengtong_base::{Migration, Schema};

pub use check::{Broken, Rule};
pub use error::{Error, Result};
pub use feedback::{feedback, feedbacks};
pub use model::{
    Fault, Feedback, ItemFacts, ItemPaper, Items, Limit, Order, Package, RatingFacts, Run,
    TableCount,
};
pub use package::{MANIFEST, SIGNATURE};
pub use table::{Codes, Column, Kind, Table, codes, table, tables, unverified};
pub use up::{JOB, Wanted, faults, order, runs, up};

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "reporting",
    migrations: &[Migration {
        version: 1,
        name: "init",
        sql: include_str!("../migrations/0001_init.sql"),
    }],
    statements: &[("feedback.sql", store::FEEDBACK)],
};

/// The verbs and the kind of thing each is about.
pub const VERBS: &[(&str, &str)] = &[
    ("reporting.read", "report"),
    ("reporting.order", "report"),
    ("reporting.feedback", "report"),
    ("reporting.export", "platform"),
];
