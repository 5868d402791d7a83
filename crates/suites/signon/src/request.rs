//! The request of a client as the browser brings it: read once, refused as early as the protocol allows.

use crate::limits::LIMITS;
use crate::model::{Client, Refusal, Scope};

/// The value that marks that the person came through a form of ours: the way on must then be a page, since browsers
/// hold redirects after a form to the addresses that the page named.
pub const VIA: &str = "via";
/// The moment from which a new login is wanted.
pub(crate) const SINCE: &str = "since";

/// A request that may be answered to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: String,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) silent: bool,
    pub(crate) anew: bool,
    pub(crate) consent: bool,
    pub(crate) max_age: Option<i64>,
    pub(crate) since: Option<i64>,
}

/// The only value of a name; none when it is absent or empty.
pub(crate) fn one<'a>(params: &'a [(String, String)], name: &str) -> Option<&'a str> {
    params
        .iter()
        .find(|(given, _)| given == name)
        .map(|(_, value)| value.as_str())
        .filter(|value| !value.is_empty())
}

/// Whether a name is given twice: then nobody knows which is meant.
pub(crate) fn doubled(params: &[(String, String)], name: &str) -> bool {
    params.iter().filter(|(given, _)| given == name).count() > 1
}

fn no(error: &'static str, about: &'static str) -> Refusal {
    Refusal { error, about }
}

/// Reads what comes after client and address were found sound. A refusal goes back to the client.
pub(crate) fn read(
    params: &[(String, String)],
    client: &Client,
    redirect_uri: &str,
) -> Result<Asked, Refusal> {
    let given = |name: &str| one(params, name);
    for (name, _) in params {
        if doubled(params, name) {
            return Err(no("invalid_request", "a parameter is given twice"));
        }
    }
    if given("request").is_some() {
        return Err(no("request_not_supported", "request objects are not supported"));
    }
    if given("request_uri").is_some() {
        return Err(no("request_uri_not_supported", "request objects are not supported"));
    }
    match given("response_type") {
        Some("code") => {}
        Some(_) => return Err(no("unsupported_response_type", "only response_type=code")),
        None => return Err(no("invalid_request", "response_type is missing")),
    }
    if !matches!(given("response_mode"), None | Some("query")) {
        return Err(no("invalid_request", "only response_mode=query"));
    }
    let max_age = given("max_age").map(str::parse::<u32>).transpose();
    let max_age = max_age.map_err(|_not_a_number| no("invalid_request", "max_age is no number"))?;
    let prompts: Vec<&str> = given("prompt").unwrap_or_default().split_whitespace().collect();
    let silent = prompts.contains(&"none");
    if silent && prompts.len() > 1 {
        return Err(no("invalid_request", "prompt=none stands alone"));
    }
    for name in ["state", "nonce"] {
        if given(name).is_some_and(|value| value.chars().count() > LIMITS.echo_chars) {
            return Err(no("invalid_request", "state or nonce is too long"));
        }
    }
    Ok(Asked {
        redirect_uri: redirect_uri.to_owned(),
        state: given("state").map(str::to_owned),
        nonce: given("nonce").map(str::to_owned),
        challenge: challenge(params)?,
        scopes: scopes(given("scope").unwrap_or_default(), client)?,
        silent,
        anew: prompts.contains(&"login") || prompts.contains(&"select_account"),
        consent: prompts.contains(&"consent"),
        max_age: max_age.map(i64::from),
        since: given(SINCE).and_then(|value| value.parse().ok()),
    })
}

/// PKCE is not a choice (RFC 9700, 2.1.1), and `plain` protects nothing.
fn challenge(params: &[(String, String)]) -> Result<String, Refusal> {
    let Some(challenge) = one(params, "code_challenge") else {
        return Err(no("invalid_request", "code_challenge is missing: PKCE is required"));
    };
    if one(params, "code_challenge_method") != Some("S256") {
        return Err(no("invalid_request", "only code_challenge_method=S256"));
    }
    let sound = challenge.len() == 43
        && challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if sound {
        Ok(challenge.to_owned())
    } else {
        Err(no("invalid_request", "code_challenge is no SHA-256 in base64url"))
    }
}

