//! One's own account: data, password, second factor.

use zhengtong_db::Ctx;

use crate::error::{Error, Result};
use crate::known::judged;
use crate::login::{fail, lock, own_words, rotate};
use crate::model::{AccountCard, Enrolment, HALF_WAY, Identity, Tried};
use crate::sealed::{open_totp, seal_totp};
use crate::session::ended;
use crate::store::account::{self, Account};
use crate::store::{person, session};
use crate::things::{account_of, own, person_of, record, session_of};
use crate::token::Token;
use crate::{password, totp};

/// One's own data and for whom one acts. Reading one's own data is not recorded.
pub async fn my_identity(ctx: &mut Ctx) -> Result<Identity> {
    ctx.allow("party.my_identity", &own(ctx, "person"))?;
    let id = person_of(ctx, "party.my_identity")?;
    let person = person::find(ctx, id).await?.ok_or_else(|| Error::absent("person", id))?;
    Ok(Identity { person, behalf: ctx.actor.behalf.clone() })
}

/// One's own account; staff whose account has no second factor are to be sent to [`enrol_totp`].
pub async fn my_account(ctx: &mut Ctx) -> Result<AccountCard> {
    ctx.allow("party.my_account", &own(ctx, "account"))?;
    Ok(mine(ctx, "party.my_account").await?.card())
}

/// Changes the password. The other sessions end and this one gets the new token that is returned.
/// A wrong old password is counted and recorded: commit in every case.
pub async fn change_password(ctx: &mut Ctx, old: &str, new: &str) -> Result<Tried<Token>> {
    ctx.allow("party.change_password", &own(ctx, "account"))?;
    let session = session_of(ctx, "party.change_password")?;
    let account = mine(ctx, "party.change_password").await?;
    if let Some(refusal) = lock(ctx, &account).await? {
        return Ok(Tried::Refused(refusal));
    }
    if !password::fits(old, account.password_hash.clone()).await? {
        fail(ctx, &account, "party.change_password", "wrong old password").await?;
        return Ok(Tried::Refused(Error::BadOldPassword));
    }
    let words = own_words(ctx, account.person).await?;
    let mut faults = judged(ctx, ("new", new), &account.login, &words).await?;
    if faults.is_empty() && old == new {
        faults.push(zhengtong_base::FieldError::new(
            "new",
            "新密码不能和原密码一样",
            "the new password must differ from the old one",
        ));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let hash = password::hash(new).await?;
    account::set_password(ctx.conn(), account.id, &hash).await?;
    let now = ctx.now;
    let gone = session::revoke_all(ctx.conn(), account.id, Some(session), now).await?;
    ended(ctx, account.id, &gone, "password changed").await?;
    let token = rotate(ctx, session).await?;
    let act = ctx
        .act("party.change_password", "account", account.id.to_string())
        .about(Some(account.person));
    record(ctx, act).await?;
    Ok(Tried::Done(token))
}

/// Begins a second factor: a secret to be scanned. It is in force after [`confirm_totp`]; until then an
/// older one stays.
pub async fn enrol_totp(ctx: &mut Ctx) -> Result<Enrolment> {
    ctx.allow("party.enrol_totp", &own(ctx, "account"))?;
    let account = mine(ctx, "party.enrol_totp").await?;
    proven(ctx, &account)?;
    let secret = totp::new_secret()?;
    let sealed = seal_totp(&*ctx.keyring()?, account.id, &secret)?;
    account::set_pending(ctx.conn(), account.id, &sealed).await?;
    let act =
        ctx.act("party.enrol_totp", "account", account.id.to_string()).about(Some(account.person));
    record(ctx, act).await?;
    Ok(totp::enrolment(&secret, &account.login))
}

/// The secret that waits for its first code, to show it again after a wrong one.
pub async fn pending_totp(ctx: &mut Ctx) -> Result<Option<Enrolment>> {
    ctx.allow("party.enrol_totp", &own(ctx, "account"))?;
    let account = mine(ctx, "party.enrol_totp").await?;
    let Some(sealed) = account.totp_pending else { return Ok(None) };
    let secret = open_totp(ctx, account.id, &sealed)?;
    Ok(Some(totp::enrolment(&secret, &account.login)))
}

/// Puts the second factor in force with its first code. The session gets the new token that is
/// returned, the other sessions end. A wrong code is counted and recorded: commit in every case.
pub async fn confirm_totp(ctx: &mut Ctx, code: &str) -> Result<Tried<Token>> {
    ctx.allow("party.confirm_totp", &own(ctx, "account"))?;
    let session = session_of(ctx, "party.confirm_totp")?;
    let account = mine(ctx, "party.confirm_totp").await?;
    proven(ctx, &account)?;
    let Some(sealed) = &account.totp_pending else { return Err(Error::NothingToConfirm) };
    let secret = open_totp(ctx, account.id, sealed)?;
    if let Some(refusal) = lock(ctx, &account).await? {
        return Ok(Tried::Refused(refusal));
    }
    let Some(step) = totp::step_of(&secret, code, ctx.now, None)? else {
        fail(ctx, &account, "party.confirm_totp", "wrong code").await?;
        return Ok(Tried::Refused(Error::BadCode));
    };
    account::confirm(ctx.conn(), account.id, step).await?;
    let now = ctx.now;
    let gone = session::revoke_all(ctx.conn(), account.id, Some(session), now).await?;
    ended(ctx, account.id, &gone, "factor changed").await?;
    session::strengthen(ctx.conn(), session, "code").await?;
    let token = rotate(ctx, session).await?;
    let act = ctx
        .act("party.confirm_totp", "account", account.id.to_string())
        .about(Some(account.person));
    record(ctx, act).await?;
    Ok(Tried::Done(token))
}

/// Who has a second factor may change it only in a session in which it was proven.
fn proven(ctx: &Ctx, account: &Account) -> Result<()> {
    let half_way = ctx.actor.roles.iter().any(|role| role == HALF_WAY);
    if half_way && account.has_factor() { Err(Error::FactorNotProven) } else { Ok(()) }
}

async fn mine(ctx: &mut Ctx, verb: &str) -> Result<Account> {
    let id = account_of(ctx, verb)?;
    account::by_id(ctx, id).await?.ok_or_else(|| Error::absent("account", id))
}
