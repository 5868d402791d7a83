//! The only way out: HTTP to named hosts, at addresses that were checked, within limits.
#![doc = include_str!("../README.md")]

mod address;
mod breaker;
mod call;
mod error;
mod target;

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::Uri;
use tokio::time::Instant;

pub use address::is_public;
pub use call::{Line, Look, Names};
pub use error::{Error, Result};
pub use hyper::header::{HeaderMap, HeaderName, HeaderValue};
pub use hyper::{Method, StatusCode};

use breaker::Breaker;
use call::Caller;
use target::{Allowed, Target};

/// What may be called, and the limits.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Hosts with their ports that may be called.
    pub allow: Vec<String>,
    /// Those that may lie in private ranges and may be called without TLS.
    pub private: Vec<String>,
    /// Networks in which systems may lie that were registered with us, such as `10.0.0.0/8`.
    pub networks: Vec<String>,
    /// Certificates of the authorities that are trusted; none: those of the machine.
    pub roots: Option<PathBuf>,
    /// How long a look-up and a connection may take together.
    pub connect: Duration,
    /// How long one try may take.
    pub attempt: Duration,
    /// How long all tries may take.
    pub whole: Duration,
    /// Most bytes of an answer.
    pub answer_bytes: usize,
    /// Most tries.
    pub attempts: u32,
    /// Calls to one host at the same time; who waits for a slow one holds what others need.
    pub at_once: usize,
    /// Failures in a row after which a host is left alone.
    pub failures: u32,
    /// How long it is left alone the first time.
    pub rest: Duration,
    /// Names the trace that a call is part of, as `traceparent` of the W3C.
    pub trace: Option<fn() -> Option<String>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            private: Vec::new(),
            networks: Vec::new(),
            roots: None,
            connect: Duration::from_secs(5),
            attempt: Duration::from_secs(10),
            whole: Duration::from_secs(25),
            answer_bytes: 2 * 1024 * 1024,
            attempts: 3,
            at_once: 8,
            failures: 5,
            rest: Duration::from_secs(30),
            trace: None,
        }
    }
}

/// Whether a call may be made more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// It reads, or carries a key by which the other side knows it.
    Allowed,
    /// It must arrive once at most.
    Never,
}

/// A call.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole URL.
    pub url: String,
    /// Headers; `host` and `content-length` are set by themselves.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    /// Whether it may be made more than once.
    pub again: Again,
}

impl Request {
    /// A call that reads.
    pub fn get(url: &str) -> Self {
        Self {
            method: Method::GET,
            url: url.to_owned(),
            headers: HeaderMap::new(),
            body: Vec::new(),
            again: Again::Allowed,
        }
    }

    /// A call that sends something, once at most.
    pub fn post(url: &str, kind: &str, body: Vec<u8>) -> Self {
        let mut headers = HeaderMap::new();
        if let Ok(kind) = HeaderValue::from_str(kind) {
            headers.insert(hyper::header::CONTENT_TYPE, kind);
        }
        Self { method: Method::POST, url: url.to_owned(), headers, body, again: Again::Never }
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// Its status; a redirect is given back as it came.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its whole body.
    pub body: Vec<u8>,
}

/// The way out. Clones share what is known of the hosts.
#[derive(Clone, Debug)]
pub struct Egress {
    settings: Arc<Settings>,
    allowed: Arc<Allowed>,
    caller: Caller,
    hosts: Arc<Mutex<HashMap<Target, Host>>>,
}

/// What is known of a host.
#[derive(Debug)]
struct Host {
    breaker: Breaker,
    under_way: usize,
}

/// One call that is under way, until it is dropped.
struct UnderWay<'a>(&'a Egress, &'a Target);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.with(self.1, |host| host.under_way = host.under_way.saturating_sub(1));
    }
}

impl Egress {
    /// A way out with these settings.
    pub fn new(settings: Settings) -> Result<Self> {
        Self::with_names(settings, Names::system())
    }

    /// A way out that asks somebody else for addresses.
    pub fn with_names(settings: Settings, names: Names) -> Result<Self> {
        let allowed = Allowed::read(&settings.allow, &settings.private)?;
        let caller = Caller::new(&settings, names)?;
        Ok(Self {
            settings: Arc::new(settings),
            allowed: Arc::new(allowed),
            caller,
            hosts: Arc::default(),
        })
    }

    /// Makes a call. An answer of any status is an answer; 5xx counts against the host and is tried again if it may.
    pub async fn send(&self, request: &Request) -> Result<Response> {
        let (target, uri) = self.allowed.check(&request.url)?;
        self.carry(&target, &uri, request).await
    }

    /// Makes a call to the host of an address that was registered with us: that of another system, which an
    /// administrator entered, or of a provider, which stands in the configuration. It lies in the public net or in one of
    /// the networks, speaks TLS but on this machine, and no other host is called, whatever an answer names.
    pub async fn send_registered(&self, registered: &str, request: &Request) -> Result<Response> {
        let (target, uri) = self.allowed.check_registered(registered, &request.url)?;
        self.carry(&target, &uri, request).await
    }

    /// Whether a line may be opened there.
    pub fn check_line(&self, url: &str) -> Result<()> {
        self.allowed.check_line(url).map(drop)
    }

