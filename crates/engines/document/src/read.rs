//! Reading papers, verifying them, revoking them.

use uuid::Uuid;
use zhengtong_base::code::PersonName;
use zhengtong_base::{Limits, Page, Paging};
use zhengtong_db::{Attr, Ctx, Thing};
use zhengtong_ledger::append;

use crate::error::{Error, Result};
use crate::issue::{digest, micros};
use crate::model::{Document, How, PaperKind, Public, Revocation, day_in_china};
use crate::{code, store};

/// Papers of the person who asks and of the organisation they act for, the latest first.
pub async fn mine(ctx: &mut Ctx, paging: Paging) -> Result<Page<Document>> {
    held(ctx, None, paging).await
}

/// The licences among them: notices and receipts stand with their cases.
pub async fn licences(ctx: &mut Ctx, paging: Paging) -> Result<Page<Document>> {
    held(ctx, Some(PaperKind::Licence), paging).await
}

async fn held(ctx: &mut Ctx, kind: Option<PaperKind>, paging: Paging) -> Result<Page<Document>> {
    let person = ctx.actor.person;
    let organisation = ctx.actor.behalf.as_ref().map(|behalf| behalf.organisation);
    let thing = Thing::new("document", "").owned_by(person).of_organisation(organisation);
    ctx.allow("document.mine", &thing)?;
    let (rows, total) = store::mine(ctx, (person, organisation), kind, paging).await?;
    let act = ctx.act("document.mine", "document", "").about(person);
    append(ctx.conn(), &act).await?;
    Ok(Page::new(rows, total, paging))
}

/// Papers of a case, as many as the one who asks may open.
pub async fn of_case(ctx: &mut Ctx, case_no: &str) -> Result<Vec<Document>> {
    let mut found = store::of_case(ctx, case_no).await?;
    found.retain(|document| ctx.may("document.open", &thing(document)));
    if let Some(first) = found.first() {
        let act = ctx
            .act("document.open", "document", first.id.to_string())
            .about(first.holder_person)
            .because(format!("{} papers of case {case_no}", found.len()));
        append(ctx.conn(), &act).await?;
    }
    Ok(found)
}

/// A paper. To whoever may not see it, it looks as if absent.
pub async fn open(ctx: &mut Ctx, id: Uuid) -> Result<Document> {
    let document = allowed(ctx, "document.open", id).await?;
    let act = ctx.act("document.open", "document", id.to_string()).about(document.holder_person);
    append(ctx.conn(), &act).await?;
    Ok(document)
}

/// What anyone who holds the code may know; nothing when there is no such paper. The use is recorded.
pub async fn verify(ctx: &mut Ctx, typed: &str) -> Result<Option<Public>> {
    ctx.allow("document.verify", &Thing::new("document", ""))?;
    let Some(code) = code::read(typed) else { return Ok(None) };
    let Some(document) = store::by_code(ctx, &code).await? else { return Ok(None) };
    let act = ctx
        .act("document.verify", "document", document.id.to_string())
        .about(document.holder_person);
    append(ctx.conn(), &act).await?;
    Ok(Some(Public {
        state: document.state(day_in_china(ctx.now)),
        revoked: document.revoked.as_ref().map(|revoked| day_in_china(revoked.at)),
        holder: shown_holder(&document),
        title: document.title,
        kind: document.kind,
        number: document.number,
        identifier: document.identifier,
        issuer: document.issuer_name,
        issued: day_in_china(document.issued_at),
        valid_from: document.valid_from,
        valid_to: document.valid_to,
    }))
}

/// Revokes a paper, for a reason that its holder reads.
pub async fn revoke(ctx: &mut Ctx, id: Uuid, reason: &str) -> Result<Document> {
    allowed(ctx, "document.revoke", id).await?;
    put_out_of_force(ctx, id, (How::Revoked, reason), "document.revoke").await
}

