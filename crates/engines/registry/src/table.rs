//! Questions of programs to the rows of one dataset: conditions, an order, pages that go on where the last one ended, totals.
//!
//! Open datasets that hold nothing personal answer everybody; the others answer stewards, with personal fields masked and
//! the question on record.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::{Lang, Text};
use zhengtong_calendar::china_date;
use zhengtong_crypto::{from_hex, to_hex};
use zhengtong_db::Ctx;

use crate::area::{Area, lying};
use crate::error::{Error, Result};
use crate::history::{AsOf, seen_in_past, shows_days};
use crate::model::{Catalog, Dataset, Element, ElementKind, Field, Purpose};
use crate::open::on_show;
use crate::reading::{named, note_record, ordered, plain, summed, thing, unknown_field};
use crate::sealed::Sealing;
use crate::store::{self, Condition, Match, Order};
use crate::value::{mask, raw, validate_held};

/// Rows of one page at most.
pub const TABLE_ROWS_MAX: u32 = 10_000;
/// The order by the time of the last change.
pub const UPDATED: &str = "_updated";
/// Conditions of one question.
const TERMS_MAX: usize = 20;
/// Values of which one may be there.
const ANY_MAX: usize = 100;
/// Fields that totals are made by.
const BY_MAX: usize = 3;
/// Groups of totals that are given.
const GROUPS_MAX: i64 = 1_000;

/// How a field is compared with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// It is the value, or a list that holds it.
    Equal,
    /// It is another value.
    Other,
    /// It is smaller, or earlier.
    Less,
    /// It is smaller or the same.
    AtMost,
    /// It is larger, or later.
    More,
    /// It is larger or the same.
    AtLeast,
    /// It is a text that contains the value.
    Contains,
    /// It is one of the values.
    Any,
    /// Nothing is known.
    Absent,
    /// Something is known.
    Present,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The field.
    pub field: String,
    /// How it is compared.
    pub compare: Compare,
    /// With which values: one, or several for [`Compare::Any`].
    pub values: Vec<String>,
}

/// What is asked of the rows of a dataset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableQuery {
    /// All of these must hold.
    pub terms: Vec<Term>,
    /// The field that gives the order, or [`UPDATED`], and whether backwards; rows without a value come last. Without
    /// one the key gives it where it is one field that stands plain, else the identifier.
    pub sort: Option<(String, bool)>,
    /// Only these fields; all when there are none.
    pub fields: Vec<String>,
    /// Rows of a page, [`TABLE_ROWS_MAX`] at most.
    pub rows: u32,
    /// What the page before gave as `next`.
    pub after: Option<String>,
    /// Only rows that lie there.
    pub area: Option<Area>,
    /// The day on which the rows held and the moment at which that was known; without it the rows of today.
    pub as_of: Option<AsOf>,
}

/// A row, with typed values, or masked words for what is personal. Fields that are not known are absent.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRow {
    /// Its identifier.
    pub id: Uuid,
    /// The values by field.
    pub values: BTreeMap<String, Value>,
    /// Who brought it.
    pub source: String,
    /// When it was made or changed.
    pub updated: OffsetDateTime,
    /// From which day it holds, when a day was asked for and that day may be shown.
    pub valid_from: Option<Date>,
}

/// A page of rows.
#[derive(Clone, Debug)]
pub struct TablePage {
    /// The fields, in the order of the declaration or of the question.
    pub fields: Vec<Field>,
    /// The rows.
    pub rows: Vec<TableRow>,
    /// Where the next page begins; absent on the last.
    pub next: Option<String>,
}

/// What totals are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TotalsQuery {
    /// All of these must hold.
    pub terms: Vec<Term>,
    /// The fields the rows are grouped by; one group when there are none.
    pub by: Vec<String>,
    /// The number that is added up.
    pub of: Option<String>,
}

/// A group of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotalsGroup {
    /// The values by which it is grouped, in the order of the question.
    pub keys: Vec<Option<String>>,
    /// How many rows there are.
    pub count: i64,
    /// The sum of the number, as a decimal.
    pub sum: Option<String>,
    /// The smallest.
    pub least: Option<String>,
    /// The largest.
    pub most: Option<String>,
    /// The mean, rounded to six places.
    pub mean: Option<String>,
}

