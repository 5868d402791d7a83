//! The tasks that cases wait for.

use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Text;

use super::stored;
use crate::error::Result;
use crate::model::{OWN, Place, Purpose, Side, Todo};

/// The columns of a task.
macro_rules! columns {
    () => {
        r#"id, "case", task, node, title_zh, title_en, role, side, outcomes, assignee, assignee_name, opened_at,
           due_day, department, department_name, lead, by_default, visit, several, followed, purpose, of_task, given, lent,
           waits, asked_by, begun_at"#
    };
}

pub(crate) async fn insert_todo(conn: &mut PgConnection, todo: &Todo) -> Result<()> {
    let place = &todo.place;
    sqlx::query(
        r#"INSERT INTO casework.todo (id, "case", task, node, title_zh, title_en, role, side,
             department, outcomes, opened_at, due_day, assignee, assignee_name, department_name, lead, by_default,
             visit, purpose, of_task, given, lent, waits, asked_by, begun_at, several, followed)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
             $22, $23, $24, $25, $26, $27)"#,
    )
    .bind(todo.id)
    .bind(&todo.case)
    .bind(&todo.task)
    .bind(&todo.node)
    .bind(&todo.title.zh)
    .bind(&todo.title.en)
    .bind(&todo.role)
    .bind(side_word(todo.side))
    .bind(place.department)
    .bind(&todo.outcomes)
    .bind(todo.opened_at)
    .bind(todo.due_day)
    .bind(todo.assignee)
    .bind(&todo.assignee_name)
    .bind(&place.department_name)
    .bind(place.lead)
    .bind(&place.by_default)
    .bind(place.visit)
    .bind(place.purpose.map(Purpose::word))
    .bind(&place.of)
    .bind(place.given)
    .bind(place.lent)
    .bind(place.waits)
    .bind(&place.asked_by)
    .bind(place.begun_at)
    .bind(place.several)
    .bind(place.followed)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Gives a task to somebody, or to all who may do it.
pub(crate) async fn put_in_hand(
    conn: &mut PgConnection,
    no: &str,
    task: &str,
    whose: Option<(Uuid, &str)>,
) -> Result<()> {
    sqlx::query(
        r#"UPDATE casework.todo SET assignee = $3, assignee_name = $4
           WHERE "case" = $1 AND task = $2 AND closed_at IS NULL"#,
    )
    .bind(no)
    .bind(task)
    .bind(whose.map(|(account, _)| account))
    .bind(whose.map(|(_, name)| name))
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Writes down how a task stands to others in its process.
pub(crate) async fn place_todo(conn: &mut PgConnection, no: &str, at: &Standing<'_>) -> Result<()> {
    sqlx::query(
        r#"UPDATE casework.todo SET purpose = $3, of_task = $4, lent = $5, waits = $6, given = $7, followed = $8
           WHERE "case" = $1 AND task = $2 AND closed_at IS NULL
             AND (purpose, of_task, lent, waits, given, followed) IS DISTINCT FROM ($3, $4, $5, $6, $7, $8)"#,
    )
    .bind(no)
    .bind(at.task)
    .bind(at.purpose.map(Purpose::word))
    .bind(at.of)
    .bind(at.lent)
    .bind(at.waits)
    .bind(at.given)
    .bind(at.followed)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// How a task stands to others in its process.
#[expect(
    clippy::struct_excessive_bools,
    reason = "four columns of one row, each asked for by itself"
)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing<'a> {
    pub(crate) task: &'a str,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) of: Option<&'a str>,
    pub(crate) lent: bool,
    pub(crate) waits: bool,
    pub(crate) given: bool,
    pub(crate) followed: bool,
}

/// How often each outcome was given in a visit of a step.
pub(crate) async fn given(
    conn: &mut PgConnection,
    no: &str,
    node: &str,
    visit: i64,
) -> Result<Vec<(String, i64)>> {
    sqlx::query_as(
        r#"SELECT outcome, count(*) FROM casework.todo
           WHERE "case" = $1 AND node = $2 AND visit = $3 AND closed_at IS NOT NULL AND outcome IS NOT NULL
             AND outcome NOT IN ('cancelled', 'taken_back') AND coalesce(purpose, '') NOT IN ('before', 'opinion')
           GROUP BY outcome ORDER BY outcome LIMIT 100"#,
    )
    .bind(no)
    .bind(node)
    .bind(visit)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// The latest tasks of a case that an account has done: the task, its process task, node and outcome.
pub(crate) async fn done_by(
    conn: &mut PgConnection,
    no: &str,
    account: Uuid,
) -> Result<Vec<DoneTodo>> {
    sqlx::query_as(
        r#"SELECT id, task, node, title_zh, title_en, outcome
           FROM casework.todo WHERE "case" = $1 AND assignee = $2 AND closed_at IS NOT NULL AND side = 'office'
             AND outcome IS NOT NULL AND outcome NOT IN ('cancelled', 'taken_back', 'moved')
           ORDER BY closed_at DESC, id DESC LIMIT 10"#,
    )
    .bind(no)
    .bind(account)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// A task that was done.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct DoneTodo {
    pub(crate) id: Uuid,
    pub(crate) task: String,
    pub(crate) node: String,
    pub(crate) title_zh: String,
    pub(crate) title_en: String,
    pub(crate) outcome: String,
}

/// What was done counts as not done.
pub(crate) async fn undo_done(conn: &mut PgConnection, todo: Uuid) -> Result<()> {
    sqlx::query("UPDATE casework.todo SET outcome = 'taken_back' WHERE id = $1")
        .bind(todo)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

/// The next number of a task that no process knows.
pub(crate) async fn next_own(conn: &mut PgConnection, no: &str, word: &str) -> Result<i64> {
    sqlx::query_scalar(
        r#"SELECT count(*) + 1 FROM casework.todo WHERE "case" = $1 AND starts_with(task, $2)"#,
    )
    .bind(no)
    .bind(format!("{OWN}{word}/"))
    .fetch_one(conn)
    .await
    .map_err(stored)
}

/// The next task whose days are over and which has an outcome for that: it, and its case. What others hold is left.
pub(crate) async fn next_lapsed(
    conn: &mut PgConnection,
    now: OffsetDateTime,
) -> Result<Option<(Uuid, String)>> {
    sqlx::query_as(
        r#"SELECT t.id, t."case" FROM casework.todo t
           JOIN casework.clock k ON k.todo = t.id AND k.ended_at IS NULL
           WHERE t.closed_at IS NULL AND t.by_default IS NOT NULL AND k.due_at <= $1 AND NOT t.waits AND NOT t.lent
             AND NOT EXISTS (SELECT FROM casework.suspension s
                             WHERE s."case" = t."case" AND s.to_day IS NULL AND k.name = ANY (s.clocks))
           ORDER BY k.due_at, t.id LIMIT 1 FOR UPDATE OF t SKIP LOCKED"#,
    )
    .bind(now)
    .fetch_optional(conn)
    .await
    .map_err(stored)
}

/// Whether the days of a task are over, as its clock has it now.
pub(crate) async fn still_lapsed(
    conn: &mut PgConnection,
    todo: Uuid,
    now: OffsetDateTime,
) -> Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM casework.clock WHERE todo = $1 AND ended_at IS NULL AND due_at <= $2)",
    )
    .bind(todo)
    .bind(now)
    .fetch_one(conn)
    .await
    .map_err(stored)
}

