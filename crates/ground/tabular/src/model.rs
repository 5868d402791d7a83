//! Rows, faults, and what is known of a file. Plain values.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use zhengtong_base::{Failure, Kind, Text};

/// The result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a file as a whole cannot be read.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Error {
    /// It holds nothing.
    #[error("the file holds no rows")]
    Empty,
    /// Two columns have the same name.
    #[error("the header names {0} twice")]
    Header(String),
    /// A column has a name that holds the character NUL, which no table can keep.
    #[error("the header holds NUL characters")]
    Nul,
    /// There are more columns than a table may have.
    #[error("the header has {0} columns")]
    Wide(usize),
    /// It is larger than can be read at once.
    #[error("the file holds more than {0} cells")]
    Large(u64),
    /// It is packed, and holds more than may be unpacked.
    #[error("the file unpacks to more than {0} bytes")]
    Packed(u64),
    /// It is not what its beginning promises.
    #[error("the file is broken: {0}")]
    Broken(String),
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        Kind::Invalid
    }

    fn text(&self) -> Text {
        match self {
            Self::Empty => Text::new(
                "文件里没有数据。第一行应是列名，下面每行一条记录",
                "the file holds no rows; the first line names the columns, each other line is one record",
            ),
            Self::Header(name) => Text::new(
                format!("有两列都叫“{name}”，请改名后再上传"),
                format!("two columns are called “{name}”; rename one and upload again"),
            ),
            Self::Nul => Text::new(
                "列名里有空字符（NUL），请改名后再上传",
                "the name of a column holds NUL characters; rename it and upload again",
            ),
            Self::Wide(columns) => Text::new(
                format!("表头有 {columns} 列，最多 {} 列", LIMITS.columns),
                format!("the header has {columns} columns; at most {}", LIMITS.columns),
            ),
            Self::Large(cells) => Text::new(
                format!("表格超过 {cells} 个单元格，请改用 CSV"),
                format!("the sheet has more than {cells} cells; save it as CSV"),
            ),
            Self::Packed(bytes) => Text::new(
                format!("文件解压后超过 {} MB，请改用 CSV", bytes >> 20),
                format!("the file unpacks to more than {} MB; save it as CSV", bytes >> 20),
            ),
            Self::Broken(_) => Text::new(
                "文件已损坏或不是所说的格式，请重新保存后上传",
                "the file is damaged or not of the format it seems to be; save it again and upload it",
            ),
        }
    }
}

/// Limits of one file.
#[derive(Clone, Copy, Debug)]
pub struct TabularLimits {
    /// Columns of a table.
    pub columns: usize,
    /// Bytes of one record.
    pub record_bytes: usize,
    /// Lines that one record may run over, in quotes.
    pub record_lines: u64,
    /// Cells of a file that is read at once.
    pub cells: u64,
    /// Bytes of all parts of a workbook, unpacked.
    pub unpacked_bytes: u64,
    /// Characters of a bad row that are kept.
    pub raw_chars: usize,
}

/// The limits that hold.
pub const LIMITS: TabularLimits = TabularLimits {
    columns: 500,
    record_bytes: 1 << 20,
    record_lines: 200,
    cells: 20_000_000,
    unpacked_bytes: 512 << 20,
    raw_chars: 2_000,
};

/// How the bytes of a file are letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// GB 18030, which holds GBK and GB 2312.
    Gb18030,
    /// UTF-16, the low byte first.
    Utf16Le,
    /// UTF-16, the high byte first.
    Utf16Be,
}

impl Encoding {
    /// Its name, as people know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Gb18030 => "GB 18030",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
        }
    }
}

/// How a CSV file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// The encoding.
    pub encoding: Encoding,
    /// What stands between fields.
    pub delimiter: char,
    /// What stands around fields that hold delimiters.
    pub quote: char,
    /// What ends a line: a line feed, or a carriage return alone.
    pub line_end: char,
}

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Fields with delimiters.
    Csv(Dialect),
    /// One JSON object on each line.
    JsonLines,
    /// A JSON array of objects.
    Json,
    /// A workbook; its first sheet that is not empty.
    Xlsx,
    /// A Parquet file; columns that hold groups or lists are given as texts.
    Parquet,
}

impl Format {
    /// Whether the file is read piece by piece.
    pub fn is_stream(self) -> bool {
        matches!(self, Self::Csv(_) | Self::JsonLines)
    }

    /// Its name, as people know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv(_) => "CSV",
            Self::JsonLines => "JSON Lines",
            Self::Json => "JSON",
            Self::Xlsx => "XLSX",
            Self::Parquet => "Parquet",
        }
    }
}

/// What is known of a file from its beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// The format.
    pub format: Format,
    /// The names of the columns.
    pub header: Vec<String>,
    /// Where the first record begins.
    pub start: Position,
}

/// A place in a file, between two records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Bytes before it; 0 in files that are read at once.
    pub byte: u64,
    /// Lines before it; in files that are read at once, records.
    pub line: u64,
}

/// A record: one text per column. A field that is not there is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The line in the file, from 1.
    pub line: u64,
    text: String,
    ends: Vec<usize>,
}

impl Record {
    /// A record of some fields.
    pub fn of<'a>(line: u64, fields: impl IntoIterator<Item = &'a str>) -> Self {
        let mut record = Self { line, ..Self::default() };
        for field in fields {
            record.push(field);
        }
        record
    }

    /// A field.
    pub fn get(&self, column: usize) -> Option<&str> {
        let end = *self.ends.get(column)?;
        let start = match column.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start..end)
    }

    /// All fields.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).filter_map(|column| self.get(column))
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds a field.
    pub fn push(&mut self, field: &str) {
        self.text.push_str(field);
        self.close();
    }

    pub(crate) fn clear(&mut self, line: u64) {
        self.line = line;
        self.text.clear();
        self.ends.clear();
    }

    pub(crate) fn add(&mut self, part: &str) {
        self.text.push_str(part);
    }

    pub(crate) fn close(&mut self) {
        self.ends.push(self.text.len());
    }

    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Drops the fields after the first ones.
    pub(crate) fn cut(&mut self, columns: usize) {
        self.ends.truncate(columns);
        self.text.truncate(self.ends.last().copied().unwrap_or(0));
    }
}

/// A row that cannot be read, kept with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line in the file, from 1.
    pub line: u64,
    /// The row as it stands, at most so many characters as are kept.
    pub raw: String,
    /// What is wrong and what to do.
    pub reason: Text,
}

impl Fault {
    pub(crate) fn new(line: u64, raw: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        let raw = raw.chars().take(LIMITS.raw_chars).filter(|letter| *letter != '\0').collect();
        // A reason may name what stands in the file.
        let plain = |text: String| text.replace('\0', "");
        Self { line, raw, reason: Text::new(plain(zh.into()), plain(en.into())) }
    }
}

/// What a reader gives, one after one.
#[derive(Debug)]
pub enum Item<'a> {
    /// A record with as many fields as there are columns.
    Row(&'a Record),
    /// A row that cannot be read.
    Fault(Fault),
}

/// A small file as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What is known of it.
    pub layout: Layout,
    /// The records.
    pub rows: Vec<Record>,
    /// The rows that cannot be read.
    pub faults: Vec<Fault>,
}
