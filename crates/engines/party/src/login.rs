//! Proving who somebody is: password, code, one-time link. Failures are counted by login and recorded.

use serde_json::json;
use time::Duration;
use uuid::Uuid;
use zhengtong_db::{Ctx, Thing};

use crate::error::{Error, Result};
use crate::known::judged;
use crate::limits::LIMITS;
use crate::model::{AccountKind, IdKind, LogIn, Tried};
use crate::new::Origin;
use crate::recovery::owner_is_in;
use crate::sealed::open_totp;
use crate::session::ended;
use crate::store::account::{self, Account, Proof};
use crate::store::session::{self, NewSession};
use crate::store::{organisation, person, recovery};
use crate::things::{account_of, china_date, digest, limits, record, session_of};
use crate::throttle;
use crate::token::Token;
use crate::{names, password, totp};

/// Logs in with a password. An account with a second factor then needs [`enter_code`]. A refusal is
/// counted and recorded: commit in every case.
pub async fn log_in(
    ctx: &mut Ctx,
    login: &str,
    password: &str,
    origin: Origin<'_>,
) -> Result<Tried<LogIn>> {
    ctx.allow("party.log_in", &Thing::new("login", ""))?;
    let key = names::login_key(login);
    let found = account::by_login(ctx, &key).await?;
    let rules = throttle::of_login(&limits(ctx), &key, origin.ip);
    if let Some(refusal) = throttle::locked(ctx, &rules).await? {
        refuse(ctx, found.as_ref(), "party.log_in", "locked", origin.ip).await?;
        return Ok(Tried::Refused(refusal));
    }
    let hash = found.as_ref().and_then(|account| account.password_hash.clone());
    let fits = password::fits(password, hash).await?;
    let Some(account) = found.clone().filter(|_| fits) else {
        throttle::count(ctx, &rules).await?;
        refuse(ctx, found.as_ref(), "party.log_in", "wrong password", origin.ip).await?;
        return Ok(Tried::Refused(Error::BadLogin));
    };
    if account.disabled_at.is_some() {
        refuse(ctx, Some(&account), "party.log_in", "disabled", origin.ip).await?;
        return Ok(Tried::Refused(Error::Disabled));
    }
    throttle::forgive(ctx, &rules).await?;
    if !account.has_factor() {
        return Ok(Tried::Done(LogIn::Done(open(ctx, &account, "password", false, origin).await?)));
    }
    Ok(Tried::Done(LogIn::CodeNeeded(half_way(ctx, &account, "password", origin).await?)))
}

/// The token of a login whose second factor is still to come.
pub(crate) async fn half_way(
    ctx: &mut Ctx,
    account: &Account,
    means: &str,
    origin: Origin<'_>,
) -> Result<Token> {
    let token = Token::random()?;
    let proof = Proof {
        account: account.id,
        ip: origin.ip.to_owned(),
        agent: short_agent(origin.agent),
        means: means.to_owned(),
        expires: ctx.now + Duration::minutes(limits(ctx).code_minutes),
    };
    account::put_proof(ctx.conn(), &token.hash(), &proof).await?;
    let act = by(ctx, account, "party.log_in", "account", account.id.to_string())
        .because(format!("{means} proven from {}, code asked for", origin.ip));
    record(ctx, act).await?;
    Ok(token)
}

/// Enters the code of the second factor, with the token of [`LogIn::CodeNeeded`]. A refusal is counted
/// and recorded: commit in every case.
pub async fn enter_code(ctx: &mut Ctx, pending: &Token, code: &str) -> Result<Tried<Token>> {
    ctx.allow("party.enter_code", &Thing::new("login", ""))?;
    let now = ctx.now;
    let proof = account::proof(ctx.conn(), &pending.hash(), now).await?;
    let Some(proof) = proof else { return Ok(Tried::Refused(Error::StaleProof)) };
    let found = account::by_id(ctx, proof.account).await?;
    let Some(account) = found.filter(|account| account.disabled_at.is_none()) else {
        return Ok(Tried::Refused(Error::Disabled));
    };
    let rule = [throttle::of_code(&limits(ctx), account.id)];
    if let Some(refusal) = throttle::locked(ctx, &rule).await? {
        refuse(ctx, Some(&account), "party.enter_code", "locked", &proof.ip).await?;
        return Ok(Tried::Refused(refusal));
    }
    if !use_code(ctx, &account, code).await? {
        throttle::count(ctx, &rule).await?;
        refuse(ctx, Some(&account), "party.enter_code", "wrong code", &proof.ip).await?;
        return Ok(Tried::Refused(Error::BadCode));
    }
    throttle::forgive(ctx, &rule).await?;
    account::forget_proof(ctx.conn(), &pending.hash()).await?;
    let origin = Origin { ip: &proof.ip, agent: &proof.agent };
    let means = format!("{}+code", proof.means);
    Ok(Tried::Done(open(ctx, &account, &means, true, origin).await?))
}

