//! Reading: piece by piece, as a whole, and small files at once.

use crate::csv;
use crate::detect::detect;
use crate::json;
use crate::model::{Error, Fault, Format, Item, Layout, Position, Record, Result, Table};
use crate::parquet;
use crate::sheet;

/// Reads the whole records of a piece of a CSV or JSON lines file that begins at `at`, gives each to `each` until it
/// says `false`, and gives back where the next piece is to begin. `last` says that nothing comes after the piece.
pub fn chunk(
    layout: &Layout,
    at: Position,
    bytes: &[u8],
    last: bool,
    each: &mut dyn FnMut(Item<'_>) -> bool,
) -> Position {
    match &layout.format {
        Format::Csv(dialect) => csv::records((dialect, layout.header.len()), at, bytes, last, each),
        Format::JsonLines => json::lines(&layout.header, at, bytes, last, each),
        Format::Json | Format::Xlsx | Format::Parquet => at,
    }
}

/// Reads a workbook, a Parquet file or a JSON array, and gives each record and fault to `each` until it says `false`.
pub fn whole(layout: &Layout, bytes: &[u8], each: &mut dyn FnMut(Item<'_>) -> bool) -> Result<()> {
    match layout.format {
        Format::Json => {
            let mut record = Record::default();
            for (value, number) in json::array(bytes)?.iter().zip(1..) {
                if !json::object(&layout.header, number, value, &mut record, each) {
                    break;
                }
            }
            Ok(())
        }
        Format::Xlsx => sheet_rows(layout, bytes, each),
        Format::Parquet => parquet::rows(layout.header.len(), bytes, each),
        Format::Csv(_) | Format::JsonLines => {
            let rest = bytes.get(usize::try_from(layout.start.byte).unwrap_or(0)..);
            chunk(layout, layout.start, rest.unwrap_or_default(), true, each);
            Ok(())
        }
    }
}

fn sheet_rows(layout: &Layout, bytes: &[u8], each: &mut dyn FnMut(Item<'_>) -> bool) -> Result<()> {
    let (rows, faults) = sheet::rows(bytes, usize::MAX)?;
    let width = layout.header.len();
    let mut faults = faults.into_iter().peekable();
    for mut row in rows.into_iter().skip(1) {
        while let Some(fault) = faults.next_if(|fault| fault.line < row.line) {
            if !each(Item::Fault(fault)) {
                return Ok(());
            }
        }
        let beyond = (width..row.len()).any(|place| row.get(place).is_some_and(|f| !f.is_empty()));
        let go_on = if beyond {
            let raw: Vec<&str> = row.iter().collect();
            each(Item::Fault(Fault::new(
                row.line,
                &raw.join("\t"),
                format!("第 {width} 列以后没有列名，却有内容"),
                format!("there is something after column {width}, where no column has a name"),
            )))
        } else {
            row.cut(width);
            while row.len() < width {
                row.push("");
            }
            each(Item::Row(&row))
        };
        if !go_on {
            return Ok(());
        }
    }
    for fault in faults {
        if !each(Item::Fault(fault)) {
            break;
        }
    }
    Ok(())
}

/// Reads a small file at once; more than `rows_max` rows refuse it.
pub fn read_all(bytes: &[u8], rows_max: usize) -> Result<Table> {
    let layout = detect(bytes, true)?;
    let mut table = Table { layout: layout.clone(), rows: Vec::new(), faults: Vec::new() };
    whole(&layout, bytes, &mut |item| {
        match item {
            Item::Row(record) => table.rows.push(record.clone()),
            Item::Fault(fault) => table.faults.push(fault),
        }
        table.rows.len() + table.faults.len() <= rows_max
    })?;
    if table.rows.len() + table.faults.len() > rows_max {
        return Err(Error::Large(u64::try_from(rows_max).unwrap_or(u64::MAX)));
    }
    Ok(table)
}
