//! A MySQL or a MariaDB.

use futures_util::TryStreamExt as _;
use sqlx::mysql::{MySqlConnectOptions, MySqlRow, MySqlSslMode};
use sqlx::{
    Column as _, ConnectOptions as _, Connection as _, MySqlConnection, Row as _, TypeInfo as _,
    ValueRef as _,
};
use zhengtong_crypto::to_hex;
use zhengtong_db::sql;
use zhengtong_tabular::{Cell, csv_line};

use super::FarError;
use crate::feeds::SINCE;

/// How to reach it.
pub(crate) struct Mysql(MySqlConnectOptions);

impl Mysql {
    pub(super) fn of(url: &str, password: Option<String>) -> Result<Self, FarError> {
        let options: MySqlConnectOptions = url.parse()?;
        // A moment is told in China's civil time, as everything that comes without a zone is read.
        let options = options.timezone(Some("+08:00".to_owned())).statement_cache_capacity(0);
        Ok(Self(match password {
            Some(password) => options.password(&password),
            None => options,
        }))
    }

    pub(super) fn line(&self) -> Option<String> {
        if self.0.get_socket().is_some() {
            return None;
        }
        let proved = matches!(self.0.get_ssl_mode(), MySqlSslMode::VerifyIdentity);
        Some(super::line(proved, self.0.get_host(), self.0.get_port()))
    }

    pub(super) async fn ask(
        &self,
        question: &str,
        since: Option<&str>,
        bytes_max: usize,
    ) -> Result<Option<Vec<u8>>, FarError> {
        let question = question.trim().replace(SINCE, &literal(since));
        let mut far = self.0.connect().await?;
        let taken = answered(&mut far, question, bytes_max).await;
        // What was asked is here; that the line ends badly changes nothing.
        drop(far.close().await);
        taken
    }
}

/// A value as a word of its statements. In hexadecimal: whether a backslash means something is a setting over there.
fn literal(since: Option<&str>) -> String {
    let hex = |since: &str| format!("_utf8mb4 x'{}'", to_hex(since.as_bytes()));
    since.map_or_else(|| "NULL".to_owned(), hex)
}

async fn answered(
    far: &mut MySqlConnection,
    question: String,
    bytes_max: usize,
) -> Result<Option<Vec<u8>>, FarError> {
    let version: String = sqlx::query_scalar("SELECT version()").fetch_one(&mut *far).await?;
    let limit = if version.contains("MariaDB") {
        "SET SESSION max_statement_time = 85"
    } else {
        "SET SESSION max_execution_time = 85000"
    };
    sqlx::raw_sql(limit).execute(&mut *far).await?;
    sqlx::raw_sql("START TRANSACTION READ ONLY").execute(&mut *far).await?;
    let mut bytes = Vec::new();
    let mut rows = sqlx::raw_sql(sql::trusted(question)).fetch(far);
    while let Some(row) = rows.try_next().await? {
        if bytes.is_empty() {
            let names = row.columns().iter().map(|column| Cell::Text(column.name().to_owned()));
            bytes.extend_from_slice(csv_line(&names.collect::<Vec<_>>()).as_bytes());
        }
        let line = csv_line(&cells(&row)?);
        if bytes.len() + line.len() > bytes_max {
            return Ok(None);
        }
        bytes.extend_from_slice(line.as_bytes());
    }
    Ok(Some(bytes))
}

/// A row as it stands in the answer. Asked without a prepared statement, the server tells every value as text.
fn cells(row: &MySqlRow) -> Result<Vec<Cell>, FarError> {
    let cell = |column: &sqlx::mysql::MySqlColumn| {
        let place = column.ordinal();
        let value = row.try_get_raw(place)?;
        if value.is_null() {
            return Ok(Cell::Empty);
        }
        let bytes: Vec<u8> = row.try_get_unchecked(place)?;
        if value.type_info().name() == "BIT" {
            let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            return Ok(Cell::Text(number.to_string()));
        }
        let text = String::from_utf8(bytes).map_err(|_bytes| no_text(column.name()))?;
        Ok(Cell::Text(text))
    };
    row.columns().iter().map(cell).collect()
}

fn no_text(column: &str) -> FarError {
    let said = format!(
        "{column} 是二进制，不是文字：在 query 里用 HEX() 或 ST_AsText() / {column} is binary: use HEX() or ST_AsText() in query"
    );
    FarError::Decode(said.into())
}
