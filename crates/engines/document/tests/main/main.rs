//! Papers against a real PostgreSQL and real fonts: issued once, printed, verified, revoked.

#[cfg(test)]
mod issuing;
#[cfg(test)]
mod kit;
#[cfg(test)]
mod packs;
#[cfg(test)]
mod printing;
#[cfg(test)]
mod reading;
