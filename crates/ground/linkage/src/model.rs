//! What agreement is worth: how often the same agree, how often strangers do, and how rare a value is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::compare::{MISSING, compare};
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::pool::level;
use crate::prepared::Prepared;

/// The rarest value counts as no rarer than this share: one in ten million.
const SHARE_MIN: f64 = 1e-7;

/// What was learned of one field.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FieldModel {
    /// How often records of the same agree on each level, from the farthest.
    pub same: Vec<f64>,
    /// How often records of strangers do.
    pub strangers: Vec<f64>,
    /// The share of frequent values among all.
    pub shares: BTreeMap<String, f64>,
    /// The share of a value that is not among the frequent ones.
    pub rare: Option<f64>,
}

/// What was learned.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// How likely two records drawn by chance are the same.
    pub prior: f64,
    /// The fields, in the order of the plan.
    pub fields: Vec<FieldModel>,
}

/// What a score means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The same.
    Same,
    /// A person must look.
    Doubtful,
    /// Not the same.
    Different,
}

/// The probability of a weight in bits.
pub fn probability(weight: f64) -> f64 {
    1.0 / (1.0 + (-weight).exp2())
}

impl Verdict {
    /// What a weight means under a plan.
    pub fn of(plan: &Plan, weight: f64) -> Self {
        let probability = probability(weight);
        if probability >= plan.sure {
            Self::Same
        } else if probability >= plan.doubt {
            Self::Doubtful
        } else {
            Self::Different
        }
    }
}

impl FieldModel {
    /// What a level is worth, in bits.
    pub fn weight(&self, level: u8) -> f64 {
        if level == MISSING {
            return 0.0;
        }
        let at = usize::from(level) - 1;
        match (self.same.get(at), self.strangers.get(at)) {
            (Some(same), Some(strangers)) => (same / strangers).log2(),
            _ => 0.0,
        }
    }

    /// What it is worth beyond its level that a value agrees.
    pub(crate) fn rarity(&self, value: &str, same: u8) -> f64 {
        let Some(rare) = self.rare else { return 0.0 };
        let share = self.shares.get(value).copied().unwrap_or(rare).max(SHARE_MIN);
        self.strangers
            .get(usize::from(same).saturating_sub(1))
            .map_or(0.0, |usual| (usual / share).log2())
    }
}

impl Model {
    /// What was known before anything is compared, in bits.
    pub fn prior_weight(&self) -> f64 {
        (self.prior / (1.0 - self.prior)).log2()
    }

    /// What the levels of a pattern are worth, without the prior.
    pub(crate) fn pattern_weight(&self, pattern: u64) -> f64 {
        self.fields
            .iter()
            .enumerate()
            .map(|(field, model)| model.weight(level(pattern, field)))
            .sum()
    }

    /// The weight of a pair, in bits, with what each field adds.
    pub fn weigh(
        &self,
        plan: &Plan,
        left: &[Prepared],
        right: &[Prepared],
    ) -> Result<(f64, Vec<(u8, f64)>)> {
        if self.fields.len() != plan.fields.len() {
            return Err(Error::OtherPlan { found: self.fields.len(), expected: plan.fields.len() });
        }
        let pairs = left.iter().zip(right).zip(plan.fields.iter().zip(&self.fields));
        let of = |((left, right), (field, model)): (
            (&Prepared, &Prepared),
            (&crate::plan::FieldPlan, &FieldModel),
        )| {
            let level = compare(field.comparer, left, right);
            let mut weight = model.weight(level);
            if level == field.comparer.same() && field.rarity {
                weight += model.rarity(&left.text, level);
            }
            (level, weight)
        };
        let parts: Vec<(u8, f64)> = pairs.map(of).collect();
        let weight = self.prior_weight() + parts.iter().map(|(_, weight)| weight).sum::<f64>();
        Ok((weight, parts))
    }
}
