//! Settings against a real PostgreSQL: changed with a reason, told to every node, taken back.

#[cfg(test)]
mod changing;
#[cfg(test)]
mod packs;
