//! What is carried later: a sender lays a parcel down, whole or chunk by chunk, under a key of its own; the receiver says
//! how far it is. The same key is the same parcel, however often it is laid down.

use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::FieldError;
use zhengtong_crypto::{Digest, sm3};
use zhengtong_db::jobs::NewJob;
use zhengtong_db::{Attr, Ctx, Thing};

use crate::error::{Error, Result};
use crate::limits::LIMITS;
use crate::model::{Channel, Count, NewChannel, Parcel, Receipt, Stage};
use crate::register::{coded, named, record, refuse, said};
use crate::store::channel::{self as store, Wanted};

/// Contents of chunks.
pub(crate) const CHUNK: &str = "exchange.chunk.content";
/// The job that carries what lies in a channel.
pub const CARRY: &str = "exchange.carry";

/// A parcel as a sender lays it down.
#[derive(Clone, Debug)]
pub struct NewParcel {
    /// The sender's key.
    pub key: String,
    /// The type of the content.
    pub kind: String,
    /// The case that is the cause.
    pub issue: Option<String>,
    /// How many chunks it has.
    pub chunks: i32,
    /// What the sender counted.
    pub count: Count,
}

/// A parcel with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParcelView {
    /// The parcel.
    pub parcel: Parcel,
    /// Its receipts.
    pub receipts: Vec<Receipt>,
    /// Chunks that the sender has not laid down yet.
    pub missing: Vec<i32>,
    /// Chunks that have arrived.
    pub delivered: usize,
}

/// A channel with its latest parcels.
#[derive(Clone, Debug)]
pub struct ChannelView {
    /// The channel.
    pub channel: Channel,
    /// The parcels, the latest first.
    pub parcels: Vec<Parcel>,
}

fn thing(channel: &Channel) -> Thing {
    let sides = [channel.sender_organisation, channel.receiver_organisation];
    let sides: Vec<String> = sides.into_iter().flatten().map(|one| one.to_string()).collect();
    let mut thing = Thing::new("channel", channel.code.clone());
    thing.attrs.insert("sides".to_owned(), Attr::Words(sides));
    thing
}

/// Opens a channel.
pub async fn add_channel(ctx: &mut Ctx, new: &NewChannel) -> Result<Uuid> {
    ctx.allow("exchange.approve", &Thing::new("exchange", ""))?;
    let mut faults = named(&new.title);
    faults.extend(coded(&new.code));
    if !new.path.is_empty() && !new.path.starts_with('/') {
        faults.push(FieldError::new("path", "路径以 / 开头", "a path begins with /"));
    }
    if !(2..=200).contains(&new.basis.trim().chars().count()) {
        faults.push(FieldError::new("basis", "写 2 至 200 个字", "write 2 to 200 characters"));
    }
    refuse(faults)?;
    let (id, now) = (ctx.id(), ctx.now);
    if !store::insert_channel(ctx.conn(), id, new, now).await? {
        return Err(Error::field("code", "已有这个通道编码", "there is a channel with this code"));
    }
    record(ctx, "exchange.approve", id, &format!("{new:?}"), None).await?;
    Ok(id)
}

/// The channels that the actor may see.
pub async fn channels(ctx: &mut Ctx) -> Result<Vec<Channel>> {
    let all = store::channels(ctx.conn()).await?;
    let seen: Vec<Channel> =
        all.into_iter().filter(|one| ctx.may("exchange.channel", &thing(one))).collect();
    if seen.is_empty() {
        ctx.allow("exchange.channel", &own(ctx))?;
    }
    Ok(seen)
}

/// A channel as if one's own organisation stood at its end: whether there may be any.
fn own(ctx: &Ctx) -> Thing {
    let mut thing = Thing::new("channel", "");
    let sides = ctx.actor.organisation.iter().map(ToString::to_string).collect();
    thing.attrs.insert("sides".to_owned(), Attr::Words(sides));
    thing
}

/// One channel with its latest parcels, or those of one stage.
pub async fn channel(ctx: &mut Ctx, code: &str, stage: Option<Stage>) -> Result<ChannelView> {
    let channel = allowed(ctx, code, "exchange.channel").await?;
    let wanted = Wanted { channel: Some(channel.id), stage, ..Wanted::default() };
    let parcels = store::parcels(ctx.conn(), wanted).await?;
    Ok(ChannelView { channel, parcels })
}

