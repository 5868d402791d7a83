//! Accounts of devices: sensors, kiosks, gateways. A device acts for nobody but itself, within scopes that its
//! registration names, for as long as that lasts, and a post of the city answers for it (RFC 6749, 4.4).

use serde_json::{Value, json};
use time::{Date, Duration, OffsetDateTime, Time, UtcOffset};
use uuid::Uuid;
use zhengtong_base::FieldError;
use zhengtong_db::{Actor, ActorKind, Ctx, Thing};

use crate::error::Result;
use crate::limits::LIMITS;
use crate::model::{Credentials, Device, DeviceToken, Given, NewDevice, Refusal, Secret, Settings};
use crate::prove::{key_alg, prove};
use crate::request::{doubled, one};
use crate::secret::pairwise;
use crate::store::visit::{self, TokenKind};
use crate::store::{client, device};

#[expect(clippy::unnecessary_wraps, reason = "a refusal is what a verb returns")]
fn no<T>(error: &'static str, about: &'static str) -> Result<Given<T>> {
    Ok(Given::Refused(Refusal { error, about }))
}

/// The token endpoint for devices. Commit in every case.
pub async fn device_token(
    ctx: &mut Ctx,
    who: &Credentials,
    params: &[(String, String)],
) -> Result<Given<DeviceToken>> {
    ctx.allow("signon.token", &Thing::new("client", &who.client))?;
    if params.iter().any(|(name, _)| doubled(params, name)) {
        return no("invalid_request", "a parameter is given twice");
    }
    let Some(client) = prove(ctx, who, "signon.token").await? else {
        return no("invalid_client", "the client or its proof is wrong, or its time is over");
    };
    let Some(device) = &client.device else {
        return no("unauthorized_client", "only a registered device may ask for itself");
    };
    let scopes: Vec<String> = match one(params, "scope") {
        None => device.scopes.clone(),
        Some(words) => words.split_whitespace().map(str::to_owned).collect(),
    };
    if scopes.is_empty() || scopes.iter().any(|scope| !device.scopes.contains(scope)) {
        return no("invalid_scope", "a scope is not registered for this device");
    }
    let (access, now) = (Secret::random()?, ctx.now);
    let expires = (now + Duration::seconds(LIMITS.access_seconds)).min(device.expires);
    device::put(ctx.conn(), &access.hash(), &client.id, &scopes, (now, expires)).await?;
    let act = ctx
        .act("signon.token", "client", &client.id)
        .because(format!("a device: {}", scopes.join(" ")));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let expires_seconds = (expires - now).whole_seconds();
    Ok(Given::Done(DeviceToken { access, expires_seconds, scopes }))
}

/// What stands behind a token (RFC 7662). A client sees its own tokens; of devices also the other systems of the same
/// organisation do, since they are who a device calls. Of every other token, and of what is no token, nothing is said
/// but that it does not hold. A program without a secret may not ask at all. Commit in every case.
pub async fn introspect(ctx: &mut Ctx, who: &Credentials, token: &str) -> Result<Given<Value>> {
    ctx.allow("signon.introspect", &Thing::new("client", &who.client))?;
    let asks = prove(ctx, who, "signon.introspect").await?;
    let Some(asks) = asks.filter(|client| client.confidential || client.device.is_some()) else {
        return no("invalid_client", "the client or its proof is wrong, or it has none");
    };
    let hash = Secret::from_text(token).hash();
    if let Some(found) = of_device(ctx, &hash, (&asks.id, asks.organisation)).await? {
        return Ok(Given::Done(found));
    }
    let found = of_person(ctx, &hash, &asks.id).await?;
    Ok(Given::Done(found.unwrap_or_else(|| json!({ "active": false }))))
}

async fn of_device(
    ctx: &mut Ctx,
    hash: &[u8],
    (asks, organisation): (&str, Uuid),
) -> Result<Option<Value>> {
    let now = ctx.now;
    let Some(token) = device::find(ctx.conn(), hash).await? else { return Ok(None) };
    let Some(client) = client::find(ctx.conn(), &token.client).await? else { return Ok(None) };
    let near = client.id == asks || client.organisation == organisation;
    let Some(device) = client.device.filter(|device| device.expires > now) else {
        return Ok(None);
    };
    if !near || token.expires <= now || client.disabled_at.is_some() {
        return Ok(None);
    }
    Ok(Some(json!({
        "active": true,
        "token_type": "Bearer",
        "client_id": client.id,
        "sub": client.id,
        "scope": token.scopes.join(" "),
        "iss": ctx.defs::<Settings>()?.issuer,
        "iat": token.created.unix_timestamp(),
        "exp": token.expires.unix_timestamp(),
        "device": true,
        "post": device.post,
    })))
}

async fn of_person(ctx: &mut Ctx, hash: &[u8], asks: &str) -> Result<Option<Value>> {
    let now = ctx.now;
    for kind in [TokenKind::Access, TokenKind::Refresh] {
        let Some(token) = visit::token(ctx.conn(), hash, kind).await? else { continue };
        if token.used || token.expires <= now {
            return Ok(None);
        }
        let Some(visit) = visit::find(ctx.conn(), token.visit).await? else { return Ok(None) };
        if visit.client != asks || visit.ended_at.is_some() || visit.expires <= now {
            return Ok(None);
        }
        if !crate::token::still_there(ctx, &visit).await? {
            return Ok(None);
        }
        let salt = client::salt(ctx.conn(), &visit.client).await?;
        let words: Vec<&str> = visit.scopes.iter().map(|scope| scope.word()).collect();
        return Ok(Some(json!({
            "active": true,
            "token_type": "Bearer",
            "client_id": visit.client,
            "aud": visit.client,
            "sub": pairwise(&salt, "sub", visit.account),
            "scope": words.join(" "),
            "iss": ctx.defs::<Settings>()?.issuer,
            "iat": token.created.unix_timestamp(),
            "exp": token.expires.unix_timestamp(),
            "auth_time": visit.auth_time.unix_timestamp(),
            "acr": visit.acr,
        })));
    }
    Ok(None)
}

