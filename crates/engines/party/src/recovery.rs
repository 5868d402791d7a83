//! Getting an account back in person, so that nobody is talked into it: one official checks the document and
//! says why, a second one confirms, the owner is told through every channel, a day must pass, and only then is
//! there a link that works once. Whoever can still log in stops it by that.

use serde_json::json;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use zhengtong_db::{Ctx, Thing};

use crate::account::{find, link};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::model::{Invite, Recovery};
use crate::new::NewRecovery;
use crate::store::recovery;
use crate::things::{self, account_of, limits, own, person_of, reason, record};

/// Begins a recovery: the official has the person and the document before them.
pub async fn start_recovery(ctx: &mut Ctx, new: &NewRecovery) -> Result<Uuid> {
    let account = find(ctx, new.account).await?;
    let thing = things::account(&account.id.to_string(), account.kind, account.person);
    ctx.allow("party.start_recovery", &thing)?;
    if let Some(id) =
        things::repeated(ctx, "party.start_recovery", &(new.account, new.factor)).await?
    {
        return Ok(id);
    }
    let by = person_of(ctx, "party.start_recovery")?;
    if by == account.person {
        return Err(Error::OwnRights);
    }
    if account.disabled_at.is_some() {
        return Err(Error::Disabled);
    }
    let why = reason(&new.reason)?;
    let document = reason(&new.document).map_err(|_short| {
        Error::field(
            "document",
            "请写明核对了哪种证件、怎么核对的，例如“身份证原件，照片与本人相符”；不要写证件号",
            "say which document was checked and how; do not write its number",
        )
    })?;
    overdue(ctx, account.id).await?;
    let begun = Recovery {
        id: ctx.id(),
        account: account.id,
        login: account.login.clone(),
        kind: account.kind,
        person: account.person,
        name: account.name.clone(),
        factor: new.factor,
        reason: why.clone(),
        document: document.clone(),
        started: ctx.now,
        started_by: by,
        started_name: ctx.actor.name.clone(),
        confirmed: None,
        confirmed_name: None,
        ready: None,
    };
    if !recovery::insert(ctx, &begun, Some(by)).await? {
        return Err(Error::RecoveryGoesOn);
    }
    let act = ctx
        .act("party.start_recovery", "account", account.id.to_string())
        .about(Some(account.person))
        .because(format!("{why}；{document}"));
    record(ctx, act).await?;
    tell(ctx, "party.recovery_started", &begun, None).await?;
    ctx.answered(&begun.id).await?;
    Ok(begun.id)
}

/// A second official confirms; the wait begins.
pub async fn confirm_recovery(ctx: &mut Ctx, id: Uuid) -> Result<OffsetDateTime> {
    let found = open(ctx, id, "party.confirm_recovery").await?;
    if let Some(ready) = found.ready {
        return Ok(ready);
    }
    let by = person_of(ctx, "party.confirm_recovery")?;
    if by == found.started_by || by == found.person {
        return Err(Error::SecondOfficial);
    }
    let now = ctx.now;
    let ready = now + Duration::hours(limits(ctx).recovery_wait_hours);
    recovery::confirm(ctx.conn(), id, Some(by), now, ready).await?;
    let act = ctx
        .act("party.confirm_recovery", "account", found.account.to_string())
        .about(Some(found.person))
        .because(format!("recovery {id}"));
    record(ctx, act).await?;
    tell(ctx, "party.recovery_confirmed", &found, Some(ready)).await?;
    Ok(ready)
}

/// Gives out the link when the wait is over. It sets the password; if the second factor was lost too, its use
/// takes that and the recovery codes away.
pub async fn release_recovery(ctx: &mut Ctx, id: Uuid) -> Result<Invite> {
    let found = open(ctx, id, "party.release_recovery").await?;
    let now = ctx.now;
    let Some(ready) = found.ready else { return Err(Error::SecondOfficial) };
    if now < ready {
        return Err(Error::TooEarly { until: ready });
    }
    recovery::release(ctx.conn(), id, now).await?;
    let act = ctx
        .act("party.release_recovery", "account", found.account.to_string())
        .about(Some(found.person))
        .because(format!("recovery {id}"));
    record(ctx, act).await?;
    tell(ctx, "party.recovery_released", &found, None).await?;
    let expires = now + Duration::hours(limits(ctx).recovery_link_hours);
    link(ctx, found.account, expires, found.factor).await
}

