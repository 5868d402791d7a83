//! Pages for staff: inbox, case page, decisions, messages, one's own posts.
//!
//! One module for each noun. A handler extracts, calls one verb, renders; what a page looks like stands in
//! functions made of the components of `ui` alone. Nothing here needs a script.

mod bench;
mod casework;
mod clock;
mod counter;
mod decide;
mod documents;
mod inbox;
mod me;
mod message;
mod paper;
mod picture;
mod recovery;
mod reveal;
mod revoke;
mod substitute;
mod zones;

use axum::Router;
use zhengtong_http::App;

/// All routes of this face.
pub fn routes() -> Router<App> {
    Router::new()
        .merge(inbox::routes())
        .merge(casework::routes())
        .merge(reveal::routes())
        .merge(decide::routes())
        .merge(paper::routes())
        .merge(revoke::routes())
        .merge(message::routes())
        .merge(me::routes())
        .merge(substitute::routes())
        .merge(counter::routes())
        .merge(recovery::routes())
}
