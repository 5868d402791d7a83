//! Passkeys: a key on a person's own device that proves both that the device is there and who holds it. It works at
//! this site only, so it cannot be given away to another one.

use serde_json::{Value, json};
use time::Duration;
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Webauthn, WebauthnBuilder, WebauthnError,
};
use zhengtong_base::{Failure as _, Text};
use zhengtong_db::{Actor, ActorKind, Ctx, Thing};
use zhengtong_party::{LogIn, Origin, Token, Tried};

use crate::authorize::session_of;
use crate::error::{Error, Result};
use crate::json;
use crate::limits::LIMITS;
use crate::model::{Ceremony, PasskeyCard, Secret, Settings};
use crate::store::certificate;
use crate::store::passkey::{self, CeremonyKind, PasskeyRow};

/// How somebody came in.
#[derive(Debug)]
pub enum Entered {
    /// With a session; the token goes into the cookie.
    In(Token),
    /// Not: the words say why.
    Refused(Text),
}

fn own(ctx: &Ctx) -> Thing {
    let id = ctx.actor.account.map_or_else(String::new, |account| account.to_string());
    Thing::new("passkey", id).owned_by(ctx.actor.person)
}

/// Whether passkeys can work at this address: they need a name, not a number, and encryption unless it is this machine.
pub fn passkeys_possible(ctx: &Ctx) -> Result<bool> {
    Ok(site(&*ctx.defs::<Settings>()?).is_ok())
}

/// The passkeys of the actor.
pub async fn passkeys(ctx: &mut Ctx) -> Result<Vec<PasskeyCard>> {
    ctx.allow("signon.passkeys", &own(ctx))?;
    let account = account(ctx)?;
    passkey::cards(ctx.conn(), account).await
}

/// Begins to register a passkey. Who has a second factor already must have proven it in this session.
pub async fn begin_passkey(ctx: &mut Ctx) -> Result<Ceremony> {
    ctx.allow("signon.begin_passkey", &own(ctx))?;
    let id = account(ctx)?;
    proven(ctx).await?;
    let there: Vec<Passkey> = read_all(passkey::all(ctx.conn(), id).await?)?;
    if there.len() >= LIMITS.passkeys {
        return Err(Error::state(
            "通行密钥已经够多了，请先删掉不用的",
            "there are many passkeys already; remove one first",
        ));
    }
    let login = zhengtong_party::my_account(ctx).await?.login;
    let site = site(&*ctx.defs::<Settings>()?)?;
    let known = there.iter().map(|one| one.cred_id().clone()).collect();
    let begun = site.start_passkey_registration(id, &login, &ctx.actor.name, Some(known));
    let (challenge, state) = begun.map_err(failed)?;
    let mut options = serde_json::to_value(challenge).map_err(failed)?;
    // The key lies on the device with its account, so that nothing has to be typed at the login.
    let selection = "/publicKey/authenticatorSelection";
    json::put(options.pointer_mut(selection), "residentKey", json!("required"));
    json::put(options.pointer_mut(selection), "requireResidentKey", json!(true));
    let state = serde_json::to_value(state).map_err(failed)?;
    begin(ctx, CeremonyKind::Register, Some(id), &state, options).await
}

/// Registers the passkey that the browser made. Staff have it as a second factor from then on; the session gets the
/// new token that is returned when it was not strong before. Commit in every case.
pub async fn add_passkey(
    ctx: &mut Ctx,
    token: &Secret,
    answer: &str,
    name: &str,
) -> Result<Option<Token>> {
    ctx.allow("signon.add_passkey", &own(ctx))?;
    let id = account(ctx)?;
    proven(ctx).await?;
    let now = ctx.now;
    let begun =
        passkey::take_ceremony(ctx.conn(), &token.hash(), CeremonyKind::Register, now).await?;
    let Some((Some(owner), state)) = begun.filter(|(owner, _)| *owner == Some(id)) else {
        return Err(stale());
    };
    let state: PasskeyRegistration = serde_json::from_value(state).map_err(failed)?;
    let answer: RegisterPublicKeyCredential =
        serde_json::from_str(answer).map_err(|_not_an_answer| unproven())?;
    let site = site(&*ctx.defs::<Settings>()?)?;
    let made = site.finish_passkey_registration(&answer, &state).map_err(|error| {
        tracing::info!(%error, "a passkey was refused");
        unproven()
    })?;
    let row = PasskeyRow { id: ctx.id(), account: owner, passkey: to_json(&made)? };
    let name = named(name);
    if !passkey::insert(ctx.conn(), &row, (made.cred_id().as_ref(), &name), now).await? {
        return Err(Error::state("这个通行密钥已经登记过了", "this passkey is registered already"));
    }
    let act = ctx
        .act("signon.add_passkey", "passkey", row.id.to_string())
        .about(ctx.actor.person)
        .because(name);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    if ctx.actor.kind != ActorKind::Staff {
        return Ok(None);
    }
    let strong = strong(ctx).await?;
    count(ctx, owner).await?;
    if strong {
        return Ok(None);
    }
    Ok(Some(zhengtong_party::strengthen(ctx, "passkey").await?))
}

