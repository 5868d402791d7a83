//! What a person has answered so far: values, entries of repeated pages, files, and input that is not right yet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Text;

use crate::model::{FileKind, Form, Page};

/// Answers by key. `null` means left blank on purpose.
pub type Values = BTreeMap<String, Value>;

/// What the city held already, by the key of the answer.
pub type Knowns = BTreeMap<String, Known>;

/// One value that the city held, and where and since when; a snapshot of the day the draft began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// The value.
    pub value: Value,
    /// What people call the source.
    pub source: Text,
    /// The dataset.
    pub dataset: String,
    /// When the source last changed it.
    #[serde(with = "time::serde::rfc3339")]
    pub updated: OffsetDateTime,
}

/// A page, and for a repeated page one entry of it. A repeated page without an entry is the list of its entries.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PageRef {
    /// The page.
    pub page: String,
    /// The number of the entry. Numbers count from 1 and are never given twice within a draft.
    pub entry: Option<u32>,
}

/// One entry of a repeated page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number.
    pub number: u32,
    /// Its answers.
    pub values: Values,
}

/// The entries of a repeated page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// The highest number given so far.
    pub last: u32,
    /// The entries in order.
    pub entries: Vec<Entry>,
}

/// A file to be attached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileMeta {
    /// The digest under which the file is kept.
    pub digest: String,
    /// Its name, as the person's machine had it.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its kind, as its bytes show.
    pub kind: FileKind,
}

/// An attached file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// The identifier of this attachment.
    pub id: Uuid,
    /// The field.
    pub field: String,
    /// The entry of a repeated page.
    pub entry: Option<u32>,
    /// The file.
    pub file: FileMeta,
    /// When it was attached.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// Everything that was answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answers {
    /// Answers of pages that are asked once.
    pub values: Values,
    /// Entries of repeated pages, by page.
    pub groups: BTreeMap<String, Group>,
    /// Files.
    pub files: Vec<Attached>,
    /// What was typed and is not right yet, by page key and field key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, BTreeMap<String, String>>,
    /// The version of the draft in which each page was last saved, by page key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub saved: BTreeMap<String, i64>,
}

/// A form that is being filled.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The identifier.
    pub id: Uuid,
    /// The form, such as `food-business:application`.
    pub form: String,
    /// The version of the form it began with.
    pub form_digest: String,
    /// The item it is for, such as `food-business:new`.
    pub item: String,
    /// The person who began it.
    pub owner: Uuid,
    /// The organisation on whose behalf it was begun.
    pub owner_organisation: Option<Uuid>,
    /// The answers.
    pub answers: Answers,
    /// What the city held.
    pub known: Knowns,
    /// Counts up with every save.
    pub version: i64,
    /// When it was begun.
    pub created: OffsetDateTime,
    /// When it was last saved.
    pub updated: OffsetDateTime,
    /// When it will be thrown away if nobody touches it.
    pub expires: OffsetDateTime,
    /// The case it became.
    pub submitted_case: Option<String>,
}

/// A draft in a list, without answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftLine {
    /// The identifier.
    pub id: Uuid,
    /// The form.
    pub form: String,
    /// The item.
    pub item: String,
    /// The person who began it.
    pub owner: Uuid,
    /// The organisation on whose behalf it was begun.
    pub owner_organisation: Option<Uuid>,
    /// When it was begun.
    pub created: OffsetDateTime,
    /// When it was last saved.
    pub updated: OffsetDateTime,
    /// When it will be thrown away.
    pub expires: OffsetDateTime,
}

/// An answer that another window saved in the meantime and this save replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// The key of the answer.
    pub key: String,
    /// The question.
    pub label: Text,
    /// What the other window had saved, as it would be typed.
    pub earlier: String,
    /// What stands there now.
    pub later: String,
}

/// What came of saving a page.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The draft as it is now.
    pub draft: Draft,
    /// What is wrong with the page. Everything that was typed is kept all the same.
    pub errors: Vec<zhengtong_base::FieldError>,
    /// What another window had saved since the page was shown, and this save replaced; to be shown side by side.
    pub clashes: Vec<Clash>,
    /// The page after this one; none when the answers are to be checked next.
    pub next: Option<PageRef>,
}

/// The answers as a case keeps them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// The draft.
    pub draft: Uuid,
    /// The form.
    pub form: String,
    /// The version of the form that the answers were checked by.
    pub form_digest: String,
    /// The item.
    pub item: String,
    /// The person who filled it.
    pub owner: Uuid,
    /// The organisation on whose behalf.
    pub owner_organisation: Option<Uuid>,
    /// The answers with the files; nothing of hidden pages.
    pub answers: Answers,
    /// What the city held, for the pages that were shown.
    pub known: Knowns,
}

impl PageRef {
    /// A page that is asked once, or the list of entries of a repeated page.
    pub fn page(page: impl Into<String>) -> Self {
        Self { page: page.into(), entry: None }
    }

    /// An entry of a repeated page.
    pub fn entry(page: impl Into<String>, number: u32) -> Self {
        Self { page: page.into(), entry: Some(number) }
    }

    /// The key under which the page is kept: `page` or `page#2`.
    pub fn key(&self) -> String {
        match self.entry {
            Some(number) => format!("{}#{number}", self.page),
            None => self.page.clone(),
        }
    }
}

impl Group {
    /// An entry by its number.
    pub fn entry(&self, number: u32) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.number == number)
    }
}

impl Answers {
    /// The files of a field.
    pub fn files_of(&self, field: &str, entry: Option<u32>) -> Vec<&FileMeta> {
        self.files
            .iter()
            .filter(|attached| attached.field == field && attached.entry == entry)
            .map(|attached| &attached.file)
            .collect()
    }

    /// The value that was answered on a page. Input that is not right yet is no value.
    pub fn value(&self, at: &PageRef, key: &str) -> Option<&Value> {
        if self.input(at, key).is_some() {
            return None;
        }
        match at.entry {
            None => self.values.get(key),
            Some(number) => self.groups.get(&at.page)?.entry(number)?.values.get(key),
        }
    }

    /// What was typed into a field and is not right yet.
    pub fn input(&self, at: &PageRef, key: &str) -> Option<&str> {
        self.inputs.get(&at.key())?.get(key).map(String::as_str)
    }

    /// Whether a page was ever saved.
    pub fn was_saved(&self, at: &PageRef) -> bool {
        self.saved.contains_key(&at.key())
    }

    /// The numbers of the entries of a repeated page: those that exist, then those that are still to be made
    /// until there are as many as are asked for.
    pub fn entry_numbers(&self, page: &Page) -> Vec<u32> {
        let Some(repeat) = &page.repeat else { return Vec::new() };
        let none = Group::default();
        let group = self.groups.get(&page.id).unwrap_or(&none);
        let missing = repeat.min.saturating_sub(group.entries.len());
        let existing = group.entries.iter().map(|entry| entry.number);
        existing.chain((group.last + 1..).take(missing)).collect()
    }

    /// The places of a page: the page itself; for a repeated one its entries, then the list of them.
    pub fn places(&self, page: &Page) -> Vec<PageRef> {
        self.entry_numbers(page)
            .into_iter()
            .map(|number| PageRef::entry(&page.id, number))
            .chain([PageRef::page(&page.id)])
            .collect()
    }
}

impl Draft {
    /// Whether the form was changed since the draft was begun.
    pub fn is_outdated(&self, form: &Form) -> bool {
        self.form_digest != form.digest
    }
}
