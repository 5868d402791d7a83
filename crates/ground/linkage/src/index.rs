//! One record at a time against all: for a counter where somebody waits.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::block::{self, Blocked, NO_KEY};
use crate::compare::{MISSING, compare};
use crate::error::{Error, Result};
use crate::model::{Model, Verdict};
use crate::plan::{Plan, Scope};
use crate::pool::{Pool, Record, RecordId};
use crate::prepared::{Prepared, prepare};

/// A record that may be the same as the one asked about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// The record.
    pub id: RecordId,
    /// How sure it is, in bits.
    pub weight: f64,
    /// What follows.
    pub verdict: Verdict,
}

/// Records that can be asked about one by one, and grow one by one.
#[derive(Debug)]
pub struct Index {
    plan: Plan,
    model: Model,
    pool: Pool,
    /// The records the index began with, by pass.
    blocks: Vec<Blocked>,
    /// Those that came since, by key.
    since: Vec<FxHashMap<u64, Vec<u32>>>,
}

impl Index {
    /// Makes the records of a pool ready to be asked.
    pub fn new(plan: Plan, model: Model, pool: Pool) -> Result<Self> {
        plan.check()?;
        if model.fields.len() != plan.fields.len() {
            return Err(Error::OtherPlan {
                found: model.fields.len(),
                expected: plan.fields.len(),
            });
        }
        // Crowded keys are seen when they are asked for, with what came since.
        let blocks =
            (0..plan.passes.len()).map(|pass| Blocked::of(&pool, pass, usize::MAX)).collect();
        let since = vec![FxHashMap::default(); plan.passes.len()];
        Ok(Self { plan, model, pool, blocks, since })
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.pool.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.pool.is_empty()
    }

    /// The records that may be the same as this one, surest first.
    pub fn ask(&self, record: &Record) -> Result<Vec<Found>> {
        let expected = self.plan.fields.len();
        if record.values.len() != expected {
            return Err(Error::Ragged { found: record.values.len(), expected });
        }
        let fields = self.plan.fields.iter().zip(&record.values);
        let prepared: Vec<Prepared> =
            fields.map(|(field, value)| prepare(field.comparer, value)).collect();
        let mut found: Vec<Found> = self
            .candidates(record, &prepared)
            .into_iter()
            .filter_map(|place| self.weigh(&prepared, place))
            .filter(|found| found.verdict != Verdict::Different)
            .collect();
        found.sort_unstable_by(|a, b| b.weight.total_cmp(&a.weight).then(a.id.cmp(&b.id)));
        Ok(found)
    }

    /// Takes a record in, and says which others may be the same.
    pub fn add(&mut self, record: &Record) -> Result<Vec<Found>> {
        let found = self.ask(record)?;
        let place = self.pool.add(&self.plan, record)?;
        for (pass, since) in self.since.iter_mut().enumerate() {
            let key = self.pool.key(place, pass);
            if key != NO_KEY {
                since.entry(key).or_default().push(place);
            }
        }
        Ok(found)
    }

    fn candidates(&self, record: &Record, prepared: &[Prepared]) -> Vec<u32> {
        let values: Vec<&Prepared> = prepared.iter().collect();
        let mut seen = FxHashSet::default();
        let mut all = Vec::new();
        for (at, pass) in self.plan.passes.iter().enumerate() {
            let key = block::hash(at, pass, &values);
            if key == NO_KEY {
                continue;
            }
            let (old, new) = (self.old(at, key), self.new_since(at, key));
            if old.len() + new.len() >= self.plan.block_max {
                continue;
            }
            let places = old.iter().map(|(_, place)| *place).chain(new.iter().copied());
            all.extend(places.filter(|place| self.may_pair(record, *place) && seen.insert(*place)));
        }
        all
    }

    fn old(&self, pass: usize, key: u64) -> &[(u64, u32)] {
        let Some(blocked) = self.blocks.get(pass) else { return &[] };
        let from = blocked.order.partition_point(|(other, _)| *other < key);
        let rest = blocked.order.get(from..).unwrap_or_default();
        rest.get(..rest.partition_point(|(other, _)| *other == key)).unwrap_or_default()
    }

    fn new_since(&self, pass: usize, key: u64) -> &[u32] {
        self.since.get(pass).and_then(|since| since.get(&key)).map_or(&[], Vec::as_slice)
    }

    fn may_pair(&self, record: &Record, place: u32) -> bool {
        let other = self.pool.sources.get(place as usize);
        self.pool.id(place) != Some(record.id)
            && (self.plan.scope == Scope::All || other != Some(&record.source))
    }

    fn weigh(&self, prepared: &[Prepared], place: u32) -> Option<Found> {
        let mut weight = self.model.prior_weight();
        let cells = self.pool.cells_of(place).iter().zip(&self.pool.columns);
        let fields = self.plan.fields.iter().zip(&self.model.fields);
        for ((field, model), (value, (cell, column))) in fields.zip(prepared.iter().zip(cells)) {
            let other = column.values.get(*cell as usize)?;
            let level = compare(field.comparer, value, other);
            weight += if level == MISSING { 0.0 } else { model.weight(level) };
            if field.rarity && level == field.comparer.same() {
                weight += model.rarity(&value.text, level);
            }
        }
        Some(Found { id: self.pool.id(place)?, weight, verdict: Verdict::of(&self.plan, weight) })
    }
}
