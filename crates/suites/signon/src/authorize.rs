//! The way of a login at a client: the request, who the person is, what the person agrees to, the code.

use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_db::{Actor, ActorKind, Ctx, Thing};
use zhengtong_party::SessionOf;

use crate::error::{Error, Result};
use crate::limits::LIMITS;
use crate::model::{Asking, Client, Consent, Refusal, Scope, Secret, Settings, Step};
use crate::request::{self, Asked, SINCE, VIA, doubled, one};
use crate::store::client;
use crate::store::visit::{self, Code, Visit};
use crate::uri;

/// How well a login proves who it was: one factor, two, two of which one is cryptographic.
pub(crate) const ACRS: [&str; 3] = [
    "urn:zhengtong:acr:one-factor",
    "urn:zhengtong:acr:two-factors",
    "urn:zhengtong:acr:cryptographic",
];

/// The person, as the login here proved them.
struct Proven {
    account: Uuid,
    person: Uuid,
    session: Uuid,
    staff: bool,
    since: OffsetDateTime,
    amr: Vec<String>,
    acr: &'static str,
}

/// Reads a request and says what comes next. Commit in every case.
pub async fn authorize(ctx: &mut Ctx, params: &[(String, String)]) -> Result<Step> {
    ctx.allow("signon.authorize", &Thing::new("client", ""))?;
    let (client, asked) = match admit(ctx, params).await? {
        Ok(found) => found,
        Err(step) => return Ok(step),
    };
    let proven = match prove(ctx, &client, &asked, params).await? {
        Ok(proven) => proven,
        Err(step) => return Ok(step),
    };
    let agreed = client::consent(ctx.conn(), proven.account, &client.id).await?;
    if !asked.consent && asked.scopes.iter().all(|scope| agreed.contains(scope)) {
        return give(ctx, &client, &asked, proven).await;
    }
    if asked.silent {
        return refuse(ctx, &asked, "consent_required", "the person has to be asked");
    }
    let organisation = organisation_name(ctx, &client).await?;
    Ok(Step::Ask(Asking {
        client: client.name,
        organisation,
        scopes: asked.scopes,
        host: uri::host(&asked.redirect_uri),
    }))
}

/// Takes the person's answer, with the same request. Commit in every case.
pub async fn answer(ctx: &mut Ctx, params: &[(String, String)], consent: Consent) -> Result<Step> {
    let thing = Thing::new("client", one(params, "client_id").unwrap_or_default())
        .owned_by(ctx.actor.person);
    ctx.allow("signon.consent", &thing)?;
    let (client, asked) = match admit(ctx, params).await? {
        Ok(found) => found,
        Err(step) => return Ok(step),
    };
    let proven = match prove(ctx, &client, &asked, params).await? {
        Ok(proven) => proven,
        Err(step) => return Ok(step),
    };
    let words: Vec<&str> = asked.scopes.iter().map(|scope| scope.word()).collect();
    let said = if consent == Consent::Given { "agreed to" } else { "refused" };
    let act = ctx
        .act("signon.consent", "client", &client.id)
        .about(Some(proven.person))
        .because(format!("{said}: {}", words.join(" ")));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    if consent == Consent::Refused {
        return refuse(ctx, &asked, "access_denied", "the person refused");
    }
    let now = ctx.now;
    let mut all = client::consent(ctx.conn(), proven.account, &client.id).await?;
    all.extend(asked.scopes.iter().copied());
    all.sort_unstable();
    all.dedup();
    client::put_consent(ctx.conn(), proven.account, &client.id, &all, now).await?;
    give(ctx, &client, &asked, proven).await
}