/// Stops a recovery: its owner who never asked for it, or an official who doubts.
pub async fn stop_recovery(ctx: &mut Ctx, id: Uuid, why: &str) -> Result<()> {
    let found = open(ctx, id, "party.stop_recovery").await?;
    let why = reason(why)?;
    stop(ctx, &found, &why).await
}

/// The recoveries that go on and that the actor has a part in.
pub async fn recoveries(ctx: &mut Ctx) -> Result<Vec<Recovery>> {
    ctx.allow("party.recoveries", &Thing::new("account", ""))?;
    let since = earliest(&limits(ctx), ctx.now);
    let mut list = recovery::going_on(ctx, None, since).await?;
    list.retain(|one| {
        let thing = things::account(&one.account.to_string(), one.kind, one.person);
        ["party.start_recovery", "party.confirm_recovery"].iter().any(|verb| ctx.may(verb, &thing))
    });
    for one in &list {
        let act =
            ctx.act("party.recoveries", "account", one.account.to_string()).about(Some(one.person));
        record(ctx, act).await?;
    }
    Ok(list)
}

/// The recovery of one's own account that goes on, to be stopped if one did not ask for it.
pub async fn my_recovery(ctx: &mut Ctx) -> Result<Option<Recovery>> {
    ctx.allow("party.my_account", &own(ctx, "account"))?;
    let account = account_of(ctx, "party.my_account")?;
    let since = earliest(&limits(ctx), ctx.now);
    Ok(recovery::going_on(ctx, Some(account), since).await?.into_iter().next())
}

/// Whoever logs in wholly has lost nothing: a recovery that goes on is stopped.
pub(crate) async fn owner_is_in(ctx: &mut Ctx, account: Uuid) -> Result<()> {
    let now = ctx.now;
    for id in recovery::stop(ctx, account, "its owner logged in", now).await? {
        let act = ctx
            .act("party.stop_recovery", "account", account.to_string())
            .because(format!("recovery {id}: its owner logged in"));
        record(ctx, act).await?;
    }
    Ok(())
}

async fn stop(ctx: &mut Ctx, found: &Recovery, why: &str) -> Result<()> {
    let now = ctx.now;
    recovery::stop(ctx, found.account, why, now).await?;
    let act = ctx
        .act("party.stop_recovery", "account", found.account.to_string())
        .about(Some(found.person))
        .because(why);
    record(ctx, act).await?;
    tell(ctx, "party.recovery_stopped", found, None).await
}

/// A recovery that was not brought to its end in time makes room for a new one.
async fn overdue(ctx: &mut Ctx, account: Uuid) -> Result<()> {
    let (now, since) = (ctx.now, earliest(&limits(ctx), ctx.now));
    if recovery::going_on(ctx, Some(account), since).await?.is_empty() {
        recovery::stop(ctx, account, "not brought to its end in time", now).await?;
    }
    Ok(())
}

/// A recovery that goes on, for which the actor may do the verb; any other looks as if absent.
async fn open(ctx: &mut Ctx, id: Uuid, verb: &str) -> Result<Recovery> {
    let found = recovery::find(ctx, id).await?;
    let found = found.ok_or_else(|| Error::absent("recovery", id))?;
    let thing = things::account(&found.account.to_string(), found.kind, found.person);
    ctx.allow_or_absent(verb, &thing)?;
    recovery::lock(ctx.conn(), id).await?;
    let since = earliest(&limits(ctx), ctx.now);
    let on = recovery::going_on(ctx, Some(found.account), since).await?;
    on.into_iter().find(|one| one.id == id).ok_or_else(|| Error::absent("recovery", id))
}

fn earliest(limits: &Limits, now: OffsetDateTime) -> OffsetDateTime {
    now - Duration::days(limits.recovery_days)
}

async fn tell(
    ctx: &mut Ctx,
    topic: &str,
    of: &Recovery,
    ready: Option<OffsetDateTime>,
) -> Result<()> {
    let ready = ready.map(OffsetDateTime::unix_timestamp);
    let news = json!({
        "recovery": of.id, "account": of.account, "person": of.person, "ready": ready,
    });
    ctx.emit(topic, &of.account.to_string(), &news).await?;
    Ok(())
}
