//! The log as people read it: each look is in the record, contents are opened with a reason, evidence is taken away as
//! one file that anybody can check.

use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;
use zhengtong_crypto::to_hex;
use zhengtong_db::{Attr, Ctx, Thing};
use zhengtong_ledger::EntryId;

use crate::call::MESSAGE;
use crate::error::{Error, Result};
use crate::limits::LIMITS;
use crate::message::in_header;
use crate::model::{Asked, MessageRow};
use crate::register::said;
use crate::store::message::{self as store, Whole};
use crate::store::register;

/// A page of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPage {
    /// The rows.
    pub rows: Vec<MessageRow>,
    /// Whether there are more.
    pub more: bool,
}

/// One message as it is shown.
#[derive(Clone, Debug)]
pub struct MessageView {
    /// The row.
    pub row: MessageRow,
    /// The digests, signatures and keys, by name.
    pub proof: Vec<(&'static str, String)>,
    /// Whether the log keeps contents of it.
    pub kept: bool,
    /// Whether the record is sealed over it.
    pub sealed: bool,
}

/// The contents of a message.
#[derive(Clone, Debug)]
pub struct Opened {
    /// What was asked.
    pub request: Option<String>,
    /// What was answered.
    pub response: Option<String>,
}

/// Reads the log. Who oversees the exchange sees all of it, a department the messages of its own systems.
pub async fn log(ctx: &mut Ctx, asked: &Asked) -> Result<LogPage> {
    let all = ctx.may("exchange.log", &Thing::new("exchange", "log"));
    let own = ctx.actor.organisation;
    if !all {
        ctx.allow("exchange.log", &Thing::new("exchange", "log").handled_by(own))?;
    }
    let page = i64::from(asked.page.clamp(1, 10_000));
    let (rows, skip) = (LIMITS.rows, (page - 1) * LIMITS.rows);
    let narrowed = if all { None } else { Some(own.unwrap_or_default()) };
    let mut found = store::list(ctx.conn(), asked, narrowed, (rows + 1, skip)).await?;
    let more = found.len() > usize::try_from(rows).unwrap_or(usize::MAX);
    found.truncate(usize::try_from(rows).unwrap_or(usize::MAX));
    let parts = [&asked.system, &asked.service, &asked.issue];
    let why: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    let mut act = ctx.act("exchange.log", "exchange", "log");
    act.reason = (!why.is_empty()).then(|| why.join(" "));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(LogPage { rows: found, more })
}

/// One message.
pub async fn message(ctx: &mut Ctx, id: Uuid) -> Result<MessageView> {
    let whole = read(ctx, id, "exchange.log").await?;
    let act = ctx.act("exchange.log", "message", id.to_string());
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let sealed = match whole.entry {
        Some(entry) => zhengtong_ledger::prove(ctx.conn(), EntryId(entry)).await.is_ok(),
        None => false,
    };
    Ok(view(whole, sealed))
}

/// Opens the contents of a message, with a reason that stands in the record.
pub async fn open(ctx: &mut Ctx, id: Uuid, reason: &str) -> Result<Opened> {
    let whole = read(ctx, id, "exchange.open").await?;
    let reason = said(reason)?;
    let act = ctx.act("exchange.open", "message", id.to_string()).because(reason);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let (request, response) = contents(ctx, &whole)?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Opened { request: request.map(text), response: response.map(text) })
}

/// Everything that proves a message, as one document: heads, digests, signatures, keys, the entry of the record and its
/// place in the signed tree. Contents are in it where the log keeps them.
pub async fn evidence(ctx: &mut Ctx, id: Uuid, reason: &str) -> Result<Value> {
    let whole = read(ctx, id, "exchange.open").await?;
    let reason = said(reason)?;
    let act = ctx.act("exchange.open", "message", id.to_string()).because(reason);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let key = register::key(ctx.conn(), &whole.key).await?;
    let (request, response) = contents(ctx, &whole)?;
    let record = proof(ctx, whole.entry).await?;
    Ok(json!({
        "format": "zhengtong-exchange-evidence/1",
        "request_id": whole.id,
        "at": whole.at.format(&Rfc3339).unwrap_or_default(),
        "client": whole.client_text,
        "service": whole.service_text,
        "message_id": whole.message_id,
        "issue": whole.issue,
        "request": {
            "digest_sm3": whole.request_digest,
            "hash_sha512": in_header(&whole.request_hash),
            "bytes": whole.request_bytes,
            "content": request.map(|bytes| in_header(&bytes)),
            "signature": in_header(&whole.signature),
            "key": key.as_ref().map(|key| json!({
                "id": key.id,
                "algorithm": key.public.algorithm.word(),
                "pem": key.public.pem(),
                "valid_from": key.valid_from.format(&Rfc3339).unwrap_or_default(),
                "valid_to": key.valid_to.format(&Rfc3339).unwrap_or_default(),
            })),
        },
        "response": {
            "status": whole.status,
            "error": whole.error,
            "digest_sm3": whole.response_digest,
            "bytes": whole.response_bytes,
            "content": response.map(|bytes| in_header(&bytes)),
            "signature": whole.gateway_signature.as_deref().map(in_header),
            "key": whole.gateway_key,
        },
        "record": record,
    }))
}

