//! Logging in with an account at an outside provider. It leads to an account here that its owner has linked, or, where
//! the provider proves names and numbers, to the account of the person with that very name and number. None is made.

use time::Duration;
use uuid::Uuid;
use zhengtong_base::{Failure as _, Text};
use zhengtong_db::{Actor, Ctx, Thing};
use zhengtong_egress::Egress;
use zhengtong_party::{AccountKind, LogIn, Origin, Tried};

use crate::error::{Error, Result};
use crate::limits::LIMITS;
use crate::model::{LinkCard, Provider, Secret, Settings};
use crate::passkey::Entered;
use crate::provider::{self, Proof, Way};
use crate::request::{doubled, one};
use crate::store::link;
use crate::store::passkey::{CeremonyKind, put_ceremony, take_ceremony};

/// The beginning of a way to a provider: the address for the browser, and the cookie that ties the way to it.
#[derive(Clone, Debug)]
pub struct Outward {
    /// Where the browser goes.
    pub url: String,
    /// What it keeps until it is back.
    pub cookie: Secret,
}

/// What came of a way to a provider.
#[derive(Debug)]
pub enum Returned {
    /// Logged in, or refused; then on to the path.
    Entered(Entered, String),
    /// A second factor is needed; the token goes into its cookie.
    CodeNeeded(zhengtong_party::Token, String),
    /// The account at the provider leads here from now on.
    Linked,
    /// Nothing came of it: the words say why.
    Refused(Text),
}

/// The providers that may be chosen at the login: word and title.
pub fn providers(ctx: &Ctx) -> Result<Vec<(String, Text)>> {
    let settings = ctx.defs::<Settings>()?;
    Ok(settings.providers.iter().map(|one| (one.id.clone(), one.title.clone())).collect())
}

/// Where a provider leads back to.
fn redirect(settings: &Settings, provider: &Provider) -> String {
    format!("{}/login/from/{}", settings.issuer, provider.id)
}

fn find(settings: &Settings, id: &str) -> Result<Provider> {
    let found = settings.providers.iter().find(|one| one.id == id);
    found.cloned().ok_or_else(|| Error::absent("provider", id))
}

/// Begins a login with a provider, or, for somebody who is logged in, a link to it. Commit before the browser goes.
pub async fn begin_outside(ctx: &mut Ctx, provider: &str, back: &str) -> Result<Outward> {
    ctx.allow("signon.begin_outside", &Thing::new("login", ""))?;
    let settings = ctx.defs::<Settings>()?;
    let provider = find(&settings, provider)?;
    let way = ctx.defs::<Egress>()?;
    let begun = provider::begin(&way, &provider, &redirect(&settings, &provider)).await?;
    let cookie = Secret::random()?;
    let way = Way {
        provider: provider.id,
        nonce: begun.nonce,
        verifier: begun.verifier,
        browser: cookie.hash(),
        back: back.to_owned(),
    };
    let state = serde_json::to_value(way).map_err(|error| Error::Key(error.to_string()))?;
    let hash = Secret::from_text(begun.state).hash();
    let expires = ctx.now + Duration::minutes(2 * LIMITS.ceremony_minutes);
    let kind = (hash.as_slice(), CeremonyKind::Outside);
    let account = ctx.actor.account;
    put_ceremony(ctx.conn(), kind, account, &state, expires).await?;
    Ok(Outward { url: begun.url, cookie })
}

/// Takes what the provider sent back with the browser. Commit in every case.
pub async fn finish_outside(
    ctx: &mut Ctx,
    id: &str,
    params: &[(String, String)],
    cookie: &Secret,
    origin: Origin<'_>,
) -> Result<Returned> {
    ctx.allow("signon.enter_outside", &Thing::new("login", ""))?;
    let settings = ctx.defs::<Settings>()?;
    let provider = find(&settings, id)?;
    let Some((owner, way)) = take(ctx, &provider, params, cookie).await? else {
        return Ok(Returned::Refused(stale()));
    };
    let Some(code) = one(params, "code").filter(|_| one(params, "error").is_none()) else {
        return Ok(Returned::Refused(no_proof()));
    };
    let now = ctx.now;
    let redirect = redirect(&settings, &provider);
    let out = ctx.defs::<Egress>()?;
    let ends = (&provider, redirect.as_str());
    let proof = match provider::finish(&out, ends, &way, code, now).await {
        Ok(proof) => proof,
        Err(Error::Outside(error)) => {
            tracing::warn!(provider = id, error, "a provider's answer was refused");
            let act = ctx
                .act("signon.enter_outside", "provider", id)
                .because(format!("refused: no proof, from {}", origin.ip));
            zhengtong_ledger::append(ctx.conn(), &act).await?;
            return Ok(Returned::Refused(no_proof()));
        }
        Err(error) => return Err(error),
    };
    match owner {
        Some(owner) => bind(ctx, owner, &provider, &proof).await,
        None => come_in(ctx, &provider, proof, way.back, origin).await,
    }
}

/// The way that this browser began, if the answer is this provider's and comes the first time.
async fn take(
    ctx: &mut Ctx,
    provider: &Provider,
    params: &[(String, String)],
    cookie: &Secret,
) -> Result<Option<(Option<Uuid>, Way)>> {
    if params.iter().any(|(name, _)| doubled(params, name)) {
        return Ok(None);
    }
    let hash = Secret::from_text(one(params, "state").unwrap_or_default()).hash();
    let now = ctx.now;
    let begun = take_ceremony(ctx.conn(), &hash, CeremonyKind::Outside, now).await?;
    let Some((owner, state)) = begun else { return Ok(None) };
    let Ok(way) = serde_json::from_value::<Way>(state) else { return Ok(None) };
    // The answer of one provider must not be taken for another's (RFC 9207), nor one browser's for another's.
    let issuer = one(params, "iss").is_none_or(|issuer| issuer == provider.issuer);
    let sound = issuer && way.provider == provider.id && way.browser == cookie.hash();
    Ok(sound.then_some((owner, way)))
}

