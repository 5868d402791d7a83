//! Which value of several records counts: item by item, the source that answers for it comes first.

use serde::{Deserialize, Serialize};

use crate::pool::RecordId;

/// What one record says of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim<V> {
    /// The record.
    pub record: RecordId,
    /// The place of its source in the order of authority of the item; the first answers for it.
    pub rank: u32,
    /// When it was said; later counts among equals.
    pub said: i64,
    /// The value.
    pub value: V,
}

/// The value that counts, and what stands against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survivor<V> {
    /// The claim that counts.
    pub claim: Claim<V>,
    /// Claims of another value.
    pub against: Vec<Claim<V>>,
}

/// The value of an item that counts: of the first source in order of authority, of the latest day, of the smallest
/// record name. None when nobody claims anything.
pub fn survive<V: Clone + PartialEq>(claims: &[Claim<V>]) -> Option<Survivor<V>> {
    let order = |claim: &&Claim<V>| (claim.rank, std::cmp::Reverse(claim.said), claim.record);
    let first = claims.iter().min_by_key(order)?;
    let mut against: Vec<Claim<V>> =
        claims.iter().filter(|claim| claim.value != first.value).cloned().collect();
    against.sort_by_key(|claim| (claim.rank, std::cmp::Reverse(claim.said), claim.record));
    Some(Survivor { claim: first.clone(), against })
}
