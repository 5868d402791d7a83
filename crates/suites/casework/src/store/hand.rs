//! Tasks in the hands of people who come and go.

use sqlx::PgConnection;
use time::Date;
use uuid::Uuid;

use super::stored;
use crate::error::Result;
use crate::handover::Hands;

/// Tasks that one step gives back.
const ROWS_MAX: i64 = 1_000;

/// How many open tasks of the office wait for a role in a department, and how many of them are in the hands of an account.
pub(crate) async fn open_tasks(
    conn: &mut PgConnection,
    department: Uuid,
    role: &str,
    accounts: &[Uuid],
) -> Result<(i64, i64)> {
    sqlx::query_as(
        "SELECT count(*), count(*) FILTER (WHERE assignee = ANY ($3)) FROM casework.todo
         WHERE department = $1 AND role = $2 AND side = 'office' AND closed_at IS NULL",
    )
    .bind(department)
    .bind(role)
    .bind(accounts)
    .fetch_one(conn)
    .await
    .map_err(stored)
}

/// A task in somebody's hands: its identifier, case, role and department, and the applicant.
pub(crate) type InHand = (Uuid, String, String, Uuid, Uuid);

/// The open tasks of the office in the hands of accounts; their rows are locked.
pub(crate) async fn in_hand(conn: &mut PgConnection, accounts: &[Uuid]) -> Result<Vec<InHand>> {
    sqlx::query_as(
        r#"SELECT todo.id, todo."case", todo.role, todo.department, "case".person
           FROM casework.todo JOIN casework."case" ON "case".no = todo."case"
           WHERE todo.assignee = ANY ($1) AND todo.side = 'office' AND todo.closed_at IS NULL
           ORDER BY todo.id LIMIT $2 FOR UPDATE OF todo"#,
    )
    .bind(accounts)
    .bind(ROWS_MAX)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// Puts a task into other hands, or into nobody's.
pub(crate) async fn reassign(
    conn: &mut PgConnection,
    todo: Uuid,
    to: Option<(Uuid, &str)>,
) -> Result<()> {
    sqlx::query(
        "UPDATE casework.todo SET assignee = $2, assignee_name = $3 WHERE id = $1 AND closed_at IS NULL",
    )
    .bind(todo)
    .bind(to.map(|(account, _)| account))
    .bind(to.map(|(_, name)| name))
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Who of a department has how much in hand, most first.
pub(crate) async fn hands(
    conn: &mut PgConnection,
    department: Uuid,
    today: Date,
) -> Result<Vec<Hands>> {
    let rows: Vec<(Uuid, String, i64, i64, Option<Date>)> = sqlx::query_as(
        "SELECT assignee, max(coalesce(assignee_name, '')), count(*), count(*) FILTER (WHERE due_day < $2), min(due_day)
         FROM casework.todo
         WHERE department = $1 AND side = 'office' AND closed_at IS NULL AND assignee IS NOT NULL
         GROUP BY assignee ORDER BY count(*) DESC, assignee LIMIT 500",
    )
    .bind(department)
    .bind(today)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    let hand = |(account, name, open, over, first)| Hands { account, name, open, over, first };
    Ok(rows.into_iter().map(hand).collect())
}
