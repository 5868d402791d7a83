//! Records of JSON: an array of objects, or one object on each line.

use serde_json::{Map, Value};

use crate::lines::{Lines, decode};
use crate::model::{Encoding, Error, Fault, Item, LIMITS, Position, Record, Result};

/// Objects of the beginning that are looked at for the names of columns.
const LOOKED_AT: usize = 1_000;

/// Reads the records of a piece of JSON lines, and says where the next piece begins.
pub(crate) fn lines(
    header: &[String],
    at: Position,
    bytes: &[u8],
    last: bool,
    each: &mut dyn FnMut(Item<'_>) -> bool,
) -> Position {
    let mut lines = Lines::new(bytes, Encoding::Utf8, '\n', last);
    let mut record = Record::default();
    let mut number = at.line;
    while let Some(line) = lines.next() {
        number += 1;
        let text = match decode(Encoding::Utf8, line.bytes, number) {
            Ok(text) => text,
            Err(fault) => {
                if each(Item::Fault(fault)) {
                    continue;
                }
                break;
            }
        };
        if text.trim().is_empty() {
            continue;
        }
        let go_on = match serde_json::from_str::<Value>(&text) {
            Ok(value) => object(header, number, &value, &mut record, each),
            Err(_) => each(Item::Fault(Fault::new(
                number,
                &text,
                "这一行不是完整的 JSON 对象",
                "the line is no whole JSON object",
            ))),
        };
        if !go_on {
            break;
        }
    }
    let mut done = lines.at;
    if done == 0 && !last && bytes.len() >= LIMITS.record_bytes {
        (done, number) = (bytes.len(), number + 1);
        each(Item::Fault(Fault::new(
            number,
            "",
            "这一行太长，不像一条记录",
            "the line is too long to be a record",
        )));
    }
    Position { byte: at.byte + u64::try_from(done).unwrap_or(0), line: number }
}

/// The objects of an array.
pub(crate) fn array(bytes: &[u8]) -> Result<Vec<Value>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let value = serde_json::from_slice::<Value>(bytes);
    let broken = |what: String| Error::Broken(what);
    match value.map_err(|error| broken(error.to_string()))? {
        Value::Array(all) => Ok(all),
        one @ Value::Object(_) => Ok(vec![one]),
        _ => Err(broken("neither an array nor an object".to_owned())),
    }
}

/// The names of the columns, in the order in which they come.
pub(crate) fn header<'a>(values: impl Iterator<Item = &'a Value>) -> Vec<String> {
    let mut header: Vec<String> = Vec::new();
    for value in values.take(LOOKED_AT).filter_map(Value::as_object) {
        for name in value.keys() {
            if !header.contains(name) {
                header.push(name.clone());
            }
        }
    }
    header
}

/// Gives out one object as a record.
pub(crate) fn object(
    header: &[String],
    number: u64,
    value: &Value,
    record: &mut Record,
    each: &mut dyn FnMut(Item<'_>) -> bool,
) -> bool {
    let Some(object) = value.as_object() else {
        return each(Item::Fault(Fault::new(
            number,
            &value.to_string(),
            "应是一个 JSON 对象",
            "it should be a JSON object",
        )));
    };
    if let Some(strange) = object.keys().find(|name| !header.contains(name)) {
        return each(Item::Fault(Fault::new(
            number,
            &value.to_string(),
            format!("有前面没有出现过的字段“{strange}”"),
            format!("it has a field “{strange}” that did not occur before"),
        )));
    }
    record.clear(number);
    for name in header {
        record.push(&text_of(object, name));
    }
    if record.iter().any(|field| field.contains('\0')) {
        return each(Item::Fault(Fault::new(
            number,
            &value.to_string(),
            "含有空字符（NUL）",
            "it holds NUL characters",
        )));
    }
    each(Item::Row(record))
}

fn text_of(object: &Map<String, Value>, name: &str) -> String {
    match object.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(all)) if all.iter().all(Value::is_string) => {
            all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")
        }
        Some(other) => other.to_string(),
    }
}
