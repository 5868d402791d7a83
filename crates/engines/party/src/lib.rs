//! Who there is and who may act: persons, organisations, regions, posts, accounts, sessions, delegations.
#![doc = include_str!("../README.md")]

mod account;
mod admin;
mod appoint;
mod delegation;
mod directory;
mod enter;
mod error;
mod known;
mod level;
mod limits;
mod login;
mod matrix;
mod model;
mod names;
mod new;
mod own;
mod paper;
mod part;
mod password;
mod recovery;
mod sealed;
mod seed;
mod session;
mod store;
mod strength;
mod substitute;
mod things;
mod throttle;
mod token;
mod totp;

use zhengtong_base::{Migration, Schema};

pub use account::{
    FIRST_LOGIN, create_account, disable_account, enable_account, first_admin, invite, sweep,
};
pub use admin::{create_organisation, create_person, create_post};
pub use appoint::{end_holding, held_posts, hold, holders, holding, posts, serving};
pub use delegation::{delegate, delegations, delegations_to_me, revoke_delegation};
pub use directory::{
    accounts, departments, organisation, organisation_by_code, organisation_by_short,
    organisations, people, person, tree,
};
pub use enter::{
    account_by_login, account_of, account_of_person, count_keys, end_sessions, enter_as,
    finish_with, pending_account, session_of, sessions_of, strengthen,
};
pub use error::{Error, Result};
pub use known::KnownPasswords;
pub use level::{LEVEL_AT_COUNTER, identify, level_title, raise_level};
pub use limits::{LIMITS, Limits, LimitsInForce, limits_in_force};
pub use login::{enter_code, invited, log_in, log_out, use_invite};
pub use matrix::matrix;
pub use model::*;
pub use new::*;
pub use own::{change_password, confirm_totp, enrol_totp, my_account, my_identity, pending_totp};
pub use paper::{enter_recovery_code, recover_by_code, recovery_codes, renew_recovery_codes};
pub use part::{Catalog, PART, Role, RoleFile, read};
pub use recovery::{
    confirm_recovery, my_recovery, recoveries, release_recovery, start_recovery, stop_recovery,
};
pub use sealed::{Matter, SEALED, contact, post_title, protect, reseal, reveal_contact};
pub use seed::{
    Seed, SeedAccount, SeedDelegation, SeedHolding, SeedOrganisation, SeedRegion, seed,
};
pub use session::{
    act_for, actor, behalfs, choose_post, my_posts, revoke_others, revoke_session, sessions,
};
pub use store::figures::{role_holders, sessions_open};
pub use substitute::{end_substitution, may_substitute, substitute, substitutions};
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
        Migration {
            version: 3,
            name: "identity",
            sql: include_str!("../migrations/0003_identity.sql"),
        },
        Migration {
            version: 4,
            name: "sealed",
            sql: include_str!("../migrations/0004_sealed.sql"),
        },
        Migration {
            version: 5,
            name: "used_steps",
            sql: include_str!("../migrations/0005_used_steps.sql"),
        },
        Migration { version: 6, name: "names", sql: include_str!("../migrations/0006_names.sql") },
    ],
    statements: store::STATEMENTS,
};

/// All verbs with the kinds of things they are done to, for policies and the table of rights.
pub const VERBS: &[(&str, &str)] = &[
    ("party.log_in", "login"),
    ("party.enter_code", "login"),
    ("party.use_invite", "login"),
    ("party.recover", "login"),
    ("party.enter_as", "account"),
    ("party.find_account", "account"),
    ("party.count_keys", "account"),
    ("party.end_sessions", "account"),
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
    ("party.recovery_codes", "account"),
    ("party.renew_recovery_codes", "account"),
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
    ("party.start_recovery", "account"),
    ("party.confirm_recovery", "account"),
    ("party.release_recovery", "account"),
    ("party.stop_recovery", "account"),
    ("party.recoveries", "account"),
    ("party.hold", "post"),
    ("party.end_holding", "post"),
    ("party.substitute", "post"),
    ("party.end_substitution", "post"),
    ("party.substitutions", "organisation"),
    ("party.posts", "organisation"),
    ("party.holders", "organisation"),
    ("party.person", "person"),
    ("party.identify", "person"),
    ("party.raise_level", "person"),
    ("party.contact", "person"),
    ("party.reveal_contact", "person"),
    ("party.people", "person"),
    ("party.organisation", "organisation"),
    ("party.organisations", "organisation"),
    ("party.departments", "organisation"),
    ("party.tree", "region"),
    ("party.first_admin", "platform"),
    ("party.sweep", "platform"),
    ("party.seed", "platform"),
    ("party.protect", "platform"),
];
