//! The scanner: a daemon that speaks clamd's protocol, one that is away, one that talks nonsense.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_blob::{Away, Blobs, Digest, Error, Looked, Place, Refusal, Scanner};

const LIMIT: u64 = 1024 * 1024;
const CLEAN: &[u8] = b"%PDF-1.7 a plan of a kitchen %%EOF";
const BAD: &[u8] = b"%PDF-1.7 with something EVIL in it %%EOF";

/// A daemon that finds the word EVIL; it can be made to be away or to talk nonsense.
struct Daemon {
    place: String,
    away: Arc<AtomicBool>,
    nonsense: Arc<AtomicBool>,
    looked: Arc<AtomicUsize>,
}

impl Daemon {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let daemon = Self {
            place: listener.local_addr().unwrap().to_string(),
            away: Arc::default(),
            nonsense: Arc::default(),
            looked: Arc::default(),
        };
        let (away, nonsense) = (Arc::clone(&daemon.away), Arc::clone(&daemon.nonsense));
        let looked = Arc::clone(&daemon.looked);
        tokio::spawn(async move {
            while let Ok((mut line, _)) = listener.accept().await {
                if away.load(Ordering::SeqCst) {
                    continue;
                }
                let mut word = [0; 10];
                line.read_exact(&mut word).await.unwrap();
                assert_eq!(&word, b"zINSTREAM\0");
                let mut bytes = Vec::new();
                loop {
                    let length = usize::try_from(line.read_u32().await.unwrap()).unwrap();
                    if length == 0 {
                        break;
                    }
                    let mut piece = vec![0; length];
                    line.read_exact(&mut piece).await.unwrap();
                    bytes.extend_from_slice(&piece);
                }
                looked.fetch_add(1, Ordering::SeqCst);
                let found = bytes.windows(4).any(|window| window == b"EVIL");
                let said: &[u8] = match (nonsense.load(Ordering::SeqCst), found) {
                    (true, _) => b"INSTREAM size limit exceeded. ERROR\0",
                    (false, true) => b"stream: Test.Evil FOUND\0",
                    (false, false) => b"stream: OK\0",
                };
                line.write_all(said).await.unwrap();
            }
        });
        daemon
    }

    fn scanner(&self, away: Away) -> Scanner {
        let place = self.place.parse::<Place>().unwrap();
        Scanner { place, away, limit: Duration::from_secs(5) }
    }
}

async fn folder(daemon: &Daemon, away: Away) -> (tempfile::TempDir, Blobs) {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    (folder, blobs.with_scanner(daemon.scanner(away)))
}

#[tokio::test]
async fn every_file_of_a_stranger_is_shown_to_the_scanner() {
    let daemon = Daemon::start().await;
    let (_folder, blobs) = folder(&daemon, Away::Refuse).await;
    let stored = blobs.admit(CLEAN, LIMIT).await.unwrap();
    assert_eq!(blobs.get(stored.digest).await.unwrap(), CLEAN);
    let refused = blobs.admit(BAD, LIMIT).await.unwrap_err();
    assert!(matches!(&refused, Error::Refused(Refusal::Virus(name)) if name == "Test.Evil"));
    assert_eq!(refused.kind(), Kind::Unsupported);
    assert_eq!(blobs.size(Digest::of(BAD)).await.unwrap(), None, "nothing of it was kept");
    assert_eq!(daemon.looked.load(Ordering::SeqCst), 2);
    // A file of several pieces arrives whole.
    let large = [vec![b'x'; 200_000], b"EVIL".to_vec(), vec![b'x'; 200_000]].concat();
    assert!(blobs.admit(&large, LIMIT).await.is_err());
    assert!(blobs.admit(&vec![0; 2_000_000], LIMIT).await.is_err());
}

#[tokio::test]
async fn without_its_scanner_no_file_is_taken_when_so_configured() {
    let daemon = Daemon::start().await;
    let (_folder, blobs) = folder(&daemon, Away::Refuse).await;
    daemon.away.store(true, Ordering::SeqCst);
    let refused = blobs.admit(CLEAN, LIMIT).await.unwrap_err();
    assert!(matches!(refused, Error::NoScanner) && refused.kind() == Kind::Unavailable);
    daemon.away.store(false, Ordering::SeqCst);
    daemon.nonsense.store(true, Ordering::SeqCst);
    assert!(matches!(blobs.admit(CLEAN, LIMIT).await, Err(Error::NoScanner)), "no answer is no OK");
    assert_eq!(blobs.size(Digest::of(CLEAN)).await.unwrap(), None);
}

#[tokio::test]
async fn a_file_that_nobody_looked_at_is_shut_away_until_somebody_did() {
    let daemon = Daemon::start().await;
    let (_folder, blobs) = folder(&daemon, Away::Hold).await;
    daemon.away.store(true, Ordering::SeqCst);
    let clean = blobs.admit(CLEAN, LIMIT).await.unwrap().digest;
    let bad = blobs.admit(BAD, LIMIT).await.unwrap().digest;
    for digest in [clean, bad] {
        let shut = blobs.get(digest).await.unwrap_err();
        assert!(matches!(shut, Error::Held) && shut.kind() == Kind::Unavailable, "{shut}");
        assert!(matches!(blobs.reader(digest).await, Err(Error::Held)));
    }
    let waiting = Looked { waiting: 2, ..Looked::default() };
    assert_eq!(blobs.look_at_held().await.unwrap(), waiting, "still away");
    assert!(blobs.is_held(clean).await);

    daemon.away.store(false, Ordering::SeqCst);
    let looked = blobs.look_at_held().await.unwrap();
    assert_eq!(looked, Looked { clean: 1, found: 1, waiting: 0 });
    assert_eq!(blobs.get(clean).await.unwrap(), CLEAN);
    let aside = blobs.get(bad).await.unwrap_err();
    assert!(matches!(aside, Error::PutAside) && aside.kind() == Kind::Denied, "{aside}");
    assert_eq!(blobs.look_at_held().await.unwrap(), Looked::default());
}

#[tokio::test]
async fn a_file_that_was_looked_at_before_is_not_shut_away_by_its_twin() {
    let daemon = Daemon::start().await;
    let (_folder, blobs) = folder(&daemon, Away::Hold).await;
    let first = blobs.admit(CLEAN, LIMIT).await.unwrap();
    daemon.away.store(true, Ordering::SeqCst);
    assert_eq!(blobs.admit(CLEAN, LIMIT).await.unwrap(), first);
    assert!(blobs.get(first.digest).await.is_ok());
}

#[tokio::test]
async fn the_test_file_of_all_scanners_is_refused_even_without_one() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    // Put together here, so that this file is not taken for it.
    let eicar =
        format!(r"X5O!P%@AP[4\PZX54(P^)7CC)7}}$EICAR{}!$H+H*", "-STANDARD-ANTIVIRUS-TEST-FILE");
    let hidden = format!("%PDF-1.7 {eicar} %%EOF");
    for bytes in [eicar.as_bytes(), hidden.as_bytes()] {
        let refused = blobs.admit(bytes, LIMIT).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::Virus(_)))), "{refused:?}");
    }
}
