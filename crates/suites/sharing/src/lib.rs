#![doc = include_str!("../README.md")]

mod ask;
mod course;
mod decide;
mod error;
mod model;
mod object;
mod part;
mod reading;
mod settle;
mod store;
mod strike;
mod using;

use std::sync::Arc;

use time::Date;
use zhengtong_base::{Migration, Schema};
use zhengtong_db::Ctx;

pub use ask::{appeal, ask, negotiate, withdraw};
pub use decide::{check, reply, rule};
pub use error::{Error, Result};
pub use model::{
    Act, Counts, Given, Grant, Held, HeldValue, MyUse, NewObjection, NewRequest, Objection,
    ObjectionSeen, ObjectionState, Reply, Request, Ruling, Seen, Shared, SharedValue, Shelf, State,
    Step, StepKind, Terms, Used, Verdict, Way,
};
pub use object::{Raised, held_of_me, my_marks, my_objections, object, object_by_key, send_back};
pub use part::{InForce, Limits, LimitsFile, PART, read};
pub use reading::{consumers, counts, grant, grants, grants_of, request, requests, uses_of_me};
pub use settle::{correct, extend, keep, marks, objection, objections};
pub use strike::strike_out;
pub use using::{end, records, verify};

/// The fields of this suite that need keys.
pub const SEALED: &[&str] = &[store::WORDS, store::SUBJECT];

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "sharing",
    migrations: &[
        Migration { version: 1, name: "init", sql: include_str!("../migrations/0001_init.sql") },
        Migration {
            version: 2,
            name: "consumers",
            sql: include_str!("../migrations/0002_consumers.sql"),
        },
    ],
    statements: &[("insert_grant.sql", store::INSERT_GRANT)],
};

/// The verbs and the kind of thing each is about.
pub const VERBS: &[(&str, &str)] = &[
    ("sharing.ask", "sharing"),
    ("sharing.list", "sharing"),
    ("sharing.read", "sharing"),
    ("sharing.check", "sharing"),
    ("sharing.reply", "sharing"),
    ("sharing.rule", "sharing"),
    ("sharing.use", "grant"),
    ("sharing.end", "grant"),
    ("sharing.consumers", "dataset"),
    ("sharing.mine", "person"),
    ("sharing.object", "objection"),
    ("sharing.objection", "objection"),
    ("sharing.objections", "objection"),
    ("sharing.settle", "objection"),
    ("sharing.marks", "dataset"),
];

/// The limits of a day.
pub(crate) fn limits(ctx: &Ctx, day: Date) -> Result<Arc<InForce>> {
    let none = || Error::Definition(format!("no limits of sharing are in force on {day}"));
    ctx.defs::<Limits>()?.on(day).ok_or_else(none)
}
