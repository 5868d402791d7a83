//! Tests of cases in a real database, under the packs and the policies that ship with the platform.

#![cfg(test)]

#[path = "cases/clock.rs"]
mod clock;
#[path = "cases/course.rs"]
mod course;
#[path = "cases/grammar.rs"]
mod grammar;
#[path = "cases/hands.rs"]
mod hands;
#[path = "cases/leaving.rs"]
mod leaving;
#[path = "cases/privacy.rs"]
mod privacy;
#[path = "cases/refusals.rs"]
mod refusals;
#[path = "cases/world.rs"]
mod world;
