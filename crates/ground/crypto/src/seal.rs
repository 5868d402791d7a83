//! SM4-GCM (GB/T 32907 in the mode of RFC 8998), and sealed bytes: a header with the version of the key, a
//! nonce that follows from what is sealed, the ciphertext and its tag.
//!
//! The nonce is no random number but a code over place and plaintext under a key of its own: the same key
//! can seal any number of values without one nonce ever serving two of them, and this crate needs no chance.
//! What it tells is only that one place held the same value twice.

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload, consts::U12};
use aes_gcm::{AesGcm, Nonce};
use sm4::Sm4;

use crate::mac::{Macer, derive};

/// The first byte of everything that is sealed.
const MAGIC: u8 = 0x5a;
/// The form of what follows.
const FORM: u8 = 1;
/// Bytes before the ciphertext: magic, form, version of the key, nonce.
const HEAD_BYTES: usize = 18;

/// Why something could not be sealed or opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The keyring has no key of this field.
    #[error("there is no key for {0}")]
    NoKey(String),
    /// The key was destroyed, so the data is gone for good.
    #[error("version {version} of the key for {field} is not there")]
    NoVersion {
        /// The field.
        field: String,
        /// The version that sealed it.
        version: u32,
    },
    /// The bytes have another form.
    #[error("not sealed bytes")]
    NotSealed,
    /// The bytes were altered, stood elsewhere, or belong to another key.
    #[error("the sealed bytes of {0} were altered or moved")]
    Altered(String),
    /// A key could not be unwrapped: the master key is another one.
    #[error("the master key is not the one that wrapped {0}")]
    WrongMaster(String),
}

/// SM4-GCM under one key.
pub(crate) struct Gcm(AesGcm<Sm4, U12>);

impl Gcm {
    pub(crate) fn new(key: [u8; 16]) -> Self {
        Self(AesGcm::new(&key.into()))
    }

    pub(crate) fn seal(&self, nonce: [u8; 12], aad: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
        self.0.encrypt(&Nonce::from(nonce), Payload { msg: plain, aad }).ok()
    }

    pub(crate) fn open(&self, nonce: [u8; 12], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.0.decrypt(&Nonce::from(nonce), Payload { msg: sealed, aad }).ok()
    }
}

/// One version of the key of one field, set up for use.
pub struct Sealer {
    field: String,
    version: u32,
    gcm: Gcm,
    nonces: Macer,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Sealer({}, version {})", self.field, self.version)
    }
}

impl Sealer {
    /// A key of 32 secret bytes.
    pub fn new(field: &str, version: u32, secret: &[u8; 32]) -> Self {
        Self {
            field: field.to_owned(),
            version,
            gcm: Gcm::new(derive(secret, "zhengtong/seal/sm4-gcm")),
            nonces: Macer::new(&derive(secret, "zhengtong/seal/nonce")),
        }
    }

    /// The version of the key.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Seals bytes for a place; only at this place can they be opened.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let code = self.nonces.over(&[place.as_bytes(), plain]);
        let mut nonce = [0_u8; 12];
        for (to, from) in nonce.iter_mut().zip(code) {
            *to = from;
        }
        let mut sealed = Vec::with_capacity(HEAD_BYTES + plain.len() + 16);
        sealed.extend([MAGIC, FORM]);
        sealed.extend(self.version.to_be_bytes());
        sealed.extend(nonce);
        let body = self.gcm.seal(nonce, &self.bound(place), plain);
        sealed.extend(body.ok_or(SealError::NotSealed)?);
        Ok(sealed)
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (version, nonce, body) = parts(sealed)?;
        if version != self.version {
            return Err(SealError::NoVersion { field: self.field.clone(), version });
        }
        let plain = self.gcm.open(nonce, &self.bound(place), body);
        plain.ok_or_else(|| SealError::Altered(self.field.clone()))
    }

    /// What the tag covers besides the ciphertext: form, version, field and place.
    fn bound(&self, place: &str) -> Vec<u8> {
        let mut bound = Vec::with_capacity(8 + self.field.len() + place.len());
        bound.extend([MAGIC, FORM]);
        bound.extend(self.version.to_be_bytes());
        bound.extend(self.field.as_bytes());
        bound.push(0);
        bound.extend(place.as_bytes());
        bound
    }
}

