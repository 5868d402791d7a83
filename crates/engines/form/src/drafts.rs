//! Verbs on a whole draft: begin, open, list, finish, submit, discard.

use std::sync::Arc;

use serde_json::json;
use time::{Date, Duration, OffsetDateTime, UtcOffset};
use uuid::Uuid;
use zhengtong_crypto::Digest;
use zhengtong_db::{ActorKind, Attr, Ctx, Thing};
use zhengtong_ledger as ledger;

use crate::answers::{Answers, Draft, DraftLine, Finished, Known, Knowns};
use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::model::Form;
use crate::{check, store, walk};

/// How long an untouched draft is kept.
pub const KEPT_DAYS: i64 = 30;
/// Drafts of one person that are not submitted yet.
pub const DRAFTS_MAX: i64 = 100;
/// Bytes of all answers of one draft.
pub(crate) const DRAFT_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Begins a draft. `known` is what the city holds, by the key of the answer; only what the form wants to be
/// prefilled is kept of it. The same idempotency key gives the same draft.
pub async fn start(
    ctx: &mut Ctx,
    form: &str,
    item: &str,
    known: impl IntoIterator<Item = (String, Known)>,
) -> Result<Draft> {
    let owner_organisation = ctx.actor.behalf.as_ref().map(|behalf| behalf.organisation);
    let thing = Thing::new("draft", "")
        .owned_by(ctx.actor.person)
        .of_organisation(owner_organisation)
        .with("form", Attr::Text(form.to_owned()))
        .with("item", Attr::Text(item.to_owned()));
    ctx.allow("form.start", &thing)?;
    let owner = ctx.actor.person.ok_or(Error::NoPerson)?;
    let found = form_of(ctx, form)?;
    if let Some(answer) = ctx.once("form.start", &json!([form, item])).await? {
        return first_answer(ctx, &answer).await;
    }
    let now = ctx.now;
    let count = store::count(ctx.conn(), owner, now).await?;
    if count >= DRAFTS_MAX {
        return Err(Error::TooManyDrafts(count));
    }
    let wanted = found.wanted();
    let known: Knowns = known
        .into_iter()
        .filter(|(key, known)| !known.value.is_null() && wanted.iter().any(|(name, _)| name == key))
        .collect();
    let draft = Draft {
        id: ctx.id(),
        form: found.id.clone(),
        form_digest: found.digest.clone(),
        item: item.to_owned(),
        owner,
        owner_organisation,
        answers: Answers::default(),
        known,
        version: 1,
        created: now,
        updated: now,
        expires: now + Duration::days(KEPT_DAYS),
        submitted_case: None,
    };
    store::insert(ctx, &draft).await?;
    let act = ctx
        .act("form.start", "draft", draft.id.to_string())
        .about(Some(owner))
        .because(format!("{form} for {item}"))
        .change(None, Some(digest(&draft)?));
    ledger::append(ctx.conn(), &act).await?;
    ctx.answered(&json!({ "draft": draft.id })).await?;
    Ok(draft)
}

/// Opens a draft, on any device. One that is not the actor's to see looks absent.
pub async fn open(ctx: &mut Ctx, id: Uuid) -> Result<Draft> {
    let found = store::find(ctx, id).await?;
    let draft = there(ctx, id, found)?;
    ctx.allow_or_absent("form.read", &thing(&draft))?;
    let act = ctx.act("form.read", "draft", id.to_string()).about(Some(draft.owner));
    ledger::append(ctx.conn(), &act).await?;
    Ok(draft)
}

/// The drafts of the actor that are not submitted: when acting for an organisation those of the organisation,
/// otherwise the actor's own. The latest first, at most [`DRAFTS_MAX`].
pub async fn mine(ctx: &mut Ctx) -> Result<Vec<DraftLine>> {
    let organisation = ctx.actor.behalf.as_ref().map(|behalf| behalf.organisation);
    let thing = Thing::new("draft", "").owned_by(ctx.actor.person).of_organisation(organisation);
    ctx.allow("form.list", &thing)?;
    let person = ctx.actor.person.ok_or(Error::NoPerson)?;
    let now = ctx.now;
    store::list(ctx.conn(), person, organisation, now, DRAFTS_MAX).await
}

/// Checks everything and gives the answers as the case is to keep them: nothing of what is not asked after all, and
/// what the city held where the person left it. The draft stays locked until the transaction ends; [`set_case`]
/// says what became of it.
pub async fn finish(ctx: &mut Ctx, id: Uuid) -> Result<Finished> {
    let draft = locked(ctx, "form.finish", id).await?;
    let form = form_of(ctx, &draft.form)?;
    let today = today(ctx.now);
    let faults = check::check_all(&form, &draft.answers, &draft.known, today);
    if !faults.is_empty() {
        return Err(Error::Incomplete { faults });
    }
    let answers = check::settled(&form, &draft.answers, &draft.known, today);
    let known = shown_knowns(&form, &draft);
    let finished = Finished {
        draft: draft.id,
        form: form.id.clone(),
        form_digest: form.digest.clone(),
        item: draft.item.clone(),
        owner: draft.owner,
        owner_organisation: draft.owner_organisation,
        answers,
        known,
    };
    let after = Digest::of(&serde_json::to_vec(&finished).map_err(zhengtong_db::Error::from)?);
    let act = ctx
        .act("form.finish", "draft", id.to_string())
        .about(Some(draft.owner))
        .change(Some(digest(&draft)?), Some(after.to_string()));
    ledger::append(ctx.conn(), &act).await?;
    Ok(finished)
}

