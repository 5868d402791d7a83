//! Accounts made, disabled and helped back by administrators, and the first administrator of all.

use serde_json::json;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_db::{ActorKind, Ctx, Thing};

use crate::error::{Error, Result};
use crate::model::{AccountKind, Holding, IdKind, Invite, OrganisationKind, PersonPlain};
use crate::new::{NewAccount, NewOrganisation, NewPost};
use crate::session::ended;
use crate::store::account::{self, Account};
use crate::store::{organisation, person, session, substitute, throttle};
use crate::things::{self, china_date, digest, limits, reason, record};
use crate::token::Token;
use crate::{appoint, names};

/// The login of the first administrator.
pub const FIRST_LOGIN: &str = "admin";
/// Rows of each table that one sweep removes.
const SWEEP_ROWS: i64 = 10_000;

/// Creates an account. Its owner gets a one-time link and chooses the password; nobody else knows it.
pub async fn create_account(ctx: &mut Ctx, new: &NewAccount) -> Result<Invite> {
    ctx.allow("party.create_account", &things::account("", new.kind, new.person))?;
    let faults = names::login_faults(&new.login);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let plain = person::find(ctx, new.person).await?;
    let plain = plain.ok_or_else(|| Error::absent("person", new.person))?;
    let account = blank(ctx.id(), new, plain.name);
    let now = ctx.now;
    if !account::insert(ctx.conn(), &account, now).await? {
        return Err(Error::field(
            "login",
            "账号已被使用，或这个人已有同类账号",
            "the login is taken, or the person has an account of this kind already",
        ));
    }
    let after =
        digest(&json!({ "kind": new.kind.word(), "login": account.login, "person": new.person }));
    let act = ctx
        .act("party.create_account", "account", account.id.to_string())
        .about(Some(new.person))
        .change(None, Some(after));
    record(ctx, act).await?;
    let expires = now + Duration::days(limits(ctx).invite_days);
    link(ctx, account.id, expires, false).await
}

/// Gives out a new one-time link for an account that never had a password; older links stop working. An
/// account in use is given back by a recovery; only the platform itself, at the command line of its operators,
/// can do without.
pub async fn invite(ctx: &mut Ctx, id: Uuid) -> Result<Invite> {
    let account = find(ctx, id).await?;
    ctx.allow("party.invite", &things::account(&id.to_string(), account.kind, account.person))?;
    if account.password_hash.is_some() && ctx.actor.kind != ActorKind::System {
        return Err(Error::UseRecovery);
    }
    let act = ctx.act("party.invite", "account", id.to_string()).about(Some(account.person));
    record(ctx, act).await?;
    let expires = ctx.now + Duration::days(limits(ctx).invite_days);
    link(ctx, id, expires, false).await
}

/// Disables an account; its sessions end at once.
pub async fn disable_account(ctx: &mut Ctx, id: Uuid, why: &str) -> Result<()> {
    let account = find(ctx, id).await?;
    let thing = things::account(&id.to_string(), account.kind, account.person);
    ctx.allow("party.disable_account", &thing)?;
    let why = reason(why)?;
    let (now, today) = (ctx.now, china_date(ctx.now));
    if account.kind == AccountKind::Staff {
        let roles = organisation::roles_between(ctx.conn(), account.person, today, None).await?;
        if roles.iter().any(|role| role == "system-admin") {
            appoint::keep_one(ctx, account.person, today).await?;
        }
    }
    account::set_disabled(ctx.conn(), id, Some(now)).await?;
    let gone = session::revoke_all(ctx.conn(), id, None, now).await?;
    ended(ctx, id, &gone, "disabled").await?;
    let act = ctx
        .act("party.disable_account", "account", id.to_string())
        .about(Some(account.person))
        .because(why);
    record(ctx, act).await?;
    let news = json!({ "account": id, "person": account.person, "kind": account.kind.word() });
    ctx.emit("party.account_disabled", &id.to_string(), &news).await?;
    Ok(())
}

/// Lets a disabled account log in again.
pub async fn enable_account(ctx: &mut Ctx, id: Uuid, why: &str) -> Result<()> {
    let account = find(ctx, id).await?;
    let thing = things::account(&id.to_string(), account.kind, account.person);
    ctx.allow("party.enable_account", &thing)?;
    let why = reason(why)?;
    account::set_disabled(ctx.conn(), id, None).await?;
    let act = ctx
        .act("party.enable_account", "account", id.to_string())
        .about(Some(account.person))
        .because(why);
    record(ctx, act).await
}

