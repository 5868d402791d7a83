//! Tests of cases in a real database, under the packs and the policies that ship with the platform.

#![cfg(test)]

#[path = "cases/alive.rs"]
mod alive;
#[path = "cases/attach.rs"]
mod attach;
#[path = "cases/charge.rs"]
mod charge;
#[path = "cases/clock.rs"]
mod clock;
#[path = "cases/clocks.rs"]
mod clocks;
#[path = "cases/course.rs"]
mod course;
#[path = "cases/desk.rs"]
mod desk;
#[path = "cases/duty.rs"]
mod duty;
#[path = "cases/free.rs"]
mod free;
#[path = "cases/grammar.rs"]
mod grammar;
#[path = "cases/hands.rs"]
mod hands;
#[path = "cases/joint.rs"]
mod joint;
#[path = "cases/leaving.rs"]
mod leaving;
#[path = "cases/outside.rs"]
mod outside;
#[path = "cases/owed.rs"]
mod owed;
#[path = "cases/papers.rs"]
mod papers;
#[path = "cases/privacy.rs"]
mod privacy;
#[path = "cases/recompute.rs"]
mod recompute;
#[path = "cases/refusals.rs"]
mod refusals;
#[path = "cases/used.rs"]
mod used;
#[path = "cases/world.rs"]
mod world;
