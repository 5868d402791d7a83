//! Tests of the vault: the master key, the keys of fields, changing and destroying them, two nodes.

#![cfg(test)]

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;

use tempfile::TempDir;
use time::{Duration, OffsetDateTime};
use zhengtong_base::Failure as _;
use zhengtong_crypto::{Keyring, SealError};
use zhengtong_db::testing::TestDb;
use zhengtong_vault::{
    Error, Places, SCHEMA, drop_versions, ensure, erase, keys, open, refresh, rotate_field,
    rotate_master, secret,
};

const FIELD: &str = "party.person.phone";

struct Node {
    places: Places,
    _folder: TempDir,
}

impl Node {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let places = Places { folder: folder.path().to_owned(), ..Places::default() };
        Self { places, _folder: folder }
    }
}

fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_772_413_200).unwrap()
}

fn fields() -> BTreeSet<String> {
    BTreeSet::from([FIELD.to_owned()])
}

async fn database() -> TestDb {
    TestDb::new(&[zhengtong_db::SCHEMA, SCHEMA]).await
}

async fn opened(db: &TestDb, places: &Places) -> zhengtong_vault::Result<Keyring> {
    let mut tx = db.db.begin_raw().await.unwrap();
    let ring = open(&mut tx, places, now()).await?;
    ensure(&mut tx, &ring, &fields(), now()).await?;
    tx.commit().await.unwrap();
    Ok(ring)
}

#[tokio::test]
async fn the_master_key_is_made_once_and_proven_ever_after() {
    let (db, node) = (database().await, Node::new());
    let ring = opened(&db, &node.places).await.unwrap();
    let sealed = ring.seal(FIELD, "a", b"13800000000").unwrap();
    let path = node.places.path();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

    let again = opened(&db, &node.places).await.unwrap();
    assert_eq!(again.open(FIELD, "a", &sealed).unwrap(), b"13800000000");
    assert_eq!(again.index(FIELD, "x"), ring.index(FIELD, "x"));

    // Another node with a copy of the file.
    let second = Node::new();
    std::fs::copy(&path, second.places.path()).unwrap();
    let copy = opened(&db, &second.places).await.unwrap();
    assert_eq!(copy.open(FIELD, "a", &sealed).unwrap(), b"13800000000");

    // Or with the credential of its service manager.
    let third = Node::new();
    let places = Places { credentials: Some(second.places.folder.clone()), ..third.places };
    assert_eq!(opened(&db, &places).await.unwrap().open(FIELD, "a", &sealed).unwrap().len(), 11);
}

#[tokio::test]
async fn a_wrong_or_missing_master_key_refuses_and_harms_nothing() {
    let (db, node) = (database().await, Node::new());
    let ring = opened(&db, &node.places).await.unwrap();
    let sealed = ring.seal(FIELD, "a", b"x").unwrap();
    let right = std::fs::read(node.places.path()).unwrap();

    std::fs::remove_file(node.places.path()).unwrap();
    let gone = opened(&db, &node.places).await.unwrap_err();
    assert!(matches!(gone, Error::NoMaster(_)), "{gone}");
    assert!(gone.text().zh.contains("找不到主密钥") && gone.text().en.contains("no master key"));
    assert!(!node.places.path().exists(), "no new key may take the place of the one that is lost");

    std::fs::write(node.places.path(), "11".repeat(32)).unwrap();
    let wrong = opened(&db, &node.places).await.unwrap_err();
    assert!(matches!(wrong, Error::WrongMaster(_)), "{wrong}");
    assert!(wrong.text().zh.contains("没有改动任何数据"));

    std::fs::write(node.places.path(), "not a key").unwrap();
    assert!(matches!(opened(&db, &node.places).await.unwrap_err(), Error::File { .. }));

    std::fs::write(node.places.path(), right).unwrap();
    let ring = opened(&db, &node.places).await.unwrap();
    assert_eq!(ring.open(FIELD, "a", &sealed).unwrap(), b"x");
}

#[tokio::test]
async fn a_passphrase_guards_the_file() {
    let (db, node) = (database().await, Node::new());
    let places =
        Places { passphrase: Some("一句长长的口令 2026".to_owned()), ..node.places.clone() };
    let ring = opened(&db, &places).await.unwrap();
    let sealed = ring.seal(FIELD, "a", b"x").unwrap();
    let text = std::fs::read_to_string(places.path()).unwrap();
    assert!(text.starts_with("zhengtong master key v1 argon2id"), "{text}");
    assert!(matches!(opened(&db, &node.places).await.unwrap_err(), Error::Passphrase(_)));
    let other = Places { passphrase: Some("another".to_owned()), ..places.clone() };
    assert!(matches!(opened(&db, &other).await.unwrap_err(), Error::Passphrase(_)));
    assert_eq!(opened(&db, &places).await.unwrap().open(FIELD, "a", &sealed).unwrap(), b"x");
}

