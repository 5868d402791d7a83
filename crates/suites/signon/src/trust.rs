//! Whom we believe about certificates of staff: authorities and their lists of what they took back. The balancer in
//! front has proven that the key is there; everything else about the certificate is proven here once more.

use std::sync::{Arc, PoisonError, RwLock};

use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{
    CertificateDer, CertificateRevocationListDer, SignatureVerificationAlgorithm, TrustAnchor,
    UnixTime,
};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use webpki::{
    CertRevocationList, EndEntityCert, ExpirationPolicy, KeyUsage, OwnedCertRevocationList,
    RevocationOptionsBuilder,
};
use x509_parser::prelude::{FromDer as _, X509Certificate, X509Name};
use zhengtong_base::Text;

use crate::sm2::{SM2_SM3, SM2_SM3_NULL};

/// `id-kp-clientAuth`: the certificate was made for logging in.
const CLIENT_AUTH: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];
/// Certificates and chains longer than this are none of ours.
const BYTES_MAX: usize = 16 * 1024;
/// Certificates between ours and its authority.
const CHAIN_MAX: usize = 4;
/// Characters kept of a name.
const NAME_CHARS_MAX: usize = 120;

/// The authorities in force. A handle: all copies are one, and what is set is in force everywhere at once.
#[derive(Clone)]
pub struct Trust(Arc<RwLock<Arc<Authorities>>>);

/// Authorities and what they took back, as their files said it.
pub struct Authorities {
    anchors: Vec<Anchor>,
    lists: Vec<CertRevocationList<'static>>,
}

/// An authority and its own days.
struct Anchor {
    from: i64,
    until: i64,
    root: TrustAnchor<'static>,
}

/// A certificate that a balancer handed on: its own bytes, and those between it and its authority.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// The certificate.
    pub leaf: &'a [u8],
    /// Certificates that lead to its authority.
    pub chain: &'a [Vec<u8>],
}

/// What is said of a certificate that was found sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// SHA-256 over the certificate: what it is enrolled by.
    pub fingerprint: Vec<u8>,
    /// Whose it is, in the words of its authority; shown, never kept.
    pub subject: String,
    /// Who made it.
    pub issuer: String,
    /// Its number there.
    pub serial: String,
    /// Until when it works.
    pub not_after: OffsetDateTime,
}

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It cannot be read.
    Unreadable,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYet,
    /// Its authority took it back.
    Revoked,
    /// The list of what was taken back is too old or missing.
    NoList,
    /// No authority of ours made it, or it made itself.
    Unknown,
    /// It was not made for logging in.
    Purpose,
    /// It is signed in a way that we do not check.
    Algorithm,
}

/// From when until when a certificate (DER, RFC 5280 section 4.1.2.5) is valid; none when it cannot be read.
pub fn validity(der: &[u8]) -> Option<(OffsetDateTime, OffsetDateTime)> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let days = certificate.validity();
    Some((days.not_before.to_datetime(), days.not_after.to_datetime()))
}

impl Wrong {
    /// What people are told.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Self::Unreadable => ("证书读不出来", "the certificate cannot be read"),
            Self::Expired => (
                "证书已经过期，请向发证机构换新的",
                "the certificate has expired; get a new one from its issuer",
            ),
            Self::NotYet => ("证书还没到生效时间", "the certificate is not valid yet"),
            Self::Revoked => ("证书已被发证机构吊销", "the certificate was revoked by its issuer"),
            Self::NoList => (
                "查不到证书有没有被吊销（吊销名单过期或缺失），请告诉运行单位",
                "whether the certificate was revoked cannot be told: the list is too old or missing",
            ),
            Self::Unknown => (
                "证书不是本市认可的机构发的，或者是自己做的",
                "no authority that the city accepts made this certificate, or it is self-made",
            ),
            Self::Purpose => {
                ("这张证书不是用来登录的", "this certificate was not made for signing in")
            }
            Self::Algorithm => (
                "证书用的签名算法本市不认（认 SM2、RSA、ECDSA、Ed25519）",
                "the certificate is signed with an algorithm that is not accepted here",
            ),
        };
        Text::new(zh, en)
    }

    fn of(error: &webpki::Error) -> Self {
        use webpki::Error as E;
        match error {
            E::CertExpired { .. } | E::InvalidCertValidity => Self::Expired,
            E::CertNotValidYet { .. } => Self::NotYet,
            E::CertRevoked => Self::Revoked,
            E::CrlExpired { .. }
            | E::UnknownRevocationStatus
            | E::InvalidCrlSignatureForPublicKey
            | E::IssuerNotCrlSigner
            | E::UnsupportedCrlSignatureAlgorithmContext(_)
            | E::UnsupportedCrlSignatureAlgorithmForPublicKeyContext(_) => Self::NoList,
            E::UnknownIssuer
            | E::InvalidSignatureForPublicKey
            | E::PathLenConstraintViolated
            | E::NameConstraintViolation
            | E::EndEntityUsedAsCa => Self::Unknown,
            E::RequiredEkuNotFoundContext(_) | E::EmptyEkuExtension | E::CaUsedAsEndEntity => {
                Self::Purpose
            }
            E::UnsupportedSignatureAlgorithmContext(_)
            | E::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => Self::Algorithm,
            _ => Self::Unreadable,
        }
    }
}

impl std::fmt::Debug for Authorities {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Authorities({}, {} lists)", self.anchors.len(), self.lists.len())
    }
}

