//! Many records at once: every distinct value is made ready once and known by a number.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::block::{self, NO_KEY};
use crate::compare::{Comparer, MISSING, compare};
use crate::error::{Error, Result};
use crate::plan::{Plan, Scope};
use crate::prepared::{Given, Prepared, prepare};

/// The name of a record, as its register knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub u128);

/// As 32 hexadecimal digits: numbers of this size are not safe in every JSON.
impl Serialize for RecordId {
    fn serialize<S: serde::Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{:032x}", self.0))
    }
}

impl<'de> Deserialize<'de> for RecordId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        u128::from_str_radix(&text, 16).map(Self).map_err(serde::de::Error::custom)
    }
}

/// A record: one value for each field of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its name.
    pub id: RecordId,
    /// Where it comes from.
    pub source: u16,
    /// Its values, in the order of the plan.
    pub values: Vec<Given>,
}

/// The distinct values of a field.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) comparer: Comparer,
    pub(crate) values: Vec<Prepared>,
    pub(crate) counts: Vec<u32>,
    known: FxHashMap<Given, u32>,
}

/// Records made ready for comparison.
#[derive(Clone, Debug)]
pub struct Pool {
    pub(crate) columns: Vec<Column>,
    pub(crate) ids: Vec<RecordId>,
    pub(crate) sources: Vec<u16>,
    /// The numbers of the values, record after record.
    cells: Vec<u32>,
    /// The keys, record after record.
    keys: Vec<u64>,
    passes: usize,
    scope: Scope,
}

/// The number of a value that is not known.
const NOTHING: u32 = 0;

impl Pool {
    /// No records yet.
    pub fn new(plan: &Plan) -> Result<Self> {
        plan.check()?;
        let column = |comparer| Column {
            comparer,
            values: vec![Prepared::default()],
            counts: vec![0],
            known: FxHashMap::default(),
        };
        Ok(Self {
            columns: plan.fields.iter().map(|field| column(field.comparer)).collect(),
            ids: Vec::new(),
            sources: Vec::new(),
            cells: Vec::new(),
            keys: Vec::new(),
            passes: plan.passes.len(),
            scope: plan.scope,
        })
    }

    /// Takes a record in and says its place.
    pub fn add(&mut self, plan: &Plan, record: &Record) -> Result<u32> {
        let expected = self.columns.len();
        if record.values.len() != expected {
            return Err(Error::Ragged { found: record.values.len(), expected });
        }
        let place = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        for (column, value) in self.columns.iter_mut().zip(&record.values) {
            self.cells.push(column.number(value));
        }
        let values = self.values(place);
        let keys: Vec<u64> = plan
            .passes
            .iter()
            .enumerate()
            .map(|(at, pass)| block::hash(at, pass, &values))
            .collect();
        self.keys.extend(keys);
        self.ids.push(record.id);
        self.sources.push(record.source);
        Ok(place)
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The name of the record at a place.
    pub fn id(&self, place: u32) -> Option<RecordId> {
        self.ids.get(place as usize).copied()
    }

    pub(crate) fn key(&self, place: u32, pass: usize) -> u64 {
        self.keys.get(place as usize * self.passes + pass).copied().unwrap_or(NO_KEY)
    }

    pub(crate) fn keys_of(&self, place: u32) -> &[u64] {
        let from = place as usize * self.passes;
        self.keys.get(from..from + self.passes).unwrap_or_default()
    }

    pub(crate) fn cells_of(&self, place: u32) -> &[u32] {
        let from = place as usize * self.columns.len();
        self.cells.get(from..from + self.columns.len()).unwrap_or_default()
    }

    /// Whether two records may be a pair.
    pub(crate) fn may_pair(&self, left: u32, right: u32) -> bool {
        let source = |place: u32| self.sources.get(place as usize);
        left != right && (self.scope == Scope::All || source(left) != source(right))
    }

    pub(crate) fn is_across(&self) -> bool {
        self.scope == Scope::Across
    }

    fn values(&self, place: u32) -> Vec<&Prepared> {
        let cells = self.cells_of(place).iter();
        cells
            .zip(&self.columns)
            .filter_map(|(cell, column)| column.values.get(*cell as usize))
            .collect()
    }

    /// The levels of all fields of a pair, four bits each.
    pub(crate) fn pattern(&self, left: u32, right: u32) -> u64 {
        let mut pattern = 0;
        let cells = self.cells_of(left).iter().zip(self.cells_of(right));
        for (field, ((left, right), column)) in cells.zip(&self.columns).enumerate() {
            let level = if *left == NOTHING || *right == NOTHING {
                MISSING
            } else if left == right {
                column.comparer.same()
            } else {
                match (column.values.get(*left as usize), column.values.get(*right as usize)) {
                    (Some(left), Some(right)) => compare(column.comparer, left, right),
                    _ => MISSING,
                }
            };
            pattern |= u64::from(level) << (4 * field);
        }
        pattern
    }
}

/// The level of a field in a pattern.
pub(crate) fn level(pattern: u64, field: usize) -> u8 {
    u8::try_from(pattern >> (4 * field) & 0xf).unwrap_or(MISSING)
}

impl Column {
    fn number(&mut self, given: &Given) -> u32 {
        if given.text.is_empty() {
            return NOTHING;
        }
        let next = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        let number = match self.known.entry(given.clone()) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(place) => {
                let prepared = prepare(self.comparer, given);
                if prepared.is_missing() {
                    return NOTHING;
                }
                self.values.push(prepared);
                self.counts.push(0);
                *place.insert(next)
            }
        };
        if let Some(count) = self.counts.get_mut(number as usize) {
            *count += 1;
        }
        number
    }
}