/// The client and its request, or what is to be done with a request that is not sound. As long as the client and
/// its address are not known to be the registered ones, nobody is led anywhere.
async fn admit(
    ctx: &mut Ctx,
    params: &[(String, String)],
) -> Result<std::result::Result<(Client, Asked), Step>> {
    if doubled(params, "client_id") || doubled(params, "redirect_uri") {
        return Ok(Err(Step::Broken(Text::new(
            "请求里同一项写了两次，没有继续。请回到原来的系统重新登录",
            "the request names one thing twice; go back to the system you came from and sign in again",
        ))));
    }
    let id = one(params, "client_id").unwrap_or_default();
    let found = client::find(ctx.conn(), id).await?.filter(|client| client.disabled_at.is_none());
    let Some(client) = found else {
        return Ok(Err(Step::Broken(Text::new(
            "没有登记过这个系统，或它已停用。请联系它的管理单位",
            "this system is not registered or was switched off; ask those who run it",
        ))));
    };
    let redirect_uri = one(params, "redirect_uri").unwrap_or_default();
    if !uri::is_registered(&client.redirect_uris, redirect_uri) {
        tracing::warn!(client = %client.id, "an address that is not registered was asked for");
        return Ok(Err(Step::Broken(Text::new(
            "这个系统要把您带到没有登记过的地址，已经拦下。请联系它的管理单位",
            "this system wanted to lead you to an address that is not registered; this was stopped",
        ))));
    }
    match request::read(params, &client, redirect_uri) {
        Ok(asked) => Ok(Ok((client, asked))),
        Err(refusal) => {
            let state = one(params, "state").filter(|_| !doubled(params, "state"));
            Ok(Err(back(ctx, redirect_uri, state, refusal)?))
        }
    }
}

/// Who is logged in, or the login that comes first.
async fn prove(
    ctx: &mut Ctx,
    client: &Client,
    asked: &Asked,
    params: &[(String, String)],
) -> Result<std::result::Result<Proven, Step>> {
    let found = person(ctx).await?;
    let Some(proven) = found.filter(|proven| fresh(ctx.now, proven, asked)) else {
        if asked.silent {
            return Ok(Err(refuse(ctx, asked, "login_required", "the person has to log in")?));
        }
        let since = ctx.now.unix_timestamp().to_string();
        return Ok(Err(Step::LogIn(request::path(params, &[(SINCE, &since), (VIA, "form")]))));
    };
    if (proven.staff && !client.staff) || (!proven.staff && !client.citizens) {
        if asked.silent {
            return Ok(Err(refuse(ctx, asked, "access_denied", "not for accounts of this kind")?));
        }
        return Ok(Err(Step::Broken(Text::new(
            "这个系统不给您现在登录的这类账号用。请退出，换办公账号或办事账号登录",
            "this system is not for the kind of account you are signed in with; sign in with the other",
        ))));
    }
    if proven.staff && proven.acr == ACRS[0] {
        return Ok(Err(Step::Broken(Text::new(
            "工作人员要先设好第二种验证方式（动态码或通行密钥），才能登录别的系统",
            "staff set up a second factor first, a one-time code or a passkey, to sign in elsewhere",
        ))));
    }
    Ok(Ok(proven))
}

/// Whether the login is as new as the client wants it. `since` is our own mark of the way through the login; it is
/// believed for a few minutes only, and the ID token says in any case when the login really was.
fn fresh(now: OffsetDateTime, proven: &Proven, asked: &Asked) -> bool {
    let window = Duration::minutes(2 * LIMITS.ceremony_minutes);
    let returned = asked.since.is_some_and(|since| {
        now.unix_timestamp() - since <= window.whole_seconds()
            && proven.since.unix_timestamp() >= since
    });
    if asked.anew {
        return returned;
    }
    match asked.max_age {
        Some(seconds) => returned || (now - proven.since).whole_seconds() <= seconds,
        None => true,
    }
}

async fn person(ctx: &mut Ctx) -> Result<Option<Proven>> {
    let staff = match ctx.actor.kind {
        ActorKind::Citizen => false,
        ActorKind::Staff => true,
        ActorKind::Anonymous | ActorKind::Device | ActorKind::System => return Ok(None),
    };
    let (Some(account), Some(person), Some(session)) =
        (ctx.actor.account, ctx.actor.person, ctx.actor.session)
    else {
        return Ok(None);
    };
    let Some(opened) = session_of(ctx, session).await? else { return Ok(None) };
    let (amr, acr) = strength(&opened);
    Ok(Some(Proven { account, person, session, staff, since: opened.created, amr, acr }))
}

