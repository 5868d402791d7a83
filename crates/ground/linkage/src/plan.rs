//! What is compared, how candidates are found, and where doubt begins and ends.

use serde::{Deserialize, Serialize};

use crate::compare::Comparer;
use crate::error::{Error, Result};

/// Most fields of a plan: a pattern has four bits for each.
const FIELDS_MAX: usize = 16;
/// Fewest fields of a plan: two classes cannot be told apart by less.
const FIELDS_MIN: usize = 3;
/// Most passes of a plan.
const PASSES_MAX: usize = 16;

/// Between which records pairs are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// All.
    #[default]
    All,
    /// Those of different sources: each source holds one record of each.
    Across,
}

/// A field that is compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldPlan {
    /// Its name, as messages say it.
    pub name: String,
    /// What kind of value it holds.
    pub comparer: Comparer,
    /// Whether a rare value that agrees says more than a frequent one.
    pub rarity: bool,
}

/// A part of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// The whole value; of a citizen number the 17 places before the check.
    Whole(usize),
    /// How it sounds, as it may be heard; of a day with month and day in order of size.
    Sound(usize),
    /// So many first characters.
    Start(usize, usize),
    /// So many last characters.
    End(usize, usize),
}

/// One way to find candidates: records whose key is the same are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass(pub Vec<Part>);

/// What is compared and how candidates are found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The fields.
    pub fields: Vec<FieldPlan>,
    /// The ways to find candidates.
    pub passes: Vec<Pass>,
    /// Most records that may share a key. A key that more share tells nothing and is left out, and counted.
    pub block_max: usize,
    /// The probability from which on a pair is put before a person.
    pub doubt: f64,
    /// The probability from which on a pair is joined.
    pub sure: f64,
    /// Between which records pairs are looked for.
    pub scope: Scope,
}

impl Part {
    /// The field it is taken from.
    pub fn field(self) -> usize {
        match self {
            Self::Whole(field)
            | Self::Sound(field)
            | Self::Start(field, _)
            | Self::End(field, _) => field,
        }
    }
}

impl Pass {
    /// Whether the key is taken from a field.
    pub fn uses(&self, field: usize) -> bool {
        self.0.iter().any(|part| part.field() == field)
    }
}

impl Plan {
    /// Refuses a plan that cannot work.
    pub fn check(&self) -> Result<()> {
        let fields = self.fields.len();
        if !(FIELDS_MIN..=FIELDS_MAX).contains(&fields) {
            return Err(Error::Fields { found: fields, max: FIELDS_MAX });
        }
        if !(1..=PASSES_MAX).contains(&self.passes.len()) {
            return Err(Error::Passes { found: self.passes.len(), max: PASSES_MAX });
        }
        let is_wrong =
            |pass: &Pass| pass.0.is_empty() || pass.0.iter().any(|part| part.field() >= fields);
        if let Some(pass) = self.passes.iter().position(is_wrong) {
            return Err(Error::Part(pass));
        }
        let (doubt, sure) = (self.doubt, self.sure);
        let is_probability = |value: f64| value > 0.0 && value < 1.0;
        if !is_probability(doubt) || !is_probability(sure) || doubt > sure {
            return Err(Error::Thresholds { doubt, sure });
        }
        Ok(())
    }
}
