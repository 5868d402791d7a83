//! The certificate that a client has shown to the balancer, as the balancer hands it on (RFC 9440). Anybody can write
//! such a header, so it counts only when the line comes from a proxy that the configuration names, and it is taken
//! off every request: nothing behind this place reads it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zhengtong_base::Text;

/// The certificate itself.
const LEAF: &str = "client-cert";
/// Those between it and its authority.
const CHAIN: &str = "client-cert-chain";

/// What came with a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ClientCertificate {
    /// No certificate.
    #[default]
    None,
    /// A header from somewhere that is not a balancer of ours.
    Distrusted,
    /// A header that cannot be read.
    Unreadable,
    /// A certificate; whether it is worth anything is not known here.
    Given {
        /// The certificate (DER).
        leaf: Vec<u8>,
        /// Certificates that lead to its authority (DER).
        chain: Vec<Vec<u8>>,
    },
}

impl ClientCertificate {
    /// Why what came is not looked at; none when there is nothing, or something to look at.
    pub fn refusal(&self) -> Option<Text> {
        match self {
            Self::None | Self::Given { .. } => None,
            Self::Distrusted => Some(Text::new(
                "证书不是由本站的负载均衡转来的，不能用",
                "the certificate was not handed on by a balancer of ours and does not count",
            )),
            Self::Unreadable => Some(Text::new(
                "证书读不出来，请告诉运行单位",
                "the certificate cannot be read; please tell who runs the site",
            )),
        }
    }
}

/// Takes the headers off, and gives what they say if they come from a trusted proxy.
pub(crate) fn take(headers: &mut HeaderMap, trusted: bool) -> ClientCertificate {
    let leaves: Vec<Vec<u8>> =
        headers.get_all(LEAF).iter().map(|value| value.as_bytes().to_vec()).collect();
    let chains: Vec<Vec<u8>> =
        headers.get_all(CHAIN).iter().map(|value| value.as_bytes().to_vec()).collect();
    headers.remove(LEAF);
    headers.remove(CHAIN);
    // A balancer that always sets the header sets an empty one for who has shown nothing.
    let empty = |value: &&Vec<u8>| matches!(value.trim_ascii(), b"" | b"::");
    if leaves.iter().all(|value| empty(&value)) {
        return ClientCertificate::None;
    }
    if !trusted {
        return ClientCertificate::Distrusted;
    }
    let [leaf] = leaves.as_slice() else { return ClientCertificate::Unreadable };
    let items = chains
        .iter()
        .flat_map(|value| value.split(|byte| *byte == b','))
        .filter(|item| !item.trim_ascii().is_empty());
    let chain: Option<Vec<Vec<u8>>> = items.map(bytes).collect();
    match (bytes(leaf), chain) {
        (Some(leaf), Some(chain)) => ClientCertificate::Given { leaf, chain },
        _ => ClientCertificate::Unreadable,
    }
}

/// A byte sequence of structured fields (RFC 9651): base 64 between colons.
fn bytes(value: &[u8]) -> Option<Vec<u8>> {
    let inner = value.trim_ascii().strip_prefix(b":")?.strip_suffix(b":")?;
    STANDARD.decode(inner).ok()
}

impl<S: Send + Sync> FromRequestParts<S> for ClientCertificate {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: &[(&'static str, &str)], trusted: bool) -> ClientCertificate {
        let mut headers = HeaderMap::new();
        for (name, value) in rows {
            headers.append(*name, value.parse().unwrap());
        }
        let taken = take(&mut headers, trusted);
        assert!(headers.is_empty(), "the header goes no further: {rows:?}");
        taken
    }

    fn given(leaf: &[u8], chain: &[&[u8]]) -> ClientCertificate {
        let chain = chain.iter().map(|one| one.to_vec()).collect();
        ClientCertificate::Given { leaf: leaf.to_vec(), chain }
    }

    #[test]
    fn a_certificate_counts_only_from_a_balancer_of_ours() {
        let leaf = (LEAF, ":YWJj:");
        assert_eq!(check(&[leaf], true), given(b"abc", &[]));
        assert_eq!(check(&[leaf], false), ClientCertificate::Distrusted);
        assert_eq!(check(&[leaf, (CHAIN, ":ZA==:, :ZQ==:")], true), given(b"abc", &[b"d", b"e"]));
        assert_eq!(
            check(&[leaf, (CHAIN, ":ZA==:"), (CHAIN, ":ZQ==:")], true),
            given(b"abc", &[b"d", b"e"])
        );
        for nothing in [&[][..], &[(LEAF, "")], &[(LEAF, "::")], &[(CHAIN, ":ZA==:")]] {
            for trusted in [true, false] {
                assert_eq!(check(nothing, trusted), ClientCertificate::None, "{nothing:?}");
            }
        }
    }

    #[test]
    fn a_header_that_can_be_read_in_two_ways_is_read_in_none() {
        let rows: [&[(&'static str, &str)]; 6] = [
            &[(LEAF, "YWJj")],
            &[(LEAF, ":YWJj")],
            &[(LEAF, ":***:")],
            &[(LEAF, ":YWJj:"), (LEAF, ":ZGVm:")],
            &[(LEAF, ":YWJj:, :ZGVm:")],
            &[(LEAF, ":YWJj:"), (CHAIN, "x")],
        ];
        for row in rows {
            let taken = check(row, true);
            assert_eq!(taken, ClientCertificate::Unreadable, "{row:?}");
            assert!(taken.refusal().is_some());
        }
    }
}
