//! The only file of this engine that names SQL.

use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::{Paging, Text};
use zhengtong_db::{Ctx, Error, Keyring, Result};

use crate::model::{Document, How, PaperKind, Revocation};

const INSERT: &str = include_str!("../sql/insert.sql");
const MINE: &str = include_str!("../sql/mine.sql");

/// The long statements, for the test that prepares them.
pub(crate) const STATEMENTS: &[(&str, &str)] = &[("insert.sql", INSERT), ("mine.sql", MINE)];

/// The field of what papers say about people.
const WORDS: &str = "document.words";
/// The fields of this engine that need keys.
pub const SEALED: &[&str] = &[WORDS];
/// Papers that one step seals.
const SEAL_ROWS: i64 = 500;

/// Papers of one case that are shown at most.
const OF_CASE_MAX: i64 = 100;

/// How a paper was asked for: the key of the asking and the digest of what was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    pub(crate) once: Option<String>,
    pub(crate) asked: String,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    template: String,
    kind: String,
    number: String,
    identifier: Option<String>,
    title_zh: String,
    title_en: String,
    holder_person: Option<Uuid>,
    holder_organisation: Option<Uuid>,
    holder_name: String,
    data: Value,
    issued_at: OffsetDateTime,
    issuer: Uuid,
    issuer_name: String,
    valid_from: Date,
    valid_to: Option<Date>,
    case_no: Option<String>,
    code: String,
    blob: Option<String>,
    revoked_at: Option<OffsetDateTime>,
    revoke_reason: Option<String>,
    revoked_by: Option<String>,
    ended_how: String,
}

#[derive(FromRow)]
struct CountedRow {
    #[sqlx(flatten)]
    row: Row,
    total: i64,
}

#[derive(FromRow)]
struct AskedRow {
    #[sqlx(flatten)]
    row: Row,
    asked: String,
}

/// Puts a new paper in. Returns whether it is new: not when the same asking already gave one.
pub(crate) async fn insert(ctx: &mut Ctx, document: &Document, asking: &Asking) -> Result<bool> {
    let ring = ctx.keyring()?;
    let holder = hide_holder(&ring, document)?;
    let data = hide_data(&ring, document.id, &document.data)?;
    let done = sqlx::query(INSERT)
        .bind(document.id)
        .bind(&document.template)
        .bind(document.kind.word())
        .bind(&document.number)
        .bind(&document.identifier)
        .bind(&document.title.zh)
        .bind(&document.title.en)
        .bind(document.holder_person)
        .bind(document.holder_organisation)
        .bind(holder)
        .bind(data)
        .bind(document.issued_at)
        .bind(document.issuer)
        .bind(&document.issuer_name)
        .bind(document.valid_from)
        .bind(document.valid_to)
        .bind(&document.case_no)
        .bind(&document.code)
        .bind(&asking.once)
        .bind(&asking.asked)
        .execute(ctx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The paper that an asking gave before, and the digest of what was asked then.
pub(crate) async fn by_once(
    ctx: &mut Ctx,
    template: &str,
    once: &str,
) -> Result<Option<(Document, String)>> {
    let row: Option<AskedRow> =
        sqlx::query_as("SELECT * FROM document.document WHERE template = $1 AND once = $2")
            .bind(template)
            .bind(once)
            .fetch_optional(ctx.conn())
            .await?;
    let ring = ctx.keyring()?;
    row.map(|found| Ok((found.row.read(&ring)?, found.asked))).transpose()
}

/// A paper by its identifier.
pub(crate) async fn find(ctx: &mut Ctx, id: Uuid) -> Result<Option<Document>> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM document.document WHERE id = $1")
        .bind(id)
        .fetch_optional(ctx.conn())
        .await?;
    let ring = ctx.keyring()?;
    row.map(|row| row.read(&ring)).transpose()
}

/// A paper by its identifier, locked until the act is committed.
pub(crate) async fn lock(ctx: &mut Ctx, id: Uuid) -> Result<Option<Document>> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM document.document WHERE id = $1 FOR UPDATE")
            .bind(id)
            .fetch_optional(ctx.conn())
            .await?;
    let ring = ctx.keyring()?;
    row.map(|row| row.read(&ring)).transpose()
}

