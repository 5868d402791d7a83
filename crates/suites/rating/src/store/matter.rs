//! Bad ratings in hand and their steps.

use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Paging;
use zhengtong_calendar::{Deadline, china_midnight};
use zhengtong_db::Ctx;

use super::{hide, open, stored};
use crate::error::Result;
use crate::model::{Course, Matter, Standing, Step, StepKind};

#[derive(FromRow)]
struct MatterRow {
    no: String,
    rating: Uuid,
    department: Uuid,
    item: Option<String>,
    state: String,
    round: i16,
    due_day: Option<Date>,
    in_time: Option<bool>,
    answered: bool,
    called_back: bool,
    settled: Option<bool>,
    version: i64,
}

impl MatterRow {
    fn whole(self) -> Matter {
        let due = self.due_day.map(|day| Deadline {
            day,
            at: china_midnight(day.next_day().unwrap_or(day)),
            provisional: false,
        });
        Matter {
            no: self.no,
            rating: self.rating,
            department: self.department,
            item: self.item,
            course: Course {
                standing: Standing::parse(&self.state).unwrap_or(Standing::Received),
                round: self.round,
                due,
                in_time: self.in_time,
                answered: self.answered,
                called_back: self.called_back,
                settled: self.settled,
            },
            version: self.version,
        }
    }
}

pub(crate) async fn insert_matter(
    conn: &mut PgConnection,
    no: &str,
    rating: Uuid,
    department: Uuid,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO rating.matter (no, rating, department, state, round, answered, called_back)
         VALUES ($1, $2, $3, 'received', 1, false, false)",
    )
    .bind(no)
    .bind(rating)
    .bind(department)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Keeps what the steps come to, and counts the version up.
pub(crate) async fn write_course(conn: &mut PgConnection, no: &str, course: &Course) -> Result<()> {
    sqlx::query(
        "UPDATE rating.matter SET state = $2, round = $3, due_day = $4, in_time = $5, answered = $6,
           called_back = $7, settled = $8, version = version + 1 WHERE no = $1",
    )
    .bind(no)
    .bind(course.standing.word())
    .bind(course.round)
    .bind(course.due.map(|due| due.day))
    .bind(course.in_time)
    .bind(course.answered)
    .bind(course.called_back)
    .bind(course.settled)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Lets the department know the item.
pub(crate) async fn show_item(conn: &mut PgConnection, no: &str, item: &str) -> Result<()> {
    sqlx::query("UPDATE rating.matter SET item = $2 WHERE no = $1")
        .bind(no)
        .bind(item)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

pub(crate) async fn matter(conn: &mut PgConnection, no: &str) -> Result<Option<Matter>> {
    let row: Option<MatterRow> = sqlx::query_as("SELECT * FROM rating.matter WHERE no = $1")
        .bind(no)
        .fetch_optional(conn)
        .await
        .map_err(stored)?;
    Ok(row.map(MatterRow::whole))
}

/// The matter, locked until the transaction ends.
pub(crate) async fn matter_for_change(conn: &mut PgConnection, no: &str) -> Result<Option<Matter>> {
    let row: Option<MatterRow> =
        sqlx::query_as("SELECT * FROM rating.matter WHERE no = $1 FOR UPDATE")
            .bind(no)
            .fetch_optional(conn)
            .await
            .map_err(stored)?;
    Ok(row.map(MatterRow::whole))
}

pub(crate) async fn matter_of(conn: &mut PgConnection, rating: Uuid) -> Result<Option<Matter>> {
    let row: Option<MatterRow> = sqlx::query_as("SELECT * FROM rating.matter WHERE rating = $1")
        .bind(rating)
        .fetch_optional(conn)
        .await
        .map_err(stored)?;
    Ok(row.map(MatterRow::whole))
}

/// Matters of a department, or of all; what is open first, by the last day in time. A department does not see what
/// was not sent to it yet.
pub(crate) async fn matters(
    conn: &mut PgConnection,
    department: Option<Uuid>,
    open: bool,
    paging: Paging,
) -> Result<(Vec<Matter>, i64)> {
    let total = sqlx::query_scalar(
        "SELECT count(*) FROM rating.matter
         WHERE ($1::uuid IS NULL OR (department = $1 AND state <> 'received'))
           AND (state NOT IN ('closed', 'excluded')) = $2",
    )
    .bind(department)
    .bind(open)
    .fetch_one(&mut *conn)
    .await
    .map_err(stored)?;
    let rows: Vec<MatterRow> = sqlx::query_as(
        "SELECT * FROM rating.matter
         WHERE ($1::uuid IS NULL OR (department = $1 AND state <> 'received'))
           AND (state NOT IN ('closed', 'excluded')) = $2
         ORDER BY due_day NULLS LAST, no DESC LIMIT $3 OFFSET $4",
    )
    .bind(department)
    .bind(open)
    .bind(paging.limit())
    .bind(paging.offset())
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok((rows.into_iter().map(MatterRow::whole).collect(), total))
}

/// Matters that wait to be sent, or whose time has run out, each locked.
pub(crate) async fn waiting(conn: &mut PgConnection, rows_max: i64) -> Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT no FROM rating.matter WHERE state = 'received' ORDER BY no LIMIT $1
         FOR UPDATE SKIP LOCKED",
    )
    .bind(rows_max)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// Matters with a department whose last day is before this one.
pub(crate) async fn past_due(
    conn: &mut PgConnection,
    today: Date,
    rows_max: i64,
) -> Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT no FROM rating.matter m WHERE state = 'dispatched' AND due_day < $1
           AND NOT EXISTS (SELECT FROM rating.step o WHERE o.matter = m.no AND o.kind = 'overdue'
             AND o.seq > (SELECT max(s.seq) FROM rating.step s WHERE s.matter = m.no
                            AND s.kind IN ('dispatched', 'unsettled', 'ordered', 'kept')))
         ORDER BY due_day, no LIMIT $2 FOR UPDATE SKIP LOCKED",
    )
    .bind(today)
    .bind(rows_max)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// Appends a step. The matter must be locked.
pub(crate) async fn add_step(
    ctx: &mut Ctx,
    no: &str,
    kind: StepKind,
    (at, actor, words): (OffsetDateTime, &str, &str),
) -> Result<()> {
    let seq: i32 =
        sqlx::query_scalar("SELECT coalesce(max(seq), 0) + 1 FROM rating.step WHERE matter = $1")
            .bind(no)
            .fetch_one(ctx.conn())
            .await
            .map_err(stored)?;
    let words = hide(&*ctx.keyring()?, &format!("{no}/{seq}"), words)?;
    sqlx::query(
        "INSERT INTO rating.step (matter, seq, kind, at, actor, words) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(no)
    .bind(seq)
    .bind(kind.word())
    .bind(at)
    .bind(actor)
    .bind(words)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(())
}

type StepRow = (i32, String, OffsetDateTime, String, String);

pub(crate) async fn steps(ctx: &mut Ctx, no: &str) -> Result<Vec<Step>> {
    let rows: Vec<StepRow> = sqlx::query_as(
        "SELECT seq, kind, at, actor, words FROM rating.step WHERE matter = $1 ORDER BY seq LIMIT 500",
    )
    .bind(no)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    let ring = ctx.keyring()?;
    rows.into_iter()
        .filter_map(|(seq, kind, at, actor, words)| {
            let kind = StepKind::parse(&kind)?;
            let opened = open(&ring, &format!("{no}/{seq}"), words);
            Some(opened.map(|words| Step { seq, kind, at, actor, words }))
        })
        .collect()
}
