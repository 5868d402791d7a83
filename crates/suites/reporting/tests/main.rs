//! Tests of reporting up in a real database, under the policies that ship with the platform. The cases of a whole city are
//! reported by a test of the program.

#![cfg(test)]

#[path = "cases/items.rs"]
mod items;
#[path = "cases/rights.rs"]
mod rights;
#[path = "cases/world.rs"]
mod world;
