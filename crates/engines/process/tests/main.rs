//! Tests of process instances in a real database: their course, their history, two hands at once, new versions.

#![cfg(test)]

#[path = "cases/course.rs"]
mod course;
#[path = "cases/packs.rs"]
mod packs;
#[path = "cases/together.rs"]
mod together;
#[path = "cases/versions.rs"]
mod versions;
#[path = "cases/world.rs"]
mod world;
