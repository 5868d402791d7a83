//! Forms of pages and fields, conditions, repeated groups, and drafts saved page by page.
#![doc = include_str!("../README.md")]

mod answers;
mod catalog;
mod check;
mod drafts;
mod elements;
mod error;
mod input;
mod lint;
mod model;
mod pages;
mod part;
mod show;
mod store;
mod value;
mod walk;

use zhengtong_base::{Migration, Schema};
use zhengtong_pack::{FileKind as PackFile, PartDecl, schema_of};

pub use answers::{
    Answers, Attached, Clash, Draft, DraftLine, Entry, FileMeta, Finished, Group, Known, Knowns,
    PageRef, Saved, Values,
};
pub use catalog::{Catalog, read};
pub use check::{Step, StepStatus, check_all, progress};
pub use drafts::{
    DRAFTS_MAX, KEPT_DAYS, discard, finish, mine, open, protect, set_case, start, thing, today,
};
pub use elements::{ElementInfo, Elements, Sensitivity};
pub use error::{Error, Result};
pub use input::{PageInput, read_page};
pub use model::{Choice, Field, FieldKind, FileKind, FileRule, Form, Page, Repeat, Rule};
pub use pages::{add_entry, attach, detach, may_attach, remove_entry, save_page};
pub use show::{Asked, Fact, Section, Source, asked, facts};
pub use store::{SEALED, sweep_expired};
pub use walk::visible_pages;

/// The tables of this engine.
pub const SCHEMA: Schema = Schema {
    name: "form",
    migrations: &[
        Migration { version: 1, name: "init", sql: include_str!("../migrations/0001_init.sql") },
        Migration {
            version: 2,
            name: "sealed",
            sql: include_str!("../migrations/0002_sealed.sql"),
        },
        Migration { version: 3, name: "files", sql: include_str!("../migrations/0003_files.sql") },
        Migration { version: 4, name: "open", sql: include_str!("../migrations/0004_open.sql") },
    ],
    statements: store::STATEMENTS,
};

/// What stands in the folder `form` of a pack.
pub const PART: PartDecl = PartDecl {
    folder: "form",
    endings: &["toml"],
    kinds: &[PackFile { schema: "form", make: schema_of::<part::FormPart> }],
};

/// The verbs that policies decide on, and the kind of thing each is about.
pub const VERBS: &[(&str, &str)] = &[
    ("form.start", "draft"),
    ("form.list", "draft"),
    ("form.read", "draft"),
    ("form.write", "draft"),
    ("form.finish", "draft"),
    ("form.discard", "draft"),
    ("form.protect", "platform"),
];
