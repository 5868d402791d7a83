//! Who there is and who may act: persons, organisations, regions, posts, accounts, sessions, delegations.
#![doc = include_str!("../README.md")]

mod account;
mod admin;
mod appoint;
mod delegation;
mod directory;
mod enter;
mod error;
mod limits;
mod login;
mod matrix;
mod model;
mod names;
mod own;
mod part;
mod password;
mod seed;
mod session;
mod store;
mod things;
mod token;
mod totp;

use zhengtong_base::{Migration, Schema};

pub use account::{
    FIRST_LOGIN, create_account, disable_account, enable_account, first_admin, invite,
    reset_second_factor, sweep,
};
pub use admin::{create_organisation, create_person, create_post};
pub use appoint::{end_holding, hold, holders, posts};
pub use delegation::{delegate, delegations, revoke_delegation};
pub use directory::{
    departments, organisation, organisation_by_short, organisations, people, person, reveal, tree,
};
pub use enter::{
    account_by_login, account_of, account_of_person, count_keys, enter_as, session_of, sessions_of,
    strengthen,
};
pub use error::{Error, Result};
pub use limits::{LIMITS, Limits};
pub use login::{enter_code, invited, log_in, log_out, use_invite};
pub use matrix::matrix;
pub use model::*;
pub use own::{change_password, confirm_totp, enrol_totp, my_account, my_identity, pending_totp};
pub use part::{Catalog, PART, Role, RoleFile, read};
pub use seed::{
    Seed, SeedAccount, SeedDelegation, SeedHolding, SeedOrganisation, SeedRegion, seed,
};
pub use session::{
    act_for, actor, behalfs, choose_post, my_posts, revoke_others, revoke_session, sessions,
};
pub use token::Token;

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "party",
    migrations: &[
        Migration { version: 1, name: "init", sql: include_str!("../migrations/0001_init.sql") },
        Migration {
            version: 2,
            name: "sessions",
            sql: include_str!("../migrations/0002_sessions.sql"),
        },
    ],
    statements: store::STATEMENTS,
};

/// All verbs with the kinds of things they are done to, for policies and the table of rights.
pub const VERBS: &[(&str, &str)] = &[
    ("party.log_in", "login"),
    ("party.enter_code", "login"),
    ("party.use_invite", "login"),
    ("party.enter_as", "account"),
    ("party.find_account", "account"),
    ("party.count_keys", "account"),
    ("party.strengthen", "account"),
    ("party.log_out", "session"),
    ("party.sessions", "account"),
    ("party.revoke_session", "session"),
    ("party.revoke_others", "account"),
    ("party.behalfs", "account"),
    ("party.act_for", "account"),
    ("party.my_posts", "account"),
    ("party.choose_post", "account"),
    ("party.my_identity", "person"),
    ("party.my_account", "account"),
    ("party.change_password", "account"),
    ("party.enrol_totp", "account"),
    ("party.confirm_totp", "account"),
    ("party.delegate", "delegation"),
    ("party.delegations", "delegation"),
    ("party.revoke_delegation", "delegation"),
    ("party.create_organisation", "organisation"),
    ("party.create_post", "post"),
    ("party.create_person", "person"),
    ("party.create_account", "account"),
    ("party.invite", "account"),
    ("party.disable_account", "account"),
    ("party.enable_account", "account"),
    ("party.reset_second_factor", "account"),
    ("party.hold", "post"),
    ("party.end_holding", "post"),
    ("party.posts", "organisation"),
    ("party.holders", "organisation"),
    ("party.person", "person"),
    ("party.reveal", "person"),
    ("party.people", "person"),
    ("party.organisation", "organisation"),
    ("party.organisations", "organisation"),
    ("party.departments", "organisation"),
    ("party.tree", "region"),
    ("party.first_admin", "platform"),
    ("party.sweep", "platform"),
    ("party.seed", "platform"),
];
