//! What the course of a case leaves behind: who had it in hand, what the applicant undertook, what is owed, what waits.

use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_db::Ctx;

use super::stored;
use crate::error::Result;
use crate::model::Responsible;
use crate::sealed::{self, WORDS};

/// The account that had a case in hand last.
pub(crate) async fn last_responsible(conn: &mut PgConnection, no: &str) -> Result<Option<Uuid>> {
    sqlx::query_scalar(
        r#"SELECT account FROM casework.responsible WHERE "case" = $1 ORDER BY seq DESC LIMIT 1"#,
    )
    .bind(no)
    .fetch_optional(conn)
    .await
    .map_err(stored)
}

pub(crate) async fn add_responsible(
    conn: &mut PgConnection,
    no: &str,
    row: &Responsible,
) -> Result<()> {
    sqlx::query(
        r#"INSERT INTO casework.responsible ("case", seq, account, name, department, how, node, at)
           SELECT $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5, $6, $7
           FROM casework.responsible WHERE "case" = $1"#,
    )
    .bind(no)
    .bind(row.account)
    .bind(&row.name)
    .bind(row.department)
    .bind(&row.how)
    .bind(&row.node)
    .bind(row.at)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

#[derive(FromRow)]
struct ResponsibleRow {
    account: Uuid,
    name: String,
    department: Uuid,
    how: String,
    node: Option<String>,
    at: OffsetDateTime,
}

pub(crate) async fn responsible(conn: &mut PgConnection, no: &str) -> Result<Vec<Responsible>> {
    let rows: Vec<ResponsibleRow> = sqlx::query_as(
        r#"SELECT account, name, department, how, node, at FROM casework.responsible
           WHERE "case" = $1 ORDER BY seq LIMIT 500"#,
    )
    .bind(no)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    let trail = rows.into_iter().map(|row| Responsible {
        account: row.account,
        name: row.name,
        department: row.department,
        how: row.how,
        node: row.node,
        at: row.at,
    });
    Ok(trail.collect())
}

/// An undertaking that was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewUndertaking<'a> {
    pub(crate) kind: &'a str,
    pub(crate) words: &'a Text,
    pub(crate) words_digest: &'a str,
    pub(crate) material: Option<i32>,
    pub(crate) signed_by: &'a str,
    pub(crate) recorded_by: &'a str,
    pub(crate) at: OffsetDateTime,
}

pub(crate) async fn add_undertaking(
    ctx: &mut Ctx,
    no: &str,
    new: &NewUndertaking<'_>,
) -> Result<()> {
    let ring = ctx.keyring()?;
    let place = undertaking_place(no, new.kind, new.at);
    let signed_by = sealed::hide(&ring, WORDS, &place, new.signed_by)?;
    sqlx::query(
        r#"INSERT INTO casework.undertaking ("case", seq, kind, words, words_digest, material, signed_by, recorded_by, at)
           SELECT $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5, $6, $7, $8
           FROM casework.undertaking WHERE "case" = $1"#,
    )
    .bind(no)
    .bind(new.kind)
    .bind(&new.words.zh)
    .bind(new.words_digest)
    .bind(new.material)
    .bind(signed_by)
    .bind(new.recorded_by)
    .bind(new.at)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(())
}

/// An undertaking as it was kept.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct KeptUndertaking {
    pub(crate) kind: String,
    pub(crate) words: String,
    pub(crate) words_digest: String,
    pub(crate) material: Option<i32>,
    pub(crate) signed_by: String,
    pub(crate) at: OffsetDateTime,
}

pub(crate) async fn undertakings(ctx: &mut Ctx, no: &str) -> Result<Vec<KeptUndertaking>> {
    let mut rows: Vec<KeptUndertaking> = sqlx::query_as(
        r#"SELECT kind, words, words_digest, material, signed_by, at FROM casework.undertaking
           WHERE "case" = $1 ORDER BY seq LIMIT 50"#,
    )
    .bind(no)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    let ring = ctx.keyring()?;
    for row in &mut rows {
        let place = undertaking_place(no, &row.kind, row.at);
        row.signed_by = sealed::read(&ring, WORDS, &place, std::mem::take(&mut row.signed_by))?;
    }
    Ok(rows)
}

pub(crate) async fn has_undertaking(conn: &mut PgConnection, no: &str, kind: &str) -> Result<bool> {
    sqlx::query_scalar(
        r#"SELECT EXISTS (SELECT FROM casework.undertaking WHERE "case" = $1 AND kind = $2)"#,
    )
    .bind(no)
    .bind(kind)
    .fetch_one(conn)
    .await
    .map_err(stored)
}

/// Where the name of who undertook something stands: it opens only there.
pub(super) fn undertaking_place(no: &str, kind: &str, at: OffsetDateTime) -> String {
    format!("{no}/undertaking/{kind}/{}", at.unix_timestamp_nanos().div_euclid(1_000))
}

/// A lesser paper that may come later.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct DeferredRow {
    pub(crate) seq: i32,
    pub(crate) name_zh: String,
    pub(crate) name_en: String,
    pub(crate) state: String,
}

