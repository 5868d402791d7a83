//! Loads and the rows they did not take in.

use std::collections::BTreeMap;

use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row as _};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::{Paging, Text};
use zhengtong_db::{Error as DbError, Keyring};

use crate::error::Result;
use crate::loads::{FAULT_RAW, Load, LoadFault, LoadMode, LoadState};

pub(crate) const LOAD_MAKE: &str = include_str!("../../sql/load_make.sql");
pub(crate) const LOAD_KEEP: &str = include_str!("../../sql/load_keep.sql");
pub(crate) const LOAD_FIND: &str = include_str!("../../sql/load_find.sql");
pub(crate) const LOAD_LOCK: &str = include_str!("../../sql/load_lock.sql");
pub(crate) const LOAD_LIST: &str = include_str!("../../sql/load_list.sql");
pub(crate) const LOAD_LAST: &str = include_str!("../../sql/load_last.sql");
pub(crate) const LOAD_ARRIVED: &str = include_str!("../../sql/load_arrived.sql");
pub(crate) const FAULT_KEEP: &str = include_str!("../../sql/fault_keep.sql");
pub(crate) const FAULT_LIST: &str = include_str!("../../sql/fault_list.sql");
pub(crate) const FAULT_DROP: &str = "DELETE FROM registry.load_fault WHERE load = $1";

/// Makes a load.
pub(crate) async fn make(conn: &mut PgConnection, load: &Load) -> Result<()> {
    sqlx::query(LOAD_MAKE)
        .bind(load.id)
        .bind(load.number)
        .bind(&load.dataset)
        .bind(load.state.word())
        .bind(load.mode.word())
        .bind(&load.file)
        .bind(&load.file_name)
        .bind(load.file_bytes)
        .bind(Json(&load.layout))
        .bind(Json(&load.mapping))
        .bind(load.repeats)
        .bind(&load.source)
        .bind(load.account)
        .bind(Json(&load.progress))
        .bind(load.created)
        .execute(conn)
        .await
        .map_err(DbError::from)?;
    Ok(())
}

/// Keeps what changed of a load.
pub(crate) async fn keep_load(conn: &mut PgConnection, load: &Load) -> Result<()> {
    sqlx::query(LOAD_KEEP)
        .bind(load.id)
        .bind(load.state.word())
        .bind(load.mode.word())
        .bind(Json(&load.mapping))
        .bind(&load.watermark)
        .bind(&load.since)
        .bind(Json(&load.progress))
        .bind(load.error.as_ref().map(|text| text.zh.as_str()))
        .bind(load.error.as_ref().map(|text| text.en.as_str()))
        .bind(load.started)
        .bind(load.finished)
        .execute(conn)
        .await
        .map_err(DbError::from)?;
    Ok(())
}

/// A load by its number.
pub(crate) async fn load_by_number(conn: &mut PgConnection, number: i64) -> Result<Option<Load>> {
    let row = sqlx::query(LOAD_FIND).bind(number).fetch_optional(conn).await;
    row.map_err(DbError::from)?.as_ref().map(load).transpose()
}

/// A load that nobody else may work on until this transaction ends.
pub(crate) async fn lock_load(conn: &mut PgConnection, id: Uuid) -> Result<Option<Load>> {
    let row = sqlx::query(LOAD_LOCK).bind(id).fetch_optional(conn).await;
    row.map_err(DbError::from)?.as_ref().map(load).transpose()
}

/// The loads of a dataset, or of all, the newest first, and how many there are.
pub(crate) async fn list_loads(
    conn: &mut PgConnection,
    dataset: Option<&str>,
    paging: Paging,
) -> Result<(Vec<Load>, i64)> {
    let query = sqlx::query(LOAD_LIST).bind(dataset).bind(paging.limit()).bind(paging.offset());
    let rows = query.fetch_all(conn).await.map_err(DbError::from)?;
    let total = match rows.first() {
        Some(row) => row.try_get("total").map_err(DbError::from)?,
        None => 0,
    };
    Ok((rows.iter().map(load).collect::<Result<_>>()?, total))
}

/// When a file was last taken in, by dataset: of all of them, or of one.
pub(crate) async fn arrived(
    conn: &mut PgConnection,
    dataset: Option<&str>,
) -> Result<BTreeMap<String, OffsetDateTime>> {
    let found: Vec<(String, OffsetDateTime)> =
        sqlx::query_as(LOAD_ARRIVED).bind(dataset).fetch_all(conn).await.map_err(DbError::from)?;
    Ok(found.into_iter().collect())
}

