//! A case and what belongs to it, as plain values.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Text;

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Received, waiting for acceptance.
    Submitted,
    /// Waiting for the applicant to supply what is missing.
    Correcting,
    /// Accepted and under review.
    Accepted,
    /// Decided, the result is being made or delivered.
    Decided,
    /// Done.
    Closed,
    /// Not accepted.
    Declined,
    /// Taken back by the applicant.
    Withdrawn,
    /// Ended by an official before a decision.
    Ended,
}

impl State {
    /// The word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Correcting => "correcting",
            Self::Accepted => "accepted",
            Self::Decided => "decided",
            Self::Closed => "closed",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Ended => "ended",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::Submitted,
            Self::Correcting,
            Self::Accepted,
            Self::Decided,
            Self::Closed,
            Self::Declined,
            Self::Withdrawn,
            Self::Ended,
        ]
        .into_iter()
        .find(|state| state.word() == word)
    }

    /// What people call it.
    pub fn title(self) -> Text {
        match self {
            Self::Submitted => Text::new("已提交，等受理", "Submitted"),
            Self::Correcting => Text::new("等您补材料", "Waiting for papers"),
            Self::Accepted => Text::new("办理中", "Under review"),
            Self::Decided => Text::new("已决定", "Decided"),
            Self::Closed => Text::new("已办结", "Closed"),
            Self::Declined => Text::new("不予受理", "Not accepted"),
            Self::Withdrawn => Text::new("已撤回", "Withdrawn"),
            Self::Ended => Text::new("已终止", "Ended"),
        }
    }

    /// Whether nothing more will happen.
    pub fn over(self) -> bool {
        matches!(self, Self::Closed | Self::Declined | Self::Withdrawn | Self::Ended)
    }
}

/// A labelled value that the applicant confirmed, as it was shown then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The key of the answer.
    pub key: String,
    /// The label.
    pub label: Text,
    /// The value as shown, personal parts masked.
    pub value: Text,
    /// From which registry it came, for values that were not typed.
    pub source: Option<Text>,
}

/// Facts under one heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactSection {
    /// The heading.
    pub title: Text,
    /// The facts.
    pub rows: Vec<Fact>,
}

/// What an applicant hands in.
#[derive(Clone, Debug, Serialize)]
pub struct Opening {
    /// The case type, `pack:name`.
    pub kind: String,
    /// The item, `pack:name`.
    pub item: String,
    /// The version of the item in force that day.
    pub item_version: String,
    /// What the case is called.
    pub title: Text,
    /// The applicant or the agent.
    pub person: Uuid,
    /// Their name.
    pub person_name: String,
    /// The organisation that applies, if it is one.
    pub organisation: Option<Applicant>,
    /// The organisation that handles the case.
    pub department: Uuid,
    /// Its name.
    pub department_name: String,
    /// The region code for the number.
    pub region: String,
    /// All answers, for conditions and documents.
    pub answers: Map<String, Value>,
    /// The keys of answers that are kept sealed.
    pub sealed: std::collections::BTreeSet<String>,
    /// The keys of answers that were typed freely: the tables hold them sealed, whoever reads the case reads them.
    pub typed: std::collections::BTreeSet<String>,
    /// The answers as shown and confirmed.
    pub facts: Vec<FactSection>,
    /// The papers.
    pub materials: Vec<NewMaterial>,
    /// The datasets from which answers were filled in.
    pub reads: std::collections::BTreeSet<String>,
    /// Lesser papers of the item that were not handed in and may come later (容缺).
    pub deferrable: Vec<Text>,
    /// Working days promised.
    pub promised_days: u32,
    /// Working days the law gives.
    pub statutory_days: u32,
}

/// An organisation that applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applicant {
    /// The organisation.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its unified social credit code.
    pub credit_code: String,
}

/// A paper that is handed in or taken from a registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewMaterial {
    /// What it is.
    pub name: Text,
    /// Where it came from: `applicant` or a dataset.
    pub source: String,
    /// The source in words, with its date.
    pub source_note: Option<String>,
    /// The file, when there is one.
    pub file: Option<MaterialFile>,
}

/// The file of a paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaterialFile {
    /// SM3 digest in hexadecimal.
    pub digest: String,
    /// The name the applicant gave it.
    pub name: String,
    /// Its size in bytes.
    pub size: i64,
    /// Its media type.
    pub mime: String,
}

/// A paper of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Material {
    /// Its place in the list.
    pub seq: i32,
    /// The paper.
    pub paper: NewMaterial,
    /// When it came.
    pub at: OffsetDateTime,
    /// Who of the office added it; none of what the applicant brought or a registry gave.
    pub added: Option<Added>,
}

/// Who of the office added a paper, and where in the course of the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// The officer's name.
    pub by: String,
    /// Their department.
    pub department: Uuid,
    /// The node of the process.
    pub node: String,
    /// What the step is called.
    pub step: Text,
}

/// A case.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The case number.
    pub no: String,
    /// The case type.
    pub kind: String,
    /// The item.
    pub item: String,
    /// The version of the item by which it is judged.
    pub item_version: String,
    /// What it is called.
    pub title: Text,
    /// The applicant or the agent.
    pub person: Uuid,
    /// Their name.
    pub person_name: String,
    /// The organisation that applies.
    pub organisation: Option<Applicant>,
    /// The organisation that handles it.
    pub department: Uuid,
    /// Its name.
    pub department_name: String,
    /// Departments that have, or had, a task in it beside that one.
    pub assisting: Vec<Uuid>,
    /// The region code.
    pub region: String,
    /// Where it stands.
    pub state: State,
    /// `granted` or `refused`.
    pub decision: Option<String>,
    /// The process instance.
    pub instance: Uuid,
    /// All answers.
    pub answers: Map<String, Value>,
    /// The answers as shown.
    pub facts: Vec<FactSection>,
    /// Working days promised.
    pub promised_days: u32,
    /// Working days the law gives.
    pub statutory_days: u32,
    /// When it was handed in.
    pub submitted_at: OffsetDateTime,
    /// When it was accepted.
    pub accepted_at: Option<OffsetDateTime>,
    /// When it was decided.
    pub decided_at: Option<OffsetDateTime>,
    /// When it was over.
    pub closed_at: Option<OffsetDateTime>,
    /// The document that was issued.
    pub document: Option<Uuid>,
    /// Grows with every change; a stale page is refused.
    pub version: i64,
}

