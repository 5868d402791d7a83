//! What a row of a file becomes: which column fills which field, and how a text becomes the value that is kept.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use time::{Date, Month};
use zhengtong_base::{Limits, Text};
use zhengtong_crypto::Keyring;
use zhengtong_tabular::{Inferred, Layout, Record, unguard};

use super::conversions::Conversions;
use super::model::{Load, LoadMode};
use crate::error::{Error, Result};
use crate::model::{Catalog, Dataset, Element, ElementKind};
use crate::sealed::{Sealing, bytes_text};
use crate::value::{raw, validate_held};
use crate::writing::ruled;

/// A row that is right as far as the file alone can tell.
pub(super) struct Checked {
    pub(super) record: Record,
    /// The text of each field of the dataset.
    pub(super) values: Vec<Option<String>>,
    /// Its key, as one number.
    pub(super) name: u128,
}

/// A row that is not taken in.
pub(super) struct Bad {
    pub(super) line: u64,
    pub(super) raw: String,
    pub(super) wrong: Vec<(Option<String>, Text)>,
    /// The key, when that could be read: the record stays as it is.
    pub(super) key: Option<Vec<String>>,
}

/// What becomes of a row.
pub(super) enum Fate {
    Good(Checked),
    Skipped,
    Bad(Bad),
}

/// All that is needed to read the rows of a load.
pub(crate) struct Plan {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) ring: Arc<Keyring>,
    pub(crate) dataset: Dataset,
    pub(crate) layout: Layout,
    pub(crate) today: Date,
    /// For each field of the dataset, the column that fills it.
    pub(super) columns: Vec<Option<usize>>,
    readers: Vec<Reader>,
    /// The fields of the key, by place.
    pub(super) key: Vec<usize>,
    watermark: Option<(usize, Option<String>)>,
    /// The fields that rules name.
    pub(super) ruled: BTreeSet<String>,
}

impl Plan {
    pub(super) fn new(
        catalog: Arc<Catalog>,
        ring: Arc<Keyring>,
        load: &Load,
        conversions: &Conversions,
        today: Date,
    ) -> Result<Self> {
        let dataset = catalog
            .dataset(&load.dataset)
            .ok_or_else(|| Error::NoDataset(load.dataset.clone()))?
            .clone();
        let place =
            |name: &str| load.mapping.iter().position(|field| field.as_deref() == Some(name));
        let columns: Vec<Option<usize>> =
            dataset.fields.iter().map(|field| place(&field.name)).collect();
        let of_name = |name: &String| dataset.fields.iter().position(|field| field.name == *name);
        let key: Vec<usize> = dataset.key.iter().filter_map(of_name).collect();
        let watermark = load
            .watermark
            .as_ref()
            .filter(|_| load.mode == LoadMode::Incremental)
            .and_then(of_name)
            .map(|field| (field, load.since.clone()));
        let readers = dataset
            .fields
            .iter()
            .map(|field| Reader::new(&catalog, catalog.element(&field.element), conversions, today))
            .collect();
        let (layout, ruled) = (load.layout.clone(), ruled(&dataset));
        Ok(Self { catalog, ring, dataset, layout, today, columns, readers, key, watermark, ruled })
    }

