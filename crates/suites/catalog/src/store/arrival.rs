//! When data arrived.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::{Paging, Text};

use super::{stored, unknown};
use crate::error::Result;
use crate::kinds::{Cycle, State};
use crate::model::{Arrival, Waiting};

/// A resource whose data is watched.
pub(crate) struct Watched {
    pub(crate) resource: Uuid,
    pub(crate) dataset: String,
    pub(crate) provider: Uuid,
    pub(crate) cycle: Cycle,
    /// Since when it is in force: data is not late before it was promised.
    pub(crate) since: OffsetDateTime,
    pub(crate) overdue: bool,
}

/// Begins to watch the data of a resource, or ends it.
pub(crate) async fn watch(
    conn: &mut PgConnection,
    resource: Uuid,
    watched: Option<&Watched>,
) -> Result<()> {
    let Some(watched) = watched else {
        sqlx::query("DELETE FROM catalog.arrival WHERE resource = $1")
            .bind(resource)
            .execute(conn)
            .await
            .map_err(stored)?;
        return Ok(());
    };
    sqlx::query(
        "INSERT INTO catalog.arrival (resource, dataset, provider, cycle, since) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (resource) DO UPDATE SET dataset = excluded.dataset, cycle = excluded.cycle",
    )
    .bind(resource)
    .bind(&watched.dataset)
    .bind(watched.provider)
    .bind(watched.cycle.word())
    .bind(watched.since)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

type WatchedRow = (Uuid, String, Uuid, String, OffsetDateTime, bool);

/// Resources whose data is watched, after one, in order; those of one dataset only when it is named.
pub(crate) async fn watched(
    conn: &mut PgConnection,
    dataset: Option<&str>,
    after: Uuid,
    rows_max: i64,
) -> Result<Vec<Watched>> {
    let rows: Vec<WatchedRow> = sqlx::query_as(
        "SELECT resource, dataset, provider, cycle, since, overdue FROM catalog.arrival
         WHERE resource > $1 AND ($2::text IS NULL OR dataset = $2) ORDER BY resource LIMIT $3 FOR UPDATE",
    )
    .bind(after)
    .bind(dataset)
    .bind(rows_max)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    let watched = rows.into_iter().map(|(resource, dataset, provider, cycle, since, overdue)| {
        let cycle = Cycle::parse(&cycle).ok_or_else(|| unknown(&cycle))?;
        Ok(Watched { resource, dataset, provider, cycle, since, overdue })
    });
    watched.collect()
}

pub(crate) async fn write_arrival(
    conn: &mut PgConnection,
    resource: Uuid,
    arrival: &Arrival,
) -> Result<()> {
    sqlx::query(
        "UPDATE catalog.arrival SET arrived_at = $2, due_day = $3, overdue = $4 WHERE resource = $1",
    )
    .bind(resource)
    .bind(arrival.at)
    .bind(arrival.due)
    .bind(arrival.overdue)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

pub(crate) async fn arrival(conn: &mut PgConnection, resource: Uuid) -> Result<Option<Arrival>> {
    let row: Option<(Option<OffsetDateTime>, Option<Date>, bool)> = sqlx::query_as(
        "SELECT arrived_at, due_day, overdue FROM catalog.arrival WHERE resource = $1",
    )
    .bind(resource)
    .fetch_optional(conn)
    .await
    .map_err(stored)?;
    Ok(row.map(|(at, due, overdue)| Arrival { at, due, overdue }))
}

/// How many resources of a unit, or of all, have late data.
pub(crate) async fn late_count(conn: &mut PgConnection, provider: Option<Uuid>) -> Result<i64> {
    sqlx::query_scalar(
        "SELECT count(*) FROM catalog.arrival WHERE overdue AND ($1::uuid IS NULL OR provider = $1)",
    )
    .bind(provider)
    .fetch_one(conn)
    .await
    .map_err(stored)
}

type LateRow =
    (Uuid, Option<String>, String, String, Uuid, i32, Option<OffsetDateTime>, Option<Date>);

/// Resources whose data is late, the longest first.
pub(crate) async fn late(
    conn: &mut PgConnection,
    provider: Option<Uuid>,
    paging: Paging,
) -> Result<Vec<Waiting>> {
    let rows: Vec<LateRow> = sqlx::query_as(
        "SELECT r.id, r.code, v.body->'title'->>'zh', v.body->'title'->>'en', r.provider, v.number, a.arrived_at,
           a.due_day
         FROM catalog.arrival a JOIN catalog.resource r ON r.id = a.resource
         JOIN catalog.version v ON v.resource = r.id AND v.state = 'published'
         WHERE a.overdue AND ($1::uuid IS NULL OR a.provider = $1)
         ORDER BY a.due_day, r.id LIMIT $2 OFFSET $3",
    )
    .bind(provider)
    .bind(paging.limit())
    .bind(paging.offset())
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    let late = rows.into_iter().map(|(id, code, zh, en, provider, version, at, due)| Waiting {
        id,
        code,
        title: Text::new(zh, en),
        provider,
        version,
        state: State::Published,
        refused: false,
        submitted: None,
        due: None,
        overdue: false,
        arrival: Some(Arrival { at, due, overdue: true }),
    });
    Ok(late.collect())
}
