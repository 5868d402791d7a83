//! The rows of supervision. Only this file and its parts name sqlx.

mod board;
mod card;
mod check;
mod evidence;
mod stream;

pub(crate) use board::*;
pub(crate) use card::*;
pub(crate) use check::*;
pub(crate) use evidence::*;
pub(crate) use stream::*;

fn stored(error: sqlx::Error) -> crate::error::Error {
    zhengtong_db::Error::from(error).into()
}
