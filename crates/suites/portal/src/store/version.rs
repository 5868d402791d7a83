//! What datasets held when they had changed.

use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use super::stored;
use crate::error::Result;
use crate::version::Version;

#[derive(FromRow)]
struct VersionRow {
    number: i32,
    resource: Uuid,
    file: String,
    made: OffsetDateTime,
    mimetype: String,
    rows: Option<i64>,
    bytes: i64,
    digest: String,
}

impl VersionRow {
    fn version(self) -> Version {
        Version {
            number: self.number,
            resource: self.resource,
            file: self.file,
            made: self.made,
            mimetype: self.mimetype,
            rows: self.rows,
            bytes: self.bytes,
            digest: self.digest,
        }
    }
}

/// Datasets that everybody sees and that changed since it was looked, with how often they change and when the last version was made.
pub(crate) async fn unlooked(
    conn: &mut PgConnection,
) -> Result<Vec<(Uuid, String, Option<OffsetDateTime>)>> {
    sqlx::query_as(
        "SELECT id, coalesce(body ->> 'cycle', ''), (SELECT max(made) FROM portal.version WHERE package = one.id)
         FROM portal.package AS one
         WHERE active AND NOT private AND (looked IS NULL OR looked < modified) ORDER BY looked NULLS FIRST, id",
    )
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// It was looked whether a dataset needs a new version.
pub(crate) async fn looked(
    conn: &mut PgConnection,
    package: Uuid,
    now: OffsetDateTime,
) -> Result<()> {
    let looked = sqlx::query("UPDATE portal.package SET looked = $2 WHERE id = $1");
    looked.bind(package).bind(now).execute(conn).await.map_err(stored)?;
    Ok(())
}

/// The files of the versions of a dataset, the newest version first.
pub(crate) async fn versions(
    conn: &mut PgConnection,
    package: Uuid,
    files_max: i64,
) -> Result<Vec<Version>> {
    let found: Vec<VersionRow> = sqlx::query_as(
        "SELECT number, resource, name AS file, made, mimetype, rows, bytes, digest FROM portal.version
         WHERE package = $1 ORDER BY number DESC, name LIMIT $2",
    )
    .bind(package)
    .bind(files_max)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(found.into_iter().map(VersionRow::version).collect())
}

/// Forgets all versions of a dataset.
pub(crate) async fn drop_versions(conn: &mut PgConnection, package: Uuid) -> Result<()> {
    sqlx::query("DELETE FROM portal.version WHERE package = $1")
        .bind(package)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

/// A file of a version.
pub(crate) async fn version(
    conn: &mut PgConnection,
    package: Uuid,
    number: i32,
    file: &str,
) -> Result<Option<Version>> {
    let found: Option<VersionRow> = sqlx::query_as(
        "SELECT number, resource, name AS file, made, mimetype, rows, bytes, digest FROM portal.version
         WHERE package = $1 AND number = $2 AND name = $3",
    )
    .bind(package)
    .bind(number)
    .bind(file)
    .fetch_optional(conn)
    .await
    .map_err(stored)?;
    Ok(found.map(VersionRow::version))
}

/// Keeps a file of a new version.
pub(crate) async fn keep_version(
    conn: &mut PgConnection,
    package: Uuid,
    one: &Version,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO portal.version (package, number, resource, name, made, mimetype, rows, bytes, digest)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(package)
    .bind(one.number)
    .bind(one.resource)
    .bind(&one.file)
    .bind(one.made)
    .bind(&one.mimetype)
    .bind(one.rows)
    .bind(one.bytes)
    .bind(&one.digest)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}
