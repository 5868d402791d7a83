//! The conversation with an outside provider: where the browser is sent, and what its answer proves. The library checks
//! signature, issuer, audience, times and nonce of the ID token.

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use zhengtong_egress::{Again, Egress, HeaderMap, HeaderValue, Request};

use crate::error::{Error, Result};
use crate::json;
use crate::model::Provider;
use crate::outside;

/// What is remembered until the browser comes back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Way {
    /// The provider.
    pub(crate) provider: String,
    /// Comes back in the ID token.
    pub(crate) nonce: String,
    /// Proves that who exchanges the code is who asked for it.
    pub(crate) verifier: String,
    /// Ties the way to one browser: the hash of its cookie.
    pub(crate) browser: Vec<u8>,
    /// Where the person wanted to go.
    pub(crate) back: String,
}

/// Who came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proof {
    /// The name of the person at the provider.
    pub(crate) subject: String,
    /// The proven name and number, if the provider says them.
    pub(crate) person: Option<(String, String)>,
}

/// The beginning of a way: the address for the browser, the state that comes back with it, nonce and verifier.
pub(crate) struct Begun {
    pub(crate) url: String,
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Outside(error.to_string())
}

/// A failure with its causes: the library keeps to itself why a call came to nothing.
fn because(error: impl std::error::Error) -> Error {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        said.push_str(": ");
        said.push_str(&inner.to_string());
        cause = inner.source();
    }
    Error::Outside(said)
}

/// Begins a way.
pub(crate) async fn begin(way: &Egress, provider: &Provider, redirect: &str) -> Result<Begun> {
    let (client, _) = meet(way, provider, redirect).await?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let mut request = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .add_scope(Scope::new("profile".to_owned()))
        .set_pkce_challenge(challenge);
    if provider.real_name {
        request = request.add_scope(Scope::new("id_number".to_owned()));
    }
    let (url, state, nonce) = request.url();
    Ok(Begun {
        url: url.into(),
        state: state.secret().clone(),
        nonce: nonce.secret().clone(),
        verifier: verifier.secret().clone(),
    })
}

/// Exchanges the code that came back and says who it was.
pub(crate) async fn finish(
    out: &Egress,
    (provider, redirect): (&Provider, &str),
    way: &Way,
    code: &str,
    now: OffsetDateTime,
) -> Result<Proof> {
    let (client, userinfo) = meet(out, provider, redirect).await?;
    let caller = caller(out, provider);
    let tokens = client
        .exchange_code(AuthorizationCode::new(code.to_owned()))
        .map_err(failed)?
        .set_pkce_verifier(PkceCodeVerifier::new(way.verifier.clone()))
        .request_async(&caller)
        .await
        .map_err(because)?;
    let id_token = tokens.id_token().ok_or_else(|| failed("no ID token"))?;
    let moment = chrono::DateTime::from_timestamp(now.unix_timestamp(), 0).unwrap_or_default();
    let verifier = client.id_token_verifier().set_time_fn(move || moment);
    let nonce = Nonce::new(way.nonce.clone());
    let claims = id_token.claims(&verifier, &nonce).map_err(failed)?;
    let subject = claims.subject().as_str().to_owned();
    let person = match userinfo.filter(|_| provider.real_name) {
        Some(url) => {
            let access = tokens.access_token().secret();
            person(out, provider, (&url, access), &subject).await?
        }
        None => None,
    };
    Ok(Proof { subject, person })
}

/// Reads what the provider says of itself; it must call itself what the configuration calls it.
async fn meet(
    way: &Egress,
    provider: &Provider,
    redirect: &str,
) -> Result<(Client, Option<String>)> {
    let issuer = IssuerUrl::new(provider.issuer.clone()).map_err(failed)?;
    let caller = caller(way, provider);
    let metadata = CoreProviderMetadata::discover_async(issuer, &caller).await.map_err(because)?;
    let userinfo = metadata.userinfo_endpoint().map(|url| url.as_str().to_owned());
    let secret = ClientSecret::new(provider.secret.clone());
    let client = CoreClient::from_provider_metadata(
        metadata,
        ClientId::new(provider.client_id.clone()),
        Some(secret),
    );
    let redirect = RedirectUrl::new(redirect.to_owned()).map_err(failed)?;
    Ok((client.set_redirect_uri(redirect), userinfo))
}

/// Calls go to the host of the issuer and to no other.
fn caller(
    way: &Egress,
    provider: &Provider,
) -> impl Fn(
    HttpRequest,
) -> std::pin::Pin<Box<dyn Future<Output = std::result::Result<HttpResponse, Error>> + Send>> {
    let (way, issuer) = (way.clone(), provider.issuer.clone());
    move |request: HttpRequest| {
        let (way, issuer) = (way.clone(), issuer.clone());
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let request = Request {
                method: parts.method,
                url: parts.uri.to_string(),
                headers: parts.headers,
                body,
                again: Again::Never,
            };
            let answered = outside::send(&way, &issuer, &request).await?;
            let mut response = HttpResponse::new(answered.body);
            *response.status_mut() = answered.status;
            *response.headers_mut() = answered.headers;
            Ok(response)
        })
    }
}

/// Name and number of the person, which must be the person of the ID token.
async fn person(
    way: &Egress,
    provider: &Provider,
    (url, access): (&str, &str),
    subject: &str,
) -> Result<Option<(String, String)>> {
    let mut request = Request::get(url);
    let bearer = HeaderValue::from_str(&format!("Bearer {access}")).map_err(failed)?;
    let mut headers = HeaderMap::new();
    headers.insert("authorization", bearer);
    request.headers = headers;
    let answered = outside::send(way, &provider.issuer, &request).await?;
    let said: Value = serde_json::from_slice(&answered.body).map_err(failed)?;
    let text = |name: &str| json::text(&said, name).map(str::to_owned);
    if !answered.status.is_success() || json::text(&said, "sub") != Some(subject) {
        return Err(failed("the user information is of somebody else"));
    }
    Ok(text("name").zip(text("id_number")))
}
