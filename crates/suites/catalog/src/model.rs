//! A resource of the directory, its versions, and what lists show of it. Plain values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_registry::{Scores, Sensitivity, Sharing};

use crate::kinds::{Cycle, Format, ItemKind, ListKind, Openness, State, Way};

/// What the unit says of a resource: the core metadata of the guide, but for the code, the provider and the day of
/// publication, which the platform knows itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// 信息资源分类: the code of its class.
    pub class: String,
    /// 信息资源名称.
    pub title: Text,
    /// 信息资源摘要.
    pub summary: Text,
    /// 信息资源格式.
    pub format: Format,
    /// 信息项信息.
    pub items: Vec<Item>,
    /// 共享属性.
    pub sharing: Shared,
    /// 开放属性.
    pub openness: Opened,
    /// 更新周期.
    pub cycle: Cycle,
    /// 关联资源代码.
    #[serde(default)]
    pub related: Vec<String>,
    /// The codes of the resources from which this one is made.
    #[serde(default)]
    pub sources: Vec<String>,
    /// The dataset of the platform in which the data stands.
    #[serde(default)]
    pub dataset: Option<String>,
    /// The system the data comes from.
    #[serde(default)]
    pub system: String,
}

/// One information item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// What it is called.
    pub name: Text,
    /// The data element, when the platform defines it.
    #[serde(default)]
    pub element: Option<String>,
    /// What kind of value it holds.
    pub kind: ItemKind,
    /// How long it is at most.
    #[serde(default)]
    pub length: Option<u32>,
    /// How carefully it is handled.
    pub sensitivity: Sensitivity,
    /// Who may have it, when that is not as with the whole resource.
    #[serde(default)]
    pub sharing: Option<Sharing>,
}

/// Who else in the administration may have the data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shared {
    /// The kind.
    pub kind: Sharing,
    /// On what condition.
    #[serde(default)]
    pub condition: String,
    /// By which way.
    pub way: Way,
    /// The law on which a refusal rests.
    #[serde(default)]
    pub basis: String,
}

/// Whether the public may have the data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// The kind.
    pub kind: Openness,
    /// On what condition.
    #[serde(default)]
    pub condition: String,
}

/// A version of a resource, with who did what to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// 1, 2, 3 …
    pub number: i32,
    /// Where it stands.
    pub state: State,
    /// What it says.
    pub body: Body,
    /// Who compiled it.
    pub compiled_by: Uuid,
    /// Their name.
    pub compiler: String,
    /// When it was begun.
    pub begun: OffsetDateTime,
    /// When it was handed in.
    pub submitted: Option<OffsetDateTime>,
    /// When it was reviewed, and by whom.
    pub reviewed: Option<(OffsetDateTime, String)>,
    /// Why the last review refused it.
    pub refusal: Option<String>,
    /// When it was published, and by whom.
    pub published: Option<(OffsetDateTime, String)>,
    /// When it ceased to be in force.
    pub ended: Option<OffsetDateTime>,
    /// Why it was withdrawn.
    pub end_reason: Option<String>,
}

/// A resource with all its versions, the newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// The identifier.
    pub id: Uuid,
    /// 信息资源代码; none before it is published or imported with one.
    pub code: Option<String>,
    /// The code as it stands in addresses.
    pub slug: Option<String>,
    /// 信息资源提供方.
    pub provider: Uuid,
    /// The versions.
    pub versions: Vec<Version>,
}

impl Resource {
    /// The version that is written, reviewed or waits to be published.
    pub fn open(&self) -> Option<&Version> {
        let open = [State::Draft, State::Submitted, State::Reviewed];
        self.versions.iter().find(|version| open.contains(&version.state))
    }

    /// The version in force.
    pub fn in_force(&self) -> Option<&Version> {
        self.versions.iter().find(|version| version.state == State::Published)
    }
}

/// A resource as the public reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The resource; only versions that were published.
    pub resource: Resource,
    /// The version that is looked at.
    pub version: Version,
    /// The unit that provides it.
    pub provider: Text,
    /// 信息资源提供方代码.
    pub provider_code: Option<String>,
    /// The titles of its classes, from the widest.
    pub classes: Vec<(String, Text)>,
    /// Resources it names, and those that name it.
    pub links: Vec<Linked>,
    /// Where its data stands and comes from, when that is a dataset of the platform.
    pub lineage: Option<Lineage>,
    /// Whether the data arrived in time.
    pub arrival: Option<Arrival>,
    /// How good the data is, once its dataset was looked at.
    pub scores: Option<Scores>,
}

