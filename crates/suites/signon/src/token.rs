//! What a client exchanges: a code for tokens, a refresh token for the next ones. Each works once; a second use
//! means that somebody else has it too, and everything that was given out for the login ends.

use serde_json::json;
use time::Duration;
use zhengtong_db::{Actor, ActorKind, Ctx, Thing};

use crate::authorize::session_of;
use crate::error::Result;
use crate::jwt;
use crate::key::signer;
use crate::limits::LIMITS;
use crate::model::{Client, Credentials, Given, Refusal, Scope, Secret, Settings, Tokens};
use crate::prove::prove;
use crate::request::{doubled, one};
use crate::secret::pairwise;
use crate::store::visit::{self, TokenKind, Visit};
use crate::store::{client, device};

/// Whose login it was, while the account is in use.
pub(crate) enum Holder {
    /// The actor of the context is this person now.
    Here,
    /// The account is disabled or gone.
    Gone,
}

#[expect(clippy::unnecessary_wraps, reason = "a refusal is what a verb returns")]
fn no<T>(error: &'static str, about: &'static str) -> Result<Given<T>> {
    Ok(Given::Refused(Refusal { error, about }))
}

/// The token endpoint. Commit in every case.
pub async fn token(
    ctx: &mut Ctx,
    who: &Credentials,
    params: &[(String, String)],
) -> Result<Given<Tokens>> {
    ctx.allow("signon.token", &Thing::new("client", &who.client))?;
    if params.iter().any(|(name, _)| doubled(params, name)) {
        return no("invalid_request", "a parameter is given twice");
    }
    let Some(client) = prove(ctx, who, "signon.token").await? else {
        return no("invalid_client", "the client or its secret is wrong");
    };
    if client.device.is_some() {
        return no("unauthorized_client", "nobody logs in at a device");
    }
    match one(params, "grant_type") {
        Some("authorization_code") => exchange(ctx, &client, params).await,
        Some("refresh_token") => refresh(ctx, &client, params).await,
        Some(_) => no("unsupported_grant_type", "only authorization_code and refresh_token"),
        None => no("invalid_request", "grant_type is missing"),
    }
}

/// Takes a token back (RFC 7009). A token that is not this client's, or no token, is no error: it is void already.
pub async fn revoke(ctx: &mut Ctx, who: &Credentials, token: &str) -> Result<Given<()>> {
    ctx.allow("signon.revoke", &Thing::new("client", &who.client))?;
    let Some(client) = prove(ctx, who, "signon.revoke").await? else {
        return no("invalid_client", "the client or its secret is wrong");
    };
    let hash = Secret::from_text(token).hash();
    device::drop_token(ctx.conn(), &hash, &client.id).await?;
    for kind in [TokenKind::Refresh, TokenKind::Access] {
        let Some(found) = visit::token(ctx.conn(), &hash, kind).await? else { continue };
        let owner = visit::find(ctx.conn(), found.visit).await?;
        let Some(owner) = owner.filter(|visit| visit.client == client.id) else { continue };
        if kind == TokenKind::Refresh {
            end(ctx, &owner, "signon.revoke", "the client took its tokens back").await?;
        } else {
            visit::drop_token(ctx.conn(), &hash).await?;
        }
    }
    Ok(Given::Done(()))
}

async fn exchange(
    ctx: &mut Ctx,
    client: &Client,
    params: &[(String, String)],
) -> Result<Given<Tokens>> {
    let given = |name: &str| one(params, name).unwrap_or_default();
    let hash = Secret::from_text(given("code")).hash();
    let now = ctx.now;
    let Some(code) = visit::open_code(ctx.conn(), &hash, now).await? else {
        return no("invalid_grant", "the code is unknown");
    };
    let Some(visit) = visit::find(ctx.conn(), code.visit).await? else {
        return no("invalid_grant", "the code is unknown");
    };
    let wrong = if code.again {
        Some("the code was used before")
    } else if visit.client != client.id {
        Some("the code was given to another client")
    } else if code.expires <= now {
        Some("the code is too old")
    } else if code.redirect_uri != given("redirect_uri") {
        Some("redirect_uri is not the one of the request")
    } else if !verifies(given("code_verifier"), &code.challenge) {
        Some("code_verifier does not fit the challenge")
    } else {
        None
    };
    if let Some(about) = wrong {
        end(ctx, &visit, "signon.token", about).await?;
        return no("invalid_grant", about);
    }
    issue(ctx, client, &visit).await
}

/// Whether the verifier is one, and the one of the challenge.
fn verifies(verifier: &str, challenge: &str) -> bool {
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
        && jwt::challenge_of(verifier) == challenge
}

async fn refresh(
    ctx: &mut Ctx,
    client: &Client,
    params: &[(String, String)],
) -> Result<Given<Tokens>> {
    let hash = Secret::from_text(one(params, "refresh_token").unwrap_or_default()).hash();
    let Some(token) = visit::token(ctx.conn(), &hash, TokenKind::Refresh).await? else {
        return no("invalid_grant", "the refresh token is unknown");
    };
    let Some(visit) = visit::find(ctx.conn(), token.visit).await? else {
        return no("invalid_grant", "the refresh token is unknown");
    };
    let now = ctx.now;
    if visit.client != client.id || token.used {
        let about = if token.used {
            "the refresh token was used before"
        } else {
            "the refresh token was given to another client"
        };
        end(ctx, &visit, "signon.token", about).await?;
        return no("invalid_grant", about);
    }
    if token.expires <= now {
        return no("invalid_grant", "the refresh token is too old");
    }
    if let Some(words) = one(params, "scope") {
        let mut wanted: Vec<&str> = words.split_whitespace().collect();
        wanted.sort_unstable();
        let mut granted: Vec<&str> = visit.scopes.iter().map(|scope| scope.word()).collect();
        granted.sort_unstable();
        if wanted != granted {
            return no("invalid_scope", "the scopes stay as they were granted");
        }
    }
    visit::use_token(ctx.conn(), &hash, now).await?;
    issue(ctx, client, &visit).await
}

