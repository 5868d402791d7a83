//! Keys that sign ID tokens: made here, sealed, published before they sign and after they have signed.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use zhengtong_crypto::Keyring;
use zhengtong_db::{Ctx, Thing};

use crate::error::{Error, Result};
use crate::json;
use crate::jwt::{self, Key};
use crate::limits::LIMITS;
use crate::model::{Alg, KeyCard, Scope, Settings};
use crate::secret::{encode, random};
use crate::store::key::{self, KeyRow};

/// How clients prove themselves.
const PROOFS: [&str; 4] = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];
/// The field under which private keys are sealed.
const FIELD: &str = "signon.signing_key";
/// Every field that is sealed here.
pub const SEALED: &[&str] = &[FIELD];

fn platform() -> Thing {
    Thing::new("platform", "")
}

/// What a client reads first: who we are, and where everything is (OpenID Connect Discovery).
pub fn discovery(ctx: &Ctx) -> Result<Value> {
    ctx.allow("signon.discover", &platform())?;
    let settings = ctx.defs::<Settings>()?;
    let issuer = settings.issuer.as_str();
    let at = |path: &str| format!("{issuer}{path}");
    Ok(json!({
        "issuer": issuer,
        "authorization_endpoint": at("/oauth/authorize"),
        "token_endpoint": at("/oauth/token"),
        "userinfo_endpoint": at("/oauth/userinfo"),
        "jwks_uri": at("/oauth/jwks.json"),
        "revocation_endpoint": at("/oauth/revoke"),
        "introspection_endpoint": at("/oauth/introspect"),
        "end_session_endpoint": at("/oauth/logout"),
        "scopes_supported": Scope::ALL.map(Scope::word),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": Alg::ALL.map(Alg::word),
        "token_endpoint_auth_methods_supported": PROOFS,
        "token_endpoint_auth_signing_alg_values_supported": Alg::ALL.map(Alg::word),
        "revocation_endpoint_auth_methods_supported": PROOFS,
        "revocation_endpoint_auth_signing_alg_values_supported": Alg::ALL.map(Alg::word),
        "introspection_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "introspection_endpoint_auth_signing_alg_values_supported": Alg::ALL.map(Alg::word),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "acr_values_supported": crate::authorize::ACRS,
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "sid", "amr", "acr", "name",
            "real_name_level", "phone_masked", "posts", "phone_number", "id_kind", "id_number",
        ],
        "ui_locales_supported": ["zh-CN", "en"],
    }))
}

/// The public keys (RFC 7517).
pub async fn jwks(ctx: &mut Ctx) -> Result<Value> {
    ctx.allow("signon.discover", &platform())?;
    for alg in Alg::ALL {
        signer_row(ctx, alg).await?;
    }
    let now = ctx.now;
    let keys = key::published(ctx.conn(), now).await?;
    let keys: Vec<Value> = keys
        .into_iter()
        .map(|row| {
            let mut public = row.public;
            json::put(Some(&mut public), "kid", Value::String(row.kid));
            public
        })
        .collect();
    Ok(json!({ "keys": keys }))
}

/// The keys, for administrators.
pub async fn keys(ctx: &mut Ctx) -> Result<Vec<KeyCard>> {
    ctx.allow("signon.keys", &platform())?;
    let now = ctx.now;
    let rows = key::published(ctx.conn(), now).await?;
    let card = |row: KeyRow| KeyCard {
        kid: row.kid,
        alg: row.alg,
        signs_from: row.signs_from,
        published_until: row.published_until,
    };
    Ok(rows.into_iter().map(card).collect())
}

