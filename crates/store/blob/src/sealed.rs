//! Files as they stand on the disk: sealed under a key of their own that is wrapped under the field key, or plain,
//! from before there were keys. What is read here is always the plain bytes.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use zhengtong_crypto::{
    Digest, END_BYTES, FILE_MAGIC, FileCheck, FileEnd, FileSealer, Hasher, Keyring, SealError,
    Secret, StreamKey,
};

use crate::blobs::Stored;
use crate::error::{Error, Result};

/// The field under whose key the keys of files are wrapped.
pub(crate) const FILE: &str = "blob.file";
/// The fields of this crate that need keys.
pub const SEALED: &[&str] = &[FILE];

/// Bytes that are read at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// Turns what comes in into what is written.
pub(crate) enum Intake {
    /// Without keys, files stand as they are.
    Plain { hasher: Box<Hasher>, size: u64 },
    /// With keys, each under its own.
    Sealed { sealer: Box<FileSealer>, secret: Secret, ring: Keyring, begun: Vec<u8> },
}

impl Intake {
    pub(crate) fn new(ring: Option<&Keyring>) -> Result<Self> {
        let Some(ring) = ring else {
            return Ok(Self::Plain { hasher: Box::new(Hasher::new()), size: 0 });
        };
        let mut secret: Secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|error| Error::Disk(io::Error::other(error)))?;
        let mut begun = Vec::new();
        let sealer = Box::new(FileSealer::begin(&secret, &mut begun));
        Ok(Self::Sealed { sealer, secret, ring: ring.clone(), begun })
    }

    /// What is to be written for the next bytes.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<Vec<u8>> {
        match self {
            Self::Plain { hasher, size } => {
                hasher.update(bytes);
                *size = size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                Ok(bytes.to_vec())
            }
            Self::Sealed { sealer, begun, .. } => {
                let mut out = std::mem::take(begun);
                sealer.update(bytes, &mut out).map_err(unsealable)?;
                Ok(out)
            }
        }
    }

    /// The last that is to be written, and what the file is.
    pub(crate) fn finish(self) -> Result<(Vec<u8>, Stored)> {
        match self {
            Self::Plain { hasher, size } => {
                Ok((Vec::new(), Stored { digest: hasher.finish(), size }))
            }
            Self::Sealed { sealer, secret, ring, begun } => {
                let mut out = begun;
                let wrap = |digest: Digest| ring.seal(FILE, &digest.to_string(), &secret);
                let (digest, size) = sealer.finish(wrap, &mut out).map_err(unsealable)?;
                Ok((out, Stored { digest, size }))
            }
        }
    }
}

/// Seals everything that a reader gives into a file that is written.
pub(crate) fn copy(
    ring: Option<&Keyring>,
    mut from: impl Read,
    to: &mut impl io::Write,
) -> Result<Stored> {
    let mut intake = Intake::new(ring)?;
    let mut chunk = vec![0_u8; CHUNK_BYTES];
    loop {
        let count = from.read(&mut chunk)?;
        let bytes = chunk.get(..count).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        to.write_all(&intake.take(bytes)?)?;
    }
    let (last, stored) = intake.finish()?;
    to.write_all(&last)?;
    Ok(stored)
}

/// A file on the disk, read as its plain bytes from any place on.
pub(crate) struct Opened {
    file: File,
    digest: Digest,
    size: u64,
    at: u64,
    sealed: Option<Pieces>,
}

struct Pieces {
    key: StreamKey,
    end: FileEnd,
    /// The piece that was opened last.
    open: Option<(u64, Vec<u8>)>,
}

impl Opened {
    pub(crate) fn new(mut file: File, digest: Digest, ring: Option<&Keyring>) -> Result<Self> {
        let length = file.metadata()?.len();
        let Some(end) = end_of(&mut file, length, digest)? else {
            file.rewind()?;
            return Ok(Self { file, digest, size: length, at: 0, sealed: None });
        };
        let size = end.size;
        let key = match unwrap(ring, digest, &end) {
            Ok(key) => key,
            // A key that does not fit, or a file that is no longer what was written?
            Err(_) if !is_whole(&mut file, digest)? => return Err(Error::Altered(digest)),
            Err(error) => return Err(Error::NoKey { digest, error }),
        };
        Ok(Self { file, digest, size, at: 0, sealed: Some(Pieces { key, end, open: None }) })
    }

