//! The words of a case sealed again: under newer keys, or for the first time.

use serde_json::Value;
use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_db::Ctx;

use super::record::{event_place, material_place, note_place, stop_place};
use super::stop::extension_place;
use super::stored;
use crate::error::Result;
use crate::sealed::{self, NAME, WORDS};

/// The next cases whose applicant still stands plain; each is locked.
pub(crate) async fn plain_cases(
    conn: &mut PgConnection,
    rows_max: i64,
) -> Result<Vec<(String, Value)>> {
    sqlx::query_as(
        r#"SELECT no, answers FROM casework."case"
           WHERE person_name <> '' AND person_name NOT LIKE 'sealed:5a01%'
           ORDER BY no LIMIT $1 FOR UPDATE"#,
    )
    .bind(rows_max)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// Seals the name, the shown answers and all words of a case under the newest keys. The case must be locked.
pub(crate) async fn reseal_words(ctx: &mut Ctx, no: &str) -> Result<()> {
    let ring = ctx.keyring()?;
    let (name, facts): (String, Value) =
        sqlx::query_as(r#"SELECT person_name, facts FROM casework."case" WHERE no = $1"#)
            .bind(no)
            .fetch_one(ctx.conn())
            .await
            .map_err(stored)?;
    let name = sealed::hide(&ring, NAME, no, &sealed::read(&ring, NAME, no, name)?)?;
    let facts = sealed::hide_facts(&ring, no, &sealed::read_facts(&ring, no, facts)?)?;
    sqlx::query(r#"UPDATE casework."case" SET person_name = $2, facts = $3 WHERE no = $1"#)
        .bind(no)
        .bind(name)
        .bind(facts)
        .execute(ctx.conn())
        .await
        .map_err(stored)?;
    events(ctx, no).await?;
    materials(ctx, no).await?;
    notes(ctx, no).await?;
    super::drafts::reseal_drafts(ctx, no).await?;
    stops(ctx, no).await?;
    extensions(ctx, no).await?;
    super::reseal_deliveries(ctx, no).await?;
    super::reseal_charges(ctx, no).await?;
    super::reseal_links(ctx, no).await?;
    super::procedure::reseal_procedures(ctx, no).await?;
    super::procedure::reseal_undertakings(ctx, no).await
}

fn again(ctx: &Ctx, place: &str, stored: String) -> Result<String> {
    let ring = ctx.keyring()?;
    sealed::hide(&ring, WORDS, place, &sealed::read(&ring, WORDS, place, stored)?)
}

fn again_some(ctx: &Ctx, place: &str, stored: Option<String>) -> Result<Option<String>> {
    stored.map(|stored| again(ctx, place, stored)).transpose()
}

async fn events(ctx: &mut Ctx, no: &str) -> Result<()> {
    let rows: Vec<(i32, String, OffsetDateTime, String, Option<String>)> = sqlx::query_as(
        r#"SELECT seq, kind, at, actor, reason FROM casework.event WHERE "case" = $1 LIMIT 1000"#,
    )
    .bind(no)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    for (seq, kind, at, actor, reason) in rows {
        let place = |what: &str| event_place(no, &kind, at, what);
        let actor = again(ctx, &place("actor"), actor)?;
        let reason = again_some(ctx, &place("reason"), reason)?;
        sqlx::query(
            r#"UPDATE casework.event SET actor = $3, reason = $4 WHERE "case" = $1 AND seq = $2"#,
        )
        .bind(no)
        .bind(seq)
        .bind(actor)
        .bind(reason)
        .execute(ctx.conn())
        .await
        .map_err(stored)?;
    }
    Ok(())
}

async fn materials(ctx: &mut Ctx, no: &str) -> Result<()> {
    /// The place of a paper, and the words of it that stand sealed.
    type Words = (i32, Option<String>, Option<String>, Option<String>);
    let rows: Vec<Words> = sqlx::query_as(
        r#"SELECT seq, source_note, file_name, added_by FROM casework.material
           WHERE "case" = $1 LIMIT 500"#,
    )
    .bind(no)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    for (seq, note, file, by) in rows {
        let note = again_some(ctx, &material_place(no, seq, "note"), note)?;
        let file = again_some(ctx, &material_place(no, seq, "file"), file)?;
        let by = again_some(ctx, &material_place(no, seq, "by"), by)?;
        sqlx::query(
            r#"UPDATE casework.material SET source_note = $3, file_name = $4, added_by = $5
               WHERE "case" = $1 AND seq = $2"#,
        )
        .bind(no)
        .bind(seq)
        .bind(note)
        .bind(file)
        .bind(by)
        .execute(ctx.conn())
        .await
        .map_err(stored)?;
    }
    Ok(())
}

async fn notes(ctx: &mut Ctx, no: &str) -> Result<()> {
    let rows: Vec<(Uuid, String)> =
        sqlx::query_as(r#"SELECT id, text FROM casework.note WHERE "case" = $1 LIMIT 1000"#)
            .bind(no)
            .fetch_all(ctx.conn())
            .await
            .map_err(stored)?;
    for (id, text) in rows {
        let text = again(ctx, &note_place(no, id), text)?;
        sqlx::query("UPDATE casework.note SET text = $2 WHERE id = $1")
            .bind(id)
            .bind(text)
            .execute(ctx.conn())
            .await
            .map_err(stored)?;
    }
    Ok(())
}

async fn stops(ctx: &mut Ctx, no: &str) -> Result<()> {
    let rows: Vec<(i32, String, Date, String)> = sqlx::query_as(
        r#"SELECT seq, kind, from_day, reason FROM casework.suspension WHERE "case" = $1 LIMIT 500"#,
    )
    .bind(no)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    for (seq, kind, from, reason) in rows {
        let reason = again(ctx, &stop_place(no, &kind, from), reason)?;
        sqlx::query(r#"UPDATE casework.suspension SET reason = $3 WHERE "case" = $1 AND seq = $2"#)
            .bind(no)
            .bind(seq)
            .bind(reason)
            .execute(ctx.conn())
            .await
            .map_err(stored)?;
    }
    Ok(())
}

async fn extensions(ctx: &mut Ctx, no: &str) -> Result<()> {
    let rows: Vec<(i32, Uuid, OffsetDateTime, String)> = sqlx::query_as(
        r#"SELECT seq, clock, at, reason FROM casework.extension WHERE "case" = $1 LIMIT 500"#,
    )
    .bind(no)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    for (seq, clock, at, reason) in rows {
        let reason = again(ctx, &extension_place(no, clock, at), reason)?;
        sqlx::query(r#"UPDATE casework.extension SET reason = $3 WHERE "case" = $1 AND seq = $2"#)
            .bind(no)
            .bind(seq)
            .bind(reason)
            .execute(ctx.conn())
            .await
            .map_err(stored)?;
    }
    Ok(())
}
