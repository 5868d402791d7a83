//! Another PostgreSQL, or one that speaks like it.

use futures_util::TryStreamExt as _;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};
use zhengtong_db::sql;

use super::FarError;
use crate::feeds::SINCE;

/// How to reach it.
pub(crate) struct Postgres(PgConnectOptions);

impl Postgres {
    pub(super) fn of(url: &str, password: Option<String>) -> Result<Self, FarError> {
        let options: PgConnectOptions = url.parse()?;
        let options = options.application_name("zhengtong").options([
            ("default_transaction_read_only", "on"),
            ("standard_conforming_strings", "on"),
            ("statement_timeout", "85000"),
        ]);
        Ok(Self(match password {
            Some(password) => options.password(&password),
            None => options,
        }))
    }

    pub(super) fn line(&self) -> Option<String> {
        if self.0.get_socket().is_some() {
            return None;
        }
        let proved = matches!(self.0.get_ssl_mode(), PgSslMode::VerifyFull);
        Some(super::line(proved, self.0.get_host(), self.0.get_port()))
    }

    pub(super) async fn ask(
        &self,
        question: &str,
        since: Option<&str>,
        bytes_max: usize,
    ) -> Result<Option<Vec<u8>>, FarError> {
        let since = since.map_or_else(|| "NULL".to_owned(), sql::literal);
        let question = question.trim().replace(SINCE, &since);
        let statement =
            format!("COPY ({question}) TO STDOUT WITH (FORMAT csv, HEADER true, ENCODING 'UTF8')");
        let mut far = self.0.connect().await?;
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
