//! 代办: leave to act for an organisation, given by its representative or by an agent who may delegate.

use serde_json::json;
use time::Duration;
use uuid::Uuid;
use zhengtong_base::{FieldError, Text};
use zhengtong_db::{Ctx, Thing};

use crate::error::{Error, Result};
use crate::limits::LIMITS;
use crate::model::{Delegation, SCOPES};
use crate::names::{clean, login_key};
use crate::new::NewDelegation;
use crate::session::ended;
use crate::store::{access, account, person, session};
use crate::things::{digest, own, person_of, record, repeated};

/// Gives a person leave to act for the organisation that the actor acts for. The person is named by
/// number and name; both must fit.
pub async fn delegate(ctx: &mut Ctx, new: &NewDelegation) -> Result<Uuid> {
    let organisation = acting_for(ctx)?;
    ctx.allow("party.delegate", &of(organisation, None))?;
    let body = (&new.id_number, &new.name, new.until.unix_timestamp(), &new.scope);
    if let Some(id) = repeated(ctx, "party.delegate", &body).await? {
        return Ok(id);
    }
    let by = person_of(ctx, "party.delegate")?;
    let mut faults = faults(ctx, new);
    let (number, name) = (clean(&new.id_number).to_uppercase(), clean(&new.name));
    let found = person_called(ctx, &number, &name).await?;
    if found.is_none() {
        faults.push(FieldError::new(
            "id_number",
            "没有找到姓名和证件号码（或账号）都相符的人，请核对；对方需要先实名注册",
            "nobody has this name and this number or login; check both, and let the person register first",
        ));
    }
    if found == Some(by) {
        faults.push(FieldError::new(
            "id_number",
            "不用给自己授权",
            "there is no need to delegate to yourself",
        ));
    }
    let (Some(to), true) = (found, faults.is_empty()) else { return Err(Error::Invalid(faults)) };
    let delegation = Delegation {
        id: ctx.id(),
        organisation,
        person: to,
        name,
        scope: new.scope.clone(),
        granted: ctx.now,
        expires: new.until,
        revoked_at: None,
    };
    access::insert(ctx.conn(), &delegation, Some(by)).await?;
    let after = digest(&json!({
        "expires": new.until.unix_timestamp(), "organisation": organisation, "person": to, "scope": new.scope,
    }));
    let act = ctx
        .act("party.delegate", "delegation", delegation.id.to_string())
        .about(Some(to))
        .change(None, Some(after));
    record(ctx, act).await?;
    let news = json!({ "delegation": delegation.id, "organisation": organisation, "person": to });
    ctx.emit("party.delegated", &delegation.id.to_string(), &news).await?;
    ctx.answered(&delegation.id).await?;
    Ok(delegation.id)
}

/// The leaves that were given to oneself and still hold, with the names of the organisations.
pub async fn delegations_to_me(ctx: &mut Ctx) -> Result<Vec<(Delegation, Text)>> {
    ctx.allow("party.behalfs", &own(ctx, "account"))?;
    let person = person_of(ctx, "party.behalfs")?;
    let now = ctx.now;
    access::of_person(ctx, person, now).await
}

/// The person of this name who has this number, or this login.
async fn person_called(ctx: &mut Ctx, number: &str, name: &str) -> Result<Option<Uuid>> {
    if let Some(found) = person::by_number(ctx, number, name).await? {
        return Ok(Some(found));
    }
    let account = account::by_login(ctx, &login_key(number)).await?;
    Ok(account.filter(|account| account.name == name).map(|account| account.person))
}

/// The delegations of the organisation that the actor acts for, the newest first, ended ones too.
pub async fn delegations(ctx: &mut Ctx) -> Result<Vec<Delegation>> {
    let organisation = acting_for(ctx)?;
    ctx.allow("party.delegations", &of(organisation, None))?;
    let list = access::of_organisation(ctx, organisation).await?;
    let act = ctx.act("party.delegations", "organisation", organisation.to_string());
    record(ctx, act).await?;
    Ok(list)
}

/// Takes a leave back; the one who has it may give it up too. Sessions under it end at once.
pub async fn revoke_delegation(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let found = access::find(ctx, id).await?;
    let delegation = found.ok_or_else(|| Error::absent("delegation", id))?;
    let thing = of(delegation.organisation, Some(&delegation));
    ctx.allow_or_absent("party.revoke_delegation", &thing)?;
    let now = ctx.now;
    access::revoke(ctx.conn(), id, now).await?;
    let (person, organisation) = (delegation.person, delegation.organisation);
    for (gone, account) in session::revoke_behalf(ctx.conn(), person, organisation, now).await? {
        ended(ctx, account, &[gone], "leave withdrawn").await?;
    }
    let act = ctx
        .act("party.revoke_delegation", "delegation", id.to_string())
        .about(Some(delegation.person));
    record(ctx, act).await?;
    let news = json!({
        "delegation": id, "organisation": delegation.organisation, "person": delegation.person,
    });
    ctx.emit("party.delegation_revoked", &id.to_string(), &news).await?;
    Ok(())
}

fn acting_for(ctx: &Ctx) -> Result<Uuid> {
    ctx.actor.behalf.as_ref().map(|behalf| behalf.organisation).ok_or(Error::NotActingFor)
}

fn of(organisation: Uuid, delegation: Option<&Delegation>) -> Thing {
    let id = delegation.map_or_else(String::new, |delegation| delegation.id.to_string());
    Thing::new("delegation", id)
        .owned_by(delegation.map(|delegation| delegation.person))
        .of_organisation(Some(organisation))
}

fn faults(ctx: &Ctx, new: &NewDelegation) -> Vec<FieldError> {
    let mut faults = Vec::new();
    let longest = ctx.now + Duration::days(LIMITS.delegation_days);
    if new.until <= ctx.now {
        faults.push(FieldError::new(
            "until",
            "截止日期要晚于今天",
            "the end must lie in the future",
        ));
    } else if new.until > longest {
        let days = LIMITS.delegation_days;
        faults.push(FieldError::new(
            "until",
            format!("授权最长 {days} 天，到期可以再授"),
            format!("a leave lasts {days} days at most; give it again then"),
        ));
    }
    let known = new.scope.iter().all(|word| SCOPES.contains(&word.as_str()));
    if new.scope.is_empty() || !known {
        faults.push(FieldError::new(
            "scope",
            "请选择授权范围：可授权他人、可办事、可查看",
            format!("choose what is allowed: {}", SCOPES.join(", ")),
        ));
    }
    faults
}
