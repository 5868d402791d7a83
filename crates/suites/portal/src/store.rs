//! The rows of the portal. Only this file and its parts name sqlx.

mod collection;
mod key;
mod package;
mod row;
mod version;

pub(crate) use collection::*;
pub(crate) use key::*;
pub(crate) use package::*;
pub(crate) use row::*;
pub(crate) use version::*;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, Result};

const SEARCH: &str = include_str!("../sql/search.sql");
const FACETS: &str = include_str!("../sql/facets.sql");
const ROWS: &str = include_str!("../sql/rows.sql");
const TALLY: &str = include_str!("../sql/tally.sql");

/// The long statements, for the test that looks at every one.
pub(crate) const STATEMENTS: &[(&str, &str)] =
    &[("search.sql", SEARCH), ("facets.sql", FACETS), ("rows.sql", ROWS), ("tally.sql", TALLY)];

fn stored(error: sqlx::Error) -> Error {
    zhengtong_db::Error::from(error).into()
}

fn json(value: &impl Serialize) -> Result<Value> {
    Ok(serde_json::to_value(value).map_err(zhengtong_db::Error::from)?)
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T> {
    Ok(serde_json::from_value(value).map_err(zhengtong_db::Error::from)?)
}

/// A pattern for what holds a text; `%`, `_` and `\` stand for themselves.
pub(crate) fn like(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
