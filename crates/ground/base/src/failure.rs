//! The kinds of failure. Engines name what went wrong; only the faces turn a kind into a status or a page.

use std::error::Error;

use serde::Serialize;

use crate::text::Text;

/// What kind of failure it was, in words a face can map to a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// What was sent breaks a rule; the field errors say which (422).
    Invalid,
    /// Absent, or its existence is secret from the one who asks (404).
    NotFound,
    /// The person is known and may not do this (403).
    Denied,
    /// Nobody is logged in, or the session has ended (401).
    Unauthenticated,
    /// The thing is not in a state in which this can be done, or someone else was faster (409).
    Conflict,
    /// Larger than the limit (413).
    TooLarge,
    /// A kind of file that is not accepted (415).
    Unsupported,
    /// Too many tries (429).
    TooMany,
    /// The database or another part is away for the moment (503).
    Unavailable,
    /// Our own fault (500).
    Internal,
}

/// One thing that is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The name of the field, as the form names it.
    pub field: String,
    /// What to do, in both languages.
    pub text: Text,
}

impl FieldError {
    /// A field error of a field name and two strings.
    pub fn new(field: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { field: field.into(), text: Text::new(zh, en) }
    }
}

/// What every engine's error enum can say of itself, so that one face can show them all.
pub trait Failure: Error + Send + Sync {
    /// The kind of failure.
    fn kind(&self) -> Kind;

    /// What a person reads: what happened and what to do, without internals.
    fn text(&self) -> Text;

    /// The fields that are wrong, when the kind is [`Kind::Invalid`].
    fn fields(&self) -> Vec<FieldError> {
        Vec::new()
    }
}
