//! The headers of every answer, and the names of cookies: one place, so that no route can forget one.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::visit::Visit;

/// Two years, and every name below ours (RFC 6797).
const TRANSPORT: &str = "max-age=63072000; includeSubDomains";
/// What no page of ours uses.
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), bluetooth=(), browsing-topics=(), camera=(), \
     display-capture=(), encrypted-media=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), \
     local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), \
     publickey-credentials-get=(self), publickey-credentials-create=(self), screen-wake-lock=(), \
     serial=(), usb=(), xr-spatial-tracking=()";
/// Before the names of cookies where the site is served by HTTPS: such a cookie comes from this host only,
/// over HTTPS, and no neighbour under the same domain can set or shadow it.
const HOST_PREFIX: &str = "__Host-";
/// How the names of our cookies begin.
const OURS: &str = "zt_";

/// The content security policy of a page: scripts by nonce, everything else from here, framed by nobody.
/// `forms_lead_to` are the origins besides our own to which a form of this page may lead.
pub fn content_policy(nonce: &str, forms_lead_to: &[&str]) -> String {
    let mut forms = "'self'".to_owned();
    for origin in forms_lead_to {
        forms.push(' ');
        forms.push_str(origin);
    }
    let scripts = if nonce.is_empty() {
        "'none'".to_owned()
    } else {
        format!("'nonce-{nonce}' 'strict-dynamic'")
    };
    format!(
        "default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; worker-src 'self'; form-action {forms}; base-uri 'none'; \
         frame-ancestors 'none'; manifest-src 'self'"
    )
}

/// Puts the headers on an answer. `https` tells whether the public reaches the site by HTTPS.
pub(crate) fn finish(mut response: Response, visit: Option<&Visit>, https: bool) -> Response {
    let headers = response.headers_mut();
    let nonce = visit.map_or("", |visit| visit.nonce.as_str());
    set(headers, "content-security-policy", &content_policy(nonce, &[]));
    set(headers, "x-content-type-options", "nosniff");
    set(headers, "referrer-policy", "same-origin");
    set(headers, "x-frame-options", "DENY");
    set(headers, "cross-origin-opener-policy", "same-origin");
    set(headers, "cross-origin-resource-policy", "same-origin");
    set(headers, "permissions-policy", PERMISSIONS);
    set(headers, "x-permitted-cross-domain-policies", "none");
    set(headers, "cache-control", "no-store");
    // Whoever serves this is nobody's business, least of all by version.
    headers.remove(header::SERVER);
    headers.remove("x-powered-by");
    if https {
        set(headers, "strict-transport-security", TRANSPORT);
        by_host_only(headers);
    }
    if let Some(visit) = visit {
        set(headers, "x-request-id", &visit.request);
        set(headers, "vary", "Cookie");
        tracing::info!(
            request = %visit.request,
            path = %visit.path.split('?').next().unwrap_or_default(),
            status = response.status().as_u16(),
            actor = %visit.actor.who().id,
            "answered"
        );
    }
    response
}

/// Who leaves takes nothing along: what the browser kept of personal pages goes too.
pub(crate) fn forget_when_left(response: &mut Response, method: &Method, path: &str) {
    if *method == Method::POST && path == "/logout" && response.status() == StatusCode::SEE_OTHER {
        set(response.headers_mut(), "clear-site-data", "\"cache\", \"storage\"");
    }
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.entry(HeaderName::from_static(name)).or_insert(value);
    }
}

/// Wraps routes that go around the door: what an answer does not say of itself is said as everywhere else.
pub async fn careful(State(https): State<bool>, request: Request, next: Next) -> Response {
    finish(next.run(request).await, None, https)
}

