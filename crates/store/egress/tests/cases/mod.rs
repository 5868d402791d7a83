//! Cases of the way out.

mod line;
mod refuse;
mod resist;
mod server;
mod trust;
