//! Tests of supervision in a real database, under the packs and the policies that ship with the platform.

#![cfg(test)]

#[path = "cases/apart.rs"]
mod apart;
#[path = "cases/board.rs"]
mod board;
#[path = "cases/cards.rs"]
mod cards;
#[path = "cases/evidence.rs"]
mod evidence;
#[path = "cases/grammar.rs"]
mod grammar;
#[path = "cases/rules.rs"]
mod rules;
#[path = "cases/world.rs"]
mod world;
