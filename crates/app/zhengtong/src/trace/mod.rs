//! Following one request through verbs and statements: spans in the form of OpenTelemetry, sent to a collector.
//!
//! The platform has few kinds of spans (a request, a job, the act of a verb inside them, with the number of its
//! statements), so this is a layer of our own over `tracing` and the JSON form of OTLP over HTTP: the crates of
//! OpenTelemetry would bring some two hundred and eighty others for it. The collector stands on this machine or in
//! this network and speaks plain HTTP, as agents of collectors do.

mod context;
mod export;
mod layer;

use std::sync::OnceLock;
use std::sync::atomic::Ordering;

use anyhow::{Context as _, Result};
use axum::http::{HeaderMap, HeaderValue};
use tokio::sync::{mpsc, oneshot};
use tracing::Span;

use context::Context;
use export::{Counts, Message};
pub(crate) use layer::Spans;

/// Spans that wait to be sent; more are dropped and counted.
const WAITING_MAX: usize = 8_192;

/// The way to the collector, once there is one.
static SENDER: OnceLock<mpsc::Sender<Message>> = OnceLock::new();
/// What was sent and what was dropped.
static COUNTS: Counts = Counts::new();

/// Starts sending spans to a collector such as `http://127.0.0.1:4318`. Needs a runtime.
pub(crate) fn start(endpoint: &str, service: &str) -> Result<Spans> {
    let target = export::Target::parse(endpoint).with_context(|| {
        format!("trace.endpoint 写成 http://127.0.0.1:4318 这样，现在是 {endpoint} / trace.endpoint must look like http://127.0.0.1:4318, not {endpoint}")
    })?;
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    tokio::spawn(export::run(target, service.to_owned(), receiver, &COUNTS));
    SENDER.get_or_init(|| sender.clone());
    Ok(Spans::new(sender, &COUNTS))
}

/// Sends what waits.
pub(crate) async fn flush() {
    let Some(sender) = SENDER.get() else { return };
    let (done, told) = oneshot::channel();
    if sender.send(Message::Flush(done)).await.is_ok() && told.await.is_err() {
        tracing::debug!("the collector was not reached at the end");
    }
}

/// Spans sent and spans dropped since the start.
pub(crate) fn counted() -> (u64, u64) {
    (COUNTS.sent.load(Ordering::Relaxed), COUNTS.dropped.load(Ordering::Relaxed))
}

/// The span that goes on here, as it is told to those whom the platform calls; none without a collector.
pub(crate) fn current() -> Option<String> {
    SENDER.get()?;
    Span::current().with_subscriber(layer::named).flatten()
}

/// The span of a request, as a part of the caller's trace if it names one, and what the answer says of it.
pub(crate) fn request(
    headers: &HeaderMap,
    method: &'static str,
    route: &str,
) -> (Span, Option<HeaderValue>) {
    let context = Context::of(headers);
    let span = tracing::info_span!(
        target: "zhengtong::request", "request",
        method, route,
        status = tracing::field::Empty,
        trace_id = context.trace(), span_id = context.span(),
        parent_id = context.parent(), sampled = context.sampled,
    );
    let told = SENDER.get().filter(|_| context.sampled);
    let told = told.and_then(|_| HeaderValue::from_str(&context.header()).ok());
    (span, told)
}

#[cfg(test)]
mod tests;
