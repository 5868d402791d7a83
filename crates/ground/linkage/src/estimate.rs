//! Learning without examples: how often strangers agree comes from random pairs, how often the same agree from the
//! steps of expectation and maximisation over the candidates of each pass, leaving out the fields of that pass.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::block::Blocked;
use crate::compare::MISSING;
use crate::error::{Error, Result};
use crate::model::{FieldModel, Model};
use crate::plan::Plan;
use crate::pool::{Column, Pool, level};

/// Fewest records to learn from.
const RECORDS_MIN: usize = 20;
/// Fewest pairs of the same a pass must be expected to hold to be learned from.
const SAME_MIN: f64 = 10.0;
/// What is added to each count so that nothing is impossible.
const SMOOTH: f64 = 0.5;
/// How many frequent values are kept of a field.
const SHARES_MAX: usize = 5_000;
/// A value that fewer records hold is not kept: a model must not tell who is in the register.
const HOLDERS_MIN: u32 = 5;

/// How much is looked at, and how chance is seeded.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The seed of the random pairs.
    pub seed: u64,
    /// How many random pairs are drawn.
    pub random_pairs: usize,
    /// Most pairs of a pass that are learned from.
    pub pass_pairs: usize,
    /// Most rounds of a pass.
    pub rounds: usize,
    /// The steps are at rest when no figure moves by more.
    pub rest: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { seed: 1, random_pairs: 1_000_000, pass_pairs: 400_000, rounds: 500, rest: 1e-5 }
    }
}

/// What was learned, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The model; its prior is a first guess until the candidates are counted.
    pub model: Model,
    /// Rounds of each pass; none where a pass held too few of the same.
    pub rounds: Vec<Option<usize>>,
}

/// What one pass said.
struct Learned {
    same: Vec<Option<Vec<f64>>>,
    /// How many pairs of the same it is expected to hold.
    expected: f64,
    rounds: usize,
}

/// Learns from the records of a pool.
pub fn estimate(plan: &Plan, pool: &Pool, settings: &Settings) -> Result<Estimate> {
    plan.check()?;
    if pool.len() < RECORDS_MIN {
        return Err(Error::TooFew { found: pool.len(), least: RECORDS_MIN });
    }
    let strangers = strangers(plan, pool, settings);
    let mut rounds = Vec::with_capacity(plan.passes.len());
    let mut learned = Vec::new();
    for pass in 0..plan.passes.len() {
        let found = learn(plan, pool, pass, (&strangers, settings))?;
        rounds.push(found.as_ref().map(|found| found.rounds));
        learned.extend(found);
    }
    let mut fields = Vec::with_capacity(plan.fields.len());
    for (at, strangers) in strangers.into_iter().enumerate() {
        fields.push(joined(plan, at, strangers, &learned)?);
    }
    for ((model, field), column) in fields.iter_mut().zip(&plan.fields).zip(&pool.columns) {
        if field.rarity {
            (model.shares, model.rare) = shares(column, model);
        }
    }
    let most = learned.iter().map(|pass| pass.expected).fold(1.0, f64::max);
    let prior = (most / pairs_of(pool)).clamp(1e-12, 0.5);
    Ok(Estimate { model: Model { prior, fields }, rounds })
}

/// How likely two records drawn by chance are the same, from the patterns of all candidates.
pub(crate) fn prior(model: &Model, pool: &Pool, patterns: &[(u64, u64)]) -> f64 {
    let all = pairs_of(pool);
    let weights: Vec<(f64, f64)> = patterns
        .iter()
        .map(|(pattern, count)| (model.pattern_weight(*pattern).exp2(), real(*count)))
        .collect();
    let mut prior = model.prior;
    for _ in 0..200 {
        let odds = prior / (1.0 - prior);
        let expected: f64 = weights
            .iter()
            .map(|(factor, count)| count * (factor * odds / (1.0 + factor * odds)))
            .sum();
        let next = (expected / all).clamp(1e-12, 0.5);
        let rest = (next / prior - 1.0).abs() < 1e-6;
        prior = next;
        if rest {
            break;
        }
    }
    prior
}

/// How many pairs there are in all.
fn pairs_of(pool: &Pool) -> f64 {
    let mut counts: FxHashMap<u16, u64> = FxHashMap::default();
    for source in &pool.sources {
        *counts.entry(*source).or_default() += 1;
    }
    let count = real(pool.len() as u64);
    let all = count * (count - 1.0) / 2.0;
    if !pool.is_across() {
        return all.max(1.0);
    }
    let mut sizes: Vec<u64> = counts.into_values().collect();
    sizes.sort_unstable();
    let within: f64 = sizes.into_iter().map(|size| real(size) * (real(size) - 1.0) / 2.0).sum();
    (all - within).max(1.0)
}

