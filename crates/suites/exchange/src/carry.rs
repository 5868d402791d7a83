//! Carries parcels to their receivers: in order, chunk by chunk, again and again with longer pauses, until they are there
//! or wait for a person as dead letters.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use time::Duration;
use uuid::Uuid;
use zhengtong_crypto::sm3;
use zhengtong_db::jobs::{CronEntry, Job, Work};
use zhengtong_db::{Ctx, Db, Thing};
use zhengtong_egress::{Again, HeaderMap, HeaderName, HeaderValue, Method, Request};

use crate::call::{Gateway, sweep};
use crate::channel::{CARRY, CHUNK, reached, wake_at};
use crate::error::{Error, Result};
use crate::limits::LIMITS;
use crate::model::{Channel, Count, Parcel, Stage, State};
use crate::store::channel::{self as store, Wanted};
use crate::store::register;

/// The job that wakes channels whose time has come and closes messages without an answer.
pub const TEND: &str = "exchange.tend";
/// How long a parcel belongs to who carries it.
const LEASE: Duration = Duration::seconds(120);

/// Adds the jobs of this suite.
#[must_use]
pub fn attach(work: Work) -> Work {
    work.on(
        CARRY,
        |db, job| async move { carry(&db, &job).await.map_err(|error| error.to_string()) },
    )
    .on(TEND, |db, _job| async move { tend(&db).await.map_err(|error| error.to_string()) })
    .at(CronEntry { name: TEND, pattern: "* * * * *", job: TEND })
}

/// A parcel that was taken to be carried.
struct Load {
    channel: Channel,
    parcel: Parcel,
    url: String,
}

async fn carry(db: &Db, job: &Job) -> Result<()> {
    let channel = job.payload.get("channel").and_then(|id| id.as_str()?.parse().ok());
    let Some(channel) = channel else { return Ok(()) };
    let gateway = db.defs::<Gateway>()?;
    for _ in 0..LIMITS.run_parcels {
        if !carry_next(db, &gateway, channel).await? {
            return Ok(());
        }
    }
    let mut ctx = db.begin_system(CARRY).await?;
    let now = ctx.now;
    let key = format!("more/{}", ctx.id());
    wake_at(&mut ctx, channel, &key, now).await?;
    Ok(ctx.commit().await?)
}

/// Carries the next parcel of a channel. Whether there may be more.
async fn carry_next(db: &Db, gateway: &Gateway, channel: Uuid) -> Result<bool> {
    let mut ctx = db.begin_system(CARRY).await?;
    let load = take(&mut ctx, channel).await?;
    ctx.commit().await?;
    let Some(load) = load else { return Ok(false) };
    let outcome = deliver(db, gateway, &load).await;
    let mut ctx = db.begin_system(CARRY).await?;
    let went = match outcome {
        Ok(answer) => arrived(&mut ctx, &load, &answer).await.map(|()| true),
        Err(fault) => stopped(&mut ctx, &load, &fault).await.map(|()| false),
    };
    let went = went?;
    ctx.commit().await?;
    Ok(went)
}

async fn take(ctx: &mut Ctx, channel: Uuid) -> Result<Option<Load>> {
    ctx.allow("exchange.carry", &Thing::new("platform", "exchange"))?;
    let now = ctx.now;
    let Some(id) = store::take(ctx.conn(), channel, now, now + LEASE).await? else {
        return Ok(None);
    };
    let channel = store::channel(ctx.conn(), None, Some(channel)).await?;
    let wanted = Wanted { id: Some(id), ..Wanted::default() };
    let parcel = store::parcels(ctx.conn(), wanted).await?.into_iter().next();
    let (Some(channel), Some(parcel)) = (channel, parcel) else { return Ok(None) };
    let url = open_at(ctx, channel.receiver).await?;
    Ok(Some(Load { url: url.unwrap_or_default(), channel, parcel }))
}

/// Where a service takes parcels, while it and the system that offers it are switched on.
async fn open_at(ctx: &mut Ctx, receiver: Uuid) -> Result<Option<String>> {
    let service = register::service(ctx.conn(), receiver).await?;
    let Some(service) = service.filter(|one| one.state == State::Approved) else { return Ok(None) };
    let system = register::system(ctx.conn(), service.system).await?;
    let on = system.is_some_and(|system| system.state == State::Approved);
    Ok(on.then_some(service.url))
}

/// What a receiver may say when it takes the last chunk.
#[derive(Debug, Default, Deserialize)]
struct Answer {
    #[serde(default)]
    stage: String,
    #[serde(default)]
    rows: Option<i64>,
    #[serde(default)]
    sums: Option<serde_json::Value>,
    #[serde(default)]
    digest: Option<String>,
}

/// Sends every chunk that is not there yet. What went wrong is for both departments to read, so it holds no content.
async fn deliver(db: &Db, gateway: &Gateway, load: &Load) -> std::result::Result<Answer, String> {
    if load.url.is_empty() {
        return Err(
            "the receiving system or its service is not approved or is switched off".to_owned()
        );
    }
    let inside = |error: Error| {
        tracing::error!(parcel = %load.parcel.id, %error, "a parcel could not be read");
        "the platform could not read the parcel".to_owned()
    };
    let mut last = Answer::default();
    for no in 1..=load.parcel.chunks {
        let Some(body) = chunk(db, load.parcel.id, no).await.map_err(inside)? else { continue };
        let request = request(load, no, body);
        let response = gateway.egress().send_registered(&load.url, &request).await;
        let response = response.map_err(|error| {
            tracing::warn!(parcel = %load.parcel.id, %error, "a parcel did not arrive");
            "the receiver cannot be reached or did not answer in time".to_owned()
        })?;
        if !response.status.is_success() {
            return Err(format!("the receiver answered {}", response.status.as_u16()));
        }
        last = serde_json::from_slice(&response.body).unwrap_or_default();
        note(db, load.parcel.id, no).await.map_err(inside)?;
    }
    Ok(last)
}

