//! What an applicant agrees to, as plain values.

/// What the applicant confirms when handing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent {
    /// That the office may take the named papers from the registries.
    pub sharing: bool,
    /// That everything is true.
    pub truth: bool,
}