/// One parcel of a channel.
pub async fn parcel(ctx: &mut Ctx, code: &str, id: Uuid) -> Result<ParcelView> {
    let channel = allowed(ctx, code, "exchange.channel").await?;
    let parcel = find(ctx, &channel, id).await?;
    view(ctx, parcel).await
}

/// Stops a channel, or lets it go on.
pub async fn pause(ctx: &mut Ctx, code: &str, paused: bool, reason: &str) -> Result<()> {
    let channel = allowed(ctx, code, "exchange.steer").await?;
    let reason = said(reason)?;
    store::set_paused(ctx.conn(), channel.id, paused).await?;
    if !paused {
        wake(ctx, channel.id, &format!("go-on/{}", ctx.id())).await?;
    }
    let word = if paused { "paused" } else { "open" };
    record(ctx, "exchange.steer", channel.id, word, Some(reason)).await
}

/// Sends a dead letter again, from where it stopped.
pub async fn resend(ctx: &mut Ctx, code: &str, id: Uuid, reason: &str) -> Result<()> {
    let channel = allowed(ctx, code, "exchange.steer").await?;
    let reason = said(reason)?;
    let parcel = find(ctx, &channel, id).await?;
    if parcel.stage != Stage::Dead {
        return Err(Error::state("只有死信才能重发", "only a dead letter is sent again"));
    }
    let now = ctx.now;
    store::again(ctx.conn(), id, now, false).await?;
    wake(ctx, channel.id, &format!("again/{}", ctx.id())).await?;
    record(ctx, "exchange.steer", id, "again", Some(reason)).await
}

/// Carries parcels of a span of numbers once more, whole: for a receiver that has lost what it had. How many.
pub async fn replay(ctx: &mut Ctx, code: &str, span: (i64, i64), reason: &str) -> Result<usize> {
    let channel = allowed(ctx, code, "exchange.steer").await?;
    let reason = said(reason)?;
    if span.0 < 1 || span.1 < span.0 || span.1 - span.0 >= 1_000 {
        return Err(Error::field(
            "from",
            "写起止序号，一次最多 1000 个",
            "write the first and the last number, at most 1000 at once",
        ));
    }
    let (ids, now) = (store::between(ctx.conn(), channel.id, span).await?, ctx.now);
    for id in &ids {
        store::again(ctx.conn(), *id, now, true).await?;
    }
    wake(ctx, channel.id, &format!("replay/{}", ctx.id())).await?;
    let what = format!("replay {}–{}", span.0, span.1);
    record(ctx, "exchange.steer", channel.id, &what, Some(reason)).await?;
    Ok(ids.len())
}

/// Lays a parcel down. With one chunk the body is its content, and it is whole at once; with more, they follow.
pub async fn send(
    ctx: &mut Ctx,
    sender: Uuid,
    code: &str,
    new: &NewParcel,
    body: &[u8],
) -> Result<ParcelView> {
    ctx.allow("exchange.call", &Thing::new("exchange", "channel"))?;
    let channel = of_sender(ctx, sender, code).await?;
    let mut faults = Vec::new();
    if !(1..=100).contains(&new.key.len()) || new.key.chars().any(char::is_control) {
        faults.push(FieldError::new(
            "key",
            "幂等键 1 至 100 个字符",
            "a key of 1 to 100 characters",
        ));
    }
    if !(1..=LIMITS.chunks).contains(&new.chunks) {
        faults.push(FieldError::new("chunks", "分块太多", "too many chunks"));
    }
    let digest = new.count.digest.clone().unwrap_or_else(|| whole_digest([sm3(body)].iter()));
    if new.kind.len() > 100 || !new.count.is_sound() {
        faults.push(FieldError::new(
            "count",
            "行数、类型或摘要不对",
            "rows, type or digest are wrong",
        ));
    }
    refuse(faults)?;
    let parcel = Parcel {
        id: ctx.id(),
        channel: channel.id,
        seq: 0,
        key: new.key.clone(),
        issue: new.issue.clone(),
        kind: new.kind.clone(),
        chunks: new.chunks,
        bytes: 0,
        stage: Stage::Filling,
        attempts: 0,
        due: ctx.now,
        fault: None,
        here: Count { digest: Some(digest), ..new.count.clone() },
        there: Count::default(),
        at: ctx.now,
    };
    if !store::insert_parcel(ctx.conn(), &parcel).await? {
        return before(ctx, &channel, &parcel).await;
    }
    if parcel.chunks > 1 {
        return view(ctx, parcel).await;
    }
    put(ctx, &channel, &parcel, 1, body).await
}