/// Who acts with a token of a device or of another system: it stands for nobody, and its scopes are roles that begin
/// with `scope:`. None when the token holds no more, or is that of a person.
pub async fn system(ctx: &mut Ctx, token: &Secret) -> Result<Option<Actor>> {
    ctx.allow("signon.introspect", &Thing::new("client", ""))?;
    let now = ctx.now;
    let found = device::find(ctx.conn(), &token.hash()).await?;
    let Some(row) = found.filter(|row| row.expires > now) else { return Ok(None) };
    let found = client::find(ctx.conn(), &row.client).await?;
    let Some(client) = found.filter(|client| client.disabled_at.is_none()) else {
        return Ok(None);
    };
    let Some(device) = client.device.filter(|device| device.expires > now) else {
        return Ok(None);
    };
    let organisation = zhengtong_party::organisation(ctx, client.organisation).await?;
    // What was taken from its registration since does not hold any more.
    let held = row.scopes.iter().filter(|scope| device.scopes.contains(scope));
    Ok(Some(Actor {
        kind: ActorKind::Device,
        name: client.id,
        organisation: Some(client.organisation),
        unit: organisation.short,
        roles: held.map(|scope| format!("scope:{scope}")).collect(),
        ..Actor::visitor()
    }))
}

/// The device as it would be, or what is wrong with it.
pub(crate) async fn checked(
    ctx: &mut Ctx,
    new: &NewDevice,
    organisation: Option<Uuid>,
    faults: &mut Vec<FieldError>,
) -> Result<Option<Device>> {
    let post = match organisation {
        Some(organisation) => post(ctx, new.post.trim(), organisation, faults).await?,
        None => None,
    };
    if let Some(fault) = scope_fault(&new.scopes) {
        faults.push(fault);
    }
    let expires = new.expires.map(end_of);
    let latest = ctx.now + Duration::days(LIMITS.device_days);
    let expires = expires.filter(|end| (ctx.now..=latest).contains(end));
    if expires.is_none() {
        let days = LIMITS.device_days;
        faults.push(FieldError::new(
            "expires",
            format!("写明用到哪一天，最长 {days} 天，到期可以再延"),
            format!("say until which day, at most {days} days; it can be prolonged"),
        ));
    }
    let key = match new.key.trim() {
        "" => None,
        text => {
            let key: Option<Value> = serde_json::from_str(text).ok();
            let sound = key.filter(|key| key_alg(key).is_some());
            if sound.is_none() {
                faults.push(FieldError::new(
                    "key",
                    "公钥是一个 JWK：P-256，或不少于 2048 位的 RSA，不含私钥",
                    "the public key is a JWK: P-256, or RSA of 2048 bits and more, nothing private",
                ));
            }
            sound
        }
    };
    let (Some(post), Some(expires), true) = (post, expires, faults.is_empty()) else {
        return Ok(None);
    };
    Ok(Some(Device { post, scopes: new.scopes.clone(), expires, key }))
}

/// The post of a title; whoever writes another one is told which there are.
async fn post(
    ctx: &mut Ctx,
    title: &str,
    organisation: Uuid,
    faults: &mut Vec<FieldError>,
) -> Result<Option<Uuid>> {
    let posts = zhengtong_party::posts(ctx, organisation).await?;
    let named = |text: &zhengtong_base::Text| text.zh == title || text.en == title;
    if let Some(found) = posts.iter().find(|card| named(&card.post.title)) {
        if !found.holdings.is_empty() {
            return Ok(Some(found.post.id));
        }
        faults.push(FieldError::new(
            "post",
            "这个岗位现在没有人，要有人负责",
            "nobody holds this post, and somebody has to answer for the device",
        ));
        return Ok(None);
    }
    let titles = |pick: fn(&zhengtong_base::Text) -> &str| -> String {
        let held = posts.iter().filter(|card| !card.holdings.is_empty());
        let titles: Vec<&str> = held.map(|card| pick(&card.post.title)).take(12).collect();
        titles.join("、")
    };
    faults.push(FieldError::new(
        "post",
        format!("写管理单位里一个有人的岗位：{}", titles(|text| &text.zh)),
        format!(
            "name a post of this organisation that somebody holds: {}",
            titles(|text| &text.en)
        ),
    ));
    Ok(None)
}

fn scope_fault(scopes: &[String]) -> Option<FieldError> {
    let sound = |scope: &String| {
        let first = scope.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        let all = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._:-".contains(&byte)
        };
        first && scope.len() <= 60 && scope.bytes().all(all)
    };
    let few = (1..=LIMITS.device_scopes).contains(&scopes.len());
    (!few || !scopes.iter().all(sound)).then(|| {
        let most = LIMITS.device_scopes;
        FieldError::new(
            "device_scopes",
            format!("1 至 {most} 个，每行一个，例如 observation.write"),
            format!("1 to {most}, one a line, such as observation.write"),
        )
    })
}

/// The end of a day in China.
fn end_of(day: Date) -> OffsetDateTime {
    let next = day.next_day().unwrap_or(day);
    let china = UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC);
    next.with_time(Time::MIDNIGHT).assume_offset(china)
}
