//! The clocks of cases: their rows, what was done to them, what was worked out.

use sqlx::{Connection as _, FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::stored;
use crate::error::Result;

pub(crate) const WRITE_DERIVED: &str = include_str!("../../sql/write_derived.sql");

/// Clocks of one case that are read at most.
const CLOCKS_MAX: i64 = 500;
/// The lock that an act on a clock shares and a change of a calendar has alone.
const CALENDAR_LOCK: i64 = 0x5a54_434c_4f43_4b01;

/// A clock as it stands in its table.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub(crate) struct ClockRow {
    pub(crate) id: Uuid,
    pub(crate) case: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) seq: i32,
    pub(crate) side: String,
    pub(crate) todo: Option<Uuid>,
    pub(crate) calendar: String,
    pub(crate) unit: String,
    pub(crate) budget: i32,
    pub(crate) born: i64,
    pub(crate) started_at: OffsetDateTime,
    pub(crate) ended_at: Option<OffsetDateTime>,
    pub(crate) consumed: i32,
    pub(crate) running_since: Option<OffsetDateTime>,
    pub(crate) due_at: Option<OffsetDateTime>,
    pub(crate) due_day: Option<Date>,
    pub(crate) provisional: bool,
    pub(crate) next_rung: Option<String>,
    pub(crate) next_rung_at: Option<OffsetDateTime>,
}

/// A suspension without the words of people.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct StopRow {
    pub(crate) case: String,
    pub(crate) kind: String,
    pub(crate) clocks: Vec<String>,
    pub(crate) from_at: OffsetDateTime,
    pub(crate) to_at: Option<OffsetDateTime>,
    pub(crate) told_days: i32,
}

/// What was worked out of a clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Derived {
    pub(crate) id: Uuid,
    pub(crate) consumed: i32,
    pub(crate) running_since: Option<OffsetDateTime>,
    pub(crate) due_at: Option<OffsetDateTime>,
    pub(crate) due_day: Option<Date>,
    pub(crate) provisional: bool,
    pub(crate) next_rung: Option<String>,
    pub(crate) next_rung_at: Option<OffsetDateTime>,
}

impl Derived {
    /// Whether a row says the same.
    pub(crate) fn stands_in(&self, row: &ClockRow) -> bool {
        self.consumed == row.consumed
            && self.running_since == row.running_since
            && self.due_at == row.due_at
            && self.due_day == row.due_day
            && self.provisional == row.provisional
            && self.next_rung == row.next_rung
            && self.next_rung_at == row.next_rung_at
    }
}

/// A change of a calendar or of a limit.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub(crate) struct ChangeRow {
    pub(crate) id: i64,
    pub(crate) at: OffsetDateTime,
    pub(crate) ordered_by: String,
    pub(crate) reason: String,
    pub(crate) calendar: Option<String>,
    pub(crate) days: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) unit: Option<String>,
    pub(crate) budget: Option<i32>,
    pub(crate) from_day: Option<Date>,
}

/// A connection, for callers that do not know sqlx.
pub(crate) type Connection = PgConnection;

/// Opens a connection of its own.
pub(crate) async fn connect(url: &str) -> Result<Connection> {
    PgConnection::connect(url).await.map_err(stored)
}

