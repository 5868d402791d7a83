//! What a catalogue says of its data. Plain values, made by whoever knows the data.

use oxrdf::NamedNode;
use time::{Date, OffsetDateTime};

use crate::controlled::{
    Access, AgentKind, Algorithm, Availability, Format, Frequency, Theme, Tongue,
};

/// An address that was parsed: absolute, and without signs that no address may hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Iri(String);

impl Iri {
    /// Reads an absolute address; nothing when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        NamedNode::new(text).ok().map(|node| Self(node.into_string()))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Words in Chinese and English; an empty one is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Words {
    /// A pair.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

/// A unit that publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Its address.
    pub iri: Iri,
    /// Its name.
    pub name: Words,
    /// What kind of body it is.
    pub kind: Option<AgentKind>,
    /// Its site.
    pub homepage: Option<Iri>,
    /// Its code, such as the unified social credit code.
    pub identifier: Option<String>,
}

/// Whom to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The name of the unit or desk.
    pub name: Words,
    /// Where to write.
    pub email: Option<String>,
    /// The page to write from.
    pub page: Option<Iri>,
}

/// The terms under which data may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Licence {
    /// Where the terms stand.
    pub iri: Iri,
    /// What they are called.
    pub title: Words,
}

/// A region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its code (GB/T 2260).
    pub code: String,
    /// Its name.
    pub name: Words,
}

/// The days that data is about; at least one end is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
}

/// A standard that data follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standard {
    /// Where it stands.
    pub iri: Option<Iri>,
    /// What it is called.
    pub title: Words,
}

/// The digest of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// How it was made.
    pub algorithm: Algorithm,
    /// The digest in hexadecimal digits.
    pub value: String,
}

/// One form in which a dataset is to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    /// Its address.
    pub iri: Iri,
    /// What it is called.
    pub title: Words,
    /// What is in it.
    pub description: Words,
    /// Where it is to be had.
    pub access: Iri,
    /// The file itself.
    pub download: Option<Iri>,
    /// The format.
    pub format: Option<Format>,
    /// The terms.
    pub licence: Option<Licence>,
    /// When it was first given out.
    pub issued: Option<OffsetDateTime>,
    /// When it last changed.
    pub modified: Option<OffsetDateTime>,
    /// Its size.
    pub bytes: Option<u64>,
    /// Its digest.
    pub checksum: Option<Checksum>,
    /// For how long it will stay.
    pub availability: Option<Availability>,
    /// What its values follow.
    pub standards: Vec<Standard>,
    /// The languages it is in.
    pub tongues: Vec<Tongue>,
    /// The service that gives it out.
    pub service: Option<Iri>,
}

/// A dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// Its address.
    pub iri: Iri,
    /// Its code: stays the same wherever the site moves.
    pub identifier: String,
    /// What it is called.
    pub title: Words,
    /// What it holds.
    pub description: Words,
    /// Who publishes it.
    pub publisher: Agent,
    /// Whom to ask.
    pub contact: Option<Contact>,
    /// Words by which it is found.
    pub keywords: Vec<Words>,
    /// What it is about.
    pub themes: Vec<Theme>,
    /// When it was first given out.
    pub issued: Option<OffsetDateTime>,
    /// When it last changed.
    pub modified: Option<OffsetDateTime>,
    /// How often it is brought up to date.
    pub frequency: Option<Frequency>,
    /// Who may have it.
    pub access: Option<Access>,
    /// The page about it.
    pub page: Option<Iri>,
    /// The forms in which it is to be had.
    pub distributions: Vec<Distribution>,
    /// The days it is about.
    pub period: Option<Period>,
    /// Where it is about.
    pub place: Option<Place>,
    /// What it follows.
    pub standards: Vec<Standard>,
    /// Where it comes from, in words.
    pub provenance: Option<Words>,
    /// Its version.
    pub version: Option<String>,
    /// The languages it is in.
    pub tongues: Vec<Tongue>,
    /// The datasets it is made from.
    pub sources: Vec<Iri>,
    /// The datasets that go with it.
    pub related: Vec<Iri>,
}

/// A service that gives out data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its address.
    pub iri: Iri,
    /// What it is called.
    pub title: Words,
    /// What it does.
    pub description: Words,
    /// Where it answers.
    pub endpoint: Iri,
    /// Where it is described for machines.
    pub described: Option<Iri>,
    /// The terms.
    pub licence: Option<Licence>,
}

/// A catalogue, without its datasets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    /// Its address.
    pub iri: Iri,
    /// What it is called.
    pub title: Words,
    /// What is in it.
    pub description: Words,
    /// Who publishes it.
    pub publisher: Agent,
    /// Its page.
    pub homepage: Iri,
    /// The terms of what is said in it.
    pub licence: Option<Licence>,
    /// When anything in it last changed.
    pub modified: Option<OffsetDateTime>,
    /// Where it is about.
    pub place: Option<Place>,
    /// The languages it is in.
    pub tongues: Vec<Tongue>,
    /// The services over its data.
    pub services: Vec<Service>,
}

/// Which page of a catalogue this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageOf {
    /// This page.
    pub this: Iri,
    /// The first.
    pub first: Iri,
    /// The last.
    pub last: Iri,
    /// The one before.
    pub previous: Option<Iri>,
    /// The one after.
    pub next: Option<Iri>,
    /// Datasets in all.
    pub total: u64,
    /// Datasets of a full page.
    pub size: u64,
}
