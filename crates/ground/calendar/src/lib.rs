//! Working days with make-up days, and the legal clock: budget, suspension ledger, derived deadline.
