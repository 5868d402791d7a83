//! The Merkle tree of RFC 6962 over SM3: plans of proofs, their resolution, their verification, and a
//! frontier that grows a tree in logarithmic memory. Everything is pure; hashes come by argument.

use crate::digest::{Digest, Hasher};

/// A complete subtree: the leaves `index << level` up to `(index + 1) << level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    /// 0 for a leaf; a node of level `n` stands over `2^n` leaves.
    pub level: u8,
    /// The position among the nodes of its level, from the left.
    pub index: u64,
}

/// Which complete subtrees a root or a proof is made of. Each group folds into one hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    groups: Vec<Vec<NodeId>>,
}

/// The right edge of a growing tree: one hash for each complete subtree, the largest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Digest>,
}

/// The hash of a leaf.
pub fn leaf_hash(data: &[u8]) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update(&[0x00]);
    hasher.update(data);
    hasher.finish()
}

/// The hash of an inner node.
pub fn node_hash(left: Digest, right: Digest) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update(&[0x01]);
    hasher.update(left.as_bytes());
    hasher.update(right.as_bytes());
    hasher.finish()
}

/// The root of the tree without leaves.
pub fn empty_root() -> Digest {
    Digest::of(b"")
}

/// The root of a tree of leaf hashes.
pub fn root(leaves: &[Digest]) -> Digest {
    let mut frontier = Frontier::new();
    for leaf in leaves {
        frontier.append(*leaf);
    }
    frontier.root()
}

/// The audit path of one leaf in the tree of all `leaves`; none when there is no such leaf.
pub fn inclusion(leaves: &[Digest], index: u64) -> Option<Vec<Digest>> {
    let size = u64::try_from(leaves.len()).ok()?;
    Plan::inclusion(index, size)?.resolve(|node| subtree(leaves, node))
}

/// The proof that the tree of the first `old` leaves is a prefix of the tree of all `leaves`.
pub fn consistency(leaves: &[Digest], old: u64) -> Option<Vec<Digest>> {
    let size = u64::try_from(leaves.len()).ok()?;
    Plan::consistency(old, size)?.resolve(|node| subtree(leaves, node))
}

/// The hash of a complete subtree, folded from the hashes of any complete level below it, from the left.
/// None when their number is not a power of two.
pub fn fold(hashes: &[Digest]) -> Option<Digest> {
    if !hashes.len().is_power_of_two() {
        return None;
    }
    let mut frontier = Frontier::new();
    for hash in hashes {
        frontier.append(*hash);
    }
    Some(frontier.root())
}

