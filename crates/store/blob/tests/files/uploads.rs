//! Uploads that are broken off, resumed, repeated and mixed up.

use zhengtong_base::{Failure as _, Kind};
use zhengtong_blob::{Blobs, Digest, Error, Upload};

use super::folder::files;

const LIMIT: u64 = 1_000;

#[tokio::test]
async fn an_upload_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    let upload = blobs.begin("a-1", 10, LIMIT).await.unwrap();
    assert_eq!(blobs.append(&upload, 0, b"01234").await.unwrap(), 5);
    drop(blobs);
    let blobs = Blobs::open(folder.path()).await.unwrap();
    let again = blobs.find("a-1").await.unwrap();
    assert_eq!(again, upload);
    assert_eq!(blobs.begin("a-1", 10, LIMIT).await.unwrap(), upload);
    assert_eq!(blobs.offset(&again).await.unwrap(), 5);
    assert_eq!(blobs.append(&again, 5, b"56789").await.unwrap(), 10);
    let stored = blobs.finish(&again).await.unwrap();
    assert_eq!((stored.digest, stored.size), (Digest::of(b"0123456789"), 10));
    assert_eq!(blobs.get(stored.digest).await.unwrap(), b"0123456789");
    // The reply was lost: everything may be asked again.
    assert_eq!(blobs.finish(&again).await.unwrap(), stored);
    assert_eq!(blobs.find("a-1").await.unwrap(), upload);
    assert_eq!(blobs.offset(&upload).await.unwrap(), 10);
    blobs.abandon(&upload).await.unwrap();
    blobs.abandon(&upload).await.unwrap();
    assert!(matches!(blobs.finish(&upload).await, Err(Error::NoUpload)));
    assert_eq!(files(folder.path()).len(), 1);
}

#[tokio::test]
async fn bytes_go_on_where_the_upload_stands() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    let upload = blobs.begin("b", 10, LIMIT).await.unwrap();
    blobs.append(&upload, 0, b"01234").await.unwrap();
    for offset in [0, 4, 6, 10, u64::MAX] {
        let refused = blobs.append(&upload, offset, b"x").await;
        assert!(matches!(refused, Err(Error::Offset { expected: 5 })), "{offset}");
    }
    let refused = blobs.append(&upload, 5, b"567890").await.unwrap_err();
    assert_eq!(refused.kind(), Kind::TooLarge);
    let early = blobs.finish(&upload).await;
    assert!(matches!(early, Err(Error::Incomplete { have: 5, size: 10 })));
    assert_eq!(blobs.list().await.unwrap(), []);
    assert_eq!(blobs.append(&upload, 5, b"").await.unwrap(), 5);
    assert_eq!(blobs.append(&upload, 5, b"56789").await.unwrap(), 10);
    blobs.finish(&upload).await.unwrap();
    assert!(matches!(blobs.append(&upload, 10, b"").await, Err(Error::NoUpload)));
}

#[tokio::test]
async fn two_senders_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    let upload = blobs.begin("c", 100, LIMIT).await.unwrap();
    let senders: Vec<_> = (0..4_u8)
        .map(|number| {
            let (blobs, upload) = (blobs.clone(), upload.clone());
            tokio::spawn(async move {
                let mut offset = 0;
                while offset < 100 {
                    match blobs.append(&upload, offset, &[number; 10]).await {
                        Ok(next) => offset = next,
                        Err(Error::Offset { expected }) => offset = expected,
                        Err(Error::Busy) => tokio::task::yield_now().await,
                        Err(error) => panic!("{error}"),
                    }
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    let stored = blobs.finish(&upload).await.unwrap();
    let bytes = blobs.get(stored.digest).await.unwrap();
    assert_eq!(bytes.len(), 100);
    assert!(bytes.chunks(10).all(|chunk| chunk.iter().all(|byte| *byte == chunk[0])));
}

#[tokio::test]
async fn what_cannot_be_an_upload_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    for name in ["", ".", "..", "../x", "a/b", "A", "名", "a b", &"x".repeat(65)] {
        assert!(matches!(blobs.begin(name, 1, LIMIT).await, Err(Error::Name)), "{name}");
        let forged = Upload { name: name.to_owned(), size: 1 };
        assert!(matches!(blobs.append(&forged, 0, b"x").await, Err(Error::Name)), "{name}");
        assert!(matches!(blobs.finish(&forged).await, Err(Error::Name)), "{name}");
        assert!(matches!(blobs.abandon(&forged).await, Err(Error::Name)), "{name}");
    }
    let large = blobs.begin("d", LIMIT + 1, LIMIT).await.unwrap_err();
    assert_eq!(large.kind(), Kind::TooLarge);
    blobs.begin("d", 5, LIMIT).await.unwrap();
    let other = blobs.begin("d", 6, LIMIT).await;
    assert!(matches!(other, Err(Error::OtherSize { size: 5 })));
    assert!(matches!(blobs.find("e").await, Err(Error::NoUpload)));
    let empty = blobs.begin("empty", 0, LIMIT).await.unwrap();
    assert_eq!(blobs.finish(&empty).await.unwrap().size, 0);
}
