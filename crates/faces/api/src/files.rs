//! Rows as a file: comma separated, a workbook, JSON, Parquet.

use zhengtong_base::Kind;
use zhengtong_http::Fault;
use zhengtong_tabular::{Cell, write_csv, write_json, write_parquet, write_xlsx};

/// What kind of file rows become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    Csv,
    Json,
    Xlsx,
    Parquet,
}

impl FileKind {
    /// All kinds.
    pub(crate) const ALL: [Self; 4] = [Self::Csv, Self::Json, Self::Xlsx, Self::Parquet];

    /// The kind of an ending.
    pub(crate) fn of(ending: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.ending() == ending)
    }

    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Xlsx => "xlsx",
            Self::Parquet => "parquet",
        }
    }

    /// The media type.
    pub(crate) fn media(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    /// The file.
    pub(crate) fn write(self, header: &[String], rows: &[Vec<Cell>]) -> Result<Vec<u8>, Fault> {
        match self {
            // A spreadsheet sees by the mark that it is UTF-8, and texts that look like formulas are guarded.
            Self::Csv => Ok(write_csv(header, rows, true)),
            Self::Json => Ok(write_json(header, rows)),
            Self::Xlsx => write_xlsx("data", header, rows).map_err(|error| unwritten(&error)),
            Self::Parquet => write_parquet(header, rows).map_err(|error| unwritten(&error)),
        }
    }
}

fn unwritten(error: &zhengtong_tabular::Error) -> Fault {
    tracing::error!(%error, "a file cannot be written");
    Fault::new(
        Kind::Internal,
        "文件写不出来，请改用 CSV",
        "the file cannot be written; take the CSV file",
    )
}
