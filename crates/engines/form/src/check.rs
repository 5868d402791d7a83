//! Whether everything is answered: all faults of a form, and the state of its task list. Pure.

use std::collections::BTreeSet;

use time::Date;
use zhengtong_base::{FieldError, Text};

use crate::answers::{Answers, Group, Knowns, PageRef};
use crate::input::{self, PageInput};
use crate::model::{FieldKind, Form, Page};
use crate::walk;

/// How far a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepStatus {
    /// Nothing was saved there.
    NotStarted,
    /// Something was saved, and something is missing or wrong.
    InProgress,
    /// Saved, and all is right.
    Done,
    /// Whether it is asked depends on answers that are still missing.
    CannotStart,
}

/// One line of the task list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The place to begin: for a repeated page its first entry that is not right, otherwise the list of them.
    pub page: PageRef,
    /// The heading.
    pub title: Text,
    /// The part of the task list.
    pub section: Option<Text>,
    /// How far it is.
    pub status: StepStatus,
}

/// Everything that is missing or wrong, with its page, in the order of the form.
pub fn check_all(
    form: &Form,
    answers: &Answers,
    known: &Knowns,
    today: Date,
) -> Vec<(PageRef, FieldError)> {
    let read = read_all(form, answers, known, today);
    read.into_iter()
        .flat_map(|(at, input)| input.errors.into_iter().map(move |error| (at.clone(), error)))
        .collect()
}

/// The task list: one line for each page that is or may be asked.
pub fn progress(form: &Form, answers: &Answers, known: &Knowns, today: Date) -> Vec<Step> {
    let read = read_all(form, answers, known, today);
    let mut open: BTreeSet<&str> = BTreeSet::new();
    let mut steps = Vec::new();
    for page in &form.pages {
        let waits = page
            .show_if
            .as_ref()
            .is_some_and(|expr| expr.names().iter().any(|name| open.contains(name.as_str())));
        let places: Vec<&(PageRef, PageInput)> =
            read.iter().filter(|(at, _)| at.page == page.id).collect();
        if waits {
            open.extend(keys(page));
        } else if places.is_empty() {
            continue;
        } else {
            open.extend(places.iter().flat_map(|(_, input)| &input.errors).filter_map(|error| {
                page.fields.iter().map(|field| field.key.as_str()).find(|key| *key == error.field)
            }));
        }
        let status = if waits { StepStatus::CannotStart } else { status(page, answers, &places) };
        let first = places
            .iter()
            .find(|(at, input)| at.entry.is_some() && !input.errors.is_empty())
            .map_or_else(|| PageRef::page(&page.id), |(at, _)| at.clone());
        steps.push(Step {
            page: first,
            title: page.title.clone(),
            section: page.section.clone(),
            status,
        });
    }
    steps
}

/// The answers as they count: those of pages and fields that are asked, with what the city held where nothing
/// else was answered, read once more by the rules in force. Only for a form without faults.
pub(crate) fn settled(form: &Form, answers: &Answers, known: &Knowns, today: Date) -> Answers {
    let mut settled = Answers::default();
    for (at, input) in read_all(form, answers, known, today) {
        let Some(page) = form.page(&at.page) else { continue };
        let asked = |key: &str| {
            input.values.contains_key(key)
                || page.fields.iter().any(|field| field.key == key && field.kind == FieldKind::File)
        };
        let files = answers.files.iter().filter(|one| one.entry == at.entry && asked(&one.field));
        settled.files.extend(files.cloned());
        match (at.entry, &page.repeat) {
            (Some(number), _) => {
                let group = settled.groups.entry(at.page).or_default();
                group.last = group.last.max(number);
                group.entries.push(crate::answers::Entry { number, values: input.values });
            }
            (None, Some(_)) => {
                settled.groups.entry(at.page).or_insert_with(Group::default);
            }
            (None, None) => settled.values.extend(input.values),
        }
    }
    settled
}

fn status(page: &Page, answers: &Answers, places: &[&(PageRef, PageInput)]) -> StepStatus {
    let saved = |at: &PageRef| answers.was_saved(at);
    let wrong = places.iter().any(|(_, input)| !input.errors.is_empty());
    let any = places.iter().any(|(at, _)| saved(at));
    let entries = places.iter().filter(|(at, _)| at.entry.is_some()).count();
    // The list of a repeated page needs no save of its own once there are entries.
    let all = places
        .iter()
        .all(|(at, _)| saved(at) || (page.repeat.is_some() && at.entry.is_none() && entries > 0));
    match (any, all && !wrong) {
        (_, true) => StepStatus::Done,
        (true, false) => StepStatus::InProgress,
        (false, false) => StepStatus::NotStarted,
    }
}

fn keys(page: &Page) -> Vec<&str> {
    match page.repeat {
        Some(_) => vec![page.id.as_str()],
        None => page.fields.iter().map(|field| field.key.as_str()).collect(),
    }
}

/// Reads every place that is asked. An entry that was added and never saved is passed over where it is not needed.
fn read_all(
    form: &Form,
    answers: &Answers,
    known: &Knowns,
    today: Date,
) -> Vec<(PageRef, PageInput)> {
    let mut read = Vec::new();
    for page in walk::walk(form, answers, known, None).pages {
        let scope = walk::walk(form, answers, known, Some(&page.id)).scope;
        let saved = answers
            .entry_numbers(page)
            .into_iter()
            .filter(|number| answers.was_saved(&PageRef::entry(&page.id, *number)))
            .count();
        let mut spare = page.repeat.as_ref().map_or(0, |repeat| repeat.min).saturating_sub(saved);
        for at in answers.places(page) {
            let list = page.repeat.is_some() && at.entry.is_none();
            if at.entry.is_some() && !answers.was_saved(&at) {
                let Some(left) = spare.checked_sub(1) else { continue };
                spare = left;
            }
            let input = if list {
                // What is missing is said on the entries themselves, which stand here with their numbers.
                PageInput::default()
            } else {
                input::read_kept(form, page, &at, (answers, known), scope.clone(), today)
            };
            read.push((at, input));
        }
    }
    read
}