/// Handlers set and read cookies under their plain names. Outside, under HTTPS, they carry the prefix.
fn by_host_only(headers: &mut HeaderMap) {
    let cookies: Vec<String> = headers
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|value| Some(value.to_str().ok()?.to_owned()))
        .collect();
    headers.remove(header::SET_COOKIE);
    for cookie in cookies {
        let mut named =
            if cookie.starts_with(OURS) { format!("{HOST_PREFIX}{cookie}") } else { cookie };
        if !named.split(';').skip(1).any(|part| part.trim().eq_ignore_ascii_case("secure")) {
            named.push_str("; Secure");
        }
        if let Ok(value) = named.parse() {
            headers.append(header::SET_COOKIE, value);
        }
    }
}

/// The other way round: of the cookies that came, only those with the prefix count as ours, so that one that a
/// neighbour planted under the plain name is worth nothing.
pub(crate) fn plain_names(headers: &mut HeaderMap) {
    let kept: Vec<String> = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .map(str::trim)
        .filter(|pair| !pair.starts_with(OURS))
        .map(|pair| match pair.strip_prefix(HOST_PREFIX) {
            Some(ours) if ours.starts_with(OURS) => ours.to_owned(),
            _ => pair.to_owned(),
        })
        .collect();
    headers.remove(header::COOKIE);
    if let Ok(value) = HeaderValue::from_str(&kept.join("; "))
        && !kept.is_empty()
    {
        headers.insert(header::COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;

    use super::*;

    fn cookies(response: &Response) -> Vec<&str> {
        let found = response.headers().get_all(header::SET_COOKIE).iter();
        found.map(|value| value.to_str().unwrap()).collect()
    }

    #[test]
    fn cookies_carry_the_host_prefix_under_https_only() {
        let with = |https| {
            let headers = [(header::SET_COOKIE, "zt_session=a; Path=/; HttpOnly; SameSite=Lax")];
            finish((StatusCode::OK, headers, "x").into_response(), None, https)
        };
        assert_eq!(cookies(&with(false)), ["zt_session=a; Path=/; HttpOnly; SameSite=Lax"]);
        assert_eq!(
            cookies(&with(true)),
            ["__Host-zt_session=a; Path=/; HttpOnly; SameSite=Lax; Secure"]
        );
        assert!(with(false).headers().get("strict-transport-security").is_none());
        assert_eq!(with(true).headers()["strict-transport-security"], TRANSPORT);
    }

    #[test]
    fn a_cookie_planted_by_a_neighbour_is_not_ours() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "zt_session=planted; a=b".parse().unwrap());
        headers.append(header::COOKIE, "__Host-zt_session=true".parse().unwrap());
        plain_names(&mut headers);
        assert_eq!(headers[header::COOKIE], "a=b; zt_session=true");
        let mut planted = HeaderMap::new();
        planted.insert(header::COOKIE, "zt_session=planted".parse().unwrap());
        plain_names(&mut planted);
        assert!(planted.get(header::COOKIE).is_none());
    }

    #[test]
    fn no_answer_is_without_its_headers_and_none_names_the_server() {
        let named = [(header::SERVER, "hyper"), (HeaderName::from_static("x-powered-by"), "axum")];
        let response = finish((StatusCode::OK, named, "x").into_response(), None, true);
        for name in [
            "content-security-policy",
            "x-content-type-options",
            "referrer-policy",
            "x-frame-options",
            "cross-origin-opener-policy",
            "cross-origin-resource-policy",
            "permissions-policy",
            "cache-control",
        ] {
            assert!(response.headers().contains_key(name), "{name}");
        }
        assert!(!response.headers().contains_key("server"));
        assert!(!response.headers().contains_key("x-powered-by"));
    }

    #[test]
    fn what_a_route_says_itself_stands() {
        let kept = [(header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
        let response = finish((StatusCode::OK, kept, "x").into_response(), None, false);
        assert_eq!(
            response.headers()[header::CACHE_CONTROL],
            "public, max-age=31536000, immutable"
        );
    }

    #[test]
    fn a_form_may_lead_to_a_named_origin_only() {
        let policy = content_policy("abc", &["https://office.example"]);
        assert!(policy.contains("form-action 'self' https://office.example;"));
        assert!(content_policy("", &[]).contains("script-src 'none'"));
    }
}