/// A resource that is tied to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// How.
    pub tie: Tie,
    /// Its code.
    pub code: String,
    /// Its address, while it is in force.
    pub slug: Option<String>,
    /// Its title.
    pub title: Text,
}

/// How a resource is tied to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tie {
    /// They belong together.
    Related,
    /// It is made from the other.
    Source,
    /// The other is made from it.
    Product,
}

/// Where the data of a resource stands and comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lineage {
    /// The dataset.
    pub dataset: String,
    /// What people call it.
    pub title: Text,
    /// Fields that hold the key of another dataset: the field, the dataset, its title.
    pub references: Vec<(Text, String, Text)>,
    /// Elements whose authority is another dataset: the field, the dataset, its title.
    pub authorities: Vec<(Text, String, Text)>,
}

/// When data arrived, and whether that was in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When the newest record was made or changed.
    pub at: Option<OffsetDateTime>,
    /// The last day for the next.
    pub due: Option<Date>,
    /// Whether that day has passed.
    pub overdue: bool,
}

/// A line of the public directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The code.
    pub code: String,
    /// The code in addresses.
    pub slug: String,
    /// The title.
    pub title: Text,
    /// What it is.
    pub summary: Text,
    /// The unit.
    pub provider: Uuid,
    /// The class.
    pub class: String,
    /// Who may have it.
    pub sharing: Sharing,
    /// Whether the public may.
    pub openness: Openness,
    /// How often it changes.
    pub cycle: Cycle,
    /// In what form it is kept.
    pub format: Format,
    /// Since when it stands there.
    pub published: Date,
}

/// What is looked for in the directory. Absent means any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Words, characters, pinyin or first letters.
    pub words: String,
    /// The unit.
    pub provider: Option<Uuid>,
    /// The class, or one above it.
    pub class: Option<String>,
    /// The kind of sharing.
    pub sharing: Option<Sharing>,
    /// The kind of openness.
    pub openness: Option<Openness>,
    /// The cycle.
    pub cycle: Option<Cycle>,
    /// The format.
    pub format: Option<Format>,
    /// Where the page before ended.
    pub after: Option<String>,
}

/// A page of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The lines: those whose title fits come first, then the newest.
    pub lines: Vec<Line>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// How many there are, up to [`crate::COUNTED_MAX`].
    pub total: i64,
    /// How many there are of each choice, by facet: the value and the count, the largest first.
    pub facets: BTreeMap<Facet, Vec<(String, i64)>>,
}

/// What the directory can be narrowed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Facet {
    /// The unit.
    Provider,
    /// The class.
    Class,
    /// The kind of sharing.
    Sharing,
    /// The kind of openness.
    Openness,
    /// The cycle.
    Cycle,
    /// The format.
    Format,
}

/// A line at the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The resource.
    pub id: Uuid,
    /// Its code.
    pub code: Option<String>,
    /// Its title.
    pub title: Text,
    /// The unit.
    pub provider: Uuid,
    /// The version.
    pub version: i32,
    /// Where it stands.
    pub state: State,
    /// Whether the last review refused it.
    pub refused: bool,
    /// When it was handed in.
    pub submitted: Option<OffsetDateTime>,
    /// The last day of the review.
    pub due: Option<Date>,
    /// Whether that day has passed.
    pub overdue: bool,
    /// When its data last arrived, on the list of late data.
    pub arrival: Option<Arrival>,
}

/// An entry of one of the six lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The identifier.
    pub id: Uuid,
    /// The list.
    pub list: ListKind,
    /// The unit.
    pub unit: Uuid,
    /// What is entered.
    pub new: NewEntry,
    /// Since when.
    pub since: OffsetDateTime,
}

/// What is entered in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NewEntry {
    /// What it is called.
    pub title: String,
    /// The law, the purpose or whatever else the list asks for.
    pub note: String,
    /// The item of the power list it belongs to.
    pub item: Option<String>,
    /// The code of the resource it is about.
    pub resource: Option<String>,
    /// The unit that is asked or that answers, by its short name.
    pub other: Option<String>,
}

/// Items of the power list by identifier, as lists may name them.
#[derive(Clone, Debug, Default)]
pub struct PowerList(pub BTreeMap<String, Text>);
