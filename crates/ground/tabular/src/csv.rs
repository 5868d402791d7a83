//! Records of CSV. A record in quotes may run over lines; a quote that is broken costs one line only.

use crate::lines::{Lines, decode};
use crate::model::{Dialect, Fault, Item, LIMITS, Position, Record};

/// How a record came out.
enum Outcome {
    /// It is whole.
    Whole,
    /// It was an empty line.
    Blank,
    /// It is broken; reading goes on with the line after its first.
    Broken(Fault),
    /// The rest of it is not there yet.
    Unfinished,
}

/// Reads the records of a piece, and says where the next piece begins. With `columns` of 0 any number is right.
pub(crate) fn records(
    (dialect, columns): (&Dialect, usize),
    at: Position,
    bytes: &[u8],
    last: bool,
    each: &mut dyn FnMut(Item<'_>) -> bool,
) -> Position {
    let mut lines = Lines::new(bytes, dialect.encoding, dialect.line_end, last);
    let mut record = Record::default();
    let mut number = at.line;
    let mut done = 0;
    loop {
        let first = number + 1;
        record.clear(first);
        let Some(line) = lines.next() else { break };
        let after_first = lines.at;
        let mut used = 1;
        let outcome = one(dialect, line.bytes, &mut lines, (&mut record, &mut used), last);
        let fault = match outcome {
            Outcome::Unfinished => break,
            Outcome::Blank => None,
            Outcome::Whole => width(dialect, &mut record, columns),
            Outcome::Broken(fault) => {
                lines.at = after_first;
                used = 1;
                Some(fault)
            }
        };
        number += used;
        done = lines.at;
        let go_on = match fault {
            Some(fault) => each(Item::Fault(fault)),
            None if record.is_empty() => true,
            None => each(Item::Row(&record)),
        };
        if !go_on {
            break;
        }
    }
    if done == 0 && !last && bytes.len() >= LIMITS.record_bytes {
        done = bytes.len();
        number += 1;
        each(Item::Fault(too_long(
            number,
            &String::from_utf8_lossy(bytes.get(..4_000).unwrap_or(&[])),
        )));
    }
    Position { byte: at.byte + u64::try_from(done).unwrap_or(0), line: number }
}

fn one(
    dialect: &Dialect,
    first: &[u8],
    lines: &mut Lines<'_>,
    (record, used): (&mut Record, &mut u64),
    last: bool,
) -> Outcome {
    let number = record.line;
    let text = match decode(dialect.encoding, first, number) {
        Ok(text) => text,
        Err(fault) => return Outcome::Broken(fault),
    };
    if text.trim().is_empty() {
        return Outcome::Blank;
    }
    let mut open = false;
    if let Err(fault) = fields(dialect, &text, &mut open, record) {
        return Outcome::Broken(fault);
    }
    while open {
        if *used >= LIMITS.record_lines || record.bytes() > LIMITS.record_bytes {
            return Outcome::Broken(unclosed(number, &text));
        }
        let Some(line) = lines.next() else {
            let broken = last || lines.at == 0;
            return if broken {
                Outcome::Broken(unclosed(number, &text))
            } else {
                Outcome::Unfinished
            };
        };
        *used += 1;
        let Ok(more) = decode(dialect.encoding, line.bytes, number) else {
            return Outcome::Broken(unclosed(number, &text));
        };
        record.add("\n");
        if fields(dialect, &more, &mut open, record).is_err() {
            return Outcome::Broken(unclosed(number, &text));
        }
    }
    if record.bytes() > LIMITS.record_bytes {
        return Outcome::Broken(too_long(number, &text));
    }
    Outcome::Whole
}

/// Adds the fields of a line; `open` says whether the line begins, and then whether it ends, inside quotes.
fn fields(
    dialect: &Dialect,
    line: &str,
    open: &mut bool,
    record: &mut Record,
) -> Result<(), Fault> {
    let mut rest = line;
    let mut at_start = !*open;
    loop {
        if *open {
            let Some((inside, after)) = rest.split_once(dialect.quote) else {
                record.add(rest);
                return Ok(());
            };
            record.add(inside);
            if let Some(more) = after.strip_prefix(dialect.quote) {
                record.add(dialect.quote.encode_utf8(&mut [0; 4]));
                rest = more;
                continue;
            }
            *open = false;
            let after = after.trim_start_matches(' ');
            let Some(more) = after.strip_prefix(dialect.delimiter) else {
                record.close();
                return if after.is_empty() { Ok(()) } else { Err(after_quote(record.line, line)) };
            };
            record.close();
            (rest, at_start) = (more, true);
            continue;
        }
        if at_start && let Some(more) = rest.strip_prefix(dialect.quote) {
            (*open, rest) = (true, more);
            continue;
        }
        let Some((field, more)) = rest.split_once(dialect.delimiter) else {
            record.add(rest);
            record.close();
            return Ok(());
        };
        record.add(field);
        record.close();
        (rest, at_start) = (more, true);
    }
}

/// A record of another width than the header is a fault, except that empty fields too many are none.
fn width(dialect: &Dialect, record: &mut Record, columns: usize) -> Option<Fault> {
    let found = record.len();
    if columns == 0 || found == columns {
        return None;
    }
    let is_padding = found > columns
        && (columns..found)
            .all(|column| record.get(column).is_some_and(|text| text.trim().is_empty()));
    if is_padding {
        record.cut(columns);
        return None;
    }
    let raw: Vec<&str> = record.iter().collect();
    let raw = raw.join(dialect.delimiter.encode_utf8(&mut [0; 4]));
    Some(Fault::new(
        record.line,
        &raw,
        format!("这一行有 {found} 列，表头有 {columns} 列，请检查分隔符和引号"),
        format!("the row has {found} fields and the header {columns}; check delimiters and quotes"),
    ))
}

fn unclosed(line: u64, raw: &str) -> Fault {
    Fault::new(
        line,
        raw,
        "引号没有成对，请补上或删去这一行的引号",
        "a quote is opened and not closed; close it or take it away",
    )
}

fn after_quote(line: u64, raw: &str) -> Fault {
    Fault::new(
        line,
        raw,
        "引号结束后还有别的字，字段里的引号应写成两个",
        "text follows a closing quote; write a quote inside a field twice",
    )
}

fn too_long(line: u64, raw: &str) -> Fault {
    Fault::new(
        line,
        raw,
        format!("这一行超过 {} KB，不像一条记录", LIMITS.record_bytes / 1024),
        format!("the row is longer than {} KB, which is no record", LIMITS.record_bytes / 1024),
    )
}
