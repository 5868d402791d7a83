//! Channels, parcels, chunks, receipts.

use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Text;

use super::stored;
use crate::error::Result;
use crate::limits::LIMITS;
use crate::model::{Channel, Count, Mode, NewChannel, Parcel, Receipt, Stage};

pub(crate) const DUE: &str = include_str!("../../sql/parcel_due.sql");

const CHANNELS: &str = "SELECT c.id, c.code, c.title_zh, c.title_en, c.mode, c.sender, c.receiver, c.path, c.basis, c.paused,
        s.name_zh AS sender_zh, s.name_en AS sender_en, sm.organisation AS sender_organisation,
        r.name_zh AS receiver_zh, r.name_en AS receiver_en, rm.organisation AS receiver_organisation
    FROM exchange.channel c
    JOIN exchange.system s ON s.id = c.sender JOIN exchange.member sm ON sm.id = s.member
    JOIN exchange.service v ON v.id = c.receiver
    JOIN exchange.system r ON r.id = v.system JOIN exchange.member rm ON rm.id = r.member
    WHERE ($1::text IS NULL OR c.code = $1) AND ($2::uuid IS NULL OR c.id = $2)
    ORDER BY c.title_zh, c.id LIMIT 500";

const PARCELS: &str = "SELECT id, channel, coalesce(seq, 0) AS seq, key, issue, kind, chunks, bytes, digest, rows, sums, state, attempts, due, fault,
        there_rows, there_sums, there_digest, at
    FROM exchange.parcel
    WHERE ($1::uuid IS NULL OR id = $1) AND ($2::uuid IS NULL OR channel = $2) AND ($3::text IS NULL OR key = $3)
      AND ($4::text IS NULL OR state = $4)
    ORDER BY at DESC, id DESC LIMIT $5";

#[derive(FromRow)]
struct ChannelRow {
    id: Uuid,
    code: String,
    title_zh: String,
    title_en: String,
    mode: String,
    sender: Uuid,
    receiver: Uuid,
    path: String,
    basis: String,
    paused: bool,
    sender_zh: String,
    sender_en: String,
    sender_organisation: Option<Uuid>,
    receiver_zh: String,
    receiver_en: String,
    receiver_organisation: Option<Uuid>,
}

impl From<ChannelRow> for Channel {
    fn from(row: ChannelRow) -> Self {
        Self {
            id: row.id,
            code: row.code,
            title: Text::new(row.title_zh, row.title_en),
            mode: Mode::from_word(&row.mode).unwrap_or(Mode::Message),
            sender: row.sender,
            receiver: row.receiver,
            path: row.path,
            basis: row.basis,
            paused: row.paused,
            sender_name: Text::new(row.sender_zh, row.sender_en),
            receiver_name: Text::new(row.receiver_zh, row.receiver_en),
            sender_organisation: row.sender_organisation,
            receiver_organisation: row.receiver_organisation,
        }
    }
}

