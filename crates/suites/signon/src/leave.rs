//! Logging out: a client leads somebody here to leave (RP-initiated logout), and clients hear of every session that
//! has ended (back-channel logout).

use serde_json::{Value, json};
use uuid::Uuid;
use zhengtong_db::jobs::NewJob;
use zhengtong_db::{Ctx, Thing};

use crate::error::Result;
use crate::json::text;
use crate::key::{claims_of, signer};
use crate::limits::LIMITS;
use crate::model::{Client, Leaving, Settings};
use crate::request::{doubled, one};
use crate::secret::{encode, pairwise, random};
use crate::store::{client, visit};
use crate::uri;

/// The kind of job that tells one client of one session.
pub(crate) const TELL: &str = "signon.tell";
/// The event of a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Leads somebody out. Without `confirmed`, only a client that proves with an ID token of this very session that it
/// was logged in here is believed; otherwise the person is asked. Nobody is led to an address that is not registered.
pub async fn leave(
    ctx: &mut Ctx,
    params: &[(String, String)],
    confirmed: Confirmed,
) -> Result<Leaving> {
    ctx.allow("signon.leave", &Thing::new("client", ""))?;
    if params.iter().any(|(name, _)| doubled(params, name)) {
        return Ok(Leaving::Ask(None));
    }
    let hint = match one(params, "id_token_hint") {
        Some(token) => hinted(ctx, token).await?,
        None => None,
    };
    let id = one(params, "client_id");
    let known = match (&hint, id) {
        (Some((client, _)), Some(id)) if client.id != id => None,
        (Some((client, _)), _) => Some(client.clone()),
        (None, Some(id)) => client::find(ctx.conn(), id).await?,
        (None, None) => None,
    };
    let onward = known.as_ref().and_then(|client| onward(client, params));
    let Some(session) = ctx.actor.session else { return Ok(Leaving::Left(onward)) };
    let named = match (&hint, &known) {
        (Some((client, sid)), Some(_)) => {
            let salt = client::salt(ctx.conn(), &client.id).await?;
            *sid == pairwise(&salt, "sid", session)
        }
        _ => false,
    };
    if !named && confirmed == Confirmed::No {
        return Ok(Leaving::Ask(onward));
    }
    zhengtong_party::log_out(ctx).await?;
    Ok(Leaving::Left(onward))
}

/// Whether the person has said so on a page of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// With the button.
    Yes,
    /// Not yet.
    No,
}

/// The client and the session that an ID token of ours names, however old it is.
async fn hinted(ctx: &mut Ctx, token: &str) -> Result<Option<(Client, String)>> {
    let Some(claims) = claims_of(ctx, token).await? else { return Ok(None) };
    let issuer = ctx.defs::<Settings>()?.issuer.clone();
    let (Some(audience), Some(sid)) = (text(&claims, "aud"), text(&claims, "sid")) else {
        return Ok(None);
    };
    if text(&claims, "iss") != Some(&issuer) || claims.get("events").is_some() {
        return Ok(None);
    }
    let found = client::find(ctx.conn(), audience).await?;
    Ok(found.map(|client| (client, sid.to_owned())))
}

/// Where the client wants the person to be afterwards, if it is registered.
fn onward(client: &Client, params: &[(String, String)]) -> Option<String> {
    let asked = one(params, "post_logout_redirect_uri")?;
    if client.disabled_at.is_some() || !uri::is_registered(&client.post_logout_uris, asked) {
        return None;
    }
    Some(match one(params, "state") {
        Some(state) => uri::with_query(asked, &[("state", state)]),
        None => asked.to_owned(),
    })
}

/// A session has ended: what was given out for it ends, and its clients are to be told. A job.
pub async fn session_ended(ctx: &mut Ctx, session: Uuid) -> Result<usize> {
    ctx.allow("signon.session_ended", &Thing::new("session", session.to_string()))?;
    let now = ctx.now;
    let told = visit::end_session(ctx.conn(), session, now).await?;
    for (client, account) in &told {
        let body = json!({ "client": client, "account": account, "session": session });
        let key = format!("{client}/{session}");
        ctx.enqueue(NewJob::now(TELL, &body, now).unique(&key)).await?;
    }
    Ok(told.len())
}

/// Where a client hears of the end of a session, and the signed notice. None when it does not want to hear any more.
pub async fn logout_notice(ctx: &mut Ctx, body: &Value) -> Result<Option<(String, String)>> {
    ctx.allow("signon.tell", &Thing::new("client", ""))?;
    let id = |name: &str| text(body, name).and_then(|id| id.parse::<Uuid>().ok());
    let (Some(session), Some(account)) = (id("session"), id("account")) else { return Ok(None) };
    let name = text(body, "client").unwrap_or_default();
    let found = client::find(ctx.conn(), name).await?.filter(|client| client.disabled_at.is_none());
    let Some(client) = found else { return Ok(None) };
    let Some(uri) = client.backchannel_uri.clone() else { return Ok(None) };
    let salt = client::salt(ctx.conn(), &client.id).await?;
    let now = ctx.now.unix_timestamp();
    let claims = json!({
        "iss": ctx.defs::<Settings>()?.issuer,
        "sub": pairwise(&salt, "sub", account),
        "aud": client.id,
        "iat": now,
        "exp": now + LIMITS.logout_token_seconds,
        "jti": encode(&random::<16>()?),
        "sid": pairwise(&salt, "sid", session),
        "events": { EVENT: {} },
    });
    let (kid, key) = signer(ctx, client.alg).await?;
    let token = key.sign(&kid, "logout+jwt", &claims)?;
    let act = ctx.act("signon.tell", "client", &client.id).because(format!("session {session}"));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(Some((uri, token)))
}