impl std::fmt::Debug for Trust {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Trust({:?})", self.now())
    }
}

impl Authorities {
    /// Reads authorities (PEM) and lists of what was taken back (PEM or DER). Both are needed: a certificate of which
    /// nobody can say whether it was taken back proves nothing.
    pub fn read(authorities: &[Vec<u8>], lists: &[Vec<u8>]) -> Result<Self, String> {
        let mut anchors = Vec::new();
        for file in authorities {
            for found in CertificateDer::pem_slice_iter(file) {
                let found = found.map_err(|error| format!("an authority: {error}"))?;
                anchors.push(anchor(&found)?);
            }
        }
        let mut read = Vec::new();
        for file in lists {
            if !file.starts_with(b"-----") && !file.windows(11).any(|at| at == b"-----BEGIN ") {
                read.push(list(file)?);
                continue;
            }
            for found in CertificateRevocationListDer::pem_slice_iter(file) {
                let found = found.map_err(|error| format!("a revocation list: {error}"))?;
                read.push(list(found.as_ref())?);
            }
        }
        if anchors.is_empty() || read.is_empty() {
            return Err("at least one authority and one revocation list are needed".to_owned());
        }
        Ok(Self { anchors, lists: read })
    }
}

fn anchor(der: &CertificateDer<'_>) -> Result<Anchor, String> {
    let broken = |what: String| format!("an authority: {what}");
    let (_, read) =
        X509Certificate::from_der(der.as_ref()).map_err(|error| broken(error.to_string()))?;
    let days = read.validity();
    let anchor =
        webpki::anchor_from_trusted_cert(der).map_err(|error| broken(error.to_string()))?;
    Ok(Anchor {
        from: days.not_before.timestamp(),
        until: days.not_after.timestamp(),
        root: anchor.to_owned(),
    })
}

fn list(der: &[u8]) -> Result<CertRevocationList<'static>, String> {
    OwnedCertRevocationList::from_der(der)
        .map(CertRevocationList::Owned)
        .map_err(|error| format!("a revocation list: {error}"))
}

/// All ways of signing that are checked.
fn algorithms() -> Vec<&'static dyn SignatureVerificationAlgorithm> {
    let mut all = webpki::ALL_VERIFICATION_ALGS.to_vec();
    all.push(&SM2_SM3);
    all.push(&SM2_SM3_NULL);
    all
}

impl Trust {
    /// These authorities, until others are set.
    pub fn new(authorities: Authorities) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(authorities))))
    }

    /// Other authorities, or newer lists, from now on.
    pub fn set(&self, authorities: Authorities) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(authorities);
    }

    fn now(&self) -> Arc<Authorities> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What a certificate says, if an authority of ours made it for logging in, its time is now, and it was not taken
    /// back.
    pub fn check(&self, given: &Presented<'_>, now: OffsetDateTime) -> Result<Seen, Wrong> {
        let bytes = given.leaf.len() + given.chain.iter().map(Vec::len).sum::<usize>();
        if bytes > BYTES_MAX || given.chain.len() > CHAIN_MAX {
            return Err(Wrong::Unreadable);
        }
        let seen = read(given.leaf)?;
        let second = now.unix_timestamp();
        let time = u64::try_from(second).map_err(|_before_1970| Wrong::NotYet)?;
        let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(time));
        let authorities = self.now();
        let anchors: Vec<TrustAnchor<'_>> = authorities
            .anchors
            .iter()
            .filter(|anchor| (anchor.from..=anchor.until).contains(&second))
            .map(|anchor| anchor.root.clone())
            .collect();
        let lists: Vec<&CertRevocationList<'_>> = authorities.lists.iter().collect();
        let revocation = RevocationOptionsBuilder::new(&lists)
            .map_err(|_none| Wrong::NoList)?
            .with_expiration_policy(ExpirationPolicy::Enforce)
            .build();
        let der = CertificateDer::from(given.leaf);
        let leaf = EndEntityCert::try_from(&der).map_err(|error| Wrong::of(&error))?;
        let chain: Vec<CertificateDer<'_>> =
            given.chain.iter().map(|one| CertificateDer::from(one.as_slice())).collect();
        leaf.verify_for_usage(
            &algorithms(),
            &anchors,
            &chain,
            time,
            KeyUsage::required(CLIENT_AUTH),
            Some(revocation),
            None,
        )
        .map_err(|error| Wrong::of(&error))?;
        Ok(seen)
    }
}

/// What a certificate says of itself.
fn read(leaf: &[u8]) -> Result<Seen, Wrong> {
    let (rest, read) = X509Certificate::from_der(leaf).map_err(|_broken| Wrong::Unreadable)?;
    if !rest.is_empty() {
        return Err(Wrong::Unreadable);
    }
    let not_after = OffsetDateTime::from_unix_timestamp(read.validity().not_after.timestamp());
    Ok(Seen {
        fingerprint: Sha256::digest(leaf).to_vec(),
        subject: name(read.subject()),
        issuer: name(read.issuer()),
        serial: read.raw_serial_as_string(),
        not_after: not_after.map_err(|_no_time| Wrong::Unreadable)?,
    })
}

/// The common name, or the whole name where there is none.
fn name(name: &X509Name<'_>) -> String {
    let common = name.iter_common_name().next().and_then(|common| common.as_str().ok());
    let text = common.map_or_else(|| name.to_string(), str::to_owned);
    text.chars().filter(|letter| !letter.is_control()).take(NAME_CHARS_MAX).collect()
}
