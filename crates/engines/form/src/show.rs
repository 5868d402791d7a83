//! Answers as people read them: on the page itself, on the page of all answers, and in a case. Pure.

use serde_json::Value;
use time::{Date, OffsetDateTime};
use zhengtong_base::{Lang, Text};

use crate::answers::{Answers, Attached, Known, Knowns, PageRef};
use crate::input;
use crate::model::{Field, Form, Page};
use crate::{value, walk};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What people call it.
    pub title: Text,
    /// The dataset.
    pub dataset: String,
    /// When it last changed there.
    pub updated: OffsetDateTime,
}

/// One answer in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The key of the answer.
    pub key: String,
    /// The question.
    pub label: Text,
    /// The answer; empty when it was left blank, and for files.
    pub value: String,
    /// The answer as lists show it, where it may not be shown in full.
    pub masked: Option<String>,
    /// Where it came from, when the person left it as the city held it.
    pub source: Option<Source>,
    /// What the city holds instead, when the person changed it.
    pub held: Option<String>,
    /// The files.
    pub files: Vec<Attached>,
    /// The material of the item that the files provide.
    pub material: Option<String>,
}

/// The answers of one page, or of one entry of a repeated page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub title: Text,
    /// The page, for a link back to it. A repeated page without entries stands here once, without rows.
    pub page: PageRef,
    /// The answers.
    pub rows: Vec<Fact>,
}

/// One question with what stands in it.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The question.
    pub field: &'a Field,
    /// What stands in it, as it was or would be typed; several for choices.
    pub input: Vec<String>,
    /// What is wrong with it, once it was sent.
    pub error: Option<Text>,
    /// Where it came from, while it is as the city holds it.
    pub source: Option<Source>,
    /// The files.
    pub files: Vec<Attached>,
}

/// The questions of a place with what stands in them; none when the form has no such page.
pub fn asked<'a>(
    form: &'a Form,
    at: &PageRef,
    answers: &Answers,
    known: &Knowns,
    today: Date,
) -> Option<Vec<Asked<'a>>> {
    let page = form.page(&at.page)?;
    if page.repeat.is_some() != at.entry.is_some() {
        return Some(Vec::new());
    }
    let mut scope = walk::walk(form, answers, known, Some(&at.page)).scope;
    let read = input::read_kept(form, page, at, (answers, known), scope.clone(), today);
    let sent = answers.was_saved(at);
    let shown = walk::fields_shown(page, at, answers, known, &mut scope);
    let asked = shown.into_iter().map(|field| Asked {
        field,
        input: input::kept(field, at, answers, known),
        error: read
            .errors
            .iter()
            .find(|error| sent && error.field == field.key)
            .map(|error| error.text.clone()),
        source: source(field, at, answers, known),
        files: files(field, at, answers),
    });
    Some(asked.collect())
}

/// All answers in words, page by page, of the pages that are asked.
pub fn facts(form: &Form, answers: &Answers, known: &Knowns, lang: Lang) -> Vec<Section> {
    let mut sections = Vec::new();
    for page in walk::walk(form, answers, known, None).pages {
        let scope = walk::walk(form, answers, known, Some(&page.id)).scope;
        let places = answers.places(page);
        let only_list = places.len() == 1;
        for (order, at) in places.into_iter().enumerate() {
            let list = page.repeat.is_some() && at.entry.is_none();
            if list && !only_list {
                continue;
            }
            let shown = if list {
                Vec::new()
            } else {
                walk::fields_shown(page, &at, answers, known, &mut scope.clone())
            };
            let rows = shown
                .into_iter()
                .map(|field| fact(form, field, &at, (answers, known), lang))
                .collect();
            sections.push(Section { title: title(page, &at, order + 1), page: at, rows });
        }
    }
    sections
}

fn fact(
    form: &Form,
    field: &Field,
    at: &PageRef,
    (answers, known): (&Answers, &Knowns),
    lang: Lang,
) -> Fact {
    let elements = form.elements.as_ref();
    let value = walk::value_of(field, at, answers, known).unwrap_or(&Value::Null);
    let held = held(field, at, known).filter(|held| held.value != *value);
    Fact {
        key: field.key.clone(),
        label: field.label.clone(),
        value: value::display(elements, field, value, lang),
        masked: value::masked(elements, field, value, lang),
        source: source(field, at, answers, known),
        held: held.map(|held| value::display(elements, field, &held.value, lang)),
        files: files(field, at, answers),
        material: field.material.clone(),
    }
}

fn title(page: &Page, at: &PageRef, order: usize) -> Text {
    match (&page.repeat, at.entry) {
        (Some(repeat), Some(_)) => {
            Text::new(format!("{} {order}", repeat.item.zh), format!("{} {order}", repeat.item.en))
        }
        _ => page.title.clone(),
    }
}

fn held<'a>(field: &Field, at: &PageRef, known: &'a Knowns) -> Option<&'a Known> {
    known.get(&field.key).filter(|_| field.prefill && at.entry.is_none())
}

fn source(field: &Field, at: &PageRef, answers: &Answers, known: &Knowns) -> Option<Source> {
    let held = held(field, at, known)?;
    (walk::value_of(field, at, answers, known) == Some(&held.value)).then(|| Source {
        title: held.source.clone(),
        dataset: held.dataset.clone(),
        updated: held.updated,
    })
}

fn files(field: &Field, at: &PageRef, answers: &Answers) -> Vec<Attached> {
    answers
        .files
        .iter()
        .filter(|attached| attached.field == field.key && attached.entry == at.entry)
        .cloned()
        .collect()
}
