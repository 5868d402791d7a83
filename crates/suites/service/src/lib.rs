#![doc = include_str!("../README.md")]

mod apply;
mod elements;
mod error;
mod find;
mod guide;
mod list;
mod model;
mod paper;
mod part;
mod rate;
mod store;

use zhengtong_base::{Migration, Schema};

pub use apply::{Consent, begin, submit};
pub use elements::CityElements;
pub use error::{Error, Result};
pub use find::find;
pub use guide::{chosen, needed};
pub use list::{by_slug, items};
pub use model::{Rating, Standing};
pub use paper::{Sent, attach, supply};
pub use part::{
    Catalog, Choice, Faq, Item, Listed, MaterialRule, Object, Outcome, PART, Question, Step,
    Window, read,
};
pub use rate::{rate, rated, ratings};

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "service",
    migrations: &[Migration {
        version: 1,
        name: "init",
        sql: include_str!("../migrations/0001_init.sql"),
    }],
    statements: &[("standing.sql", store::STANDING)],
};

/// The verbs and the kind of thing each is about.
pub const VERBS: &[(&str, &str)] = &[("service.read", "item"), ("service.rate", "rating")];
