//! Databases outside, from which rows are taken: a session that may only read, and one question.

mod mysql;
mod postgres;

use mysql::Mysql;
use postgres::Postgres;

/// What went wrong there.
pub(crate) type FarError = sqlx::Error;

/// A database outside, of one of the kinds that can be asked.
pub(crate) enum Far {
    Postgres(Postgres),
    Mysql(Mysql),
}

impl Far {
    /// The database of an address, with the password that stands elsewhere.
    pub(crate) fn of(url: &str, password: Option<String>) -> Result<Self, FarError> {
        let kind = url.split_once("://").map_or("", |(kind, _)| kind);
        Ok(match kind {
            "mysql" | "mariadb" => Self::Mysql(Mysql::of(url, password)?),
            _ => Self::Postgres(Postgres::of(url, password)?),
        })
    }

    /// The line that is to be opened, as the way out knows it; none for a socket of this machine, which is not outside.
    pub(crate) fn line(&self) -> Option<String> {
        match self {
            Self::Postgres(far) => far.line(),
            Self::Mysql(far) => far.line(),
        }
    }

    /// Asks once, for what is new since a value, and gives the answer as CSV with a head; none where it is larger than
    /// so many bytes.
    pub(crate) async fn ask(
        &self,
        question: &str,
        since: Option<&str>,
        bytes_max: usize,
    ) -> Result<Option<Vec<u8>>, FarError> {
        match self {
            Self::Postgres(far) => far.ask(question, since, bytes_max).await,
            Self::Mysql(far) => far.ask(question, since, bytes_max).await,
        }
    }
}

/// The line to a host, as the way out knows it.
fn line(proved: bool, host: &str, port: u16) -> String {
    let kind = if proved { "tls" } else { "tcp" };
    format!("{kind}://{host}:{port}")
}