/// Signs with new keys from now on, for a key that may be known to others. Tokens that were signed before can
/// still be verified for the time of the overlap.
pub async fn rotate_keys(ctx: &mut Ctx) -> Result<()> {
    ctx.allow("signon.rotate_keys", &platform())?;
    let now = ctx.now;
    key::lock(ctx.conn()).await?;
    for alg in Alg::ALL {
        make(ctx, alg, now).await?;
    }
    let act = ctx.act("signon.rotate_keys", "platform", "");
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

/// Makes the next keys when the present ones are old. They are published now and sign after the overlap. A job.
pub async fn renew_keys(ctx: &mut Ctx) -> Result<u32> {
    ctx.allow("signon.renew_keys", &platform())?;
    let now = ctx.now;
    key::lock(ctx.conn()).await?;
    let keys = key::published(ctx.conn(), now).await?;
    let mut made = 0;
    for alg in Alg::ALL {
        let newest = keys.iter().filter(|row| row.alg == alg).map(|row| row.created).max();
        let old = newest.is_some_and(|newest| now - newest >= Duration::days(LIMITS.key_days));
        if old || newest.is_none() {
            let from = if old { now + Duration::hours(LIMITS.key_overlap_hours) } else { now };
            make(ctx, alg, from).await?;
            made += 1;
        }
    }
    if made > 0 {
        let act = ctx.act("signon.renew_keys", "platform", "").because(format!("{made} keys"));
        zhengtong_ledger::append(ctx.conn(), &act).await?;
    }
    Ok(made)
}

/// Seals all keys again, under the newest key of the vault. There are never more than a few.
pub async fn reseal(ctx: &mut Ctx) -> Result<()> {
    ctx.allow("signon.renew_keys", &platform())?;
    let failed = |error: &dyn std::fmt::Display| Error::Key(error.to_string());
    let ring = ctx.defs::<Keyring>()?;
    let now = ctx.now;
    for row in key::published(ctx.conn(), now).await? {
        let plain = ring.open(FIELD, &row.kid, &row.sealed).map_err(|error| failed(&error))?;
        let sealed = ring.seal(FIELD, &row.kid, &plain).map_err(|error| failed(&error))?;
        key::set_sealed(ctx.conn(), &row.kid, &sealed).await?;
    }
    Ok(())
}

/// The key that signs now, with its name.
pub(crate) async fn signer(ctx: &mut Ctx, alg: Alg) -> Result<(String, Key)> {
    let row = signer_row(ctx, alg).await?;
    let ring = ctx.defs::<Keyring>()?;
    let bytes =
        ring.open(FIELD, &row.kid, &row.sealed).map_err(|error| Error::Key(error.to_string()))?;
    Ok((row.kid, Key::from_bytes(alg, &bytes)?))
}

/// The claims of a token of ours, if it is one. How old it is, is not asked.
pub(crate) async fn claims_of(ctx: &mut Ctx, token: &str) -> Result<Option<Value>> {
    let Some(kid) = jwt::kid(token) else { return Ok(None) };
    let now = ctx.now;
    let keys = key::published(ctx.conn(), now).await?;
    let found = keys.into_iter().find(|row| row.kid == kid);
    Ok(found.and_then(|row| jwt::verify(row.alg, &row.public, token)))
}

async fn signer_row(ctx: &mut Ctx, alg: Alg) -> Result<KeyRow> {
    if let Some(row) = newest(ctx, alg).await? {
        return Ok(row);
    }
    // The first of all: another request may be making it.
    key::lock(ctx.conn()).await?;
    if let Some(row) = newest(ctx, alg).await? {
        return Ok(row);
    }
    let now = ctx.now;
    make(ctx, alg, now).await
}

async fn newest(ctx: &mut Ctx, alg: Alg) -> Result<Option<KeyRow>> {
    let now = ctx.now;
    let keys = key::published(ctx.conn(), now).await?;
    Ok(keys.into_iter().find(|row| row.alg == alg && row.signs_from <= now))
}

async fn make(ctx: &mut Ctx, alg: Alg, signs_from: OffsetDateTime) -> Result<KeyRow> {
    // Finding primes takes long enough to hold up others.
    let made = tokio::task::spawn_blocking(move || Key::generate(alg)).await;
    let made = made.map_err(|error| Error::Key(error.to_string()))??;
    let kid = encode(&random::<12>()?);
    let ring = ctx.defs::<Keyring>()?;
    let sealed =
        ring.seal(FIELD, &kid, &made.to_bytes()?).map_err(|error| Error::Key(error.to_string()))?;
    let created = ctx.now;
    let row = KeyRow {
        kid,
        alg,
        public: made.public(),
        sealed,
        created,
        signs_from,
        published_until: None,
    };
    key::insert(ctx.conn(), &row).await?;
    let until = signs_from + Duration::hours(LIMITS.key_overlap_hours);
    key::retire(ctx.conn(), alg, &row.kid, until).await?;
    Ok(row)
}
