//! Elements, code lists, standards, datasets and records, as verbs and pages use them. Plain values.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_feel::Expr;
use zhengtong_geometry::Shape;

/// The element by which a record of a person is found.
pub const PERSON_ID: &str = "person.id_number";
/// The element by which a record of an organisation is found.
pub const ORGANISATION_ID: &str = "org.credit_code";
/// The element by which the holder of a licence is named.
pub(crate) const HOLDER_CODE: &str = "licence.holder_code";

/// What kind of value an element holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ElementKind {
    /// One line of text.
    Text,
    /// Text of several lines.
    LongText,
    /// A whole number.
    Integer,
    /// A number with decimal places.
    Decimal,
    /// An amount in yuan with two decimal places.
    Money,
    /// Yes or no.
    Boolean,
    /// A day.
    Date,
    /// A code of a list.
    Code,
    /// Several codes of a list.
    Codes,
    /// The digest of a file.
    File,
    /// An address on one line.
    Address,
    /// A point, a line or an area on the ground.
    Geometry,
}

/// How carefully a value is to be handled. The order is from open to closed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Sensitivity {
    /// Anyone may see it.
    Public,
    /// Staff may see it.
    Internal,
    /// It is about a person.
    Personal,
    /// Harm follows if it gets out.
    Sensitive,
}

/// A data element: a thing the city knows by one name, one type and one source.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// The name, such as `person.name`.
    pub id: String,
    /// The pack that declares it.
    pub pack: String,
    /// What people call it.
    pub title: Text,
    /// What kind of value it holds.
    pub kind: ElementKind,
    /// Most characters of a text, the largest number, or most codes.
    pub max: Option<i64>,
    /// Fewest characters of a text, the smallest number, or fewest codes.
    pub min: Option<i64>,
    /// The unit of a number.
    pub unit: Option<Text>,
    /// The check rule of its code, by the names of `zhengtong_base::code::validator`.
    pub check: Option<String>,
    /// The code list.
    pub codes: Option<String>,
    /// The shape of a geometry; any without one.
    pub shape: Option<Shape>,
    /// How carefully it is to be handled.
    pub sensitivity: Sensitivity,
    /// The dataset whose value counts, such as `base-population:resident`.
    pub authority: Option<String>,
    /// What helps a person to give it.
    pub hint: Option<Text>,
    /// The standard that defines it.
    pub standard: Option<String>,
}

/// One code of a list, and the days between which it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeEntry {
    /// The code.
    pub code: String,
    /// Its name.
    pub name: Text,
    /// The first day on which it holds.
    pub valid_from: Date,
    /// The last day on which it holds.
    pub valid_to: Option<Date>,
}

/// A code list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeList {
    /// The name, such as `sex`.
    pub id: String,
    /// The pack that declares it.
    pub pack: String,
    /// What people call it.
    pub title: Text,
    /// The standard that defines it.
    pub standard: Option<String>,
    /// Whether the entries were compared with the text of the standard.
    pub verified: bool,
    /// The entries, in the order of the file.
    pub entries: Vec<CodeEntry>,
}

/// A standard, and the days between which it is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standard {
    /// The number with the year, such as `GB 11643-1999`.
    pub id: String,
    /// The pack that declares it.
    pub pack: String,
    /// Its title.
    pub title: Text,
    /// What kind of standard it is, such as `national-mandatory`.
    pub kind: String,
    /// The day on which it came into force.
    pub in_force: Date,
    /// The day on which another took its place.
    pub replaced: Option<Date>,
    /// The standard that took its place.
    pub replaced_by: Option<String>,
    /// Where the facts come from.
    pub source: Text,
    /// Whether the facts were compared with the text of the standard.
    pub verified: bool,
    /// The check rules that carry it out.
    pub checks: Vec<String>,
    /// Values that must pass or fail these rules.
    pub vectors: Vec<Vector>,
}

/// A value that must pass or fail the check rules of a standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vector {
    /// The value.
    pub value: String,
    /// Whether it must pass.
    pub valid: bool,
}

/// What kind of dataset it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DatasetKind {
    /// One of the base registers of persons, organisations, places.
    Base,
    /// Licences that were issued.
    Licence,
    /// Records of one line of work.
    Business,
    /// A list of codes that is kept as data.
    Code,
}

/// Who else may have the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sharing {
    /// Any unit that asks.
    Unconditional,
    /// Units that meet a condition.
    Conditional,
    /// Nobody, on a legal basis.
    None,
}

/// How often the data is brought up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Update {
    /// With every act.
    Realtime,
    /// Once a day.
    Daily,
    /// Once a month.
    Monthly,
    /// Once a year.
    Yearly,
}

