//! For suites: opening a session for somebody who was proven by other means, looking accounts and sessions
//! up, and keeping count of the second factors that lie elsewhere.

use uuid::Uuid;
use zhengtong_db::{Ctx, Thing};

use crate::error::{Error, Result};
use crate::login::{half_way, open, refuse, rotate};
use crate::model::{AccountKind, AccountOf, LogIn, SessionCard, SessionOf, Tried};
use crate::names;
use crate::new::Origin;
use crate::session::ended;
use crate::store::{account, session};
use crate::things::{self, account_of as own_account, limits, own, record};
use crate::throttle;
use crate::token::Token;

/// Opens a session for an account whose identity was proven by other means than a password, such as a
/// passkey or another provider of identity; the means stand in the record and with the session.
/// `second_factor_done` says that the means is cryptographic and counts as both factors: without it an
/// account that has a second factor is asked for its code, and staff who have none may only set one up.
/// A refusal is recorded: commit in every case. A verb of the platform, for a context of the system.
pub async fn enter_as(
    ctx: &mut Ctx,
    account: Uuid,
    means: &str,
    second_factor_done: bool,
    origin: Origin<'_>,
) -> Result<Tried<LogIn>> {
    let found = account::by_id(ctx, account).await?;
    let found = found.ok_or_else(|| Error::absent("account", account))?;
    let thing = things::account(&account.to_string(), found.kind, found.person);
    ctx.allow("party.enter_as", &thing)?;
    if found.disabled_at.is_some() {
        refuse(ctx, Some(&found), "party.enter_as", "disabled", origin.ip).await?;
        return Ok(Tried::Refused(Error::Disabled));
    }
    let rules = throttle::of_login(&limits(ctx), &found.login_key, origin.ip);
    if let Some(refusal) = throttle::locked(ctx, &rules).await? {
        refuse(ctx, Some(&found), "party.enter_as", "locked", origin.ip).await?;
        return Ok(Tried::Refused(refusal));
    }
    if !second_factor_done && found.has_factor() {
        return Ok(Tried::Done(LogIn::CodeNeeded(half_way(ctx, &found, means, origin).await?)));
    }
    let token = open(ctx, &found, means, second_factor_done, origin).await?;
    Ok(Tried::Done(LogIn::Done(token)))
}

/// The account whose login waits for its second factor under this token, as long as it waits. A verb of the platform.
pub async fn pending_account(ctx: &mut Ctx, pending: &Token) -> Result<Option<Uuid>> {
    ctx.allow("party.find_account", &Thing::new("login", ""))?;
    let now = ctx.now;
    let proof = account::proof(ctx.conn(), &pending.hash(), now).await?;
    Ok(proof.map(|proof| proof.account))
}

/// Ends a login that waits for its second factor with another one than a code, which was proven elsewhere, such as a
/// certificate: opens the session. A refusal is recorded: commit in every case. A verb of the platform.
pub async fn finish_with(ctx: &mut Ctx, pending: &Token, means: &str) -> Result<Tried<Token>> {
    let now = ctx.now;
    let proof = account::proof(ctx.conn(), &pending.hash(), now).await?;
    let Some(proof) = proof else { return Ok(Tried::Refused(Error::StaleProof)) };
    let found = account::by_id(ctx, proof.account).await?;
    let found = found.ok_or_else(|| Error::absent("account", proof.account))?;
    let thing = things::account(&found.id.to_string(), found.kind, found.person);
    ctx.allow("party.enter_as", &thing)?;
    if found.disabled_at.is_some() {
        refuse(ctx, Some(&found), "party.enter_as", "disabled", &proof.ip).await?;
        return Ok(Tried::Refused(Error::Disabled));
    }
    account::forget_proof(ctx.conn(), &pending.hash()).await?;
    let origin = Origin { ip: &proof.ip, agent: &proof.agent };
    let means = format!("{}+{means}", proof.means);
    Ok(Tried::Done(open(ctx, &found, &means, true, origin).await?))
}

