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
mod hours;
mod legal;
mod reckon;
mod refusal;
mod rung;
mod unit;
mod wall;

pub use calendar::{Calendar, Day, DayKind, Estimate, china_date, read_days};
pub use cells::{Cell, CellKind};
pub use clock::{Clock, ClockEvent, ClockState, Reading, Suspension};
pub use error::CalendarError;
pub use hours::{Hours, Period};
pub use legal::{Act, Deadline, ExtensionRule, LegalClock, Rules, Standing, StopRule, What};
pub use refusal::Refusal;
pub use rung::{Next, Rung};
pub use unit::Unit;
pub use wall::china_midnight;
