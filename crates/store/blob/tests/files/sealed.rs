//! Files stand sealed: nobody who has the disk reads them, and what is altered, torn or under another key is told apart.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use zhengtong_base::{Failure as _, Kind, Lang};
use zhengtong_blob::{Blobs, Error};
use zhengtong_crypto::{Digest, KeyKind, Keyring};

const FIELD: &str = "blob.file";

async fn sealed(folder: &Path) -> Blobs {
    Blobs::open(folder).await.unwrap().with_keys(Keyring::for_tests())
}

fn object(folder: &Path, digest: Digest) -> PathBuf {
    let name = digest.to_string();
    folder.join("objects").join(&name[..2]).join(&name[2..4]).join(name)
}

fn long() -> Vec<u8> {
    (0..300_000_u32).map(|at| (at % 251) as u8).collect()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[tokio::test]
async fn nothing_of_a_file_stands_plain_and_everything_of_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = sealed(folder.path()).await;
    let bytes = long();
    let stored = blobs.put(bytes.as_slice(), 1_000_000).await.unwrap();
    assert_eq!((stored.digest, stored.size), (Digest::of(&bytes), 300_000));
    let kept = fs::read(object(folder.path(), stored.digest)).unwrap();
    assert!(!holds(&kept, &bytes[..64]) && !holds(&kept, &bytes[200_000..200_064]));
    assert_eq!(blobs.get(stored.digest).await.unwrap(), bytes);
    assert_eq!(blobs.size(stored.digest).await.unwrap(), Some(300_000));
    blobs.verify(stored.digest).await.unwrap();
    for (from, limit) in [(0, 10), (65_530, 20), (299_990, 100), (300_000, 5), (400_000, 5)] {
        let mut read = Vec::new();
        blobs
            .range(stored.digest, from, limit)
            .await
            .unwrap()
            .read_to_end(&mut read)
            .await
            .unwrap();
        let from = usize::try_from(from.min(300_000)).unwrap();
        let to = (from + usize::try_from(limit).unwrap()).min(bytes.len());
        assert_eq!(read, bytes[from..to], "{from} {limit}");
    }
    // Sent again it is the same file.
    assert_eq!(blobs.put(bytes.as_slice(), 1_000_000).await.unwrap(), stored);
    assert_eq!(blobs.list().await.unwrap(), [stored.digest]);
    let empty = blobs.put(b"".as_slice(), 0).await.unwrap();
    assert_eq!(blobs.get(empty.digest).await.unwrap(), b"");
}

#[tokio::test]
async fn every_flipped_byte_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = sealed(folder.path()).await;
    let stored = blobs.put(b"who lives where".as_slice(), 100).await.unwrap();
    let path = object(folder.path(), stored.digest);
    let whole = fs::read(&path).unwrap();
    // The digest over everything at the end is for those without a key: who has one does not need it.
    for at in 0..whole.len() - 32 {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        fs::write(&path, &flipped).unwrap();
        assert!(matches!(blobs.get(stored.digest).await, Err(Error::Altered(_))), "byte {at}");
        assert!(blobs.verify(stored.digest).await.is_err(), "byte {at}");
    }
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    assert!(matches!(blobs.verify(stored.digest).await, Err(Error::Altered(_))));
    blobs.put(b"who lives where".as_slice(), 100).await.unwrap();
    blobs.verify(stored.digest).await.unwrap();
}

#[tokio::test]
async fn another_key_is_told_in_two_languages_and_not_taken_for_damage() {
    let folder = tempfile::tempdir().unwrap();
    let stored = sealed(folder.path()).await.put(b"plan".as_slice(), 100).await.unwrap();
    let other = Keyring::new(&[1; 32]);
    other.insert((FIELD, KeyKind::Data, 1), &[9; 32]);
    for ring in [Some(other), Some(Keyring::new(&[1; 32])), None] {
        let blobs = Blobs::open(folder.path()).await.unwrap();
        let blobs = match ring {
            Some(ring) => blobs.with_keys(ring),
            None => blobs,
        };
        let error = blobs.get(stored.digest).await.unwrap_err();
        assert!(matches!(error, Error::NoKey { .. }), "{error}");
        assert_eq!(error.kind(), Kind::Internal);
        assert!(error.text().get(Lang::Zh).contains("密钥") && error.text().en.contains("key"));
        assert_eq!(blobs.size(stored.digest).await.unwrap(), Some(4), "which needs no key");
    }
}

