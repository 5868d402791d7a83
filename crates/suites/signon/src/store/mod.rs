//! Statements of this suite, by subject. Only these files name the database driver.

pub(crate) mod certificate;
pub(crate) mod client;
pub(crate) mod device;
pub(crate) mod key;
pub(crate) mod link;
pub(crate) mod passkey;
pub(crate) mod visit;

use sqlx::Row as _;
use sqlx::postgres::PgRow;
use zhengtong_base::Text;

use crate::error::{Error, Result};

/// Long statements, each prepared by a test.
pub(crate) const STATEMENTS: &[(&str, &str)] =
    &[("agreed.sql", AGREED), ("open_code.sql", OPEN_CODE), ("sweep.sql", SWEEP)];

const AGREED: &str = include_str!("../../sql/agreed.sql");
const OPEN_CODE: &str = include_str!("../../sql/open_code.sql");
const SWEEP: &str = include_str!("../../sql/sweep.sql");

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

/// A word of the database that must be one of ours.
fn word<T>(word: &str, from_word: fn(&str) -> Option<T>) -> Result<T> {
    from_word(word).ok_or_else(|| {
        Error::Store(zhengtong_db::Error::Broken(format!("the stored word {word} is not known")))
    })
}
