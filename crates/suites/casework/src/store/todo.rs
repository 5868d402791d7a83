//! The tasks that cases wait for, and the inbox over them.

use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::{Paging, Text};

use super::stored;
use crate::error::Result;
use crate::model::{Side, State, Todo};
use crate::view::Counts;

pub(crate) const INBOX: &str = include_str!("../../sql/inbox.sql");
pub(crate) const INBOX_COUNTS: &str = include_str!("../../sql/inbox_counts.sql");

pub(crate) async fn insert_todo(
    conn: &mut PgConnection,
    todo: &Todo,
    department: Uuid,
) -> Result<()> {
    sqlx::query(
        r#"INSERT INTO casework.todo (id, "case", task, node, title_zh, title_en, role, side,
             department, outcomes, opened_at, due_day)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"#,
    )
    .bind(todo.id)
    .bind(&todo.case)
    .bind(&todo.task)
    .bind(&todo.node)
    .bind(&todo.title.zh)
    .bind(&todo.title.en)
    .bind(&todo.role)
    .bind(side_word(todo.side))
    .bind(department)
    .bind(&todo.outcomes)
    .bind(todo.opened_at)
    .bind(todo.due_day)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

pub(crate) async fn close_todo(
    conn: &mut PgConnection,
    no: &str,
    task: &str,
    outcome: &str,
    now: OffsetDateTime,
) -> Result<bool> {
    let closed = sqlx::query(
        r#"UPDATE casework.todo SET closed_at = $4, outcome = $3
           WHERE "case" = $1 AND task = $2 AND closed_at IS NULL"#,
    )
    .bind(no)
    .bind(task)
    .bind(outcome)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(closed.rows_affected() == 1)
}

/// Sets who does a task. Returns whether it was still open and free (or already theirs).
pub(crate) async fn assign(
    conn: &mut PgConnection,
    todo: Uuid,
    account: Uuid,
    name: &str,
) -> Result<bool> {
    let taken = sqlx::query(
        "UPDATE casework.todo SET assignee = $2, assignee_name = $3
         WHERE id = $1 AND closed_at IS NULL AND (assignee IS NULL OR assignee = $2)",
    )
    .bind(todo)
    .bind(account)
    .bind(name)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(taken.rows_affected() == 1)
}

/// Gives a task back. Returns whether it was theirs.
pub(crate) async fn release(conn: &mut PgConnection, todo: Uuid, account: Uuid) -> Result<bool> {
    let released = sqlx::query(
        "UPDATE casework.todo SET assignee = NULL, assignee_name = NULL
         WHERE id = $1 AND closed_at IS NULL AND assignee = $2",
    )
    .bind(todo)
    .bind(account)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(released.rows_affected() == 1)
}

pub(crate) async fn set_due(conn: &mut PgConnection, todo: Uuid, due: Date) -> Result<()> {
    sqlx::query("UPDATE casework.todo SET due_day = $2 WHERE id = $1")
        .bind(todo)
        .bind(due)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

#[derive(FromRow)]
struct TodoRow {
    id: Uuid,
    case: String,
    task: String,
    node: String,
    title_zh: String,
    title_en: String,
    role: String,
    side: String,
    outcomes: Vec<String>,
    assignee: Option<Uuid>,
    assignee_name: Option<String>,
    opened_at: OffsetDateTime,
    due_day: Option<Date>,
}

impl From<TodoRow> for Todo {
    fn from(row: TodoRow) -> Self {
        Self {
            id: row.id,
            case: row.case,
            task: row.task,
            node: row.node,
            title: Text::new(row.title_zh, row.title_en),
            role: row.role,
            side: if row.side == side_word(Side::Applicant) {
                Side::Applicant
            } else {
                Side::Office
            },
            outcomes: row.outcomes,
            assignee: row.assignee,
            assignee_name: row.assignee_name,
            opened_at: row.opened_at,
            due_day: row.due_day,
        }
    }
}

fn side_word(side: Side) -> &'static str {
    match side {
        Side::Office => "office",
        Side::Applicant => "applicant",
    }
}