/// Removes a passkey of one's own. Staff keep at least one second factor.
pub async fn remove_passkey(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    ctx.allow("signon.remove_passkey", &own(ctx))?;
    let account = account(ctx)?;
    proven(ctx).await?;
    if !passkey::remove(ctx.conn(), account, id).await? {
        return Err(Error::absent("passkey", id));
    }
    let act = ctx.act("signon.remove_passkey", "passkey", id.to_string()).about(ctx.actor.person);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    if ctx.actor.kind != ActorKind::Staff {
        return Ok(());
    }
    count(ctx, account).await?;
    keeps_factor(ctx).await
}

/// Refuses to go on when staff would be left without a second factor.
pub(crate) async fn keeps_factor(ctx: &mut Ctx) -> Result<()> {
    if zhengtong_party::my_account(ctx).await?.second_factor {
        return Ok(());
    }
    Err(Error::state(
        "这是您唯一的第二重验证。先设好动态码、另一个通行密钥或证书，再删这个",
        "this is your only second factor; set up a one-time code, another passkey or certificate first",
    ))
}

/// Begins a login with a passkey: nobody says who they are, the key does.
pub async fn begin_entry(ctx: &mut Ctx) -> Result<Ceremony> {
    ctx.allow("signon.begin_entry", &Thing::new("login", ""))?;
    let site = site(&*ctx.defs::<Settings>()?)?;
    let (challenge, state) = site.start_discoverable_authentication().map_err(failed)?;
    let mut options = serde_json::to_value(challenge).map_err(failed)?;
    // The person has pressed a button: the browser asks at once.
    if let Some(options) = options.as_object_mut() {
        options.remove("mediation");
    }
    let state = serde_json::to_value(state).map_err(failed)?;
    begin(ctx, CeremonyKind::Enter, None, &state, options).await
}

/// Logs in with the answer of a passkey. Each challenge is answered once. Commit in every case.
pub async fn enter(
    ctx: &mut Ctx,
    token: &Secret,
    answer: &str,
    origin: Origin<'_>,
) -> Result<Entered> {
    ctx.allow("signon.enter", &Thing::new("login", ""))?;
    let now = ctx.now;
    let begun = passkey::take_ceremony(ctx.conn(), &token.hash(), CeremonyKind::Enter, now).await?;
    let Some((_, state)) = begun else { return Ok(Entered::Refused(stale().text())) };
    let state: DiscoverableAuthentication = serde_json::from_value(state).map_err(failed)?;
    let site = site(&*ctx.defs::<Settings>()?)?;
    let Some(row) = identify(ctx, &site, answer, state).await? else {
        let act = ctx
            .act("signon.enter", "passkey", "unknown")
            .because(format!("refused: no passkey of ours, from {}", origin.ip));
        zhengtong_ledger::append(ctx.conn(), &act).await?;
        return Ok(Entered::Refused(unproven().text()));
    };
    passkey::used(ctx.conn(), &row, now).await?;
    let visitor = std::mem::replace(&mut ctx.actor, Actor::system("signon"));
    let tried = zhengtong_party::enter_as(ctx, row.account, "passkey", true, origin).await;
    ctx.actor = visitor;
    Ok(match tried? {
        Tried::Done(LogIn::Done(token)) => Entered::In(token),
        Tried::Done(LogIn::CodeNeeded(_)) => Entered::Refused(unproven().text()),
        Tried::Refused(error) => Entered::Refused(error.text()),
    })
}

/// Somebody was helped back to an account in another way: passkeys and certificates of before count no more. A job.
pub async fn forget_passkeys(ctx: &mut Ctx, account: Uuid) -> Result<u64> {
    ctx.allow("signon.forget_passkeys", &Thing::new("account", account.to_string()))?;
    let gone = passkey::remove_all(ctx.conn(), account).await?
        + certificate::remove_all(ctx.conn(), account).await?;
    if gone > 0 {
        zhengtong_party::count_keys(ctx, account, 0).await?;
        let act = ctx
            .act("signon.forget_passkeys", "account", account.to_string())
            .because(format!("{gone} passkeys and certificates"));
        zhengtong_ledger::append(ctx.conn(), &act).await?;
    }
    Ok(gone)
}

