//! Candidates: nobody compares all with all, so records are compared that share a key of a pass.

use std::hash::Hasher as _;

use rustc_hash::FxHasher;

use crate::plan::{Part, Pass, Plan};
use crate::pool::Pool;
use crate::prepared::{Given, Prepared, prepare};

/// The key of a record that lacks a part of it: it finds nobody.
pub(crate) const NO_KEY: u64 = 0;

/// The records of a pool in the order of their keys of one pass.
#[derive(Clone, Debug, Default)]
pub struct Blocked {
    pub(crate) order: Vec<(u64, u32)>,
    /// Keys that too many share, in order.
    pub(crate) crowded: Vec<u64>,
}

/// The keys of a record as texts, one for each pass: for a store that finds candidates itself. A text says what is
/// in the record, so a store keeps only its blind index.
pub fn keys(plan: &Plan, values: &[Given]) -> Vec<Option<String>> {
    let prepared: Vec<Prepared> = plan
        .fields
        .iter()
        .zip(values)
        .map(|(field, value)| prepare(field.comparer, value))
        .collect();
    let values: Vec<&Prepared> = prepared.iter().collect();
    plan.passes.iter().map(|pass| text(pass, &values)).collect()
}

pub(crate) fn hash(at: usize, pass: &Pass, values: &[&Prepared]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write_usize(at);
    for part in &pass.0 {
        let Some(text) = part_of(*part, values) else { return NO_KEY };
        hasher.write(text.as_bytes());
        hasher.write_u8(0xff);
    }
    hasher.finish().max(1)
}

fn text(pass: &Pass, values: &[&Prepared]) -> Option<String> {
    let parts: Option<Vec<&str>> = pass.0.iter().map(|part| part_of(*part, values)).collect();
    parts.map(|parts| parts.join("\u{1f}"))
}

fn part_of<'a>(part: Part, values: &[&'a Prepared]) -> Option<&'a str> {
    let value = values.get(part.field()).filter(|value| !value.is_missing())?;
    let plain: &str = if value.folded.is_empty() { &value.text } else { &value.folded };
    match part {
        Part::Whole(_) if plain.len() == 18 && (value.proven || value.old) => plain.get(..17),
        Part::Sound(_) if !value.loose.is_empty() => Some(&value.loose),
        Part::Sound(_) if !value.sound.is_empty() => Some(&value.sound),
        Part::Whole(_) | Part::Sound(_) => Some(plain),
        Part::Start(_, count) => {
            let end = plain.char_indices().nth(count).map_or(plain.len(), |(at, _)| at);
            plain.get(..end)
        }
        Part::End(_, count) => {
            let skip = plain.chars().count().saturating_sub(count);
            let start = plain.char_indices().nth(skip).map_or(0, |(at, _)| at);
            plain.get(start..)
        }
    }
}

impl Blocked {
    /// Puts the records of a pool in the order of a pass.
    pub(crate) fn of(pool: &Pool, pass: usize, block_max: usize) -> Self {
        let all = 0..u32::try_from(pool.len()).unwrap_or(u32::MAX);
        let mut order: Vec<(u64, u32)> = all
            .map(|place| (pool.key(place, pass), place))
            .filter(|(key, _)| *key != NO_KEY)
            .collect();
        order.sort_unstable();
        let mut crowded = Vec::new();
        for block in order.chunk_by(|a, b| a.0 == b.0) {
            if let (true, Some((key, _))) = (block.len() > block_max, block.first()) {
                crowded.push(*key);
            }
        }
        Self { order, crowded }
    }

    pub(crate) fn is_crowded(&self, key: u64) -> bool {
        self.crowded.binary_search(&key).is_ok()
    }

    /// Visits every pair that shares a key; the visitor says whether to go on.
    pub(crate) fn pairs(&self, pool: &Pool, mut visit: impl FnMut(u32, u32) -> bool) {
        for block in self.order.chunk_by(|a, b| a.0 == b.0) {
            if block.len() < 2 || block.first().is_some_and(|(key, _)| self.is_crowded(*key)) {
                continue;
            }
            for (at, (_, left)) in block.iter().enumerate() {
                for (_, right) in block.iter().skip(at + 1) {
                    if pool.may_pair(*left, *right) && !visit(*left, *right) {
                        return;
                    }
                }
            }
        }
    }
}
