//! The folder of files: taking in, giving out, checking, sweeping.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use zhengtong_crypto::digest::Hasher;
use zhengtong_crypto::{Digest, Keyring};

use crate::error::{Error, Result};
use crate::kind::{FileKind, inspect};
use crate::reader::Reader;
use crate::scan::Scanner;
use crate::sealed::{self, Intake, Opened};

/// A folder of files by digest. Clones share it.
#[derive(Clone, Debug)]
pub struct Blobs {
    root: PathBuf,
    counter: Arc<AtomicU64>,
    scanner: Option<Arc<Scanner>>,
    ring: Option<Keyring>,
}

/// A file that was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its digest, under which it is found again.
    pub digest: Digest,
    /// Its bytes.
    pub size: u64,
}

/// Bytes that are read at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// A file on its way in; it goes away with this value unless it was moved to its place.
pub(crate) struct Incoming(pub(crate) PathBuf);

impl Drop for Incoming {
    fn drop(&mut self) {
        // Absent when it was moved; what cannot be removed now is swept later.
        drop(fs::remove_file(&self.0));
    }
}

impl Blobs {
    /// Opens the folder and makes what is missing of it.
    pub async fn open(root: impl AsRef<Path>) -> Result<Self> {
        let root = root.as_ref().to_owned();
        let blobs = Self { root, counter: Arc::default(), scanner: None, ring: None };
        let folders = [blobs.objects(), blobs.incoming(), blobs.uploads()];
        blocking(move || folders.iter().try_for_each(|folder| make_folder(folder))).await?;
        Ok(blobs)
    }

    /// The same folder with a scanner before it.
    #[must_use]
    pub fn with_scanner(mut self, scanner: Scanner) -> Self {
        self.scanner = Some(Arc::new(scanner));
        self
    }

    /// The same folder with keys: what is taken in from now on stands sealed, what stands plain is still read.
    #[must_use]
    pub fn with_keys(mut self, ring: Keyring) -> Self {
        self.ring = Some(ring);
        self
    }

    pub(crate) fn ring(&self) -> Option<&Keyring> {
        self.ring.as_ref()
    }

    /// Whether there is a scanner.
    pub fn has_scanner(&self) -> bool {
        self.scanner.is_some()
    }

    pub(crate) fn scanner(&self) -> Option<&Scanner> {
        self.scanner.as_deref()
    }

    /// Takes in everything that comes, at most `limit` bytes. When this returns, the file is on the disk
    /// for good; when it fails or is given up, nothing of it can be seen.
    pub async fn put(&self, mut reader: impl AsyncRead + Unpin, limit: u64) -> Result<Stored> {
        let (incoming, file) = self.new_incoming().await?;
        let mut file = tokio::fs::File::from_std(file);
        let mut intake = Intake::new(self.ring())?;
        let mut size = 0_u64;
        let mut chunk = vec![0_u8; CHUNK_BYTES];
        loop {
            let count = reader.read(&mut chunk).await?;
            let bytes = chunk.get(..count).unwrap_or_default();
            if bytes.is_empty() {
                break;
            }
            size = size.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
            if size > limit {
                return Err(Error::TooLarge { limit_bytes: limit });
            }
            file.write_all(&intake.take(bytes)?).await?;
        }
        let (last, stored) = intake.finish()?;
        file.write_all(&last).await?;
        file.flush().await?;
        file.sync_all().await?;
        let blobs = self.clone();
        blocking(move || blobs.settle(&incoming.0, stored.digest)).await?;
        Ok(stored)
    }

    /// The bytes of a file, checked against its digest.
    pub async fn get(&self, digest: Digest) -> Result<Vec<u8>> {
        self.free(digest).await?;
        let blobs = self.clone();
        blocking(move || {
            let mut opened = blobs.opened(digest)?;
            let mut bytes = Vec::new();
            opened.read_to_end(&mut bytes).map_err(|error| torn(error, digest))?;
            if Digest::of(&bytes) == digest { Ok(bytes) } else { Err(Error::Altered(digest)) }
        })
        .await
    }

    /// A file to be read piece by piece. A sealed file is checked piece by piece too; a plain one is not checked.
    pub async fn reader(&self, digest: Digest) -> Result<Reader> {
        self.range(digest, 0, u64::MAX).await
    }

    /// A part of a file: at most `limit` bytes from a place on.
    pub async fn range(&self, digest: Digest, from: u64, limit: u64) -> Result<Reader> {
        self.free(digest).await?;
        let blobs = self.clone();
        let opened = blocking(move || {
            let mut opened = blobs.opened(digest)?;
            opened.seek(SeekFrom::Start(from.min(opened.size())))?;
            Ok(opened)
        });
        Ok(Reader::new(opened.await?, limit))
    }

