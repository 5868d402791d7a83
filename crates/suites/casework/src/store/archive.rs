//! The rows of archives. They are not changed; the table refuses it.

use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};

use super::stored;
use crate::archive::Archived;
use crate::error::Result;

#[derive(FromRow)]
struct Row {
    at: OffsetDateTime,
    acts: i32,
    papers: i32,
    digest: Option<String>,
    file: Option<String>,
    keep_until: Option<Date>,
}

/// The archive of a case.
pub(crate) async fn archive(conn: &mut PgConnection, no: &str) -> Result<Option<Archived>> {
    let row: Option<Row> = sqlx::query_as(
        r#"SELECT at, acts, papers, digest, file, keep_until FROM casework.archive WHERE "case" = $1"#,
    )
    .bind(no)
    .fetch_optional(conn)
    .await
    .map_err(stored)?;
    Ok(row.map(|row| Archived {
        at: row.at,
        acts: row.acts,
        papers: row.papers,
        digest: row.digest,
        file: row.file,
        keep_until: row.keep_until,
    }))
}

pub(crate) async fn insert_archive(
    conn: &mut PgConnection,
    no: &str,
    archived: &Archived,
) -> Result<()> {
    sqlx::query(
        r#"INSERT INTO casework.archive ("case", at, acts, papers, digest, file, keep_until)
           VALUES ($1, $2, $3, $4, $5, $6, $7)"#,
    )
    .bind(no)
    .bind(archived.at)
    .bind(archived.acts)
    .bind(archived.papers)
    .bind(&archived.digest)
    .bind(&archived.file)
    .bind(archived.keep_until)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Cases after one that are over and not archived, in the order of their numbers.
pub(crate) async fn to_archive(
    conn: &mut PgConnection,
    after: &str,
    rows_max: i64,
) -> Result<Vec<String>> {
    sqlx::query_scalar(
        r#"SELECT no FROM casework."case" c
           WHERE closed_at IS NOT NULL AND retired_at IS NULL AND no > $1
             AND NOT EXISTS (SELECT FROM casework.archive a WHERE a."case" = c.no)
           ORDER BY no LIMIT $2"#,
    )
    .bind(after)
    .bind(rows_max)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// Takes away what papers, deliveries, charges, links and the archive of a case say about people, when its time is over.
pub(crate) async fn retire_papers(
    conn: &mut PgConnection,
    no: &str,
    now: OffsetDateTime,
) -> Result<()> {
    for statement in [
        r#"UPDATE casework.archive SET digest = NULL, file = NULL, erased_at = $2
           WHERE "case" = $1 AND digest IS NOT NULL"#,
        r#"UPDATE casework.delivery SET words = '', proof = NULL, sent_by = '', served_by = NULL
           WHERE "case" = $1 AND $2::timestamptz IS NOT NULL"#,
        r#"UPDATE casework.charge SET recorded_by = '', struck_reason = left(struck_reason, 0),
             struck_by = left(struck_by, 0) WHERE "case" = $1 AND $2::timestamptz IS NOT NULL"#,
        "UPDATE casework.link SET reason = '', ordered_by = ''
           WHERE (child = $1 OR parent = $1) AND $2::timestamptz IS NOT NULL",
    ] {
        sqlx::query(statement).bind(no).bind(now).execute(&mut *conn).await.map_err(stored)?;
    }
    Ok(())
}