/// The content of a chunk that has not arrived yet.
async fn chunk(db: &Db, parcel: Uuid, no: i32) -> Result<Option<Vec<u8>>> {
    let mut ctx = db.begin_system(CARRY).await?;
    let chunks = store::chunks(ctx.conn(), parcel).await?;
    if chunks.iter().any(|one| one.no == no && one.delivered.is_some()) {
        return Ok(None);
    }
    let Some(sealed) = store::content(ctx.conn(), (parcel, no)).await? else { return Ok(None) };
    let place = format!("{parcel}/{no}");
    Ok(Some(ctx.keyring()?.open(CHUNK, &place, &sealed)?))
}

/// A chunk has arrived, and who carries the parcel keeps it a while longer.
async fn note(db: &Db, parcel: Uuid, no: i32) -> Result<()> {
    let mut ctx = db.begin_system(CARRY).await?;
    let now = ctx.now;
    store::delivered(ctx.conn(), (parcel, no), now).await?;
    store::set_stage(ctx.conn(), parcel, Stage::Sent, (now + LEASE, None)).await?;
    Ok(ctx.commit().await?)
}

fn request(load: &Load, no: i32, body: Vec<u8>) -> Request {
    let parcel = &load.parcel;
    let count = &parcel.here;
    let mut headers = HeaderMap::new();
    let rows = count.rows.map(|rows| rows.to_string());
    let sums = count.sums.as_ref().map(ToString::to_string);
    let values = [
        ("content-type", Some(parcel.kind.clone())),
        ("content-digest", Some(format!("sm3=:{}:", STANDARD.encode(sm3(&body))))),
        ("x-exchange-channel", Some(load.channel.code.clone())),
        ("x-exchange-parcel", Some(parcel.id.to_string())),
        ("x-exchange-key", Some(parcel.key.clone())),
        ("x-exchange-seq", Some(parcel.seq.to_string())),
        ("x-exchange-chunk", Some(no.to_string())),
        ("x-exchange-chunks", Some(parcel.chunks.to_string())),
        ("x-exchange-digest", count.digest.clone()),
        ("x-exchange-rows", rows),
        ("x-exchange-sums", sums),
        ("x-road-issue", parcel.issue.clone()),
    ];
    for (name, value) in values {
        let value = value.and_then(|text| HeaderValue::from_str(&text).ok());
        if let Some(value) = value {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    let url = format!("{}{}", load.url.trim_end_matches('/'), load.channel.path);
    Request { method: Method::POST, url, headers, body, again: Again::Never }
}

async fn arrived(ctx: &mut Ctx, load: &Load, answer: &Answer) -> Result<()> {
    store::hold(ctx.conn(), load.parcel.id).await?;
    let mut parcel = load.parcel.clone();
    reached(ctx, &parcel, Stage::Received, &Count::default()).await?;
    parcel.stage = Stage::Received;
    let there =
        Count { rows: answer.rows, sums: answer.sums.clone(), digest: answer.digest.clone() };
    // A count that cannot be kept says nothing; the parcel is there all the same.
    let there = if there.is_sound() { there } else { Count::default() };
    let stages: &[Stage] = match answer.stage.as_str() {
        "stored" => &[Stage::Stored],
        "processed" => &[Stage::Stored, Stage::Processed],
        _ => &[],
    };
    for stage in stages {
        reached(ctx, &parcel, *stage, &there).await?;
        parcel.stage = *stage;
    }
    Ok(())
}

/// It did not go: a longer pause, or a dead letter that waits for a person. The next parcel does not wait for a dead one.
async fn stopped(ctx: &mut Ctx, load: &Load, fault: &str) -> Result<()> {
    let parcel = &load.parcel;
    let now = ctx.now;
    if parcel.attempts < LIMITS.tries {
        let doubled = LIMITS.wait_seconds << (parcel.attempts - 1).clamp(0, 10);
        let due = now + Duration::seconds(doubled);
        store::set_stage(ctx.conn(), parcel.id, Stage::Sent, (due, Some(fault))).await?;
        let key = format!("{}/{}", parcel.id, parcel.attempts);
        return wake_at(ctx, load.channel.id, &key, due).await;
    }
    store::set_stage(ctx.conn(), parcel.id, Stage::Dead, (now, Some(fault))).await?;
    let act = ctx
        .act("exchange.carry", "parcel", parcel.id.to_string())
        .change(None, parcel.here.digest.clone())
        .because(format!("dead letter: {fault}"));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let key = format!("after/{}", parcel.id);
    wake_at(ctx, load.channel.id, &key, now).await
}

async fn tend(db: &Db) -> Result<()> {
    let mut ctx = db.begin_system(TEND).await?;
    sweep(&mut ctx).await?;
    let now = ctx.now;
    for channel in store::waiting(ctx.conn(), now).await? {
        let key = format!("tend/{channel}");
        wake_at(&mut ctx, channel, &key, now).await?;
    }
    Ok(ctx.commit().await?)
}