    /// The plain bytes of a file, from its beginning.
    pub(crate) fn opened(&self, digest: Digest) -> Result<Opened> {
        let file = File::open(self.object(digest)).map_err(|error| absent(error, digest))?;
        Opened::new(file, digest, self.ring())
    }

    /// Seals a file again when it stands plain or under an older key; gives whether it was done. One that is altered is
    /// left for whoever looks at that.
    pub async fn seal_again(&self, digest: Digest) -> Result<bool> {
        let blobs = self.clone();
        blocking(move || {
            let Some(ring) = blobs.ring() else { return Ok(false) };
            let opened = blobs.opened(digest)?;
            let newest = ring.sealer(sealed::FILE).map_err(Error::Seal)?.version();
            if opened.version() == Some(newest) {
                return Ok(false);
            }
            let (incoming, mut file) = blobs.incoming_now()?;
            let copied = sealed::copy(Some(ring), opened, &mut file);
            let stored = copied.map_err(|error| match error {
                Error::Disk(error) => torn(error, digest),
                other => other,
            })?;
            if stored.digest != digest {
                return Err(Error::Altered(digest));
            }
            file.flush()?;
            file.sync_all()?;
            blobs.settle(&incoming.0, digest)?;
            Ok(true)
        })
        .await
    }

    /// Takes a file away for good: its key is overwritten first, so that what is left of it on the disk says nothing.
    /// Gives whether it was there.
    pub async fn erase(&self, digest: Digest) -> Result<bool> {
        let blobs = self.clone();
        blocking(move || {
            let path = blobs.object(digest);
            // Out of the way first, so that the same file sent again meanwhile is another one and stays.
            let (gone, _) = blobs.incoming_now()?;
            match fs::rename(&path, &gone.0) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
                Err(error) => return Err(error.into()),
            }
            let mut file = OpenOptions::new().write(true).open(&gone.0)?;
            let end = u64::try_from(zhengtong_crypto::END_BYTES).unwrap_or(0);
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(end)))?;
            file.write_all(&vec![0; usize::try_from(end.min(length)).unwrap_or(0)])?;
            file.sync_all()?;
            fs::remove_file(&gone.0)?;
            if let Some(folder) = path.parent() {
                sync_folder(folder)?;
            }
            Ok(true)
        })
        .await
    }

    /// The files that were not put or sealed again for `age` before `now`.
    pub async fn older(&self, now: SystemTime, age: Duration) -> Result<Vec<Digest>> {
        let (all, blobs) = (self.list().await?, self.clone());
        blocking(move || {
            let mut older = Vec::new();
            for digest in all {
                if is_older(&blobs.object(digest), now, age)? {
                    older.push(digest);
                }
            }
            Ok(older)
        })
        .await
    }

    /// Nothing that waits for the scanner is given out.
    async fn free(&self, digest: Digest) -> Result<()> {
        if !self.is_held(digest).await {
            return Ok(());
        }
        if self.size(digest).await?.is_none() { Err(Error::PutAside) } else { Err(Error::Held) }
    }

    /// The size of a file; none when it is not there.
    pub async fn size(&self, digest: Digest) -> Result<Option<u64>> {
        let path = self.object(digest);
        blocking(move || match File::open(path) {
            Ok(file) => sealed::size_of(file, digest).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        })
        .await
    }

    /// What kind of file it really is.
    pub async fn kind(&self, digest: Digest) -> Result<FileKind> {
        let blobs = self.clone();
        blocking(move || Ok(inspect(&mut blobs.opened(digest)?)?)).await
    }

    /// Reads a file and compares it with its digest.
    pub async fn verify(&self, digest: Digest) -> Result<()> {
        let blobs = self.clone();
        blocking(move || {
            let found = hash(blobs.opened(digest)?).map_err(|error| match error {
                Error::Disk(error) => torn(error, digest),
                other => other,
            })?;
            if found.digest == digest { Ok(()) } else { Err(Error::Altered(digest)) }
        })
        .await
    }

    /// The digests of all files, in order.
    pub async fn list(&self) -> Result<Vec<Digest>> {
        let objects = self.objects();
        blocking(move || {
            let mut digests = Vec::new();
            for first in folder_entries(&objects)? {
                for second in folder_entries(&first)? {
                    for path in folder_entries(&second)? {
                        let name = path.file_name().and_then(|name| name.to_str());
                        digests.extend(name.and_then(|name| name.parse::<Digest>().ok()));
                    }
                }
            }
            digests.sort_unstable();
            Ok(digests)
        })
        .await
    }

    /// Removes what was begun and not touched for `age` before `now`; returns how many were removed.
    pub async fn sweep(&self, now: SystemTime, age: Duration) -> Result<u64> {
        let (incoming, uploads) = (self.incoming(), self.uploads());
        blocking(move || {
            let mut removed = 0;
            for path in folder_entries(&incoming)? {
                if is_older(&path, now, age)? {
                    fs::remove_file(&path)?;
                    removed += 1;
                }
            }
            for path in folder_entries(&uploads)? {
                let mut parts = folder_entries(&path)?;
                parts.push(path.clone());
                let stale: Result<Vec<bool>> =
                    parts.iter().map(|part| is_older(part, now, age)).collect();
                if stale?.into_iter().all(|stale| stale) {
                    fs::remove_dir_all(&path)?;
                    removed += 1;
                }
            }
            Ok(removed)
        })
        .await
    }

    /// The folder of resumable uploads.
    pub(crate) fn uploads(&self) -> PathBuf {
        self.root.join("uploads")
    }

    /// Moves a complete and synced file to the place of its digest. A file that is there already has the
    /// same bytes, or is altered and made whole by this.
    pub(crate) fn settle(&self, path: &Path, digest: Digest) -> Result<()> {
        let object = self.object(digest);
        let folder = object.parent().unwrap_or(&self.root);
        make_folder(folder)?;
        fs::rename(path, &object)?;
        // The name of the file and the folders on the way to it must be on the disk too.
        for folder in folder.ancestors().take(3) {
            sync_folder(folder)?;
        }
        Ok(())
    }

    fn objects(&self) -> PathBuf {
        self.root.join("objects")
    }

    fn incoming(&self) -> PathBuf {
        self.root.join("incoming")
    }

    /// The marks of files that wait for the scanner.
    pub(crate) fn held(&self) -> PathBuf {
        self.root.join("held")
    }

    /// The mark of one file.
    pub(crate) fn mark(&self, digest: Digest) -> PathBuf {
        self.held().join(digest.to_string())
    }

    /// Files in which something was found.
    pub(crate) fn aside(&self) -> PathBuf {
        self.root.join("aside")
    }

    pub(crate) fn object(&self, digest: Digest) -> PathBuf {
        let name = digest.to_string();
        let first = name.get(..2).unwrap_or_default();
        let second = name.get(2..4).unwrap_or_default();
        self.objects().join(first).join(second).join(&name)
    }

    /// A new file of a name that nobody else uses.
    async fn new_incoming(&self) -> Result<(Incoming, File)> {
        let blobs = self.clone();
        blocking(move || blobs.incoming_now()).await
    }

    pub(crate) fn incoming_now(&self) -> Result<(Incoming, File)> {
        let (folder, process) = (self.incoming(), std::process::id());
        loop {
            let number = self.counter.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!("{process}-{number}.part"));
            match new_file(&path) {
                Ok(file) => return Ok((Incoming(path), file)),
                // Left behind by an earlier process of the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Runs what waits for the disk where it holds nobody up.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(error) => Err(Error::Disk(io::Error::other(error))),
    }
}

