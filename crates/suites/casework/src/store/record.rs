//! What belongs to a case and only grows: events, papers, notes, suspensions.

use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_db::{Ctx, Keyring};

use super::stored;
use crate::error::Result;
use crate::model::{Added, Event, Material, MaterialFile, NewMaterial, Note};
use crate::sealed::{self, WORDS};

pub(super) async fn insert_material(
    ctx: &mut Ctx,
    no: &str,
    seq: i32,
    (paper, added): (&NewMaterial, Option<&Added>),
    now: OffsetDateTime,
) -> Result<()> {
    let file = paper.file.as_ref();
    let ring = ctx.keyring()?;
    let hide =
        |what: &str, text: &str| sealed::hide(&ring, WORDS, &material_place(no, seq, what), text);
    let note = paper.source_note.as_deref().map(|note| hide("note", note)).transpose()?;
    let name = file.map(|file| hide("file", &file.name)).transpose()?;
    let by = added.map(|added| hide("by", &added.by)).transpose()?;
    sqlx::query(
        r#"INSERT INTO casework.material ("case", seq, name_zh, name_en, source, source_note, digest,
             file_name, size, mime, at, added_by, added_in, node, step_zh, step_en)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"#,
    )
    .bind(no)
    .bind(seq)
    .bind(&paper.name.zh)
    .bind(&paper.name.en)
    .bind(&paper.source)
    .bind(note)
    .bind(file.map(|file| &file.digest))
    .bind(name)
    .bind(file.map(|file| file.size))
    .bind(file.map(|file| &file.mime))
    .bind(now)
    .bind(by)
    .bind(added.map(|added| added.department))
    .bind(added.map(|added| &added.node))
    .bind(added.map(|added| &added.step.zh))
    .bind(added.map(|added| &added.step.en))
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(())
}

/// Adds papers after those that are there.
pub(crate) async fn add_materials(
    ctx: &mut Ctx,
    no: &str,
    papers: &[NewMaterial],
    now: OffsetDateTime,
) -> Result<()> {
    add_papers(ctx, no, papers, None, now).await.map(drop)
}

/// The same for papers of the office's own; gives the place of the first one.
pub(crate) async fn add_papers(
    ctx: &mut Ctx,
    no: &str,
    papers: &[NewMaterial],
    added: Option<&Added>,
    now: OffsetDateTime,
) -> Result<i32> {
    let last: i32 = sqlx::query_scalar(
        r#"SELECT coalesce(max(seq), 0) FROM casework.material WHERE "case" = $1"#,
    )
    .bind(no)
    .fetch_one(ctx.conn())
    .await
    .map_err(stored)?;
    for (seq, paper) in (last + 1..).zip(papers) {
        insert_material(ctx, no, seq, (paper, added), now).await?;
    }
    Ok(last + 1)
}

/// Appends to what happened. The case must be locked.
pub(crate) async fn add_event(ctx: &mut Ctx, no: &str, event: &Event) -> Result<()> {
    let ring = ctx.keyring()?;
    let hide = |what: &str, text: &str| {
        sealed::hide(&ring, WORDS, &event_place(no, &event.kind, event.at, what), text)
    };
    let actor = hide("actor", &event.actor)?;
    let reason = event.reason.as_deref().map(|reason| hide("reason", reason)).transpose()?;
    sqlx::query(
        r#"INSERT INTO casework.event ("case", seq, kind, at, actor, node, text_zh, text_en, reason, public)
           SELECT $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9
           FROM casework.event WHERE "case" = $1"#,
    )
    .bind(no)
    .bind(&event.kind)
    .bind(event.at)
    .bind(actor)
    .bind(&event.node)
    .bind(&event.text.zh)
    .bind(&event.text.en)
    .bind(reason)
    .bind(event.public)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(())
}

#[derive(FromRow)]
struct EventRow {
    seq: i32,
    kind: String,
    at: OffsetDateTime,
    actor: String,
    node: Option<String>,
    text_zh: String,
    text_en: String,
    reason: Option<String>,
    public: bool,
}

pub(crate) async fn events(ctx: &mut Ctx, no: &str) -> Result<Vec<Event>> {
    let rows: Vec<EventRow> = sqlx::query_as(
        r#"SELECT seq, kind, at, actor, node, text_zh, text_en, reason, public
           FROM casework.event WHERE "case" = $1 ORDER BY seq LIMIT 1000"#,
    )
    .bind(no)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    let ring = ctx.keyring()?;
    rows.into_iter().map(|row| event(&ring, no, row)).collect()
}

fn event(ring: &Keyring, no: &str, row: EventRow) -> Result<Event> {
    let read = |what: &str, text: String| {
        sealed::read(ring, WORDS, &event_place(no, &row.kind, row.at, what), text)
    };
    Ok(Event {
        seq: row.seq,
        at: row.at,
        actor: read("actor", row.actor)?,
        reason: row.reason.map(|reason| read("reason", reason)).transpose()?,
        kind: row.kind,
        node: row.node,
        text: Text::new(row.text_zh, row.text_en),
        public: row.public,
    })
}

