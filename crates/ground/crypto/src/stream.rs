//! Long streams sealed piece by piece with SM4-GCM: every piece knows its stream, its number and whether it is
//! the last, so that none can be altered, moved, doubled or left out unseen.

use crate::mac::derive;
use crate::seal::{Gcm, SealError};

/// The place of one piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which stream under this key; each number is used once.
    pub stream: u32,
    /// Which piece of the stream, from 0.
    pub piece: u32,
    /// Whether no piece follows.
    pub last: bool,
}

/// A key for streams. A key must serve one set of streams only: it is derived from a fresh salt each time.
pub struct StreamKey {
    gcm: Gcm,
    check: [u8; 16],
}

impl StreamKey {
    /// The key of a secret of 32 uniformly random bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self {
            gcm: Gcm::new(derive(secret, "zhengtong stream")),
            check: derive(secret, "zhengtong stream check"),
        }
    }

    /// A value that tells whether a secret is the right one, and nothing else of it.
    pub fn check(&self) -> [u8; 16] {
        self.check
    }

    /// Seals one piece; `bound` is bound to it without being in it.
    pub fn seal(&self, place: Place, bound: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let sealed = self.gcm.seal(nonce(place), bound, plain);
        sealed.ok_or(SealError::NotSealed)
    }

    /// Opens one piece.
    pub fn open(&self, place: Place, bound: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let plain = self.gcm.open(nonce(place), bound, sealed);
        plain.ok_or_else(|| {
            SealError::Altered(format!("stream {} piece {}", place.stream, place.piece))
        })
    }
}

impl std::fmt::Debug for StreamKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("StreamKey")
    }
}

fn nonce(place: Place) -> [u8; 12] {
    let mut nonce = [0; 12];
    let bytes = place
        .stream
        .to_be_bytes()
        .into_iter()
        .chain(place.piece.to_be_bytes())
        .chain(u32::from(place.last).to_be_bytes());
    for (to, from) in nonce.iter_mut().zip(bytes) {
        *to = from;
    }
    nonce
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_opens_only_at_its_own_place() {
        let key = StreamKey::new(&[7; 32]);
        let at = |stream, piece, last| Place { stream, piece, last };
        let sealed = key.seal(at(1, 2, false), b"head", b"text").unwrap();
        assert_eq!(key.open(at(1, 2, false), b"head", &sealed).unwrap(), b"text");
        for (place, bound) in [
            (at(0, 2, false), &b"head"[..]),
            (at(1, 3, false), b"head"),
            (at(1, 2, true), b"head"),
            (at(1, 2, false), b"heal"),
        ] {
            assert!(key.open(place, bound, &sealed).is_err(), "{place:?}");
        }
        for byte in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[byte] ^= 1;
            assert!(key.open(at(1, 2, false), b"head", &flipped).is_err(), "byte {byte}");
        }
        assert_ne!(StreamKey::new(&[8; 32]).check(), key.check());
    }
}