impl Case {
    /// Who applies, in one line.
    pub fn applicant(&self) -> &str {
        self.organisation.as_ref().map_or(self.person_name.as_str(), |org| org.name.as_str())
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place in the order.
    pub seq: i32,
    /// The kind, such as `accept`.
    pub kind: String,
    /// When.
    pub at: OffsetDateTime,
    /// Who.
    pub actor: String,
    /// At which node of the process.
    pub node: Option<String>,
    /// What the timeline says.
    pub text: Text,
    /// Why.
    pub reason: Option<String>,
    /// Whether the applicant sees it.
    pub public: bool,
}

/// Who must act on a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// An officer of the department.
    Office,
    /// The applicant.
    Applicant,
}

/// A task the case waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Todo {
    /// The identifier.
    pub id: Uuid,
    /// The case.
    pub case: String,
    /// The task of the process instance.
    pub task: String,
    /// The node of the process.
    pub node: String,
    /// What it is called.
    pub title: Text,
    /// The role that does it.
    pub role: String,
    /// Who must act.
    pub side: Side,
    /// What can be decided.
    pub outcomes: Vec<String>,
    /// The account that took it.
    pub assignee: Option<Uuid>,
    /// The name of the one who took it.
    pub assignee_name: Option<String>,
    /// When it came.
    pub opened_at: OffsetDateTime,
    /// The day by which it should be done.
    pub due_day: Option<Date>,
    /// Where it belongs, and how it came there.
    pub place: Place,
}

/// Why a task was opened beside another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Somebody signs before it (前加签).
    Before,
    /// Somebody signs after it (后加签).
    After,
    /// Several sign together (会签, 或签, 并加签).
    Together,
    /// Somebody is asked for an opinion (征求意见).
    Opinion,
}

impl Purpose {
    /// The word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
            Self::Together => "together",
            Self::Opinion => "opinion",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        let all = [Self::Before, Self::After, Self::Together, Self::Opinion];
        all.into_iter().find(|purpose| purpose.word() == word)
    }

    /// What people call it.
    pub fn title(self) -> Text {
        match self {
            Self::Before => Text::new("前加签", "Sign before"),
            Self::After => Text::new("后加签", "Sign after"),
            Self::Together => Text::new("会签", "Sign together"),
            Self::Opinion => Text::new("征求意见", "Asked for an opinion"),
        }
    }
}

/// Where a task belongs, and how it came there.
#[expect(clippy::struct_excessive_bools, reason = "each answers a question of its own")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The department whose officers do it.
    pub department: Uuid,
    /// Its name.
    pub department_name: String,
    /// Whether that is the department that handles the case (主办); another one assists (协办).
    pub lead: bool,
    /// What counts as its outcome when its days are over.
    pub by_default: Option<String>,
    /// The visit of the step: several tasks of one visit are done for one purpose.
    pub visit: i64,
    /// Whether it is one of several of such tasks.
    pub several: bool,
    /// Whether others sign after it.
    pub followed: bool,
    /// Why it was opened beside another task.
    pub purpose: Option<Purpose>,
    /// Which task that is.
    pub of: Option<String>,
    /// Whether it was given to somebody by name, whatever their role.
    pub given: bool,
    /// Whether it was lent and goes back.
    pub lent: bool,
    /// Whether it waits for those who were asked first.
    pub waits: bool,
    /// Who asked for it.
    pub asked_by: Option<String>,
    /// When its time began, where that was before it was opened.
    pub begun_at: Option<OffsetDateTime>,
}

impl Todo {
    /// Whether it is a task of the platform's own, which no process knows.
    pub fn is_own(&self) -> bool {
        self.task.starts_with(OWN)
    }

    /// Whether the applicant may do it at any time and nothing waits for it, such as taking back what was entered.
    pub fn is_standing(&self) -> bool {
        let asked = self.due_day.is_some() || self.outcomes.iter().any(|word| word == SUPPLY);
        self.side == Side::Applicant && !asked && !self.is_own()
    }
}

/// The outcome by which an applicant brings what is missing.
const SUPPLY: &str = "supply";

/// What stands before the word of a task that no process knows.
pub(crate) const OWN: &str = "own/";

/// Who had to do with a case, from the first contact on (首问负责).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Responsible {
    /// The account.
    pub account: Uuid,
    /// The name.
    pub name: String,
    /// The department.
    pub department: Uuid,
    /// `first`, `took`, `transferred`, `lent`, `given_back` or `asked`.
    pub how: String,
    /// At which step.
    pub node: Option<String>,
    /// When.
    pub at: OffsetDateTime,
}

/// An answer that is kept sealed, in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revealed {
    /// The key of the answer.
    pub key: String,
    /// The label.
    pub label: Text,
    /// The value.
    pub value: String,
}

/// A remark among colleagues; the applicant never sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Who wrote it.
    pub author: String,
    /// What.
    pub text: String,
    /// When.
    pub at: OffsetDateTime,
}
