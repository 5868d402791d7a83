//! Every bound of the language in one place: an expression comes from a pack and must never hang or exhaust the machine.

/// The bounds that parsing and evaluating keep. Exceeding one is an error, never a hang.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Characters in one source.
    pub source: usize,
    /// Brackets, calls and conditions inside each other.
    pub depth: usize,
    /// Depth of the parsed tree (a long path or chain of powers counts too).
    pub tree: usize,
    /// Nodes being evaluated inside each other, over all functions that call each other.
    pub evaluation: usize,
    /// Evaluation steps: one for each node visited and each element touched.
    pub steps: usize,
    /// Evaluation steps of a whole decision model.
    pub model_steps: usize,
    /// Elements of one list.
    pub list: usize,
    /// Bytes of one text that an expression makes.
    pub text: usize,
    /// Values inside each other, in a result or a comparison.
    pub nesting: usize,
    /// Bytes of a regular expression.
    pub pattern: usize,
    /// Bytes of a text that is searched with a regular expression.
    pub searched: usize,
}

/// The bounds in force.
pub const LIMITS: Limits = Limits {
    source: 4_000,
    depth: 64,
    tree: 160,
    evaluation: 320,
    steps: 100_000,
    model_steps: 2_000_000,
    list: 10_000,
    text: 100_000,
    nesting: 64,
    pattern: 256,
    searched: 10_000,
};
