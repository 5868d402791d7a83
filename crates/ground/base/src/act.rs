//! An act: one thing somebody did or read, as the ledger records it.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

/// On whose behalf an act was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behalf {
    /// The organisation that is represented.
    pub organisation: Uuid,
    /// Its unified social credit code.
    pub credit_code: String,
    /// Its name on that day.
    pub name: String,
}

/// One act: who, when, on whose behalf, verb, thing, before and after, reason, request.
/// `before` and `after` are SM3 digests in lower-case hexadecimal of the canonical JSON of the thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// The moment, by the clock of the context.
    pub at: OffsetDateTime,
    /// The account that acted; none for the platform itself or an anonymous visitor.
    pub account: Option<Uuid>,
    /// The natural person behind the account.
    pub person: Option<Uuid>,
    /// The name of the actor at that moment, for readers of the record.
    pub name: String,
    /// The organisation whose post the actor held.
    pub organisation: Option<Uuid>,
    /// The post the actor held.
    pub post: Option<Uuid>,
    /// On whose behalf.
    pub behalf: Option<Behalf>,
    /// The verb, such as `casework.accept`.
    pub verb: String,
    /// The kind of thing, such as `case`.
    pub thing_kind: String,
    /// The identifier of the thing.
    pub thing: String,
    /// The person whose data was touched, so that the person can see it.
    pub subject: Option<Uuid>,
    /// Digest of the thing before.
    pub before: Option<String>,
    /// Digest of the thing after.
    pub after: Option<String>,
    /// Why, in the actor's words or by rule.
    pub reason: Option<String>,
    /// The request in which it happened.
    pub request: String,
}

impl Act {
    /// Sets the reason.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Sets the person whose data was touched.
    #[must_use]
    pub fn about(mut self, subject: Option<Uuid>) -> Self {
        self.subject = subject;
        self
    }

    /// Sets the digests of the thing before and after.
    #[must_use]
    pub fn change(mut self, before: Option<String>, after: Option<String>) -> Self {
        self.before = before;
        self.after = after;
        self
    }
}
