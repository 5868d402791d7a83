//! What machines ask: alive, ready, figures, version.

mod figures;
mod gather;
mod text;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::sync::watch;
use zhengtong_crypto::sm3;
use zhengtong_http::App;

pub(crate) use figures::{Figures, count};
pub(crate) use gather::{Facts, open_files, resident_bytes, space};

/// The process is alive.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether a demonstration is whole; none outside of one.
#[derive(Clone, Debug)]
pub(crate) struct Filled(pub(crate) Option<watch::Receiver<bool>>);

/// The process can serve: the database answers, and a demonstration has its city.
pub(crate) async fn readyz(
    State(app): State<App>,
    Extension(Filled(filled)): Extension<Filled>,
) -> Response {
    if filled.is_some_and(|filled| !*filled.borrow()) {
        return not_ready("the demonstration city is being filled\n");
    }
    match app.db.ping().await {
        Ok(()) => (StatusCode::OK, "ready\n").into_response(),
        Err(_away) => not_ready("the database is away\n"),
    }
}

fn not_ready(why: &'static str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], why).into_response()
}

/// Figures in the text format of Prometheus, for those who bring the word of the configuration; without one,
/// for this machine only, and not through a proxy.
pub(crate) async fn metrics(
    State(app): State<App>,
    Extension(figures): Extension<Arc<Figures>>,
    from: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
) -> Response {
    let token = app.db.defs::<Facts>().map(|facts| facts.token.clone()).unwrap_or_default();
    let local = from.is_some_and(|Extension(ConnectInfo(peer))| peer.ip().is_loopback());
    if !may_scrape(&token, &headers, local) {
        let said = "metrics.token is the word to bring, as Authorization: Bearer\n";
        let asked = [(header::WWW_AUTHENTICATE, "Bearer realm=\"metrics\"")];
        return (StatusCode::UNAUTHORIZED, asked, said).into_response();
    }
    let text = gather::gather(&app, &figures).await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

fn may_scrape(token: &str, headers: &HeaderMap, local: bool) -> bool {
    if token.is_empty() {
        return local
            && ["forwarded", "x-forwarded-for"].iter().all(|name| !headers.contains_key(*name));
    }
    let brought = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let brought = brought.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    // Digests are compared, so that the time tells nothing of the word.
    sm3(brought.as_bytes()) == sm3(token.as_bytes())
}

/// Which version runs.
pub(crate) async fn version() -> Response {
    let body = json!({ "name": "zhengtong", "version": env!("CARGO_PKG_VERSION") });
    ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_for_those_who_bring_the_word() {
        let with = |name: &'static str, value: &'static str| {
            HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())])
        };
        let none = HeaderMap::new();
        assert!(may_scrape("", &none, true));
        assert!(!may_scrape("", &none, false));
        assert!(!may_scrape("", &with("x-forwarded-for", "10.0.0.1"), true));
        assert!(may_scrape("word", &with("authorization", "Bearer word"), false));
        assert!(!may_scrape("word", &with("authorization", "Bearer wor"), true));
        assert!(!may_scrape("word", &none, true));
    }
}
