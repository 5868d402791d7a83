//! The tables that go up and their code lists, as data: what changes above changes two files here.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The columns of all tables.
const COLUMNS: &str = include_str!("../data/columns.tsv");
/// The code lists.
const CODES: &str = include_str!("../data/codes.tsv");

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text of at most so many characters.
    Text(usize),
    /// A whole number of at most so many digits.
    Number(usize),
    /// A moment, as `2026-11-22 10:00:00`.
    Moment,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name above.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may not be empty.
    pub required: bool,
    /// The code list, and whether several codes may stand in it, divided by commas.
    pub codes: Option<(&'static str, bool)>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name above.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Its columns.
    pub columns: Vec<Column>,
}

/// A code list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Codes {
    /// The codes with their meaning.
    pub codes: BTreeMap<&'static str, &'static str>,
    /// Whether its source was seen.
    pub verified: bool,
}

static TABLES: LazyLock<Vec<Table>> = LazyLock::new(read_tables);
static LISTS: LazyLock<BTreeMap<&'static str, Codes>> = LazyLock::new(read_codes);

/// All tables, in order.
pub fn tables() -> &'static [Table] {
    &TABLES
}

/// A table by its name.
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

/// A code list by its name.
pub fn codes(list: &str) -> Option<&'static Codes> {
    LISTS.get(list)
}

/// The lists whose source was not seen, for the manifest.
pub fn unverified() -> Vec<&'static str> {
    LISTS.iter().filter(|(_, codes)| !codes.verified).map(|(list, _)| *list).collect()
}

fn read_tables() -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for line in COLUMNS.lines().skip(1) {
        let mut cells = line.split('\t');
        let mut cell = || cells.next().unwrap_or_default();
        let (name, title) = (cell(), cell());
        let (column, column_title) = (cell(), cell());
        let (kind, length, required, codes) = (cell(), cell(), cell(), cell());
        let length: usize = length.parse().unwrap_or(0);
        let column = Column {
            name: column,
            title: column_title,
            kind: match kind {
                "datetime" => Kind::Moment,
                "int" => Kind::Number(length),
                _ => Kind::Text(length),
            },
            required: required == "Y",
            codes: match codes {
                "-" => None,
                many => Some(many.strip_suffix('*').map_or((many, false), |list| (list, true))),
            },
        };
        match tables.last_mut().filter(|table| table.name == name) {
            Some(table) => table.columns.push(column),
            None => tables.push(Table { name, title, columns: vec![column] }),
        }
    }
    tables
}

fn read_codes() -> BTreeMap<&'static str, Codes> {
    let mut lists: BTreeMap<&'static str, Codes> = BTreeMap::new();
    for line in CODES.lines().skip(1) {
        let mut cells = line.split('\t');
        let mut cell = || cells.next().unwrap_or_default();
        let (list, code, meaning, verified) = (cell(), cell(), cell(), cell());
        let entry = lists.entry(list).or_default();
        entry.codes.insert(code, meaning);
        entry.verified = verified == "Y";
    }
    lists
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_whole_and_every_list_is_there() {
        assert_eq!(tables().len(), 20);
        for table in tables() {
            let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
            for needed in ["row_guid", "cd_operation", "cd_time", "cd_batch", "data_source"] {
                assert!(names.contains(&needed), "{} {needed}", table.name);
            }
            for column in &table.columns {
                assert_ne!(column.kind, Kind::Text(0), "{} {}", table.name, column.name);
                if let Some((list, _)) = column.codes {
                    assert!(codes(list).is_some(), "{list}");
                }
            }
        }
        assert!(codes("A.8").is_some_and(|codes| codes.verified && codes.codes.len() == 5));
        assert!(unverified().contains(&"result_type"));
        assert!(!unverified().contains(&"A.1"));
    }
}
