//! The way through a form: which pages and fields are asked, by the answers so far. Pure.

use zhengtong_base::code::parse_date;
use zhengtong_feel::{Expr, Scope, Value as Feel};

use crate::answers::{Answers, Knowns, PageRef};
use crate::model::{Field, FieldKind, Form, Page};

/// The pages that are asked, in order. A repeated page stands once for each entry and then once for the list of
/// them; entries that are still missing stand with the numbers they will get.
pub fn visible_pages(form: &Form, answers: &Answers, known: &Knowns) -> Vec<PageRef> {
    walk(form, answers, known, None)
        .pages
        .into_iter()
        .flat_map(|page| answers.places(page))
        .collect()
}

/// The pages that are asked, and the named values that the next condition may use.
pub(crate) struct Walk<'a> {
    pub(crate) pages: Vec<&'a Page>,
    pub(crate) scope: Scope,
}

/// Walks up to a page, without it, or to the end. Answers of pages that are not asked count as absent, so that one
/// hidden page can hide the next.
pub(crate) fn walk<'a>(
    form: &'a Form,
    answers: &Answers,
    known: &Knowns,
    until: Option<&str>,
) -> Walk<'a> {
    let mut walk = Walk { pages: Vec::new(), scope: Scope::new() };
    for page in &form.pages {
        if until == Some(page.id.as_str()) {
            break;
        }
        if !holds(page.show_if.as_ref(), &walk.scope) {
            continue;
        }
        enter(page, answers, known, &mut walk.scope);
        walk.pages.push(page);
    }
    walk
}

/// The fields of a place that are asked; `scope` comes from the pages before and gets their values.
pub(crate) fn fields_shown<'a>(
    page: &'a Page,
    at: &PageRef,
    answers: &Answers,
    known: &Knowns,
    scope: &mut Scope,
) -> Vec<&'a Field> {
    let mut shown = Vec::new();
    for field in &page.fields {
        if holds(field.show_if.as_ref(), scope) {
            let value = feel_value(field, at, answers, known);
            scope.set(&field.key, value);
            shown.push(field);
        }
    }
    shown
}

/// Whether a condition is true. One that cannot be evaluated within its bounds counts as true: better to ask once
/// too often than to leave out what is needed.
pub(crate) fn holds(condition: Option<&Expr>, scope: &Scope) -> bool {
    condition.is_none_or(|expr| expr.holds(scope).unwrap_or(true))
}

/// The value in force: what was answered, otherwise what the city held.
pub(crate) fn value_of<'a>(
    field: &Field,
    at: &PageRef,
    answers: &'a Answers,
    known: &'a Knowns,
) -> Option<&'a serde_json::Value> {
    if answers.input(at, &field.key).is_some() {
        return None;
    }
    answers.value(at, &field.key).or_else(|| {
        let known = known.get(&field.key).filter(|_| field.prefill && at.entry.is_none())?;
        Some(&known.value)
    })
}

/// A value as conditions see it: days are days, so that they can be compared.
pub(crate) fn to_feel(kind: FieldKind, value: &serde_json::Value) -> Feel {
    match (kind, value) {
        (FieldKind::Date, serde_json::Value::String(text)) => {
            parse_date(text).map_or(Feel::Null, Feel::from)
        }
        _ => Feel::from(value),
    }
}

fn enter(page: &Page, answers: &Answers, known: &Knowns, scope: &mut Scope) {
    if page.repeat.is_none() {
        fields_shown(page, &PageRef::page(&page.id), answers, known, scope);
        return;
    }
    let numbers = answers.groups.get(&page.id).into_iter().flat_map(|group| &group.entries);
    let entries: Vec<Feel> = numbers
        .map(|entry| {
            let at = PageRef::entry(&page.id, entry.number);
            let mut inner = scope.clone();
            let shown = fields_shown(page, &at, answers, known, &mut inner);
            let parts = shown.into_iter().filter_map(|field| {
                inner.get(&field.key).map(|value| (field.key.clone(), value.clone()))
            });
            Feel::Context(std::sync::Arc::new(parts.collect()))
        })
        .collect();
    scope.set(&page.id, Feel::from(entries));
}

fn feel_value(field: &Field, at: &PageRef, answers: &Answers, known: &Knowns) -> Feel {
    if field.kind == FieldKind::File {
        return file_names(field, at, answers);
    }
    value_of(field, at, answers, known).map_or(Feel::Null, |value| to_feel(field.kind, value))
}

/// Conditions see files as the list of their names.
pub(crate) fn file_names(field: &Field, at: &PageRef, answers: &Answers) -> Feel {
    let files = answers.files_of(&field.key, at.entry);
    Feel::from(files.into_iter().map(|file| Feel::from(file.name.as_str())).collect::<Vec<_>>())
}
