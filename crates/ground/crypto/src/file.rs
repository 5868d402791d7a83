//! A file that stands sealed: pieces of 64 KiB under a key of its own, and an end that holds this key wrapped, the
//! size and the digest of the plain bytes, and a digest over everything before. The digest over everything is for
//! those who have no key: a copy on its way, a backup, a check of the disk find every flipped byte without it. Who has
//! the key is not told by it but by the tags of the pieces.

use crate::digest::{Digest, Hasher};
use crate::keyring::Secret;
use crate::seal::SealError;
use crate::stream::{Place, StreamKey};

/// How a sealed file begins.
pub const FILE_MAGIC: &[u8; 8] = b"ZTFILE1\n";
/// Plain bytes of a piece; only the last may have fewer.
pub const PIECE_BYTES: usize = 64 * 1024;
/// What a tag adds to a piece.
const TAG_BYTES: u64 = 16;
/// A wrapped key: the head of sealed bytes, the key, the tag.
const WRAPPED_BYTES: usize = 18 + 32 + 16;
/// Bytes of a digest.
const DIGEST_BYTES: usize = 32;
/// Bytes after the pieces.
pub const END_BYTES: usize = WRAPPED_BYTES + 8 + DIGEST_BYTES + DIGEST_BYTES;

/// Seals a file that comes piece by piece.
pub struct FileSealer {
    key: StreamKey,
    next: u32,
    pending: Vec<u8>,
    plain: Hasher,
    size: u64,
    all: Hasher,
}

/// What the end of a sealed file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEnd {
    /// The key of the file, wrapped.
    pub wrapped: Vec<u8>,
    /// The size of the plain bytes.
    pub size: u64,
    /// Their digest.
    pub digest: Digest,
}

/// Checks a file, sealed or plain, against the digest that is its name, without any key.
pub struct FileCheck {
    /// The first bytes, until it is known what it is.
    head: Vec<u8>,
    is_sealed: bool,
    hasher: Hasher,
    /// The last bytes of a sealed file, which may be its end.
    tail: Vec<u8>,
}

impl FileSealer {
    /// Begins a file under a fresh key; `out` gets what is to be written.
    pub fn begin(secret: &Secret, out: &mut Vec<u8>) -> Self {
        out.extend_from_slice(FILE_MAGIC);
        let mut all = Hasher::new();
        all.update(FILE_MAGIC);
        let pending = Vec::with_capacity(PIECE_BYTES);
        let key = StreamKey::new(secret);
        Self { key, next: 0, pending, plain: Hasher::new(), size: 0, all }
    }

    /// Takes plain bytes.
    pub fn update(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) -> Result<(), SealError> {
        self.plain.update(bytes);
        self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        while !bytes.is_empty() {
            // A full piece waits until it is known whether another follows.
            if self.pending.len() == PIECE_BYTES {
                self.piece(false, out)?;
            }
            let free = PIECE_BYTES - self.pending.len();
            let (now, rest) = bytes.split_at(free.min(bytes.len()));
            self.pending.extend_from_slice(now);
            bytes = rest;
        }
        Ok(())
    }

    /// Ends the file; `wrap` wraps its key for the digest of its plain bytes. Gives digest and size.
    pub fn finish(
        mut self,
        wrap: impl FnOnce(Digest) -> Result<Vec<u8>, SealError>,
        out: &mut Vec<u8>,
    ) -> Result<(Digest, u64), SealError> {
        self.piece(true, out)?;
        let digest = self.plain.finish();
        let wrapped = wrap(digest)?;
        if wrapped.len() != WRAPPED_BYTES {
            return Err(SealError::NotSealed);
        }
        let from = out.len();
        out.extend_from_slice(&wrapped);
        out.extend_from_slice(&self.size.to_be_bytes());
        out.extend_from_slice(digest.as_bytes());
        self.all.update(out.get(from..).unwrap_or_default());
        out.extend_from_slice(self.all.finish().as_bytes());
        Ok((digest, self.size))
    }

    fn piece(&mut self, last: bool, out: &mut Vec<u8>) -> Result<(), SealError> {
        let place = Place { stream: 0, piece: self.next, last };
        let sealed = self.key.seal(place, &[], &self.pending)?;
        self.all.update(&sealed);
        out.extend_from_slice(&sealed);
        self.pending.clear();
        self.next = self.next.checked_add(1).ok_or(SealError::NotSealed)?;
        Ok(())
    }
}

impl FileEnd {
    /// Reads the last [`END_BYTES`] of a file of `length` bytes; none when they are no such end.
    pub fn parse(end: &[u8], length: u64) -> Option<Self> {
        let (wrapped, rest) = end.split_at_checked(WRAPPED_BYTES)?;
        let (size, rest) = rest.split_first_chunk::<8>()?;
        let (digest, rest) = rest.split_at_checked(DIGEST_BYTES)?;
        let size = u64::from_be_bytes(*size);
        let whole = rest.len() == DIGEST_BYTES && sealed_bytes(size) == Some(length);
        let digest = Digest::from_slice(digest)?;
        whole.then(|| Self { wrapped: wrapped.to_owned(), size, digest })
    }

    /// How many pieces the file has.
    pub fn pieces(&self) -> u64 {
        pieces(self.size)
    }