/// A dataset: one table of the city.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// Pack and name, such as `base-legal:organisation`; also the name of its table.
    pub id: String,
    /// What people call it.
    pub title: Text,
    /// What it holds, in a sentence.
    pub summary: Option<Text>,
    /// What kind of dataset it is.
    pub kind: DatasetKind,
    /// The short name of the department that answers for it.
    pub authority: String,
    /// The fields that name a record.
    pub key: Vec<String>,
    /// The field with the day from which a version of a record holds; without one it holds from when it is recorded.
    pub valid_from: Option<String>,
    /// The field with the last day on which a version holds.
    pub valid_to: Option<String>,
    /// Who else may have the data.
    pub sharing: Sharing,
    /// Whether the public may have the data.
    pub open: bool,
    /// The fields with the last day on which a record is shown to the public; it is not shown once one of them is over.
    pub shown_until: Vec<String>,
    /// Whether the public may also ask what the records said before.
    pub open_past: bool,
    /// How often it is brought up to date.
    pub update: Update,
    /// How many days after its last change a record is kept; none for ever.
    pub retention_days: Option<u32>,
    /// The fields, in the order of the file.
    pub fields: Vec<Field>,
    /// Rules of quality beyond those that the fields declare themselves.
    pub rules: Vec<crate::part::RulePart>,
}

/// A field of a dataset.
#[derive(Clone, Debug)]
pub struct Field {
    /// The name of the column.
    pub name: String,
    /// The data element.
    pub element: String,
    /// What people call it here; by default the element's title.
    pub title: Text,
    /// The dataset whose key it holds.
    pub references: Option<String>,
    /// What must hold, over the fields of the record and `today`.
    pub rule: Option<Expr>,
    /// Whether it must be there.
    pub required: bool,
    /// Whether rows are often asked for by its value, so that it has an index.
    pub index: bool,
}

/// Everything the packs declare for this engine.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// Data elements by name.
    pub elements: BTreeMap<String, Element>,
    /// Code lists by name.
    pub lists: BTreeMap<String, CodeList>,
    /// Standards by number.
    pub standards: BTreeMap<String, Standard>,
    /// Datasets by pack and name.
    pub datasets: BTreeMap<String, Dataset>,
    /// Groups of datasets that are matched, by pack and name.
    pub groups: BTreeMap<String, crate::matching::MatchGroup>,
}

/// A record of a dataset. Fields that are not known are absent.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The identifier of the row.
    pub id: Uuid,
    /// The dataset.
    pub dataset: String,
    /// What people call the dataset.
    pub title: Text,
    /// The values by field.
    pub values: BTreeMap<String, Value>,
    /// Who brought the record.
    pub source: String,
    /// The case in which it was made or changed.
    pub by_case: Option<String>,
    /// When it was made or changed.
    pub updated: OffsetDateTime,
}

/// A record with masked words instead of values, as lists show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The identifier of the row.
    pub id: Uuid,
    /// The words by field.
    pub cells: BTreeMap<String, Text>,
    /// The geometry as GeoJSON, where the dataset has one and lists show it.
    pub geometry: Option<String>,
    /// Who brought the record.
    pub source: String,
    /// When it was made or changed.
    pub updated: OffsetDateTime,
}

/// How much a dataset holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The dataset.
    pub dataset: String,
    /// What people call it.
    pub title: Text,
    /// How many records there are.
    pub rows: i64,
    /// When the newest was made or changed.
    pub updated: Option<OffsetDateTime>,
    /// When something last arrived: a record, or a file that says what is known already.
    pub arrived: Option<OffsetDateTime>,
}

/// A value that the city knows already, with where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// The value.
    pub value: Value,
    /// The dataset.
    pub dataset: String,
    /// What people call the dataset.
    pub source: Text,
    /// When the record was made or changed.
    pub updated: OffsetDateTime,
}

/// About whom the platform is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The person, and the citizen number.
    pub person: Option<(Uuid, String)>,
    /// The organisation, and the unified social credit code.
    pub organisation: Option<(Uuid, String)>,
}

/// Why data is read, and whose it is. The caller answers for the truth of it: policy and record rely on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose {
    /// The reason, as the person it is about will read it.
    pub why: String,
    /// The person the record is about.
    pub person: Option<Uuid>,
    /// The organisation the record is about.
    pub organisation: Option<Uuid>,
}

/// Where a record comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Who brings it, such as the name of a unit or an import.
    pub source: String,
    /// The case in which it is made or changed.
    pub case: Option<String>,
    /// The person the record is about.
    pub person: Option<Uuid>,
}

/// What a put did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Put {
    /// The identifier of the row.
    pub id: Uuid,
    /// Whether the record is new.
    pub created: bool,
    /// Whether it came late, so that it went into history and the record of today stays as it is.
    pub late: bool,
}

/// What bringing the tables up to date did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncReport {
    /// Tables that were made.
    pub tables: Vec<String>,
    /// Columns that were added: dataset and field.
    pub columns: Vec<(String, String)>,
}

impl ElementKind {
    /// Whether the value is made of characters.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::LongText | Self::Address | Self::File)
    }

    /// Whether the value is a number.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::Money)
    }

    /// Whether the value stands in a code list.
    pub fn is_code(self) -> bool {
        matches!(self, Self::Code | Self::Codes)
    }

    /// Whether values stand in an order and rows are counted by them.
    pub fn has_order(self) -> bool {
        !matches!(self, Self::Codes | Self::Geometry)
    }

    /// The word of the kind, as packs write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::LongText => "longtext",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Money => "money",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Code => "code",
            Self::Codes => "codes",
            Self::File => "file",
            Self::Address => "address",
            Self::Geometry => "geometry",
        }
    }
}