/// Totals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals {
    /// The groups, the largest first.
    pub groups: Vec<TotalsGroup>,
    /// Whether there are more groups than are given.
    pub cut: bool,
}

/// Where a page ended.
#[derive(Debug, Serialize, Deserialize)]
struct Place {
    sort: Option<(String, bool)>,
    value: Option<String>,
    id: Uuid,
}

/// The datasets whose rows may be asked for.
pub fn tables(ctx: &Ctx) -> Result<Vec<Dataset>> {
    let catalog = ctx.defs::<Catalog>()?;
    Ok(catalog
        .datasets
        .values()
        .filter(|dataset| is_seen(ctx, &catalog, dataset))
        .cloned()
        .collect())
}

/// One of these datasets. One that may not be seen looks as if it were absent.
pub fn table(ctx: &Ctx, dataset: &str) -> Result<Dataset> {
    let catalog = ctx.defs::<Catalog>()?;
    seen(ctx, &catalog, dataset).cloned()
}

/// A page of rows.
pub async fn rows(ctx: &mut Ctx, dataset: &str, query: &TableQuery) -> Result<TablePage> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = match query.as_of {
        Some(_) => seen_in_past(ctx, &catalog, dataset)?,
        None => seen(ctx, &catalog, dataset)?,
    };
    let ring = ctx.keyring()?;
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let mut conditions = conditions(ctx, &sealing, dataset, &query.terms)?;
    if let Some(area) = query.area {
        conditions.extend(lying(&catalog, dataset, area, query.as_of.is_none())?);
    }
    if query.as_of.is_some() {
        told_in_past(&catalog, dataset, &query.terms)?;
    }
    conditions.extend(shown_to(ctx, &catalog, dataset));
    let fields = chosen(dataset, &query.fields)?;
    let order = order(&catalog, dataset, query)?;
    let rows_max = query.rows.clamp(1, TABLE_ROWS_MAX);
    let paged = (&order, query.as_of, rows_max + 1);
    let mut found =
        store::rows(ctx.conn(), &sealing, (dataset, &fields), &conditions, paged).await?;
    on_record(ctx, &catalog, dataset, &query.terms).await?;
    let full = usize::try_from(rows_max).unwrap_or(usize::MAX);
    let more = found.len() > full;
    found.truncate(full);
    let last = found.last().filter(|_| more).map(|placed| Place {
        sort: query.sort.clone(),
        value: placed.place.clone(),
        id: placed.stored.id,
    });
    let showing = Showing::new(&catalog, dataset, china_date(ctx.now));
    let shown = |store::Placed { mut stored, valid_from, .. }: store::Placed| {
        showing.show(&mut stored.values);
        TableRow {
            values: stored.values,
            id: stored.id,
            source: stored.source,
            updated: stored.updated,
            valid_from,
        }
    };
    Ok(TablePage {
        rows: found.into_iter().map(shown).collect(),
        fields: fields.into_iter().cloned().collect(),
        next: last.map(|place| place.text()),
    })
}

/// How many rows there are, and what a number of theirs adds up to, by the values of fields.
pub async fn totals(ctx: &mut Ctx, dataset: &str, query: &TotalsQuery) -> Result<Totals> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = seen(ctx, &catalog, dataset)?;
    let ring = ctx.keyring()?;
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let mut conditions = conditions(ctx, &sealing, dataset, &query.terms)?;
    conditions.extend(shown_to(ctx, &catalog, dataset));
    if query.by.len() > BY_MAX {
        let zh = format!("最多按 {BY_MAX} 个字段汇总");
        return Err(Error::field("by", Text::new(zh, format!("at most {BY_MAX} fields"))));
    }
    let mut by = Vec::with_capacity(query.by.len());
    for name in &query.by {
        by.push(ordered(&catalog, dataset, name)?.0);
    }
    let of = query.of.as_deref().map(|name| summed(&catalog, dataset, name));
    let of = of.transpose()?;
    let mut groups =
        store::totals(ctx.conn(), dataset, &conditions, (&by, of), GROUPS_MAX + 1).await?;
    on_record(ctx, &catalog, dataset, &query.terms).await?;
    let most = usize::try_from(GROUPS_MAX).unwrap_or(usize::MAX);
    let cut = groups.len() > most;
    groups.truncate(most);
    Ok(Totals { groups, cut })
}

