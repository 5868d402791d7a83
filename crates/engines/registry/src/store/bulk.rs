//! Loading rows by `COPY`, sealed as they are sent.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::{NoContext, Timestamp, Uuid};
use zhengtong_db::{Error as DbError, sql};

use super::{array, table};
use crate::error::{Error, Result};
use crate::model::{Dataset, Element, ElementKind, Field};
use crate::sealed::{Bulk, Sealing, index_column, place, sealed_column};

/// Bytes that are sent to a bulk load at once.
pub(super) const CHUNK_BYTES: usize = 64 * 1024;

/// Loads rows by `COPY`, without a limit of time.
pub(crate) async fn copy(
    conn: &mut PgConnection,
    (sealing, dataset): (&Sealing<'_>, &Dataset),
    fields: &[&Field],
    (source, now): (&str, OffsetDateTime),
    rows: &mut (dyn Iterator<Item = Vec<Option<String>>> + Send),
) -> Result<u64> {
    sqlx::query("SET LOCAL statement_timeout = 0")
        .execute(&mut *conn)
        .await
        .map_err(DbError::from)?;
    let cells: Vec<Cell> =
        fields.iter().map(|field| Cell::new(sealing, dataset, field)).collect::<Result<_>>()?;
    let names: Vec<String> =
        cells.iter().flat_map(Cell::columns).map(|name| sql::ident(&name)).collect();
    let statement = format!(
        "COPY {} (_id, _source, _updated, {}) FROM STDIN WITH (FORMAT text, ENCODING 'UTF8')",
        table(dataset),
        names.join(", ")
    );
    let head = head_of(source, now);
    let mut copy = conn.copy_in_raw(&statement).await.map_err(DbError::from)?;
    let mut chunk = String::with_capacity(CHUNK_BYTES * 2);
    for (row, number) in rows.zip(1..) {
        if row.len() != cells.len() {
            copy.abort("ragged row").await.map_err(DbError::from)?;
            return Err(Error::Ragged { row: number, found: row.len(), expected: cells.len() });
        }
        let id = place(new_id(now));
        chunk.push_str(&id);
        chunk.push('\t');
        chunk.push_str(&head);
        for (value, cell) in row.iter().zip(&cells) {
            chunk.push('\t');
            cell.write(sealing, &id, value.as_deref(), &mut chunk)?;
        }
        chunk.push('\n');
        if chunk.len() >= CHUNK_BYTES {
            copy.send(chunk.as_bytes()).await.map_err(DbError::from)?;
            chunk.clear();
        }
    }
    copy.send(chunk.as_bytes()).await.map_err(DbError::from)?;
    let loaded = copy.finish().await.map_err(DbError::from)?;
    sqlx::query("SET LOCAL statement_timeout TO DEFAULT")
        .execute(conn)
        .await
        .map_err(DbError::from)?;
    Ok(loaded)
}

/// How a field is written in a bulk load.
pub(super) struct Cell {
    name: String,
    kind: ElementKind,
    sealed: Option<Bulk>,
}

impl Cell {
    pub(super) fn new(sealing: &Sealing<'_>, dataset: &Dataset, field: &Field) -> Result<Self> {
        let element = sealing.catalog.element(&field.element);
        let sealed = element.is_some_and(Element::is_sealed);
        Ok(Self {
            name: field.name.clone(),
            kind: element.map_or(ElementKind::Text, |element| element.kind),
            sealed: sealed.then(|| Bulk::new(sealing, dataset, field)).transpose()?,
        })
    }

    pub(super) fn columns(&self) -> Vec<String> {
        match &self.sealed {
            None => vec![self.name.clone()],
            Some(bulk) if bulk.is_indexed() => {
                vec![sealed_column(&self.name), index_column(&self.name)]
            }
            Some(_) => vec![sealed_column(&self.name)],
        }
    }

    pub(super) fn write(
        &self,
        sealing: &Sealing<'_>,
        place: &str,
        value: Option<&str>,
        chunk: &mut String,
    ) -> Result<()> {
        match (&self.sealed, value) {
            (Some(bulk), value) => bulk.cell(sealing, place, value, chunk)?,
            (None, None) => chunk.push_str("\\N"),
            (None, Some(value)) if self.kind == ElementKind::Codes => cell(chunk, &array(value)),
            (None, Some(value)) => cell(chunk, value),
        }
        Ok(())
    }
}

/// An identifier that sorts by the time of the load.
fn new_id(now: OffsetDateTime) -> Uuid {
    let seconds = u64::try_from(now.unix_timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.nanosecond()))
}

/// Appends a value in the text format of `COPY`.
fn cell(chunk: &mut String, value: &str) {
    for letter in value.chars() {
        match letter {
            '\\' => chunk.push_str("\\\\"),
            '\t' => chunk.push_str("\\t"),
            '\n' => chunk.push_str("\\n"),
            '\r' => chunk.push_str("\\r"),
            '\0' => {}
            _ => chunk.push(letter),
        }
    }
}

/// The source and the time of a row, as `COPY` reads them.
fn head_of(source: &str, now: OffsetDateTime) -> String {
    let mut head = String::new();
    cell(&mut head, source);
    head.push('\t');
    head.push_str(&moment(now));
    head
}

/// A moment, as `COPY` reads it.
pub(super) fn moment(now: OffsetDateTime) -> String {
    let now = now.to_offset(time::UtcOffset::UTC);
    let (year, month, day) = now.to_calendar_date();
    let (hour, minute, second, micro) = now.to_hms_micro();
    format!(
        "{year:04}-{:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{micro:06}+00",
        u8::from(month)
    )
}
