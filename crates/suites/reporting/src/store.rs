//! Runs, what was sent, what was left out, what the platform above says. The only file of this suite that names sqlx.

use std::collections::BTreeMap;

use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Text;

use crate::error::Result;
use crate::model::{Fault, Feedback, Run};
use crate::package::Row;

pub(crate) const FEEDBACK: &str = include_str!("../sql/feedback.sql");

fn stored(error: sqlx::Error) -> crate::error::Error {
    zhengtong_db::Error::from(error).into()
}

pub(crate) async fn insert_run(conn: &mut PgConnection, run: &Run, reason: &str) -> Result<()> {
    sqlx::query(
        "INSERT INTO reporting.run (id, batch, from_day, to_day, ordered_by, reason, at, tables, manifest, left_out)
         VALUES ($1, $2, $3, $4, $5, $6, $7, '[]', '', 0)",
    )
    .bind(run.id)
    .bind(&run.batch)
    .bind(run.from)
    .bind(run.to)
    .bind(&run.by)
    .bind(reason)
    .bind(run.at)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

pub(crate) async fn finish_run(conn: &mut PgConnection, run: &Run) -> Result<()> {
    let tables = serde_json::to_value(&run.tables).map_err(zhengtong_db::Error::from)?;
    sqlx::query("UPDATE reporting.run SET tables = $2, manifest = $3, left_out = $4 WHERE id = $1")
        .bind(run.id)
        .bind(tables)
        .bind(&run.manifest)
        .bind(run.left_out)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

#[derive(FromRow)]
struct RunRow {
    id: Uuid,
    batch: String,
    from_day: Date,
    to_day: Date,
    ordered_by: String,
    at: OffsetDateTime,
    tables: Value,
    manifest: String,
    left_out: i64,
}

pub(crate) async fn runs(conn: &mut PgConnection, rows_max: i64) -> Result<Vec<Run>> {
    let rows: Vec<RunRow> = sqlx::query_as(
        "SELECT id, batch, from_day, to_day, ordered_by, at, tables, manifest, left_out
         FROM reporting.run ORDER BY at DESC, id DESC LIMIT $1",
    )
    .bind(rows_max)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    let runs = rows.into_iter().map(|row| Run {
        id: row.id,
        batch: row.batch,
        from: row.from_day,
        to: row.to_day,
        by: row.ordered_by,
        at: row.at,
        tables: serde_json::from_value(row.tables).unwrap_or_default(),
        manifest: row.manifest,
        left_out: row.left_out,
    });
    Ok(runs.collect())
}

/// The digests of rows that were sent before.
pub(crate) async fn sent(
    conn: &mut PgConnection,
    table: &str,
    guids: &[String],
) -> Result<BTreeMap<String, String>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT guid, digest FROM reporting.sent WHERE table_name = $1 AND guid = ANY($2)",
    )
    .bind(table)
    .bind(guids)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows.into_iter().collect())
}

pub(crate) async fn keep(
    conn: &mut PgConnection,
    run: Uuid,
    row: &Row,
    digest: &str,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO reporting.sent (table_name, guid, subject, digest, run) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (table_name, guid) DO UPDATE SET digest = excluded.digest, run = excluded.run",
    )
    .bind(row.table)
    .bind(&row.guid)
    .bind(&row.subject)
    .bind(digest)
    .bind(run)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

pub(crate) async fn insert_fault(conn: &mut PgConnection, run: Uuid, fault: &Fault) -> Result<()> {
    sqlx::query(
        "INSERT INTO reporting.fault (run, table_name, guid, subject, field, title, rule, mend_zh, mend_en)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(run)
    .bind(&fault.table)
    .bind(&fault.guid)
    .bind(&fault.subject)
    .bind(&fault.field)
    .bind(&fault.title)
    .bind(&fault.rule)
    .bind(&fault.mend.zh)
    .bind(&fault.mend.en)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

#[derive(FromRow)]
struct FaultRow {
    table_name: String,
    guid: String,
    subject: String,
    field: String,
    title: String,
    rule: String,
    mend_zh: String,
    mend_en: String,
}

pub(crate) async fn faults(
    conn: &mut PgConnection,
    run: Uuid,
    rows_max: i64,
) -> Result<Vec<Fault>> {
    let rows: Vec<FaultRow> = sqlx::query_as(
        "SELECT table_name, guid, subject, field, title, rule, mend_zh, mend_en FROM reporting.fault
         WHERE run = $1 ORDER BY table_name, subject, guid, field LIMIT $2",
    )
    .bind(run)
    .bind(rows_max)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    let faults = rows.into_iter().map(|row| Fault {
        table: row.table_name,
        guid: row.guid,
        subject: row.subject,
        field: row.field,
        title: row.title,
        rule: row.rule,
        mend: Text::new(row.mend_zh, row.mend_en),
    });
    Ok(faults.collect())
}

/// A row of feedback that was read.
#[derive(Clone, Debug)]
pub(crate) struct NewFeedback {
    pub(crate) guid: String,
    pub(crate) table: String,
    pub(crate) row: String,
    pub(crate) kind: String,
    pub(crate) remark: String,
    pub(crate) batch: String,
}

/// Keeps a row of feedback; 1 when it is new.
pub(crate) async fn insert_feedback(
    conn: &mut PgConnection,
    new: &NewFeedback,
    now: OffsetDateTime,
) -> Result<usize> {
    let done = sqlx::query(
        "INSERT INTO reporting.feedback (guid, table_name, row_guid, kind, remark, batch, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (guid) DO NOTHING",
    )
    .bind(&new.guid)
    .bind(&new.table)
    .bind(&new.row)
    .bind(&new.kind)
    .bind(&new.remark)
    .bind(&new.batch)
    .bind(now)
    .execute(&mut *conn)
    .await
    .map_err(stored)?;
    // What was sent as wrong goes again with the next run, whether or not it was changed here.
    if done.rows_affected() == 1 {
        sqlx::query("UPDATE reporting.sent SET digest = '' WHERE table_name = $1 AND guid = $2")
            .bind(&new.table)
            .bind(&new.row)
            .execute(conn)
            .await
            .map_err(stored)?;
        return Ok(1);
    }
    Ok(0)
}

#[derive(FromRow)]
struct FeedbackRow {
    table_name: String,
    row_guid: String,
    subject: Option<String>,
    kind: String,
    remark: String,
    batch: String,
    at: OffsetDateTime,
    mended: bool,
}

pub(crate) async fn feedbacks(conn: &mut PgConnection, rows_max: i64) -> Result<Vec<Feedback>> {
    let rows: Vec<FeedbackRow> =
        sqlx::query_as(FEEDBACK).bind(rows_max).fetch_all(conn).await.map_err(stored)?;
    let feedbacks = rows.into_iter().map(|row| Feedback {
        table: row.table_name,
        row: row.row_guid,
        subject: row.subject,
        kind: row.kind,
        remark: row.remark,
        batch: row.batch,
        at: row.at,
        mended: row.mended,
    });
    Ok(feedbacks.collect())
}
