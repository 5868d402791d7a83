//! Reading outlines: no column that people wrote in is touched.

use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Text;

use super::stored;
use crate::error::Result;
use crate::model::State;
use crate::outline::Outline;

#[derive(FromRow)]
struct OutlineRow {
    no: String,
    item: String,
    title_zh: String,
    title_en: String,
    person: Uuid,
    organisation: Option<Uuid>,
    department: Uuid,
    region: String,
    state: String,
    submitted_at: OffsetDateTime,
    closed_at: Option<OffsetDateTime>,
    supplies: i64,
}

pub(crate) async fn outline(conn: &mut PgConnection, no: &str) -> Result<Option<Outline>> {
    let row: Option<OutlineRow> = sqlx::query_as(
        r#"SELECT no, item, title_zh, title_en, person, organisation, department, region, state,
             submitted_at, closed_at,
             (SELECT count(*) FROM casework.event e WHERE e."case" = c.no AND e.kind = 'supply') AS supplies
           FROM casework."case" c WHERE no = $1"#,
    )
    .bind(no)
    .fetch_optional(conn)
    .await
    .map_err(stored)?;
    Ok(row.map(|row| Outline {
        no: row.no,
        item: row.item,
        title: Text::new(row.title_zh, row.title_en),
        person: row.person,
        organisation: row.organisation,
        department: row.department,
        region: row.region,
        state: State::parse(&row.state).unwrap_or(State::Submitted),
        submitted_at: row.submitted_at,
        closed_at: row.closed_at,
        supplies: u32::try_from(row.supplies).unwrap_or(0),
    }))
}

pub(crate) async fn changed(
    conn: &mut PgConnection,
    (from, to): (OffsetDateTime, OffsetDateTime),
    after: &str,
    most: i64,
) -> Result<Vec<String>> {
    sqlx::query_scalar(
        r#"SELECT DISTINCT "case" FROM casework.event WHERE at >= $1 AND at < $2 AND "case" > $3
           ORDER BY "case" LIMIT $4"#,
    )
    .bind(from)
    .bind(to)
    .bind(after)
    .bind(most)
    .fetch_all(conn)
    .await
    .map_err(stored)
}
