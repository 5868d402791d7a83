//! The rows of the designer: drafts, what waits for approval, what was published.

use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::stored;
use crate::drawn::{Design, Kept, Stage};
use crate::error::Result;

/// The channel on which a publication is told to all nodes.
pub(crate) const CHANNEL: &str = "zhengtong_process";
pub(crate) const KEPT: &str = include_str!("../../sql/design_kept.sql");
pub(crate) const RUNNING: &str = include_str!("../../sql/design_running.sql");
/// Designs of a name that are listed.
const DESIGNS_MAX: i64 = 200;

#[derive(FromRow)]
struct DesignRow {
    number: i64,
    name: String,
    xml: String,
    digest: String,
    base: String,
    note: String,
    stage: String,
    valid_from: Option<Date>,
    author: Uuid,
    author_name: String,
    revision: i32,
    changed_at: OffsetDateTime,
    submitted_at: Option<OffsetDateTime>,
    decider_name: Option<String>,
    decided_at: Option<OffsetDateTime>,
    verdict: Option<String>,
}

impl From<DesignRow> for Design {
    fn from(row: DesignRow) -> Self {
        Self {
            number: row.number,
            name: row.name,
            xml: row.xml,
            digest: row.digest,
            base: row.base,
            note: row.note,
            stage: Stage::of(&row.stage),
            valid_from: row.valid_from,
            author: row.author,
            author_name: row.author_name,
            revision: row.revision,
            changed_at: row.changed_at,
            submitted_at: row.submitted_at,
            decider_name: row.decider_name,
            decided_at: row.decided_at,
            verdict: row.verdict,
        }
    }
}

/// A draft that is to be kept.
pub(crate) struct NewDesign<'a> {
    pub(crate) name: &'a str,
    pub(crate) xml: &'a str,
    pub(crate) digest: &'a str,
    pub(crate) base: &'a str,
    pub(crate) note: &'a str,
    pub(crate) author: Uuid,
    pub(crate) author_name: &'a str,
    pub(crate) at: OffsetDateTime,
}

pub(crate) async fn insert(conn: &mut PgConnection, new: &NewDesign<'_>) -> Result<Design> {
    let row: DesignRow = sqlx::query_as(
        "INSERT INTO process.design (name, xml, digest, base, note, stage, author, author_name, revision, changed_at)
         VALUES ($1, $2, $3, $4, $5, 'draft', $6, $7, 1, $8) RETURNING *",
    )
    .bind(new.name)
    .bind(new.xml)
    .bind(new.digest)
    .bind(new.base)
    .bind(new.note)
    .bind(new.author)
    .bind(new.author_name)
    .bind(new.at)
    .fetch_one(conn)
    .await
    .map_err(stored)?;
    Ok(row.into())
}

/// A design, locked until the transaction ends.
pub(crate) async fn for_change(conn: &mut PgConnection, number: i64) -> Result<Option<Design>> {
    let row: Option<DesignRow> =
        sqlx::query_as("SELECT * FROM process.design WHERE number = $1 FOR UPDATE")
            .bind(number)
            .fetch_optional(conn)
            .await
            .map_err(stored)?;
    Ok(row.map(Design::from))
}

pub(crate) async fn one(conn: &mut PgConnection, number: i64) -> Result<Option<Design>> {
    let row: Option<DesignRow> = sqlx::query_as("SELECT * FROM process.design WHERE number = $1")
        .bind(number)
        .fetch_optional(conn)
        .await
        .map_err(stored)?;
    Ok(row.map(Design::from))
}

/// The designs of a name, or of all names, the latest first.
pub(crate) async fn list(conn: &mut PgConnection, name: Option<&str>) -> Result<Vec<Design>> {
    let rows: Vec<DesignRow> = sqlx::query_as(
        "SELECT * FROM process.design WHERE ($1::text IS NULL OR name = $1) AND stage <> 'dropped'
         ORDER BY number DESC LIMIT $2",
    )
    .bind(name)
    .bind(DESIGNS_MAX)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows.into_iter().map(Design::from).collect())
}

/// Everything that was ever published, in the order in which it takes force.
pub(crate) async fn published(conn: &mut PgConnection) -> Result<Vec<Design>> {
    let rows: Vec<DesignRow> = sqlx::query_as(
        "SELECT * FROM process.design WHERE stage = 'published'
         ORDER BY name, valid_from, number LIMIT 10000",
    )
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows.into_iter().map(Design::from).collect())
}

/// Keeps a design as it is now; its revision grows.
pub(crate) async fn update(conn: &mut PgConnection, design: &Design) -> Result<()> {
    sqlx::query(
        "UPDATE process.design SET xml = $2, digest = $3, note = $4, stage = $5, valid_from = $6,
             revision = revision + 1, changed_at = $7, submitted_at = $8, verdict = $9
         WHERE number = $1",
    )
    .bind(design.number)
    .bind(&design.xml)
    .bind(&design.digest)
    .bind(&design.note)
    .bind(design.stage.word())
    .bind(design.valid_from)
    .bind(design.changed_at)
    .bind(design.submitted_at)
    .bind(&design.verdict)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Who decided about a design, when, and in which words.
pub(crate) struct Decision<'a> {
    pub(crate) number: i64,
    pub(crate) stage: Stage,
    pub(crate) decider: Uuid,
    pub(crate) name: &'a str,
    pub(crate) at: OffsetDateTime,
    pub(crate) verdict: &'a str,
    pub(crate) valid_from: Option<Date>,
}

/// Keeps a decision and tells all nodes once it is committed.
pub(crate) async fn decide(conn: &mut PgConnection, decision: &Decision<'_>) -> Result<()> {
    sqlx::query(
        "UPDATE process.design SET stage = $2, decider = $3, decider_name = $4, decided_at = $5,
             verdict = $6, valid_from = $7, revision = revision + 1, changed_at = $5
         WHERE number = $1",
    )
    .bind(decision.number)
    .bind(decision.stage.word())
    .bind(decision.decider)
    .bind(decision.name)
    .bind(decision.at)
    .bind(decision.verdict)
    .bind(decision.valid_from)
    .execute(&mut *conn)
    .await
    .map_err(stored)?;
    sqlx::query("SELECT pg_notify($1, $2)")
        .bind(CHANNEL)
        .bind(decision.number.to_string())
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

/// One design of a name at a time is published.
pub(crate) async fn lock(conn: &mut PgConnection, name: &str) -> Result<()> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('process.design'), hashtext($1))")
        .bind(name)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

#[derive(FromRow)]
struct KeptRow {
    digest: String,
    first_used: OffsetDateTime,
    running: i64,
    ended: i64,
}

pub(crate) async fn kept(conn: &mut PgConnection, name: &str) -> Result<Vec<Kept>> {
    let rows: Vec<KeptRow> =
        sqlx::query_as(KEPT).bind(name).fetch_all(conn).await.map_err(stored)?;
    Ok(rows
        .into_iter()
        .map(|row| Kept {
            digest: row.digest,
            first_used: row.first_used,
            running: row.running,
            ended: row.ended,
        })
        .collect())
}

pub(crate) async fn kept_xml(
    conn: &mut PgConnection,
    name: &str,
    digest: &str,
) -> Result<Option<String>> {
    sqlx::query_scalar("SELECT xml FROM process.definition WHERE name = $1 AND digest = $2")
        .bind(name)
        .bind(digest)
        .fetch_optional(conn)
        .await
        .map_err(stored)
}

pub(crate) async fn running(conn: &mut PgConnection) -> Result<Vec<(String, i64)>> {
    sqlx::query_as(RUNNING).fetch_all(conn).await.map_err(stored)
}
