//! Grants and their uses.

use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Paging;

use super::stored;
use crate::error::Result;
use crate::model::{Grant, Way};

/// Days of the figures of a grant.
const DAYS: i64 = 31;

#[derive(FromRow)]
struct GrantRow {
    no: String,
    request: String,
    unit: Uuid,
    provider: Uuid,
    dataset: String,
    fields: Vec<String>,
    masked: Vec<String>,
    way: String,
    quota: i32,
    first_day: Date,
    last_day: Date,
    purpose: String,
    basis: String,
    given_by: String,
    ended_at: Option<OffsetDateTime>,
    ended_by: Option<String>,
    end_reason: Option<String>,
}

impl GrantRow {
    fn whole(self) -> Grant {
        let (by, reason) = (self.ended_by, self.end_reason);
        Grant {
            no: self.no,
            request: self.request,
            unit: self.unit,
            provider: self.provider,
            dataset: self.dataset,
            fields: self.fields,
            masked: self.masked,
            way: Way::parse(&self.way).unwrap_or(Way::Verify),
            quota: self.quota,
            first: self.first_day,
            last: self.last_day,
            purpose: self.purpose,
            basis: self.basis,
            given_by: self.given_by,
            ended: self.ended_at.map(|at| (at, by.unwrap_or_default(), reason.unwrap_or_default())),
        }
    }
}

pub(crate) const INSERT_GRANT: &str = include_str!("../../sql/insert_grant.sql");

pub(crate) async fn insert_grant(
    conn: &mut PgConnection,
    grant: &Grant,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query(INSERT_GRANT)
        .bind(&grant.no)
        .bind(&grant.request)
        .bind(grant.unit)
        .bind(grant.provider)
        .bind(&grant.dataset)
        .bind(&grant.fields)
        .bind(&grant.masked)
        .bind(grant.way.word())
        .bind(grant.quota)
        .bind(grant.first)
        .bind(grant.last)
        .bind(&grant.purpose)
        .bind(&grant.basis)
        .bind(&grant.given_by)
        .bind(now)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

async fn one(conn: &mut PgConnection, statement: &'static str, no: &str) -> Result<Option<Grant>> {
    let row: Option<GrantRow> =
        sqlx::query_as(statement).bind(no).fetch_optional(conn).await.map_err(stored)?;
    Ok(row.map(GrantRow::whole))
}

pub(crate) async fn grant(conn: &mut PgConnection, no: &str) -> Result<Option<Grant>> {
    one(conn, "SELECT * FROM sharing.granted WHERE no = $1", no).await
}

/// The grant, held as it is until the transaction ends.
pub(crate) async fn grant_in_use(conn: &mut PgConnection, no: &str) -> Result<Option<Grant>> {
    one(conn, "SELECT * FROM sharing.granted WHERE no = $1 FOR SHARE", no).await
}

/// The grant, when nobody uses it any more.
pub(crate) async fn grant_for_change(conn: &mut PgConnection, no: &str) -> Result<Option<Grant>> {
    one(conn, "SELECT * FROM sharing.granted WHERE no = $1 FOR UPDATE", no).await
}

pub(crate) async fn grant_of_request(
    conn: &mut PgConnection,
    request: &str,
) -> Result<Option<String>> {
    sqlx::query_scalar("SELECT no FROM sharing.granted WHERE request = $1")
        .bind(request)
        .fetch_optional(conn)
        .await
        .map_err(stored)
}

pub(crate) async fn end_grant(
    conn: &mut PgConnection,
    no: &str,
    (at, by, reason): (OffsetDateTime, &str, &str),
) -> Result<()> {
    sqlx::query(
        "UPDATE sharing.granted SET ended_at = $2, ended_by = $3, end_reason = $4 WHERE no = $1",
    )
    .bind(no)
    .bind(at)
    .bind(by)
    .bind(reason)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Grants that a unit holds or gives, or all; those in force first.
pub(crate) async fn grants(
    conn: &mut PgConnection,
    unit: Option<Uuid>,
    today: Date,
    paging: Paging,
) -> Result<(Vec<(Grant, i64)>, i64)> {
    let total = sqlx::query_scalar(
        "SELECT count(*) FROM sharing.granted WHERE $1::uuid IS NULL OR unit = $1 OR provider = $1",
    )
    .bind(unit)
    .fetch_one(&mut *conn)
    .await
    .map_err(stored)?;
    let rows: Vec<GrantRow> = sqlx::query_as(
        "SELECT * FROM sharing.granted WHERE $1::uuid IS NULL OR unit = $1 OR provider = $1
         ORDER BY (ended_at IS NULL AND last_day >= $2) DESC, no DESC LIMIT $3 OFFSET $4",
    )
    .bind(unit)
    .bind(today)
    .bind(paging.limit())
    .bind(paging.offset())
    .fetch_all(&mut *conn)
    .await
    .map_err(stored)?;
    Ok((with_uses(conn, rows).await?, total))
}

/// Grants, each with how often it was used.
async fn with_uses(conn: &mut PgConnection, rows: Vec<GrantRow>) -> Result<Vec<(Grant, i64)>> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let grant = row.whole();
        let (uses, _) = figures(&mut *conn, &grant.no).await?;
        found.push((grant, uses));
    }
    Ok(found)
}

