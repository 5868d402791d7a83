//! Resources, their versions and their codes.

use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::{Paging, Text};

use super::{stored, unknown};
use crate::error::Result;
use crate::kinds::State;
use crate::model::{Body, Resource, Version, Waiting};

/// Whether a code is made from another.
pub(crate) const MADE_FROM: &str = include_str!("../../sql/made_from.sql");
/// What a resource names, and what names it.
pub(crate) const TIES: &str = include_str!("../../sql/ties.sql");
/// Versions of one resource that are read at most.
const VERSIONS_MAX: i64 = 200;

#[derive(FromRow)]
struct VersionRow {
    number: i32,
    state: String,
    body: Value,
    compiled_by: Uuid,
    compiler: String,
    begun_at: OffsetDateTime,
    submitted_at: Option<OffsetDateTime>,
    reviewed_at: Option<OffsetDateTime>,
    reviewer: Option<String>,
    refusal: Option<String>,
    published_at: Option<OffsetDateTime>,
    publisher: Option<String>,
    ended_at: Option<OffsetDateTime>,
    end_reason: Option<String>,
}

impl VersionRow {
    fn whole(self) -> Result<Version> {
        Ok(Version {
            number: self.number,
            state: State::parse(&self.state).ok_or_else(|| unknown(&self.state))?,
            body: serde_json::from_value(self.body).map_err(zhengtong_db::Error::from)?,
            compiled_by: self.compiled_by,
            compiler: self.compiler,
            begun: self.begun_at,
            submitted: self.submitted_at,
            reviewed: self.reviewed_at.zip(self.reviewer),
            refusal: self.refusal,
            published: self.published_at.zip(self.publisher),
            ended: self.ended_at,
            end_reason: self.end_reason,
        })
    }
}

#[derive(FromRow)]
struct ResourceRow {
    id: Uuid,
    provider: Uuid,
    code: Option<String>,
    slug: Option<String>,
}

pub(crate) async fn insert_resource(
    conn: &mut PgConnection,
    id: Uuid,
    provider: Uuid,
) -> Result<()> {
    sqlx::query("INSERT INTO catalog.resource (id, provider) VALUES ($1, $2)")
        .bind(id)
        .bind(provider)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

/// A code is given; whether nobody had it before.
pub(crate) async fn give_code(
    conn: &mut PgConnection,
    (code, slug, grammar): (&str, &str, &str),
    resource: Uuid,
    now: OffsetDateTime,
) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO catalog.code (code, slug, resource, grammar, given_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
    )
    .bind(code)
    .bind(slug)
    .bind(resource)
    .bind(grammar)
    .bind(now)
    .execute(&mut *conn)
    .await
    .map_err(stored)?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("UPDATE catalog.resource SET code = $2 WHERE id = $1")
        .bind(resource)
        .bind(code)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(true)
}

/// The resource to which a code was given.
pub(crate) async fn by_code(conn: &mut PgConnection, code: &str) -> Result<Option<Uuid>> {
    sqlx::query_scalar("SELECT resource FROM catalog.code WHERE code = $1 OR slug = $1")
        .bind(code)
        .fetch_optional(conn)
        .await
        .map_err(stored)
}

/// A resource with its versions, locked when it is to be changed.
pub(crate) async fn resource(
    conn: &mut PgConnection,
    id: Uuid,
    change: bool,
) -> Result<Option<Resource>> {
    if change {
        sqlx::query("SELECT FROM catalog.resource WHERE id = $1 FOR UPDATE")
            .bind(id)
            .execute(&mut *conn)
            .await
            .map_err(stored)?;
    }
    let row: Option<ResourceRow> = sqlx::query_as(
        "SELECT r.id, r.provider, r.code, c.slug FROM catalog.resource r
         LEFT JOIN catalog.code c ON c.code = r.code WHERE r.id = $1",
    )
    .bind(id)
    .fetch_optional(&mut *conn)
    .await
    .map_err(stored)?;
    let Some(row) = row else { return Ok(None) };
    let versions: Vec<VersionRow> = sqlx::query_as(
        "SELECT number, state, body, compiled_by, compiler, begun_at, submitted_at, reviewed_at, reviewer, refusal,
           published_at, publisher, ended_at, end_reason
         FROM catalog.version WHERE resource = $1 ORDER BY number DESC LIMIT $2",
    )
    .bind(id)
    .bind(VERSIONS_MAX)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    let versions = versions.into_iter().map(VersionRow::whole).collect::<Result<_>>()?;
    let (id, provider, code, slug) = (row.id, row.provider, row.code, row.slug);
    Ok(Some(Resource { id, code, slug, provider, versions }))
}

