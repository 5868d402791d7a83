//! The ledger of a stopped clock: suspensions and extensions, who ordered them, how the applicant was told.

use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_db::Ctx;

use super::record::stop_place;
use super::stored;
use crate::error::Result;
use crate::sealed::{self, WORDS};

/// A suspension that is ordered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewStop<'a> {
    pub(crate) kind: &'a str,
    pub(crate) reason: &'a str,
    pub(crate) ordered_by: &'a str,
    pub(crate) notice: Option<&'a str>,
    pub(crate) clocks: &'a [String],
    pub(crate) today: Date,
    pub(crate) at: OffsetDateTime,
    pub(crate) told_days: u32,
    pub(crate) told_until: Date,
}

pub(crate) async fn add_stop(ctx: &mut Ctx, no: &str, stop: &NewStop<'_>) -> Result<()> {
    let place = stop_place(no, stop.kind, stop.today);
    let reason = sealed::hide(&*ctx.keyring()?, WORDS, &place, stop.reason)?;
    sqlx::query(
        r#"INSERT INTO casework.suspension ("case", seq, kind, reason, ordered_by, from_day, clocks, from_at,
             told_days, notice, told_until)
           SELECT $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10
           FROM casework.suspension WHERE "case" = $1"#,
    )
    .bind(no)
    .bind(stop.kind)
    .bind(reason)
    .bind(stop.ordered_by)
    .bind(stop.today)
    .bind(stop.clocks)
    .bind(stop.at)
    .bind(i32::try_from(stop.told_days).unwrap_or(i32::MAX))
    .bind(stop.notice)
    .bind(stop.told_until)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(())
}

/// Ends the open suspension; false when there is none.
pub(crate) async fn end_stop(
    conn: &mut PgConnection,
    no: &str,
    today: Date,
    at: OffsetDateTime,
) -> Result<bool> {
    let ended = sqlx::query(
        r#"UPDATE casework.suspension SET to_day = $2, to_at = $3
           WHERE "case" = $1 AND to_day IS NULL AND from_at <= $3"#,
    )
    .bind(no)
    .bind(today)
    .bind(at)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(ended.rows_affected() == 1)
}

/// A suspension with its words.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct KeptStop {
    pub(crate) kind: String,
    pub(crate) reason: String,
    pub(crate) ordered_by: String,
    pub(crate) notice: Option<String>,
    pub(crate) clocks: Vec<String>,
    pub(crate) from_day: Date,
    pub(crate) from_at: OffsetDateTime,
    pub(crate) to_at: Option<OffsetDateTime>,
    pub(crate) told_days: i32,
    pub(crate) told_until: Option<Date>,
}

pub(crate) async fn stops(ctx: &mut Ctx, no: &str) -> Result<Vec<KeptStop>> {
    let mut rows: Vec<KeptStop> = sqlx::query_as(
        r#"SELECT kind, reason, ordered_by, notice, clocks, from_day, from_at, to_at, told_days, told_until
           FROM casework.suspension WHERE "case" = $1 ORDER BY seq LIMIT 200"#,
    )
    .bind(no)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    let ring = ctx.keyring()?;
    for row in &mut rows {
        let place = stop_place(no, &row.kind, row.from_day);
        row.reason = sealed::read(&ring, WORDS, &place, std::mem::take(&mut row.reason))?;
    }
    Ok(rows)
}

/// More time that is given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewExtension<'a> {
    pub(crate) clock: Uuid,
    pub(crate) amount: u32,
    pub(crate) reason: &'a str,
    pub(crate) ordered_by: &'a str,
    pub(crate) notice: Option<&'a str>,
    pub(crate) at: OffsetDateTime,
}

pub(crate) async fn add_extension(
    ctx: &mut Ctx,
    no: &str,
    extension: &NewExtension<'_>,
) -> Result<()> {
    let place = extension_place(no, extension.clock, extension.at);
    let reason = sealed::hide(&*ctx.keyring()?, WORDS, &place, extension.reason)?;
    sqlx::query(
        r#"INSERT INTO casework.extension ("case", seq, clock, amount, reason, ordered_by, notice, at)
           SELECT $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5, $6, $7
           FROM casework.extension WHERE "case" = $1"#,
    )
    .bind(no)
    .bind(extension.clock)
    .bind(i32::try_from(extension.amount).unwrap_or(i32::MAX))
    .bind(reason)
    .bind(extension.ordered_by)
    .bind(extension.notice)
    .bind(extension.at)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(())
}

/// An extension with its words, and the name of its clock.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct KeptExtension {
    pub(crate) clock: Uuid,
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(crate) amount: i32,
    pub(crate) reason: String,
    pub(crate) ordered_by: String,
    pub(crate) notice: Option<String>,
    pub(crate) at: OffsetDateTime,
}

pub(crate) async fn extensions(ctx: &mut Ctx, no: &str) -> Result<Vec<KeptExtension>> {
    let mut rows: Vec<KeptExtension> = sqlx::query_as(
        r#"SELECT e.clock, c.name, c.unit, e.amount, e.reason, e.ordered_by, e.notice, e.at
           FROM casework.extension e JOIN casework.clock c ON c.id = e.clock
           WHERE e."case" = $1 ORDER BY e.seq LIMIT 200"#,
    )
    .bind(no)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    let ring = ctx.keyring()?;
    for row in &mut rows {
        let place = extension_place(no, row.clock, row.at);
        row.reason = sealed::read(&ring, WORDS, &place, std::mem::take(&mut row.reason))?;
    }
    Ok(rows)
}

/// Where the words of an extension stand: they open only there.
pub(super) fn extension_place(no: &str, clock: Uuid, at: OffsetDateTime) -> String {
    format!("{no}/extension/{clock}/{}", at.unix_timestamp_nanos().div_euclid(1_000))
}
