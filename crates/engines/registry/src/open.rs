//! Open datasets as everybody sees them: pages in an order, whole tables piece by piece, counts by the values of a field.
//! A dataset that is not open looks as if it were absent.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use time::Date;
use uuid::Uuid;
use zhengtong_base::code::parse_date;
use zhengtong_base::{Lang, Page, Paging, Text};
use zhengtong_calendar::china_date;
use zhengtong_db::Ctx;

use crate::error::{Error, Result};
use crate::model::{Catalog, Dataset, ElementKind, Purpose};
use crate::reading::{cells, filters, listed, named, ordered, summed, thing};
use crate::sealed::Sealing;
use crate::store::{self, Condition, Match, Stored};
use crate::value::{display, validate_held};

/// Rows of one piece of a whole table.
const PIECE_ROWS: u32 = 5_000;
/// Values that rows are counted by at most.
pub const TALLY_MAX: usize = 200;

/// A record of an open dataset.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenRow {
    /// Its identifier.
    pub id: Uuid,
    /// The values in words.
    pub cells: BTreeMap<String, Text>,
    /// The values as data: numbers, days as `2026-11-23`, `true` or `false`, a geometry as GeoJSON text, a code by its name in
    /// Chinese. What is not known is absent, and so is what is personal.
    pub values: BTreeMap<String, Value>,
}

/// Rows that have one value in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tallied {
    /// The value by which they are found again; absent when nothing is known.
    pub value: Option<String>,
    /// The value in words.
    pub words: Text,
    /// How many there are.
    pub count: i64,
    /// What the number that was asked for adds up to, as a decimal.
    pub sum: Option<String>,
}

/// One page, newest first, or in the order of a field, backwards when that is said. Filters are field and value: open texts
/// are found by a part of them, codes by the code or its name, everything else as a whole.
pub async fn browse(
    ctx: &mut Ctx,
    dataset: &str,
    filters: &[(&str, &str)],
    order: Option<(&str, bool)>,
    paging: Paging,
) -> Result<Page<OpenRow>> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = open(ctx, &catalog, dataset)?;
    if let Some((name, _)) = order {
        ordered(&catalog, dataset, name)?;
    }
    let conditions = (filters, on_show(dataset, china_date(ctx.now)));
    let page = listed(ctx, &catalog, dataset, conditions, (order, paging)).await?;
    Ok(page.map(|stored| shown(ctx, &catalog, dataset, stored)))
}

/// Rows in the order of their identifiers after one of them, some thousands at a time; none after the last.
pub async fn pour(ctx: &mut Ctx, dataset: &str, after: Option<Uuid>) -> Result<Vec<OpenRow>> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = open(ctx, &catalog, dataset)?;
    let ring = ctx.keyring()?;
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let fields: Vec<_> = dataset.fields.iter().collect();
    let order = store::Order::by_identifier(after);
    let conditions = on_show(dataset, china_date(ctx.now));
    let piece = (&order, None, PIECE_ROWS);
    let found = store::rows(ctx.conn(), &sealing, (dataset, &fields), &conditions, piece).await?;
    Ok(found.into_iter().map(|placed| shown(ctx, &catalog, dataset, placed.stored)).collect())
}

/// How many rows have each value of a field, the most first, and what a number of theirs adds up to; with whether there are
/// more values than [`TALLY_MAX`].
pub async fn tally(
    ctx: &mut Ctx,
    dataset: &str,
    given: &[(&str, &str)],
    by: &str,
    of: Option<&str>,
) -> Result<(Vec<Tallied>, bool)> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = open(ctx, &catalog, dataset)?;
    let (field, element) = ordered(&catalog, dataset, by)?;
    let of = of.map(|name| summed(&catalog, dataset, name));
    let of = of.transpose()?;
    let ring = ctx.keyring()?;
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let mut conditions = filters(ctx, &sealing, dataset, given)?;
    conditions.extend(on_show(dataset, china_date(ctx.now)));
    let most = i64::try_from(TALLY_MAX).unwrap_or(i64::MAX);
    let mut groups =
        store::totals(ctx.conn(), dataset, &conditions, (&[field], of), most + 1).await?;
    let cut = groups.len() > TALLY_MAX;
    groups.truncate(TALLY_MAX);
    let today = china_date(ctx.now);
    let tallied = groups.into_iter().map(|group| {
        let value = group.keys.into_iter().next().flatten();
        let held =
            value.as_deref().and_then(|value| validate_held(&catalog, element, value, today).ok());
        let words = |lang: Lang| match &held {
            Some(held) => display(&catalog, element, held, lang, today),
            None => value.clone().unwrap_or_default(),
        };
        let words = Text::new(words(Lang::Zh), words(Lang::En));
        Tallied { words, value, count: group.count, sum: group.sum }
    });
    Ok((tallied.collect(), cut))
}

/// The conditions of what everybody is shown: the last day of none is over.
pub(crate) fn on_show(dataset: &Dataset, today: Date) -> Vec<Condition> {
    let condition = |name: &String| Condition {
        column: name.clone(),
        kind: ElementKind::Date,
        value: today.to_string(),
        how: Match::NotBefore,
    };
    dataset.shown_until.iter().map(condition).collect()
}

/// Whether everybody is shown a record that holds these values.
pub(crate) fn is_on_show(dataset: &Dataset, values: &BTreeMap<String, Value>, today: Date) -> bool {
    let last = |name: &String| parse_date(values.get(name)?.as_str()?).ok();
    dataset.shown_until.iter().filter_map(last).all(|last| last >= today)
}

fn open<'a>(ctx: &Ctx, catalog: &'a Arc<Catalog>, dataset: &str) -> Result<&'a Dataset> {
    let dataset = named(catalog, dataset)?;
    if !dataset.open {
        return Err(Error::NoDataset(dataset.id.clone()));
    }
    ctx.allow("registry.read", &thing(catalog, dataset, &Purpose::new("open data")))?;
    Ok(dataset)
}

fn shown(ctx: &Ctx, catalog: &Catalog, dataset: &Dataset, stored: Stored) -> OpenRow {
    let today = china_date(ctx.now);
    let cells = cells(ctx, catalog, dataset, &stored.values);
    let value = |(name, value): (String, Value)| {
        let element = catalog.element(&dataset.field(&name)?.element)?;
        if value.is_null() || element.sensitivity.is_masked() {
            return None;
        }
        let named = matches!(element.kind, ElementKind::Code | ElementKind::Codes);
        let value = if named {
            Value::from(display(catalog, element, &value, Lang::Zh, today))
        } else {
            value
        };
        Some((name, value))
    };
    OpenRow { id: stored.id, cells, values: stored.values.into_iter().filter_map(value).collect() }
}
