//! Tests of the exchange in a real database, with real providers over HTTP, under the policies that ship with the platform.

#![cfg(test)]

#[path = "cases/calls.rs"]
mod calls;
#[path = "cases/declared.rs"]
mod declared;
#[path = "cases/known.rs"]
mod known;
#[path = "cases/parcels.rs"]
mod parcels;
#[path = "cases/register.rs"]
mod register;
#[path = "cases/world.rs"]
mod world;
