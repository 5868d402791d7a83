//! What this process counts of its requests: by method, route and status, with how long they took.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use time::OffsetDateTime;
use tracing::Instrument as _;
use zhengtong_db::clock::{Clock as _, SystemClock};

use crate::trace;

/// The upper ends of the buckets of the histogram, in seconds.
pub(crate) const BUCKETS: [f64; 12] =
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// The route of requests that no route fits.
const NO_ROUTE: &str = "(none)";

/// Figures of this process.
#[derive(Debug)]
pub(crate) struct Figures {
    started: OffsetDateTime,
    in_flight: AtomicI64,
    routes: RwLock<BTreeMap<String, BTreeMap<&'static str, Arc<Row>>>>,
}

/// One method of one route.
#[derive(Debug, Default)]
struct Row {
    buckets: [AtomicU64; BUCKETS.len()],
    count: AtomicU64,
    micros: AtomicU64,
    statuses: Mutex<BTreeMap<u16, u64>>,
}

/// What was counted for one method of one route.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Counted {
    pub(crate) route: String,
    pub(crate) method: &'static str,
    /// Requests at most as long as each bucket.
    pub(crate) buckets: Vec<u64>,
    pub(crate) count: u64,
    pub(crate) seconds: f64,
    pub(crate) statuses: BTreeMap<u16, u64>,
}

/// A request that is being answered; it no longer is when this is dropped, also when its client left.
struct Flight<'a>(&'a AtomicI64);

impl Default for Figures {
    fn default() -> Self {
        Self { started: SystemClock.now(), in_flight: AtomicI64::new(0), routes: RwLock::default() }
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Figures {
    /// When the process began.
    pub(crate) fn started(&self) -> OffsetDateTime {
        self.started
    }

    /// Requests that are being answered.
    pub(crate) fn in_flight(&self) -> i64 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// All routes that were asked for.
    pub(crate) fn counted(&self) -> Vec<Counted> {
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        let rows = routes.iter().flat_map(|(route, methods)| {
            methods.iter().map(move |(method, row)| row.read(route, method))
        });
        rows.collect()
    }

    fn row(&self, route: &str, method: &'static str) -> Arc<Row> {
        let known = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(row) = known.get(route).and_then(|methods| methods.get(method)) {
            return Arc::clone(row);
        }
        drop(known);
        let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(routes.entry(route.to_owned()).or_default().entry(method).or_default())
    }

    fn answered(&self, route: &str, method: &'static str, status: u16, micros: u64) {
        let row = self.row(route, method);
        let seconds = seconds(micros);
        for (bucket, _) in row.buckets.iter().zip(BUCKETS).filter(|(_, most)| seconds <= *most) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        row.micros.fetch_add(micros, Ordering::Relaxed);
        row.count.fetch_add(1, Ordering::Relaxed);
        *row.statuses.lock().unwrap_or_else(PoisonError::into_inner).entry(status).or_default() +=
            1;
    }
}

impl Row {
    fn read(&self, route: &str, method: &'static str) -> Counted {
        // The count first: a request that ends meanwhile is in a bucket and not yet in the count, never the
        // other way round, and what is shown is made to fit.
        let count = self.count.load(Ordering::Relaxed);
        Counted {
            route: route.to_owned(),
            method,
            buckets: self.buckets.iter().map(|b| b.load(Ordering::Relaxed).min(count)).collect(),
            count,
            seconds: seconds(self.micros.load(Ordering::Relaxed)),
            statuses: self.statuses.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}

/// Counts requests and the time they took, and gives each its span for those who follow requests.
pub(crate) async fn count(
    State(figures): State<Arc<Figures>>,
    request: Request,
    next: Next,
) -> Response {
    let start = tokio::time::Instant::now();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| NO_ROUTE.to_owned(), |path| path.as_str().to_owned());
    let method = word(request.method());
    figures.in_flight.fetch_add(1, Ordering::Relaxed);
    let flight = Flight(&figures.in_flight);
    let (span, told) = trace::request(request.headers(), method, &route);
    let mut response = next.run(request).instrument(span.clone()).await;
    drop(flight);
    let status = response.status().as_u16();
    span.record("status", status);
    if let Some(told) = told {
        response.headers_mut().insert("traceresponse", told);
    }
    let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    figures.answered(&route, method, status, micros);
    response
}

/// The method as a label: others than the usual would be as many as an attacker likes.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of centuries fit 53 bits")]
fn seconds(micros: u64) -> f64 {
    micros as f64 / 1_000_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_in_every_bucket_that_is_long_enough() {
        let figures = Figures::default();
        figures.answered("/a", "GET", 200, 20_000);
        figures.answered("/a", "GET", 503, 60_000_000);
        let counted = figures.counted();
        assert_eq!(counted[0].buckets, [0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
        assert_eq!((counted[0].count, counted[0].statuses[&503]), (2, 1));
        assert!((counted[0].seconds - 60.02).abs() < 1e-9);
    }

    #[test]
    fn methods_that_nobody_knows_are_one() {
        assert_eq!(word(&Method::from_bytes(b"BREW").unwrap()), "OTHER");
    }
}
