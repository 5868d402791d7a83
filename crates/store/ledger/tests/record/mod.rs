//! The tests by what they look at, and what they share.

mod altered;
mod reading;
mod sealing;
mod support;
