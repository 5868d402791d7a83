#![doc = include_str!("../README.md")]

mod course;
mod error;
mod figures;
mod jobs;
mod matter;
mod model;
mod oversee;
mod part;
mod rate;
mod reported;
mod review;
mod store;
mod visit;

use std::sync::Arc;

use time::Date;
use zhengtong_base::{Migration, Schema};
use zhengtong_db::Ctx;

pub use error::{Error, Result};
pub use figures::{Counted, Counts, Line, Mismatch, Results, audit, opinion, results};
pub use jobs::{attach, dispatch_waiting, fire_overdue, follow, reseal};
pub use matter::{appeal, ask, call_back, disclose, matter, matters, mine, reply, tell};
pub use model::{
    Channel, Comment, Contact, ContactKind, Course, LEVELS, Matter, Opinion, Place, Rating, Said,
    Seen, Standing, Step, StepKind, Unread, is_bad,
};
pub use oversee::{Identity, conclude, decide_appeal, dispatch, identity, order, record_call_back};
pub use part::{InForce, Indicator, LevelDecl, PART, Rules, Wording, read};
pub use rate::{Own, contacts, of_case, rate, record, wording};
pub use reported::{Reported, reported};
pub use review::{review, unread};
pub use visit::{Ticket, Visit, follow_visit, invite, rate_visit, visit};

/// The fields of this suite that need keys.
pub const SEALED: &[&str] = &[store::WORDS];

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "rating",
    migrations: &[Migration {
        version: 1,
        name: "init",
        sql: include_str!("../migrations/0001_init.sql"),
    }],
    statements: &[("figures.sql", store::FIGURES)],
};

/// The verbs and the kind of thing each is about.
pub const VERBS: &[(&str, &str)] = &[
    ("rating.mine", "rating"),
    ("rating.rate", "rating"),
    ("rating.visit", "visit"),
    ("rating.invite", "visit"),
    ("rating.record", "rating"),
    ("rating.read", "results"),
    ("rating.matters", "matter"),
    ("rating.matter", "matter"),
    ("rating.handle", "matter"),
    ("rating.follow", "matter"),
    ("rating.dispatch", "matter"),
    ("rating.oversee", "matter"),
    ("rating.identity", "matter"),
    ("rating.review", "rating"),
    ("rating.report", "platform"),
    ("rating.offer", "platform"),
    ("rating.overdue", "platform"),
    ("rating.audit", "platform"),
    ("rating.reseal", "platform"),
];

/// The rules of a day.
pub(crate) fn rules(ctx: &Ctx, day: Date) -> Result<Arc<InForce>> {
    let none = || Error::Definition(format!("no rules of ratings are in force on {day}"));
    ctx.defs::<Wording>()?.on(day).ok_or_else(none)
}
