//! Whether a client is who it says it is: by its secret, or by a signature of its own key (RFC 7523). Every failure of
//! a client that is known is on record.

use serde_json::Value;
use time::Duration;
use zhengtong_crypto::sm3;
use zhengtong_db::Ctx;

use crate::error::Result;
use crate::json::text;
use crate::jwt;
use crate::limits::LIMITS;
use crate::model::{Alg, Client, Credentials, Secret, Settings};
use crate::secret::decode;
use crate::store::{client, device};

/// How far clocks of clients may differ from ours, in seconds.
const SKEW_SECONDS: i64 = 60;
/// Characters of the name of a signed proof.
const NAME_CHARS_MAX: usize = 200;

/// The client, if it is who it says it is and is in use.
pub(crate) async fn prove(ctx: &mut Ctx, who: &Credentials, verb: &str) -> Result<Option<Client>> {
    let Some(found) = client::find(ctx.conn(), &who.client).await? else { return Ok(None) };
    let key = found.device.as_ref().and_then(|device| device.key.clone());
    let right = match (&key, &who.assertion) {
        (Some(key), Some(assertion)) => {
            found.disabled_at.is_none() && signed(ctx, &found, key, assertion).await?
        }
        (None, None) => {
            let hash = who.secret.as_ref().map(Secret::hash);
            client::proves(ctx.conn(), &who.client, hash.as_deref()).await?
        }
        _ => false,
    };
    let now = ctx.now;
    let over = found.device.as_ref().is_some_and(|device| device.expires <= now);
    if right && !over {
        return Ok(Some(found));
    }
    let why = if over {
        "refused: its registration has ended"
    } else {
        "refused: wrong secret or signature, or switched off"
    };
    let act = ctx.act(verb, "client", &who.client).because(why);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(None)
}

/// Whether a signed proof is this client's, for us, of this moment, and has not been seen before.
async fn signed(ctx: &mut Ctx, client: &Client, key: &Value, assertion: &str) -> Result<bool> {
    let Some(alg) = key_alg(key) else { return Ok(false) };
    let Some(claims) = jwt::verify(alg, key, assertion) else { return Ok(false) };
    let issuer = ctx.defs::<Settings>()?.issuer.clone();
    let ours = [issuer.clone(), format!("{issuer}/oauth/token")];
    let for_us = match claims.get("aud") {
        Some(Value::String(one)) => ours.contains(one),
        Some(Value::Array(many)) => {
            many.iter().filter_map(Value::as_str).any(|one| ours.iter().any(|known| known == one))
        }
        _ => false,
    };
    let number = |name: &str| claims.get(name).and_then(Value::as_i64);
    let now = ctx.now.unix_timestamp();
    let Some(expires) = number("exp") else { return Ok(false) };
    let lasts = LIMITS.assertion_seconds + SKEW_SECONDS;
    let early = ["iat", "nbf"]
        .iter()
        .any(|name| number(name).is_some_and(|second| second > now + SKEW_SECONDS));
    let own = [text(&claims, "iss"), text(&claims, "sub")] == [Some(client.id.as_str()); 2];
    let Some(name) = text(&claims, "jti").filter(|name| name.len() <= NAME_CHARS_MAX) else {
        return Ok(false);
    };
    if !for_us || !own || early || expires <= now || expires > now + lasts || name.is_empty() {
        return Ok(false);
    }
    let hash = sm3(format!("{}\0{name}", client.id).as_bytes()).to_vec();
    let until = ctx.now + Duration::seconds(lasts);
    device::first_use(ctx.conn(), &hash, until).await
}

/// How a public key signs, if it is one that we take: P-256, or RSA of 2048 bits and more, and nothing private.
pub(crate) fn key_alg(key: &Value) -> Option<Alg> {
    if ["d", "p", "q", "k"].iter().any(|private| key.get(*private).is_some()) {
        return None;
    }
    let bytes = |name: &str| text(key, name).and_then(decode).map(|bytes| bytes.len());
    match text(key, "kty")? {
        "EC" if text(key, "crv") == Some("P-256") => {
            (bytes("x") == Some(32) && bytes("y") == Some(32)).then_some(Alg::Es256)
        }
        "RSA" => ((256..=1024).contains(&bytes("n")?) && bytes("e")? <= 4).then_some(Alg::Rs256),
        _ => None,
    }
}
