//! Tests of the graph and its syntaxes over datasets of all shapes.

#![cfg(test)]

#[path = "cases/made.rs"]
mod made;
#[path = "cases/syntaxes.rs"]
mod syntaxes;
