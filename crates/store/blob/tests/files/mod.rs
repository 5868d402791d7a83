//! The tests by what they look at.

mod folder;
mod kinds;
mod scanning;
mod sealed;
mod uploads;