/// Lays one chunk of a parcel down; the last one makes it whole.
pub async fn put_chunk(
    ctx: &mut Ctx,
    sender: Uuid,
    (code, id, no): (&str, Uuid, i32),
    body: &[u8],
) -> Result<ParcelView> {
    ctx.allow("exchange.call", &Thing::new("exchange", "channel"))?;
    let channel = of_sender(ctx, sender, code).await?;
    store::hold(ctx.conn(), id).await?;
    let parcel = find(ctx, &channel, id).await?;
    if parcel.stage != Stage::Filling {
        return view(ctx, parcel).await;
    }
    if !(1..=parcel.chunks).contains(&no) {
        return Err(Error::field("chunk", "没有这一块", "there is no such chunk"));
    }
    put(ctx, &channel, &parcel, no, body).await
}

/// How far a parcel is, for either side.
pub async fn look(ctx: &mut Ctx, system: Uuid, code: &str, id: Uuid) -> Result<ParcelView> {
    ctx.allow("exchange.call", &Thing::new("exchange", "channel"))?;
    let (channel, _) = of_side(ctx, system, code).await?;
    let parcel = find(ctx, &channel, id).await?;
    view(ctx, parcel).await
}

/// The receiver says that it has stored a parcel or is done with it, and what it counted.
pub async fn receipt(
    ctx: &mut Ctx,
    system: Uuid,
    (code, id): (&str, Uuid),
    stage: Stage,
    there: &Count,
) -> Result<ParcelView> {
    ctx.allow("exchange.call", &Thing::new("exchange", "channel"))?;
    let (channel, receives) = of_side(ctx, system, code).await?;
    if !receives {
        return Err(Error::absent("channel", code));
    }
    if !there.is_sound() {
        return Err(Error::field(
            "count",
            "行数、合计或摘要不对，请核对后重新回执",
            "rows, sums or digest are wrong; correct them and send the receipt again",
        ));
    }
    store::hold(ctx.conn(), id).await?;
    let parcel = find(ctx, &channel, id).await?;
    if !matches!(stage, Stage::Stored | Stage::Processed) || parcel.stage < Stage::Received {
        return Err(Error::state(
            "收到之后才能回执已入库、已处理",
            "a parcel is stored or processed after it was received",
        ));
    }
    reached(ctx, &parcel, stage, there).await?;
    let parcel = find(ctx, &channel, id).await?;
    view(ctx, parcel).await
}

/// A parcel has come to a stage; once, and never back.
pub(crate) async fn reached(
    ctx: &mut Ctx,
    parcel: &Parcel,
    stage: Stage,
    there: &Count,
) -> Result<()> {
    store::set_there(ctx.conn(), parcel.id, there).await?;
    let digest = parcel.here.digest.clone().unwrap_or_default();
    let act = ctx
        .act("exchange.receipt", "parcel", parcel.id.to_string())
        .change(None, Some(digest.clone()))
        .because(stage.word());
    let entry = zhengtong_ledger::append(ctx.conn(), &act).await?;
    let receipt = Receipt { stage, at: ctx.now, entry: entry.0 };
    store::insert_receipt(ctx.conn(), parcel.id, &receipt, &digest).await?;
    if parcel.stage < stage || stage == Stage::Received {
        let now = ctx.now;
        store::set_stage(ctx.conn(), parcel.id, stage, (now, None)).await?;
    }
    Ok(())
}

/// SM3 over the SM3 digests of all chunks, in their order.
pub fn whole_digest<'a>(chunks: impl Iterator<Item = &'a [u8; 32]>) -> String {
    let all: Vec<u8> = chunks.flatten().copied().collect();
    Digest::of(&all).to_string()
}

