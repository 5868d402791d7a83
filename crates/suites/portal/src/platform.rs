//! Tables of the platform's own datasets, read where they are: days and numbers as data, codes by their names, nothing personal.

use serde_json::{Map, Value};
use uuid::Uuid;
use zhengtong_base::Paging;
use zhengtong_db::Ctx;
use zhengtong_registry::{OpenRow, Tallied};

use crate::error::{Error, Result};
use crate::model::Shape;
use crate::rows::{Rows, Wanted};

/// Rows that are given at once.
const BROWSED_MAX: i64 = 100;
/// Pages that can be opened.
const PAGES_MAX: i64 = 10_000;

/// How many rows there are.
pub(crate) async fn extent(ctx: &mut Ctx, dataset: &str) -> Result<i64> {
    Ok(zhengtong_registry::browse(ctx, dataset, &[], None, Paging::new(1, 1)).await?.total)
}

/// Rows of a dataset.
pub(crate) async fn browse(
    ctx: &mut Ctx,
    dataset: &str,
    shape: Shape,
    wanted: &Wanted,
) -> Result<Rows> {
    let limit = wanted.rows.clamp(0, BROWSED_MAX);
    let filters = filters(wanted)?;
    let filters: Vec<(&str, &str)> =
        filters.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let order = wanted.order.as_ref().filter(|order| order.0 != "_id");
    let order = order.map(|(name, down)| (name.as_str(), *down));
    let start = wanted.start.max(0);
    // Pages are of a fixed size: the rows asked for stand on one page or on two that follow each other. Beyond the last
    // page that can be opened there are none.
    let first = start / BROWSED_MAX;
    let (skip, take) = (start % BROWSED_MAX, limit);
    let mut found = Vec::new();
    let mut total = 0;
    for place in first..=first + i64::from(skip + take > BROWSED_MAX) {
        let number = u32::try_from(place.min(PAGES_MAX - 1) + 1).unwrap_or(1);
        let paging = Paging::new(number, u32::try_from(BROWSED_MAX).unwrap_or(1));
        let page = zhengtong_registry::browse(ctx, dataset, &filters, order, paging).await?;
        total = page.total;
        if place < PAGES_MAX {
            found.extend(page.rows);
        }
    }
    let skip = usize::try_from(skip).unwrap_or(0);
    let take = usize::try_from(take).unwrap_or(0);
    let numbers = start.saturating_add(1)..;
    let records = found.into_iter().skip(skip).take(take).zip(numbers);
    let records = records.map(|(row, number)| (number, record(&shape, row))).collect();
    Ok(Rows { records, fields: shape.fields, total, limit })
}

/// Some thousands of rows after one of them, and the last; none after the last of all.
pub(crate) async fn pour(
    ctx: &mut Ctx,
    dataset: &str,
    shape: &Shape,
    after: Option<Uuid>,
) -> Result<(Vec<Map<String, Value>>, Option<Uuid>)> {
    let found = zhengtong_registry::pour(ctx, dataset, after).await?;
    let last = found.last().map(|row| row.id);
    Ok((found.into_iter().map(|row| record(shape, row)).collect(), last))
}

/// Rows counted by the values of a column.
pub(crate) async fn tally(
    ctx: &mut Ctx,
    dataset: &str,
    wanted: &Wanted,
    (by, of): (&str, Option<&str>),
) -> Result<(Vec<Tallied>, bool)> {
    let filters = filters(wanted)?;
    let filters: Vec<(&str, &str)> =
        filters.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Ok(zhengtong_registry::tally(ctx, dataset, &filters, by, of).await?)
}

/// What is asked of a column is one value of it.
fn filters(wanted: &Wanted) -> Result<Vec<(&str, String)>> {
    if !wanted.words.is_empty() {
        let zh = "这张表按列查找，请写明是哪一列";
        return Err(Error::field("q", zh, "this table is searched by its fields: name one"));
    }
    let mut filters = Vec::new();
    for (name, any) in &wanted.filters {
        let value = match any.as_slice() {
            [Value::String(one)] => one.clone(),
            [one @ (Value::Number(_) | Value::Bool(_))] => one.to_string(),
            _ => {
                let en = "one value for each field of this table";
                return Err(Error::field("filters", "每列只能写一个值", en));
            }
        };
        filters.push((name.as_str(), value));
    }
    filters.extend(wanted.parts.iter().map(|(name, part)| (name.as_str(), part.clone())));
    Ok(filters)
}

fn record(shape: &Shape, mut row: OpenRow) -> Map<String, Value> {
    let fields = shape.fields.iter();
    fields
        .map(|field| (field.id.clone(), row.values.remove(&field.id).unwrap_or(Value::Null)))
        .collect()
}