/// Keeps a version as it stands now, new or changed.
pub(crate) async fn write_version(
    conn: &mut PgConnection,
    resource: Uuid,
    version: &Version,
) -> Result<()> {
    let body = serde_json::to_value(&version.body).map_err(zhengtong_db::Error::from)?;
    let (reviewed_at, reviewer) = version.reviewed.clone().unzip();
    let (published_at, publisher) = version.published.clone().unzip();
    sqlx::query(
        "INSERT INTO catalog.version (resource, number, state, body, compiled_by, compiler, begun_at, submitted_at,
           reviewed_at, reviewer, refusal, published_at, publisher, ended_at, end_reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
         ON CONFLICT (resource, number) DO UPDATE SET state = excluded.state, body = excluded.body,
           compiled_by = excluded.compiled_by, compiler = excluded.compiler, submitted_at = excluded.submitted_at,
           reviewed_at = excluded.reviewed_at, reviewer = excluded.reviewer, refusal = excluded.refusal,
           published_at = excluded.published_at, publisher = excluded.publisher, ended_at = excluded.ended_at,
           end_reason = excluded.end_reason",
    )
    .bind(resource)
    .bind(version.number)
    .bind(version.state.word())
    .bind(body)
    .bind(version.compiled_by)
    .bind(&version.compiler)
    .bind(version.begun)
    .bind(version.submitted)
    .bind(reviewed_at)
    .bind(reviewer)
    .bind(&version.refusal)
    .bind(published_at)
    .bind(publisher)
    .bind(version.ended)
    .bind(&version.end_reason)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Removes a version that was never published, and a resource of which nothing is left.
pub(crate) async fn discard(conn: &mut PgConnection, resource: Uuid, number: i32) -> Result<()> {
    sqlx::query(
        "DELETE FROM catalog.version WHERE resource = $1 AND number = $2 AND state = 'draft'",
    )
    .bind(resource)
    .bind(number)
    .execute(&mut *conn)
    .await
    .map_err(stored)?;
    sqlx::query(
        "DELETE FROM catalog.resource r WHERE id = $1 AND code IS NULL
           AND NOT EXISTS (SELECT FROM catalog.version v WHERE v.resource = r.id)",
    )
    .bind(resource)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

#[derive(FromRow)]
struct WaitingRow {
    id: Uuid,
    code: Option<String>,
    zh: String,
    en: String,
    provider: Uuid,
    number: i32,
    state: String,
    refused: bool,
    submitted_at: Option<OffsetDateTime>,
}

/// Versions in a state, of a unit or of all: what waits longest first.
pub(crate) async fn waiting(
    conn: &mut PgConnection,
    provider: Option<Uuid>,
    state: State,
    paging: Paging,
) -> Result<(Vec<Waiting>, i64)> {
    let total = sqlx::query_scalar(
        "SELECT count(*) FROM catalog.version v JOIN catalog.resource r ON r.id = v.resource
         WHERE v.state = $1 AND ($2::uuid IS NULL OR r.provider = $2)",
    )
    .bind(state.word())
    .bind(provider)
    .fetch_one(&mut *conn)
    .await
    .map_err(stored)?;
    let rows: Vec<WaitingRow> = sqlx::query_as(
        "SELECT r.id, r.code, v.body->'title'->>'zh' AS zh, v.body->'title'->>'en' AS en, r.provider, v.number,
           v.state, v.refusal IS NOT NULL AS refused, v.submitted_at
         FROM catalog.version v JOIN catalog.resource r ON r.id = v.resource
         WHERE v.state = $1 AND ($2::uuid IS NULL OR r.provider = $2)
         ORDER BY v.submitted_at, v.begun_at DESC, r.id LIMIT $3 OFFSET $4",
    )
    .bind(state.word())
    .bind(provider)
    .bind(paging.limit())
    .bind(paging.offset())
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    let lines = rows.into_iter().map(|row| {
        Ok(Waiting {
            id: row.id,
            code: row.code,
            title: Text::new(row.zh, row.en),
            provider: row.provider,
            version: row.number,
            state: State::parse(&row.state).ok_or_else(|| unknown(&row.state))?,
            refused: row.refused,
            submitted: row.submitted_at,
            due: None,
            overdue: false,
            arrival: None,
        })
    });
    Ok((lines.collect::<Result<_>>()?, total))
}

/// How many versions of a unit, or of all, stand in each state that is worked at.
pub(crate) async fn counts(
    conn: &mut PgConnection,
    provider: Option<Uuid>,
) -> Result<Vec<(String, i64)>> {
    sqlx::query_as(
        "SELECT v.state, count(*) FROM catalog.version v JOIN catalog.resource r ON r.id = v.resource
         WHERE v.state IN ('draft', 'submitted', 'reviewed') AND ($1::uuid IS NULL OR r.provider = $1)
         GROUP BY v.state",
    )
    .bind(provider)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// Lets one at a time change what resources are made from, until the transaction ends.
pub(crate) async fn hold_ties(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('catalog.tie'))")
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

/// Keeps which codes a resource in force names.
pub(crate) async fn write_ties(
    conn: &mut PgConnection,
    id: Uuid,
    body: Option<&Body>,
) -> Result<()> {
    sqlx::query("DELETE FROM catalog.tie WHERE resource = $1")
        .bind(id)
        .execute(&mut *conn)
        .await
        .map_err(stored)?;
    let Some(body) = body else { return Ok(()) };
    let related = body.related.iter().map(|code| ("related", code));
    let (kinds, codes): (Vec<&str>, Vec<&String>) =
        related.chain(body.sources.iter().map(|code| ("source", code))).unzip();
    sqlx::query(
        "INSERT INTO catalog.tie (resource, kind, code) SELECT $1, kind, code FROM unnest($2::text[], $3::text[])
         AS t (kind, code) ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(kinds)
    .bind(codes.into_iter().cloned().collect::<Vec<String>>())
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Codes among these that were never given.
pub(crate) async fn unknown_codes(
    conn: &mut PgConnection,
    codes: &[String],
) -> Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT DISTINCT code FROM unnest($1::text[]) AS t (code)
         WHERE NOT EXISTS (SELECT FROM catalog.code c WHERE c.code = t.code) ORDER BY code",
    )
    .bind(codes)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// Whether one of these codes is made, by however many steps, from a code.
pub(crate) async fn made_from(
    conn: &mut PgConnection,
    codes: &[String],
    from: &str,
) -> Result<bool> {
    sqlx::query_scalar(MADE_FROM).bind(codes).bind(from).fetch_one(conn).await.map_err(stored)
}

/// A tie as it is read: its kind, the code at the other end, that address and title.
pub(crate) type TieRow = (String, String, Option<String>, Option<String>, Option<String>);

/// Resources a resource names and those that name it.
pub(crate) async fn ties(
    conn: &mut PgConnection,
    id: Uuid,
    code: &str,
    rows_max: i64,
) -> Result<Vec<TieRow>> {
    sqlx::query_as(TIES).bind(id).bind(code).bind(rows_max).fetch_all(conn).await.map_err(stored)
}

/// The resource of a unit that is called so, when one is compiled or in force.
pub(crate) async fn by_title(
    conn: &mut PgConnection,
    unit: Uuid,
    title: &str,
) -> Result<Option<Uuid>> {
    sqlx::query_scalar(
        "SELECT r.id FROM catalog.resource r JOIN catalog.version v ON v.resource = r.id
         WHERE r.provider = $1 AND v.state IN ('draft', 'submitted', 'reviewed', 'published')
           AND v.body->'title'->>'zh' = $2 ORDER BY r.id LIMIT 1",
    )
    .bind(unit)
    .bind(title)
    .fetch_optional(conn)
    .await
    .map_err(stored)
}