/// The paper of a template that is in force under a number.
pub(crate) async fn in_force(
    conn: &mut PgConnection,
    template: &str,
    number: &str,
) -> Result<Option<Uuid>> {
    let id = sqlx::query_scalar(
        "SELECT id FROM document.document
         WHERE template = $1 AND number = $2 AND revoked_at IS NULL",
    );
    Ok(id.bind(template).bind(number).fetch_optional(conn).await?)
}

/// Whether a paper of a template was ever issued under a number.
pub(crate) async fn was_issued(
    conn: &mut PgConnection,
    template: &str,
    number: &str,
) -> Result<bool> {
    let there = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM document.document WHERE template = $1 AND number = $2)",
    );
    Ok(there.bind(template).bind(number).fetch_one(conn).await?)
}

/// A paper by the code of its QR code.
pub(crate) async fn by_code(ctx: &mut Ctx, code: &str) -> Result<Option<Document>> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM document.document WHERE code = $1")
        .bind(code)
        .fetch_optional(ctx.conn())
        .await?;
    let ring = ctx.keyring()?;
    row.map(|row| row.read(&ring)).transpose()
}

/// Papers of a case, the first issued first.
pub(crate) async fn of_case(ctx: &mut Ctx, case_no: &str) -> Result<Vec<Document>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT * FROM document.document WHERE case_no = $1 ORDER BY issued_at, id LIMIT $2",
    )
    .bind(case_no)
    .bind(OF_CASE_MAX)
    .fetch_all(ctx.conn())
    .await?;
    let ring = ctx.keyring()?;
    rows.into_iter().map(|row| row.read(&ring)).collect()
}

/// Papers of a person and of an organisation, the latest first, and how many there are.
pub(crate) async fn mine(
    ctx: &mut Ctx,
    (person, organisation): (Option<Uuid>, Option<Uuid>),
    kind: Option<PaperKind>,
    paging: Paging,
) -> Result<(Vec<Document>, i64)> {
    let rows: Vec<CountedRow> = sqlx::query_as(MINE)
        .bind(person)
        .bind(organisation)
        .bind(paging.limit())
        .bind(paging.offset())
        .bind(kind.map(PaperKind::word))
        .fetch_all(ctx.conn())
        .await?;
    let total = rows.first().map_or(0, |first| first.total);
    let ring = ctx.keyring()?;
    let read: Result<Vec<Document>> =
        rows.into_iter().map(|counted| counted.row.read(&ring)).collect();
    Ok((read?, total))
}

