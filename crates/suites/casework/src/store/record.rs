//! What belongs to a case and only grows: events, papers, notes, suspensions.

use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Text;

use super::stored;
use crate::error::Result;
use crate::model::{Event, Material, MaterialFile, NewMaterial, Note};

pub(super) async fn insert_material(
    conn: &mut PgConnection,
    no: &str,
    seq: i32,
    paper: &NewMaterial,
    now: OffsetDateTime,
) -> Result<()> {
    let file = paper.file.as_ref();
    sqlx::query(
        r#"INSERT INTO casework.material ("case", seq, name_zh, name_en, source, source_note, digest,
             file_name, size, mime, at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"#,
    )
    .bind(no)
    .bind(seq)
    .bind(&paper.name.zh)
    .bind(&paper.name.en)
    .bind(&paper.source)
    .bind(&paper.source_note)
    .bind(file.map(|file| &file.digest))
    .bind(file.map(|file| &file.name))
    .bind(file.map(|file| file.size))
    .bind(file.map(|file| &file.mime))
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Adds papers after those that are there.
pub(crate) async fn add_materials(
    conn: &mut PgConnection,
    no: &str,
    papers: &[NewMaterial],
    now: OffsetDateTime,
) -> Result<()> {
    let last: i32 = sqlx::query_scalar(
        r#"SELECT coalesce(max(seq), 0) FROM casework.material WHERE "case" = $1"#,
    )
    .bind(no)
    .fetch_one(&mut *conn)
    .await
    .map_err(stored)?;
    for (seq, paper) in (last + 1..).zip(papers) {
        insert_material(conn, no, seq, paper, now).await?;
    }
    Ok(())
}

/// Appends to what happened. The case must be locked.
pub(crate) async fn add_event(conn: &mut PgConnection, no: &str, event: &Event) -> Result<()> {
    sqlx::query(
        r#"INSERT INTO casework.event ("case", seq, kind, at, actor, node, text_zh, text_en, reason, public)
           SELECT $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9
           FROM casework.event WHERE "case" = $1"#,
    )
    .bind(no)
    .bind(&event.kind)
    .bind(event.at)
    .bind(&event.actor)
    .bind(&event.node)
    .bind(&event.text.zh)
    .bind(&event.text.en)
    .bind(&event.reason)
    .bind(event.public)
    .execute(conn)
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

pub(crate) async fn events(conn: &mut PgConnection, no: &str) -> Result<Vec<Event>> {
    let rows: Vec<EventRow> = sqlx::query_as(
        r#"SELECT seq, kind, at, actor, node, text_zh, text_en, reason, public
           FROM casework.event WHERE "case" = $1 ORDER BY seq LIMIT 1000"#,
    )
    .bind(no)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows
        .into_iter()
        .map(|row| Event {
            seq: row.seq,
            kind: row.kind,
            at: row.at,
            actor: row.actor,
            node: row.node,
            text: Text::new(row.text_zh, row.text_en),
            reason: row.reason,
            public: row.public,
        })
        .collect())
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
}

pub(crate) async fn materials(conn: &mut PgConnection, no: &str) -> Result<Vec<Material>> {
    let rows: Vec<MaterialRow> = sqlx::query_as(
        r#"SELECT seq, name_zh, name_en, source, source_note, digest, file_name, size, mime, at
           FROM casework.material WHERE "case" = $1 ORDER BY seq LIMIT 500"#,
    )
    .bind(no)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows.into_iter().map(material).collect())
}

fn material(row: MaterialRow) -> Material {
    let file = row.digest.map(|digest| MaterialFile {
        digest,
        name: row.file_name.unwrap_or_default(),
        size: row.size.unwrap_or(0),
        mime: row.mime.unwrap_or_default(),
    });
    let paper = NewMaterial {
        name: Text::new(row.name_zh, row.name_en),
        source: row.source,
        source_note: row.source_note,
        file,
    };
    Material { seq: row.seq, paper, at: row.at }
}

pub(crate) async fn insert_note(
    conn: &mut PgConnection,
    id: Uuid,
    no: &str,
    author: (Uuid, &str),
    text: &str,
    now: OffsetDateTime,
) -> Result<()> {
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
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

pub(crate) async fn notes(conn: &mut PgConnection, no: &str) -> Result<Vec<Note>> {
    let rows: Vec<(String, String, OffsetDateTime)> = sqlx::query_as(
        r#"SELECT author_name, text, at FROM casework.note WHERE "case" = $1 ORDER BY at DESC LIMIT 200"#,
    )
    .bind(no)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows.into_iter().map(|(author, text, at)| Note { author, text, at }).collect())
}

#[derive(FromRow)]
struct SuspensionRow {
    kind: String,
    reason: String,
    from_day: Date,
    to_day: Option<Date>,
}

pub(crate) async fn suspensions(
    conn: &mut PgConnection,
    no: &str,
) -> Result<Vec<zhengtong_calendar::Suspension>> {
    let rows: Vec<SuspensionRow> = sqlx::query_as(
        r#"SELECT kind, reason, from_day, to_day FROM casework.suspension
           WHERE "case" = $1 ORDER BY seq LIMIT 200"#,
    )
    .bind(no)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows
        .into_iter()
        .map(|row| zhengtong_calendar::Suspension {
            kind: row.kind,
            from: row.from_day,
            to: row.to_day,
            reason: row.reason,
        })
        .collect())
}

pub(crate) async fn suspend(
    conn: &mut PgConnection,
    no: &str,
    kind: &str,
    reason: &str,
    ordered_by: &str,
    from: Date,
) -> Result<()> {
    sqlx::query(
        r#"INSERT INTO casework.suspension ("case", seq, kind, reason, ordered_by, from_day)
           SELECT $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5
           FROM casework.suspension WHERE "case" = $1"#,
    )
    .bind(no)
    .bind(kind)
    .bind(reason)
    .bind(ordered_by)
    .bind(from)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Ends the open suspension; the day on which it began, if there was one.
pub(crate) async fn resume(conn: &mut PgConnection, no: &str, to: Date) -> Result<Option<Date>> {
    sqlx::query_scalar(
        r#"UPDATE casework.suspension SET to_day = $2 WHERE "case" = $1 AND to_day IS NULL
           RETURNING from_day"#,
    )
    .bind(no)
    .bind(to)
    .fetch_optional(conn)
    .await
    .map_err(stored)
}
