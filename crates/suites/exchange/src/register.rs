//! The register: owners, their systems, keys, services and rights. One official enters, another approves.

use std::fmt::Display;

use time::{Duration, OffsetDateTime};
use url::Url;
use uuid::Uuid;
use zhengtong_base::code::CreditCode;
use zhengtong_base::{FieldError, Text};
use zhengtong_crypto::Digest;
use zhengtong_db::{Ctx, Thing};

use crate::error::{Error, Result};
use crate::limits::LIMITS;
use crate::model::{
    Endpoint, Key, Member, NewAccess, NewMember, NewService, Service, State, System, SystemView,
    What,
};
use crate::name::is_identifier;
use crate::sign::PublicKey;
use crate::store::register as store;

fn thing(id: impl Display) -> Thing {
    Thing::new("exchange", id.to_string())
}

/// All systems with their owners.
pub async fn systems(ctx: &mut Ctx) -> Result<Vec<System>> {
    ctx.allow("exchange.read", &thing(""))?;
    store::systems(ctx.conn()).await
}

/// One system with all that belongs to it.
pub async fn system(ctx: &mut Ctx, id: Uuid) -> Result<SystemView> {
    ctx.allow("exchange.read", &thing(id))?;
    let system = found(ctx, id).await?;
    let keys = store::keys(ctx.conn(), id).await?;
    let services = store::services(ctx.conn(), Some(id)).await?;
    let access = store::access(ctx.conn(), id).await?;
    Ok(SystemView { system, keys, services, access })
}

/// All services that can be asked for.
pub async fn services(ctx: &mut Ctx) -> Result<Vec<Service>> {
    ctx.allow("exchange.read", &thing(""))?;
    store::services(ctx.conn(), None).await
}

/// Enters an owner; one that is there already is given back.
pub async fn add_member(ctx: &mut Ctx, new: &NewMember) -> Result<Uuid> {
    ctx.allow("exchange.propose", &thing(""))?;
    let mut faults = named(&new.name);
    if new.instance.len() != 6 || !new.instance.bytes().all(|byte| byte.is_ascii_digit()) {
        faults.push(FieldError::new(
            "instance",
            "行政区划代码是六位数字",
            "the code of a division has six digits",
        ));
    }
    if !["GOV", "PUB", "COM"].contains(&new.class.as_str()) {
        faults.push(FieldError::new("class", "选一类：机关、事业单位、企业", "choose a class"));
    }
    if CreditCode::parse(&new.code).is_err() {
        faults.push(FieldError::new(
            "code",
            "统一社会信用代码不对，请核对 18 位",
            "this is no unified social credit code; check its 18 characters",
        ));
    }
    refuse(faults)?;
    let (instance, class, code) = (&new.instance, &new.class, &new.code);
    if let Some(there) = store::member(ctx.conn(), instance, class, code).await? {
        return Ok(there);
    }
    let member = Member {
        id: ctx.id(),
        instance: instance.clone(),
        class: class.clone(),
        code: code.clone(),
        name: new.name.clone(),
        organisation: new.organisation,
    };
    let now = ctx.now;
    store::insert_member(ctx.conn(), &member, now).await?;
    record(ctx, "exchange.propose", member.id, &format!("{member:?}"), None).await?;
    Ok(member.id)
}

/// Enters a system; somebody else approves it.
pub async fn propose_system(ctx: &mut Ctx, member: Uuid, code: &str, name: &Text) -> Result<Uuid> {
    ctx.allow("exchange.propose", &thing(""))?;
    let mut faults = named(name);
    faults.extend(coded(code));
    refuse(faults)?;
    let (id, by, now) = (ctx.id(), ctx.actor.person, ctx.now);
    if !store::insert_system(ctx.conn(), (id, member), (code, name), by, now).await? {
        return Err(Error::field(
            "code",
            "这家单位已有这个系统编码",
            "this owner has a system with this code already",
        ));
    }
    record(ctx, "exchange.propose", id, &format!("{member} {code} {name:?}"), None).await?;
    Ok(id)
}

