//! Sends spans to a collector: OTLP over HTTP in its JSON form, in batches, with one more attempt, and never in the
//! way of a request: what cannot be sent is dropped and counted.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};

use super::layer::{Kind, Span};

/// Spans in one request to the collector.
const BATCH: usize = 512;
/// How long spans wait for others to go with them.
const WAIT_MS: u64 = 2_000;
/// How long the collector may take.
const SEND_SECONDS: u64 = 5;
/// The longest answer that is read.
const ANSWER_BYTES_MAX: u64 = 16 * 1_024;

/// What the exporter is told.
pub(crate) enum Message {
    /// A span that has ended.
    Span(Box<Span>),
    /// Everything that waits is to be sent now.
    Flush(oneshot::Sender<()>),
}

/// Spans sent and dropped.
#[derive(Debug)]
pub(crate) struct Counts {
    pub(crate) sent: AtomicU64,
    pub(crate) dropped: AtomicU64,
}

impl Counts {
    pub(crate) const fn new() -> Self {
        Self { sent: AtomicU64::new(0), dropped: AtomicU64::new(0) }
    }

    pub(crate) fn drop_one(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

/// Where the collector is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    authority: String,
    address: String,
    path: String,
}

impl Target {
    /// Reads `http://host:port`, with a path or without; `/v1/traces` is added where it is missing.
    pub(crate) fn parse(endpoint: &str) -> Result<Self> {
        let rest = endpoint.strip_prefix("http://").context("it must begin with http://")?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'@';
        if authority.is_empty() || !rest.bytes().all(plain) {
            bail!("it must name a host");
        }
        let port = authority.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok());
        let address =
            if port.is_some() { authority.to_owned() } else { format!("{authority}:4318") };
        let path = path.trim_matches('/');
        let path = if path.is_empty() { "v1/traces" } else { path };
        Ok(Self { authority: authority.to_owned(), address, path: format!("/{path}") })
    }

    async fn send(&self, body: &str) -> Result<()> {
        let sent = tokio::time::timeout(Duration::from_secs(SEND_SECONDS), self.post(body)).await;
        sent.context("the collector took too long")?
    }

    async fn post(&self, body: &str) -> Result<()> {
        let mut stream = TcpStream::connect(&self.address).await?;
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            self.path,
            self.authority,
            body.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
        stream.flush().await?;
        let mut answer = Vec::new();
        stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).await?;
        let answer = String::from_utf8_lossy(&answer);
        let status = answer.split(' ').nth(1).unwrap_or_default();
        if !status.starts_with('2') {
            bail!("the collector answered {}", answer.lines().next().unwrap_or("nothing"));
        }
        Ok(())
    }
}

/// Sends until nobody is left who makes spans.
pub(crate) async fn run(
    target: Target,
    service: String,
    mut receiver: mpsc::Receiver<Message>,
    counts: &'static Counts,
) {
    let mut waiting: Vec<Span> = Vec::new();
    loop {
        let wait = Duration::from_millis(WAIT_MS);
        let told = tokio::time::timeout(wait, receiver.recv()).await;
        let (mut done, mut over) = (None, false);
        match told {
            Ok(Some(Message::Span(span))) => {
                waiting.push(*span);
                if waiting.len() < BATCH {
                    continue;
                }
            }
            Ok(Some(Message::Flush(told))) => done = Some(told),
            Ok(None) => over = true,
            Err(_quiet) => {}
        }
        hand_over(&target, &service, &mut waiting, counts).await;
        if let Some(done) = done
            && done.send(()).is_err()
        {
            tracing::debug!("nobody waits for the last spans");
        }
        if over {
            return;
        }
    }
}

async fn hand_over(target: &Target, service: &str, waiting: &mut Vec<Span>, counts: &Counts) {
    if waiting.is_empty() {
        return;
    }
    let count = u64::try_from(waiting.len()).unwrap_or(0);
    let body = document(service, waiting).to_string();
    waiting.clear();
    let mut sent = target.send(&body).await;
    if sent.is_err() {
        tokio::time::sleep(Duration::from_millis(500)).await;
        sent = target.send(&body).await;
    }
    match sent {
        Ok(()) => counts.sent.fetch_add(count, Ordering::Relaxed),
        Err(error) => {
            tracing::warn!(%error, count, "spans were dropped");
            counts.dropped.fetch_add(count, Ordering::Relaxed)
        }
    };
}

/// Spans as OTLP writes them in JSON.
fn document(service: &str, spans: &[Span]) -> Value {
    let resource = [
        text("service.name", service),
        text("service.version", env!("CARGO_PKG_VERSION")),
        text("process.pid", &std::process::id().to_string()),
    ];
    let spans: Vec<Value> = spans.iter().map(span).collect();
    json!({ "resourceSpans": [{
        "resource": { "attributes": resource },
        "scopeSpans": [{ "scope": { "name": "zhengtong" }, "spans": spans }],
    }] })
}

fn span(span: &Span) -> Value {
    let began = span.began.unix_timestamp_nanos();
    let ended = began + i128::try_from(span.took.as_nanos()).unwrap_or(0);
    // 1 internal, 2 server, 5 consumer.
    let (kind, name) = match span.kind {
        Kind::Request => (2, format!("{} {}", span.method, span.route)),
        Kind::Act => (1, span.verb.clone()),
        Kind::Job => (5, span.verb.clone()),
    };
    let mut attributes = vec![
        json!({ "key": "db.statements", "value": { "intValue": span.statements.to_string() } }),
        json!({ "key": "db.seconds", "value": { "doubleValue": span.statement_seconds } }),
    ];
    if span.kind == Kind::Request {
        attributes.push(text("http.request.method", &span.method));
        attributes.push(text("http.route", &span.route));
        attributes.push(json!({
            "key": "http.response.status_code", "value": { "intValue": span.status.to_string() }
        }));
    }
    let code = if span.status >= 500 { 2 } else { 0 };
    json!({
        "traceId": span.trace,
        "spanId": span.own,
        "parentSpanId": span.parent,
        "name": name,
        "kind": kind,
        "startTimeUnixNano": began.to_string(),
        "endTimeUnixNano": ended.to_string(),
        "attributes": attributes,
        "status": { "code": code },
    })
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_is_named_as_its_users_do() {
        let check = |endpoint: &str, address: &str, path: &str| {
            let target = Target::parse(endpoint).unwrap();
            assert_eq!((target.address.as_str(), target.path.as_str()), (address, path));
        };
        check("http://127.0.0.1:4318", "127.0.0.1:4318", "/v1/traces");
        check("http://collector/", "collector:4318", "/v1/traces");
        check("http://collector:80/otlp/v1/traces", "collector:80", "/otlp/v1/traces");
        for wrong in
            ["", "collector:4318", "https://collector", "http://", "http://a b", "http://a@b"]
        {
            assert!(Target::parse(wrong).is_err(), "{wrong}");
        }
    }
}