    /// The size of the plain bytes.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Whether it stands sealed, and under which version of the key.
    pub(crate) fn version(&self) -> Option<u32> {
        let pieces = self.sealed.as_ref()?;
        zhengtong_crypto::seal::version_of(&pieces.end.wrapped).ok()
    }

    fn altered(&self) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, Error::Altered(self.digest))
    }

    fn read_sealed(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let altered = self.altered();
        let Some(pieces) = &mut self.sealed else { return Ok(0) };
        let full = u64::try_from(zhengtong_crypto::file::PIECE_BYTES).unwrap_or(u64::MAX);
        let number = self.at / full;
        if self.at >= self.size {
            return Ok(0);
        }
        if pieces.open.as_ref().is_none_or(|(open, _)| *open != number) {
            let (at, length) = pieces.end.piece_at(number);
            self.file.seek(SeekFrom::Start(at))?;
            let mut sealed = vec![0; usize::try_from(length).map_err(io::Error::other)?];
            self.file.read_exact(&mut sealed)?;
            match pieces.end.open(&pieces.key, number, &sealed) {
                Ok(plain) => pieces.open = Some((number, plain)),
                Err(_) => return Err(altered),
            }
        }
        let Some((_, plain)) = &pieces.open else { return Ok(0) };
        let within = usize::try_from(self.at % full).map_err(io::Error::other)?;
        let rest = plain.get(within..).unwrap_or_default();
        let count = rest.len().min(into.len());
        for (to, from) in into.iter_mut().zip(rest) {
            *to = *from;
        }
        self.at += u64::try_from(count).unwrap_or(0);
        Ok(count)
    }
}

impl Read for Opened {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.sealed.is_some() { self.read_sealed(into) } else { self.file.read(into) }
    }
}

impl Seek for Opened {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        if self.sealed.is_none() {
            return self.file.seek(to);
        }
        let wanted = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = wanted.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

/// The size of the plain bytes of a file, for which no key is needed.
pub(crate) fn size_of(mut file: File, digest: Digest) -> Result<u64> {
    let length = file.metadata()?.len();
    Ok(end_of(&mut file, length, digest)?.map_or(length, |end| end.size))
}

/// The end of a sealed file; none when it stands plain.
fn end_of(file: &mut File, length: u64, digest: Digest) -> Result<Option<FileEnd>> {
    let mut head = [0; FILE_MAGIC.len()];
    let around = u64::try_from(FILE_MAGIC.len() + END_BYTES).unwrap_or(u64::MAX);
    if length < around {
        return Ok(None);
    }
    file.read_exact(&mut head)?;
    if head != *FILE_MAGIC {
        return Ok(None);
    }
    let mut end = vec![0; END_BYTES];
    file.seek(SeekFrom::End(-i64::try_from(END_BYTES).unwrap_or(0)))?;
    file.read_exact(&mut end)?;
    let end = FileEnd::parse(&end, length).filter(|end| end.digest == digest);
    end.map(Some).ok_or(Error::Altered(digest))
}

fn unwrap(
    ring: Option<&Keyring>,
    digest: Digest,
    end: &FileEnd,
) -> std::result::Result<StreamKey, SealError> {
    let ring = ring.ok_or_else(|| SealError::NoKey(FILE.to_owned()))?;
    let secret = ring.open(FILE, &digest.to_string(), &end.wrapped)?;
    let secret: Secret = secret.try_into().map_err(|_length| SealError::NotSealed)?;
    Ok(StreamKey::new(&secret))
}

/// Whether the file is what was written, which is told without a key.
fn is_whole(file: &mut File, digest: Digest) -> Result<bool> {
    file.rewind()?;
    let mut check = FileCheck::default();
    let mut chunk = vec![0_u8; CHUNK_BYTES];
    loop {
        let count = file.read(&mut chunk)?;
        let bytes = chunk.get(..count).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(check.fits(digest));
        }
        check.update(bytes);
    }
}

fn unsealable(error: SealError) -> Error {
    Error::Seal(error)
}
