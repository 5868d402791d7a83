//! The rows of ratings. Only this file and its parts name sqlx.

mod contact;
mod figure;
mod matter;
mod words;

pub(crate) use contact::*;
pub(crate) use figure::*;
pub(crate) use matter::*;
pub(crate) use words::*;

use zhengtong_db::Keyring;

use crate::error::Result;

/// The field of what people wrote.
pub(crate) const WORDS: &str = "rating.words";

fn stored(error: sqlx::Error) -> crate::error::Error {
    zhengtong_db::Error::from(error).into()
}

fn hide(ring: &Keyring, place: &str, plain: &str) -> Result<String> {
    Ok(ring.seal_text(WORDS, place, plain).map_err(zhengtong_db::Error::from)?)
}

fn open(ring: &Keyring, place: &str, stored: String) -> Result<String> {
    Ok(ring.read_text(WORDS, place, stored).map_err(zhengtong_db::Error::from)?)
}
