//! What policies are asked about, and what every verb of this engine does around its rows.

use serde::Serialize;
use serde_json::Value;
use time::{Date, OffsetDateTime, UtcOffset};
use uuid::Uuid;
use zhengtong_base::{Act, Limits as Bounds};
use zhengtong_crypto::Digest;
use zhengtong_db::{Attr, Ctx, Thing};

use crate::error::{Error, Result};
use crate::limits::{LIMITS, Limits, LimitsInForce};
use crate::model::{AccountKind, Organisation, Post};
use crate::names::clean;

/// Something of the actor's own: an account, a session, a second factor.
pub(crate) fn own(ctx: &Ctx, kind: &str) -> Thing {
    let id = ctx.actor.account.map_or_else(String::new, |account| account.to_string());
    Thing::new(kind, id).owned_by(ctx.actor.person)
}

/// An organisation, which belongs to itself.
pub(crate) fn organisation(organisation: &Organisation) -> Thing {
    let mut thing = Thing::new("organisation", organisation.id.to_string())
        .of_organisation(Some(organisation.id))
        .handled_by(organisation.kind.is_public().then_some(organisation.id))
        .with("public", Attr::Flag(organisation.kind.is_public()));
    thing.region.clone_from(&organisation.region);
    thing
}

/// A post: `roles` are those it gives; `vacant` says that nobody is security administrator yet, so that
/// the first one can be appointed.
pub(crate) fn post(post: &Post, vacant: bool) -> Thing {
    Thing::new("post", post.id.to_string())
        .handled_by(Some(post.organisation))
        .with("roles", Attr::Words(post.roles.clone()))
        .with("vacant", Attr::Flag(vacant))
}

/// An account of a person.
pub(crate) fn account(id: &str, kind: AccountKind, person: Uuid) -> Thing {
    Thing::new("account", id)
        .owned_by(Some(person))
        .with("account_kind", Attr::Text(kind.word().to_owned()))
}

/// Appends the act to the record.
pub(crate) async fn record(ctx: &mut Ctx, act: Act) -> Result<()> {
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

/// The digest of a thing, from JSON whose keys are written in order.
pub(crate) fn digest(value: &Value) -> String {
    Digest::of(value.to_string().as_bytes()).to_string()
}

/// The civil date in China.
pub(crate) fn china_date(now: OffsetDateTime) -> Date {
    UtcOffset::from_hms(8, 0, 0).map_or(now.date(), |offset| now.to_offset(offset).date())
}

/// A moment as people in China read it, to the minute.
pub(crate) fn china_minute(at: OffsetDateTime) -> String {
    let at = UtcOffset::from_hms(8, 0, 0).map_or(at, |offset| at.to_offset(offset));
    format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute())
}

/// The limits in force: those of the settings and the configuration, or else the usual ones.
pub(crate) fn limits(ctx: &Ctx) -> Limits {
    match ctx.defs::<LimitsInForce>() {
        Ok(handle) => handle.get(),
        Err(_no_handle) => ctx.defs::<Limits>().map_or(LIMITS, |limits| *limits),
    }
}

/// A reason that says something.
pub(crate) fn reason(why: &str) -> Result<String> {
    let why: String = clean(why).chars().take(Bounds::default().text_chars).collect();
    if why.chars().count() < LIMITS.reason_chars_min {
        return Err(Error::field(
            "why",
            "请写明理由，例如办件号或核查事由，它会记入存证，本人看得到",
            "say why, for example the number of the case; it is recorded and the person can see it",
        ));
    }
    Ok(why)
}

/// The id that was given before for the same request, if it is repeated.
pub(crate) async fn repeated(
    ctx: &mut Ctx,
    verb: &str,
    body: &impl Serialize,
) -> Result<Option<Uuid>> {
    let answer = ctx.once(verb, body).await?;
    Ok(answer.and_then(|answer| answer.as_str().and_then(|text| text.parse().ok())))
}

/// The actor's account.
pub(crate) fn account_of(ctx: &Ctx, verb: &str) -> Result<Uuid> {
    ctx.actor.account.ok_or_else(|| nobody(verb))
}

/// The actor's session.
pub(crate) fn session_of(ctx: &Ctx, verb: &str) -> Result<Uuid> {
    ctx.actor.session.ok_or_else(|| nobody(verb))
}

/// The actor's person.
pub(crate) fn person_of(ctx: &Ctx, verb: &str) -> Result<Uuid> {
    ctx.actor.person.ok_or_else(|| nobody(verb))
}

fn nobody(verb: &str) -> Error {
    Error::Store(zhengtong_db::Error::Unauthenticated { verb: verb.to_owned() })
}