pub(crate) async fn open_todos(conn: &mut PgConnection, no: &str) -> Result<Vec<Todo>> {
    let rows: Vec<TodoRow> = sqlx::query_as(
        r#"SELECT id, "case", task, node, title_zh, title_en, role, side, outcomes, assignee,
             assignee_name, opened_at, due_day
           FROM casework.todo WHERE "case" = $1 AND closed_at IS NULL ORDER BY opened_at, id LIMIT 100"#,
    )
    .bind(no)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows.into_iter().map(Todo::from).collect())
}

pub(crate) async fn todo(conn: &mut PgConnection, id: Uuid) -> Result<Option<Todo>> {
    let row: Option<TodoRow> = sqlx::query_as(
        r#"SELECT id, "case", task, node, title_zh, title_en, role, side, outcomes, assignee,
             assignee_name, opened_at, due_day
           FROM casework.todo WHERE id = $1 AND closed_at IS NULL"#,
    )
    .bind(id)
    .fetch_optional(conn)
    .await
    .map_err(stored)?;
    Ok(row.map(Todo::from))
}

/// Which tasks an inbox shows.
#[derive(Clone, Debug)]
pub(crate) struct InboxQuery<'a> {
    pub(crate) department: Uuid,
    pub(crate) account: Uuid,
    pub(crate) roles: &'a [String],
    pub(crate) filter: &'a str,
    pub(crate) today: Date,
    pub(crate) tomorrow: Date,
    pub(crate) paging: Paging,
}

/// A task in the inbox with what one must know of its case.
#[derive(Clone, Debug)]
pub(crate) struct InboxRow {
    pub(crate) todo: Todo,
    pub(crate) kind: String,
    pub(crate) case_title: Text,
    pub(crate) applicant: String,
    pub(crate) state: State,
    pub(crate) promised_days: u32,
    pub(crate) accepted_at: Option<OffsetDateTime>,
    pub(crate) submitted_at: OffsetDateTime,
    pub(crate) stopped: Option<(String, Date)>,
}

#[derive(FromRow)]
struct InboxRowRead {
    #[sqlx(flatten)]
    todo: TodoRow,
    kind: String,
    case_title_zh: String,
    case_title_en: String,
    applicant: String,
    state: String,
    promised_days: i32,
    accepted_at: Option<OffsetDateTime>,
    submitted_at: OffsetDateTime,
    stop_kind: Option<String>,
    stop_from: Option<Date>,
    total: i64,
}

pub(crate) async fn inbox(
    conn: &mut PgConnection,
    query: &InboxQuery<'_>,
) -> Result<(Vec<InboxRow>, i64)> {
    let rows: Vec<InboxRowRead> = sqlx::query_as(INBOX)
        .bind(query.department)
        .bind(query.account)
        .bind(query.roles)
        .bind(query.filter)
        .bind(query.today)
        .bind(query.tomorrow)
        .bind(query.paging.limit())
        .bind(query.paging.offset())
        .fetch_all(conn)
        .await
        .map_err(stored)?;
    let total = rows.first().map_or(0, |row| row.total);
    let rows = rows
        .into_iter()
        .map(|row| InboxRow {
            todo: Todo::from(row.todo),
            kind: row.kind,
            case_title: Text::new(row.case_title_zh, row.case_title_en),
            applicant: row.applicant,
            state: State::parse(&row.state).unwrap_or(State::Submitted),
            promised_days: u32::try_from(row.promised_days).unwrap_or(0),
            accepted_at: row.accepted_at,
            submitted_at: row.submitted_at,
            stopped: row.stop_kind.zip(row.stop_from),
        })
        .collect();
    Ok((rows, total))
}

#[derive(FromRow)]
struct CountsRow {
    every: i64,
    mine: i64,
    free: i64,
    over: i64,
    near: i64,
    correcting: i64,
}

/// How many tasks each filter of the inbox shows.
pub(crate) async fn inbox_counts(
    conn: &mut PgConnection,
    query: &InboxQuery<'_>,
) -> Result<Counts> {
    let row: CountsRow = sqlx::query_as(INBOX_COUNTS)
        .bind(query.department)
        .bind(query.account)
        .bind(query.roles)
        .bind(query.today)
        .bind(query.tomorrow)
        .fetch_one(conn)
        .await
        .map_err(stored)?;
    Ok(Counts {
        all: row.every,
        mine: row.mine,
        free: row.free,
        over: row.over,
        near: row.near,
        correcting: row.correcting,
    })
}
