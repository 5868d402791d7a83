//! Files of a run: rows as CSV and JSON, their digests, the manifest and its signature.

use serde_json::{Map, Value, json};
use zhengtong_crypto::{Digest, SigningKey};

use crate::check::{Broken, Values, check};
use crate::model::{Order, TableCount};
use crate::table::{Table, table, unverified};

/// The name of the manifest.
pub const MANIFEST: &str = "manifest.json";
/// The name of its signature.
pub const SIGNATURE: &str = "manifest.sig";
/// Columns that say when and how a row was sent, not what it is.
const SENDING: [&str; 4] = ["cd_operation", "cd_time", "cd_batch", "data_source"];
/// This city, above. What the levels above give a city is its own; this is the usual one.
const SOURCE: &str = "ZT";

/// A row of a table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) table: &'static str,
    pub(crate) guid: String,
    /// The case or the item.
    pub(crate) subject: String,
    pub(crate) values: Values,
}

impl Row {
    /// A row under its own name: of the values, those that the table has.
    pub(crate) fn of(name: &'static str, key: &str, subject: &str, mut values: Values) -> Self {
        if let Some(table) = table(name) {
            values.retain(|column, _| table.columns.iter().any(|known| known.name == *column));
        }
        let guid = guid(name, key);
        values.insert("row_guid", guid.clone());
        Self { table: name, guid, subject: subject.to_owned(), values }
    }

    /// What the row is, without when it was sent.
    pub(crate) fn digest(&self) -> String {
        let mut text = String::new();
        for (column, value) in &self.values {
            if !SENDING.contains(column) {
                text.push_str(column);
                text.push('\u{1f}');
                text.push_str(value);
                text.push('\u{1e}');
            }
        }
        Digest::of(text.as_bytes()).to_string()
    }

    /// Says how it is sent.
    pub(crate) fn stamp(&mut self, operation: &str, moment: &str, batch: &str) {
        self.values.insert("cd_operation", operation.to_owned());
        self.values.insert("cd_time", moment.to_owned());
        self.values.insert("cd_batch", batch.to_owned());
        self.values.insert("data_source", SOURCE.to_owned());
    }

    pub(crate) fn broken(&self, table: &Table) -> Vec<Broken> {
        check(table, &self.values)
    }
}

/// The name of a row: the same thing has the same name in every run.
pub(crate) fn guid(table: &str, key: &str) -> String {
    Digest::of(format!("{table}/{key}").as_bytes()).to_string().chars().take(32).collect()
}

/// The files of a table.
pub(crate) fn files(table: &Table, rows: &[&Row]) -> [(String, Vec<u8>); 2] {
    // The mark of UTF-8, without which common spreadsheets take Chinese for something else.
    let mut csv = "\u{feff}".to_owned();
    line(&mut csv, table.columns.iter().map(|column| column.name));
    let mut list = Vec::new();
    for row in rows {
        let value = |name: &str| row.values.get(name).map_or("", String::as_str);
        line(&mut csv, table.columns.iter().map(|column| value(column.name)));
        let object: Map<String, Value> = table
            .columns
            .iter()
            .map(|column| {
                let text = value(column.name);
                let given = if text.is_empty() { Value::Null } else { Value::from(text) };
                (column.name.to_owned(), given)
            })
            .collect();
        list.push(Value::Object(object));
    }
    let json = Value::Array(list).to_string().into_bytes();
    [(format!("{}.csv", table.name), csv.into_bytes()), (format!("{}.json", table.name), json)]
}

/// One line as RFC 4180 writes it.
fn line<'a>(out: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push('"');
        out.push_str(&cell.replace('"', "\"\""));
        out.push('"');
    }
    out.push_str("\r\n");
}

/// The manifest: what is there, by which digests, and which code lists nobody has confirmed.
pub(crate) fn manifest(
    batch: &str,
    order: &Order,
    (moment, left_out): (&str, usize),
    tables: &[TableCount],
) -> Vec<u8> {
    let listed: Vec<Value> = tables
        .iter()
        .map(|table| {
            json!({
                "table": table.table, "rows": table.sent, "unchanged": table.same,
                "left_out": table.left_out, "csv_sm3": table.csv, "json_sm3": table.json,
            })
        })
        .collect();
    let manifest = json!({
        "batch": batch,
        "from": order.from.to_string(),
        "to": order.to.to_string(),
        "made": moment,
        "digest": "SM3",
        "signature": "Ed25519",
        "left_out": left_out,
        "tables": listed,
        "code_lists_not_confirmed": unverified(),
    });
    format!("{manifest:#}\n").into_bytes()
}

/// The signature of the manifest with the key that signs the record of acts, and the key by which it is verified.
pub(crate) fn signature(manifest: &[u8], key: &SigningKey) -> Vec<u8> {
    let signed = key.sign(manifest);
    let public = key.verifying_key();
    let text = json!({
        "sm3": Digest::of(manifest).to_string(),
        "signature": zhengtong_crypto::to_hex(signed.as_bytes()),
        "public_key": zhengtong_crypto::to_hex(public.as_bytes()),
    });
    format!("{text:#}\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str) -> Row {
        let values: Values =
            [("project_no", name.to_owned()), ("no_such_column", "x".to_owned())].into();
        Row::of("up_pro_result", name, name, values)
    }

    #[test]
    fn a_row_is_the_same_whenever_it_is_sent() {
        let (mut one, two) = (row("A-1"), row("A-1"));
        assert!(!one.values.contains_key("no_such_column"));
        let digest = one.digest();
        one.stamp("I", "2026-11-22 10:00:00", "ZT1");
        assert_eq!((one.digest(), &one.guid), (digest, &two.guid));
        assert_ne!(row("A-2").guid, one.guid);
        assert_eq!(one.guid.len(), 32);
    }

    #[test]
    fn cells_are_quoted() {
        let mut out = String::new();
        line(&mut out, ["a \"b\", c", "=1", ""].into_iter());
        assert_eq!(out, "\"a \"\"b\"\", c\",\"=1\",\"\"\r\n");
    }
}