/// The entry of the record and where it stands in the signed tree; none of that before the tree is sealed.
async fn proof(ctx: &mut Ctx, entry: Option<i64>) -> Result<Value> {
    let Some(entry) = entry.map(EntryId) else { return Ok(Value::Null) };
    let found = zhengtong_ledger::find(ctx.conn(), entry).await?;
    let proof = match zhengtong_ledger::prove(ctx.conn(), entry).await {
        Ok(proof) => proof,
        Err(zhengtong_ledger::Error::Unsealed(_)) => {
            return Ok(json!({ "entry": entry.0, "leaf": found.leaf_hash().to_string() }));
        }
        Err(error) => return Err(error.into()),
    };
    let path: Vec<String> = proof.path.iter().map(ToString::to_string).collect();
    Ok(json!({
        "entry": entry.0,
        "before": found.act.before,
        "after": found.act.after,
        "index": proof.index,
        "leaf": proof.leaf.to_string(),
        "path": path,
        "checkpoint": proof.checkpoint.to_string(),
    }))
}

async fn read(ctx: &mut Ctx, id: Uuid, verb: &str) -> Result<Whole> {
    let found = store::whole(ctx.conn(), id).await?;
    let Some(whole) = found else {
        ctx.allow_or_absent(verb, &Thing::new("message", id.to_string()))?;
        return Err(Error::absent("message", id));
    };
    ctx.allow_or_absent(verb, &thing(&whole))?;
    Ok(whole)
}

/// A message as policy sees it: the organisations of both sides.
fn thing(whole: &Whole) -> Thing {
    let sides = [whole.client_organisation, whole.provider_organisation];
    let sides: Vec<String> = sides.into_iter().flatten().map(|one| one.to_string()).collect();
    let mut thing = Thing::new("message", whole.id.to_string());
    thing.attrs.insert("sides".to_owned(), Attr::Words(sides));
    thing
}

type Contents = (Option<Vec<u8>>, Option<Vec<u8>>);

fn contents(ctx: &Ctx, whole: &Whole) -> Result<Contents> {
    let ring = ctx.keyring()?;
    let opened = |sealed: &Option<Vec<u8>>, side: &str| {
        let place = format!("{}/{side}", whole.id);
        sealed.as_ref().map(|sealed| ring.open(MESSAGE, &place, sealed)).transpose()
    };
    Ok((opened(&whole.request_sealed, "request")?, opened(&whole.response_sealed, "response")?))
}

fn view(whole: Whole, sealed: bool) -> MessageView {
    let mut proof = vec![
        ("request_digest", whole.request_digest),
        ("request_hash", in_header(&whole.request_hash)),
        ("request_bytes", whole.request_bytes.to_string()),
        ("client_key", whole.key),
        ("client_signature", to_hex(&whole.signature)),
    ];
    let after = [
        ("response_digest", whole.response_digest),
        ("response_bytes", whole.response_bytes.map(|bytes| bytes.to_string())),
        ("gateway_key", whole.gateway_key),
        ("gateway_signature", whole.gateway_signature.map(|bytes| to_hex(&bytes))),
    ];
    proof.extend(after.into_iter().filter_map(|(name, value)| Some((name, value?))));
    MessageView {
        kept: whole.request_sealed.is_some() || whole.response_sealed.is_some(),
        sealed,
        proof,
        row: MessageRow {
            id: whole.id,
            at: whole.at,
            message_id: whole.message_id,
            client: whole.client_text,
            service: whole.service_text,
            method: whole.method,
            issue: whole.issue,
            status: whole.status,
            error: whole.error,
            took_us: whole.took_us,
            entry: whole.entry,
        },
    }
}
