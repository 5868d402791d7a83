//! Tests of process instances in a real database: their course, their history, two hands at once, new versions.

#![cfg(test)]

#[path = "cases/beginning.rs"]
mod beginning;
#[path = "cases/called.rs"]
mod called;
#[path = "cases/course.rs"]
mod course;
#[path = "cases/decided.rs"]
mod decided;
#[path = "cases/design.rs"]
mod design;
#[path = "cases/durable.rs"]
mod durable;
#[path = "cases/killed.rs"]
mod killed;
#[path = "cases/moving.rs"]
mod moving;
#[path = "cases/packs.rs"]
mod packs;
#[path = "cases/together.rs"]
mod together;
#[path = "cases/versions.rs"]
mod versions;
#[path = "cases/world.rs"]
mod world;
