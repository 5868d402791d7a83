//! The workbench over HTTP, with the shipped packs and policies and a real database: a case from the window to
//! the decision, and what must not work.

#![cfg(test)]

#[path = "cases/beside.rs"]
mod beside;
#[path = "cases/charges.rs"]
mod charges;
#[path = "cases/decisions.rs"]
mod decisions;
#[path = "cases/inbox.rs"]
mod inbox;
#[path = "cases/loads.rs"]
mod loads;
#[path = "cases/owed.rs"]
mod owed;
#[path = "cases/papers.rs"]
mod papers;
#[path = "cases/procedures.rs"]
mod procedures;
#[path = "cases/reading.rs"]
mod reading;
#[path = "cases/records.rs"]
mod records;
#[path = "cases/reveal.rs"]
mod reveal;
#[path = "cases/world.rs"]
mod world;
