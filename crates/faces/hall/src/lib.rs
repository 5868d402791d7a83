//! Pages for the public: the portal, the guides, applications, my space.
//!
//! One module for each noun. A handler extracts, calls one verb, renders; what a page looks like stands
//! below the handlers of its module, made of the components of `ui` alone.

mod about;
mod apply;
mod asked;
mod case;
mod catalog;
mod certificate;
mod channels;
mod charge;
mod data;
mod delegation;
mod guide;
mod held;
mod home;
mod licence;
mod login;
mod mine;
mod moved;
mod outside;
mod owed;
mod paper;
mod passkey;
mod question;
mod rating;
mod recover;
mod security;
mod signon;
mod space;
mod tasks;
mod unsigned;
mod upload;
mod urge;

use axum::Router;
use zhengtong_http::App;

/// All routes of this face.
pub fn routes() -> Router<App> {
    Router::new()
        .merge(home::routes())
        .merge(guide::routes())
        .merge(catalog::routes())
        .merge(apply::routes())
        .merge(mine::routes())
        .merge(data::routes())
        .merge(held::routes())
        .merge(signon::routes())
        .merge(space::routes())
        .merge(upload::routes())
        .merge(case::routes())
        .merge(owed::routes())
        .merge(urge::routes())
        .merge(paper::routes())
        .merge(login::routes())
        .merge(recover::routes())
        .merge(security::routes())
        .merge(channels::routes())
        .merge(delegation::routes())
        .merge(outside::routes())
        .merge(passkey::routes())
        .merge(certificate::routes())
        .merge(rating::routes())
        .merge(unsigned::routes())
        .merge(about::routes())
}
