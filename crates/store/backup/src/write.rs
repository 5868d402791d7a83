//! Writes the one file of a backup: header, sealed pieces, signed manifest. It appears under its name only
//! when it is whole and on the disk.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use zhengtong_crypto::stream::Place;
use zhengtong_crypto::{Digest, Hasher, SigningKey, StreamKey};

use crate::error::{Error, Result};
use crate::manifest::{Header, Manifest, Piece, Signed};

/// The first bytes of a backup.
pub(crate) const BEGIN: &[u8; 8] = b"ZTBACK1\n";
/// The last bytes of a backup.
pub(crate) const END: &[u8; 8] = b"ZTBEND1\n";
/// Plain bytes that are sealed at once.
pub(crate) const CHUNK_BYTES: usize = 1024 * 1024;

/// A backup on its way to the disk.
pub(crate) struct Writer {
    out: Option<BufWriter<File>>,
    partial: PathBuf,
    path: PathBuf,
    key: StreamKey,
    /// The SM3 digest of the header; bound to every chunk.
    pub(crate) header_sm3: String,
    /// The header.
    pub(crate) header: Header,
    offset: u64,
    pieces: Vec<Piece>,
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.out.is_some() {
            // It did not come to its end: nothing of it is of use.
            drop(fs::remove_file(&self.partial));
        }
    }
}

impl Writer {
    pub(crate) fn create(path: &Path, header: Header, key: StreamKey) -> Result<Self> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        let partial = path.with_file_name(name);
        let what = || format!("writing {}", partial.display());
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&partial)
            .map_err(Error::io(what()))?;
        let text = serde_json::to_vec(&header)
            .map_err(|error| Error::io(what())(io::Error::other(error)))?;
        let mut writer = Self {
            out: Some(BufWriter::with_capacity(CHUNK_BYTES, file)),
            partial: partial.clone(),
            path: path.to_owned(),
            key,
            header_sm3: Digest::of(&text).to_string(),
            header,
            offset: 0,
            pieces: Vec::new(),
        };
        writer.put(BEGIN).and_then(|()| writer.put(&length(&text))).map_err(Error::io(what()))?;
        writer.put(&text).map_err(Error::io(what()))?;
        Ok(writer)
    }

    /// Begins a piece; everything written to it is compressed and sealed.
    pub(crate) fn piece<'w>(&'w mut self, name: &str, seen: &'w mut dyn FnMut(u64)) -> Sealed<'w> {
        let stream = u32::try_from(self.pieces.len()).unwrap_or(u32::MAX);
        let (name, offset) = (name.to_owned(), self.offset);
        Sealed {
            writer: self,
            seen,
            stream,
            name,
            offset,
            buffer: Vec::with_capacity(CHUNK_BYTES),
            chunks: 0,
            plain_bytes: 0,
            sm3: Hasher::new(),
            sha256: Sha256::new(),
        }
    }

    /// The pieces so far.
    pub(crate) fn pieces(&self) -> Vec<Piece> {
        self.pieces.clone()
    }

    /// Signs, and gives the file its name. Returns its bytes.
    pub(crate) fn finish(mut self, manifest: &Manifest, key: &SigningKey) -> Result<u64> {
        let what = format!("writing {}", self.path.display());
        self.close(manifest, key).map_err(Error::io(what))?;
        Ok(self.offset)
    }

    fn close(&mut self, manifest: &Manifest, key: &SigningKey) -> io::Result<()> {
        let manifest = serde_json::to_vec(manifest).map_err(io::Error::other)?;
        let signed = Signed {
            key: key.verifying_key().to_string(),
            signature: key.sign(&manifest).to_string(),
        };
        let signed = serde_json::to_vec(&signed).map_err(io::Error::other)?;
        let (manifest_length, signed_length) = (length(&manifest), length(&signed));
        for part in [&manifest[..], &signed, &manifest_length, &signed_length, END] {
            self.put(part)?;
        }
        let Some(out) = self.out.take() else { return Ok(()) };
        let written = out
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
            .and_then(|file| file.sync_all())
            .and_then(|()| fs::rename(&self.partial, &self.path))
            .and_then(|()| match self.path.parent() {
                Some(folder) if folder != Path::new("") => File::open(folder)?.sync_all(),
                _ => File::open(".")?.sync_all(),
            });
        if written.is_err() {
            drop(fs::remove_file(&self.partial));
        }
        written
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(out) = &mut self.out else { return Err(io::ErrorKind::BrokenPipe.into()) };
        out.write_all(bytes)?;
        self.offset += u64::try_from(bytes.len()).unwrap_or(0);
        Ok(())
    }
}

fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes()
}

/// A piece that is being written. Call [`Sealed::finish`] at its end.
pub(crate) struct Sealed<'w> {
    writer: &'w mut Writer,
    seen: &'w mut dyn FnMut(u64),
    stream: u32,
    name: String,
    offset: u64,
    buffer: Vec<u8>,
    chunks: u32,
    plain_bytes: u64,
    sm3: Hasher,
    sha256: Sha256,
}

impl Sealed<'_> {
    /// Seals what is left.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.seal(true)?;
        let piece = Piece {
            name: std::mem::take(&mut self.name),
            offset: self.offset,
            bytes: self.writer.offset - self.offset,
            plain_bytes: self.plain_bytes,
            chunks: self.chunks,
            sm3: self.sm3.finish().to_string(),
            sha256: hex::encode(self.sha256.finalize()),
        };
        self.writer.pieces.push(piece);
        Ok(())
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        let plain = pack(&self.buffer);
        let place = Place { stream: self.stream, piece: self.chunks, last };
        let bound = self.writer.header_sm3.as_bytes();
        let sealed = self.writer.key.seal(place, bound, &plain).map_err(io::Error::other)?;
        let head = length(&sealed);
        for part in [&head[..], &sealed] {
            self.sm3.update(part);
            self.sha256.update(part);
            self.writer.put(part)?;
        }
        let bytes = u64::try_from(self.buffer.len()).unwrap_or(0);
        self.plain_bytes += bytes;
        self.chunks += 1;
        self.buffer.clear();
        (self.seen)(bytes);
        Ok(())
    }
}

impl Write for Sealed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() == CHUNK_BYTES {
            self.seal(false)?;
        }
        let (now, _) = bytes.split_at(bytes.len().min(CHUNK_BYTES - self.buffer.len()));
        self.buffer.extend_from_slice(now);
        Ok(now.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Compressed when that makes it smaller; the first byte tells.
fn pack(plain: &[u8]) -> Vec<u8> {
    let packed = lz4_flex::block::compress(plain);
    let (method, body) = if packed.len() < plain.len() { (1, &packed[..]) } else { (0, plain) };
    let mut bytes = Vec::with_capacity(body.len() + 1);
    bytes.push(method);
    bytes.extend_from_slice(body);
    bytes
}

/// The plain bytes of a chunk.
pub(crate) fn unpack(bytes: &[u8]) -> Option<Vec<u8>> {
    let (method, body) = bytes.split_first()?;
    match method {
        0 => Some(body.to_vec()),
        1 => lz4_flex::block::decompress(body, CHUNK_BYTES).ok(),
        _ => None,
    }
}