#[tokio::test]
async fn a_new_version_spreads_before_it_seals() {
    let (db, node) = (database().await, Node::new());
    let one = opened(&db, &node.places).await.unwrap();
    let two = opened(&db, &node.places).await.unwrap();
    let old = one.seal(FIELD, "a", b"x").unwrap();
    let mut tx = db.db.begin_raw().await.unwrap();
    assert_eq!(rotate_field(&mut tx, &one, FIELD, now()).await.unwrap(), 2);
    tx.commit().await.unwrap();

    let mut tx = db.db.begin_raw().await.unwrap();
    refresh(&mut tx, &one, 0, now()).await.unwrap();
    assert_eq!(one.sealer(FIELD).unwrap().version(), 1);
    let seen = refresh(&mut tx, &two, 0, now()).await.unwrap();
    let later = now() + Duration::seconds(11);
    assert_eq!(refresh(&mut tx, &two, seen, later).await.unwrap(), seen);
    assert_eq!(two.sealer(FIELD).unwrap().version(), 2);
    let new = two.seal(FIELD, "a", b"x").unwrap();
    // The first node has not heard that the time has come, and opens it all the same.
    assert_eq!(one.open(FIELD, "a", &new).unwrap(), b"x");
    assert_eq!(two.open(FIELD, "a", &old).unwrap(), b"x");

    assert_eq!(drop_versions(&mut tx, FIELD, 2, later).await.unwrap(), 1);
    refresh(&mut tx, &two, seen, later).await.unwrap();
    assert!(matches!(two.open(FIELD, "a", &old), Err(SealError::NoVersion { version: 1, .. })));
    assert_eq!(two.open(FIELD, "a", &new).unwrap(), b"x");
}

#[tokio::test]
async fn a_new_master_key_wraps_everything_again() {
    let (db, node) = (database().await, Node::new());
    let ring = opened(&db, &node.places).await.unwrap();
    let sealed = ring.seal(FIELD, "a", b"x").unwrap();
    let before = std::fs::read(node.places.path()).unwrap();
    let mut tx = db.db.begin_raw().await.unwrap();
    let shared = secret(&mut tx, &ring, "platform", None, now()).await.unwrap();
    let rotated = rotate_master(&mut tx, &ring, &node.places).await.unwrap();
    assert_eq!(rotated.count, 4, "check, data, index, secret");
    tx.commit().await.unwrap();
    // The server ends before the file is replaced: the next start finishes it.
    drop(rotated);
    assert_eq!(std::fs::read(node.places.path()).unwrap(), before);
    let ring = opened(&db, &node.places).await.unwrap();
    assert_ne!(std::fs::read(node.places.path()).unwrap(), before);
    assert_eq!(ring.open(FIELD, "a", &sealed).unwrap(), b"x");

    let mut tx = db.db.begin_raw().await.unwrap();
    assert_eq!(secret(&mut tx, &ring, "platform", None, now()).await.unwrap(), shared);
    rotate_master(&mut tx, &ring, &node.places).await.unwrap();
    // Undone: the old file still fits.
    drop(tx);
    opened(&db, &node.places).await.unwrap();

    let mut tx = db.db.begin_raw().await.unwrap();
    let rotated = rotate_master(&mut tx, &ring, &node.places).await.unwrap();
    tx.commit().await.unwrap();
    rotated.finish().unwrap();
    let ring = opened(&db, &node.places).await.unwrap();
    assert_eq!(ring.open(FIELD, "a", &sealed).unwrap(), b"x");
    std::fs::write(node.places.path(), before).unwrap();
    assert!(matches!(opened(&db, &node.places).await.unwrap_err(), Error::WrongMaster(_)));
}

#[tokio::test]
async fn what_is_destroyed_cannot_be_read_again() {
    let (db, node) = (database().await, Node::new());
    let ring = opened(&db, &node.places).await.unwrap();
    let sealed = ring.seal(FIELD, "a", b"x").unwrap();
    let mut tx = db.db.begin_raw().await.unwrap();
    assert_eq!(erase(&mut tx, FIELD, now()).await.unwrap(), 2);
    assert!(matches!(erase(&mut tx, FIELD, now()).await, Err(Error::NoField(_))));
    tx.commit().await.unwrap();

    let mut tx = db.db.begin_raw().await.unwrap();
    refresh(&mut tx, &ring, 0, now()).await.unwrap();
    assert!(ring.open(FIELD, "a", &sealed).is_err());
    drop(tx);
    // A new key begins with a new version; the old data stays lost.
    let again = opened(&db, &node.places).await.unwrap();
    assert_eq!(again.sealer(FIELD).unwrap().version(), 2);
    assert!(matches!(
        again.open(FIELD, "a", &sealed),
        Err(SealError::NoVersion { version: 1, .. })
    ));
    let mut tx = db.db.begin_raw().await.unwrap();
    let erased = keys(&mut tx).await.unwrap().into_iter().filter(|key| key.erased_at.is_some());
    assert_eq!(erased.count(), 2);
}

#[tokio::test]
async fn a_secret_is_taken_over_once_and_shared() {
    let (db, node) = (database().await, Node::new());
    let ring = opened(&db, &node.places).await.unwrap();
    let mut tx = db.db.begin_raw().await.unwrap();
    let first = secret(&mut tx, &ring, "ledger.sign", Some([7; 32]), now()).await.unwrap();
    assert_eq!(first, [7; 32]);
    assert_eq!(secret(&mut tx, &ring, "ledger.sign", Some([8; 32]), now()).await.unwrap(), [7; 32]);
    let drawn = secret(&mut tx, &ring, "other", None, now()).await.unwrap();
    assert_ne!(drawn, [7; 32]);
}
