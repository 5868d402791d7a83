//! One file for each part of the language.

mod bounds;
mod table;
mod unary;
