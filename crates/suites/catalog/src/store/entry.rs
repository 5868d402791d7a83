//! The six lists of each unit.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Paging;

use super::{stored, unknown};
use crate::error::Result;
use crate::kinds::ListKind;
use crate::model::{Entry, NewEntry};

pub(crate) async fn insert_entry(conn: &mut PgConnection, entry: &Entry) -> Result<()> {
    sqlx::query(
        "INSERT INTO catalog.entry (id, list, unit, title, note, item, resource, other, since)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(entry.id)
    .bind(entry.list.word())
    .bind(entry.unit)
    .bind(&entry.new.title)
    .bind(&entry.new.note)
    .bind(&entry.new.item)
    .bind(&entry.new.resource)
    .bind(&entry.new.other)
    .bind(entry.since)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

type EntryRow = (
    Uuid,
    String,
    Uuid,
    String,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    OffsetDateTime,
);

fn whole(row: EntryRow) -> Result<Entry> {
    let (id, list, unit, title, note, item, resource, other, since) = row;
    let list = ListKind::parse(&list).ok_or_else(|| unknown(&list))?;
    Ok(Entry { id, list, unit, new: NewEntry { title, note, item, resource, other }, since })
}

pub(crate) async fn entries(
    conn: &mut PgConnection,
    list: ListKind,
    unit: Option<Uuid>,
    paging: Paging,
) -> Result<(Vec<Entry>, i64)> {
    let total = sqlx::query_scalar(
        "SELECT count(*) FROM catalog.entry WHERE list = $1 AND ended_at IS NULL AND ($2::uuid IS NULL OR unit = $2)",
    )
    .bind(list.word())
    .bind(unit)
    .fetch_one(&mut *conn)
    .await
    .map_err(stored)?;
    let rows: Vec<EntryRow> = sqlx::query_as(
        "SELECT id, list, unit, title, note, item, resource, other, since FROM catalog.entry
         WHERE list = $1 AND ended_at IS NULL AND ($2::uuid IS NULL OR unit = $2)
         ORDER BY since DESC, id LIMIT $3 OFFSET $4",
    )
    .bind(list.word())
    .bind(unit)
    .bind(paging.limit())
    .bind(paging.offset())
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok((rows.into_iter().map(whole).collect::<Result<_>>()?, total))
}

/// An entry that holds, locked.
pub(crate) async fn entry_for_change(conn: &mut PgConnection, id: Uuid) -> Result<Option<Entry>> {
    let row: Option<EntryRow> = sqlx::query_as(
        "SELECT id, list, unit, title, note, item, resource, other, since FROM catalog.entry
         WHERE id = $1 AND ended_at IS NULL FOR UPDATE",
    )
    .bind(id)
    .fetch_optional(conn)
    .await
    .map_err(stored)?;
    row.map(whole).transpose()
}

pub(crate) async fn end_entry(
    conn: &mut PgConnection,
    id: Uuid,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query("UPDATE catalog.entry SET ended_at = $2 WHERE id = $1")
        .bind(id)
        .bind(now)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}