async fn bind(ctx: &mut Ctx, owner: Uuid, provider: &Provider, proof: &Proof) -> Result<Returned> {
    let thing = Thing::new("link", &provider.id).owned_by(ctx.actor.person);
    ctx.allow("signon.link", &thing)?;
    if ctx.actor.account != Some(owner) {
        return Ok(Returned::Refused(stale()));
    }
    let now = ctx.now;
    let ends = (provider.id.as_str(), proof.subject.as_str());
    if !link::insert(ctx.conn(), ends, owner, now).await? {
        return Ok(Returned::Refused(Text::new(
            "那边的账号或这边的账号已经绑定过了，请先解除再绑",
            "one of the two accounts is linked already; unlink it first",
        )));
    }
    let act = ctx.act("signon.link", "provider", &provider.id).about(ctx.actor.person);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(Returned::Linked)
}

async fn come_in(
    ctx: &mut Ctx,
    provider: &Provider,
    proof: Proof,
    back: String,
    origin: Origin<'_>,
) -> Result<Returned> {
    let visitor = std::mem::replace(&mut ctx.actor, Actor::system("signon"));
    let account = account_of(ctx, provider, &proof).await;
    let tried = match account {
        Ok(Some(account)) => {
            let means = format!("outside:{}", provider.id);
            let tried = zhengtong_party::enter_as(ctx, account, &means, false, origin).await;
            tried.map(Some).map_err(Error::from)
        }
        Ok(None) => Ok(None),
        Err(error) => Err(error),
    };
    ctx.actor = visitor;
    Ok(match tried? {
        Some(Tried::Done(LogIn::Done(token))) => Returned::Entered(Entered::In(token), back),
        Some(Tried::Done(LogIn::CodeNeeded(token))) => Returned::CodeNeeded(token, back),
        Some(Tried::Refused(error)) => Returned::Entered(Entered::Refused(error.text()), back),
        None => Returned::Refused(Text::new(
            "那边的账号还没有绑定本站账号。请先用密码登录，再到“我的”里的“其他登录方式”绑定",
            "that account is not linked yet; sign in with your password, then link it under My space, Other ways to sign in",
        )),
    })
}

/// The account that an outside account leads to. A provider that proves names leads the person to the own account.
async fn account_of(ctx: &mut Ctx, provider: &Provider, proof: &Proof) -> Result<Option<Uuid>> {
    let now = ctx.now;
    if let Some(account) = link::account(ctx.conn(), &provider.id, &proof.subject).await? {
        link::used(ctx.conn(), &provider.id, &proof.subject, now).await?;
        return Ok(Some(account));
    }
    let Some((name, number)) = proof.person.as_ref().filter(|_| provider.real_name) else {
        return Ok(None);
    };
    let Some((person, _)) = zhengtong_party::identify(ctx, number, name).await? else {
        return Ok(None);
    };
    let found = zhengtong_party::account_of_person(ctx, person.id, AccountKind::Citizen).await?;
    let Some(found) = found else { return Ok(None) };
    let ends = (provider.id.as_str(), proof.subject.as_str());
    if !link::insert(ctx.conn(), ends, found.account, now).await? {
        return Ok(None);
    }
    let act = ctx
        .act("signon.link", "provider", &provider.id)
        .about(Some(found.person))
        .because("name and number agree");
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(Some(found.account))
}

/// One's own links, one for each provider.
pub async fn links(ctx: &mut Ctx) -> Result<Vec<LinkCard>> {
    ctx.allow("signon.links", &Thing::new("link", "").owned_by(ctx.actor.person))?;
    let Some(account) = ctx.actor.account else { return Ok(Vec::new()) };
    let rows = link::of_account(ctx.conn(), account).await?;
    let settings = ctx.defs::<Settings>()?;
    let card = |provider: &Provider| {
        let row = rows.iter().find(|(id, ..)| *id == provider.id);
        LinkCard {
            provider: provider.id.clone(),
            title: provider.title.clone(),
            linked: row.map(|(_, linked, _)| *linked),
            last_used: row.and_then(|(.., used)| *used),
        }
    };
    Ok(settings.providers.iter().map(card).collect())
}

/// Takes a link away.
pub async fn unlink(ctx: &mut Ctx, provider: &str) -> Result<()> {
    ctx.allow("signon.unlink", &Thing::new("link", provider).owned_by(ctx.actor.person))?;
    let account = ctx.actor.account.unwrap_or_default();
    if !link::remove(ctx.conn(), account, provider).await? {
        return Err(Error::absent("link", provider));
    }
    let act = ctx.act("signon.unlink", "provider", provider).about(ctx.actor.person);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

fn stale() -> Text {
    Text::new(
        "这次登录等得太久，或者不是从这个浏览器开始的，请重新登录",
        "this sign-in took too long or was begun in another browser; please begin again",
    )
}

fn no_proof() -> Text {
    Text::new(
        "对方系统没有证明您的身份，请再试一次，或换一种方式登录",
        "the other system did not prove who you are; try again or sign in another way",
    )
}
