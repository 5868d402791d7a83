//! Working days with make-up days, and the legal clock: budget, suspension ledger, derived deadline.
//!
//! A deadline is never stored. It is worked out each time from the day the clock started, its budget,
//! its suspensions and the calendar, so that a corrected calendar or a corrected suspension corrects
//! every deadline. A year whose notice has not been published is an error, never a plain
//! Monday-to-Friday guess; where a page must show something, the guess is marked as provisional.

mod calendar;
mod cells;
mod clock;
mod error;
mod reckon;

pub use calendar::{Calendar, Day, DayKind, Estimate, china_date};
pub use cells::{Cell, CellKind};
pub use clock::{Clock, ClockEvent, ClockState, Reading, Suspension, Unit};
pub use error::CalendarError;