/// Lesser papers that were not handed in with the case.
pub(crate) async fn add_deferrable(
    conn: &mut PgConnection,
    no: &str,
    names: &[Text],
) -> Result<()> {
    let (zh, en): (Vec<&str>, Vec<&str>) =
        names.iter().map(|name| (name.zh.as_str(), name.en.as_str())).unzip();
    sqlx::query(
        r#"INSERT INTO casework.deferred ("case", seq, name_zh, name_en, state)
           SELECT $1, row_number() OVER (), zh, en, 'allowed' FROM unnest($2::text[], $3::text[]) AS t (zh, en)"#,
    )
    .bind(no)
    .bind(zh)
    .bind(en)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

pub(crate) async fn deferred(conn: &mut PgConnection, no: &str) -> Result<Vec<DeferredRow>> {
    sqlx::query_as(
        r#"SELECT seq, name_zh, name_en, state FROM casework.deferred WHERE "case" = $1 ORDER BY seq LIMIT 200"#,
    )
    .bind(no)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// Lesser papers go from one state to another: all in the first, or those of these numbers.
pub(crate) async fn move_deferred(
    conn: &mut PgConnection,
    no: &str,
    (from, to): (&str, &str),
    seqs: Option<&[i32]>,
    now: OffsetDateTime,
) -> Result<u64> {
    let moved = sqlx::query(
        r#"UPDATE casework.deferred SET state = $3, owed_at = CASE WHEN $3 = 'owed' THEN $5 ELSE owed_at END,
             supplied_at = CASE WHEN $3 = 'supplied' THEN $5 ELSE supplied_at END
           WHERE "case" = $1 AND state = $2 AND ($4::integer[] IS NULL OR seq = ANY ($4))"#,
    )
    .bind(no)
    .bind(from)
    .bind(to)
    .bind(seqs)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(moved.rows_affected())
}

/// Whether a paper is owed.
pub(crate) async fn owes(conn: &mut PgConnection, no: &str) -> Result<bool> {
    sqlx::query_scalar(
        r#"SELECT EXISTS (SELECT FROM casework.deferred WHERE "case" = $1 AND state = 'owed')"#,
    )
    .bind(no)
    .fetch_one(conn)
    .await
    .map_err(stored)
}

/// Work of the platform that waits.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Withheld {
    pub(crate) task: String,
    pub(crate) node: String,
    pub(crate) action: String,
    pub(crate) notice: Option<String>,
}

pub(crate) async fn withhold(
    conn: &mut PgConnection,
    no: &str,
    work: &Withheld,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        r#"INSERT INTO casework.withheld ("case", task, node, action, notice, at) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT ("case", task) DO NOTHING"#,
    )
    .bind(no)
    .bind(&work.task)
    .bind(&work.node)
    .bind(&work.action)
    .bind(&work.notice)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Takes what waited.
pub(crate) async fn take_withheld(conn: &mut PgConnection, no: &str) -> Result<Vec<Withheld>> {
    sqlx::query_as(
        r#"DELETE FROM casework.withheld WHERE "case" = $1 RETURNING task, node, action, notice"#,
    )
    .bind(no)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

pub(crate) async fn withheld(conn: &mut PgConnection, no: &str) -> Result<Vec<Withheld>> {
    sqlx::query_as(
        r#"SELECT task, node, action, notice FROM casework.withheld WHERE "case" = $1 ORDER BY at, task LIMIT 100"#,
    )
    .bind(no)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// The next case whose time to bring what is owed is over and which no officer has before them yet.
pub(crate) async fn next_late(
    conn: &mut PgConnection,
    clock: &str,
    now: OffsetDateTime,
    late: &str,
) -> Result<Option<String>> {
    sqlx::query_scalar(
        r#"SELECT k."case" FROM casework.clock k
           WHERE k.name = $1 AND k.ended_at IS NULL AND k.due_at <= $2
             AND NOT EXISTS (SELECT FROM casework.todo t WHERE t."case" = k."case" AND t.closed_at IS NULL
                             AND starts_with(t.task, $3))
           ORDER BY k.due_at, k.id LIMIT 1 FOR UPDATE OF k SKIP LOCKED"#,
    )
    .bind(clock)
    .bind(now)
    .bind(late)
    .fetch_optional(conn)
    .await
    .map_err(stored)
}

/// A task goes on from another one: its time began when that of the other began, and what was said of that time is not
/// said again.
pub(crate) async fn go_on_from(conn: &mut PgConnection, todo: Uuid, before: Uuid) -> Result<()> {
    for statement in [
        "UPDATE casework.todo n SET begun_at = coalesce(o.begun_at, o.opened_at)
           FROM casework.todo o WHERE n.id = $1 AND o.id = $2",
        "UPDATE casework.clock n SET started_at = o.started_at, born = o.born, revision = -1
           FROM casework.clock o WHERE n.todo = $1 AND n.name = 'step' AND o.todo = $2 AND o.name = 'step'",
        "INSERT INTO casework.rung (clock, rung, at)
           SELECT n.id, r.rung, r.at FROM casework.rung r JOIN casework.clock o ON o.id = r.clock AND o.todo = $2
           JOIN casework.clock n ON n.todo = $1 AND n.name = o.name ON CONFLICT DO NOTHING",
    ] {
        sqlx::query(statement).bind(todo).bind(before).execute(&mut *conn).await.map_err(stored)?;
    }
    Ok(())
}
