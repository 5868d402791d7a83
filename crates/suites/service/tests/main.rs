//! Tests of items and applications in a real database, under the packs and the policies that ship with the platform.

#![cfg(test)]

#[path = "cases/application.rs"]
mod application;
#[path = "cases/consent.rs"]
mod consent;
#[path = "cases/finding.rs"]
mod finding;
#[path = "cases/grammar.rs"]
mod grammar;
#[path = "cases/licence.rs"]
mod licence;
#[path = "cases/once.rs"]
mod once;
#[path = "cases/sealed.rs"]
mod sealed;
#[path = "cases/unsigned.rs"]
mod unsigned;
#[path = "cases/world.rs"]
mod world;