impl Place {
    fn text(&self) -> String {
        to_hex(&serde_json::to_vec(self).unwrap_or_default())
    }

    fn read(text: &str) -> Option<Self> {
        serde_json::from_slice(&from_hex(text)?).ok()
    }
}

/// The conditions of what whoever asks is shown: stewards also see what everybody is shown no more.
fn shown_to(ctx: &Ctx, catalog: &Catalog, dataset: &Dataset) -> Vec<Condition> {
    let keeps = is_steward(ctx, catalog, dataset);
    if keeps { Vec::new() } else { on_show(dataset, china_date(ctx.now)) }
}

/// Whether whoever asks sees all records of a dataset.
pub(crate) fn is_steward(ctx: &Ctx, catalog: &Catalog, dataset: &Dataset) -> bool {
    ctx.may("registry.search", &thing(catalog, dataset, &Purpose::new("table")))
}

/// Whether whoever asks may ask for rows: everybody of what is public, stewards of everything.
fn is_seen(ctx: &Ctx, catalog: &Catalog, dataset: &Dataset) -> bool {
    let thing = thing(catalog, dataset, &Purpose::new("table"));
    let public = catalog.is_public(dataset) && ctx.may("registry.read", &thing);
    public || is_steward(ctx, catalog, dataset)
}

pub(crate) fn seen<'a>(
    ctx: &Ctx,
    catalog: &'a std::sync::Arc<Catalog>,
    id: &str,
) -> Result<&'a Dataset> {
    let dataset = named(catalog, id)?;
    if is_seen(ctx, catalog, dataset) {
        return Ok(dataset);
    }
    Err(Error::NoDataset(dataset.id.clone()))
}

/// Whether a question may be put to a day of the past: values that stand sealed have no index there, and by a day that is
/// personal nobody is to be found.
fn told_in_past(catalog: &Catalog, dataset: &Dataset, terms: &[Term]) -> Result<()> {
    if !shows_days(catalog, dataset) {
        let text = Text::new(
            "这些数据从哪天起有效是个人信息，不能整张表问过去某一天，请按一条记录问",
            "from which day these records hold is personal: ask for a day of the past of one record",
        );
        return Err(Error::field("valid_on", text));
    }
    let sealed =
        |term: &&Term| dataset.field(&term.field).is_some_and(|one| catalog.is_sealed(one));
    let Some(term) = terms.iter().find(sealed) else { return Ok(()) };
    let text = Text::new(
        "加密存放的字段，问过去某一天时不能用来筛选",
        "a field that stands sealed is no condition when a day of the past is asked for",
    );
    Err(Error::field(&term.field, text))
}

/// What is not public is looked at on record.
async fn on_record(
    ctx: &mut Ctx,
    catalog: &Catalog,
    dataset: &Dataset,
    terms: &[Term],
) -> Result<()> {
    let names: Vec<&str> = terms.iter().map(|term| term.field.as_str()).collect();
    let why = if names.is_empty() {
        "table".to_owned()
    } else {
        format!("table by {}", names.join(", "))
    };
    on_record_of(ctx, catalog, dataset, None, &why).await
}

/// The same for one record.
pub(crate) async fn on_record_of(
    ctx: &mut Ctx,
    catalog: &Catalog,
    dataset: &Dataset,
    record: Option<Uuid>,
    why: &str,
) -> Result<()> {
    if catalog.is_public(dataset) {
        return Ok(());
    }
    note_record(ctx, "registry.search", dataset, record, &Purpose::new(why)).await
}

fn chosen<'a>(dataset: &'a Dataset, names: &[String]) -> Result<Vec<&'a Field>> {
    if names.is_empty() {
        return Ok(dataset.fields.iter().collect());
    }
    let mut fields: Vec<&Field> = Vec::with_capacity(names.len());
    for name in names {
        let field = dataset.field(name).ok_or_else(|| unknown_field(name))?;
        if fields.iter().all(|known| known.name != field.name) {
            fields.push(field);
        }
    }
    Ok(fields)
}

