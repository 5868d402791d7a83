//! What supervision reads of a case: rows without the columns in which people stand.

use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_db::Ctx;

use super::{clocks_of, events, stored};
use crate::error::Result;
use crate::model::State;
use crate::watch::{Watched, WatchedClock, WatchedEvent, WatchedRung, WatchedStop, WatchedTask};

#[derive(FromRow)]
struct CourseRow {
    no: String,
    kind: String,
    item: String,
    title_zh: String,
    title_en: String,
    department: Uuid,
    department_name: String,
    state: String,
    decision: Option<String>,
    promised_days: i32,
    statutory_days: i32,
    submitted_at: OffsetDateTime,
    accepted_at: Option<OffsetDateTime>,
    decided_at: Option<OffsetDateTime>,
    closed_at: Option<OffsetDateTime>,
}

/// The course of a case.
pub(crate) async fn watched(ctx: &mut Ctx, no: &str) -> Result<Option<Watched>> {
    let row: Option<CourseRow> = sqlx::query_as(
        r#"SELECT no, kind, item, title_zh, title_en, department, department_name, state, decision,
             promised_days, statutory_days, submitted_at, accepted_at, decided_at, closed_at
           FROM casework."case" WHERE no = $1"#,
    )
    .bind(no)
    .fetch_optional(ctx.conn())
    .await
    .map_err(stored)?;
    let Some(row) = row else { return Ok(None) };
    let events = events(ctx, no).await?.into_iter().map(|event| WatchedEvent {
        seq: event.seq,
        at: event.at,
        text: event.text,
        reason_chars: event.reason.as_deref().map(length),
        kind: event.kind,
        node: event.node,
    });
    let conn = ctx.conn();
    let clocks = clocks_of(conn, no).await?.into_iter().map(|clock| WatchedClock {
        id: clock.id,
        name: clock.name,
        seq: clock.seq,
        side: clock.side,
        todo: clock.todo,
        started_at: clock.started_at,
        ended_at: clock.ended_at,
        due_at: clock.due_at,
        due_day: clock.due_day,
    });
    Ok(Some(Watched {
        title: Text::new(row.title_zh, row.title_en),
        state: State::parse(&row.state).unwrap_or(State::Submitted),
        promised_days: u32::try_from(row.promised_days).unwrap_or(0),
        statutory_days: u32::try_from(row.statutory_days).unwrap_or(0),
        no: row.no,
        kind: row.kind,
        item: row.item,
        department: row.department,
        department_name: row.department_name,
        decision: row.decision,
        submitted_at: row.submitted_at,
        accepted_at: row.accepted_at,
        decided_at: row.decided_at,
        closed_at: row.closed_at,
        events: events.collect(),
        clocks: clocks.collect(),
        rungs: rungs(conn, no).await?,
        stops: watched_stops(conn, no).await?,
        tasks: office_tasks(conn, no).await?,
    }))
}

/// Numbers of cases in order after one.
pub(crate) async fn numbers_after(
    conn: &mut PgConnection,
    after: &str,
    most: i64,
) -> Result<Vec<String>> {
    sqlx::query_scalar(r#"SELECT no FROM casework."case" WHERE no > $1 ORDER BY no LIMIT $2"#)
        .bind(after)
        .bind(most)
        .fetch_all(conn)
        .await
        .map_err(stored)
}

fn length(words: &str) -> u32 {
    u32::try_from(words.trim().chars().count()).unwrap_or(u32::MAX)
}

async fn rungs(conn: &mut PgConnection, no: &str) -> Result<Vec<WatchedRung>> {
    let rows: Vec<(Uuid, String, OffsetDateTime)> = sqlx::query_as(
        r#"SELECT r.clock, r.rung, r.at FROM casework.rung r JOIN casework.clock c ON c.id = r.clock
           WHERE c."case" = $1 ORDER BY r.at, c.name, c.seq, r.rung LIMIT 2000"#,
    )
    .bind(no)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows.into_iter().map(|(clock, rung, at)| WatchedRung { clock, rung, at }).collect())
}

#[derive(FromRow)]
struct WatchedStopRow {
    seq: i32,
    kind: String,
    from_at: OffsetDateTime,
    to_at: Option<OffsetDateTime>,
    told_days: i32,
    told_until: Option<Date>,
    overlong_at: Option<OffsetDateTime>,
}

async fn watched_stops(conn: &mut PgConnection, no: &str) -> Result<Vec<WatchedStop>> {
    let rows: Vec<WatchedStopRow> = sqlx::query_as(
        r#"SELECT seq, kind, from_at, to_at, told_days, told_until, overlong_at
           FROM casework.suspension WHERE "case" = $1 ORDER BY seq LIMIT 200"#,
    )
    .bind(no)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    let stops = rows.into_iter().map(|row| WatchedStop {
        seq: row.seq,
        kind: row.kind,
        from: row.from_at,
        to: row.to_at,
        told_days: row.told_days,
        told_until: row.told_until,
        overlong_at: row.overlong_at,
    });
    Ok(stops.collect())
}

#[derive(FromRow)]
struct TaskRow {
    id: Uuid,
    node: String,
    role: String,
    department: Uuid,
    assignee: Option<Uuid>,
    opened_at: OffsetDateTime,
    closed_at: Option<OffsetDateTime>,
}

async fn office_tasks(conn: &mut PgConnection, no: &str) -> Result<Vec<WatchedTask>> {
    let rows: Vec<TaskRow> = sqlx::query_as(
        r#"SELECT id, node, role, department, assignee, opened_at, closed_at FROM casework.todo
           WHERE "case" = $1 AND side = 'office' ORDER BY opened_at, id LIMIT 1000"#,
    )
    .bind(no)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    let tasks = rows.into_iter().map(|row| WatchedTask {
        id: row.id,
        node: row.node,
        role: row.role,
        department: row.department,
        assignee: row.assignee,
        opened_at: row.opened_at,
        closed_at: row.closed_at,
    });
    Ok(tasks.collect())
}