/// Gives out tokens for a login that still holds.
async fn issue(ctx: &mut Ctx, client: &Client, visit: &Visit) -> Result<Given<Tokens>> {
    let now = ctx.now;
    let offline = visit.scopes.contains(&Scope::Offline);
    let open = offline
        || session_of(ctx, visit.session)
            .await?
            .is_some_and(|session| session.revoked_at.is_none());
    if visit.ended_at.is_some() || visit.expires <= now || !open {
        return no("invalid_grant", "the login has ended");
    }
    if let Holder::Gone = become_holder(ctx, visit).await? {
        end(ctx, visit, "signon.token", "the account is disabled").await?;
        return no("invalid_grant", "the login has ended");
    }
    let (access, refresh) = (Secret::random()?, Secret::random()?);
    let access_ends = (now + Duration::seconds(LIMITS.access_seconds)).min(visit.expires);
    let refresh_ends = (now + Duration::days(LIMITS.refresh_idle_days)).min(visit.expires);
    let given =
        [(&access, TokenKind::Access, access_ends), (&refresh, TokenKind::Refresh, refresh_ends)];
    for (secret, kind, ends) in given {
        visit::put_token(ctx.conn(), &secret.hash(), kind, visit.id, (now, ends)).await?;
    }
    let id_token = id_token(ctx, client, visit, &access).await?;
    let act = ctx
        .act("signon.token", "client", &client.id)
        .about(Some(visit.person))
        .because(format!("visit {}", visit.id));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(Given::Done(Tokens {
        access,
        expires_seconds: (access_ends - now).whole_seconds(),
        refresh,
        id_token,
        scopes: visit.scopes.clone(),
    }))
}

/// Who logged in, signed: no name and no number, only what the client must check.
async fn id_token(
    ctx: &mut Ctx,
    client: &Client,
    visit: &Visit,
    access: &Secret,
) -> Result<String> {
    let salt = client::salt(ctx.conn(), &client.id).await?;
    let now = ctx.now.unix_timestamp();
    let issuer = ctx.defs::<Settings>()?.issuer.clone();
    let mut claims = json!({
        "iss": issuer,
        "sub": pairwise(&salt, "sub", visit.account),
        "aud": client.id,
        "iat": now,
        "exp": now + LIMITS.id_token_seconds,
        "auth_time": visit.auth_time.unix_timestamp(),
        "sid": pairwise(&salt, "sid", visit.session),
        "amr": visit.amr,
        "acr": visit.acr,
        "at_hash": jwt::half_hash(access.as_str()),
    });
    if let Some(nonce) = &visit.nonce {
        crate::json::put(Some(&mut claims), "nonce", json!(nonce));
    }
    let (kid, key) = signer(ctx, client.alg).await?;
    key.sign(&kid, "JWT", &claims)
}

/// Ends a login with everything that was given out for it, and records why.
pub(crate) async fn end(ctx: &mut Ctx, visit: &Visit, verb: &str, why: &str) -> Result<()> {
    let now = ctx.now;
    visit::end(ctx.conn(), visit.id, why, now).await?;
    let act = ctx
        .act(verb, "client", &visit.client)
        .about(Some(visit.person))
        .because(format!("ended visit {}: {why}", visit.id));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

/// Whether the account of a login is in use, and its session open or not needed any more.
pub(crate) async fn still_there(ctx: &mut Ctx, visit: &Visit) -> Result<bool> {
    let offline = visit.scopes.contains(&Scope::Offline);
    let session = session_of(ctx, visit.session).await?;
    if !offline && session.is_none_or(|session| session.revoked_at.is_some()) {
        return Ok(false);
    }
    let before = ctx.actor.clone();
    let holder = become_holder(ctx, visit).await;
    ctx.actor = before;
    Ok(matches!(holder?, Holder::Here))
}

/// From here on the context acts as the person whose login it was: what a client does with its tokens, it does in
/// that person's name and within that person's rights.
pub(crate) async fn become_holder(ctx: &mut Ctx, visit: &Visit) -> Result<Holder> {
    ctx.actor = Actor {
        kind: if visit.staff { ActorKind::Staff } else { ActorKind::Citizen },
        account: Some(visit.account),
        session: Some(visit.session),
        person: Some(visit.person),
        ..Actor::visitor()
    };
    let account = match zhengtong_party::my_account(ctx).await {
        Ok(account) => account,
        Err(zhengtong_party::Error::Store(zhengtong_db::Error::NotFound { .. })) => {
            return Ok(Holder::Gone);
        }
        Err(error) => return Err(error.into()),
    };
    if account.disabled_at.is_some() {
        return Ok(Holder::Gone);
    }
    ctx.actor.name = zhengtong_party::my_identity(ctx).await?.person.name;
    Ok(Holder::Here)
}
