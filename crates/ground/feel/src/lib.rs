//! FEEL (DMN 1.5, chapter 10), the one expression language of forms, gateways and rules.
//!
//! An expression is parsed once with [`Expr::parse`] and evaluated against a [`Scope`] of named values. As the standard has it, a
//! wrong type gives `null` and never an error; an error is only a broken source or an exceeded bound ([`LIMITS`]). Nothing here
//! reads a clock: `today()` and `now()` give the moment that the caller put in the scope.
//!
//! Beyond the standard: `not x` may be written without brackets, a date argument may be a text that reads as a date, `round` rounds
//! half away from zero, and seconds of a date and time may be left out. Numbers have 28
//! digits where the standard has 34.

mod ast;
mod builtin;
mod calls;
mod compare;
pub mod dmn;
mod error;
mod eval;
mod expr;
mod function;
mod kind;
mod known;
mod lexer;
mod limits;
mod loops;
mod names;
mod parser;
mod part;
mod plain;
mod scope;
mod temporal;
mod unary;
mod value;

pub use crate::error::FeelError;
pub use crate::expr::{Expr, UnaryTests, parse_unary};
pub use crate::function::Function;
pub use crate::kind::Kind;
pub use crate::limits::{LIMITS, Limits};
pub use crate::plain::{Beside, Plain};
pub use crate::scope::Scope;
pub use crate::temporal::{Date, DateTime, Span, Time, Zone};
pub use crate::value::{Range, Value};
pub use rust_decimal::Decimal;
