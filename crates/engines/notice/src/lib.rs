//! Messages to persons, organisations and posts, from templates of packs.
#![doc = include_str!("../README.md")]

mod carrier;
mod carry;
mod channel;
mod error;
mod mail;
mod model;
mod part;
mod sms;
mod store;
mod verbs;

use zhengtong_base::{Migration, Schema};

pub use carrier::{Carriers, Mail, SIMULATOR, Sms, Way, usual_body};
pub use carry::{CARRY_JOB, Outside, Standing, attach_carry, carry_to, outside, try_out};
pub use channel::{channels, confirm_channel, drop_channel, set_channel, ways};
pub use error::{Error, Result};
pub use model::{Carried, Channel, Delivery, DeliveryState, Message, Sent, To, Vars};
pub use part::{Catalog, Declared, MessageFile, PART, read as catalog};
pub use store::SEALED;
pub use verbs::{inbox, protect, read, read_all, send, send_once, unread};

/// The largest number that [`unread`] tells.
pub const UNREAD_MAX: i64 = 1_000;

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "notice",
    migrations: &[
        Migration { version: 1, name: "init", sql: include_str!("../migrations/0001_init.sql") },
        Migration { version: 2, name: "plain", sql: include_str!("../migrations/0002_plain.sql") },
        Migration {
            version: 3,
            name: "channels",
            sql: include_str!("../migrations/0003_channels.sql"),
        },
    ],
    statements: store::STATEMENTS,
};

/// What may be asked of policy, and of which kind of thing.
pub const VERBS: &[(&str, &str)] = &[
    ("notice.channels", "channel"),
    ("notice.carry", "platform"),
    ("notice.inbox", "message"),
    ("notice.outside", "platform"),
    ("notice.protect", "platform"),
    ("notice.read", "message"),
    ("notice.send", "message"),
    ("notice.set_channel", "channel"),
    ("notice.try_out", "platform"),
];
