//! The rows of shared data. Only this file and its parts name sqlx.

mod granted;
mod objection;
mod request;

pub(crate) use granted::*;
pub(crate) use objection::*;
pub(crate) use request::*;

use sqlx::PgConnection;
use time::OffsetDateTime;
use zhengtong_db::{Ctx, Keyring};

use crate::error::Result;
use crate::model::{Step, StepKind};

/// The field of what people wrote, and of the keys of records.
pub(crate) const WORDS: &str = "sharing.words";
/// The field of the codes by which people find what is about them.
pub(crate) const SUBJECT: &str = "sharing.subject";

fn stored(error: sqlx::Error) -> crate::error::Error {
    zhengtong_db::Error::from(error).into()
}

pub(crate) fn hide(ring: &Keyring, place: &str, plain: &str) -> Result<String> {
    Ok(ring.seal_text(WORDS, place, plain).map_err(zhengtong_db::Error::from)?)
}

pub(crate) fn open(ring: &Keyring, place: &str, stored: String) -> Result<String> {
    Ok(ring.read_text(WORDS, place, stored).map_err(zhengtong_db::Error::from)?)
}

/// The code of a number: equal numbers have equal codes, and nobody reads a number from a code.
pub(crate) fn subject(ring: &Keyring, number: &str) -> Result<Vec<u8>> {
    Ok(ring.index(SUBJECT, number).map_err(zhengtong_db::Error::from)?.to_vec())
}

/// Appends a step. What it belongs to must be locked or new.
pub(crate) async fn add_step(
    ctx: &mut Ctx,
    matter: &str,
    kind: StepKind,
    (actor, words): (&str, &str),
) -> Result<()> {
    let seq: i32 =
        sqlx::query_scalar("SELECT coalesce(max(seq), 0) + 1 FROM sharing.step WHERE matter = $1")
            .bind(matter)
            .fetch_one(ctx.conn())
            .await
            .map_err(stored)?;
    let words = hide(&*ctx.keyring()?, &format!("{matter}/{seq}"), words)?;
    let at = ctx.now;
    sqlx::query(
        "INSERT INTO sharing.step (matter, seq, kind, at, actor, words) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(matter)
    .bind(seq)
    .bind(kind.word())
    .bind(at)
    .bind(actor)
    .bind(words)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(())
}

type StepRow = (i32, String, OffsetDateTime, String, String);

/// All steps of a request or an objection.
pub(crate) async fn steps(ctx: &mut Ctx, matter: &str) -> Result<Vec<Step>> {
    let rows: Vec<StepRow> = sqlx::query_as(
        "SELECT seq, kind, at, actor, words FROM sharing.step WHERE matter = $1 ORDER BY seq LIMIT 200",
    )
    .bind(matter)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    let ring = ctx.keyring()?;
    rows.into_iter()
        .filter_map(|(seq, kind, at, actor, words)| {
            let kind = StepKind::parse(&kind)?;
            let opened = open(&ring, &format!("{matter}/{seq}"), words);
            Some(opened.map(|words| Step { kind, at, actor, words }))
        })
        .collect()
}

/// One count.
async fn count(
    conn: &mut PgConnection,
    statement: &'static str,
    unit: Option<uuid::Uuid>,
    today: time::Date,
) -> Result<i64> {
    sqlx::query_scalar(statement).bind(unit).bind(today).fetch_one(conn).await.map_err(stored)
}
