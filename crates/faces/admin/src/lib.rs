//! Pages for the three administrators, who exclude each other: each page belongs to one of them, and policy decides.
//!
//! One module for each noun. A handler extracts, calls one verb, renders. Nothing here needs a script, no page
//! shows a secret twice, and nothing here can touch the record of acts but to read it.

mod account;
mod backups;
mod bench;
mod calendar;
mod change;
mod channels;
mod checklist;
mod clients;
mod console;
mod device;
mod export;
mod health;
mod holding;
mod incidents;
mod jobs;
mod limits;
mod organisation;
mod overview;
mod packs;
mod people;
mod person;
mod process;
mod record;
mod reporting;
mod settings;
mod standards;

use axum::Router;
use zhengtong_http::App;

pub use console::{Check, Configured, Console, Look, Origin, Standing};
pub use packs::{PackCard, PackList};

/// The verbs of these pages, and the kind of thing each is about.
pub const VERBS: &[(&str, &str)] = &[
    ("admin.overview", "platform"),
    ("admin.jobs", "platform"),
    ("admin.retry", "platform"),
    ("admin.drop", "platform"),
    ("admin.health", "platform"),
    ("admin.packs", "platform"),
    ("admin.standards", "platform"),
    ("ledger.search", "ledger"),
    ("ledger.read", "ledger"),
    ("ledger.export", "ledger"),
    ("ledger.mine", "person"),
];

/// All routes of this face.
pub fn routes() -> Router<App> {
    Router::new()
        .merge(overview::routes())
        .merge(people::routes())
        .merge(person::routes())
        .merge(account::routes())
        .merge(organisation::routes())
        .merge(holding::routes())
        .merge(clients::routes())
        .merge(channels::routes())
        .merge(jobs::routes())
        .merge(incidents::routes())
        .merge(packs::routes())
        .merge(process::routes())
        .merge(calendar::routes())
        .merge(limits::routes())
        .merge(standards::routes())
        .merge(record::routes())
        .merge(export::routes())
        .merge(health::routes())
        .merge(backups::routes())
        .merge(reporting::routes())
        .merge(settings::routes())
        .merge(change::routes())
}
