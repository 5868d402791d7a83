//! The rows and counts of inboxes. Statements are planned anew for each question, because the arms that a question
//! does not ask for fall away only when its values are known.

use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_db::Ctx;

use super::stored;
use super::todo::TodoRow;
use crate::error::Result;
use crate::inbox::{COUNT_MAX, Counts};
use crate::model::{State, Todo};
use crate::sealed::{self, NAME};

pub(crate) const INBOX: &str =
    concat!(include_str!("../../sql/inbox_found.sql"), include_str!("../../sql/inbox_rows.sql"));
pub(crate) const INBOX_COUNT: &str =
    concat!(include_str!("../../sql/inbox_found.sql"), include_str!("../../sql/inbox_count.sql"));
pub(crate) const INBOX_COUNTS: &str = include_str!("../../sql/inbox_counts.sql");

/// A question to the inbox of one post.
#[expect(clippy::struct_excessive_bools, reason = "each opens an arm of the statement")]
#[derive(Clone, Debug)]
pub(crate) struct InboxQuery {
    pub(crate) department: Uuid,
    pub(crate) account: Uuid,
    pub(crate) roles: Vec<String>,
    pub(crate) mine: bool,
    pub(crate) free: bool,
    pub(crate) unit: bool,
    pub(crate) waiting: bool,
    pub(crate) heads: bool,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) standing: i32,
    pub(crate) kind: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) urged: bool,
    pub(crate) after: (String, OffsetDateTime, Uuid),
    pub(crate) rows: i64,
    pub(crate) today: Date,
    pub(crate) tomorrow: Date,
    pub(crate) present: OffsetDateTime,
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
    pub(crate) urged: Option<(i64, Date)>,
    pub(crate) looking: Option<String>,
}

#[derive(FromRow)]
struct InboxRowRead {
    #[sqlx(flatten)]
    todo: TodoRow,
    case_kind: String,
    case_title_zh: String,
    case_title_en: String,
    applicant: String,
    case_state: String,
    promised_days: i32,
    accepted_at: Option<OffsetDateTime>,
    submitted_at: OffsetDateTime,
    stop_kind: Option<String>,
    stop_from: Option<Date>,
    urge_times: i64,
    urge_last: Option<Date>,
    looking: Option<String>,
}

type Asked<'q, O> = sqlx::query::QueryAs<'q, sqlx::Postgres, O, sqlx::postgres::PgArguments>;

/// Binds what both statements over the found tasks ask for.
fn asked<'q, O>(statement: Asked<'q, O>, query: &'q InboxQuery, rows: i64) -> Asked<'q, O> {
    statement
        .persistent(false)
        .bind(query.department)
        .bind(query.account)
        .bind(&query.roles)
        .bind(query.mine)
        .bind(query.free)
        .bind(query.unit)
        .bind(query.waiting)
        .bind(&query.from)
        .bind(&query.to)
        .bind(query.standing)
        .bind(&query.kind)
        .bind(query.urged)
        .bind(&query.after.0)
        .bind(query.after.1)
        .bind(query.after.2)
        .bind(rows)
        .bind(&query.role)
        .bind(query.heads)
}

pub(crate) async fn inbox(ctx: &mut Ctx, query: &InboxQuery) -> Result<Vec<InboxRow>> {
    let rows: Vec<InboxRowRead> = asked(sqlx::query_as(INBOX), query, query.rows)
        .bind(query.present)
        .fetch_all(ctx.conn())
        .await
        .map_err(stored)?;
    let ring = ctx.keyring()?;
    rows.into_iter()
        .map(|row| {
            Ok(InboxRow {
                applicant: sealed::read(&ring, NAME, &row.todo.case, row.applicant)?,
                todo: Todo::from(row.todo),
                kind: row.case_kind,
                case_title: Text::new(row.case_title_zh, row.case_title_en),
                state: State::parse(&row.case_state).unwrap_or(State::Submitted),
                promised_days: u32::try_from(row.promised_days).unwrap_or(0),
                accepted_at: row.accepted_at,
                submitted_at: row.submitted_at,
                stopped: row.stop_kind.zip(row.stop_from),
                urged: row.urge_last.map(|last| (row.urge_times, last)),
                looking: row.looking,
            })
        })
        .collect()
}

/// How many tasks a question finds, at most [`COUNT_MAX`].
pub(crate) async fn inbox_count(conn: &mut PgConnection, query: &InboxQuery) -> Result<i64> {
    let (count,): (i64,) = asked(sqlx::query_as(INBOX_COUNT), query, COUNT_MAX)
        .fetch_one(conn)
        .await
        .map_err(stored)?;
    Ok(count)
}

#[derive(FromRow)]
struct CountsRow {
    every: i64,
    mine: i64,
    free: i64,
    over: i64,
    near: i64,
    correcting: i64,
    unit: i64,
}

/// How many tasks each filter of the inbox shows, each at most [`COUNT_MAX`].
pub(crate) async fn inbox_counts(conn: &mut PgConnection, query: &InboxQuery) -> Result<Counts> {
    let row: CountsRow = sqlx::query_as(INBOX_COUNTS)
        .persistent(false)
        .bind(query.department)
        .bind(query.account)
        .bind(&query.roles)
        .bind(query.today)
        .bind(query.tomorrow)
        .bind(query.heads)
        .bind(COUNT_MAX)
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
        unit: row.unit,
    })
}
