#![doc = include_str!("../README.md")]

mod error;
mod gather;
mod input;
mod key;
mod model;
mod opening;
mod platform;
mod privacy;
mod reading;
mod rows;
mod search;
mod store;
mod tally;
mod version;
mod whole;
mod write;

use zhengtong_base::{Migration, Schema};

pub use error::{Error, Result};
pub use gather::{attach, gather};
pub use input::{CollectionInput, LICENCES, Licence, PackageInput, ResourceInput, licence};
pub use key::{KEY_ROLE, Opened, enter, issue, keys, revoke};
pub use model::{
    Collection, CollectionBody, CollectionKind, Column, Extra, Key, NewKey, Package, PackageBody,
    Resource, ResourceBody, Shape, Source,
};
pub use privacy::{Concern, Kind as PrivacyKind, Report, Rules, check};
pub use reading::{collection, collections, package, resource, search, tags};
pub use rows::{ROWS_MAX, Rows, Upsert, Wanted, fetch, forget, holds_nul, put, shape_of, start};
pub use search::{Facets, Filter, Found, Query, Sort};
pub use tally::tally;
pub use version::{Version, make_version, make_versions, version, versions};
pub use whole::{FILE_ROWS, Whole, csv_file, whole};
pub use write::{
    change_collection, change_package, create_collection, create_package, delete_collection,
    delete_package, delete_resource, put_resource,
};
pub use zhengtong_registry::Tallied as Tally;

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "portal",
    migrations: &[
        Migration { version: 1, name: "init", sql: include_str!("../migrations/0001_init.sql") },
        Migration {
            version: 2,
            name: "versions",
            sql: include_str!("../migrations/0002_versions.sql"),
        },
    ],
    statements: store::STATEMENTS,
};

/// The verbs and the kind of thing each is about.
pub const VERBS: &[(&str, &str)] = &[
    ("portal.read", "portal"),
    ("portal.write", "portal"),
    ("portal.keys", "key"),
    ("portal.issue", "key"),
    ("portal.enter", "platform"),
    ("portal.gather", "platform"),
];
