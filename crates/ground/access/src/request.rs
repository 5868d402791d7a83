//! The question: who, and about which thing. Plain values, so that callers need no Cedar.

use std::collections::BTreeMap;

/// What kind of actor asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WhoKind {
    /// Nobody is logged in.
    Anonymous,
    /// A natural person, for themselves or for a company.
    Citizen,
    /// A holder of a post.
    Staff,
    /// Another system or a device, with a token of its own; it stands for nobody.
    Device,
    /// The platform itself: jobs, seals, timers.
    System,
}

impl WhoKind {
    /// The word policies use: `anonymous`, `citizen`, `staff`, `device` or `system`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Citizen => "citizen",
            Self::Staff => "staff",
            Self::Device => "device",
            Self::System => "system",
        }
    }
}

/// The one who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The account, or a word for the platform and for visitors.
    pub id: String,
    /// What kind of actor.
    pub kind: WhoKind,
    /// Role words of the posts held, such as `reviewer`.
    pub roles: Vec<String>,
    /// The natural person.
    pub person: Option<String>,
    /// The organisation whose post is held.
    pub organisation: Option<String>,
    /// The short name of that organisation, by which packs call it.
    pub unit: Option<String>,
    /// The organisation a citizen acts for.
    pub behalf: Option<String>,
    /// The region code of the organisation.
    pub region: Option<String>,
}

/// A value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attr {
    /// A string.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// A set of strings.
    Words(Vec<String>),
}

/// The thing that is asked about.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Thing {
    /// The kind, such as `case`.
    pub kind: String,
    /// The identifier.
    pub id: String,
    /// The person it belongs to.
    pub owner: Option<String>,
    /// The organisation it belongs to.
    pub owner_organisation: Option<String>,
    /// The organisation that handles it.
    pub department: Option<String>,
    /// The region it belongs to.
    pub region: Option<String>,
    /// Further attributes, such as the roles that the open task asks for.
    pub attrs: BTreeMap<String, Attr>,
}

impl Thing {
    /// A thing of a kind and an identifier.
    pub fn new(kind: &str, id: impl Into<String>) -> Self {
        Self { kind: kind.to_owned(), id: id.into(), ..Self::default() }
    }

    /// Sets the person it belongs to.
    #[must_use]
    pub fn owned_by(mut self, person: Option<impl ToString>) -> Self {
        self.owner = person.map(|person| person.to_string());
        self
    }

    /// Sets the organisation it belongs to.
    #[must_use]
    pub fn of_organisation(mut self, organisation: Option<impl ToString>) -> Self {
        self.owner_organisation = organisation.map(|organisation| organisation.to_string());
        self
    }

    /// Sets the organisation that handles it.
    #[must_use]
    pub fn handled_by(mut self, department: Option<impl ToString>) -> Self {
        self.department = department.map(|department| department.to_string());
        self
    }

    /// Sets a further attribute.
    #[must_use]
    pub fn with(mut self, name: &str, value: Attr) -> Self {
        self.attrs.insert(name.to_owned(), value);
        self
    }
}
