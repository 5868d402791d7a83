//! Issuing a paper: its check, its number, its code, its row.

use serde::Serialize;
use serde_json::{Map, Value, json};
use zhengtong_base::code::{CreditCode, LicenceNumber, LicenceParts};
use zhengtong_base::{FieldError, Limits};
use zhengtong_crypto::Digest;
use zhengtong_db::jobs::NewJob;
use zhengtong_db::{Attr, Ctx, Thing};
use zhengtong_ledger::append;

use crate::error::{Error, Result};
use crate::model::{Document, NewDocument, PaperKind, day_in_china};
use crate::number::Facts;
use crate::part::{Catalog, Definition};
use crate::store::Asking;
use crate::{code, input, paper, store};

/// The largest data of a paper, as JSON.
const DATA_BYTES_MAX: usize = 256 * 1024;
/// Where a serial number may stand in the national identifier.
const SERIAL_CHARS_MAX: usize = 32;

/// Issues a paper: it has its number and its code at once; the PDF of a licence is made by the job `document.render`,
/// that of another paper when it is first opened.
///
/// One asking gives one paper: when [`NewDocument::once`] or, without it, the idempotency key of the request
/// comes again for the same case and holder, the first paper is returned; with other contents it is refused.
pub async fn issue(ctx: &mut Ctx, new: NewDocument) -> Result<Document> {
    let catalog = ctx.defs::<Catalog>()?;
    let thing = Thing::new("document", "")
        .owned_by(new.holder_person)
        .of_organisation(new.holder_organisation)
        .handled_by(Some(new.issuer))
        .with("template", Attr::Text(new.template.clone()));
    ctx.allow("document.issue", &thing)?;
    let definition = catalog.get(&new.template)?;
    let new = check(new)?;
    let asking = asking(ctx, &new)?;
    if let Some(first) = before(ctx, &new.template, &asking).await? {
        return Ok(first);
    }
    let document = numbered(ctx, definition, new).await?;
    if !store::insert(ctx, &document, &asking).await? {
        // Another request with the same key was faster; its paper is committed by now.
        let first = before(ctx, &document.template, &asking).await?;
        return first.ok_or_else(|| zhengtong_db::Error::KeyReused.into());
    }
    // A licence is shown to others at any moment; notices and receipts are made when they are first opened or archived.
    if document.kind == PaperKind::Licence {
        let (payload, key, now) =
            (json!({ "document": document.id }), document.id.to_string(), ctx.now);
        ctx.enqueue(NewJob::now(paper::RENDER_JOB, &payload, now).unique(&key)).await?;
    }
    let act = ctx
        .act("document.issue", "document", document.id.to_string())
        .about(document.holder_person)
        .because(reason(&document))
        .change(None, Some(digest(&document)));
    append(ctx.conn(), &act).await?;
    ctx.emit("document.issued", &document.id.to_string(), &document.happened()).await?;
    Ok(document)
}

/// The digest of a value's canonical JSON: keys in order.
pub(crate) fn digest(value: &impl Serialize) -> String {
    let mut value = serde_json::to_value(value).unwrap_or_default();
    value.sort_all_objects();
    Digest::of(value.to_string().as_bytes()).to_string()
}

fn reason(document: &Document) -> String {
    match &document.case_no {
        Some(case_no) => format!("{} {} / {case_no}", document.title.zh, document.number),
        None => format!("{} {}", document.title.zh, document.number),
    }
}

fn check(mut new: NewDocument) -> Result<NewDocument> {
    let limits = Limits::default();
    if new.data.is_null() {
        new.data = Value::Object(Map::new());
    }
    let mut wrong = Vec::new();
    for (field, text) in [("holder_name", &new.holder_name), ("issuer_name", &new.issuer_name)] {
        if text.trim().is_empty() || text.chars().count() > limits.line_chars {
            wrong.push(FieldError::new(
                field,
                format!("名称是 1 到 {} 个字", limits.line_chars),
                format!("a name has 1 to {} characters", limits.line_chars),
            ));
        }
    }
    let data = new.data.to_string();
    if !new.data.is_object() || data.len() > DATA_BYTES_MAX || data.contains("\\u0000") {
        wrong.push(FieldError::new(
            "data",
            "文书内容必须是一组字段，不超过 256 KB",
            "the data of a paper is an object of at most 256 KB",
        ));
    }
    if new.valid_from.zip(new.valid_to).is_some_and(|(first, last)| last < first) {
        wrong.push(FieldError::new(
            "valid_to",
            "有效期的最后一天早于第一天",
            "the last day is before the first day",
        ));
    }
    if let Some(Err(error)) = new.issuer_code.as_deref().map(CreditCode::parse) {
        let text = zhengtong_base::Failure::text(&error);
        wrong.push(FieldError { field: "issuer_code".to_owned(), text });
    }
    if wrong.is_empty() { Ok(new) } else { Err(Error::Invalid(wrong)) }
}

