//! Tests of the JSON face over its real routes and the one door, with a real database and the shipped packs.

#![cfg(test)]

#[path = "cases/answers.rs"]
mod answers;
#[path = "cases/closed.rs"]
mod closed;
#[path = "cases/exchange.rs"]
mod exchange;
#[path = "cases/history.rs"]
mod history;
#[path = "cases/loads.rs"]
mod loads;
#[path = "cases/lying.rs"]
mod lying;
#[path = "cases/messages.rs"]
mod messages;
#[path = "cases/opened.rs"]
mod opened;
#[path = "cases/problems.rs"]
mod problems;
#[path = "cases/shape.rs"]
mod shape;
#[path = "cases/world.rs"]
mod world;
