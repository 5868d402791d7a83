//! Requests.

use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Paging;

use super::{count, stored};
use crate::course::Course;
use crate::error::Result;
use crate::model::{Counts, NewRequest, Request, Shelf, State, Way};

#[derive(FromRow)]
struct RequestRow {
    no: String,
    unit: Uuid,
    asker: Option<Uuid>,
    asker_name: String,
    dataset: String,
    provider: Uuid,
    conditional: bool,
    purpose: String,
    basis: String,
    serves: String,
    fields: Vec<String>,
    way: String,
    first_day: Date,
    last_day: Date,
    quota: i32,
    asked_at: OffsetDateTime,
    state: String,
    due_day: Option<Date>,
    late: bool,
}

impl RequestRow {
    fn whole(self) -> Request {
        Request {
            no: self.no,
            unit: self.unit,
            asker: self.asker,
            asker_name: self.asker_name,
            provider: self.provider,
            conditional: self.conditional,
            new: NewRequest {
                dataset: self.dataset,
                purpose: self.purpose,
                basis: self.basis,
                serves: self.serves,
                fields: self.fields,
                way: Way::parse(&self.way).unwrap_or(Way::Verify),
                first: self.first_day,
                last: self.last_day,
                quota: self.quota,
            },
            asked_at: self.asked_at,
            state: State::parse(&self.state).unwrap_or(State::Asked),
            due: self.due_day,
            late: self.late,
        }
    }
}

pub(crate) async fn insert_request(conn: &mut PgConnection, request: &Request) -> Result<()> {
    let new = &request.new;
    sqlx::query(
        "INSERT INTO sharing.request (no, unit, asker, asker_name, dataset, provider, conditional, purpose, basis,
           serves, fields, way, first_day, last_day, quota, asked_at, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
    )
    .bind(&request.no)
    .bind(request.unit)
    .bind(request.asker)
    .bind(&request.asker_name)
    .bind(&new.dataset)
    .bind(request.provider)
    .bind(request.conditional)
    .bind(&new.purpose)
    .bind(&new.basis)
    .bind(&new.serves)
    .bind(&new.fields)
    .bind(new.way.word())
    .bind(new.first)
    .bind(new.last)
    .bind(new.quota)
    .bind(request.asked_at)
    .bind(request.state.word())
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Keeps what the steps come to.
pub(crate) async fn write_course(conn: &mut PgConnection, no: &str, course: Course) -> Result<()> {
    sqlx::query("UPDATE sharing.request SET state = $2, due_day = $3, late = $4 WHERE no = $1")
        .bind(no)
        .bind(course.state.word())
        .bind(course.due)
        .bind(course.late)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

/// A request; locked until the transaction ends when it is to be changed.
pub(crate) async fn request(
    conn: &mut PgConnection,
    no: &str,
    for_change: bool,
) -> Result<Option<Request>> {
    let statement = if for_change {
        "SELECT * FROM sharing.request WHERE no = $1 FOR UPDATE"
    } else {
        "SELECT * FROM sharing.request WHERE no = $1"
    };
    let row: Option<RequestRow> =
        sqlx::query_as(statement).bind(no).fetch_optional(conn).await.map_err(stored)?;
    Ok(row.map(RequestRow::whole))
}

/// A shelf; without a unit, that of all units.
pub(crate) async fn requests(
    conn: &mut PgConnection,
    shelf: Shelf,
    unit: Option<Uuid>,
    today: Date,
    paging: Paging,
) -> Result<(Vec<Request>, i64)> {
    let rows: Vec<RequestRow> = sqlx::query_as(page_of(shelf))
        .bind(unit)
        .bind(today)
        .bind(paging.limit())
        .bind(paging.offset())
        .fetch_all(&mut *conn)
        .await
        .map_err(stored)?;
    let total = count(conn, count_of(shelf), unit, today).await?;
    Ok((rows.into_iter().map(RequestRow::whole).collect(), total))
}

macro_rules! shelf {
    ($what:literal, $end:literal) => {
        [
            concat!("SELECT ", $what, " FROM sharing.request WHERE ($1::uuid IS NULL OR unit = $1) AND $2::date IS NOT NULL
               AND state NOT IN ('granted', 'returned', 'upheld', 'withdrawn') ", $end),
            concat!("SELECT ", $what, " FROM sharing.request WHERE ($1::uuid IS NULL OR unit <> $1) AND $2::date IS NOT NULL
               AND state IN ('asked', 'arbitration') ", $end),
            concat!("SELECT ", $what, " FROM sharing.request WHERE ($1::uuid IS NULL OR provider = $1) AND $2::date IS NOT NULL
               AND state = 'sent' ", $end),
            concat!("SELECT ", $what, " FROM sharing.request WHERE ($1::uuid IS NULL OR unit = $1 OR provider = $1)
               AND due_day < $2 ", $end),
            concat!("SELECT ", $what, " FROM sharing.request WHERE ($1::uuid IS NULL OR unit = $1 OR provider = $1) AND $2::date IS NOT NULL
               AND state IN ('granted', 'returned', 'upheld', 'withdrawn') ", $end),
        ]
    };
}

const PAGES: [&str; 5] = shelf!("*", "ORDER BY due_day NULLS LAST, no DESC LIMIT $3 OFFSET $4");
const TOTALS: [&str; 5] = shelf!("count(*)", "");

fn of(all: [&'static str; 5], shelf: Shelf) -> &'static str {
    let [mine, check, reply, overdue, done] = all;
    match shelf {
        Shelf::Mine => mine,
        Shelf::Check => check,
        Shelf::Reply => reply,
        Shelf::Overdue => overdue,
        Shelf::Done => done,
    }
}

fn page_of(shelf: Shelf) -> &'static str {
    of(PAGES, shelf)
}

fn count_of(shelf: Shelf) -> &'static str {
    of(TOTALS, shelf)
}

/// How much stands on each shelf of a unit, or of all.
pub(crate) async fn counts(
    conn: &mut PgConnection,
    unit: Option<Uuid>,
    today: Date,
) -> Result<Counts> {
    Ok(Counts {
        mine: count(&mut *conn, count_of(Shelf::Mine), unit, today).await?,
        check: count(&mut *conn, count_of(Shelf::Check), unit, today).await?,
        reply: count(&mut *conn, count_of(Shelf::Reply), unit, today).await?,
        overdue: count(&mut *conn, count_of(Shelf::Overdue), unit, today).await?,
        objections: count(
            &mut *conn,
            "SELECT count(*) FROM sharing.objection WHERE ($1::uuid IS NULL OR source = $1) AND $2::date IS NOT NULL
               AND state = 'open'",
            unit,
            today,
        )
        .await?,
        objections_overdue: count(
            conn,
            "SELECT count(*) FROM sharing.objection WHERE ($1::uuid IS NULL OR source = $1) AND due_day < $2",
            unit,
            today,
        )
        .await?,
    })
}
