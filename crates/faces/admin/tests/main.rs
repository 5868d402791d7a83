//! The pages of administration over HTTP, with the policies of the house and a real database: what each
//! administrator can open and do, and what the others cannot.

#![cfg(test)]

#[path = "cases/appointing.rs"]
mod appointing;
#[path = "cases/operations.rs"]
mod operations;
#[path = "cases/pages.rs"]
mod pages;
#[path = "cases/people.rs"]
mod people;
#[path = "cases/process.rs"]
mod process;
#[path = "cases/world.rs"]
mod world;
