//! Nothing can be altered in a backup without being found and named.

use zhengtong_backup::{Backup, Error, Passphrase, list, newest, prune, restore};
use zhengtong_crypto::SigningKey;

use crate::city::{City, folder, key, nothing, pass, verify};

#[tokio::test(flavor = "multi_thread")]
async fn one_flipped_bit_anywhere_is_found_and_its_part_is_named() {
    let city = City::new().await;
    let taken = city.take().await.unwrap();
    city.cluster.stop().await;
    let bytes = std::fs::read(&taken.path).unwrap();
    let manifest = &taken.manifest;
    let first = usize::try_from(manifest.pieces[0].offset).unwrap();
    let (_, last) = manifest.piece("keys").unwrap();
    let end = usize::try_from(last.offset + last.bytes).unwrap();
    // Every byte of the header and of what follows the pieces; the pieces at many places and at their edges.
    let mut places: Vec<usize> = (0..first).chain(end..bytes.len()).collect();
    for piece in &manifest.pieces {
        let (at, length) =
            (usize::try_from(piece.offset).unwrap(), usize::try_from(piece.bytes).unwrap());
        places.extend([at, at + 3, at + 4, at + length / 2, at + length - 1]);
        places.extend((1..15).map(|part| at + length * part / 15));
    }
    let path = city.out.path().join("flipped.ztb");
    for (count, place) in places.iter().enumerate() {
        let mut flipped = bytes.clone();
        flipped[*place] ^= 1 << (count % 8);
        std::fs::write(&path, &flipped).unwrap();
        let found = verify(&path, None);
        let Err(Error::Altered { place: named, .. }) = found else {
            panic!("byte {place}: {found:?}")
        };
        let expected = manifest.pieces.iter().find(|piece| {
            (piece.offset..piece.offset + piece.bytes).contains(&u64::try_from(*place).unwrap())
        });
        if let Some(piece) = expected {
            assert!(named.contains(&piece.name), "byte {place} of {}: {named}", piece.name);
        }
    }
    println!("{} places of {} bytes", places.len(), bytes.len());
    // With the passphrase the chunk is named as well.
    let mut flipped = bytes.clone();
    let database = &manifest.pieces[0];
    flipped[usize::try_from(database.offset + database.bytes / 2).unwrap()] ^= 4;
    std::fs::write(&path, &flipped).unwrap();
    let said = verify(&path, Some(&pass())).unwrap_err().to_string();
    assert!(said.contains("the piece database, chunk "), "{said}");
    // Nothing of an altered backup is restored.
    let to = city.out.path().join("city");
    let refused = restore(&path, pass(), &[], &to, None, nothing()).await;
    assert!(matches!(refused, Err(Error::Altered { .. })));
    assert!(!to.exists());
    // Cut off anywhere, or longer.
    for length in [0, 7, 8, 11, 12, first, bytes.len() / 2, end, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..length]).unwrap();
        assert!(verify(&path, None).is_err(), "cut to {length}");
    }
    std::fs::write(&path, [&bytes[..], b"x"].concat()).unwrap();
    assert!(verify(&path, None).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_passphrase_opens_it_and_only_the_key_of_the_city_signs_it() {
    let city = City::new().await;
    let taken = city.take().await.unwrap();
    let backup = Backup::open(&taken.path, &[key().verifying_key()]).unwrap();
    let wrong = Passphrase::new("another passphrase of words").unwrap();
    assert!(matches!(backup.check(Some(&wrong), &mut |_| ()), Err(Error::Passphrase)));
    let to = city.out.path().join("city");
    let refused = restore(&taken.path, wrong, &[], &to, None, nothing()).await;
    assert!(matches!(refused, Err(Error::Passphrase)));
    assert!(!to.exists(), "nothing is made with a wrong passphrase");
    assert!(Passphrase::new("short").is_err());
    let other = SigningKey::from_seed([1; 32]).verifying_key();
    assert!(matches!(Backup::open(&taken.path, &[other]), Err(Error::OtherKey(_))));
    // Nothing of the city can be read in the file.
    let bytes = std::fs::read(&taken.path).unwrap();
    for word in ["thing.make", "secret", "file 7 file 7"] {
        assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()), "{word}");
    }
    // Another kind of file.
    let text = folder();
    std::fs::write(text.path().join("note.txt"), "no backup").unwrap();
    let refused = Backup::open(&text.path().join("note.txt"), &[]);
    assert!(matches!(refused, Err(Error::NotABackup(_))));
    city.cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_are_kept() {
    let city = City::new().await;
    assert!(matches!(newest(city.out.path()), Err(Error::None(_))));
    let mut taken = Vec::new();
    for _ in 0..3 {
        taken.push(city.take().await.unwrap());
    }
    std::fs::write(city.out.path().join("broken.ztb"), "ZTBACK1\nbroken").unwrap();
    let found = list(city.out.path()).unwrap();
    assert_eq!((found.len(), found.iter().filter(|one| one.is_ok()).count()), (4, 3));
    assert_eq!(newest(city.out.path()).unwrap().path, taken[2].path);
    let system = &taken[0].manifest.system;
    assert!(prune(city.out.path(), "another city", 1).unwrap().is_empty());
    // The first holds the files of the others: it stays as long as one of them does.
    assert!(prune(city.out.path(), system, 2).unwrap().is_empty());
    // Keeping none would be no backup at all: one stays, with what it builds on.
    assert!(prune(city.out.path(), system, 0).unwrap().is_empty());
    assert!(taken.iter().all(|one| one.path.exists()));
    city.cluster.stop().await;
}
