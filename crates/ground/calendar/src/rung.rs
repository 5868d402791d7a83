//! The rungs of a clock: moments before, at and after its end at which somebody is told.

use time::OffsetDateTime;

/// A moment of a clock, in its own unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rung {
    /// So many days or hours are left: in the morning of the day at whose end they are, or at the very moment.
    Before(u32),
    /// The time is over.
    Over,
    /// So many days or hours too many have passed.
    After(u32),
}

/// The rung that comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// Its name.
    pub name: String,
    /// When it is due.
    pub at: OffsetDateTime,
}
