//! Statements of this engine, by subject. Only these files name the database driver.

pub(crate) mod access;
pub(crate) mod account;
pub(crate) mod figures;
pub(crate) mod organisation;
pub(crate) mod person;
pub(crate) mod recovery;
pub(crate) mod seed;
pub(crate) mod session;
pub(crate) mod substitute;
pub(crate) mod throttle;

use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_db::Keyring;

use crate::error::{Error, Result};
use crate::sealed;

/// Long statements, each prepared by a test.
pub(crate) const STATEMENTS: &[(&str, &str)] = &[
    ("actor.sql", ACTOR),
    ("behalfs.sql", BEHALFS),
    ("people.sql", PEOPLE),
    ("holders.sql", HOLDERS),
    ("administrators.sql", ADMINISTRATORS),
    ("serving.sql", SERVING),
];

const ACTOR: &str = include_str!("../../sql/actor.sql");
const BEHALFS: &str = include_str!("../../sql/behalfs.sql");
const PEOPLE: &str = include_str!("../../sql/people.sql");
const HOLDERS: &str = include_str!("../../sql/holders.sql");
const SERVING: &str = include_str!("../../sql/serving.sql");
const ADMINISTRATORS: &str = include_str!("../../sql/administrators.sql");

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(zhengtong_db::Error::from(error))
    }
}

/// A text of the columns `NAME_zh` and `NAME_en`.
fn text(row: &PgRow, name: &str) -> Result<Text> {
    let zh: String = row.try_get(format!("{name}_zh").as_str())?;
    let en: String = row.try_get(format!("{name}_en").as_str())?;
    Ok(Text { zh, en })
}

/// The name of a person, from a column of a joined row.
fn name(ring: &Keyring, row: &PgRow, column: &str, person: Uuid) -> Result<String> {
    sealed::open_name(ring, person, row.try_get(column)?)
}

/// A word of the database that must be one of ours.
fn word<T>(word: &str, from_word: fn(&str) -> Option<T>) -> Result<T> {
    from_word(word).ok_or_else(|| {
        Error::Store(zhengtong_db::Error::Broken(format!("the stored word {word} is not known")))
    })
}
