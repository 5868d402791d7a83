//! The only file of this engine that names SQL.

use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::{Paging, Text};
use zhengtong_db::{Error, Result};

use crate::model::{Document, PaperKind, Revocation};

const INSERT: &str = include_str!("../sql/insert.sql");
const NEXT_NUMBER: &str = include_str!("../sql/next_number.sql");
const MINE: &str = include_str!("../sql/mine.sql");

/// The long statements, for the test that prepares them.
pub(crate) const STATEMENTS: &[(&str, &str)] =
    &[("insert.sql", INSERT), ("next_number.sql", NEXT_NUMBER), ("mine.sql", MINE)];

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
pub(crate) async fn insert(
    conn: &mut PgConnection,
    document: &Document,
    asking: &Asking,
) -> Result<bool> {
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
        .bind(&document.holder_name)
        .bind(&document.data)
        .bind(document.issued_at)
        .bind(document.issuer)
        .bind(&document.issuer_name)
        .bind(document.valid_from)
        .bind(document.valid_to)
        .bind(&document.case_no)
        .bind(&document.code)
        .bind(&asking.once)
        .bind(&asking.asked)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The next place in a sequence of numbers.
pub(crate) async fn next_number(
    conn: &mut PgConnection,
    template: &str,
    scope: &str,
) -> Result<i64> {
    Ok(sqlx::query_scalar(NEXT_NUMBER).bind(template).bind(scope).fetch_one(conn).await?)
}

/// The paper that an asking gave before, and the digest of what was asked then.
pub(crate) async fn by_once(
    conn: &mut PgConnection,
    template: &str,
    once: &str,
) -> Result<Option<(Document, String)>> {
    let row: Option<AskedRow> =
        sqlx::query_as("SELECT * FROM document.document WHERE template = $1 AND once = $2")
            .bind(template)
            .bind(once)
            .fetch_optional(conn)
            .await?;
    row.map(|found| Ok((found.row.read()?, found.asked))).transpose()
}

/// A paper by its identifier.
pub(crate) async fn find(conn: &mut PgConnection, id: Uuid) -> Result<Option<Document>> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM document.document WHERE id = $1")
        .bind(id)
        .fetch_optional(conn)
        .await?;
    row.map(Row::read).transpose()
}

/// A paper by its identifier, locked until the act is committed.
pub(crate) async fn lock(conn: &mut PgConnection, id: Uuid) -> Result<Option<Document>> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM document.document WHERE id = $1 FOR UPDATE")
            .bind(id)
            .fetch_optional(conn)
            .await?;
    row.map(Row::read).transpose()
}

/// A paper by the code of its QR code.
pub(crate) async fn by_code(conn: &mut PgConnection, code: &str) -> Result<Option<Document>> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM document.document WHERE code = $1")
        .bind(code)
        .fetch_optional(conn)
        .await?;
    row.map(Row::read).transpose()
}

/// Papers of a case, the first issued first.
pub(crate) async fn of_case(conn: &mut PgConnection, case_no: &str) -> Result<Vec<Document>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT * FROM document.document WHERE case_no = $1 ORDER BY issued_at, id LIMIT $2",
    )
    .bind(case_no)
    .bind(OF_CASE_MAX)
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Papers of a person and of an organisation, the latest first, and how many there are.
pub(crate) async fn mine(
    conn: &mut PgConnection,
    person: Option<Uuid>,
    organisation: Option<Uuid>,
    paging: Paging,
) -> Result<(Vec<Document>, i64)> {
    let rows: Vec<CountedRow> = sqlx::query_as(MINE)
        .bind(person)
        .bind(organisation)
        .bind(paging.limit())
        .bind(paging.offset())
        .fetch_all(conn)
        .await?;
    let total = rows.first().map_or(0, |first| first.total);
    let read: Result<Vec<Document>> = rows.into_iter().map(|counted| counted.row.read()).collect();
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
pub(crate) async fn set_revoked(
    conn: &mut PgConnection,
    id: Uuid,
    revocation: &Revocation,
) -> Result<()> {
    sqlx::query(
        "UPDATE document.document SET revoked_at = $2, revoke_reason = $3, revoked_by = $4
         WHERE id = $1 AND revoked_at IS NULL",
    )
    .bind(id)
    .bind(revocation.at)
    .bind(&revocation.reason)
    .bind(&revocation.by)
    .execute(conn)
    .await?;
    Ok(())
}

impl Row {
    fn read(self) -> Result<Document> {
        let kind = PaperKind::of(&self.kind)
            .ok_or_else(|| Error::Broken(format!("paper {} has kind {}", self.id, self.kind)))?;
        let by = self.revoked_by.unwrap_or_default();
        let revoked = self.revoked_at.zip(self.revoke_reason);
        let revoked = revoked.map(|(at, reason)| Revocation { at, reason, by });
        Ok(Document {
            id: self.id,
            template: self.template,
            kind,
            number: self.number,
            identifier: self.identifier,
            title: Text::new(self.title_zh, self.title_en),
            holder_person: self.holder_person,
            holder_organisation: self.holder_organisation,
            holder_name: self.holder_name,
            data: self.data,
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
