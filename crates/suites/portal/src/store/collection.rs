//! Organisations and groups.

use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{json, read, stored};
use crate::error::Result;
use crate::model::{Collection, CollectionKind, Source};

#[derive(FromRow)]
struct CollectionRow {
    id: Uuid,
    kind: String,
    name: String,
    department: Uuid,
    source: String,
    active: bool,
    created: OffsetDateTime,
    body: Value,
    packages: i64,
}

impl CollectionRow {
    fn collection(self) -> Result<Collection> {
        let group = self.kind == CollectionKind::Group.word();
        Ok(Collection {
            id: self.id,
            kind: if group { CollectionKind::Group } else { CollectionKind::Organization },
            name: self.name,
            department: self.department,
            source: Source::of(&self.source),
            active: self.active,
            created: self.created,
            body: read(self.body)?,
            packages: self.packages,
        })
    }
}

/// Collections that are shown, in the order of their names.
pub(crate) async fn collections(
    conn: &mut PgConnection,
    kind: CollectionKind,
    start: i64,
    rows_max: i64,
) -> Result<Vec<Collection>> {
    let rows: Vec<CollectionRow> = sqlx::query_as(
        "SELECT c.*, (SELECT count(*) FROM portal.package p WHERE p.active AND NOT p.private
                      AND p.terms @> ARRAY[CASE c.kind WHEN 'group' THEN 'groups:' ELSE 'organization:' END || c.name]) AS packages
         FROM portal.collection c WHERE c.kind = $1 AND c.active ORDER BY c.name OFFSET $2 LIMIT $3",
    )
    .bind(kind.word())
    .bind(start)
    .bind(rows_max)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    rows.into_iter().map(CollectionRow::collection).collect()
}

/// A collection by its name or identifier, also one that is not shown.
pub(crate) async fn collection(
    conn: &mut PgConnection,
    kind: CollectionKind,
    named: &str,
) -> Result<Option<Collection>> {
    let row: Option<CollectionRow> = sqlx::query_as(
        "SELECT c.*, (SELECT count(*) FROM portal.package p WHERE p.active AND NOT p.private
                      AND p.terms @> ARRAY[CASE c.kind WHEN 'group' THEN 'groups:' ELSE 'organization:' END || c.name]) AS packages
         FROM portal.collection c WHERE c.kind = $1 AND (c.name = $2 OR c.id::text = $2)
         ORDER BY c.name = $2 DESC LIMIT 1",
    )
    .bind(kind.word())
    .bind(named)
    .fetch_optional(conn)
    .await
    .map_err(stored)?;
    row.map(CollectionRow::collection).transpose()
}

/// Writes a collection, new or changed; the count of its datasets is worked out when it is read.
pub(crate) async fn keep_collection(conn: &mut PgConnection, one: &Collection) -> Result<()> {
    sqlx::query(
        "INSERT INTO portal.collection (id, kind, name, department, source, active, created, body)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, active = excluded.active, body = excluded.body",
    )
    .bind(one.id)
    .bind(one.kind.word())
    .bind(&one.name)
    .bind(one.department)
    .bind(one.source.word())
    .bind(one.active)
    .bind(one.created)
    .bind(json(&one.body)?)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Takes a collection away for good; none when datasets still name it as their publisher.
pub(crate) async fn purge_collection(conn: &mut PgConnection, id: Uuid) -> Result<bool> {
    let done = sqlx::query(
        "DELETE FROM portal.collection c WHERE c.id = $1
         AND NOT EXISTS (SELECT 1 FROM portal.package p WHERE p.unit = c.id)",
    )
    .bind(id)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(done.rows_affected() == 1)
}
