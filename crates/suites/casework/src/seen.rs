//! A case as the page showed it on which something was ordered: an order from a page that is no longer how the case stands
//! is refused.

use crate::error::Result;
use crate::hold::fresh;
use crate::model::Case;

/// A case by its number, and the version that was on the page; what follows no page has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsSeen<'a> {
    /// The number.
    pub no: &'a str,
    /// The version.
    pub version: Option<i64>,
}

impl AsSeen<'_> {
    /// Refuses what was ordered on an older page.
    pub(crate) fn still(&self, case: &Case) -> Result<()> {
        fresh(case, self.version)
    }
}

impl<'a> From<&'a str> for AsSeen<'a> {
    fn from(no: &'a str) -> Self {
        Self { no, version: None }
    }
}

impl<'a> From<&'a String> for AsSeen<'a> {
    fn from(no: &'a String) -> Self {
        Self { no, version: None }
    }
}

impl<'a> From<(&'a str, i64)> for AsSeen<'a> {
    fn from((no, version): (&'a str, i64)) -> Self {
        Self { no, version: Some(version) }
    }
}
