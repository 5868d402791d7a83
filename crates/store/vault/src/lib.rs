//! Keys of personal fields: kept wrapped under a master key, changed and destroyed on purpose.
#![doc = include_str!("../README.md")]

mod error;
mod master;
mod store;
mod verbs;

use zhengtong_base::{Migration, Schema};

pub use error::{Error, Result};
pub use master::{Master, Places};
pub use verbs::{
    KeyLine, Rotated, drop_versions, ensure, erase, keys, open, refresh, rotate_field,
    rotate_master, secret,
};
pub use zhengtong_crypto::{KeyKind, Keyring, SealError};

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "vault",
    migrations: &[Migration {
        version: 1,
        name: "init",
        sql: include_str!("../migrations/0001_init.sql"),
    }],
    statements: &[],
};

/// The verbs of keys, which the command line does as the platform.
pub const VERBS: &[(&str, &str)] =
    &[("vault.rotate", "key"), ("vault.renew", "key"), ("vault.erase", "key")];