/// Notes the digest of the PDF, once. Returns whether it was noted now.
pub(crate) async fn set_blob(conn: &mut PgConnection, id: Uuid, digest: &str) -> Result<bool> {
    let done = sqlx::query("UPDATE document.document SET blob = $2 WHERE id = $1 AND blob IS NULL")
        .bind(id)
        .bind(digest)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes the revocation.
pub(crate) async fn set_revoked(ctx: &mut Ctx, id: Uuid, revocation: &Revocation) -> Result<()> {
    let reason = hide(&*ctx.keyring()?, id, "revoked", &revocation.reason)?;
    sqlx::query(
        "UPDATE document.document
         SET revoked_at = $2, revoke_reason = $3, revoked_by = $4, ended_how = $5
         WHERE id = $1 AND revoked_at IS NULL",
    )
    .bind(id)
    .bind(revocation.at)
    .bind(reason)
    .bind(&revocation.by)
    .bind(revocation.how.word())
    .execute(ctx.conn())
    .await?;
    Ok(())
}

impl Row {
    fn read(self, ring: &Keyring) -> Result<Document> {
        let kind = PaperKind::of(&self.kind)
            .ok_or_else(|| Error::Broken(format!("paper {} has kind {}", self.id, self.kind)))?;
        let by = self.revoked_by.unwrap_or_default();
        let reason = self.revoke_reason.map(|reason| read(ring, self.id, "revoked", reason));
        let revoked = self.revoked_at.zip(reason.transpose()?);
        let how = How::of(&self.ended_how).ok_or_else(|| {
            Error::Broken(format!("paper {} ended by {}", self.id, self.ended_how))
        })?;
        let revoked = revoked.map(|(at, reason)| Revocation { at, reason, by, how });
        Ok(Document {
            id: self.id,
            template: self.template,
            kind,
            number: self.number,
            identifier: self.identifier,
            title: Text::new(self.title_zh, self.title_en),
            holder_person: self.holder_person,
            holder_organisation: self.holder_organisation,
            holder_name: read(ring, self.id, "holder", self.holder_name)?,
            data: read_data(ring, self.id, self.data)?,
            issued_at: self.issued_at,
            issuer: self.issuer,
            issuer_name: self.issuer_name,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            case_no: self.case_no,
            code: self.code,
            blob: self.blob,
            revoked,
        })
    }
}

/// The name of an organisation is public and stays; that of a person stands sealed.
fn hide_holder(ring: &Keyring, document: &Document) -> Result<String> {
    if document.holder_organisation.is_some() {
        return Ok(document.holder_name.clone());
    }
    hide(ring, document.id, "holder", &document.holder_name)
}

fn hide_data(ring: &Keyring, id: Uuid, data: &Value) -> Result<Value> {
    Ok(Value::String(hide(ring, id, "data", &data.to_string())?))
}

fn read_data(ring: &Keyring, id: Uuid, stored: Value) -> Result<Value> {
    match stored {
        Value::String(sealed) => Ok(serde_json::from_str(&read(ring, id, "data", sealed)?)?),
        plain => Ok(plain),
    }
}

fn hide(ring: &Keyring, id: Uuid, what: &str, plain: &str) -> Result<String> {
    Ok(ring.seal_text(WORDS, &format!("{id}/{what}"), plain)?)
}

fn read(ring: &Keyring, id: Uuid, what: &str, stored: String) -> Result<String> {
    Ok(ring.read_text(WORDS, &format!("{id}/{what}"), stored)?)
}

/// Seals papers after one again, or those that stand plain; gives the last of them.
pub(crate) async fn protect(ctx: &mut Ctx, after: Uuid, plain_only: bool) -> Result<Option<Uuid>> {
    let statement = if plain_only {
        "SELECT * FROM document.document WHERE id > $1 AND jsonb_typeof(data) <> 'string'
         ORDER BY id LIMIT $2 FOR UPDATE"
    } else {
        "SELECT * FROM document.document WHERE id > $1 ORDER BY id LIMIT $2 FOR UPDATE"
    };
    let rows: Vec<Row> =
        sqlx::query_as(statement).bind(after).bind(SEAL_ROWS).fetch_all(ctx.conn()).await?;
    let ring = ctx.keyring()?;
    let mut last = None;
    for row in rows {
        let document = row.read(&ring)?;
        let revoked = document.revoked.as_ref();
        let reason = revoked
            .map(|revoked| hide(&ring, document.id, "revoked", &revoked.reason))
            .transpose()?;
        sqlx::query(
            "UPDATE document.document SET holder_name = $2, data = $3, revoke_reason = $4 WHERE id = $1",
        )
        .bind(document.id)
        .bind(hide_holder(&ring, &document)?)
        .bind(hide_data(&ring, document.id, &document.data)?)
        .bind(reason)
        .execute(ctx.conn())
        .await?;
        last = Some(document.id);
    }
    Ok(last)
}