/// Sets the password of an account with a one-time link. All its sessions end, and a lock is lifted.
pub async fn use_invite(ctx: &mut Ctx, token: &Token, new: &str) -> Result<()> {
    ctx.allow("party.use_invite", &Thing::new("login", ""))?;
    let now = ctx.now;
    let found = account::invited(ctx.conn(), &token.hash(), now).await?;
    let (id, factor) = found.ok_or(Error::InviteGone)?;
    let account = account::by_id(ctx, id).await?.ok_or(Error::InviteGone)?;
    if account.disabled_at.is_some() {
        return Err(Error::Disabled);
    }
    set_new_password(ctx, &account, new, "party.use_invite").await?;
    account::use_invite(ctx.conn(), &token.hash(), now).await?;
    if factor {
        account::clear_totp(ctx.conn(), id).await?;
        recovery::forget_codes(ctx.conn(), id).await?;
        let news = json!({ "account": id, "person": account.person });
        ctx.emit("party.factors_cleared", &id.to_string(), &news).await?;
    }
    Ok(())
}

/// Sets a password that its owner has chosen without the old one. All sessions end, and locks are lifted.
pub(crate) async fn set_new_password(
    ctx: &mut Ctx,
    account: &Account,
    new: &str,
    verb: &str,
) -> Result<()> {
    let words = own_words(ctx, account.person).await?;
    let faults = judged(ctx, ("new", new), &account.login, &words).await?;
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let (id, now) = (account.id, ctx.now);
    let hash = password::hash(new).await?;
    account::set_password(ctx.conn(), id, &hash).await?;
    throttle::forget_login(ctx, &account.login_key).await?;
    let gone = session::revoke_all(ctx.conn(), id, None, now).await?;
    ended(ctx, id, &gone, "password set").await?;
    let act = by(ctx, account, verb, "account", id.to_string());
    record(ctx, act).await?;
    let news = json!({ "account": id, "person": account.person });
    ctx.emit("party.password_set", &id.to_string(), &news).await?;
    Ok(())
}

/// What others know of a person and guess first: name, telephone, birthday, number.
pub(crate) async fn own_words(ctx: &mut Ctx, person: Uuid) -> Result<Vec<String>> {
    let Some(plain) = person::find(ctx, person).await? else { return Ok(Vec::new()) };
    let mut words = vec![plain.name];
    words.extend(plain.phone);
    if let Some(number) = plain.id_number {
        // The birthday and the end of the citizen number are what people use of it.
        if plain.id_kind == IdKind::Citizen {
            words.extend(number.get(6..14).map(str::to_owned));
            words.extend(number.get(8..14).map(str::to_owned));
            words.extend(number.get(12..18).map(str::to_owned));
        }
        words.push(number);
    }
    Ok(words)
}

/// For whom a link sets a password, so that the page can greet; none when it does not work any more.
pub async fn invited(ctx: &mut Ctx, token: &Token) -> Result<Option<String>> {
    ctx.allow("party.use_invite", &Thing::new("login", ""))?;
    let now = ctx.now;
    let found = account::invited(ctx.conn(), &token.hash(), now).await?;
    let Some((id, _factor)) = found else { return Ok(None) };
    Ok(account::by_id(ctx, id).await?.map(|account| account.login))
}

/// Logs out: the session of the actor ends.
pub async fn log_out(ctx: &mut Ctx) -> Result<()> {
    let id = session_of(ctx, "party.log_out")?;
    let thing = Thing::new("session", id.to_string()).owned_by(ctx.actor.person);
    ctx.allow("party.log_out", &thing)?;
    let now = ctx.now;
    let account = account_of(ctx, "party.log_out")?;
    if session::revoke(ctx.conn(), id, now).await? {
        ended(ctx, account, &[id], "log out").await?;
    }
    let act = ctx.act("party.log_out", "session", id.to_string()).about(ctx.actor.person);
    record(ctx, act).await
}

