//! How a client says who it is at the token endpoint: in the header, in the body or with a signature, and in one way.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::json;
use crate::model::{Credentials, Refusal, Secret};
use crate::request::one;
use crate::secret::decode;

/// The kind of signed proof that is taken (RFC 7523).
const SIGNED: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const NO: Refusal =
    Refusal { error: "invalid_client", about: "the client does not say who it is, or in two ways" };

/// Reads name and secret from the `Authorization` header or from the form (RFC 6749, 2.3.1).
pub fn credentials(
    header: Option<&str>,
    params: &[(String, String)],
) -> Result<Credentials, Refusal> {
    let (id, secret) = (one(params, "client_id"), one(params, "client_secret"));
    if let Some(assertion) = one(params, "client_assertion") {
        let alone = header.is_none() && secret.is_none();
        if !alone || one(params, "client_assertion_type") != Some(SIGNED) {
            return Err(NO);
        }
        let client = claimed(assertion).ok_or(NO)?;
        if id.is_some_and(|id| id != client) {
            return Err(NO);
        }
        return Ok(Credentials { client, secret: None, assertion: Some(assertion.to_owned()) });
    }
    let Some(header) = header else {
        let client = id.ok_or(NO)?.to_owned();
        return Ok(Credentials { client, secret: secret.map(Secret::from_text), assertion: None });
    };
    let (scheme, value) = header.split_once(' ').ok_or(NO)?;
    if !scheme.eq_ignore_ascii_case("basic") || secret.is_some() {
        return Err(NO);
    }
    let bytes = STANDARD.decode(value.trim()).map_err(|_not_base64| NO)?;
    let text = String::from_utf8(bytes).map_err(|_not_text| NO)?;
    let (client, password) = text.split_once(':').ok_or(NO)?;
    let client = decoded(client);
    if id.is_some_and(|id| id != client) {
        return Err(NO);
    }
    let secret = Some(Secret::from_text(decoded(password)));
    Ok(Credentials { client, secret, assertion: None })
}

/// Whose a signed proof says it is; whether that is so, its key tells.
fn claimed(assertion: &str) -> Option<String> {
    let claims = assertion.split('.').nth(1)?;
    let claims: serde_json::Value = serde_json::from_slice(&decode(claims)?).ok()?;
    json::text(&claims, "sub").map(str::to_owned)
}

/// Both halves are written as in a form.
fn decoded(text: &str) -> String {
    let pair = format!("v={text}");
    url::form_urlencoded::parse(pair.as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: Option<&str>, body: &[(&str, &str)], expected: Option<(&str, Option<&str>)>) {
        let params: Vec<(String, String)> =
            body.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let header = header.map(|text| format!("Basic {}", STANDARD.encode(text)));
        let found = credentials(header.as_deref(), &params).ok();
        let expected = expected.map(|(id, secret)| (id.to_owned(), secret.map(str::to_owned)));
        let found =
            found.map(|one| (one.client, one.secret.map(|secret| secret.as_str().to_owned())));
        assert_eq!(found, expected, "{header:?} {body:?}");
    }

    #[test]
    fn a_client_says_who_it_is_in_one_way() {
        check(Some("oa:secret"), &[], Some(("oa", Some("secret"))));
        check(Some("oa:a%3Ab+c%2B"), &[], Some(("oa", Some("a:b c+"))));
        check(Some("oa:secret"), &[("client_id", "oa")], Some(("oa", Some("secret"))));
        check(Some("oa:secret"), &[("client_id", "other")], None);
        check(Some("oa:secret"), &[("client_secret", "secret")], None);
        check(None, &[("client_id", "oa"), ("client_secret", "s")], Some(("oa", Some("s"))));
        check(None, &[("client_id", "oa")], Some(("oa", None)));
        check(None, &[], None);
        check(None, &[("client_id", "oa"), ("client_assertion", "x")], None);
        let signed = format!("h.{}.s", crate::secret::encode(br#"{"sub":"gate"}"#));
        let proof = ("client_assertion", signed.as_str());
        let kind = ("client_assertion_type", SIGNED);
        check(None, &[proof, kind], Some(("gate", None)));
        check(None, &[proof, kind, ("client_id", "gate")], Some(("gate", None)));
        check(None, &[proof, kind, ("client_id", "other")], None);
        check(None, &[proof, kind, ("client_secret", "s")], None);
        check(Some("gate:s"), &[proof, kind], None);
        check(None, &[proof], None);
        check(None, &[("client_assertion", "x"), kind], None);
        assert!(credentials(Some("Bearer x"), &[]).is_err());
        assert!(credentials(Some("Basic ***"), &[]).is_err());
    }
}