/// The one-time link of the first administrator, as long as no staff account has a password: on the
/// first start an account `admin` with the post of system administrator is made for it.
pub async fn first_admin(ctx: &mut Ctx) -> Result<Option<Invite>> {
    ctx.allow("party.first_admin", &Thing::new("platform", ""))?;
    let (first, active) = account::first_staff(ctx.conn()).await?;
    if active {
        return Ok(None);
    }
    let id = match first {
        Some(id) => id,
        None => found_platform(ctx).await?,
    };
    let act = ctx.act("party.first_admin", "account", id.to_string());
    record(ctx, act).await?;
    let expires = ctx.now + Duration::days(limits(ctx).invite_days);
    Ok(Some(link(ctx, id, expires, false).await?))
}

/// Removes sessions, links, proofs and counts of failures that have ended long ago, and tells of holdings and
/// substitutions that have ended by their day. A job. Returns how many rows were removed.
pub async fn sweep(ctx: &mut Ctx) -> Result<u64> {
    ctx.allow("party.sweep", &Thing::new("platform", ""))?;
    let (now, today) = (ctx.now, china_date(ctx.now));
    for (id, post, person, organisation) in
        substitute::holdings_ended(ctx.conn(), today, SWEEP_ROWS).await?
    {
        let news = json!({
            "holding": id, "post": post, "person": person, "organisation": organisation,
        });
        ctx.emit("party.holding_ended", &id.to_string(), &news).await?;
    }
    for (id, post, person, organisation) in substitute::ended(ctx.conn(), today, SWEEP_ROWS).await?
    {
        let news = json!({
            "substitution": id, "post": post, "person": person, "organisation": organisation,
        });
        ctx.emit("party.substitution_ended", &id.to_string(), &news).await?;
    }
    let (day, long) =
        (now - Duration::days(1), now - Duration::days(limits(ctx).long_ban_days_max));
    let counts = throttle::sweep(ctx.conn(), now, day, long, SWEEP_ROWS).await?;
    Ok(counts + account::sweep(ctx.conn(), now, SWEEP_ROWS).await?)
}

pub(crate) async fn find(ctx: &mut Ctx, id: Uuid) -> Result<Account> {
    account::by_id(ctx, id).await?.ok_or_else(|| Error::absent("account", id))
}

/// A one-time link; `factor` says that its use takes a lost second factor away.
pub(crate) async fn link(
    ctx: &mut Ctx,
    account: Uuid,
    expires: OffsetDateTime,
    factor: bool,
) -> Result<Invite> {
    let token = Token::random()?;
    account::put_invite(ctx.conn(), &token.hash(), account, expires, factor).await?;
    Ok(Invite { account, token, expires })
}

/// The organisation, post, person and account of the first administrator.
async fn found_platform(ctx: &mut Ctx) -> Result<Uuid> {
    let (office, post, person) = (ctx.id(), ctx.id(), ctx.id());
    let platform = NewOrganisation {
        parent: None,
        region: None,
        kind: OrganisationKind::Office,
        name: Text::new("平台运行管理", "Platform operation"),
        short: Some("platform".to_owned()),
        credit_code: None,
        representative: None,
    };
    let there = organisation::by_short(ctx.conn(), "platform").await?;
    let office = there.as_ref().map_or(office, |there| there.id);
    if there.is_none() {
        organisation::insert(ctx.conn(), office, &platform).await?;
    }
    let new_post = NewPost {
        organisation: office,
        title: Text::new("系统管理员", "System administrator"),
        roles: vec!["system-admin".to_owned()],
    };
    organisation::insert_post(ctx.conn(), post, &new_post).await?;
    let name = "首任系统管理员".to_owned();
    let plain = PersonPlain {
        id: person,
        name: name.clone(),
        id_kind: IdKind::Citizen,
        id_number: None,
        phone: None,
        region: None,
        level: 0,
    };
    person::insert(ctx, &plain).await?;
    let starts = china_date(ctx.now);
    let holding = Holding { id: ctx.id(), post, person, name: name.clone(), starts, ends: None };
    organisation::insert_holding(ctx.conn(), &holding).await?;
    let new = NewAccount { login: FIRST_LOGIN.to_owned(), kind: AccountKind::Staff, person };
    let account = blank(ctx.id(), &new, name);
    let now = ctx.now;
    if !account::insert(ctx.conn(), &account, now).await? {
        let text = format!("the login {FIRST_LOGIN} belongs to somebody who is not staff");
        return Err(Error::Store(zhengtong_db::Error::Broken(text)));
    }
    Ok(account.id)
}

fn blank(id: Uuid, new: &NewAccount, name: String) -> Account {
    Account {
        id,
        login: new.login.trim().to_owned(),
        login_key: names::login_key(&new.login),
        kind: new.kind,
        person: new.person,
        name,
        password_hash: None,
        totp_secret: None,
        totp_pending: None,
        disabled_at: None,
        keys: 0,
    }
}