/// Ends all sessions of an account, because what they were opened with counts no more. Returns how many. A verb of
/// the platform.
pub async fn end_sessions(ctx: &mut Ctx, account: Uuid, why: &str) -> Result<u64> {
    let found = account::by_id(ctx, account).await?;
    let found = found.ok_or_else(|| Error::absent("account", account))?;
    let thing = things::account(&account.to_string(), found.kind, found.person);
    ctx.allow("party.end_sessions", &thing)?;
    let now = ctx.now;
    let gone = session::revoke_all(ctx.conn(), account, None, now).await?;
    ended(ctx, account, &gone, why).await?;
    let act = ctx
        .act("party.end_sessions", "account", account.to_string())
        .about(Some(found.person))
        .because(format!("{} sessions: {why}", gone.len()));
    record(ctx, act).await?;
    Ok(u64::try_from(gone.len()).unwrap_or(u64::MAX))
}

/// The account with a login. A verb of the platform.
pub async fn account_by_login(ctx: &mut Ctx, login: &str) -> Result<Option<AccountOf>> {
    ctx.allow("party.find_account", &Thing::new("account", ""))?;
    let key = names::login_key(login);
    Ok(account::by_login(ctx, &key).await?.map(|found| found.known()))
}

/// An account. A verb of the platform.
pub async fn account_of(ctx: &mut Ctx, id: Uuid) -> Result<Option<AccountOf>> {
    ctx.allow("party.find_account", &Thing::new("account", id.to_string()))?;
    Ok(account::by_id(ctx, id).await?.map(|found| found.known()))
}

/// The account of a person. A verb of the platform.
pub async fn account_of_person(
    ctx: &mut Ctx,
    person: Uuid,
    kind: AccountKind,
) -> Result<Option<AccountOf>> {
    ctx.allow("party.find_account", &Thing::new("account", "").owned_by(Some(person)))?;
    Ok(account::by_person(ctx, person, kind).await?.map(|found| found.known()))
}

/// The open sessions of an account, the last used first. A verb of the platform.
pub async fn sessions_of(ctx: &mut Ctx, account: Uuid) -> Result<Vec<SessionCard>> {
    ctx.allow("party.find_account", &Thing::new("account", account.to_string()))?;
    let now = ctx.now;
    let limits = limits(ctx);
    session::open(ctx.conn(), account, None, now, &limits).await
}

/// How a session was proven, and whether it has been ended. A verb of the platform.
pub async fn session_of(ctx: &mut Ctx, session: Uuid) -> Result<Option<SessionOf>> {
    ctx.allow("party.find_account", &Thing::new("session", session.to_string()))?;
    session::find(ctx.conn(), session).await
}

/// Keeps count of the passkeys and certificates of an account: with one, a password alone opens nothing.
/// A verb of the platform, called when a key was added or removed.
pub async fn count_keys(ctx: &mut Ctx, account: Uuid, keys: i32) -> Result<()> {
    let found = account::by_id(ctx, account).await?;
    let found = found.ok_or_else(|| Error::absent("account", account))?;
    let thing = things::account(&account.to_string(), found.kind, found.person);
    ctx.allow("party.count_keys", &thing)?;
    account::set_keys(ctx.conn(), account, keys).await?;
    let act = ctx
        .act("party.count_keys", "account", account.to_string())
        .about(Some(found.person))
        .because(format!("{keys} keys"));
    record(ctx, act).await
}

/// The session of the actor has just registered its first second factor of another kind than a code, and
/// is strong from now on; it gets the new token that is returned, and the other sessions end. Refused while the account has none, and
/// while it has a code that this session did not prove.
pub async fn strengthen(ctx: &mut Ctx, means: &str) -> Result<Token> {
    ctx.allow("party.strengthen", &own(ctx, "account"))?;
    let session = things::session_of(ctx, "party.strengthen")?;
    let id = own_account(ctx, "party.strengthen")?;
    let found = account::by_id(ctx, id).await?;
    let found = found.ok_or_else(|| Error::absent("account", id))?;
    let proven = session::find(ctx.conn(), session).await?.is_some_and(|session| session.strong);
    if !found.has_factor() || (found.totp_secret.is_some() && !proven) {
        return Err(Error::FactorNotProven);
    }
    session::strengthen(ctx.conn(), session, means).await?;
    let now = ctx.now;
    let gone = session::revoke_all(ctx.conn(), id, Some(session), now).await?;
    ended(ctx, id, &gone, "factor changed").await?;
    let token = rotate(ctx, session).await?;
    let act = ctx
        .act("party.strengthen", "session", session.to_string())
        .about(Some(found.person))
        .because(means);
    record(ctx, act).await?;
    Ok(token)
}
