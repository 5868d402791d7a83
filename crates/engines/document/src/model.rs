//! Papers as plain values: what is asked for, what was issued, what a stranger may know of it.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use time::{Date, OffsetDateTime, UtcOffset};
use uuid::Uuid;
use zhengtong_base::Text;

/// What kind of paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PaperKind {
    /// A licence or certificate: it gives a right, has a term and can be revoked.
    Licence,
    /// A notice: it tells a decision.
    Notice,
    /// A receipt: it says what was handed in, and when.
    Receipt,
}

/// A paper to be issued.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct NewDocument {
    /// The template as `pack:name`.
    pub template: String,
    /// The person who will hold it.
    pub holder_person: Option<Uuid>,
    /// The organisation that will hold it.
    pub holder_organisation: Option<Uuid>,
    /// The holder's name as it will be printed.
    pub holder_name: String,
    /// The organisation that issues it.
    pub issuer: Uuid,
    /// The issuer's name as it will be printed.
    pub issuer_name: String,
    /// The issuer's unified social credit code, for the national identifier.
    pub issuer_code: Option<String>,
    /// The number it keeps, when it takes the place of a paper that was ended; otherwise the next one of its series.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// What the template prints besides, an object.
    pub data: Value,
    /// The first day; the day of issue when absent.
    #[serde(serialize_with = "iso_or_none")]
    pub valid_from: Option<Date>,
    /// The last day; by the years of the declaration when absent.
    #[serde(serialize_with = "iso_or_none")]
    pub valid_to: Option<Date>,
    /// The case it comes from.
    pub case_no: Option<String>,
    /// The region code, for the number.
    pub region: Option<String>,
    /// One asking gives one paper: a name for this asking, such as the step of a case. When it is absent,
    /// the idempotency key of the request stands in.
    #[serde(skip)]
    pub once: Option<String>,
}

/// A paper that was issued.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Document {
    /// The identifier.
    pub id: Uuid,
    /// The template as `pack:name`.
    pub template: String,
    /// What kind of paper.
    pub kind: PaperKind,
    /// The number.
    pub number: String,
    /// The national identifier of an electronic licence (GB/T 36904).
    pub identifier: Option<String>,
    /// What people call it.
    pub title: Text,
    /// The person who holds it.
    pub holder_person: Option<Uuid>,
    /// The organisation that holds it.
    pub holder_organisation: Option<Uuid>,
    /// The holder's name.
    pub holder_name: String,
    /// What the template prints besides.
    pub data: Value,
    /// When it was issued.
    #[serde(with = "time::serde::rfc3339")]
    pub issued_at: OffsetDateTime,
    /// The organisation that issued it.
    pub issuer: Uuid,
    /// The issuer's name.
    pub issuer_name: String,
    /// The first day.
    #[serde(serialize_with = "iso")]
    pub valid_from: Date,
    /// The last day; none means without end.
    #[serde(serialize_with = "iso_or_none")]
    pub valid_to: Option<Date>,
    /// The case it comes from.
    pub case_no: Option<String>,
    /// What the QR code carries.
    pub code: String,
    /// The digest of the PDF; none until it was made.
    pub blob: Option<String>,
    /// Its revocation.
    pub revoked: Option<Revocation>,
}

/// How a paper stopped being in force before its last day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// It was taken back.
    #[default]
    Revoked,
    /// A newer one with the same number took its place.
    Replaced,
    /// Its holder gave it up.
    Cancelled,
}

/// That a paper was revoked, replaced or given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Revocation {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Why.
    pub reason: String,
    /// The official who did it.
    pub by: String,
    /// How it ended.
    pub how: How,
}

/// Whether a paper is in force on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Issued, but its first day has not come.
    Coming,
    /// In force.
    Valid,
    /// Its last day is past.
    Expired,
    /// Revoked.
    Revoked,
    /// A newer one with the same number took its place.
    Replaced,
    /// Its holder gave it up.
    Cancelled,
}