impl Sensitivity {
    /// Whether the value is about a person and lists show it masked.
    pub fn is_masked(self) -> bool {
        self >= Self::Personal
    }

    /// The word packs use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
            Self::Personal => "personal",
            Self::Sensitive => "sensitive",
        }
    }
}

impl Sharing {
    /// The word packs and policies use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unconditional => "unconditional",
            Self::Conditional => "conditional",
            Self::None => "none",
        }
    }
}

impl CodeEntry {
    /// Whether the code holds on a day.
    pub fn holds(&self, on: Date) -> bool {
        self.valid_from <= on && self.valid_to.is_none_or(|last| on <= last)
    }
}

impl CodeList {
    /// The entries that hold on a day.
    pub fn on(&self, on: Date) -> impl Iterator<Item = &CodeEntry> {
        self.entries.iter().filter(move |entry| entry.holds(on))
    }

    /// The entry of a code: the one that holds on the day, else the latest one, so that old records can be
    /// read for ever.
    pub fn entry(&self, code: &str, on: Date) -> Option<&CodeEntry> {
        let named = || self.entries.iter().filter(|entry| entry.code == code);
        named().find(|entry| entry.holds(on)).or_else(|| named().max_by_key(|e| e.valid_from))
    }

    /// The code that has this name, in Chinese or English, on a day.
    pub fn named(&self, name: &str, on: Date) -> Option<&str> {
        let mut held = self.on(on);
        held.find(|entry| entry.name.zh == name || entry.name.en == name)
            .map(|entry| entry.code.as_str())
    }
}

impl Standard {
    /// Whether the standard is in force on a day.
    pub fn holds(&self, on: Date) -> bool {
        self.in_force <= on && self.replaced.is_none_or(|day| on < day)
    }
}

impl Dataset {
    /// A field by name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The first field that holds an element.
    pub fn field_of(&self, element: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.element == element)
    }

    /// The field by which a person's or an organisation's record is found: a key field comes first.
    pub fn subject_field(&self) -> Option<&Field> {
        let is_subject =
            |field: &&Field| [PERSON_ID, ORGANISATION_ID].contains(&field.element.as_str());
        self.key
            .iter()
            .filter_map(|name| self.field(name))
            .find(is_subject)
            .or_else(|| self.fields.iter().find(is_subject))
    }
}

impl Catalog {
    /// A data element.
    pub fn element(&self, id: &str) -> Option<&Element> {
        self.elements.get(id)
    }

    /// A dataset by pack and name.
    pub fn dataset(&self, id: &str) -> Option<&Dataset> {
        self.datasets.get(id)
    }

    /// Whether a dataset holds a field about persons.
    pub fn is_personal(&self, dataset: &Dataset) -> bool {
        dataset.fields.iter().any(|field| {
            self.element(&field.element).is_none_or(|element| element.sensitivity.is_masked())
        })
    }

    /// Whether a dataset is given out as a whole: open, and without a field about persons, whatever its declaration says.
    pub fn is_public(&self, dataset: &Dataset) -> bool {
        dataset.open && !self.is_personal(dataset)
    }

    /// The key where rows can come in its order and everybody may see it: one field, not personal, not several codes.
    pub fn ordering_key<'a>(&'a self, dataset: &'a Dataset) -> Option<(&'a Field, &'a Element)> {
        let [name] = &dataset.key[..] else { return None };
        let field = dataset.field(name)?;
        let element = self.element(&field.element)?;
        let fits = !element.sensitivity.is_masked() && element.kind.has_order();
        fits.then_some((field, element))
    }

    /// The codes of an element that may be chosen on a day.
    pub fn options(&self, element: &Element, on: Date) -> Vec<&CodeEntry> {
        element
            .codes
            .as_ref()
            .and_then(|codes| self.lists.get(codes))
            .map(|list| list.on(on).collect())
            .unwrap_or_default()
    }
}

impl Purpose {
    /// A purpose that concerns no one person.
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), person: None, organisation: None }
    }

    /// Names the person the record is about.
    #[must_use]
    pub fn about(mut self, person: Uuid) -> Self {
        self.person = Some(person);
        self
    }

    /// Names the organisation the record is about.
    #[must_use]
    pub fn about_organisation(mut self, organisation: Uuid) -> Self {
        self.organisation = Some(organisation);
        self
    }
}

impl Origin {
    /// An origin outside any case.
    pub fn new(source: impl Into<String>) -> Self {
        Self { source: source.into(), case: None, person: None }
    }

    /// Names the case in which the record is made or changed.
    #[must_use]
    pub fn in_case(mut self, case: impl Into<String>) -> Self {
        self.case = Some(case.into());
        self
    }

    /// Names the person the record is about.
    #[must_use]
    pub fn about(mut self, person: Uuid) -> Self {
        self.person = Some(person);
        self
    }
}
