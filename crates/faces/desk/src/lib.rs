//! Pages for staff: inbox, case page, decisions, messages, one's own posts.
//!
//! One module for each noun. A handler extracts, calls one verb, renders; what a page looks like stands in
//! functions made of the components of `ui` alone. Nothing here needs a script.

mod archive;
mod arrange;
mod attach;
mod bench;
mod board;
mod bulk;
mod casework;
mod catalog;
mod charge;
mod clock;
mod counter;
mod decide;
mod delivery;
mod documents;
mod ending;
mod exchange;
mod figures;
mod free;
mod handover;
mod hold;
mod inbox;
mod linked;
mod matches;
mod me;
mod message;
mod more;
mod owed;
mod paper;
mod picture;
mod procedure;
mod rating;
mod reader;
mod reason;
mod recovery;
mod registry;
mod related;
mod reveal;
mod revoke;
mod sharing;
mod sheet;
mod substitute;
mod supervision;
mod typed;
mod zones;

use axum::Router;
use zhengtong_http::App;

/// All routes of this face.
pub fn routes() -> Router<App> {
    Router::new()
        .merge(inbox::routes())
        .merge(arrange::routes())
        .merge(bulk::routes())
        .merge(handover::routes())
        .merge(casework::routes())
        .merge(free::routes())
        .merge(related::routes())
        .merge(registry::routes())
        .merge(reveal::routes())
        .merge(decide::routes())
        .merge(paper::routes())
        .merge(attach::routes())
        .merge(revoke::routes())
        .merge(delivery::routes())
        .merge(charge::routes())
        .merge(archive::routes())
        .merge(linked::routes())
        .merge(matches::routes())
        .merge(procedure::routes())
        .merge(owed::routes())
        .merge(ending::routes())
        .merge(message::routes())
        .merge(me::routes())
        .merge(substitute::routes())
        .merge(counter::routes())
        .merge(rating::routes())
        .merge(catalog::routes())
        .merge(sharing::routes())
        .merge(recovery::routes())
        .merge(supervision::routes())
        .merge(board::routes())
        .merge(exchange::routes())
}
