#![doc = include_str!("../README.md")]

mod agreed;
mod authorize;
mod certificate;
mod client_proof;
mod device;
mod error;
mod jobs;
mod json;
mod jwt;
mod key;
mod leave;
mod limits;
mod links;
mod model;
mod outside;
mod passkey;
mod prove;
mod provider;
mod register;
mod request;
mod secret;
mod sm2;
mod store;
mod token;
mod trust;
mod uri;
mod userinfo;

use zhengtong_base::{Migration, Schema};

pub use agreed::{agreed, withdraw};
pub use authorize::{answer, authorize};
pub use certificate::{
    add_certificate, certificates, certificates_of, certificates_possible, enter_with_certificate,
    judge, remove_certificate, withdraw_certificate,
};
pub use client_proof::credentials;
pub use device::{device_token, introspect, system};
pub use error::{Error, Result};
pub use jobs::{attach, sweep};
pub use key::{SEALED, discovery, jwks, keys, renew_keys, reseal, rotate_keys};
pub use leave::{Confirmed, leave, logout_notice, session_ended};
pub use limits::{LIMITS, Limits};
pub use links::{Outward, Returned, begin_outside, finish_outside, links, providers, unlink};
pub use model::*;
pub use passkey::{
    Entered, add_passkey, begin_entry, begin_passkey, enter, forget_passkeys, passkeys,
    passkeys_possible, remove_passkey,
};
pub use register::{
    change, client, clients, disable, enable, register, register_with, renew_secret,
};
pub use request::VIA;
pub use token::{revoke, token};
pub use trust::{Authorities, Presented, Seen, Trust, Wrong, validity};
pub use uri::is_provider;
pub use userinfo::userinfo;

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "signon",
    migrations: &[
        Migration { version: 1, name: "init", sql: include_str!("../migrations/0001_init.sql") },
        Migration {
            version: 2,
            name: "certificates_devices",
            sql: include_str!("../migrations/0002_certificates_devices.sql"),
        },
    ],
    statements: store::STATEMENTS,
};

/// All verbs with the kinds of things they are done to, for policies and the table of rights.
pub const VERBS: &[(&str, &str)] = &[
    ("signon.discover", "platform"),
    ("signon.authorize", "client"),
    ("signon.consent", "client"),
    ("signon.token", "client"),
    ("signon.revoke", "client"),
    ("signon.introspect", "client"),
    ("signon.userinfo", "client"),
    ("signon.leave", "client"),
    ("signon.agreed", "consent"),
    ("signon.withdraw", "consent"),
    ("signon.passkeys", "passkey"),
    ("signon.begin_passkey", "passkey"),
    ("signon.add_passkey", "passkey"),
    ("signon.remove_passkey", "passkey"),
    ("signon.certificates", "certificate"),
    ("signon.add_certificate", "certificate"),
    ("signon.remove_certificate", "certificate"),
    ("signon.certificates_of", "account"),
    ("signon.withdraw_certificate", "account"),
    ("signon.begin_entry", "login"),
    ("signon.enter", "login"),
    ("signon.forget_passkeys", "account"),
    ("signon.begin_outside", "login"),
    ("signon.enter_outside", "login"),
    ("signon.links", "link"),
    ("signon.link", "link"),
    ("signon.unlink", "link"),
    ("signon.clients", "client"),
    ("signon.register", "client"),
    ("signon.change", "client"),
    ("signon.renew_secret", "client"),
    ("signon.disable", "client"),
    ("signon.enable", "client"),
    ("signon.keys", "platform"),
    ("signon.rotate_keys", "platform"),
    ("signon.renew_keys", "platform"),
    ("signon.session_ended", "session"),
    ("signon.tell", "client"),
    ("signon.sweep", "platform"),
];
