//! The rows of papers that applicants were given.

use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Text;

use super::stored;
use crate::error::Result;
use crate::voucher::Given;

#[derive(FromRow)]
struct Row {
    kind: String,
    document: Uuid,
    title_zh: String,
    title_en: String,
    number: String,
    contents: String,
    at: OffsetDateTime,
    opened_at: Option<OffsetDateTime>,
}

impl Row {
    fn given(self) -> Given {
        Given {
            kind: self.kind,
            document: self.document,
            title: Text::new(self.title_zh, self.title_en),
            number: self.number,
            contents: self.contents,
            at: self.at,
            opened_at: self.opened_at,
        }
    }
}

/// Notes a paper after those that are there. The case must be locked.
pub(crate) async fn add_voucher(conn: &mut PgConnection, no: &str, given: &Given) -> Result<()> {
    sqlx::query(
        r#"INSERT INTO casework.voucher ("case", seq, kind, document, title_zh, title_en, number, contents, at)
           SELECT $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5, $6, $7, $8
           FROM casework.voucher WHERE "case" = $1"#,
    )
    .bind(no)
    .bind(&given.kind)
    .bind(given.document)
    .bind(&given.title.zh)
    .bind(&given.title.en)
    .bind(&given.number)
    .bind(&given.contents)
    .bind(given.at)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// The papers of a case, oldest first.
pub(crate) async fn vouchers(conn: &mut PgConnection, no: &str) -> Result<Vec<Given>> {
    let rows: Vec<Row> = sqlx::query_as(
        r#"SELECT kind, document, title_zh, title_en, number, contents, at, opened_at
           FROM casework.voucher WHERE "case" = $1 ORDER BY seq LIMIT 200"#,
    )
    .bind(no)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows.into_iter().map(Row::given).collect())
}

/// How many papers of a kind a case has.
pub(crate) async fn voucher_count(conn: &mut PgConnection, no: &str, kind: &str) -> Result<i64> {
    sqlx::query_scalar(r#"SELECT count(*) FROM casework.voucher WHERE "case" = $1 AND kind = $2"#)
        .bind(no)
        .bind(kind)
        .fetch_one(conn)
        .await
        .map_err(stored)
}

/// How often papers were asked for, by a written notice or without one.
pub(crate) async fn corrections(conn: &mut PgConnection, no: &str) -> Result<i64> {
    sqlx::query_scalar(
        r#"SELECT count(*) FROM casework.event WHERE "case" = $1 AND kind = 'correct'"#,
    )
    .bind(no)
    .fetch_one(conn)
    .await
    .map_err(stored)
}

/// Notes the first opening by the applicant. Whether it was this one.
pub(crate) async fn set_opened(
    conn: &mut PgConnection,
    document: Uuid,
    at: OffsetDateTime,
    by: Option<Uuid>,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE casework.voucher SET opened_at = $2, opened_by = $3
         WHERE document = $1 AND opened_at IS NULL",
    )
    .bind(document)
    .bind(at)
    .bind(by)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(done.rows_affected() == 1)
}
