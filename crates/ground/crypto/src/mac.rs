//! HMAC over SM3, and keys derived from keys by HKDF-Expand (RFC 5869) with a label, so that one secret
//! never serves two purposes.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sm3::Sm3;

/// HMAC-SM3 with a key that is set up once and used often.
#[derive(Clone)]
pub(crate) struct Macer(Hmac<Sm3>);

impl Macer {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        // A key of 32 bytes is shorter than a block of SM3, so it stands there as it is.
        let mut block = [0_u8; 64];
        for (to, from) in block.iter_mut().zip(key) {
            *to = *from;
        }
        Self(Hmac::new(&block.into()))
    }

    /// The code over parts, each with its length before it, so that parts cannot be moved into each other.
    pub(crate) fn over(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    fn plain(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// HMAC-SM3 of a message under a key of 32 bytes.
pub fn hmac_sm3(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    Macer::new(key).plain(&[message])
}

/// A key of `N` bytes for one purpose: HKDF-Expand over HMAC-SM3, the purpose as its label. The secret
/// must be uniformly random already, as every key of the platform is.
pub fn derive<const N: usize>(secret: &[u8; 32], purpose: &str) -> [u8; N] {
    let macer = Macer::new(secret);
    let mut out = [0_u8; N];
    let mut block: Vec<u8> = Vec::new();
    for (chunk, number) in out.chunks_mut(32).zip(1_u8..) {
        block = macer.plain(&[&block, purpose.as_bytes(), &[number]]).to_vec();
        for (to, from) in chunk.iter_mut().zip(&block) {
            *to = *from;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::parse_hex;

    fn key() -> [u8; 32] {
        parse_hex("0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20").unwrap()
    }

    /// The values were computed by another implementation (OpenSSL 3.0, `mac` and `kdf`).
    #[test]
    fn agrees_with_another_implementation() {
        let message = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        assert_eq!(
            hex::encode(hmac_sm3(&key(), message)),
            "be190a66f210be0df56c243d5c1a53e9301fd3f0313244a412f6ae97ab7fe407"
        );
        assert_eq!(
            hex::encode(derive::<42>(&key(), "zhengtong/seal")),
            "cf2e893c5699e2590315ee88242a5ff15d436e629e0f2b5474236fae901339ebb199269a518a48b2bd52"
        );
    }

    #[test]
    fn purposes_and_parts_are_kept_apart() {
        assert_ne!(derive::<16>(&key(), "a"), derive::<16>(&key(), "b"));
        let macer = Macer::new(&key());
        assert_ne!(macer.over(&[b"ab", b"c"]), macer.over(&[b"a", b"bc"]));
        assert_ne!(macer.over(&[b"ab"]), macer.over(&[b"ab", b""]));
    }
}
