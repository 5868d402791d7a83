//! Whole tables as they go into files.

use serde_json::{Map, Value};
use tokio::io::{AsyncWriteExt as _, DuplexStream, duplex};
use uuid::Uuid;
use zhengtong_blob::{Blobs, Stored};
use zhengtong_db::Ctx;
use zhengtong_tabular::{Cell, csv_line, write_csv};

use crate::error::Result;
use crate::model::{Column, Package, Resource, Shape};
use crate::platform;
use crate::rows::{ROWS_MAX, Wanted, own};

/// Rows of a file that is made in memory at most.
pub const FILE_ROWS: usize = 100_000;
/// Bytes of a file at most.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// Bytes of a file that wait to be written.
const WAITING_BYTES: usize = 1 << 20;

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

/// The rows of a table, piece by piece.
struct Pieces<'a> {
    package: &'a Package,
    resource: Uuid,
    shape: Shape,
    after: Option<Uuid>,
    start: i64,
}

impl<'a> Pieces<'a> {
    fn new(package: &'a Package, resource: &Resource) -> Self {
        let shape = resource.shape.clone().unwrap_or_default();
        Self { package, resource: resource.id, shape, after: None, start: 0 }
    }

    fn header(&self) -> Vec<String> {
        self.shape.fields.iter().map(|field| field.id.clone()).collect()
    }

    /// The next rows; none when all were given.
    async fn next(&mut self, ctx: &mut Ctx) -> Result<Vec<Vec<Cell>>> {
        let piece = if let Some(dataset) = &self.package.body.dataset {
            let (piece, last) = platform::pour(ctx, dataset, &self.shape, self.after).await?;
            self.after = last;
            piece
        } else {
            let wanted = Wanted { rows: ROWS_MAX, start: self.start, ..Wanted::default() };
            let piece = own(ctx, self.resource, self.shape.clone(), &wanted).await?.records;
            piece.into_iter().map(|(_, row)| row).collect()
        };
        self.start += i64::try_from(piece.len()).unwrap_or(i64::MAX);
        Ok(piece.iter().map(|row| line(&self.shape, row)).collect())
    }
}

/// The rows of a table, up to the most that a file made in memory holds.
pub async fn whole(ctx: &mut Ctx, package: &Package, resource: &Resource) -> Result<Whole> {
    let mut pieces = Pieces::new(package, resource);
    let (header, mut rows) = (pieces.header(), Vec::new());
    loop {
        let mut piece = pieces.next(ctx).await?;
        let ended = piece.is_empty();
        rows.append(&mut piece);
        let cut = rows.len() > FILE_ROWS;
        if ended || cut {
            rows.truncate(FILE_ROWS);
            return Ok(Whole { header, rows, cut });
        }
    }
}

/// Keeps a table, however large, as a file of CSV in the memory of one piece; gives the file and how many rows it holds.
/// A file that nothing names is erased after two days.
pub async fn csv_file(
    ctx: &mut Ctx,
    blobs: &Blobs,
    package: &Package,
    resource: &Resource,
) -> Result<(Stored, i64)> {
    let mut pieces = Pieces::new(package, resource);
    let (to, from) = duplex(WAITING_BYTES);
    let (written, stored) =
        tokio::join!(written(ctx, &mut pieces, to), blobs.put(from, FILE_BYTES_MAX));
    // Where keeping failed, writing failed for that reason.
    let stored = stored?;
    Ok((stored, written?))
}

async fn written(ctx: &mut Ctx, pieces: &mut Pieces<'_>, mut to: DuplexStream) -> Result<i64> {
    let head = write_csv(&pieces.header(), &[], true);
    to.write_all(&head).await.map_err(zhengtong_blob::Error::from)?;
    loop {
        let rows = pieces.next(ctx).await?;
        if rows.is_empty() {
            return Ok(pieces.start);
        }
        for row in &rows {
            let line = csv_line(row);
            to.write_all(line.as_bytes()).await.map_err(zhengtong_blob::Error::from)?;
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