/// Whether `path` proves that the leaf stands at `index` in the tree of `size` leaves with this root.
pub fn verify_inclusion(
    leaf: Digest,
    index: u64,
    size: u64,
    path: &[Digest],
    expected: Digest,
) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(*sibling, hash);
            climb_to_right_child(&mut node, &mut last);
        } else {
            hash = node_hash(hash, *sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && hash == expected
}

/// Whether `path` proves that the tree of `old` leaves is a prefix of the tree of `new` leaves.
pub fn verify_consistency(
    old: u64,
    new: u64,
    path: &[Digest],
    old_root: Digest,
    new_root: Digest,
) -> bool {
    if old > new {
        return false;
    }
    if old == new {
        return path.is_empty() && old_root == new_root;
    }
    if old == 0 {
        return path.is_empty() && old_root == empty_root();
    }
    let (first, rest) = if old.is_power_of_two() {
        (old_root, path)
    } else {
        let Some((first, rest)) = path.split_first() else { return false };
        (*first, rest)
    };
    let (mut node, mut last) = (old - 1, new - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut new_hash) = (first, first);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(*sibling, old_hash);
            new_hash = node_hash(*sibling, new_hash);
            climb_to_right_child(&mut node, &mut last);
        } else {
            new_hash = node_hash(new_hash, *sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && old_hash == old_root && new_hash == new_root
}

impl Plan {
    /// The complete subtrees of a tree, the largest first: what its root and its frontier are made of.
    pub fn root(size: u64) -> Self {
        Self { groups: vec![cover(0, size)] }
    }

    /// What the audit path of a leaf is made of; none when the tree has no such leaf.
    pub fn inclusion(index: u64, size: u64) -> Option<Self> {
        if index >= size {
            return None;
        }
        let mut groups = Vec::new();
        let (mut begin, mut end) = (0, size);
        while end - begin > 1 {
            let middle = begin + split(end - begin);
            if index < middle {
                groups.push(cover(middle, end));
                end = middle;
            } else {
                groups.push(cover(begin, middle));
                begin = middle;
            }
        }
        groups.reverse();
        Some(Self { groups })
    }

    /// What a consistency proof is made of; none when `old` is larger than `new`.
    pub fn consistency(old: u64, new: u64) -> Option<Self> {
        if old > new {
            return None;
        }
        let mut groups = Vec::new();
        if old == 0 || old == new {
            return Some(Self { groups });
        }
        let (mut begin, mut end, mut is_old_root) = (0, new, true);
        while end > old {
            let middle = begin + split(end - begin);
            if old <= middle {
                groups.push(cover(middle, end));
                end = middle;
            } else {
                groups.push(cover(begin, middle));
                begin = middle;
                is_old_root = false;
            }
        }
        if !is_old_root {
            groups.push(cover(begin, end));
        }
        groups.reverse();
        Some(Self { groups })
    }

    /// All subtrees whose hashes are needed.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.groups.iter().flatten().copied()
    }

    /// The hashes of the plan, one for each group; none when `lookup` does not know a subtree.
    pub fn resolve(&self, lookup: impl Fn(NodeId) -> Option<Digest>) -> Option<Vec<Digest>> {
        self.groups
            .iter()
            .map(|group| {
                let hashes: Option<Vec<Digest>> = group.iter().map(|node| lookup(*node)).collect();
                Some(bag(&hashes?))
            })
            .collect()
    }
}

impl Frontier {
    /// The frontier of the tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// The frontier of a tree that was stored: its peaks are the nodes of [`Plan::root`], in that order.
    pub fn from_peaks(size: u64, peaks: Vec<Digest>) -> Option<Self> {
        let expected = usize::try_from(size.count_ones()).ok()?;
        (peaks.len() == expected).then_some(Self { size, peaks })
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hashes of the complete subtrees, the largest first.
    pub fn peaks(&self) -> &[Digest] {
        &self.peaks
    }

    /// Appends one leaf hash.
    pub fn append(&mut self, leaf: Digest) {
        self.append_with(leaf, |_, _| {});
    }

    /// Appends one leaf hash and names every subtree above it that became complete, from below.
    pub fn append_with(&mut self, leaf: Digest, mut completed: impl FnMut(NodeId, Digest)) {
        let mut hash = leaf;
        let mut node = NodeId { level: 0, index: self.size };
        while node.index & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(left, hash);
            node = NodeId { level: node.level + 1, index: node.index >> 1 };
            completed(node, hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root of the tree.
    pub fn root(&self) -> Digest {
        bag(&self.peaks)
    }
}

/// Folds complete subtrees, the largest first, into the hash over all of them.
fn bag(hashes: &[Digest]) -> Digest {
    hashes
        .iter()
        .rev()
        .copied()
        .reduce(|right, left| node_hash(left, right))
        .unwrap_or_else(empty_root)
}

/// The largest power of two below `size`, for `size` above 1.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// The complete subtrees over the leaves `begin..end`, where `begin` is a multiple of the power of two
/// that is not below `end - begin`.
fn cover(begin: u64, end: u64) -> Vec<NodeId> {
    let mut nodes = Vec::new();
    let mut begin = begin;
    while begin < end {
        let exponent = (end - begin).ilog2();
        let level = u8::try_from(exponent).unwrap_or(u8::MAX);
        nodes.push(NodeId { level, index: begin >> exponent });
        begin += 1 << exponent;
    }
    nodes
}

/// The hash of one complete subtree over leaf hashes.
fn subtree(leaves: &[Digest], node: NodeId) -> Option<Digest> {
    let begin = usize::try_from(node.index.checked_shl(u32::from(node.level))?).ok()?;
    let width = 1_usize.checked_shl(u32::from(node.level))?;
    fold(leaves.get(begin..begin.checked_add(width)?)?)
}

/// A left node that is the last of its level has no sibling there: it climbs until it has one.
fn climb_to_right_child(node: &mut u64, last: &mut u64) {
    while *node & 1 == 0 && *node != 0 {
        *node >>= 1;
        *last >>= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962, written as it stands there.
    fn definition(leaves: &[Digest]) -> Digest {
        match leaves {
            [] => empty_root(),
            [leaf] => *leaf,
            _ => {
                let middle = usize::try_from(split(leaves.len() as u64)).unwrap();
                node_hash(definition(&leaves[..middle]), definition(&leaves[middle..]))
            }
        }
    }

    fn leaves(count: u64) -> Vec<Digest> {
        (0..count).map(|index| leaf_hash(&index.to_be_bytes())).collect()
    }

    #[test]
    fn root_is_the_definition() {
        let leaves = leaves(130);
        for size in 0..=leaves.len() {
            assert_eq!(root(&leaves[..size]), definition(&leaves[..size]), "size {size}");
        }
    }

    #[test]
    fn frontier_is_restored_from_the_nodes_it_named() {
        let mut stored = std::collections::BTreeMap::new();
        let mut frontier = Frontier::new();
        for (index, leaf) in leaves(130).into_iter().enumerate() {
            let index = index as u64;
            stored.insert(NodeId { level: 0, index }, leaf);
            frontier.append_with(leaf, |node, hash| {
                stored.insert(node, hash);
            });
            let peaks = Plan::root(index + 1).nodes().map(|node| stored[&node]).collect();
            assert_eq!(Frontier::from_peaks(index + 1, peaks).as_ref(), Some(&frontier));
        }
        assert_eq!(Frontier::from_peaks(3, vec![empty_root()]), None);
    }

    #[test]
    fn nothing_beyond_the_tree() {
        let leaves = leaves(5);
        assert_eq!(inclusion(&leaves, 5), None);
        assert_eq!(consistency(&leaves, 6), None);
        assert!(!verify_inclusion(leaves[0], 5, 5, &[], leaves[0]));
        assert!(!verify_consistency(6, 5, &[], leaves[0], leaves[0]));
        assert!(verify_consistency(0, 5, &[], empty_root(), root(&leaves)));
        assert!(!verify_consistency(0, 5, &[], leaves[0], root(&leaves)));
    }
}
