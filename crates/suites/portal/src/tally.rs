//! Rows counted by the values of a column, for a chart; and whole tables as they go into a file.

use serde_json::{Map, Value};
use zhengtong_base::Text;
use zhengtong_db::Ctx;
use zhengtong_registry::Tallied;
use zhengtong_tabular::Cell;

use crate::error::Result;
use crate::model::{Column, Package, Resource, Shape};
use crate::rows::{ROWS_MAX, Wanted, asked, known_columns, own, table_of};
use crate::{platform, store};

/// Values that rows are counted by at most.
const TALLY_MAX: usize = zhengtong_registry::TALLY_MAX;
/// Rows of a file that is made of a table at most.
pub const FILE_ROWS: usize = 100_000;

/// A whole table as it goes into a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Whole {
    /// The names of its columns.
    pub header: Vec<String>,
    /// Its rows, [`FILE_ROWS`] at most.
    pub rows: Vec<Vec<Cell>>,
    /// Whether there are more.
    pub cut: bool,
}

/// How many rows have each value of a column, the most first, and what a number of theirs adds up to; with whether there are more
/// values than are given.
pub async fn tally(
    ctx: &mut Ctx,
    id: &str,
    wanted: &Wanted,
    by: &str,
    of: Option<&str>,
) -> Result<(Vec<Tallied>, bool)> {
    let (package, resource, shape) = table_of(ctx, id).await?;
    let also = std::iter::once(by).chain(of);
    known_columns(&shape, wanted, also)?;
    if let Some(dataset) = &package.body.dataset {
        return platform::tally(ctx, dataset, wanted, (by, of)).await;
    }
    let asked = asked(&shape, wanted)?;
    let most = i64::try_from(TALLY_MAX).unwrap_or(i64::MAX);
    let columns = (by, of.unwrap_or_default());
    let mut found = store::tally(ctx.conn(), resource.id, &asked, columns, most + 1).await?;
    let cut = found.len() > TALLY_MAX;
    found.truncate(TALLY_MAX);
    let tally = |(value, count, sum): (Option<String>, i64, Option<String>)| Tallied {
        words: Text::same(value.clone().unwrap_or_default()),
        value,
        count,
        sum,
    };
    Ok((found.into_iter().map(tally).collect(), cut))
}

/// All rows of a table, up to the most that a file holds.
pub async fn whole(ctx: &mut Ctx, package: &Package, resource: &Resource) -> Result<Whole> {
    let shape = resource.shape.clone().unwrap_or_default();
    let header = shape.fields.iter().map(|field| field.id.clone()).collect();
    let mut rows = Vec::new();
    let mut after = None;
    let mut start = 0;
    loop {
        let piece = if let Some(dataset) = &package.body.dataset {
            let (piece, last) = platform::pour(ctx, dataset, &shape, after).await?;
            after = last;
            piece
        } else {
            let wanted = Wanted { rows: ROWS_MAX, start, ..Wanted::default() };
            let piece = own(ctx, resource.id, shape.clone(), &wanted).await?.records;
            piece.into_iter().map(|(_, row)| row).collect()
        };
        start += i64::try_from(piece.len()).unwrap_or(i64::MAX);
        let ended = piece.is_empty();
        rows.extend(piece.iter().map(|row| line(&shape, row)));
        if ended || rows.len() > FILE_ROWS {
            let cut = rows.len() > FILE_ROWS;
            rows.truncate(FILE_ROWS);
            return Ok(Whole { header, rows, cut });
        }
    }
}

fn line(shape: &Shape, row: &Map<String, Value>) -> Vec<Cell> {
    let cell = |field: &Column| match row.get(&field.id) {
        None => Cell::Empty,
        Some(Value::String(text)) if field.is_geometry() => Cell::Json(text.clone()),
        Some(value) => Cell::of(value),
    };
    shape.fields.iter().map(cell).collect()
}