/// How values are shown to programs: masked where they must be, geometries as what they are.
pub(crate) struct Showing<'a> {
    catalog: &'a Catalog,
    today: Date,
    /// The fields that are not shown as they are kept.
    other: Vec<(&'a str, &'a Element)>,
}

impl<'a> Showing<'a> {
    pub(crate) fn new(catalog: &'a Catalog, dataset: &'a Dataset, today: Date) -> Self {
        let elements = dataset.fields.iter().filter_map(|field| {
            let element = catalog.element(&field.element)?;
            let other = element.sensitivity.is_masked() || element.kind == ElementKind::Geometry;
            other.then_some((field.name.as_str(), element))
        });
        Self { catalog, today, other: elements.collect() }
    }

    pub(crate) fn show(&self, values: &mut BTreeMap<String, Value>) {
        for (name, element) in &self.other {
            let Some(value) = values.get_mut(*name) else { continue };
            if element.sensitivity.is_masked() {
                *value = Value::String(mask(self.catalog, element, value, Lang::Zh, self.today));
            } else if let Some(text) = value.as_str()
                && let Ok(object) = serde_json::from_str(text)
            {
                *value = object;
            }
        }
    }
}

fn order(catalog: &Catalog, dataset: &Dataset, query: &TableQuery) -> Result<Order> {
    let (column, kind, down) = match &query.sort {
        None => match catalog.ordering_key(dataset) {
            Some((field, element)) => (Some(field.name.clone()), element.kind, false),
            None => (None, ElementKind::Text, false),
        },
        Some((name, down)) if name == UPDATED => {
            (Some(UPDATED.to_owned()), ElementKind::Text, *down)
        }
        Some((name, down)) => {
            let (field, element) = ordered(catalog, dataset, name)?;
            (Some(field.name.clone()), element.kind, *down)
        }
    };
    let is_key = |column: &String| column == UPDATED || dataset.key.contains(column);
    let always = column.as_ref().is_some_and(is_key);
    let Some(after) = query.after.as_deref().filter(|after| !after.is_empty()) else {
        return Ok(Order { column, kind, always, down, after: None });
    };
    let place = Place::read(after).filter(|place| place.sort == query.sort);
    let place = place.filter(|place| is_sound(column.as_deref(), kind, place.value.as_deref()));
    let place = place.ok_or_else(|| {
        let text = Text::new(
            "after 要用上一页给出的 next，并且排序不能变",
            "after is what the page before gave as next, with the same order",
        );
        Error::field("after", text)
    })?;
    let after = Some((place.value, place.id));
    Ok(Order { column, kind, always, down, after })
}

/// Whether a value that came back can be compared with the column.
fn is_sound(column: Option<&str>, kind: ElementKind, value: Option<&str>) -> bool {
    let Some(value) = value else { return column != Some(UPDATED) };
    if value.contains('\0') {
        return false;
    }
    if column == Some(UPDATED) {
        return OffsetDateTime::parse(value, &Rfc3339).is_ok();
    }
    match kind {
        ElementKind::Integer => value.parse::<i64>().is_ok(),
        ElementKind::Decimal | ElementKind::Money => is_decimal(value),
        ElementKind::Date => zhengtong_base::code::parse_date(value).is_ok(),
        ElementKind::Boolean => matches!(value, "true" | "false"),
        _ => column.is_some(),
    }
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= 100 && all(whole) && all(rest)
}

fn conditions(
    ctx: &Ctx,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    terms: &[Term],
) -> Result<Vec<Condition>> {
    if terms.len() > TERMS_MAX {
        let zh = format!("最多 {TERMS_MAX} 个条件");
        return Err(Error::field(
            "filter",
            Text::new(zh, format!("at most {TERMS_MAX} conditions")),
        ));
    }
    terms.iter().map(|term| condition(ctx, sealing, dataset, term)).collect()
}

