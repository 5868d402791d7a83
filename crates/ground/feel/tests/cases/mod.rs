//! One file for each part of the language.

mod bounds;
mod models;
mod table;
mod unary;
