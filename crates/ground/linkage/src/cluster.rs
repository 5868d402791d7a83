//! All entities of a group in memory, with the pairs they follow from: what a store does with rows, for those who
//! have no store and for tests.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::pool::RecordId;
use crate::regroup::{Edge, EntityId, Event, Pair, regroup};

/// What may change.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// A record came.
    Came(RecordId),
    /// A record is gone, and what was said of it.
    Gone(RecordId),
    /// Two records are the same, by so many bits.
    Linked(Pair, f64),
    /// A pair that was linked is so no more.
    Unlinked(Pair),
    /// A person says that two records are the same.
    Same(Pair),
    /// A person says that two records are different; this stays whatever is found later.
    Different(Pair),
    /// A person takes back what was said of two records.
    Undecided(Pair),
}

/// Entities, their records, and why they are so.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clusters {
    entity_of: BTreeMap<RecordId, EntityId>,
    edges: BTreeMap<RecordId, BTreeMap<RecordId, f64>>,
    said_same: BTreeSet<Pair>,
    apart: BTreeSet<Pair>,
    next: u64,
}

impl Clusters {
    /// The entity of a record.
    pub fn entity(&self, record: RecordId) -> Option<EntityId> {
        self.entity_of.get(&record).copied()
    }

    /// The records of each entity.
    pub fn groups(&self) -> BTreeMap<EntityId, BTreeSet<RecordId>> {
        let mut groups: BTreeMap<EntityId, BTreeSet<RecordId>> = BTreeMap::new();
        for (record, entity) in &self.entity_of {
            groups.entry(*entity).or_default().insert(*record);
        }
        groups
    }

    /// Makes changes, groups what they concern anew, and says what happened.
    pub fn apply(&mut self, changes: &[Change]) -> Vec<Event> {
        let mut touched = BTreeSet::new();
        let mut came = BTreeSet::new();
        for change in changes {
            self.note(*change, &mut touched, &mut came);
        }
        touched.retain(|record| self.entity_of.contains_key(record) || came.contains(record));
        let members = self.concerned(&touched);
        let edges = self.edges_of(&members);
        let known: BTreeMap<RecordId, Option<EntityId>> =
            members.iter().map(|record| (*record, self.entity(*record))).collect();
        let regrouped = regroup(&known, &edges, &self.apart, self.next);
        self.next = regrouped.next;
        for group in &regrouped.groups {
            self.entity_of.extend(group.records.iter().map(|record| (*record, group.entity)));
        }
        regrouped.events
    }

    fn note(
        &mut self,
        change: Change,
        touched: &mut BTreeSet<RecordId>,
        came: &mut BTreeSet<RecordId>,
    ) {
        match change {
            Change::Came(record) => {
                touched.insert(record);
                came.insert(record);
                return;
            }
            Change::Gone(record) => {
                touched.extend(self.neighbours(record));
                touched.extend(
                    self.entity(record).into_iter().flat_map(|entity| self.records(entity)),
                );
                self.forget(record);
                touched.remove(&record);
                came.remove(&record);
                return;
            }
            Change::Linked(pair, weight) => {
                self.edges.entry(pair.left()).or_default().insert(pair.right(), weight);
                self.edges.entry(pair.right()).or_default().insert(pair.left(), weight);
            }
            Change::Unlinked(pair) => self.unlink(pair),
            Change::Same(pair) => {
                self.apart.remove(&pair);
                self.said_same.insert(pair);
            }
            Change::Different(pair) => {
                self.said_same.remove(&pair);
                self.apart.insert(pair);
            }
            Change::Undecided(pair) => {
                self.said_same.remove(&pair);
                self.apart.remove(&pair);
            }
        }
        let (Change::Linked(pair, _)
        | Change::Unlinked(pair)
        | Change::Same(pair)
        | Change::Different(pair)
        | Change::Undecided(pair)) = change
        else {
            return;
        };
        touched.extend([pair.left(), pair.right()]);
    }

    fn unlink(&mut self, pair: Pair) {
        for (one, other) in [(pair.left(), pair.right()), (pair.right(), pair.left())] {
            if let Some(edges) = self.edges.get_mut(&one) {
                edges.remove(&other);
            }
        }
    }

    fn forget(&mut self, record: RecordId) {
        self.entity_of.remove(&record);
        for other in self.edges.remove(&record).unwrap_or_default().into_keys() {
            if let Some(edges) = self.edges.get_mut(&other) {
                edges.remove(&record);
            }
        }
        let is_other = |pair: &Pair| pair.left() != record && pair.right() != record;
        self.said_same.retain(is_other);
        self.apart.retain(is_other);
    }

    /// Everything that hangs together with what was touched, by pairs or by entity.
    fn concerned(&self, touched: &BTreeSet<RecordId>) -> BTreeSet<RecordId> {
        let mut concerned = BTreeSet::new();
        let mut open: Vec<RecordId> = touched.iter().copied().collect();
        let mut groups = None;
        while let Some(record) = open.pop() {
            if !concerned.insert(record) {
                continue;
            }
            open.extend(self.neighbours(record));
            if let Some(entity) = self.entity(record) {
                let groups: &BTreeMap<_, _> = groups.get_or_insert_with(|| self.groups());
                open.extend(groups.get(&entity).into_iter().flatten());
            }
        }
        concerned
    }

    fn neighbours(&self, record: RecordId) -> Vec<RecordId> {
        let linked = self.edges.get(&record).into_iter().flat_map(|edges| edges.keys().copied());
        let said = self.said_same.iter().filter_map(|pair| match (pair.left(), pair.right()) {
            (left, right) if left == record => Some(right),
            (left, right) if right == record => Some(left),
            _ => None,
        });
        linked.chain(said).filter(|other| self.entity_of.contains_key(other)).collect()
    }

    fn records(&self, entity: EntityId) -> Vec<RecordId> {
        let of = self.entity_of.iter().filter(|(_, other)| **other == entity);
        of.map(|(record, _)| *record).collect()
    }

    fn edges_of(&self, members: &BTreeSet<RecordId>) -> Vec<Edge> {
        let mut all = Vec::new();
        for left in members {
            let linked = self.edges.get(left).into_iter().flatten();
            for (right, weight) in linked.filter(|(right, _)| *right > left) {
                all.extend(Pair::new(*left, *right).map(|pair| Edge { pair, weight: *weight }));
            }
        }
        let said = self.said_same.iter().filter(|pair| members.contains(&pair.left()));
        all.extend(said.map(|pair| Edge { pair: *pair, weight: f64::INFINITY }));
        all
    }
}
