//! Groups of datasets that are matched, and what pages show of them. Plain values.

use serde::Serialize;
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_linkage::{EntityId, Plan, RecordId};

/// Datasets of which records may be about the same, as a pack declares them.
#[derive(Clone, Debug, PartialEq)]
pub struct MatchGroup {
    /// Pack and name, such as `base-population:person`.
    pub id: String,
    /// What people call it.
    pub title: Text,
    /// The short name of the department that answers for it.
    pub authority: String,
    /// What is compared, and how.
    pub plan: Plan,
    /// What people call the fields, in the order of the plan.
    pub titles: Vec<Text>,
    /// For each field the datasets in order of authority.
    pub authorities: Vec<Vec<String>>,
    /// The datasets.
    pub members: Vec<MatchMember>,
}

/// A dataset of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchMember {
    /// The dataset.
    pub dataset: String,
    /// For each field of the plan the field of the dataset that holds it.
    pub fields: Vec<Option<String>>,
    /// For each field of the plan the field that holds earlier values, parted by commas.
    pub former: Vec<Option<String>>,
}

/// Where a pair stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PairState {
    /// The figures are sure: one entity.
    Joined,
    /// A person must look.
    Doubtful,
    /// A person said: the same.
    Same,
    /// A person said: not the same.
    Different,
}

/// A pair in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct PairRow {
    /// The record with the smaller name.
    pub left: Uuid,
    /// The other one.
    pub right: Uuid,
    /// How sure it is, in bits.
    pub weight: f64,
    /// Where it stands.
    pub state: PairState,
    /// When it was found.
    pub found: OffsetDateTime,
    /// When it was decided.
    pub decided: Option<OffsetDateTime>,
    /// The account of whoever decided.
    pub decided_by: Option<Uuid>,
    /// Why.
    pub reason: Option<String>,
}

/// How a group stands.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupState {
    /// The group.
    pub id: String,
    /// What people call it.
    pub title: Text,
    /// Records that were matched.
    pub records: i64,
    /// Entities they make.
    pub entities: i64,
    /// Pairs that wait for a person.
    pub doubtful: i64,
    /// When it was learned how records agree.
    pub learned: Option<OffsetDateTime>,
    /// Why it could not be learned.
    pub error: Option<Text>,
}

/// One field of two records side by side, masked.
#[derive(Clone, Debug, PartialEq)]
pub struct Beside {
    /// What people call the field.
    pub title: Text,
    /// What the first record says.
    pub left: Text,
    /// What the other one says.
    pub right: Text,
    /// The word of the level on which they agree; none when one does not say.
    pub level: Option<&'static str>,
    /// What it adds, in bits.
    pub weight: f64,
}

/// A record of a pair or an entity, as its page shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// The record.
    pub record: Uuid,
    /// The dataset.
    pub dataset: String,
    /// What people call the dataset.
    pub title: Text,
    /// Who brought it.
    pub source: String,
    /// When it was made or changed.
    pub updated: OffsetDateTime,
    /// The entity it is in.
    pub entity: Option<i64>,
}

/// Two records side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct PairView {
    /// The pair.
    pub row: PairRow,
    /// The first record.
    pub left: Side,
    /// The other one.
    pub right: Side,
    /// The fields.
    pub fields: Vec<Beside>,
}

/// What counts of an entity, item by item.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What people call the field.
    pub title: Text,
    /// The value that counts, masked; none when no record says anything.
    pub value: Option<Text>,
    /// The dataset it comes from.
    pub from: Option<Text>,
    /// What other records say instead, masked, with the dataset each is from.
    pub against: Vec<(Text, Text)>,
}

/// An entity.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityView {
    /// The group.
    pub group: String,
    /// Its name.
    pub id: i64,
    /// Since when it is.
    pub since: OffsetDateTime,
    /// What it became, when it is gone.
    pub into: Option<i64>,
    /// Its records.
    pub members: Vec<Side>,
    /// What counts.
    pub items: Vec<Item>,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Matched {
    /// Records that were looked at.
    pub records: u64,
    /// Pairs that are the same.
    pub joined: u64,
    /// Pairs that wait for a person.
    pub doubtful: u64,
    /// Whether it was learned anew how records agree.
    pub learned: bool,
}

impl PairState {
    /// The word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Joined => "joined",
            Self::Doubtful => "doubtful",
            Self::Same => "same",
            Self::Different => "different",
        }
    }

    /// Reads the stored word.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Joined, Self::Doubtful, Self::Same, Self::Different]
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// A record as linkage names it.
pub(crate) fn record_id(record: Uuid) -> RecordId {
    RecordId(record.as_u128())
}

/// A record as its table names it.
pub(crate) fn record_uuid(record: RecordId) -> Uuid {
    Uuid::from_u128(record.0)
}

/// An entity as its table names it.
pub(crate) fn entity_number(entity: EntityId) -> i64 {
    i64::try_from(entity.0).unwrap_or(i64::MAX)
}

/// An entity as linkage names it.
pub(crate) fn entity_id(number: i64) -> EntityId {
    EntityId(u64::try_from(number).unwrap_or_default())
}
