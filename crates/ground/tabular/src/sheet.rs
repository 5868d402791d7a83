//! Records of a workbook: the first sheet that is not empty.

use std::io::Cursor;

use calamine::{DataRef, Reader as _, Xlsx, open_workbook_from_rs};
use time::{Date, Duration, Month, PrimitiveDateTime, Time};

use crate::model::{Error, Fault, LIMITS, Record, Result};

/// The rows of the first sheet that is not empty, the header first; rows that hold an error of the spreadsheet are
/// faults.
pub(crate) fn rows(bytes: &[u8], rows_max: usize) -> Result<(Vec<Record>, Vec<Fault>)> {
    let broken = |error: &dyn std::fmt::Display| Error::Broken(error.to_string());
    unpacks(bytes)?;
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes))
        .map_err(|error: calamine::XlsxError| broken(&error))?;
    let since_1904 = book.has_1904_epoch();
    for name in book.sheet_names() {
        let mut cells = book.worksheet_cells_reader(&name).map_err(|error| broken(&error))?;
        let mut sheet = Sheet::default();
        while let Some(cell) = cells.next_cell().map_err(|error| broken(&error))? {
            let (row, column) = cell.get_position();
            if !sheet.take((row, column), cell.get_value(), since_1904, rows_max)? {
                break;
            }
        }
        let (rows, faults) = sheet.finish();
        if !rows.is_empty() {
            return Ok((rows, faults));
        }
    }
    Err(Error::Empty)
}

/// Refuses a small file that unpacks to a huge one, before anything is unpacked. A part that holds more than the archive says
/// breaks off there when it is read.
fn unpacks(bytes: &[u8]) -> Result<()> {
    let broken = |error: zip::result::ZipError| Error::Broken(error.to_string());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let mut left = LIMITS.unpacked_bytes;
    for place in 0..archive.len() {
        let part = archive.by_index_raw(place).map_err(broken)?;
        left = left.checked_sub(part.size()).ok_or(Error::Packed(LIMITS.unpacked_bytes))?;
    }
    Ok(())
}

/// A sheet while it is read.
#[derive(Default)]
struct Sheet {
    rows: Vec<Record>,
    faults: Vec<Fault>,
    current: Option<(u32, Vec<String>, Option<String>)>,
    cells: u64,
}

impl Sheet {
    /// Takes a cell; false when there are rows enough.
    fn take(
        &mut self,
        (row, column): (u32, u32),
        value: &DataRef<'_>,
        since_1904: bool,
        rows_max: usize,
    ) -> Result<bool> {
        if self.current.as_ref().is_some_and(|(number, _, _)| *number != row) {
            self.close();
            if self.rows.len() >= rows_max {
                return Ok(false);
            }
        }
        self.cells += 1;
        if self.cells > LIMITS.cells {
            return Err(Error::Large(LIMITS.cells));
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= LIMITS.columns {
            // Far cells that hold nothing are common in sheets that were formatted as a whole.
            return if *value == DataRef::Empty { Ok(true) } else { Err(Error::Wide(column + 1)) };
        }
        let (_, fields, fault) = self.current.get_or_insert_with(|| (row, Vec::new(), None));
        while fields.len() <= column {
            fields.push(String::new());
        }
        let text = match text_of(value, since_1904) {
            Ok(text) => text,
            Err(error) => {
                *fault = Some(error.clone());
                error
            }
        };
        if let Some(field) = fields.get_mut(column) {
            *field = text;
        }
        Ok(true)
    }

    fn close(&mut self) {
        let Some((row, fields, fault)) = self.current.take() else { return };
        let line = u64::from(row) + 1;
        if fields.iter().all(|field| field.trim().is_empty()) {
            return;
        }
        if let Some(error) = fault {
            let raw = fields.join("\t");
            self.faults.push(Fault::new(
                line,
                &raw,
                format!("有单元格是错误值 {error}，请改成实际的值"),
                format!("a cell holds the error {error}; put its value there"),
            ));
            return;
        }
        self.rows.push(Record::of(line, fields.iter().map(String::as_str)));
    }

    fn finish(mut self) -> (Vec<Record>, Vec<Fault>) {
        self.close();
        (self.rows, self.faults)
    }
}

/// The text of a cell, or the name of its error.
fn text_of(value: &DataRef<'_>, since_1904: bool) -> std::result::Result<String, String> {
    Ok(match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(*number),
        DataRef::String(text) => text.replace('\0', ""),
        DataRef::SharedString(text) => text.replace('\0', ""),
        DataRef::Bool(yes) => yes.to_string(),
        DataRef::DateTime(at) if at.is_duration() => number_text(at.as_f64()),
        DataRef::DateTime(at) => {
            moment(at.as_f64(), since_1904).unwrap_or_else(|| number_text(at.as_f64()))
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => return Err(error.to_string()),
        DataRef::Empty => String::new(),
    })
}

/// A number as a person writes it: whole numbers without a point.
pub(crate) fn number_text(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return format!("{number:.0}");
    }
    // Fifteen digits are what a spreadsheet shows; more are the noise of binary numbers.
    let shown = format!("{number:.14e}");
    shown.parse::<f64>().map_or(shown, |number| number.to_string())
}

/// The day, and the time when there is one, of a serial number of a spreadsheet.
fn moment(serial: f64, since_1904: bool) -> Option<String> {
    // Spreadsheets believe that 1900 had a 29 February: days count from one day earlier after it.
    let first = if since_1904 {
        Date::from_calendar_date(1904, Month::January, 1)
    } else {
        Date::from_calendar_date(1899, Month::December, 30)
    };
    let seconds = Duration::checked_seconds_f64((serial * 86_400.0).round())?;
    let at = PrimitiveDateTime::new(first.ok()?, Time::MIDNIGHT).checked_add(seconds)?;
    let (year, month, day) = at.to_calendar_date();
    let date = format!("{year:04}-{:02}-{day:02}", u8::from(month));
    let (hour, minute, second) = at.as_hms();
    let midnight = (hour, minute, second) == (0, 0, 0);
    Some(if midnight { date } else { format!("{date} {hour:02}:{minute:02}:{second:02}") })
}
