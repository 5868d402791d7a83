#![doc = include_str!("../README.md")]

mod call;
mod carry;
mod channel;
mod error;
mod found;
mod limits;
mod log;
mod message;
mod meta;
mod model;
mod name;
mod part;
mod path;
mod refusal;
mod register;
mod sign;
mod store;

use zhengtong_base::{Migration, Schema};

pub use call::{Admission, Admitted, Answered, Gateway, accept, admit, finish, known, sweep, told};
pub use carry::{TEND, attach};
pub use channel::{
    CARRY, ChannelView, NewParcel, ParcelView, add_channel, channel, channels, look, parcel, pause,
    put_chunk, receipt, replay, resend, send, whole_digest,
};
pub use error::{Error, Result};
pub use found::{Founded, found, place};
pub use limits::{LIMITS, Limits};
pub use log::{LogPage, MessageView, Opened, evidence, log, message, open};
pub use message::{Incoming, Request};
pub use meta::clients;
pub use model::*;
pub use name::{BadName, ServiceName, SystemName};
pub use part::{Declared, ItemDecl, PART, Plan, ServiceDecl, SystemDecl, Way, read};
pub use path::within;
pub use refusal::{Fault, Refusal};
pub use register::{
    add_key, add_member, approve, disable, grant, propose_service, propose_system, relocate,
    revoke_access, revoke_key, services, system, systems,
};
pub use sign::{Algorithm, PublicKey, sign};
pub use zhengtong_egress::HeaderMap;

/// The fields that are sealed.
pub const SEALED: &[&str] = &[call::MESSAGE, channel::CHUNK];

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "exchange",
    migrations: &[Migration {
        version: 1,
        name: "init",
        sql: include_str!("../migrations/0001_init.sql"),
    }],
    statements: store::STATEMENTS,
};

/// The verbs and the kind of thing each is about.
pub const VERBS: &[(&str, &str)] = &[
    ("exchange.call", "exchange"),
    ("exchange.read", "exchange"),
    ("exchange.propose", "exchange"),
    ("exchange.approve", "exchange"),
    ("exchange.disable", "exchange"),
    ("exchange.log", "message"),
    ("exchange.open", "message"),
    ("exchange.channel", "channel"),
    ("exchange.steer", "channel"),
    ("exchange.receipt", "parcel"),
    ("exchange.carry", "platform"),
];
