//! Pages for the public: the portal, the guides, applications, my space.
//!
//! One module for each noun. A handler extracts, calls one verb, renders; what a page looks like stands
//! below the handlers of its module, made of the components of `ui` alone.

mod about;
mod apply;
mod case;
mod data;
mod delegation;
mod guide;
mod home;
mod login;
mod mine;
mod outside;
mod paper;
mod passkey;
mod question;
mod recover;
mod security;
mod signon;
mod space;
mod tasks;
mod upload;

use axum::Router;
use zhengtong_http::App;

/// All routes of this face.
pub fn routes() -> Router<App> {
    Router::new()
        .merge(home::routes())
        .merge(guide::routes())
        .merge(apply::routes())
        .merge(mine::routes())
        .merge(data::routes())
        .merge(signon::routes())
        .merge(space::routes())
        .merge(upload::routes())
        .merge(case::routes())
        .merge(paper::routes())
        .merge(login::routes())
        .merge(recover::routes())
        .merge(security::routes())
        .merge(delegation::routes())
        .merge(outside::routes())
        .merge(passkey::routes())
        .merge(about::routes())
}