    /// Opens a line for a protocol other than HTTP, such as that of a collector of logs: `tls://host:6514`, or
    /// `tcp://host:601` to a host that is named as private.
    pub async fn line(&self, url: &str) -> Result<Box<dyn Line>> {
        let target = self.allowed.check_line(url)?;
        self.caller.open(&target).await
    }

    /// Holds a conversation over a line, within the limits of a call: a dead host is left alone for a while, a slow one is
    /// given up. What goes wrong with the line counts against the host; what the other side says does not. To
    /// `starttls://host:587` the line opens plain, and nothing but the wish for TLS may be said before [`Egress::secure`].
    pub async fn converse<T, F>(
        &self,
        url: &str,
        talk: impl FnOnce(Box<dyn Line>) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let target = self.allowed.check_line(url)?;
        let under_way = self.may_call(&target)?;
        let held = async { talk(self.caller.open(&target).await?).await };
        let outcome =
            tokio::time::timeout(self.settings.whole, held).await.unwrap_or(Err(Error::Slow));
        drop(under_way);
        let passing = matches!(&outcome, Err(error) if is_passing_error(error));
        self.with(&target, |host| match &outcome {
            Err(Error::Refused(_)) => host.breaker.unknown(),
            _ if passing => {
                if host.breaker.failed(Instant::now()) {
                    tracing::warn!(host = %target.host, port = target.port, "left alone for a while");
                }
            }
            _ => host.breaker.worked(),
        });
        outcome
    }

    /// Encrypts a line that was opened plain, to who can prove the name of the address.
    pub async fn secure(&self, url: &str, line: Box<dyn Line>) -> Result<Box<dyn Line>> {
        let target = self.allowed.check_line(url)?;
        self.caller.encrypt(&target, line).await
    }

    async fn carry(&self, target: &Target, uri: &Uri, request: &Request) -> Result<Response> {
        let request = &self.traced(request);
        let end = Instant::now() + self.settings.whole;
        let mut tries = 0;
        loop {
            tries += 1;
            let under_way = self.may_call(target)?;
            let limit = self.settings.attempt.min(end.saturating_duration_since(Instant::now()));
            let outcome = tokio::time::timeout(limit, self.caller.call(target, uri, request))
                .await
                .unwrap_or(Err(Error::Slow));
            drop(under_way);
            self.note(target, &outcome);
            let again = request.again == Again::Allowed
                && tries < self.settings.attempts
                && is_passing(&outcome);
            let pause = pause(tries);
            if !again || Instant::now() + pause >= end {
                return outcome;
            }
            tracing::debug!(host = %target.host, tries, "a call is tried again");
            tokio::time::sleep(pause).await;
        }
    }

    /// The call with the name of the trace that it is part of.
    fn traced<'a>(&self, request: &'a Request) -> Cow<'a, Request> {
        let name = self.settings.trace.and_then(|trace| trace());
        let Some(name) = name.and_then(|name| HeaderValue::from_str(&name).ok()) else {
            return Cow::Borrowed(request);
        };
        let mut request = request.clone();
        request.headers.insert(HeaderName::from_static("traceparent"), name);
        Cow::Owned(request)
    }

    fn with<T>(&self, target: &Target, act: impl FnOnce(&mut Host) -> T) -> T {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let host = hosts.entry(target.clone()).or_insert_with(|| Host {
            breaker: Breaker::new(self.settings.failures, self.settings.rest),
            under_way: 0,
        });
        act(host)
    }

    fn may_call<'a>(&'a self, target: &'a Target) -> Result<UnderWay<'a>> {
        self.with(target, |host| {
            if host.under_way >= self.settings.at_once {
                return Err(Error::Busy(target.host.clone()));
            }
            let asked = host.breaker.ask(Instant::now());
            asked.map_err(|wait| Error::Resting { host: target.host.clone(), wait })?;
            host.under_way += 1;
            Ok(())
        })?;
        Ok(UnderWay(self, target))
    }

    fn note(&self, target: &Target, outcome: &Result<Response>) {
        self.with(target, |host| match outcome {
            // What we refuse ourselves says nothing about the other side.
            Err(Error::Refused(_)) => host.breaker.unknown(),
            _ if is_passing(outcome) => {
                if host.breaker.failed(Instant::now()) {
                    tracing::warn!(host = %target.host, port = target.port, "left alone for a while");
                }
            }
            _ => host.breaker.worked(),
        });
    }
}

/// Whether the same call may well work a moment later.
fn is_passing(outcome: &Result<Response>) -> bool {
    match outcome {
        Ok(response) => response.status.is_server_error(),
        Err(error) => is_passing_error(error),
    }
}

fn is_passing_error(error: &Error) -> bool {
    matches!(error, Error::Slow | Error::Line(_) | Error::Name(_))
}

/// Longer each time, and by chance, so that all who wait do not come at the same moment.
fn pause(tries: u32) -> Duration {
    let mut chance = [0_u8];
    if getrandom::fill(&mut chance).is_err() {
        chance = [128];
    }
    let whole = Duration::from_millis(200).saturating_mul(2_u32.saturating_pow(tries.min(6)));
    whole / 2 + whole.saturating_mul(u32::from(chance.iter().copied().sum::<u8>())) / 512
}
