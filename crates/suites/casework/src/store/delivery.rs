//! The rows of deliveries: how a decision was sent, and how it arrived.

use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use zhengtong_db::Ctx;

use super::stored;
use crate::delivery::Delivery;
use crate::error::{Error, Result};
use crate::part::Way;
use crate::voucher::{hide, show};

/// A sending to be noted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewDelivery<'a> {
    pub(crate) way: Way,
    pub(crate) words: &'a str,
    pub(crate) at: OffsetDateTime,
    pub(crate) by: &'a str,
    pub(crate) counts_on: Option<Date>,
}

/// An arrival to be noted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Served<'a> {
    pub(crate) on: Date,
    pub(crate) proof: &'a str,
    pub(crate) by: &'a str,
    pub(crate) at: OffsetDateTime,
}

#[derive(FromRow)]
struct Row {
    seq: i32,
    way: String,
    words: String,
    sent_at: OffsetDateTime,
    sent_by: String,
    counts_on: Option<Date>,
    served_on: Option<Date>,
    proof: Option<String>,
    served_by: Option<String>,
}

/// Where the words of a delivery stand: they open only there.
fn place(no: &str, seq: i32, what: &str) -> String {
    format!("{no}/delivery/{seq}/{what}")
}

/// Notes a sending; gives its place. The case must be locked.
pub(crate) async fn add_delivery(ctx: &mut Ctx, no: &str, new: &NewDelivery<'_>) -> Result<i32> {
    let seq: i32 = sqlx::query_scalar(
        r#"SELECT coalesce(max(seq), 0) + 1 FROM casework.delivery WHERE "case" = $1"#,
    )
    .bind(no)
    .fetch_one(ctx.conn())
    .await
    .map_err(stored)?;
    let words = hide(ctx, &place(no, seq, "words"), new.words)?;
    sqlx::query(
        r#"INSERT INTO casework.delivery ("case", seq, way, words, sent_at, sent_by, counts_on)
           VALUES ($1, $2, $3, $4, $5, $6, $7)"#,
    )
    .bind(no)
    .bind(seq)
    .bind(new.way.word())
    .bind(words)
    .bind(new.at)
    .bind(new.by)
    .bind(new.counts_on)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(seq)
}

/// Notes an arrival, once.
pub(crate) async fn set_served(
    ctx: &mut Ctx,
    no: &str,
    seq: i32,
    served: &Served<'_>,
) -> Result<()> {
    let proof = hide(ctx, &place(no, seq, "proof"), served.proof)?;
    sqlx::query(
        r#"UPDATE casework.delivery SET served_on = $3, proof = $4, served_by = $5, recorded_at = $6
           WHERE "case" = $1 AND seq = $2 AND served_on IS NULL"#,
    )
    .bind(no)
    .bind(seq)
    .bind(served.on)
    .bind(proof)
    .bind(served.by)
    .bind(served.at)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(())
}

/// The sendings of a case, oldest first.
pub(crate) async fn deliveries(ctx: &mut Ctx, no: &str) -> Result<Vec<Delivery>> {
    let rows: Vec<Row> = sqlx::query_as(
        r#"SELECT seq, way, words, sent_at, sent_by, counts_on, served_on, proof, served_by
           FROM casework.delivery WHERE "case" = $1 ORDER BY seq LIMIT 100"#,
    )
    .bind(no)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    rows.into_iter().map(|row| read(ctx, no, row)).collect()
}

fn read(ctx: &Ctx, no: &str, row: Row) -> Result<Delivery> {
    let broken = || Error::Definition(format!("delivery {no}/{} is broken", row.seq));
    let proof = row.proof.clone();
    Ok(Delivery {
        seq: row.seq,
        way: Way::parse(&row.way).ok_or_else(broken)?,
        words: show(ctx, &place(no, row.seq, "words"), row.words)?,
        sent_at: row.sent_at,
        sent_by: row.sent_by,
        counts_on: row.counts_on,
        served_on: row.served_on,
        proof: proof.map(|proof| show(ctx, &place(no, row.seq, "proof"), proof)).transpose()?,
        served_by: row.served_by,
    })
}

/// Whether a decision has arrived.
pub(crate) async fn is_served(conn: &mut PgConnection, no: &str) -> Result<bool> {
    sqlx::query_scalar(
        r#"SELECT EXISTS (SELECT FROM casework.delivery WHERE "case" = $1 AND served_on IS NOT NULL)"#,
    )
    .bind(no)
    .fetch_one(conn)
    .await
    .map_err(stored)
}

/// Whether something of a kind has happened to a case.
pub(crate) async fn has_event(conn: &mut PgConnection, no: &str, kind: &str) -> Result<bool> {
    sqlx::query_scalar(
        r#"SELECT EXISTS (SELECT FROM casework.event WHERE "case" = $1 AND kind = $2)"#,
    )
    .bind(no)
    .bind(kind)
    .fetch_one(conn)
    .await
    .map_err(stored)
}

/// An announcement whose days are over.
pub(crate) async fn announced(
    conn: &mut PgConnection,
    today: Date,
) -> Result<Option<(String, i32)>> {
    sqlx::query_as(
        r#"SELECT "case", seq FROM casework.delivery
           WHERE counts_on <= $1 AND served_on IS NULL ORDER BY counts_on LIMIT 1"#,
    )
    .bind(today)
    .fetch_optional(conn)
    .await
    .map_err(stored)
}

/// Seals the words of the deliveries of a case again.
pub(crate) async fn reseal_deliveries(ctx: &mut Ctx, no: &str) -> Result<()> {
    for delivery in deliveries(ctx, no).await? {
        let words = hide(ctx, &place(no, delivery.seq, "words"), &delivery.words)?;
        let proof = delivery.proof.as_deref();
        let proof =
            proof.map(|proof| hide(ctx, &place(no, delivery.seq, "proof"), proof)).transpose()?;
        sqlx::query(
            r#"UPDATE casework.delivery SET words = $3, proof = $4 WHERE "case" = $1 AND seq = $2"#,
        )
        .bind(no)
        .bind(delivery.seq)
        .bind(words)
        .bind(proof)
        .execute(ctx.conn())
        .await
        .map_err(stored)?;
    }
    Ok(())
}
