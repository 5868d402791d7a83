//! What a running database says of its own safety: for the doctor, the pages of administrators and alarms.

use serde::Serialize;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Settings and states on which durability rests.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the server by its own name")]
pub struct Facts {
    /// The version of the server.
    pub version: String,
    /// Whether commits are forced to the disk.
    pub fsync: bool,
    /// Whether a page is whole after a power cut.
    pub full_page_writes: bool,
    /// Whether pages carry checksums.
    pub checksums: bool,
    /// Pages that were found damaged since the statistics were reset.
    pub checksum_failures: i64,
    /// Which standbys commits wait for.
    pub synchronous_standby_names: String,
    /// Whether WAL is archived.
    pub archive_mode: String,
    /// WAL files that could not be archived since the statistics were reset.
    pub archive_failures: i64,
    /// The clock of the database.
    pub clock: OffsetDateTime,
    /// Whether it follows another.
    pub in_recovery: bool,
    /// Bytes of the database.
    pub bytes: i64,
}

impl Facts {
    /// Asks the database.
    pub async fn read(conn: &mut PgConnection) -> crate::Result<Self> {
        Ok(sqlx::query_as(include_str!("../../sql/facts.sql")).fetch_one(conn).await?)
    }

    /// Opens a connection of its own and asks.
    pub async fn of(url: &str) -> crate::Result<Self> {
        use sqlx::Connection as _;
        let mut conn = PgConnection::connect(url).await?;
        let facts = Self::read(&mut conn).await?;
        conn.close().await?;
        Ok(facts)
    }
}