fn condition(
    ctx: &Ctx,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    term: &Term,
) -> Result<Condition> {
    let catalog = sealing.catalog;
    let field = dataset.field(&term.field).ok_or_else(|| unknown_field(&term.field))?;
    let element = catalog.element(&field.element).ok_or_else(|| unknown_field(&term.field))?;
    let value = term.values.first().map_or("", |value| value.trim());
    if element.sensitivity.is_masked() && term.compare == Compare::Equal {
        return crate::reading::filter(ctx, sealing, (dataset, field), value);
    }
    let (field, element) = plain(catalog, dataset, &term.field)?;
    let kind = element.kind;
    let made =
        |how: Match, value: String| Ok(Condition { column: field.name.clone(), kind, value, how });
    let held = |given: &str| -> Result<String> {
        let today = china_date(ctx.now);
        let value = validate_held(catalog, element, given, today)
            .map_err(|text| Error::field(&field.name, text))?;
        Ok(raw(&value).unwrap_or_default())
    };
    let refused = |text: Text| Err(Error::field(&field.name, text));
    match term.compare {
        Compare::Absent => made(Match::Missing, "true".to_owned()),
        Compare::Present => made(Match::Missing, "false".to_owned()),
        Compare::Contains if kind.is_text() && !value.is_empty() => {
            made(Match::Contains, value.to_owned())
        }
        Compare::Contains => refused(Text::new(
            "只有文字能按一部分查找，而且要写查什么",
            "only texts are found by a part of them, and the part must be given",
        )),
        Compare::Equal if kind == ElementKind::Codes => made(Match::Member, held(value)?),
        Compare::Equal => made(Match::Equal, held(value)?),
        Compare::Other if kind != ElementKind::Codes => made(Match::Other, held(value)?),
        Compare::Any if kind != ElementKind::Codes && term.values.len() <= ANY_MAX => {
            let all: Result<Vec<String>> = term.values.iter().map(|one| held(one.trim())).collect();
            made(Match::Any, store::literals(&all?))
        }
        Compare::Any | Compare::Other => refused(Text::new(
            format!("这个字段不能这样比较，或者值超过 {ANY_MAX} 个"),
            format!("this field cannot be compared so, or there are more than {ANY_MAX} values"),
        )),
        Compare::Less | Compare::AtMost | Compare::More | Compare::AtLeast => {
            if !kind.is_number() && kind != ElementKind::Date {
                return refused(Text::new(
                    "只有数和日期能比大小",
                    "only numbers and days can be compared by size",
                ));
            }
            let how = match term.compare {
                Compare::Less => Match::Less,
                Compare::AtMost => Match::AtMost,
                Compare::More => Match::More,
                _ => Match::AtLeast,
            };
            made(how, held(value)?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_as_it_went_out() {
        let place = Place {
            sort: Some(("since".to_owned(), true)),
            value: Some("2026-01-02".to_owned()),
            id: Uuid::from_u128(7),
        };
        let back = Place::read(&place.text()).unwrap();
        assert_eq!((back.sort, back.value, back.id), (place.sort, place.value, place.id));
        for wrong in ["", "zz", "7b7d", "00"] {
            assert!(Place::read(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn what_cannot_be_compared_with_its_column_is_seen() {
        let rows: [(Option<&str>, ElementKind, Option<&str>, bool); 12] = [
            (None, ElementKind::Text, None, true),
            (None, ElementKind::Text, Some("x"), false),
            (Some("n"), ElementKind::Integer, Some("12"), true),
            (Some("n"), ElementKind::Integer, Some("1.5"), false),
            (Some("n"), ElementKind::Money, Some("-1.50"), true),
            (Some("n"), ElementKind::Money, Some("1e9"), false),
            (Some("d"), ElementKind::Date, Some("2026-02-30"), false),
            (Some("d"), ElementKind::Date, None, true),
            (Some("t"), ElementKind::Text, Some("a\0"), false),
            (Some(UPDATED), ElementKind::Text, Some("2026-01-02T03:04:05Z"), true),
            (Some(UPDATED), ElementKind::Text, Some("yesterday"), false),
            (Some(UPDATED), ElementKind::Text, None, false),
        ];
        for (column, kind, value, sound) in rows {
            assert_eq!(is_sound(column, kind, value), sound, "{column:?} {kind:?} {value:?}");
        }
    }
}