/// Counts one more failure of a proof that is not a login: an old password, a first code.
pub(crate) async fn fail(ctx: &mut Ctx, account: &Account, verb: &str, why: &str) -> Result<()> {
    let rule = [throttle::of_code(&limits(ctx), account.id)];
    throttle::count(ctx, &rule).await?;
    refuse(ctx, Some(account), verb, why, "its session").await
}

/// The refusal, if codes and old passwords of an account are locked.
pub(crate) async fn lock(ctx: &mut Ctx, account: &Account) -> Result<Option<Error>> {
    let rule = [throttle::of_code(&limits(ctx), account.id)];
    throttle::locked(ctx, &rule).await
}

/// Whether the code is right; it is used up by that.
async fn use_code(ctx: &mut Ctx, account: &Account, code: &str) -> Result<bool> {
    let Some(sealed) = &account.totp_secret else { return Ok(false) };
    let secret = open_totp(ctx, account.id, sealed)?;
    let newest = totp::newest_step(ctx.now);
    let last = account::last_step(ctx.conn(), account.id, newest).await?;
    match totp::step_of(&secret, code, ctx.now, last)? {
        Some(step) => account::use_step(ctx.conn(), account.id, step).await,
        None => Ok(false),
    }
}

/// Opens a session; `strong` says that two factors were proven, or one that is two.
pub(crate) async fn open(
    ctx: &mut Ctx,
    account: &Account,
    means: &str,
    strong: bool,
    origin: Origin<'_>,
) -> Result<Token> {
    let (token, id, now) = (Token::random()?, ctx.id(), ctx.now);
    let post = match account.kind {
        AccountKind::Citizen => None,
        AccountKind::Staff => {
            let held =
                organisation::held_by(ctx.conn(), account.person, None, china_date(now)).await?;
            held.into_iter().next().map(|own| own.post.id)
        }
    };
    let agent = short_agent(origin.agent);
    let limits = limits(ctx);
    let new = NewSession {
        id,
        token_hash: token.hash(),
        account: account.id,
        post,
        expires: now + limits.session(),
        ip: origin.ip,
        agent: &agent,
        means,
        strong,
    };
    let gone = session::insert(ctx.conn(), &new, now, &limits).await?;
    ended(ctx, account.id, &gone, "gave way").await?;
    if strong || !account.has_factor() {
        owner_is_in(ctx, account.id).await?;
    }
    let after = digest(
        &json!({ "account": account.id, "expires": new.expires.unix_timestamp(), "ip": origin.ip }),
    );
    let act = by(ctx, account, "party.log_in", "session", id.to_string())
        .because(format!("{means} from {}", origin.ip))
        .change(None, Some(after));
    record(ctx, act).await?;
    Ok(token)
}

/// Records a failure. What was typed as a login is not kept: people type passwords there.
pub(crate) async fn refuse(
    ctx: &mut Ctx,
    account: Option<&Account>,
    verb: &str,
    why: &str,
    ip: &str,
) -> Result<()> {
    let thing = account.map_or_else(|| "unknown".to_owned(), |account| account.id.to_string());
    let act = ctx
        .act(verb, "account", thing)
        .about(account.map(|account| account.person))
        .because(format!("refused: {why}, from {ip}"));
    record(ctx, act).await
}

/// An act of the account that has just proven itself.
fn by(ctx: &Ctx, account: &Account, verb: &str, kind: &str, thing: String) -> zhengtong_base::Act {
    let mut act = ctx.act(verb, kind, thing).about(Some(account.person));
    act.account = Some(account.id);
    act.person = Some(account.person);
    act.name.clone_from(&account.name);
    act
}

fn short_agent(agent: &str) -> String {
    agent.chars().filter(|letter| !letter.is_control()).take(LIMITS.agent_chars).collect()
}

/// Sets the session's token anew; the old one stops working at once.
pub(crate) async fn rotate(ctx: &mut Ctx, session: Uuid) -> Result<Token> {
    let token = Token::random()?;
    session::rotate(ctx.conn(), session, &token.hash()).await?;
    Ok(token)
}
