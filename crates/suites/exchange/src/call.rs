//! A call on its way: let in, sent on, answered, recorded. No transaction is open while a provider thinks: the message
//! is entered before it leaves and ended when the answer is there, so none is ever sent that the log does not know.

use std::sync::Arc;

use time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;
use uuid::Uuid;
use zhengtong_crypto::{Digest, Hasher, SigningKey, to_hex};
use zhengtong_db::{Ctx, Thing};
use zhengtong_egress::{Again, Egress, HeaderMap, HeaderName, HeaderValue};
use zhengtong_ledger::EntryId;

use crate::error::Result;
use crate::limits::LIMITS;
use crate::message::{Request, filtered, in_header, lines};
use crate::meta;
use crate::model::{Keep, State};
use crate::path::within;
use crate::refusal::{Fault, Refusal};
use crate::sign::{self, Sealed, Signed, Target};
use crate::store::message as store;
use crate::store::message::{Known, KnownService};

/// Heads and bodies of messages, in the log.
pub(crate) const MESSAGE: &str = "exchange.message.content";

/// What the gateway sends with, signs with, and how much it does at once. Clones share the places.
#[derive(Clone, Debug)]
pub struct Gateway {
    egress: Egress,
    key: Arc<SigningKey>,
    places: Arc<Semaphore>,
}

impl Gateway {
    /// A gateway with a way out and the key of the platform.
    pub fn new(egress: Egress, key: Arc<SigningKey>) -> Self {
        Self { egress, key, places: Arc::new(Semaphore::new(LIMITS.calls)) }
    }

    /// A place among the calls that are under way; none when all are taken.
    pub fn place(&self) -> Option<SemaphorePermit<'_>> {
        self.places.try_acquire().ok()
    }

    /// The public half of the key that signs answers.
    pub fn key(&self) -> zhengtong_crypto::VerifyingKey {
        self.key.verifying_key()
    }

    /// Sends a call on, once, and waits for what the provider says.
    pub async fn forward(&self, admitted: &Admitted) -> Answered {
        let Some(service) = &admitted.service else {
            return Answered::refused(Refusal::new(
                Fault::UnknownService,
                "there is no such service",
            ));
        };
        let call = &admitted.request;
        let method = call.method.parse().unwrap_or(zhengtong_egress::Method::GET);
        let request = zhengtong_egress::Request {
            method,
            url: call.url(&service.url),
            headers: call.headers.clone(),
            body: call.body.clone(),
            again: Again::Never,
        };
        match self.egress.send_registered(&service.url, &request).await {
            Ok(response) => Answered {
                status: response.status.as_u16(),
                headers: returned(&response.headers),
                body: response.body,
                refusal: None,
            },
            Err(error) => {
                tracing::warn!(request = %call.request_id, %error, "a provider did not answer");
                Answered::refused(failed(&error))
            }
        }
    }

    pub(crate) fn egress(&self) -> &Egress {
        &self.egress
    }
}

/// A call that was let in and stands in the log.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// What was asked.
    pub request: Request,
    id: Uuid,
    service: Option<KnownService>,
    keep: Keep,
    hash: String,
    digest: String,
    began: Instant,
}

/// What becomes of a call.
#[derive(Debug)]
pub enum Admission {
    /// It is sent on.
    Forward(Box<Admitted>),
    /// It is answered here.
    Here(Box<Admitted>, Answered),
    /// Nobody knows who sent it: nothing is entered.
    Refused(Refusal),
}

/// What is answered.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The headers that go back.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    /// Why it failed here; none when the provider answered.
    pub refusal: Option<Refusal>,
}

impl Answered {
    pub(crate) fn refused(refusal: Refusal) -> Self {
        let status = refusal.fault.status();
        Self { status, headers: HeaderMap::new(), body: Vec::new(), refusal: Some(refusal) }
    }

    pub(crate) fn json(body: &serde_json::Value) -> Self {
        Self::of("application/json; charset=utf-8", body.to_string().into_bytes())
    }

    pub(crate) fn of(kind: &'static str, body: Vec<u8>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static(kind));
        Self { status: 200, headers, body, refusal: None }
    }
}

