//! Addresses of clients: which may be registered, and when one that is asked for is the registered one.

use url::{Host, Url};

use crate::limits::LIMITS;

/// Why an address cannot be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// It cannot be read as a whole address, or not in one way only.
    Unreadable,
    /// It is neither https nor http to this machine.
    Open,
    /// It holds a fragment, a user or a star.
    Parts,
}

impl Wrong {
    /// What to do, in both languages.
    pub(crate) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Unreadable => (
                "写成完整地址，例如 https://oa.example/callback",
                "write a whole address such as https://oa.example/callback",
            ),
            Self::Open => (
                "要用 https；只有本机 127.0.0.1 可以用 http",
                "use https; http is only for 127.0.0.1 on the same machine",
            ),
            Self::Parts => (
                "地址里不能有 #、用户名或通配符 *",
                "no #, no user name and no wildcard * in an address",
            ),
        }
    }
}

/// Judges an address for registration.
pub(crate) fn judge(text: &str) -> Result<(), Wrong> {
    if text.len() > LIMITS.uri_chars || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Wrong::Unreadable);
    }
    let url = Url::parse(text).map_err(|_not_a_url| Wrong::Unreadable)?;
    if text.contains(['#', '*', '\\'])
        || !url.username().is_empty()
        || url.password().is_some()
        || url.fragment().is_some()
    {
        return Err(Wrong::Parts);
    }
    match url.scheme() {
        "https" if url.host().is_some() => Ok(()),
        "http" if loopback(&url) => Ok(()),
        _ => Err(Wrong::Open),
    }
}

/// Whether an outside provider can be set up so: a small word for addresses, and an issuer as safe as a client's address.
pub fn is_provider(id: &str, issuer: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=40).contains(&id.len()) && id.bytes().all(word) && judge(issuer).is_ok()
}

/// Whether it leads to the same machine, by number and not by a name that could be made to lead elsewhere.
pub(crate) fn loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    }
}

/// Whether `asked` is one of the registered addresses: letter for letter. A program on people's own machines takes
/// whatever port is free (RFC 8252, 7.3): an address of this machine that is registered without a port fits any.
pub(crate) fn is_registered(registered: &[String], asked: &str) -> bool {
    registered.iter().any(|one| one == asked || same_but_port(one, asked))
}

fn same_but_port(registered: &str, asked: &str) -> bool {
    let (Ok(known), Ok(mut wanted)) = (Url::parse(registered), Url::parse(asked)) else {
        return false;
    };
    if known.scheme() != "http"
        || !loopback(&known)
        || known.port().is_some()
        || judge(asked).is_err()
    {
        return false;
    }
    wanted.port().is_some() && wanted.set_port(None).is_ok() && wanted.as_str() == known.as_str()
}

/// The address with more values in its query.
pub(crate) fn with_query(address: &str, values: &[(&str, &str)]) -> String {
    match Url::parse(address) {
        Ok(mut url) => {
            url.query_pairs_mut().extend_pairs(values);
            url.into()
        }
        Err(_) => address.to_owned(),
    }
}

/// The host for the eye.
pub(crate) fn host(address: &str) -> String {
    Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_addresses_are_registered() {
        let rows: [(&str, Result<(), Wrong>); 15] = [
            ("https://oa.example/callback", Ok(())),
            ("https://oa.example/callback?system=1", Ok(())),
            ("http://127.0.0.1/callback", Ok(())),
            ("http://127.0.0.1:3000/callback", Ok(())),
            ("http://[::1]/callback", Ok(())),
            ("http://oa.example/callback", Err(Wrong::Open)),
            ("http://localhost/callback", Err(Wrong::Open)),
            ("http://127.0.0.1.evil.example/", Err(Wrong::Open)),
            ("javascript:alert(1)", Err(Wrong::Open)),
            ("data:text/html,x", Err(Wrong::Open)),
            ("https://*.oa.example/", Err(Wrong::Parts)),
            ("https://user@oa.example/", Err(Wrong::Parts)),
            ("https://oa.example/#x", Err(Wrong::Parts)),
            ("/callback", Err(Wrong::Unreadable)),
            ("https://oa.example/a b", Err(Wrong::Unreadable)),
        ];
        for (address, expected) in rows {
            assert_eq!(judge(address), expected, "{address}");
        }
    }

    #[test]
    fn an_address_fits_letter_for_letter_but_the_port_of_this_machine() {
        let registered = [
            "https://oa.example/callback".to_owned(),
            "http://127.0.0.1/callback".to_owned(),
            "http://127.0.0.1:3000/fixed".to_owned(),
        ];
        let rows = [
            ("https://oa.example/callback", true),
            ("https://oa.example/callback/", false),
            ("https://oa.example/callback?x=1", false),
            ("https://oa.example:8443/callback", false),
            ("https://OA.example/callback", false),
            ("https://oa.example/callback#x", false),
            ("https://oa.example/callback/../evil", false),
            ("https://oa.example.evil.example/callback", false),
            ("https://oa.example@evil.example/callback", false),
            ("http://127.0.0.1/callback", true),
            ("http://127.0.0.1:51234/callback", true),
            ("http://127.0.0.1:51234/callback?x=1", false),
            ("http://127.0.0.1:51234/Callback", false),
            ("http://evil@127.0.0.1:51234/callback", false),
            ("http://127.0.0.2:51234/callback", false),
            ("http://localhost:51234/callback", false),
            ("http://127.0.0.1:3000/fixed", true),
            ("http://127.0.0.1:3001/fixed", false),
            ("", false),
        ];
        for (asked, expected) in rows {
            assert_eq!(is_registered(&registered, asked), expected, "{asked}");
        }
    }

    #[test]
    fn values_are_added_to_what_is_there() {
        assert_eq!(
            with_query("https://oa.example/cb?a=1", &[("state", "x&y")]),
            "https://oa.example/cb?a=1&state=x%26y"
        );
    }
}
