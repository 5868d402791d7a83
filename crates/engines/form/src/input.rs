//! From what a person typed to values, and to words about what is wrong. Pure.

use std::collections::BTreeMap;

use time::Date;
use zhengtong_base::{FieldError, Text};
use zhengtong_feel::{Scope, Value as Feel};

use crate::answers::{Answers, Knowns, PageRef, Values};
use crate::lint::TODAY;
use crate::model::{Field, FieldKind, Form, Page};
use crate::value::{self, KEPT_CHARS};
use crate::walk;

/// What was read from a page that was sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageInput {
    /// The values that are right; `null` for a field left blank that may be.
    pub values: Values,
    /// What is wrong, in the order of the fields.
    pub errors: Vec<FieldError>,
    /// What was typed into the fields that are wrong, up to a length at which nobody types by hand.
    pub raw: BTreeMap<String, String>,
}

/// Reads a page that was sent. Names that the page does not ask for are passed over, and so are the answers to
/// questions that are not asked after all. None when the form has no such page.
///
/// A day may come in one part, or in three under `KEY-year`, `KEY-month` and `KEY-day`; several choices come as
/// several pairs of one name.
pub fn read_page(
    form: &Form,
    at: &PageRef,
    given: &[(String, String)],
    answers: &Answers,
    known: &Knowns,
    today: Date,
) -> Option<PageInput> {
    let page = form.page(&at.page)?;
    if at.entry.is_none() && page.repeat.is_some() {
        return Some(read_list(page, answers));
    }
    let scope = walk::walk(form, answers, known, Some(&at.page)).scope;
    let reading = Reading { form, page, at, answers, today };
    Some(reading.fields(scope, &|field| typed(field, given)))
}

/// Reads the values that are kept for a page as if they were typed again, so that whatever is wrong with them today
/// is found by the same rules.
pub(crate) fn read_kept(
    form: &Form,
    page: &Page,
    at: &PageRef,
    (answers, known): (&Answers, &Knowns),
    scope: Scope,
    today: Date,
) -> PageInput {
    let reading = Reading { form, page, at, answers, today };
    reading.fields(scope, &|field| kept(field, at, answers, known))
}

/// What stands in a field, as it would be typed: input that is not right yet, an answer, or what the city held.
pub(crate) fn kept(field: &Field, at: &PageRef, answers: &Answers, known: &Knowns) -> Vec<String> {
    match answers.input(at, &field.key) {
        Some(raw) if field.kind == FieldKind::Choices => raw.lines().map(str::to_owned).collect(),
        Some(raw) => vec![raw.to_owned()],
        None => walk::value_of(field, at, answers, known).map(value::typed).unwrap_or_default(),
    }
}

/// What is wrong with the list of a repeated page.
pub(crate) fn read_list(page: &Page, answers: &Answers) -> PageInput {
    let mut input = PageInput::default();
    let Some(repeat) = &page.repeat else { return input };
    let count = answers.groups.get(&page.id).map_or(0, |group| group.entries.len());
    if count < repeat.min {
        let (min, item) = (repeat.min, &repeat.item);
        input.errors.push(FieldError::new(
            &page.id,
            format!("{}至少要填 {min} 项，现有 {count} 项", item.zh),
            format!("Give at least {min} of: {}; there are {count}", item.en),
        ));
    }
    input
}

/// One page being read on one day.
struct Reading<'a> {
    form: &'a Form,
    page: &'a Page,
    at: &'a PageRef,
    answers: &'a Answers,
    today: Date,
}

impl Reading<'_> {
    fn fields(&self, mut scope: Scope, raws: &dyn Fn(&Field) -> Vec<String>) -> PageInput {
        let mut input = PageInput::default();
        let mut shown = Vec::new();
        for field in &self.page.fields {
            if !walk::holds(field.show_if.as_ref(), &scope) {
                continue;
            }
            shown.push(field);
            if field.kind == FieldKind::File {
                scope.set(&field.key, walk::file_names(field, self.at, self.answers));
                let none = self.answers.files_of(&field.key, self.at.entry).is_empty();
                if field.required && none {
                    input.errors.push(FieldError {
                        field: field.key.clone(),
                        text: Text::new(
                            format!("请上传{}", field.label.zh),
                            format!("Upload: {}", field.label.en),
                        ),
                    });
                }
                continue;
            }
            let raw = raws(field);
            match value::read(self.form.elements.as_ref(), field, &raw, self.today) {
                Ok(value) => {
                    scope.set(&field.key, walk::to_feel(field.kind, &value));
                    input.values.insert(field.key.clone(), value);
                }
                Err(text) => {
                    input.errors.push(FieldError { field: field.key.clone(), text });
                    input.raw.insert(field.key.clone(), keep(&raw));
                }
            }
        }
        scope.set(TODAY, Feel::from(self.today));
        for field in shown {
            self.rules(field, &scope, raws, &mut input);
        }
        input
    }

    /// A rule is broken when it is false. When it is null, something it needs was not answered or is itself wrong.
    fn rules(
        &self,
        field: &Field,
        scope: &Scope,
        raws: &dyn Fn(&Field) -> Vec<String>,
        input: &mut PageInput,
    ) {
        if input.errors.iter().any(|error| error.field == field.key) {
            return;
        }
        let broken = field
            .rules
            .iter()
            .find(|rule| rule.holds.eval(scope).is_ok_and(|held| held.as_bool() == Some(false)));
        let Some(rule) = broken else { return };
        let error = FieldError { field: field.key.clone(), text: rule.text.clone() };
        let place = |key: &str| self.page.fields.iter().position(|field| field.key == key);
        let before = input.errors.partition_point(|other| place(&other.field) < place(&field.key));
        input.errors.insert(before, error);
        if field.kind != FieldKind::File {
            input.values.remove(&field.key);
            input.raw.insert(field.key.clone(), keep(&raws(field)));
        }
    }
}

fn typed(field: &Field, given: &[(String, String)]) -> Vec<String> {
    let all = |name: &str| -> Vec<String> {
        given.iter().filter(|(key, _)| key == name).map(|(_, raw)| raw.clone()).collect()
    };
    let whole = all(&field.key);
    if !whole.is_empty() || field.kind != FieldKind::Date {
        return whole;
    }
    let parts: Vec<String> = ["year", "month", "day"]
        .iter()
        .map(|part| all(&format!("{}-{part}", field.key)).concat().trim().to_owned())
        .collect();
    if parts.iter().all(String::is_empty) { Vec::new() } else { vec![parts.join("-")] }
}

/// What was typed, one line for each choice, at most so long; what a database cannot keep is shown as a mark.
fn keep(raw: &[String]) -> String {
    raw.join("\n")
        .chars()
        .take(KEPT_CHARS)
        .map(|c| if c == '\0' { '\u{fffd}' } else { c })
        .collect()
}