    pub(super) fn sealing(&self) -> Sealing<'_> {
        Sealing { catalog: &self.catalog, ring: &self.ring }
    }

    /// Reads a row of the file.
    pub(super) fn read(&self, record: &Record) -> Result<Fate> {
        let mut values: Vec<Option<String>> = vec![None; self.dataset.fields.len()];
        let mut wrong = Vec::new();
        let parts = self.columns.iter().zip(&self.readers).zip(&self.dataset.fields);
        for (((column, reader), field), value) in parts.zip(&mut values) {
            let Some(text) = column.and_then(|column| record.get(column)) else { continue };
            let text = unguard(text);
            if text.trim().is_empty() {
                continue;
            }
            match reader.read(&self.catalog, text, self.today) {
                Ok(text) => *value = Some(text.into_owned()),
                Err(text) => wrong.push((Some(field.name.clone()), text)),
            }
        }
        for (field, value) in self.dataset.fields.iter().zip(&values) {
            let is_key = self.dataset.key.contains(&field.name);
            let told = wrong.iter().any(|(name, _)| name.as_deref() == Some(&field.name));
            if is_key && value.is_none() && !told {
                wrong.push((
                    Some(field.name.clone()),
                    crate::writing::missing_text(&self.dataset, &field.name),
                ));
            }
        }
        if wrong.is_empty() && self.is_old(&values) {
            return Ok(Fate::Skipped);
        }
        let key = self.key_of(&values);
        if !wrong.is_empty() {
            return Ok(Fate::Bad(Bad { line: record.line, raw: raw_of(record), wrong, key }));
        }
        let name = self.name_of(key.unwrap_or_default())?;
        Ok(Fate::Good(Checked { record: record.clone(), values, name }))
    }

    /// The texts of the key, when all are there.
    pub(super) fn key_of(&self, values: &[Option<String>]) -> Option<Vec<String>> {
        self.key.iter().map(|field| values.get(*field).cloned().flatten()).collect()
    }

    /// A key as one number. Sealed fields go in by their blind index, so that nobody can try numbers out.
    fn name_of(&self, key: Vec<String>) -> Result<u128> {
        let sealing = self.sealing();
        let mut texts = Vec::with_capacity(key.len());
        for (text, place) in key.into_iter().zip(&self.key) {
            let field = self.dataset.fields.get(*place);
            let field = field.filter(|field| self.catalog.is_sealed(field));
            texts.push(match field {
                Some(field) => bytes_text(&sealing.index(&self.dataset, field, &text)?),
                None => text,
            });
        }
        let half = |seed: u64| {
            let mut hasher = DefaultHasher::new();
            (seed, &texts).hash(&mut hasher);
            u128::from(hasher.finish())
        };
        Ok(half(1) << 64 | half(2))
    }

    fn is_old(&self, values: &[Option<String>]) -> bool {
        let Some((field, Some(since))) = &self.watermark else { return false };
        match values.get(*field).cloned().flatten() {
            Some(value) => !self.is_above(*field, &value, since),
            None => false,
        }
    }

    /// The value of the watermark of a row, when it is above what was reached.
    pub(super) fn mark<'a>(
        &self,
        values: &'a [Option<String>],
        reached: Option<&String>,
    ) -> Option<&'a String> {
        let (field, _) = self.watermark.as_ref()?;
        let value = values.get(*field)?.as_ref()?;
        reached.is_none_or(|reached| self.is_above(*field, value, reached)).then_some(value)
    }

    fn is_above(&self, field: usize, value: &str, other: &str) -> bool {
        let is_number = self.readers.get(field).is_some_and(|reader| reader.kind.is_number());
        match (value.parse::<f64>(), other.parse::<f64>()) {
            (Ok(value), Ok(other)) if is_number => value > other,
            _ => value > other,
        }
    }
}

/// The row as it stands in the file.
pub(super) fn raw_of(record: &Record) -> String {
    let cells: Vec<zhengtong_tabular::Cell> =
        record.iter().map(|field| zhengtong_tabular::Cell::Text(field.to_owned())).collect();
    zhengtong_tabular::csv_line(&cells).trim_end().to_owned()
}

/// How the texts of one field are read.
struct Reader {
    element: Option<Element>,
    kind: ElementKind,
    /// Codes, their names and what other systems write for them, for lists.
    codes: BTreeMap<String, String>,
    chars_max: usize,
}

impl Reader {
    fn new(
        catalog: &Catalog,
        element: Option<&Element>,
        conversions: &Conversions,
        today: Date,
    ) -> Self {
        let mut codes = BTreeMap::new();
        for entry in element.map(|element| catalog.options(element, today)).unwrap_or_default() {
            codes.entry(entry.name.zh.clone()).or_insert_with(|| entry.code.clone());
            codes.entry(entry.name.en.to_lowercase()).or_insert_with(|| entry.code.clone());
        }
        // A code that is the name of another one is the code.
        for entry in element.map(|element| catalog.options(element, today)).unwrap_or_default() {
            codes.insert(entry.code.clone(), entry.code.clone());
        }
        // What the city itself calls a code goes before what others write for it.
        let list = element.and_then(|element| element.codes.as_ref());
        for ((of, written), code) in conversions {
            if Some(of) == list && codes.get(code) == Some(code) {
                codes.entry(written.clone()).or_insert_with(|| code.clone());
            }
        }
        let ceiling =
            element.and_then(|element| element.max).and_then(|max| usize::try_from(max).ok());
        Self {
            element: element.cloned(),
            kind: element.map_or(ElementKind::Text, |element| element.kind),
            codes,
            chars_max: ceiling.unwrap_or(usize::MAX).min(Limits::default().line_chars),
        }
    }