/// Enters a service; somebody else approves it.
pub async fn propose_service(ctx: &mut Ctx, new: &NewService) -> Result<Uuid> {
    ctx.allow("exchange.propose", &thing(new.system))?;
    found(ctx, new.system).await?;
    let mut faults = named(&new.title);
    faults.extend(coded(&new.code));
    if ["listMethods", "allowedMethods", "getOpenAPI", "listClients"].contains(&new.code.as_str()) {
        faults.push(FieldError::new(
            "code",
            "这个名字留给网关自己用",
            "this name is kept for the gateway itself",
        ));
    }
    if new.url.len() > 500 || !Url::parse(&new.url).is_ok_and(|url| is_address(&url)) {
        faults.push(no_address());
    }
    if new.endpoints.is_empty() || new.endpoints.len() > 100 {
        faults.push(FieldError::new("endpoints", "写 1 至 100 个接口", "write 1 to 100 endpoints"));
    }
    faults.extend(new.endpoints.iter().filter_map(|one| pattern("endpoints", one)));
    if new.openapi.as_ref().is_some_and(|text| text.len() > 256 * 1024) {
        faults.push(FieldError::new("openapi", "接口说明最多 256 KB", "at most 256 KB of OpenAPI"));
    }
    refuse(faults)?;
    let service = Service {
        id: ctx.id(),
        system: new.system,
        code: new.code.clone(),
        title: new.title.clone(),
        url: new.url.clone(),
        keep: new.keep,
        endpoints: new.endpoints.clone(),
        openapi: new.openapi.clone(),
        state: State::Proposed,
        proposed_by: ctx.actor.person,
    };
    let now = ctx.now;
    if !store::insert_service(ctx.conn(), &service, now).await? {
        return Err(Error::field(
            "code",
            "这个系统已有这个服务编码",
            "this system has a service with this code already",
        ));
    }
    record(ctx, "exchange.propose", service.id, &format!("{service:?}"), None).await?;
    Ok(service.id)
}

/// A service stands elsewhere from now on. Whoever moves it does not approve it: it waits for another again.
pub async fn relocate(ctx: &mut Ctx, id: Uuid, url: &str) -> Result<()> {
    ctx.allow("exchange.propose", &thing(id))?;
    standing(ctx, What::Service, id).await?;
    if url.len() > 500 || !Url::parse(url).is_ok_and(|url| is_address(&url)) {
        return Err(Error::Invalid(vec![no_address()]));
    }
    store::move_service(ctx.conn(), id, url).await?;
    if let Some(by) = ctx.actor.person {
        let now = ctx.now;
        store::set_proposed(ctx.conn(), id, by, now).await?;
    }
    record(ctx, "exchange.propose", id, url, None).await
}

/// Approves what another entered, or switches on again what was disabled.
pub async fn approve(ctx: &mut Ctx, what: What, id: Uuid) -> Result<()> {
    ctx.allow("exchange.approve", &thing(id))?;
    let (state, by) = standing(ctx, what, id).await?;
    if state == State::Approved {
        return Ok(());
    }
    if by.is_some() && by == ctx.actor.person {
        return Err(Error::state(
            "自己登记的要由别人批准",
            "what one has entered another has to approve",
        ));
    }
    let now = ctx.now;
    store::set_state(ctx.conn(), (what, id), State::Approved, now).await?;
    record(ctx, "exchange.approve", id, State::Approved.word(), None).await
}

/// Switches a system or a service off, at once.
pub async fn disable(ctx: &mut Ctx, what: What, id: Uuid, reason: &str) -> Result<()> {
    ctx.allow("exchange.disable", &thing(id))?;
    let reason = said(reason)?;
    standing(ctx, what, id).await?;
    let now = ctx.now;
    store::set_state(ctx.conn(), (what, id), State::Disabled, now).await?;
    record(ctx, "exchange.disable", id, State::Disabled.word(), Some(reason)).await
}

/// Enters a key of a system.
pub async fn add_key(
    ctx: &mut Ctx,
    system: Uuid,
    pem: &str,
    valid_to: OffsetDateTime,
) -> Result<String> {
    ctx.allow("exchange.approve", &thing(system))?;
    found(ctx, system).await?;
    let Some(public) = PublicKey::from_pem(pem) else {
        return Err(Error::field(
            "pem",
            "贴上 PEM 格式的公钥，Ed25519 或 SM2",
            "paste a public key in PEM, of Ed25519 or SM2",
        ));
    };
    if valid_to <= ctx.now || valid_to > ctx.now + Duration::days(366 * LIMITS.years) {
        return Err(Error::field(
            "valid_to",
            "有效期要在今天之后，最长三年",
            "the key ends after today and within three years",
        ));
    }
    let (valid_from, id) = (ctx.now, public.id());
    let key = Key { id: id.clone(), system, public, valid_from, valid_to, revoked_at: None };
    if !store::insert_key(ctx.conn(), &key, valid_from).await? {
        return Err(Error::field(
            "pem",
            "这个公钥已经登记过，不能再用",
            "this key is registered already and cannot be used again",
        ));
    }
    record(ctx, "exchange.approve", system, &format!("{key:?}"), None).await?;
    Ok(id)
}

/// Takes a key back, at once.
pub async fn revoke_key(ctx: &mut Ctx, system: Uuid, key: &str, reason: &str) -> Result<()> {
    ctx.allow("exchange.disable", &thing(system))?;
    let reason = said(reason)?;
    let now = ctx.now;
    if !store::revoke_key(ctx.conn(), system, key, now).await? {
        return Err(Error::absent("key", key));
    }
    record(ctx, "exchange.disable", system, key, Some(reason)).await
}