/// A task has no outcome by rule any more.
pub(crate) async fn no_default(conn: &mut PgConnection, todo: Uuid) -> Result<()> {
    sqlx::query("UPDATE casework.todo SET by_default = NULL WHERE id = $1")
        .bind(todo)
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
    // What somebody had begun to write at it goes with it.
    let closed: i64 = sqlx::query_scalar(
        r#"WITH closed AS (
             UPDATE casework.todo SET closed_at = $4, outcome = $3
             WHERE "case" = $1 AND task = $2 AND closed_at IS NULL RETURNING id),
           gone AS (DELETE FROM casework.draft d USING closed WHERE d.todo = closed.id)
           SELECT count(*) FROM closed"#,
    )
    .bind(no)
    .bind(task)
    .bind(outcome)
    .bind(now)
    .fetch_one(conn)
    .await
    .map_err(stored)?;
    Ok(closed == 1)
}

/// The same by its identifier.
pub(crate) async fn close_by_id(
    conn: &mut PgConnection,
    todo: Uuid,
    outcome: &str,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "UPDATE casework.todo SET closed_at = $3, outcome = $2 WHERE id = $1 AND closed_at IS NULL",
    )
    .bind(todo)
    .bind(outcome)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
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

#[derive(FromRow)]
pub(super) struct TodoRow {
    id: Uuid,
    pub(super) case: String,
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
    #[sqlx(flatten)]
    place: PlaceRow,
}

#[derive(FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "each is a column of its own")]
struct PlaceRow {
    department: Uuid,
    department_name: String,
    lead: bool,
    by_default: Option<String>,
    visit: i64,
    several: bool,
    followed: bool,
    purpose: Option<String>,
    of_task: Option<String>,
    given: bool,
    lent: bool,
    waits: bool,
    asked_by: Option<String>,
    begun_at: Option<OffsetDateTime>,
}

impl From<TodoRow> for Todo {
    fn from(row: TodoRow) -> Self {
        let place = row.place;
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
            place: Place {
                department: place.department,
                department_name: place.department_name,
                lead: place.lead,
                by_default: place.by_default,
                visit: place.visit,
                several: place.several,
                followed: place.followed,
                purpose: place.purpose.as_deref().and_then(Purpose::parse),
                of: place.of_task,
                given: place.given,
                lent: place.lent,
                waits: place.waits,
                asked_by: place.asked_by,
                begun_at: place.begun_at,
            },
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
    let rows: Vec<TodoRow> = sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        r#" FROM casework.todo WHERE "case" = $1 AND closed_at IS NULL ORDER BY opened_at, id LIMIT 200"#
    ))
    .bind(no)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows.into_iter().map(Todo::from).collect())
}

/// The open tasks of the applicants of some cases, oldest first.
pub(crate) async fn todos_of_applicants(
    conn: &mut PgConnection,
    numbers: &[&str],
) -> Result<Vec<Todo>> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<TodoRow> = sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        r#" FROM casework.todo WHERE "case" = ANY ($1) AND closed_at IS NULL AND side = 'applicant'
           ORDER BY opened_at, id LIMIT 2000"#
    ))
    .bind(numbers)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows.into_iter().map(Todo::from).collect())
}

pub(crate) async fn todo(conn: &mut PgConnection, id: Uuid) -> Result<Option<Todo>> {
    let row: Option<TodoRow> = sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM casework.todo WHERE id = $1 AND closed_at IS NULL"
    ))
    .bind(id)
    .fetch_optional(conn)
    .await
    .map_err(stored)?;
    Ok(row.map(Todo::from))
}

/// The open task of a case by the number its process gave it.
pub(crate) async fn todo_of_task(
    conn: &mut PgConnection,
    no: &str,
    task: &str,
) -> Result<Option<Todo>> {
    let row: Option<TodoRow> = sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        r#" FROM casework.todo WHERE "case" = $1 AND task = $2 AND closed_at IS NULL"#
    ))
    .bind(no)
    .bind(task)
    .fetch_optional(conn)
    .await
    .map_err(stored)?;
    Ok(row.map(Todo::from))
}