    /// The text that is kept. What is spelled as it is kept is seen at a glance; the rest goes the long way.
    fn read<'a>(
        &self,
        catalog: &Catalog,
        text: &'a str,
        today: Date,
    ) -> std::result::Result<Cow<'a, str>, Text> {
        let Some(element) = &self.element else { return Ok(Cow::Borrowed(text)) };
        if element.check.is_none() && self.is_plain(element, text) {
            return Ok(Cow::Borrowed(text));
        }
        if self.kind == ElementKind::Code {
            let wanted = text.trim();
            let code = self.codes.get(wanted).or_else(|| self.codes.get(&wanted.to_lowercase()));
            if let Some(code) = code {
                return Ok(Cow::Owned(code.clone()));
            }
        }
        let value = validate_held(catalog, element, text, today)?;
        Ok(Cow::Owned(raw(&value).unwrap_or_default()))
    }

    fn is_plain(&self, element: &Element, text: &str) -> bool {
        match self.kind {
            ElementKind::Text | ElementKind::Address => {
                element.min.is_none() && text.len() <= self.chars_max && is_clean(text)
            }
            ElementKind::Integer => {
                let bounds = element.min.is_none() && element.max.is_none();
                bounds
                    && text.len() < 15
                    && is_digits(text)
                    && (text.len() == 1 || !text.starts_with('0'))
            }
            ElementKind::Date => is_date(text),
            ElementKind::Code => self.codes.get(text).is_some_and(|code| code == text),
            ElementKind::Boolean => matches!(text, "true" | "false"),
            _ => false,
        }
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text has nothing that would be put right.
fn is_clean(text: &str) -> bool {
    let odd = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{feff}' | '\u{a0}' | '\u{200b}' | '\u{2060}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let ends = text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace);
    !ends && !text.contains(odd)
}

fn is_date(text: &str) -> bool {
    if text.len() != 10 {
        return false;
    }
    let (year, month, day) = (text.get(..4), text.get(5..7), text.get(8..));
    let mark = |place: usize| text.as_bytes().get(place) == Some(&b'-');
    let marks = mark(4) && mark(7);
    let (Some(year), Some(month), Some(day)) = (year, month, day) else { return false };
    if !marks || ![year, month, day].into_iter().all(is_digits) {
        return false;
    }
    let (Ok(year), Ok(month), Ok(day)) = (year.parse(), month.parse::<u8>(), day.parse()) else {
        return false;
    };
    Month::try_from(month).is_ok_and(|month| Date::from_calendar_date(year, month, day).is_ok())
}

/// For each column the field that it seems to fill: by title, field name or element; else by the one check rule
/// that all its values pass, when only one field has it.
pub(crate) fn guess_mapping(
    catalog: &Catalog,
    dataset: &Dataset,
    layout: &Layout,
    columns: &[Inferred],
) -> Vec<Option<String>> {
    let plain = |text: &str| -> String {
        let kept = text.chars().filter(|letter| letter.is_alphanumeric());
        kept.flat_map(char::to_lowercase).collect()
    };
    let mut mapping: Vec<Option<String>> = vec![None; layout.header.len()];
    let mut taken: Vec<&str> = Vec::new();
    for (head, chosen) in layout.header.iter().zip(&mut mapping) {
        let head = plain(head);
        let matching = dataset.fields.iter().find(|field| {
            let element = catalog.element(&field.element);
            let titles =
                element.map(|element| [element.title.zh.as_str(), element.title.en.as_str()]);
            let names = [field.name.as_str(), &field.element, &field.title.zh, &field.title.en];
            !taken.contains(&field.name.as_str())
                && names
                    .into_iter()
                    .chain(titles.into_iter().flatten())
                    .any(|name| plain(name) == head)
        });
        if let Some(field) = matching {
            taken.push(&field.name);
            *chosen = Some(field.name.clone());
        }
    }
    for (column, chosen) in columns.iter().zip(&mut mapping) {
        let zhengtong_tabular::Guess::Checked(check) = column.guess else { continue };
        if chosen.is_some() {
            continue;
        }
        let checked = |element: &Element| element.check.as_deref() == Some(check);
        let mut open = dataset.fields.iter().filter(|field| {
            !taken.contains(&field.name.as_str())
                && catalog.element(&field.element).is_some_and(checked)
        });
        if let (Some(field), None) = (open.next(), open.next()) {
            taken.push(&field.name);
            *chosen = Some(field.name.clone());
        }
    }
    mapping
}
