//! Which URL may be called at all.

use std::collections::BTreeSet;
use std::net::IpAddr;

use hyper::Uri;
use hyper::http::uri::Scheme;

use crate::error::{Error, Result};

/// Most characters of a URL.
const URL_CHARS_MAX: usize = 4_000;

/// Where the addresses of a host may lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Reach {
    /// In the public net.
    Public,
    /// Anywhere: the operator named this host so.
    Private,
    /// In the public net or in the networks of those who were registered with us.
    Registered,
}

/// A host at a port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Target {
    /// Its name in lower case, or its address; without brackets.
    pub(crate) host: String,
    /// Its port.
    pub(crate) port: u16,
    /// Whether the line is encrypted.
    pub(crate) tls: bool,
    /// Where its addresses may lie.
    pub(crate) reach: Reach,
}

/// The list.
#[derive(Debug)]
pub(crate) struct Allowed {
    public: BTreeSet<(String, u16)>,
    private: BTreeSet<(String, u16)>,
}

impl Allowed {
    pub(crate) fn read(allow: &[String], private: &[String]) -> Result<Self> {
        let read = |list: &[String]| -> Result<BTreeSet<(String, u16)>> {
            list.iter().map(|entry| entry_of(entry)).collect()
        };
        Ok(Self { public: read(allow)?, private: read(private)? })
    }

    /// The target of a URL, if it may be called.
    pub(crate) fn check(&self, url: &str) -> Result<(Target, Uri)> {
        let Asked { host, port, tls, uri } = Asked::read(url)?;
        let named = (host, port);
        let private = self.private.contains(&named);
        if !private && !self.public.contains(&named) {
            return Err(refused("not on the list of egress.allow", url));
        }
        if !tls && !private {
            return Err(refused("not encrypted", url));
        }
        let reach = if private { Reach::Private } else { Reach::Public };
        Ok((Target { host: named.0, port, tls, reach }, uri))
    }

    /// The target of `tls://host:port`, `starttls://host:port` or `tcp://host:port`.
    pub(crate) fn check_line(&self, url: &str) -> Result<Target> {
        let (tls, promised, entry) = match url.split_once("://") {
            Some(("tls", entry)) => (true, true, entry),
            Some(("starttls", entry)) => (false, true, entry),
            Some(("tcp", entry)) => (false, false, entry),
            _ => return Err(refused("neither tls nor tcp", url)),
        };
        let named = entry_of(entry)?;
        let private = self.private.contains(&named);
        if !private && !self.public.contains(&named) {
            return Err(refused("not on the list of egress.allow", url));
        }
        if !promised && !private {
            return Err(refused("not encrypted", url));
        }
        let reach = if private { Reach::Private } else { Reach::Public };
        Ok(Target { host: named.0, port: named.1, tls, reach })
    }

    /// The target of a URL at the host of an address that was registered. A host on the list is called as the list says.
    pub(crate) fn check_registered(&self, registered: &str, url: &str) -> Result<(Target, Uri)> {
        let known = Asked::read(registered)?;
        let Asked { host, port, tls, uri } = Asked::read(url)?;
        if (&known.host, known.port, known.tls) != (&host, port, tls) {
            return Err(refused("another host than the registered one", url));
        }
        let named = (host, port);
        if self.private.contains(&named) || self.public.contains(&named) {
            return self.check(url);
        }
        let here = named.0.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        if !tls && !here {
            return Err(refused("not encrypted", url));
        }
        Ok((Target { host: named.0, port, tls, reach: Reach::Registered }, uri))
    }
}

/// What a URL asks for.
struct Asked {
    host: String,
    port: u16,
    tls: bool,
    uri: Uri,
}

impl Asked {
    fn read(url: &str) -> Result<Self> {
        if url.len() > URL_CHARS_MAX {
            return Err(refused("the address is too long", url));
        }
        let uri: Uri =
            url.parse().map_err(|_unreadable| refused("the address cannot be read", url))?;
        let tls = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(refused("neither http nor https", url)),
        };
        let authority = uri.authority().ok_or_else(|| refused("no host", url))?;
        if authority.as_str().contains('@') {
            return Err(refused("a name or password in the address", url));
        }
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        Ok(Self { host: plain(authority.host()), port, tls, uri })
    }
}

fn refused(why: &str, url: &str) -> Error {
    Error::Refused(format!("{why}: {}", shown(url)))
}

fn entry_of(entry: &str) -> Result<(String, u16)> {
    let wrong =
        || Error::Settings(format!("{entry} is no host with a port such as pay.example.cn:443"));
    let (host, port) = entry.rsplit_once(':').ok_or_else(wrong)?;
    let port: u16 = port.parse().map_err(|_unreadable| wrong())?;
    let host = plain(host);
    let sound = !host.is_empty() && !host.contains(['/', '@', '*', ' ', '?', '#']) && port != 0;
    if sound { Ok((host, port)) } else { Err(wrong()) }
}

