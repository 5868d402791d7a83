//! Tests of shared data in a real database, under the packs and the policies that ship with the platform.

#![cfg(test)]

#[path = "cases/asked.rs"]
mod asked;
#[path = "cases/objected.rs"]
mod objected;
#[path = "cases/struck.rs"]
mod struck;
#[path = "cases/used.rs"]
mod used;
#[path = "cases/world.rs"]
mod world;