/// Grants of a dataset that are in force on a day, the newest first.
pub(crate) async fn grants_of(
    conn: &mut PgConnection,
    dataset: &str,
    day: Date,
    rows_max: i64,
) -> Result<Vec<(Grant, i64)>> {
    let rows: Vec<GrantRow> = sqlx::query_as(
        "SELECT * FROM sharing.granted
         WHERE dataset = $1 AND ended_at IS NULL AND first_day <= $2 AND last_day >= $2
         ORDER BY no DESC LIMIT $3",
    )
    .bind(dataset)
    .bind(day)
    .bind(rows_max)
    .fetch_all(&mut *conn)
    .await
    .map_err(stored)?;
    with_uses(conn, rows).await
}

/// The units with grants of a dataset that are in force on a day, each with how many.
pub(crate) async fn consumers(
    conn: &mut PgConnection,
    dataset: &str,
    day: Date,
    rows_max: i64,
) -> Result<Vec<(Uuid, i64)>> {
    sqlx::query_as(
        "SELECT unit, count(*) FROM sharing.granted
         WHERE dataset = $1 AND ended_at IS NULL AND first_day <= $2 AND last_day >= $2
         GROUP BY unit ORDER BY unit LIMIT $3",
    )
    .bind(dataset)
    .bind(day)
    .bind(rows_max)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// Takes one use of a day; none when the quota is used up.
pub(crate) async fn spend(
    conn: &mut PgConnection,
    no: &str,
    day: Date,
    quota: i32,
) -> Result<Option<i32>> {
    sqlx::query_scalar(
        "INSERT INTO sharing.quota AS q (granted, day, used) VALUES ($1, $2, 1)
         ON CONFLICT (granted, day) DO UPDATE SET used = q.used + 1 WHERE q.used < $3 RETURNING used",
    )
    .bind(no)
    .bind(day)
    .bind(quota)
    .fetch_optional(conn)
    .await
    .map_err(stored)
}

/// Uses of a day.
pub(crate) async fn spent(conn: &mut PgConnection, no: &str, day: Date) -> Result<i64> {
    let used: Option<i32> =
        sqlx::query_scalar("SELECT used FROM sharing.quota WHERE granted = $1 AND day = $2")
            .bind(no)
            .bind(day)
            .fetch_optional(conn)
            .await
            .map_err(stored)?;
    Ok(used.map_or(0, i64::from))
}

pub(crate) async fn insert_use(
    conn: &mut PgConnection,
    (id, at, officer): (Uuid, OffsetDateTime, Option<Uuid>),
    grant: &Grant,
    (record, subject): (Option<Uuid>, Option<Vec<u8>>),
) -> Result<()> {
    sqlx::query(
        "INSERT INTO sharing.used (id, granted, at, unit, officer, way, dataset, record, subject)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(id)
    .bind(&grant.no)
    .bind(at)
    .bind(grant.unit)
    .bind(officer)
    .bind(grant.way.word())
    .bind(&grant.dataset)
    .bind(record)
    .bind(subject)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Uses of a grant, and how many different records they were about.
pub(crate) async fn figures(conn: &mut PgConnection, no: &str) -> Result<(i64, i64)> {
    sqlx::query_as("SELECT count(*), count(DISTINCT record) FROM sharing.used WHERE granted = $1")
        .bind(no)
        .fetch_one(conn)
        .await
        .map_err(stored)
}

/// The last days on which a grant was used, the newest first.
pub(crate) async fn days(conn: &mut PgConnection, no: &str) -> Result<Vec<(Date, i64)>> {
    sqlx::query_as(
        "SELECT day, used::bigint FROM sharing.quota WHERE granted = $1 ORDER BY day DESC LIMIT $2",
    )
    .bind(no)
    .bind(DAYS)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// A use with its grant.
pub(crate) type UseRow = (OffsetDateTime, Uuid, String, String, String, Vec<String>);

/// Uses that were about somebody, the newest first.
pub(crate) async fn uses_of(
    conn: &mut PgConnection,
    subject: &[u8],
    paging: Paging,
) -> Result<(Vec<UseRow>, i64)> {
    let total = sqlx::query_scalar("SELECT count(*) FROM sharing.used WHERE subject = $1")
        .bind(subject)
        .fetch_one(&mut *conn)
        .await
        .map_err(stored)?;
    let rows = sqlx::query_as(
        "SELECT u.at, u.unit, u.dataset, u.way, g.purpose, g.fields FROM sharing.used u
           JOIN sharing.granted g ON g.no = u.granted
         WHERE u.subject = $1 ORDER BY u.at DESC, u.id DESC LIMIT $2 OFFSET $3",
    )
    .bind(subject)
    .bind(paging.limit())
    .bind(paging.offset())
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok((rows, total))
}

/// Units that used a record since a moment.
pub(crate) async fn users(
    conn: &mut PgConnection,
    record: Uuid,
    since: OffsetDateTime,
) -> Result<Vec<Uuid>> {
    sqlx::query_scalar(
        "SELECT DISTINCT unit FROM sharing.used WHERE record = $1 AND at >= $2 ORDER BY unit LIMIT 1000",
    )
    .bind(record)
    .bind(since)
    .fetch_all(conn)
    .await
    .map_err(stored)
}
