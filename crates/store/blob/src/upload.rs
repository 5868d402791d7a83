//! Uploads that may be broken off and resumed, also after a restart and from another device.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use zhengtong_crypto::Digest;

use crate::blobs::{
    Blobs, Stored, blocking, folder_entries, hash, make_folder, new_file, sync_folder,
};
use crate::error::{Error, Result};

/// Most characters of a name.
const NAME_CHARS_MAX: usize = 64;

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
        let name = name.to_owned();
        blocking(move || {
            for path in folder_entries(&folder)? {
                let file = path.file_name().and_then(|file| file.to_str()).unwrap_or_default();
                let size = match answer(file) {
                    Some(stored) => Some(stored.size),
                    None => file.parse().ok(),
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
        match tokio::fs::metadata(self.part(upload)).await {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.done(upload).await.map(|stored| stored.size)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Takes the bytes that begin at `offset`, which must be what has come so far; returns the next offset.
    /// When this returns, the bytes are on the disk for good.
    pub async fn append(&self, upload: &Upload, offset: u64, bytes: &[u8]) -> Result<u64> {
        self.upload_folder(&upload.name)?;
        let path = self.part(upload);
        let (size, bytes) = (upload.size, bytes.to_vec());
        blocking(move || {
            let mut file = locked(&path)?;
            let expected = file.seek(SeekFrom::End(0))?;
            if offset != expected {
                return Err(Error::Offset { expected });
            }
            let next = u64::try_from(bytes.len()).ok().and_then(|count| offset.checked_add(count));
            let Some(next) = next.filter(|next| *next <= size) else {
                return Err(Error::TooLarge { limit_bytes: size });
            };
            if let Err(error) = file.write_all(&bytes) {
                // What was written of it is taken back, so that the upload stands where it stood.
                file.set_len(expected)?;
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
        let outcome = blocking(move || {
            let file = locked(&path)?;
            let have = file.metadata()?.len();
            if have != size {
                return Err(Error::Incomplete { have, size });
            }
            file.sync_all()?;
            let stored = hash(File::open(&path)?)?;
            // The answer is written first: after a crash between the two the part is still there.
            let done = folder.join(format!("{DONE}{}-{}", stored.digest, stored.size));
            match new_file(&done) {
                Ok(file) => file.sync_all()?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
            sync_folder(&folder)?;
            blobs.settle(&path, stored.digest)?;
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

    fn part(&self, upload: &Upload) -> PathBuf {
        self.uploads().join(&upload.name).join(upload.size.to_string())
    }
}

/// The part of an upload, for this call alone.
fn locked(path: &std::path::Path) -> Result<File> {
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
