//! Before a table is seen by everybody: no value names a person, no count and no group of people is so small that it points at one.

use serde_json::{Map, Value};
use time::Date;
use uuid::Uuid;
use zhengtong_base::FieldError;
use zhengtong_calendar::china_date;
use zhengtong_db::Ctx;

use crate::error::{Error, Result};
use crate::model::{Column, Package, Shape};
use crate::privacy::{self, Report, Rules};
use crate::rows::{ROWS_MAX, Wanted, own};

/// The name under which a column says what it tells of people.
pub(crate) const PRIVACY: &str = "privacy";
/// It is one of those by which people could be told apart when taken together.
const ATTRIBUTE: &str = "attribute";
/// It holds counts of people.
const COUNT: &str = "count";

/// What a column tells of people, as whoever made the table says.
fn told(column: &Column) -> Option<&Value> {
    column.info.as_ref()?.get(PRIVACY)
}

/// Whether what a column says of people can be understood.
pub(crate) fn is_told_well(column: &Column) -> bool {
    let word =
        |value: &Value| value.as_str().is_some_and(|word| [ATTRIBUTE, COUNT].contains(&word));
    told(column).is_none_or(word)
}

fn named(shape: &Shape, word: &str) -> Vec<String> {
    let columns = shape.fields.iter();
    let columns = columns.filter(|column| told(column).and_then(Value::as_str) == Some(word));
    columns.map(|column| column.id.clone()).collect()
}

/// Looks through the tables of a dataset that everybody is to see from now on.
pub(crate) async fn look_again(ctx: &mut Ctx, package: &Package) -> Result<()> {
    for resource in &package.resources {
        let Some(shape) = &resource.shape else { continue };
        let mut start = 0;
        while let Some(piece) = piece(ctx, resource.id, shape, start).await? {
            start += i64::try_from(piece.len()).unwrap_or(i64::MAX);
            admissible(china_date(ctx.now), shape, &piece)?;
        }
        groups(ctx, resource.id, shape).await?;
    }
    Ok(())
}

/// Some rows of a table from a place on; none after the last.
async fn piece(
    ctx: &mut Ctx,
    resource: Uuid,
    shape: &Shape,
    start: i64,
) -> Result<Option<Vec<Map<String, Value>>>> {
    let wanted = Wanted { rows: ROWS_MAX, start, ..Wanted::default() };
    let rows = own(ctx, resource, shape.clone(), &wanted).await?.records;
    let rows: Vec<Map<String, Value>> = rows.into_iter().map(|(_, row)| row).collect();
    Ok((!rows.is_empty()).then_some(rows))
}

/// Refuses rows that hold numbers of persons, or counts of so few that they point at one.
pub(crate) fn admissible(today: Date, shape: &Shape, rows: &[Map<String, Value>]) -> Result<()> {
    let columns: Vec<String> = shape.fields.iter().map(|field| field.id.clone()).collect();
    let rules = Rules { counts: named(shape, COUNT), ..Rules::usual(today) };
    refused(privacy::check(&columns, &cells(&columns, rows), &rules))
}

/// Refuses a table in which the columns that tell people apart make groups that are too small. It is looked at as a whole:
/// a group that is small in one piece may be large in all.
pub(crate) async fn groups(ctx: &mut Ctx, resource: Uuid, shape: &Shape) -> Result<()> {
    let attributes = named(shape, ATTRIBUTE);
    if attributes.is_empty() {
        return Ok(());
    }
    let (mut table, mut start) = (Vec::new(), 0);
    while let Some(piece) = piece(ctx, resource, shape, start).await? {
        start += i64::try_from(piece.len()).unwrap_or(i64::MAX);
        table.extend(cells(&attributes, &piece));
    }
    let rules = Rules { attributes: attributes.clone(), ..Rules::usual(china_date(ctx.now)) };
    refused(privacy::check(&attributes, &table, &rules))
}

fn cells(columns: &[String], rows: &[Map<String, Value>]) -> Vec<Vec<String>> {
    rows.iter().map(|row| columns.iter().map(|name| plain(row.get(name))).collect()).collect()
}

fn refused(report: Report) -> Result<()> {
    if report.passes() {
        return Ok(());
    }
    let concerns = report.concerns.into_iter();
    let faults =
        concerns.map(|concern| FieldError::new("records", concern.text.zh, concern.text.en));
    Err(Error::Invalid(faults.collect()))
}

fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
