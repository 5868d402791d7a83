//! What this suite keeps of its own: ratings.

use time::OffsetDateTime;

/// A rating as the public sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rating {
    /// From 1 (非常不满意) to 5 (非常满意).
    pub score: u8,
    /// What was written.
    pub words: String,
    /// When.
    pub at: OffsetDateTime,
}

/// What the ratings of an item say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// How many there are.
    pub count: i64,
    /// Their mean, in tenths.
    pub mean_tenths: i64,
    /// The latest with words.
    pub latest: Vec<Rating>,
}
