//! Signatures over messages, as RFC 9421 writes them, with `ed25519` or with SM2 and SM3.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256, Sha512};
use sm2::dsa::signature::Verifier as _;
use zhengtong_crypto::{Digest, SigningKey};
use zhengtong_egress::HeaderMap;

use crate::message::header;
use crate::refusal::{Fault, Refusal};

/// The identity that GM/T 0009 prescribes where none is agreed.
const IDENTITY: &str = "1234567812345678";
/// What stands before the 32 bytes of an Ed25519 key in `SubjectPublicKeyInfo`.
const ED25519_INFO: &[u8] =
    &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// What stands before the 65 bytes of an SM2 key.
const SM2_INFO: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d, 0x03, 0x42, 0x00,
];
/// What every signature covers; `content-digest` besides when there is a body, `@query` when there is a query.
const COVERED: [&str; 3] = ["@method", "@path", "x-road-client"];
/// Most components of a signature.
const COMPONENTS_MAX: usize = 30;

/// How a system signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519.
    Ed25519,
    /// SM2 with SM3.
    Sm2,
}

impl Algorithm {
    /// The word of RFC 9421, and ours for SM2.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::Sm2 => "sm2-sm3",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Ed25519, Self::Sm2].into_iter().find(|one| one.word() == word)
    }
}

/// A public key of a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// Its kind.
    pub algorithm: Algorithm,
    /// Its bytes: 32 of Ed25519, 65 of SM2.
    pub bytes: Vec<u8>,
}

impl PublicKey {
    /// Reads a key in PEM, as `openssl pkey -pubout` writes it.
    pub fn from_pem(text: &str) -> Option<Self> {
        let body: String = text
            .trim()
            .strip_prefix("-----BEGIN PUBLIC KEY-----")?
            .strip_suffix("-----END PUBLIC KEY-----")?
            .split_whitespace()
            .collect();
        let der = STANDARD.decode(body).ok()?;
        let (algorithm, bytes) = match (der.strip_prefix(ED25519_INFO), der.strip_prefix(SM2_INFO))
        {
            (Some(bytes), _) => (Algorithm::Ed25519, bytes),
            (_, Some(bytes)) => (Algorithm::Sm2, bytes),
            _ => return None,
        };
        let key = Self { algorithm, bytes: bytes.to_vec() };
        key.is_sound().then_some(key)
    }

    /// The key in PEM.
    pub fn pem(&self) -> String {
        let info = match self.algorithm {
            Algorithm::Ed25519 => ED25519_INFO,
            Algorithm::Sm2 => SM2_INFO,
        };
        let body = STANDARD.encode([info, &self.bytes].concat());
        let lines: Vec<&str> =
            body.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
    }

    /// The name of the key: the first half of the SM3 digest of its bytes.
    pub fn id(&self) -> String {
        let digest = Digest::of(&self.bytes).to_string();
        digest.get(..32).unwrap_or(&digest).to_owned()
    }

    fn is_sound(&self) -> bool {
        match self.algorithm {
            Algorithm::Ed25519 => ed25519(&self.bytes).is_some(),
            Algorithm::Sm2 => {
                sm2::dsa::VerifyingKey::from_sec1_bytes(IDENTITY, &self.bytes).is_ok()
            }
        }
    }

    /// Whether a signature was made with the other half over these bytes.
    pub fn verifies(&self, bytes: &[u8], signature: &[u8]) -> bool {
        match self.algorithm {
            Algorithm::Ed25519 => {
                let signature = zhengtong_crypto::to_hex(signature).parse();
                let (Some(key), Ok(signature)) = (ed25519(&self.bytes), signature) else {
                    return false;
                };
                key.verify(bytes, &signature).is_ok()
            }
            Algorithm::Sm2 => {
                let key = sm2::dsa::VerifyingKey::from_sec1_bytes(IDENTITY, &self.bytes);
                let signature = sm2::dsa::Signature::from_slice(&numbers(signature));
                let (Ok(key), Ok(signature)) = (key, signature) else { return false };
                key.verify(bytes, &signature).is_ok()
            }
        }
    }
}

/// The two numbers of an SM2 signature side by side, however they came: so, or as a SEQUENCE of two INTEGERs in DER.
fn numbers(signature: &[u8]) -> Vec<u8> {
    let number = |der: &[u8]| -> Option<(Vec<u8>, Vec<u8>)> {
        let [0x02, length, rest @ ..] = der else { return None };
        let (value, rest) = rest.split_at_checked(usize::from(*length))?;
        let value = value.strip_prefix(&[0]).unwrap_or(value);
        let mut padded = vec![0; 32_usize.checked_sub(value.len())?];
        padded.extend_from_slice(value);
        Some((padded, rest.to_vec()))
    };
    let read = || {
        let [0x30, length, rest @ ..] = signature else { return None };
        let whole = (usize::from(*length) == rest.len()).then_some(rest)?;
        let (first, rest) = number(whole)?;
        let (second, rest) = number(&rest)?;
        rest.is_empty().then(|| [first, second].concat())
    };
    if signature.len() == 64 { signature.to_vec() } else { read().unwrap_or_default() }
}

