//! Tests of the portal in a real database, under the policies that ship with the platform.

#![cfg(test)]

#[path = "cases/keys.rs"]
mod keys;
#[path = "cases/looking.rs"]
mod looking;
#[path = "cases/opening.rs"]
mod opening;
#[path = "cases/tables.rs"]
mod tables;
#[path = "cases/world.rs"]
mod world;
#[path = "cases/writing.rs"]
mod writing;
