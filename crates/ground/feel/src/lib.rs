//! FEEL (DMN 1.5, chapter 10), the one expression language of forms, gateways and rules.
//!
//! An expression is parsed once with [`Expr::parse`] and evaluated against a [`Scope`] of named values. As the standard has it, a
//! wrong type gives `null` and never an error; an error is only a broken source or an exceeded bound ([`LIMITS`]). Nothing here
//! reads a clock: there is no `today()` or `now()`, the day comes by name in the scope.
//!
//! Beyond the standard: `not x` may be written without brackets, a date argument may be a text that reads as a date, and the
//! delimiter of `split` is plain text. Missing on purpose: functions defined in expressions, ranges as values of their own (they
//! stand after `in`, in `for` and in unary tests), names with spaces.

mod ast;
mod builtin;
mod compare;
mod error;
mod eval;
mod expr;
mod lexer;
mod limits;
mod names;
mod parser;
mod scope;
mod temporal;
mod unary;
mod value;

pub use crate::error::FeelError;
pub use crate::expr::{Expr, UnaryTests, parse_unary};
pub use crate::limits::{LIMITS, Limits};
pub use crate::scope::Scope;
pub use crate::temporal::{DateTime, Span};
pub use crate::value::Value;
pub use rust_decimal::Decimal;
