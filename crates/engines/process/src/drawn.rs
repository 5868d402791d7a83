//! What the designer keeps: a definition as somebody draws it, and the versions of a name.

use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::language::Language;

/// How far a design has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Its author works on it.
    Draft,
    /// It waits for a second person.
    Submitted,
    /// A second person approved it; new instances begin with it from its day.
    Published,
    /// Its author gave it up.
    Dropped,
}

impl Stage {
    /// The word it is kept under.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Published => "published",
            Self::Dropped => "dropped",
        }
    }

    pub(crate) fn of(word: &str) -> Self {
        match word {
            "submitted" => Self::Submitted,
            "published" => Self::Published,
            "dropped" => Self::Dropped,
            _ => Self::Draft,
        }
    }
}

/// A definition as somebody draws it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Design {
    /// Its number.
    pub number: i64,
    /// The definition it is for, `pack:name`.
    pub name: String,
    /// The XML.
    pub xml: String,
    /// The SM3 digest of the XML.
    pub digest: String,
    /// The digest of the definition it began from; empty for a new one.
    pub base: String,
    /// What it changes, and why.
    pub note: String,
    /// How far it is.
    pub stage: Stage,
    /// The first day on which new instances begin with it.
    pub valid_from: Option<Date>,
    /// Who draws it.
    pub author: Uuid,
    /// The name of who draws it.
    pub author_name: String,
    /// Grows with every change.
    pub revision: i32,
    /// When it was changed last.
    pub changed_at: OffsetDateTime,
    /// When it was submitted.
    pub submitted_at: Option<OffsetDateTime>,
    /// Who decided about it.
    pub decider_name: Option<String>,
    /// When it was decided.
    pub decided_at: Option<OffsetDateTime>,
    /// In which words.
    pub verdict: Option<String>,
}

/// A definition that instances began with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) digest: String,
    pub(crate) first_used: OffsetDateTime,
    pub(crate) running: i64,
    pub(crate) ended: i64,
}

/// Where a version is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The file of the pack, as it is now.
    File,
    /// A design with its number.
    Design(i64),
    /// An earlier file of the pack, with which instances began.
    Earlier,
}

/// One version of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The SM3 digest of the XML.
    pub digest: String,
    /// Where it is from.
    pub source: Source,
    /// The first day on which new instances begin with it; none for what was there from the start.
    pub from: Option<Date>,
    /// When the first instance began with it.
    pub first_used: Option<OffsetDateTime>,
    /// Instances that run with it.
    pub running: i64,
    /// Instances that ended with it.
    pub ended: i64,
    /// Whether new instances begin with it today.
    pub in_force: bool,
}

/// One name in the list of definitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// `pack:name`.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What it is written in.
    pub language: Language,
    /// Whether a version of it is in force.
    pub in_force: bool,
    /// The first day of the published version in force; none while the file of the pack is.
    pub from: Option<Date>,
    /// The first day of the next published version.
    pub next: Option<Date>,
    /// Drafts that are being drawn.
    pub drafts: usize,
    /// Designs that wait for a second person.
    pub waiting: usize,
    /// Instances that run.
    pub running: i64,
    /// Tasks of persons in it.
    pub tasks: usize,
}