/// Reads who signed a call and decides about it. What is let in is entered in the log.
pub async fn admit(ctx: &mut Ctx, request: Request, raw: &HeaderMap) -> Result<Admission> {
    ctx.allow("exchange.call", &Thing::new("exchange", "call"))?;
    let target =
        Target { method: &request.method, path: &request.path, query: request.query.as_deref() };
    let signed = match sign::read(target, raw, &request.body) {
        Ok(signed) => signed,
        Err(refusal) => return Ok(Admission::Refused(refusal)),
    };
    let now = ctx.now;
    let (client, service) = (&request.client, &request.service);
    let known = store::admit(ctx.conn(), client, service, &signed.key, now).await?;
    let known = match trusted(ctx, known, &signed) {
        Ok(known) => known,
        Err(refusal) => return Ok(Admission::Refused(refusal)),
    };
    let Some(admitted) = enter(ctx, request, &known, &signed).await? else {
        let message = "this signed message came before; sign it again with a new X-Road-Id";
        return Ok(Admission::Refused(Refusal::new(Fault::Duplicate, message)));
    };
    let admitted = Box::new(admitted);
    if let Some(answer) = meta::answer(ctx, &admitted.request, &known).await? {
        return Ok(Admission::Here(admitted, answer));
    }
    Ok(match decided(&admitted.request, &known) {
        Ok(()) => Admission::Forward(admitted),
        Err(refusal) => Admission::Here(admitted, Answered::refused(refusal)),
    })
}

/// Whether the client takes part and its key fits; nothing about services is told before.
fn trusted(
    ctx: &Ctx,
    known: Option<Known>,
    signed: &Signed,
) -> std::result::Result<Known, Refusal> {
    let unknown =
        || Refusal::new(Fault::UnknownMember, "no such client takes part in this exchange");
    let known = known.ok_or_else(unknown)?;
    let wrong = |message: &str| Err(Refusal::new(Fault::Signature, message));
    let Some(key) = &known.key else { return wrong("the client has no such key") };
    let named = signed.algorithm.as_deref();
    if named.is_some_and(|one| one != key.public.algorithm.word()) {
        return wrong("the algorithm is not that of the key");
    }
    if !key.public.verifies(&signed.base, &signed.signature) {
        return wrong("the signature does not fit the key and the message");
    }
    if key.revoked_at.is_some() || !(key.valid_from..key.valid_to).contains(&ctx.now) {
        return wrong("the key is not valid now");
    }
    // The moment is whatever the header says, up to the largest number there is.
    let apart = ctx.now.unix_timestamp().abs_diff(signed.created);
    if apart > LIMITS.clock_seconds.unsigned_abs() {
        return wrong("the signature was created too long ago, or the clocks differ");
    }
    // Only who has the key learns that it was switched off.
    if known.client_state != State::Approved {
        return Err(unknown());
    }
    Ok(known)
}

fn decided(request: &Request, known: &Known) -> std::result::Result<(), Refusal> {
    let no = |fault, message: &str| Err(Refusal::new(fault, message));
    let Some((_, provider)) = known.provider else {
        return no(Fault::UnknownService, "there is no such provider");
    };
    let Some(service) = &known.service else {
        return no(Fault::UnknownService, "there is no such service");
    };
    if service.state == State::Proposed {
        return no(Fault::UnknownService, "there is no such service");
    }
    if !known.rights.iter().any(|right| within(right, &request.method, &request.rest)) {
        return no(Fault::AccessDenied, "the client has no right to this method and path");
    }
    if provider != State::Approved || service.state != State::Approved {
        return no(Fault::ServiceDisabled, "the service is switched off at the moment");
    }
    Ok(())
}