/// Keeps calendars as they are until the transaction ends.
pub(crate) async fn hold_calendars(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("SELECT pg_advisory_xact_lock_shared($1)")
        .bind(CALENDAR_LOCK)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

/// Waits until no act on a clock is under way, and lets none begin until the transaction ends.
pub(crate) async fn seize_calendars(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(CALENDAR_LOCK)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

pub(crate) async fn changes(conn: &mut PgConnection) -> Result<Vec<ChangeRow>> {
    sqlx::query_as("SELECT * FROM casework.clock_change ORDER BY id LIMIT 100000")
        .fetch_all(conn)
        .await
        .map_err(stored)
}

/// Appends a change and gives its revision.
pub(crate) async fn add_change(conn: &mut PgConnection, change: &ChangeRow) -> Result<i64> {
    sqlx::query_scalar(
        "INSERT INTO casework.clock_change
             (at, ordered_by, reason, calendar, days, kind, name, unit, budget, from_day)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
    )
    .bind(change.at)
    .bind(&change.ordered_by)
    .bind(&change.reason)
    .bind(&change.calendar)
    .bind(&change.days)
    .bind(&change.kind)
    .bind(&change.name)
    .bind(&change.unit)
    .bind(change.budget)
    .bind(change.from_day)
    .fetch_one(conn)
    .await
    .map_err(stored)
}

/// Lets a clock start; what is worked out of it comes later in the same transaction.
pub(crate) async fn start_clock(conn: &mut PgConnection, row: &ClockRow) -> Result<()> {
    sqlx::query(
        r#"INSERT INTO casework.clock (id, "case", kind, name, seq, side, todo, calendar, unit, budget, born,
             started_at, revision)
           SELECT $1, $2, $3, $4, coalesce(max(seq), 0) + 1, $5, $6, $7, $8, $9, $10, $11, -1
           FROM casework.clock WHERE "case" = $2 AND name = $4"#,
    )
    .bind(row.id)
    .bind(&row.case)
    .bind(&row.kind)
    .bind(&row.name)
    .bind(&row.side)
    .bind(row.todo)
    .bind(&row.calendar)
    .bind(&row.unit)
    .bind(row.budget)
    .bind(row.born)
    .bind(row.started_at)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Ends the open clocks of a case with these names; all of them for an empty list.
pub(crate) async fn end_clocks(
    conn: &mut PgConnection,
    no: &str,
    names: &[String],
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        r#"UPDATE casework.clock SET ended_at = $3, running_since = NULL, next_rung = NULL, next_rung_at = NULL
           WHERE "case" = $1 AND ended_at IS NULL AND (name = ANY ($2) OR cardinality($2) = 0)"#,
    )
    .bind(no)
    .bind(names)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Ends the clocks of tasks that are closed.
pub(crate) async fn end_step_clocks(
    conn: &mut PgConnection,
    no: &str,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        r#"UPDATE casework.clock c SET ended_at = $2, running_since = NULL, next_rung = NULL, next_rung_at = NULL
           FROM casework.todo t
           WHERE c."case" = $1 AND c.ended_at IS NULL AND t.id = c.todo AND t.closed_at IS NOT NULL"#,
    )
    .bind(no)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Gives the open clock of the applicant to the task by which they supply.
pub(crate) async fn tie_clock(conn: &mut PgConnection, no: &str, todo: Uuid) -> Result<()> {
    sqlx::query(
        r#"UPDATE casework.clock SET todo = $2
           WHERE "case" = $1 AND side = 'applicant' AND ended_at IS NULL AND todo IS NULL"#,
    )
    .bind(no)
    .bind(todo)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

pub(crate) async fn clocks_of(conn: &mut PgConnection, no: &str) -> Result<Vec<ClockRow>> {
    sqlx::query_as(
        r#"SELECT * FROM casework.clock WHERE "case" = $1 ORDER BY started_at, name, seq LIMIT $2"#,
    )
    .bind(no)
    .bind(CLOCKS_MAX)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// Open clocks that were worked out before a revision, locked; those that somebody is acting on are left for later.
pub(crate) async fn stale_clocks(
    conn: &mut PgConnection,
    revision: i64,
    rows_max: i64,
) -> Result<Vec<ClockRow>> {
    sqlx::query_as(
        "SELECT * FROM casework.clock WHERE ended_at IS NULL AND revision < $1
         ORDER BY revision, id LIMIT $2 FOR UPDATE SKIP LOCKED",
    )
    .bind(revision)
    .bind(rows_max)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// How many open clocks were worked out before a revision.
pub(crate) async fn stale_count(conn: &mut PgConnection, revision: i64) -> Result<i64> {
    sqlx::query_scalar(
        "SELECT count(*) FROM casework.clock WHERE ended_at IS NULL AND revision < $1",
    )
    .bind(revision)
    .fetch_one(conn)
    .await
    .map_err(stored)
}

/// Open clocks whose next rung has come, locked.
pub(crate) async fn due_clocks(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    rows_max: i64,
) -> Result<Vec<ClockRow>> {
    sqlx::query_as(
        "SELECT * FROM casework.clock WHERE ended_at IS NULL AND next_rung_at <= $1
         ORDER BY next_rung_at LIMIT $2 FOR UPDATE SKIP LOCKED",
    )
    .bind(now)
    .bind(rows_max)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// Open clocks after one, in the order of their identifiers.
pub(crate) async fn open_clocks_after(
    conn: &mut PgConnection,
    after: Uuid,
    rows_max: i64,
) -> Result<Vec<ClockRow>> {
    sqlx::query_as(
        "SELECT * FROM casework.clock WHERE ended_at IS NULL AND id > $1 ORDER BY id LIMIT $2",
    )
    .bind(after)
    .bind(rows_max)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// The suspensions of cases, in order.
pub(crate) async fn stops_of(conn: &mut PgConnection, cases: &[String]) -> Result<Vec<StopRow>> {
    sqlx::query_as(
        r#"SELECT "case", kind, clocks, from_at, to_at, told_days FROM casework.suspension
           WHERE "case" = ANY ($1) ORDER BY "case", seq"#,
    )
    .bind(cases)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// How much more time clocks were given, in order.
pub(crate) async fn extensions_of(
    conn: &mut PgConnection,
    clocks: &[Uuid],
) -> Result<Vec<(Uuid, i32, OffsetDateTime)>> {
    sqlx::query_as(
        "SELECT clock, amount, at FROM casework.extension WHERE clock = ANY ($1) ORDER BY clock, seq",
    )
    .bind(clocks)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// The rungs of clocks that have fired.
pub(crate) async fn fired_of(
    conn: &mut PgConnection,
    clocks: &[Uuid],
) -> Result<Vec<(Uuid, String)>> {
    sqlx::query_as("SELECT clock, rung FROM casework.rung WHERE clock = ANY ($1)")
        .bind(clocks)
        .fetch_all(conn)
        .await
        .map_err(stored)
}

/// Notes that a rung has fired; false when it had already.
pub(crate) async fn fire(
    conn: &mut PgConnection,
    clock: Uuid,
    rung: &str,
    now: OffsetDateTime,
) -> Result<bool> {
    let fired = sqlx::query(
        "INSERT INTO casework.rung (clock, rung, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    )
    .bind(clock)
    .bind(rung)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(fired.rows_affected() == 1)
}

/// Writes down what was worked out, and the day by which tasks are due.
pub(crate) async fn write_derived(
    conn: &mut PgConnection,
    all: &[Derived],
    revision: i64,
) -> Result<()> {
    let column = |of: fn(&Derived) -> Uuid| -> Vec<Uuid> { all.iter().map(of).collect() };
    sqlx::query(WRITE_DERIVED)
        .bind(column(|one| one.id))
        .bind(all.iter().map(|one| one.consumed).collect::<Vec<_>>())
        .bind(all.iter().map(|one| one.running_since).collect::<Vec<_>>())
        .bind(all.iter().map(|one| one.due_at).collect::<Vec<_>>())
        .bind(all.iter().map(|one| one.due_day).collect::<Vec<_>>())
        .bind(all.iter().map(|one| one.provisional).collect::<Vec<_>>())
        .bind(all.iter().map(|one| one.next_rung.clone()).collect::<Vec<_>>())
        .bind(all.iter().map(|one| one.next_rung_at).collect::<Vec<_>>())
        .bind(revision)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

/// A suspension that lasts longer than the applicant was told.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Overlong {
    pub(crate) case: String,
    pub(crate) seq: i32,
    pub(crate) kind: String,
    pub(crate) told_until: Date,
    pub(crate) department: Uuid,
}

/// Marks suspensions that last longer than was told, each once.
pub(crate) async fn mark_overlong(
    conn: &mut PgConnection,
    today: Date,
    now: OffsetDateTime,
    rows_max: i64,
) -> Result<Vec<Overlong>> {
    sqlx::query_as(
        r#"UPDATE casework.suspension s SET overlong_at = $2
           FROM (SELECT "case", seq FROM casework.suspension
                 WHERE to_day IS NULL AND overlong_at IS NULL AND told_until < $1
                 ORDER BY told_until LIMIT $3 FOR UPDATE SKIP LOCKED) late, casework."case" c
           WHERE s."case" = late."case" AND s.seq = late.seq AND c.no = s."case"
           RETURNING s."case", s.seq, s.kind, s.told_until, c.department"#,
    )
    .bind(today)
    .bind(now)
    .bind(rows_max)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// How many open clocks end in a year that no calendar knows.
pub(crate) async fn provisional_count(conn: &mut PgConnection) -> Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM casework.clock WHERE ended_at IS NULL AND provisional")
        .fetch_one(conn)
        .await
        .map_err(stored)
}
