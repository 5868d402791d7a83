#![doc = include_str!("../README.md")]

mod arrival;
mod check;
mod compile;
mod desk;
mod error;
mod grammar;
mod import;
mod kinds;
mod lists;
mod model;
mod part;
mod reading;
mod review;
mod seed;
mod sheet;
mod store;
mod words;

use zhengtong_base::{Migration, Schema};

pub use arrival::{attach, look};
pub use compile::{change, compile, discard, save, submit};
pub use desk::{Shelf, Standing, due_day, open, standing, waiting};
pub use error::{Error, Result};
pub use grammar::{From, Grammar, GrammarFile, Parts, SegmentDecl, SegmentKind, slug};
pub use import::{
    Changed, Difference, Fault, Import, New, Plan, apply, differences, read_sheet, sheet,
};
pub use kinds::{
    Cycle, Format, ItemKind, ListKind, Openness, SENSITIVITIES, SHARINGS, State, Way,
    parse_sensitivity, parse_sharing, sensitivity_title, sharing_title,
};
pub use lists::{enter, entries, strike};
pub use model::{
    Arrival, Body, Entry, Facet, Found, Item, Line, Lineage, Linked, NewEntry, Opened, PowerList,
    Resource, Shared, Shown, Tie, Version, Waiting, Wanted,
};
pub use part::{Class, ClassDecl, ClassesFile, Directory, InForce, LimitsFile, PART, read};
pub use reading::{COUNTED_MAX, LINES, resource, search};
pub use review::{publish, review, withdraw};
pub use seed::seed;
pub use sheet::{COLUMNS, codes, item_of};
pub use words::index as words_of;

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "catalog",
    migrations: &[
        Migration { version: 1, name: "init", sql: include_str!("../migrations/0001_init.sql") },
        Migration { version: 2, name: "finds", sql: include_str!("../migrations/0002_finds.sql") },
    ],
    statements: &[("made_from.sql", store::MADE_FROM), ("ties.sql", store::TIES)],
};

/// The verbs and the kind of thing each is about.
pub const VERBS: &[(&str, &str)] = &[
    ("catalog.read", "directory"),
    ("catalog.list", "resource"),
    ("catalog.compile", "resource"),
    ("catalog.submit", "resource"),
    ("catalog.review", "resource"),
    ("catalog.publish", "resource"),
    ("catalog.withdraw", "resource"),
    ("catalog.import", "resource"),
    ("catalog.keep", "list"),
    ("catalog.watch", "platform"),
    ("catalog.seed", "platform"),
];
