#![doc = include_str!("../README.md")]

mod apply;
mod elements;
mod error;
mod find;
mod guide;
mod licence;
mod list;
mod model;
mod paper;
mod part;
mod published;
mod readers;
mod store;
mod undertaken;
mod unsigned;

use zhengtong_base::{Migration, Schema};

pub use apply::{begin, begin_with, submit};
pub use elements::CityElements;
pub use error::{Error, Result};
pub use find::find;
pub use guide::{chosen, needed};
pub use licence::{Held, LicenceRule, licences};
pub use list::{by_slug, items};
pub use model::Consent;
pub use paper::{Sent, add_papers, answer, attach, bring, supply, undertake};
pub use part::{
    Catalog, Choice, Faq, Item, Listed, MaterialRule, Object, Outcome, PART, Punishment, Question,
    Step, Undertake, Window, read,
};
pub use published::{Published, PublishedRule, published};
pub use readers::{Reader, cases_of, readers};
pub use unsigned::{
    Looked, SEALED, Slip, UnsignedRule, attach as attach_tell, look, unsigned_fields, write,
};

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "service",
    migrations: &[
        Migration { version: 1, name: "init", sql: include_str!("../migrations/0001_init.sql") },
        Migration {
            version: 2,
            name: "ratings_moved",
            sql: include_str!("../migrations/0002_ratings_moved.sql"),
        },
        Migration {
            version: 3,
            name: "unsigned",
            sql: include_str!("../migrations/0003_unsigned.sql"),
        },
    ],
    statements: &[("miss.sql", store::MISS)],
};

/// The verbs and the kind of thing each is about.
pub const VERBS: &[(&str, &str)] =
    &[("service.read", "item"), ("service.write", "item"), ("service.look", "item")];