fn ed25519(bytes: &[u8]) -> Option<zhengtong_crypto::VerifyingKey> {
    zhengtong_crypto::VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()
}

/// What came with a message as its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    /// The key that is named.
    pub(crate) key: String,
    /// The kind that is named, if one is.
    pub(crate) algorithm: Option<String>,
    /// When it was made, in seconds.
    pub(crate) created: i64,
    /// What it was made over.
    pub(crate) base: Vec<u8>,
    /// The signature.
    pub(crate) signature: Vec<u8>,
}

/// The parts of a request that a signature may cover beside its headers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
}

fn wrong(message: &str) -> Refusal {
    Refusal::new(Fault::Signature, message)
}

/// Reads the signature of a message and what it must have been made over. What a signature has to cover is fixed: the
/// method, the path, the query if there is one, every header of the protocol, the digest of the body if there is one.
pub(crate) fn read(
    target: Target<'_>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Signed, Refusal> {
    let input = one(headers, "signature-input")?;
    let signature = one(headers, "signature")?;
    let (label, params) =
        input.split_once('=').ok_or_else(|| wrong("Signature-Input cannot be read"))?;
    let label = label.trim();
    let signature = signature
        .strip_prefix(label)
        .and_then(|rest| rest.strip_prefix("=:")?.strip_suffix(':'))
        .and_then(|text| STANDARD.decode(text).ok())
        .ok_or_else(|| wrong("Signature does not carry the label of Signature-Input"))?;
    let (list, rest) = params
        .strip_prefix('(')
        .and_then(|text| text.split_once(')'))
        .ok_or_else(|| wrong("Signature-Input names no components"))?;
    let components = components(list)?;
    demanded(&components, target.query.is_some(), !body.is_empty())?;
    let named = |name: &str| components.iter().any(|one| one == name);
    let open = headers
        .keys()
        .map(zhengtong_egress::HeaderName::as_str)
        .find(|name| name.starts_with("x-road-") && *name != "x-road-request-hash" && !named(name));
    if let Some(open) = open {
        return Err(wrong(&format!("the signature does not cover {open}")));
    }
    if components.iter().any(|one| one == "content-digest") {
        matches_digest(&one(headers, "content-digest")?, body)?;
    }
    let base = base(&components, params, |name| value(name, target, headers))?;
    let (mut key, mut algorithm, mut created) = (None, None, None);
    for param in rest.split(';').skip(1) {
        let (name, text) =
            param.split_once('=').ok_or_else(|| wrong("a parameter cannot be read"))?;
        match name {
            "keyid" => key = quoted(text),
            "alg" => algorithm = quoted(text),
            "created" => created = text.parse().ok(),
            _ => {}
        }
    }
    let key = key.ok_or_else(|| wrong("the signature names no keyid"))?;
    let created = created.ok_or_else(|| wrong("the signature does not say when it was created"))?;
    Ok(Signed { key, algorithm, created, base, signature })
}

fn one(headers: &HeaderMap, name: &str) -> Result<String, Refusal> {
    let mut all = headers.get_all(name).iter();
    let first = all.next().ok_or_else(|| wrong(&format!("the header {name} is missing")))?;
    if all.next().is_some() {
        return Err(wrong(&format!("{name} stands there more than once")));
    }
    let text = first.to_str().map_err(|_sign| wrong(&format!("{name} cannot be read")))?;
    Ok(text.trim().to_owned())
}

fn quoted(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.contains(['"', '\\'])).then(|| inner.to_owned())
}

fn components(list: &str) -> Result<Vec<String>, Refusal> {
    let all: Option<Vec<String>> = list.split_ascii_whitespace().map(quoted).collect();
    let all = all.ok_or_else(|| wrong("a component has parameters, or is not in quotes"))?;
    let mut seen = all.clone();
    seen.sort_unstable();
    seen.dedup();
    if all.len() != seen.len() || all.len() > COMPONENTS_MAX {
        return Err(wrong("a component is named twice, or there are too many"));
    }
    Ok(all)
}

fn demanded(components: &[String], query: bool, body: bool) -> Result<(), Refusal> {
    let more = [("@query", query), ("content-digest", body)];
    let more = more.iter().filter(|(_, there)| *there).map(|(name, _)| *name);
    let missing =
        COVERED.into_iter().chain(more).find(|name| !components.iter().any(|one| one == name));
    match missing {
        Some(name) => Err(wrong(&format!("the signature does not cover {name}"))),
        None => Ok(()),
    }
}

