//! What a file is, from its beginning: format, encoding, delimiter, quote, names of columns.

use encoding_rs::GB18030;

use crate::csv;
use crate::json;
use crate::lines::{Lines, is_other_utf8};
use crate::model::{
    Dialect, Encoding, Error, Format, Item, LIMITS, Layout, Position, Record, Result,
};
use crate::parquet;
use crate::sheet;

/// Lines that are looked at for the delimiter.
const LOOKED_AT: usize = 50;
/// What may stand between fields, what is common first.
const DELIMITERS: [char; 6] = [',', '\t', ';', '|', '，', '；'];

/// Finds out what a file is. `head` is its beginning, a few hundred KB; `last` says that it is the whole of it.
/// Workbooks, Parquet files and JSON arrays need the whole file.
pub fn detect(head: &[u8], last: bool) -> Result<Layout> {
    if head.starts_with(b"PK\x03\x04") {
        let (rows, _) = sheet::rows(head, 1)?;
        let header = rows.first().map(names).unwrap_or_default();
        let line = rows.first().map_or(1, |row| row.line);
        return layout(Format::Xlsx, header, Position { byte: 0, line });
    }
    if head.starts_with(parquet::MARK) {
        return layout(Format::Parquet, parquet::header(head)?, Position::default());
    }
    let (encoding, mark) = encoding(head);
    let body = head.get(mark..).unwrap_or_default();
    let start = Position { byte: u64::try_from(mark).unwrap_or(0), line: 0 };
    if encoding == Encoding::Utf8 {
        let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
        if first == Some(&b'[') {
            return layout(
                Format::Json,
                json::header(json::array(head)?.iter()),
                Position::default(),
            );
        }
        if first == Some(&b'{') {
            return json_lines(body, start, last);
        }
    }
    let line_end = line_end(body, encoding);
    let lines = first_lines(body, encoding, line_end, last);
    if lines.iter().all(|line| line.trim().is_empty()) {
        return Err(Error::Empty);
    }
    let quote = quote(&lines);
    let delimiter = delimiter(&lines, quote);
    let dialect = Dialect { encoding, delimiter, quote, line_end };
    let mut header = None;
    let after = csv::records((&dialect, 0), start, body, last, &mut |item| {
        if let Item::Row(record) = item {
            header = Some(names(record));
        }
        header.is_none()
    });
    layout(Format::Csv(dialect), header.ok_or(Error::Empty)?, after)
}

fn json_lines(body: &[u8], start: Position, last: bool) -> Result<Layout> {
    let mut lines = Lines::new(body, Encoding::Utf8, '\n', last);
    let mut values = Vec::new();
    while let Some(line) = lines.next() {
        values.extend(serde_json::from_slice(line.bytes));
    }
    if values.is_empty() {
        // One object over several lines.
        return layout(Format::Json, json::header(json::array(body)?.iter()), Position::default());
    }
    layout(Format::JsonLines, json::header(values.iter()), start)
}

fn names(record: &Record) -> Vec<String> {
    let clean = |(place, name): (usize, &str)| {
        let name = name.trim().trim_start_matches('\u{feff}');
        if name.is_empty() { format!("列{}", place + 1) } else { name.to_owned() }
    };
    record.iter().enumerate().map(clean).collect()
}

fn layout(format: Format, header: Vec<String>, start: Position) -> Result<Layout> {
    if header.is_empty() {
        return Err(Error::Empty);
    }
    if header.len() > LIMITS.columns {
        return Err(Error::Wide(header.len()));
    }
    if header.iter().any(|name| name.contains('\0')) {
        return Err(Error::Nul);
    }
    let mut seen = std::collections::BTreeSet::new();
    if let Some(twice) = header.iter().find(|name| !seen.insert(name.as_str())) {
        return Err(Error::Header(twice.clone()));
    }
    Ok(Layout { format, header, start })
}

/// The encoding, and how many bytes its mark has.
fn encoding(head: &[u8]) -> (Encoding, usize) {
    if head.starts_with(b"\xef\xbb\xbf") {
        return (Encoding::Utf8, 3);
    }
    if head.starts_with(b"\xff\xfe") {
        return (Encoding::Utf16Le, 2);
    }
    if head.starts_with(b"\xfe\xff") {
        return (Encoding::Utf16Be, 2);
    }
    let zeros = |parity: usize| {
        let bytes = head.iter().skip(parity).step_by(2);
        bytes.filter(|byte| **byte == 0).count() * 2
    };
    let (even, odd) = (zeros(0), zeros(1));
    // Latin letters, digits and delimiters have a zero byte in every second place.
    if odd * 5 > head.len() && even * 20 < head.len() {
        return (Encoding::Utf16Le, 0);
    }
    if even * 5 > head.len() && odd * 20 < head.len() {
        return (Encoding::Utf16Be, 0);
    }
    let (mut utf8, mut gb) = (0_u32, 0_u32);
    for line in head.split(|byte| *byte == b'\n').filter(|line| !line.is_ascii()) {
        if is_other_utf8(line)
            || std::str::from_utf8(line).is_ok_and(|text| text.chars().count() > 3)
        {
            utf8 += 1;
        } else if GB18030.decode_without_bom_handling_and_without_replacement(line).is_some() {
            gb += 1;
        }
    }
    (if gb > utf8 { Encoding::Gb18030 } else { Encoding::Utf8 }, 0)
}

fn line_end(body: &[u8], encoding: Encoding) -> char {
    let mut feeds = Lines::new(body, encoding, '\n', false);
    let mut returns = Lines::new(body, encoding, '\r', false);
    if feeds.next().is_none() && returns.next().is_some() { '\r' } else { '\n' }
}

fn first_lines(body: &[u8], encoding: Encoding, line_end: char, last: bool) -> Vec<String> {
    let mut lines = Lines::new(body, encoding, line_end, last);
    let mut all = Vec::new();
    while all.len() < LOOKED_AT
        && let Some(line) = lines.next()
    {
        if let Ok(text) = crate::lines::decode(encoding, line.bytes, 0) {
            all.push(text.into_owned());
        }
    }
    all
}

/// The quote: the double one, unless only single ones stand around fields.
fn quote(lines: &[String]) -> char {
    let around = |quote: char| {
        let fields = lines.iter().flat_map(|line| line.split(DELIMITERS));
        let is_quoted =
            |field: &str| field.len() > 1 && field.starts_with(quote) && field.ends_with(quote);
        fields.map(str::trim).filter(|field| is_quoted(field)).count()
    };
    if lines.iter().all(|line| !line.contains('"')) && around('\'') > 1 { '\'' } else { '"' }
}

/// The delimiter that cuts most lines into the same number of fields, more than one.
fn delimiter(lines: &[String], quote: char) -> char {
    let mut best = (0, 0, ',');
    for candidate in DELIMITERS {
        let counts: Vec<usize> = lines
            .iter()
            .filter(|line| !line.trim().is_empty())
            .map(|line| fields_of(line, candidate, quote))
            .collect();
        let Some(width) = counts.first().copied().filter(|width| *width > 1) else { continue };
        let same = counts.iter().filter(|count| **count == width).count();
        if (same, width) > (best.0, best.1) {
            best = (same, width, candidate);
        }
    }
    best.2
}

fn fields_of(line: &str, delimiter: char, quote: char) -> usize {
    let mut inside = false;
    let mut count = 1;
    for letter in line.chars() {
        if letter == quote {
            inside = !inside;
        } else if letter == delimiter && !inside {
            count += 1;
        }
    }
    count
}
