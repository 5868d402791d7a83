//! An act: one thing somebody did or read, as the ledger records it.

use std::fmt;
use std::sync::Arc;

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
    /// What hides the words about people before they are written down.
    #[serde(skip)]
    pub veil: Veil,
}

/// Takes the place of a text and the text, and gives what may be written.
type Hide = dyn Fn(&str, &str) -> Result<String, String> + Send + Sync;

/// What hides words: the record keeps what comes out, and its proofs stand on that. So whoever verifies it learns
/// nothing about anybody, and a key that is destroyed later takes the words away and leaves the proofs whole.
/// Without one, words stay as they are.
#[derive(Clone, Default)]
pub struct Veil(Option<Arc<Hide>>);

impl Veil {
    /// A veil by a function of the place and the text.
    pub fn new(
        hide: impl Fn(&str, &str) -> Result<String, String> + Send + Sync + 'static,
    ) -> Self {
        Self(Some(Arc::new(hide)))
    }

    fn hide(&self, place: &str, words: &str) -> Result<String, String> {
        match &self.0 {
            Some(hide) => hide(place, words),
            None => Ok(words.to_owned()),
        }
    }
}

impl fmt::Debug for Veil {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "Veil" } else { "no veil" })
    }
}

/// Two acts are the same whatever hides their words.
impl PartialEq for Veil {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for Veil {}

impl Act {
    /// Where a text of the act stands: it opens only there.
    pub fn place(&self, what: &str) -> String {
        format!("{}/{}/{}/{}/{what}", self.request, self.verb, self.thing_kind, self.thing)
    }

    /// The name as it is written: that of a person behind the veil, that of a part of the platform as it is.
    pub fn written_name(&self) -> Result<String, String> {
        if self.person.is_none() {
            return Ok(self.name.clone());
        }
        self.veil.hide(&self.place("name"), &self.name)
    }

    /// The reason as it is written.
    pub fn written_reason(&self) -> Result<Option<String>, String> {
        let hide = |reason: &String| self.veil.hide(&self.place("reason"), reason);
        self.reason.as_ref().map(hide).transpose()
    }

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
