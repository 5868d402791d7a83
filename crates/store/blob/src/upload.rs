//! Uploads that may be broken off and resumed, also after a restart and from another device.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use zhengtong_crypto::{Digest, Keyring};

use crate::blobs::{
    Blobs, Incoming, Stored, blocking, folder_entries, hash, make_folder, new_file, sync_folder,
};
use crate::error::{Error, Result};
use crate::sealed::{FILE, Intake};

/// Most characters of a name.
const NAME_CHARS_MAX: usize = 64;

/// How the name of a part ends whose pieces stand sealed.
const PIECES: &str = ".pieces";
/// Bytes that say how long a piece is.
const COUNT_BYTES: u64 = 4;
/// What sealing adds to a piece: the head and the tag.
const AROUND_BYTES: u64 = 34;

/// How the file with the answer of a finished upload begins.
const DONE: &str = "done-";

/// An upload that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The name that the caller chose.
    pub name: String,
    /// The announced size in bytes.
    pub size: u64,
}

impl Blobs {
    /// Begins an upload of `size` bytes, or finds the one of this name and size.
    pub async fn begin(&self, name: &str, size: u64, limit: u64) -> Result<Upload> {
        if size > limit {
            return Err(Error::TooLarge { limit_bytes: limit });
        }
        match self.find(name).await {
            Ok(upload) if upload.size == size => return Ok(upload),
            Ok(upload) => return Err(Error::OtherSize { size: upload.size }),
            Err(Error::NoUpload) => {}
            Err(error) => return Err(error),
        }
        let upload = Upload { name: name.to_owned(), size };
        let (path, uploads) = (self.part(&upload), self.uploads());
        blocking(move || {
            let folder = path.parent().unwrap_or(&uploads);
            make_folder(folder)?;
            match new_file(&path) {
                Ok(file) => file.sync_all()?,
                // Begun twice at the same moment.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
            sync_folder(folder)?;
            sync_folder(&uploads)
        })
        .await?;
        Ok(upload)
    }

    /// The upload of a name that was begun before.
    pub async fn find(&self, name: &str) -> Result<Upload> {
        let folder = self.upload_folder(name)?;
        let (name, sealed) = (name.to_owned(), self.ring().is_some());
        blocking(move || {
            for path in folder_entries(&folder)? {
                let file = path.file_name().and_then(|file| file.to_str()).unwrap_or_default();
                let size = match answer(file) {
                    Some(stored) => Some(stored.size),
                    None => part_size(file, sealed),
                };
                if let Some(size) = size {
                    return Ok(Upload { name, size });
                }
            }
            Err(Error::NoUpload)
        })
        .await
    }

    /// How many bytes of an upload have come.
    pub async fn offset(&self, upload: &Upload) -> Result<u64> {
        self.upload_folder(&upload.name)?;
        let (path, sealed) = (self.part(upload), self.ring().is_some());
        let come = blocking(move || match File::open(path) {
            Ok(mut file) => come(&mut file, sealed).map(|come| Some(come.plain)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        });
        match come.await? {
            Some(come) => Ok(come),
            None => self.done(upload).await.map(|stored| stored.size),
        }
    }

    /// Takes the bytes that begin at `offset`, which must be what has come so far; returns the next offset.
    /// When this returns, the bytes are on the disk for good.
    pub async fn append(&self, upload: &Upload, offset: u64, bytes: &[u8]) -> Result<u64> {
        self.upload_folder(&upload.name)?;
        let path = self.part(upload);
        let (size, bytes) = (upload.size, bytes.to_vec());
        let (ring, name) = (self.ring().cloned(), upload.name.clone());
        blocking(move || {
            let mut file = locked(&path)?;
            let come = come(&mut file, ring.is_some())?;
            let expected = come.plain;
            if offset != expected {
                return Err(Error::Offset { expected });
            }
            let next = u64::try_from(bytes.len()).ok().and_then(|count| offset.checked_add(count));
            let Some(next) = next.filter(|next| *next <= size) else {
                return Err(Error::TooLarge { limit_bytes: size });
            };
            let written = match &ring {
                Some(ring) => piece(ring, &name, offset, &bytes)?,
                None => bytes,
            };
            // A piece that a power cut tore is taken back with it.
            file.set_len(come.stored)?;
            file.seek(SeekFrom::Start(come.stored))?;
            if let Err(error) = file.write_all(&written) {
                // What was written of it is taken back, so that the upload stands where it stood.
                file.set_len(come.stored)?;
                return Err(error.into());
            }
            file.sync_data()?;
            Ok(next)
        })
        .await
    }

    /// Makes a complete upload a file. May be repeated: the answer is the same until the upload is swept.
    pub async fn finish(&self, upload: &Upload) -> Result<Stored> {
        let folder = self.upload_folder(&upload.name)?;
        let (blobs, path, size) = (self.clone(), self.part(upload), upload.size);
        let name = upload.name.clone();
        let outcome = blocking(move || {
            let mut file = locked(&path)?;
            let have = come(&mut file, blobs.ring().is_some())?.plain;
            if have != size {
                return Err(Error::Incomplete { have, size });
            }
            file.sync_all()?;
            let whole = blobs.whole(&path, &name)?;
            let stored =
                whole.as_ref().map_or_else(|| hash(File::open(&path)?), |(_, it)| Ok(*it))?;
            // The answer is written first: after a crash between the two the part is still there.
            let done = folder.join(format!("{DONE}{}-{}", stored.digest, stored.size));
            match new_file(&done) {
                Ok(file) => file.sync_all()?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
            sync_folder(&folder)?;
            match whole {
                Some((incoming, _)) => {
                    blobs.settle(&incoming.0, stored.digest)?;
                    fs::remove_file(&path)?;
                }
                None => blobs.settle(&path, stored.digest)?,
            }
            Ok(stored)
        })
        .await;
        match outcome {
            Err(Error::NoUpload) => self.done(upload).await,
            outcome => outcome,
        }
    }

    /// Forgets an upload; a finished file stays.
    pub async fn abandon(&self, upload: &Upload) -> Result<()> {
        let folder = self.upload_folder(&upload.name)?;
        blocking(move || match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        })
        .await
    }

    /// The answer of a finished upload.
    async fn done(&self, upload: &Upload) -> Result<Stored> {
        let (folder, size) = (self.upload_folder(&upload.name)?, upload.size);
        blocking(move || {
            folder_entries(&folder)?
                .iter()
                .filter_map(|path| answer(path.file_name()?.to_str()?))
                .find(|stored| stored.size == size)
                .ok_or(Error::NoUpload)
        })
        .await
    }

    fn upload_folder(&self, name: &str) -> Result<PathBuf> {
        let known =
            |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
        if name.is_empty() || name.len() > NAME_CHARS_MAX || !name.bytes().all(known) {
            return Err(Error::Name);
        }
        Ok(self.uploads().join(name))
    }

    /// The pieces of a complete upload sealed as one file; none when they stand plain.
    fn whole(&self, path: &Path, name: &str) -> Result<Option<(Incoming, Stored)>> {
        let Some(ring) = self.ring() else { return Ok(None) };
        let (incoming, mut file) = self.incoming_now()?;
        let mut part = File::open(path)?;
        let mut intake = Intake::new(Some(ring))?;
        let mut offset = 0;
        while let Some(sealed) = next_piece(&mut part)? {
            let plain =
                ring.open(FILE, &piece_place(name, offset), &sealed).map_err(Error::Seal)?;
            offset += u64::try_from(plain.len()).unwrap_or(0);
            file.write_all(&intake.take(&plain)?)?;
        }
        let (last, stored) = intake.finish()?;
        file.write_all(&last)?;
        file.sync_all()?;
        Ok(Some((incoming, stored)))
    }

    fn part(&self, upload: &Upload) -> PathBuf {
        let name = format!("{}{}", upload.size, if self.ring().is_some() { PIECES } else { "" });
        self.uploads().join(&upload.name).join(name)
    }
}

/// The size that the name of a part tells.
fn part_size(file: &str, sealed: bool) -> Option<u64> {
    let size = if sealed { file.strip_suffix(PIECES)? } else { file };
    size.parse().ok()
}

/// How much of an upload has come: plain bytes, and where the next piece begins.
struct Come {
    plain: u64,
    stored: u64,
}

/// Counts what has come. Of sealed pieces the last may be torn: then it has not come.
fn come(file: &mut File, sealed: bool) -> Result<Come> {
    let length = file.metadata()?.len();
    if !sealed {
        return Ok(Come { plain: length, stored: length });
    }
    file.rewind()?;
    let mut come = Come { plain: 0, stored: 0 };
    while length - come.stored >= COUNT_BYTES {
        let mut count = [0; 4];
        file.read_exact(&mut count)?;
        let bytes = u64::from(u32::from_be_bytes(count));
        if length - come.stored - COUNT_BYTES < bytes {
            break;
        }
        come.stored += COUNT_BYTES + bytes;
        come.plain += bytes.saturating_sub(AROUND_BYTES);
        file.seek(SeekFrom::Start(come.stored))?;
    }
    Ok(come)
}

/// One piece of an upload as it is written: its length and the sealed bytes.
fn piece(ring: &Keyring, name: &str, offset: u64, bytes: &[u8]) -> Result<Vec<u8>> {
    let sealed = ring.seal(FILE, &piece_place(name, offset), bytes).map_err(Error::Seal)?;
    let count = u32::try_from(sealed.len()).ok().ok_or(Error::TooLarge { limit_bytes: 0 })?;
    let mut written = count.to_be_bytes().to_vec();
    written.extend(sealed);
    Ok(written)
}

/// Where a piece stands: it opens only there.
fn piece_place(name: &str, offset: u64) -> String {
    format!("upload/{name}/{offset}")
}

fn next_piece(part: &mut File) -> Result<Option<Vec<u8>>> {
    let mut count = [0; 4];
    match part.read_exact(&mut count) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let count = u32::from_be_bytes(count);
    let mut sealed = vec![0; usize::try_from(count).map_err(io::Error::other)?];
    match part.read_exact(&mut sealed) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        other => other.map(|()| Some(sealed)).map_err(Error::from),
    }
}

/// The part of an upload, for this call alone.
fn locked(path: &Path) -> Result<File> {
    let file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Error::NoUpload),
        Err(error) => return Err(error.into()),
    };
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Busy),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// The answer that the name of a file tells.
fn answer(file: &str) -> Option<Stored> {
    let (digest, size) = file.strip_prefix(DONE)?.split_once('-')?;
    Some(Stored { digest: digest.parse::<Digest>().ok()?, size: size.parse().ok()? })
}