/// The passkey that gave the answer, with its counter moved on; none when it is none of ours or proves nothing.
async fn identify(
    ctx: &mut Ctx,
    site: &Webauthn,
    answer: &str,
    state: DiscoverableAuthentication,
) -> Result<Option<PasskeyRow>> {
    let Ok(answer) = serde_json::from_str::<PublicKeyCredential>(answer) else { return Ok(None) };
    let Ok((owner, credential)) = site.identify_discoverable_authentication(&answer) else {
        return Ok(None);
    };
    let found = passkey::by_credential(ctx.conn(), credential).await?;
    let Some(mut row) = found.filter(|row| row.account == owner) else { return Ok(None) };
    let mut known: Passkey = serde_json::from_value(row.passkey.clone()).map_err(failed)?;
    match site.finish_discoverable_authentication_v2(&answer, state, &known) {
        Ok(result) if result.user_verified() => {
            known.update_credential(&result);
            row.passkey = to_json(&known)?;
            Ok(Some(row))
        }
        Ok(_) => Ok(None),
        Err(error) => {
            tracing::info!(%error, "a passkey proved nothing");
            Ok(None)
        }
    }
}

async fn begin(
    ctx: &mut Ctx,
    kind: CeremonyKind,
    account: Option<Uuid>,
    state: &Value,
    options: Value,
) -> Result<Ceremony> {
    let token = Secret::random()?;
    let expires = ctx.now + Duration::minutes(LIMITS.ceremony_minutes);
    passkey::put_ceremony(ctx.conn(), (&token.hash(), kind), account, state, expires).await?;
    Ok(Ceremony { token, options })
}

/// Tells the people's engine how many keys the account has: passkeys and certificates together.
pub(crate) async fn count(ctx: &mut Ctx, account: Uuid) -> Result<()> {
    let keys = passkey::count(ctx.conn(), account)
        .await?
        .saturating_add(certificate::count(ctx.conn(), account).await?);
    let actor = std::mem::replace(&mut ctx.actor, Actor::system("signon"));
    let counted = zhengtong_party::count_keys(ctx, account, keys).await;
    ctx.actor = actor;
    Ok(counted?)
}

pub(crate) async fn strong(ctx: &mut Ctx) -> Result<bool> {
    let Some(session) = ctx.actor.session else { return Ok(false) };
    Ok(session_of(ctx, session).await?.is_some_and(|session| session.strong))
}

/// A session that has only proven the password must not change the factors of an account that has a second one.
pub(crate) async fn proven(ctx: &mut Ctx) -> Result<()> {
    if zhengtong_party::my_account(ctx).await?.second_factor && !strong(ctx).await? {
        return Err(zhengtong_party::Error::FactorNotProven.into());
    }
    Ok(())
}

pub(crate) fn account(ctx: &Ctx) -> Result<Uuid> {
    let nobody = || zhengtong_db::Error::Unauthenticated { verb: "signon.passkeys".to_owned() };
    ctx.actor.account.ok_or_else(|| Error::Store(nobody()))
}

/// The site as passkeys know it: the name in its address, and this very origin.
fn site(settings: &Settings) -> Result<Webauthn> {
    let impossible = || {
        Error::state(
            "本站现在的网址用不了通行密钥（要用域名访问），请用密码和动态码登录",
            "passkeys need a site with a name; at this address use the password and the one-time code",
        )
    };
    let origin = Url::parse(&settings.issuer).map_err(|_not_an_address| impossible())?;
    let name = origin.domain().filter(|name| origin.scheme() == "https" || *name == "localhost");
    let name = name.ok_or_else(impossible)?.to_owned();
    let builder = WebauthnBuilder::new(&name, &origin).map_err(|_wrong| impossible())?;
    builder.rp_name(&settings.title.zh).build().map_err(failed)
}

fn named(name: &str) -> String {
    name.trim()
        .chars()
        .filter(|letter| !letter.is_control())
        .take(LIMITS.passkey_name_chars)
        .collect()
}

fn read_all(rows: Vec<Value>) -> Result<Vec<Passkey>> {
    rows.into_iter().map(|row| serde_json::from_value(row).map_err(failed)).collect()
}

fn to_json(passkey: &Passkey) -> Result<Value> {
    serde_json::to_value(passkey).map_err(failed)
}

fn failed(error: impl Into<Broken>) -> Error {
    Error::Key(error.into().0)
}

/// What went wrong with a ceremony, in words for operators.
struct Broken(String);

impl From<serde_json::Error> for Broken {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<WebauthnError> for Broken {
    fn from(error: WebauthnError) -> Self {
        Self(error.to_string())
    }
}

fn stale() -> Error {
    Error::state("等得太久了，请再按一次按钮", "it took too long; press the button again")
}

fn unproven() -> Error {
    Error::state(
        "这个通行密钥没有通过验证。请再试一次，或换一种方式登录",
        "this passkey could not be verified; try again or sign in another way",
    )
}
