//! All records at once: learn, find candidates, weigh them.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::block::{Blocked, NO_KEY};
use crate::error::Result;
use crate::estimate::{Settings, estimate, in_order, prior};
use crate::model::{Model, Verdict};
use crate::plan::Plan;
use crate::pool::{Pool, RecordId, level};

/// Two records that may be the same.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// One record.
    pub left: RecordId,
    /// The other one.
    pub right: RecordId,
    /// How sure it is, in bits.
    pub weight: f64,
    /// What follows.
    pub verdict: Verdict,
}

/// How the work went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Records.
    pub records: usize,
    /// Pairs that were compared, each once.
    pub candidates: u64,
    /// Keys of each pass that too many records share, and how many records hold one.
    pub crowded: Vec<(usize, usize)>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Linked {
    /// What was learned.
    pub model: Model,
    /// Pairs that are the same or doubtful.
    pub links: Vec<Link>,
    /// How the work went.
    pub report: Report,
}

/// Learns from a pool unless a model is given, and finds its pairs.
pub fn link(plan: &Plan, pool: &Pool, known: Option<Model>, settings: &Settings) -> Result<Linked> {
    let learning = known.is_none();
    let mut model = match known {
        Some(model) => model,
        None => estimate(plan, pool, settings)?.model,
    };
    let mut scorer = Scorer::new(plan, pool, &model);
    let blocks: Vec<Blocked> =
        (0..plan.passes.len()).map(|pass| Blocked::of(pool, pass, plan.block_max)).collect();
    for (pass, blocked) in blocks.iter().enumerate() {
        blocked.pairs(pool, |left, right| {
            if !seen_before(pool, &blocks, pass, (left, right)) {
                scorer.take(left, right);
            }
            true
        });
    }
    let patterns = in_order(std::mem::take(&mut scorer.patterns));
    if learning {
        model.prior = prior(&model, pool, &patterns);
    }
    let report = Report {
        records: pool.len(),
        candidates: patterns.iter().map(|(_, count)| count).sum(),
        crowded: blocks.iter().map(crowd).collect(),
    };
    let links = scorer.kept.iter().filter_map(|kept| kept.link(plan, pool, model.prior_weight()));
    Ok(Linked { links: links.collect(), model, report })
}

/// Whether an earlier pass brought the pair already.
fn seen_before(pool: &Pool, blocks: &[Blocked], pass: usize, (left, right): (u32, u32)) -> bool {
    let keys = pool.keys_of(left).iter().zip(pool.keys_of(right)).zip(blocks).take(pass);
    keys.into_iter()
        .any(|((left, right), block)| left == right && *left != NO_KEY && !block.is_crowded(*left))
}

fn crowd(blocked: &Blocked) -> (usize, usize) {
    let records = blocked.order.iter().filter(|(key, _)| blocked.is_crowded(*key)).count();
    (blocked.crowded.len(), if blocked.crowded.is_empty() { 0 } else { records })
}

/// A pair that speaks more for the same than against it.
struct Kept {
    left: u32,
    right: u32,
    weight: f64,
}

impl Kept {
    fn link(&self, plan: &Plan, pool: &Pool, prior: f64) -> Option<Link> {
        let weight = self.weight + prior;
        let verdict = Verdict::of(plan, weight);
        let (left, right) = (pool.id(self.left)?, pool.id(self.right)?);
        (verdict != Verdict::Different).then_some(Link { left, right, weight, verdict })
    }
}

struct Scorer<'a> {
    pool: &'a Pool,
    model: Model,
    /// What rarity adds, by field and value; empty for fields without.
    rarity: Vec<Vec<f64>>,
    weights: FxHashMap<u64, f64>,
    patterns: FxHashMap<u64, u64>,
    kept: Vec<Kept>,
}

impl<'a> Scorer<'a> {
    fn new(plan: &Plan, pool: &'a Pool, model: &Model) -> Self {
        let rarity = plan.fields.iter().zip(&model.fields).zip(&pool.columns).map(
            |((field, model), column)| {
                let same = column.comparer.same();
                let of = |value: &crate::prepared::Prepared| model.rarity(&value.text, same);
                if field.rarity { column.values.iter().map(of).collect() } else { Vec::new() }
            },
        );
        Self {
            rarity: rarity.collect(),
            pool,
            model: model.clone(),
            weights: FxHashMap::default(),
            patterns: FxHashMap::default(),
            kept: Vec::new(),
        }
    }

    fn take(&mut self, left: u32, right: u32) {
        let pattern = self.pool.pattern(left, right);
        *self.patterns.entry(pattern).or_default() += 1;
        let model = &self.model;
        let mut weight =
            *self.weights.entry(pattern).or_insert_with(|| model.pattern_weight(pattern));
        let fields =
            self.rarity.iter().zip(&self.pool.columns).zip(self.pool.cells_of(left)).enumerate();
        for (field, ((rarity, column), cell)) in fields {
            if !rarity.is_empty() && level(pattern, field) == column.comparer.same() {
                weight += rarity.get(*cell as usize).copied().unwrap_or(0.0);
            }
        }
        // The prior only takes away: a pair that says nothing for the same never becomes a link.
        if weight > 0.0 {
            self.kept.push(Kept { left, right, weight });
        }
    }
}