/// One way to write a host.
fn plain(host: &str) -> String {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.trim_end_matches('.').to_ascii_lowercase()
}

/// A URL as it may stand in a log: without its query.
fn shown(url: &str) -> String {
    let bare = url.split(['?', '#']).next().unwrap_or_default();
    let bare = bare.rsplit_once('@').map_or(bare, |(_, rest)| rest);
    bare.chars().filter(|sign| !sign.is_control()).take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> Allowed {
        let text = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        Allowed::read(
            &text(&["pay.example.cn:443", "sms.example.cn:8443"]),
            &text(&["127.0.0.1:9000", "inner.example.cn:80", "[::1]:9000"]),
        )
        .unwrap()
    }

    #[test]
    fn only_what_is_listed_may_be_called() {
        let good = [
            "https://pay.example.cn/x?y=1",
            "https://PAY.example.cn./",
            "https://pay.example.cn:443/",
            "https://sms.example.cn:8443/",
            "http://127.0.0.1:9000/",
            "http://inner.example.cn/",
            "http://[::1]:9000/",
        ];
        for url in good {
            assert!(list().check(url).is_ok(), "{url}");
        }
        let bad = [
            "http://pay.example.cn/",
            "http://pay.example.cn:443/",
            "https://sms.example.cn/",
            "https://evil.example/",
            "https://pay.example.cn.evil.example/",
            "https://evil.example/pay.example.cn:443",
            "https://pay.example.cn@evil.example/",
            "https://user:pw@pay.example.cn/",
            "https://pay.example.cn:444/",
            "ftp://pay.example.cn/",
            "file:///etc/passwd",
            "gopher://127.0.0.1:9000/",
            "//pay.example.cn/",
            "/x",
            "",
            "http://127.0.0.1:9001/",
            "http://127.1:9000/",
            "http://2130706433:9000/",
            "http://0x7f.1:9000/",
            "http://localhost:9000/",
            "https://pay.example.cn\\@evil.example/",
            "https://pay.example.cn\r\nhost: evil/",
            "http://169.254.169.254/latest/meta-data/",
        ];
        for url in bad {
            assert!(matches!(list().check(url), Err(Error::Refused(_))), "{url:?}");
        }
        assert!(list().check(&format!("https://pay.example.cn/{}", "a".repeat(5_000))).is_err());
    }

    #[test]
    fn a_line_of_another_protocol_has_the_same_list() {
        for url in ["tls://pay.example.cn:443", "tcp://127.0.0.1:9000", "tls://[::1]:9000"] {
            assert!(list().check_line(url).is_ok(), "{url}");
        }
        for url in [
            "tcp://pay.example.cn:443",
            "tls://evil.example:443",
            "tls://pay.example.cn",
            "udp://127.0.0.1:9000",
            "pay.example.cn:443",
            "tls://u@pay.example.cn:443",
            "",
        ] {
            assert!(list().check_line(url).is_err(), "{url}");
        }
    }

    #[test]
    fn who_was_registered_is_called_at_the_registered_host_only() {
        let rows = [
            ("https://oa.example.cn/ended", "https://oa.example.cn/other", Some(Reach::Registered)),
            ("https://oa.example.cn/ended", "https://oa.example.cn:443/x", Some(Reach::Registered)),
            ("http://127.0.0.1:3000/x", "http://127.0.0.1:3000/y", Some(Reach::Registered)),
            ("https://pay.example.cn/", "https://pay.example.cn/x", Some(Reach::Public)),
            ("http://inner.example.cn/", "http://inner.example.cn/x", Some(Reach::Private)),
            ("https://oa.example.cn/", "https://pay.example.cn/", None),
            ("https://oa.example.cn/", "https://oa.example.cn:8443/", None),
            ("https://oa.example.cn/", "http://oa.example.cn:443/", None),
            ("http://oa.example.cn/", "http://oa.example.cn/", None),
            ("http://10.0.0.1/", "http://10.0.0.1/", None),
            ("http://localhost/", "http://localhost/", None),
            ("x", "x", None),
        ];
        for (registered, url, expected) in rows {
            let found = list().check_registered(registered, url).ok().map(|(one, _)| one.reach);
            assert_eq!(found, expected, "{registered} {url}");
        }
    }

    #[test]
    fn a_list_that_means_nothing_is_refused() {
        for entry in [
            "",
            "x",
            "x:",
            "x:0",
            "x:99999",
            "*:443",
            "*.example.cn:443",
            "https://x:443",
            "a@b:1",
            ":443",
        ] {
            assert!(Allowed::read(&[entry.to_owned()], &[]).is_err(), "{entry}");
        }
    }

    #[test]
    fn secrets_of_an_address_stay_out_of_logs() {
        let Err(Error::Refused(said)) = list().check("https://u:pw@evil.example/x?token=abc")
        else {
            panic!("called")
        };
        assert!(!said.contains("pw") && !said.contains("abc"), "{said}");
    }
}
