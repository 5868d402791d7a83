//! Rows as a file: comma separated, a workbook, JSON.

use zhengtong_base::Kind;
use zhengtong_http::Fault;
use zhengtong_tabular::{Cell, write_csv, write_json, write_xlsx};

/// What kind of file rows become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    Csv,
    Json,
    Xlsx,
}

impl FileKind {
    /// The kind of an ending.
    pub(crate) fn of(ending: &str) -> Option<Self> {
        [Self::Csv, Self::Json, Self::Xlsx].into_iter().find(|kind| kind.ending() == ending)
    }

    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Xlsx => "xlsx",
        }
    }

    /// The media type.
    pub(crate) fn media(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// The file.
    pub(crate) fn write(self, header: &[String], rows: &[Vec<Cell>]) -> Result<Vec<u8>, Fault> {
        match self {
            // A spreadsheet sees by the mark that it is UTF-8, and texts that look like formulas are guarded.
            Self::Csv => Ok(write_csv(header, rows, true)),
            Self::Json => Ok(write_json(header, rows)),
            Self::Xlsx => write_xlsx("data", header, rows).map_err(|error| {
                tracing::error!(%error, "a workbook cannot be written");
                Fault::new(
                    Kind::Internal,
                    "文件写不出来，请改用 CSV",
                    "the file cannot be written; take the CSV file",
                )
            }),
        }
    }
}
