//! Every proof of every tree up to 130 leaves verifies, and nothing that was altered does.

use proptest::prelude::*;
use zhengtong_crypto::Digest;
use zhengtong_crypto::merkle::{
    consistency, empty_root, inclusion, leaf_hash, root, verify_consistency, verify_inclusion,
};

const SIZE_MAX: usize = 130;

fn leaves(count: usize) -> Vec<Digest> {
    (0..count).map(|index| leaf_hash(&index.to_be_bytes())).collect()
}

fn flip(digest: Digest, bit: usize) -> Digest {
    let mut bytes = *digest.as_bytes();
    if let Some(byte) = bytes.get_mut(bit / 8) {
        *byte ^= 1 << (bit % 8);
    }
    bytes.into()
}

#[test]
fn every_inclusion_proof_verifies() {
    let leaves = leaves(SIZE_MAX);
    for size in 1..=SIZE_MAX {
        let tree = &leaves[..size];
        let expected = root(tree);
        for (index, leaf) in tree.iter().copied().enumerate() {
            let path = inclusion(tree, index as u64).unwrap();
            assert!(verify_inclusion(leaf, index as u64, size as u64, &path, expected));
            let mut longer = path.clone();
            longer.push(leaf);
            assert!(!verify_inclusion(leaf, index as u64, size as u64, &longer, expected));
            if let Some((_, shorter)) = path.split_last() {
                assert!(!verify_inclusion(leaf, index as u64, size as u64, shorter, expected));
            }
            let elsewhere = (index as u64 + 1) % (size as u64 + 1);
            assert!(!verify_inclusion(leaf, elsewhere, size as u64, &path, expected));
        }
    }
}

#[test]
fn every_consistency_proof_verifies() {
    let leaves = leaves(SIZE_MAX);
    let roots: Vec<Digest> = (0..=SIZE_MAX).map(|size| root(&leaves[..size])).collect();
    assert_eq!(roots[0], empty_root());
    for new in 0..=SIZE_MAX {
        for old in 0..=new {
            let path = consistency(&leaves[..new], old as u64).unwrap();
            let verify = |path: &[Digest]| {
                verify_consistency(old as u64, new as u64, path, roots[old], roots[new])
            };
            assert!(verify(&path), "{old} in {new}");
            let mut longer = path.clone();
            longer.push(roots[new]);
            assert!(!verify(&longer), "{old} in {new}");
            if let Some((_, shorter)) = path.split_last() {
                assert!(!verify(shorter), "{old} in {new}");
            }
        }
    }
}

proptest! {
    #[test]
    fn a_flipped_bit_fails_inclusion(
        size in 1..=SIZE_MAX, index in any::<prop::sample::Index>(), bit in 0..256_usize,
    ) {
        let leaves = leaves(size);
        let index = index.index(size);
        let path = inclusion(&leaves, index as u64).unwrap();
        let (at, of, expected) = (index as u64, size as u64, root(&leaves));
        prop_assert!(!verify_inclusion(flip(leaves[index], bit), at, of, &path, expected));
        prop_assert!(!verify_inclusion(leaves[index], at, of, &path, flip(expected, bit)));
        for position in 0..path.len() {
            let mut path = path.clone();
            path[position] = flip(path[position], bit);
            prop_assert!(!verify_inclusion(leaves[index], at, of, &path, expected));
        }
    }

    #[test]
    fn a_flipped_bit_fails_consistency(
        new in 2..=SIZE_MAX, old in any::<prop::sample::Index>(), bit in 0..256_usize,
    ) {
        let leaves = leaves(new);
        let old = 1 + old.index(new - 1);
        let path = consistency(&leaves, old as u64).unwrap();
        let (first, second) = (root(&leaves[..old]), root(&leaves));
        let (old, new) = (old as u64, new as u64);
        prop_assert!(verify_consistency(old, new, &path, first, second));
        prop_assert!(!verify_consistency(old, new, &path, flip(first, bit), second));
        prop_assert!(!verify_consistency(old, new, &path, first, flip(second, bit)));
        for position in 0..path.len() {
            let mut path = path.clone();
            path[position] = flip(path[position], bit);
            prop_assert!(!verify_consistency(old, new, &path, first, second));
        }
    }

    #[test]
    fn another_history_is_no_prefix(size in 2..=SIZE_MAX, changed in any::<prop::sample::Index>()) {
        let honest = leaves(size);
        let mut forged = honest.clone();
        let old = size - 1;
        let changed = changed.index(old);
        forged[changed] = flip(forged[changed], 0);
        let path = consistency(&forged, old as u64).unwrap();
        prop_assert!(!verify_consistency(
            old as u64, size as u64, &path, root(&honest[..old]), root(&forged),
        ));
    }
}