/// Gives a right.
pub async fn grant(ctx: &mut Ctx, new: &NewAccess) -> Result<Uuid> {
    ctx.allow("exchange.approve", &thing(new.service))?;
    found(ctx, new.client).await?;
    let service = store::service(ctx.conn(), new.service).await?;
    let service = service.ok_or_else(|| Error::absent("service", new.service))?;
    let mut faults: Vec<FieldError> = pattern("path", &new.endpoint).into_iter().collect();
    for (field, text) in [("purpose", &new.purpose), ("basis", &new.basis)] {
        if !(2..=200).contains(&text.trim().chars().count()) {
            faults.push(FieldError::new(field, "写 2 至 200 个字", "write 2 to 200 characters"));
        }
    }
    if service.system == new.client {
        faults.push(FieldError::new("client", "不用授权给自己", "nobody needs a right to itself"));
    }
    if new.valid_to <= ctx.now || new.valid_to > ctx.now + Duration::days(366 * LIMITS.years) {
        faults.push(FieldError::new(
            "valid_to",
            "到期日要在今天之后，最长三年",
            "a right ends after today and within three years",
        ));
    }
    refuse(faults)?;
    let (id, now) = (ctx.id(), ctx.now);
    store::insert_access(ctx.conn(), id, new, now).await?;
    record(ctx, "exchange.approve", new.service, &format!("{new:?}"), Some(new.purpose.clone()))
        .await?;
    Ok(id)
}

/// Takes a right back, at once.
pub async fn revoke_access(ctx: &mut Ctx, id: Uuid, reason: &str) -> Result<()> {
    ctx.allow("exchange.disable", &thing(id))?;
    let reason = said(reason)?;
    let now = ctx.now;
    if !store::revoke_access(ctx.conn(), id, now).await? {
        return Err(Error::absent("access", id));
    }
    record(ctx, "exchange.disable", id, "access", Some(reason)).await
}

pub(crate) async fn record(
    ctx: &mut Ctx,
    verb: &str,
    id: impl Display,
    after: &str,
    reason: Option<String>,
) -> Result<()> {
    let digest = Digest::of(after.as_bytes()).to_string();
    let mut act = ctx.act(verb, "exchange", id.to_string()).change(None, Some(digest));
    act.reason = reason;
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

async fn found(ctx: &mut Ctx, id: Uuid) -> Result<System> {
    store::system(ctx.conn(), id).await?.ok_or_else(|| Error::absent("system", id))
}

async fn standing(ctx: &mut Ctx, what: What, id: Uuid) -> Result<(State, Option<Uuid>)> {
    match what {
        What::System => found(ctx, id).await.map(|one| (one.state, one.proposed_by)),
        What::Service => store::service(ctx.conn(), id)
            .await?
            .map(|one| (one.state, one.proposed_by))
            .ok_or_else(|| Error::absent("service", id)),
    }
}

pub(crate) fn said(reason: &str) -> Result<String> {
    let reason = reason.trim();
    if !(4..=200).contains(&reason.chars().count()) {
        return Err(Error::field(
            "reason",
            "写明理由，4 至 200 个字",
            "say why, in 4 to 200 characters",
        ));
    }
    Ok(reason.to_owned())
}

pub(crate) fn refuse(faults: Vec<FieldError>) -> Result<()> {
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

pub(crate) fn named(name: &Text) -> Vec<FieldError> {
    let wrong = |text: &String| {
        !(1..=80).contains(&text.trim().chars().count()) || text.chars().any(char::is_control)
    };
    [("name_zh", &name.zh), ("name_en", &name.en)]
        .into_iter()
        .filter(|(_, text)| wrong(text))
        .map(|(field, _)| FieldError::new(field, "写 1 至 80 个字", "write 1 to 80 characters"))
        .collect()
}

pub(crate) fn coded(code: &str) -> Option<FieldError> {
    (!is_identifier(code) || code.len() > 60).then(|| {
        FieldError::new(
            "code",
            "编码用字母、数字和 - .，最多 60 位",
            "a code is of letters, digits, - and ., at most 60",
        )
    })
}

/// Whether a service may stand there: a whole address with nothing that would be mixed with that of a call.
fn is_address(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
}

fn no_address() -> FieldError {
    FieldError::new(
        "url",
        "写完整的服务地址，不带用户名、参数和 # 号",
        "write the whole address of the service, without a user, parameters or #",
    )
}

/// What is wrong with a method and a path of a right or an endpoint.
fn pattern(field: &str, endpoint: &Endpoint) -> Option<FieldError> {
    let method = &endpoint.method;
    let known = ["*", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let path = &endpoint.path;
    let sound = path.is_empty() || path == "**" || path.starts_with('/');
    (!known.contains(&method.as_str())
        || !sound
        || path.len() > 300
        || path.contains(char::is_whitespace))
    .then(|| {
        FieldError::new(
            field,
            "写成“GET /people/*”这样，* 代表一段，** 代表其后全部",
            "write it like `GET /people/*`; * is one part, ** is all that follow",
        )
    })
}
