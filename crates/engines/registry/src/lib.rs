#![doc = include_str!("../README.md")]

mod error;
mod lint;
mod model;
mod part;
mod protecting;
mod reading;
mod sealed;
mod store;
mod value;
mod writing;

use zhengtong_base::{Migration, Schema};

pub use error::{Error, Result};
pub use model::{
    Catalog, CodeEntry, CodeList, Counted, Dataset, DatasetKind, Element, ElementKind, Field,
    Known, ORGANISATION_ID, Origin, PERSON_ID, Past, Purpose, Put, Record, Row, Sensitivity,
    Sharing, Standard, Subject, SyncReport, Update, Vector,
};
pub use part::{
    CodesFile, DatasetFile, ElementPart, ElementsFile, EntryPart, FieldPart, ListPart, PART,
    StandardKind, StandardPart, StandardsFile, VectorPart, read,
};
pub use protecting::{protect, reseal, retire};
pub use reading::{count, history, lookup, prefill, search, verify};
pub use sealed::sealed_fields;
pub use store::sync;
pub use value::{display, mask, validate, validate_held};
pub use writing::{copy_in, put};

/// The tables; those of datasets are made by [`sync`].
pub const SCHEMA: Schema = Schema {
    name: "registry",
    migrations: &[Migration {
        version: 1,
        name: "init",
        sql: include_str!("../migrations/0001_init.sql"),
    }],
    statements: store::STATEMENTS,
};

/// The verbs, and the kind of thing each is asked about.
pub const VERBS: &[(&str, &str)] = &[
    ("registry.read", "dataset"),
    ("registry.verify", "dataset"),
    ("registry.search", "dataset"),
    ("registry.count", "dataset"),
    ("registry.put", "dataset"),
    ("registry.load", "dataset"),
    ("registry.protect", "platform"),
    ("registry.retire", "dataset"),
];
