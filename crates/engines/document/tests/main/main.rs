//! Papers against a real PostgreSQL and real fonts: issued once, printed, verified, revoked.

mod issuing;
mod kit;
mod packs;
mod printing;
mod reading;