/// How often strangers agree on each level: random pairs, drawn from a seed.
fn strangers(plan: &Plan, pool: &Pool, settings: &Settings) -> Vec<Vec<f64>> {
    let mut counts: Vec<Vec<f64>> =
        plan.fields.iter().map(|field| vec![SMOOTH; field.comparer.levels().len()]).collect();
    let mut chance = Chance(settings.seed);
    let records = pool.len() as u64;
    for _ in 0..settings.random_pairs {
        let (left, right) = (chance.below(records), chance.below(records));
        if !pool.may_pair(left, right) {
            continue;
        }
        let pattern = pool.pattern(left, right);
        for (field, counts) in counts.iter_mut().enumerate() {
            let level = level(pattern, field);
            if level != MISSING
                && let Some(count) = counts.get_mut(usize::from(level) - 1)
            {
                *count += 1.0;
            }
        }
    }
    for counts in &mut counts {
        to_shares(counts);
    }
    counts
}

/// What the candidates of one pass say of the fields the pass does not use; none when it holds too few of the same.
fn learn(
    plan: &Plan,
    pool: &Pool,
    pass: usize,
    (strangers, settings): (&[Vec<f64>], &Settings),
) -> Result<Option<Learned>> {
    let used = |field: usize| plan.passes.get(pass).is_some_and(|pass| pass.uses(field));
    let free: Vec<usize> = (0..plan.fields.len()).filter(|field| !used(*field)).collect();
    let patterns = patterns(plan, pool, pass, settings.pass_pairs);
    let is_filled =
        |field: &&usize| patterns.iter().any(|(pattern, _)| level(*pattern, **field) != MISSING);
    let filled: Vec<usize> = free.iter().filter(is_filled).copied().collect();
    if patterns.is_empty() {
        return Ok(None);
    }
    if filled.len() < 3 {
        return Err(Error::TooFewFields { pass, left: filled.len() });
    }
    let mut same: Vec<Option<Vec<f64>>> = vec![None; plan.fields.len()];
    for field in &filled {
        let levels = plan.fields.get(*field).map_or(0, |field| field.comparer.levels().len());
        if let Some(place) = same.get_mut(*field) {
            *place = Some(first_guess(levels));
        }
    }
    let mut share = 0.2;
    let mut change = f64::INFINITY;
    for round in 1..=settings.rounds {
        let (next, next_share) = step(&patterns, (&same, share), strangers);
        change = moved(&same, &next).max((next_share - share).abs());
        (same, share) = (next, next_share);
        if change < settings.rest {
            let expected = share * patterns.iter().map(|(_, count)| count).sum::<f64>();
            let enough = expected >= SAME_MIN;
            return Ok(enough.then_some(Learned { same, expected, rounds: round }));
        }
    }
    Err(Error::NotConverged { pass, change, rounds: settings.rounds })
}

/// One round: how likely each pattern is the same, and what follows for the levels.
fn step(
    patterns: &[(u64, f64)],
    (same, share): (&[Option<Vec<f64>>], f64),
    strangers: &[Vec<f64>],
) -> (Vec<Option<Vec<f64>>>, f64) {
    let mut next: Vec<Option<Vec<f64>>> =
        same.iter().map(|field| field.as_ref().map(|levels| vec![SMOOTH; levels.len()])).collect();
    let (mut expected, mut all) = (0.0, 0.0);
    for (pattern, count) in patterns {
        let (mut if_same, mut if_strangers) = (share, 1.0 - share);
        for (field, (same, strangers)) in same.iter().zip(strangers).enumerate() {
            let (Some(same), level) = (same, level(*pattern, field)) else { continue };
            if level == MISSING {
                continue;
            }
            let at = usize::from(level) - 1;
            if_same *= same.get(at).copied().unwrap_or(1.0);
            if_strangers *= strangers.get(at).copied().unwrap_or(1.0);
        }
        let likely = count * if_same / (if_same + if_strangers).max(f64::MIN_POSITIVE);
        for (field, next) in next.iter_mut().enumerate() {
            let (Some(next), level) = (next, level(*pattern, field)) else { continue };
            if level != MISSING
                && let Some(sum) = next.get_mut(usize::from(level) - 1)
            {
                *sum += likely;
            }
        }
        expected += likely;
        all += count;
    }
    for counts in next.iter_mut().flatten() {
        to_shares(counts);
    }
    (next, (expected / f64::max(all, 1.0)).clamp(1e-9, 1.0 - 1e-9))
}

