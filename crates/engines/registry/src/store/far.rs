//! Another PostgreSQL, from which rows are taken: a session that may only read, and one question.

use futures_util::TryStreamExt as _;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};
use zhengtong_db::sql;

use crate::feeds::SINCE;

/// What went wrong there.
pub(crate) type FarError = sqlx::Error;

/// A database outside.
pub(crate) struct Far {
    options: PgConnectOptions,
}

impl Far {
    /// The database of an address, with the password that stands elsewhere.
    pub(crate) fn of(url: &str, password: Option<String>) -> Result<Self, FarError> {
        let options: PgConnectOptions = url.parse()?;
        let options = options.application_name("zhengtong").options([
            ("default_transaction_read_only", "on"),
            ("standard_conforming_strings", "on"),
            ("statement_timeout", "85000"),
        ]);
        let options = match password {
            Some(password) => options.password(&password),
            None => options,
        };
        Ok(Self { options })
    }

    /// The line that is to be opened, as the way out knows it; none for a socket of this machine, which is not outside.
    pub(crate) fn line(&self) -> Option<String> {
        if self.options.get_socket().is_some() {
            return None;
        }
        let proved = matches!(self.options.get_ssl_mode(), PgSslMode::VerifyFull);
        let kind = if proved { "tls" } else { "tcp" };
        Some(format!("{kind}://{}:{}", self.options.get_host(), self.options.get_port()))
    }

    /// Asks once, for what is new since a value, and gives the answer as CSV with a head; none where it is larger than
    /// so many bytes.
    pub(crate) async fn ask(
        &self,
        question: &str,
        since: Option<&str>,
        bytes_max: usize,
    ) -> Result<Option<Vec<u8>>, FarError> {
        let since = since.map_or_else(|| "NULL".to_owned(), sql::literal);
        let question = question.trim().replace(SINCE, &since);
        let statement =
            format!("COPY ({question}) TO STDOUT WITH (FORMAT csv, HEADER true, ENCODING 'UTF8')");
        let mut far = self.options.connect().await?;
        let taken = copied(&mut far, &statement, bytes_max).await;
        // What was asked is here; that the line ends badly changes nothing.
        drop(far.close().await);
        taken
    }
}

async fn copied(
    far: &mut PgConnection,
    statement: &str,
    bytes_max: usize,
) -> Result<Option<Vec<u8>>, FarError> {
    let mut bytes = Vec::new();
    let mut answer = far.copy_out_raw(statement).await?;
    while let Some(piece) = answer.try_next().await? {
        if bytes.len() + piece.len() > bytes_max {
            return Ok(None);
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(Some(bytes))
}