pub(crate) async fn channels(conn: &mut PgConnection) -> Result<Vec<Channel>> {
    let rows: Vec<ChannelRow> = sqlx::query_as(CHANNELS)
        .bind(None::<String>)
        .bind(None::<Uuid>)
        .fetch_all(conn)
        .await
        .map_err(stored)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(crate) async fn channel(
    conn: &mut PgConnection,
    code: Option<&str>,
    id: Option<Uuid>,
) -> Result<Option<Channel>> {
    let row: Option<ChannelRow> =
        sqlx::query_as(CHANNELS).bind(code).bind(id).fetch_optional(conn).await.map_err(stored)?;
    Ok(row.map(Into::into))
}

pub(crate) async fn insert_channel(
    conn: &mut PgConnection,
    id: Uuid,
    new: &NewChannel,
    now: OffsetDateTime,
) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO exchange.channel (id, code, title_zh, title_en, mode, sender, receiver, path, basis, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (code) DO NOTHING",
    )
    .bind(id)
    .bind(&new.code)
    .bind(&new.title.zh)
    .bind(&new.title.en)
    .bind(new.mode.word())
    .bind(new.sender)
    .bind(new.receiver)
    .bind(&new.path)
    .bind(&new.basis)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn set_paused(conn: &mut PgConnection, id: Uuid, paused: bool) -> Result<()> {
    sqlx::query("UPDATE exchange.channel SET paused = $2 WHERE id = $1")
        .bind(id)
        .bind(paused)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

#[derive(FromRow)]
struct ParcelRow {
    id: Uuid,
    channel: Uuid,
    seq: i64,
    key: String,
    issue: Option<String>,
    kind: String,
    chunks: i32,
    bytes: i64,
    digest: String,
    rows: Option<i64>,
    sums: Option<Value>,
    state: String,
    attempts: i32,
    due: OffsetDateTime,
    fault: Option<String>,
    there_rows: Option<i64>,
    there_sums: Option<Value>,
    there_digest: Option<String>,
    at: OffsetDateTime,
}

impl From<ParcelRow> for Parcel {
    fn from(row: ParcelRow) -> Self {
        Self {
            id: row.id,
            channel: row.channel,
            seq: row.seq,
            key: row.key,
            issue: row.issue,
            kind: row.kind,
            chunks: row.chunks,
            bytes: row.bytes,
            stage: Stage::from_word(&row.state).unwrap_or(Stage::Dead),
            attempts: row.attempts,
            due: row.due,
            fault: row.fault,
            here: Count { rows: row.rows, sums: row.sums, digest: Some(row.digest) },
            there: Count { rows: row.there_rows, sums: row.there_sums, digest: row.there_digest },
            at: row.at,
        }
    }
}

/// Which parcels are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted<'a> {
    pub(crate) id: Option<Uuid>,
    pub(crate) channel: Option<Uuid>,
    pub(crate) key: Option<&'a str>,
    pub(crate) stage: Option<Stage>,
}

pub(crate) async fn parcels(conn: &mut PgConnection, wanted: Wanted<'_>) -> Result<Vec<Parcel>> {
    let rows: Vec<ParcelRow> = sqlx::query_as(PARCELS)
        .bind(wanted.id)
        .bind(wanted.channel)
        .bind(wanted.key)
        .bind(wanted.stage.map(Stage::word))
        .bind(LIMITS.rows)
        .fetch_all(conn)
        .await
        .map_err(stored)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(crate) async fn insert_parcel(conn: &mut PgConnection, parcel: &Parcel) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO exchange.parcel
             (id, channel, key, issue, kind, chunks, bytes, digest, rows, sums, state, due, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'filling', $11, $11)
         ON CONFLICT (channel, key) DO NOTHING",
    )
    .bind(parcel.id)
    .bind(parcel.channel)
    .bind(&parcel.key)
    .bind(&parcel.issue)
    .bind(&parcel.kind)
    .bind(parcel.chunks)
    .bind(parcel.bytes)
    .bind(parcel.here.digest.as_deref().unwrap_or_default())
    .bind(parcel.here.rows)
    .bind(&parcel.here.sums)
    .bind(parcel.at)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(done.rows_affected() == 1)
}

