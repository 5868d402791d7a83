//! What machines ask: alive, ready, figures, version.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::sync::watch;
use zhengtong_http::App;

/// Figures of this process.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    requests: AtomicU64,
    client_errors: AtomicU64,
    server_errors: AtomicU64,
    micros: AtomicU64,
}

/// Counts requests and the time they took.
pub(crate) async fn count(
    State(figures): State<Arc<Figures>>,
    request: Request,
    next: Next,
) -> Response {
    let start = tokio::time::Instant::now();
    let response = next.run(request).await;
    let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    figures.requests.fetch_add(1, Ordering::Relaxed);
    figures.micros.fetch_add(micros, Ordering::Relaxed);
    if response.status().is_client_error() {
        figures.client_errors.fetch_add(1, Ordering::Relaxed);
    } else if response.status().is_server_error() {
        figures.server_errors.fetch_add(1, Ordering::Relaxed);
    }
    response
}

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

/// Figures in the text format of Prometheus.
pub(crate) async fn metrics(State(figures): State<Arc<Figures>>) -> Response {
    let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let memory = resident_bytes().unwrap_or(0);
    let text = format!(
        "# TYPE zhengtong_requests_total counter\nzhengtong_requests_total {}\n\
         # TYPE zhengtong_client_errors_total counter\nzhengtong_client_errors_total {}\n\
         # TYPE zhengtong_server_errors_total counter\nzhengtong_server_errors_total {}\n\
         # TYPE zhengtong_request_microseconds_total counter\nzhengtong_request_microseconds_total {}\n\
         # TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes {memory}\n",
        of(&figures.requests),
        of(&figures.client_errors),
        of(&figures.server_errors),
        of(&figures.micros),
    );
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Which version runs.
pub(crate) async fn version() -> Response {
    let body = json!({ "name": "zhengtong", "version": env!("CARGO_PKG_VERSION") });
    ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
