//! Tests of the directory in a real database, under the policies and definitions that ship with the platform.

#![cfg(test)]

#[path = "cases/alarm.rs"]
mod alarm;
#[path = "cases/bad.rs"]
mod bad;
#[path = "cases/codes.rs"]
mod codes;
#[path = "cases/course.rs"]
mod course;
#[path = "cases/lists.rs"]
mod lists;
#[path = "cases/search.rs"]
mod search;
#[path = "cases/sheets.rs"]
mod sheets;
#[path = "cases/world.rs"]
mod world;
