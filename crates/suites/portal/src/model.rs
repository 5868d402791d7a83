//! Datasets of the portal, their resources, the collections they stand in, keys. Plain values.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::rows::{Kind, known_kind};

/// Where an entry comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A department's program wrote it here.
    Portal,
    /// It is a dataset or a department of the platform.
    Platform,
}

impl Source {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Portal => "portal",
            Self::Platform => "platform",
        }
    }

    pub(crate) fn of(word: &str) -> Self {
        if word == "platform" { Self::Platform } else { Self::Portal }
    }
}

/// What kind of collection it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CollectionKind {
    /// Who publishes.
    Organization,
    /// What belongs together.
    Group,
}

impl CollectionKind {
    /// The word of the interface.
    pub fn word(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Group => "group",
        }
    }
}

/// A name with a value that the interface has no field for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extra {
    /// The name.
    pub key: String,
    /// The value.
    pub value: String,
}

/// What is said of a collection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionBody {
    /// Its name for people.
    pub title: String,
    /// The same in English, when it is known.
    #[serde(default)]
    pub title_en: String,
    /// What it is.
    #[serde(default)]
    pub description: String,
    /// A picture.
    #[serde(default)]
    pub image_url: String,
    /// Its code, such as the unified social credit code.
    #[serde(default)]
    pub code: String,
    /// More.
    #[serde(default)]
    pub extras: Vec<Extra>,
}

/// A collection.
#[derive(Clone, Debug, PartialEq)]
pub struct Collection {
    /// The identifier.
    pub id: Uuid,
    /// What kind.
    pub kind: CollectionKind,
    /// Its name in addresses.
    pub name: String,
    /// The department that keeps it.
    pub department: Uuid,
    /// Where it comes from.
    pub source: Source,
    /// Whether it is shown.
    pub active: bool,
    /// When it was made.
    pub created: OffsetDateTime,
    /// What is said of it.
    pub body: CollectionBody,
    /// Datasets in it that everybody sees.
    pub packages: i64,
}

/// What is said of a dataset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PackageBody {
    /// Its name for people.
    pub title: String,
    /// The same in English, when it is known.
    pub title_en: String,
    /// What it holds.
    pub notes: String,
    /// The same in English, when it is known.
    pub notes_en: String,
    /// Who made it.
    pub author: String,
    /// Where to write to who made it.
    pub author_email: String,
    /// Who keeps it.
    pub maintainer: String,
    /// Where to write to who keeps it.
    pub maintainer_email: String,
    /// The terms, by the words of [`crate::LICENCES`].
    pub license_id: String,
    /// Its page elsewhere.
    pub url: String,
    /// Its version.
    pub version: String,
    /// The code of the resource; stays the same for ever.
    pub code: String,
    /// How often it is brought up to date, by the words of datasets.
    pub cycle: String,
    /// Words by which it is found.
    pub tags: Vec<String>,
    /// The groups it stands in, by name.
    pub groups: Vec<String>,
    /// More.
    pub extras: Vec<Extra>,
    /// The dataset of the platform behind it.
    pub dataset: Option<String>,
}

/// A dataset.
#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    /// The identifier.
    pub id: Uuid,
    /// Its name in addresses.
    pub name: String,
    /// Who publishes it.
    pub unit: Collection,
    /// Where it comes from.
    pub source: Source,
    /// Whether only its department sees it.
    pub private: bool,
    /// Whether it is there; a deleted one can be restored by writing it again.
    pub active: bool,
    /// When it was made.
    pub created: OffsetDateTime,
    /// When anything of it last changed.
    pub modified: OffsetDateTime,
    /// What is said of it.
    pub body: PackageBody,
    /// Its groups.
    pub groups: Vec<Collection>,
    /// Its files and tables.
    pub resources: Vec<Resource>,
}

/// What is said of a resource.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourceBody {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub description: String,
    /// The format, such as `CSV`.
    pub format: String,
    /// Where it is; empty when it lies here.
    pub url: String,
    /// The name of the file that was sent.
    pub file: String,
    /// The media type.
    pub mimetype: String,
    /// Bytes.
    pub size: Option<u64>,
    /// The digest as its publisher gave it.
    pub hash: String,
    /// More.
    pub more: Map<String, Value>,
}

/// A file or a table of a dataset.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// The identifier.
    pub id: Uuid,
    /// The dataset.
    pub package: Uuid,
    /// Its place, from 0.
    pub position: i32,
    /// When it was made.
    pub created: OffsetDateTime,
    /// When it last changed.
    pub modified: OffsetDateTime,
    /// What is said of it.
    pub body: ResourceBody,
    /// The file that was sent.
    pub digest: Option<String>,
    /// The table behind it.
    pub shape: Option<Shape>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// The name.
    pub id: String,
    /// The type: `text`, `numeric`, `int`, `bool`, `date`, `timestamp`, `json`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What is said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub info: Option<Map<String, Value>>,
}

/// The name under which a column says what its texts are.
pub(crate) const HOLDS: &str = "holds";
/// They are geometries, as GeoJSON.
pub(crate) const GEOMETRY: &str = "geometry";
/// They are names of codes: few of them, many times each.
pub(crate) const CODES: &str = "codes";

impl Column {
    /// Whether its texts are names of codes.
    pub fn is_coded(&self) -> bool {
        self.holds() == Some(CODES)
    }

    /// Whether its values are numbers.
    pub fn is_number(&self) -> bool {
        matches!(known_kind(&self.kind), Some(Kind::Whole | Kind::Number))
    }

    /// Whether its values are yes or no.
    pub fn is_flag(&self) -> bool {
        matches!(known_kind(&self.kind), Some(Kind::Flag))
    }

    /// Whether its texts are geometries.
    pub fn is_geometry(&self) -> bool {
        self.holds() == Some(GEOMETRY)
    }

    fn holds(&self) -> Option<&str> {
        self.info.as_ref()?.get(HOLDS)?.as_str()
    }
}

/// The fields and the key of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// The columns.
    pub fields: Vec<Column>,
    /// The columns that name a row.
    #[serde(default)]
    pub primary_key: Vec<String>,
}

/// A key for programs, without its secret.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The identifier.
    pub id: Uuid,
    /// What it is for.
    pub title: String,
    /// When it was given.
    pub created: OffsetDateTime,
    /// When it ends.
    pub expires: OffsetDateTime,
    /// When it was taken back.
    pub revoked: Option<OffsetDateTime>,
    /// How often it may be used in a day.
    pub daily: i32,
    /// How often it was used today.
    pub used: i32,
}

/// A key that was just given. The secret is shown once.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The key.
    pub key: Key,
    /// The secret.
    pub secret: String,
}
