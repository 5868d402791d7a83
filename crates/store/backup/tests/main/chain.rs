//! Backups that build on earlier ones: nothing is copied twice, everything comes back, and what others need stays.

use std::fs;
use std::path::Path;

use zhengtong_backup::{Backup, Error, Taken, list, prune, restore};

use crate::city::{City, checks, nothing, object, pass, verify};

/// A file that no compression makes small, so that bytes tell who holds it.
fn large(data: &Path, seed: u8) -> String {
    let mut state = u64::from(seed) + 1;
    let bytes: Vec<u8> = (0..400_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            u8::try_from(state >> 56).unwrap()
        })
        .collect();
    let digest = zhengtong_crypto::Digest::of(&bytes).to_string();
    let path = object(data, &digest);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
    digest
}

fn files_bytes(taken: &Taken) -> u64 {
    taken.manifest.piece("files").unwrap().1.bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_file_is_copied_once_and_comes_back_from_where_it_is() {
    let city = City::new().await;
    let first_digest = large(city.data.path(), 1);
    let first = city.take().await.unwrap();
    assert!(first.manifest.bases.is_empty());
    assert_eq!(first.manifest.own_files, Some(first.manifest.files));
    assert!(files_bytes(&first) > 400_000);

    city.act(500).await;
    city.seal().await;
    let second = city.take().await.unwrap();
    assert_eq!(second.manifest.bases, std::slice::from_ref(&first.manifest.id));
    assert_eq!((second.manifest.files, second.manifest.own_files), (42, Some(1)));
    assert!(files_bytes(&second) < 10_000, "{}", files_bytes(&second));

    let second_digest = large(city.data.path(), 2);
    let third = city.take().await.unwrap();
    assert_eq!(third.manifest.bases.len(), 2);
    assert_eq!((third.manifest.files, third.manifest.own_files), (43, Some(1)));
    city.db.close().await;
    city.cluster.stop().await;

    let to = city.out.path().join("restored");
    let restored = restore(&third.path, pass(), &[], &to, None, nothing()).await.unwrap();
    let proof = restored.prove(&checks()).await.unwrap();
    assert_eq!(proof.files, 41);
    for digest in [&first_digest, &second_digest] {
        let bytes = fs::read(object(&to, digest)).unwrap();
        assert_eq!(zhengtong_crypto::Digest::of(&bytes).to_string(), **digest);
    }

    // One byte of the first, on which the third builds.
    let whole = fs::read(&first.path).unwrap();
    let mut bytes = whole.clone();
    let at = usize::try_from(first.manifest.piece("files").unwrap().1.offset).unwrap() + 100_000;
    bytes[at] ^= 1;
    fs::write(&first.path, bytes).unwrap();
    verify(&third.path, Some(&pass())).unwrap();
    let chain = Backup::open(&third.path, &[]).unwrap();
    let found = chain.check_all(None, &mut |_| ());
    assert!(matches!(&found, Err(Error::Altered { path, .. }) if *path == first.path), "{found:?}");
    let to = city.out.path().join("again");
    let refused = restore(&third.path, pass(), &[], &to, None, nothing()).await;
    assert!(matches!(refused, Err(Error::Altered { .. })), "{refused:?}");

    // And when it is not there at all.
    fs::rename(&first.path, city.out.path().join("hidden")).unwrap();
    let refused = restore(&third.path, pass(), &[], &to, None, nothing()).await;
    assert!(
        matches!(&refused, Err(Error::Base { id, .. }) if *id == first.manifest.id),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_others_build_on_stays_and_a_chain_ends() {
    let city = City::new().await;
    let mut taken = Vec::new();
    for _ in 0..8 {
        taken.push(city.take().await.unwrap());
    }
    let chains: Vec<usize> = taken.iter().map(|one| one.manifest.bases.len()).collect();
    assert_eq!(
        chains,
        [0, 1, 2, 3, 4, 5, 6, 0],
        "after six that build on one another, a whole one"
    );

    // The seventh needs all before it.
    let system = taken[0].manifest.system.clone();
    assert_eq!(prune(city.out.path(), &system, 2).unwrap(), Vec::<std::path::PathBuf>::new());
    assert_eq!(prune(city.out.path(), &system, 1).unwrap().len(), 7);
    let left: Vec<_> = list(city.out.path()).unwrap().into_iter().flatten().collect();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].manifest.id, taken[7].manifest.id);

    // A file of one's own is always whole.
    let alone = city.out.path().join("alone.ztb");
    let alone = zhengtong_backup::take(city.plan(&alone), nothing()).await.unwrap();
    assert!(alone.manifest.bases.is_empty());
    city.db.close().await;
    city.cluster.stop().await;
}
