#![doc = include_str!("../README.md")]

mod answer;
mod asked;
mod cases;
mod catalog;
mod ckan;
mod dcat;
mod document;
mod exchange;
mod files;
mod history;
mod items;
mod keys;
mod loads;
mod lying;
mod me;
mod messages;
mod opened;
mod page;
mod papers;
mod rules;
mod sharing;
mod signon;
mod tables;

use axum::Router;
use axum::routing::{MethodRouter, get, post};
use zhengtong_http::App;

pub use document::{document, operations};
pub use exchange::gateway;

/// Every address of this face with what answers there. The description names the same addresses.
fn served() -> [(&'static str, MethodRouter<App>); 25] {
    [
        ("/api/v1/items", get(items::list)),
        ("/api/v1/items/{slug}", get(items::one)),
        ("/api/v1/me", get(me::me)),
        ("/api/v1/cases", get(cases::list)),
        ("/api/v1/cases/{no}", get(cases::one)),
        ("/api/v1/catalog/resources", get(catalog::list)),
        ("/api/v1/catalog/resources/{code}", get(catalog::one)),
        ("/api/v1/datasets", get(tables::list)),
        ("/api/v1/datasets/{dataset}", get(tables::one)),
        ("/api/v1/datasets/{dataset}/loads", post(loads::bring)),
        ("/api/v1/datasets/{dataset}/loads/{load}", get(loads::one)),
        ("/api/v1/datasets/{dataset}/loads/{load}/faults", get(loads::refused)),
        ("/api/v1/datasets/{dataset}/records", get(tables::records)),
        ("/api/v1/datasets/{dataset}/records/{record}", get(history::one)),
        ("/api/v1/datasets/{dataset}/records/{record}/history", get(history::all)),
        ("/api/v1/datasets/{dataset}/totals", get(tables::totals)),
        ("/api/v1/processes/messages", post(messages::tell)),
        ("/api/v1/shared/{grant}/records", get(sharing::record)),
        ("/api/v1/shared/{grant}/verify", get(sharing::verify)),
        ("/api/v1/verify/{code}", get(papers::verify)),
        ("/api/v1/standards", get(rules::standards)),
        ("/api/v1/elements", get(rules::elements)),
        ("/api/v1/codes/{list}", get(rules::codes)),
        ("/openapi.json", get(document::json)),
        ("/api", get(page::page)),
    ]
}

/// What stands beside our own interface: interfaces of others, and the pages of open data.
fn joined() -> Router<App> {
    let open = ckan::routes().merge(dcat::routes()).merge(opened::routes());
    signon::routes().merge(open).merge(keys::routes())
}

/// All routes of this face.
pub fn routes() -> Router<App> {
    served().into_iter().fold(joined(), |router, (path, methods)| router.route(path, methods))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_is_served_is_what_is_described() {
        let served: BTreeSet<&str> = served().into_iter().map(|(path, _)| path).collect();
        let described: BTreeSet<&str> =
            document()["paths"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(served, described);
    }
}
