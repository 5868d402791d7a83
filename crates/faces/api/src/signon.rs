//! Single sign-on as other systems meet it: discovery, keys, tokens, user information. The addresses and the answers
//! are those of OpenID Connect, so they stand beside the description of our own interface and not in it.

use axum::Router;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use zhengtong_db::{Actor, Ctx};
use zhengtong_http::{Answer, App, Fault, Fields, Visit};
use zhengtong_signon::{Credentials, DeviceToken, Given, Refusal, Secret};

/// Seconds for which clients may keep what hardly changes.
const KEPT: &str = "public, max-age=300";
const INCOMPLETE: Refusal =
    Refusal { error: "invalid_request", about: "the form could not be read" };

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/.well-known/oauth-authorization-server", get(discovery))
        .route("/oauth/jwks.json", get(jwks))
        .route("/oauth/token", post(token))
        .route("/oauth/revoke", post(revoke))
        .route("/oauth/introspect", post(introspect))
        .route("/oauth/userinfo", get(userinfo).post(userinfo))
}

/// A client is no visitor of the site: cookies that come along say nothing.
async fn ctx(visit: &Visit) -> Result<Ctx, Fault> {
    Ok(visit.app.db.begin(Actor::visitor(), &visit.request).await?)
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

fn kept(body: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, KEPT)];
    (headers, body.to_string()).into_response()
}

fn refused(refusal: Refusal, by_header: bool) -> Response {
    let unknown = matches!(refusal.error, "invalid_client" | "invalid_token");
    let status = if unknown { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    let body = json!({ "error": refusal.error, "error_description": refusal.about });
    let mut response = answer(status, &body);
    let challenge = match refusal.error {
        "invalid_token" => "Bearer error=\"invalid_token\"",
        "invalid_client" if by_header => "Basic realm=\"zhengtong\"",
        _ => return response,
    };
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    response
}

async fn discovery(visit: Visit) -> Answer {
    let ctx = ctx(&visit).await?;
    let found = zhengtong_signon::discovery(&ctx)?;
    ctx.commit().await?;
    Ok(kept(&found))
}

async fn jwks(visit: Visit) -> Answer {
    let mut ctx = ctx(&visit).await?;
    let found = zhengtong_signon::jwks(&mut ctx).await?;
    ctx.commit().await?;
    Ok(kept(&found))
}

async fn token(visit: Visit, headers: HeaderMap, sent: Result<Fields, Fault>) -> Answer {
    let Ok(Fields(params)) = sent else { return Ok(refused(INCOMPLETE, false)) };
    let header = authorization(&headers);
    let who = match zhengtong_signon::credentials(header, &params) {
        Ok(who) => who,
        Err(refusal) => return Ok(refused(refusal, header.is_some())),
    };
    let mut ctx = ctx(&visit).await?;
    if params.iter().any(|(name, value)| name == "grant_type" && value == "client_credentials") {
        let given = zhengtong_signon::device_token(&mut ctx, &who, &params).await?;
        ctx.commit().await?;
        return Ok(device(given, header.is_some()));
    }
    let given = zhengtong_signon::token(&mut ctx, &who, &params).await?;
    ctx.commit().await?;
    Ok(match given {
        Given::Refused(refusal) => refused(refusal, header.is_some()),
        Given::Done(tokens) => {
            let scopes: Vec<&str> = tokens.scopes.iter().map(|scope| scope.word()).collect();
            let body = json!({
                "access_token": tokens.access.as_str(),
                "token_type": "Bearer",
                "expires_in": tokens.expires_seconds,
                "refresh_token": tokens.refresh.as_str(),
                "id_token": tokens.id_token,
                "scope": scopes.join(" "),
            });
            unkept(&body)
        }
    })
}

/// An answer that nobody on the way may keep.
fn unkept(body: &Value) -> Response {
    let mut response = answer(StatusCode::OK, body);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("pragma"), HeaderValue::from_static("no-cache"));
    response
}

/// A device has a token and nothing else: no person, and nothing to renew it with.
fn device(given: Given<DeviceToken>, by_header: bool) -> Response {
    match given {
        Given::Refused(refusal) => refused(refusal, by_header),
        Given::Done(token) => unkept(&json!({
            "access_token": token.access.as_str(),
            "token_type": "Bearer",
            "expires_in": token.expires_seconds,
            "scope": token.scopes.join(" "),
        })),
    }
}

/// What a client asks about a token, with its proof of who it is, and whether that came in the header.
fn asked(
    headers: &HeaderMap,
    sent: Result<Fields, Fault>,
) -> Result<(Fields, Credentials, bool), Box<Response>> {
    let fields = sent.map_err(|_unreadable| Box::new(refused(INCOMPLETE, false)))?;
    let header = authorization(headers);
    match zhengtong_signon::credentials(header, &fields.0) {
        Ok(who) => Ok((fields, who, header.is_some())),
        Err(refusal) => Err(Box::new(refused(refusal, header.is_some()))),
    }
}

async fn introspect(visit: Visit, headers: HeaderMap, sent: Result<Fields, Fault>) -> Answer {
    let (fields, who, by_header) = match asked(&headers, sent) {
        Ok(asked) => asked,
        Err(answer) => return Ok(*answer),
    };
    let mut ctx = ctx(&visit).await?;
    let given = zhengtong_signon::introspect(&mut ctx, &who, fields.get("token")).await?;
    ctx.commit().await?;
    Ok(match given {
        Given::Refused(refusal) => refused(refusal, by_header),
        Given::Done(found) => unkept(&found),
    })
}

async fn revoke(visit: Visit, headers: HeaderMap, sent: Result<Fields, Fault>) -> Answer {
    let (fields, who, by_header) = match asked(&headers, sent) {
        Ok(asked) => asked,
        Err(answer) => return Ok(*answer),
    };
    let mut ctx = ctx(&visit).await?;
    let given = zhengtong_signon::revoke(&mut ctx, &who, fields.get("token")).await?;
    ctx.commit().await?;
    Ok(match given {
        Given::Refused(refusal) => refused(refusal, by_header),
        Given::Done(()) => StatusCode::OK.into_response(),
    })
}

/// The token comes in the header only: an address is written to logs.
async fn userinfo(visit: Visit, headers: HeaderMap) -> Answer {
    let bearer = authorization(&headers).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let Some(bearer) = bearer else {
        let bare = [(header::WWW_AUTHENTICATE, "Bearer")];
        let body = json!({ "error": "invalid_request", "error_description": "no access token" });
        return Ok((StatusCode::UNAUTHORIZED, bare, axum::Json(body)).into_response());
    };
    let mut ctx = ctx(&visit).await?;
    let given = zhengtong_signon::userinfo(&mut ctx, &Secret::from_text(bearer)).await?;
    ctx.commit().await?;
    Ok(match given {
        Given::Refused(refusal) => refused(refusal, true),
        Given::Done(claims) => answer(StatusCode::OK, &claims),
    })
}

fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok())
}
