//! Reads the one file of a backup, and finds whatever was altered in it.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use zhengtong_crypto::stream::Place;
use zhengtong_crypto::{Digest, Hasher, Signature, StreamKey, VerifyingKey};

use crate::base;
use crate::error::{Error, Result};
use crate::key::Passphrase;
use crate::manifest::{FORM, Header, Manifest, Piece, Signed};
use crate::write::{BEGIN, CHUNK_BYTES, END, unpack};

/// Most bytes of a header, a manifest or a signature.
const TEXT_BYTES_MAX: u32 = 64 * 1024 * 1024;
/// Most bytes of a sealed chunk.
const SEALED_BYTES_MAX: usize = CHUNK_BYTES + 64;

/// A backup whose manifest was read and whose signature fits.
#[derive(Debug)]
pub struct Backup {
    /// The file.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: u64,
    /// The manifest.
    pub manifest: Manifest,
    /// The header.
    pub header: Header,
    /// The key that signed.
    pub key: VerifyingKey,
}

/// The ends of the parts at the end of the file.
struct Ends {
    manifest: (u64, u32),
    signed: (u64, u32),
}

impl Backup {
    /// Reads header, manifest and signature. With `trusted` keys, others are refused.
    pub fn open(path: &Path, trusted: &[VerifyingKey]) -> Result<Self> {
        let what = || format!("reading {}", path.display());
        let mut file = File::open(path).map_err(Error::io(what()))?;
        let bytes = file.metadata().map_err(Error::io(what()))?.len();
        let head = part(&mut file, 0, 12).map_err(|_short| Error::NotABackup(path.to_owned()))?;
        if head.get(..8) != Some(&BEGIN[..]) {
            let name = path.extension().is_some_and(|ending| ending == "ztb");
            return Err(if name {
                Error::altered(path, "the first bytes")
            } else {
                Error::NotABackup(path.to_owned())
            });
        }
        let ends = ends(&mut file, bytes).ok_or_else(|| Error::altered(path, "the end"))?;
        let text = part(&mut file, ends.manifest.0, ends.manifest.1).map_err(Error::io(what()))?;
        let signed = part(&mut file, ends.signed.0, ends.signed.1).map_err(Error::io(what()))?;
        let key = signed_by(&text, &signed)
            .ok_or_else(|| Error::altered(path, "the manifest or its signature"))?;
        if !trusted.is_empty() && !trusted.contains(&key) {
            return Err(Error::OtherKey(key.to_string()));
        }
        let manifest: Manifest =
            serde_json::from_slice(&text).map_err(|_form| Error::NotABackup(path.to_owned()))?;
        let header_length = number(head.get(8..).unwrap_or_default());
        let begin = u64::from(header_length) + 12;
        let broken = || Error::altered(path, "the header");
        if header_length > TEXT_BYTES_MAX || !adjoin(&manifest, begin, ends.manifest.0) {
            return Err(broken());
        }
        let header_text = part(&mut file, 12, header_length).map_err(|_short| broken())?;
        if Digest::of(&header_text).to_string() != manifest.header_sm3 {
            return Err(broken());
        }
        let header: Header = serde_json::from_slice(&header_text).map_err(|_form| broken())?;
        if header.form != FORM || header.id != manifest.id {
            return Err(Error::NotABackup(path.to_owned()));
        }
        Ok(Self { path: path.to_owned(), bytes, manifest, header, key })
    }

    /// Reads every byte of every piece and compares its digests; with the passphrase every chunk is opened
    /// as well, and an altered one is named.
    pub fn check(&self, pass: Option<&Passphrase>, seen: &mut dyn FnMut(u64)) -> Result<()> {
        let key = pass.map(|pass| pass.open(&self.header)).transpose()?;
        for piece in &self.manifest.pieces {
            let digests = self.digests(piece, seen).map_err(Error::io("reading the backup"))?;
            let sound = digests == (piece.sm3.clone(), piece.sha256.clone());
            if let Some(key) = &key {
                self.open_all(piece, key)?;
            }
            if !sound {
                return Err(Error::altered(&self.path, format!("the piece {}", piece.name)));
            }
        }
        Ok(())
    }

    /// The same for this backup and all those that it builds on, which must lie beside it.
    pub fn check_all(&self, pass: Option<&Passphrase>, seen: &mut dyn FnMut(u64)) -> Result<()> {
        self.check(pass, seen)?;
        for base in base::bases(self)? {
            base.check(pass, seen)?;
        }
        Ok(())
    }

    /// The plain bytes of a piece.
    pub(crate) fn piece<'b>(&'b self, name: &str, key: &'b StreamKey) -> Result<Opened<'b>> {
        let (stream, piece) = self
            .manifest
            .piece(name)
            .ok_or_else(|| Error::altered(&self.path, format!("no piece {name}")))?;
        let reader = self.raw(piece).map_err(Error::io("reading the backup"))?;
        Ok(Opened {
            reader,
            key,
            bound: &self.manifest.header_sm3,
            name: name.to_owned(),
            stream,
            chunks: piece.chunks,
            next: 0,
            buffer: io::Cursor::new(Vec::new()),
        })
    }