/// What anyone who holds the code may know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Public {
    /// What people call it.
    pub title: Text,
    /// What kind of paper.
    pub kind: PaperKind,
    /// The number.
    pub number: String,
    /// The national identifier.
    pub identifier: Option<String>,
    /// The holder: a person's name masked, an organisation's plain.
    pub holder: String,
    /// The issuer.
    pub issuer: String,
    /// The day of issue.
    #[serde(serialize_with = "iso")]
    pub issued: Date,
    /// The first day.
    #[serde(serialize_with = "iso")]
    pub valid_from: Date,
    /// The last day.
    #[serde(serialize_with = "iso_or_none")]
    pub valid_to: Option<Date>,
    /// Whether it is in force today.
    pub state: State,
    /// The day on which it was revoked, replaced or given up.
    #[serde(serialize_with = "iso_or_none")]
    pub revoked: Option<Date>,
}

/// What is told when a paper was issued, rendered or revoked: the payload of this engine's events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happened {
    /// The paper.
    pub document: Uuid,
    /// The template as `pack:name`.
    pub template: String,
    /// What kind of paper.
    pub kind: PaperKind,
    /// The number.
    pub number: String,
    /// What people call it.
    pub title: Text,
    /// The person who holds it.
    pub holder_person: Option<Uuid>,
    /// The organisation that holds it.
    pub holder_organisation: Option<Uuid>,
    /// The issuer.
    pub issuer: Uuid,
    /// The case it comes from.
    pub case_no: Option<String>,
}

impl How {
    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Replaced => "replaced",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Revoked, Self::Replaced, Self::Cancelled].into_iter().find(|how| how.word() == word)
    }

    /// Where a paper that ended so stands.
    fn state(self) -> State {
        match self {
            Self::Revoked => State::Revoked,
            Self::Replaced => State::Replaced,
            Self::Cancelled => State::Cancelled,
        }
    }
}

impl PaperKind {
    /// The word in packs and tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Licence => "licence",
            Self::Notice => "notice",
            Self::Receipt => "receipt",
        }
    }

    /// The kind of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Licence, Self::Notice, Self::Receipt].into_iter().find(|kind| kind.word() == word)
    }
}

impl Document {
    /// Whether it is in force on a day.
    pub fn state(&self, day: Date) -> State {
        if let Some(ended) = &self.revoked {
            ended.how.state()
        } else if day < self.valid_from {
            State::Coming
        } else if self.valid_to.is_some_and(|last| last < day) {
            State::Expired
        } else {
            State::Valid
        }
    }

    /// The payload of an event about it.
    pub fn happened(&self) -> Happened {
        Happened {
            document: self.id,
            template: self.template.clone(),
            kind: self.kind,
            number: self.number.clone(),
            title: self.title.clone(),
            holder_person: self.holder_person,
            holder_organisation: self.holder_organisation,
            issuer: self.issuer,
            case_no: self.case_no.clone(),
        }
    }
}

/// The civil day of China, which has one zone and no summer time.
pub(crate) fn day_in_china(moment: OffsetDateTime) -> Date {
    match UtcOffset::from_hms(8, 0, 0) {
        Ok(china) => moment.to_offset(china).date(),
        Err(_) => moment.date(),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
pub(crate) fn iso<S: Serializer>(day: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
pub(crate) fn iso_or_none<S: Serializer>(
    day: &Option<Date>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match day {
        Some(day) => serializer.collect_str(day),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_china() {
        assert_eq!(day_in_china(datetime!(2026-03-01 15:59:59 UTC)), date!(2026 - 03 - 01));
        assert_eq!(day_in_china(datetime!(2026-03-01 16:00 UTC)), date!(2026 - 03 - 02));
    }

    #[test]
    fn the_words_of_kinds_are_read_back() {
        for kind in [PaperKind::Licence, PaperKind::Notice, PaperKind::Receipt] {
            assert_eq!(PaperKind::of(kind.word()), Some(kind));
        }
        assert_eq!(PaperKind::of("poster"), None);
    }
}
