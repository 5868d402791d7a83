//! Certificates of staff: the second factor beside the password, made by an authority that the city accepts, kept on
//! a card or in a file, shown to the balancer in front and handed on by it.

use uuid::Uuid;
use zhengtong_base::{Failure as _, Text};
use zhengtong_db::{Actor, ActorKind, Ctx, Thing};
use zhengtong_party::{Token, Tried};

use crate::error::{Error, Result};
use crate::limits::LIMITS;
use crate::model::CertificateCard;
use crate::passkey::{Entered, account, count, keeps_factor, proven, strong};
use crate::store::certificate;
use crate::trust::{Presented, Seen, Trust};

fn own(ctx: &Ctx) -> Thing {
    let id = ctx.actor.account.map_or_else(String::new, |account| account.to_string());
    Thing::new("certificate", id).owned_by(ctx.actor.person)
}

/// Whether the city accepts certificates at all.
pub fn certificates_possible(ctx: &Ctx) -> bool {
    ctx.defs::<Trust>().is_ok()
}

/// What the city says of a certificate: what stands in it, or why it is not accepted.
pub fn judge(ctx: &Ctx, given: &Presented<'_>) -> std::result::Result<Seen, Text> {
    let none = || {
        Text::new(
            "本市没有开通证书登录，请用动态码或通行密钥",
            "certificates are not accepted here; use a one-time code or a passkey",
        )
    };
    let trust = ctx.defs::<Trust>().map_err(|_not_configured| none())?;
    trust.check(given, ctx.now).map_err(super::trust::Wrong::text)
}

/// The certificates of the actor.
pub async fn certificates(ctx: &mut Ctx) -> Result<Vec<CertificateCard>> {
    ctx.allow("signon.certificates", &own(ctx))?;
    let account = account(ctx)?;
    certificate::cards(ctx.conn(), account).await
}

/// Enrols the certificate that the browser has shown. Staff have it as a second factor from then on; the session gets
/// the new token that is returned when it was not strong before. Who has a second factor already must have proven it
/// in this session.
pub async fn add_certificate(ctx: &mut Ctx, given: &Presented<'_>) -> Result<Option<Token>> {
    ctx.allow("signon.add_certificate", &own(ctx))?;
    let id = account(ctx)?;
    if ctx.actor.kind != ActorKind::Staff {
        return Err(Error::state("证书登录只给工作人员用", "certificates are for staff"));
    }
    proven(ctx).await?;
    let seen = judge(ctx, given).map_err(Error::State)?;
    if certificate::cards(ctx.conn(), id).await?.len() >= LIMITS.certificates {
        return Err(Error::state(
            "登记的证书已经够多了，请先删掉不用的",
            "there are many certificates already; remove one first",
        ));
    }
    let card = CertificateCard {
        id: ctx.id(),
        issuer: seen.issuer,
        serial: seen.serial,
        not_after: seen.not_after,
        created: ctx.now,
        last_used: None,
    };
    if !certificate::insert(ctx.conn(), &card, id, &seen.fingerprint).await? {
        return Err(Error::state("这张证书已经登记过了", "this certificate is enrolled already"));
    }
    let act = ctx
        .act("signon.add_certificate", "certificate", card.id.to_string())
        .about(ctx.actor.person)
        .because(format!("{} {}", card.issuer, card.serial));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let strong = strong(ctx).await?;
    count(ctx, id).await?;
    if strong {
        return Ok(None);
    }
    Ok(Some(zhengtong_party::strengthen(ctx, "certificate").await?))
}

/// Removes a certificate of one's own. Staff keep at least one second factor.
pub async fn remove_certificate(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    ctx.allow("signon.remove_certificate", &own(ctx))?;
    let account = account(ctx)?;
    proven(ctx).await?;
    if !certificate::remove(ctx.conn(), account, id).await? {
        return Err(Error::absent("certificate", id));
    }
    let act =
        ctx.act("signon.remove_certificate", "certificate", id.to_string()).about(ctx.actor.person);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    count(ctx, account).await?;
    keeps_factor(ctx).await
}

