//! Which records are one entity, and which name it keeps.
//!
//! The partition follows from the pairs alone, whatever order they came in: surest first, two groups become one
//! unless a person declared two of their records different. Names follow from the partition before: the oldest name
//! survives a merge, and of a split the larger part keeps it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::pool::RecordId;

/// The name of an entity. Smaller is older.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EntityId(pub u64);

/// Two records, the smaller name first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pair {
    left: RecordId,
    right: RecordId,
}

/// Two records that are the same.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// The records.
    pub pair: Pair,
    /// How sure it is, in bits; infinite when a person said so.
    pub weight: f64,
}

/// Records that are one entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub entity: EntityId,
    /// Its records, in order.
    pub records: Vec<RecordId>,
}

/// What happened to entities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum Event {
    /// A new entity.
    Created {
        /// Its name.
        entity: EntityId,
    },
    /// A new record came to an entity that was there.
    Joined {
        /// The entity.
        entity: EntityId,
        /// The record.
        record: RecordId,
    },
    /// An entity became a part of another; its name is never used again.
    Merged {
        /// The name that is gone.
        gone: EntityId,
        /// The name that stays.
        into: EntityId,
    },
    /// Records left an entity that goes on without them.
    Split {
        /// The entity that goes on.
        from: EntityId,
        /// The entity they are now.
        into: EntityId,
        /// The records that left.
        records: Vec<RecordId>,
    },
}

/// The groups and what changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Regrouped {
    /// All groups, in the order of their first records.
    pub groups: Vec<Group>,
    /// What changed.
    pub events: Vec<Event>,
    /// The next name that is free.
    pub next: u64,
}

impl Pair {
    /// Two records in order; none when they are one.
    pub fn new(one: RecordId, other: RecordId) -> Option<Self> {
        match one.cmp(&other) {
            std::cmp::Ordering::Less => Some(Self { left: one, right: other }),
            std::cmp::Ordering::Greater => Some(Self { left: other, right: one }),
            std::cmp::Ordering::Equal => None,
        }
    }

    /// The smaller name.
    pub fn left(&self) -> RecordId {
        self.left
    }

    /// The larger name.
    pub fn right(&self) -> RecordId {
        self.right
    }
}

/// Groups records anew. `members` are all records of the groups concerned with the entities they belong to now;
/// `apart` are pairs declared different; `next` is the first name that was never used.
pub fn regroup(
    members: &BTreeMap<RecordId, Option<EntityId>>,
    edges: &[Edge],
    apart: &BTreeSet<Pair>,
    next: u64,
) -> Regrouped {
    let groups = partition(members, edges, apart);
    named(members, groups, next)
}

/// Surest pairs first; what a person said comes before all.
fn partition(
    members: &BTreeMap<RecordId, Option<EntityId>>,
    edges: &[Edge],
    apart: &BTreeSet<Pair>,
) -> Vec<Vec<RecordId>> {
    let mut edges: Vec<&Edge> = edges.iter().collect();
    edges.sort_unstable_by(|a, b| b.weight.total_cmp(&a.weight).then(a.pair.cmp(&b.pair)));
    let mut group_of: BTreeMap<RecordId, RecordId> =
        members.keys().map(|record| (*record, *record)).collect();
    let mut groups: BTreeMap<RecordId, BTreeSet<RecordId>> =
        members.keys().map(|record| (*record, BTreeSet::from([*record]))).collect();
    let mut strangers: BTreeMap<RecordId, BTreeSet<RecordId>> = BTreeMap::new();
    for pair in apart {
        strangers.entry(pair.left).or_default().insert(pair.right);
        strangers.entry(pair.right).or_default().insert(pair.left);
    }
    for edge in edges {
        let (Some(left), Some(right)) =
            (group_of.get(&edge.pair.left), group_of.get(&edge.pair.right))
        else {
            continue;
        };
        let (left, right) = (*left, *right);
        if left == right || are_apart(&groups, &strangers, left, right) {
            continue;
        }
        let (stays, goes) = (left.min(right), left.max(right));
        let moved = groups.remove(&goes).unwrap_or_default();
        for record in &moved {
            group_of.insert(*record, stays);
        }
        groups.entry(stays).or_default().extend(moved);
    }
    groups.into_values().map(|group| group.into_iter().collect()).collect()
}

