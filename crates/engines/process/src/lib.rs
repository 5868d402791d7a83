#![doc = include_str!("../README.md")]

mod error;
mod model;
mod part;
mod picture;
mod store;
mod verbs;

use zhengtong_base::{Migration, Schema};

pub use error::{Error, Result};
pub use model::{EdgePicture, News, NodePicture, Opened, Picture, Standing};
pub use part::{Catalog, Definition, PART, read};
pub use picture::picture;
pub use verbs::{complete, forget, replay, return_to, serve, start, terminate};
pub use zhengtong_bpmn::{Bounds, NodeKind, Point};

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "process",
    migrations: &[Migration {
        version: 1,
        name: "init",
        sql: include_str!("../migrations/0001_init.sql"),
    }],
    statements: &[("instance.sql", store::INSTANCE)],
};

/// The verbs and the kind of thing each is about.
pub const VERBS: &[(&str, &str)] = &[
    ("process.start", "instance"),
    ("process.move", "instance"),
    ("process.forget", "instance"),
    ("process.read", "instance"),
];
