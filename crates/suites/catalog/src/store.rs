//! The rows of the directory. Only this file and its parts name sqlx.

mod arrival;
mod entry;
mod resource;
mod search;
mod sheet;

pub(crate) use arrival::*;
pub(crate) use entry::*;
pub(crate) use resource::*;
pub(crate) use search::*;
pub(crate) use sheet::*;

fn stored(error: sqlx::Error) -> crate::error::Error {
    zhengtong_db::Error::from(error).into()
}

/// A row whose word nobody knows: the tables refuse such words, so it is our own fault.
fn unknown(word: &str) -> crate::error::Error {
    crate::error::Error::Definition(format!("`{word}` stands in the directory and means nothing"))
}
