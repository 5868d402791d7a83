//! Items as they are reported, runs, faults and feedback, as plain values.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_calendar::Unit;

/// A limit of an item.
pub type Limit = (u32, Unit);

/// A paper that an item asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemPaper {
    /// What it is.
    pub name: String,
    /// Whether the applicant brings it.
    pub brought: bool,
    /// Whether it may follow.
    pub deferrable: bool,
    /// Whether it is needed in every case.
    pub always: bool,
    /// What must be in it.
    pub note: String,
}

/// An item of the power list, as far as it is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemFacts {
    /// `pack:name`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The implementation code: 18 characters of the organisation, one of the level, 12 of the directory.
    pub code: String,
    /// Its version.
    pub version: String,
    /// The first day of the version, such as `2026-07-01`.
    pub valid_from: String,
    /// The kind by GB/T 39046-2020 A.1.
    pub kind: String,
    /// Whether natural persons may apply.
    pub natural: bool,
    /// Whether organisations may apply.
    pub legal: bool,
    /// Who may apply, in words.
    pub applicants: String,
    /// The short name of the department.
    pub department: String,
    /// The laws.
    pub basis: Vec<String>,
    /// What the law gives.
    pub statutory: Limit,
    /// What is promised.
    pub promised: Limit,
    /// What it costs, in words.
    pub fee: String,
    /// How often one must come.
    pub visits: u8,
    /// The steps.
    pub steps: Vec<String>,
    /// The special procedures that stop the clock, in words.
    pub procedures: Vec<String>,
    /// The papers.
    pub papers: Vec<ItemPaper>,
    /// What is punished, of which kind and how much, in one text; empty for items that punish nothing.
    pub punishment: String,
    /// Questions and answers.
    pub questions: Vec<(String, String)>,
    /// Place and address.
    pub place: String,
    /// Hours.
    pub hours: String,
    /// Telephone.
    pub phone: String,
    /// The address of its guide.
    pub link: String,
}

/// All items, on the shelf.
#[derive(Clone, Debug, Default)]
pub struct Items(pub Vec<Arc<ItemFacts>>);

/// A rating of a case, as it is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatingFacts {
    /// The case.
    pub case: String,
    /// The contact.
    pub contact: String,
    /// The way it came, with the wording of GB/T 39046.
    pub channel: String,
    /// The level, 1 to 5.
    pub level: u8,
    /// What people call the level.
    pub level_title: String,
    /// The day.
    pub day: Date,
    /// Which rating of the case it is, from 1.
    pub nth: u32,
    /// The region code.
    pub region: String,
}

/// What is to be reported.
#[derive(Clone, Debug)]
pub struct Order {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// Why, for the record.
    pub reason: String,
    /// The ratings of the period.
    pub ratings: Vec<RatingFacts>,
    /// Where guides stand on the internet, without a slash at the end.
    pub site: String,
}

/// How many rows of a table a run has sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableCount {
    /// The table.
    pub table: String,
    /// Rows that were sent.
    pub sent: usize,
    /// Rows that were sent before and have not changed.
    pub same: usize,
    /// Rows that break a rule and were left out.
    pub left_out: usize,
    /// The digest (SM3) of the CSV file.
    pub csv: String,
    /// The digest (SM3) of the JSON file.
    pub json: String,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The identifier.
    pub id: Uuid,
    /// The batch that every row names.
    pub batch: String,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// Who ordered it.
    pub by: String,
    /// When.
    pub at: OffsetDateTime,
    /// What each table came to.
    pub tables: Vec<TableCount>,
    /// The digest of the manifest.
    pub manifest: String,
    /// Rows that were left out.
    pub left_out: i64,
}

/// A row that was left out, with one thing that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The table.
    pub table: String,
    /// The row.
    pub guid: String,
    /// The case or the item.
    pub subject: String,
    /// The column.
    pub field: String,
    /// What people call the column.
    pub title: String,
    /// The rule that is broken.
    pub rule: String,
    /// What to mend.
    pub mend: zhengtong_base::Text,
}

/// What the platform above says of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feedback {
    /// The table.
    pub table: String,
    /// The row.
    pub row: String,
    /// The case or the item; none for a row that this city never sent.
    pub subject: Option<String>,
    /// What is wrong, by its kind.
    pub kind: String,
    /// What is wrong, in words.
    pub remark: String,
    /// The batch.
    pub batch: String,
    /// When it was read.
    pub at: OffsetDateTime,
    /// Whether the row was sent anew since.
    pub mended: bool,
}

/// What a run has made: files by name, the manifest and its signature among them.
#[derive(Clone, Debug)]
pub struct Package {
    /// The run.
    pub run: Run,
    /// The files.
    pub files: Vec<(String, Vec<u8>)>,
    /// What was left out.
    pub faults: Vec<Fault>,
}