/// The newest load of a dataset that was done: of the same file, or with a watermark.
pub(crate) async fn last_done(
    conn: &mut PgConnection,
    dataset: &str,
    file: Option<&str>,
    watermark: Option<&str>,
) -> Result<Option<Load>> {
    let query = sqlx::query(LOAD_LAST).bind(dataset).bind(file).bind(watermark);
    let row = query.fetch_optional(conn).await.map_err(DbError::from)?;
    row.as_ref().map(load).transpose()
}

/// Keeps rows that were not taken in, sealed.
pub(crate) async fn keep_faults(
    conn: &mut PgConnection,
    ring: &Keyring,
    id: Uuid,
    faults: &[LoadFault],
) -> Result<()> {
    if faults.is_empty() {
        return Ok(());
    }
    let mut raws = Vec::with_capacity(faults.len());
    for fault in faults {
        let sealed = ring.seal_text(FAULT_RAW, &place_of(id, fault.number), &fault.raw);
        raws.push(sealed.map_err(DbError::from)?);
    }
    sqlx::query(FAULT_KEEP)
        .bind(id)
        .bind(faults.iter().map(|fault| fault.number).collect::<Vec<_>>())
        .bind(faults.iter().map(|fault| fault.line).collect::<Vec<_>>())
        .bind(faults.iter().map(|fault| fault.field.clone()).collect::<Vec<_>>())
        .bind(raws)
        .bind(faults.iter().map(|fault| fault.reason.zh.clone()).collect::<Vec<_>>())
        .bind(faults.iter().map(|fault| fault.reason.en.clone()).collect::<Vec<_>>())
        .execute(conn)
        .await
        .map_err(DbError::from)?;
    Ok(())
}

/// Some of the rows that were not taken in, after a number.
pub(crate) async fn faults(
    conn: &mut PgConnection,
    ring: &Keyring,
    id: Uuid,
    (after, rows_max): (i64, i64),
) -> Result<Vec<LoadFault>> {
    let query = sqlx::query(FAULT_LIST).bind(id).bind(after).bind(rows_max);
    let rows = query.fetch_all(conn).await.map_err(DbError::from)?;
    let read = |row: &PgRow| -> std::result::Result<LoadFault, sqlx::Error> {
        Ok(LoadFault {
            number: row.try_get("number")?,
            line: row.try_get("line")?,
            field: row.try_get("field")?,
            raw: row.try_get("raw")?,
            reason: Text::new(
                row.try_get::<String, _>("reason_zh")?,
                row.try_get::<String, _>("reason_en")?,
            ),
        })
    };
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut fault = read(row).map_err(DbError::from)?;
        let opened = ring.read_text(FAULT_RAW, &place_of(id, fault.number), fault.raw);
        fault.raw = opened.map_err(DbError::from)?;
        all.push(fault);
    }
    Ok(all)
}

/// Forgets the faults of a load that begins anew.
pub(crate) async fn drop_faults(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query(FAULT_DROP).bind(id).execute(conn).await.map_err(DbError::from)?;
    Ok(())
}

fn place_of(load: Uuid, number: i64) -> String {
    format!("{load}/{number}")
}

fn load(row: &PgRow) -> Result<Load> {
    let read = || -> std::result::Result<Load, sqlx::Error> {
        let zh: Option<String> = row.try_get("error_zh")?;
        let en: Option<String> = row.try_get("error_en")?;
        let mode: String = row.try_get("mode")?;
        Ok(Load {
            id: row.try_get("id")?,
            number: row.try_get("number")?,
            dataset: row.try_get("dataset")?,
            state: LoadState::parse(&row.try_get::<String, _>("state")?),
            mode: LoadMode::parse(&mode).unwrap_or(LoadMode::Upsert),
            file: row.try_get("file")?,
            file_name: row.try_get("file_name")?,
            file_bytes: row.try_get("file_bytes")?,
            layout: row.try_get::<Json<_>, _>("layout")?.0,
            mapping: row.try_get::<Json<_>, _>("mapping")?.0,
            watermark: row.try_get("watermark")?,
            since: row.try_get("since")?,
            repeats: row.try_get("repeats")?,
            source: row.try_get("source")?,
            account: row.try_get("account")?,
            error: zh.zip(en).map(|(zh, en)| Text::new(zh, en)),
            created: row.try_get("created")?,
            started: row.try_get("started")?,
            finished: row.try_get("finished")?,
            progress: row.try_get::<Json<_>, _>("progress")?.0,
        })
    };
    Ok(read().map_err(DbError::from)?)
}
