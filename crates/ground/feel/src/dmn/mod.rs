//! DMN 1.5: decision models read from XML, checked, and run.
//!
//! A model is read once with [`Model::read`]; [`Model::findings`] says what in it cannot run, with the line; [`Model::decide`] gives the
//! value of a decision for named inputs. As in the expressions, what has no meaning is `null`; an error is an exceeded bound.

mod index;
mod kinds;
mod logic;
mod model;
mod names;
mod read;
mod run;
mod table;
mod xml;

pub use model::{Finding, Model};