/// The parcel is whole: it gets its number and lies ready.
pub(crate) async fn seal_parcel(
    conn: &mut PgConnection,
    (id, channel): (Uuid, Uuid),
    bytes: i64,
    now: OffsetDateTime,
) -> Result<()> {
    let seq: i64 = sqlx::query_scalar(
        "UPDATE exchange.channel SET next = next + 1 WHERE id = $1 RETURNING next - 1",
    )
    .bind(channel)
    .fetch_one(&mut *conn)
    .await
    .map_err(stored)?;
    sqlx::query(
        "UPDATE exchange.parcel SET state = 'sent', seq = $2, bytes = $3, due = $4 WHERE id = $1",
    )
    .bind(id)
    .bind(seq)
    .bind(bytes)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// The parcel by its identifier, held until this transaction ends.
pub(crate) async fn hold(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query("SELECT 1 FROM exchange.parcel WHERE id = $1 FOR UPDATE")
        .bind(id)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

pub(crate) async fn put_chunk(
    conn: &mut PgConnection,
    (parcel, no): (Uuid, i32),
    bytes: i64,
    digest: &str,
    sealed: &[u8],
) -> Result<()> {
    sqlx::query(
        "INSERT INTO exchange.chunk (parcel, no, bytes, digest, sealed) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (parcel, no) DO UPDATE SET bytes = $3, digest = $4, sealed = $5",
    )
    .bind(parcel)
    .bind(no)
    .bind(bytes)
    .bind(digest)
    .bind(sealed)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// A chunk without its content.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Chunk {
    pub(crate) no: i32,
    pub(crate) bytes: i64,
    pub(crate) digest: String,
    pub(crate) delivered: Option<OffsetDateTime>,
}

pub(crate) async fn chunks(conn: &mut PgConnection, parcel: Uuid) -> Result<Vec<Chunk>> {
    sqlx::query_as(
        "SELECT no, bytes, digest, delivered FROM exchange.chunk WHERE parcel = $1 ORDER BY no LIMIT $2",
    )
    .bind(parcel)
    .bind(i64::from(LIMITS.chunks))
    .fetch_all(conn)
    .await
    .map_err(stored)
}

pub(crate) async fn content(
    conn: &mut PgConnection,
    (parcel, no): (Uuid, i32),
) -> Result<Option<Vec<u8>>> {
    let found: Option<Option<Vec<u8>>> =
        sqlx::query_scalar("SELECT sealed FROM exchange.chunk WHERE parcel = $1 AND no = $2")
            .bind(parcel)
            .bind(no)
            .fetch_optional(conn)
            .await
            .map_err(stored)?;
    Ok(found.flatten())
}

pub(crate) async fn delivered(
    conn: &mut PgConnection,
    (parcel, no): (Uuid, i32),
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query("UPDATE exchange.chunk SET delivered = $3 WHERE parcel = $1 AND no = $2")
        .bind(parcel)
        .bind(no)
        .bind(now)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

/// Takes the next parcel of a channel for a while; none when there is nothing to carry now.
pub(crate) async fn take(
    conn: &mut PgConnection,
    channel: Uuid,
    now: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<Option<Uuid>> {
    let found: Option<Uuid> = sqlx::query_scalar(DUE)
        .bind(channel)
        .bind(now)
        .fetch_optional(&mut *conn)
        .await
        .map_err(stored)?;
    let Some(id) = found else { return Ok(None) };
    sqlx::query("UPDATE exchange.parcel SET attempts = attempts + 1, due = $2 WHERE id = $1")
        .bind(id)
        .bind(until)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(Some(id))
}

/// Channels in which something lies whose time has come.
pub(crate) async fn waiting(conn: &mut PgConnection, now: OffsetDateTime) -> Result<Vec<Uuid>> {
    sqlx::query_scalar(
        "SELECT DISTINCT p.channel FROM exchange.parcel p JOIN exchange.channel c ON c.id = p.channel
         WHERE p.state = 'sent' AND p.due <= $1 AND NOT c.paused LIMIT 500",
    )
    .bind(now)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

pub(crate) async fn set_stage(
    conn: &mut PgConnection,
    id: Uuid,
    stage: Stage,
    (due, fault): (OffsetDateTime, Option<&str>),
) -> Result<()> {
    sqlx::query("UPDATE exchange.parcel SET state = $2, due = $3, fault = $4 WHERE id = $1")
        .bind(id)
        .bind(stage.word())
        .bind(due)
        .bind(fault)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

pub(crate) async fn set_there(conn: &mut PgConnection, id: Uuid, there: &Count) -> Result<()> {
    sqlx::query(
        "UPDATE exchange.parcel SET there_rows = coalesce($2, there_rows), there_sums = coalesce($3, there_sums),
             there_digest = coalesce($4, there_digest) WHERE id = $1",
    )
    .bind(id)
    .bind(there.rows)
    .bind(&there.sums)
    .bind(&there.digest)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Lays a parcel ready again; with `whole`, all of it is carried again, else only what has not arrived.
pub(crate) async fn again(
    conn: &mut PgConnection,
    id: Uuid,
    now: OffsetDateTime,
    whole: bool,
) -> Result<()> {
    if whole {
        sqlx::query("UPDATE exchange.chunk SET delivered = NULL WHERE parcel = $1")
            .bind(id)
            .execute(&mut *conn)
            .await
            .map_err(stored)?;
    }
    sqlx::query(
        "UPDATE exchange.parcel SET state = 'sent', attempts = 0, due = $2, fault = NULL WHERE id = $1",
    )
    .bind(id)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

pub(crate) async fn between(
    conn: &mut PgConnection,
    channel: Uuid,
    (from, to): (i64, i64),
) -> Result<Vec<Uuid>> {
    sqlx::query_scalar(
        "SELECT id FROM exchange.parcel WHERE channel = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq LIMIT 1000",
    )
    .bind(channel)
    .bind(from)
    .bind(to)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

pub(crate) async fn insert_receipt(
    conn: &mut PgConnection,
    parcel: Uuid,
    receipt: &Receipt,
    digest: &str,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO exchange.receipt (parcel, stage, at, digest, entry) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (parcel, stage) DO NOTHING",
    )
    .bind(parcel)
    .bind(receipt.stage.word())
    .bind(receipt.at)
    .bind(digest)
    .bind(receipt.entry)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

pub(crate) async fn receipts(conn: &mut PgConnection, parcel: Uuid) -> Result<Vec<Receipt>> {
    let rows: Vec<(String, OffsetDateTime, i64)> = sqlx::query_as(
        "SELECT stage, at, entry FROM exchange.receipt WHERE parcel = $1 ORDER BY at, entry",
    )
    .bind(parcel)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    let receipts = rows.into_iter().filter_map(|(stage, at, entry)| {
        Some(Receipt { stage: Stage::from_word(&stage)?, at, entry })
    });
    Ok(receipts.collect())
}