/// Enters the message; none when the same one was there already.
async fn enter(
    ctx: &mut Ctx,
    request: Request,
    known: &Known,
    signed: &Signed,
) -> Result<Option<Admitted>> {
    let began = Instant::now();
    let (head, hash) = (request.head(), request.hash());
    let digest = digest_of(&head, &request.body);
    let keep = known.service.as_ref().map_or(Keep::None, |service| service.keep);
    let id = request.request_id.parse().unwrap_or_else(|_no_uuid| ctx.id());
    let sealed = kept(ctx, keep, (id, "request"), &head, &request.body)?;
    let mut replay = Hasher::new();
    replay.update(&signed.base);
    let new = store::NewMessage {
        id,
        at: ctx.now,
        message_id: &request.message_id,
        client: known.client,
        client_text: request.client.to_string(),
        provider: known.provider.map(|(id, _)| id),
        service: known.service.as_ref().map(|service| service.id),
        service_text: request.service.to_string(),
        method: &request.method,
        issue: request.issue.as_deref(),
        key: &signed.key,
        signature: &signed.signature,
        replay: *replay.finish().as_bytes(),
        hash,
        digest: &digest,
        bytes: i64::try_from(request.body.len()).unwrap_or(i64::MAX),
        sealed,
    };
    if !store::insert(ctx.conn(), new).await? {
        return Ok(None);
    }
    let (service, hash) = (known.service.clone(), in_header(&hash));
    Ok(Some(Admitted { request, id, service, keep, hash, digest, began }))
}

/// Ends a message: the answer gets its headers and our signature, log and record know it.
pub async fn finish(
    ctx: &mut Ctx,
    gateway: &Gateway,
    admitted: &Admitted,
    mut answered: Answered,
) -> Result<Answered> {
    ctx.allow("exchange.call", &Thing::new("exchange", "call"))?;
    let request = &admitted.request;
    let error = answered.refusal.as_ref().map(|refusal| refusal.fault.word());
    if let Some(refusal) = answered.refusal.take() {
        answered = told(&refusal.of(&request.request_id), accept(&request.headers));
    }
    mark(&mut answered.headers, request, &admitted.hash);
    let sealed = Sealed::over(
        &gateway.key,
        (answered.status, &admitted.hash, &request.message_id),
        &answered.body,
        ctx.now.unix_timestamp(),
    );
    set(&mut answered.headers, "content-digest", &sealed.digest);
    append(&mut answered.headers, "signature-input", &sealed.input);
    append(&mut answered.headers, "signature", &sealed.header());
    let mut head = format!("{}\r\n", answered.status).into_bytes();
    lines(&answered.headers, &mut head);
    let digest = digest_of(&head, &answered.body);
    let entry = record(ctx, admitted, &digest, error).await?;
    let kept = kept(ctx, admitted.keep, (admitted.id, "response"), &head, &answered.body)?;
    let took = admitted.began.elapsed().as_micros();
    let ended = store::Ended {
        id: admitted.id,
        status: i32::from(answered.status),
        error,
        digest: &digest,
        bytes: i64::try_from(answered.body.len()).unwrap_or(i64::MAX),
        sealed: kept,
        key: &gateway.key.verifying_key().id().to_string(),
        signature: &sealed.signature,
        took_us: i64::try_from(took).unwrap_or(i64::MAX),
        entry: entry.0,
    };
    store::end(ctx.conn(), ended).await?;
    Ok(answered)
}

/// The entry of a message in the record: by whom, to what, the digests of what was asked and answered.
async fn record(
    ctx: &mut Ctx,
    admitted: &Admitted,
    digest: &str,
    error: Option<&str>,
) -> Result<EntryId> {
    let mut act = ctx
        .act("exchange.call", "message", admitted.id.to_string())
        .change(Some(admitted.digest.clone()), Some(digest.to_owned()));
    act.name = admitted.request.client.to_string();
    act.reason = Some(match error {
        Some(error) => format!("{} {}", admitted.request.service, error),
        None => admitted.request.service.to_string(),
    });
    Ok(zhengtong_ledger::append(ctx.conn(), &act).await?)
}

/// Closes messages that never got an answer: this program ended in the middle, or the answer could not be recorded.
pub async fn sweep(ctx: &mut Ctx) -> Result<usize> {
    ctx.allow("exchange.carry", &Thing::new("platform", "exchange"))?;
    let before = ctx.now - Duration::seconds(LIMITS.lost_seconds);
    let lost = store::lost(ctx.conn(), before, LIMITS.rows).await?;
    for (id, digest) in &lost {
        let act = ctx
            .act("exchange.carry", "message", id.to_string())
            .change(Some(digest.clone()), None)
            .because("no answer was recorded");
        let entry = zhengtong_ledger::append(ctx.conn(), &act).await?;
        store::close(ctx.conn(), *id, "Server.ServerProxy.MessageLost", entry.0).await?;
    }
    Ok(lost.len())
}