    /// Where a piece begins in the sealed file, and how many bytes it has there.
    pub fn piece_at(&self, number: u64) -> (u64, u64) {
        let full = bytes_of_piece();
        let begin = number.saturating_mul(full);
        let plain = self.size.saturating_sub(begin).min(full);
        let start = u64::try_from(FILE_MAGIC.len()).unwrap_or(0);
        (start.saturating_add(number.saturating_mul(full + TAG_BYTES)), plain + TAG_BYTES)
    }

    /// Opens a piece.
    pub fn open(&self, key: &StreamKey, number: u64, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let piece = u32::try_from(number).ok().ok_or(SealError::NotSealed)?;
        let place = Place { stream: 0, piece, last: number + 1 == self.pieces() };
        key.open(place, &[], sealed)
    }
}

impl Default for FileCheck {
    fn default() -> Self {
        Self { head: Vec::new(), is_sealed: false, hasher: Hasher::new(), tail: Vec::new() }
    }
}

impl FileCheck {
    /// Takes the next bytes as they stand on the disk.
    pub fn update(&mut self, bytes: &[u8]) {
        let want = FILE_MAGIC.len().saturating_sub(self.head.len());
        let (head, _) = bytes.split_at(want.min(bytes.len()));
        self.head.extend_from_slice(head);
        if self.head.len() == FILE_MAGIC.len() && self.head == FILE_MAGIC {
            self.is_sealed = true;
        }
        self.tail.extend_from_slice(bytes);
        let keep = END_BYTES.min(self.tail.len());
        let gone = self.tail.len() - keep;
        self.hasher.update(self.tail.get(..gone).unwrap_or_default());
        self.tail.drain(..gone);
    }

    /// Whether the file is the one of this name, as far as it can be told without a key.
    pub fn fits(mut self, name: Digest) -> bool {
        if !self.is_sealed {
            self.hasher.update(&self.tail);
            return self.hasher.finish() == name;
        }
        let Some(before) = self.tail.len().checked_sub(DIGEST_BYTES) else { return false };
        let (said, all) = self.tail.split_at(before);
        self.hasher.update(said);
        let digest = said.len().checked_sub(DIGEST_BYTES).and_then(|from| said.get(from..));
        digest == Some(name.as_bytes().as_slice())
            && self.hasher.finish().as_bytes().as_slice() == all
    }
}

fn bytes_of_piece() -> u64 {
    u64::try_from(PIECE_BYTES).unwrap_or(u64::MAX)
}

fn pieces(size: u64) -> u64 {
    size.div_ceil(bytes_of_piece()).max(1)
}

/// Bytes of a sealed file of so many plain ones.
fn sealed_bytes(size: u64) -> Option<u64> {
    let around = u64::try_from(FILE_MAGIC.len() + END_BYTES).ok()?;
    size.checked_add(pieces(size).checked_mul(TAG_BYTES)?)?.checked_add(around)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyring::Keyring;

    const FIELD: &str = "blob.file";

    fn sealed(plain: &[u8], step: usize) -> (Digest, Vec<u8>) {
        let mut out = Vec::new();
        let mut sealer = FileSealer::begin(&[3; 32], &mut out);
        for bytes in plain.chunks(step) {
            sealer.update(bytes, &mut out).unwrap();
        }
        let ring = Keyring::for_tests();
        let wrap = |digest: Digest| ring.seal(FIELD, &digest.to_string(), &[3; 32]);
        let (digest, size) = sealer.finish(wrap, &mut out).unwrap();
        assert_eq!((digest, size), (Digest::of(plain), plain.len() as u64));
        (digest, out)
    }

    fn fits(bytes: &[u8], name: Digest) -> bool {
        let mut check = FileCheck::default();
        for piece in bytes.chunks(1_000) {
            check.update(piece);
        }
        check.fits(name)
    }

    #[test]
    fn sizes_around_a_piece_open_again() {
        for size in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES] {
            let plain: Vec<u8> = (0..size).map(|at| u8::try_from(at % 251).unwrap()).collect();
            let (digest, file) = sealed(&plain, 10_007);
            assert_eq!(file, sealed(&plain, 70_000).1, "however it comes");
            let end = FileEnd::parse(&file[file.len() - END_BYTES..], file.len() as u64).unwrap();
            assert_eq!((end.size, end.digest), (size as u64, digest));
            let mut read = Vec::new();
            for number in 0..end.pieces() {
                let (at, length) = end.piece_at(number);
                let (at, length) = (usize::try_from(at).unwrap(), usize::try_from(length).unwrap());
                let key = StreamKey::new(&[3; 32]);
                read.extend(end.open(&key, number, &file[at..at + length]).unwrap());
            }
            assert!(read == plain, "{size}");
            assert!(fits(&file, digest));
            assert!(!file.windows(64).any(|window| size >= 64 && window == &plain[..64]));
        }
    }

    #[test]
    fn every_flipped_byte_is_found_without_a_key() {
        let (digest, file) = sealed(b"who lives where", 4);
        for at in 0..file.len() {
            let mut flipped = file.clone();
            flipped[at] ^= 1;
            assert!(!fits(&flipped, digest), "byte {at}");
            assert!(!fits(&file[..at], digest), "cut at {at}");
        }
        assert!(!fits(&file, Digest::of(b"another")), "under another name");
        assert!(fits(b"plain", Digest::of(b"plain")) && !fits(b"plaim", Digest::of(b"plain")));
    }
}
