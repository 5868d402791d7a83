//! Documents and licences made from Typst templates, with a code anyone can verify. The only home of Typst.
#![doc = include_str!("../README.md")]

mod code;
mod error;
mod fonts;
mod input;
mod issue;
mod keep;
mod model;
mod number;
mod paper;
mod part;
mod read;
mod render;
mod store;
mod world;

use zhengtong_base::{Migration, Schema};

pub use error::{Error, Fault, Result};
pub use input::{Loose, loose};
pub use issue::issue;
pub use model::{Document, Happened, How, NewDocument, PaperKind, Public, Revocation, State};
pub use paper::{RENDER_JOB, attach_render, pdf, preview};
pub use part::{Catalog, Declared, Definition, DocumentFile, PART, read};
pub use read::{end, licences, may_revoke, mine, of_case, open, protect, revoke, verify};
pub use render::{PAGES_MAX, Paper, RENDER_SECONDS_MAX, Settings, check, qr, render};
pub use store::SEALED;

/// The tables.
pub const SCHEMA: Schema = Schema {
    name: "document",
    migrations: &[
        Migration { version: 1, name: "init", sql: include_str!("../migrations/0001_init.sql") },
        Migration {
            version: 2,
            name: "revoked_by",
            sql: include_str!("../migrations/0002_revoked_by.sql"),
        },
        Migration {
            version: 3,
            name: "sealed",
            sql: include_str!("../migrations/0003_sealed.sql"),
        },
        Migration {
            version: 4,
            name: "numbers",
            sql: include_str!("../migrations/0004_numbers.sql"),
        },
        Migration {
            version: 5,
            name: "editions",
            sql: include_str!("../migrations/0005_editions.sql"),
        },
    ],
    statements: store::STATEMENTS,
};

/// What may be asked of policy, and of which kind of thing.
pub const VERBS: &[(&str, &str)] = &[
    ("document.issue", "document"),
    ("document.end", "document"),
    ("document.mine", "document"),
    ("document.open", "document"),
    ("document.pdf", "document"),
    ("document.preview", "template"),
    ("document.protect", "platform"),
    ("document.revoke", "document"),
    ("document.verify", "document"),
];