/// A refusal as an answer.
pub fn told(refusal: &Refusal, accept: &str) -> Answered {
    let (kind, body) = refusal.body(accept);
    let mut answered = Answered::of(kind, body.into_bytes());
    answered.status = refusal.fault.status();
    set(&mut answered.headers, "x-road-error", refusal.fault.word());
    answered
}

/// What a client accepts.
pub fn accept(headers: &HeaderMap) -> &str {
    headers.get("accept").and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn mark(headers: &mut HeaderMap, request: &Request, hash: &str) {
    set(headers, "x-road-client", &request.client.to_string());
    set(headers, "x-road-service", &request.service.to_string());
    set(headers, "x-road-id", &request.message_id);
    set(headers, "x-road-request-id", &request.request_id);
    set(headers, "x-road-request-hash", hash);
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

fn append(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.append(HeaderName::from_static(name), value);
    }
}

/// The headers of a provider that go back; those of the protocol are ours to set.
fn returned(headers: &HeaderMap) -> HeaderMap {
    let all = filtered(headers);
    let mut kept = HeaderMap::new();
    for (name, value) in &all {
        if !name.as_str().starts_with("x-road-") && name != "content-digest" {
            kept.append(name.clone(), value.clone());
        }
    }
    kept
}

fn failed(error: &zhengtong_egress::Error) -> Refusal {
    use zhengtong_egress::Error;
    match error {
        Error::Slow => Refusal::new(Fault::ServiceFailed, "the provider did not answer in time"),
        Error::TooLarge(_) => {
            Refusal::new(Fault::ServiceFailed, "the answer of the provider is too large")
        }
        Error::Refused(_) | Error::Settings(_) => {
            Refusal::new(Fault::ServiceFailed, "the address of the provider may not be called")
        }
        Error::Busy(_) => Refusal::new(Fault::Network, "the provider has too many calls at once"),
        _ => Refusal::new(Fault::Network, "the provider cannot be reached"),
    }
}

/// The digest of a message: SM3 over its head, a line that is empty, and its body.
pub(crate) fn digest_of(head: &[u8], body: &[u8]) -> String {
    let mut hasher = Hasher::new();
    for part in [head, b"\r\n", body] {
        hasher.update(part);
    }
    let digest: Digest = hasher.finish();
    to_hex(digest.as_bytes())
}

/// What the log keeps of one side of a message, sealed for its row.
fn kept(
    ctx: &Ctx,
    keep: Keep,
    (id, side): (Uuid, &str),
    head: &[u8],
    body: &[u8],
) -> Result<Option<Vec<u8>>> {
    let body = match keep {
        Keep::None => return Ok(None),
        Keep::Full if body.len() <= LIMITS.kept_bytes => body,
        Keep::Full | Keep::Digest => &[],
    };
    let plain = [head, b"\r\n", body].concat();
    Ok(Some(ctx.keyring()?.seal(MESSAGE, &format!("{id}/{side}"), &plain)?))
}

/// The system that signed a request to the platform itself, such as one that lays a parcel down.
pub async fn known(
    ctx: &mut Ctx,
    (method, path, query): (&str, &str, Option<&str>),
    raw: &HeaderMap,
    body: &[u8],
) -> Result<std::result::Result<Uuid, Refusal>> {
    ctx.allow("exchange.call", &Thing::new("exchange", "channel"))?;
    let read = || -> std::result::Result<_, Refusal> {
        let name = crate::message::header(raw, "x-road-client")?.and_then(|text| text.parse().ok());
        let client: crate::SystemName = name.ok_or_else(|| {
            Refusal::new(Fault::BadRequest, "X-Road-Client is not instance/class/member/subsystem")
        })?;
        Ok((client, sign::read(Target { method, path, query }, raw, body)?))
    };
    let (client, signed) = match read() {
        Ok(read) => read,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let nothing = crate::ServiceName { system: client.clone(), service: "-".to_owned() };
    let now = ctx.now;
    let known = store::admit(ctx.conn(), &client, &nothing, &signed.key, now).await?;
    Ok(trusted(ctx, known, &signed).map(|known| known.client))
}
