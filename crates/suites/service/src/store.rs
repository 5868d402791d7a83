//! The rows of searches without a hit and of letters without a login. The only file of this suite that names sqlx.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};

use crate::error::Result;

pub(crate) const MISS: &str = include_str!("../sql/miss.sql");

fn stored(error: sqlx::Error) -> crate::error::Error {
    zhengtong_db::Error::from(error).into()
}

pub(crate) async fn miss(conn: &mut PgConnection, day: Date, query: &str) -> Result<()> {
    sqlx::query(MISS).bind(day).bind(query).execute(conn).await.map_err(stored)?;
    Ok(())
}

/// What is kept of a letter without a login.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) case: String,
    pub(crate) item: String,
    pub(crate) digest: String,
    pub(crate) way: String,
    pub(crate) address: String,
}

/// The same as it is found.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Found {
    pub(crate) item: String,
    pub(crate) digest: String,
    pub(crate) way: String,
    pub(crate) address: String,
    pub(crate) told: bool,
}

pub(crate) async fn keep_unsigned(
    conn: &mut PgConnection,
    kept: &Kept,
    at: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO service.unsigned (\"case\", item, digest, way, address, at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&kept.case)
    .bind(&kept.item)
    .bind(&kept.digest)
    .bind(&kept.way)
    .bind(&kept.address)
    .bind(at)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

pub(crate) async fn unsigned(conn: &mut PgConnection, case: &str) -> Result<Option<Found>> {
    sqlx::query_as(
        "SELECT item, digest, way, address, told_at IS NOT NULL AS told
         FROM service.unsigned WHERE \"case\" = $1",
    )
    .bind(case)
    .fetch_optional(conn)
    .await
    .map_err(stored)
}

pub(crate) async fn unsigned_since(conn: &mut PgConnection, since: OffsetDateTime) -> Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM service.unsigned WHERE at > $1")
        .bind(since)
        .fetch_one(conn)
        .await
        .map_err(stored)
}

pub(crate) async fn told(conn: &mut PgConnection, case: &str, at: OffsetDateTime) -> Result<()> {
    sqlx::query("UPDATE service.unsigned SET told_at = $2 WHERE \"case\" = $1")
        .bind(case)
        .bind(at)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}
