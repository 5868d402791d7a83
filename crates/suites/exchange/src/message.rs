//! A call as it came and as it is sent on: the address read strictly, headers that must not pass taken out, the digest
//! that binds an answer to its request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use sha2::{Digest as _, Sha512};
use zhengtong_egress::{HeaderMap, HeaderName, HeaderValue};

use crate::limits::LIMITS;
use crate::name::{ServiceName, SystemName};
use crate::refusal::{Fault, Refusal};

/// The version of the protocol, as the first part of the address.
const VERSION: &str = "r1";
/// Methods that are passed on.
const METHODS: [&str; 8] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];
/// Headers of one stretch of the way, and those that would name the machine behind; neither is passed on.
const DROPPED: [&str; 15] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "host",
    "user-agent",
    "server",
    "content-length",
    "expect",
    "x-road-request-hash",
];

/// A call as it came.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The method.
    pub method: String,
    /// The path as it was written, not decoded.
    pub path: String,
    /// The query as it was written.
    pub query: Option<String>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// A call that was read.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who calls.
    pub client: SystemName,
    /// What is called.
    pub service: ServiceName,
    /// The method.
    pub method: String,
    /// The whole path as it was written.
    pub path: String,
    /// What follows the service in the path, with its slash; empty if nothing does.
    pub rest: String,
    /// The query as it was written.
    pub query: Option<String>,
    /// The headers that go on, with the identifiers of the message.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    /// The identifier of the message: the client's own or ours.
    pub message_id: String,
    /// Our identifier of the request.
    pub request_id: String,
    /// The case, application or document that is the cause.
    pub issue: Option<String>,
}

fn bad(message: &str) -> Refusal {
    Refusal::new(Fault::BadRequest, message)
}

/// One header as text: the last one, as the protocol says; none when it is not there.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Refusal> {
    let Some(value) = headers.get_all(name).iter().next_back() else { return Ok(None) };
    let text =
        value.to_str().map_err(|_sign| bad(&format!("{name} holds signs that are not ASCII")))?;
    if text.len() > LIMITS.header_bytes * 2 {
        return Err(bad(&format!("{name} is too long")));
    }
    Ok(Some(text.trim()))
}

impl Request {
    /// Reads a call.
    pub fn read(incoming: Incoming, request_id: &str) -> Result<Self, Refusal> {
        let Incoming { method, path, query, headers, body } = incoming;
        if !METHODS.contains(&method.as_str()) {
            return Err(bad("this method is not passed on"));
        }
        if path.len() + query.as_ref().map_or(0, String::len) > LIMITS.address_bytes {
            return Err(bad(
                "the address is longer than 2000 characters; send large data in the body",
            ));
        }
        if body.len() > LIMITS.body_bytes {
            return Err(Refusal::new(
                Fault::TooLarge,
                "the body is larger than this gateway passes on",
            ));
        }
        let (service, rest) = address(&path)?;
        let client = header(&headers, "x-road-client")?
            .ok_or_else(|| bad("the header X-Road-Client is missing"))?
            .parse()
            .map_err(|_name| bad("X-Road-Client is not instance/class/member/subsystem"))?;
        let message_id = match header(&headers, "x-road-id")? {
            Some(id) if id.is_empty() || id.len() > LIMITS.header_bytes => {
                return Err(bad("X-Road-Id is empty or too long"));
            }
            Some(id) => id.to_owned(),
            None => request_id.to_owned(),
        };
        let issue =
            header(&headers, "x-road-issue")?.map(str::to_owned).filter(|one| !one.is_empty());
        checked(&headers)?;
        let headers = passed(&headers, &message_id, request_id);
        let request_id = request_id.to_owned();
        Ok(Self {
            client,
            service,
            method,
            path,
            rest,
            query,
            headers,
            body,
            message_id,
            request_id,
            issue,
        })
    }

    /// The head as it is hashed and kept: the method, the address, and the headers by name, each on a line of its own.
    pub fn head(&self) -> Vec<u8> {
        let query = self.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        let mut head = format!("{}\r\n{}{query}\r\n", self.method, self.path).into_bytes();
        lines(&self.headers, &mut head);
        head
    }

    /// The hash that the answer carries: SHA-512 over the digests of head and body, or of the head alone.
    pub fn hash(&self) -> [u8; 64] {
        hash_of(&self.head(), &self.body)
    }

    /// Where it goes at a provider whose service stands at an address.
    pub(crate) fn url(&self, base: &str) -> String {
        let query = self.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}{}{query}", base.trim_end_matches('/'), self.rest)
    }
}

/// SHA-512 over the digests of head and body, or of the head alone when there is no body.
pub(crate) fn hash_of(head: &[u8], body: &[u8]) -> [u8; 64] {
    let first = Sha512::digest(head);
    if body.is_empty() {
        return first.into();
    }
    let mut both = Sha512::new();
    both.update(first);
    both.update(Sha512::digest(body));
    both.finalize().into()
}

/// A hash as a header carries it.
pub(crate) fn in_header(hash: &[u8]) -> String {
    STANDARD.encode(hash)
}

/// Headers by name, each value on a line.
pub(crate) fn lines(headers: &HeaderMap, into: &mut Vec<u8>) {
    let mut names: Vec<&HeaderName> = headers.keys().collect();
    names.sort_unstable_by_key(|name| name.as_str());
    for name in names {
        for value in headers.get_all(name) {
            into.extend_from_slice(name.as_str().as_bytes());
            into.push(b':');
            into.extend_from_slice(value.as_bytes());
            into.extend_from_slice(b"\r\n");
        }
    }
}

