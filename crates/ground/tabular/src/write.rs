//! Rows into CSV, JSON and XLSX.

use rust_xlsxwriter::{Format as SheetFormat, Workbook};
use serde_json::{Map, Value};

use crate::model::{Error, Result};

/// What a spreadsheet takes for the beginning of a formula; the wide forms count too, as Chinese input methods give them.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A field that is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A text.
    Text(String),
    /// A number, as it is to be read.
    Number(String),
    /// Yes or no.
    Flag(bool),
    /// A text that is JSON: in files of JSON what it says, elsewhere the text.
    Json(String),
}

impl Cell {
    /// The cell of a value of JSON.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Empty,
            Value::Bool(yes) => Self::Flag(*yes),
            Value::Number(number) => Self::Number(number.to_string()),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(all) if all.iter().all(Value::is_string) => {
                Self::Text(all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","))
            }
            other => Self::Text(other.to_string()),
        }
    }

    /// What it is in JSON.
    pub fn json(&self) -> Value {
        match self {
            Self::Empty => Value::Null,
            Self::Text(text) => Value::String(text.clone()),
            Self::Number(number) => {
                number.parse().map_or_else(|_| Value::String(number.clone()), Value::Number)
            }
            Self::Flag(yes) => Value::Bool(*yes),
            Self::Json(text) => {
                serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone()))
            }
        }
    }
}

/// A text that a spreadsheet would run as a formula gets a mark before it, so that it is shown instead. A text that
/// begins with the mark and such a sign gets one more, so that nothing is lost.
pub fn guard(text: &str) -> String {
    let bare = text.trim_start_matches('\'');
    if bare.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

/// The text that a guarded one stands for.
pub fn unguard(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(FORMULA) => rest,
        _ => text,
    }
}

/// One line of CSV with its end, fields quoted where they must be.
pub fn csv_line<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> String {
    let mut line = String::new();
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            line.push(',');
        }
        match cell {
            Cell::Empty => {}
            Cell::Number(number) => line.push_str(number),
            Cell::Flag(yes) => line.push_str(if *yes { "true" } else { "false" }),
            Cell::Text(text) | Cell::Json(text) => {
                let text = guard(text);
                // What begins as JSON does would make the whole file look like it.
                let quoted = text.contains([',', '"', '\n', '\r', '\''])
                    || text.starts_with(['[', '{'])
                    || text.trim() != text;
                if quoted {
                    line.push('"');
                    line.push_str(&text.replace('"', "\"\""));
                    line.push('"');
                } else {
                    line.push_str(&text);
                }
            }
        }
    }
    line.push_str("\r\n");
    line
}

/// A whole CSV file. The byte order mark lets spreadsheets see that it is UTF-8.
pub fn write_csv(header: &[String], rows: &[Vec<Cell>], mark: bool) -> Vec<u8> {
    let mut text = if mark { "\u{feff}".to_owned() } else { String::new() };
    let names: Vec<Cell> = header.iter().cloned().map(Cell::Text).collect();
    text.push_str(&csv_line(&names));
    for row in rows {
        text.push_str(&csv_line(row));
    }
    text.into_bytes()
}

/// A JSON array of objects; fields that are not there are absent.
pub fn write_json(header: &[String], rows: &[Vec<Cell>]) -> Vec<u8> {
    let object = |row: &Vec<Cell>| {
        let there = header.iter().zip(row).filter(|(_, cell)| **cell != Cell::Empty);
        Value::Object(there.map(|(name, cell)| (name.clone(), cell.json())).collect::<Map<_, _>>())
    };
    Value::Array(rows.iter().map(object).collect()).to_string().into_bytes()
}

/// A workbook of one sheet. Texts stay texts there, whatever they begin with.
pub fn write_xlsx(sheet: &str, header: &[String], rows: &[Vec<Cell>]) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    fill(&mut book, sheet, header, rows)
        .and_then(|()| book.save_to_buffer())
        .map_err(|error| Error::Broken(error.to_string()))
}

fn fill(
    book: &mut Workbook,
    sheet: &str,
    header: &[String],
    rows: &[Vec<Cell>],
) -> std::result::Result<(), rust_xlsxwriter::XlsxError> {
    let bold = SheetFormat::new().set_bold();
    let page = book.add_worksheet();
    // Signs that the name of a sheet cannot hold.
    let name: String = sheet.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(31).collect();
    if !name.is_empty() {
        page.set_name(name)?;
    }
    page.set_freeze_panes(1, 0)?;
    for (name, column) in header.iter().zip(0_u16..) {
        page.write_string_with_format(0, column, name, &bold)?;
    }
    for (row, line) in rows.iter().zip(1_u32..) {
        for (cell, column) in row.iter().zip(0_u16..) {
            match cell {
                Cell::Empty => {}
                Cell::Text(text) | Cell::Json(text) => {
                    page.write_string(line, column, text)?;
                }
                Cell::Number(text) => {
                    // What a spreadsheet cannot hold exactly stays a text.
                    let digits = text.chars().filter(char::is_ascii_digit).count();
                    match text.parse::<f64>() {
                        Ok(number) if digits <= 15 => page.write_number(line, column, number)?,
                        _ => page.write_string(line, column, text)?,
                    };
                }
                Cell::Flag(yes) => {
                    page.write_boolean(line, column, *yes)?;
                }
            }
        }
    }
    Ok(())
}