async fn put(
    ctx: &mut Ctx,
    channel: &Channel,
    parcel: &Parcel,
    no: i32,
    body: &[u8],
) -> Result<ParcelView> {
    if body.len() > LIMITS.chunk_bytes {
        return Err(Error::field(
            "chunk",
            "一块最多 4 MB，请分块",
            "a chunk has at most 4 MB; send it in parts",
        ));
    }
    let (id, place) = (parcel.id, format!("{}/{no}", parcel.id));
    let sealed = ctx.keyring()?.seal(CHUNK, &place, body)?;
    let digest = Digest::of(body).to_string();
    let bytes = i64::try_from(body.len()).unwrap_or(i64::MAX);
    store::put_chunk(ctx.conn(), (id, no), bytes, &digest, &sealed).await?;
    let chunks = store::chunks(ctx.conn(), id).await?;
    if i32::try_from(chunks.len()).unwrap_or(i32::MAX) < parcel.chunks {
        let parcel = parcel.clone();
        return view(ctx, parcel).await;
    }
    let digests = chunks.iter().filter_map(|one| one.digest.parse::<Digest>().ok());
    let digests: Vec<[u8; 32]> = digests.map(|digest| *digest.as_bytes()).collect();
    if Some(whole_digest(digests.iter())) != parcel.here.digest {
        return Err(Error::field(
            "digest",
            "内容和摘要不一致，请重新上传这一批",
            "the content is not that of the digest; lay the batch down again",
        ));
    }
    let bytes = chunks.iter().map(|one| one.bytes).sum();
    let now = ctx.now;
    store::seal_parcel(ctx.conn(), (id, channel.id), bytes, now).await?;
    let parcel = find(ctx, channel, id).await?;
    reached(ctx, &parcel, Stage::Sent, &Count::default()).await?;
    wake(ctx, channel.id, &id.to_string()).await?;
    view(ctx, parcel).await
}

/// The parcel that was laid down before under the same key; another content under it is refused.
async fn before(ctx: &mut Ctx, channel: &Channel, new: &Parcel) -> Result<ParcelView> {
    let wanted = Wanted { channel: Some(channel.id), key: Some(&new.key), ..Wanted::default() };
    let found = store::parcels(ctx.conn(), wanted).await?.into_iter().next();
    let found = found.ok_or_else(|| Error::absent("parcel", &new.key))?;
    if found.here != new.here || found.chunks != new.chunks {
        return Err(Error::state(
            "这个幂等键已用于另一份内容",
            "this key was used for another content",
        ));
    }
    view(ctx, found).await
}

async fn view(ctx: &mut Ctx, parcel: Parcel) -> Result<ParcelView> {
    let receipts = store::receipts(ctx.conn(), parcel.id).await?;
    let chunks = store::chunks(ctx.conn(), parcel.id).await?;
    let there: Vec<i32> = chunks.iter().map(|one| one.no).collect();
    let missing = (1..=parcel.chunks).filter(|no| !there.contains(no)).collect();
    let delivered = chunks.iter().filter(|one| one.delivered.is_some()).count();
    Ok(ParcelView { parcel, receipts, missing, delivered })
}

async fn find(ctx: &mut Ctx, channel: &Channel, id: Uuid) -> Result<Parcel> {
    let wanted = Wanted { id: Some(id), channel: Some(channel.id), ..Wanted::default() };
    let found = store::parcels(ctx.conn(), wanted).await?.into_iter().next();
    found.ok_or_else(|| Error::absent("parcel", id))
}

async fn allowed(ctx: &mut Ctx, code: &str, verb: &str) -> Result<Channel> {
    let Some(channel) = store::channel(ctx.conn(), Some(code), None).await? else {
        ctx.allow_or_absent(verb, &Thing::new("channel", code))?;
        return Err(Error::absent("channel", code));
    };
    ctx.allow_or_absent(verb, &thing(&channel))?;
    Ok(channel)
}

async fn of_sender(ctx: &mut Ctx, sender: Uuid, code: &str) -> Result<Channel> {
    let found = store::channel(ctx.conn(), Some(code), None).await?;
    found.filter(|channel| channel.sender == sender).ok_or_else(|| Error::absent("channel", code))
}

/// The channel, if the system stands at one of its ends, and whether that is the receiving one.
async fn of_side(ctx: &mut Ctx, system: Uuid, code: &str) -> Result<(Channel, bool)> {
    let found = store::channel(ctx.conn(), Some(code), None).await?;
    let channel = found.ok_or_else(|| Error::absent("channel", code))?;
    if channel.sender == system {
        return Ok((channel, false));
    }
    let service = crate::store::register::service(ctx.conn(), channel.receiver).await?;
    if service.is_some_and(|service| service.system == system) {
        return Ok((channel, true));
    }
    Err(Error::absent("channel", code))
}

async fn wake(ctx: &mut Ctx, channel: Uuid, key: &str) -> Result<()> {
    let now = ctx.now;
    wake_at(ctx, channel, key, now).await
}

pub(crate) async fn wake_at(
    ctx: &mut Ctx,
    channel: Uuid,
    key: &str,
    due: OffsetDateTime,
) -> Result<()> {
    let payload = serde_json::json!({ "channel": channel });
    ctx.enqueue(NewJob::at(CARRY, &payload, due).unique(key)).await?;
    Ok(())
}