fn are_apart(
    groups: &BTreeMap<RecordId, BTreeSet<RecordId>>,
    strangers: &BTreeMap<RecordId, BTreeSet<RecordId>>,
    left: RecordId,
    right: RecordId,
) -> bool {
    let (Some(left), Some(right)) = (groups.get(&left), groups.get(&right)) else { return false };
    let has =
        |record: &RecordId| strangers.get(record).is_some_and(|apart| !apart.is_disjoint(right));
    left.iter().any(has)
}

/// Gives each group its name and says what changed.
fn named(
    members: &BTreeMap<RecordId, Option<EntityId>>,
    groups: Vec<Vec<RecordId>>,
    next: u64,
) -> Regrouped {
    let mut held: BTreeMap<EntityId, BTreeMap<usize, usize>> = BTreeMap::new();
    for (at, group) in groups.iter().enumerate() {
        for record in group {
            if let Some(Some(entity)) = members.get(record) {
                *held.entry(*entity).or_default().entry(at).or_default() += 1;
            }
        }
    }
    // The heir of a name is the group with most of its records; the first group wins a tie.
    let mut names: Vec<Option<EntityId>> = vec![None; groups.len()];
    for (entity, parts) in &held {
        let heir = parts.iter().max_by_key(|(at, count)| (**count, std::cmp::Reverse(**at)));
        if let Some(name) = heir.and_then(|(at, _)| names.get_mut(*at))
            && name.is_none()
        {
            *name = Some(*entity);
        }
    }
    let mut result = Regrouped { next, ..Regrouped::default() };
    for (name, records) in names.into_iter().zip(groups) {
        let entity = name.unwrap_or_else(|| {
            let entity = EntityId(result.next);
            result.next += 1;
            result.events.push(Event::Created { entity });
            entity
        });
        result.groups.push(Group { entity, records });
    }
    tell(members, &held, &mut result);
    result
}

fn tell(
    members: &BTreeMap<RecordId, Option<EntityId>>,
    held: &BTreeMap<EntityId, BTreeMap<usize, usize>>,
    result: &mut Regrouped,
) {
    let lives: BTreeSet<EntityId> = result.groups.iter().map(|group| group.entity).collect();
    let mut events = Vec::new();
    for (entity, parts) in held.iter().filter(|(entity, _)| !lives.contains(entity)) {
        let heir = parts.iter().max_by_key(|(at, count)| (**count, std::cmp::Reverse(**at)));
        if let Some(group) = heir.and_then(|(at, _)| result.groups.get(*at)) {
            events.push(Event::Merged { gone: *entity, into: group.entity });
        }
    }
    let into: BTreeMap<EntityId, EntityId> = events
        .iter()
        .filter_map(|event| match event {
            Event::Merged { gone, into } => Some((*gone, *into)),
            _ => None,
        })
        .collect();
    for group in &result.groups {
        let mut left: BTreeMap<EntityId, Vec<RecordId>> = BTreeMap::new();
        for record in &group.records {
            match members.get(record) {
                Some(Some(old)) if into.get(old).unwrap_or(old) != &group.entity => {
                    left.entry(*old).or_default().push(*record);
                }
                Some(None)
                    if group.records.iter().any(|other| members.get(other) != Some(&None)) =>
                {
                    events.push(Event::Joined { entity: group.entity, record: *record });
                }
                _ => {}
            }
        }
        for (from, records) in left {
            let from = into.get(&from).copied().unwrap_or(from);
            events.push(Event::Split { from, into: group.entity, records });
        }
    }
    result.events.extend(events);
}