/// The version of the key under which bytes are sealed.
pub fn version_of(sealed: &[u8]) -> Result<u32, SealError> {
    parts(sealed).map(|(version, _, _)| version)
}

fn parts(sealed: &[u8]) -> Result<(u32, [u8; 12], &[u8]), SealError> {
    let (head, rest) = sealed.split_first_chunk::<2>().ok_or(SealError::NotSealed)?;
    let (version, rest) = rest.split_first_chunk::<4>().ok_or(SealError::NotSealed)?;
    let (nonce, body) = rest.split_first_chunk::<12>().ok_or(SealError::NotSealed)?;
    if *head != [MAGIC, FORM] || body.len() < 16 {
        return Err(SealError::NotSealed);
    }
    Ok((u32::from_be_bytes(*version), *nonce, body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::parse_hex;

    /// RFC 8998, appendix A.1.
    #[test]
    fn vector_of_rfc_8998() {
        let gcm = Gcm::new(parse_hex("0123456789abcdeffedcba9876543210").unwrap());
        let nonce = parse_hex("00001234567800000000abcd").unwrap();
        let aad: [u8; 20] = parse_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2").unwrap();
        let plain: Vec<u8> = [0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0xee, 0xaa]
            .into_iter()
            .flat_map(|byte| [byte; 8])
            .collect();
        let sealed = gcm.seal(nonce, &aad, &plain).unwrap();
        assert_eq!(
            hex::encode(&sealed),
            "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735\
             d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d\
             83de3541e4c2b58177e065a9bf7b62ec"
        );
        assert_eq!(gcm.open(nonce, &aad, &sealed), Some(plain));
    }

    #[test]
    fn opens_only_what_was_sealed_here() {
        let sealer = Sealer::new("party.person.phone", 3, &[7; 32]);
        let sealed = sealer.seal("row 1", "13800000000".as_bytes()).unwrap();
        assert_eq!(sealer.open("row 1", &sealed).unwrap(), b"13800000000");
        assert_eq!(version_of(&sealed), Ok(3));
        let altered = Err(SealError::Altered("party.person.phone".to_owned()));
        // Swapped with another row, another field, another key.
        assert_eq!(sealer.open("row 2", &sealed), altered);
        let other = Sealer::new("party.person.phone", 3, &[8; 32]);
        assert_eq!(other.open("row 1", &sealed), altered);
        let other = Sealer::new("party.person.id_number", 3, &[7; 32]);
        assert!(other.open("row 1", &sealed).is_err());
        let newer = Sealer::new("party.person.phone", 4, &[7; 32]);
        assert!(matches!(
            newer.open("row 1", &sealed),
            Err(SealError::NoVersion { version: 3, .. })
        ));
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_found() {
        let sealer = Sealer::new("f", 1, &[7; 32]);
        let sealed = sealer.seal("p", b"330102199001011234").unwrap();
        for place in 0..sealed.len() {
            for bit in 0..8 {
                let mut flipped = sealed.clone();
                flipped[place] ^= 1 << bit;
                assert!(sealer.open("p", &flipped).is_err(), "byte {place} bit {bit}");
            }
            assert!(sealer.open("p", &sealed[..place]).is_err(), "cut at {place}");
        }
        assert_eq!(sealer.open("p", b"330102199001011234"), Err(SealError::NotSealed));
    }

    #[test]
    fn nonces_follow_from_place_and_value() {
        let sealer = Sealer::new("f", 1, &[7; 32]);
        let nonce = |place: &str, plain: &[u8]| sealer.seal(place, plain).unwrap()[6..18].to_vec();
        assert_eq!(nonce("a", b"x"), nonce("a", b"x"));
        assert_ne!(nonce("a", b"x"), nonce("b", b"x"));
        assert_ne!(nonce("a", b"x"), nonce("a", b"y"));
    }

    #[test]
    fn keys_are_not_shown() {
        assert_eq!(format!("{:?}", Sealer::new("f", 1, &[7; 32])), "Sealer(f, version 1)");
    }
}
