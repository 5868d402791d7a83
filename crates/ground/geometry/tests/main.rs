//! Tests of geometries: what is taken, what is refused and why, and that each has one spelling.

#![cfg(test)]

#[path = "cases/bad.rs"]
mod bad;
#[path = "cases/good.rs"]
mod good;
#[path = "cases/ranges.rs"]
mod ranges;
#[path = "cases/round.rs"]
mod round;