fn asking(ctx: &Ctx, new: &NewDocument) -> Result<Asking> {
    let once = match (&new.once, &ctx.key) {
        (Some(once), _) => Some(format!("asked:{once}")),
        (None, Some(key)) => {
            let holder = new.holder_organisation.or(new.holder_person);
            let holder = holder.map(|holder| holder.to_string()).unwrap_or_default();
            let case_no = new.case_no.as_deref().unwrap_or_default();
            Some(format!("request:{}:{key}:{case_no}:{holder}", ctx.actor.who().id))
        }
        (None, None) => None,
    };
    if once.as_ref().is_some_and(|once| once.len() > 1_000) {
        return Err(Error::field("once", "编号过长", "the key is too long"));
    }
    Ok(Asking { once, asked: digest(new) })
}

async fn before(ctx: &mut Ctx, template: &str, asking: &Asking) -> Result<Option<Document>> {
    let Some(once) = &asking.once else { return Ok(None) };
    match store::by_once(ctx, template, once).await? {
        Some((document, asked)) if asked == asking.asked => Ok(Some(document)),
        Some(_) => Err(zhengtong_db::Error::KeyReused.into()),
        None => Ok(None),
    }
}

async fn numbered(ctx: &mut Ctx, definition: &Definition, new: NewDocument) -> Result<Document> {
    let today = day_in_china(ctx.now);
    let facts = Facts {
        prefix: &definition.declared.prefix,
        region: new.region.as_deref(),
        year: today.year(),
        data: &new.data,
    };
    let number = if let Some(kept) = new.number {
        kept
    } else {
        let scope = definition.numbering.scope(facts)?;
        let place = ctx.number(&format!("document/{}/{scope}", new.template)).await?;
        definition.numbering.number(facts, place)?
    };
    let valid_from = new.valid_from.unwrap_or(today);
    let by_years = || definition.declared.valid_years;
    let valid_to = new.valid_to.or_else(|| input::last_day(valid_from, by_years()?));
    Ok(Document {
        id: ctx.id(),
        identifier: identifier(definition, new.issuer_code.as_deref(), &number),
        template: new.template,
        kind: definition.declared.kind,
        number,
        title: definition.declared.title.clone(),
        holder_person: new.holder_person,
        holder_organisation: new.holder_organisation,
        holder_name: new.holder_name,
        data: new.data,
        issued_at: micros(ctx.now),
        issuer: new.issuer,
        issuer_name: new.issuer_name,
        valid_from,
        valid_to,
        case_no: new.case_no,
        code: code::fresh()?,
        blob: None,
        revoked: None,
    })
}

/// The national identifier, for licences whose type and whose issuer's code are known.
fn identifier(definition: &Definition, issuer: Option<&str>, number: &str) -> Option<String> {
    if definition.declared.kind != PaperKind::Licence {
        return None;
    }
    let issuer = CreditCode::parse(issuer?).ok()?;
    let serial: String = number.chars().filter(char::is_ascii_alphanumeric).collect();
    let serial = serial.to_ascii_uppercase();
    let start = serial.len().saturating_sub(SERIAL_CHARS_MAX);
    let parts = LicenceParts {
        kind: definition.declared.type_code.as_deref()?,
        issuer: issuer.as_str(),
        serial: serial.get(start..)?,
        version: 1,
    };
    LicenceNumber::compose(parts).ok().map(|identifier| identifier.to_string())
}

/// What the database keeps of a moment, so that the paper is the same before and after it was stored.
pub(crate) fn micros(moment: time::OffsetDateTime) -> time::OffsetDateTime {
    let micros = moment.nanosecond() / 1_000 * 1_000;
    moment.replace_nanosecond(micros).unwrap_or(moment)
}