/// Says which case a draft became; from then on it does not change.
pub async fn set_case(ctx: &mut Ctx, id: Uuid, case: &str) -> Result<()> {
    let draft = locked(ctx, "form.finish", id).await?;
    store::set_case(ctx.conn(), id, case).await?;
    let act = ctx
        .act("form.submit", "draft", id.to_string())
        .about(Some(draft.owner))
        .because(format!("became case {case}"));
    ledger::append(ctx.conn(), &act).await?;
    ctx.emit("form.submitted", &id.to_string(), &json!({ "draft": id, "case": case })).await?;
    Ok(())
}

/// Throws a draft away.
pub async fn discard(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let draft = locked(ctx, "form.discard", id).await?;
    store::delete(ctx.conn(), id).await?;
    let act = ctx
        .act("form.discard", "draft", id.to_string())
        .about(Some(draft.owner))
        .change(Some(digest(&draft)?), None);
    ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

/// Seals what still stands plain; with `again`, everything under the newest key. Called at the start and by
/// the job that follows a change of keys.
pub async fn protect(ctx: &mut Ctx, again: bool) -> Result<()> {
    ctx.allow("form.protect", &Thing::new("platform", ""))?;
    let mut after = Uuid::nil();
    while let Some(last) = store::protect(ctx, after, !again).await? {
        after = last;
    }
    Ok(())
}

/// A draft as policies see it.
pub fn thing(draft: &Draft) -> Thing {
    Thing::new("draft", draft.id.to_string())
        .owned_by(Some(draft.owner))
        .of_organisation(draft.owner_organisation)
        .with("form", Attr::Text(draft.form.clone()))
        .with("item", Attr::Text(draft.item.clone()))
}

/// The civil date in China at a moment: the date on which answers are checked.
pub fn today(now: OffsetDateTime) -> Date {
    UtcOffset::from_hms(8, 0, 0).map_or_else(|_| now.date(), |china| now.to_offset(china).date())
}

/// The draft, locked, for an act on it; refused when it is absent, secret, expired or submitted.
pub(crate) async fn locked(ctx: &mut Ctx, verb: &str, id: Uuid) -> Result<Draft> {
    // Who may not change it holds nobody up: the lock comes after the right.
    let found = store::find(ctx, id).await?;
    let draft = there(ctx, id, found)?;
    ctx.allow_or_absent(verb, &thing(&draft))?;
    let found = store::lock(ctx, id).await?;
    let draft = there(ctx, id, found)?;
    match draft.submitted_case {
        Some(case) => Err(Error::Submitted { case }),
        None => Ok(draft),
    }
}

pub(crate) fn form_of(ctx: &Ctx, id: &str) -> Result<Arc<Form>> {
    ctx.defs::<Catalog>()?.form(id).ok_or_else(|| Error::NoForm(id.to_owned()))
}

/// The digest of what a draft holds, for the record.
pub(crate) fn digest(draft: &Draft) -> Result<String> {
    let whole = json!({
        "form": draft.form,
        "item": draft.item,
        "answers": draft.answers,
        "known": draft.known,
    });
    let text = serde_json::to_vec(&whole).map_err(zhengtong_db::Error::from)?;
    Ok(Digest::of(&text).to_string())
}

/// A visitor is asked to log in before anything is said of what is there.
fn there(ctx: &Ctx, id: Uuid, draft: Option<Draft>) -> Result<Draft> {
    if ctx.actor.kind == ActorKind::Anonymous {
        let verb = "form.read".to_owned();
        return Err(zhengtong_db::Error::Unauthenticated { verb }.into());
    }
    let now = ctx.now;
    draft
        .filter(|draft| draft.expires > now || draft.submitted_case.is_some())
        .ok_or_else(|| zhengtong_db::Error::absent("draft", id.to_string()).into())
}

async fn first_answer(ctx: &mut Ctx, answer: &serde_json::Value) -> Result<Draft> {
    let id = answer.get("draft").and_then(serde_json::Value::as_str);
    let id = id.and_then(|id| id.parse::<Uuid>().ok()).ok_or(Error::Unanswered)?;
    let found = store::find(ctx, id).await?;
    let draft = there(ctx, id, found)?;
    ctx.allow_or_absent("form.read", &thing(&draft))?;
    Ok(draft)
}

fn shown_knowns(form: &Form, draft: &Draft) -> Knowns {
    let shown = walk::walk(form, &draft.answers, &draft.known, None).pages;
    let keys = shown.iter().flat_map(|page| &page.fields).filter(|field| field.prefill);
    keys.filter_map(|field| {
        let known = draft.known.get(&field.key)?;
        Some((field.key.clone(), known.clone()))
    })
    .collect()
}