/// The paper of a template with a number stops being in force because a newer one takes its place or its holder gives
/// it up; nothing when there is none in force. It follows by rule from a decision, so the platform does it.
pub async fn end(
    ctx: &mut Ctx,
    (template, number): (&str, &str),
    how: How,
    reason: &str,
) -> Result<Option<Document>> {
    let Some(id) = store::in_force(ctx.conn(), template, number).await? else {
        // One that was revoked or given up is not brought back to life by a newer one.
        let ended = store::was_issued(ctx.conn(), template, number).await?;
        return if ended { Err(Error::Revoked(number.to_owned())) } else { Ok(None) };
    };
    allowed(ctx, "document.end", id).await?;
    put_out_of_force(ctx, id, (how, reason), "document.end").await.map(Some)
}

async fn put_out_of_force(
    ctx: &mut Ctx,
    id: Uuid,
    (how, reason): (How, &str),
    verb: &str,
) -> Result<Document> {
    // Locked only now, so that whoever may not revoke it cannot hold it either.
    let found = store::lock(ctx, id).await?;
    let mut document = found.ok_or_else(|| absent(id))?;
    let reason = reason.trim();
    let limit = Limits::default().text_chars;
    if reason.is_empty() || reason.chars().count() > limit || reason.contains('\0') {
        return Err(Error::field(
            "reason",
            format!("请写明撤销理由，不超过 {limit} 字"),
            format!("say why it is revoked, in at most {limit} characters"),
        ));
    }
    if document.revoked.is_some() {
        return Err(Error::Revoked(document.number));
    }
    let before = digest(&document);
    let (at, by) = (micros(ctx.now), ctx.actor.name.clone());
    let revocation = Revocation { at, reason: reason.to_owned(), by, how };
    store::set_revoked(ctx, id, &revocation).await?;
    document.revoked = Some(revocation);
    let act = ctx
        .act(verb, "document", id.to_string())
        .about(document.holder_person)
        .because(reason)
        .change(Some(before), Some(digest(&document)));
    append(ctx.conn(), &act).await?;
    let event = if how == How::Revoked { "document.revoked" } else { "document.ended" };
    ctx.emit(event, &id.to_string(), &document.happened()).await?;
    Ok(document)
}

/// Seals what papers say about people again under the newest key after one, or only what stands plain; gives where
/// the next step begins. The papers stay what they were.
pub async fn protect(ctx: &mut Ctx, after: Uuid, plain_only: bool) -> Result<Option<Uuid>> {
    ctx.allow("document.protect", &Thing::new("platform", ""))?;
    Ok(store::protect(ctx, after, plain_only).await?)
}

/// Whether the one who asks could revoke it now.
pub fn may_revoke(ctx: &Ctx, document: &Document) -> bool {
    document.revoked.is_none() && ctx.may("document.revoke", &thing(document))
}

/// The paper, if the verb is allowed on it; otherwise as if absent.
pub(crate) async fn allowed(ctx: &mut Ctx, verb: &str, id: Uuid) -> Result<Document> {
    let found = store::find(ctx, id).await?;
    let asked = found.as_ref().map_or_else(|| Thing::new("document", id.to_string()), thing);
    ctx.allow_or_absent(verb, &asked)?;
    found.ok_or_else(|| absent(id))
}

/// A paper as policies see it.
pub(crate) fn thing(document: &Document) -> Thing {
    Thing::new("document", document.id.to_string())
        .owned_by(document.holder_person)
        .of_organisation(document.holder_organisation)
        .handled_by(Some(document.issuer))
        .with("template", Attr::Text(document.template.clone()))
        .with("paper", Attr::Text(document.kind.word().to_owned()))
}

fn absent(id: Uuid) -> Error {
    zhengtong_db::Error::absent("document", id.to_string()).into()
}

/// A person's name is masked for strangers, an organisation's is public.
fn shown_holder(document: &Document) -> String {
    if document.holder_organisation.is_some() {
        return document.holder_name.clone();
    }
    PersonName::parse(&document.holder_name).map_or_else(
        |_| {
            let mut letters = document.holder_name.chars();
            let first = letters.next().into_iter();
            first.chain(letters.map(|_| '*')).collect()
        },
        |name| name.masked(),
    )
}