/// How a session was proven; the platform looks it up.
pub(crate) async fn session_of(ctx: &mut Ctx, session: Uuid) -> Result<Option<SessionOf>> {
    let actor = std::mem::replace(&mut ctx.actor, Actor::system("signon"));
    let found = zhengtong_party::session_of(ctx, session).await;
    ctx.actor = actor;
    Ok(found?)
}

/// The words of RFC 8176 for the proofs of a session, and how much they prove together.
fn strength(opened: &SessionOf) -> (Vec<String>, &'static str) {
    let mut words = Vec::new();
    let mut cryptographic = false;
    for means in opened.means.split('+') {
        match means {
            "password" => words.push("pwd"),
            "code" | "totp" => words.push("otp"),
            "passkey" | "certificate" => {
                cryptographic = true;
                words.extend(["hwk", "user"]);
            }
            _ => words.push("fed"),
        }
    }
    if opened.strong {
        words.push("mfa");
    }
    let acr = match (opened.strong, cryptographic) {
        (false, _) => ACRS[0],
        (true, false) => ACRS[1],
        (true, true) => ACRS[2],
    };
    (words.into_iter().map(str::to_owned).collect(), acr)
}

async fn give(ctx: &mut Ctx, client: &Client, asked: &Asked, proven: Proven) -> Result<Step> {
    let (now, id) = (ctx.now, ctx.id());
    let offline = asked.scopes.contains(&Scope::Offline);
    let lasts = if offline {
        Duration::days(LIMITS.offline_days)
    } else {
        Duration::hours(LIMITS.visit_hours)
    };
    let new = Visit {
        id,
        client: client.id.clone(),
        account: proven.account,
        person: proven.person,
        staff: proven.staff,
        session: proven.session,
        scopes: asked.scopes.clone(),
        nonce: asked.nonce.clone(),
        auth_time: proven.since,
        amr: proven.amr,
        acr: proven.acr.to_owned(),
        created: now,
        expires: now + lasts,
        ended_at: None,
    };
    visit::insert(ctx.conn(), &new).await?;
    let secret = Secret::random()?;
    let code = Code {
        visit: id,
        redirect_uri: asked.redirect_uri.clone(),
        challenge: asked.challenge.clone(),
        expires: now + Duration::seconds(LIMITS.code_seconds),
        again: false,
    };
    visit::put_code(ctx.conn(), &secret.hash(), &code).await?;
    let words: Vec<&str> = asked.scopes.iter().map(|scope| scope.word()).collect();
    let act = ctx
        .act("signon.authorize", "client", &client.id)
        .about(Some(proven.person))
        .because(format!("visit {id}: {}", words.join(" ")));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let settings = ctx.defs::<Settings>()?;
    let mut values = vec![("code", secret.as_str())];
    values.extend(asked.state.as_deref().map(|state| ("state", state)));
    values.push(("iss", &settings.issuer));
    Ok(Step::Back(uri::with_query(&asked.redirect_uri, &values)))
}

fn refuse(ctx: &Ctx, asked: &Asked, error: &'static str, about: &'static str) -> Result<Step> {
    back(ctx, &asked.redirect_uri, asked.state.as_deref(), Refusal { error, about })
}

/// To the client with an error; `iss` says whose answer it is (RFC 9207).
fn back(ctx: &Ctx, redirect_uri: &str, state: Option<&str>, refusal: Refusal) -> Result<Step> {
    let settings = ctx.defs::<Settings>()?;
    let mut values = vec![("error", refusal.error), ("error_description", refusal.about)];
    values.extend(state.map(|state| ("state", state)));
    values.push(("iss", &settings.issuer));
    Ok(Step::Back(uri::with_query(redirect_uri, &values)))
}

/// The name of the organisation that answers for a client.
pub(crate) async fn organisation_name(ctx: &mut Ctx, client: &Client) -> Result<Text> {
    match zhengtong_party::organisation(ctx, client.organisation).await {
        Ok(found) => Ok(found.name),
        Err(error) => Err(Error::from(error)),
    }
}
