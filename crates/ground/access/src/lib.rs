//! Who may do what to which thing: Cedar policies behind our own words.
//!
//! A [`Who`] asks to do a verb to a [`Thing`]; [`Policies::decide`] answers. In a policy the three are
//! `principal` (type `User`), `action` (type `Action`, named like the verb) and `resource` (type `Thing`).
//! Attributes that are not known are absent, so a policy asks `has` before it reads them.
//! Policies come from the `access.cedar` of packs; nothing is allowed that no policy permits.

mod policies;
mod request;

pub use policies::{Decision, Policies, PolicyError, Source};
pub use request::{Attr, Thing, Who, WhoKind};
