//! Backups of a real cluster, taken while it works.

#![cfg(test)]

mod chain;
mod city;
mod drill;
mod moment;
mod seal;
mod whole;