/// Makes a folder that only the owner can read.
pub(crate) fn make_folder(path: &Path) -> Result<()> {
    Ok(DirBuilder::new().recursive(true).mode(0o700).create(path)?)
}

/// Makes a file that only the owner can read; an error when there is one.
pub(crate) fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Brings the names in a folder to the disk.
pub(crate) fn sync_folder(path: &Path) -> Result<()> {
    Ok(File::open(path)?.sync_all()?)
}

/// The paths in a folder, in order; none when the folder is not there.
pub(crate) fn folder_entries(path: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort_unstable();
    Ok(paths)
}

/// The digest and size of a file, read from where it stands.
pub(crate) fn hash(mut file: impl io::Read) -> Result<Stored> {
    let mut hasher = Hasher::new();
    let mut size = 0_u64;
    let mut chunk = vec![0_u8; CHUNK_BYTES];
    loop {
        let count = file.read(&mut chunk)?;
        let bytes = chunk.get(..count).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(Stored { digest: hasher.finish(), size });
        }
        hasher.update(bytes);
        size += u64::try_from(count).unwrap_or(0);
    }
}

fn is_older(path: &Path, now: SystemTime, age: Duration) -> Result<bool> {
    let modified = match fs::metadata(path) {
        Ok(metadata) => metadata.modified()?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    Ok(now.duration_since(modified).is_ok_and(|since| since > age))
}

/// A piece that does not open, told from a disk that does not answer.
fn torn(error: io::Error, digest: Digest) -> Error {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => Error::Altered(digest),
        _ => error.into(),
    }
}

fn absent(error: io::Error, digest: Digest) -> Error {
    if error.kind() == io::ErrorKind::NotFound { Error::NotFound(digest) } else { error.into() }
}