    fn raw(&self, piece: &Piece) -> io::Result<io::Take<BufReader<File>>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(piece.offset))?;
        Ok(BufReader::with_capacity(CHUNK_BYTES, file).take(piece.bytes))
    }

    fn digests(&self, piece: &Piece, seen: &mut dyn FnMut(u64)) -> io::Result<(String, String)> {
        let mut reader = self.raw(piece)?;
        let (mut sm3, mut sha256) = (Hasher::new(), Sha256::new());
        let mut chunk = vec![0_u8; CHUNK_BYTES];
        loop {
            let count = reader.read(&mut chunk)?;
            let bytes = chunk.get(..count).unwrap_or_default();
            if bytes.is_empty() {
                return Ok((sm3.finish().to_string(), hex::encode(sha256.finalize())));
            }
            sm3.update(bytes);
            sha256.update(bytes);
            seen(u64::try_from(count).unwrap_or(0));
        }
    }

    fn open_all(&self, piece: &Piece, key: &StreamKey) -> Result<()> {
        let mut opened = self.piece(&piece.name, key)?;
        let bytes = io::copy(&mut opened, &mut io::sink())
            .map_err(|error| Error::altered(&self.path, error.to_string()))?;
        if bytes == piece.plain_bytes {
            return Ok(());
        }
        Err(Error::altered(&self.path, format!("the length of the piece {}", piece.name)))
    }
}

fn part(file: &mut File, offset: u64, length: u32) -> io::Result<Vec<u8>> {
    if length > TEXT_BYTES_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |number, byte| (number << 8) | u32::from(*byte))
}

fn ends(file: &mut File, bytes: u64) -> Option<Ends> {
    let tail = part(file, bytes.checked_sub(16)?, 16).ok()?;
    if tail.get(8..) != Some(&END[..]) {
        return None;
    }
    let manifest = number(tail.get(..4)?);
    let signed = number(tail.get(4..8)?);
    let signed_at = bytes.checked_sub(16 + u64::from(signed))?;
    let manifest_at = signed_at.checked_sub(u64::from(manifest))?;
    let fits = manifest <= TEXT_BYTES_MAX && signed <= TEXT_BYTES_MAX;
    fits.then_some(Ends { manifest: (manifest_at, manifest), signed: (signed_at, signed) })
}

/// The key whose signature over the manifest fits; only the one form of it is accepted.
fn signed_by(manifest: &[u8], signed: &[u8]) -> Option<VerifyingKey> {
    let read: Signed = serde_json::from_slice(signed).ok()?;
    if serde_json::to_vec(&read).ok()? != signed {
        return None;
    }
    let key: VerifyingKey = read.key.parse().ok()?;
    let signature: Signature = read.signature.parse().ok()?;
    key.verify(manifest, &signature).ok()?;
    Some(key)
}

/// Every byte between the header and the manifest belongs to exactly one piece.
fn adjoin(manifest: &Manifest, begin: u64, end: u64) -> bool {
    let mut at = begin;
    for piece in &manifest.pieces {
        if piece.offset != at {
            return false;
        }
        let Some(next) = at.checked_add(piece.bytes) else { return false };
        at = next;
    }
    at == end
}

/// The plain bytes of a piece, chunk by chunk; an altered chunk ends it with an error.
pub(crate) struct Opened<'b> {
    reader: io::Take<BufReader<File>>,
    key: &'b StreamKey,
    bound: &'b str,
    name: String,
    stream: u32,
    chunks: u32,
    next: u32,
    buffer: io::Cursor<Vec<u8>>,
}

impl Opened<'_> {
    fn chunk(&mut self) -> Option<Vec<u8>> {
        let mut head = [0_u8; 4];
        self.reader.read_exact(&mut head).ok()?;
        let length = usize::try_from(number(&head)).ok()?;
        if length > SEALED_BYTES_MAX {
            return None;
        }
        let mut sealed = vec![0; length];
        self.reader.read_exact(&mut sealed).ok()?;
        let last = self.next + 1 == self.chunks;
        let place = Place { stream: self.stream, piece: self.next, last };
        let plain = self.key.open(place, self.bound.as_bytes(), &sealed).ok()?;
        unpack(&plain)
    }
}

impl Read for Opened<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.buffer.read(into)?;
            if count > 0 || into.is_empty() || self.next == self.chunks {
                return Ok(count);
            }
            let number = self.next;
            let chunk = self.chunk().ok_or_else(|| {
                let what = format!("the piece {}, chunk {}", self.name, number + 1);
                io::Error::new(io::ErrorKind::InvalidData, what)
            })?;
            self.buffer = io::Cursor::new(chunk);
            self.next += 1;
        }
    }
}