#[derive(FromRow)]
struct MaterialRow {
    seq: i32,
    name_zh: String,
    name_en: String,
    source: String,
    source_note: Option<String>,
    digest: Option<String>,
    file_name: Option<String>,
    size: Option<i64>,
    mime: Option<String>,
    at: OffsetDateTime,
    added_by: Option<String>,
    added_in: Option<Uuid>,
    node: Option<String>,
    step_zh: Option<String>,
    step_en: Option<String>,
}

/// Papers of a case that are read at once, and the most that it can have.
pub(crate) const PAPERS_MAX: i64 = 500;

/// How many papers a case has.
pub(crate) async fn paper_count(conn: &mut PgConnection, no: &str) -> Result<i64> {
    sqlx::query_scalar(r#"SELECT count(*) FROM casework.material WHERE "case" = $1"#)
        .bind(no)
        .fetch_one(conn)
        .await
        .map_err(stored)
}

pub(crate) async fn materials(ctx: &mut Ctx, no: &str) -> Result<Vec<Material>> {
    let rows: Vec<MaterialRow> = sqlx::query_as(
        r#"SELECT seq, name_zh, name_en, source, source_note, digest, file_name, size, mime, at,
             added_by, added_in, node, step_zh, step_en
           FROM casework.material WHERE "case" = $1 ORDER BY seq LIMIT $2"#,
    )
    .bind(no)
    .bind(PAPERS_MAX)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    let ring = ctx.keyring()?;
    rows.into_iter().map(|row| material(&ring, no, row)).collect()
}

fn material(ring: &Keyring, no: &str, row: MaterialRow) -> Result<Material> {
    let read = |what: &str, text: String| {
        sealed::read(ring, WORDS, &material_place(no, row.seq, what), text)
    };
    let name = read("file", row.file_name.unwrap_or_default())?;
    let source_note = row.source_note.map(|note| read("note", note)).transpose()?;
    let file = row.digest.map(|digest| MaterialFile {
        digest,
        name,
        size: row.size.unwrap_or(0),
        mime: row.mime.unwrap_or_default(),
    });
    let paper = NewMaterial {
        name: Text::new(row.name_zh, row.name_en),
        source: row.source,
        source_note,
        file,
    };
    let by = row.added_by.map(|by| read("by", by)).transpose()?;
    let added = by.zip(row.added_in).map(|(by, department)| Added {
        by,
        department,
        node: row.node.unwrap_or_default(),
        step: Text::new(row.step_zh.unwrap_or_default(), row.step_en.unwrap_or_default()),
    });
    Ok(Material { seq: row.seq, paper, at: row.at, added })
}

pub(crate) async fn insert_note(
    ctx: &mut Ctx,
    id: Uuid,
    no: &str,
    author: (Uuid, &str),
    text: &str,
    now: OffsetDateTime,
) -> Result<()> {
    let text = sealed::hide(&*ctx.keyring()?, WORDS, &note_place(no, id), text)?;
    sqlx::query(
        r#"INSERT INTO casework.note (id, "case", author, author_name, text, at)
           VALUES ($1, $2, $3, $4, $5, $6)"#,
    )
    .bind(id)
    .bind(no)
    .bind(author.0)
    .bind(author.1)
    .bind(text)
    .bind(now)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(())
}

pub(crate) async fn notes(ctx: &mut Ctx, no: &str) -> Result<Vec<Note>> {
    let rows: Vec<(Uuid, String, String, OffsetDateTime)> = sqlx::query_as(
        r#"SELECT id, author_name, text, at FROM casework.note WHERE "case" = $1 ORDER BY at DESC LIMIT 200"#,
    )
    .bind(no)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    let ring = ctx.keyring()?;
    rows.into_iter()
        .map(|(id, author, text, at)| {
            let text = sealed::read(&ring, WORDS, &note_place(no, id), text)?;
            Ok(Note { author, text, at })
        })
        .collect()
}

/// Where the words of an event stand: they open only there.
pub(super) fn event_place(no: &str, kind: &str, at: OffsetDateTime, what: &str) -> String {
    format!("{no}/event/{kind}/{}/{what}", at.unix_timestamp_nanos().div_euclid(1_000))
}

pub(super) fn material_place(no: &str, seq: i32, what: &str) -> String {
    format!("{no}/material/{seq}/{what}")
}

pub(super) fn note_place(no: &str, id: Uuid) -> String {
    format!("{no}/note/{id}")
}

pub(super) fn stop_place(no: &str, kind: &str, from: Date) -> String {
    format!("{no}/stop/{kind}/{from}")
}
