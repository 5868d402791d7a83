//! Special procedures of a case, in the words of the national standard.

use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_db::{Ctx, Keyring};

use super::stored;
use crate::error::Result;
use crate::sealed::{self, WORDS};

/// A special procedure as it is kept.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct ProcedureRow {
    pub(crate) seq: i32,
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) reason: String,
    pub(crate) content: Option<String>,
    pub(crate) requested_by: String,
    pub(crate) requested_at: OffsetDateTime,
    pub(crate) told_days: i32,
    pub(crate) unit: String,
    pub(crate) notice: Option<String>,
    pub(crate) approved_by: Option<String>,
    pub(crate) approved_at: Option<OffsetDateTime>,
    pub(crate) approval: Option<String>,
    pub(crate) begun_at: Option<OffsetDateTime>,
    pub(crate) ended_at: Option<OffsetDateTime>,
    pub(crate) ended_by: Option<String>,
    pub(crate) result: Option<String>,
    pub(crate) opinion: Option<String>,
    pub(crate) department: Uuid,
    pub(crate) department_name: String,
    pub(crate) todo: Option<Uuid>,
}

/// The words of a procedure that are sealed, each under its place.
fn words(row: &mut ProcedureRow) -> [(&'static str, Option<&mut String>); 5] {
    [
        ("reason", Some(&mut row.reason)),
        ("content", row.content.as_mut()),
        ("approval", row.approval.as_mut()),
        ("result", row.result.as_mut()),
        ("opinion", row.opinion.as_mut()),
    ]
}

/// Where the words of a procedure stand: they open only there.
fn place(no: &str, seq: i32, what: &str) -> String {
    format!("{no}/procedure/{seq}/{what}")
}

fn each(
    ring: &Keyring,
    no: &str,
    row: &mut ProcedureRow,
    turn: impl Fn(&Keyring, &str, &str, String) -> Result<String>,
) -> Result<()> {
    let seq = row.seq;
    for (what, text) in words(row) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            *text = turn(ring, WORDS, &place(no, seq, what), std::mem::take(text))?;
        }
    }
    Ok(())
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the same shape as reading, which takes the text"
)]
fn hidden(ring: &Keyring, field: &str, place: &str, text: String) -> Result<String> {
    sealed::hide(ring, field, place, &text)
}

/// The next number of a procedure of a case; the case must be locked.
pub(crate) async fn next_procedure(ctx: &mut Ctx, no: &str) -> Result<i32> {
    sqlx::query_scalar(
        r#"SELECT coalesce(max(seq), 0) + 1 FROM casework.procedure WHERE "case" = $1"#,
    )
    .bind(no)
    .fetch_one(ctx.conn())
    .await
    .map_err(stored)
}

/// Writes a procedure down, or what became of it.
pub(crate) async fn put_procedure(ctx: &mut Ctx, no: &str, row: &ProcedureRow) -> Result<()> {
    let mut row = row.clone();
    each(&*ctx.keyring()?, no, &mut row, hidden)?;
    sqlx::query(
        r#"INSERT INTO casework.procedure ("case", seq, kind, state, reason, content, requested_by, requested_at,
             told_days, unit, notice, approved_by, approved_at, approval, begun_at, ended_at, ended_by, result, opinion,
             department, department_name, todo)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
           ON CONFLICT ("case", seq) DO UPDATE SET state = $4, approved_by = $12, approved_at = $13, approval = $14,
             begun_at = $15, ended_at = $16, ended_by = $17, result = $18, opinion = $19, told_days = $9, notice = $11"#,
    )
    .bind(no)
    .bind(row.seq)
    .bind(row.kind)
    .bind(row.state)
    .bind(row.reason)
    .bind(row.content)
    .bind(row.requested_by)
    .bind(row.requested_at)
    .bind(row.told_days)
    .bind(row.unit)
    .bind(row.notice)
    .bind(row.approved_by)
    .bind(row.approved_at)
    .bind(row.approval)
    .bind(row.begun_at)
    .bind(row.ended_at)
    .bind(row.ended_by)
    .bind(row.result)
    .bind(row.opinion)
    .bind(row.department)
    .bind(row.department_name)
    .bind(row.todo)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(())
}

/// The procedures of a case in order.
pub(crate) async fn procedures(ctx: &mut Ctx, no: &str) -> Result<Vec<ProcedureRow>> {
    let mut rows: Vec<ProcedureRow> = sqlx::query_as(
        r#"SELECT seq, kind, state, reason, content, requested_by, requested_at, told_days, unit, notice, approved_by,
             approved_at, approval, begun_at, ended_at, ended_by, result, opinion, department, department_name, todo
           FROM casework.procedure WHERE "case" = $1 ORDER BY seq LIMIT 200"#,
    )
    .bind(no)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    let ring = ctx.keyring()?;
    for row in &mut rows {
        each(&ring, no, row, sealed::read)?;
    }
    Ok(rows)
}

/// The stop of the clocks that a procedure is.
pub(crate) async fn name_stop(ctx: &mut Ctx, no: &str, seq: i32) -> Result<()> {
    sqlx::query(
        r#"UPDATE casework.suspension SET procedure = $2 WHERE "case" = $1 AND to_day IS NULL AND procedure IS NULL"#,
    )
    .bind(no)
    .bind(seq)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(())
}

/// Seals the words of the procedures of a case under the newest keys.
pub(super) async fn reseal_procedures(ctx: &mut Ctx, no: &str) -> Result<()> {
    for row in procedures(ctx, no).await? {
        let mut again = row.clone();
        each(&*ctx.keyring()?, no, &mut again, hidden)?;
        sqlx::query(
            r#"UPDATE casework.procedure SET reason = $3, content = $4, approval = $5, result = $6, opinion = $7
               WHERE "case" = $1 AND seq = $2"#,
        )
        .bind(no)
        .bind(again.seq)
        .bind(again.reason)
        .bind(again.content)
        .bind(again.approval)
        .bind(again.result)
        .bind(again.opinion)
        .execute(ctx.conn())
        .await
        .map_err(stored)?;
    }
    Ok(())
}

/// Seals the names of those who undertook something under the newest keys.
pub(super) async fn reseal_undertakings(ctx: &mut Ctx, no: &str) -> Result<()> {
    for kept in super::undertakings(ctx, no).await? {
        let place = super::course::undertaking_place(no, &kept.kind, kept.at);
        let signed_by = sealed::hide(&*ctx.keyring()?, WORDS, &place, &kept.signed_by)?;
        sqlx::query(
            r#"UPDATE casework.undertaking SET signed_by = $4 WHERE "case" = $1 AND kind = $2 AND at = $3"#,
        )
        .bind(no)
        .bind(&kept.kind)
        .bind(kept.at)
        .bind(signed_by)
        .execute(ctx.conn())
        .await
        .map_err(stored)?;
    }
    Ok(())
}