/// Scopes that the client may ask for. Words that nobody knows are left out, as the protocol wants it.
fn scopes(words: &str, client: &Client) -> Result<Vec<Scope>, Refusal> {
    let mut wanted: Vec<Scope> = words.split_whitespace().filter_map(Scope::from_word).collect();
    wanted.sort_unstable();
    wanted.dedup();
    if !wanted.contains(&Scope::Openid) {
        return Err(no("invalid_scope", "scope openid is missing"));
    }
    if wanted.iter().any(|scope| !client.scopes.contains(scope)) {
        return Err(no("invalid_scope", "a scope is not registered for this client"));
    }
    Ok(wanted)
}

/// The path of the same request, for coming back to it.
pub(crate) fn path(params: &[(String, String)], more: &[(&str, &str)]) -> String {
    let kept = params
        .iter()
        .filter(|(name, _)| name != "csrf" && more.iter().all(|(other, _)| other != name))
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept.chain(more.iter().copied()))
        .finish();
    format!("/oauth/authorize?{query}")
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;
    use uuid::Uuid;
    use zhengtong_base::Text;

    use super::*;
    use crate::model::Alg;

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn client() -> Client {
        Client {
            id: "oa".to_owned(),
            name: Text::same("OA"),
            organisation: Uuid::nil(),
            confidential: true,
            redirect_uris: Vec::new(),
            post_logout_uris: Vec::new(),
            backchannel_uri: None,
            scopes: vec![Scope::Openid, Scope::Profile],
            citizens: true,
            staff: true,
            alg: Alg::Rs256,
            device: None,
            created: OffsetDateTime::UNIX_EPOCH,
            disabled_at: None,
        }
    }

    fn params(changes: &[(&str, &str)]) -> Vec<(String, String)> {
        let usual = [
            ("response_type", "code"),
            ("scope", "openid profile later"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("state", "s"),
        ];
        let kept = usual.iter().filter(|(name, _)| changes.iter().all(|(other, _)| other != name));
        kept.chain(changes).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn error(changes: &[(&str, &str)]) -> &'static str {
        match read(&params(changes), &client(), "https://oa.example/cb") {
            Ok(_) => "",
            Err(refusal) => refusal.error,
        }
    }

    #[test]
    fn a_request_is_sound_or_refused_by_its_word() {
        let rows: [(&[(&str, &str)], &str); 19] = [
            (&[], ""),
            (&[("response_type", "token")], "unsupported_response_type"),
            (&[("response_type", "id_token")], "unsupported_response_type"),
            (&[("response_type", "code id_token")], "unsupported_response_type"),
            (&[("response_type", "")], "invalid_request"),
            (&[("response_mode", "fragment")], "invalid_request"),
            (&[("code_challenge", "")], "invalid_request"),
            (&[("code_challenge", "short")], "invalid_request"),
            (&[("code_challenge_method", "plain")], "invalid_request"),
            (&[("code_challenge_method", "")], "invalid_request"),
            (&[("scope", "profile")], "invalid_scope"),
            (&[("scope", "openid phone")], "invalid_scope"),
            (&[("request", "x")], "request_not_supported"),
            (&[("request_uri", "https://x")], "request_uri_not_supported"),
            (&[("max_age", "soon")], "invalid_request"),
            (&[("max_age", "-1")], "invalid_request"),
            (&[("prompt", "none login")], "invalid_request"),
            (&[("state", &"x".repeat(1_001))], "invalid_request"),
            (&[("nonce", "a"), ("nonce", "b")], "invalid_request"),
        ];
        for (changes, expected) in rows {
            assert_eq!(error(changes), expected, "{changes:?}");
        }
    }

    #[test]
    fn the_way_back_keeps_the_request() {
        let kept = path(&params(&[("since", "1"), ("csrf", "x")]), &[("since", "2")]);
        assert!(kept.starts_with("/oauth/authorize?"), "{kept}");
        assert!(kept.ends_with("&since=2") && !kept.contains("since=1") && !kept.contains("csrf"));
        assert!(kept.contains("scope=openid+profile+later"));
    }
}
