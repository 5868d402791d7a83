//! Objections, and the marks they are while they are open.

use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Paging;
use zhengtong_db::Ctx;

use super::{hide, open, stored};
use crate::error::Result;
use crate::model::{Objection, ObjectionState};

#[derive(FromRow)]
struct ObjectionRow {
    no: String,
    dataset: String,
    record: Uuid,
    field: String,
    seen_in: String,
    source: Uuid,
    person: Option<Uuid>,
    unit: Option<Uuid>,
    by_case: Option<String>,
    raised_at: OffsetDateTime,
    state: String,
    due_day: Option<Date>,
    late: bool,
    told: i32,
}

impl ObjectionRow {
    fn whole(self) -> Objection {
        Objection {
            no: self.no,
            dataset: self.dataset,
            record: self.record,
            field: self.field,
            seen_in: self.seen_in,
            source: self.source,
            person: self.person,
            unit: self.unit,
            case: self.by_case,
            raised_at: self.raised_at,
            state: ObjectionState::parse(&self.state).unwrap_or(ObjectionState::Open),
            due: self.due_day,
            late: self.late,
            told: self.told,
        }
    }
}

/// Writes an objection down, unless there is one that is open to the same field of the same record.
pub(crate) async fn insert_objection(
    ctx: &mut Ctx,
    objection: &Objection,
    (key, claimed): (&str, &str),
    subject: Option<Vec<u8>>,
) -> Result<bool> {
    let ring = ctx.keyring()?;
    let key = hide(&ring, &format!("{}/key", objection.no), key)?;
    let claimed = hide(&ring, &format!("{}/claimed", objection.no), claimed)?;
    let done = sqlx::query(
        "INSERT INTO sharing.objection (no, dataset, record, field, key, claimed, seen_in, source, person, unit, by_case,
           subject, raised_at, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'open')
         ON CONFLICT (dataset, record, field) WHERE state = 'open' DO NOTHING",
    )
    .bind(&objection.no)
    .bind(&objection.dataset)
    .bind(objection.record)
    .bind(&objection.field)
    .bind(key)
    .bind(claimed)
    .bind(&objection.seen_in)
    .bind(objection.source)
    .bind(objection.person)
    .bind(objection.unit)
    .bind(&objection.case)
    .bind(subject)
    .bind(objection.raised_at)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(done.rows_affected() == 1)
}

/// The number of the open objection to a field of a record.
pub(crate) async fn open_objection(
    conn: &mut PgConnection,
    (dataset, record, field): (&str, Uuid, &str),
) -> Result<Option<String>> {
    sqlx::query_scalar(
        "SELECT no FROM sharing.objection WHERE dataset = $1 AND record = $2 AND field = $3 AND state = 'open'",
    )
    .bind(dataset)
    .bind(record)
    .bind(field)
    .fetch_optional(conn)
    .await
    .map_err(stored)
}

/// An objection; locked until the transaction ends when it is to be changed.
pub(crate) async fn objection(
    conn: &mut PgConnection,
    no: &str,
    for_change: bool,
) -> Result<Option<Objection>> {
    let statement = if for_change {
        "SELECT * FROM sharing.objection WHERE no = $1 FOR UPDATE"
    } else {
        "SELECT * FROM sharing.objection WHERE no = $1"
    };
    let row: Option<ObjectionRow> =
        sqlx::query_as(statement).bind(no).fetch_optional(conn).await.map_err(stored)?;
    Ok(row.map(ObjectionRow::whole))
}

/// The key of the record, as it was written, and what was claimed.
pub(crate) async fn secrets(ctx: &mut Ctx, no: &str) -> Result<(String, String)> {
    let (key, claimed): (String, String) =
        sqlx::query_as("SELECT key, claimed FROM sharing.objection WHERE no = $1")
            .bind(no)
            .fetch_one(ctx.conn())
            .await
            .map_err(stored)?;
    let ring = ctx.keyring()?;
    Ok((open(&ring, &format!("{no}/key"), key)?, open(&ring, &format!("{no}/claimed"), claimed)?))
}

/// Keeps what the steps come to.
pub(crate) async fn write_objection(
    conn: &mut PgConnection,
    no: &str,
    (state, due, late): (ObjectionState, Option<Date>, bool),
) -> Result<()> {
    sqlx::query("UPDATE sharing.objection SET state = $2, due_day = $3, late = $4 WHERE no = $1")
        .bind(no)
        .bind(state.word())
        .bind(due)
        .bind(late)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

/// Keeps how many units were told.
pub(crate) async fn write_told(conn: &mut PgConnection, no: &str, told: i32) -> Result<()> {
    sqlx::query("UPDATE sharing.objection SET told = $2 WHERE no = $1")
        .bind(no)
        .bind(told)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

/// Objections that a unit settles or raised, or all; what is open first, by its last day.
pub(crate) async fn objections(
    conn: &mut PgConnection,
    unit: Option<Uuid>,
    is_open: bool,
    paging: Paging,
) -> Result<(Vec<Objection>, i64)> {
    let total = sqlx::query_scalar(
        "SELECT count(*) FROM sharing.objection
         WHERE ($1::uuid IS NULL OR source = $1 OR unit = $1) AND (state = 'open') = $2",
    )
    .bind(unit)
    .bind(is_open)
    .fetch_one(&mut *conn)
    .await
    .map_err(stored)?;
    let rows: Vec<ObjectionRow> = sqlx::query_as(
        "SELECT * FROM sharing.objection
         WHERE ($1::uuid IS NULL OR source = $1 OR unit = $1) AND (state = 'open') = $2
         ORDER BY due_day NULLS LAST, no DESC LIMIT $3 OFFSET $4",
    )
    .bind(unit)
    .bind(is_open)
    .bind(paging.limit())
    .bind(paging.offset())
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok((rows.into_iter().map(ObjectionRow::whole).collect(), total))
}

/// Objections that somebody raised, the newest first.
pub(crate) async fn objections_of(conn: &mut PgConnection, person: Uuid) -> Result<Vec<Objection>> {
    let rows: Vec<ObjectionRow> = sqlx::query_as(
        "SELECT * FROM sharing.objection WHERE person = $1 ORDER BY no DESC LIMIT 100",
    )
    .bind(person)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows.into_iter().map(ObjectionRow::whole).collect())
}

/// The fields of records that somebody objects to.
pub(crate) async fn marks(
    conn: &mut PgConnection,
    dataset: &str,
    records: &[Uuid],
) -> Result<Vec<(Uuid, String)>> {
    sqlx::query_as(
        "SELECT record, field FROM sharing.objection
         WHERE dataset = $1 AND record = ANY($2) AND state = 'open' ORDER BY record, field LIMIT 1000",
    )
    .bind(dataset)
    .bind(records)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// The fields of one's own records that are objected to: dataset and field.
pub(crate) async fn marks_of(
    conn: &mut PgConnection,
    subject: &[u8],
) -> Result<Vec<(String, String)>> {
    sqlx::query_as(
        "SELECT DISTINCT dataset, field FROM sharing.objection
         WHERE subject = $1 AND state = 'open' ORDER BY dataset, field LIMIT 1000",
    )
    .bind(subject)
    .fetch_all(conn)
    .await
    .map_err(stored)
}
