//! Tests of ratings in a real database, under the packs and the policies that ship with the platform.

#![cfg(test)]

#[path = "cases/counted.rs"]
mod counted;
#[path = "cases/course.rs"]
mod course;
#[path = "cases/hidden.rs"]
mod hidden;
#[path = "cases/once.rs"]
mod once;
#[path = "cases/watched.rs"]
mod watched;
#[path = "cases/world.rs"]
mod world;