/// The patterns of the candidates of a pass and how often each occurs, in order.
fn patterns(plan: &Plan, pool: &Pool, pass: usize, most: usize) -> Vec<(u64, f64)> {
    let blocked = Blocked::of(pool, pass, plan.block_max);
    let mut counts: FxHashMap<u64, u64> = FxHashMap::default();
    let mut seen = 0;
    blocked.pairs(pool, |left, right| {
        *counts.entry(pool.pattern(left, right)).or_default() += 1;
        seen += 1;
        seen < most
    });
    in_order(counts).into_iter().map(|(pattern, count)| (pattern, real(count))).collect()
}

pub(crate) fn in_order(counts: FxHashMap<u64, u64>) -> Vec<(u64, u64)> {
    let mut all: Vec<(u64, u64)> = counts.into_iter().collect();
    all.sort_unstable();
    all
}

/// What all passes say of a field, each by how many of the same it holds.
fn joined(plan: &Plan, at: usize, strangers: Vec<f64>, learned: &[Learned]) -> Result<FieldModel> {
    let name = || plan.fields.get(at).map(|field| field.name.clone()).unwrap_or_default();
    let mut same = vec![0.0; strangers.len()];
    let mut weight = 0.0;
    for pass in learned {
        let Some(Some(levels)) = pass.same.get(at) else { continue };
        for (sum, level) in same.iter_mut().zip(levels) {
            *sum += level * pass.expected;
        }
        weight += pass.expected;
    }
    if weight <= 0.0 {
        return Err(Error::NoEvidence(name()));
    }
    for level in &mut same {
        *level /= weight;
    }
    if same.last() <= strangers.last() || same.last().is_none_or(|level| *level < 0.05) {
        return Err(Error::NotIdentified(name()));
    }
    Ok(FieldModel { same, strangers, ..FieldModel::default() })
}

/// The share of each frequent value, and what a rare one has on average.
fn shares(
    column: &Column,
    model: &FieldModel,
) -> (std::collections::BTreeMap<String, f64>, Option<f64>) {
    let all: f64 = column.counts.iter().map(|count| f64::from(*count)).sum();
    if all <= 0.0 {
        return (std::collections::BTreeMap::new(), model.strangers.last().copied());
    }
    let mut counts: FxHashMap<&str, u32> = FxHashMap::default();
    for (value, count) in column.values.iter().zip(&column.counts) {
        *counts.entry(&value.text).or_default() += count;
    }
    let mut ordered: Vec<(&str, u32)> =
        counts.into_iter().filter(|(_, count)| *count > 0).collect();
    ordered.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let frequent = ordered.partition_point(|(_, count)| *count >= HOLDERS_MIN);
    let (frequent, rest) = ordered.split_at(frequent.min(SHARES_MAX));
    let share = |count: u32| f64::from(count) / all;
    let kept = frequent.iter().map(|(value, count)| ((*value).to_owned(), share(*count))).collect();
    let (sum, squares) = rest.iter().fold((0.0, 0.0), |(sum, squares), (_, count)| {
        (sum + f64::from(*count), squares + f64::from(*count) * f64::from(*count))
    });
    let rare = if sum > 0.0 { squares / sum / all } else { 1.0 / all };
    (kept, Some(rare))
}

/// Before anything is known: the same agree mostly.
fn first_guess(levels: usize) -> Vec<f64> {
    let mut guess: Vec<f64> =
        (0..levels).map(|level| f64::from(u32::try_from(level).unwrap_or(0)) + 1.0).collect();
    if let Some(last) = guess.last_mut() {
        *last = 10.0 * real(levels as u64);
    }
    to_shares(&mut guess);
    guess
}

fn moved(before: &[Option<Vec<f64>>], after: &[Option<Vec<f64>>]) -> f64 {
    let pairs = before.iter().flatten().flatten().zip(after.iter().flatten().flatten());
    pairs.map(|(before, after)| (before - after).abs()).fold(0.0, f64::max)
}

fn to_shares(counts: &mut [f64]) {
    let sum: f64 = counts.iter().sum();
    for count in counts {
        *count /= sum;
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of pairs stay far below 2^52")]
pub(crate) fn real(count: u64) -> f64 {
    count as f64
}

/// Chance that repeats: splitmix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let z = z ^ (z >> 31);
        let drawn = (u128::from(z) * u128::from(limit)) >> 64;
        u32::try_from(drawn).unwrap_or(u32::MAX)
    }
}
