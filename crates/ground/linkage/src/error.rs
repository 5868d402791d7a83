//! What can be wrong with a plan, with the data it is estimated from, or with a decision.

use thiserror::Error;

/// The result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why records cannot be compared.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Error {
    /// The plan has no fields, or more than a pattern can hold.
    #[error("a plan compares 3 to {max} fields, not {found}")]
    Fields {
        /// How many it has.
        found: usize,
        /// How many it may have.
        max: usize,
    },
    /// The plan has no pass, or too many.
    #[error("a plan has 1 to {max} passes, not {found}")]
    Passes {
        /// How many it has.
        found: usize,
        /// How many it may have.
        max: usize,
    },
    /// A pass has no part, or one of a field that the plan does not compare.
    #[error("pass {0} names no field of the plan")]
    Part(usize),
    /// A threshold is no probability, or doubt begins above certainty.
    #[error(
        "doubt begins at {doubt} and certainty at {sure}: both lie between 0 and 1, doubt below certainty"
    )]
    Thresholds {
        /// Where doubt begins.
        doubt: f64,
        /// Where certainty begins.
        sure: f64,
    },
    /// A record has another number of values than the plan has fields.
    #[error("a record has {found} values for {expected} fields")]
    Ragged {
        /// How many it has.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// Too few records to learn from.
    #[error("{found} records are too few to learn from; at least {least} are needed")]
    TooFew {
        /// How many there are.
        found: usize,
        /// How many are needed.
        least: usize,
    },
    /// Beside the fields of a pass fewer than three others are filled: two classes cannot be told apart.
    #[error("pass {pass} leaves {left} other fields to learn from; at least 3 are needed")]
    TooFewFields {
        /// The pass.
        pass: usize,
        /// How many other fields are left.
        left: usize,
    },
    /// No pass brings pairs that tell anything of a field.
    #[error("no pass brings enough pairs to learn how `{0}` agrees; add a pass without it")]
    NoEvidence(String),
    /// The steps did not come to rest.
    #[error("the estimate of pass {pass} still moves by {change} after {rounds} rounds")]
    NotConverged {
        /// The pass.
        pass: usize,
        /// By how much the last round changed it.
        change: f64,
        /// How many rounds were made.
        rounds: usize,
    },
    /// Records of one person agree on a field no more often than records of strangers: the two classes were not
    /// told apart, or the field says nothing.
    #[error(
        "`{0}` agrees no more often among the same than among strangers; leave it out or clean it"
    )]
    NotIdentified(String),
    /// A model was made for another plan.
    #[error("the model has {found} fields and the plan {expected}")]
    OtherPlan {
        /// Fields of the model.
        found: usize,
        /// Fields of the plan.
        expected: usize,
    },
}