/// Ends a login that waits for its second factor with a certificate: it must be sound, and enrolled at this very
/// account. Commit in every case.
pub async fn enter_with_certificate(
    ctx: &mut Ctx,
    pending: &Token,
    given: &Presented<'_>,
) -> Result<Entered> {
    ctx.allow("signon.enter", &Thing::new("login", ""))?;
    let seen = match judge(ctx, given) {
        Ok(seen) => seen,
        Err(why) => return refused(ctx, None, why).await,
    };
    let now = ctx.now;
    let visitor = std::mem::replace(&mut ctx.actor, Actor::system("signon"));
    let account = zhengtong_party::pending_account(ctx, pending).await;
    ctx.actor = visitor;
    let Some(account) = account? else {
        return Ok(Entered::Refused(zhengtong_party::Error::StaleProof.text()));
    };
    if !certificate::used(ctx.conn(), account, &seen.fingerprint, now).await? {
        let why = Text::new(
            "这张证书没有登记在这个账号上。请先用别的方式登录，到“账号安全 · 数字证书”登记",
            "this certificate is not enrolled at this account; sign in another way and enrol it",
        );
        return refused(ctx, Some(account), why).await;
    }
    let visitor = std::mem::replace(&mut ctx.actor, Actor::system("signon"));
    let tried = zhengtong_party::finish_with(ctx, pending, "certificate").await;
    ctx.actor = visitor;
    Ok(match tried? {
        Tried::Done(token) => Entered::In(token),
        Tried::Refused(error) => Entered::Refused(error.text()),
    })
}

async fn refused(ctx: &mut Ctx, account: Option<Uuid>, why: Text) -> Result<Entered> {
    let thing = account.map_or_else(|| "unknown".to_owned(), |account| account.to_string());
    let act = ctx.act("signon.enter", "account", thing).because(format!("refused: {}", why.en));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(Entered::Refused(why))
}

/// The certificates of somebody's account, for administrators.
pub async fn certificates_of(ctx: &mut Ctx, account: Uuid) -> Result<Vec<CertificateCard>> {
    ctx.allow("signon.certificates_of", &Thing::new("account", account.to_string()))?;
    certificate::cards(ctx.conn(), account).await
}

/// Takes a certificate off somebody's account, for example because the card was lost: all sessions of the account
/// end. The last second factor stays: whoever has lost it comes back by a recovery, and until then the account can
/// be disabled.
pub async fn withdraw_certificate(ctx: &mut Ctx, account: Uuid, id: Uuid, why: &str) -> Result<()> {
    ctx.allow("signon.withdraw_certificate", &Thing::new("account", account.to_string()))?;
    let why = why.trim();
    if !(4..=500).contains(&why.chars().count()) {
        return Err(Error::field(
            "why",
            "请写明理由，它会记入存证，本人看得到",
            "say why; it is recorded and the owner can see it",
        ));
    }
    if !certificate::remove(ctx.conn(), account, id).await? {
        return Err(Error::absent("certificate", id));
    }
    count(ctx, account).await?;
    let actor = std::mem::replace(&mut ctx.actor, Actor::system("signon"));
    let known = zhengtong_party::account_of(ctx, account).await;
    let ended = zhengtong_party::end_sessions(ctx, account, "a certificate was withdrawn").await;
    ctx.actor = actor;
    let known = known?.ok_or_else(|| Error::absent("account", account))?;
    ended?;
    if !known.second_factor && !known.disabled {
        return Err(Error::state(
            "这是该账号唯一的第二重验证，不能直接去掉。请走“找回账号”；怕被冒用就先停用账号",
            "this is the only second factor of the account; use a recovery, or disable the account first",
        ));
    }
    let act = ctx
        .act("signon.withdraw_certificate", "certificate", id.to_string())
        .about(Some(known.person))
        .because(why);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}