/// The service of an address and what follows it.
fn address(path: &str) -> Result<(ServiceName, String), Refusal> {
    let parts: Vec<&str> = path.splitn(8, '/').collect();
    let ["", VERSION, name @ ..] = parts.as_slice() else {
        return Err(bad("the address begins with /r1/"));
    };
    let (name, rest) = match name.split_at_checked(5) {
        Some((name, [])) => (name, String::new()),
        Some((name, [rest])) => (name, format!("/{rest}")),
        _ => return Err(bad("the address is /r1/instance/class/member/subsystem/service")),
    };
    if leaves(&rest) {
        return Err(bad(
            "the path of a service holds no empty parts, dots or signs that lead elsewhere",
        ));
    }
    let service = ServiceName::of_parts(name).map_err(|_name| {
        bad("an identifier of the address holds signs that the protocol does not allow")
    })?;
    Ok((service, rest))
}

/// Whether a path could lead out of the service when somebody behind reads it in another way.
fn leaves(rest: &str) -> bool {
    let plain = percent_decode_str(rest).collect::<Vec<u8>>();
    plain.iter().any(|byte| byte.is_ascii_control() || *byte == b'\\')
        || plain.split(|byte| *byte == b'/').any(|part| part == b"." || part == b"..")
        || rest.contains("//")
}

/// Headers of the protocol that are there are readable.
fn checked(headers: &HeaderMap) -> Result<(), Refusal> {
    for (name, parts) in [("x-road-security-server", 4..=4), ("x-road-represented-party", 1..=2)] {
        let Some(text) = header(headers, name)? else { continue };
        let all: Vec<&str> = text.split('/').collect();
        if !parts.contains(&all.len()) || all.iter().any(|one| crate::name::part(one).is_err()) {
            return Err(bad(&format!("{name} cannot be read")));
        }
    }
    header(headers, "x-road-userid")?;
    Ok(())
}

/// The headers that go on.
fn passed(headers: &HeaderMap, message_id: &str, request_id: &str) -> HeaderMap {
    let mut kept = filtered(headers);
    let mut put = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            kept.insert(HeaderName::from_static(name), value);
        }
    };
    put("x-road-id", message_id);
    put("x-road-request-id", request_id);
    if let Some(client) =
        headers.get_all("x-road-client").iter().next_back().and_then(|one| one.to_str().ok())
    {
        put("x-road-client", client.trim());
    }
    if !kept.contains_key("accept") {
        kept.insert("accept", HeaderValue::from_static("application/json"));
    }
    kept
}

/// Headers without those that must not pass, and without what a `Connection` header names.
pub(crate) fn filtered(headers: &HeaderMap) -> HeaderMap {
    let named: Vec<String> = headers
        .get_all("connection")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .map(|one| one.trim().to_ascii_lowercase())
        .collect();
    let mut kept = HeaderMap::new();
    for (name, value) in headers {
        let text = name.as_str();
        if !DROPPED.contains(&text) && !named.iter().any(|one| one == text) {
            kept.append(name.clone(), value.clone());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incoming(path: &str) -> Incoming {
        let mut headers = HeaderMap::new();
        headers.insert("x-road-client", HeaderValue::from_static("330100/GOV/1133/oa"));
        Incoming {
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: None,
            headers,
            body: Vec::new(),
        }
    }

    fn check(path: &str, expected: Option<(&str, &str)>) {
        let read = Request::read(incoming(path), "1").ok();
        let read = read.map(|one| (one.service.to_string(), one.rest));
        let expected = expected.map(|(name, rest)| (name.to_owned(), rest.to_owned()));
        assert_eq!(read, expected, "{path}");
    }

    #[test]
    fn addresses_are_read_strictly() {
        check("/r1/330100/GOV/1133/oa/pets", Some(("330100/GOV/1133/oa/pets", "")));
        check(
            "/r1/330100/GOV/1133/oa/pets/v1/7%2F8",
            Some(("330100/GOV/1133/oa/pets", "/v1/7%2F8")),
        );
        check("/r1/330100/GOV/1133/oa/pets/", Some(("330100/GOV/1133/oa/pets", "/")));
        for wrong in [
            "/r2/330100/GOV/1133/oa/pets",
            "/r1/330100/GOV/1133/oa",
            "/r1/330100/GOV/1133/oa/pets/../admin",
            "/r1/330100/GOV/1133/oa/pets/%2e%2e/admin",
            "/r1/330100/GOV/1133/oa/pets//evil.example",
            "/r1/330100/GOV/1133/oa/pets/a%0d%0ab",
            "/r1/330100/GOV/1133/oa/pets/a%5c..%5cb",
            "/r1/330100%2FGOV/1133/oa/pets/x",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn headers_of_one_stretch_and_names_of_machines_do_not_pass() {
        let mut call = incoming("/r1/330100/GOV/1133/oa/pets");
        for (name, value) in [
            ("connection", "x-mine, close"),
            ("x-mine", "1"),
            ("host", "inner.example"),
            ("user-agent", "a"),
            ("te", "trailers"),
            ("x-road-request-hash", "a"),
            ("x-kept", "1"),
            ("cache-control", "no-cache"),
        ] {
            call.headers.insert(name, HeaderValue::from_static(value));
        }
        let read = Request::read(call, "7").unwrap();
        let mut names: Vec<&str> = read.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        let expected = [
            "accept",
            "cache-control",
            "x-kept",
            "x-road-client",
            "x-road-id",
            "x-road-request-id",
        ];
        assert_eq!(names, expected);
        assert_eq!(read.message_id, "7");
    }
}
