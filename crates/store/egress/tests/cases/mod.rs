//! Cases of the way out.

mod refuse;
mod resist;
mod server;
mod trust;
