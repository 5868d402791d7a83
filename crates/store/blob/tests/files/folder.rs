//! Taking in, giving out, checking, sweeping.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncRead, AsyncReadExt as _, ReadBuf};
use zhengtong_base::{Failure as _, Kind};
use zhengtong_blob::{Blobs, Digest, Error};

/// The paths of all files below a folder.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// A connection that gives some bytes and breaks.
struct Torn(usize);

impl AsyncRead for Torn {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.0 == 0 {
            return Poll::Ready(Err(std::io::ErrorKind::ConnectionReset.into()));
        }
        self.0 -= 1;
        buffer.put_slice(&[7; 100]);
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_file_is_found_by_its_digest() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path().join("a/b")).await.unwrap();
    let bytes = vec![42_u8; 200_000];
    let stored = blobs.put(bytes.as_slice(), 200_000).await.unwrap();
    assert_eq!((stored.digest, stored.size), (Digest::of(&bytes), 200_000));
    assert_eq!(blobs.put(bytes.as_slice(), 200_000).await.unwrap(), stored);
    assert_eq!(files(folder.path()).len(), 1);
    assert_eq!(blobs.get(stored.digest).await.unwrap(), bytes);
    assert_eq!(blobs.size(stored.digest).await.unwrap(), Some(200_000));
    blobs.verify(stored.digest).await.unwrap();
    let mut read = Vec::new();
    blobs.reader(stored.digest).await.unwrap().read_to_end(&mut read).await.unwrap();
    assert_eq!(read, bytes);
    let other = blobs.put(b"".as_slice(), 0).await.unwrap();
    let mut all = vec![stored.digest, other.digest];
    all.sort();
    assert_eq!(blobs.list().await.unwrap(), all);
    for path in files(folder.path()) {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o077, 0);
    }
    let again = Blobs::open(folder.path().join("a/b")).await.unwrap();
    assert_eq!(again.get(stored.digest).await.unwrap(), bytes);
}

#[tokio::test]
async fn an_absent_file_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    let digest = Digest::of(b"absent");
    assert_eq!(blobs.get(digest).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(blobs.reader(digest).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(blobs.verify(digest).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(blobs.kind(digest).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(blobs.size(digest).await.unwrap(), None);
    assert_eq!(blobs.list().await.unwrap(), []);
}

#[tokio::test]
async fn a_torn_or_too_large_file_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    let torn = blobs.put(Torn(3), 1_000).await.unwrap_err();
    assert!(matches!(torn, Error::Disk(_)));
    let large = blobs.put([1_u8; 1_001].as_slice(), 1_000).await.unwrap_err();
    assert_eq!(large.kind(), Kind::TooLarge);
    assert_eq!(files(folder.path()), [] as [PathBuf; 0]);
    blobs.put([1_u8; 1_000].as_slice(), 1_000).await.unwrap();
}

#[tokio::test]
async fn an_altered_file_is_found_and_made_whole() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    let stored = blobs.put(b"licence".as_slice(), 100).await.unwrap();
    let path = files(folder.path()).remove(0);
    for position in 0..7 {
        let mut bytes = b"licence".to_vec();
        bytes[position] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(matches!(blobs.verify(stored.digest).await, Err(Error::Altered(_))));
        assert!(matches!(blobs.get(stored.digest).await, Err(Error::Altered(_))));
    }
    fs::write(&path, b"licenc").unwrap();
    assert!(matches!(blobs.get(stored.digest).await, Err(Error::Altered(_))));
    blobs.put(b"licence".as_slice(), 100).await.unwrap();
    assert_eq!(blobs.get(stored.digest).await.unwrap(), b"licence");
}

#[tokio::test]
async fn sweeping_removes_what_was_abandoned() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    let stored = blobs.put(b"kept".as_slice(), 100).await.unwrap();
    let upload = blobs.begin("half", 10, 100).await.unwrap();
    blobs.append(&upload, 0, b"12345").await.unwrap();
    fs::write(folder.path().join("incoming/1-1.part"), b"torn").unwrap();
    let now = fs::metadata(folder.path().join("incoming/1-1.part")).unwrap().modified().unwrap();
    let day = Duration::from_hours(24);
    assert_eq!(blobs.sweep(now, day).await.unwrap(), 0);
    assert_eq!(blobs.sweep(SystemTime::UNIX_EPOCH, day).await.unwrap(), 0);
    assert_eq!(blobs.sweep(now + day * 2, day).await.unwrap(), 2);
    assert_eq!(blobs.get(stored.digest).await.unwrap(), b"kept");
    assert!(matches!(blobs.offset(&upload).await, Err(Error::NoUpload)));
}

#[tokio::test]
async fn many_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    let tasks: Vec<_> = (0..40_u8)
        .map(|number| {
            let blobs = blobs.clone();
            tokio::spawn(async move { blobs.put([number % 10; 5_000].as_slice(), 5_000).await })
        })
        .collect();
    for task in tasks {
        let stored = task.await.unwrap().unwrap();
        blobs.verify(stored.digest).await.unwrap();
    }
    assert_eq!(files(folder.path()).len(), 10);
}