#[tokio::test]
async fn plain_files_are_read_and_sealed_and_older_keys_are_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let plain = Blobs::open(folder.path()).await.unwrap();
    let stored = plain.put(b"from before".as_slice(), 100).await.unwrap();
    let ring = Keyring::new(&[1; 32]);
    ring.insert((FIELD, KeyKind::Data, 1), &[2; 32]);
    let blobs = plain.clone().with_keys(ring.clone());
    assert_eq!(blobs.get(stored.digest).await.unwrap(), b"from before");
    assert!(blobs.seal_again(stored.digest).await.unwrap());
    assert!(!blobs.seal_again(stored.digest).await.unwrap(), "once is enough");
    assert!(!holds(&fs::read(object(folder.path(), stored.digest)).unwrap(), b"before"));
    ring.insert((FIELD, KeyKind::Data, 2), &[3; 32]);
    assert!(blobs.seal_again(stored.digest).await.unwrap());
    ring.forget_version(FIELD, 1);
    assert_eq!(blobs.get(stored.digest).await.unwrap(), b"from before");
    // A damaged one is left as it is.
    let path = object(folder.path(), stored.digest);
    let mut flipped = fs::read(&path).unwrap();
    flipped[20] ^= 1;
    fs::write(&path, &flipped).unwrap();
    ring.insert((FIELD, KeyKind::Data, 3), &[4; 32]);
    assert!(matches!(blobs.seal_again(stored.digest).await, Err(Error::Altered(_))));
    assert_eq!(fs::read(&path).unwrap(), flipped);
}

#[tokio::test]
async fn a_file_that_is_erased_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = sealed(folder.path()).await;
    let stored = blobs.put(b"to be forgotten".as_slice(), 100).await.unwrap();
    // Another name of the same bytes on the disk, as a copy that was made by a link.
    let link = folder.path().join("link");
    fs::hard_link(object(folder.path(), stored.digest), &link).unwrap();
    let now = fs::metadata(object(folder.path(), stored.digest)).unwrap().modified().unwrap();
    let day = Duration::from_hours(24);
    assert!(blobs.older(now, day).await.unwrap().is_empty(), "it is new");
    assert_eq!(blobs.older(now + 2 * day, day).await.unwrap(), [stored.digest]);
    assert!(blobs.erase(stored.digest).await.unwrap());
    assert!(!blobs.erase(stored.digest).await.unwrap());
    assert_eq!(blobs.get(stored.digest).await.unwrap_err().kind(), Kind::NotFound);
    let left = fs::read(link).unwrap();
    assert!(left.ends_with(&[0; 138]), "its key was overwritten");
    assert!(fs::read_dir(folder.path().join("incoming")).unwrap().next().is_none());
}

#[tokio::test]
async fn pieces_of_an_upload_stand_sealed_and_a_torn_one_has_not_come() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = sealed(folder.path()).await;
    let bytes = long();
    let upload = blobs.begin("plan", 300_000, 400_000).await.unwrap();
    assert_eq!(blobs.append(&upload, 0, &bytes[..100_000]).await.unwrap(), 100_000);
    let part = folder.path().join("uploads/plan/300000.pieces");
    let kept = fs::read(&part).unwrap();
    assert!(!holds(&kept, &bytes[..64]));
    assert_eq!(blobs.append(&upload, 100_000, &bytes[100_000..250_000]).await.unwrap(), 250_000);
    // A power cut in the midst of the second piece.
    let torn = fs::read(&part).unwrap();
    fs::write(&part, &torn[..torn.len() - 7]).unwrap();
    assert_eq!(blobs.offset(&upload).await.unwrap(), 100_000);
    assert!(matches!(
        blobs.finish(&upload).await,
        Err(Error::Incomplete { have: 100_000, size: 300_000 })
    ));
    let again = sealed(folder.path()).await;
    let upload = again.find("plan").await.unwrap();
    assert_eq!(again.append(&upload, 100_000, &bytes[100_000..]).await.unwrap(), 300_000);
    let stored = again.finish(&upload).await.unwrap();
    assert_eq!(again.finish(&upload).await.unwrap(), stored);
    assert_eq!(again.get(stored.digest).await.unwrap(), bytes);
    assert!(!part.exists());
}

/// Twenty megabytes in and out, counted by what the process holds at its highest: a few pieces, never the file.
#[tokio::test]
async fn twenty_megabytes_go_through_in_pieces() {
    const BYTES: u64 = 20 * 1024 * 1024;
    let folder = tempfile::tempdir().unwrap();
    let blobs = sealed(folder.path()).await;
    let before = held_kb();
    let stored = blobs.put(tokio::io::repeat(7).take(BYTES), BYTES).await.unwrap();
    assert_eq!(stored.size, BYTES);
    let mut reader = blobs.reader(stored.digest).await.unwrap();
    let mut piece = vec![0; 64 * 1024];
    let mut read = 0_u64;
    loop {
        let count = reader.read(&mut piece).await.unwrap();
        if count == 0 {
            break;
        }
        assert!(piece[..count].iter().all(|byte| *byte == 7));
        read += u64::try_from(count).unwrap();
    }
    assert_eq!(read, BYTES);
    let grown = held_kb().saturating_sub(before);
    assert!(grown < 8 * 1024, "{grown} KB more at its highest");
}

/// The most memory that this process has held so far, in KB.
fn held_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