fn matches_digest(text: &str, body: &[u8]) -> Result<(), Refusal> {
    let mut known = 0;
    for part in text.split(',') {
        let Some((name, value)) = part.trim().split_once('=') else { continue };
        let Some(value) = value.strip_prefix(':').and_then(|value| value.strip_suffix(':')) else {
            continue;
        };
        let digest = match name {
            "sha-256" => STANDARD.encode(Sha256::digest(body)),
            "sha-512" => STANDARD.encode(Sha512::digest(body)),
            "sm3" => STANDARD.encode(zhengtong_crypto::sm3(body)),
            _ => continue,
        };
        known += 1;
        if digest != value {
            return Err(wrong("Content-Digest is not that of the body"));
        }
    }
    if known == 0 {
        return Err(wrong("Content-Digest names neither sha-256, sha-512 nor sm3"));
    }
    Ok(())
}

fn value(name: &str, target: Target<'_>, headers: &HeaderMap) -> Result<String, Refusal> {
    match name {
        "@method" => Ok(target.method.to_owned()),
        "@path" => Ok(target.path.to_owned()),
        "@query" => Ok(format!("?{}", target.query.unwrap_or_default())),
        name if name.starts_with('@') => Err(wrong(&format!("{name} is not known here"))),
        name => header(headers, name)?
            .map(str::to_owned)
            .ok_or_else(|| wrong(&format!("the signature covers {name}, which is not there"))),
    }
}

/// What a signature is made over (RFC 9421, 2.5).
fn base(
    components: &[String],
    params: &str,
    value: impl Fn(&str) -> Result<String, Refusal>,
) -> Result<Vec<u8>, Refusal> {
    let mut base = String::new();
    for name in components {
        base.extend(["\"", name, "\": ", &value(name)?, "\n"]);
    }
    base.extend(["\"@signature-params\": ", params]);
    Ok(base.into_bytes())
}

/// The headers with which the gateway signs an answer: `Content-Digest`, `Signature-Input`, `Signature`, and what was
/// signed.
pub(crate) struct Sealed {
    pub(crate) digest: String,
    pub(crate) input: String,
    pub(crate) signature: Vec<u8>,
}

impl Sealed {
    /// Signs an answer: its status, body, and the hash of the request that it answers.
    pub(crate) fn over(
        key: &SigningKey,
        (status, request_hash, message_id): (u16, &str, &str),
        body: &[u8],
        created: i64,
    ) -> Self {
        let digest = format!("sha-512=:{}:", STANDARD.encode(Sha512::digest(body)));
        let id = key.verifying_key().id();
        let params = format!(
            "(\"@status\" \"content-digest\" \"x-road-id\" \"x-road-request-hash\");created={created};keyid=\"{id}\";alg=\"ed25519\""
        );
        let base = format!(
            "\"@status\": {status}\n\"content-digest\": {digest}\n\"x-road-id\": {message_id}\n\"x-road-request-hash\": {request_hash}\n\"@signature-params\": {params}"
        );
        let signature = zhengtong_crypto::from_hex(&key.sign(base.as_bytes()).to_string());
        Self { digest, input: format!("sig1={params}"), signature: signature.unwrap_or_default() }
    }

    pub(crate) fn header(&self) -> String {
        format!("sig1=:{}:", STANDARD.encode(&self.signature))
    }
}

/// Signs a request of a system as this gateway wants it: the method, the path, the query, every header of the protocol
/// that is there, and the digest of the body. The headers that carry the signature are put beside the others.
pub fn sign(
    (key, id): (&SigningKey, &str),
    created: i64,
    (method, address): (&str, &str),
    headers: &mut HeaderMap,
    body: &[u8],
) {
    let (path, query) = address.split_once('?').map_or((address, None), |(p, q)| (p, Some(q)));
    let mut names = vec!["@method".to_owned(), "@path".to_owned()];
    if query.is_some() {
        names.push("@query".to_owned());
    }
    let put = |headers: &mut HeaderMap, name: &'static str, value: &str| {
        if let Ok(value) = zhengtong_egress::HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    if !body.is_empty() {
        let digest = format!("sm3=:{}:", STANDARD.encode(zhengtong_crypto::sm3(body)));
        put(headers, "content-digest", &digest);
        names.push("content-digest".to_owned());
    }
    let ours = headers.keys().map(|name| name.as_str().to_owned());
    names.extend(ours.filter(|name| name.starts_with("x-road-")));
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let list = quoted.join(" ");
    let params = format!("({list});created={created};keyid=\"{id}\";alg=\"ed25519\"");
    let target = Target { method, path, query };
    let Ok(base) = base(&names, &params, |name| value(name, target, headers)) else { return };
    let made = zhengtong_crypto::from_hex(&key.sign(&base).to_string()).unwrap_or_default();
    put(headers, "signature-input", &format!("sig1={params}"));
    put(headers, "signature", &format!("sig1=:{}:", STANDARD.encode(made)));
}
