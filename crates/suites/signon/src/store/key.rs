//! Keys that sign.

use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use time::OffsetDateTime;

use super::word;
use crate::error::Result;
use crate::model::Alg;

/// A key as it is stored.
#[derive(Debug)]
pub(crate) struct KeyRow {
    pub(crate) kid: String,
    pub(crate) alg: Alg,
    pub(crate) public: Value,
    pub(crate) sealed: Vec<u8>,
    pub(crate) created: OffsetDateTime,
    pub(crate) signs_from: OffsetDateTime,
    pub(crate) published_until: Option<OffsetDateTime>,
}

fn key_of(row: &PgRow) -> Result<KeyRow> {
    let alg: String = row.try_get("alg")?;
    Ok(KeyRow {
        kid: row.try_get("kid")?,
        alg: word(&alg, Alg::from_word)?,
        public: row.try_get("public")?,
        sealed: row.try_get("sealed")?,
        created: row.try_get("created")?,
        signs_from: row.try_get("signs_from")?,
        published_until: row.try_get("published_until")?,
    })
}

/// All keys that are published at a moment, the newest first.
pub(crate) async fn published(conn: &mut PgConnection, now: OffsetDateTime) -> Result<Vec<KeyRow>> {
    let rows = sqlx::query(
        "SELECT kid, alg, public, sealed, created, signs_from, published_until FROM signon.signing_key
         WHERE published_until IS NULL OR published_until > $1
         ORDER BY signs_from DESC, kid LIMIT 20",
    )
    .bind(now)
    .fetch_all(conn)
    .await?;
    rows.iter().map(key_of).collect()
}

/// Nobody else makes a key until the end of this transaction.
pub(crate) async fn lock(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("LOCK TABLE signon.signing_key IN SHARE ROW EXCLUSIVE MODE").execute(conn).await?;
    Ok(())
}

pub(crate) async fn insert(conn: &mut PgConnection, key: &KeyRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO signon.signing_key (kid, alg, public, sealed, created, signs_from)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&key.kid)
    .bind(key.alg.word())
    .bind(&key.public)
    .bind(&key.sealed)
    .bind(key.created)
    .bind(key.signs_from)
    .execute(conn)
    .await?;
    Ok(())
}

/// The other keys of an algorithm leave at a moment, those that leave already as they would.
pub(crate) async fn retire(
    conn: &mut PgConnection,
    alg: Alg,
    but: &str,
    until: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "UPDATE signon.signing_key SET published_until = $3
         WHERE alg = $1 AND kid <> $2 AND published_until IS NULL",
    )
    .bind(alg.word())
    .bind(but)
    .bind(until)
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn set_sealed(conn: &mut PgConnection, kid: &str, sealed: &[u8]) -> Result<()> {
    sqlx::query("UPDATE signon.signing_key SET sealed = $2 WHERE kid = $1")
        .bind(kid)
        .bind(sealed)
        .execute(conn)
        .await?;
    Ok(())
}
