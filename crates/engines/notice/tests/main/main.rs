//! Messages against a real PostgreSQL: sent once, read by whom they are for, and by nobody else.

#[cfg(test)]
mod outside;
#[cfg(test)]
mod packs;
#[cfg(test)]
mod sending;
#[cfg(test)]
mod sink;
